-- The widget greets with the site's name, so the look-up by public key tells it too.

DROP FUNCTION desk_site_by_key(text);

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
COMMENT ON FUNCTION desk_site_by_key(text) IS 'The active site of a public key, in whichever workspace it is.';

GRANT EXECUTE ON FUNCTION desk_site_by_key(text) TO desk_app;
