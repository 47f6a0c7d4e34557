-- What a chat server would keep at least: a table of messages in months with four indexes, and what was written when.
CREATE TABLE messages (
    id uuid NOT NULL DEFAULT uuidv7(),
    room_id text NOT NULL,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    client_msg_id text NOT NULL,
    sender_id text NOT NULL,
    message_type text NOT NULL DEFAULT 'chat',
    content text NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
CREATE UNIQUE INDEX ON messages (room_id, seq, created_at);
CREATE INDEX ON messages (sender_id, id);
CREATE INDEX ON messages (message_type, room_id) WHERE deleted_at IS NULL;

CREATE TABLE messages_history (
    history_id uuid PRIMARY KEY DEFAULT uuidv7(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    operation_type text NOT NULL,
    row_data jsonb NOT NULL
);

DO $$
DECLARE
    month date;
BEGIN
    FOR month IN SELECT generate_series(date_trunc('month', now()) - interval '22 months',
                                        date_trunc('month', now()) + interval '1 month', interval '1 month')
    LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF messages FOR VALUES FROM (%L) TO (%L)',
                       'messages_' || to_char(month, 'YYYY_MM'), month, month + interval '1 month');
    END LOOP;
END
$$;

CREATE FUNCTION log_messages() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO messages_history (operation_type, row_data) VALUES (TG_OP, to_jsonb(NEW));
    RETURN NULL;
END
$$;
CREATE TRIGGER log_messages AFTER INSERT OR UPDATE ON messages FOR EACH ROW EXECUTE FUNCTION log_messages();
