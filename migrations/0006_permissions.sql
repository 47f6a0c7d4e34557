-- Grants are data: roles per workspace hold patterns of domain:function:action, for people and robots alike.

CREATE TABLE access_permission_domains (
    permission_prefix text NOT NULL,
    description text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_access_permission_domains PRIMARY KEY (permission_prefix),
    CONSTRAINT ck_access_permission_domains_prefix CHECK (permission_prefix ~ '^[a-z_]+:[a-z_]+$')
);
GRANT SELECT ON access_permission_domains TO desk_app, desk_jobs, desk_reader;

CREATE TABLE permissions (
    key text NOT NULL,
    permission_prefix text NOT NULL,
    description text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_permissions PRIMARY KEY (key),
    CONSTRAINT fk_permissions_domain FOREIGN KEY (permission_prefix)
        REFERENCES access_permission_domains (permission_prefix),
    CONSTRAINT ck_permissions_key CHECK (key ~ '^[a-z_]+:[a-z_]+:[a-z0-9_]+$' AND starts_with(key, permission_prefix || ':'))
);
CREATE INDEX idx_permissions_domain ON permissions (permission_prefix);
GRANT SELECT ON permissions TO desk_app, desk_jobs, desk_reader;

CREATE TABLE roles (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    name text NOT NULL,
    description text NOT NULL DEFAULT '',
    is_default boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT pk_roles PRIMARY KEY (id),
    CONSTRAINT uq_roles_workspace_id UNIQUE (workspace_id, id),
    CONSTRAINT fk_roles_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT ck_roles_name CHECK (char_length(name) BETWEEN 1 AND 100)
);
CREATE UNIQUE INDEX uq_roles_name ON roles (workspace_id, name) WHERE deleted_at IS NULL;
COMMENT ON COLUMN roles.is_default IS 'Came with the workspace; a row like any other.';
CALL desk_touch('roles');
CALL desk_secure('roles');
CALL desk_audit('roles', ARRAY['name', 'description', 'deleted_at'], p_inserts => true);

CREATE TABLE role_permissions (
    role_id uuid NOT NULL,
    pattern text NOT NULL,
    workspace_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_role_permissions PRIMARY KEY (role_id, pattern),
    CONSTRAINT fk_role_permissions_role FOREIGN KEY (workspace_id, role_id)
        REFERENCES roles (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_role_permissions_pattern CHECK (pattern ~ '^(\*|[a-z_]+):(\*|[a-z_]+):(\*|[a-z0-9_]+)$')
);
CREATE INDEX idx_role_permissions_workspace ON role_permissions (workspace_id);
COMMENT ON COLUMN role_permissions.pattern IS 'A permission, or one with * in the place of whole segments.';
CALL desk_secure('role_permissions', 'SELECT, INSERT, DELETE');
CALL desk_audit('role_permissions', '{}', p_inserts => true, p_key => 'role_id');

CREATE TABLE user_roles (
    user_id uuid NOT NULL,
    role_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    granted_by uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_user_roles PRIMARY KEY (user_id, role_id),
    CONSTRAINT fk_user_roles_user FOREIGN KEY (workspace_id, user_id)
        REFERENCES users (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_user_roles_role FOREIGN KEY (workspace_id, role_id)
        REFERENCES roles (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_user_roles_granted_by FOREIGN KEY (workspace_id, granted_by)
        REFERENCES users (workspace_id, id) ON DELETE SET NULL (granted_by)
);
CREATE INDEX idx_user_roles_role ON user_roles (role_id);
CREATE INDEX idx_user_roles_granted_by ON user_roles (granted_by) WHERE granted_by IS NOT NULL;
CALL desk_secure('user_roles', 'SELECT, INSERT, DELETE');
CALL desk_audit('user_roles', '{}', p_inserts => true, p_key => 'user_id');

INSERT INTO access_permission_domains (permission_prefix, description) VALUES
    ('chat:room', 'Chat room management permissions'),
    ('chat:message', 'Message sending and viewing permissions'),
    ('chat:robot', 'Robot interaction permissions'),
    ('chat:file', 'File upload and sharing permissions'),
    ('chat:escalation', 'Escalation management permissions'),
    ('supervisor:chat', 'Supervisor monitoring permissions'),
    ('desk:presence', 'Being available for work'),
    ('desk:guest', 'Acts upon a guest'),
    ('desk:knowledge', 'Documents that robots answer from'),
    ('desk:people', 'Staff accounts'),
    ('desk:session', 'Sign-in sessions'),
    ('desk:token', 'Personal access tokens'),
    ('desk:job', 'Scheduled jobs'),
    ('desk:retention', 'Archiving and purging'),
    ('desk:workspace', 'The workspace itself'),
    ('desk:audit', 'History and the audit log');

INSERT INTO permissions (key, permission_prefix, description)
SELECT key, split_part(key, ':', 1) || ':' || split_part(key, ':', 2), description
FROM (VALUES
    ('chat:room:read', 'Read a room and its messages'),
    ('chat:room:open', 'Open a room as a guest'),
    ('chat:room:create', 'Create a room as staff'),
    ('chat:room:update', 'Change name, priority, tags and model of a room'),
    ('chat:room:claim', 'Take a waiting room'),
    ('chat:room:assign', 'Give a room to somebody'),
    ('chat:room:close', 'Close a room'),
    ('chat:room:reopen', 'Reopen a closed room'),
    ('chat:room:snooze', 'Put a room aside until a time'),
    ('chat:room:invite', 'Bring somebody into a room'),
    ('chat:message:send', 'Send a message'),
    ('chat:message:edit', 'Edit one''s own message'),
    ('chat:message:delete', 'Delete one''s own message'),
    ('chat:message:note', 'Write notes and whispers, which guests do not see'),
    ('chat:message:react', 'React to a message'),
    ('chat:robot:read', 'See robots and what they did'),
    ('chat:robot:configure', 'Install robots and change their settings'),
    ('chat:robot:stop', 'Stop a robot that is answering'),
    ('chat:file:upload', 'Upload a file'),
    ('chat:file:read', 'Download a file of a room'),
    ('chat:escalation:request', 'Ask for a person'),
    ('chat:escalation:to_t2', 'Escalate to T2'),
    ('chat:escalation:to_t3', 'Escalate to T3'),
    ('chat:escalation:to_manager', 'Escalate to a manager'),
    ('chat:escalation:lower', 'Bring a room back to a lower level'),
    ('supervisor:chat:observe', 'Watch a room without joining it'),
    ('supervisor:chat:whisper', 'Whisper to an agent or a robot'),
    ('supervisor:chat:takeover', 'Take a room over'),
    ('supervisor:chat:wallboard', 'See the wallboard'),
    ('desk:presence:set', 'Set one''s own availability'),
    ('desk:guest:block', 'Block a guest'),
    ('desk:knowledge:read', 'Read documents'),
    ('desk:knowledge:write', 'Add, replace and remove documents'),
    ('desk:people:read', 'See staff accounts'),
    ('desk:people:invite', 'Invite staff'),
    ('desk:people:manage', 'Change roles, suspend and deactivate staff'),
    ('desk:session:own', 'List and end one''s own sessions'),
    ('desk:token:own', 'Make and revoke one''s own access tokens'),
    ('desk:job:read', 'See jobs and their runs'),
    ('desk:job:run', 'Run and pause jobs'),
    ('desk:retention:preview', 'Preview what retention would do'),
    ('desk:retention:run', 'Run retention and change its policies'),
    ('desk:workspace:manage', 'Change the workspace, its sites and providers'),
    ('desk:audit:read', 'Read history and the audit log')
) AS catalogue (key, description);
