-- The keys and the touch trigger that every table is built on come before every table.

-- A new function belongs to its owner alone until a migration grants it: definer functions must never be
-- callable by whoever happens to connect.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON ROUTINES FROM PUBLIC;

-- Keys are UUID v7 made by the server: they grow with time, so that primary keys stay dense and ranges of
-- ids prune partitions. PostgreSQL 18 has its own; below it the same layout is built by hand: 48 bits of
-- milliseconds, 12 bits of the fraction, 62 bits of chance. Below 18 two ids of one microsecond have no
-- order; nothing may depend on it (the order of a room is its seq).
DO $$
BEGIN
    IF to_regprocedure('pg_catalog.uuidv7()') IS NOT NULL THEN
        CREATE FUNCTION desk_uuid7() RETURNS uuid
        LANGUAGE sql VOLATILE PARALLEL SAFE
        AS 'SELECT pg_catalog.uuidv7()';
    ELSE
        CREATE FUNCTION desk_uuid7() RETURNS uuid
        LANGUAGE plpgsql VOLATILE PARALLEL SAFE
        AS $body$
        DECLARE
            micros bigint := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
        BEGIN
            RETURN (
                lpad(to_hex(micros / 1000), 12, '0')
                || to_hex(28672 + (micros % 1000) * 4096 / 1000)
                || substr(encode(uuid_send(gen_random_uuid()), 'hex'), 17)
            )::uuid;
        END
        $body$;
    END IF;
END
$$;
COMMENT ON FUNCTION desk_uuid7() IS 'A new UUID v7 of this moment.';

CREATE FUNCTION uuid7_floor(p_instant timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT (
        lpad(to_hex(floor(extract(epoch FROM p_instant) * 1000)::bigint), 12, '0') || '70008000000000000000'
    )::uuid
$$;
COMMENT ON FUNCTION uuid7_floor(timestamptz) IS
    'The smallest UUID v7 of a millisecond: the bound of a partition, and of a query "since then".';

CREATE FUNCTION set_updated_at() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

CREATE PROCEDURE desk_touch(p_table regclass)
LANGUAGE plpgsql
AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER %I BEFORE UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION set_updated_at()',
        'trg_' || p_table::text || '_updated_at', p_table
    );
END
$$;
COMMENT ON PROCEDURE desk_touch(regclass) IS 'Keeps updated_at of a table true.';

GRANT EXECUTE ON FUNCTION desk_uuid7(), uuid7_floor(timestamptz) TO desk_app, desk_jobs, desk_reader;
