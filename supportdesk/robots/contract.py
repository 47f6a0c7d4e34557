"""All that a robot may import.

A robot is one class with one async generator. It yields events and holds no pool, no socket and no app: the desk
stores, streams, limits, logs and cancels. A whole robot, in `robots/weather/robot.py`:

    class WeatherRobot(Robot):
        \"\"\"Says what the documents say about the weather.\"\"\"

        name, version = "weather", "1.0.0"
        display_name = "Weather service"

        async def answer(self, turn: Turn) -> AsyncIterator[Event]:
            passages = await self.kit.search(turn.text, limit=1)
            if passages and passages[0].score > 0.5:
                quote = await self.kit.quote(turn.text, passages[0])
                yield Say(delta=quote)
                yield Cite(document_id=passages[0].document_id, quote=quote)
            else:
                yield HandOff(reason="not in the documents")
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, ClassVar, Final, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from supportdesk.core.wire import JsonObject, Text
from supportdesk.robots.asked import Line, Role, Speaker, ToolResult, ToolStatus, Trigger, Turn
from supportdesk.robots.equipment import (
    Delta,
    Http,
    HttpReply,
    Intent,
    Kit,
    KitError,
    Llm,
    LlmUnavailable,
    Passage,
    Risk,
    Tools,
    ToolSpec,
    Waiting,
)
from supportdesk.robots.wishes import asks_for_person, asks_who_it_is, declines_person, plain

API: Final = 1
"""The version of this contract. A robot that names another is listed as not loaded."""

LONGEST_TEXT: Final = 16_000
"""Characters in one message, whoever writes it."""


class _Event(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Say(_Event):
    """A piece of the answer, in Markdown. Yielding pieces is streaming; together they are one message."""

    kind: Literal["say"] = "say"
    delta: Text = Field(max_length=LONGEST_TEXT)


class Whisper(_Event):
    """A note for the staff of the room; the guest never sees it."""

    kind: Literal["whisper"] = "whisper"
    text: Text = Field(min_length=1, max_length=LONGEST_TEXT)


class Cite(_Event):
    """Where the answer comes from: a document that kit.search found, and the words in it."""

    kind: Literal["cite"] = "cite"
    document_id: UUID
    quote: Text = Field(min_length=1, max_length=2_000)


class Graph(_Event):
    """A chart: a Vega-Lite subset, up to 2,000 rows, and one sentence that says what it shows.

    `spec` is {"mark": "bar" | "line" | "area" | "point", "encoding": {"x": {"field": …, "type": …, "title": …}, "y": …,
    "color": …}, "title": …}; without an encoding the fields are x and y. One that cannot be drawn is said in words.
    """

    kind: Literal["graph"] = "graph"
    spec: dict[str, JsonValue]
    data: tuple[dict[str, JsonValue], ...]
    summary: Text = Field(min_length=1, max_length=500)


class QuickReplies(_Event):
    """Answers the guest can give with one tap, under what the robot says."""

    kind: Literal["quick_replies"] = "quick_replies"
    options: tuple[Annotated[Text, Field(min_length=1, max_length=80)], ...] = Field(min_length=1, max_length=10)


class ToolCall(_Event):
    """A request to run a tool; a person may have to approve it."""

    kind: Literal["tool_call"] = "tool_call"
    name: Text = Field(min_length=1, max_length=80)
    args: JsonObject


class Classify(_Event):
    """What the conversation is about; the desk routes by it, and never changes what a person has set."""

    kind: Literal["classify"] = "classify"
    intent: Text | None = Field(default=None, max_length=100)
    language: str | None = Field(default=None, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
    priority: int | None = Field(default=None, ge=1, le=5)
    skills: tuple[Annotated[Text, Field(min_length=1, max_length=50)], ...] = Field(default=(), max_length=10)
    title: Text | None = Field(default=None, min_length=1, max_length=500)


class Why(StrEnum):
    """The kinds of hand-off that everybody in the room may learn of."""

    GUEST_ASKED = "guest_asked"
    NOT_IN_DOCUMENTS = "not_in_documents"
    OTHER = "robot_handed_over"


class HandOff(_Event):
    """A person should go on from here. Ends the turn. The reason is for the staff, `why` is for all."""

    kind: Literal["hand_off"] = "hand_off"
    reason: Text = Field(min_length=1, max_length=200)
    why: Why = Why.OTHER


class Silent(_Event):
    """Nothing to say. Ends the turn; the next robot of the room is asked."""

    kind: Literal["silent"] = "silent"
    reason: Text = Field(default="", max_length=200)


Event: TypeAlias = Say | Whisper | Cite | Graph | QuickReplies | ToolCall | Classify | HandOff | Silent


class Settings(BaseModel):
    """What every robot has; a robot's own Settings adds to it, and the admin's form follows from the schema.

    Titles are labels, descriptions stand below. A text of up to 300 characters has one line in the form, unless
    `json_schema_extra={"multiline": True}` says otherwise. SecretStr is written only, stands outside of lists,
    is masked in logs, records and whatever the robot says, and reaches no tool: a call with it is refused.

    When the meaning of a stored setting changes, raise `settings_version` and translate in `upgrade`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    settings_version: ClassVar[int] = 1

    visible_to_guest: bool = Field(default=True, title="Guests see what it says")
    max_chars: int | None = Field(default=None, ge=1, le=LONGEST_TEXT, title="Longest answer in characters")
    timeout_s: float = Field(default=20, gt=0, le=120, title="Give up after this many seconds")

    @classmethod
    def upgrade(cls, old: dict[str, JsonValue], from_version: int) -> dict[str, JsonValue]:
        """Translate stored settings of an older version; `old` holds only what an admin has set."""
        del from_version
        return old


CommonSettings: TypeAlias = Settings


class Robot(ABC):
    """One turn, one instance: keep nothing on it that the next turn needs."""

    name: ClassVar[str]
    version: ClassVar[str] = "0.0.0"
    display_name: ClassVar[str] = ""
    """Whom guests see speaking; several robots may share one voice. Without it that is `name`."""
    api: ClassVar[int] = API
    hears: ClassVar[frozenset[Trigger]] = frozenset({Trigger.MESSAGE})
    Settings: ClassVar[type[CommonSettings]] = Settings
    example_settings: ClassVar[Mapping[str, JsonValue]] = MappingProxyType({})
    """Settings with which it speaks, as an admin would save them; `supportdesk robots check` tries it with them, too.

    Of use where the defaults leave a robot silent. Other servers answer it there with {"text": …}.
    """

    settings: CommonSettings

    def __init__(self, settings: CommonSettings, kit: Kit) -> None:
        self.settings = settings
        self.kit = kit

    @abstractmethod
    def answer(self, turn: Turn) -> AsyncIterator[Event]:
        """Yield what to say and do, as an async generator: `async def` with `yield`."""


StoredSettings: TypeAlias = Mapping[str, JsonValue]
"""One layer of settings as an admin saved it: only what differs, and `settings_version`."""

__all__ = [
    "API",
    "LONGEST_TEXT",
    "Cite",
    "Classify",
    "Delta",
    "Event",
    "Graph",
    "HandOff",
    "Http",
    "HttpReply",
    "Intent",
    "Kit",
    "KitError",
    "Line",
    "Llm",
    "LlmUnavailable",
    "Passage",
    "QuickReplies",
    "Risk",
    "Robot",
    "Role",
    "Say",
    "Settings",
    "Silent",
    "Speaker",
    "StoredSettings",
    "ToolCall",
    "ToolResult",
    "ToolSpec",
    "ToolStatus",
    "Tools",
    "Trigger",
    "Turn",
    "Waiting",
    "Whisper",
    "Why",
    "asks_for_person",
    "asks_who_it_is",
    "declines_person",
    "plain",
]
