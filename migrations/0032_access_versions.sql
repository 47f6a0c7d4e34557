-- Every process asks each two seconds whose rights have changed: a version answers that for all its sockets in one query.

CREATE TABLE user_access (
    user_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_user_access PRIMARY KEY (user_id),
    CONSTRAINT fk_user_access_user FOREIGN KEY (workspace_id, user_id)
        REFERENCES users (workspace_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE user_access IS
    'Grows whenever somebody''s name, account, roles, sessions, tokens, block or place in a room changes; no row is version 0.';
CALL desk_touch('user_access');
-- Triggers of the owner write it and a definer function reads it: the application itself needs neither.
CALL desk_secure('user_access', '', 'SELECT', p_hidden => ARRAY['*']);

ALTER TABLE workspaces ADD COLUMN access_version bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN workspaces.access_version IS
    'Grows whenever a role changes what it grants: of everybody here, guests included, the rights are read anew.';

CREATE FUNCTION desk_access_changed(p_workspace uuid, p_users uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    -- In the order of ids, so that two who change the same people wait for each other in one direction.
    INSERT INTO user_access AS a (user_id, workspace_id)
    SELECT u.id, u.workspace_id
    FROM users u
    WHERE u.workspace_id = p_workspace AND u.id = ANY (p_users)
    ORDER BY u.id
    ON CONFLICT ON CONSTRAINT pk_user_access DO UPDATE SET version = a.version + 1
$$;
COMMENT ON FUNCTION desk_access_changed(uuid, uuid[]) IS 'Called by triggers only.';

CREATE FUNCTION desk_user_access_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    -- The trigger's argument names the column of the person; a deleted row's person is in the old one.
    PERFORM desk_access_changed(
        (to_jsonb(coalesce(NEW, OLD)) ->> 'workspace_id')::uuid,
        ARRAY[(to_jsonb(coalesce(NEW, OLD)) ->> TG_ARGV[0])::uuid]
    );
    RETURN NULL;
END
$$;

CREATE FUNCTION desk_role_access_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    UPDATE workspaces SET access_version = access_version + 1
    WHERE id = (to_jsonb(coalesce(NEW, OLD)) ->> 'workspace_id')::uuid;
    RETURN NULL;
END
$$;

-- A room that is closed to guests, or made private, is heard by people whose own rows have not changed.
CREATE FUNCTION desk_room_access_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM desk_access_changed(NEW.workspace_id, ARRAY(
        SELECT p.user_id FROM room_participants p WHERE p.room_id = NEW.id
        UNION
        SELECT u.id FROM users u
        WHERE NEW.is_private AND u.workspace_id = NEW.workspace_id AND u.account_type_informal <> 'guest'
    ));
    RETURN NULL;
END
$$;

CREATE TRIGGER trg_users_access
    AFTER UPDATE OF account_type_informal, current_account_status, level, display_name, avatar_url, deleted_at ON users
    FOR EACH ROW
    WHEN ((OLD.account_type_informal, OLD.current_account_status, OLD.level, OLD.display_name, OLD.avatar_url,
            OLD.deleted_at)
        IS DISTINCT FROM (NEW.account_type_informal, NEW.current_account_status, NEW.level, NEW.display_name, NEW.avatar_url,
            NEW.deleted_at))
    EXECUTE FUNCTION desk_user_access_changed('id');
CREATE TRIGGER trg_user_roles_access AFTER INSERT OR DELETE ON user_roles
    FOR EACH ROW EXECUTE FUNCTION desk_user_access_changed('user_id');
CREATE TRIGGER trg_sessions_access AFTER UPDATE OF revoked_at ON sessions
    FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL)
    EXECUTE FUNCTION desk_user_access_changed('user_id');
CREATE TRIGGER trg_personal_access_tokens_access AFTER UPDATE OF revoked_at ON personal_access_tokens
    FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL)
    EXECUTE FUNCTION desk_user_access_changed('user_id');
CREATE TRIGGER trg_guest_sessions_access AFTER UPDATE OF revoked_at ON guest_sessions
    FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL)
    EXECUTE FUNCTION desk_user_access_changed('guest_id');
CREATE TRIGGER trg_guest_blocks_access AFTER INSERT OR UPDATE OF until, lifted_at ON guest_blocks
    FOR EACH ROW EXECUTE FUNCTION desk_user_access_changed('guest_id');
CREATE TRIGGER trg_room_participants_access AFTER UPDATE OF status ON room_participants
    FOR EACH ROW
    WHEN (OLD.status IN ('active', 'muted') AND NEW.status NOT IN ('active', 'muted'))
    EXECUTE FUNCTION desk_user_access_changed('user_id');
CREATE TRIGGER trg_chat_rooms_access AFTER UPDATE OF is_private, guest_access_allowed ON chat_rooms
    FOR EACH ROW
    WHEN ((NEW.is_private AND NOT OLD.is_private) OR (OLD.guest_access_allowed AND NOT NEW.guest_access_allowed))
    EXECUTE FUNCTION desk_room_access_changed();
CREATE TRIGGER trg_role_permissions_access AFTER INSERT OR DELETE ON role_permissions
    FOR EACH ROW EXECUTE FUNCTION desk_role_access_changed();
CREATE TRIGGER trg_roles_access AFTER UPDATE OF deleted_at ON roles
    FOR EACH ROW WHEN (OLD.deleted_at IS DISTINCT FROM NEW.deleted_at)
    EXECUTE FUNCTION desk_role_access_changed();

CREATE FUNCTION desk_access_versions(p_users uuid[], p_workspaces uuid[])
RETURNS TABLE (subject_id uuid, version bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT a.user_id, a.version FROM user_access a WHERE a.user_id = ANY (p_users)
    UNION ALL
    SELECT w.id, w.access_version FROM workspaces w WHERE w.id = ANY (p_workspaces)
$$;
COMMENT ON FUNCTION desk_access_versions(uuid[], uuid[]) IS
    'The versions of everybody whose socket a node holds, and of their workspaces; who is not in it is at version 0.';

CREATE FUNCTION desk_ended_credentials(p_credentials uuid[]) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT c.id
    FROM unnest(p_credentials) AS c (id)
    WHERE NOT EXISTS (SELECT 1 FROM sessions s WHERE s.id = c.id AND s.revoked_at IS NULL AND s.expires_at > now())
      AND NOT EXISTS (
          SELECT 1 FROM guest_sessions g WHERE g.id = c.id AND g.revoked_at IS NULL AND g.expires_at > now()
      )
      AND NOT EXISTS (
          SELECT 1 FROM personal_access_tokens t
          WHERE t.id = c.id AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())
      )
$$;
COMMENT ON FUNCTION desk_ended_credentials(uuid[]) IS
    'Which of these sessions, guest sessions and access tokens are revoked, expired or gone.';

GRANT EXECUTE ON FUNCTION desk_access_versions(uuid[], uuid[]), desk_ended_credentials(uuid[]) TO desk_app;
