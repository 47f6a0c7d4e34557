"""Claims, order, deaths and stale turns: no robot speaks over a person, no turn is lost or played twice."""

import asyncio
from collections.abc import Sequence

from supportdesk.core.db import Tx
from supportdesk.errors import ServerBusy
from supportdesk.messages.model import Posted
from supportdesk.robots.contract import Why
from supportdesk.robots.finishing import LINES
from supportdesk.robots.model import LEASE_S
from supportdesk.robots.queries import turns as queries
from supportdesk.robots.runner import SWEEP_S
from supportdesk.rooms import actions as rooms
from supportdesk.rooms.model import OwnerKind
from tests.robots.conftest import Staging
from tests.robots.strange import EchoRobot, GatedRobot, PonderingRobot


async def test_when_a_person_replies_mid_stream_nothing_more_reaches_the_guest(staged: Staging) -> None:
    desk = await staged(GatedRobot)
    GatedRobot.shut()
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.joins(room, desk.agent)
    await desk.says(guest, room, "refunds")
    await GatedRobot.begun.wait()
    await desk.says(desk.agent, room, "I am on it.")
    GatedRobot.gate.set()
    await desk.settle()

    assert desk.ears.streamed() == "About refunds: "
    assert len(desk.ears.aborted()) == 1
    assert await desk.texts(room) == ["refunds", "I am on it."]
    (turn,) = await desk.turns(room)
    assert (turn["status"], turn["response_data"]["fate"]) == ("completed", "dropped")
    assert turn["response_data"]["ending"] == "stopped"


async def test_the_row_decides_when_another_process_let_a_person_speak(staged: Staging) -> None:
    desk = await staged(GatedRobot)
    elsewhere = await staged(GatedRobot, seats=0)
    GatedRobot.shut()
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.joins(room, desk.agent)
    await desk.says(guest, room, "refunds")
    await GatedRobot.begun.wait()
    await elsewhere.says(desk.agent, room, "I am on it.")
    GatedRobot.gate.set()
    await desk.settle()

    assert await desk.texts(room) == ["refunds", "I am on it."]
    assert len(desk.ears.aborted()) == 1
    (turn,) = await desk.turns(room)
    assert (turn["response_data"]["ending"], turn["response_data"]["fate"]) == ("answered", "dropped")


async def test_a_beat_ends_a_turn_that_another_process_made_outdated(staged: Staging) -> None:
    desk = await staged(GatedRobot)
    elsewhere = await staged(GatedRobot, seats=0)
    GatedRobot.shut()
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.joins(room, desk.agent)
    await desk.says(guest, room, "refunds")
    await GatedRobot.begun.wait()
    await elsewhere.says(desk.agent, room, "I am on it.")
    await desk.runner.beat()
    await desk.settle()
    (turn,) = await desk.turns(room)
    assert turn["response_data"]["reason"] == "somebody has spoken or taken over since"


async def test_a_take_over_silences_the_robot(staged: Staging) -> None:
    desk = await staged(GatedRobot)
    GatedRobot.shut()
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "refunds")
    await GatedRobot.begun.wait()
    assert desk.agent.id is not None
    async with desk.db.transaction(desk.agent) as tx:
        await rooms.set_owner(
            tx, desk.agent, room, OwnerKind.HUMAN, assignee=(desk.agent.id, desk.agent.name), reason="claimed"
        )
    await desk.settle()
    assert await desk.texts(room) == ["refunds"]
    assert len(desk.ears.aborted()) == 1
    await desk.says(guest, room, "hello?")
    await desk.settle()
    assert len(await desk.turns(room)) == 1


async def test_a_newer_message_of_the_guest_takes_the_turn(staged: Staging) -> None:
    desk = await staged(GatedRobot)
    GatedRobot.shut()
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "refunds")
    await GatedRobot.begun.wait()
    await desk.says(guest, room, "no, parcels")
    GatedRobot.gate.set()
    await desk.settle()
    assert await desk.texts(room) == ["refunds", "no, parcels", "About no, parcels: done."]
    assert [turn["response_data"]["fate"] for turn in await desk.turns(room)] == ["dropped", "posted"]
    assert await desk.handed_over(room) == []


async def test_a_hand_off_holds_although_the_guest_wrote_on(staged: Staging) -> None:
    desk = await staged(PonderingRobot)
    elsewhere = await staged(PonderingRobot, seats=0)
    PonderingRobot.shut()
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "a person please")
    await PonderingRobot.begun.wait()
    await elsewhere.says(guest, room, "order 123")
    PonderingRobot.gate.set()
    await desk.settle()
    assert await desk.texts(room) == ["a person please", "order 123", LINES[Why.OTHER]]
    assert [turn["response_data"]["fate"] for turn in await desk.turns(room)] == ["handed_over", "dropped"]
    assert await desk.handed_over(room) == [("robot", "robot_handed_over")]


async def test_a_hand_off_after_a_take_over_changes_nothing(staged: Staging) -> None:
    desk = await staged(PonderingRobot)
    elsewhere = await staged(PonderingRobot, seats=0)
    PonderingRobot.shut()
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "a person please")
    await PonderingRobot.begun.wait()
    assert desk.agent.id is not None
    async with elsewhere.db.transaction(desk.agent) as tx:
        await rooms.set_owner(
            tx, desk.agent, room, OwnerKind.HUMAN, assignee=(desk.agent.id, desk.agent.name), reason="claimed"
        )
    PonderingRobot.gate.set()
    await desk.settle()
    assert await desk.texts(room) == ["a person please"]
    assert await desk.owner_of(room) == "human"


async def test_a_beat_keeps_a_long_turn_alive(staged: Staging) -> None:
    desk = await staged(GatedRobot)
    GatedRobot.shut()
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "refunds")
    await GatedRobot.begun.wait()
    await desk.owner.execute(
        "UPDATE robot_interactions SET claimed_until = now() + interval '1 second' WHERE room_id = $1", room.id
    )
    await desk.runner.beat()
    (turn,) = await desk.turns(room)
    assert (turn["claimed_until"] - turn["started_at"]).total_seconds() > 7
    GatedRobot.gate.set()
    await desk.settle()
    assert await desk.texts(room) == ["refunds", "About refunds: done."]


async def test_a_dead_workers_turn_is_played_again_by_another(staged: Staging) -> None:
    desk = await staged(EchoRobot, seats=0)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "hello")
    (turn,) = await desk.turns(room)
    await desk.forget(turn["id"])
    other = await staged(EchoRobot)
    await other.runner.sweep()
    await other.settle()
    assert await other.texts(room) == ["hello", "hello"]
    (turn,) = await other.turns(room)
    assert (turn["status"], turn["attempt"]) == ("completed", 2)
    assert len(other.ears.aborted()) == 1
    assert other.ears.aborted() != [str((await other.messages(room))[1]["draft_id"])]


class QuickRobot(EchoRobot):
    """The same module on another worker, in better health."""

    name = "gated"


async def test_a_dead_workers_turn_is_taken_over_within_ten_seconds(staged: Staging) -> None:
    dead = await staged(GatedRobot)
    alive = await staged(QuickRobot)
    GatedRobot.shut()
    guest = await dead.guest()
    room = await dead.opens(guest)
    await dead.says(guest, room, "hello")
    await GatedRobot.begun.wait()
    await alive.runner.sweep()
    await alive.settle()
    assert await alive.texts(room) == ["hello"], "while the claim holds, nobody takes it"
    assert LEASE_S + SWEEP_S <= 10
    # The dead show no sign of life for as long as a claim lasts.
    await dead.owner.execute(
        "UPDATE robot_interactions SET claimed_until = claimed_until - make_interval(secs => $2) WHERE room_id = $1",
        room.id,
        LEASE_S,
    )
    await alive.runner.sweep()
    await alive.settle()
    assert await alive.texts(room) == ["hello", "hello"]
    GatedRobot.gate.set()
    await dead.settle()
    assert await dead.texts(room) == ["hello", "hello"], "who was declared dead says nothing more"
    (turn,) = await dead.turns(room)
    assert (turn["status"], turn["attempt"], turn["response_data"]["fate"]) == ("completed", 2, "posted")


async def test_a_worker_that_comes_back_from_the_dead_says_nothing(staged: Staging) -> None:
    desk = await staged(GatedRobot)
    GatedRobot.shut()
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "refunds")
    await GatedRobot.begun.wait()
    (turn,) = await desk.turns(room)
    await desk.owner.execute(
        "UPDATE robot_interactions SET attempt = 2, claimed_by = 'another', claimed_until = now() + interval '8 s' "
        "WHERE id = $1",
        turn["id"],
    )
    GatedRobot.gate.set()
    await desk.settle()
    assert await desk.texts(room) == ["refunds"]
    assert len(desk.ears.aborted()) == 1
    (turn,) = await desk.turns(room)
    assert (turn["status"], turn["claimed_by"]) == ("processing", "another")


async def test_two_workers_play_each_turn_once(staged: Staging) -> None:
    first = await staged(EchoRobot, seats=0)
    guest = await first.guest()
    rooms_ = [await first.opens(guest) for _ in range(12)]
    await asyncio.gather(*(first.says(guest, room, f"hello {n}") for n, room in enumerate(rooms_)))
    workers = [await staged(EchoRobot, seats=3), await staged(EchoRobot, seats=3)]
    await asyncio.gather(*(worker.runner.sweep() for worker in workers))
    for worker in workers:
        await worker.settle()
    for number, room in enumerate(rooms_):
        assert await first.texts(room) == [f"hello {number}"] * 2
        (turn,) = await first.turns(room)
        assert (turn["status"], turn["attempt"]) == ("completed", 1)


async def test_one_turn_of_a_room_at_a_time_in_the_order_of_asking(staged: Staging) -> None:
    desk = await staged(EchoRobot, seats=0)
    guest = await desk.guest()
    room, other = await desk.opens(guest), await desk.opens(guest)
    for text in ("one", "two"):
        await desk.says(guest, room, text)
    await desk.says(guest, other, "three")

    async def claim(worker: str) -> list[str]:
        async with desk.db.transaction(desk.system) as tx:
            return sorted(claim.text for claim in await queries.claim_turns(tx.conn, worker, 10))

    assert await claim("first") == ["one", "three"]
    assert await claim("second") == []
    (one, _two) = await desk.turns(room)
    await desk.owner.execute(
        "UPDATE robot_interactions SET status = 'completed', completed_at = now() WHERE id = $1", one["id"]
    )
    assert await claim("second") == ["two"]


async def test_two_claims_at_the_same_moment_never_split_a_room(staged: Staging) -> None:
    desk = await staged(EchoRobot, seats=0)
    guest = await desk.guest()
    room = await desk.opens(guest)
    for text in ("one", "two", "three"):
        await desk.says(guest, room, text)
    async with desk.db.transaction(desk.system) as first, desk.db.transaction(desk.system) as second:
        mine = await queries.claim_turns(first.conn, "first", 10)
        yours = await queries.claim_turns(second.conn, "second", 10)
    assert [claim.text for claim in mine] == ["one"]
    assert yours == []


async def test_of_a_flight_only_the_last_message_of_a_room_is_asked_about(staged: Staging) -> None:
    desk = await staged(EchoRobot, seats=0)
    guest = await desk.guest()
    room, other = await desk.opens(guest), await desk.opens(guest)
    where = [room, other, room, other, room]
    await asyncio.gather(*(desk.says(guest, place, f"message {n}") for n, place in enumerate(where)))
    for place, last in ((room, "message 4"), (other, "message 3")):
        (turn,) = await desk.turns(place)
        assert [row["content"] for row in await desk.messages(place) if row["id"] == turn["message_id"]] == [last]


async def test_a_nudge_that_is_lost_is_made_good_by_the_sweep(staged: Staging) -> None:
    desk = await staged(EchoRobot, seats=0)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "hello")
    other = await staged(EchoRobot)
    await other.runner.sweep()
    await other.settle()
    assert await desk.texts(room) == ["hello", "hello"]


async def test_more_turns_than_seats_are_played_one_after_the_other(staged: Staging) -> None:
    desk = await staged(EchoRobot, seats=1)
    guest = await desk.guest()
    rooms_ = [await desk.opens(guest) for _ in range(5)]
    await asyncio.gather(*(desk.says(guest, room, "hello") for room in rooms_))
    await desk.settle()
    for room in rooms_:
        assert await desk.texts(room) == ["hello", "hello"]


async def test_a_server_that_stops_gives_its_turns_back(staged: Staging) -> None:
    desk = await staged(GatedRobot)
    GatedRobot.shut()
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "hello")
    await GatedRobot.begun.wait()
    desk.runner.stop()
    await desk.tasks.drain(grace_s=0.05)
    (turn,) = await desk.turns(room)
    assert (turn["status"], turn["attempt"], turn["claimed_by"]) == ("pending", 0, None)
    assert len(desk.ears.aborted()) == 1
    assert await desk.texts(room) == ["hello"]


async def test_a_turn_that_cannot_be_finished_is_played_again(staged: Staging) -> None:
    desk = await staged(EchoRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    away = True

    async def refuse(_tx: Tx, posted: Sequence[Posted]) -> None:
        if away and posted[0].posting.robot is not None:
            raise ServerBusy("The database cannot be reached just now; try again.", retry_after=1)

    desk.hooks.after_insert.append(refuse)
    await desk.says(guest, room, "hello")
    await desk.settle()
    assert await desk.texts(room) == ["hello"]
    assert len(desk.ears.aborted()) == 1
    away = False
    await desk.owner.execute(
        "UPDATE robot_interactions SET claimed_until = now() - interval '1 second' WHERE room_id = $1", room.id
    )
    await desk.runner.sweep()
    await desk.settle()
    assert await desk.texts(room) == ["hello", "hello"]
