"""The real command line in processes of its own, with an environment that holds nothing but what a test says."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.error import URLError
from urllib.request import urlopen

from supportdesk.core.places import PACKAGE

PROGRAM = (sys.executable, "-m", "supportdesk")
RUNS_AT = "Support Desk is running at "
PATIENCE_S = 60.0
"""How long a command may take before the test gives up; a failure, never a measure."""


def environment(folder: Path, **settings: object) -> dict[str, str]:
    """PATH and the settings; the data lie in a folder of the test."""
    given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PACKAGE.parent), "SUPPORTDESK_DATA_DIR": str(folder / "var")}  # noqa: TID251 - what programs need to run at all
    return given | {f"SUPPORTDESK_{name.upper()}": str(value) for name, value in settings.items()}


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one line in which a command says why not; fails when there is more, or a traceback."""
        lines = [line for line in self.err.splitlines() if "[warning" not in line]
        assert len(lines) == 1, self.err
        assert lines[0].startswith("supportdesk: "), lines[0]
        assert lines[0].endswith("."), lines[0]
        return lines[0].removeprefix("supportdesk: ")


def run(
    folder: Path,
    *words: str | Path,
    stdin: str = "",
    program: Sequence[str | Path] = PROGRAM,
    env: Mapping[str, str] | None = None,
    **settings: object,
) -> Ended:
    """Run a command to its end."""
    done = subprocess.run(  # noqa: S603 - our own program
        [*program, *words],
        cwd=folder,
        env=dict(env) if env is not None else environment(folder, **settings),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


class Told:
    """What a process says on one stream, taken in as it comes, so that the process never waits for a reader."""

    def __init__(self, stream: IO[str], awaited: str = "") -> None:
        self.lines: list[str] = []
        self.found = threading.Event()
        """Set when a line holds what is awaited, and when the stream has ended."""
        self._stream, self._awaited = stream, awaited
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with self._stream:
            for line in self._stream:
                self.lines.append(line)
                if self._awaited and self._awaited in line:
                    self.found.set()
        self.found.set()

    def whole(self) -> str:
        """All that was said; for a process that has ended."""
        self._reader.join(PATIENCE_S)
        return "".join(self.lines)


class Server:
    """A `serve` that runs beside the test."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        self.process = process
        self.url = ""
        self._out, self._err = Told(process.stdout, RUNS_AT), Told(process.stderr)

    def wait_until_ready(self) -> None:
        """Return when it says that it runs, and where; fails when it ends before."""
        assert self._out.found.wait(PATIENCE_S), "the server did not become ready"
        said = [line for line in self._out.lines if RUNS_AT in line]
        assert said, self._err.whole()
        self.url = said[0].rpartition(RUNS_AT)[2].strip()

    def status(self, path: str) -> int | None:
        """The HTTP status of a page; None while nobody listens."""
        try:
            with urlopen(self.url + path, timeout=5) as response:  # noqa: S310 - our own server
                return int(response.status)
        except URLError as error:
            return getattr(error, "code", None)
        except OSError:
            return None

    def kill(self) -> None:
        """End it as the out-of-memory killer would."""
        self.process.kill()
        self._ended()

    def stop(self) -> Ended:
        """Ask it to end, and wait."""
        self.process.send_signal(signal.SIGTERM)
        return self._ended()

    def _ended(self) -> Ended:
        status = self.process.wait(PATIENCE_S)
        return Ended(status, self._out.whole(), self._err.whole())


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def serving(
    folder: Path,
    *words: str,
    program: Sequence[str | Path] = PROGRAM,
    env: Mapping[str, str] | None = None,
    **settings: object,
) -> Iterator[Server]:
    """A server that is ready; it is killed when the test leaves it running."""
    base = dict(env) if env is not None else environment(folder, **settings)
    process = subprocess.Popen(  # noqa: S603 - our own program
        [*program, *(words or ("serve",))],
        cwd=folder,
        env=base | {"SUPPORTDESK_PORT": "0"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    server = Server(process)
    try:
        server.wait_until_ready()
        yield server
    finally:
        if process.poll() is None:
            server.kill()
