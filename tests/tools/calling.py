"""Guests ask, robots call, people decide: the steps that tests of tools share."""

from typing import Any

from supportdesk.actor import Actor
from supportdesk.rooms.model import Room
from supportdesk.tools.actions import decide_execution, save_settings
from supportdesk.tools.model import ApprovalSettings, Choice, Execution
from tests.robots.theatre import Theatre


async def allows(desk: Theatre, settings: ApprovalSettings) -> None:
    async with desk.db.transaction(desk.system) as tx:
        await save_settings(tx, None, settings)


async def asked(desk: Theatre, text: str) -> tuple[Actor, Room]:
    """A guest has written this, and what it set off is done."""
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, text)
    await desk.settle()
    return guest, room


async def calls(desk: Theatre, room: Room) -> list[dict[str, Any]]:
    rows = await desk.owner.fetch("SELECT * FROM tool_executions WHERE room_id = $1 ORDER BY id", room.id)
    return [dict(row) for row in rows]


async def decides(
    desk: Theatre, call: dict[str, Any], choice: Choice = Choice.APPROVE, actor: Actor | None = None, **more: Any
) -> Execution:
    who = actor or desk.agent
    async with desk.db.transaction(who) as tx:
        done = await decide_execution(
            tx,
            who,
            call["id"],
            choice,
            args_sha256=more.pop("args_sha256", call["args_sha256"]),
            why=more.pop("why", None),
            endings=desk.endings,
        )
    await desk.settle()
    return done
