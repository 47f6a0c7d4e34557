"""Rooms that robots cannot serve go to people, whatever went wrong with the robots."""

from collections.abc import Sequence
from typing import Final

import structlog

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.core.db import Database, Lane
from supportdesk.escalations.actions import hand_over
from supportdesk.robots.events import NobodyToAsk
from supportdesk.robots.queries import ledger
from supportdesk.rooms.model import RoomId

log = structlog.get_logger(__name__)

NO_ROBOT: Final = "no_robot"


class Rescuer:
    """Hands over rooms that a robot owns and in which no robot answers."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def on_nobody_to_ask(self, event: NobodyToAsk) -> None:
        """A guest wrote where no robot can answer."""
        await self.rescue(event.workspace_id, event.room_ids)

    async def sweep(self, *, waiting_s: float) -> int:
        """Look through all workspaces for guests who have waited so long; returns the rooms handed over."""
        async with self._db.bare(lane=Lane.JOBS) as conn:
            workspaces = await ledger.list_workspaces(conn)
        rescued = 0
        for workspace_id in workspaces:
            async with self._db.read(Actor.system(workspace_id), lane=Lane.JOBS) as conn:
                room_ids = await ledger.list_unanswered(conn, for_s=waiting_s)
            rescued += await self.rescue(workspace_id, room_ids)
        return rescued

    async def rescue(self, workspace_id: WorkspaceId, room_ids: Sequence[RoomId]) -> int:
        """Hand the rooms over, each in a transaction of its own; those that a person has by now stay as they are."""
        system = Actor.system(workspace_id)
        for room_id in room_ids:
            async with self._db.transaction(system, lane=Lane.BACKGROUND) as tx:
                await hand_over(tx, system, room_id, reason=NO_ROBOT)
            log.warning("robot.room_rescued", room=str(room_id))
        return len(room_ids)
