"""A shop whose assistant calls tools, with people who decide and a model that is asked over HTTP."""

from typing import Any

import orjson

from robots.assistant.robot import AssistantRobot
from robots.faq.robot import FaqRobot
from supportdesk.actor import Actor, ActorKind, Level, UserId
from supportdesk.llm.engine import Engine
from supportdesk.rooms.model import Room
from supportdesk.tools.actions import save_settings
from supportdesk.tools.model import ApprovalSettings, Choice
from supportdesk.tools.queries.shop import insert_orders
from tests.llm.servers import Json, Server
from tests.llm.talking import with_provider
from tests.robots.conftest import Staging
from tests.robots.theatre import Theatre
from tests.tools.calling import calls, decides
from tests.tools.test_shipped import ORDER

WISH = "My order A-10042 is late, I want a voucher. lena@example.com"
WHOSE: Json = {"order_number": "A-10042", "email": "lena@example.com"}
LOOK: tuple[str, Json] = ("look_up_order", WHOSE)
ISSUE: tuple[str, Json] = ("issue_voucher", {**WHOSE, "amount": 10, "reason": "It is late."})
DONE = "Here is your voucher."


class Shop:
    """A shop with one late order, and a guest who wants a voucher for it."""

    def __init__(self, desk: Theatre, model: Server, guest: Actor, room: Room) -> None:
        self.desk, self.model, self.guest, self.room = desk, model, guest, room

    @property
    def clerk(self) -> Actor:
        """Somebody who may give vouchers."""
        return Actor(
            kind=ActorKind.AGENT,
            id=UserId(self.desk.workspace.staff["t2"]),
            workspace_id=self.desk.workspace_id,
            name="T2 Tester",
            level=Level.T2,
            grants=frozenset({"*:*:*"}),
        )

    async def asks(self, text: str = WISH, *answers: Json) -> None:
        """The guest writes, and the model answers so, now and when it is asked again."""
        self.model.answers += answers
        await self.desk.says(self.guest, self.room, text)
        await self.desk.settle()

    async def pending(self) -> list[dict[str, Any]]:
        """What waits for a person."""
        return [call for call in await calls(self.desk, self.room) if call["status"] == "pending"]

    async def decides(self, choice: Choice = Choice.APPROVE, *, desk: Theatre | None = None, **more: Any) -> None:
        """A colleague decides about the first that waits."""
        await decides(desk or self.desk, (await self.pending())[0], choice, self.clerk, **more)

    async def outcomes(self) -> list[tuple[str, str]]:
        """The calls, and where they stand."""
        return [(call["tool_name"], call["status"]) for call in await calls(self.desk, self.room)]

    async def vouchers(self) -> int:
        """How many have been given."""
        count: int = await self.desk.owner.fetchval(
            "SELECT count(*) FROM shop_vouchers WHERE workspace_id = $1", self.desk.workspace_id
        )
        return count

    async def fates(self) -> list[str]:
        """What became of the turns, none of which is left open."""
        turns = await self.desk.turns(self.room)
        assert {turn["status"] for turn in turns} <= {"completed", "failed"}
        return [turn["response_data"]["fate"] for turn in turns]

    def heard(self, request: int = -1) -> str:
        """Everything the model was told in a request."""
        return orjson.dumps(self.model.asked[request]["messages"]).decode()


async def opened(staged: Staging, model: Server, **options: Any) -> Shop:
    """An assistant with tools, which calls the model over HTTP; faq stands behind it."""
    desk = await staged(AssistantRobot, FaqRobot, install=False, engine=Engine, **options)
    await desk.installs("assistant", order=0, use_tools=True)
    await desk.installs("faq", order=1)
    await with_provider(desk, base_url=model.url)
    async with desk.db.transaction(desk.system) as tx:
        await insert_orders(tx.conn, desk.workspace_id, [ORDER])
        await save_settings(tx, None, ApprovalSettings())
    guest = await desk.guest()
    return Shop(desk, model, guest, await desk.opens(guest))
