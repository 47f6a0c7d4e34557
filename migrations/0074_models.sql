-- Language models: who may configure them, what they may cost a day, and conversations with them that wait for a person.

INSERT INTO access_permission_domains (permission_prefix, description) VALUES
    ('desk:model', 'Language models, their providers and budgets');
INSERT INTO permissions (key, permission_prefix, description) VALUES
    ('desk:model:read', 'desk:model', 'See which language models are configured and what they have cost'),
    ('desk:model:manage', 'desk:model', 'Configure providers of language models, their keys and budgets');

INSERT INTO ai_models (id, name, display_name, avatar, provider, context_window, capabilities) VALUES
    ('openai/gpt-4.1', 'GPT-4.1', 'GPT-4.1', ' O ', 'openai', 1047576, '{"tools": true, "images": true}'),
    ('openai/gpt-4.1-mini', 'GPT-4.1 mini', 'GPT-4.1 mini', ' O ', 'openai', 1047576, '{"tools": true, "images": true}'),
    ('openai/gpt-5', 'GPT-5', 'GPT-5', ' O ', 'openai', 400000, '{"tools": true, "images": true}'),
    ('openai/gpt-5-mini', 'GPT-5 mini', 'GPT-5 mini', ' O ', 'openai', 400000, '{"tools": true, "images": true}'),
    ('anthropic/claude-sonnet-4-5', 'Claude Sonnet', 'Claude Sonnet 4.5', ' A ', 'anthropic', 200000,
        '{"tools": true, "images": true}'),
    ('anthropic/claude-haiku-4-5', 'Claude Haiku', 'Claude Haiku 4.5', ' A ', 'anthropic', 200000,
        '{"tools": true, "images": true}');

CREATE TABLE llm_budgets (
    workspace_id uuid NOT NULL,
    workspace_daily numeric(14, 6),
    room_daily numeric(14, 6),
    robot_daily numeric(14, 6),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_llm_budgets PRIMARY KEY (workspace_id),
    CONSTRAINT fk_llm_budgets_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT ck_llm_budgets_positive CHECK (least(workspace_daily, room_daily, robot_daily) >= 0)
);
COMMENT ON TABLE llm_budgets IS 'US dollars that calls of models may cost a day: all of them, in each room, of each robot. NULL = no limit.';
CALL desk_touch('llm_budgets');
CALL desk_secure('llm_budgets');
CALL desk_audit('llm_budgets', ARRAY['workspace_daily', 'room_daily', 'robot_daily'], p_inserts => true,
    p_key => 'workspace_id');

CREATE TABLE llm_holds (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    room_id uuid,
    robot_id uuid,
    tokens integer NOT NULL,
    cost numeric(14, 6),
    expires_at timestamptz NOT NULL,
    CONSTRAINT pk_llm_holds PRIMARY KEY (id),
    CONSTRAINT fk_llm_holds_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);
CREATE INDEX idx_llm_holds_workspace ON llm_holds (workspace_id, expires_at);
COMMENT ON TABLE llm_holds IS 'The most that calls under way may use; a call that a crash left expires here.';
CALL desk_secure('llm_holds', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE llm_pauses (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    room_id uuid NOT NULL,
    interaction_id uuid NOT NULL,
    execution_ids uuid[] NOT NULL,
    history jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_llm_pauses PRIMARY KEY (id),
    CONSTRAINT fk_llm_pauses_room FOREIGN KEY (workspace_id, room_id)
        REFERENCES chat_rooms (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_llm_pauses_interaction FOREIGN KEY (workspace_id, interaction_id)
        REFERENCES robot_interactions (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX idx_llm_pauses_room ON llm_pauses (room_id, created_at);
CREATE INDEX idx_llm_pauses_interaction ON llm_pauses (interaction_id);
COMMENT ON TABLE llm_pauses IS 'What a model has said and called before it had to wait for a person; a later turn goes on from here.';
CALL desk_secure('llm_pauses', 'SELECT, INSERT, UPDATE, DELETE');
