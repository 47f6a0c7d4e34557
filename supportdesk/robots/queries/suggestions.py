"""What robots suggested to the staff, and what became of it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import orjson
from pydantic import JsonValue

from supportdesk.actor import UserId
from supportdesk.core.db import Connection
from supportdesk.robots.model import Claim, Decision

INSERT_SUGGESTION: Final = """
    INSERT INTO robot_suggestions (workspace_id, room_id, robot_id, interaction_id, message_id, content, citations)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
      RETURNING id
"""

FIND_SUGGESTIONS: Final = """
    SELECT s.id, s.room_id, s.message_id, s.content, s.citations, s.decision, s.decided_by,
           coalesce(d.display_name, d.username) AS decided_by_name, b.id AS robot_id, b.name AS robot_name
      FROM robot_suggestions s
      JOIN robots b ON b.id = s.robot_id
      LEFT JOIN users d ON d.id = s.decided_by
     WHERE s.id = ANY ($1::uuid[])
"""

DECIDE: Final = """
    UPDATE robot_suggestions
       SET decision = $2, decided_by = $3, decided_at = now()
     WHERE id = $1 AND decision IS NULL -- of two that decide at once the first is on record
 RETURNING id
"""

RESTORE: Final = """
    UPDATE robot_suggestions
       SET decision = NULL, decided_by = NULL, decided_at = NULL
     WHERE id = $1 AND decision = 'dismissed' AND decided_by = $2
 RETURNING id
"""

COMPARE_SENT: Final = """
    WITH compared AS (
        SELECT s.id, reply.content IS DISTINCT FROM s.content AS changed
          FROM robot_suggestions s
          JOIN LATERAL (
              SELECT m.content
                FROM messages m
               WHERE m.room_id = s.room_id AND m.sender_id = s.decided_by AND m.public_seq IS NOT NULL
                 AND m.id >= uuid7_floor(s.decided_at)
               ORDER BY m.seq
               LIMIT 1
          ) AS reply ON true
         WHERE s.decision IN ('inserted', 'edited') AND s.sent_changed IS NULL
           AND s.decided_at > now() - interval '1 day'
    )
    UPDATE robot_suggestions s
       SET sent_changed = compared.changed
      FROM compared
     WHERE s.id = compared.id
 RETURNING s.id
"""


async def insert_suggestion(
    conn: Connection, claim: Claim, content: str, citations: Sequence[Mapping[str, JsonValue]]
) -> UUID:
    """Keep what a robot suggests to say to a message."""
    made: UUID = await conn.fetchval(
        INSERT_SUGGESTION,
        claim.workspace_id,
        claim.room_id,
        claim.robot.id,
        claim.id,
        claim.message_id,
        content,
        orjson.dumps(citations).decode(),
    )
    return made


async def find_suggestions(conn: Connection, ids: Sequence[UUID]) -> dict[UUID, Mapping[str, Any]]:
    """Suggestions by id, as things stand now."""
    rows = await conn.fetch(FIND_SUGGESTIONS, ids)
    return {row["id"]: {**dict(row), "citations": orjson.loads(row["citations"])} for row in rows}


async def decide(conn: Connection, suggestion_id: UUID, decision: Decision, user_id: UserId) -> bool:
    """Write down what an agent did with a suggestion; False when somebody had done something with it before."""
    return await conn.fetchval(DECIDE, suggestion_id, decision, user_id) is not None


async def restore(conn: Connection, suggestion_id: UUID, user_id: UserId) -> bool:
    """Take one's own dismissal back; False when there is none."""
    return await conn.fetchval(RESTORE, suggestion_id, user_id) is not None


async def compare_sent(conn: Connection) -> int:
    """Note of insertions whether the reply that followed had other words; returns how many replies had come."""
    return len(await conn.fetch(COMPARE_SENT))
