"""The e-mails of accounts, written when they are sent: the outbox holds the id of a row and no link."""

from typing import Any, Final
from uuid import UUID

from supportdesk.accounts.links import Link, Links
from supportdesk.accounts.queries import links
from supportdesk.actor import Actor, WorkspaceId
from supportdesk.core.db import Connection, Database, Lane
from supportdesk.core.mail import Mailer
from supportdesk.workspaces import access as workspaces

INVITATION: Final = """\
{invited_by} invites you to {workspace} as {role}.

Open this link to choose your name and password. It works once, until {expires_at:%d %B %Y, %H:%M} UTC:

{address}

If you did not expect this, do nothing: without the link nobody can join in your name.
"""

RESET: Final = """\
Somebody, most likely you, asked for a new password for {email} at {workspace}.

Open this link to choose one. It works once, until {expires_at:%H:%M} UTC:

{address}

If that was not you, do nothing: your password stays as it is.
"""

VERIFICATION: Final = """\
Open this link to confirm that {email} is your address at {workspace}. It works once,
until {expires_at:%d %B, %H:%M} UTC:

{address}
"""


class AccountMail:
    """Carries out the outbox's promises of e-mails with links."""

    def __init__(self, db: Database, mailer: Mailer, where: Links) -> None:
        self._db = db
        self._mailer = mailer
        self._links = where

    async def __call__(self, workspace_id: WorkspaceId, payload: dict[str, Any]) -> None:
        """Send one; nothing when its link was used, withdrawn or replaced meanwhile."""
        link, row_id = Link[payload["link"]], UUID(payload["id"])
        async with self._db.read(Actor.system(workspace_id), lane=Lane.BACKGROUND) as conn:
            name = await workspaces.name_of(conn, workspace_id)
            written = await self._write(conn, link, row_id, name)
        if written is not None:
            await self._mailer.send(*written)

    async def _write(self, conn: Connection, link: Link, row_id: UUID, workspace: str) -> tuple[str, str, str] | None:
        if link is Link.INVITATION:
            invitation = await links.find_invitation(conn, row_id)
            if invitation is None:
                return None
            text = INVITATION.format(
                invited_by=invitation.invited_by,
                workspace=workspace,
                role=invitation.role,
                expires_at=invitation.expires_at,
                address=self._links.address(link, row_id),
            )
            return invitation.email, f"You are invited to {workspace}", text
        verification = await links.find_open_verification(conn, row_id)
        if verification is None:
            return None
        template, subject = (
            (RESET, f"A new password for {workspace}")
            if link is Link.PASSWORD_RESET
            else (VERIFICATION, f"Confirm your address at {workspace}")
        )
        text = template.format(
            email=verification.email,
            workspace=workspace,
            expires_at=verification.expires_at,
            address=self._links.address(link, row_id),
        )
        return verification.email, subject, text
