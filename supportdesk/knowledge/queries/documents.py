"""SQL of documents as they are taken in, listed and removed."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

import asyncpg

from supportdesk.actor import Actor, Permission, UserId, WorkspaceId
from supportdesk.core.db import Connection
from supportdesk.knowledge.model import Allowance, Audience, Document, DocumentId, Home, NewDocument, Processing, Scope

INSERT_DOCUMENT: Final = """
    INSERT INTO documents (
        workspace_id, scope, team_id, room_id, user_id, audience, title, filename, source_url, file_size, mime_type,
        content, content_hash, fetched_from, etag, last_modified, entry_id, version
    )
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
           1 + coalesce(max(d.version), 0)
    FROM documents d
    WHERE d.workspace_id = $1 AND d.filename = $8 AND d.scope = $2
      AND d.team_id IS NOT DISTINCT FROM $3 AND d.room_id IS NOT DISTINCT FROM $4
    ON CONFLICT (workspace_id, scope, team_id, room_id, content_hash) WHERE deleted_at IS NULL DO NOTHING
    RETURNING id, workspace_id, title, filename, source_url, file_size, audience, version, scope,
           team_id, room_id, mime_type, processing_status,
              chunks_done, chunks_total, error_message, tokens_used, user_id, created_at, updated_at
"""


async def insert_document(conn: Connection, new: NewDocument, author: UserId | None) -> Document | None:
    """The new row, or None when a living document of the same home has the same bytes."""
    row = await conn.fetchrow(
        INSERT_DOCUMENT,
        new.workspace_id,
        new.home.scope,
        new.home.team_id,
        new.home.room_id,
        author,
        new.audience,
        new.title,
        new.filename,
        new.source_url,
        new.file_size,
        new.mime_type,
        new.content,
        new.content_hash,
        new.fetched.url if new.fetched else None,
        new.fetched.etag if new.fetched else None,
        new.fetched.last_modified if new.fetched else None,
        new.entry_id,
    )
    if row is None:
        return None
    if new.original is not None:
        await conn.execute(INSERT_ORIGINAL, row["id"], new.workspace_id, new.original)
    return _document(row)


INSERT_ORIGINAL: Final = "INSERT INTO document_originals (document_id, workspace_id, content) VALUES ($1, $2, $3)"

FIND_TWIN: Final = """
    SELECT id, workspace_id, title, filename, source_url, file_size, audience, version, scope,
           team_id, room_id, mime_type, processing_status,
           chunks_done, chunks_total, error_message, tokens_used, user_id, created_at, updated_at
    FROM documents
    WHERE workspace_id = $1 AND scope = $2 AND team_id IS NOT DISTINCT FROM $3 AND room_id IS NOT DISTINCT FROM $4
      AND content_hash = $5 AND deleted_at IS NULL
"""


async def find_twin(conn: Connection, workspace_id: WorkspaceId, home: Home, content_hash: str) -> Document | None:
    """The living document with these bytes."""
    row = await conn.fetchrow(FIND_TWIN, workspace_id, home.scope, home.team_id, home.room_id, content_hash)
    return _document(row) if row else None


FIND_DOCUMENT: Final = """
    SELECT id, workspace_id, title, filename, source_url, file_size, audience, version, scope,
           team_id, room_id, mime_type, processing_status,
           chunks_done, chunks_total, error_message, tokens_used, user_id, created_at, updated_at
    FROM documents
    WHERE id = $1 AND audience = ANY ($2) AND deleted_at IS NULL AND entry_id IS NULL
"""


async def find_document(conn: Connection, document_id: DocumentId, audiences: Collection[Audience]) -> Document | None:
    """A living document that one of these audiences may see."""
    row = await conn.fetchrow(FIND_DOCUMENT, document_id, list(audiences))
    return _document(row) if row else None


LIST_DOCUMENTS: Final = """
    SELECT id, workspace_id, title, filename, source_url, file_size, audience, version, scope,
           team_id, room_id, mime_type, processing_status,
           chunks_done, chunks_total, error_message, tokens_used, user_id, created_at, updated_at
    FROM documents d
    WHERE deleted_at IS NULL AND entry_id IS NULL AND audience = ANY ($1) AND ($2::uuid IS NULL OR id < $2)
      AND (d.room_id IS NULL OR ($4 AND (
          SELECT NOT r.is_private OR $5 OR EXISTS (
                     SELECT 1
                       FROM room_participants p
                      WHERE p.room_id = r.id AND p.user_id = $6 AND p.status IN ('active', 'muted')
                 )
            FROM chat_rooms r
           WHERE r.id = d.room_id AND r.deleted_at IS NULL
      )))
    ORDER BY id DESC
    LIMIT $3
"""


async def list_documents(
    conn: Connection, actor: Actor, audiences: Collection[Audience], before: DocumentId | None, limit: int
) -> list[Document]:
    """Living documents, newest first, older than `before`; of rooms, those that the actor may enter."""
    rows = await conn.fetch(
        LIST_DOCUMENTS,
        list(audiences),
        before,
        limit,
        actor.may(Permission.ROOM_READ),
        actor.may(Permission.SUPERVISOR_OBSERVE),
        actor.id,
    )
    return [_document(row) for row in rows]


# Two that are added at once must not both be the last one allowed: they take turns, workspace by workspace.
TAKE_TURNS: Final = "SELECT pg_advisory_xact_lock(hashtextextended('documents ' || $1::uuid::text, 0))"
FIND_ALLOWANCES: Final = """
    SELECT p.name,
           p.workspace_document_limit AS most,
           (SELECT count(DISTINCT (d.scope, d.team_id, d.room_id, d.filename)) FROM documents d
             WHERE d.workspace_id = w.id AND d.deleted_at IS NULL AND d.entry_id IS NULL) AS present,
           p.document_limit AS most_in_room,
           (SELECT count(DISTINCT d.filename) FROM documents d
             WHERE d.room_id = $4 AND d.deleted_at IS NULL) AS present_in_room,
           EXISTS (SELECT 1 FROM documents d
                   WHERE d.workspace_id = w.id AND d.filename = $2 AND d.deleted_at IS NULL
                     AND d.team_id IS NOT DISTINCT FROM $3 AND d.room_id IS NOT DISTINCT FROM $4) AS is_known
    FROM workspaces w JOIN plans p ON p.id = w.plan_id
    WHERE w.id = $1
"""


async def take_turns(conn: Connection, workspace_id: WorkspaceId) -> None:
    """Until the end of the transaction nobody else adds or moves a document. Take it before any row."""
    await conn.execute(TAKE_TURNS, workspace_id)


async def find_allowances(
    conn: Connection, workspace_id: WorkspaceId, filename: str, home: Home
) -> tuple[Allowance, ...]:
    """What the plan allows where this document is to count; nothing to ask for a new version of one that is there.

    Until the end of the transaction nobody else adds a document to the workspace.
    """
    await take_turns(conn, workspace_id)
    rows = await conn.fetch(FIND_ALLOWANCES, workspace_id, filename, home.team_id, home.room_id)
    found = [
        Allowance(row["name"], "in a workspace", row["most"], row["present"]) for row in rows if not row["is_known"]
    ]
    if home.room_id is not None:
        found += [
            Allowance(row["name"], "for a conversation", row["most_in_room"], row["present_in_room"], is_of_room=True)
            for row in rows
            if not row["is_known"]
        ]
    return tuple(found)


MOVE_DOCUMENTS: Final = """
    UPDATE documents SET audience = $2, scope = $3, team_id = $4, room_id = $5 WHERE id = ANY ($1)
"""
HAS_NAMESAKE: Final = """
    SELECT EXISTS (
        SELECT 1 FROM documents there JOIN documents moved ON moved.id = ANY ($1)
        WHERE there.workspace_id = moved.workspace_id AND there.deleted_at IS NULL AND there.id <> ALL ($1)
          AND there.scope = $2 AND there.team_id IS NOT DISTINCT FROM $3 AND there.room_id IS NOT DISTINCT FROM $4
          AND (there.filename = moved.filename OR there.content_hash = moved.content_hash)
    )
"""


async def has_namesake(conn: Connection, versions: Sequence[DocumentId], home: Home) -> bool:
    """Whether another document with the name or the bytes of one of these is at home there."""
    found: bool = await conn.fetchval(HAS_NAMESAKE, list(versions), home.scope, home.team_id, home.room_id)
    return found


async def move_documents(conn: Connection, versions: Sequence[DocumentId], audience: Audience, home: Home) -> None:
    """Let these documents count there, for these readers."""
    await conn.execute(MOVE_DOCUMENTS, list(versions), audience, home.scope, home.team_id, home.room_id)


HAS_TEAM: Final = "SELECT EXISTS (SELECT 1 FROM teams WHERE id = $1 AND deleted_at IS NULL)"


async def has_team(conn: Connection, team_id: UUID) -> bool:
    """Whether the workspace has this team."""
    found: bool = await conn.fetchval(HAS_TEAM, team_id)
    return found


RETRY_DOCUMENT: Final = """
    UPDATE documents
    SET processing_status = 'pending', attempt = 0, error_message = NULL, chunks_done = 0, chunks_total = 0
    WHERE id = $1 AND processing_status = 'failed' AND deleted_at IS NULL
"""


async def retry_document(conn: Connection, document_id: DocumentId) -> None:
    """Let a failed document be read once more."""
    await conn.execute(RETRY_DOCUMENT, document_id)


DELETE_DOCUMENT: Final = "UPDATE documents SET deleted_at = now() WHERE id = $1 AND deleted_at IS NULL"


async def delete_document(conn: Connection, document_id: DocumentId) -> None:
    """Hide a document."""
    await conn.execute(DELETE_DOCUMENT, document_id)


def _document(row: asyncpg.Record) -> Document:
    return Document(
        id=DocumentId(row["id"]),
        workspace_id=WorkspaceId(row["workspace_id"]),
        title=row["title"] or row["filename"],
        filename=row["filename"],
        source_url=row["source_url"],
        file_size=row["file_size"],
        audience=Audience(row["audience"]),
        version=row["version"],
        home=Home(Scope(row["scope"]), row["team_id"], row["room_id"]),
        mime_type=row["mime_type"],
        processing_status=Processing(row["processing_status"]),
        chunks_done=row["chunks_done"],
        chunks_total=row["chunks_total"],
        error_message=row["error_message"],
        tokens_used=row["tokens_used"],
        user_id=UserId(row["user_id"]) if row["user_id"] else None,
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
