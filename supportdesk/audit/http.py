"""The audit log over HTTP."""

from supportdesk.actor import Actor, Permission
from supportdesk.audit import queries
from supportdesk.audit.wire import LogQuery, NotesOut, notes_out
from supportdesk.core.db import Database
from supportdesk.core.http import Routes
from supportdesk.core.paging import LAST

routes = Routes()


@routes.get("/api/v1/audit-log", needs=Permission.AUDIT_READ)
async def list_notes(actor: Actor, query: LogQuery, db: Database) -> NotesOut:
    """Sign-ins, denials, exports, approvals and the like, newest first."""
    async with db.read(actor) as conn:
        notes = await queries.list_notes(
            conn,
            query.place(LAST),
            action=query.action,
            actor_id=query.actor_id,
            subject_id=query.subject_id,
            limit=query.limit,
        )
    return notes_out(notes, query.limit)
