-- Who looks at a list of waiting rooms wants to see what their guests ask, and the last word is mostly the robot's
-- that hands over. The head knows the guest's last message too, so that no list searches the messages for it.

ALTER TABLE room_heads ADD COLUMN last_guest_message_id uuid;
UPDATE room_heads h
   SET last_guest_message_id = m.id
  FROM chat_rooms r
 CROSS JOIN LATERAL (
       SELECT m.id
         FROM messages m
        WHERE m.room_id = r.id AND m.sender_id = r.creator_id
        ORDER BY m.seq DESC
        LIMIT 1
       ) m
 WHERE h.room_id = r.id AND r.status IN ('waiting', 'active', 'snoozed');

CREATE OR REPLACE FUNCTION post_flight(p_workspace uuid, p_rooms uuid[], p_wait boolean, p_postings json)
RETURNS TABLE (
    ord integer, outcome text, id uuid, seq bigint, public_seq bigint, created_at timestamptz,
    turn_no bigint, owner_kind text, status text, level text, event_id uuid
)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    held uuid[];
BEGIN
    -- The lock comes first and alone, in the order of ids, so that flights never wait for each other in a
    -- circle, and so that the statement below sees every message that was committed before the lock was had.
    IF p_wait THEN
        SELECT array_agg(l.room_id) INTO held FROM (
            SELECT h.room_id FROM room_heads h
            WHERE h.room_id = ANY (p_rooms) ORDER BY h.room_id FOR UPDATE
        ) l;
    ELSE
        SELECT array_agg(l.room_id) INTO held FROM (
            SELECT h.room_id FROM room_heads h
            WHERE h.room_id = ANY (p_rooms) ORDER BY h.room_id FOR UPDATE SKIP LOCKED
        ) l;
    END IF;

    RETURN QUERY
    WITH input AS MATERIALIZED (
        SELECT * FROM json_to_recordset(p_postings) AS i(
            ord integer, id uuid, room_id uuid, sender_id uuid, sender_kind text, may_private boolean,
            client_msg_id text, body_sha256 text, content text, content_html text, message_type text,
            is_note boolean, whisper_to uuid, reply_to uuid, thread_id uuid, metadata jsonb, citations jsonb,
            robot_id uuid, robot_response_to uuid, visible boolean, first_responder boolean, draft_id uuid,
            expected_turn bigint, model_used text, processing_time_ms integer, token_count integer
        )
    ), judged AS MATERIALIZED (
        SELECT i.*, h.last_seq, h.last_public_seq, h.turn_no AS room_turn, r.owner_kind, r.status, r.level,
               d.message_id AS known_id, d.seq AS known_seq, d.public_seq AS known_public_seq,
               d.created_at AS known_at,
               CASE
                   WHEN h.room_id IS NULL AND EXISTS (SELECT 1 FROM room_heads x WHERE x.room_id = i.room_id)
                       THEN 'busy'
                   WHEN r.id IS NULL THEN 'not_found'
                   WHEN i.sender_kind IN ('guest', 'robot') AND (p.user_id IS NULL OR p.status NOT IN ('active', 'muted'))
                       THEN 'not_found'
                   WHEN i.sender_kind = 'guest' AND NOT r.guest_access_allowed THEN 'not_found'
                   WHEN i.sender_kind = 'agent' AND r.is_private AND NOT i.may_private
                        AND (p.user_id IS NULL OR p.status NOT IN ('active', 'muted')) THEN 'not_found'
                   WHEN d.message_id IS NOT NULL THEN
                       CASE WHEN d.body_sha256 = decode(i.body_sha256, 'hex')
                            THEN 'duplicate' ELSE 'idempotency_conflict' END
                   WHEN r.status = 'archived' OR (r.status = 'closed' AND NOT i.is_note) THEN 'room_closed'
                   WHEN p.status = 'muted' OR NOT coalesce(p.can_send_messages, true) THEN 'muted'
                   -- Guests are told who comes to speak to them, and nothing of who leaves a note.
                   WHEN i.sender_kind = 'agent' AND NOT i.is_note AND i.whisper_to IS NULL
                        AND (p.user_id IS NULL OR p.status IN ('left', 'removed') OR p.role = 'observer')
                       THEN 'not_participant'
                   WHEN i.expected_turn IS NOT NULL AND i.expected_turn <> h.turn_no THEN 'stale'
                   WHEN i.reply_to IS NOT NULL AND NOT EXISTS (
                       SELECT 1 FROM messages m
                       WHERE m.id = i.reply_to AND m.room_id = i.room_id AND m.deleted_at IS NULL
                         AND (i.sender_kind <> 'guest' OR m.public_seq IS NOT NULL)) THEN 'bad_reply'
                   WHEN i.thread_id IS NOT NULL AND NOT EXISTS (
                       SELECT 1 FROM messages m
                       WHERE m.id = i.thread_id AND m.room_id = i.room_id
                         AND (i.sender_kind <> 'guest' OR m.public_seq IS NOT NULL)) THEN 'bad_thread'
                   WHEN i.whisper_to IS NOT NULL AND NOT EXISTS (
                       SELECT 1 FROM users u
                       WHERE u.id = i.whisper_to AND u.account_type_informal <> 'guest'
                         AND u.deleted_at IS NULL) THEN 'bad_whisper'
                   ELSE 'posted'
               END AS outcome,
               NOT i.is_note AND i.whisper_to IS NULL AND i.visible AS is_public
          FROM input i
          LEFT JOIN room_heads h ON h.room_id = i.room_id AND h.room_id = ANY (held)
          LEFT JOIN chat_rooms r ON r.id = h.room_id AND r.deleted_at IS NULL
          LEFT JOIN room_participants p ON p.room_id = i.room_id AND p.user_id = i.sender_id
          LEFT JOIN LATERAL (
              SELECT k.message_id, k.seq, k.public_seq, k.created_at, k.body_sha256
                FROM message_dedup k
               WHERE k.workspace_id = p_workspace AND k.room_id = i.room_id
                 AND k.sender_id = i.sender_id AND k.client_msg_id = i.client_msg_id
              OFFSET 0 -- one look-up by key per posting: joined otherwise, the table of the last 30 days is hashed
          ) d ON true
    ), accepted AS MATERIALIZED (
        SELECT j.*,
               j.last_seq + row_number() OVER w AS new_seq,
               CASE WHEN j.is_public
                    THEN j.last_public_seq + sum(j.is_public::integer) OVER w END AS new_public_seq,
               j.room_turn + sum((j.is_public AND j.sender_kind IN ('guest', 'agent'))::integer) OVER w AS new_turn
          FROM judged j
         WHERE j.outcome = 'posted'
        WINDOW w AS (PARTITION BY j.room_id ORDER BY j.ord)
    ), written AS (
        INSERT INTO messages (
            id, workspace_id, room_id, seq, public_seq, sender_id, sender_type, message_type, content, content_html,
            content_metadata, robot_id, robot_response_to, is_robot_visible_to_guests, is_first_responder,
            reply_to_message_id, thread_id, is_note, whisper_to, token_count, model_used, processing_time_ms, draft_id, client_msg_id, context_documents
        )
        SELECT a.id, p_workspace, a.room_id, a.new_seq, a.new_public_seq, a.sender_id,
               CASE a.sender_kind WHEN 'robot' THEN 'ai' WHEN 'system' THEN 'system' ELSE 'user' END,
               a.message_type, a.content, a.content_html, a.metadata, a.robot_id, a.robot_response_to,
               a.visible AND a.robot_id IS NOT NULL, a.first_responder, a.reply_to, a.thread_id, a.is_note, a.whisper_to,
               a.token_count, a.model_used, a.processing_time_ms, a.draft_id, a.client_msg_id, a.citations
          FROM accepted a
    ), logged AS (
        INSERT INTO room_events (workspace_id, room_id, seq, public_seq, kind, actor_id, actor_kind, subject_id, data)
        SELECT p_workspace, a.room_id, a.new_seq, a.new_public_seq, 'message.created', a.sender_id, a.sender_kind,
               a.id, '{}'
          FROM accepted a
     RETURNING id, subject_id
    ), remembered AS (
        INSERT INTO message_dedup (workspace_id, room_id, sender_id, client_msg_id, message_id, seq, public_seq, body_sha256)
        SELECT p_workspace, a.room_id, a.sender_id, a.client_msg_id, a.id, a.new_seq, a.new_public_seq,
               decode(a.body_sha256, 'hex')
          FROM accepted a
         WHERE a.sender_id IS NOT NULL
    ), counted AS (
        UPDATE room_heads h
           SET last_seq = t.last_seq, last_public_seq = greatest(h.last_public_seq, t.last_public_seq),
               turn_no = t.turn_no, total_messages = h.total_messages + t.messages,
               total_tokens = h.total_tokens + t.tokens, last_message_at = now(), last_message_id = t.last_id,
               last_public_message_at = CASE WHEN t.last_public_id IS NULL THEN h.last_public_message_at ELSE now() END,
               last_public_message_id = coalesce(t.last_public_id, h.last_public_message_id),
               last_guest_message_id = coalesce(t.last_guest_id, h.last_guest_message_id),
               guest_messages = h.guest_messages + t.from_guests, desk_messages = h.desk_messages + t.from_desk
          FROM (
              SELECT a.room_id, max(a.new_seq) AS last_seq, max(a.new_public_seq) AS last_public_seq,
                     max(a.new_turn) AS turn_no, count(*) AS messages,
                     (array_agg(a.id ORDER BY a.ord DESC))[1] AS last_id,
                     (array_agg(a.id ORDER BY a.ord DESC) FILTER (WHERE a.is_public))[1] AS last_public_id, sum(a.token_count) AS tokens,
                     (array_agg(a.id ORDER BY a.ord DESC) FILTER (WHERE a.sender_kind = 'guest'))[1] AS last_guest_id,
                     count(*) FILTER (WHERE a.sender_kind = 'guest') AS from_guests,
                     count(*) FILTER (WHERE a.is_public AND a.sender_kind <> 'guest') AS from_desk
                FROM accepted a
               GROUP BY a.room_id
          ) t
         WHERE h.room_id = t.room_id
    ), stirred AS (
        -- The room's own row is written at most once a minute, for the order of lists, and once for its title.
        UPDATE chat_rooms r
           SET last_activity_at = now(), name = coalesce(r.name, t.title)
          FROM (
              SELECT a.room_id,
                     (array_agg(left(regexp_replace(btrim(a.content), '\s+', ' ', 'g'), 80) ORDER BY a.ord)
                         FILTER (WHERE a.sender_kind = 'guest'))[1] AS title
                FROM accepted a
               GROUP BY a.room_id
          ) t
         WHERE r.id = (
               -- Whoever changes a room's state holds its row before its head; we hold the head: never wait here.
               SELECT c.id FROM chat_rooms c
                WHERE c.id = t.room_id
                  AND (c.last_activity_at < now() - interval '1 minute' OR (c.name IS NULL AND t.title IS NOT NULL))
                  FOR NO KEY UPDATE SKIP LOCKED
           )
    )
    SELECT j.ord, j.outcome,
           coalesce(a.id, j.known_id), coalesce(a.new_seq, j.known_seq), coalesce(a.new_public_seq, j.known_public_seq),
           CASE WHEN a.id IS NOT NULL THEN now() ELSE j.known_at END,
           coalesce(a.new_turn, j.room_turn)::bigint, j.owner_kind, j.status, j.level, l.id
      FROM judged j
      LEFT JOIN accepted a ON a.ord = j.ord
      LEFT JOIN logged l ON l.subject_id = a.id
     ORDER BY j.ord;
END
$$;
