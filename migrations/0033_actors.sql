-- A request becomes an actor in one round trip: who that is comes beside the look-up of what they showed.

CREATE FUNCTION desk_actor(p_user_id uuid)
RETURNS TABLE (
    workspace_name text, account_type text, account_status text, name text, email text, level text, avatar_url text,
    is_blocked boolean, user_version bigint, workspace_version bigint
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT w.name, u.account_type_informal, u.current_account_status,
           coalesce(u.display_name, u.username, 'Guest'), u.email, u.level, u.avatar_url,
           EXISTS (
               SELECT 1 FROM guest_blocks b
               WHERE b.guest_id = u.id AND b.lifted_at IS NULL AND (b.until IS NULL OR b.until > now())
           ),
           coalesce((SELECT a.version FROM user_access a WHERE a.user_id = u.id), 0), w.access_version
    FROM users u JOIN workspaces w ON w.id = u.workspace_id
    WHERE u.id = p_user_id AND u.deleted_at IS NULL AND w.deleted_at IS NULL
$$;
COMMENT ON FUNCTION desk_actor(uuid) IS
    'Somebody as an actor, whatever their status: the caller has already looked up what they proved to be.';

-- Guests and robots have the role that bears their name: a row per guest would say nothing more.
CREATE FUNCTION desk_grants(p_user_id uuid) RETURNS TABLE (role_name text, pattern text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT r.name, p.pattern
    FROM users u
    JOIN roles r ON r.workspace_id = u.workspace_id AND r.deleted_at IS NULL
    JOIN role_permissions p ON p.role_id = r.id
    WHERE u.id = p_user_id
      AND (
          EXISTS (SELECT 1 FROM user_roles ur WHERE ur.user_id = u.id AND ur.role_id = r.id)
          OR (u.account_type_informal IN ('guest', 'robot') AND r.name = u.account_type_informal)
      )
    ORDER BY 1, 2
$$;
COMMENT ON FUNCTION desk_grants(uuid) IS 'What somebody''s roles grant, with the role that says so.';

GRANT EXECUTE ON FUNCTION desk_actor(uuid), desk_grants(uuid) TO desk_app;
