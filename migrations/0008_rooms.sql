-- A room is one conversation; what changes with every message lives apart in room_heads, one narrow row per room.

CREATE TABLE chat_rooms (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    client_room_id text,
    version integer NOT NULL DEFAULT 1,
    site_id uuid,
    name text,
    name_source text NOT NULL DEFAULT 'first_question',
    description text,
    room_type text NOT NULL DEFAULT 'support',
    status text NOT NULL DEFAULT 'waiting',
    snoozed_until timestamptz,
    queue_id uuid,
    team_id uuid,
    level text NOT NULL DEFAULT 'T1',
    escalation_level integer GENERATED ALWAYS AS (
        CASE level WHEN 'T1' THEN 1 WHEN 'T2' THEN 2 WHEN 'T3' THEN 3 ELSE 4 END
    ) STORED,
    owner_kind text NOT NULL DEFAULT 'queue',
    assignee_id uuid,
    priority integer NOT NULL DEFAULT 3,
    issue_id text,
    issue_description text,
    is_private boolean NOT NULL DEFAULT false,
    guest_access_allowed boolean NOT NULL DEFAULT true,
    max_participants integer NOT NULL DEFAULT 50,
    creator_id uuid,
    parent_room_id uuid,
    locale text,
    room_settings jsonb NOT NULL DEFAULT '{}',
    provider text,
    model text,
    system_prompt text,
    context_window_size integer NOT NULL DEFAULT 8192,
    conclusion_outcome text,
    conclusion_summary text,
    csat_score integer,
    closed_at timestamptz,
    closed_by uuid,
    waiting_since timestamptz,
    first_reply_at timestamptz,
    last_activity_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT pk_chat_rooms PRIMARY KEY (id),
    CONSTRAINT uq_chat_rooms_workspace_id UNIQUE (workspace_id, id),
    CONSTRAINT fk_chat_rooms_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT fk_chat_rooms_site FOREIGN KEY (workspace_id, site_id)
        REFERENCES sites (workspace_id, id) ON DELETE SET NULL (site_id),
    CONSTRAINT fk_chat_rooms_queue FOREIGN KEY (workspace_id, queue_id) REFERENCES queues (workspace_id, id),
    CONSTRAINT fk_chat_rooms_team FOREIGN KEY (workspace_id, team_id) REFERENCES teams (workspace_id, id),
    CONSTRAINT fk_chat_rooms_assignee FOREIGN KEY (workspace_id, assignee_id)
        REFERENCES users (workspace_id, id) ON DELETE SET NULL (assignee_id),
    CONSTRAINT fk_chat_rooms_creator FOREIGN KEY (workspace_id, creator_id)
        REFERENCES users (workspace_id, id) ON DELETE SET NULL (creator_id),
    CONSTRAINT fk_chat_rooms_closed_by FOREIGN KEY (workspace_id, closed_by)
        REFERENCES users (workspace_id, id) ON DELETE SET NULL (closed_by),
    CONSTRAINT fk_chat_rooms_parent FOREIGN KEY (workspace_id, parent_room_id)
        REFERENCES chat_rooms (workspace_id, id) ON DELETE SET NULL (parent_room_id),
    CONSTRAINT ck_chat_rooms_room_type CHECK (room_type IN ('group', 'direct', 'support', 'escalated')),
    CONSTRAINT ck_chat_rooms_status CHECK (status IN ('waiting', 'active', 'snoozed', 'closed', 'archived')),
    CONSTRAINT ck_chat_rooms_snoozed CHECK (status <> 'snoozed' OR snoozed_until IS NOT NULL),
    CONSTRAINT ck_chat_rooms_closed CHECK (status NOT IN ('closed', 'archived') OR closed_at IS NOT NULL),
    CONSTRAINT ck_chat_rooms_level CHECK (level IN ('T1', 'T2', 'T3', 'manager')),
    CONSTRAINT ck_chat_rooms_owner_kind CHECK (owner_kind IN ('robot', 'queue', 'human')),
    CONSTRAINT ck_chat_rooms_assignee CHECK (assignee_id IS NULL OR owner_kind = 'human'),
    CONSTRAINT ck_chat_rooms_priority CHECK (priority BETWEEN 1 AND 5),
    CONSTRAINT ck_chat_rooms_name_source CHECK (name_source IN ('first_question', 'triage', 'person')),
    CONSTRAINT ck_chat_rooms_outcome CHECK (
        conclusion_outcome IN ('resolved', 'unresolved', 'duplicate', 'spam', 'abandoned')
    ),
    CONSTRAINT ck_chat_rooms_csat CHECK (csat_score BETWEEN 1 AND 5),
    CONSTRAINT ck_chat_rooms_sizes CHECK (max_participants > 0 AND context_window_size > 0),
    CONSTRAINT ck_chat_rooms_lengths CHECK (
        char_length(name) <= 500 AND char_length(issue_id) <= 255 AND char_length(client_room_id) BETWEEN 1 AND 100
    )
);
-- room.open and room.create are idempotent by the client's own id.
CREATE UNIQUE INDEX uq_chat_rooms_client_room_id ON chat_rooms (workspace_id, creator_id, client_room_id)
    WHERE client_room_id IS NOT NULL;
CREATE INDEX idx_chat_rooms_status_activity ON chat_rooms (workspace_id, status, last_activity_at);
CREATE INDEX idx_chat_rooms_created_at ON chat_rooms (workspace_id, created_at);
CREATE INDEX idx_chat_rooms_room_type ON chat_rooms (room_type);
CREATE INDEX idx_chat_rooms_assignee ON chat_rooms (assignee_id, last_activity_at) WHERE assignee_id IS NOT NULL;
CREATE INDEX idx_chat_rooms_queue ON chat_rooms (queue_id, level, priority, waiting_since);
CREATE INDEX idx_chat_rooms_issue ON chat_rooms (workspace_id, issue_id) WHERE issue_id IS NOT NULL;
CREATE INDEX idx_chat_rooms_snoozed ON chat_rooms (snoozed_until) WHERE status = 'snoozed';
CREATE INDEX idx_chat_rooms_creator ON chat_rooms (creator_id);
CREATE INDEX idx_chat_rooms_site ON chat_rooms (site_id) WHERE site_id IS NOT NULL;
CREATE INDEX idx_chat_rooms_team ON chat_rooms (team_id) WHERE team_id IS NOT NULL;
CREATE INDEX idx_chat_rooms_closed_by ON chat_rooms (closed_by) WHERE closed_by IS NOT NULL;
CREATE INDEX idx_chat_rooms_parent ON chat_rooms (parent_room_id) WHERE parent_room_id IS NOT NULL;
COMMENT ON COLUMN chat_rooms.last_activity_at IS
    'For the order of lists: set by every change of state, rolled up from room_heads at most once a minute; '
    'a message never writes it. The exact moment is room_heads.last_message_at.';
COMMENT ON COLUMN chat_rooms.provider IS 'NULL = the workspace''s default, as with model.';
CALL desk_touch('chat_rooms');
CALL desk_secure('chat_rooms');
CALL desk_audit('chat_rooms',
    ARRAY['name', 'description', 'room_type', 'status', 'snoozed_until', 'queue_id', 'team_id', 'level', 'owner_kind',
        'assignee_id', 'priority', 'issue_id', 'issue_description', 'is_private', 'guest_access_allowed',
        'max_participants', 'parent_room_id', 'room_settings', 'provider', 'model', 'system_prompt',
        'context_window_size', 'conclusion_outcome', 'conclusion_summary', 'csat_score', 'deleted_at'],
    p_personal => ARRAY['name', 'description', 'issue_id', 'issue_description', 'conclusion_summary']);

-- Updated by every message, read by every list: no index but its key, room on the page for HOT updates.
CREATE TABLE room_heads (
    room_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    last_seq bigint NOT NULL DEFAULT 0,
    last_public_seq bigint NOT NULL DEFAULT 0,
    turn_no bigint NOT NULL DEFAULT 0,
    total_messages bigint NOT NULL DEFAULT 0,
    total_tokens bigint NOT NULL DEFAULT 0,
    last_message_at timestamptz,
    last_message_id uuid,
    last_public_message_at timestamptz,
    last_public_message_id uuid,
    CONSTRAINT pk_room_heads PRIMARY KEY (room_id),
    CONSTRAINT fk_room_heads_room FOREIGN KEY (workspace_id, room_id)
        REFERENCES chat_rooms (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_room_heads_public CHECK (last_public_seq <= last_seq)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
COMMENT ON COLUMN room_heads.turn_no IS
    'Moves when a person replies or takes over, or a newer guest message arrives: a robot of an older turn falls silent.';
CALL desk_secure('room_heads');

CREATE TABLE room_participants (
    room_id uuid NOT NULL,
    user_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    role text NOT NULL DEFAULT 'member',
    status text NOT NULL DEFAULT 'active',
    can_send_messages boolean NOT NULL DEFAULT true,
    can_invite_others boolean NOT NULL DEFAULT false,
    can_see_history boolean NOT NULL DEFAULT true,
    joined_at timestamptz NOT NULL DEFAULT now(),
    joined_seq bigint NOT NULL DEFAULT 0,
    last_delivered_seq bigint NOT NULL DEFAULT 0,
    last_delivered_at timestamptz,
    last_read_seq bigint NOT NULL DEFAULT 0,
    last_read_at timestamptz,
    left_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT pk_room_participants PRIMARY KEY (room_id, user_id),
    CONSTRAINT fk_room_participants_room FOREIGN KEY (workspace_id, room_id)
        REFERENCES chat_rooms (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_room_participants_user FOREIGN KEY (workspace_id, user_id)
        REFERENCES users (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_room_participants_role CHECK (role IN ('member', 'moderator', 'observer', 'guest', 'ai')),
    CONSTRAINT ck_room_participants_status CHECK (status IN ('active', 'muted', 'removed', 'left')),
    CONSTRAINT ck_room_participants_seqs CHECK (least(joined_seq, last_delivered_seq, last_read_seq) >= 0)
) WITH (fillfactor = 85);
CREATE INDEX idx_room_participants_user ON room_participants (user_id);
CREATE INDEX idx_room_participants_user_active ON room_participants (user_id, room_id) WHERE status = 'active';
CREATE INDEX idx_room_participants_room_active ON room_participants (room_id) WHERE status = 'active';
CREATE INDEX idx_room_participants_role ON room_participants (role);
COMMENT ON COLUMN room_participants.joined_seq IS 'Without can_see_history, sync and search begin behind this staff seq.';
CALL desk_touch('room_participants');
CALL desk_secure('room_participants');
CALL desk_audit('room_participants', ARRAY['role', 'status', 'can_send_messages', 'can_invite_others',
    'can_see_history', 'joined_seq', 'left_at', 'deleted_at'], p_key => 'room_id');

CREATE TABLE room_tags (
    room_id uuid NOT NULL,
    tag_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    created_by uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_room_tags PRIMARY KEY (room_id, tag_id),
    CONSTRAINT fk_room_tags_room FOREIGN KEY (workspace_id, room_id)
        REFERENCES chat_rooms (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_room_tags_tag FOREIGN KEY (workspace_id, tag_id)
        REFERENCES tags (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_room_tags_created_by FOREIGN KEY (workspace_id, created_by)
        REFERENCES users (workspace_id, id) ON DELETE SET NULL (created_by)
);
CREATE INDEX idx_room_tags_tag ON room_tags (tag_id);
CREATE INDEX idx_room_tags_created_by ON room_tags (created_by) WHERE created_by IS NOT NULL;
CALL desk_secure('room_tags', 'SELECT, INSERT, DELETE');

CREATE TABLE csat_ratings (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    room_id uuid NOT NULL,
    guest_id uuid,
    agent_id uuid,
    score integer NOT NULL,
    comment text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_csat_ratings PRIMARY KEY (id),
    CONSTRAINT uq_csat_ratings_guest UNIQUE (room_id, guest_id),
    CONSTRAINT fk_csat_ratings_room FOREIGN KEY (workspace_id, room_id)
        REFERENCES chat_rooms (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_csat_ratings_guest FOREIGN KEY (workspace_id, guest_id)
        REFERENCES users (workspace_id, id) ON DELETE SET NULL (guest_id),
    CONSTRAINT fk_csat_ratings_agent FOREIGN KEY (workspace_id, agent_id)
        REFERENCES users (workspace_id, id) ON DELETE SET NULL (agent_id),
    CONSTRAINT ck_csat_ratings_score CHECK (score BETWEEN 1 AND 5),
    CONSTRAINT ck_csat_ratings_comment CHECK (char_length(comment) <= 2000)
);
CREATE INDEX idx_csat_ratings_guest ON csat_ratings (guest_id);
CREATE INDEX idx_csat_ratings_agent ON csat_ratings (agent_id) WHERE agent_id IS NOT NULL;
CREATE INDEX idx_csat_ratings_created_at ON csat_ratings (workspace_id, created_at);
CALL desk_touch('csat_ratings');
CALL desk_secure('csat_ratings');
