"""Who has a room: claims, assignments, take-overs, hand-backs and silent observers."""

import asyncio
from uuid import UUID, uuid4

import pytest

from tests.factories import make_staff
from tests.people import Agent, Desk, Guest, Refused
from tests.transports import on_both_ways


async def waiting(desk: Desk) -> tuple[str, Guest]:
    guest = await desk.guest()
    return await guest.opens(), guest


async def test_of_fifty_who_claim_at_once_one_wins_and_the_others_learn_who(desk: Desk) -> None:
    room_id, _ = await waiting(desk)
    people: list[Agent] = []
    for n in range(10):
        who = f"claimer{n}"
        desk.workspace.staff[who] = await make_staff(desk.owner, desk.workspace, who, "agent", "T1")
        people.append(await desk.agent(who))
    sockets = [*people, *[await one.again() for one in people for _ in range(4)]]
    acks = await asyncio.gather(*(one.asks("room.claim", room_id=room_id) for one in sockets), return_exceptions=True)
    winners = {one.id for one, ack in zip(sockets, acks, strict=True) if not isinstance(ack, BaseException)}
    assert len(winners) == 1
    winner = winners.pop()
    losers = [ack for ack in acks if isinstance(ack, Refused)]
    assert len(losers) == 45
    name = await desk.owner.fetchval("SELECT display_name FROM users WHERE id = $1", winner)
    for loser in losers:
        assert loser.code == "already_claimed"
        assert loser.error["details"]["winner"] == {"id": str(winner), "name": name}
        assert name in loser.error["message"]
    events = [event["kind"] for event in await people[0].reads(room_id)]
    assert (events.count("room.owner_changed"), events.count("room.assigned")) == (1, 1)


@on_both_ways
async def test_a_claim_brings_the_agent_into_the_room_and_tells_the_guest(desk: Desk) -> None:
    room_id, guest = await waiting(desk)
    agent = await desk.agent("t1")
    first = await agent.asks("room.claim", room_id=room_id)
    again = await agent.asks("room.claim", room_id=room_id)
    assert again["seq"] > first["seq"]  # nothing new: the end of the stream
    changed = await guest.sees_kind("room.owner_changed")
    assert changed["data"] == {
        "owner": {"kind": "human", "id": str(agent.id), "name": "T1 Tester"},
        "reason": "claimed",
    }
    joined = await guest.joins(room_id)
    assert [p["name"] for p in joined["participants"] if p["kind"] == "agent"] == ["T1 Tester"]
    assert (joined["room"]["status"], joined["room"]["owner"]["name"]) == ("active", "T1 Tester")


async def test_a_room_is_passed_on_by_its_owner_and_given_by_who_may(desk: Desk) -> None:
    room_id, guest = await waiting(desk)
    agent, other, boss = await desk.agent("t1"), await desk.agent("t1b"), await desk.agent("supervisor")
    give = {"room_id": room_id, "agent_id": str(other.id)}
    assert await agent.is_refused("room.assign", **give) == "forbidden"
    await boss.asks("room.assign", **give)
    assert await agent.is_refused("room.assign", room_id=room_id, agent_id=str(agent.id)) == "already_claimed"
    assert await agent.is_refused("room.assign", room_id=room_id, agent_id=None) == "forbidden"
    await other.asks("room.assign", room_id=room_id, agent_id=str(agent.id))
    await agent.asks("room.assign", room_id=room_id, agent_id=None)
    assert await agent.is_refused("room.assign", room_id=room_id, agent_id=None) == "forbidden"
    assert await boss.is_refused("room.assign", room_id=room_id, agent_id=None) == "illegal_transition"
    await agent.asks("room.assign", room_id=room_id, agent_id=str(agent.id))
    for nobody in (uuid4(), guest.id):
        assert await boss.is_refused("room.assign", room_id=room_id, agent_id=str(nobody)) == "not_found"


@on_both_ways
async def test_a_take_over_silences_the_former_owner_and_is_audited(desk: Desk) -> None:
    room_id, _ = await waiting(desk)
    agent, boss = await desk.agent("t1"), await desk.agent("supervisor")
    await agent.asks("room.claim", room_id=room_id)
    assert await agent.is_refused("room.takeover", room_id=room_id) == "forbidden"
    await boss.asks("room.takeover", room_id=room_id)
    assert (await boss.joins(room_id))["room"]["owner"]["id"] == str(boss.id)
    assert await agent.is_refused("room.claim", room_id=room_id) == "already_claimed"
    assert await agent.is_refused("room.assign", room_id=room_id, agent_id=str(uuid4())) == "forbidden"
    taken = await desk.owner.fetchval(
        "SELECT data ->> 'taken_from' FROM audit_log WHERE action = 'room.taken_over' AND subject_id = $1",
        UUID(room_id),
    )
    assert taken == str(agent.id)


async def test_a_room_is_handed_back_to_its_queue(desk: Desk) -> None:
    room_id, _ = await waiting(desk)
    agent, other = await desk.agent("t1"), await desk.agent("t1b")
    await agent.asks("room.claim", room_id=room_id)
    assert await other.is_refused("room.handback", room_id=room_id, to="queue") == "forbidden"
    await agent.asks("room.handback", room_id=room_id, to="queue")
    room = (await agent.joins(room_id))["room"]
    assert (room["status"], room["owner"]["kind"]) == ("waiting", "queue")
    await other.asks("room.claim", room_id=room_id)


async def test_nobody_puts_a_closed_room_back_to_work_by_the_side_door(desk: Desk) -> None:
    room_id, _ = await waiting(desk)
    agent, boss = await desk.agent("t1"), await desk.agent("supervisor")
    await agent.asks("room.claim", room_id=room_id)
    await agent.asks("room.close", room_id=room_id)
    for event, more in (
        ("room.claim", {}),
        ("room.takeover", {}),
        ("room.assign", {"agent_id": str(agent.id)}),
        ("room.assign", {"agent_id": None}),
        ("room.handback", {"to": "queue"}),
        ("room.handback", {"to": "robot"}),
    ):
        assert await boss.is_refused(event, room_id=room_id, **more) == "room_closed"
    closed = (await boss.joins(room_id))["room"]
    assert closed["status"] == "closed"
    refused = await boss.refusal("room.close", room_id=room_id)
    assert (refused["code"], refused["details"]) == ("illegal_transition", {"status": "closed", "wanted": "closed"})
    await boss.asks("room.reopen", room_id=room_id)
    again = (await boss.joins(room_id))["room"]
    assert (again["status"], again["owner"]["id"]) == ("active", str(agent.id))
    refused = await boss.refusal("room.reopen", room_id=room_id)
    assert (refused["code"], refused["details"]) == ("illegal_transition", {"status": "active", "wanted": "active"})


@on_both_ways
async def test_an_observer_is_seen_by_staff_alone_and_audited(desk: Desk) -> None:
    room_id, guest = await waiting(desk)
    agent, boss = await desk.agent("t1"), await desk.agent("supervisor")
    await agent.asks("room.claim", room_id=room_id)
    await agent.joins(room_id)
    assert await agent.is_refused("room.observe", room_id=room_id) == "forbidden"
    await boss.asks("room.observe", room_id=room_id)
    await boss.joins(room_id)
    seen = await agent.hears("room.event", lambda e: e["data"].get("user_id") == str(boss.id))
    assert seen["data"]["participant"]["role"] == "observer"
    names = {p["user_id"] for p in (await guest.joins(room_id))["participants"]}
    assert names == {str(guest.id), str(agent.id)}
    assert str(boss.id) in {p["user_id"] for p in (await agent.joins(room_id))["participants"]}
    noted = await desk.owner.fetchval(
        "SELECT count(*) FROM audit_log WHERE action = 'room.observed' AND subject_id = $1", UUID(room_id)
    )
    assert noted == 1
    await guest.says("do you hear me")
    await boss.sees("do you hear me")


@on_both_ways
@pytest.mark.parametrize("act", ["speaks", "takes over", "is assigned"])
async def test_an_observer_who_comes_forward_is_seen(desk: Desk, act: str) -> None:
    room_id, guest = await waiting(desk)
    boss = await desk.agent("supervisor")
    await boss.asks("room.observe", room_id=room_id)
    await boss.joins(room_id)
    guest.forgets()
    if act == "speaks":
        await boss.says("good day")
    elif act == "takes over":
        await boss.asks("room.takeover", room_id=room_id)
    else:
        await boss.asks("room.assign", room_id=room_id, agent_id=str(boss.id))
    joined = await guest.sees_kind("participant.joined")
    assert joined["data"]["participant"]["user_id"] == str(boss.id)
    assert joined["data"]["participant"]["role"] == "member"
    assert str(boss.id) in {p["user_id"] for p in (await guest.joins(room_id))["participants"]}
    await boss.tells("typing", room_id=room_id, on=True)
    await guest.hears("typing")


@on_both_ways
async def test_a_guest_asks_for_a_person_and_learns_their_place(desk: Desk) -> None:
    await waiting(desk)
    room_id, guest = await waiting(desk)
    place = await guest.asks("room.request_person", room_id=room_id)
    assert (place["queue_position"], place["expected_wait_s"]) == (2, None), "nobody is on duty"
    agent = await desk.agent("t1")
    await agent.asks("room.claim", room_id=room_id)
    assert (await guest.asks("room.request_person", room_id=room_id))["queue_position"] == 0
    await agent.asks("room.close", room_id=room_id)
    assert await guest.is_refused("room.request_person", room_id=room_id) == "room_closed"


async def test_a_guests_message_to_a_closed_room_is_refused_until_it_is_reopened(desk: Desk) -> None:
    room_id, guest = await waiting(desk)
    agent = await desk.agent("t1")
    await agent.asks("room.claim", room_id=room_id)
    await agent.asks("room.close", room_id=room_id, outcome="resolved")
    body = {"room_id": room_id, "client_msg_id": "k", "content": "wait"}
    assert await guest.is_refused("message.send", **body) == "room_closed"
    status, answer = await guest.fetches(
        "POST", f"/api/v1/rooms/{room_id}/messages", {"client_msg_id": "k", "content": "wait"}
    )
    assert (status, answer["error"]["code"]) == (409, "room_closed")
    assert await agent.is_refused("message.send", **body) == "room_closed"
    await agent.says("a note after the end", room_id=room_id, note=True)
    await agent.asks("room.reopen", room_id=room_id)
    assert (await guest.says("wait", key="k"))["duplicate"] is False
