"""Group commit without artificial delay: while one flight commits, the next gathers."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import asyncpg
import structlog

from supportdesk.actor import Actor, UserId, WorkspaceId
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database, Lane, Tx
from supportdesk.core.events import Bus
from supportdesk.core.metrics import FLIGHT_SECONDS, FLIGHTS
from supportdesk.core.tasks import Tasks
from supportdesk.errors import DeskError, Invalid, ServerBusy
from supportdesk.messages import queries
from supportdesk.messages.events import MessagesPosted
from supportdesk.messages.model import Outcome, Posted, Posting, Verdict
from supportdesk.rooms.model import OwnerKind, RoomId

log = structlog.get_logger(__name__)

IN_THE_AIR = 2
"""Flights of one workspace at once."""
WELL_FILLED = 30
"""Beside another a flight waits for so many, or for HOLD_S: a flight costs as much as ten messages (bench/path.py)."""
HOLD_S = 0.02
"""A flight that is out for longer is stuck, on a lock or on a disk, and holds nobody up."""
SEATS = 100
WAITING_LIMIT = 5_000
WAITING_IN_WORKSPACE = 2_000
"""One workspace's flood leaves room for the others'."""
ATTENDED_KEPT = 10_000
"""Rooms remembered in which the next message is likely to set something off too, those of robots above all. With more,
all are forgotten and found again: a guess too few or too many costs a round trip, and nothing else."""
SLOW_LANES = 4
"""Connections that may wait for the lock of a busy room; the others stay with the flights."""

AfterInsert = Callable[[Tx, Sequence[Posted]], Awaitable[None]]
Key = tuple[RoomId, UserId | None, str]


@dataclass(slots=True)
class Hooks:
    """What higher slices do in the transaction of a flight, once for all its messages; app.py fills the list.

    They are called for messages that set something off; which do, `post_flight` decides (`sets_off`). All others are
    committed by the one statement that writes them.
    """

    after_insert: list[AfterInsert] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class _Seat:
    posting: Posting
    verdict: asyncio.Future[Verdict]


@dataclass(slots=True)
class _Gate:
    waiting: list[_Seat] = field(default_factory=list)
    in_the_air: list[float] = field(default_factory=list)  # when each took off, the oldest first
    reminder: asyncio.TimerHandle | None = None
    rooms: set[RoomId] = field(default_factory=set)


class Flights:
    """Carries postings into the database, many at a time."""

    def __init__(self, db: Database, bus: Bus, tasks: Tasks, clock: Clock, hooks: Hooks) -> None:
        self._db, self._bus, self._tasks, self._clock, self._hooks = db, bus, tasks, clock, hooks
        self._gates: dict[WorkspaceId, _Gate] = {}
        self._waiting = 0
        self._attended: set[RoomId] = set()
        self._slow = asyncio.Semaphore(SLOW_LANES)

    async def post(self, posting: Posting) -> Verdict:
        """Write one message with whatever else is leaving; returns after the commit.

        Raises ServerBusy when the queue is full or PostgreSQL is gone: then the fate is unknown, and a retry
        with the same client_msg_id settles it.
        """
        gate = self._gates.get(posting.workspace_id) or _Gate()
        if self._waiting >= WAITING_LIMIT or len(gate.waiting) >= WAITING_IN_WORKSPACE:
            raise ServerBusy("Too many messages are waiting; try again.", retry_after=1)
        self._gates[posting.workspace_id] = gate
        seat = _Seat(posting, asyncio.get_running_loop().create_future())
        gate.waiting.append(seat)
        self._waiting += 1
        self._take_off(posting.workspace_id, gate)
        try:
            return await seat.verdict  # whoever stops waiting stops nothing: the message flies all the same
        finally:
            self._waiting -= 1

    async def post_within(self, tx: Tx, posting: Posting) -> Verdict:
        """Write one message in a transaction that has more to it; waits for the room's lock."""
        return (await write(tx, [posting], self._hooks, wait=True))[0]

    def _take_off(self, workspace_id: WorkspaceId, gate: _Gate) -> None:
        if not gate.waiting or len(gate.in_the_air) >= IN_THE_AIR:
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        if gate.in_the_air and len(gate.waiting) < WELL_FILLED and now < (held_until := gate.in_the_air[0] + HOLD_S):
            gate.reminder = gate.reminder or loop.call_at(held_until, self._remind, workspace_id, gate)
            return
        # The task starts on the next turn of the loop: what arrives in this one flies along.
        gate.in_the_air.append(now)
        self._tasks.spawn(self._fly(workspace_id, gate, now), name="flight")

    def _remind(self, workspace_id: WorkspaceId, gate: _Gate) -> None:
        gate.reminder = None
        self._take_off(workspace_id, gate)

    async def _fly(self, workspace_id: WorkspaceId, gate: _Gate, took_off_at: float) -> None:
        seats = _board(gate)
        rooms = {seat.posting.room_id for seat in seats}
        busy: list[_Seat] = []
        try:
            if seats:
                busy = await self._carry(workspace_id, seats, wait=False)
        finally:
            late = {seat.posting.room_id for seat in busy}
            gate.rooms -= rooms - late
            gate.in_the_air.remove(took_off_at)
            if busy:
                self._tasks.spawn(self._wait_for_rooms(workspace_id, gate, busy), name="slow lane")
            if any(seat.posting.room_id not in gate.rooms for seat in gate.waiting):
                self._take_off(workspace_id, gate)
            elif not gate.waiting and not gate.in_the_air and not gate.rooms:
                self._gates.pop(workspace_id, None)

    async def _wait_for_rooms(self, workspace_id: WorkspaceId, gate: _Gate, busy: list[_Seat]) -> None:
        """Room by room, waiting for each lock: the messages of one room stay in order."""
        by_room: dict[RoomId, list[_Seat]] = {}
        for seat in busy:
            by_room.setdefault(seat.posting.room_id, []).append(seat)

        async def wait_for(room_id: RoomId, seats: list[_Seat]) -> None:
            try:
                async with self._slow:
                    late = await self._carry(workspace_id, seats, wait=True)
                _fail(late, ServerBusy("This room is busy just now; send the message again.", retry_after=1))
            finally:
                gate.rooms.discard(room_id)
                self._take_off(workspace_id, gate)

        await asyncio.gather(*(wait_for(room_id, seats) for room_id, seats in by_room.items()))

    async def _carry(self, workspace_id: WorkspaceId, seats: list[_Seat], *, wait: bool) -> list[_Seat]:
        """Commit all, those that set something off in a transaction; returns those whose room somebody else holds."""
        alone = self._attended.isdisjoint(seat.posting.room_id for seat in seats)
        try:
            left = await self._commit(workspace_id, seats, wait=wait, alone=alone)
            if attended := [seat for seat, outcome in left if outcome is Outcome.ATTENDED]:
                if len(self._attended) > ATTENDED_KEPT:
                    self._attended.clear()
                self._attended.update(seat.posting.room_id for seat in attended)
                left += await self._commit(workspace_id, attended, wait=wait, alone=False)
        except BaseException:
            # Whatever broke: nobody is left waiting for a verdict. Who has one keeps it.
            _fail(seats, ServerBusy("The message could not be stored just now; send it again.", retry_after=2))
            raise
        return [seat for seat, outcome in left if outcome is Outcome.BUSY]

    async def _commit(
        self, workspace_id: WorkspaceId, seats: list[_Seat], *, wait: bool, alone: bool
    ) -> list[tuple[_Seat, Outcome]]:
        """One transaction for all, or with `alone` one statement; returns those that are not decided, and why."""
        began = self._clock.monotonic()
        try:
            verdicts = await self._write(workspace_id, [seat.posting for seat in seats], wait=wait, alone=alone)
        except DeskError as error:
            _fail(seats, error)
            return []
        except asyncpg.PostgresError as error:
            if len(seats) == 1:
                log.warning("flight.posting_failed", message=str(seats[0].posting.id), error=type(error).__name__)
                _fail(seats, Invalid("This message cannot be stored."))
                return []
            # One bad row spoils the statement: each is tried by itself, so that it spoils no neighbour; and with its
            # hooks, because one that came back for them would be overtaken by the next of its room.
            late: list[tuple[_Seat, Outcome]] = []
            for seat in seats:
                late += await self._commit(workspace_id, [seat], wait=wait, alone=False)
            return late
        undecided: list[tuple[_Seat, Outcome]] = []
        for seat, verdict in zip(seats, verdicts, strict=True):
            if verdict.outcome in (Outcome.BUSY, Outcome.ATTENDED):
                undecided.append((seat, verdict.outcome))
            elif not seat.verdict.done():
                seat.verdict.set_result(verdict)
        if decided := len(seats) - len(undecided):
            FLIGHTS.observe(decided)
            FLIGHT_SECONDS.observe(self._clock.monotonic() - began)
        return undecided

    async def _write(
        self, workspace_id: WorkspaceId, postings: list[Posting], *, wait: bool, alone: bool
    ) -> list[Verdict]:
        if not alone:
            async with self._db.transaction(Actor.system(workspace_id), lane=Lane.REALTIME) as tx:
                verdicts = await write(tx, postings, self._hooks, wait=wait)
            # A robot is asked again with the next message; the rest was set off once.
            self._attended -= {
                posting.room_id
                for posting, verdict in zip(postings, verdicts, strict=True)
                if verdict.owner_kind != OwnerKind.ROBOT
            }
            return verdicts
        async with self._db.bare(lane=Lane.REALTIME) as conn:
            verdicts = await queries.post_flight(conn, workspace_id, postings, wait=wait, alone=True)
        if posted := _posted(postings, verdicts):
            self._bus.publish(MessagesPosted(workspace_id=workspace_id, posted=posted))
        return verdicts


def _board(gate: _Gate) -> list[_Seat]:
    """Up to a full flight in order of arrival; a room is in one flight at a time, a key in a flight only once."""
    boarded: list[_Seat] = []
    left: list[_Seat] = []
    keys: set[Key] = set()
    held_back: set[RoomId] = set()
    for seat in gate.waiting:
        posting = seat.posting
        room_id = posting.room_id
        fits = len(boarded) < SEATS and room_id not in gate.rooms and room_id not in held_back
        if fits and posting.key not in keys:
            keys.add(posting.key)
            boarded.append(seat)
        else:
            held_back.add(room_id)  # what comes later from this room may not overtake
            left.append(seat)
    gate.waiting = left
    gate.rooms |= {seat.posting.room_id for seat in boarded}
    return boarded


def _fail(seats: list[_Seat], error: DeskError) -> None:
    for seat in seats:
        if not seat.verdict.done():
            seat.verdict.set_exception(error)


async def write(tx: Tx, postings: Sequence[Posting], hooks: Hooks, *, wait: bool) -> list[Verdict]:
    """Write postings in an open transaction: rows, log, counters, hooks; announces MessagesPosted."""
    verdicts = await queries.post_flight(tx.conn, tx.actor.workspace_id, postings, wait=wait)
    if posted := _posted(postings, verdicts):
        tx.announce(MessagesPosted(workspace_id=tx.actor.workspace_id, posted=posted))  # before what hooks write
        for hook in hooks.after_insert:
            await hook(tx, posted)
    return verdicts


def _posted(postings: Sequence[Posting], verdicts: Sequence[Verdict]) -> list[Posted]:
    """Those that are written, with what the database gave them."""
    return [
        Posted._make((posting, *verdict[1:]))
        for posting, verdict in zip(postings, verdicts, strict=True)
        if verdict.outcome is Outcome.POSTED
    ]
