"""What has been said in a room around a robot's turn."""

from typing import Final
from uuid import UUID

from supportdesk.core.db import Connection
from supportdesk.robots.model import MOST_A_MINUTE
from supportdesk.rooms.model import RoomId

LIST_SAID: Final = """
    SELECT a.content
      FROM messages m
      JOIN messages a ON a.room_id = m.room_id AND a.seq > m.seq AND a.id >= m.id
     WHERE m.id = $1 AND a.robot_response_to = $1 AND a.public_seq IS NOT NULL AND a.deleted_at IS NULL
     ORDER BY a.seq
"""

IS_OVERTAKEN: Final = """
    SELECT EXISTS (
        SELECT 1
          FROM messages m
          JOIN messages a ON a.room_id = m.room_id AND a.seq > m.seq AND a.id >= m.id
         WHERE m.id = $1 AND a.sender_type = 'user' AND a.public_seq IS NOT NULL
    )
"""

COUNT_SAID: Final = """
    SELECT count(*)
      FROM (
          SELECT id, sender_type, public_seq
            FROM messages
           WHERE room_id = $1 AND id >= uuid7_floor(now() - interval '1 hour')
           ORDER BY seq DESC
           LIMIT $2
      ) latest
     WHERE id >= uuid7_floor(now() - interval '1 minute') AND sender_type = 'ai' AND public_seq IS NOT NULL
"""


async def list_said(conn: Connection, message_id: UUID) -> list[str]:
    """What robots have said to a message, the leader first."""
    return [row["content"] for row in await conn.fetch(LIST_SAID, message_id)]


async def is_overtaken(conn: Connection, message_id: UUID) -> bool:
    """Whether a guest or somebody of the staff has said something to the guest since."""
    overtaken: bool = await conn.fetchval(IS_OVERTAKEN, message_id)
    return overtaken


async def count_said(conn: Connection, room_id: RoomId) -> int:
    """How many messages of robots the guest of a room got within the last minute."""
    count: int = await conn.fetchval(COUNT_SAID, room_id, 5 * MOST_A_MINUTE)
    return count
