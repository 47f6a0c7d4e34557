"""D2: an acknowledgement is true, whatever becomes of PostgreSQL; what was not acknowledged is settled by a retry."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from supportdesk.messages import queries
from supportdesk.messages.flights import Hooks
from tests.people import Desk, Guest, Json, Refused
from tests.streams import numbers, said


async def cut_all(desk: Desk) -> int:
    """End every connection of the application to its database, as a restart of PostgreSQL does."""
    rows = await desk.owner.fetch(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND application_name LIKE 'supportdesk %'"
    )
    return len(rows)


async def settled(guest: Guest, key: str, content: str) -> Json:
    """What a client does: the same message again until it is acknowledged."""
    for _ in range(20):
        try:
            return await guest.says(content, key=key)
        except Refused as refused:
            if refused.code != "server_busy" or not refused.error["details"]["retry_after"] > 0:
                raise
    raise AssertionError(f"{content} was never acknowledged")


async def assert_all_there(guest: Guest, contents: list[str]) -> None:
    events = await guest.reads()
    assert numbers(events) == list(range(1, len(events) + 1))
    assert sorted(said(events)) == sorted(contents)


async def test_a_flight_that_is_cut_is_refused_and_its_retry_settles(desk: Desk) -> None:
    guest = await desk.guest()
    room_id = await guest.opens()
    blocker = await asyncpg.connect(desk.dsn)
    async with blocker.transaction():
        await blocker.execute("SELECT 1 FROM room_heads WHERE room_id = $1 FOR UPDATE", UUID(room_id))
        sent = desk.meanwhile(guest.refusal("message.send", room_id=room_id, client_msg_id="k", content="hello"))
        await desk.somebody_waits_for_a_lock()
        assert await cut_all(desk) > 0
        refused = await sent
        assert (refused["code"], refused["details"]["retry_after"]) == ("server_busy", 1)
    await blocker.close()
    ack = await settled(guest, "k", "hello")
    assert (ack["duplicate"], ack["seq"]) == (False, 2)
    await assert_all_there(guest, ["hello"])


WHEN = pytest.mark.parametrize("when", ["before the commit", "after the commit"])


@WHEN
async def test_whatever_the_moment_of_the_cut_a_message_is_there_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    guest = await desk.guest()
    await guest.opens()
    post_flight = queries.post_flight

    async def cut(*args: Any, **more: Any) -> Any:
        monkeypatch.undo()
        assert more["alone"]  # the statement is its own transaction
        if when == "before the commit":
            await cut_all(desk)
        verdicts = await post_flight(*args, **more)
        # The commit took hold, and its answer is lost on the way back.
        raise asyncpg.ConnectionDoesNotExistError(f"connection was closed in the middle of operation {verdicts}")

    monkeypatch.setattr(queries, "post_flight", cut)
    await assert_there_once(guest, when)


@WHEN
async def test_whatever_the_moment_of_the_cut_a_message_and_what_it_sets_off_are_there_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    guest = await desk.guest()
    room_id = UUID(await guest.opens())
    until = "UPDATE chat_rooms SET status = 'snoozed', snoozed_until = now() + interval '1 day' WHERE id = $1"
    await desk.owner.execute(until, room_id)
    hooks = desk.resources.get(Hooks)

    async def cut(*_: object) -> None:
        hooks.after_insert.remove(cut)
        if when == "before the commit":
            await cut_all(desk)
        else:
            # The commit takes hold, and its answer is lost on the way back.
            execute = asyncpg.Connection.execute

            async def lossy(self: asyncpg.Connection, query: str, *args: object, **more: object) -> str:
                answer = await execute(self, query, *args, **more)  # type: ignore[arg-type]
                if query == "COMMIT":
                    monkeypatch.undo()
                    raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
                return str(answer)

            monkeypatch.setattr(asyncpg.Connection, "execute", lossy)

    hooks.after_insert.insert(0, cut)
    await assert_there_once(guest, when)
    assert await desk.owner.fetchval("SELECT status FROM chat_rooms WHERE id = $1", room_id) == "waiting"


async def assert_there_once(guest: Guest, when: str) -> None:
    refused = await guest.refusal("message.send", room_id=guest.room_id, client_msg_id="k", content="hello")
    assert refused["code"] == "server_busy"
    ack = await settled(guest, "k", "hello")
    assert ack["duplicate"] is (when == "after the commit")
    await assert_all_there(guest, ["hello"])


async def test_through_cut_after_cut_every_acknowledged_message_is_stored_once(desk: Desk) -> None:
    guests = [await desk.guest() for _ in range(4)]
    for guest in guests:
        await guest.opens()
    acks: dict[str, Json] = {}

    async def talks(index: int, guest: Guest) -> None:
        for n in range(12):
            key = f"{index}/{n}"
            acks[key] = await settled(guest, key, key)

    async def nemesis() -> None:
        while len(acks) < 40:
            await cut_all(desk)
            await guests[0].asks("typing", room_id=guests[0].room_id, on=True)

    await asyncio.gather(nemesis(), *(talks(index, guest) for index, guest in enumerate(guests)))
    for index, guest in enumerate(guests):
        await assert_all_there(guest, [f"{index}/{n}" for n in range(12)])
        stored = {e["data"]["message"]["id"]: e["seq"] for e in await guest.reads() if "message" in e["data"]}
        for n in range(12):
            ack = acks[f"{index}/{n}"]
            assert stored[ack["id"]] == ack["seq"]


async def test_commands_and_reads_say_that_the_database_is_gone_and_come_back_by_themselves(desk: Desk) -> None:
    guest, agent = await desk.guest(), await desk.agent("t1")
    room_id = await guest.opens()
    blocker = await asyncpg.connect(desk.dsn)
    async with blocker.transaction():
        await blocker.execute("SELECT 1 FROM room_heads WHERE room_id = $1 FOR UPDATE", UUID(room_id))
        op = {"room_id": room_id, "op_id": "the same claim"}
        refused = desk.meanwhile(agent.refusal("room.claim", **op))
        await desk.somebody_waits_for_a_lock()
        await cut_all(desk)
        assert (await refused)["code"] == "server_busy"
    await blocker.close()
    for _ in range(20):
        status, _ = await agent.fetches("GET", f"/api/v1/rooms/{room_id}")
        if status == 200:
            break
        assert status == 503
    assert status == 200
    await agent.asks("room.claim", **op)
    assert [event["kind"] for event in await agent.reads(room_id)].count("room.assigned") == 1
    assert not agent.closed.is_set()
