-- The few questions that must look across workspaces; each is asked before the workspace is known, and answers little.

CREATE FUNCTION desk_staff_by_email(p_email text)
RETURNS TABLE (workspace_id uuid, user_id uuid, password_hash text, current_account_status text, is_email_verified boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT u.workspace_id, u.id, u.password_hash, u.current_account_status, u.is_email_verified
    FROM users u JOIN workspaces w ON w.id = u.workspace_id
    WHERE u.email = lower(p_email) AND u.account_type_informal NOT IN ('guest', 'robot')
      AND u.deleted_at IS NULL AND w.deleted_at IS NULL
$$;

CREATE FUNCTION desk_session_by_token(p_token_hash bytea)
RETURNS TABLE (session_id uuid, workspace_id uuid, user_id uuid, expires_at timestamptz, last_seen_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT s.id, s.workspace_id, s.user_id, s.expires_at, s.last_seen_at
    FROM sessions s JOIN users u ON u.id = s.user_id JOIN workspaces w ON w.id = s.workspace_id
    WHERE s.token_hash = p_token_hash AND s.revoked_at IS NULL AND s.expires_at > now()
      AND u.current_account_status = 'active' AND u.deleted_at IS NULL AND w.deleted_at IS NULL
$$;

CREATE FUNCTION desk_access_token(p_token_hash bytea)
RETURNS TABLE (token_id uuid, workspace_id uuid, user_id uuid, grants text[], last_used_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT t.id, t.workspace_id, t.user_id, t.grants, t.last_used_at
    FROM personal_access_tokens t JOIN users u ON u.id = t.user_id JOIN workspaces w ON w.id = t.workspace_id
    WHERE t.token_hash = p_token_hash AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())
      AND u.current_account_status = 'active' AND u.deleted_at IS NULL AND w.deleted_at IS NULL
$$;

-- One statement takes the ticket: of two sockets that show it, one gets the row.
CREATE FUNCTION desk_take_socket_ticket(p_token_hash bytea)
RETURNS TABLE (workspace_id uuid, user_id uuid, session_id uuid)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    UPDATE socket_tickets t SET used_at = now()
    FROM users u
    WHERE t.token_hash = p_token_hash AND t.used_at IS NULL AND t.expires_at > now()
      AND u.id = t.user_id AND u.current_account_status = 'active' AND u.deleted_at IS NULL
      AND (t.session_id IS NULL OR EXISTS (
          SELECT 1 FROM sessions s WHERE s.id = t.session_id AND s.revoked_at IS NULL AND s.expires_at > now()
      ))
    RETURNING t.workspace_id, t.user_id, t.session_id
$$;

CREATE FUNCTION desk_site_by_key(p_site_key text)
RETURNS TABLE (
    site_id uuid, workspace_id uuid, name text, site_key text, allowed_origins text[], appearance jsonb,
    robots_enabled boolean, queue_id uuid
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT s.id, s.workspace_id, s.name, s.site_key, s.allowed_origins, s.appearance, s.robots_enabled, s.queue_id
    FROM sites s JOIN workspaces w ON w.id = s.workspace_id
    WHERE s.site_key = p_site_key AND s.is_active AND s.deleted_at IS NULL AND w.deleted_at IS NULL
$$;

CREATE FUNCTION desk_allowed_origins() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT DISTINCT o.origin FROM sites s CROSS JOIN unnest(s.allowed_origins) AS o (origin)
    WHERE s.is_active AND s.deleted_at IS NULL
$$;

CREATE FUNCTION desk_guest_session(p_token_hash bytea)
RETURNS TABLE (session_id uuid, workspace_id uuid, site_id uuid, guest_id uuid, expires_at timestamptz, is_previous boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT g.id, g.workspace_id, g.site_id, g.guest_id, g.expires_at, g.token_hash <> p_token_hash
    FROM guest_sessions g JOIN users u ON u.id = g.guest_id JOIN workspaces w ON w.id = g.workspace_id
    WHERE (g.token_hash = p_token_hash OR g.previous_token_hash = p_token_hash)
      AND g.revoked_at IS NULL AND g.expires_at > now() AND u.deleted_at IS NULL AND w.deleted_at IS NULL
$$;

CREATE FUNCTION desk_invitation(p_token_hash bytea)
RETURNS TABLE (invitation_id uuid, workspace_id uuid, email text, workspace_name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT i.id, i.workspace_id, i.email, w.name
    FROM invitations i JOIN workspaces w ON w.id = i.workspace_id
    WHERE i.token_hash = p_token_hash AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now()
      AND w.deleted_at IS NULL
$$;

CREATE FUNCTION desk_verification(p_token_hash bytea, p_purpose text)
RETURNS TABLE (verification_id uuid, workspace_id uuid, user_id uuid, email text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT v.id, v.workspace_id, v.user_id, v.email
    FROM verification_tokens v JOIN users u ON u.id = v.user_id JOIN workspaces w ON w.id = v.workspace_id
    WHERE v.token_hash = p_token_hash AND v.purpose = p_purpose AND v.used_at IS NULL AND v.expires_at > now()
      AND u.deleted_at IS NULL AND w.deleted_at IS NULL
$$;

CREATE FUNCTION desk_workspaces() RETURNS TABLE (workspace_id uuid, epoch uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT id, epoch FROM workspaces WHERE deleted_at IS NULL ORDER BY id
$$;

-- A node compares the heads of the rooms its sockets have joined, of all workspaces, in one query.
CREATE FUNCTION desk_room_heads(p_room_ids uuid[])
RETURNS TABLE (room_id uuid, last_seq bigint, last_public_seq bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT h.room_id, h.last_seq, h.last_public_seq FROM room_heads h WHERE h.room_id = ANY (p_room_ids)
$$;

CREATE FUNCTION desk_due_workspaces(p_kind text) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    CASE p_kind
        WHEN 'interactions' THEN
            RETURN QUERY
                SELECT workspace_id FROM robot_interactions WHERE status = 'pending' AND available_at <= now()
                UNION
                SELECT workspace_id FROM robot_interactions WHERE status = 'processing' AND claimed_until < now();
        WHEN 'tool_executions' THEN
            RETURN QUERY SELECT DISTINCT workspace_id FROM tool_executions
                WHERE status = 'pending' AND expires_at <= now();
        WHEN 'documents' THEN
            RETURN QUERY SELECT DISTINCT workspace_id FROM documents
                WHERE (processing_status = 'pending' OR (processing_status = 'processing' AND claimed_until < now()))
                  AND deleted_at IS NULL;
        WHEN 'escalations' THEN
            RETURN QUERY SELECT DISTINCT workspace_id FROM escalations
                WHERE status IN ('created', 'assigned', 'in_progress') AND due_at <= now();
        WHEN 'sla_clocks' THEN
            RETURN QUERY SELECT DISTINCT workspace_id FROM sla_clocks
                WHERE status = 'running' AND least(warn_at, due_at) <= now();
        WHEN 'snoozed_rooms' THEN
            RETURN QUERY SELECT DISTINCT workspace_id FROM chat_rooms
                WHERE status = 'snoozed' AND snoozed_until <= now();
        WHEN 'waiting_rooms' THEN
            RETURN QUERY SELECT DISTINCT workspace_id FROM chat_rooms
                WHERE status = 'waiting' AND owner_kind = 'queue' AND deleted_at IS NULL;
        WHEN 'outbox' THEN
            RETURN QUERY SELECT DISTINCT workspace_id FROM outbox
                WHERE done_at IS NULL AND failed_at IS NULL AND available_at <= now();
        WHEN 'webhook_deliveries' THEN
            RETURN QUERY SELECT DISTINCT workspace_id FROM webhook_deliveries
                WHERE status = 'pending' AND available_at <= now();
        ELSE
            RAISE EXCEPTION 'There is no kind of due work called %.', p_kind USING ERRCODE = 'invalid_parameter_value';
    END CASE;
END
$$;
COMMENT ON FUNCTION desk_due_workspaces(text) IS
    'Workspaces with due work of a kind: interactions, tool_executions, documents, escalations, sla_clocks, '
    'snoozed_rooms, waiting_rooms, outbox, webhook_deliveries. The sweeper then works inside each.';

GRANT EXECUTE ON FUNCTION
    desk_staff_by_email(text), desk_session_by_token(bytea), desk_access_token(bytea), desk_take_socket_ticket(bytea),
    desk_site_by_key(text), desk_allowed_origins(), desk_guest_session(bytea), desk_invitation(bytea),
    desk_verification(bytea, text), desk_room_heads(uuid[])
TO desk_app;
GRANT EXECUTE ON FUNCTION desk_workspaces(), desk_due_workspaces(text) TO desk_app, desk_jobs;
