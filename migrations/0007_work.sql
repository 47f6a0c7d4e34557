-- Where rooms wait and under which promise: teams, calendars, service levels, queues, and the sites that feed them.

CREATE TABLE teams (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    name text NOT NULL,
    description text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT pk_teams PRIMARY KEY (id),
    CONSTRAINT uq_teams_workspace_id UNIQUE (workspace_id, id),
    CONSTRAINT fk_teams_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT ck_teams_name CHECK (char_length(name) BETWEEN 1 AND 100)
);
CREATE UNIQUE INDEX uq_teams_name ON teams (workspace_id, name) WHERE deleted_at IS NULL;
CALL desk_touch('teams');
CALL desk_secure('teams');

CREATE TABLE team_members (
    team_id uuid NOT NULL,
    user_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    is_lead boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_team_members PRIMARY KEY (team_id, user_id),
    CONSTRAINT fk_team_members_team FOREIGN KEY (workspace_id, team_id)
        REFERENCES teams (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_team_members_user FOREIGN KEY (workspace_id, user_id)
        REFERENCES users (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX idx_team_members_user ON team_members (user_id);
CALL desk_secure('team_members', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE business_calendars (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    name text NOT NULL,
    time_zone text NOT NULL DEFAULT 'UTC',
    intervals jsonb NOT NULL DEFAULT '{}',
    holidays jsonb NOT NULL DEFAULT '[]',
    is_default boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT pk_business_calendars PRIMARY KEY (id),
    CONSTRAINT uq_business_calendars_workspace_id UNIQUE (workspace_id, id),
    CONSTRAINT fk_business_calendars_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT ck_business_calendars_shape CHECK (
        jsonb_typeof(intervals) = 'object' AND jsonb_typeof(holidays) = 'array'
    )
);
CREATE UNIQUE INDEX uq_business_calendars_name ON business_calendars (workspace_id, name) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX uq_business_calendars_default ON business_calendars (workspace_id)
    WHERE is_default AND deleted_at IS NULL;
COMMENT ON COLUMN business_calendars.intervals IS
    'Local times per ISO week day: {"1": [["09:00", "12:30"], ["13:30", "18:00"]], …, "7": []}; "24:00" ends a day.';
COMMENT ON COLUMN business_calendars.holidays IS 'Local dates: ["2026-12-25", …].';
CALL desk_touch('business_calendars');
CALL desk_secure('business_calendars');

CREATE TABLE sla_policies (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    name text NOT NULL,
    calendar_id uuid,
    priority integer,
    first_reply_minutes integer,
    next_reply_minutes integer,
    resolution_minutes integer,
    warn_before_minutes integer NOT NULL DEFAULT 5,
    breach_action jsonb NOT NULL DEFAULT '{}',
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT pk_sla_policies PRIMARY KEY (id),
    CONSTRAINT uq_sla_policies_workspace_id UNIQUE (workspace_id, id),
    CONSTRAINT fk_sla_policies_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT fk_sla_policies_calendar FOREIGN KEY (workspace_id, calendar_id)
        REFERENCES business_calendars (workspace_id, id),
    CONSTRAINT ck_sla_policies_priority CHECK (priority BETWEEN 1 AND 5),
    CONSTRAINT ck_sla_policies_minutes CHECK (
        least(first_reply_minutes, next_reply_minutes, resolution_minutes) > 0 AND warn_before_minutes >= 0
    )
);
CREATE UNIQUE INDEX uq_sla_policies_name ON sla_policies (workspace_id, name) WHERE deleted_at IS NULL;
CREATE INDEX idx_sla_policies_calendar ON sla_policies (calendar_id) WHERE calendar_id IS NOT NULL;
COMMENT ON COLUMN sla_policies.priority IS 'NULL = every priority of the queue.';
CALL desk_touch('sla_policies');
CALL desk_secure('sla_policies');
CALL desk_audit('sla_policies', ARRAY['name', 'calendar_id', 'priority', 'first_reply_minutes', 'next_reply_minutes',
    'resolution_minutes', 'warn_before_minutes', 'breach_action', 'is_active', 'deleted_at'], p_inserts => true);

CREATE TABLE queues (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    name text NOT NULL,
    level text NOT NULL DEFAULT 'T1',
    team_id uuid,
    strategy text NOT NULL DEFAULT 'longest_idle',
    skills text[] NOT NULL DEFAULT '{}',
    sla_policy_id uuid,
    calendar_id uuid,
    is_default boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT pk_queues PRIMARY KEY (id),
    CONSTRAINT uq_queues_workspace_id UNIQUE (workspace_id, id),
    CONSTRAINT fk_queues_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT fk_queues_team FOREIGN KEY (workspace_id, team_id) REFERENCES teams (workspace_id, id),
    CONSTRAINT fk_queues_sla_policy FOREIGN KEY (workspace_id, sla_policy_id) REFERENCES sla_policies (workspace_id, id),
    CONSTRAINT fk_queues_calendar FOREIGN KEY (workspace_id, calendar_id)
        REFERENCES business_calendars (workspace_id, id),
    CONSTRAINT ck_queues_level CHECK (level IN ('T1', 'T2', 'T3', 'manager')),
    CONSTRAINT ck_queues_strategy CHECK (strategy IN ('round_robin', 'least_busy', 'longest_idle'))
);
CREATE UNIQUE INDEX uq_queues_name ON queues (workspace_id, name) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX uq_queues_default ON queues (workspace_id, level) WHERE is_default AND deleted_at IS NULL;
CREATE INDEX idx_queues_team ON queues (team_id) WHERE team_id IS NOT NULL;
CREATE INDEX idx_queues_sla_policy ON queues (sla_policy_id) WHERE sla_policy_id IS NOT NULL;
CREATE INDEX idx_queues_calendar ON queues (calendar_id) WHERE calendar_id IS NOT NULL;
COMMENT ON COLUMN queues.is_default IS 'Where a room of this level waits when nothing names a queue: at most one per level.';
CALL desk_touch('queues');
CALL desk_secure('queues');

CREATE TABLE sites (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    name text NOT NULL,
    site_key text NOT NULL,
    allowed_origins text[] NOT NULL DEFAULT '{}',
    appearance jsonb NOT NULL DEFAULT '{}',
    robots_enabled boolean NOT NULL DEFAULT true,
    queue_id uuid,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT pk_sites PRIMARY KEY (id),
    CONSTRAINT uq_sites_workspace_id UNIQUE (workspace_id, id),
    CONSTRAINT uq_sites_site_key UNIQUE (site_key),
    CONSTRAINT fk_sites_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT fk_sites_queue FOREIGN KEY (workspace_id, queue_id) REFERENCES queues (workspace_id, id),
    CONSTRAINT ck_sites_site_key CHECK (site_key ~ '^[A-Za-z0-9_-]{1,64}$')
);
CREATE INDEX idx_sites_workspace ON sites (workspace_id);
CREATE INDEX idx_sites_queue ON sites (queue_id) WHERE queue_id IS NOT NULL;
CALL desk_touch('sites');
CALL desk_secure('sites');

CREATE TABLE guest_sessions (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    site_id uuid NOT NULL,
    guest_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    previous_token_hash bytea,
    rotated_at timestamptz,
    origin text,
    device text,
    address inet,
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_reason text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_guest_sessions PRIMARY KEY (id),
    CONSTRAINT uq_guest_sessions_token UNIQUE (token_hash),
    CONSTRAINT fk_guest_sessions_site FOREIGN KEY (workspace_id, site_id)
        REFERENCES sites (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_guest_sessions_guest FOREIGN KEY (workspace_id, guest_id)
        REFERENCES users (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_guest_sessions_token CHECK (
        octet_length(token_hash) = 32 AND octet_length(previous_token_hash) = 32
    )
);
CREATE UNIQUE INDEX uq_guest_sessions_previous_token ON guest_sessions (previous_token_hash)
    WHERE previous_token_hash IS NOT NULL;
CREATE INDEX idx_guest_sessions_site ON guest_sessions (site_id);
CREATE INDEX idx_guest_sessions_guest ON guest_sessions (guest_id);
CREATE INDEX idx_guest_sessions_expires_at ON guest_sessions (expires_at);
COMMENT ON COLUMN guest_sessions.previous_token_hash IS
    'The token before the last rotation: another tab may still hold it until its next request.';
CALL desk_secure('guest_sessions', 'SELECT, INSERT, UPDATE, DELETE', p_hidden => ARRAY['*']);

CREATE TABLE invitations (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    email text NOT NULL,
    account_type_informal text NOT NULL DEFAULT 'agent',
    role_id uuid NOT NULL,
    level text,
    token_hash bytea NOT NULL,
    invited_by uuid,
    expires_at timestamptz NOT NULL DEFAULT now() + interval '7 days',
    accepted_at timestamptz,
    accepted_by uuid,
    revoked_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_invitations PRIMARY KEY (id),
    CONSTRAINT uq_invitations_token UNIQUE (token_hash),
    CONSTRAINT fk_invitations_role FOREIGN KEY (workspace_id, role_id)
        REFERENCES roles (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_invitations_invited_by FOREIGN KEY (workspace_id, invited_by)
        REFERENCES users (workspace_id, id) ON DELETE SET NULL (invited_by),
    CONSTRAINT fk_invitations_accepted_by FOREIGN KEY (workspace_id, accepted_by)
        REFERENCES users (workspace_id, id) ON DELETE SET NULL (accepted_by),
    CONSTRAINT ck_invitations_account_type CHECK (account_type_informal IN ('agent', 'supervisor', 'manager', 'admin')),
    CONSTRAINT ck_invitations_level CHECK (level IN ('T1', 'T2', 'T3', 'manager')),
    CONSTRAINT ck_invitations_email CHECK (email = lower(email) AND char_length(email) <= 255),
    CONSTRAINT ck_invitations_token CHECK (octet_length(token_hash) = 32)
);
CREATE INDEX idx_invitations_role ON invitations (role_id);
CREATE INDEX idx_invitations_email ON invitations (workspace_id, email);
CREATE INDEX idx_invitations_invited_by ON invitations (invited_by) WHERE invited_by IS NOT NULL;
CREATE INDEX idx_invitations_accepted_by ON invitations (accepted_by) WHERE accepted_by IS NOT NULL;
CALL desk_touch('invitations');
CALL desk_secure('invitations', p_hidden => ARRAY['*']);

CREATE TABLE canned_replies (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    team_id uuid,
    shortcut text NOT NULL,
    title text NOT NULL,
    content text NOT NULL,
    language text,
    created_by uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT pk_canned_replies PRIMARY KEY (id),
    CONSTRAINT fk_canned_replies_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT fk_canned_replies_team FOREIGN KEY (workspace_id, team_id)
        REFERENCES teams (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_canned_replies_created_by FOREIGN KEY (workspace_id, created_by)
        REFERENCES users (workspace_id, id) ON DELETE SET NULL (created_by),
    CONSTRAINT ck_canned_replies_shortcut CHECK (char_length(shortcut) BETWEEN 1 AND 50)
);
CREATE UNIQUE INDEX uq_canned_replies_shortcut ON canned_replies (workspace_id, shortcut) WHERE deleted_at IS NULL;
CREATE INDEX idx_canned_replies_workspace ON canned_replies (workspace_id);
CREATE INDEX idx_canned_replies_team ON canned_replies (team_id) WHERE team_id IS NOT NULL;
CREATE INDEX idx_canned_replies_created_by ON canned_replies (created_by) WHERE created_by IS NOT NULL;
CALL desk_touch('canned_replies');
CALL desk_secure('canned_replies');

CREATE TABLE tags (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    name text NOT NULL,
    colour text NOT NULL DEFAULT 'neutral',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT pk_tags PRIMARY KEY (id),
    CONSTRAINT uq_tags_workspace_id UNIQUE (workspace_id, id),
    CONSTRAINT fk_tags_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT ck_tags_name CHECK (char_length(name) BETWEEN 1 AND 50)
);
CREATE UNIQUE INDEX uq_tags_name ON tags (workspace_id, name) WHERE deleted_at IS NULL;
CALL desk_touch('tags');
CALL desk_secure('tags');
