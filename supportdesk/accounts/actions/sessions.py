"""Sessions, socket tickets and personal access tokens of somebody who is signed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from supportdesk.accounts.events import SessionsEnded
from supportdesk.accounts.model import TICKET_LASTS, TICKET_PREFIX, TOKEN_PREFIX, covers
from supportdesk.accounts.queries import sessions
from supportdesk.accounts.queries.sessions import AccessToken
from supportdesk.actor import Actor, UserId
from supportdesk.audit import actions as audit
from supportdesk.audit.model import Subject
from supportdesk.core.db import Tx
from supportdesk.core.secrets import digest, new_token
from supportdesk.errors import Forbidden, NotFound

SHOWN_OF_TOKEN = len(TOKEN_PREFIX) + 4


@dataclass(frozen=True, slots=True)
class NewToken:
    """An access token with its secret, which is shown this once."""

    secret: str
    token: AccessToken


def must_be_signed_in(actor: Actor) -> tuple[UserId, UUID]:
    """Who it is and their session; raises Forbidden for an access token, which must not make or end credentials."""
    if actor.id is None or actor.session_id is None:
        raise Forbidden("Sign in with e-mail and password for this; an access token cannot do it.")
    return actor.id, actor.session_id


async def end_session(tx: Tx, actor: Actor, session_id: UUID) -> None:
    """End one of one's own sessions; raises NotFound for anybody else's."""
    user_id, _ = must_be_signed_in(actor)
    if not await sessions.end_session(tx.conn, session_id, user_id, "ended by its owner"):
        raise NotFound("You have no such session.")
    await audit.note(tx, "session.ended", Subject("session", session_id))
    tx.announce(SessionsEnded(workspace_id=actor.workspace_id, user_id=user_id))


async def end_other_sessions(tx: Tx, actor: Actor) -> None:
    """End all of one's own sessions but this one."""
    user_id, mine = must_be_signed_in(actor)
    await sessions.end_sessions(tx.conn, user_id, but=mine, reason="ended by its owner")
    await audit.note(tx, "session.others_ended", Subject("user", user_id))
    tx.announce(SessionsEnded(workspace_id=actor.workspace_id, user_id=user_id))


async def make_ticket(tx: Tx, actor: Actor) -> str:
    """A ticket for one socket of this session, good for 30 seconds and once."""
    must_be_signed_in(actor)
    ticket = new_token(TICKET_PREFIX)
    await sessions.insert_ticket(tx.conn, actor, digest(ticket), TICKET_LASTS)
    return ticket


async def make_token(
    tx: Tx, actor: Actor, name: str, *, grants: Sequence[str], expires_at: datetime | None
) -> NewToken:
    """A token that acts as the actor, never beyond their roles; `grants` are patterns that narrow it further."""
    must_be_signed_in(actor)
    wide = frozenset(grants)
    if wide != {"*:*:*"} and not covers(actor.grants, wide):
        raise Forbidden("Your own role does not include all of that; name fewer grants.")
    secret = new_token(TOKEN_PREFIX)
    token = await sessions.insert_token(
        tx.conn, actor, name, digest(secret), secret[:SHOWN_OF_TOKEN], sorted(wide), expires_at
    )
    await audit.note(tx, "token.made", Subject("token", token.id), grants=sorted(wide))
    return NewToken(secret, token)


async def revoke_token(tx: Tx, actor: Actor, token_id: UUID) -> None:
    """Let one of one's own tokens count no more; raises NotFound for anybody else's."""
    user_id, _ = must_be_signed_in(actor)
    if not await sessions.revoke_token(tx.conn, token_id, user_id):
        raise NotFound("You have no such token.")
    await audit.note(tx, "token.revoked", Subject("token", token_id))
    tx.announce(SessionsEnded(workspace_id=actor.workspace_id, user_id=user_id))
