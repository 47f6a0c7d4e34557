"""T1 to the manager: one step at a time, with a reason, by those who may, written down once."""

import asyncio
from functools import partial
from uuid import UUID

import pytest

from tests.people import Agent, Desk, Guest, Json, Refused


async def claimed(desk: Desk, who: str = "t1") -> tuple[str, Guest, Agent]:
    guest, agent = await desk.guest(), await desk.agent(who)
    room_id = await guest.opens()
    await agent.joins(room_id)
    await agent.asks("room.claim", room_id=room_id)
    return room_id, guest, agent


async def escalation_of(desk: Desk, escalation_id: str) -> Json:
    row = await desk.owner.fetchrow("SELECT * FROM escalations WHERE id = $1", UUID(escalation_id))
    assert row is not None
    return dict(row)


async def steps_of(desk: Desk, room_id: str) -> list[tuple[str, str, str]]:
    """Every audited step of a room, oldest first."""
    rows = await desk.owner.fetch(
        "SELECT data ->> 'from_level' AS f, data ->> 'to_level' AS t, data ->> 'escalation_id' AS e FROM audit_log "
        "WHERE action = 'room.escalated' AND subject_id = $1 ORDER BY id",
        UUID(room_id),
    )
    return [(row["f"], row["t"], row["e"]) for row in rows]


def _leads_to(level: str, event: Json) -> bool:
    return bool(event["data"].get("to_level") == level)


async def test_a_room_climbs_to_the_manager_by_agents_of_each_level(desk: Desk) -> None:
    room_id, guest, agent = await claimed(desk)
    made = []
    for present, wanted, who in (("T1", "T2", "t2"), ("T2", "T3", "t3"), ("T3", "manager", "manager")):
        ack = await agent.asks("room.escalate", room_id=room_id, to_level=wanted, reason=f"beyond {present}")
        assert ack["status"] == "created"
        made.append((present, wanted, ack["escalation_id"]))
        event = await guest.hears("room.event", partial(_leads_to, wanted))
        assert event["data"] == {"to_level": wanted}
        agent = await desk.agent(who)
        joined = await agent.joins(room_id)
        assert (joined["room"]["level"], joined["room"]["status"]) == (wanted, "waiting")
        assert joined["room"]["owner"] == {"kind": "queue"} | {
            k: v for k, v in joined["room"]["owner"].items() if k != "kind"
        }
        created = [e for e in joined["events"] if e["kind"] == "escalation.created"][-1]["data"]
        assert (created["from_level"], created["reason"]) == (present, f"beyond {present}")
        await agent.asks("room.claim", room_id=room_id)
    assert await steps_of(desk, room_id) == made
    for _, _, escalation_id in made[:-1]:
        assert (await escalation_of(desk, escalation_id))["status"] == "resolved"
    await agent.asks("room.close", room_id=room_id)
    assert (await escalation_of(desk, made[-1][2]))["status"] == "resolved"


@pytest.mark.parametrize(
    ("who", "wanted", "code"),
    [
        ("t1", "T3", "no_such_step"),
        ("t1", "manager", "no_such_step"),
        ("t1", "T1", "illegal_transition"),
        ("t1", "T9", "invalid"),
        ("admin", "manager", "no_such_step"),
    ],
)
async def test_no_level_is_skipped_whoever_asks(desk: Desk, who: str, wanted: str, code: str) -> None:
    room_id, _, _ = await claimed(desk)
    agent = await desk.agent(who) if who != "t1" else await desk.agent("t1b")
    assert await agent.is_refused("room.escalate", room_id=room_id, to_level=wanted, reason="now") == code
    status, answer = await agent.fetches(
        "POST", f"/api/v1/rooms/{room_id}/escalations", {"to_level": wanted, "reason": "now"}
    )
    assert (status, answer["error"]["code"]) == (422 if code == "invalid" else 409, code)
    assert await steps_of(desk, room_id) == []


async def test_a_level_falls_by_a_named_right_only(desk: Desk) -> None:
    room_id, _, agent = await claimed(desk)
    await agent.asks("room.escalate", room_id=room_id, to_level="T2", reason="up")
    second, boss = await desk.agent("t2"), await desk.agent("supervisor")
    assert await second.is_refused("room.escalate", room_id=room_id, to_level="T1", reason="down") == "forbidden"
    await boss.asks("room.escalate", room_id=room_id, to_level="T1", reason="down")
    assert [step[:2] for step in await steps_of(desk, room_id)] == [("T1", "T2"), ("T2", "T1")]


async def escalates(agent: Agent, room_id: str, by: str, more: Json) -> str:
    """Ask for T2 over the socket or over HTTP; the code of the refusal, or the step's id."""
    want = {"to_level": "T2", **more}
    if by == "socket":
        try:
            return str((await agent.asks("room.escalate", room_id=room_id, **want))["escalation_id"])
        except Refused as refusal:
            return str(refusal.code)
    status, answer = await agent.fetches("POST", f"/api/v1/rooms/{room_id}/escalations", want)
    return str(answer["escalation_id"] if status == 201 else answer["error"]["code"])


BLANK: tuple[Json, ...] = ({}, {"reason": ""}, {"reason": "   "}, {"reason": "\n\t\u2003"})


@pytest.mark.parametrize("by", ["socket", "http"])
async def test_a_step_needs_a_reason(desk: Desk, by: str) -> None:
    room_id, _, agent = await claimed(desk)
    for more in BLANK:
        assert await escalates(agent, room_id, by, more) == "reason_required"
    for reason in (None, 7, "x" * 4001):
        assert await escalates(agent, room_id, by, {"reason": reason}) == "invalid"
    assert await steps_of(desk, room_id) == []


@pytest.mark.parametrize("by", ["socket", "http"])
@pytest.mark.parametrize("more", [*BLANK, {"reason": " up "}, {"reason": "x" * 4000}])
async def test_a_step_that_needs_no_reason_may_have_one_or_none(desk: Desk, by: str, more: Json) -> None:
    await desk.owner.execute(
        "UPDATE escalation_edges SET reason_required = false WHERE workspace_id = $1", desk.workspace.id
    )
    room_id, guest, agent = await claimed(desk)
    step = await escalates(agent, room_id, by, more)
    given = more.get("reason", "") if more.get("reason", "").strip() else None
    assert (await escalation_of(desk, step))["reason"] == given
    live = await agent.hears("room.event", lambda event: event["kind"] == "escalation.created")
    (read,) = [event for event in await agent.reads(room_id) if event["kind"] == "escalation.created"]
    assert live["data"]["reason"] == read["data"]["reason"] == given
    assert (await guest.hears("room.event", partial(_leads_to, "T2")))["data"] == {"to_level": "T2"}
    for reason in (None, 7, "x" * 4001):
        assert await escalates(agent, room_id, by, {"reason": reason}) == "invalid"


async def test_a_closed_room_takes_no_step(desk: Desk) -> None:
    room_id, _, agent = await claimed(desk)
    await agent.asks("room.close", room_id=room_id)
    assert await agent.is_refused("room.escalate", room_id=room_id, to_level="T2", reason="up") == "room_closed"
    status, answer = await agent.fetches(
        "POST", f"/api/v1/rooms/{room_id}/escalations", {"to_level": "T2", "reason": "up"}
    )
    assert (status, answer["error"]["code"]) == (409, "room_closed")


async def test_a_guest_escalates_nothing(desk: Desk) -> None:
    room_id, guest, _ = await claimed(desk)
    body = {"to_level": "T2", "reason": "I want the boss"}
    assert await guest.is_refused("room.escalate", room_id=room_id, **body) == "unknown_event"
    status, _ = await guest.fetches("POST", f"/api/v1/rooms/{room_id}/escalations", body)
    assert status == 403
    stranger = await desk.guest()
    status, _ = await stranger.fetches("POST", f"/api/v1/rooms/{room_id}/escalations", body)
    assert status == 404


async def test_priority_is_the_wanted_one_or_the_more_urgent_of_room_and_step(desk: Desk) -> None:
    room_id, _, agent = await claimed(desk)
    await agent.asks("room.escalate", room_id=room_id, to_level="T2", reason="up", priority=1)
    room = (await agent.joins(room_id))["room"]
    assert room["priority"] == 1
    second = await desk.agent("t2")
    await second.asks("room.escalate", room_id=room_id, to_level="T3", reason="up")
    assert (await agent.joins(room_id))["room"]["priority"] == 1
    assert await second.is_refused("room.escalate", room_id=room_id, to_level="manager", reason="r", priority=6) == (
        "invalid"
    )


async def statuses(who: Agent, room_id: str) -> list[tuple[str, str | None]]:
    """What the log says of the steps of a room: status and who has it."""
    return [
        (event["data"]["status"], event["data"].get("assigned_to"))
        for event in await who.reads(room_id)
        if event["kind"].startswith("escalation.")
    ]


async def test_a_step_goes_from_created_to_resolved_and_the_log_says_each(desk: Desk) -> None:
    room_id, _, agent = await claimed(desk)
    await agent.asks("room.escalate", room_id=room_id, to_level="T2", reason="up")
    second = await desk.agent("t2")
    me = str(second.id)
    await second.asks("room.claim", room_id=room_id)
    await second.says("looking", room_id=room_id)
    await second.says("still looking", room_id=room_id)
    await second.asks("room.close", room_id=room_id)
    expected = [("created", None), ("assigned", me), ("in_progress", me), ("resolved", me)]
    assert await statuses(second, room_id) == expected


async def test_a_note_and_another_agents_words_begin_no_step(desk: Desk) -> None:
    room_id, _, agent = await claimed(desk)
    await agent.asks("room.escalate", room_id=room_id, to_level="T2", reason="up")
    second = await desk.agent("t2")
    await second.asks("room.claim", room_id=room_id)
    await second.says("hm", room_id=room_id, note=True)
    await agent.says("my colleague looks", room_id=room_id)
    assert await statuses(second, room_id) == [("created", None), ("assigned", str(second.id))]


async def test_a_step_follows_the_room_from_hand_to_hand(desk: Desk) -> None:
    room_id, _, agent = await claimed(desk)
    await agent.asks("room.escalate", room_id=room_id, to_level="T2", reason="up")
    second, boss = await desk.agent("t2"), await desk.agent("supervisor")
    await second.asks("room.claim", room_id=room_id)
    await second.asks("room.assign", room_id=room_id, agent_id=None)
    await second.asks("room.claim", room_id=room_id)
    await boss.asks("room.takeover", room_id=room_id)
    await boss.says("mine now", room_id=room_id)
    await boss.asks("room.assign", room_id=room_id, agent_id=str(second.id))
    two, one = str(second.id), str(boss.id)
    assert await statuses(boss, room_id) == [
        ("created", None),
        ("assigned", two),
        ("created", None),
        ("assigned", two),
        ("assigned", one),
        ("in_progress", one),
        ("in_progress", two),
    ]


async def test_two_who_escalate_at_once_take_one_step(desk: Desk) -> None:
    room_id, _, agent = await claimed(desk)
    others = [agent, *[await agent.again() for _ in range(4)]]
    body = {"room_id": room_id, "to_level": "T2", "reason": "up"}
    acks = await asyncio.gather(*(one.asks("room.escalate", **body) for one in others), return_exceptions=True)
    assert sum(not isinstance(ack, BaseException) for ack in acks) == 1
    assert {getattr(ack, "code", None) for ack in acks} == {None, "illegal_transition"}
    assert len(await steps_of(desk, room_id)) == 1


async def test_a_step_that_fails_leaves_nothing(desk: Desk) -> None:
    room_id, _, agent = await claimed(desk)
    before = await agent.reads()
    await desk.owner.execute("ALTER TABLE escalations ADD CONSTRAINT ck_test CHECK (reason <> 'impossible') NOT VALID")
    try:
        code = await agent.is_refused("room.escalate", room_id=room_id, to_level="T2", reason="impossible")
    finally:
        await desk.owner.execute("ALTER TABLE escalations DROP CONSTRAINT ck_test")
    assert code == "internal"
    assert await agent.reads() == before
    assert await steps_of(desk, room_id) == []
    assert (await agent.joins(room_id))["room"]["level"] == "T1"
