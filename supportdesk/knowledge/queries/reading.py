"""SQL of a document's way from its bytes to its chunks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from supportdesk.actor import WorkspaceId
from supportdesk.core.db import Connection
from supportdesk.knowledge.model import Chunk, DocumentId, Extracted


@dataclass(frozen=True, slots=True)
class Claimed:
    """A document that is ours to read until the claim ends."""

    id: DocumentId
    title: str
    content: str | None
    """None while only its original is here."""
    attempt: int
    mime_type: str
    phrasings: tuple[str, ...] | None
    """Of an entry, the other ways to ask its question; None for a document."""


CLAIM_DOCUMENT: Final = """
    UPDATE documents
    SET processing_status = 'processing', attempt = attempt + 1, claimed_by = $1, claimed_until = now() + $2,
        error_message = NULL, chunks_done = 0, chunks_total = 0
    WHERE id = (
        SELECT d.id FROM documents d
        WHERE (processing_status = 'pending' OR (processing_status = 'processing' AND claimed_until < now()))
          AND (content IS NOT NULL OR EXISTS (SELECT 1 FROM document_originals o WHERE o.document_id = d.id))
          AND deleted_at IS NULL AND ($3::uuid IS NULL OR id = $3)
        ORDER BY id
        LIMIT 1
        FOR UPDATE SKIP LOCKED
    )
    RETURNING id, coalesce(title, filename) AS title, content, attempt, mime_type,
              (SELECT e.phrasings FROM knowledge_entries e WHERE e.id = entry_id) AS phrasings
"""


async def claim_document(
    conn: Connection, claim: str, lease: timedelta, document_id: DocumentId | None
) -> Claimed | None:
    """The oldest document that waits (or just this one), now ours; what a crash left in the middle waits again."""
    row = await conn.fetchrow(CLAIM_DOCUMENT, claim, lease, document_id)
    if row is None:
        return None
    return Claimed(
        DocumentId(row["id"]),
        row["title"],
        row["content"],
        row["attempt"],
        row["mime_type"],
        tuple(row["phrasings"]) if row["phrasings"] is not None else None,
    )


EXTEND_CLAIM: Final = """
    UPDATE documents SET claimed_until = now() + $3, chunks_done = $4, chunks_total = $5
    WHERE id = $1 AND claimed_by = $2 AND processing_status = 'processing' AND deleted_at IS NULL
    RETURNING id
"""


async def extend_claim(
    conn: Connection, document_id: DocumentId, claim: str, lease: timedelta, *, done: int, total: int
) -> bool:
    """Whether the document is still ours; if so, for another while, with so many of its chunks embedded."""
    return await conn.fetchval(EXTEND_CLAIM, document_id, claim, lease, done, total) is not None


FIND_ORIGINAL: Final = "SELECT content FROM document_originals WHERE document_id = $1"


async def find_original(conn: Connection, document_id: DocumentId) -> bytes | None:
    """The bytes of a document that is not read yet."""
    found: bytes | None = await conn.fetchval(FIND_ORIGINAL, document_id)
    return found


KEEP_TEXT: Final = """
    UPDATE documents
    SET content = $3, title = coalesce(title, $4), mime_type = $5, source_url = coalesce(source_url, $6),
        audience = CASE WHEN $7 = 'staff' THEN 'staff' ELSE audience END
    WHERE id = $1 AND claimed_by = $2 AND processing_status = 'processing' AND deleted_at IS NULL
    RETURNING title
"""


async def keep_text(
    conn: Connection, document_id: DocumentId, claim: str, extracted: Extracted, title: str
) -> str | None:
    """Store what was read out of the file, and its title; None when the document is no longer ours.

    A title and an address that were given stand; what the file or its sender calls the staff's is the staff's.
    """
    found: str | None = await conn.fetchval(
        KEEP_TEXT,
        document_id,
        claim,
        extracted.text,
        extracted.title or title,
        extracted.mime_type,
        extracted.url,
        extracted.audience,
    )
    return found


DELETE_ORIGINALS: Final = "DELETE FROM document_originals WHERE document_id = ANY ($1)"


async def delete_originals(conn: Connection, documents: Sequence[DocumentId]) -> None:
    """Forget the bytes: their text is stored, or nobody wants it."""
    await conn.execute(DELETE_ORIGINALS, list(documents))


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
    RETURNING id
"""


async def fail_document(conn: Connection, document_id: DocumentId, claim: str, sentence: str) -> bool:
    """Say why the document cannot be read; whether it was still ours."""
    return await conn.fetchval(FAIL_DOCUMENT, document_id, claim, sentence) is not None


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


HIDE_FROM_GUESTS: Final = """
    UPDATE documents d SET deleted_at = now() FROM documents this
    WHERE this.id = $1 AND d.id <> this.id AND d.workspace_id = this.workspace_id AND d.filename = this.filename
      AND d.scope = this.scope AND d.team_id IS NOT DISTINCT FROM this.team_id
      AND d.room_id IS NOT DISTINCT FROM this.room_id AND d.deleted_at IS NULL
      AND this.audience = 'staff' AND d.audience = 'guests' AND d.version < this.version
    RETURNING d.id
"""
DROP_UNREAD: Final = """
    UPDATE documents d SET deleted_at = now() FROM documents this
    WHERE this.id = $1 AND d.id <> this.id AND d.workspace_id = this.workspace_id AND d.filename = this.filename
      AND d.scope = this.scope AND d.team_id IS NOT DISTINCT FROM this.team_id
      AND d.room_id IS NOT DISTINCT FROM this.room_id AND d.deleted_at IS NULL
      AND d.version > this.version AND d.processing_status <> 'completed'
    RETURNING d.id
"""


async def hide_from_guests(conn: Connection, document_id: DocumentId) -> list[DocumentId]:
    """The older versions for guests of what is now the staff's; nobody finds them any more."""
    return [DocumentId(row["id"]) for row in await conn.fetch(HIDE_FROM_GUESTS, document_id)]


async def drop_unread(conn: Connection, document_id: DocumentId) -> list[DocumentId]:
    """The newer versions of this document that nobody has read yet; they are not read any more."""
    return [DocumentId(row["id"]) for row in await conn.fetch(DROP_UNREAD, document_id)]


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


WORKSPACES_WITH_WAITING: Final = "SELECT desk_due_workspaces('documents')"


async def workspaces_with_waiting(conn: Connection) -> list[WorkspaceId]:
    """Every workspace in which a document waits to be read."""
    return [WorkspaceId(row[0]) for row in await conn.fetch(WORKSPACES_WITH_WAITING)]


FORGET_ANSWERS: Final = "DELETE FROM ai_cache WHERE workspace_id = $1"


async def forget_answers(conn: Connection, workspace_id: WorkspaceId) -> None:
    """Let no answer be served again that was made from documents as they were."""
    await conn.execute(FORGET_ANSWERS, workspace_id)
