-- Side effects after commit, each a row that is claimed and retried until it is done or has failed for good.

CREATE TABLE outbox (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    dedup_key text,
    available_at timestamptz NOT NULL DEFAULT now(),
    attempt integer NOT NULL DEFAULT 0,
    claimed_by text,
    claimed_until timestamptz,
    done_at timestamptz,
    failed_at timestamptz,
    error_message text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_outbox PRIMARY KEY (id),
    CONSTRAINT fk_outbox_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT ck_outbox_ended CHECK (done_at IS NULL OR failed_at IS NULL)
);
CREATE UNIQUE INDEX uq_outbox_dedup_key ON outbox (workspace_id, kind, dedup_key) WHERE dedup_key IS NOT NULL;
CREATE INDEX idx_outbox_due ON outbox (available_at) WHERE done_at IS NULL AND failed_at IS NULL;
CREATE INDEX idx_outbox_workspace ON outbox (workspace_id, created_at);
CALL desk_secure('outbox', 'SELECT, INSERT, UPDATE, DELETE', p_hidden => ARRAY['payload']);

CREATE TABLE webhooks (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    name text NOT NULL,
    url text NOT NULL,
    events text[] NOT NULL DEFAULT '{}',
    secret_encrypted bytea NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    failure_count integer NOT NULL DEFAULT 0,
    disabled_at timestamptz,
    created_by uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT pk_webhooks PRIMARY KEY (id),
    CONSTRAINT uq_webhooks_workspace_id UNIQUE (workspace_id, id),
    CONSTRAINT fk_webhooks_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT fk_webhooks_created_by FOREIGN KEY (workspace_id, created_by)
        REFERENCES users (workspace_id, id) ON DELETE SET NULL (created_by)
);
CREATE INDEX idx_webhooks_created_by ON webhooks (created_by) WHERE created_by IS NOT NULL;
CALL desk_touch('webhooks');
CALL desk_secure('webhooks', p_hidden => ARRAY['secret_encrypted']);
CALL desk_audit('webhooks', ARRAY['name', 'url', 'events', 'secret_encrypted', 'is_active', 'disabled_at',
    'deleted_at'], ARRAY['secret_encrypted'], p_inserts => true);

CREATE TABLE webhook_deliveries (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    webhook_id uuid NOT NULL,
    event text NOT NULL,
    payload jsonb NOT NULL,
    status text NOT NULL DEFAULT 'pending',
    attempt integer NOT NULL DEFAULT 0,
    available_at timestamptz NOT NULL DEFAULT now(),
    claimed_by text,
    claimed_until timestamptz,
    response_status integer,
    response_excerpt text,
    duration_ms integer,
    error_message text,
    delivered_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_webhook_deliveries PRIMARY KEY (id),
    CONSTRAINT fk_webhook_deliveries_webhook FOREIGN KEY (workspace_id, webhook_id)
        REFERENCES webhooks (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_webhook_deliveries_status CHECK (status IN ('pending', 'delivered', 'failed')),
    CONSTRAINT ck_webhook_deliveries_excerpt CHECK (char_length(response_excerpt) <= 1000)
);
CREATE INDEX idx_webhook_deliveries_webhook ON webhook_deliveries (webhook_id, created_at);
CREATE INDEX idx_webhook_deliveries_due ON webhook_deliveries (available_at) WHERE status = 'pending';
CALL desk_touch('webhook_deliveries');
CALL desk_secure('webhook_deliveries', p_hidden => ARRAY['payload', 'response_excerpt']);

CREATE TABLE notifications (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    user_id uuid NOT NULL,
    room_id uuid,
    kind text NOT NULL,
    data jsonb NOT NULL DEFAULT '{}',
    read_at timestamptz,
    emailed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_notifications PRIMARY KEY (id),
    CONSTRAINT fk_notifications_user FOREIGN KEY (workspace_id, user_id)
        REFERENCES users (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_notifications_room FOREIGN KEY (workspace_id, room_id)
        REFERENCES chat_rooms (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX idx_notifications_user ON notifications (user_id, created_at);
CREATE INDEX idx_notifications_unread ON notifications (user_id) WHERE read_at IS NULL;
CREATE INDEX idx_notifications_room ON notifications (room_id) WHERE room_id IS NOT NULL;
CALL desk_secure('notifications', 'SELECT, INSERT, UPDATE, DELETE');
