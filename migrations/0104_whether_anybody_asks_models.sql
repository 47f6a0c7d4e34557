-- A process loads what asks models, which takes seconds and memory, as soon as any workspace has a provider, and not before.

CREATE FUNCTION desk_asks_models() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM provider_configs p
          JOIN workspaces w ON w.id = p.workspace_id AND w.deleted_at IS NULL
         WHERE p.is_active AND p.deleted_at IS NULL
    );
$$;
COMMENT ON FUNCTION desk_asks_models() IS 'Whether any workspace has a provider of language models that is switched on.';
GRANT EXECUTE ON FUNCTION desk_asks_models() TO desk_app, desk_jobs;
