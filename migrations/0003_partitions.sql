-- Months are made as tables and then attached: CREATE … PARTITION OF would lock the hot parent exclusively.
-- Attaching never waits for messages being written, but it takes a lock on each table that a key leads to or comes
-- from; writers of those queue behind it while it waits. So it gives up early, and the daily job has months to succeed.

CREATE FUNCTION desk_make_partition(p_parent text, p_month date) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '500ms'
AS $$
DECLARE
    starts date := date_trunc('month', p_month)::date;
    ends date := (date_trunc('month', p_month) + interval '1 month')::date;
    child text := p_parent || to_char(p_month, '_YYYY_MM');
    guard record;
    unique_key text;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_partitioned_table WHERE partrelid = to_regclass(p_parent)) THEN
        RAISE EXCEPTION 'Table % is not partitioned.', p_parent;
    END IF;
    IF to_regclass(child) IS NOT NULL THEN
        RETURN NULL;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', child, p_parent);
    -- A partitioned table cannot have a unique key without its partition key; within a month it can be kept.
    FOREACH unique_key IN ARRAY CASE p_parent
        WHEN 'messages' THEN ARRAY['(room_id, seq)']
        WHEN 'room_events' THEN ARRAY['(room_id, seq)', '(room_id, public_seq) WHERE public_seq IS NOT NULL']
        ELSE '{}'::text[]
    END
    LOOP
        EXECUTE format('CREATE UNIQUE INDEX ON %I %s', child, unique_key);
    END LOOP;
    -- Row triggers come with the attachment, statement triggers do not.
    FOR guard IN
        SELECT t.tgname, p.proname
        FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE t.tgrelid = to_regclass(p_parent) AND t.tgtype & 32 = 32
    LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I EXECUTE FUNCTION %I()',
            guard.tgname, child, guard.proname);
    END LOOP;
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', p_parent, child,
        uuid7_floor(starts::timestamp AT TIME ZONE 'UTC'), uuid7_floor(ends::timestamp AT TIME ZONE 'UTC'));
    RETURN child;
END
$$;
COMMENT ON FUNCTION desk_make_partition(text, date) IS
    'Makes the partition of a month (UTC) unless it exists; returns its name, or NULL. Waits half a second for a lock.';

CREATE FUNCTION desk_missing_partitions(p_ahead integer DEFAULT 3) RETURNS TABLE (parent text, month date)
LANGUAGE sql STABLE
AS $$
    SELECT c.relname::text, m.month::date
    FROM pg_partitioned_table p
    JOIN pg_class c ON c.oid = p.partrelid
    CROSS JOIN generate_series(
        date_trunc('month', now() AT TIME ZONE 'UTC'),
        date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => p_ahead),
        interval '1 month'
    ) AS m (month)
    WHERE c.relnamespace = 'public'::regnamespace
      AND to_regclass('public.' || quote_ident(c.relname || to_char(m.month, '_YYYY_MM'))) IS NULL
    ORDER BY 2, 1
$$;
COMMENT ON FUNCTION desk_missing_partitions(integer) IS
    'The months, from this one on, that a partitioned table still lacks: the daily job makes each in its own transaction.';

GRANT EXECUTE ON FUNCTION desk_make_partition(text, date) TO desk_jobs;
GRANT EXECUTE ON FUNCTION desk_missing_partitions(integer) TO desk_app, desk_jobs;
