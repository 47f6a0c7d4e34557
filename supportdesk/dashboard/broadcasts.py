"""Inboxes look again when a room has new messages, at most twice a second per workspace, and when a block changes."""

import asyncio
from collections import defaultdict
from typing import Final

from supportdesk.actor import WorkspaceId
from supportdesk.core.events import Bus
from supportdesk.core.sockets import DESK, Emitter, workspace_channel
from supportdesk.guests.events import GuestBlocked, GuestUnblocked
from supportdesk.messages.events import MessagesPosted
from supportdesk.rooms.model import RoomId

GATHER_S: Final = 0.5
MOST: Final = 50
"""Rooms named in one event; when more have changed, lists reread their page anyway."""


class ListBroadcasts:
    """Gathers the rooms in which somebody has spoken, and names them to the staff who are connected."""

    def __init__(self, bus: Bus, emitter: Emitter) -> None:
        self._emitter = emitter
        self._spoken: dict[WorkspaceId, set[RoomId]] = defaultdict(set)
        bus.at_once(MessagesPosted, self.posted)
        bus.at_once(GuestBlocked, self.block_changed)
        bus.at_once(GuestUnblocked, self.block_changed)

    def posted(self, flight: MessagesPosted) -> None:
        """Remember the rooms of a flight; the first of them starts the wait."""
        if not self._emitter.has_listeners(workspace_channel(flight.workspace_id), DESK):
            return
        if flight.workspace_id not in self._spoken:
            asyncio.get_running_loop().call_later(GATHER_S, self._tell, flight.workspace_id)
        self._spoken[flight.workspace_id].update(posted.posting.room_id for posted in flight.posted)

    def block_changed(self, event: GuestBlocked | GuestUnblocked) -> None:
        """A guest was kept out or let in again: without naming rooms, so that whoever has one open reads it anew."""
        self._emit(event.workspace_id, [])

    def _tell(self, workspace_id: WorkspaceId) -> None:
        rooms = self._spoken.pop(workspace_id, set())
        self._emit(workspace_id, [str(room_id) for room_id in list(rooms)[:MOST]])

    def _emit(self, workspace_id: WorkspaceId, room_ids: list[str]) -> None:
        self._emitter.emit(
            "inbox.changed",
            {"room_ids": room_ids},
            to=workspace_channel(workspace_id),
            namespace=DESK,
            ephemeral=True,
        )
