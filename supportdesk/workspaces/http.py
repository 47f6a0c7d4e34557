"""Sites and the identity secret over HTTP."""

from uuid import UUID

from supportdesk.actor import Actor, Permission
from supportdesk.core.db import Database, Tx
from supportdesk.core.http import Routes
from supportdesk.core.secrets import Keyring
from supportdesk.workspaces import actions, queries
from supportdesk.workspaces.wire import AddSite, ChangeSite, SecretOut, SiteOut, SitesOut, site_out

routes = Routes()


@routes.get("/api/v1/sites", needs=Permission.WORKSPACE_MANAGE)
async def list_sites(actor: Actor, db: Database) -> SitesOut:
    """The sites that carry this workspace's widget."""
    async with db.read(actor) as conn:
        return SitesOut(items=[site_out(site) for site in await queries.list_sites(conn)])


@routes.post("/api/v1/sites", needs=Permission.WORKSPACE_MANAGE, status=201)
async def add_site(tx: Tx, actor: Actor, want: AddSite) -> SiteOut:
    """Let a further web site carry the widget; the answer has its public key."""
    return site_out(
        await actions.add_site(tx, actor, want.name, want.allowed_origins, robots_enabled=want.robots_enabled)
    )


@routes.patch("/api/v1/sites/{site_id}", needs=Permission.WORKSPACE_MANAGE)
async def change_site(tx: Tx, site_id: UUID, want: ChangeSite) -> SiteOut:
    """Change a site's name, origins, appearance, robots or queue, or switch it off."""
    return site_out(
        await actions.change_site(
            tx,
            site_id,
            name=want.name,
            allowed_origins=want.allowed_origins,
            appearance=want.appearance,
            robots_enabled=want.robots_enabled,
            queue_id=want.queue_id,
            is_active=want.is_active,
        )
    )


@routes.get("/api/v1/identity-secret", needs=Permission.WORKSPACE_MANAGE)
async def show_identity_secret(tx: Tx, actor: Actor, keys: Keyring) -> SecretOut:
    """The secret with which your server signs its users' ids (HMAC-SHA256 in hex); showing it is audited."""
    return SecretOut(secret=await actions.show_identity_secret(tx, actor, keys))


@routes.post("/api/v1/identity-secret", needs=Permission.WORKSPACE_MANAGE, status=201)
async def renew_identity_secret(tx: Tx, actor: Actor, keys: Keyring) -> SecretOut:
    """Replace the secret; what was signed with the one before proves nothing any more."""
    return SecretOut(secret=await actions.renew_identity_secret(tx, actor, keys))
