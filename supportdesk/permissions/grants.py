"""What somebody may do, remembered per process under the version it was read at."""

from collections import OrderedDict
from typing import Final

from supportdesk.accounts.model import StaffIdentity
from supportdesk.actor import Actor, ActorKind, Permission, UserId, WorkspaceId
from supportdesk.core.db import Database, Lane
from supportdesk.guests.model import GuestIdentity
from supportdesk.permissions import queries
from supportdesk.permissions.model import Grant, Verdict, judge, meet

REMEMBERED: Final = 10_000
GUESTS: Final = "guest"

Version = tuple[int, ...]


class Grants:
    """Loads what roles grant in one query, and only when the version at hand says that it has changed."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._staff: OrderedDict[UserId, tuple[Version, tuple[Grant, ...]]] = OrderedDict()
        self._guests: dict[WorkspaceId, tuple[int, frozenset[str]]] = {}

    async def actor_of_staff(self, identity: StaffIdentity) -> Actor:
        """The actor with the grants of their roles, met with the limits of the token they came with."""
        version = (identity.version.user, identity.version.workspace)
        at, found = self._staff.get(identity.user_id, (None, ()))
        if at != version:
            found = tuple(await self.of(identity.user_id))
            self._staff[identity.user_id] = (version, found)
            if len(self._staff) > REMEMBERED:
                self._staff.popitem(last=False)
        patterns = frozenset(grant.pattern for grant in found)
        return Actor(
            kind=ActorKind.AGENT,
            id=identity.user_id,
            workspace_id=identity.workspace_id,
            name=identity.name,
            level=identity.level,
            grants=patterns if identity.limits is None else meet(patterns, identity.limits),
            session_id=identity.session_id,
            token_id=identity.token_id,
            avatar_url=identity.avatar_url,
        )

    async def actor_of_guest(self, identity: GuestIdentity) -> Actor:
        """The actor with the grants of the role of guests."""
        return Actor(
            kind=ActorKind.GUEST,
            id=identity.user_id,
            workspace_id=identity.workspace_id,
            name=identity.name,
            grants=await self.of_guests(identity.workspace_id, identity.workspace_version),
            session_id=identity.session_id,
            avatar_url=identity.avatar_url,
            site_id=identity.site_id,
        )

    async def of(self, user_id: UserId) -> list[Grant]:
        """What somebody's roles grant now."""
        async with self._db.bare() as conn:
            return await queries.grants_of(conn, user_id)

    async def of_guests(self, workspace_id: WorkspaceId, version: int) -> frozenset[str]:
        """What all guests of a workspace may do, at this version of its roles."""
        at, patterns = self._guests.get(workspace_id, (None, frozenset[str]()))
        if at == version:
            return patterns
        async with self._db.read(Actor.system(workspace_id), lane=Lane.REALTIME) as conn:
            patterns = await queries.grants_of_role(conn, GUESTS)
        self._guests[workspace_id] = (version, patterns)
        return patterns

    def forget(self, user_id: UserId) -> None:
        """Somebody's rights have changed: what is remembered of them is of no more use."""
        self._staff.pop(user_id, None)

    async def explain(
        self, user_id: UserId, permission: Permission, *, limits: frozenset[str] | None = None
    ) -> Verdict:
        """Whether somebody has a permission, and the rule that decided."""
        return judge(permission, await self.of(user_id), limits=limits)
