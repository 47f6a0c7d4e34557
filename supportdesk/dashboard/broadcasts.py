"""Inboxes look again when a room has new messages, at most twice a second per workspace, and when a block changes."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from supportdesk.actor import WorkspaceId
from supportdesk.core.events import Bus
from supportdesk.core.sockets import DESK, Emitter, Sockets, workspace_channel
from supportdesk.guests.events import GuestBlocked, GuestUnblocked
from supportdesk.messages.events import MessagesPosted
from supportdesk.rooms.events import AccessLost
from supportdesk.rooms.model import RoomId

GATHER_S: Final = 0.5
MOST: Final = 50
"""Rooms named in one event; when more have changed, lists reread their page anyway."""


class ListBroadcasts:
    """Gathers the rooms in which somebody has spoken, and names them to the staff who are connected."""

    def __init__(self, bus: Bus, emitter: Emitter, sockets: Sockets) -> None:
        self._emitter, self._sockets = emitter, sockets
        self._spoken: dict[WorkspaceId, set[RoomId]] = defaultdict(set)
        bus.at_once(MessagesPosted, self.posted)
        bus.at_once(GuestBlocked, self.block_changed)
        bus.at_once(GuestUnblocked, self.block_changed)
        bus.at_once(AccessLost, self.seat_lost)

    def posted(self, flight: MessagesPosted) -> None:
        """Remember the rooms of a flight; the first of them starts the wait."""
        if not self._emitter.has_listeners(workspace_channel(flight.workspace_id), DESK):
            return
        if flight.workspace_id not in self._spoken:
            asyncio.get_running_loop().call_later(GATHER_S, self._tell, flight.workspace_id)
        self._spoken[flight.workspace_id].update(posted.posting.room_id for posted in flight.posted)

    def block_changed(self, event: GuestBlocked | GuestUnblocked) -> None:
        """A guest was kept out or let in again: without naming rooms, so that whoever has one open reads it anew."""
        self._emit({"room_ids": []}, to=workspace_channel(event.workspace_id))

    def seat_lost(self, lost: AccessLost) -> None:
        """Whoever left a room or was taken out hears it no more, until they join it as mere readers where they may."""
        for socket in self._sockets.of_user(lost.user_id):
            if socket.namespace == DESK:
                self._emit({"room_id": str(lost.room.id)}, to=socket.sid)

    def _tell(self, workspace_id: WorkspaceId) -> None:
        rooms = self._spoken.pop(workspace_id, set())
        room_ids = [str(room_id) for room_id in list(rooms)[:MOST]]
        self._emit({"room_ids": room_ids}, to=workspace_channel(workspace_id))

    def _emit(self, changed: Mapping[str, Any], *, to: str) -> None:
        self._emitter.emit("inbox.changed", changed, to=to, namespace=DESK, ephemeral=True)
