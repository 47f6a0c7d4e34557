"""Robots, tools and providers that tests of models share."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from pydantic import JsonValue
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo

from supportdesk.llm import actions
from supportdesk.llm.actions import NewProvider
from supportdesk.llm.conversing import Conversations
from supportdesk.llm.marks import Piece
from supportdesk.llm.model import Caller, Kind
from supportdesk.llm.prompts import Source, Wanted
from supportdesk.llm.talk import Asked, Part
from supportdesk.robots.asked import Role, ToolResult, ToolStatus, Turn
from supportdesk.robots.contract import HandOff, KitError, Risk, Robot, Say, Silent, ToolSpec, Waiting
from tests.llm.scripted import Script, ToolCalls
from tests.robots.theatre import Theatre

QUESTION = "How long do refunds take?"
PASSAGE = Source(id=UUID(int=7), title="Refunds", text="Refunds take five days.")


class Talker(Robot):
    """Says what the model says."""

    name = "talker"

    async def answer(self, turn: Turn) -> AsyncIterator[Say | HandOff | Silent]:
        """Word for word."""
        if not await self.kit.llm.ready():
            yield Silent(reason="no model")
            return
        async for piece in self.kit.llm.answer("Be kind.", turn):
            assert not isinstance(piece, Waiting)
            if piece.hands_over:
                yield HandOff(reason="the model is not sure")
                return
            yield Say(delta=piece.text)


class Fallback(Robot):
    """Needs no model."""

    name = "fallback"

    async def answer(self, turn: Turn) -> AsyncIterator[Say | Silent]:
        """Always the same, and nothing beside another's answer."""
        if turn.role is Role.FOLLOW:
            yield Silent()
        else:
            yield Say(delta=f"From the documents: {len(turn.text)}")


class Shelf:
    """Tools that wait, but for `look_up`."""

    def __init__(self) -> None:
        self.called: list[tuple[str, Mapping[str, JsonValue]]] = []
        self.ids: list[UUID] = []

    async def list(self) -> Sequence[ToolSpec]:
        """Two tools."""
        schema: dict[str, JsonValue] = {"type": "object", "properties": {"order": {"type": "string"}}}
        return [
            ToolSpec(name=name, description=f"Does {name}", parameters=schema, risk=Risk.HIGH)
            for name in ("look_up", "refund")
        ]

    async def call(self, name: str, args: Mapping[str, JsonValue]) -> ToolResult:
        """What waits has an id of its own."""
        if name not in ("look_up", "refund"):
            raise KitError(f"There is no tool called {name} in this workspace.")
        self.called.append((name, args))
        if name == "look_up":
            return ToolResult(execution_id=uuid4(), name=name, status=ToolStatus.COMPLETED, result={"order": "lost"})
        self.ids.append(uuid4())
        return ToolResult(execution_id=self.ids[-1], name=name, status=ToolStatus.WAITING)


async def with_provider(theatre: Theatre, **more: Any) -> None:
    """Configure a provider in the theatre's workspace."""
    want = {
        "name": "Main",
        "kind": Kind.OPENAI_COMPATIBLE,
        "base_url": "http://127.0.0.1:9/v1",
        "api_key": "k",
        "allows_private_address": True,
        "default_model": "m",
        "is_default": True,
        **more,
    }
    async with theatre.db.transaction(theatre.system) as tx:
        await actions.add_provider(tx, theatre.system, theatre.keys, NewProvider(**want))


def says(*answers: "str | ToolCalls | Exception") -> Script:
    """One answer after the other, the last one for good."""
    left = list(answers)

    def script(_messages: list[ModelMessage], _info: AgentInfo) -> "str | ToolCalls | Exception":
        return left.pop(0) if len(left) > 1 else left[0]

    return script


async def talk(theatre: Theatre, wanted: Wanted, caller: Caller | None = None) -> tuple[str, list[UUID], bool]:
    """What the model says, which sources it names, and whether it hands over."""
    caller = caller or Caller(workspace_id=theatre.workspace_id)
    text, hands_over = "", False
    sources: list[UUID] = []
    async for piece in Conversations(theatre.models, theatre.db, theatre.keys).answer(
        caller, wanted, None, lambda _facts: None
    ):
        assert isinstance(piece, Piece)
        text, hands_over = text + piece.text, hands_over or piece.hands_over
        sources += piece.sources
    await theatre.settle()
    return text, sources, hands_over


def asking(*parts: Part, **more: Any) -> Wanted:
    """An answer to the last of these."""
    return Wanted(instructions="Be kind.", parts=parts or (Asked(text=QUESTION),), **more)


async def usage(theatre: Theatre) -> list[dict[str, Any]]:
    """The log of usage, oldest first."""
    await theatre.settle()
    rows = await theatre.owner.fetch(
        "SELECT * FROM usage_logs WHERE workspace_id = $1 ORDER BY created_at, id", theatre.workspace_id
    )
    return [dict(row) for row in rows]
