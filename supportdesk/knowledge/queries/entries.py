"""SQL of questions and answers."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

import asyncpg

from supportdesk.actor import UserId, WorkspaceId
from supportdesk.core.db import Connection
from supportdesk.knowledge.model import Audience, DocumentId, Entry, EntryId, Home, NewEntry, Scope

INSERT_ENTRY: Final = """
    INSERT INTO knowledge_entries (
        workspace_id, question, answer, phrasings, audience, active, table_id, user_id, team_id
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    RETURNING id, workspace_id, question, answer, phrasings, audience, team_id, active, table_id, updated_at,
              false AS is_ready
"""


async def insert_entry(
    conn: Connection,
    workspace_id: WorkspaceId,
    new: NewEntry,
    author: UserId | None,
    table_id: DocumentId | None = None,
) -> Entry:
    """The new row."""
    row = await conn.fetchrow(
        INSERT_ENTRY,
        workspace_id,
        new.question,
        new.answer,
        list(new.phrasings),
        new.audience,
        new.active,
        table_id,
        author,
        new.team_id,
    )
    assert row is not None, "an INSERT returns its row"  # noqa: S101 - for the type checker
    return _entry(row)


FIND_ENTRY: Final = """
    SELECT e.id, e.workspace_id, e.question, e.answer, e.phrasings, e.audience, e.team_id, e.active, e.table_id,
           e.updated_at,
           EXISTS (SELECT 1 FROM documents d WHERE d.entry_id = e.id AND d.deleted_at IS NULL
                   AND d.processing_status = 'completed' AND d.content = e.answer AND d.title = e.question) AS is_ready
    FROM knowledge_entries e
    WHERE e.id = $1 AND (e.deleted_at IS NULL OR $2)
"""


async def find_entry(conn: Connection, entry_id: EntryId, *, removed_too: bool = False) -> Entry | None:
    """A living entry, or one that was removed where that is asked for."""
    row = await conn.fetchrow(FIND_ENTRY, entry_id, removed_too)
    return _entry(row) if row else None


LIST_ENTRIES: Final = """
    SELECT e.id, e.workspace_id, e.question, e.answer, e.phrasings, e.audience, e.team_id, e.active, e.table_id,
           e.updated_at,
           EXISTS (SELECT 1 FROM documents d WHERE d.entry_id = e.id AND d.deleted_at IS NULL
                   AND d.processing_status = 'completed' AND d.content = e.answer AND d.title = e.question) AS is_ready
    FROM knowledge_entries e
    WHERE e.deleted_at IS NULL AND ($3::uuid IS NULL OR e.id < $3) AND e.audience = ANY ($4)
      AND ($5::uuid IS NULL OR e.team_id = $5) AND (NOT $6 OR e.team_id IS NULL)
      AND ($1 = '' OR strpos(lower(e.question || ' ' || e.answer || ' ' || e.phrasings::text), lower($1)) > 0)
    ORDER BY e.id DESC
    LIMIT $2
"""


async def list_entries(
    conn: Connection,
    text: str,
    limit: int,
    before: EntryId | None,
    audiences: Collection[Audience],
    *,
    home: Home | None = None,
) -> list[Entry]:
    """Living entries that hold the text, newest first, older than `before`; of everywhere, or of one home."""
    team_id, of_all = (home.team_id, home.scope is Scope.WORKSPACE) if home is not None else (None, False)
    rows = await conn.fetch(LIST_ENTRIES, text, limit, before, list(audiences), team_id, of_all)
    return [_entry(row) for row in rows]


UPDATE_ENTRY: Final = """
    UPDATE knowledge_entries
    SET question = $2, answer = $3, phrasings = $4, audience = $5, active = $6, table_id = $7, team_id = $8
    WHERE id = $1 AND deleted_at IS NULL
"""


async def update_entry(conn: Connection, entry_id: EntryId, new: NewEntry, table_id: DocumentId | None = None) -> None:
    """Other words; whose they are is said by `table_id`."""
    await conn.execute(
        UPDATE_ENTRY,
        entry_id,
        new.question,
        new.answer,
        list(new.phrasings),
        new.audience,
        new.active,
        table_id,
        new.team_id,
    )


COUNT_ENTRIES: Final = "SELECT count(*) FROM knowledge_entries WHERE deleted_at IS NULL"


async def count_entries(conn: Connection) -> int:
    """How many living entries the workspace has."""
    found: int = await conn.fetchval(COUNT_ENTRIES)
    return found


DELETE_ENTRIES: Final = "UPDATE knowledge_entries SET deleted_at = now() WHERE id = ANY ($1) AND deleted_at IS NULL"
RESTORE_ENTRY: Final = "UPDATE knowledge_entries SET deleted_at = NULL WHERE id = $1"


async def delete_entries(conn: Connection, entries: Sequence[EntryId]) -> None:
    """Hide entries."""
    await conn.execute(DELETE_ENTRIES, list(entries))


async def restore_entry(conn: Connection, entry_id: EntryId) -> None:
    """Show an entry again."""
    await conn.execute(RESTORE_ENTRY, entry_id)


MOVE_ENTRIES: Final = """
    WITH moved AS (
        UPDATE knowledge_entries SET audience = $2, team_id = $3
        WHERE table_id = ANY ($1) AND deleted_at IS NULL
        RETURNING id
    )
    UPDATE documents d
    SET audience = $2, team_id = $3, scope = CASE WHEN $3::uuid IS NULL THEN 'workspace' ELSE 'team' END
    FROM moved WHERE d.entry_id = moved.id AND d.deleted_at IS NULL
"""


async def move_entries(
    conn: Connection, tables: Sequence[DocumentId], audience: Audience, team_id: UUID | None
) -> None:
    """Let what these tables have brought, and nobody has changed since, count elsewhere, its words included."""
    await conn.execute(MOVE_ENTRIES, list(tables), audience, team_id)


HIDE_WORDS: Final = """
    UPDATE documents SET deleted_at = now() WHERE entry_id = ANY ($1) AND deleted_at IS NULL RETURNING id
"""


async def hide_words(conn: Connection, entries: Sequence[EntryId]) -> list[DocumentId]:
    """Let no search find these entries any more; the documents that were their words."""
    return [DocumentId(row["id"]) for row in await conn.fetch(HIDE_WORDS, list(entries))]


LIST_OF_TABLES: Final = """
    SELECT e.id, e.workspace_id, e.question, e.answer, e.phrasings, e.audience, e.team_id, e.active, e.table_id,
           e.updated_at,
           false AS is_ready
    FROM knowledge_entries e
    WHERE e.deleted_at IS NULL AND e.table_id IN (
        SELECT d.id FROM documents d JOIN documents this ON this.id = $1
        WHERE d.workspace_id = this.workspace_id AND d.filename = this.filename
          AND d.scope = this.scope AND d.team_id IS NOT DISTINCT FROM this.team_id
          AND d.room_id IS NOT DISTINCT FROM this.room_id
    )
"""
REPOINT_ENTRIES: Final = "UPDATE knowledge_entries SET table_id = $2 WHERE id = ANY ($1)"
LIST_QUESTIONS: Final = """
    SELECT DISTINCT lower(question) AS question FROM knowledge_entries
    WHERE deleted_at IS NULL AND lower(question) = ANY ($1) AND team_id IS NOT DISTINCT FROM $2
"""


async def list_of_tables(conn: Connection, table_id: DocumentId) -> list[Entry]:
    """What this table, or an earlier version of it, has brought and nobody has changed since."""
    return [_entry(row) for row in await conn.fetch(LIST_OF_TABLES, table_id)]


async def repoint_entries(conn: Connection, entries: Sequence[EntryId], table_id: DocumentId) -> None:
    """These are in this version of the table, too."""
    await conn.execute(REPOINT_ENTRIES, list(entries), table_id)


async def list_questions(conn: Connection, questions: Sequence[str], team_id: UUID | None) -> set[str]:
    """Those of the questions, in lower case, that an entry of the same team, or of all, asks already."""
    return {row["question"] for row in await conn.fetch(LIST_QUESTIONS, list(questions), team_id)}


def _entry(row: asyncpg.Record) -> Entry:
    return Entry(
        id=EntryId(row["id"]),
        workspace_id=WorkspaceId(row["workspace_id"]),
        question=row["question"],
        answer=row["answer"],
        phrasings=tuple(row["phrasings"]),
        audience=Audience(row["audience"]),
        team_id=row["team_id"],
        active=row["active"],
        table_id=DocumentId(row["table_id"]) if row["table_id"] else None,
        is_ready=row["is_ready"],
        updated_at=row["updated_at"],
    )
