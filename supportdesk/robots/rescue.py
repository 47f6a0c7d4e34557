"""Rooms that robots cannot serve go to people, whatever went wrong with the robots."""

from collections.abc import Sequence
from typing import Protocol

import structlog

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.core.db import Database, Lane, Tx
from supportdesk.robots.events import NobodyToAsk
from supportdesk.robots.queries import ledger
from supportdesk.rooms import access
from supportdesk.rooms.model import OwnerKind, Room, RoomId, RoomStatus

log = structlog.get_logger(__name__)


class HandOver(Protocol):
    """Puts a room into the queue for people, as the slice that routes them does it."""

    async def __call__(self, tx: Tx, actor: Actor, room: Room, *, reason: str) -> None:
        """Hand the locked room over; the reason is for the staff."""


class Rescuer:
    """Hands over rooms that a robot owns and in which no robot answers."""

    def __init__(self, db: Database, hand_over: HandOver) -> None:
        self._db = db
        self._hand_over = hand_over

    async def on_nobody_to_ask(self, event: NobodyToAsk) -> None:
        """A guest wrote where no robot can answer."""
        await self.rescue(event.workspace_id, event.room_ids, reason="no robot of this room can answer")

    async def sweep(self, *, waiting_s: float) -> int:
        """Look through all workspaces for guests who have waited so long; returns the rooms handed over."""
        async with self._db.bare(lane=Lane.JOBS) as conn:
            workspaces = await ledger.list_workspaces(conn)
        rescued = 0
        for workspace_id in workspaces:
            async with self._db.read(Actor.system(workspace_id), lane=Lane.JOBS) as conn:
                room_ids = await ledger.list_unanswered(conn, for_s=waiting_s)
            rescued += await self.rescue(workspace_id, room_ids, reason="no robot has answered")
        return rescued

    async def rescue(self, workspace_id: WorkspaceId, room_ids: Sequence[RoomId], *, reason: str) -> int:
        """Hand over those of the rooms that are still a robot's, each in a transaction of its own."""
        system = Actor.system(workspace_id)
        rescued = 0
        for room_id in room_ids:
            async with self._db.transaction(system, lane=Lane.BACKGROUND) as tx:
                room = await access.room_to_change(tx, system, room_id)
                if room.owner_kind is OwnerKind.ROBOT and room.status is RoomStatus.ACTIVE:
                    await self._hand_over(tx, system, room, reason=reason)
                    rescued += 1
                    log.warning("robot.room_rescued", room=str(room_id), reason=reason)
        return rescued
