"""Claims turns and has them played, so many at once; keeps the claims alive and ends what nobody needs any more."""

import asyncio
from typing import Final

import structlog

from supportdesk.actor import Actor, ActorKind, WorkspaceId
from supportdesk.core.db import Lane
from supportdesk.core.ids import uuid7
from supportdesk.errors import DeskError
from supportdesk.messages.events import MessagesPosted
from supportdesk.messages.model import Posted
from supportdesk.robots.contract import Trigger
from supportdesk.robots.events import TurnsQueued, TurnsStopped
from supportdesk.robots.model import BEAT_S, Claim, InteractionId
from supportdesk.robots.play import Performance
from supportdesk.robots.queries import turns as queries
from supportdesk.robots.turns import Stage, play_turn
from supportdesk.rooms.events import RoomStateChanged
from supportdesk.rooms.model import OwnerKind, RoomId, RoomStatus

log = structlog.get_logger(__name__)

SWEEP_S: Final = 1.0
SPOKEN_SINCE: Final = "somebody has spoken or taken over since"


class Runner:
    """The robots' workers of one process. A nudge is a hint; the sweep finds every turn that is due."""

    def __init__(self, stage: Stage, *, node: str, seats: int) -> None:
        self._stage = stage
        self._seats = seats
        self._worker = f"{node}/{uuid7()}"
        self._wanted: dict[WorkspaceId, None] = {}
        self._claiming = False
        self._stopping = False
        self._playing: dict[InteractionId, Claim] = {}
        self._performances: dict[InteractionId, Performance] = {}

    def start(self) -> None:
        """Sweep and keep claims alive from now on; who only looks something up has no use for what is not loaded."""
        for listing in self._stage.around.host.catalogue.listings:
            if listing.problem:
                log.warning("robot.not_loaded", robot=listing.name, why=listing.problem)
        if self._seats:
            self._stage.tasks.spawn(self._sweep(), name="sweep turns", lasting=True)
            self._stage.tasks.spawn(self._beat(), name="keep turns", lasting=True)

    def stop(self) -> None:
        """Claim no more; turns under way go on until the tasks are drained."""
        self._stopping = True

    def nudge(self, workspace_id: WorkspaceId) -> None:
        """Look for turns of this workspace now."""
        self._wanted[workspace_id] = None
        if not self._claiming and not self._stopping and len(self._playing) < self._seats:
            self._claiming = True
            self._stage.tasks.spawn(self._claim(), name="claim turns")

    async def sweep(self) -> None:
        """Find the workspaces in which turns are due, whoever forgot them."""
        async with self._stage.db.bare(lane=Lane.BACKGROUND) as conn:
            due = await queries.due_workspaces(conn)
        for workspace_id in due:
            self.nudge(workspace_id)

    async def beat(self) -> None:
        """Extend the claims of the turns under way; end those that are no longer ours or nobody needs."""
        by_workspace: dict[WorkspaceId, list[InteractionId]] = {}
        for claim in self._playing.values():
            if claim.id in self._performances:
                by_workspace.setdefault(claim.workspace_id, []).append(claim.id)
        for workspace_id, ids in by_workspace.items():
            async with self._stage.db.transaction(Actor.system(workspace_id), lane=Lane.BACKGROUND) as tx:
                kept = await queries.extend_claims(tx.conn, ids, self._worker)
            for interaction_id in ids:
                if (performance := self._performances.get(interaction_id)) is None:
                    continue  # it ended meanwhile
                if interaction_id not in kept:
                    performance.stop("the turn was stopped or taken over by another worker")
                elif self._is_behind(interaction_id, kept[interaction_id]):
                    performance.stop(SPOKEN_SINCE)

    def on_queued(self, queued: TurnsQueued) -> None:
        """Turns were asked for in this process."""
        self.nudge(queued.workspace_id)

    def on_posted(self, flight: MessagesPosted) -> None:
        """Somebody spoke: what robots are saying in those rooms is outdated."""
        if self._performances:
            for posted in flight.posted:
                for claim in self._claims_in(posted.posting.room_id):
                    if _overtakes(posted, claim):
                        self._performances[claim.id].stop(SPOKEN_SINCE)

    def on_room_changed(self, changed: RoomStateChanged) -> None:
        """A room was taken over, closed or handed on."""
        room = changed.room
        for claim in self._claims_in(room.id):
            if claim.trigger is Trigger.SUGGESTION and room.status not in (RoomStatus.CLOSED, RoomStatus.ARCHIVED):
                continue
            greets = claim.trigger is Trigger.ROOM_OPENED and room.owner_kind is not OwnerKind.HUMAN
            is_robots = greets or room.owner_kind is OwnerKind.ROBOT
            if not is_robots or room.status in (RoomStatus.CLOSED, RoomStatus.ARCHIVED):
                self._performances[claim.id].stop(SPOKEN_SINCE)

    def on_stopped(self, stopped: TurnsStopped) -> None:
        """Somebody told the robots of a room to stop."""
        for claim in self._claims_in(stopped.room_id):
            if claim.trigger is not Trigger.SUGGESTION:
                self._performances[claim.id].stop(stopped.reason)

    def _is_behind(self, interaction_id: InteractionId, room_turn_no: int) -> bool:
        claim = self._playing[interaction_id]
        return claim.trigger is not Trigger.SUGGESTION and claim.turn_no != room_turn_no

    def _claims_in(self, room_id: RoomId) -> list[Claim]:
        return [
            claim for claim in self._playing.values() if claim.room_id == room_id and claim.id in self._performances
        ]

    async def _claim(self) -> None:
        try:
            while self._wanted and not self._stopping and (free := self._seats - len(self._playing)) > 0:
                workspace_id = next(iter(self._wanted))
                share = max(1, free // len(self._wanted))
                del self._wanted[workspace_id]
                async with self._stage.db.transaction(Actor.system(workspace_id), lane=Lane.BACKGROUND) as tx:
                    claims = await queries.claim_turns(tx.conn, self._worker, share)
                for claim in claims:
                    self._playing[claim.id] = claim
                    self._stage.tasks.spawn(self._play(claim), name=f"turn {claim.robot.name}")
                if len(claims) == share:
                    self._wanted[workspace_id] = None  # there may be more: after the others' turn
        except DeskError as error:
            log.warning("robot.claiming_failed", reason=error.sentence)  # the sweep tries again
        finally:
            self._claiming = False

    async def _play(self, claim: Claim) -> None:
        try:
            await play_turn(self._stage, claim, self._begin, self._finishing)
        finally:
            self._playing.pop(claim.id, None)
            self._performances.pop(claim.id, None)
            self.nudge(claim.workspace_id)  # a seat is free, and the room's next turn may have waited for this one

    def _begin(self, claim: Claim, performance: Performance) -> None:
        self._performances[claim.id] = performance

    def _finishing(self, claim: Claim) -> None:
        # From here on the row decides, and our own transaction holds it: the beat would wait for ourselves.
        self._performances.pop(claim.id, None)

    async def _sweep(self) -> None:
        while True:
            try:
                await self.sweep()
            except DeskError as error:
                log.warning("robot.sweep_failed", reason=error.sentence)
            await asyncio.sleep(SWEEP_S)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            try:
                await self.beat()
            except DeskError as error:
                log.warning("robot.beat_failed", reason=error.sentence)


def _overtakes(posted: Posted, claim: Claim) -> bool:
    if claim.trigger is not Trigger.SUGGESTION:
        return posted.turn_no != claim.turn_no
    speaks = posted.posting.actor.kind in (ActorKind.GUEST, ActorKind.AGENT)
    return speaks and posted.public_seq is not None and posted.id != claim.message_id
