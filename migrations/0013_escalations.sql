-- Steps of a room up and down the levels, the edges that allow them, and the clocks that demand them.

CREATE TABLE escalation_edges (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    from_level text NOT NULL,
    to_level text NOT NULL,
    permission text NOT NULL,
    robots_allowed boolean NOT NULL DEFAULT false,
    approver_level text,
    reason_required boolean NOT NULL DEFAULT true,
    default_priority integer NOT NULL DEFAULT 3,
    timeout_minutes integer,
    on_timeout text NOT NULL DEFAULT 'notify',
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_escalation_edges PRIMARY KEY (id),
    CONSTRAINT uq_escalation_edges_step UNIQUE (workspace_id, from_level, to_level),
    CONSTRAINT fk_escalation_edges_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT fk_escalation_edges_permission FOREIGN KEY (permission) REFERENCES permissions (key),
    CONSTRAINT ck_escalation_edges_from_level CHECK (from_level IN ('T1', 'T2', 'T3', 'manager')),
    CONSTRAINT ck_escalation_edges_to_level CHECK (
        to_level IN ('T1', 'T2', 'T3', 'manager') AND to_level <> from_level
    ),
    CONSTRAINT ck_escalation_edges_approver CHECK (approver_level IN ('T1', 'T2', 'T3', 'manager')),
    CONSTRAINT ck_escalation_edges_priority CHECK (default_priority BETWEEN 1 AND 5),
    CONSTRAINT ck_escalation_edges_timeout CHECK (timeout_minutes > 0),
    CONSTRAINT ck_escalation_edges_on_timeout CHECK (on_timeout IN ('notify', 'escalate', 'cancel', 'approve'))
);
CREATE INDEX idx_escalation_edges_permission ON escalation_edges (permission);
COMMENT ON COLUMN escalation_edges.approver_level IS 'NULL = nobody has to approve.';
CALL desk_touch('escalation_edges');
CALL desk_secure('escalation_edges', 'SELECT, INSERT, UPDATE, DELETE');
CALL desk_audit('escalation_edges', ARRAY['from_level', 'to_level', 'permission', 'robots_allowed', 'approver_level',
    'reason_required', 'default_priority', 'timeout_minutes', 'on_timeout', 'is_active'], p_inserts => true);

CREATE TABLE escalations (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    source_room_id uuid NOT NULL,
    target_room_id uuid,
    reason text NOT NULL,
    summary text,
    trigger_kind text NOT NULL DEFAULT 'person',
    from_level text NOT NULL,
    to_level text NOT NULL,
    priority integer NOT NULL DEFAULT 3,
    status text NOT NULL DEFAULT 'created',
    created_by uuid,
    assigned_to uuid,
    approver_level text,
    approved_by uuid,
    approved_at timestamptz,
    due_at timestamptz,
    resolution_notes text,
    resolved_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_escalations PRIMARY KEY (id),
    CONSTRAINT fk_escalations_source_room FOREIGN KEY (workspace_id, source_room_id)
        REFERENCES chat_rooms (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_escalations_target_room FOREIGN KEY (workspace_id, target_room_id)
        REFERENCES chat_rooms (workspace_id, id) ON DELETE SET NULL (target_room_id),
    CONSTRAINT fk_escalations_created_by FOREIGN KEY (workspace_id, created_by)
        REFERENCES users (workspace_id, id) ON DELETE SET NULL (created_by),
    CONSTRAINT fk_escalations_assigned_to FOREIGN KEY (workspace_id, assigned_to)
        REFERENCES users (workspace_id, id) ON DELETE SET NULL (assigned_to),
    CONSTRAINT fk_escalations_approved_by FOREIGN KEY (workspace_id, approved_by)
        REFERENCES users (workspace_id, id) ON DELETE SET NULL (approved_by),
    CONSTRAINT ck_escalations_status CHECK (status IN ('created', 'assigned', 'in_progress', 'resolved', 'cancelled')),
    CONSTRAINT ck_escalations_resolved CHECK ((status = 'resolved') = (resolved_at IS NOT NULL)),
    CONSTRAINT ck_escalations_from_level CHECK (from_level IN ('T1', 'T2', 'T3', 'manager')),
    CONSTRAINT ck_escalations_to_level CHECK (to_level IN ('T1', 'T2', 'T3', 'manager') AND to_level <> from_level),
    CONSTRAINT ck_escalations_approver CHECK (approver_level IN ('T1', 'T2', 'T3', 'manager')),
    CONSTRAINT ck_escalations_priority CHECK (priority BETWEEN 1 AND 5),
    CONSTRAINT ck_escalations_trigger CHECK (
        trigger_kind IN ('person', 'guest', 'robot', 'robot_failure', 'budget', 'csat', 'sla', 'return_timer', 'rule', 'timeout')
    ),
    CONSTRAINT ck_escalations_reason CHECK (char_length(reason) BETWEEN 1 AND 4000)
);
CREATE INDEX idx_escalations_source_room ON escalations (source_room_id, created_at);
CREATE INDEX idx_escalations_target_room ON escalations (target_room_id) WHERE target_room_id IS NOT NULL;
CREATE INDEX idx_escalations_created_by ON escalations (created_by) WHERE created_by IS NOT NULL;
CREATE INDEX idx_escalations_assigned_to ON escalations (assigned_to) WHERE assigned_to IS NOT NULL;
CREATE INDEX idx_escalations_approved_by ON escalations (approved_by) WHERE approved_by IS NOT NULL;
CREATE INDEX idx_escalations_status ON escalations (workspace_id, status, created_at);
CREATE INDEX idx_escalations_due ON escalations (due_at) WHERE status IN ('created', 'assigned', 'in_progress');
CALL desk_touch('escalations');
CALL desk_secure('escalations');
CALL desk_audit('escalations', ARRAY['target_room_id', 'reason', 'priority', 'assigned_to', 'approved_by', 'status',
    'resolution_notes', 'due_at'], p_personal => ARRAY['reason', 'summary', 'resolution_notes']);

CREATE TABLE sla_clocks (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    room_id uuid NOT NULL,
    sla_policy_id uuid NOT NULL,
    kind text NOT NULL,
    status text NOT NULL DEFAULT 'running',
    started_at timestamptz NOT NULL DEFAULT now(),
    warn_at timestamptz,
    due_at timestamptz,
    paused_at timestamptz,
    remaining_seconds integer,
    warned_at timestamptz,
    breached_at timestamptz,
    stopped_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_sla_clocks PRIMARY KEY (id),
    CONSTRAINT fk_sla_clocks_room FOREIGN KEY (workspace_id, room_id)
        REFERENCES chat_rooms (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_sla_clocks_policy FOREIGN KEY (workspace_id, sla_policy_id)
        REFERENCES sla_policies (workspace_id, id),
    CONSTRAINT ck_sla_clocks_kind CHECK (kind IN ('first_reply', 'next_reply', 'resolution')),
    CONSTRAINT ck_sla_clocks_status CHECK (status IN ('running', 'paused', 'met', 'breached', 'cancelled')),
    CONSTRAINT ck_sla_clocks_running CHECK (status <> 'running' OR due_at IS NOT NULL),
    CONSTRAINT ck_sla_clocks_paused CHECK (
        status <> 'paused' OR (paused_at IS NOT NULL AND remaining_seconds IS NOT NULL)
    )
);
CREATE UNIQUE INDEX uq_sla_clocks_open ON sla_clocks (room_id, kind) WHERE status IN ('running', 'paused');
CREATE INDEX idx_sla_clocks_room ON sla_clocks (room_id);
CREATE INDEX idx_sla_clocks_policy ON sla_clocks (sla_policy_id);
CREATE INDEX idx_sla_clocks_due ON sla_clocks (least(warn_at, due_at)) WHERE status = 'running';
COMMENT ON COLUMN sla_clocks.remaining_seconds IS 'Business seconds left when it was paused.';
CALL desk_touch('sla_clocks');
CALL desk_secure('sla_clocks');
