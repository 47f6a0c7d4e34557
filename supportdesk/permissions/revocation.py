"""Taking rights from live sockets: at once in the process where it happens, within seconds in all others."""

from dataclasses import replace
from typing import Final
from uuid import UUID

import structlog

from supportdesk.actor import Actor, ActorKind, Level, UserId, WorkspaceId
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database, Lane
from supportdesk.core.events import Bus
from supportdesk.core.sockets import Socket, SocketClosed, SocketOpened, Sockets
from supportdesk.errors import DeskError, Forbidden, Unauthenticated
from supportdesk.permissions import queries
from supportdesk.permissions.events import AccessChanged
from supportdesk.permissions.grants import Grants
from supportdesk.permissions.model import meet

log = structlog.get_logger(__name__)

SWEEP_S: Final = 2.0
EXPIRY_S: Final = 60.0


class Revocation:
    """Compares the versions of everybody connected here with the database's, and looks again where they differ."""

    def __init__(self, db: Database, sockets: Sockets, grants: Grants, bus: Bus, clock: Clock) -> None:
        self._db = db
        self._sockets = sockets
        self._grants = grants
        self._bus = bus
        self._clock = clock
        self._users: dict[UserId, int] = {}
        self._workspaces: dict[WorkspaceId, int] = {}
        self._new: set[UserId] = set()
        self._expiry_at = 0.0

    def opened(self, event: SocketOpened) -> None:
        """Somebody connected: what they may do was read a moment before anybody could have taken it from the socket."""
        if event.actor.id is not None:
            self._new.add(event.actor.id)

    def closed(self, event: SocketClosed) -> None:
        """Forget whoever is gone."""
        if event.last and event.actor.id is not None:
            self._users.pop(event.actor.id, None)
            self._new.discard(event.actor.id)

    async def sweep(self) -> None:
        """Look again at everybody whose rights have changed anywhere since the last time."""
        present = {actor.id: actor for actor in self._actors() if actor.id is not None}
        workspaces = {actor.workspace_id for actor in present.values()}
        self._workspaces = {id_: version for id_, version in self._workspaces.items() if id_ in workspaces}
        if not present:
            return
        new = set(self._new)
        async with self._db.bare(lane=Lane.BACKGROUND) as conn:
            versions = await queries.access_versions(conn, list(present), list(workspaces))
        await self._look_at_roles(workspaces, versions, present)
        for user_id, actor in present.items():
            version = versions.get(user_id, 0)
            is_new_staff = user_id in new and actor.kind is not ActorKind.GUEST
            if version != self._users.get(user_id, 0) or is_new_staff or (version and user_id in new):
                await self.look_again(user_id)
                self._users[user_id] = version
        self._new -= new  # only now: a sweep that fails is one that has seen nobody
        if self._clock.monotonic() >= self._expiry_at:
            await self._end_expired()
            self._expiry_at = self._clock.monotonic() + EXPIRY_S

    def _actors(self) -> list[Actor]:
        return [socket.actor for socket in self._sockets]

    async def _look_at_roles(
        self, workspaces: set[WorkspaceId], versions: dict[UUID, int], present: dict[UserId, Actor]
    ) -> None:
        for workspace_id in workspaces:
            version = versions.get(workspace_id, 0)
            guests = await self._grants.of_guests(workspace_id, version)
            for socket in self._sockets:
                is_guest_here = socket.actor.kind is ActorKind.GUEST and socket.actor.workspace_id == workspace_id
                if is_guest_here and socket.actor.grants != guests:
                    socket.actor = replace(socket.actor, grants=guests)
            if self._workspaces.get(workspace_id, version) != version:
                for user_id, actor in present.items():
                    if actor.workspace_id == workspace_id and actor.kind is not ActorKind.GUEST:
                        await self.look_again(user_id)
            self._workspaces[workspace_id] = version

    async def look_again(self, user_id: UserId) -> None:
        """Cut those of somebody's sockets that may no longer be; the others get the rights of this moment."""
        self._grants.forget(user_id)
        sockets = self._sockets.of_user(user_id)
        if not sockets:
            return
        workspace_id = sockets[0].actor.workspace_id
        tokens = [socket.actor.token_id for socket in sockets if socket.actor.token_id is not None]
        async with self._db.read(Actor.system(workspace_id), lane=Lane.BACKGROUND) as conn:
            state = await queries.state_of(conn, user_id)
            ended = await queries.ended_credentials(conn, _credentials(sockets))
            patterns = frozenset(grant.pattern for grant in await queries.grants_of(conn, user_id))
            limits = await queries.limits_of(conn, tokens) if tokens else {}
        for socket in sockets:
            why = _why_not(socket.actor, state, ended)
            if why is not None or state is None:
                log.info("socket.cut", actor=str(user_id), reason=why.specific_code if why else "gone")
                await socket.cut(why)
                continue
            token_id = socket.actor.token_id
            socket.actor = replace(
                socket.actor,
                name=state.name,
                level=Level(state.level) if state.level else None,
                avatar_url=state.avatar_url,
                grants=patterns if token_id is None else meet(patterns, limits.get(token_id, ())),
            )
        self._bus.publish(AccessChanged(workspace_id=workspace_id, user_id=user_id))

    async def _end_expired(self) -> None:
        sockets = list(self._sockets)
        async with self._db.bare(lane=Lane.BACKGROUND) as conn:
            ended = await queries.ended_credentials(conn, _credentials(sockets))
        for socket in sockets:
            if _credential(socket.actor) in ended:
                await socket.cut(Unauthenticated("Your session has ended; sign in again."))


def _credential(actor: Actor) -> UUID | None:
    return actor.session_id or actor.token_id


def _credentials(sockets: list[Socket]) -> list[UUID]:
    return [credential for socket in sockets if (credential := _credential(socket.actor)) is not None]


def _why_not(actor: Actor, state: queries.State | None, ended: set[UUID]) -> DeskError | None:
    if _credential(actor) in ended:
        return Unauthenticated("Your session has ended; sign in again.")
    if state is None or state.account_status in ("suspended", "deactivated"):
        return Forbidden("This account is not active any more.", code="account_not_active")
    if state.is_blocked:
        return Forbidden("You cannot write here; ask the company by other means.", code="blocked")
    return None
