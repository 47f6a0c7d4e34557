"""A turn's language model: the workspace's, with the conversation and the tools of this turn."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from typing import Final
from uuid import UUID, uuid4

import orjson
from pydantic import JsonValue

from supportdesk.errors import DeskError
from supportdesk.llm.conversing import Conversations, Outcome, Pause
from supportdesk.llm.faults import ModelUnavailable
from supportdesk.llm.marks import Piece, unmarked
from supportdesk.llm.model import Caller
from supportdesk.llm.prompts import Source, Wanted
from supportdesk.llm.talk import Asked, Offer, Part, Said
from supportdesk.robots.asked import Line, Role, Speaker, ToolResult, ToolStatus, Turn
from supportdesk.robots.equipment import Delta, KitError, LlmUnavailable, Passage, Shape, Waiting
from supportdesk.robots.kit import TurnKit
from supportdesk.robots.model import Claim

FOLLOWING: Final = (
    "The last answer above is another assistant's. Add only what it left out, in at most two short sentences. "
    "If it left nothing out, leave it to a person."
)


class TurnLlm:
    """The model as a robot sees it. Every call is on record with the turn."""

    def __init__(self, kit: TurnKit, claim: Claim, conversations: Conversations) -> None:
        self._kit = kit
        self._conversations = conversations
        self._caller = Caller(
            workspace_id=claim.workspace_id,
            room_id=claim.room_id,
            robot_id=claim.robot.id,
            user_id=claim.robot.user_id,
            interaction_id=claim.id,
            unhurried=kit.unhurried,
        )

    async def ready(self) -> bool:
        """Whether a model can be asked now."""
        with _in_the_robots_words():
            trouble = await self._conversations.models.trouble(self._caller)
        if trouble:
            self._kit.log("no language model can be asked", why=trouble)
        return not trouble

    async def answer(
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
        """Stream an answer to the turn; one with `tool_results` goes on where the model had stopped."""
        toolbox = _TurnTools(self._kit) if tools else None
        wanted = Wanted(
            instructions=f"{instructions}\n{FOLLOWING}" if turn.role is Role.FOLLOW else instructions,
            parts=parts_of(turn),
            sources=[Source(id=each.id, title=each.title, text=each.text) for each in passages],
            locale=turn.locale,
            names=tuple({turn.guest_name, *(line.name for line in turn.history if line.speaker is Speaker.GUEST)}),
            model=model,
            max_tokens=max_tokens,
            temperature=temperature,
        )
        with _in_the_robots_words():
            pieces = self._pieces(wanted, turn, toolbox)
            async with aclosing(pieces):
                async for piece in pieces:
                    if isinstance(piece, Piece):
                        yield Delta(text=piece.text, sources=piece.sources, hands_over=piece.hands_over)
                    else:
                        self._kit.waits_on()
                        yield Waiting(result=_waiting_of(piece, toolbox, turn))

    def _pieces(self, wanted: Wanted, turn: Turn, toolbox: "_TurnTools | None") -> AsyncGenerator[Piece | Pause, None]:
        if not turn.tool_results:
            return self._conversations.answer(self._caller, wanted, toolbox, self._kit.watch)
        decided = {result.execution_id: outcome_of(result) for result in turn.tool_results}
        return self._conversations.resume(self._caller, wanted, decided, toolbox, self._kit.watch)

    async def extract(self, instructions: str, text: str, shape: type[Shape], *, model: str | None = None) -> Shape:
        """Read facts out of a text, validated."""
        with _in_the_robots_words():
            return await self._conversations.extract(
                self._caller, instructions, text, shape, model=model, watch=self._kit.watch
            )


class _TurnTools:
    """The turn's tools as a model calls them; what waits is remembered for the robot."""

    def __init__(self, kit: TurnKit) -> None:
        self._kit = kit
        self.waiting: dict[UUID, ToolResult] = {}

    async def offers(self) -> Sequence[Offer]:
        """All of them."""
        return [
            Offer(name=each.name, description=each.description, parameters=each.parameters)
            for each in await self._kit.tools.list()
        ]

    async def call(self, name: str, args: Mapping[str, JsonValue]) -> Outcome:
        """Call one; what the desk refuses is told to the model."""
        try:
            result = await self._kit.tools.call(name, args)
        except KitError as refused:
            return Outcome(execution_id=uuid4(), text=str(refused), is_failure=True)
        if result.status is ToolStatus.WAITING:
            self.waiting[result.execution_id] = result
        return outcome_of(result)


def parts_of(turn: Turn) -> tuple[Part, ...]:
    """The conversation as a model is told it, the newest message last."""
    told = [part for line in turn.history if (part := _part_of(line)) is not None]
    told.append(Asked(text=unmarked(turn.text)))
    if turn.lead_text:
        told += [Said(text=turn.lead_text), Asked(text="What did this answer leave out?")]
    return tuple(told)


def outcome_of(result: ToolResult) -> Outcome:
    """What a call came to, in words for the model."""
    said = {
        ToolStatus.WAITING: "",
        ToolStatus.COMPLETED: orjson.dumps(result.result).decode(),
        ToolStatus.FAILED: f"It failed: {result.error}",
        ToolStatus.DENIED: result.error or "A colleague has denied it.",
        ToolStatus.CANCELLED: "Nobody decided in time; it was not done.",
    }
    return Outcome(
        execution_id=result.execution_id,
        text=said[result.status],
        name=result.name,
        is_failure=result.status is not ToolStatus.COMPLETED,
        is_waiting=result.status is ToolStatus.WAITING,
    )


def _part_of(line: Line) -> Part | None:
    match line.speaker:
        case Speaker.GUEST:
            return Asked(text=unmarked(line.text))
        case Speaker.ROBOT:
            return Said(text=unmarked(line.text))
        case Speaker.AGENT:
            return Said(text=f"(a colleague) {unmarked(line.text)}")
        case Speaker.SYSTEM:
            return None


def _waiting_of(pause: Pause, toolbox: _TurnTools | None, turn: Turn) -> ToolResult:
    """The call that the conversation waits for: of this turn, or one that was asked for earlier and is still open."""
    execution_id = pause.execution_ids[0]
    if toolbox is not None and execution_id in toolbox.waiting:
        return toolbox.waiting[execution_id]
    known = next((each for each in turn.tool_results if each.execution_id == execution_id), None)
    return known or ToolResult(execution_id=execution_id, name="", status=ToolStatus.WAITING)


@contextmanager
def _in_the_robots_words() -> Iterator[None]:
    """What the desk refuses is a KitError to robots."""
    try:
        yield
    except ModelUnavailable as refused:
        raise LlmUnavailable(refused.sentence) from refused
    except DeskError as failed:
        raise KitError(failed.sentence) from failed
