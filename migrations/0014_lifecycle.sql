-- What is kept how long, what was archived, what must not be touched, which jobs ran, and who looked at what.

CREATE TABLE retention_policies (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    subject text NOT NULL,
    room_type text,
    online_days integer NOT NULL,
    archive_days integer,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_retention_policies PRIMARY KEY (id),
    CONSTRAINT uq_retention_policies_subject UNIQUE NULLS NOT DISTINCT (workspace_id, subject, room_type),
    CONSTRAINT fk_retention_policies_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT ck_retention_policies_subject CHECK (
        subject IN ('messages', 'dedup', 'audit', 'access_log', 'usage', 'guests', 'ai_cache', 'jobs')
    ),
    CONSTRAINT ck_retention_policies_room_type CHECK (
        room_type IS NULL OR (room_type IN ('group', 'direct', 'support', 'escalated') AND subject = 'messages')
    ),
    CONSTRAINT ck_retention_policies_days CHECK (online_days > 0 AND archive_days >= 0)
);
COMMENT ON COLUMN retention_policies.room_type IS 'NULL = every room type that has no policy of its own.';
COMMENT ON COLUMN retention_policies.archive_days IS
    'In cold storage after the days online, then purged. NULL = not archived: removed (guests: anonymised) when online_days end.';
CALL desk_touch('retention_policies');
CALL desk_secure('retention_policies', 'SELECT, INSERT, UPDATE, DELETE');
CALL desk_audit('retention_policies', ARRAY['subject', 'room_type', 'online_days', 'archive_days', 'is_active'],
    p_inserts => true);

CREATE TABLE archive_transactions (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    kind text NOT NULL DEFAULT 'archive',
    status text NOT NULL DEFAULT 'running',
    is_dry_run boolean NOT NULL DEFAULT false,
    room_count integer NOT NULL DEFAULT 0,
    row_counts jsonb NOT NULL DEFAULT '{}',
    first_message_id uuid,
    last_message_id uuid,
    location text,
    manifest jsonb,
    manifest_sha256 text,
    restore_until timestamptz,
    purge_after timestamptz,
    purged_at timestamptz,
    error_message text,
    started_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_archive_transactions PRIMARY KEY (id),
    CONSTRAINT uq_archive_transactions_workspace_id UNIQUE (workspace_id, id),
    CONSTRAINT fk_archive_transactions_workspace FOREIGN KEY (workspace_id)
        REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT ck_archive_transactions_kind CHECK (kind IN ('archive', 'restore', 'purge')),
    CONSTRAINT ck_archive_transactions_status CHECK (status IN ('running', 'completed', 'failed', 'restored', 'purged')),
    -- Never delete what was not first archived: an archive counts as made only with its manifest.
    CONSTRAINT ck_archive_transactions_manifest CHECK (
        is_dry_run OR kind <> 'archive' OR status IN ('running', 'failed')
        OR (location IS NOT NULL AND manifest IS NOT NULL AND manifest_sha256 IS NOT NULL AND completed_at IS NOT NULL)
    ),
    CONSTRAINT ck_archive_transactions_sha256 CHECK (manifest_sha256 ~ '^[0-9a-f]{64}$')
);
CREATE INDEX idx_archive_transactions_workspace ON archive_transactions (workspace_id, created_at);
CREATE INDEX idx_archive_transactions_purge ON archive_transactions (purge_after) WHERE status = 'completed';
COMMENT ON COLUMN archive_transactions.row_counts IS 'Rows copied per table.';
CALL desk_touch('archive_transactions');
CALL desk_secure('archive_transactions', 'SELECT');

CREATE TABLE archived_rooms (
    archive_id uuid NOT NULL,
    room_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_archived_rooms PRIMARY KEY (archive_id, room_id),
    CONSTRAINT fk_archived_rooms_archive FOREIGN KEY (workspace_id, archive_id)
        REFERENCES archive_transactions (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX idx_archived_rooms_room ON archived_rooms (room_id);
COMMENT ON TABLE archived_rooms IS 'Finds a room in cold storage; no key to chat_rooms, which may be purged first.';
CALL desk_secure('archived_rooms', 'SELECT');

-- A hold outranks everything: its keys have no action, so that the database itself refuses to delete a room or
-- a guest under hold. Retention removes released holds before it purges; their history stays.
CREATE TABLE legal_holds (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    scope text NOT NULL,
    room_id uuid,
    guest_id uuid,
    reason text NOT NULL,
    placed_by uuid,
    released_at timestamptz,
    released_by uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_legal_holds PRIMARY KEY (id),
    CONSTRAINT fk_legal_holds_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id),
    CONSTRAINT fk_legal_holds_room FOREIGN KEY (workspace_id, room_id) REFERENCES chat_rooms (workspace_id, id),
    CONSTRAINT fk_legal_holds_guest FOREIGN KEY (workspace_id, guest_id) REFERENCES users (workspace_id, id),
    CONSTRAINT fk_legal_holds_placed_by FOREIGN KEY (workspace_id, placed_by)
        REFERENCES users (workspace_id, id) ON DELETE SET NULL (placed_by),
    CONSTRAINT fk_legal_holds_released_by FOREIGN KEY (workspace_id, released_by)
        REFERENCES users (workspace_id, id) ON DELETE SET NULL (released_by),
    CONSTRAINT ck_legal_holds_scope CHECK (
        (scope, room_id IS NULL, guest_id IS NULL)
            IN (('workspace', true, true), ('room', false, true), ('guest', true, false))
    ),
    CONSTRAINT ck_legal_holds_reason CHECK (char_length(reason) BETWEEN 1 AND 4000)
);
CREATE INDEX idx_legal_holds_workspace ON legal_holds (workspace_id);
CREATE INDEX idx_legal_holds_room ON legal_holds (room_id) WHERE room_id IS NOT NULL;
CREATE INDEX idx_legal_holds_guest ON legal_holds (guest_id) WHERE guest_id IS NOT NULL;
CREATE INDEX idx_legal_holds_placed_by ON legal_holds (placed_by) WHERE placed_by IS NOT NULL;
CREATE INDEX idx_legal_holds_released_by ON legal_holds (released_by) WHERE released_by IS NOT NULL;
CALL desk_touch('legal_holds');
CALL desk_secure('legal_holds');
CALL desk_audit('legal_holds', ARRAY['scope', 'room_id', 'guest_id', 'reason', 'released_at', 'released_by'],
    p_inserts => true);

-- Jobs belong to the installation, not to a workspace.
CREATE TABLE job_runs (
    job text NOT NULL,
    due_at timestamptz NOT NULL,
    status text NOT NULL DEFAULT 'running',
    attempt integer NOT NULL DEFAULT 1,
    claimed_by text NOT NULL,
    claimed_until timestamptz NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    result jsonb,
    error_message text,
    CONSTRAINT pk_job_runs PRIMARY KEY (job, due_at),
    CONSTRAINT ck_job_runs_status CHECK (status IN ('running', 'succeeded', 'failed', 'skipped')),
    CONSTRAINT ck_job_runs_finished CHECK ((status = 'running') = (finished_at IS NULL))
);
CREATE INDEX idx_job_runs_lease ON job_runs (claimed_until) WHERE status = 'running';
CREATE INDEX idx_job_runs_started_at ON job_runs (started_at);
COMMENT ON TABLE job_runs IS 'A due run is claimed by inserting its row, so n nodes run it once.';
GRANT SELECT, INSERT, UPDATE ON job_runs TO desk_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON job_runs TO desk_jobs;
GRANT SELECT ON job_runs TO desk_reader;

CREATE TABLE job_pauses (
    job text NOT NULL,
    paused_by uuid,
    paused_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_job_pauses PRIMARY KEY (job)
);
GRANT SELECT, INSERT, DELETE ON job_pauses TO desk_app, desk_jobs;
GRANT SELECT ON job_pauses TO desk_reader;

CREATE TABLE access_log (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    actor_id uuid NOT NULL,
    actor_kind text NOT NULL,
    kind text NOT NULL,
    thing_id uuid NOT NULL,
    hour timestamptz NOT NULL DEFAULT date_trunc('hour', now(), 'UTC'),
    at timestamptz NOT NULL DEFAULT now(),
    reason text,
    CONSTRAINT pk_access_log PRIMARY KEY (id),
    CONSTRAINT uq_access_log_hour UNIQUE (workspace_id, actor_id, kind, thing_id, hour),
    CONSTRAINT fk_access_log_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT ck_access_log_actor_kind CHECK (actor_kind IN ('guest', 'agent', 'robot', 'system')),
    CONSTRAINT ck_access_log_kind CHECK (kind IN ('room', 'transcript', 'file', 'ledger', 'search', 'export'))
);
CREATE INDEX idx_access_log_thing ON access_log (workspace_id, thing_id, at);
COMMENT ON TABLE access_log IS 'One row per actor, thing and hour: insert with ON CONFLICT DO NOTHING.';
CALL desk_secure('access_log', 'SELECT, INSERT', 'SELECT, INSERT');

CREATE TABLE audit_log (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    actor_id uuid,
    actor_kind text NOT NULL,
    action text NOT NULL,
    outcome text NOT NULL DEFAULT 'done',
    subject_kind text,
    subject_id uuid,
    reason text,
    address inet,
    data jsonb NOT NULL DEFAULT '{}',
    salt bytea DEFAULT uuid_send(gen_random_uuid()),
    seal_seq bigint,
    digest bytea,
    CONSTRAINT pk_audit_log PRIMARY KEY (id),
    CONSTRAINT ck_audit_log_actor_kind CHECK (actor_kind IN ('guest', 'agent', 'robot', 'system')),
    CONSTRAINT ck_audit_log_outcome CHECK (outcome IN ('done', 'denied', 'failed')),
    CONSTRAINT ck_audit_log_action CHECK (action ~ '^[a-z_]+\.[a-z_]+$')
) PARTITION BY RANGE (id);
CREATE INDEX idx_audit_log_workspace ON audit_log (workspace_id, id);
CREATE INDEX idx_audit_log_subject ON audit_log (subject_id, id) WHERE subject_id IS NOT NULL;
CREATE INDEX idx_audit_log_actor ON audit_log (actor_id, id) WHERE actor_id IS NOT NULL;
COMMENT ON TABLE audit_log IS
    'Append-only: what is no row change (sign-ins, denials, observers, exports, approvals, steps of escalation).';
CALL desk_secure('audit_log', 'SELECT, INSERT', 'SELECT, INSERT');

CREATE FUNCTION desk_guard_audit_log() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF to_jsonb(OLD) - '{seal_seq,digest}'::text[] = to_jsonb(NEW) - '{seal_seq,digest}'::text[]
            AND OLD.seal_seq IS NULL AND OLD.digest IS NULL AND NEW.seal_seq IS NOT NULL AND NEW.digest IS NOT NULL
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'The audit log is append-only: % is refused.', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER trg_audit_log_guard BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION desk_guard_audit_log();
CREATE TRIGGER trg_audit_log_truncate BEFORE TRUNCATE ON audit_log EXECUTE FUNCTION desk_guard_audit_log();
