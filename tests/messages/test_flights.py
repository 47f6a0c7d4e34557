"""Group commit: many messages in one flight, each with a fate of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import asyncpg
import pytest

from supportdesk.actor import Actor, ActorKind, Permission, UserId, WorkspaceId
from supportdesk.core.db import Database
from supportdesk.errors import Invalid, ServerBusy
from supportdesk.messages import flights as flights_module
from supportdesk.messages.flights import Flights
from supportdesk.messages.model import Outcome, Posting, Verdict
from supportdesk.rooms import access
from supportdesk.rooms import log as room_log
from supportdesk.rooms.model import EventKind, RoomId
from tests.factories import make_workspace
from tests.people import Connection, Desk, Guest, Json, Person
from tests.streams import numbers, said


def actor_of(desk: Desk, guest: Guest) -> Actor:
    return Actor(
        kind=ActorKind.GUEST,
        id=UserId(guest.id or uuid4()),
        workspace_id=WorkspaceId(desk.workspace.id),
        grants=frozenset({str(Permission.MESSAGE_SEND)}),
    )


@asynccontextmanager
async def held(desk: Desk, room_id: str) -> AsyncIterator[None]:
    """Somebody else has the room's row in hand."""
    other = await asyncpg.connect(desk.dsn)
    async with other.transaction():
        await other.execute("SELECT 1 FROM room_heads WHERE room_id = $1 FOR UPDATE", UUID(room_id))
        yield
    await other.close()


async def sets_something_off(desk: Desk, room_id: str) -> None:
    """Set the room aside: the next message of its guest brings it back, in one transaction with it."""
    await desk.owner.execute(
        "UPDATE chat_rooms SET status = 'snoozed', snoozed_until = now() + interval '1 day' WHERE id = $1",
        UUID(room_id),
    )


async def test_what_sets_something_off_and_what_does_not_stay_in_order(desk: Desk) -> None:
    guest = await desk.guest()
    room_id = await guest.opens()
    calm = await desk.guest()
    await calm.opens()
    for n in range(3):
        await sets_something_off(desk, room_id)
        await asyncio.gather(
            guest.says(f"{n} a"), guest.says(f"{n} b"), guest.says(f"{n} c"), calm.says(f"{n} undisturbed")
        )
    assert said(await guest.reads()) == [f"{n} {letter}" for n in range(3) for letter in "abc"]
    events = await guest.reads()
    assert numbers(events) == list(range(1, len(events) + 1))
    assert await desk.owner.fetchval("SELECT status FROM chat_rooms WHERE id = $1", UUID(room_id)) != "snoozed"
    assert said(await calm.reads()) == [f"{n} undisturbed" for n in range(3)]
    # Nothing is remembered of a room that sets nothing off any more.
    await guest.says("over")
    assert not desk.resources.get(Flights)._attended


async def test_a_bad_row_does_not_spoil_its_neighbours(desk: Desk) -> None:
    guests = [await desk.guest() for _ in range(3)]
    rooms = [await guest.opens() for guest in guests]
    flights = desk.resources.get(Flights)
    postings = [
        Posting(
            actor=actor_of(desk, guest),
            room_id=RoomId(UUID(room)),
            client_msg_id=f"{n}",
            content="a NUL \x00 that no edge let in" if (n, guest) == (1, guests[1]) else f"message {n}",
        )
        for n in range(3)
        for guest, room in zip(guests, rooms, strict=True)
    ]
    fates = await asyncio.gather(*(flights.post(posting) for posting in postings), return_exceptions=True)
    assert [type(fate) for fate in fates].count(Invalid) == 1
    assert sum(isinstance(fate, Verdict) and fate.outcome is Outcome.POSTED for fate in fates) == 8
    for guest in guests:
        events = await guest.reads()
        assert numbers(events) == list(range(1, len(events) + 1))
        expected = ["message 0", "message 1", "message 2"]
        assert said(events) == (expected if guest is not guests[1] else ["message 0", "message 2"])


async def test_a_held_room_waits_while_the_others_fly(desk: Desk) -> None:
    stuck, free = await desk.guest(), await desk.guest()
    room_id = await stuck.opens()
    await free.opens()
    async with held(desk, room_id):
        late = [desk.meanwhile(stuck.says(f"late {n}")) for n in range(3)]
        await desk.somebody_waits_for_a_lock()
        for n in range(5):
            await free.says(f"quick {n}")
        assert not any(one.done() for one in late)
    acks = await asyncio.gather(*late)
    assert [ack["seq"] for ack in acks] == [2, 3, 4]
    assert said(await stuck.reads()) == ["late 0", "late 1", "late 2"]


async def test_who_changes_a_room_and_who_writes_in_it_never_wait_for_each_other_in_a_circle(desk: Desk) -> None:
    guest = await desk.guest()
    room_id = await guest.opens()
    system = Actor.system(WorkspaceId(desk.workspace.id))
    async with desk.resources.get(Database).transaction(system) as tx:
        room = await access.room_to_change(tx, system, UUID(room_id))
        sent = desk.meanwhile(guest.says("hello"))
        await desk.somebody_waits_for_a_lock()
        await room_log.write_event(tx, system, room, EventKind.ROOM_ASSIGNED, {})
    assert (await sent)["seq"] == 2


async def test_500_messages_of_20_senders_in_10_rooms_are_dense_and_truly_acknowledged(desk: Desk) -> None:
    guests = [await desk.guest() for _ in range(10)]
    senders: list[tuple[Person, str]] = []
    agent = await desk.signed_in("t1")
    for guest in guests:
        room_id = await guest.opens()
        second = await agent.again()
        await second.asks("room.claim", room_id=room_id)
        senders += [(guest, room_id), (second, room_id)]

    async def sends(index: int, who: Person, room_id: str) -> list[Json]:
        return await asyncio.gather(*(who.says(f"{index}/{n}", room_id=room_id, key=f"{index}/{n}") for n in range(25)))

    acks = await asyncio.gather(*(sends(index, *sender) for index, sender in enumerate(senders)))
    assert len({ack["id"] for mine in acks for ack in mine}) == 500
    for index, (sender, _) in list(enumerate(senders))[::2]:
        events = await sender.reads()
        assert numbers(events) == list(range(1, len(events) + 1))
        stored = {e["data"]["message"]["id"]: e for e in events if e["kind"] == "message.created"}
        assert len(stored) == 50
        for mine in acks[index]:
            assert stored[mine["id"]]["seq"] == mine["seq"]
            assert stored[mine["id"]]["data"]["message"]["created_at"] == mine["created_at"]
        for who in (index, index + 1):
            of_one = [text for text in said(events) if text.startswith(f"{who}/")]
            assert of_one == [f"{who}/{n}" for n in range(25)], "one sender's messages were reordered"


async def test_a_full_queue_says_so_and_when_to_come_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flights_module, "WAITING_LIMIT", 2)
    guest = await desk.guest()
    room_id = await guest.opens()
    sockets = [guest, await guest.again(), await guest.again()]
    async with held(desk, room_id):
        waiting = [desk.meanwhile(one.says(f"{n}")) for n, one in enumerate(sockets[:2])]
        while desk.resources.get(Flights)._waiting < 2:
            await sockets[2].asks("room.sync", room_id=room_id, after_seq=0)
        status, answer = await guest.fetches(
            "POST", f"/api/v1/rooms/{room_id}/messages", {"client_msg_id": "k", "content": "too many"}
        )
        assert (status, answer["error"]["code"]) == (503, "server_busy")
        assert answer["error"]["details"]["retry_after"] > 0
        refused = await sockets[2].refusal("message.send", room_id=room_id, client_msg_id="l", content="too many")
        assert (refused["code"], refused["details"]["retry_after"]) == ("server_busy", 1)
        assert await sockets[2].hears("server_busy") == {"retry_after": 1}
    await asyncio.gather(*waiting)
    assert sorted(said(await guest.reads())) == ["0", "1"]
    await guest.says("too many", key="k")


async def test_the_flood_of_one_workspace_leaves_room_for_the_others(
    desk: Desk, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flights_module, "WAITING_IN_WORKSPACE", 1)
    guest, calm = await desk.guest(), await desk.guest((await make_workspace(owner)).plain_site_key)
    room_id = await guest.opens()
    sockets = [guest, await guest.again(), await guest.again()]
    gates = desk.resources.get(Flights)._gates
    async with held(desk, room_id):
        flying = desk.meanwhile(guest.says("in the air"))
        while not (gate := gates.get(WorkspaceId(desk.workspace.id))) or gate.waiting:
            await sockets[2].asks("room.sync", room_id=room_id, after_seq=0)
        waiting = desk.meanwhile(sockets[1].says("waits"))
        while not gate.waiting:
            await sockets[2].asks("room.sync", room_id=room_id, after_seq=0)
        refused = await sockets[2].is_refused("message.send", room_id=room_id, client_msg_id="k", content="too many")
        assert refused == "server_busy"
        await calm.opens()
        await calm.says("undisturbed")
    await asyncio.gather(flying, waiting)
    assert said(await guest.reads()) == ["in the air", "waits"]


async def test_what_fails_beside_a_message_fails_the_message_and_the_next_one_flies(desk: Desk) -> None:
    guest = await desk.guest()
    await sets_something_off(desk, await guest.opens())
    hooks = desk.resources.get(flights_module.Hooks)

    async def broken(*_: object) -> None:
        raise KeyError("a mistake of ours")

    hooks.after_insert.append(broken)
    assert await guest.is_refused("message.send", room_id=guest.room_id, client_msg_id="k", content="one") == (
        "server_busy"
    )
    hooks.after_insert.remove(broken)
    ack = await guest.says("one", key="k")
    assert (ack["duplicate"], ack["seq"]) == (False, 2)


@asynccontextmanager
async def state_held(desk: Desk, room_id: str) -> AsyncIterator[None]:
    """Somebody else has the room's own row in hand: what brings it back has to wait, and its flight with it."""
    other = await asyncpg.connect(desk.dsn)
    async with other.transaction():
        await other.execute("SELECT 1 FROM chat_rooms WHERE id = $1 FOR UPDATE", UUID(room_id))
        yield
    await other.close()


async def test_a_flight_that_waits_for_what_it_sets_off_holds_up_no_other_room(desk: Desk) -> None:
    stuck, calm = await desk.guest(), await desk.guest()
    room_id = await stuck.opens()
    await calm.opens()
    await sets_something_off(desk, room_id)
    async with state_held(desk, room_id):
        waiting = desk.meanwhile(stuck.says("anybody there?"))
        await desk.somebody_waits_for_a_lock()
        for n in range(3):
            await calm.says(f"undisturbed {n}")
    await waiting
    assert said(await stuck.reads()) == ["anybody there?"]


async def test_who_waits_for_a_busy_room_is_not_forgotten_when_the_others_fail(desk: Desk) -> None:
    busy, failing = await desk.guest(), await desk.guest()
    busy_room, failing_room = await busy.opens(), await failing.opens()
    await sets_something_off(desk, failing_room)
    hooks = desk.resources.get(flights_module.Hooks)

    async def broken(*_: object) -> None:
        raise KeyError("a mistake of ours")

    hooks.after_insert.insert(0, broken)
    flights = desk.resources.get(Flights)
    postings = [
        Posting(actor=actor_of(desk, guest), room_id=RoomId(UUID(room)), client_msg_id="k", content="hello")
        for guest, room in ((busy, busy_room), (failing, failing_room))
    ]
    async with held(desk, busy_room):
        fates = await asyncio.gather(*(flights.post(posting) for posting in postings), return_exceptions=True)
    assert [type(fate) for fate in fates] == [ServerBusy, ServerBusy]
    hooks.after_insert.remove(broken)
    assert await busy.says("hello", key="k")
    assert await failing.says("hello", key="k")


async def test_a_bad_row_elsewhere_changes_no_order(desk: Desk) -> None:
    guest, other = await desk.guest(), await desk.guest()
    room_id = await guest.opens()
    elsewhere = await other.opens()
    agent = Actor(
        kind=ActorKind.AGENT, id=UserId(desk.workspace.staff["t1"]), workspace_id=actor_of(desk, guest).workspace_id
    )
    await desk.owner.execute(
        "INSERT INTO room_participants (room_id, user_id, workspace_id) VALUES ($1, $2, $3)",
        UUID(room_id),
        agent.id,
        desk.workspace.id,
    )
    flights, room = desk.resources.get(Flights), RoomId(UUID(room_id))
    spoiled = Posting(
        actor=actor_of(desk, other), room_id=RoomId(UUID(elsewhere)), client_msg_id="k", content="a NUL \x00"
    )
    in_order = [
        Posting(
            actor=agent, room_id=room, client_msg_id="1", content="the first reply"
        ),  # which is dated: a hook's work
        Posting(actor=agent, room_id=room, client_msg_id="2", content="a note", note=True),
        Posting(actor=actor_of(desk, guest), room_id=room, client_msg_id="3", content="thanks"),
    ]
    await asyncio.gather(*(flights.post(posting) for posting in (spoiled, *in_order)), return_exceptions=True)
    stored = await desk.owner.fetch("SELECT content FROM messages WHERE room_id = $1 ORDER BY seq", UUID(room_id))
    assert [row["content"] for row in stored] == [posting.content for posting in in_order]


async def test_post_flight_knows_of_every_hook(desk: Desk) -> None:
    # A hook is called for messages of which post_flight says that they set something off (`sets_off`). Whoever adds
    # one, or asks more of one, adds the condition there: elsewhere it would silently not be called.
    names = [hook.__name__ for hook in desk.resources.get(flights_module.Hooks).after_insert]
    assert sorted(names) == ["ask", "note_replies", "wake_by_message"]
