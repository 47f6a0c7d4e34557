"""What the desk does for a robot in its turn: the kit and its parts. Part of the contract, which re-exports it."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel, JsonValue

from supportdesk.robots.asked import ToolResult, Turn

Shape = TypeVar("Shape", bound=BaseModel)
T = TypeVar("T")


class KitError(Exception):
    """A call through the kit failed. Let it pass and the guest gets a person, or answer without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A piece of a document that fits a search. `score` is the chance, 0 to 1, that it answers the question."""

    id: UUID
    document_id: UUID
    title: str
    text: str
    score: float
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What a text is most likely about; `chance`, 0 to 1, is that it is about just that."""

    name: str
    chance: float


class LlmUnavailable(KitError):
    """No model can be asked: none is configured, its provider rests, or the budget is spent."""


class Risk(StrEnum):
    """What a tool can do."""

    READ = "read"
    LOW = "low"
    HIGH = "high"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """A tool that may be called in this room; `parameters` is the JSON schema of its arguments."""

    name: str
    description: str
    parameters: Mapping[str, JsonValue]
    risk: Risk


class Tools(Protocol):
    """The tools of the workspace that this robot may call here."""

    async def list(self) -> Sequence[ToolSpec]:
        """All of them, by name. Raises KitError."""

    async def call(self, name: str, args: Mapping[str, JsonValue]) -> ToolResult:
        """Ask for a tool: it runs now when the workspace's policy lets it, else it waits for a person.

        The guest is told that a colleague is checking; what was decided comes back as another turn. Raises KitError for
        unknown tools and bad arguments.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """A piece of a model's answer.

    `sources` are the passages that the model names at its end, never others than it was given; `hands_over` says that
    it leaves the answer to a person.
    """

    text: str
    sources: tuple[UUID, ...] = ()
    hands_over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The model called a tool that waits for a person; the answer goes on in another turn."""

    result: ToolResult


class Llm(Protocol):
    """The workspace's language model, within the budgets of workspace, robot and room."""

    async def ready(self) -> bool:
        """Whether a model can be asked now; ask before promising anything."""

    def answer(
        self,
        instructions: str,
        turn: Turn,
        *,
        passages: Sequence[Passage] = (),
        tools: bool = False,
        model: str | None = None,
        max_tokens: int = 800,
        temperature: float | None = None,
    ) -> AsyncIterator[Delta | Waiting]:
        """Stream an answer to the turn, with the conversation so far and the passages in view.

        With `tools` the model may call the workspace's; a turn with `tool_results` goes on where the model had stopped.
        A low `temperature` (0 to 2) keeps to the likeliest words; some models allow none, and take what they like.
        Raises LlmUnavailable, and KitError when the provider fails.
        """

    async def extract(self, instructions: str, text: str, shape: type[Shape], *, model: str | None = None) -> Shape:
        """Read facts out of a text, validated. Raises LlmUnavailable, and KitError when the model does not comply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpReply:
    """What another server has answered, whatever its status."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Http(Protocol):
    """Requests to other servers; private addresses are refused unless the robot's admin has allowed the host."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        timeout_s: float = 10,
        redirects: bool = True,
    ) -> HttpReply:
        """One request, at most 1 MiB of answer; redirects are followed and checked, or refused. Raises KitError."""


class Kit(Protocol):
    """What the desk does for a robot, bound to this room, this robot and this turn. Every call is on record."""

    @property
    def llm(self) -> Llm:
        """The workspace's language model."""

    @property
    def tools(self) -> Tools:
        """The workspace's tools."""

    @property
    def http(self) -> Http:
        """Requests to other servers."""

    async def search(self, text: str, *, limit: int = 5) -> Sequence[Passage]:
        """The passages of the workspace's documents that fit, best first. Raises KitError."""

    async def quote(self, text: str, passage: Passage) -> str:
        """The sentences of a passage that `search` found which answer best, word for word. Raises KitError."""

    async def intent_of(self, text: str, phrases: Mapping[str, Sequence[str]]) -> Intent | None:
        """Which of the intents, each given by phrases of guests, the text is about; None without phrases. KitError."""

    async def blocking(self, work: Callable[..., T], *args: object) -> T:
        """Run something that keeps a processor busy or waits without asyncio, in a thread beside the loop."""

    def now(self) -> datetime:
        """The time, in UTC."""

    def log(self, fact: str, **keys: JsonValue) -> None:
        """Write one line to the server's log and to the record of this turn; never put a guest's words in it."""
