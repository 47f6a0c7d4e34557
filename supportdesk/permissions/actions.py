"""What the command line asks about permissions."""

from supportdesk.accounts import access as accounts
from supportdesk.actor import Actor, Permission, WorkspaceId
from supportdesk.core.db import Database
from supportdesk.errors import NotFound
from supportdesk.permissions import queries
from supportdesk.permissions.grants import Grants
from supportdesk.permissions.model import Verdict
from supportdesk.permissions.queries import Listed


async def list_permissions(db: Database, workspace_id: WorkspaceId) -> list[Listed]:
    """Every permission with what it is for, and which roles of the workspace include it."""
    async with db.read(Actor.system(workspace_id)) as conn:
        return await queries.list_catalogue(conn, workspace_id)


async def explain(db: Database, grants: Grants, email: str, permission: str) -> Verdict:
    """Whether the member of staff of an e-mail address has a permission, and the rule that decided.

    Raises NotFound for an unknown address or permission.
    """
    try:
        asked = Permission(permission)
    except ValueError:
        raise NotFound(f"There is no permission {permission}; `supportdesk permissions list` shows them all.") from None
    found = await accounts.find_staff(db, email)
    if found is None:
        raise NotFound(f"Nobody on the staff has the e-mail address {email}.")
    user_id, status = found
    if status != "active":
        reason = f"The account is {status}, so it may do nothing."
        return Verdict(asked, is_allowed=False, role=None, pattern=None, reason=reason)
    return await grants.explain(user_id, asked)
