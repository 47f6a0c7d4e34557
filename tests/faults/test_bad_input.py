"""Security, part A: whatever is sent, the answer is a clear code, and nobody else is harmed by it."""

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import structlog
from pydantic import BaseModel

from supportdesk.core.sockets import DESK, GUEST, Namespace
from supportdesk.edges import SOCKETS
from tests.factories import make_workspace
from tests.people import PATIENCE_S, Agent, Desk, Guest, Json, Person, later
from tests.transports import on_both_ways

EVENTS = {
    namespace: {r.event: r.payload for table in SOCKETS for r in table.table if namespace in r.namespaces}
    for namespace in Namespace
}
LOUD = {"guest.block", "guest.unblock"}
"""What would cut the very people who are looking."""
DEEP: Any = "bottom"
for _ in range(60):
    DEEP = {"a": [DEEP]}
NASTY: list[Any] = [
    None,
    True,
    -1,
    2**31,
    2**63 - 1,
    2**70,
    1.5,
    1e308,
    "",
    " ",
    "x" * 10_000,
    "a\x00b",
    "__proto__",
    "' OR 1=1 --",
    "{{7*7}}",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    [],
    ["a\x00b"],
    {},
    {"__proto__": {"x": 1}},
    {"attributes": {"a\x00b": "c"}},
    {"attributes": {"k" * 10_000: "c"}},
    DEEP,
]
CLEAR = {
    "bad_request",
    "invalid",
    "not_found",
    "forbidden",
    "illegal_transition",
    "idempotency_conflict",
    "version_conflict",
    "already_claimed",
    "room_closed",
    "reason_required",
    "no_such_step",
    "bad_reply",
    "bad_thread",
    "bad_whisper",
    "muted",
    "room_full",
    "server_busy",
    "wrong_role",
}


def good(name: str, room_id: str, message_id: str, somebody: str) -> Any:
    """An acceptable value for a field of any event."""
    return {
        "room_id": room_id,
        "message_id": message_id,
        "reply_to": message_id,
        "thread_id": message_id,
        "user_id": somebody,
        "agent_id": somebody,
        "whisper_to": somebody,
        "guest_id": somebody,
        "client_msg_id": str(uuid4()),
        "client_room_id": str(uuid4()),
        "content": "hello",
        "message_type": "chat",
        "emoji": "👍",
        "after_seq": 0,
        "read_seq": 0,
        "delivered_seq": 0,
        "version": 1,
        "until": later(),
        "to_level": "T2",
        "reason": "because",
        "score": 5,
        "status": "away",
        "on": True,
        "room_type": "group",
        "to": "queue",
    }.get(name)


def payload(model: type[BaseModel], ids: tuple[str, str, str]) -> Json:
    """The least that the event takes."""
    return {name: good(name, *ids) for name, field in model.model_fields.items() if field.is_required()}


async def ack_of(who: Person, event: str, data: Any) -> Json:
    ack: Json = await who.socket.call(event, data, namespace=who.namespace, timeout=PATIENCE_S)
    return ack


async def room_of(desk: Desk) -> tuple[Guest, Agent, tuple[str, str, str]]:
    guest, agent = await desk.guest(), await desk.agent("admin")
    room_id = await guest.opens()
    await agent.asks("room.claim", room_id=room_id)
    message = await guest.says("hello")
    return guest, agent, (room_id, message["id"], str(desk.workspace.staff["t2"]))


def variations(model: type[BaseModel], ids: tuple[str, str, str]) -> Iterator[tuple[str, Any, Json]]:
    least = payload(model, ids)
    for name in model.model_fields:
        for value in NASTY:
            yield name, value, {**least, name: value}


@pytest.mark.parametrize("namespace", [GUEST, DESK])
async def test_every_field_of_every_event_takes_anything_and_breaks_nothing(desk: Desk, namespace: Namespace) -> None:
    guest, agent, ids = await room_of(desk)
    who: Person = guest if namespace is GUEST else agent
    bystander, other = await desk.guest(), await desk.guest()
    await bystander.opens()
    wrong: list[tuple[str, str, str, Any]] = []
    with structlog.testing.capture_logs() as lines:
        for event, model in EVENTS[namespace].items():
            tried = list(variations(model, (*ids[:2], str(other.id)) if event in LOUD else ids))
            for start in range(0, len(tried), 40):
                acks = await asyncio.gather(*(ack_of(who, event, data) for *_, data in tried[start : start + 40]))
                wrong += [
                    (event, name, repr(value)[:40], ack["error"])
                    for (name, value, _), ack in zip(tried[start:], acks, strict=False)
                    if not ack["ok"] and ack["error"]["code"] not in CLEAR
                ]
    assert wrong == []
    assert not [line for line in lines if line["log_level"] in ("error", "critical")]
    logged = {(line["event_name"], line["outcome"]) for line in lines if line["event"] == "socket.event"}
    assert {event for event, outcome in logged if outcome == "invalid"} == EVENTS[namespace].keys()
    assert not who.closed.is_set()
    assert (await bystander.says("undisturbed"))["seq"] == 2


@pytest.mark.parametrize("namespace", [GUEST, DESK])
async def test_payloads_that_are_no_object_and_fields_that_nobody_knows_are_refused(
    desk: Desk, namespace: Namespace
) -> None:
    guest, agent, ids = await room_of(desk)
    who: Person = guest if namespace is GUEST else agent
    for event, model in EVENTS[namespace].items():
        least = payload(model, ids)
        for shape in (None, [], [least], "text", 5, True, (least, least)):
            ack = await ack_of(who, event, shape)
            assert ack["error"]["code"] == "bad_request", (event, shape)
        for extra in ("workspace_id", "sender_id", "is_note", "note_", "permissions", "__class__", "seq"):
            ack = await ack_of(who, event, {**least, extra: "x"})
            assert ack["error"]["code"] == "invalid", (event, extra)
        for missing in least:
            ack = await ack_of(who, event, {k: v for k, v in least.items() if k != missing})
            assert ack["error"]["code"] == "invalid", (event, missing)
    assert not who.closed.is_set()


async def test_guests_have_no_field_for_what_is_staffs(desk: Desk) -> None:
    guest, agent, (room_id, *_) = await room_of(desk)
    body = {"client_msg_id": "k", "content": "psst"}
    for extra in ({"note": True}, {"note": False}, {"whisper_to": str(agent.id)}):
        assert await guest.is_refused("message.send", room_id=room_id, **body, **extra) == "invalid"
    for extra in ({"note": True}, {"whisper_to": str(agent.id)}):
        status, answer = await guest.fetches("POST", f"/api/v1/rooms/{room_id}/messages", {**body, **extra})
        assert (status, answer["error"]["code"]) == (403, "forbidden")
    for kind in ("system", "robot", "graph", "file", "image"):
        for who in (guest, agent):
            refused = await who.is_refused("message.send", room_id=room_id, **body, message_type=kind)
            assert refused == "forbidden"


@on_both_ways
async def test_staffs_events_do_not_exist_for_guests_nor_guests_for_staff(desk: Desk) -> None:
    guest, agent, ids = await room_of(desk)
    for who, mine, theirs in ((guest, GUEST, DESK), (agent, DESK, GUEST)):
        for event in EVENTS[theirs].keys() - EVENTS[mine].keys():
            ack = await ack_of(who, event, payload(EVENTS[theirs][event], ids))
            assert ack["error"]["code"] == "unknown_event", event


@on_both_ways
@pytest.mark.parametrize(
    "name", ["base", "connect", "disconnect", "__init__", "*", "room.", "message.send ", "x" * 10_240]
)
async def test_events_that_nobody_knows_are_refused(desk: Desk, name: str) -> None:
    guest, _, (room_id, *_) = await room_of(desk)
    ack = await ack_of(guest, name, {"room_id": room_id})
    assert ack["error"]["code"] in ("unknown_event", "bad_request")
    await guest.says("still here")


async def strangers(desk: Desk) -> list[tuple[str, str, str]]:
    """Ids that a guest must not be able to tell from one another: foreign, of another workspace, and made up."""
    other_guest, _, mine = await room_of(desk)
    elsewhere = await make_workspace(desk.owner)
    away = await desk.guest(elsewhere.plain_site_key)
    room_id = await away.opens()
    message = await away.says("far away")
    return [
        (mine[0], mine[1], str(other_guest.id)),
        (room_id, message["id"], str(away.id)),
        (room_id, message["id"], str(elsewhere.staff["t1"])),
        (str(uuid4()), str(uuid4()), str(uuid4())),
    ]


def told_apart(answers: list[tuple[str, str, Json]]) -> list[Any]:
    """Events and fields for which not all of these ids got the same answer."""
    by_field: dict[tuple[str, str], list[Json]] = {}
    for event, name, ack in answers:
        by_field.setdefault((event, name), []).append({k: v for k, v in ack.items() if k != "seq"})
    return [(key, acks) for key, acks in by_field.items() if any(ack != acks[0] for ack in acks)]


IDS = ("room_id", "message_id", "reply_to", "thread_id", "user_id", "agent_id", "whisper_to", "guest_id")


async def test_a_guest_cannot_tell_a_strangers_thing_from_a_missing_one(desk: Desk) -> None:
    guest, _, own = await room_of(desk)
    answers: list[tuple[str, str, Json]] = []
    for ids in await strangers(desk):
        for event, model in EVENTS[GUEST].items():
            for name in model.model_fields.keys() & set(IDS):
                data = {**payload(model, own), name: good(name, *ids)}
                answers.append((event, name, await ack_of(guest, event, data)))
    assert told_apart(answers) == []
    allowed = [(event, name) for event, name, ack in answers if ack["ok"]]
    assert set(allowed) == {("room.leave", "room_id"), ("typing", "room_id")}


async def test_staff_cannot_tell_another_workspaces_thing_from_a_missing_one(desk: Desk) -> None:
    _, agent, own = await room_of(desk)
    answers: list[tuple[str, str, Json]] = []
    for ids in (await strangers(desk))[1:]:
        for event, model in EVENTS[DESK].items():
            for name in model.model_fields.keys() & set(IDS):
                data = {**payload(model, own), name: good(name, *ids)}
                if event == "participant.update":
                    data["status"] = "muted"
                answers.append((event, name, await ack_of(agent, event, data)))
    assert told_apart(answers) == []
    allowed = {(event, name) for event, name, ack in answers if ack["ok"]}
    assert allowed == {("room.leave", "room_id"), ("typing", "room_id")}


async def test_people_of_nowhere_take_part_in_nothing(desk: Desk) -> None:
    guest, agent, (room_id, *_) = await room_of(desk)
    stranger = await desk.guest()
    for nobody in [str(uuid4()), *[ids[2] for ids in (await strangers(desk))[1:3]]]:
        assert await agent.is_refused("participant.add", room_id=room_id, user_id=nobody) == "not_found"
        made = {"client_room_id": str(uuid4()), "room_type": "group", "participant_ids": [nobody]}
        assert await agent.is_refused("room.create", **made) == "not_found"
    assert await agent.is_refused("participant.add", room_id=room_id, user_id=str(stranger.id)) == "wrong_role"
    for who, role in ((agent, "guest"), (agent, "ai"), (guest, "member"), (guest, "observer"), (guest, "moderator")):
        change = {"room_id": room_id, "user_id": str(who.id), "role": role}
        assert await agent.is_refused("participant.update", **change) == "wrong_role"


async def test_a_content_of_16000_characters_is_the_longest(desk: Desk) -> None:
    guest, _, (room_id, *_) = await room_of(desk)
    assert (await guest.says("x" * 16_000))["seq"]
    longest = {"client_msg_id": "l", "content": "ß" * 16_000}
    assert (await guest.fetches("POST", f"/api/v1/rooms/{room_id}/messages", longest))[0] == 201
    too_long = {"client_msg_id": "k", "content": "x" * 16_001}
    assert await guest.is_refused("message.send", room_id=room_id, **too_long) == "invalid"
    status, answer = await guest.fetches("POST", f"/api/v1/rooms/{room_id}/messages", too_long)
    assert (status, answer["error"]["code"]) == (422, "invalid")


@on_both_ways
async def test_a_frame_beyond_64_kib_ends_its_connection_only(desk: Desk) -> None:
    guest, _, (room_id, *_) = await room_of(desk)
    other = await guest.again()
    await guest.tells("message.send", room_id=room_id, client_msg_id="k", content="x" * 70_000)
    await guest.is_cut()
    assert (await other.says("still here"))["duplicate"] is False


@pytest.mark.parametrize(
    "raw", ['{"content": NaN}', '"\\ud83d"', "{", '{"a": 1e999}', "[" * 10_000, '{"a": 1, "a": 2}', "\x00"]
)
async def test_json_of_any_kind_over_http_is_answered(desk: Desk, raw: str) -> None:
    guest, _, (room_id, *_) = await room_of(desk)
    headers = {"Authorization": f"Bearer {guest.token}", "Content-Type": "application/json"}
    async with desk.http.post(
        f"{desk.url}/api/v1/rooms/{room_id}/messages", data=raw.encode(), headers=headers
    ) as response:
        assert response.status in (400, 422)
        assert (await response.json())["error"]["code"] in ("bad_request", "invalid")


@on_both_ways
async def test_a_guest_who_floods_is_slowed_down_and_told_for_how_long(desk: Desk) -> None:
    guest = await desk.guest()
    await guest.opens()
    socket = desk.sockets_of(guest)[0]
    socket.bucket.rate, socket.bucket.burst, socket.bucket.left = 0.001, 3, 3
    for n in range(3):
        await guest.says(f"{n}")
    for event in ("message.send", "room.sync", "typing", "nonsense"):
        error = (await ack_of(guest, event, {}))["error"]
        assert error["code"] == "rate_limited"
        assert error["details"]["retry_after"] > 0
    other = await guest.again()
    await other.says("on another socket")
    socket.bucket.left = 1
    await guest.says("after a while")


async def test_how_fast_guests_may_be_is_a_setting_and_staff_are_not_held_to_it(desk: Desk) -> None:
    await desk.stop()
    desk.settings = desk.settings.model_copy(update={"guest_rate": 7.0, "guest_burst": 11})
    await desk.start()
    guest, agent = await desk.guest(), await desk.agent("t1")
    assert (desk.sockets_of(guest)[0].bucket.rate, desk.sockets_of(guest)[0].bucket.burst) == (7.0, 11)
    assert desk.sockets_of(agent)[0].bucket.rate == 0


@on_both_ways
@pytest.mark.parametrize("content", ["half \ud83d", [[]]], ids=["half a character", "deep"])
async def test_what_no_json_can_carry_is_refused_and_its_sender_stays(desk: Desk, content: Any) -> None:
    guest, _, (room_id, *_) = await room_of(desk)
    if isinstance(content, list):
        for _ in range(300):
            content = [content]
    assert await guest.is_refused("message.send", room_id=room_id, client_msg_id="k", content=content) == "bad_request"
    await guest.says("still here")
