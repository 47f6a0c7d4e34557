-- Robots installed in a workspace and put into rooms, and the model providers that they may call.

CREATE TABLE ai_models (
    id text NOT NULL,
    name text NOT NULL,
    display_name text NOT NULL,
    avatar text,
    provider text NOT NULL,
    context_window integer,
    capabilities jsonb NOT NULL DEFAULT '{}',
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_ai_models PRIMARY KEY (id),
    CONSTRAINT ck_ai_models_id CHECK (id ~ '^[a-z0-9_.-]+/[A-Za-z0-9_.:-]+$' AND char_length(id) <= 100)
);
COMMENT ON TABLE ai_models IS 'The catalogue of the installation; a model that is switched off here is refused by name.';
GRANT SELECT ON ai_models TO desk_app, desk_jobs, desk_reader;
CALL desk_touch('ai_models');

INSERT INTO ai_models (id, name, display_name, avatar, provider, context_window, capabilities) VALUES
    ('google/gemini-flash-1.5', 'Gemini', 'Gemini Flash 1.5', ' G ', 'google', 1000000, '{"tools": true, "images": true}'),
    ('openai/gpt-4o-mini', 'GPT-4o mini', 'GPT-4o Mini', ' O ', 'openai', 128000, '{"tools": true, "images": true}'),
    ('anthropic/claude-3.5-sonnet', 'Claude', 'Claude 3.5 Sonnet', ' A ', 'anthropic', 200000, '{"tools": true, "images": true}'),
    ('meta-llama/llama-3-8b-instruct', 'Llama', 'Llama 3 8B', ' L ', 'meta', 8192, '{"tools": false, "images": false}'),
    ('deepseek/deepseek-v2-coder', 'DeepSeek V2', 'DeepSeek V2 Coder', ' D ', 'deepseek', 128000, '{"tools": false, "images": false}'),
    ('qwen/qwen-2-7b-instruct', 'Qwen', 'Qwen 2 7B', ' Q ', 'qwen', 32768, '{"tools": false, "images": false}'),
    ('openai/gpt-4o', 'GPT-4o', 'GPT-4o', ' O ', 'openai', 128000, '{"tools": true, "images": true}'),
    ('anthropic/claude-3.5-haiku', 'Claude Haiku', 'Claude 3.5 Haiku', ' A ', 'anthropic', 200000, '{"tools": true, "images": false}'),
    ('mistralai/mistral-small', 'Mistral Small', 'Mistral Small', ' M ', 'mistral', 32768, '{"tools": true, "images": false}'),
    ('ollama/llama3.1', 'Llama local', 'Llama 3.1 on Ollama', ' L ', 'ollama', 128000, '{"tools": true, "images": false}');

CREATE TABLE provider_configs (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    name text NOT NULL,
    provider text NOT NULL,
    api_key_encrypted bytea,
    base_url text,
    allows_private_address boolean NOT NULL DEFAULT false,
    default_model text,
    config jsonb NOT NULL DEFAULT '{}',
    is_active boolean NOT NULL DEFAULT true,
    is_default boolean NOT NULL DEFAULT false,
    created_by uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT pk_provider_configs PRIMARY KEY (id),
    CONSTRAINT fk_provider_configs_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT fk_provider_configs_created_by FOREIGN KEY (workspace_id, created_by)
        REFERENCES users (workspace_id, id) ON DELETE SET NULL (created_by),
    CONSTRAINT ck_provider_configs_name CHECK (char_length(name) BETWEEN 1 AND 100)
);
CREATE UNIQUE INDEX uq_provider_configs_name ON provider_configs (workspace_id, name) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX uq_provider_configs_default ON provider_configs (workspace_id)
    WHERE is_default AND deleted_at IS NULL;
CREATE INDEX idx_provider_configs_workspace ON provider_configs (workspace_id);
CREATE INDEX idx_provider_configs_created_by ON provider_configs (created_by) WHERE created_by IS NOT NULL;
COMMENT ON COLUMN provider_configs.base_url IS 'Bound to the key: whoever changes one enters the other again.';
CALL desk_touch('provider_configs');
CALL desk_secure('provider_configs', p_hidden => ARRAY['api_key_encrypted']);
CALL desk_audit('provider_configs', ARRAY['name', 'provider', 'api_key_encrypted', 'base_url', 'allows_private_address',
    'default_model', 'config', 'is_active', 'is_default', 'deleted_at'], ARRAY['api_key_encrypted'], p_inserts => true);

CREATE TABLE robots (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    user_id uuid NOT NULL,
    module text NOT NULL,
    version text NOT NULL,
    name text NOT NULL,
    avatar text,
    settings jsonb NOT NULL DEFAULT '{}',
    settings_version integer NOT NULL DEFAULT 1,
    secrets_encrypted bytea,
    active boolean NOT NULL DEFAULT true,
    sort_order integer NOT NULL DEFAULT 100,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT pk_robots PRIMARY KEY (id),
    CONSTRAINT uq_robots_workspace_id UNIQUE (workspace_id, id),
    CONSTRAINT uq_robots_user UNIQUE (user_id),
    CONSTRAINT fk_robots_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT fk_robots_user FOREIGN KEY (workspace_id, user_id) REFERENCES users (workspace_id, id),
    CONSTRAINT ck_robots_name CHECK (char_length(name) BETWEEN 1 AND 100)
);
CREATE UNIQUE INDEX uq_robots_name ON robots (workspace_id, name) WHERE deleted_at IS NULL;
CREATE INDEX idx_robots_workspace ON robots (workspace_id);
COMMENT ON COLUMN robots.user_id IS 'The user of type robot that speaks, holds roles and stands in room_participants.';
COMMENT ON COLUMN robots.sort_order IS 'The order of seed 001 (a column called order would need quotes everywhere): smallest leads.';
CALL desk_touch('robots');
CALL desk_secure('robots', p_hidden => ARRAY['secrets_encrypted']);
CALL desk_audit('robots', ARRAY['module', 'version', 'name', 'avatar', 'settings', 'settings_version',
    'secrets_encrypted', 'active', 'sort_order', 'deleted_at'], ARRAY['secrets_encrypted'], p_inserts => true);

CREATE TABLE room_robots (
    room_id uuid NOT NULL,
    robot_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    active boolean NOT NULL DEFAULT true,
    sort_order integer NOT NULL DEFAULT 100,
    settings jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_room_robots PRIMARY KEY (room_id, robot_id),
    CONSTRAINT fk_room_robots_room FOREIGN KEY (workspace_id, room_id)
        REFERENCES chat_rooms (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_room_robots_robot FOREIGN KEY (workspace_id, robot_id)
        REFERENCES robots (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX idx_room_robots_robot ON room_robots (robot_id);
CALL desk_touch('room_robots');
CALL desk_secure('room_robots', 'SELECT, INSERT, UPDATE, DELETE');
CALL desk_audit('room_robots', ARRAY['active', 'sort_order', 'settings'], p_inserts => true, p_key => 'room_id');

CREATE TABLE auto_approval_settings (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    room_id uuid,
    read_only_operations boolean NOT NULL DEFAULT false,
    low_risk_operations boolean NOT NULL DEFAULT false,
    specific_tools jsonb NOT NULL DEFAULT '{}',
    max_cost_per_tool numeric(14, 6) NOT NULL DEFAULT 1.00,
    max_cost_per_hour numeric(14, 6) NOT NULL DEFAULT 10.00,
    require_approval_for_new_tools boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_auto_approval_settings PRIMARY KEY (id),
    CONSTRAINT uq_auto_approval_settings_scope UNIQUE NULLS NOT DISTINCT (workspace_id, room_id),
    CONSTRAINT fk_auto_approval_settings_workspace FOREIGN KEY (workspace_id)
        REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT fk_auto_approval_settings_room FOREIGN KEY (workspace_id, room_id)
        REFERENCES chat_rooms (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_auto_approval_settings_costs CHECK (max_cost_per_tool >= 0 AND max_cost_per_hour >= 0)
);
CREATE INDEX idx_auto_approval_settings_room ON auto_approval_settings (room_id) WHERE room_id IS NOT NULL;
COMMENT ON COLUMN auto_approval_settings.room_id IS 'NULL = the workspace; a room''s row takes its place in that room.';
CALL desk_touch('auto_approval_settings');
CALL desk_secure('auto_approval_settings', 'SELECT, INSERT, UPDATE, DELETE');
CALL desk_audit('auto_approval_settings', ARRAY['read_only_operations', 'low_risk_operations', 'specific_tools',
    'max_cost_per_tool', 'max_cost_per_hour', 'require_approval_for_new_tools'], p_inserts => true);
