"""SQL that deletes for good: documents that were removed, replaced, or belonged to a deleted conversation."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from supportdesk.core.db import Connection

# The statements name the hold's three reasons as retention does: the workspace, the conversation, its guest. What a
# living question still points to stays until a newer table has taken the question over.
LIST_PURGEABLE: Final = """
    SELECT d.id, d.room_id
    FROM documents d LEFT JOIN chat_rooms r ON r.id = d.room_id
    WHERE least(d.deleted_at, r.deleted_at) < $1
      AND NOT EXISTS (SELECT 1 FROM knowledge_entries e WHERE e.table_id = d.id AND e.deleted_at IS NULL)
      AND NOT EXISTS (
        SELECT 1 FROM legal_holds l
        WHERE l.workspace_id = d.workspace_id AND l.released_at IS NULL
          AND (l.scope = 'workspace' OR l.room_id = d.room_id OR l.guest_id IN (d.user_id, r.creator_id)
               OR l.guest_id IN (SELECT p.user_id FROM room_participants p WHERE p.room_id = d.room_id))
    )
    ORDER BY d.id
    LIMIT $2
"""

LOCK_ROOMS: Final = """
    SELECT id FROM chat_rooms WHERE id = ANY ($1)
    ORDER BY id
    FOR UPDATE -- nobody lays a hold on one of them meanwhile
"""

LIST_HELD: Final = """
    SELECT d.id
    FROM documents d LEFT JOIN chat_rooms r ON r.id = d.room_id
    JOIN legal_holds l ON l.workspace_id = d.workspace_id AND l.released_at IS NULL
     AND (l.scope = 'workspace' OR l.room_id = d.room_id OR l.guest_id IN (d.user_id, r.creator_id)
          OR l.guest_id IN (SELECT p.user_id FROM room_participants p WHERE p.room_id = d.room_id))
    WHERE d.id = ANY ($1)
"""

BLANK_DOCUMENTS: Final = "SELECT desk_blank_history('documents', $1)"
# Chunks and originals go with their document.
PURGE_DOCUMENTS: Final = "DELETE FROM documents WHERE id = ANY ($1) RETURNING id"


async def purge_documents(conn: Connection, before: datetime, limit: int) -> tuple[int, int]:
    """How many documents were due that were gone before that instant, and how many of them are deleted now.

    They differ where a hold came in between.
    """
    due = await conn.fetch(LIST_PURGEABLE, before, limit)
    await conn.execute(LOCK_ROOMS, sorted({row["room_id"] for row in due if row["room_id"] is not None}))
    gone = await _free(conn, [row["id"] for row in due])
    deleted = await conn.fetch(PURGE_DOCUMENTS, gone)
    await conn.execute(BLANK_DOCUMENTS, gone)
    return len(due), len(deleted)


async def _free(conn: Connection, documents: Sequence[UUID]) -> list[UUID]:
    """Those that no hold covers, now that none can come."""
    held = {row["id"] for row in await conn.fetch(LIST_HELD, documents)}
    return [document for document in documents if document not in held]
