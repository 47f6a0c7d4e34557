"""A workspace after some busy months, large enough for the planner to choose as it would in earnest."""

from typing import Final

from supportdesk.core.db import Connection
from tests.schema.rows import Furnished

CROWD: Final = (
    """
    INSERT INTO users (workspace_id, account_type_informal, current_account_status, display_name, email)
    SELECT $1, 'guest', 'active', 'Guest ' || n, 'guest' || n || '@example.test' FROM generate_series(1, 8000) n
    """,
    """
    INSERT INTO users (workspace_id, account_type_informal, current_account_status, username, first_name, last_name,
                       display_name, email, password_hash, level, current_status, last_seen_at)
    SELECT $1, 'agent', 'active', 'agent' || n, 'A', 'B', 'Agent ' || n, 'a' || n || '.' || $1::uuid || '@example.test',
           'argon', 'T1', CASE WHEN n < 20 THEN 'online' ELSE 'offline' END, now()
    FROM generate_series(1, 60) n
    """,
    """
    INSERT INTO chat_rooms (workspace_id, client_room_id, name, status, owner_kind, level, creator_id, assignee_id,
                            queue_id, last_activity_at, waiting_since, closed_at, snoozed_until, created_at)
    SELECT $1, 'crowd' || n, 'Room ' || n, s.status,
           CASE WHEN n % 7 = 0 THEN 'robot' WHEN s.status = 'waiting' THEN 'queue' ELSE 'human' END,
           (ARRAY['T1', 'T1', 'T2', 'T3'])[1 + n % 4], g.ids[n],
           CASE WHEN n % 7 > 0 AND s.status <> 'waiting' THEN a.ids[1 + n % 60] END, q.id,
           now() - n * interval '1 minute', CASE WHEN s.status = 'waiting' THEN now() - n * interval '1 minute' END,
           CASE WHEN s.status = 'closed' THEN now() - n * interval '1 minute' END,
           CASE WHEN s.status = 'snoozed' THEN now() + n * interval '1 minute' END, now() - n * interval '1 minute'
    FROM generate_series(1, 8000) n
    CROSS JOIN LATERAL (SELECT CASE WHEN n % 200 = 0 THEN 'waiting' WHEN n % 200 < 3 THEN 'active'
                                    WHEN n % 200 = 3 THEN 'snoozed' ELSE 'closed' END AS status) s
    CROSS JOIN (SELECT array_agg(id) AS ids FROM users WHERE workspace_id = $1 AND display_name LIKE 'Guest %') g
    CROSS JOIN (SELECT array_agg(id) AS ids FROM users WHERE workspace_id = $1 AND display_name LIKE 'Agent %') a
    CROSS JOIN (SELECT id FROM queues WHERE workspace_id = $1 AND level = 'T1') q
    """,
    """
    INSERT INTO room_participants (workspace_id, room_id, user_id, role)
    SELECT workspace_id, id, creator_id, 'guest' FROM chat_rooms
    WHERE workspace_id = $1 AND client_room_id LIKE 'crowd%'
    """,
    """
    INSERT INTO messages (workspace_id, room_id, seq, public_seq, sender_id, content)
    SELECT r.workspace_id, r.id, n, n, r.creator_id, 'Message ' || n
    FROM chat_rooms r, generate_series(2, CASE WHEN client_room_id = 'first' THEN 4000 ELSE 3 END) n
    WHERE r.workspace_id = $1
    """,
    """
    INSERT INTO room_heads (workspace_id, room_id, last_seq, last_public_seq, last_message_at, last_public_message_at,
                            last_message_id, last_public_message_id)
    SELECT r.workspace_id, r.id, 3, 3, r.last_activity_at, r.last_activity_at, m.id, m.id
    FROM chat_rooms r JOIN messages m ON m.room_id = r.id AND m.seq = 3
    WHERE r.workspace_id = $1 AND r.client_room_id LIKE 'crowd%'
    """,
    """
    INSERT INTO room_events (workspace_id, room_id, seq, public_seq, kind, actor_kind, subject_id)
    SELECT workspace_id, room_id, seq, public_seq, 'message.created', 'guest', id FROM messages
    WHERE workspace_id = $1 AND seq > 1
    """,
    """
    INSERT INTO robot_interactions (workspace_id, room_id, message_id, robot_id, turn_no, status, completed_at,
                                    available_at)
    SELECT m.workspace_id, m.room_id, m.id, b.id, 1, CASE WHEN m.seq = 2 AND random() < 0.01 THEN 'pending'
           ELSE 'completed' END, now(), now() - interval '1 minute'
    FROM messages m JOIN robots b ON b.workspace_id = m.workspace_id
    WHERE m.workspace_id = $1 AND m.seq IN (2, 3)
    """,
    """
    INSERT INTO outbox (workspace_id, kind, payload, done_at)
    SELECT $1, 'email', '{}', CASE WHEN n % 100 > 0 THEN now() END FROM generate_series(1, 8000) n
    """,
    """
    INSERT INTO message_dedup (workspace_id, room_id, sender_id, client_msg_id, message_id, seq, body_sha256)
    SELECT workspace_id, room_id, sender_id, id::text, id, seq, sha256('x') FROM messages
    WHERE workspace_id = $1 AND seq > 1
    """,
    """
    INSERT INTO documents (workspace_id, user_id, title, filename, file_size, mime_type, content, content_hash,
                           processing_status)
    SELECT $1, id, 'Article ' || n, n || '.md', 9, 'text/markdown', 'Parcels', encode(sha256(n::text::bytea), 'hex'),
           CASE WHEN n % 500 = 0 THEN 'pending' ELSE 'completed' END
    FROM users, generate_series(1, 8000) n WHERE workspace_id = $1 AND username = 'ann'
    """,
    """
    INSERT INTO audit_log (workspace_id, actor_kind, action) SELECT $1, 'system', 'session.started'
    FROM generate_series(1, 8000)
    """,
    """
    INSERT INTO escalations (workspace_id, source_room_id, reason, from_level, to_level, status, resolved_at)
    SELECT workspace_id, id, 'angry', 'T1', 'T2', 'resolved', now() FROM chat_rooms
    WHERE workspace_id = $1 AND client_room_id LIKE 'crowd%'
    """,
    """
    INSERT INTO sessions (workspace_id, user_id, token_hash, expires_at, last_seen_at)
    SELECT $1, u.id, sha256((u.id::text || n)::bytea), now() + interval '1 day', now()
    FROM users u, generate_series(1, 50) n WHERE u.workspace_id = $1 AND u.display_name LIKE 'Agent %'
    """,
    """
    INSERT INTO sign_in_attempts (subject_hash, address, succeeded, reason)
    SELECT sha256(n::text::bytea), '203.0.113.0'::inet + n % 250, false, 'wrong' FROM generate_series(1, 8000) n
    """,
)


async def crowd(conn: Connection, desk: Furnished) -> None:
    """Fill a furnished workspace; triggers and foreign keys are passed over, the planner's figures are fresh."""
    await conn.execute("SET session_replication_role = replica")
    for statement in CROWD:
        await (conn.execute(statement, desk.workspace) if "$1" in statement else conn.execute(statement))
    await conn.execute("RESET session_replication_role")
    await conn.execute("ANALYZE")
