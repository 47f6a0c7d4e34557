"""D8 and receipts: what passes by, who gets it, and in whose numbers."""

from functools import partial
from operator import eq
from typing import Any
from uuid import UUID, uuid4

import pytest

from supportdesk.core.sockets import GUEST, Emitter, channel
from tests.people import Agent, Desk, Guest, Json
from tests.streams import numbers


async def claimed(desk: Desk) -> tuple[str, Guest, Agent]:
    """A room whose agent read it before they claimed it, as agents do."""
    guest, agent = await desk.guest(), await desk.agent("t1")
    room_id = await guest.opens()
    await agent.joins(room_id)
    await agent.asks("room.claim", room_id=room_id)
    await agent.sees_kind("room.assigned")
    await guest.sees_kind("room.owner_changed")
    return room_id, guest, agent


async def nothing_more(desk: Desk, *people: Guest | Agent) -> None:
    """Everything sent so far has arrived: each side hears one more thing."""
    await desk.settle()
    for who in people:
        mark = str(uuid4())
        await who.says(mark, key=mark)
    for who in people:
        await who.sees(mark)


async def test_typing_is_seen_by_the_others_and_not_by_oneself(desk: Desk) -> None:
    room_id, guest, agent = await claimed(desk)
    await guest.tells("typing", room_id=room_id, on=True)
    seen = await agent.hears("typing")
    assert seen == {"room_id": room_id, "user_id": str(guest.id), "name": seen["name"], "kind": "guest", "on": True}
    await agent.tells("typing", room_id=room_id, on=True)
    seen = await guest.hears("typing")
    assert (seen["kind"], seen["name"], seen["user_id"]) == ("agent", "T1 Tester", str(agent.id))
    await agent.tells("typing", room_id=room_id, on=False)
    await guest.hears("typing", lambda data: not data["on"])
    await nothing_more(desk, guest, agent)
    assert [data["user_id"] for name, data in agent.heard if name == "typing"] == [str(guest.id)]


async def test_nobody_types_in_a_room_they_do_not_hear(desk: Desk) -> None:
    room_id, guest, agent = await claimed(desk)
    stranger, colleague = await desk.guest(), await desk.agent("t1b")
    boss = await desk.agent("supervisor")
    await boss.asks("room.observe", room_id=room_id)
    await boss.joins(room_id)
    for who in (stranger, colleague, boss):
        await who.tells("typing", room_id=room_id, on=True)
    await agent.hears("typing", lambda data: data["user_id"] == str(boss.id))
    await nothing_more(desk, guest, agent)
    assert [name for name, _ in guest.heard if name == "typing"] == []
    assert len([name for name, _ in agent.heard if name == "typing"]) == 1


async def test_who_only_reads_along_does_not_type_before_the_guests_eyes(desk: Desk) -> None:
    room_id, guest, agent = await claimed(desk)
    reader = await desk.agent("t1b")
    await reader.joins(room_id)
    await reader.tells("typing", room_id=room_id, on=True)
    await agent.hears("typing")
    await agent.asks("participant.add", room_id=room_id, user_id=str(reader.id))
    await reader.tells("typing", room_id=room_id, on=True)
    assert (await guest.hears("typing"))["user_id"] == str(reader.id)


async def test_receipts_are_in_each_sides_own_numbers(desk: Desk) -> None:
    room_id, guest, agent = await claimed(desk)
    for n in range(3):
        await agent.says(f"note {n}", note=True)
    answer = await agent.says("hello")
    public = (await guest.sees("hello"))["seq"]
    assert public < answer["seq"]
    await guest.asks("receipt", room_id=room_id, delivered_seq=public)
    seen = await agent.hears("receipt")
    assert seen == {
        "room_id": room_id,
        "user_id": str(guest.id),
        "delivered_seq": answer["seq"],
        "read_seq": 0,
    }
    await guest.asks("receipt", room_id=room_id, read_seq=public)
    assert (await agent.hears("receipt", lambda data: data["read_seq"] > 0))["read_seq"] == answer["seq"]
    note = await agent.says("note after", note=True)
    await agent.asks("receipt", room_id=room_id, read_seq=note["seq"])
    mine = await guest.hears("receipt", lambda data: data["user_id"] == str(agent.id))
    assert (mine["delivered_seq"], mine["read_seq"]) == (public, public)
    joined = {p["user_id"]: p for p in (await guest.joins(room_id))["participants"]}
    assert (joined[str(agent.id)]["read_seq"], joined[str(guest.id)]["read_seq"]) == (public, public)
    joined = {p["user_id"]: p for p in (await agent.joins(room_id))["participants"]}
    assert joined[str(guest.id)]["read_seq"] == answer["seq"]
    assert joined[str(agent.id)]["read_seq"] == note["seq"]


async def test_watermarks_only_rise_and_never_above_the_head(desk: Desk) -> None:
    room_id, guest, agent = await claimed(desk)
    await agent.says("one")
    two = await agent.says("two")
    await guest.asks("receipt", room_id=room_id, read_seq=2**40)
    await agent.hears("receipt", lambda data: data["read_seq"] == two["seq"])
    await guest.asks("receipt", room_id=room_id, read_seq=1)
    await guest.asks("receipt", room_id=room_id, delivered_seq=0)
    await nothing_more(desk, guest, agent)
    assert len([name for name, _ in agent.heard if name == "receipt"]) == 1
    assert await guest.is_refused("receipt", room_id=room_id) == "bad_request"


def states(history: Json) -> list[tuple[str, str, list[str]]]:
    return [(m["content"], m["status"], sorted(m["status_timestamps"])) for m in history["items"]]


async def test_a_message_is_sent_delivered_read_by_the_other_side(desk: Desk) -> None:
    room_id, guest, agent = await claimed(desk)
    path = f"/api/v1/rooms/{room_id}/messages"
    asked = await guest.says("hello")
    note = await agent.says("note", note=True)
    await agent.asks("receipt", room_id=room_id, delivered_seq=note["seq"])
    assert states((await guest.fetches("GET", path))[1]) == [("hello", "delivered", ["delivered", "sent"])]
    await agent.asks("receipt", room_id=room_id, read_seq=note["seq"])
    await guest.asks("receipt", room_id=room_id, read_seq=asked["seq"])
    read = ["delivered", "read", "sent"]
    assert states((await guest.fetches("GET", path))[1]) == [("hello", "read", read)]
    assert states((await agent.fetches("GET", path))[1]) == [("hello", "read", read), ("note", "sent", ["sent"])]


async def unread(who: Guest | Agent, room_id: str) -> int:
    _, room = await who.fetches("GET", f"/api/v1/rooms/{room_id}")
    return int(room["unread"])


async def test_unread_counts_what_the_other_side_wrote_and_one_has_not_read(desk: Desk) -> None:
    room_id, guest, agent = await claimed(desk)
    seqs = []
    for n in range(4):
        seqs.append((await guest.says(f"question {n}"))["seq"])
        await agent.says(f"answer {n}")
        await agent.says(f"note {n}", note=True)
    assert (await unread(agent, room_id), await unread(guest, room_id)) == (4, 4)
    answers = [m["seq"] for m in await of_staff(agent, room_id)]
    await agent.asks("receipt", room_id=room_id, read_seq=answers[1])
    await guest.asks("receipt", room_id=room_id, read_seq=seqs[2])
    assert (await unread(agent, room_id), await unread(guest, room_id)) == (2, 2)
    await guest.says("one more")
    await agent.says("and an answer")
    assert (await unread(agent, room_id), await unread(guest, room_id)) == (3, 3)
    head = (await agent.joins(room_id))["head"]
    await agent.asks("receipt", room_id=room_id, read_seq=head)
    await guest.asks("receipt", room_id=room_id, read_seq=2**30)
    assert (await unread(agent, room_id), await unread(guest, room_id)) == (0, 0)
    _, page = await agent.fetches("GET", "/api/v1/rooms")
    assert [line["unread"] for line in page["items"]] == [0]
    assert await unread(await desk.signed_in("t1b"), room_id) == 5


async def of_staff(agent: Agent, room_id: str) -> list[Json]:
    _, history = await agent.fetches("GET", f"/api/v1/rooms/{room_id}/messages?limit=200")
    found: list[Json] = [m for m in history["items"] if m["content"].startswith("answer")]
    return found


async def test_colleagues_see_who_is_there(desk: Desk) -> None:
    agent, other, guest = await desk.agent("t1"), await desk.agent("t1b"), await desk.guest()
    await desk.settle()
    for status in ("online", "busy", "away", "offline"):
        await agent.asks("presence.set", status=status)
        expected = {"user_id": str(agent.id), "status": status}
        await other.hears("presence", partial(eq, expected))
    assert await agent.is_refused("presence.set", status="invisible") == "invalid"
    assert [name for name, _ in guest.heard if name == "presence"] == []


async def test_the_waiting_are_told_their_place(desk: Desk) -> None:
    first, second = await desk.guest(), await desk.guest()
    rooms = [await guest.opens() for guest in (first, second)]

    def at(position: int) -> Any:
        return lambda data: data["queue_position"] == position

    told = await second.hears("queue.position", at(2))
    assert told == {"room_id": rooms[1], "queue_position": 2, "expected_wait_s": None}
    await first.hears("queue.position", at(1))
    agent = await desk.agent("t1")
    await agent.asks("room.claim", room_id=rooms[0])
    await second.hears("queue.position", at(1))
    await desk.settle()
    await agent.asks("room.assign", room_id=rooms[0], agent_id=None)
    back = await first.hears("queue.position", at(2))
    assert back["room_id"] == rooms[0]


async def test_a_step_up_moves_those_who_wait_behind(desk: Desk) -> None:
    first, second = await desk.guest(), await desk.guest()
    rooms = [await guest.opens() for guest in (first, second)]
    await second.hears("queue.position", lambda data: data["queue_position"] == 2)
    agent = await desk.agent("t1")
    await desk.settle()
    second.forgets()
    await agent.asks("room.escalate", room_id=rooms[0], to_level="T2", reason="for experts")
    await second.hears("queue.position", lambda data: data["queue_position"] == 1)


async def test_who_comes_back_to_a_waiting_room_is_told_the_place(desk: Desk) -> None:
    first, second = await desk.guest(), await desk.guest()
    for guest in (first, second):
        await guest.opens()
    await desk.settle()
    again = await second.again()
    await again.joins(str(second.room_id))
    await again.hears("queue.position", lambda data: data["queue_position"] == 2)


@pytest.mark.parametrize("event", ["typing", "receipt", "room.leave"])
async def test_what_passes_by_leaves_no_trace(desk: Desk, event: str) -> None:
    room_id, guest, agent = await claimed(desk)
    before = numbers(await agent.reads())
    fields: dict[str, dict[str, Any]] = {"typing": {"on": True}, "receipt": {"read_seq": 1}}
    more = fields.get(event, {})
    await guest.asks(event, room_id=room_id, **more)
    assert numbers(await agent.reads()) == before


async def test_a_frame_that_cannot_be_sent_holds_up_none_behind_it(desk: Desk) -> None:
    room_id, guest, _ = await claimed(desk)
    emitter = desk.resources.get(Emitter)
    emitter.emit("room.event", {"no": "\ud83d json"}, to=channel(UUID(room_id)), namespace=GUEST)
    behind = {"room_id": room_id, "kind": "behind", "seq": 0}
    emitter.emit("room.event", behind, to=channel(UUID(room_id)), namespace=GUEST)
    await guest.sees_kind("behind")
