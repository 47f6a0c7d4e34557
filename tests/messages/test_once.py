"""D1: whatever is sent again is written once, and answered as it was the first time."""

import asyncio
from uuid import uuid4

import pytest

from tests.people import Agent, Desk, Guest, Json
from tests.streams import numbers, said


def first_ack(ack: Json) -> Json:
    return {name: ack[name] for name in ("id", "seq", "created_at")}


async def test_a_retry_is_acknowledged_like_the_first_time(desk: Desk) -> None:
    guest = await desk.guest()
    await guest.opens()
    first = await guest.says("hello", key="k1")
    again = await guest.says("hello", key="k1")
    assert (first["duplicate"], again["duplicate"]) == (False, True)
    assert first_ack(again) == first_ack(first)
    assert said(await guest.reads()) == ["hello"]


@pytest.mark.parametrize("other", [{"content": "other"}, {"content": "hello", "reply_to": "first"}])
async def test_another_body_under_the_same_id_is_a_conflict_and_the_first_is_kept(desk: Desk, other: Json) -> None:
    guest = await desk.guest()
    await guest.opens()
    first = await guest.says("hello", key="k1")
    body = {name: first["id"] if name == "reply_to" else value for name, value in other.items()}
    assert await guest.is_refused("message.send", room_id=guest.room_id, client_msg_id="k1", **body) == (
        "idempotency_conflict"
    )
    assert said(await guest.reads()) == ["hello"]


async def test_a_note_cannot_become_public_by_a_retry(desk: Desk) -> None:
    guest = await desk.guest()
    room_id = await guest.opens()
    agent = await desk.agent("t1")
    await agent.joins(room_id)
    await agent.says("between us", key="k", note=True)
    assert await agent.is_refused("message.send", room_id=room_id, client_msg_id="k", content="between us") == (
        "idempotency_conflict"
    )
    assert said(await guest.reads()) == []


async def test_who_may_not_say_a_thing_does_not_join_by_trying(desk: Desk) -> None:
    guest, agent = await desk.guest(), await desk.agent("t1")
    elsewhere = await guest.opens()
    other = await guest.says("in another room")
    room_id = await guest.opens()
    assert room_id != elsewhere
    before = await guest.reads()
    body = {"room_id": room_id, "client_msg_id": "k", "content": "see there", "reply_to": other["id"]}
    assert await agent.is_refused("message.send", **body) == "bad_reply"
    assert await guest.reads() == before


async def test_five_at_once_on_several_sockets_and_over_http_are_one(desk: Desk) -> None:
    guest = await desk.guest()
    room_id = await guest.opens()
    others = [await guest.again() for _ in range(2)]
    path, body = f"/api/v1/rooms/{room_id}/messages", {"client_msg_id": "k", "content": "once"}

    async def over_http() -> Json:
        status, answer = await guest.fetches("POST", path, body)
        assert status == 201
        return dict(answer)

    acks = await asyncio.gather(
        guest.says("once", key="k"), *(other.says("once", key="k") for other in others), over_http(), over_http()
    )
    assert len({(a["id"], a["seq"], a["created_at"]) for a in acks}) == 1
    assert sorted(a["duplicate"] for a in acks) == [False, True, True, True, True]
    assert said(await guest.reads()) == ["once"]
    status, answer = await guest.fetches("POST", path, {**body, "content": "twice"})
    assert (status, answer["error"]["code"]) == (409, "idempotency_conflict")


async def test_an_id_is_the_senders_own(desk: Desk) -> None:
    guest = await desk.guest()
    room_id = await guest.opens()
    agent = await desk.agent("t1")
    await agent.asks("room.claim", room_id=room_id)
    mine, theirs = await guest.says("hello", key="k"), await agent.says("welcome", room_id=room_id, key="k")
    assert mine["id"] != theirs["id"]
    other = await guest.asks("room.open", client_room_id=str(uuid4()))
    elsewhere = await guest.says("hello", room_id=other["room"]["id"], key="k")
    assert (elsewhere["duplicate"], elsewhere["id"] == mine["id"]) == (False, False)


async def test_a_retry_after_a_reconnect_or_the_end_of_the_room_is_still_the_first(desk: Desk) -> None:
    guest = await desk.guest()
    room_id = await guest.opens()
    first = await guest.says("hello", key="k")
    await guest.leaves()
    back = await guest.again()
    assert first_ack(await back.says("hello", key="k")) == first_ack(first)
    agent = await desk.agent("t1")
    await agent.asks("room.claim", room_id=room_id)
    await agent.asks("room.close", room_id=room_id)
    assert first_ack(await back.says("hello", key="k")) == first_ack(first)
    assert await back.is_refused("message.send", room_id=room_id, client_msg_id="new", content="hello") == "room_closed"


async def test_a_conversation_opened_five_times_at_once_is_one(desk: Desk) -> None:
    guest = await desk.guest()
    sockets = [guest, *[await guest.again() for _ in range(4)]]
    acks = await asyncio.gather(*(one.asks("room.open", client_room_id="mine") for one in sockets))
    assert len({ack["room"]["id"] for ack in acks}) == 1


async def claimed(desk: Desk) -> tuple[Guest, Agent, str]:
    guest = await desk.guest()
    room_id = await guest.opens()
    agent = await desk.agent("t1")
    await agent.joins(room_id)
    await agent.asks("room.claim", room_id=room_id)
    return guest, agent, room_id


async def test_a_commands_retry_gets_the_first_answer_and_does_nothing(desk: Desk) -> None:
    _, agent, room_id = await claimed(desk)
    op = str(uuid4())
    first = await agent.asks("room.close", room_id=room_id, outcome="resolved", op_id=op)
    again = await agent.asks("room.close", room_id=room_id, outcome="resolved", op_id=op)
    assert again == {**first, "duplicate": True}
    assert (await agent.reads())[-1]["seq"] == first["seq"]


async def test_five_retries_of_a_command_at_once_act_once(desk: Desk) -> None:
    _, agent, room_id = await claimed(desk)
    sockets = [agent, *[await agent.again() for _ in range(4)]]
    body = {"room_id": room_id, "to_level": "T2", "reason": "too hard", "op_id": str(uuid4())}
    acks = await asyncio.gather(*(one.asks("room.escalate", **body) for one in sockets))
    assert len({ack["escalation_id"] for ack in acks}) == 1
    assert [ack.get("duplicate", False) for ack in acks].count(False) == 1
    assert [e["kind"] for e in await agent.reads()].count("escalation.created") == 1


async def test_an_op_id_belongs_to_one_command_one_body_and_one_person(desk: Desk) -> None:
    _, agent, room_id = await claimed(desk)
    op = str(uuid4())
    await agent.asks("room.update", room_id=room_id, version=await version(agent, room_id), name="One", op_id=op)
    assert await agent.is_refused("room.update", room_id=room_id, version=9, name="Two", op_id=op) == (
        "idempotency_conflict"
    )
    assert await agent.is_refused("room.close", room_id=room_id, op_id=op) == "idempotency_conflict"
    supervisor = await desk.agent("supervisor")
    await supervisor.asks("room.close", room_id=room_id, op_id=op)
    assert numbers(await agent.reads()) == list(range(1, len(await agent.reads()) + 1))


async def version(agent: Agent, room_id: str) -> int:
    _, room = await agent.fetches("GET", f"/api/v1/rooms/{room_id}")
    return int(room["version"])


async def test_a_refused_command_may_be_tried_again_under_its_op_id(desk: Desk) -> None:
    _, agent, room_id = await claimed(desk)
    op = str(uuid4())
    assert await agent.is_refused("room.escalate", room_id=room_id, to_level="T2", op_id=op) == "reason_required"
    ack = await agent.asks("room.escalate", room_id=room_id, to_level="T2", reason="too hard", op_id=op)
    assert ack["status"] == "created"


async def test_attachments_are_files_that_exist(desk: Desk) -> None:
    guest = await desk.guest()
    room_id = await guest.opens()
    first = await guest.says("hello", key="k", attachment_ids=[])
    assert (await guest.says("hello", key="k"))["id"] == first["id"], "none are none, said or not"
    missing = {"client_msg_id": "l", "content": "see this", "attachment_ids": [str(uuid4())]}
    assert await guest.is_refused("message.send", room_id=room_id, **missing) == "file_not_found"
    status, answer = await guest.fetches("POST", f"/api/v1/rooms/{room_id}/messages", missing)
    assert (status, answer["error"]["code"]) == (404, "file_not_found")
