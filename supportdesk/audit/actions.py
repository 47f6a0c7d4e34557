"""Writing things down for good."""

from supportdesk.actor import Actor
from supportdesk.audit import queries
from supportdesk.audit.model import Outcome, Subject
from supportdesk.core.address import Address
from supportdesk.core.db import Database, Tx


async def note(
    tx: Tx,
    action: str,
    subject: Subject | None = None,
    *,
    outcome: Outcome = Outcome.DONE,
    reason: str | None = None,
    address: Address | None = None,
    **details: object,
) -> None:
    """Write down that the actor of this transaction did something: `action` is `thing.what_happened`.

    `details` are ids, states and counts, never message bodies, e-mail addresses or tokens.
    """
    await queries.insert_note(
        tx.conn, tx.actor, action, outcome=outcome, subject=subject, reason=reason, address=address, data=details
    )


async def note_denial(
    db: Database,
    actor: Actor,
    action: str,
    subject: Subject | None = None,
    *,
    reason: str,
    address: Address | None = None,
    **details: object,
) -> None:
    """Write down a refusal in a transaction of its own, because the one that was asked for is about to end."""
    async with db.transaction(actor) as tx:
        await note(tx, action, subject, outcome=Outcome.DENIED, reason=reason, address=address, **details)
