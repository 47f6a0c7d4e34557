"""What levels do when something else has happened."""

from supportdesk.actor import Actor, Level, WorkspaceId
from supportdesk.core.db import Database, Lane
from supportdesk.core.events import Bus
from supportdesk.core.metrics import QUEUES
from supportdesk.core.sockets import DESK, GUEST, Emitter, SocketOpened, channel, workspace_channel
from supportdesk.core.tasks import Tasks
from supportdesk.escalations import actions, queries
from supportdesk.escalations.events import EscalationCreated, PresenceChanged
from supportdesk.escalations.model import Presence
from supportdesk.messages.events import MessagesPosted
from supportdesk.rooms.events import RoomStateChanged
from supportdesk.rooms.model import RoomStatus

TOLD = 100
"""Waiting guests of one level who are told their place."""


class Reactions:
    """Listens for rooms that change, and for people who come."""

    def __init__(self, bus: Bus, db: Database, emitter: Emitter, tasks: Tasks) -> None:
        self._db, self._emitter, self._tasks = db, emitter, tasks
        self._telling: dict[tuple[WorkspaceId, Level], bool] = {}
        bus.on(RoomStateChanged, self.room_changed)
        bus.on(PresenceChanged, self.presence_changed)
        bus.on(SocketOpened, self.came)
        bus.on(EscalationCreated, self.stepped)
        bus.at_once(MessagesPosted, self.posted)

    async def room_changed(self, changed: RoomStateChanged) -> None:
        """A resolved room ends its escalation; capacity or demand has changed, so has everybody's place."""
        room = changed.room
        actor = Actor.system(room.workspace_id)
        if room.status is RoomStatus.CLOSED:
            async with self._db.transaction(actor, lane=Lane.BACKGROUND) as tx:
                await actions.end_escalation(tx, actor, room.id)
        await self._assign(room.workspace_id)
        await self._tell_places(room.workspace_id, room.level)

    async def stepped(self, created: EscalationCreated) -> None:
        """Those who waited behind a room that has left its level have moved up."""
        await self._tell_places(created.workspace_id, created.escalation.from_level)

    async def presence_changed(self, changed: PresenceChanged) -> None:
        """Colleagues see it; who became available may be given what waits."""
        self._emitter.emit(
            "presence",
            {"user_id": str(changed.user_id), "status": str(changed.presence)},
            to=workspace_channel(changed.workspace_id),
            namespace=DESK,
            ephemeral=True,
        )
        if changed.presence is Presence.ONLINE:
            await self._assign(changed.workspace_id)

    async def came(self, opened: SocketOpened) -> None:
        """Who comes is away until they say that they take rooms: nothing is given to an unwatched screen."""
        actor = opened.actor
        if opened.namespace is DESK and actor.id is not None:
            async with self._db.transaction(Actor.system(actor.workspace_id), lane=Lane.BACKGROUND) as tx:
                await actions.come_back(tx, actor.id)

    def posted(self, flight: MessagesPosted) -> None:
        """Note people's replies, not in the flight itself: it holds heads, and a claim locks the other way round."""
        if actions.replies_in(flight.posted):
            self._tasks.spawn(self._note_replies(flight), name="note replies")

    async def _note_replies(self, flight: MessagesPosted) -> None:
        async with self._db.transaction(Actor.system(flight.workspace_id), lane=Lane.BACKGROUND) as tx:
            await actions.note_replies(tx, flight.posted)

    async def _assign(self, workspace_id: WorkspaceId) -> None:
        async with self._db.transaction(Actor.system(workspace_id), lane=Lane.BACKGROUND) as tx:
            await actions.assign_waiting(tx)

    async def _tell_places(self, workspace_id: WorkspaceId, level: Level) -> None:
        key = (workspace_id, level)
        if key in self._telling:  # somebody is at it: let them do it once more with what is new
            self._telling[key] = True
            return
        self._telling[key] = True
        actor = Actor.system(workspace_id)
        try:
            while self._telling[key]:
                self._telling[key] = False
                async with self._db.read(actor, lane=Lane.BACKGROUND) as conn:
                    places = await queries.list_places(conn, actor, level, TOLD)
                for place in places:
                    data = {
                        "room_id": str(place.room_id),
                        "queue_position": place.position,
                        "expected_wait_s": place.expected_wait_s,
                    }
                    self._emitter.emit(
                        "queue.position", data, to=channel(place.room_id), namespace=GUEST, ephemeral=True
                    )
                QUEUES.labels(level).set(len(places))
        finally:
            del self._telling[key]
