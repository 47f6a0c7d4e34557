"""An answer while it is being said: pieces to those who hear the room, ephemeral (delivery.md, D8).

Before the first of them, and while a robot asks tools and providers, the room sees that it is at work.
"""

import asyncio
from typing import Final
from uuid import UUID

from supportdesk.core.sockets import DESK, GUEST, Emitter, channel
from supportdesk.robots.model import Claim

QUIET_S: Final = 0.8
"""So long a turn may take before the room is shown that somebody is at work."""
AGAIN_S: Final = 3.0
"""Clients forget it after six seconds."""


class Draft:
    """Streams one turn's words. It ends with the message that carries its id, or with `abort`.

    `robot_id` on the wire is who speaks: the sender of the message to come, a participant of the room.
    """

    def __init__(self, emitter: Emitter, claim: Claim, *, visible_to_guest: bool) -> None:
        self._emitter = emitter
        self._claim = claim
        self._namespaces = (DESK, GUEST) if visible_to_guest else (DESK,)
        self._to = channel(claim.room_id)
        self._head = self._head_of(claim.draft_id)  # made once: an id is a hash, and pieces come by the thousand
        self._pieces = 0
        self._is_working = False

    async def show_work(self) -> None:
        """Tell the room again and again that the robot is at work, until cancelled."""
        await asyncio.sleep(QUIET_S)
        while True:
            self._is_working = True
            self._work(on=True)
            await asyncio.sleep(AGAIN_S)

    def rest(self) -> None:
        """The turn is over, whatever came of it."""
        if self._is_working:
            self._is_working = False
            self._work(on=False)

    def say(self, delta: str) -> None:
        """Send the next piece."""
        data = {**self._head, "delta": delta, "n": self._pieces}
        self._emit("message.delta", data, ephemeral=True)
        self._pieces += 1

    def abort(self) -> None:
        """Take back what was streamed: no message will follow it."""
        if self._pieces:
            self._emit("message.delta_aborted", self._head, ephemeral=False)

    def abort_earlier(self) -> None:
        """Take back what a worker streamed that died over this turn."""
        if self._claim.attempt > 1:
            earlier = self._head_of(self._claim.draft_of(self._claim.attempt - 1))
            self._emit("message.delta_aborted", earlier, ephemeral=False)

    def _work(self, *, on: bool) -> None:
        voice = self._claim.voice
        who = {"user_id": str(voice.id), "name": voice.name, "kind": str(voice.kind)}
        self._emit("typing", {"room_id": str(self._claim.room_id), **who, "on": on}, ephemeral=True)

    def _head_of(self, draft_id: UUID) -> dict[str, object]:
        return {
            "room_id": str(self._claim.room_id),
            "draft_id": str(draft_id),
            "robot_id": str(self._claim.robot.user_id),
        }

    def _emit(self, event: str, data: dict[str, object], *, ephemeral: bool) -> None:
        for namespace in self._namespaces:
            self._emitter.emit(event, data, to=self._to, namespace=namespace, ephemeral=ephemeral)
