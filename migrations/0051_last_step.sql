-- The last tier is reached like the others: an agent of T3 may ask the managers, as one of T2 may ask T3.
-- Each step has a permission of its own and leads one level up, so nobody skips by it.

CREATE OR REPLACE FUNCTION desk_seed_workspace(p_workspace uuid) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
    guest text[] := ARRAY['chat:room:open', 'chat:room:read', 'chat:message:send', 'chat:message:edit',
        'chat:message:delete', 'chat:message:react', 'chat:file:upload', 'chat:file:read', 'chat:escalation:request',
        'chat:robot:stop'];
    robot text[] := ARRAY['chat:room:read', 'chat:message:send', 'chat:message:note', 'chat:file:read',
        'chat:escalation:request', 'chat:escalation:to_t2', 'desk:knowledge:read'];
    agent text[] := ARRAY['chat:room:read', 'chat:room:create', 'chat:room:update', 'chat:room:claim',
        'chat:room:close', 'chat:room:reopen', 'chat:room:snooze', 'chat:room:invite', 'chat:message:*',
        'chat:robot:read', 'chat:robot:stop', 'chat:file:*', 'chat:escalation:to_t2', 'chat:escalation:to_t3',
        'chat:escalation:to_manager', 'desk:presence:set', 'desk:knowledge:read', 'desk:session:own', 'desk:token:own'];
    supervisor text[] := agent || ARRAY['chat:room:assign', 'chat:escalation:lower',
        'supervisor:chat:*', 'desk:guest:block'];
    manager text[] := supervisor || ARRAY['desk:knowledge:write', 'desk:people:read', 'desk:job:read',
        'desk:retention:preview', 'desk:audit:read'];
BEGIN
    WITH shipped (name, description, patterns) AS (VALUES
        ('guest', 'Customers: their own rooms only', guest),
        ('robot', 'Installed robots', robot),
        ('agent', 'People who serve rooms', agent),
        ('supervisor', 'Sees every room, whispers, takes over, reassigns', supervisor),
        ('manager', 'The last tier: approvals and reports', manager),
        ('admin', 'Everything', ARRAY['*:*:*'])
    ), made AS (
        INSERT INTO roles (workspace_id, name, description, is_default)
        SELECT p_workspace, name, description, true FROM shipped
        ON CONFLICT (workspace_id, name) WHERE deleted_at IS NULL DO NOTHING
        RETURNING id, name
    )
    INSERT INTO role_permissions (workspace_id, role_id, pattern)
    SELECT p_workspace, made.id, p.pattern
    FROM made JOIN shipped USING (name) CROSS JOIN unnest(shipped.patterns) AS p (pattern);

    INSERT INTO business_calendars (workspace_id, name, time_zone, intervals, is_default)
    SELECT w.id, 'Always open', w.time_zone,
        (SELECT jsonb_object_agg(day, '[["00:00", "24:00"]]'::jsonb) FROM generate_series(1, 7) AS day), true
    FROM workspaces w
    WHERE w.id = p_workspace AND NOT EXISTS (SELECT 1 FROM business_calendars b WHERE b.workspace_id = p_workspace);

    INSERT INTO queues (workspace_id, name, level, is_default)
    SELECT p_workspace, l.name, l.level, true
    FROM (VALUES ('T1', 'T1'), ('T2', 'T2'), ('T3', 'T3'), ('Managers', 'manager')) AS l (name, level)
    WHERE NOT EXISTS (SELECT 1 FROM queues q WHERE q.workspace_id = p_workspace)
    ON CONFLICT DO NOTHING;

    INSERT INTO escalation_edges (workspace_id, from_level, to_level, permission, robots_allowed)
    VALUES
        (p_workspace, 'T1', 'T2', 'chat:escalation:to_t2', true),
        (p_workspace, 'T2', 'T3', 'chat:escalation:to_t3', false),
        (p_workspace, 'T3', 'manager', 'chat:escalation:to_manager', false),
        (p_workspace, 'manager', 'T3', 'chat:escalation:lower', false),
        (p_workspace, 'T3', 'T2', 'chat:escalation:lower', false),
        (p_workspace, 'T2', 'T1', 'chat:escalation:lower', false)
    ON CONFLICT ON CONSTRAINT uq_escalation_edges_step DO NOTHING;

    INSERT INTO retention_policies (workspace_id, subject, online_days, archive_days)
    VALUES
        (p_workspace, 'messages', 730, 2555),
        (p_workspace, 'dedup', 30, NULL),
        (p_workspace, 'audit', 3650, NULL),
        (p_workspace, 'access_log', 3650, NULL),
        (p_workspace, 'usage', 3650, NULL),
        (p_workspace, 'guests', 730, NULL),
        (p_workspace, 'ai_cache', 7, NULL),
        (p_workspace, 'jobs', 90, NULL)
    ON CONFLICT ON CONSTRAINT uq_retention_policies_subject DO NOTHING;

    INSERT INTO auto_approval_settings (workspace_id) VALUES (p_workspace)
    ON CONFLICT ON CONSTRAINT uq_auto_approval_settings_scope DO NOTHING;
END
$$;

INSERT INTO role_permissions (workspace_id, role_id, pattern)
SELECT r.workspace_id, r.id, 'chat:escalation:to_manager'
FROM roles r
WHERE r.name = 'agent' AND r.is_default AND r.deleted_at IS NULL
ON CONFLICT ON CONSTRAINT pk_role_permissions DO NOTHING;
