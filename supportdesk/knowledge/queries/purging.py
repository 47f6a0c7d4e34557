"""SQL that deletes for good: removed and replaced documents, those of deleted conversations, and removed answers."""

from datetime import datetime
from typing import Final

from supportdesk.actor import WorkspaceId
from supportdesk.core.db import Connection

# A hold has one of three reasons: the workspace, the conversation, its guest. What a living question still points to
# stays until a newer table has taken the question over. Chunks and originals go with their document.
PURGE_DOCUMENTS: Final = """
    DELETE FROM documents WHERE id IN (
        SELECT d.id
        FROM documents d LEFT JOIN chat_rooms r ON r.id = d.room_id
        WHERE d.workspace_id = $1 AND least(d.deleted_at, r.deleted_at) < $2
          AND NOT EXISTS (SELECT 1 FROM knowledge_entries e WHERE e.table_id = d.id AND e.deleted_at IS NULL)
          AND NOT EXISTS (
            SELECT 1 FROM legal_holds l
            WHERE l.workspace_id = d.workspace_id AND l.released_at IS NULL
              AND (l.scope = 'workspace' OR l.room_id = d.room_id OR l.guest_id IN (d.user_id, r.creator_id)
                   OR l.guest_id IN (SELECT p.user_id FROM room_participants p WHERE p.room_id = d.room_id))
        )
        ORDER BY d.id
        LIMIT $3
    )
    RETURNING id
"""
PURGE_ENTRIES: Final = """
    DELETE FROM knowledge_entries WHERE id IN (
        SELECT e.id FROM knowledge_entries e
        WHERE e.workspace_id = $1 AND e.deleted_at < $2
          AND NOT EXISTS (
            SELECT 1 FROM legal_holds l
            WHERE l.workspace_id = e.workspace_id AND l.released_at IS NULL AND l.scope = 'workspace'
        )
        ORDER BY e.id
        LIMIT $3
    )
    RETURNING id
"""
BLANK_HISTORY: Final = "SELECT desk_blank_history('documents', $1)"


async def purge_documents(conn: Connection, workspace_id: WorkspaceId, before: datetime, limit: int) -> int:
    """How many documents, gone before that instant and under no hold, are deleted now."""
    deleted = [row["id"] for row in await conn.fetch(PURGE_DOCUMENTS, workspace_id, before, limit)]
    await conn.execute(BLANK_HISTORY, deleted)
    return len(deleted)


async def purge_entries(conn: Connection, workspace_id: WorkspaceId, before: datetime, limit: int) -> int:
    """How many questions and answers, removed before that instant and under no hold, are deleted now."""
    return len(await conn.fetch(PURGE_ENTRIES, workspace_id, before, limit))
