"""What is said to a model and by it, in the desk's own shape: kept for days, whatever library reads it then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias
from uuid import UUID

from pydantic import JsonValue, TypeAdapter

from supportdesk.llm.model import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the guest, or the desk for them, has written; `is_data` for documents and summaries."""

    text: str
    is_data: bool = False
    kind: Literal["asked"] = "asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A tool that the model calls; `args` are as it wrote them, broken ones included."""

    id: str
    name: str
    args: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the model has said and called."""

    text: str
    calls: tuple[Call, ...] = ()
    kind: Literal["said"] = "said"


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What a call came to."""

    id: str
    name: str
    text: str
    is_failure: bool = False
    kind: Literal["returned"] = "returned"


BYTES_A_TOKEN: Final = 3
Part: TypeAlias = Asked | Said | Returned


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A tool that the model may call; `parameters` is the JSON schema of its arguments."""

    name: str
    description: str
    parameters: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """Everything that a model is given in one call."""

    instructions: str
    parts: tuple[Part, ...]
    offers: tuple[Offer, ...] = ()
    max_tokens: int = 800
    temperature: float | None = None
    """How freely it chooses its words; None leaves that to the provider, as some models allow nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """A conversation that waits for people: `waiting` has the execution for each open call, by the call's id."""

    instructions: str
    parts: tuple[Part, ...]
    waiting: Mapping[str, UUID]


@dataclass(slots=True)
class Running:
    """A call under way: what came so far, and what it has used so far; whoever stops it reads that.

    `is_asked` once a budget has admitted it, `is_answered` once the provider has taken it on (a status of 2xx): from
    then on it is charged for, whatever comes. `unread` are bytes of calls of tools that were too many to be read.
    """

    prompt_tokens: int
    text: str = ""
    calls: tuple[Call, ...] = ()
    reported: Usage | None = None
    is_asked: bool = False
    is_answered: bool = False
    unread: int = 0
    problem: str = ""

    @property
    def usage(self) -> Usage:
        """As the provider says, else as it looks; nothing for a call that was never made."""
        if self.reported is not None:
            return self.reported
        if not self.is_asked:
            return Usage()
        said = tokens_of(self.text) + sum(tokens_of(call.name + call.args) for call in self.calls)
        said += -(-self.unread // BYTES_A_TOKEN)
        return Usage(input_tokens=self.prompt_tokens, output_tokens=said, is_estimate=True)


PARTS: Final[TypeAdapter[tuple[Part, ...]]] = TypeAdapter(tuple[Part, ...])
PAUSED: Final[TypeAdapter[Paused]] = TypeAdapter(Paused)


def tokens_of(text: str) -> int:
    """About how many tokens a text has, rather too many."""
    return -(-len(text.encode(errors="replace")) // BYTES_A_TOKEN)


def tokens_of_part(part: Part) -> int:
    """About how many tokens it takes in a prompt, with what surrounds it."""
    frame = 8
    match part:
        case Asked(text=text) | Returned(text=text):
            return frame + tokens_of(text)
        case Said(text=text, calls=calls):
            return frame + tokens_of(text) + sum(frame + tokens_of(call.name + call.args) for call in calls)


def tokens_of_parts(parts: Sequence[Part]) -> int:
    """About how many tokens these take together."""
    return sum(tokens_of_part(part) for part in parts)


def tokens_of_prompt(prompt: Prompt) -> int:
    """About how many tokens the prompt has, tools included."""
    tools = sum(tokens_of(f"{each.name}{each.description}{each.parameters}") for each in prompt.offers)
    return tokens_of(prompt.instructions) + tokens_of_parts(prompt.parts) + tools
