"""What is done to workspaces and sites."""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from uuid import UUID

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.audit import actions as audit
from supportdesk.audit.model import Subject
from supportdesk.core.db import Connection, Tx
from supportdesk.core.secrets import Keyring
from supportdesk.errors import Invalid
from supportdesk.workspaces import access, queries
from supportdesk.workspaces.events import SiteChanged
from supportdesk.workspaces.model import Site

PLAN: Final = "enterprise"
"""Of a workspace that its own operator makes: no limits but those of the machine."""
PURPOSE: Final = "workspace identity secret"

BeginHook: TypeAlias = Callable[[Tx], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Beginnings:
    """What higher slices do in the transaction that makes a workspace; app.py fills the list in order."""

    hooks: list[BeginHook] = field(default_factory=list)


def new_site_key() -> str:
    """A key that is public and that nobody guesses by counting."""
    return secrets.token_urlsafe(12)


async def create_workspace(tx: Tx, name: str, beginnings: Beginnings) -> None:
    """Make the workspace of this transaction's actor, with its defaults and a site that any widget can start on."""
    workspace_id = tx.actor.workspace_id
    await queries.insert_workspace(tx.conn, workspace_id, name, PLAN)
    await queries.insert_site(tx.conn, workspace_id, name, new_site_key(), (), robots=True)
    await audit.note(tx, "workspace.created", Subject("workspace", workspace_id))
    for begin in beginnings.hooks:
        await begin(tx)


async def add_site(tx: Tx, actor: Actor, name: str, allowed_origins: Sequence[str], *, robots_enabled: bool) -> Site:
    """Let a further web site carry the widget."""
    site_id = await queries.insert_site(
        tx.conn, actor.workspace_id, name, new_site_key(), allowed_origins, robots=robots_enabled
    )
    await audit.note(tx, "site.created", Subject("site", site_id))
    return await access.site_of_workspace(tx, site_id)


async def change_site(
    tx: Tx,
    site_id: UUID,
    *,
    name: str | None,
    allowed_origins: Sequence[str] | None,
    appearance: Mapping[str, Any] | None,
    robots_enabled: bool | None,
    queue_id: UUID | None,
    is_active: bool | None,
) -> Site:
    """Change what is given; None leaves a thing as it is. Raises NotFound, or Invalid for a queue that is not there."""
    site = await access.site_of_workspace(tx, site_id)
    if queue_id is not None and not await queries.has_queue(tx.conn, queue_id):
        problem = "there is no such queue"
        raise Invalid("There is no such queue.", fields=[{"field": "queue_id", "problem": problem}])
    await queries.update_site(
        tx.conn,
        site.id,
        name=name,
        allowed_origins=allowed_origins,
        appearance=appearance,
        robots_enabled=robots_enabled,
        queue_id=queue_id,
        is_active=is_active,
    )
    await audit.note(tx, "site.changed", Subject("site", site.id))
    tx.announce(SiteChanged(site_key=site.site_key))
    return await access.site_of_workspace(tx, site_id)


async def find_identity_secret(conn: Connection, keys: Keyring, workspace_id: WorkspaceId) -> str | None:
    """The secret that host pages sign their users' ids with; None while nobody has asked for one."""
    sealed = await queries.identity_secret(conn, workspace_id)
    return None if sealed is None else keys.decrypt(PURPOSE, sealed, bound_to=workspace_id.bytes).decode()


async def show_identity_secret(tx: Tx, actor: Actor, keys: Keyring) -> str:
    """The same for an admin, made now if there is none; that it was shown is written down."""
    sealed = await queries.lock_identity_secret(tx.conn, actor.workspace_id)
    if sealed is None:
        return await renew_identity_secret(tx, actor, keys)
    await audit.note(tx, "identity_secret.shown", Subject("workspace", actor.workspace_id))
    return keys.decrypt(PURPOSE, sealed, bound_to=actor.workspace_id.bytes).decode()


async def renew_identity_secret(tx: Tx, actor: Actor, keys: Keyring) -> str:
    """Another secret: from now on, what was signed with the one before proves nothing."""
    secret = _new_secret()
    await queries.set_identity_secret(tx.conn, actor.workspace_id, _seal(keys, actor.workspace_id, secret))
    await audit.note(tx, "identity_secret.renewed", Subject("workspace", actor.workspace_id))
    return secret


def _new_secret() -> str:
    return secrets.token_hex(32)


def _seal(keys: Keyring, workspace_id: WorkspaceId, secret: str) -> bytes:
    return keys.encrypt(PURPOSE, secret.encode(), bound_to=workspace_id.bytes)
