"""The data that is measured on, always on the embedded server, is what the desk itself would have written."""

from typing import Final

import asyncpg

from bench.data import Size, fill
from tests.schema.conftest import MakeDatabase

SMALL: Final = Size(3000, 150)

HEADS_THAT_LIE: Final = """
    SELECT r.client_room_id
      FROM chat_rooms r
      LEFT JOIN room_heads h ON h.room_id = r.id
      LEFT JOIN LATERAL (
          SELECT max(seq) AS last_seq, max(public_seq) AS last_public_seq, count(*) AS events,
                 count(public_seq) AS public
            FROM room_events WHERE room_id = r.id
      ) e ON true
      LEFT JOIN LATERAL (
          SELECT count(*) AS messages, max(m.created_at) AS latest,
                 (array_agg(m.id ORDER BY m.seq DESC))[1] AS last_id,
                 (array_agg(m.id ORDER BY m.seq DESC) FILTER (WHERE m.public_seq IS NOT NULL))[1] AS last_public_id,
                 (array_agg(m.id ORDER BY m.seq DESC) FILTER (WHERE m.sender_id = r.creator_id))[1] AS last_guest_id,
                 count(*) FILTER (WHERE m.sender_id = r.creator_id) AS of_guest,
                 count(*) FILTER (WHERE m.sender_id <> r.creator_id AND m.public_seq IS NOT NULL) AS of_desk
            FROM messages m WHERE m.room_id = r.id
      ) m ON true
     WHERE (h.last_seq, h.last_public_seq, e.events, e.public, h.total_messages, h.last_message_at, h.last_message_id,
            h.last_public_message_id, h.last_guest_message_id, h.guest_messages, h.desk_messages)
           IS DISTINCT FROM
           (e.last_seq, e.last_public_seq, e.last_seq, e.last_public_seq, m.messages, m.latest, m.last_id,
            m.last_public_id, m.last_guest_id, m.of_guest, m.of_desk)
"""
MESSAGES_WITHOUT_EVENT: Final = """
    SELECT count(*)
      FROM messages m
      LEFT JOIN room_events e ON e.subject_id = m.id
     WHERE (e.room_id, e.seq, e.public_seq) IS DISTINCT FROM (m.room_id, m.seq, m.public_seq)
"""
UNREAD_THAT_LIES: Final = """
    SELECT count(*)
      FROM room_participants p
      JOIN room_heads h USING (room_id)
      JOIN users u ON u.id = p.user_id
     WHERE p.role = 'member' AND h.guest_messages - p.seen_messages <> (
               SELECT count(*) FROM messages m JOIN chat_rooms r ON r.id = m.room_id
                WHERE m.room_id = p.room_id AND m.seq > p.last_read_seq AND m.sender_id = r.creator_id)
"""


async def test_heads_log_and_watermarks_are_those_of_the_messages(make_database: MakeDatabase) -> None:
    url = await make_database(migrated=True)
    conn = await asyncpg.connect(url)
    try:
        # The embedded server's databases belong to the desk's owner; this one is a superuser's.
        name = await conn.fetchval("SELECT quote_ident(current_database())")
        await conn.execute(f"GRANT TEMPORARY ON DATABASE {name} TO desk_owner")
        await fill(url, url, SMALL)
        assert await conn.fetchval("SELECT count(*) FROM messages") == SMALL.messages
        assert await conn.fetchval("SELECT count(*) FROM chat_rooms") == SMALL.rooms
        assert await conn.fetch(HEADS_THAT_LIE) == []
        assert await conn.fetchval(MESSAGES_WITHOUT_EVENT) == 0
        assert await conn.fetchval(UNREAD_THAT_LIES) == 0
        used = await conn.fetchval("SELECT count(DISTINCT tableoid) FROM messages")
        assert used >= 24, "the messages are spread over the months"
    finally:
        await conn.close()
