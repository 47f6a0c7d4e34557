-- The hot path: durable events and messages, partitioned by month on their keys, with no row trigger on INSERT.

-- No foreign key for actor and subject: events outlive both, and hold references only, never text.
CREATE TABLE room_events (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    room_id uuid NOT NULL,
    seq bigint NOT NULL,
    public_seq bigint,
    kind text NOT NULL,
    actor_id uuid,
    actor_kind text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    subject_id uuid,
    data jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT pk_room_events PRIMARY KEY (id),
    CONSTRAINT fk_room_events_room FOREIGN KEY (workspace_id, room_id)
        REFERENCES chat_rooms (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_room_events_seq CHECK (seq > 0 AND public_seq > 0 AND public_seq <= seq),
    CONSTRAINT ck_room_events_actor_kind CHECK (actor_kind IN ('guest', 'agent', 'robot', 'system')),
    CONSTRAINT ck_room_events_kind CHECK (kind IN (
        'message.created', 'message.edited', 'message.deleted', 'reaction.added', 'reaction.removed',
        'participant.joined', 'participant.left', 'participant.updated',
        'room.created', 'room.updated', 'room.snoozed', 'room.assigned', 'room.owner_changed', 'room.closed',
        'room.reopened', 'escalation.created', 'escalation.updated',
        'tool.requested', 'tool.decided', 'tool.completed', 'csat.given'
    ))
) PARTITION BY RANGE (id);
COMMENT ON TABLE room_events IS
    'Every durable change of a room. Each month has UNIQUE (room_id, seq) and UNIQUE (room_id, public_seq) of its own '
    '(desk_make_partition): a unique key over all months would need id in it.';
COMMENT ON COLUMN room_events.public_seq IS 'NULL = staff only.';
CALL desk_secure('room_events', 'SELECT, INSERT');

-- No foreign keys for reply_to_message_id, thread_id and robot_response_to (a self-reference makes a month
-- undetachable) nor for whisper_to: the flight checks them, in the same room.
CREATE TABLE messages (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    room_id uuid NOT NULL,
    seq bigint NOT NULL,
    public_seq bigint,
    client_msg_id text COLLATE "C",
    sender_id uuid,
    sender_type text NOT NULL DEFAULT 'user',
    message_type text NOT NULL DEFAULT 'chat',
    content text NOT NULL,
    content_html text,
    content_metadata jsonb NOT NULL DEFAULT '{}',
    is_note boolean NOT NULL DEFAULT false,
    whisper_to uuid,
    reply_to_message_id uuid,
    thread_id uuid,
    robot_id uuid,
    robot_response_to uuid,
    is_robot_visible_to_guests boolean NOT NULL DEFAULT false,
    is_first_responder boolean NOT NULL DEFAULT false,
    draft_id uuid,
    delivery_status text NOT NULL DEFAULT 'delivered',
    token_count integer NOT NULL DEFAULT 0,
    model_used text,
    context_documents jsonb,
    processing_time_ms integer,
    provider_metadata jsonb NOT NULL DEFAULT '{}',
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    edited_at timestamptz,
    deleted_at timestamptz,
    CONSTRAINT pk_messages PRIMARY KEY (id),
    CONSTRAINT fk_messages_room FOREIGN KEY (workspace_id, room_id)
        REFERENCES chat_rooms (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_messages_sender FOREIGN KEY (workspace_id, sender_id)
        REFERENCES users (workspace_id, id) ON DELETE SET NULL (sender_id),
    CONSTRAINT fk_messages_robot FOREIGN KEY (workspace_id, robot_id) REFERENCES robots (workspace_id, id),
    CONSTRAINT ck_messages_seq CHECK (seq > 0 AND public_seq > 0 AND public_seq <= seq),
    CONSTRAINT ck_messages_sender_type CHECK (sender_type IN ('user', 'ai', 'system')),
    CONSTRAINT ck_messages_message_type CHECK (message_type IN ('chat', 'robot', 'system', 'file', 'image', 'graph')),
    CONSTRAINT ck_messages_delivery_status CHECK (
        delivery_status IN ('streaming', 'batch-delay', 'delivered', 'failed')
    ),
    CONSTRAINT ck_messages_hidden CHECK ((NOT is_note OR public_seq IS NULL) AND (whisper_to IS NULL OR is_note))
) PARTITION BY RANGE (id);
CREATE INDEX idx_messages_sender ON messages (sender_id, id);
CREATE INDEX idx_messages_type_room ON messages (message_type, room_id) WHERE deleted_at IS NULL;
CREATE INDEX idx_messages_robot ON messages (robot_id, id) WHERE robot_id IS NOT NULL;
COMMENT ON TABLE messages IS
    'Each month has UNIQUE (room_id, seq) of its own (desk_make_partition), which serves history and the room''s key.';
COMMENT ON COLUMN messages.public_seq IS 'NULL = staff only: a note, a whisper, a robot''s suggestion.';
COMMENT ON COLUMN messages.context_documents IS 'What an answer cites: [{document_id, chunk_id, quote, title}].';
CALL desk_touch('messages');
CALL desk_secure('messages');
CALL desk_audit('messages',
    ARRAY['content', 'content_metadata', 'message_type', 'is_note', 'whisper_to', 'is_robot_visible_to_guests',
        'deleted_at'],
    p_personal => ARRAY['content', 'content_html', 'content_metadata', 'context_documents', 'provider_metadata']);

-- The one unique key that sends need, and that the partitioned table cannot hold. No foreign keys: the flight
-- has locked the room and knows its sender, and the rows go after thirty days whatever became of the message.
CREATE TABLE message_dedup (
    workspace_id uuid NOT NULL,
    room_id uuid NOT NULL,
    sender_id uuid NOT NULL,
    client_msg_id text COLLATE "C" NOT NULL,
    message_id uuid NOT NULL,
    seq bigint NOT NULL,
    public_seq bigint,
    body_sha256 bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_message_dedup PRIMARY KEY (workspace_id, room_id, sender_id, client_msg_id),
    CONSTRAINT ck_message_dedup_client_msg_id CHECK (char_length(client_msg_id) BETWEEN 1 AND 100),
    CONSTRAINT ck_message_dedup_body CHECK (octet_length(body_sha256) = 32)
);
-- For expiry only; a BRIN index costs an insert next to nothing.
CREATE INDEX idx_message_dedup_created_at ON message_dedup USING brin (created_at);
CALL desk_secure('message_dedup', 'SELECT, INSERT, DELETE', p_hidden => ARRAY['*']);

CREATE TABLE op_results (
    workspace_id uuid NOT NULL,
    actor_id uuid NOT NULL,
    op_id text COLLATE "C" NOT NULL,
    command text NOT NULL,
    body_sha256 bytea NOT NULL,
    result jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_op_results PRIMARY KEY (workspace_id, actor_id, op_id),
    CONSTRAINT fk_op_results_actor FOREIGN KEY (workspace_id, actor_id)
        REFERENCES users (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_op_results_op_id CHECK (char_length(op_id) BETWEEN 1 AND 100),
    CONSTRAINT ck_op_results_body CHECK (octet_length(body_sha256) = 32)
);
CREATE INDEX idx_op_results_created_at ON op_results (created_at);
COMMENT ON TABLE op_results IS 'The first ack of a command that carried an op_id, kept a day.';
CALL desk_secure('op_results', 'SELECT, INSERT, DELETE', p_hidden => ARRAY['*']);

-- A key of messages cannot carry workspace_id without one more index on the hot table, and foreign keys ignore
-- policies: so whatever points at a message is checked to live in the message's workspace.
CREATE FUNCTION desk_check_message_workspace() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM messages WHERE id = NEW.message_id AND workspace_id = NEW.workspace_id
    ) THEN
        RAISE EXCEPTION 'Message % is not in this workspace.', NEW.message_id USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE PROCEDURE desk_bind_message(p_table regclass)
LANGUAGE plpgsql
AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER %I BEFORE INSERT OR UPDATE OF message_id, workspace_id ON %s FOR EACH ROW '
        'WHEN (NEW.message_id IS NOT NULL) EXECUTE FUNCTION desk_check_message_workspace()',
        'trg_' || p_table::text || '_message', p_table);
END
$$;
COMMENT ON PROCEDURE desk_bind_message(regclass) IS 'Holds message_id of a table to the workspace of its row.';

CREATE TABLE message_reactions (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    message_id uuid NOT NULL,
    user_id uuid NOT NULL,
    emoji text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_message_reactions PRIMARY KEY (id),
    CONSTRAINT uq_message_reactions_emoji UNIQUE (message_id, user_id, emoji),
    CONSTRAINT fk_message_reactions_message FOREIGN KEY (message_id) REFERENCES messages (id) ON DELETE CASCADE,
    CONSTRAINT fk_message_reactions_user FOREIGN KEY (workspace_id, user_id)
        REFERENCES users (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_message_reactions_emoji CHECK (char_length(emoji) BETWEEN 1 AND 32)
);
CREATE INDEX idx_message_reactions_user ON message_reactions (user_id);
CALL desk_bind_message('message_reactions');
CALL desk_secure('message_reactions', 'SELECT, INSERT, DELETE');
