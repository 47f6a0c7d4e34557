-- Everyone who can speak in a room is a user: guests, staff and robots, so that a message has one kind of sender.

CREATE TABLE users (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    account_type_informal text NOT NULL DEFAULT 'guest',
    current_account_status text NOT NULL DEFAULT 'pending-verification',
    username text,
    first_name text,
    last_name text,
    display_name text,
    email text,
    password_hash text,
    password_changed_at timestamptz,
    is_email_verified boolean NOT NULL DEFAULT false,
    avatar_url text,
    external_id text,
    is_identity_verified boolean NOT NULL DEFAULT false,
    attributes jsonb NOT NULL DEFAULT '{}',
    level text,
    skills text[] NOT NULL DEFAULT '{}',
    languages text[] NOT NULL DEFAULT '{}',
    capacity integer NOT NULL DEFAULT 5,
    current_status text NOT NULL DEFAULT 'offline',
    last_seen_at timestamptz,
    last_login_at timestamptz,
    chat_preferences jsonb NOT NULL DEFAULT '{}',
    plan_id uuid,
    total_tokens_used bigint NOT NULL DEFAULT 0,
    spam_marked_at timestamptz,
    anonymised_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT uq_users_workspace_id UNIQUE (workspace_id, id),
    CONSTRAINT fk_users_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT fk_users_plan FOREIGN KEY (plan_id) REFERENCES plans (id) ON DELETE RESTRICT,
    CONSTRAINT ck_users_account_type CHECK (
        account_type_informal IN ('guest', 'agent', 'supervisor', 'manager', 'admin', 'robot')
    ),
    CONSTRAINT ck_users_account_status CHECK (
        current_account_status IN ('pending-verification', 'active', 'suspended', 'deactivated')
    ),
    CONSTRAINT ck_users_status CHECK (current_status IN ('online', 'away', 'busy', 'offline')),
    CONSTRAINT ck_users_level CHECK (level IN ('T1', 'T2', 'T3', 'manager')),
    CONSTRAINT ck_users_capacity CHECK (capacity BETWEEN 0 AND 1000),
    CONSTRAINT ck_users_email CHECK (email = lower(email) AND char_length(email) <= 255),
    CONSTRAINT ck_users_lengths CHECK (
        char_length(username) BETWEEN 1 AND 50 AND char_length(first_name) <= 100 AND char_length(last_name) <= 100
        AND char_length(display_name) <= 255 AND char_length(external_id) BETWEEN 1 AND 255
    ),
    CONSTRAINT ck_users_staff CHECK (
        account_type_informal IN ('guest', 'robot')
        OR anonymised_at IS NOT NULL
        OR (
            username IS NOT NULL AND first_name IS NOT NULL AND last_name IS NOT NULL
            AND email IS NOT NULL AND password_hash IS NOT NULL
        )
    )
);
-- Sign-in starts from the e-mail alone, so a staff e-mail names one person in the installation.
CREATE UNIQUE INDEX uq_users_staff_email ON users (email)
    WHERE account_type_informal NOT IN ('guest', 'robot') AND deleted_at IS NULL;
CREATE UNIQUE INDEX uq_users_username ON users (workspace_id, lower(username)) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX uq_users_external_id ON users (workspace_id, external_id) WHERE deleted_at IS NULL;
CREATE INDEX idx_users_email ON users (workspace_id, email);
CREATE INDEX idx_users_staff ON users (workspace_id, account_type_informal)
    WHERE account_type_informal <> 'guest' AND deleted_at IS NULL;
CREATE INDEX idx_users_status_last_seen ON users (current_status, last_seen_at);
CREATE INDEX idx_users_account_status ON users (current_account_status);
CREATE INDEX idx_users_created_at ON users (created_at);
CREATE INDEX idx_users_plan ON users (plan_id) WHERE plan_id IS NOT NULL;
COMMENT ON COLUMN users.external_id IS 'The host page''s own id of a guest, from identify(); a typed e-mail is never an identity.';
CALL desk_touch('users');
CALL desk_secure('users', p_hidden => ARRAY['password_hash']);
CALL desk_audit('users',
    ARRAY['account_type_informal', 'current_account_status', 'username', 'first_name', 'last_name', 'display_name',
        'email', 'password_hash', 'is_email_verified', 'avatar_url', 'external_id', 'is_identity_verified', 'level',
        'skills', 'languages', 'capacity', 'plan_id', 'spam_marked_at', 'anonymised_at', 'deleted_at'],
    ARRAY['password_hash'],
    p_personal => ARRAY['username', 'first_name', 'last_name', 'display_name', 'email', 'avatar_url', 'external_id',
        'attributes', 'chat_preferences']);

CREATE TABLE sessions (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    user_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    device text,
    address inet,
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_reason text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_sessions PRIMARY KEY (id),
    CONSTRAINT uq_sessions_token UNIQUE (token_hash),
    CONSTRAINT uq_sessions_workspace_id UNIQUE (workspace_id, id),
    CONSTRAINT fk_sessions_user FOREIGN KEY (workspace_id, user_id)
        REFERENCES users (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_sessions_token CHECK (octet_length(token_hash) = 32)
);
CREATE INDEX idx_sessions_user ON sessions (user_id);
CREATE INDEX idx_sessions_expires_at ON sessions (expires_at);
CALL desk_secure('sessions', 'SELECT, INSERT, UPDATE, DELETE', p_hidden => ARRAY['*']);

CREATE TABLE personal_access_tokens (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    user_id uuid NOT NULL,
    name text NOT NULL,
    token_hash bytea NOT NULL,
    token_prefix text NOT NULL,
    grants text[] NOT NULL DEFAULT '{*:*:*}',
    last_used_at timestamptz,
    expires_at timestamptz,
    revoked_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_personal_access_tokens PRIMARY KEY (id),
    CONSTRAINT uq_personal_access_tokens_token UNIQUE (token_hash),
    CONSTRAINT fk_personal_access_tokens_user FOREIGN KEY (workspace_id, user_id)
        REFERENCES users (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_personal_access_tokens_token CHECK (octet_length(token_hash) = 32),
    CONSTRAINT ck_personal_access_tokens_name CHECK (char_length(name) BETWEEN 1 AND 100)
);
CREATE INDEX idx_personal_access_tokens_user ON personal_access_tokens (user_id);
COMMENT ON COLUMN personal_access_tokens.grants IS
    'What the token may do at most: patterns met with those of its owner''s roles.';
CALL desk_touch('personal_access_tokens');
CALL desk_secure('personal_access_tokens', p_hidden => ARRAY['*']);

CREATE TABLE user_identities (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    user_id uuid NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    email text,
    last_used_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_user_identities PRIMARY KEY (id),
    CONSTRAINT uq_user_identities_subject UNIQUE (workspace_id, issuer, subject),
    CONSTRAINT fk_user_identities_user FOREIGN KEY (workspace_id, user_id)
        REFERENCES users (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_user_identities_email CHECK (email = lower(email))
);
CREATE INDEX idx_user_identities_user ON user_identities (user_id);
CALL desk_touch('user_identities');
CALL desk_secure('user_identities', 'SELECT, INSERT, UPDATE, DELETE', p_hidden => ARRAY['*']);

-- Whoever tries to sign in has no workspace yet: the row names nobody, only a hash and an address.
CREATE TABLE sign_in_attempts (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    subject_hash bytea NOT NULL,
    address inet,
    succeeded boolean NOT NULL,
    reason text,
    attempted_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_sign_in_attempts PRIMARY KEY (id),
    CONSTRAINT ck_sign_in_attempts_subject CHECK (octet_length(subject_hash) = 32)
);
CREATE INDEX idx_sign_in_attempts_subject ON sign_in_attempts (subject_hash, attempted_at);
CREATE INDEX idx_sign_in_attempts_address ON sign_in_attempts (address, attempted_at);
CREATE INDEX idx_sign_in_attempts_attempted_at ON sign_in_attempts (attempted_at);
COMMENT ON COLUMN sign_in_attempts.subject_hash IS 'sha256 of what was typed, lower-cased.';
GRANT SELECT, INSERT, DELETE ON sign_in_attempts TO desk_app, desk_jobs;

CREATE TABLE verification_tokens (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    user_id uuid NOT NULL,
    purpose text NOT NULL,
    email text NOT NULL,
    token_hash bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_verification_tokens PRIMARY KEY (id),
    CONSTRAINT uq_verification_tokens_token UNIQUE (token_hash),
    CONSTRAINT fk_verification_tokens_user FOREIGN KEY (workspace_id, user_id)
        REFERENCES users (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_verification_tokens_purpose CHECK (purpose IN ('email_verification', 'password_reset')),
    CONSTRAINT ck_verification_tokens_email CHECK (email = lower(email)),
    CONSTRAINT ck_verification_tokens_token CHECK (octet_length(token_hash) = 32)
);
CREATE INDEX idx_verification_tokens_user ON verification_tokens (user_id);
CREATE INDEX idx_verification_tokens_expires_at ON verification_tokens (expires_at);
CALL desk_secure('verification_tokens', 'SELECT, INSERT, UPDATE, DELETE', p_hidden => ARRAY['*']);

CREATE TABLE socket_tickets (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    user_id uuid NOT NULL,
    session_id uuid,
    token_hash bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_socket_tickets PRIMARY KEY (id),
    CONSTRAINT uq_socket_tickets_token UNIQUE (token_hash),
    CONSTRAINT fk_socket_tickets_user FOREIGN KEY (workspace_id, user_id)
        REFERENCES users (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_socket_tickets_session FOREIGN KEY (workspace_id, session_id)
        REFERENCES sessions (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_socket_tickets_token CHECK (octet_length(token_hash) = 32)
);
CREATE INDEX idx_socket_tickets_user ON socket_tickets (user_id);
CREATE INDEX idx_socket_tickets_session ON socket_tickets (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX idx_socket_tickets_expires_at ON socket_tickets (expires_at);
CALL desk_secure('socket_tickets', 'SELECT, INSERT, UPDATE, DELETE', p_hidden => ARRAY['*']);

CREATE TABLE guest_blocks (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    guest_id uuid NOT NULL,
    reason text NOT NULL,
    until timestamptz,
    blocked_by uuid,
    lifted_at timestamptz,
    lifted_by uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_guest_blocks PRIMARY KEY (id),
    CONSTRAINT fk_guest_blocks_guest FOREIGN KEY (workspace_id, guest_id)
        REFERENCES users (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_guest_blocks_blocked_by FOREIGN KEY (workspace_id, blocked_by)
        REFERENCES users (workspace_id, id) ON DELETE SET NULL (blocked_by),
    CONSTRAINT fk_guest_blocks_lifted_by FOREIGN KEY (workspace_id, lifted_by)
        REFERENCES users (workspace_id, id) ON DELETE SET NULL (lifted_by),
    CONSTRAINT ck_guest_blocks_reason CHECK (char_length(reason) BETWEEN 1 AND 1000)
);
CREATE UNIQUE INDEX uq_guest_blocks_standing ON guest_blocks (guest_id) WHERE lifted_at IS NULL;
CREATE INDEX idx_guest_blocks_guest ON guest_blocks (guest_id);
CREATE INDEX idx_guest_blocks_blocked_by ON guest_blocks (blocked_by) WHERE blocked_by IS NOT NULL;
CREATE INDEX idx_guest_blocks_lifted_by ON guest_blocks (lifted_by) WHERE lifted_by IS NOT NULL;
COMMENT ON COLUMN guest_blocks.until IS 'NULL = until lifted. A block that ran out is lifted before the next one is set.';
CALL desk_touch('guest_blocks');
CALL desk_secure('guest_blocks');
