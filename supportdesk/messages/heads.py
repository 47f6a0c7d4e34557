"""What other processes have committed: the heads of the rooms heard here, compared with the database's (D7)."""

from typing import Final

import structlog

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.core.db import Database, Lane
from supportdesk.core.events import Bus
from supportdesk.core.jobs import each_apart
from supportdesk.core.metrics import CAUGHT_UP
from supportdesk.core.sockets import DESK, GUEST, Emitter, Sockets, channel
from supportdesk.messages import queries
from supportdesk.messages.events import MessagesPosted
from supportdesk.messages.stream import Hydrators, read_missed
from supportdesk.rooms.events import RoomEventWritten
from supportdesk.rooms.model import Room, RoomId

log = structlog.get_logger(__name__)

COMPARE_S: Final = 2.0


class Heads:
    """Knows how much of each room's log the sockets of this process were told, and tells them what they were not.

    A head counts as missed when it is still untold at the next comparison: what this process has just committed
    itself may be on its way. Gaps within what was told are the clients' to notice (D4).
    """

    def __init__(self, db: Database, sockets: Sockets, emitter: Emitter, bus: Bus, hydrators: Hydrators) -> None:
        self._db = db
        self._sockets = sockets
        self._emitter = emitter
        self._hydrators = hydrators
        self._told: dict[RoomId, int] = {}
        self._seen: dict[RoomId, int] = {}
        bus.at_once(MessagesPosted, self._posted)
        bus.at_once(RoomEventWritten, self._written)

    def joined(self, room: Room) -> None:
        """A socket hears the room from this head on; another that heard it earlier may have been told less."""
        self._told.setdefault(room.id, room.head.last_seq)

    def _posted(self, flight: MessagesPosted) -> None:
        for posted in flight.posted:
            self._tell(posted.posting.room_id, posted.seq)

    def _written(self, written: RoomEventWritten) -> None:
        self._tell(RoomId(written.event.room_id), written.event.seq)

    def _tell(self, room_id: RoomId, seq: int) -> None:
        to = channel(room_id)
        if room_id in self._told or self._emitter.has_listeners(to, DESK) or self._emitter.has_listeners(to, GUEST):
            self._told[room_id] = max(seq, self._told.get(room_id, 0))

    async def compare(self) -> None:
        """One query for all rooms; then the missed events of those that were behind the last time already."""
        heard = {RoomId(id_): socket.actor.workspace_id for socket in self._sockets for id_ in socket.rooms}
        self._told = {room_id: seq for room_id, seq in self._told.items() if room_id in heard}
        heads: dict[RoomId, int] = {}
        if heard:
            async with self._db.bare(lane=Lane.BACKGROUND) as conn:
                heads = await queries.list_heads(conn, list(heard))
        before, self._seen = self._seen, heads
        behind = [room_id for room_id, seq in self._told.items() if seq < before.get(room_id, 0)]

        async def catch_up(room_id: RoomId) -> None:
            await self._catch_up(room_id, heard[room_id])

        await each_apart(behind, catch_up)

    async def _catch_up(self, room_id: RoomId, workspace_id: WorkspaceId) -> None:
        if (told := self._told.get(room_id)) is None:
            return
        async with self._db.read(Actor.system(workspace_id), lane=Lane.BACKGROUND) as conn:
            missed = await read_missed(conn, room_id, self._hydrators, after_seq=told)
        for frame in missed.staff:
            self._emitter.emit("room.event", frame, to=channel(room_id), namespace=DESK)
        for frame in missed.public:
            self._emitter.emit("room.event", frame, to=channel(room_id), namespace=GUEST)
        self._tell(room_id, missed.until)
        CAUGHT_UP.inc(len(missed.staff))
        log.info("room.caught_up", room=str(room_id), events=len(missed.staff), until=missed.until)
