-- A search for rooms read all of the workspace's: ILIKE is not leakproof, so under a policy it uses no index. It runs as
-- the owner instead, with the caller's workspace and person as explicit predicates.

CREATE FUNCTION desk_search_rooms(
    p_text text,
    p_statuses text[],
    p_level text,
    p_owner_kind text,
    p_assignee_id uuid,
    p_guest_id uuid,
    p_may_private boolean,
    p_before timestamptz,
    p_before_id uuid,
    p_limit integer
) RETURNS TABLE (id uuid, last_activity_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
DECLARE
    workspace uuid := nullif(current_setting('app.workspace_id', true), '')::uuid;
    actor uuid := nullif(current_setting('app.actor_id', true), '')::uuid;
    pattern text := '%' || replace(replace(replace(p_text, '\', '\\'), '%', '\%'), '_', '\_') || '%';
    -- A room's own id, or how it begins: eight digits are a minute of rooms.
    digits text := replace(p_text, '-', '');
    is_id boolean := digits ~ '^[0-9A-Fa-f]{8,32}$';
    from_id uuid := CASE WHEN is_id THEN rpad(digits, 32, '0')::uuid END;
    to_id uuid := CASE WHEN is_id THEN rpad(digits, 32, 'f')::uuid END;
    candidates uuid[];
    found uuid[];
BEGIN
    -- Words that many rooms have are found among the latest; only for the others the indexes are asked.
    FOR attempt IN 1..2 LOOP
        IF attempt = 1 THEN
            candidates := ARRAY(
                SELECT r.id
                FROM (
                    SELECT n.id, n.name, n.issue_id, n.creator_id FROM chat_rooms n
                    WHERE n.workspace_id = workspace AND n.deleted_at IS NULL
                      AND (p_before IS NULL OR (n.last_activity_at, n.id) < (p_before, p_before_id))
                    ORDER BY n.last_activity_at DESC, n.id DESC
                    LIMIT 1000
                ) r
                LEFT JOIN users g
                       ON g.id = r.creator_id AND g.workspace_id = workspace AND g.account_type_informal = 'guest'
                WHERE r.name ILIKE pattern OR r.issue_id ILIKE pattern OR g.display_name ILIKE pattern
                   OR g.email ILIKE pattern OR (is_id AND r.id BETWEEN from_id AND to_id)
            );
        ELSE
            candidates := ARRAY(
                SELECT n.id FROM chat_rooms n
                WHERE n.workspace_id = workspace AND (n.name ILIKE pattern OR n.issue_id ILIKE pattern)
                UNION
                SELECT n.id FROM users g JOIN chat_rooms n ON n.creator_id = g.id AND n.workspace_id = workspace
                WHERE g.workspace_id = workspace AND g.account_type_informal = 'guest'
                  AND (g.display_name ILIKE pattern OR g.email ILIKE pattern)
                UNION
                SELECT n.id FROM chat_rooms n
                WHERE is_id AND n.workspace_id = workspace AND n.id BETWEEN from_id AND to_id
            );
        END IF;
        found := ARRAY(
            SELECT r.id FROM chat_rooms r
            WHERE r.id = ANY (candidates) AND r.workspace_id = workspace AND r.deleted_at IS NULL
              AND r.status = ANY (p_statuses)
              AND (p_level IS NULL OR (r.level = p_level AND r.owner_kind <> 'robot'))
              AND (p_owner_kind IS NULL OR r.owner_kind = p_owner_kind)
              AND (p_assignee_id IS NULL OR r.assignee_id = p_assignee_id)
              AND (p_guest_id IS NULL OR r.creator_id = p_guest_id)
              AND (p_before IS NULL OR (r.last_activity_at, r.id) < (p_before, p_before_id))
              AND (NOT r.is_private OR p_may_private OR (
                  SELECT p.status FROM room_participants p WHERE p.room_id = r.id AND p.user_id = actor
              ) IN ('active', 'muted'))
              AND (r.owner_kind <> 'robot' OR (SELECT h.guest_messages FROM room_heads h WHERE h.room_id = r.id) > 0)
            ORDER BY r.last_activity_at DESC, r.id DESC
            LIMIT p_limit
        );
        EXIT WHEN cardinality(found) >= p_limit;
    END LOOP;
    RETURN QUERY
        SELECT r.id, r.last_activity_at FROM chat_rooms r
        WHERE r.id = ANY (found)
        ORDER BY r.last_activity_at DESC, r.id DESC;
END
$$;
COMMENT ON FUNCTION desk_search_rooms(text, text[], text, text, uuid, uuid, boolean, timestamptz, uuid, integer) IS
    'A page of the caller''s rooms whose name, issue number, id or customer contains the text, latest activity first.';
GRANT EXECUTE ON FUNCTION
    desk_search_rooms(text, text[], text, text, uuid, uuid, boolean, timestamptz, uuid, integer)
TO desk_app;

-- Retention asks each night which closed rooms are old enough, and read all rooms of each workspace.
CREATE INDEX idx_chat_rooms_closed_at ON chat_rooms (workspace_id, closed_at) WHERE status = 'closed';
