"""Shapes that cross the wire: what every slice's wire.py builds on."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, TypeVar
from uuid import UUID

import orjson
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    PlainSerializer,
    ValidationError,
)
from pydantic_core import ErrorDetails

from supportdesk.errors import Invalid

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("the text holds a NUL character, which cannot be stored")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("the text holds half a surrogate pair, which is not a character") from None
    return text


@lru_cache(maxsize=1024)
def instant(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds. A flight's messages share one instant, which is in every frame of theirs."""
    at = at if at.tzinfo is UTC else at.astimezone(UTC)
    return at.isoformat(timespec="milliseconds")[:-6] + "Z"


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("the calendar does not reach that far") from None


def _storable_json(value: T) -> T:
    """All texts in the value can be stored, its names included."""
    left: list[object] = [value]
    while left:
        match left.pop():
            case str(text):
                _storable(text)
            case dict(fields):
                left += (*fields, *fields.values())
            case list(items) | tuple(items):
                left += items
    return value


Text = Annotated[str, AfterValidator(_storable)]
"""Any text PostgreSQL can hold."""
JsonObject = Annotated[dict[str, JsonValue], AfterValidator(_storable_json)]
"""Any JSON object PostgreSQL can hold."""
Line = Annotated[str, AfterValidator(_storable), Field(min_length=1, max_length=500)]
"""A title or a name."""
Instant = Annotated[datetime, PlainSerializer(instant, when_used="json")]
"""RFC 3339 in UTC with milliseconds."""
Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""An instant that somebody names, with its offset."""
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
"""At which state of a row somebody last saw it."""


class In(BaseModel):
    """What comes in: unknown fields are refused, so that nothing can be assigned that was not meant to be."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False)


class Out(BaseModel):
    """What goes out: never a field beyond the schema."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Command(In):
    """A change other than a message; with `op_id` a retry gets the first acknowledgement (kept a day)."""

    op_id: Annotated[Text, Field(min_length=8, max_length=64)] | None = None


def parse(model: type[M], data: object) -> M:
    """Validate what came in; raises Invalid whose details name each wrong field."""
    try:
        if isinstance(data, bytes | bytearray):
            return model.model_validate_json(data)
        return model.model_validate(data)
    except ValidationError as error:
        raise invalid(error) from None
    except RecursionError:
        raise Invalid("The data is nested too deeply.") from None


def invalid(error: ValidationError) -> Invalid:
    """One sentence for the first wrong field, and the list of all in the details."""
    fields = [
        {"field": ".".join(str(step) for step in part["loc"]) or "body", "problem": _problem(part)}
        for part in error.errors(include_url=False)[:20]
    ]
    return Invalid(f"The field {fields[0]['field']} is not acceptable: {fields[0]['problem']}.", fields=fields)


def _problem(part: ErrorDetails) -> str:
    # Of a text that our own check has passed, pydantic speaks as of a list.
    is_text = isinstance(part["input"], str)
    match part["type"], part.get("ctx", {}):
        case "too_long" | "string_too_long", {"max_length": most} if is_text:
            return f"it has more than {most} characters"
        case "too_short" | "string_too_short", {"min_length": least} if is_text:
            return "it is empty" if least == 1 else f"it has fewer than {least} characters"
        case _:
            return part["msg"].removeprefix("Value error, ")


def to_json(value: object) -> bytes:
    """Encode for the wire; times become RFC 3339 in UTC, ids strings."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


def _plain(value: object) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, UUID):  # asyncpg's own subclass, which orjson does not know
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
