"""What levels do when something else has happened."""

import asyncio

from supportdesk.actor import Actor, Level, WorkspaceId
from supportdesk.core.db import Database, Lane
from supportdesk.core.events import Bus
from supportdesk.core.metrics import QUEUES
from supportdesk.core.sockets import DESK, GUEST, Emitter, SocketOpened, channel, workspace_channel
from supportdesk.escalations import actions, queries
from supportdesk.escalations.events import EscalationCreated, PresenceChanged
from supportdesk.escalations.model import Presence
from supportdesk.rooms.events import GuestJoined, RoomStateChanged
from supportdesk.rooms.model import OwnerKind

AGAIN_S = (0.1, 0.4, 1.5)
"""When to look again for rooms that somebody had in hand; after that the sweep of the absent does it."""
TOLD = 100
"""Waiting guests of one level who are told their place."""


class Reactions:
    """Listens for rooms that change, and for people who come."""

    def __init__(self, bus: Bus, db: Database, emitter: Emitter) -> None:
        self._db, self._emitter = db, emitter
        self._assigning: dict[WorkspaceId, bool] = {}
        self._telling: dict[tuple[WorkspaceId, Level], bool] = {}
        bus.on(RoomStateChanged, self.room_changed)
        bus.on(GuestJoined, self.guest_joined)
        bus.on(PresenceChanged, self.presence_changed)
        bus.on(SocketOpened, self.came)
        bus.on(EscalationCreated, self.stepped)

    async def room_changed(self, changed: RoomStateChanged) -> None:
        """Capacity or demand has changed, and with it everybody's place."""
        await self._assign(changed.room.workspace_id)
        await self._tell_places(changed.room.workspace_id, changed.room.level)

    async def guest_joined(self, joined: GuestJoined) -> None:
        """Who joins a room that waits sees their place, also after a reload."""
        if joined.room.owner_kind is OwnerKind.QUEUE:
            await self._tell_places(joined.room.workspace_id, joined.room.level)

    async def stepped(self, created: EscalationCreated) -> None:
        """Those who waited behind a room that has left its level have moved up."""
        await self._tell_places(created.workspace_id, created.escalation.from_level)

    async def presence_changed(self, changed: PresenceChanged) -> None:
        """Colleagues see it; who became available may be given what waits; how long that takes has changed."""
        self._emitter.emit(
            "presence",
            {"user_id": str(changed.user_id), "status": str(changed.presence)},
            to=workspace_channel(changed.workspace_id),
            namespace=DESK,
            ephemeral=True,
        )
        if changed.presence is Presence.ONLINE:
            await self._assign(changed.workspace_id)
        for level in Level:
            await self._tell_places(changed.workspace_id, level)

    async def came(self, opened: SocketOpened) -> None:
        """Who comes is away until they say that they take rooms: nothing is given to an unwatched screen."""
        actor = opened.actor
        if opened.namespace is DESK and actor.id is not None:
            async with self._db.transaction(Actor.system(actor.workspace_id), lane=Lane.BACKGROUND) as tx:
                await actions.come_back(tx, actor.id)

    async def _assign(self, workspace_id: WorkspaceId) -> None:
        """Give away what can be given; who asks meanwhile has it looked at once more when this is done."""
        if workspace_id in self._assigning:
            self._assigning[workspace_id] = True
            return
        self._assigning[workspace_id] = True
        patience = iter(AGAIN_S)
        try:
            while self._assigning[workspace_id]:
                self._assigning[workspace_id] = False
                async with self._db.transaction(Actor.system(workspace_id), lane=Lane.BACKGROUND) as tx:
                    assigned = await actions.assign_waiting(tx)
                if assigned.busy and (wait_s := next(patience, None)) is not None:
                    await asyncio.sleep(wait_s)
                    self._assigning[workspace_id] = True
        finally:
            del self._assigning[workspace_id]

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
