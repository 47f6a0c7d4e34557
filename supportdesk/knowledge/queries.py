"""All SQL of documents and chunks."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

import asyncpg

from supportdesk.actor import UserId, WorkspaceId
from supportdesk.core.db import Connection
from supportdesk.knowledge.model import (
    Audience,
    Chunk,
    Document,
    DocumentId,
    Home,
    NewDocument,
    Processing,
)
from supportdesk.knowledge.ranking import Place

INSERT_DOCUMENT: Final = """
    INSERT INTO documents (
        workspace_id, scope, team_id, room_id, user_id, audience, title, filename, source_url, file_size, mime_type,
        content, content_hash, version
    )
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1 + coalesce(max(d.version), 0)
    FROM documents d
    WHERE d.workspace_id = $1 AND d.filename = $8 AND d.scope = $2
      AND d.team_id IS NOT DISTINCT FROM $3 AND d.room_id IS NOT DISTINCT FROM $4
    ON CONFLICT (workspace_id, scope, team_id, room_id, content_hash) WHERE deleted_at IS NULL DO NOTHING
    RETURNING id, workspace_id, title, filename, source_url, file_size, audience, version, processing_status,
              error_message, tokens_used, user_id, created_at, updated_at
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
    )
    return _document(row) if row else None


FIND_TWIN: Final = """
    SELECT id, workspace_id, title, filename, source_url, file_size, audience, version, processing_status,
           error_message, tokens_used, user_id, created_at, updated_at
    FROM documents
    WHERE workspace_id = $1 AND scope = $2 AND team_id IS NOT DISTINCT FROM $3 AND room_id IS NOT DISTINCT FROM $4
      AND content_hash = $5 AND deleted_at IS NULL
"""


async def find_twin(conn: Connection, workspace_id: WorkspaceId, home: Home, content_hash: str) -> Document | None:
    """The living document with these bytes."""
    row = await conn.fetchrow(FIND_TWIN, workspace_id, home.scope, home.team_id, home.room_id, content_hash)
    return _document(row) if row else None


FIND_DOCUMENT: Final = """
    SELECT id, workspace_id, title, filename, source_url, file_size, audience, version, processing_status,
           error_message, tokens_used, user_id, created_at, updated_at
    FROM documents
    WHERE id = $1 AND audience = ANY ($2) AND deleted_at IS NULL
"""


async def find_document(conn: Connection, document_id: DocumentId, audiences: Collection[Audience]) -> Document | None:
    """A living document that one of these audiences may see."""
    row = await conn.fetchrow(FIND_DOCUMENT, document_id, list(audiences))
    return _document(row) if row else None


LIST_DOCUMENTS: Final = """
    SELECT id, workspace_id, title, filename, source_url, file_size, audience, version, processing_status,
           error_message, tokens_used, user_id, created_at, updated_at
    FROM documents
    WHERE deleted_at IS NULL AND audience = ANY ($1) AND ($2::uuid IS NULL OR id < $2)
    ORDER BY id DESC
    LIMIT $3
"""


async def list_documents(
    conn: Connection, audiences: Collection[Audience], before: DocumentId | None, limit: int
) -> list[Document]:
    """Living documents, newest first, older than `before`."""
    return [_document(row) for row in await conn.fetch(LIST_DOCUMENTS, list(audiences), before, limit)]


RETRY_DOCUMENT: Final = """
    UPDATE documents SET processing_status = 'pending', attempt = 0, error_message = NULL
    WHERE id = $1 AND processing_status = 'failed' AND deleted_at IS NULL
"""


async def retry_document(conn: Connection, document_id: DocumentId) -> None:
    """Let a failed document be read once more."""
    await conn.execute(RETRY_DOCUMENT, document_id)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A document that is ours to read until the claim ends."""

    id: DocumentId
    title: str
    content: str
    attempt: int


CLAIM_DOCUMENT: Final = """
    UPDATE documents
    SET processing_status = 'processing', attempt = attempt + 1, claimed_by = $1, claimed_until = now() + $2,
        error_message = NULL
    WHERE id = (
        SELECT id FROM documents
        WHERE (processing_status = 'pending' OR (processing_status = 'processing' AND claimed_until < now()))
          AND content IS NOT NULL AND deleted_at IS NULL AND ($3::uuid IS NULL OR id = $3)
        ORDER BY id
        LIMIT 1
        FOR UPDATE SKIP LOCKED
    )
    RETURNING id, coalesce(title, filename) AS title, content, attempt
"""


async def claim_document(
    conn: Connection, claim: str, lease: timedelta, document_id: DocumentId | None
) -> Claimed | None:
    """The oldest document that waits (or just this one), now ours; what a crash left in the middle waits again."""
    row = await conn.fetchrow(CLAIM_DOCUMENT, claim, lease, document_id)
    return Claimed(DocumentId(row["id"]), row["title"], row["content"], row["attempt"]) if row else None


EXTEND_CLAIM: Final = """
    UPDATE documents SET claimed_until = now() + $3
    WHERE id = $1 AND claimed_by = $2 AND processing_status = 'processing' AND deleted_at IS NULL
    RETURNING id
"""


async def extend_claim(conn: Connection, document_id: DocumentId, claim: str, lease: timedelta) -> bool:
    """Whether the document is still ours; if so, for another while."""
    return await conn.fetchval(EXTEND_CLAIM, document_id, claim, lease) is not None


COMPLETE_DOCUMENT: Final = """
    UPDATE documents
    SET processing_status = 'completed', claimed_by = NULL, claimed_until = NULL, embedding_model = $3,
        tokens_used = $4
    WHERE id = $1 AND claimed_by = $2 AND processing_status = 'processing' AND deleted_at IS NULL
    RETURNING id
"""


async def complete_document(
    conn: Connection, document_id: DocumentId, claim: str, model: str | None, tokens: int
) -> bool:
    """Whether it was still ours, and is now read."""
    return await conn.fetchval(COMPLETE_DOCUMENT, document_id, claim, model, tokens) is not None


FAIL_DOCUMENT: Final = """
    UPDATE documents
    SET processing_status = 'failed', claimed_by = NULL, claimed_until = NULL, error_message = $3
    WHERE id = $1 AND claimed_by = $2 AND processing_status = 'processing'
"""


async def fail_document(conn: Connection, document_id: DocumentId, claim: str, sentence: str) -> None:
    """Say why the document cannot be read."""
    await conn.execute(FAIL_DOCUMENT, document_id, claim, sentence)


RELEASE_DOCUMENT: Final = """
    UPDATE documents
    SET processing_status = 'pending', claimed_by = NULL, claimed_until = NULL, attempt = attempt - 1
    WHERE id = $1 AND claimed_by = $2 AND processing_status = 'processing'
"""


async def release_document(conn: Connection, document_id: DocumentId, claim: str) -> None:
    """Give the document back unread."""
    await conn.execute(RELEASE_DOCUMENT, document_id, claim)


# Two versions that complete at the same moment must not leave both alive: the rows of a name are locked first.
LOCK_VERSIONS: Final = """
    SELECT d.id
    FROM documents d JOIN documents this ON this.id = $1
    WHERE d.workspace_id = this.workspace_id AND d.filename = this.filename AND d.scope = this.scope
      AND d.team_id IS NOT DISTINCT FROM this.team_id AND d.room_id IS NOT DISTINCT FROM this.room_id
      AND d.deleted_at IS NULL
    ORDER BY d.id
    FOR UPDATE OF d
"""
REPLACE_VERSIONS: Final = """
    UPDATE documents d SET deleted_at = now()
    WHERE d.id = ANY ($1) AND d.deleted_at IS NULL AND d.version < (
        SELECT max(newest.version) FROM documents newest
        WHERE newest.id = ANY ($1) AND newest.deleted_at IS NULL AND newest.processing_status = 'completed'
    )
    RETURNING d.id
"""


async def lock_versions(conn: Connection, document_id: DocumentId) -> list[DocumentId]:
    """The living versions of this document, itself included, locked."""
    return [DocumentId(row["id"]) for row in await conn.fetch(LOCK_VERSIONS, document_id)]


async def replace_versions(conn: Connection, versions: Sequence[DocumentId]) -> list[DocumentId]:
    """Those of the versions that an already completed newer one has now replaced."""
    return [DocumentId(row["id"]) for row in await conn.fetch(REPLACE_VERSIONS, list(versions))]


DELETE_DOCUMENT: Final = "UPDATE documents SET deleted_at = now() WHERE id = $1 AND deleted_at IS NULL"


async def delete_document(conn: Connection, document_id: DocumentId) -> None:
    """Hide a document."""
    await conn.execute(DELETE_DOCUMENT, document_id)


DELETE_CHUNKS: Final = "DELETE FROM document_chunks WHERE document_id = ANY ($1)"


async def delete_chunks(conn: Connection, documents: Sequence[DocumentId]) -> None:
    """Forget the chunks: they can be made again from the text."""
    await conn.execute(DELETE_CHUNKS, list(documents))


STORE_CHUNKS: Final = "SELECT desk_store_chunks($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"


async def store_chunks(
    conn: Connection,
    workspace_id: WorkspaceId,
    document_id: DocumentId,
    chunks: Sequence[Chunk],
    *,
    tokens: Sequence[int],
    embeddings: Sequence[str | None],
    question_embeddings: Sequence[str | None],
) -> None:
    """Insert the chunks of a document; embeddings as pgvector writes them, None without it."""
    await conn.execute(
        STORE_CHUNKS,
        workspace_id,
        document_id,
        [chunk.index for chunk in chunks],
        [chunk.heading for chunk in chunks],
        [chunk.question for chunk in chunks],
        [chunk.content for chunk in chunks],
        [chunk.start for chunk in chunks],
        [chunk.end for chunk in chunks],
        list(tokens),
        list(embeddings),
        list(question_embeddings),
    )


HAS_VECTORS: Final = "SELECT desk_has_vectors()"


async def has_vectors(conn: Connection) -> bool:
    """Whether chunks have embeddings in this database."""
    found: bool = await conn.fetchval(HAS_VECTORS)
    return found


WORKSPACES_WITH_WAITING: Final = "SELECT desk_due_workspaces('documents')"


async def workspaces_with_waiting(conn: Connection) -> list[WorkspaceId]:
    """Every workspace in which a document waits to be read."""
    return [WorkspaceId(row[0]) for row in await conn.fetch(WORKSPACES_WITH_WAITING)]


SEARCH_PLACES: Final = """
    SELECT chunk_id, document_id, title, heading, content, source_url, start_position, likeness, question_likeness,
           words, asked
    FROM desk_search_places($1, $2, $3, $4, $5, $6, $7)
"""


async def search_places(
    conn: Connection,
    question: str,
    embedding: Sequence[float] | None,
    *,
    audiences: Collection[Audience],
    nearest: int,
    worded: int,
    room_id: UUID | None,
    team_ids: Collection[UUID],
) -> tuple[frozenset[str], list[Place]]:
    """The question's lexemes, and the places of the caller's workspace that are near in meaning or words."""
    rows = await conn.fetch(
        SEARCH_PLACES, question, embedding, list(audiences), nearest, worded, room_id, list(team_ids)
    )
    places = [
        Place(
            document_id=row["document_id"],
            chunk_id=row["chunk_id"],
            title=row["title"] or "",
            heading=row["heading"] or "",
            text=row["content"],
            url=row["source_url"],
            position=row["start_position"],
            likeness=row["likeness"],
            question_likeness=row["question_likeness"],
            words=frozenset(row["words"]),
        )
        for row in rows
    ]
    return frozenset(rows[0]["asked"]) if rows else frozenset(), places


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
        processing_status=Processing(row["processing_status"]),
        error_message=row["error_message"],
        tokens_used=row["tokens_used"],
        user_id=UserId(row["user_id"]) if row["user_id"] else None,
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
