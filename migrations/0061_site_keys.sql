-- The demo is found by its site's key also when an admin has switched that site off.
CREATE FUNCTION desk_workspace_of_site_key(p_site_key text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT workspace_id FROM sites WHERE site_key = p_site_key
$$;
REVOKE ALL ON FUNCTION desk_workspace_of_site_key(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION desk_workspace_of_site_key(text) TO desk_app;
