"""structlog, set up once: facts with keys, ids but never message bodies, e-mails or tokens."""

import logging
import sys
from typing import Any, Final, TextIO

import orjson
import structlog

from supportdesk.core.clock import Clock

CLOCK: Final = Clock()
"""Log lines tell the time of the machine, also where tests move the desk's."""
LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}

# A traceback with its local variables would put message bodies and tokens into the log.
PLAIN_TRACEBACKS = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)


def _line(facts: dict[str, Any], **_options: Any) -> str:
    return orjson.dumps(facts, default=repr, option=orjson.OPT_UTC_Z).decode()


def _stamp(_logger: object, _method: str, facts: structlog.typing.EventDict) -> structlog.typing.EventDict:
    facts["timestamp"] = CLOCK.now()  # orjson writes it with the line; structlog's own stamp takes a quarter of it
    return facts


def configure(level: str, *, as_json: bool | None, file: TextIO | None = None) -> None:
    """Log to standard error or a file: coloured for people, JSON lines for machines; None looks for a terminal."""
    file = file or sys.stderr
    as_json = not file.isatty() if as_json is None else as_json
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        _stamp if as_json else structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[structlog.typing.Processor]
    if as_json:
        last = [PLAIN_TRACEBACKS, structlog.processors.JSONRenderer(serializer=_line)]
    else:
        last = [structlog.dev.ConsoleRenderer(colors=file.isatty(), exception_formatter=structlog.dev.plain_traceback)]
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(file=file),
        cache_logger_on_first_use=True,
    )
    # Libraries speak through the standard module: their warnings are ours to see, their chatter is not.
    logging.basicConfig(
        level=max(LEVELS[level], logging.WARNING), stream=file, format="%(levelname)s %(name)s %(message)s"
    )
