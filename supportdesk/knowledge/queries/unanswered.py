"""SQL of what guests asked in vain."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from supportdesk.core.db import Connection
from supportdesk.knowledge.model import Group, QuestionId, Vain

INSERT_QUESTION: Final = """
    INSERT INTO unanswered_questions (workspace_id, room_id, question, reason) VALUES ($1, $2, $3, $4)
"""


async def insert_question(conn: Connection, workspace_id: UUID, room_id: UUID, question: str, reason: Vain) -> None:
    """Keep the words of a question."""
    await conn.execute(INSERT_QUESTION, workspace_id, room_id, question, reason)


@dataclass(frozen=True, slots=True)
class Meant:
    """A question with its meaning, where it has been compared."""

    id: QuestionId
    question: str
    meaning: Sequence[float] | None


LIST_UNSORTED: Final = """
    SELECT id, question, meaning FROM unanswered_questions
    WHERE state = 'open' AND group_id IS NULL
    ORDER BY id LIMIT $1
    FOR UPDATE
"""
LIST_FIRSTS: Final = """
    SELECT * FROM (
        SELECT DISTINCT ON (group_id) group_id AS id, question, meaning FROM unanswered_questions
        WHERE state = 'open' AND group_id IS NOT NULL
        ORDER BY group_id, id
    ) first
    ORDER BY id DESC LIMIT $1
"""
SORT_QUESTION: Final = "UPDATE unanswered_questions SET group_id = $2, meaning = $3 WHERE id = $1"


async def list_unsorted(conn: Connection, limit: int) -> list[Meant]:
    """Open questions that nobody has compared yet, locked; oldest first."""
    rows = await conn.fetch(LIST_UNSORTED, limit)
    return [Meant(QuestionId(row["id"]), row["question"], row["meaning"]) for row in rows]


async def list_firsts(conn: Connection, limit: int) -> list[Meant]:
    """Each open group, with the first of its questions that is left: retention may have taken the very first."""
    rows = await conn.fetch(LIST_FIRSTS, limit)
    return [Meant(QuestionId(row["id"]), row["question"], row["meaning"]) for row in rows]


async def sort_question(
    conn: Connection, question_id: QuestionId, group_id: QuestionId, meaning: Sequence[float]
) -> None:
    """Put a question to those that mean the same."""
    await conn.execute(SORT_QUESTION, question_id, group_id, list(meaning))


LIST_GROUPS: Final = """
    SELECT id, question, count, last_asked, (array_remove(asked, question))[1:10] AS others
    FROM (
        SELECT q.group_id AS id, (array_agg(q.question ORDER BY q.id))[1] AS question, count(*) AS count,
               max(q.created_at) AS last_asked, array_agg(DISTINCT q.question) AS asked
        FROM unanswered_questions q
        WHERE q.state = 'open' AND q.group_id IS NOT NULL AND ($1::uuid IS NULL OR q.group_id = $1)
        GROUP BY q.group_id
    ) open
    ORDER BY count DESC, last_asked DESC
    LIMIT $2
"""


async def list_groups(conn: Connection, limit: int, *, only: QuestionId | None = None) -> list[Group]:
    """Open questions, those that mean the same as one; the most asked first."""
    rows = await conn.fetch(LIST_GROUPS, only, limit)
    return [
        Group(QuestionId(row["id"]), row["question"], tuple(row["others"] or ()), row["count"], row["last_asked"])
        for row in rows
    ]


SETTLE_GROUP: Final = "UPDATE unanswered_questions SET state = $2 WHERE group_id = $1 AND state = 'open' RETURNING id"


async def settle_group(conn: Connection, group_id: QuestionId, state: str) -> bool:
    """Whether there was anything open in the group; now it is answered, or dismissed."""
    return bool(await conn.fetch(SETTLE_GROUP, group_id, state))


# A question is kept as long as the messages of its kind of room are online; without a policy, for a year. A hold
# outranks that.
EXPIRE_QUESTIONS: Final = """
    DELETE FROM unanswered_questions q USING chat_rooms r
    WHERE r.id = q.room_id AND q.created_at < now() - make_interval(days => coalesce((
        SELECT min(p.online_days) FROM retention_policies p
        WHERE p.workspace_id = q.workspace_id AND p.subject = 'messages' AND p.is_active
          AND (p.room_type IS NULL OR p.room_type = r.room_type)
    ), 365))
      AND NOT EXISTS (
        SELECT 1 FROM legal_holds l
        WHERE l.workspace_id = q.workspace_id AND l.released_at IS NULL
          AND (l.scope = 'workspace' OR l.room_id = r.id OR l.guest_id = r.creator_id OR l.guest_id IN (
              SELECT p.user_id FROM room_participants p WHERE p.room_id = r.id))
    )
    RETURNING q.id
"""


async def expire_questions(conn: Connection) -> int:
    """How many of the workspace's questions were too old, and are gone."""
    return len(await conn.fetch(EXPIRE_QUESTIONS))
