"""The SQL that fills a database as two busy years would have: written in bulk, equal to what the desk itself writes.

`plan` has a line per room and decides everything about it; messages, log, heads and places follow from it. The
numbering is simple enough to be written down without asking the rows: the room's creation is event 1, its k-th message
event k + 1, every twelfth message is a note, and a closed room ends with its closing.
"""

from typing import Final

GREAT: Final = 9
"""Rooms far longer than the others: the first has what all others leave, the next eight a 200th of all each."""

CAST: Final = """
    CREATE TEMP TABLE cast_of AS
    SELECT w.n::integer AS desk, w.id AS workspace_id, s.id AS site_id, r.id AS robot_id, r.user_id AS robot_user_id,
           ARRAY(SELECT u.id FROM users u
                  WHERE u.workspace_id = w.id AND u.account_type_informal = 'agent' ORDER BY u.username) AS agents
      FROM unnest($1::uuid[]) WITH ORDINALITY AS w (id, n)
      JOIN sites s ON s.workspace_id = w.id
      JOIN robots r ON r.workspace_id = w.id
"""

PLAN: Final = """
    CREATE TEMP TABLE plan AS
    WITH placed AS (
        SELECT n, n > $1::integer - $2::integer AS is_open, CASE
                   WHEN n <= 9 OR n % 100 < 70 THEN 1 WHEN n % 100 < 90 THEN 2 WHEN n % 100 < 98 THEN 3 ELSE 4
               END AS desk
          FROM generate_series(1, $1) n
    ), drawn AS MATERIALIZED (
        SELECT p.*, row_number() OVER (PARTITION BY desk, is_open ORDER BY n) AS place,
               row_number() OVER (PARTITION BY desk ORDER BY n)
                   % greatest(1, count(*) OVER (PARTITION BY desk) * 6 / 10) AS guest_no,
               random() AS luck, CASE WHEN n = 1 THEN 0 WHEN n <= 9 THEN greatest(5, $3::bigint / 200)
                                      ELSE 5 + floor(36 * power(random(), 6.5)) END::bigint AS length
          FROM placed p
    ), sized AS (
        SELECT d.*, CASE WHEN n = 1 THEN $3 - (sum(length) OVER ())::bigint ELSE length END AS messages,
               desk = 1 AND is_open AND place % 2 = 0 AND place / 2 <= $4::integer AS is_mine,
               (place / 2) % 10 AS turn, $6::timestamptz - $5::timestamptz AS span
          FROM drawn d
    ), timed AS (
        SELECT s.*, CASE WHEN n = 1 THEN $5
                         WHEN n <= 9 THEN $5 + span * (n / 24.0)
                         ELSE $5 + (span - interval '6 hours') * (n / $1::double precision) END AS created_at,
               CASE WHEN n = 1 THEN span * 0.999 / messages
                    WHEN n <= 9 THEN span * 0.5 / messages
                    ELSE make_interval(secs => 10 + 380 * luck) END AS gap
          FROM sized s
    )
    SELECT t.n, t.desk, t.guest_no, t.messages, t.is_mine, t.luck, t.created_at, t.gap,
           t.created_at + t.gap * t.messages AS ended_at,
           pg_catalog.uuidv7(t.created_at - interval '1 second' - clock_timestamp()) AS id, s.status, o.owner_kind,
           CASE WHEN t.luck < 0.75 THEN 'T1' WHEN t.luck < 0.90 THEN 'T2' WHEN t.luck < 0.97 THEN 'T3'
                ELSE 'manager' END AS level,
           CASE WHEN o.owner_kind = 'human' THEN
               c.agents[CASE WHEN t.is_mine OR t.n = 1 THEN 1 ELSE 2 + t.n % (cardinality(c.agents) - 1) END]
           END AS assignee_id,
           (ARRAY[3, 3, 3, 3, 3, 3, 2, 2, 4, 1])[1 + t.n % 10] AS priority
      FROM timed t
      JOIN cast_of c USING (desk)
     CROSS JOIN LATERAL (
         SELECT CASE WHEN t.n <= 9 OR t.is_mine THEN 'active' WHEN NOT t.is_open THEN 'closed'
                     WHEN t.turn < 3 THEN 'waiting' WHEN t.turn < 9 THEN 'active' ELSE 'snoozed' END AS status
     ) s
     CROSS JOIN LATERAL (
         SELECT CASE WHEN s.status = 'waiting' THEN 'queue'
                     WHEN t.n > 9 AND NOT t.is_mine AND t.turn IN (7, 8) THEN 'robot' ELSE 'human' END AS owner_kind
     ) o
"""

GUESTS: Final = """
    WITH made AS (
        SELECT p.desk, p.guest_no, min(p.created_at) - interval '1 minute' AS at, c.workspace_id
          FROM plan p
          JOIN cast_of c USING (desk)
         GROUP BY p.desk, p.guest_no, c.workspace_id
         ORDER BY 3
    )
    INSERT INTO users (id, workspace_id, account_type_informal, current_account_status, display_name, email, attributes,
                       created_at, updated_at)
    SELECT pg_catalog.uuidv7(at - clock_timestamp()), workspace_id, 'guest', 'active',
           ($1::text[])[1 + guest_no * 7 % cardinality($1)] || ' ' || ($2::text[])[1 + guest_no * 13 % cardinality($2)],
           'guest' || guest_no || '.' || desk || '@example.test',
           jsonb_build_object('locale', 'en', 'number', guest_no), at, at
      FROM made
"""

GUESTS_OF_PLAN: Final = """
    CREATE TEMP TABLE guest_of AS
    SELECT c.desk, (u.attributes ->> 'number')::bigint AS guest_no, u.id
      FROM users u
      JOIN cast_of c USING (workspace_id)
     WHERE u.account_type_informal = 'guest'
"""

ROOMS: Final = """
    INSERT INTO chat_rooms (id, workspace_id, client_room_id, site_id, name, status, snoozed_until, queue_id, level,
                            owner_kind, assignee_id, priority, issue_id, is_private, creator_id, locale, room_settings,
                            conclusion_outcome, closed_at, closed_by, waiting_since, first_reply_at, last_activity_at,
                            created_at, updated_at)
    SELECT p.id, c.workspace_id, 'room-' || p.n, c.site_id,
           left(($1::text[])[1 + (p.n * 31) % cardinality($1)] || ' Order ' || 100000 + p.n, 80), p.status,
           CASE WHEN p.status = 'snoozed' THEN $2::timestamptz + p.luck * interval '3 days' END, q.id, p.level,
           p.owner_kind, p.assignee_id, p.priority, CASE WHEN p.n % 20 = 0 THEN 'CASE-' || p.n END,
           p.n > 9 AND NOT p.is_mine AND p.n % 50 = 0, g.id, 'en', '{"url": "https://shop.test/orders"}',
           CASE WHEN p.status = 'closed' THEN 'resolved' END, CASE WHEN p.status = 'closed' THEN p.ended_at END,
           CASE WHEN p.status = 'closed' THEN p.assignee_id END,
           CASE WHEN p.status = 'waiting' THEN p.ended_at - p.luck * (p.ended_at - p.created_at) END,
           p.created_at + p.gap * 2, p.ended_at, p.created_at, p.ended_at
      FROM plan p
      JOIN cast_of c USING (desk)
      JOIN guest_of g USING (desk, guest_no)
      JOIN queues q ON q.workspace_id = c.workspace_id AND q.level = p.level
     ORDER BY p.created_at
"""

# Odd messages are the guest's, the second is the robot's, every twelfth is a note of the person who has the room.
MESSAGES: Final = """
    INSERT INTO messages (id, workspace_id, room_id, seq, public_seq, client_msg_id, sender_id, sender_type,
                          message_type, content, content_html, is_note, robot_id, is_robot_visible_to_guests,
                          is_first_responder, created_at, updated_at)
    SELECT pg_catalog.uuidv7(m.at - clock_timestamp()), c.workspace_id, m.id, m.k + 1,
           CASE WHEN NOT v.is_note THEN m.k + 1 - m.k / 12 END, 'c' || m.k,
           CASE v.voice WHEN 'guest' THEN g.id WHEN 'robot' THEN c.robot_user_id
                        ELSE coalesce(m.assignee_id, c.agents[2]) END,
           CASE v.voice WHEN 'robot' THEN 'ai' ELSE 'user' END, CASE v.voice WHEN 'robot' THEN 'robot' ELSE 'chat' END,
           t.words, '<p>' || t.words || '</p>', v.is_note, CASE WHEN v.voice = 'robot' THEN c.robot_id END,
           v.voice = 'robot', v.voice = 'robot', m.at, m.at
      FROM (
          SELECT p.id, p.n, p.desk, p.guest_no, p.owner_kind, p.assignee_id, k, p.created_at + p.gap * k AS at
            FROM plan p, generate_series(1, p.messages) k
           ORDER BY at
      ) m
      JOIN cast_of c USING (desk)
      JOIN guest_of g USING (desk, guest_no)
     CROSS JOIN LATERAL (
         SELECT m.k % 12 = 0 AS is_note,
                CASE WHEN m.k % 2 = 1 THEN 'guest'
                     WHEN m.k % 12 > 0 AND (m.k = 2 OR m.owner_kind = 'robot') THEN 'robot' ELSE 'agent' END AS voice
     ) v
     CROSS JOIN LATERAL (
         SELECT concat_ws(' ', ($1::text[])[1 + (m.n * 31 + m.k * 7) % cardinality($1)],
                          CASE WHEN m.k % 3 > 0 THEN ($1)[1 + (m.n * 17 + m.k * 29) % cardinality($1)] END,
                          CASE WHEN m.k % 5 = 0 THEN ($1)[1 + (m.n * 5 + m.k * 3) % cardinality($1)] END) AS words
     ) t
"""

EVENTS: Final = """
    INSERT INTO room_events (id, workspace_id, room_id, seq, public_seq, kind, actor_id, actor_kind, at, subject_id)
    SELECT pg_catalog.uuidv7(m.created_at - clock_timestamp()), m.workspace_id, m.room_id, m.seq, m.public_seq,
           'message.created', m.sender_id,
           CASE WHEN m.sender_type = 'ai' THEN 'robot' WHEN m.seq % 2 = 0 THEN 'guest' ELSE 'agent' END,
           m.created_at, m.id
      FROM messages m
"""

FIRST_EVENTS: Final = """
    INSERT INTO room_events (id, workspace_id, room_id, seq, public_seq, kind, actor_id, actor_kind, at)
    SELECT pg_catalog.uuidv7(p.created_at - clock_timestamp()), c.workspace_id, p.id, 1, 1, 'room.created', g.id,
           'guest', p.created_at
      FROM plan p
      JOIN cast_of c USING (desk)
      JOIN guest_of g USING (desk, guest_no)
"""

LAST_EVENTS: Final = """
    INSERT INTO room_events (id, workspace_id, room_id, seq, public_seq, kind, actor_id, actor_kind, at, data)
    SELECT pg_catalog.uuidv7(p.ended_at - clock_timestamp()), c.workspace_id, p.id, p.messages + 2,
           p.messages - p.messages / 12 + 2, 'room.closed', p.assignee_id,
           CASE WHEN p.assignee_id IS NULL THEN 'robot' ELSE 'agent' END, p.ended_at, '{"status": "closed"}'
      FROM plan p
      JOIN cast_of c USING (desk)
     WHERE p.status = 'closed'
"""

HEADS: Final = """
    INSERT INTO room_heads (room_id, workspace_id, last_seq, last_public_seq, turn_no, total_messages, last_message_at,
                            last_message_id, last_public_message_at, last_public_message_id, last_guest_message_id,
                            guest_messages, desk_messages)
    SELECT p.id, c.workspace_id, p.messages + 1 + (p.status = 'closed')::integer,
           p.messages - p.messages / 12 + 1 + (p.status = 'closed')::integer, s.turns, p.messages, l.created_at, l.id,
           b.created_at, b.id, g.id, s.of_guests, s.of_desk
      FROM plan p
      JOIN cast_of c USING (desk)
      JOIN (
          SELECT room_id, count(*) FILTER (WHERE seq % 2 = 0) AS of_guests,
                 count(*) FILTER (WHERE seq % 2 = 1 AND NOT is_note) AS of_desk,
                 count(*) FILTER (WHERE sender_type = 'user' AND NOT is_note) AS turns
            FROM messages
           GROUP BY room_id
      ) s ON s.room_id = p.id
      JOIN messages l ON l.room_id = p.id AND l.seq = p.messages + 1
      JOIN messages b ON b.room_id = p.id AND b.seq = p.messages + 1 - (p.messages % 12 = 0)::integer
      JOIN messages g ON g.room_id = p.id AND g.seq = (p.messages + 1) / 2 * 2
"""

# Of the guest's last messages the busy person has not seen up to five; all others have seen everything.
PLACES: Final = """
    WITH seat AS (
        SELECT p.id AS room_id, c.workspace_id, g.id AS user_id, 'guest' AS role, p.created_at AS at,
               0::bigint AS unread
          FROM plan p JOIN cast_of c USING (desk) JOIN guest_of g USING (desk, guest_no)
        UNION ALL
        SELECT p.id, c.workspace_id, c.robot_user_id, 'ai', p.created_at, 0 FROM plan p JOIN cast_of c USING (desk)
        UNION ALL
        SELECT p.id, c.workspace_id, p.assignee_id, 'member', p.created_at + p.gap,
               CASE WHEN p.is_mine AND p.n % 5 < 2 THEN 1 + p.n % 3 ELSE 0 END
          FROM plan p JOIN cast_of c USING (desk) WHERE p.assignee_id IS NOT NULL
        UNION ALL
        SELECT p.id, c.workspace_id, a.id, 'member', p.created_at + p.gap * 2, 0
          FROM plan p JOIN cast_of c USING (desk) CROSS JOIN unnest(c.agents[2:11]) AS a (id)
         WHERE p.n <= 9 AND a.id <> p.assignee_id
    )
    INSERT INTO room_participants (room_id, user_id, workspace_id, role, joined_at, joined_seq, last_delivered_seq,
                                   last_delivered_at, last_read_seq, last_read_at, seen_messages, created_at,
                                   updated_at)
    SELECT s.room_id, s.user_id, s.workspace_id, s.role, s.at, 1, h.last_seq, h.last_message_at,
           CASE WHEN s.unread > 0 THEN greatest(0, 2 * (h.guest_messages - s.unread)) ELSE h.last_seq END,
           h.last_message_at,
           CASE WHEN s.role = 'guest' THEN h.desk_messages ELSE greatest(0, h.guest_messages - s.unread) END, s.at, s.at
      FROM seat s
      JOIN room_heads h USING (room_id)
"""

DEDUP: Final = """
    INSERT INTO message_dedup (workspace_id, room_id, sender_id, client_msg_id, message_id, seq, public_seq,
                               body_sha256, created_at)
    SELECT workspace_id, room_id, sender_id, client_msg_id, id, seq, public_seq, sha256(content::bytea), created_at
      FROM messages
     WHERE id >= uuid7_floor($1::timestamptz - interval '30 days')
"""

TURNS: Final = """
    INSERT INTO robot_interactions (id, workspace_id, room_id, message_id, robot_id, turn_no, status, available_at,
                                    attempt, response_data, started_at, completed_at, created_at, updated_at)
    SELECT pg_catalog.uuidv7(m.created_at - clock_timestamp()), m.workspace_id, m.room_id, m.id, c.robot_id, 1,
           'completed', m.created_at, 1, '{"said": 1}', m.created_at, m.created_at, m.created_at, m.created_at
      FROM messages m
      JOIN cast_of c USING (workspace_id)
     WHERE m.seq = 2
"""

USAGE: Final = """
    INSERT INTO usage_stats (workspace_id, user_id, date, sessions_created)
    SELECT workspace_id, creator_id, (created_at AT TIME ZONE 'UTC')::date, count(*)
      FROM chat_rooms
     GROUP BY 1, 2, 3
"""

DOCUMENTS: Final = """
    INSERT INTO documents (workspace_id, title, filename, file_size, mime_type, content, content_hash,
                           processing_status, language)
    SELECT c.workspace_id, 'Article ' || d, 'article-' || d || '.md', 900, 'text/markdown',
           ($1::text[])[1 + d * 7 % cardinality($1)], encode(sha256((c.desk || '.' || d)::bytea), 'hex'), 'completed',
           'en'
      FROM cast_of c, generate_series(1, 300) d
"""

CHUNKS: Final = """
    INSERT INTO document_chunks (workspace_id, document_id, chunk_index, heading, content, start_position, end_position,
                                 token_count)
    SELECT d.workspace_id, d.id, k, d.title || ', part ' || k,
           concat_ws(' ', ($1::text[])[1 + (n * 11 + k * 5) % cardinality($1)], ($1)[1 + (n * 3 + k) % cardinality($1)],
                     ($1)[1 + (n * 19 + k * 23) % cardinality($1)]), k * 300, k * 300 + 300, 60
      FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM documents) d, generate_series(0, 3) k
"""

EMBEDDINGS: Final = """
    UPDATE document_chunks c
       SET embedding = (SELECT array_agg(random() - 0.5 + 0 * i * c.chunk_index)::real[]::vector(384)
                          FROM generate_series(1, 384) i)
"""
