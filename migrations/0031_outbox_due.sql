-- The sweep must know which workspaces have work before it can open a transaction in one of them.

CREATE FUNCTION desk_outbox_due() RETURNS TABLE (workspace_id uuid, oldest_s double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT o.workspace_id, extract(epoch FROM now() - min(o.available_at))
      FROM outbox o
     WHERE o.done_at IS NULL AND o.failed_at IS NULL AND o.available_at <= now()
       AND (o.claimed_until IS NULL OR o.claimed_until < now())
     GROUP BY o.workspace_id
$$;
COMMENT ON FUNCTION desk_outbox_due() IS 'Workspaces with due side effects, and how long the oldest has waited.';
GRANT EXECUTE ON FUNCTION desk_outbox_due() TO desk_app;
