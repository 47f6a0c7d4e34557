"""The tools that ship: what they do, for whom, and what stops them."""

from typing import Any

import pytest
from pydantic import JsonValue

from robots.orders.robot import OrdersRobot
from supportdesk.actor import Actor, ActorKind, Level
from supportdesk.errors import DeskError
from supportdesk.rooms.model import Room
from supportdesk.tools.actions import save_settings
from supportdesk.tools.executor import Asker
from supportdesk.tools.model import ApprovalSettings, Choice, Execution, Rule, Status, Verdict
from supportdesk.tools.queries.shop import insert_orders
from tests.robots.conftest import Staging
from tests.robots.strange import EchoRobot
from tests.robots.theatre import Theatre
from tests.tools.calling import calls, decides

ORDER: dict[str, Any] = {
    "number": "A-10042",
    "customer_ref": "cust-1",
    "email": "lena@example.com",
    "status": "delayed",
    "items": [{"name": "Lamp"}],
    "total": "89.00",
    "days_ago": 3,
    "due_in": 2,
}
EVERYTHING = ("search_documents", "look_up_order", "issue_voucher", "escalate", "set_priority", "add_note")


async def shop(desk: Theatre, *run: str) -> tuple[Actor, Room]:
    """A guest in a room, an order in the shop, and these tools run by themselves."""
    async with desk.db.transaction(desk.system) as tx:
        await insert_orders(tx.conn, desk.workspace_id, [ORDER])
        await save_settings(tx, None, ApprovalSettings(rules={name: Rule(Verdict.RUN) for name in run}))
    guest = await desk.guest()
    return guest, await desk.opens(guest)


async def call(desk: Theatre, room: Room, name: str, **args: JsonValue) -> Execution:
    """Ask for a tool as the robot of the room."""
    robot = await desk.owner.fetchrow(
        "SELECT b.id, b.user_id, b.name FROM room_robots rr JOIN robots b ON b.id = rr.robot_id WHERE rr.room_id = $1",
        room.id,
    )
    assert robot is not None
    actor = Actor(kind=ActorKind.ROBOT, id=robot["user_id"], workspace_id=desk.workspace_id, name=robot["name"])
    return await desk.executor.request(Asker(actor=actor, robot_id=robot["id"], room_id=room.id), name, args)


async def test_search_needs_nobodys_approval_and_finds_what_guests_may_read(staged: Staging) -> None:
    desk = await staged(EchoRobot, texts=["Refunds take five days."])
    _guest, room = await shop(desk)
    done = await call(desk, room, "search_documents", query="How long do refunds take?")
    assert done.status is Status.COMPLETED
    assert isinstance(done.result, list)
    assert [hit["text"] for hit in done.result if isinstance(hit, dict)] == ["Refunds take five days."]


@pytest.mark.parametrize(
    ("number", "email", "found"),
    [
        ("A-10042", "lena@example.com", True),
        ("a-10042", "LENA@example.com", True),
        ("A-10042", "other@example.com", False),
        ("A-10042", None, False),
        ("A-99999", "lena@example.com", False),
        ("A-10042", "' OR true --", False),
    ],
)
async def test_an_order_is_shown_to_whoever_knows_its_e_mail(
    staged: Staging, number: str, email: str | None, *, found: bool
) -> None:
    desk = await staged(EchoRobot)
    _guest, room = await shop(desk, "look_up_order")
    done = await call(desk, room, "look_up_order", order_number=number, email=email)
    assert (done.status is Status.COMPLETED) is found
    if found:
        assert isinstance(done.result, dict)
        assert (done.result["status"], done.result["total"]) == ("delayed", "89.00")
    else:
        assert done.error == "There is no order of this number with this e-mail address."


@pytest.mark.parametrize(("ref", "verified", "found"), [("cust-1", True, True), ("cust-2", True, False)])
async def test_a_guest_who_is_signed_in_needs_no_e_mail_for_their_own_orders(
    staged: Staging, ref: str, *, verified: bool, found: bool
) -> None:
    desk = await staged(EchoRobot)
    guest, room = await shop(desk, "look_up_order")
    await desk.owner.execute(
        "UPDATE users SET external_id = $2, is_identity_verified = $3 WHERE id = $1", guest.id, ref, verified
    )
    done = await call(desk, room, "look_up_order", order_number="A-10042")
    assert (done.status is Status.COMPLETED) is found


async def test_a_voucher_waits_for_somebody_of_t2_and_is_issued_once(staged: Staging) -> None:
    desk = await staged(EchoRobot)
    _guest, room = await shop(desk)
    args: dict[str, JsonValue] = {
        "order_number": "A-10042",
        "email": "lena@example.com",
        "amount": 10,
        "reason": "It is late.",
    }
    asked = await call(desk, room, "issue_voucher", **args)
    assert (asked.status, asked.required_level) == (Status.PENDING, "T2")
    (row,) = await calls(desk, room)
    with pytest.raises(DeskError):
        await decides(desk, row)  # T1
    t2 = Actor(**{n: getattr(desk.agent, n) for n in Actor.__slots__} | {"level": Level.T2})
    await decides(desk, row, Choice.APPROVE, t2)
    (voucher,) = await desk.owner.fetch("SELECT * FROM shop_vouchers WHERE workspace_id = $1", desk.workspace_id)
    assert (voucher["amount"], voucher["currency"], voucher["execution_id"]) == (10, "EUR", row["id"])
    with pytest.raises(DeskError, match="less than or equal to 100"):
        await call(desk, room, "issue_voucher", **(args | {"amount": 101}))


async def test_the_rooms_own_tools_act_as_the_robot_and_its_rights_hold(staged: Staging) -> None:
    desk = await staged(EchoRobot)
    _guest, room = await shop(desk, *EVERYTHING)
    assert (await call(desk, room, "set_priority", priority=1)).status is Status.COMPLETED
    note = await call(desk, room, "add_note", text="They sound upset.")
    assert note.status is Status.COMPLETED
    said = (await desk.messages(room))[-1]
    assert (said["content"], said["is_note"], said["public_seq"]) == ("They sound upset.", True, None)
    moved = await call(desk, room, "escalate", to_level="T2", reason="beyond me")
    assert moved.result == {"from_level": "T1", "to_level": "T2"}
    row = await desk.owner.fetchrow("SELECT priority, level, owner_kind FROM chat_rooms WHERE id = $1", room.id)
    assert row is not None
    assert tuple(row) == (1, "T2", "queue")
    further = await call(desk, room, "escalate", to_level="T3", reason="further")
    assert further.status is Status.FAILED
    assert further.error == "Your role does not include the permission chat:escalation:to_t3."


async def test_a_robot_whose_role_lost_a_right_cannot_use_the_tool_that_needs_it(staged: Staging) -> None:
    desk = await staged(EchoRobot)
    _guest, room = await shop(desk, *EVERYTHING)
    await desk.owner.execute(
        "DELETE FROM role_permissions p USING roles r WHERE p.role_id = r.id AND r.workspace_id = $1 "
        "AND r.name = 'robot' AND p.pattern IN ('chat:room:update', 'chat:message:note')",
        desk.workspace_id,
    )
    for name, args in (("set_priority", {"priority": 1}), ("add_note", {"text": "hello"})):
        done = await call(desk, room, name, **args)
        assert done.status is Status.FAILED
        assert "does not include the permission" in (done.error or "")


async def test_the_robot_of_orders_says_where_an_order_is_and_gives_a_voucher_when_approved(staged: Staging) -> None:
    desk = await staged(OrdersRobot)
    guest, room = await shop(desk, "look_up_order")
    await desk.says(guest, room, "Where is A-10042? I am lena@example.com")
    await desk.settle()
    assert (await desk.texts(room))[-1].startswith("Your order A-10042 is delayed; I am sorry about that. It should")
    await desk.says(guest, room, "Yes, a voucher please")
    await desk.settle()
    waiting = (await calls(desk, room))[-1]
    assert waiting["status"] == "pending"
    t2 = Actor(**{n: getattr(desk.agent, n) for n in Actor.__slots__} | {"level": Level.T2})
    await decides(desk, waiting, Choice.APPROVE, t2)
    assert (await desk.texts(room))[-1].startswith("Here is your voucher over 10.00 EUR: **ACME-")
