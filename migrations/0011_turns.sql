-- What robots did and cost: interactions (which are the work queue too), tool executions, context, cache, usage.

CREATE TABLE robot_interactions (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    room_id uuid NOT NULL,
    message_id uuid,
    robot_id uuid NOT NULL,
    trigger_kind text NOT NULL DEFAULT 'message',
    turn_no bigint NOT NULL,
    sort_order integer NOT NULL DEFAULT 100,
    is_leader boolean NOT NULL DEFAULT true,
    status text NOT NULL DEFAULT 'pending',
    available_at timestamptz NOT NULL DEFAULT now(),
    attempt integer NOT NULL DEFAULT 0,
    claimed_by text,
    claimed_until timestamptz,
    request_data jsonb NOT NULL DEFAULT '{}',
    observation_data jsonb,
    response_data jsonb,
    error_message text,
    tokens integer NOT NULL DEFAULT 0,
    cost numeric(14, 6),
    started_at timestamptz,
    completed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_robot_interactions PRIMARY KEY (id),
    CONSTRAINT uq_robot_interactions_workspace_id UNIQUE (workspace_id, id),
    CONSTRAINT fk_robot_interactions_room FOREIGN KEY (workspace_id, room_id)
        REFERENCES chat_rooms (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_robot_interactions_message FOREIGN KEY (message_id) REFERENCES messages (id) ON DELETE CASCADE,
    CONSTRAINT fk_robot_interactions_robot FOREIGN KEY (workspace_id, robot_id) REFERENCES robots (workspace_id, id),
    CONSTRAINT ck_robot_interactions_status CHECK (status IN ('pending', 'processing', 'completed', 'failed')),
    CONSTRAINT ck_robot_interactions_trigger CHECK (
        trigger_kind IN ('message', 'room_opened', 'handback', 'follow', 'suggestion', 'whisper')
    ),
    CONSTRAINT ck_robot_interactions_message CHECK (trigger_kind <> 'message' OR message_id IS NOT NULL),
    CONSTRAINT ck_robot_interactions_claim CHECK (
        status <> 'processing' OR (claimed_by IS NOT NULL AND claimed_until IS NOT NULL AND started_at IS NOT NULL)
    ),
    CONSTRAINT ck_robot_interactions_completed CHECK (
        status NOT IN ('completed', 'failed') OR completed_at IS NOT NULL
    )
);
-- A message asks each robot once: the hook that inserts the turn may be run again.
CREATE UNIQUE INDEX uq_robot_interactions_turn ON robot_interactions (message_id, robot_id, trigger_kind)
    WHERE message_id IS NOT NULL;
CREATE INDEX idx_robot_interactions_due ON robot_interactions (available_at) WHERE status = 'pending';
CREATE INDEX idx_robot_interactions_lease ON robot_interactions (claimed_until) WHERE status = 'processing';
CREATE INDEX idx_robot_interactions_status ON robot_interactions (status, created_at);
CREATE INDEX idx_robot_interactions_robot ON robot_interactions (robot_id, created_at);
CREATE INDEX idx_robot_interactions_room ON robot_interactions (room_id, created_at);
COMMENT ON COLUMN robot_interactions.started_at IS 'When it was claimed, not when it was asked.';
COMMENT ON COLUMN robot_interactions.cost IS 'NULL = unknown, never 0 for that.';
CALL desk_touch('robot_interactions');
CALL desk_bind_message('robot_interactions');
CALL desk_secure('robot_interactions');

CREATE TABLE tool_executions (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    room_id uuid NOT NULL,
    interaction_id uuid,
    message_id uuid,
    robot_id uuid NOT NULL,
    tool_name text NOT NULL,
    parameters jsonb NOT NULL,
    args_sha256 text NOT NULL,
    result jsonb,
    status text NOT NULL DEFAULT 'pending',
    risk text NOT NULL DEFAULT 'high',
    required_level text,
    approval_requested_at timestamptz,
    expires_at timestamptz,
    decided_by uuid,
    decision_note text,
    approved_at timestamptz,
    executed_at timestamptz,
    completed_at timestamptz,
    execution_time_ms integer,
    cost numeric(14, 6),
    error_message text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_tool_executions PRIMARY KEY (id),
    CONSTRAINT fk_tool_executions_room FOREIGN KEY (workspace_id, room_id)
        REFERENCES chat_rooms (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_tool_executions_interaction FOREIGN KEY (workspace_id, interaction_id)
        REFERENCES robot_interactions (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_tool_executions_message FOREIGN KEY (message_id) REFERENCES messages (id) ON DELETE CASCADE,
    CONSTRAINT fk_tool_executions_robot FOREIGN KEY (workspace_id, robot_id) REFERENCES robots (workspace_id, id),
    CONSTRAINT fk_tool_executions_decided_by FOREIGN KEY (workspace_id, decided_by)
        REFERENCES users (workspace_id, id) ON DELETE SET NULL (decided_by),
    CONSTRAINT ck_tool_executions_status CHECK (
        status IN ('pending', 'approved', 'denied', 'executing', 'completed', 'failed', 'cancelled')
    ),
    CONSTRAINT ck_tool_executions_risk CHECK (risk IN ('read', 'low', 'high')),
    CONSTRAINT ck_tool_executions_level CHECK (required_level IN ('T1', 'T2', 'T3', 'manager')),
    CONSTRAINT ck_tool_executions_args CHECK (args_sha256 ~ '^[0-9a-f]{64}$'),
    -- Nothing runs that was not approved, by a person or by a rule.
    CONSTRAINT ck_tool_executions_approved CHECK (
        status NOT IN ('approved', 'executing', 'completed') OR approved_at IS NOT NULL
    ),
    CONSTRAINT ck_tool_executions_executed CHECK (
        status NOT IN ('executing', 'completed') OR executed_at IS NOT NULL
    )
);
CREATE INDEX idx_tool_executions_room ON tool_executions (room_id, created_at);
CREATE INDEX idx_tool_executions_interaction ON tool_executions (interaction_id) WHERE interaction_id IS NOT NULL;
CREATE INDEX idx_tool_executions_message ON tool_executions (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX idx_tool_executions_status ON tool_executions (status, created_at);
CREATE INDEX idx_tool_executions_robot ON tool_executions (robot_id, created_at);
CREATE INDEX idx_tool_executions_tool ON tool_executions (tool_name, created_at);
CREATE INDEX idx_tool_executions_decided_by ON tool_executions (decided_by) WHERE decided_by IS NOT NULL;
CREATE INDEX idx_tool_executions_expiry ON tool_executions (expires_at) WHERE status = 'pending';
CALL desk_touch('tool_executions');
CALL desk_bind_message('tool_executions');
CALL desk_secure('tool_executions');
CALL desk_audit('tool_executions', ARRAY['status', 'parameters', 'args_sha256', 'risk', 'required_level', 'decided_by',
    'decision_note', 'approved_at', 'expires_at'],
    p_personal => ARRAY['parameters', 'result', 'decision_note', 'error_message']);

CREATE TABLE context_optimizations (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    room_id uuid NOT NULL,
    trigger_reason text NOT NULL,
    optimization_type text NOT NULL,
    tokens_before integer NOT NULL,
    tokens_after integer NOT NULL,
    summary text,
    affected_messages jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_context_optimizations PRIMARY KEY (id),
    CONSTRAINT fk_context_optimizations_room FOREIGN KEY (workspace_id, room_id)
        REFERENCES chat_rooms (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_context_optimizations_reason CHECK (trigger_reason IN ('token_limit', 'user_request', 'auto')),
    CONSTRAINT ck_context_optimizations_type CHECK (
        optimization_type IN ('truncation', 'summarization', 'compression')
    ),
    CONSTRAINT ck_context_optimizations_tokens CHECK (tokens_after BETWEEN 0 AND tokens_before)
);
CREATE INDEX idx_context_optimizations_room ON context_optimizations (room_id, created_at);
CALL desk_secure('context_optimizations', 'SELECT, INSERT');

CREATE TABLE ai_cache (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    model text NOT NULL,
    prompt_hash text NOT NULL,
    scope text NOT NULL DEFAULT 'workspace',
    prompt_summary text NOT NULL,
    response_text text NOT NULL,
    tokens_used integer NOT NULL,
    cost_estimate numeric(14, 6),
    hits integer NOT NULL DEFAULT 0,
    last_hit_at timestamptz,
    ttl timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_ai_cache PRIMARY KEY (id),
    CONSTRAINT uq_ai_cache_prompt UNIQUE (workspace_id, model, prompt_hash, scope),
    CONSTRAINT fk_ai_cache_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT ck_ai_cache_prompt_hash CHECK (prompt_hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT ck_ai_cache_prompt_summary CHECK (char_length(prompt_summary) <= 200)
);
CREATE INDEX idx_ai_cache_ttl ON ai_cache (ttl);
CREATE INDEX idx_ai_cache_created_at ON ai_cache (created_at);
COMMENT ON COLUMN ai_cache.ttl IS 'The moment from which the entry is no longer served.';
CALL desk_secure('ai_cache', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE usage_logs (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    user_id uuid,
    room_id uuid,
    robot_id uuid,
    provider text NOT NULL,
    model text NOT NULL,
    input_tokens integer NOT NULL DEFAULT 0,
    output_tokens integer NOT NULL DEFAULT 0,
    cached_tokens integer NOT NULL DEFAULT 0,
    cost numeric(14, 6),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_usage_logs PRIMARY KEY (id),
    CONSTRAINT fk_usage_logs_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT fk_usage_logs_user FOREIGN KEY (workspace_id, user_id)
        REFERENCES users (workspace_id, id) ON DELETE SET NULL (user_id),
    CONSTRAINT fk_usage_logs_room FOREIGN KEY (workspace_id, room_id)
        REFERENCES chat_rooms (workspace_id, id) ON DELETE SET NULL (room_id),
    CONSTRAINT fk_usage_logs_robot FOREIGN KEY (workspace_id, robot_id)
        REFERENCES robots (workspace_id, id) ON DELETE SET NULL (robot_id),
    CONSTRAINT ck_usage_logs_tokens CHECK (least(input_tokens, output_tokens, cached_tokens) >= 0)
);
CREATE INDEX idx_usage_logs_workspace ON usage_logs (workspace_id, created_at);
CREATE INDEX idx_usage_logs_user ON usage_logs (user_id, created_at);
CREATE INDEX idx_usage_logs_room ON usage_logs (room_id, created_at) WHERE room_id IS NOT NULL;
CREATE INDEX idx_usage_logs_robot ON usage_logs (robot_id, created_at) WHERE robot_id IS NOT NULL;
COMMENT ON COLUMN usage_logs.cost IS 'NULL = the price is unknown.';
CALL desk_secure('usage_logs', 'SELECT, INSERT');

CREATE TABLE usage_stats (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    user_id uuid NOT NULL,
    date date NOT NULL,
    tokens_used bigint NOT NULL DEFAULT 0,
    messages_sent integer NOT NULL DEFAULT 0,
    documents_uploaded integer NOT NULL DEFAULT 0,
    sessions_created integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_usage_stats PRIMARY KEY (id),
    CONSTRAINT uq_usage_stats_day UNIQUE (user_id, date),
    CONSTRAINT fk_usage_stats_user FOREIGN KEY (workspace_id, user_id)
        REFERENCES users (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX idx_usage_stats_date ON usage_stats (date);
CREATE INDEX idx_usage_stats_workspace ON usage_stats (workspace_id, date);
COMMENT ON COLUMN usage_stats.date IS 'The day in the workspace''s time zone.';
CALL desk_touch('usage_stats');
CALL desk_secure('usage_stats');
