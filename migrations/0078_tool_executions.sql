-- Tools run only after a decision: who asked, how far up the question went, who may try again, and who was told.

ALTER TABLE tool_executions
    ADD COLUMN requested_by uuid,
    ADD COLUMN why text NOT NULL DEFAULT '',
    ADD COLUMN idempotent boolean NOT NULL DEFAULT false,
    ADD COLUMN fingerprint text NOT NULL DEFAULT '',
    ADD COLUMN routed_level text,
    ADD COLUMN rises_at timestamptz,
    ADD COLUMN attempt integer NOT NULL DEFAULT 0,
    ADD COLUMN claimed_until timestamptz,
    ADD COLUMN told_at timestamptz;
ALTER TABLE tool_executions
    ADD CONSTRAINT fk_tool_executions_requested_by FOREIGN KEY (workspace_id, requested_by)
        REFERENCES users (workspace_id, id) ON DELETE SET NULL (requested_by) NOT VALID,
    ADD CONSTRAINT ck_tool_executions_routed_level CHECK (routed_level IN ('T1', 'T2', 'T3', 'manager')) NOT VALID,
    -- Nobody decides about what they asked for themselves.
    ADD CONSTRAINT ck_tool_executions_two_people CHECK (decided_by <> requested_by) NOT VALID;
ALTER TABLE tool_executions VALIDATE CONSTRAINT fk_tool_executions_requested_by;
ALTER TABLE tool_executions VALIDATE CONSTRAINT ck_tool_executions_routed_level;
ALTER TABLE tool_executions VALIDATE CONSTRAINT ck_tool_executions_two_people;
CREATE INDEX idx_tool_executions_requested_by ON tool_executions (requested_by) WHERE requested_by IS NOT NULL;
CREATE INDEX idx_tool_executions_open ON tool_executions (workspace_id, status)
    WHERE status IN ('pending', 'approved', 'executing');
CREATE INDEX idx_tool_executions_untold ON tool_executions (workspace_id, room_id)
    WHERE told_at IS NULL AND status IN ('completed', 'failed', 'denied', 'cancelled');
CREATE INDEX idx_tool_executions_paid ON tool_executions (workspace_id, approved_at) WHERE cost > 0;
COMMENT ON COLUMN tool_executions.requested_by IS 'Who asked for it: the robot as a user, or a person; never who approves.';
COMMENT ON COLUMN tool_executions.routed_level IS 'Whom it is shown to as theirs; rises while nobody decides. required_level stays.';
COMMENT ON COLUMN tool_executions.told_at IS 'When its robot got the outcome; NULL: a sweep asks the robot again.';
-- What was there before is over for everybody.
UPDATE tool_executions SET told_at = now() WHERE told_at IS NULL;

-- It comes back in the next statement, wider: nothing that clients assume is lost.
-- squawk-ignore ban-drop-constraint
ALTER TABLE robot_interactions DROP CONSTRAINT ck_robot_interactions_trigger;
ALTER TABLE robot_interactions ADD CONSTRAINT ck_robot_interactions_trigger CHECK (
    trigger_kind IN
    ('message', 'room_opened', 'handback', 'follow', 'suggestion', 'whisper', 'replay', 'tool_decided')
) NOT VALID;

-- Workspaces in which a tool waits for the clock: to be shown one level higher, to lapse, to be run or to be told of.
CREATE FUNCTION desk_due_tools() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT workspace_id FROM tool_executions
     WHERE status = 'pending' AND least(expires_at, rises_at) <= now()
    UNION
    SELECT workspace_id FROM tool_executions WHERE status = 'approved' AND approved_at < now() - interval '2 seconds'
    UNION
    SELECT workspace_id FROM tool_executions WHERE status = 'executing' AND claimed_until < now()
    UNION
    SELECT workspace_id FROM tool_executions
     WHERE told_at IS NULL AND status IN ('completed', 'failed', 'denied', 'cancelled')
$$;
COMMENT ON FUNCTION desk_due_tools() IS 'The sweepers'' list; they then work inside each workspace.';
REVOKE ALL ON FUNCTION desk_due_tools() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION desk_due_tools() TO desk_app, desk_jobs;

INSERT INTO access_permission_domains (permission_prefix, description) VALUES
    ('chat:tool', 'Tools that robots ask for')
ON CONFLICT DO NOTHING;
INSERT INTO permissions (key, permission_prefix, description)
SELECT key, split_part(key, ':', 1) || ':' || split_part(key, ':', 2), description
FROM (VALUES
    ('chat:tool:read', 'See what robots ask to run, and what came of it'),
    ('chat:tool:decide', 'Approve or deny what a robot asks to run'),
    ('chat:tool:configure', 'Say which tools there are and which run by themselves')
) AS catalogue (key, description);

-- New workspaces: the function is edited where it stands, so that what else it seeds stays as it is.
DO $$
DECLARE
    before text := pg_get_functiondef('desk_seed_workspace(uuid)'::regprocedure);
    after text;
BEGIN
    after := replace(before, '''chat:robot:read'', ''chat:robot:stop'', ''chat:file:*''',
        '''chat:robot:read'', ''chat:robot:stop'', ''chat:tool:read'', ''chat:tool:decide'', ''chat:file:*''');
    IF after = before THEN
        RAISE EXCEPTION 'desk_seed_workspace has changed: grant chat:tool:read and chat:tool:decide to agents in it.';
    END IF;
    before := after;
    after := replace(before, 'robot text[] := ARRAY[''chat:room:read'',',
        'robot text[] := ARRAY[''chat:room:read'', ''chat:room:update'',');
    IF after = before THEN
        RAISE EXCEPTION 'desk_seed_workspace has changed: grant chat:room:update to robots in it.';
    END IF;
    EXECUTE after;
END
$$;

INSERT INTO role_permissions (workspace_id, role_id, pattern)
SELECT r.workspace_id, r.id, p.pattern
FROM roles r
CROSS JOIN unnest(ARRAY['chat:tool:read', 'chat:tool:decide']) AS p (pattern)
WHERE r.name IN ('agent', 'supervisor', 'manager') AND r.is_default AND r.deleted_at IS NULL
UNION ALL
SELECT r.workspace_id, r.id, 'chat:room:update'
FROM roles r
WHERE r.name = 'robot' AND r.is_default AND r.deleted_at IS NULL
ON CONFLICT ON CONSTRAINT pk_role_permissions DO NOTHING;
