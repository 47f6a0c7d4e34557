-- What a robot for the staff suggests to say. It is no message: it has not been said, so it is neither counted nor
-- unread, previewed, searched or exported as one, and what an agent makes of it may be. The room's log tells of it.
CREATE TABLE robot_suggestions (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    room_id uuid NOT NULL,
    robot_id uuid NOT NULL,
    interaction_id uuid,
    message_id uuid NOT NULL,
    content text NOT NULL,
    decision text,
    decided_by uuid,
    decided_at timestamptz,
    sent_changed boolean,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_robot_suggestions PRIMARY KEY (id),
    CONSTRAINT fk_robot_suggestions_room FOREIGN KEY (workspace_id, room_id)
        REFERENCES chat_rooms (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_robot_suggestions_robot FOREIGN KEY (workspace_id, robot_id) REFERENCES robots (workspace_id, id),
    CONSTRAINT fk_robot_suggestions_interaction FOREIGN KEY (workspace_id, interaction_id)
        REFERENCES robot_interactions (workspace_id, id) ON DELETE SET NULL (interaction_id),
    CONSTRAINT fk_robot_suggestions_message FOREIGN KEY (message_id) REFERENCES messages (id) ON DELETE CASCADE,
    CONSTRAINT fk_robot_suggestions_decided_by FOREIGN KEY (workspace_id, decided_by)
        REFERENCES users (workspace_id, id) ON DELETE SET NULL (decided_by),
    CONSTRAINT ck_robot_suggestions_content CHECK (char_length(content) BETWEEN 1 AND 16000),
    CONSTRAINT ck_robot_suggestions_decision CHECK (decision IN ('inserted', 'edited', 'dismissed')),
    CONSTRAINT ck_robot_suggestions_decided CHECK ((decision IS NULL) = (decided_at IS NULL))
);
CREATE INDEX idx_robot_suggestions_room ON robot_suggestions (room_id, created_at);
CREATE INDEX idx_robot_suggestions_robot ON robot_suggestions (robot_id, created_at);
CREATE INDEX idx_robot_suggestions_interaction ON robot_suggestions (interaction_id) WHERE interaction_id IS NOT NULL;
CREATE INDEX idx_robot_suggestions_message ON robot_suggestions (message_id);
CREATE INDEX idx_robot_suggestions_decided_by ON robot_suggestions (decided_by) WHERE decided_by IS NOT NULL;
CREATE INDEX idx_robot_suggestions_unsent ON robot_suggestions (decided_at)
    WHERE decision IN ('inserted', 'edited') AND sent_changed IS NULL;
COMMENT ON TABLE robot_suggestions IS 'What robots suggested to the staff, and what became of it.';
COMMENT ON COLUMN robot_suggestions.sent_changed IS
    'Whether the reply that followed an insertion had other words; NULL while none has followed.';
CALL desk_bind_message('robot_suggestions');
CALL desk_secure('robot_suggestions');

GRANT SELECT (staff_only) ON robots TO desk_reader;

-- The new guarantee holds every word of the old one and two more.
-- squawk-ignore ban-drop-constraint
ALTER TABLE room_events DROP CONSTRAINT ck_room_events_kind;
ALTER TABLE room_events ADD CONSTRAINT ck_room_events_kind CHECK (kind IN (
    'message.created', 'message.edited', 'message.deleted', 'reaction.added', 'reaction.removed',
    'participant.joined', 'participant.left', 'participant.updated',
    'room.created', 'room.updated', 'room.snoozed', 'room.assigned', 'room.owner_changed', 'room.closed',
    'room.reopened', 'escalation.created', 'escalation.updated',
    'tool.requested', 'tool.decided', 'tool.completed', 'csat.given', 'suggestion.made', 'suggestion.decided'
)) NOT VALID;
ALTER TABLE room_events VALIDATE CONSTRAINT ck_room_events_kind;

CREATE FUNCTION desk_has_suggesters(p_room uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    RETURN EXISTS (
        SELECT 1
          FROM room_robots rr
          JOIN robots b ON b.id = rr.robot_id
         WHERE rr.room_id = p_room AND rr.active AND b.active AND b.deleted_at IS NULL
           AND coalesce(rr.staff_only, b.staff_only)
    );
END
$$;
COMMENT ON FUNCTION desk_has_suggesters(uuid) IS 'Whether a robot for the staff takes part in this room.';
GRANT EXECUTE ON FUNCTION desk_has_suggesters(uuid) TO desk_app;

-- As in 0066, with one more thing that a guest's message sets off: the robots for the staff are asked, whoever has the
-- room. What such a robot leaves for the staff needs no place in the room. The signature is the one of before, for
-- servers that are replaced one after the other: those of the version before ask nobody, and lose nothing.
CREATE OR REPLACE FUNCTION post_flight(p_workspace uuid, p_rooms uuid[], p_wait boolean, p_alone boolean, p_postings json)
RETURNS TABLE (
    outcome text, id uuid, seq bigint, public_seq bigint, created_at timestamptz,
    turn_no bigint, owner_kind text, status text, level text, event_id uuid
)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    held uuid[];
    has_suggesters boolean := false;
BEGIN
    IF p_alone THEN
        PERFORM set_config('app.workspace_id', p_workspace::text, true), set_config('app.actor_id', '', true);
        -- Once a flight: where nobody has robots for the staff, no room is asked about them.
        has_suggesters := EXISTS (
                SELECT 1 FROM robots b
                 WHERE b.workspace_id = p_workspace AND b.staff_only AND b.active AND b.deleted_at IS NULL
            ) OR EXISTS (SELECT 1 FROM room_robots rr WHERE rr.workspace_id = p_workspace AND rr.staff_only);
    END IF;

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
               r.name IS NULL AS untitled, r.last_activity_at < now() - interval '1 minute' AS long_still,
               d.message_id AS known_id, d.seq AS known_seq, d.public_seq AS known_public_seq,
               d.created_at AS known_at,
               CASE
                   WHEN h.room_id IS NULL AND EXISTS (SELECT 1 FROM room_heads x WHERE x.room_id = i.room_id)
                       THEN 'busy'
                   WHEN r.id IS NULL THEN 'not_found'
                   -- A robot that speaks to the staff alone is in nobody's sight, and no participant.
                   WHEN (i.sender_kind = 'guest' OR (i.sender_kind = 'robot' AND i.visible AND NOT i.is_note))
                        AND (p.user_id IS NULL OR p.status NOT IN ('active', 'muted'))
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
                   WHEN i.reply_to IS NOT NULL
                        AND NOT desk_is_said_in(i.room_id, i.reply_to, i.sender_kind = 'guest', false) THEN 'bad_reply'
                   WHEN i.thread_id IS NOT NULL
                        AND NOT desk_is_said_in(i.room_id, i.thread_id, i.sender_kind = 'guest', true) THEN 'bad_thread'
                   WHEN i.whisper_to IS NOT NULL AND NOT EXISTS (
                       SELECT 1 FROM users u
                       WHERE u.id = i.whisper_to AND u.account_type_informal <> 'guest'
                         AND u.deleted_at IS NULL) THEN 'bad_whisper'
                   ELSE 'posted'
               END AS judgement,
               NOT i.is_note AND i.whisper_to IS NULL AND i.visible AS is_public,
               CASE
                   WHEN NOT p_alone THEN false
                   -- A robot is asked, or a room comes back that was set aside.
                   WHEN i.sender_kind = 'guest' THEN r.owner_kind = 'robot' OR r.status = 'snoozed'
                        OR (has_suggesters AND desk_has_suggesters(i.room_id))
                   -- The first reply is dated, or a step of an escalation begins.
                   WHEN i.sender_kind = 'agent' AND NOT i.is_note AND i.whisper_to IS NULL
                       THEN r.first_reply_at IS NULL OR EXISTS (
                           SELECT 1 FROM escalations e
                            WHERE e.source_room_id = i.room_id AND e.assigned_to = i.sender_id
                              AND e.status = 'assigned')
                   ELSE false
               END AS sets_off
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
    ), numbered AS MATERIALIZED (
        SELECT j.*,
               -- Behind a message that waits for its transaction, those of its room wait too: they stay in order.
               CASE WHEN j.judgement = 'posted' AND bool_or(j.sets_off AND j.judgement = 'posted') OVER w
                    THEN 'attended' ELSE j.judgement END AS outcome,
               j.last_seq + count(*) FILTER (WHERE j.judgement = 'posted') OVER w AS new_seq,
               CASE WHEN j.is_public
                    THEN j.last_public_seq + count(*) FILTER (WHERE j.judgement = 'posted' AND j.is_public) OVER w
               END AS new_public_seq,
               j.room_turn + count(*) FILTER (
                   WHERE j.judgement = 'posted' AND j.is_public AND j.sender_kind IN ('guest', 'agent')
               ) OVER w AS new_turn,
               CASE WHEN j.judgement = 'posted' THEN desk_uuid7() END AS event_id
          FROM judged j
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
          FROM numbered a
         WHERE a.outcome = 'posted'
    ), logged AS (
        INSERT INTO room_events (id, workspace_id, room_id, seq, public_seq, kind, actor_id, actor_kind, subject_id, data)
        SELECT a.event_id, p_workspace, a.room_id, a.new_seq, a.new_public_seq, 'message.created', a.sender_id,
               a.sender_kind, a.id, '{}'
          FROM numbered a
         WHERE a.outcome = 'posted'
    ), remembered AS (
        INSERT INTO message_dedup (workspace_id, room_id, sender_id, client_msg_id, message_id, seq, public_seq, body_sha256)
        SELECT p_workspace, a.room_id, a.sender_id, a.client_msg_id, a.id, a.new_seq, a.new_public_seq,
               decode(a.body_sha256, 'hex')
          FROM numbered a
         WHERE a.outcome = 'posted' AND a.sender_id IS NOT NULL
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
                FROM numbered a
               WHERE a.outcome = 'posted'
               GROUP BY a.room_id
          ) t
         WHERE h.room_id = t.room_id
    ), stirred AS (
        -- The room's own row is written at most once a minute, for the order of lists, and once for its title.
        UPDATE chat_rooms r
           SET last_activity_at = now(), name = coalesce(r.name, t.title)
          FROM (
              SELECT a.room_id, bool_or(a.long_still) AS long_still,
                     (array_agg(left(regexp_replace(btrim(a.content), '\s+', ' ', 'g'), 80) ORDER BY a.ord)
                         FILTER (WHERE a.sender_kind = 'guest'))[1] AS title
                FROM numbered a
               WHERE a.outcome = 'posted' AND (a.long_still OR a.untitled)
               GROUP BY a.room_id
          ) t
         WHERE r.id = (
               -- Never wait here, with the heads of a whole flight in hand.
               SELECT c.id FROM chat_rooms c
                WHERE c.id = t.room_id AND (t.long_still OR (c.name IS NULL AND t.title IS NOT NULL))
                  FOR NO KEY UPDATE SKIP LOCKED
           )
    )
    SELECT n.outcome,
           CASE n.outcome WHEN 'posted' THEN n.id ELSE n.known_id END,
           CASE n.outcome WHEN 'posted' THEN n.new_seq ELSE n.known_seq END,
           CASE n.outcome WHEN 'posted' THEN n.new_public_seq ELSE n.known_public_seq END,
           CASE n.outcome WHEN 'posted' THEN now() ELSE n.known_at END,
           CASE n.outcome WHEN 'posted' THEN n.new_turn ELSE n.room_turn END,
           n.owner_kind, n.status, n.level,
           CASE n.outcome WHEN 'posted' THEN n.event_id END
      FROM numbered n
     ORDER BY n.ord;
END
$$;
