-- Isolation and history are given to a table by one call each, so that no table can have half of either.

CREATE PROCEDURE desk_secure(
    p_table regclass,
    p_app text DEFAULT 'SELECT, INSERT, UPDATE',
    p_jobs text DEFAULT 'SELECT, INSERT, UPDATE, DELETE',
    p_hidden text[] DEFAULT '{}',
    p_column text DEFAULT 'workspace_id'
)
LANGUAGE plpgsql
AS $$
DECLARE
    readable text;
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', p_table);
    EXECUTE format(
        'CREATE POLICY workspace_rows ON %s TO desk_app, desk_jobs, desk_reader '
        'USING (%I = nullif(current_setting(''app.workspace_id'', true), '''')::uuid)',
        p_table, p_column
    );
    -- Forced row-level security holds for the owner too: without this its data migrations and the definer
    -- functions would see no row and say nothing.
    EXECUTE format('CREATE POLICY owner_rows ON %s TO desk_owner USING (true)', p_table);
    IF p_app <> '' THEN
        EXECUTE format('GRANT %s ON %s TO desk_app', p_app, p_table);
    END IF;
    IF p_jobs <> '' THEN
        EXECUTE format('GRANT %s ON %s TO desk_jobs', p_jobs, p_table);
    END IF;
    IF p_hidden <> ARRAY['*'] THEN
        SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO readable
        FROM pg_attribute a
        WHERE a.attrelid = p_table AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> ALL (p_hidden);
        EXECUTE CASE
            WHEN p_hidden = '{}' THEN format('GRANT SELECT ON %s TO desk_reader', p_table)
            ELSE format('GRANT SELECT (%s) ON %s TO desk_reader', readable, p_table)
        END;
    END IF;
END
$$;
COMMENT ON PROCEDURE desk_secure(regclass, text, text, text[], text) IS
    'Forced row-level security by workspace, and exact grants. p_hidden: columns kept from desk_reader, {*} = the table.';

-- History -------------------------------------------------------------------------------------------------
-- The old row is jsonb, not a copy of the typed columns: a column added to an audited table is recorded from
-- that moment without a twin migration on a partitioned table, secrets are left out by name, and erasure can
-- blank single columns. jsonb_populate_record gives the typed row back.

CREATE TABLE audited_tables (
    table_name text NOT NULL,
    key_column text NOT NULL,
    audited_columns text[] NOT NULL,
    secret_columns text[] NOT NULL,
    personal_columns text[] NOT NULL,
    records_inserts boolean NOT NULL,
    CONSTRAINT pk_audited_tables PRIMARY KEY (table_name)
);
COMMENT ON TABLE audited_tables IS 'What desk_audit was told of each table; read by blanking, sealing and the tests.';
GRANT SELECT ON audited_tables TO desk_app, desk_jobs, desk_reader;

CREATE FUNCTION desk_refuse_truncate() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION 'Table % is audited: TRUNCATE would leave no trace. Use DELETE.', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

-- A history row never changes, but for two things that its chain survives: it is sealed, once; and erasure
-- puts a salted digest in the place of personal values, and takes the salt away.
CREATE FUNCTION desk_guard_history() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    was jsonb;
    becomes jsonb;
BEGIN
    IF TG_OP <> 'UPDATE' THEN
        RAISE EXCEPTION 'History is append-only: % on % is refused.', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    was := to_jsonb(OLD) - '{seal_seq,digest}'::text[];
    becomes := to_jsonb(NEW) - '{seal_seq,digest}'::text[];
    IF was = becomes AND OLD.seal_seq IS NULL AND OLD.digest IS NULL
        AND NEW.seal_seq IS NOT NULL AND NEW.digest IS NOT NULL
    THEN
        RETURN NEW;
    END IF;
    IF was - '{row_data,salt}'::text[] = becomes - '{row_data,salt}'::text[]
        AND (OLD.seal_seq, OLD.digest) IS NOT DISTINCT FROM (NEW.seal_seq, NEW.digest)
        AND NEW.salt IS NULL
        AND NOT EXISTS (
            SELECT 1
            FROM jsonb_each(OLD.row_data) o
            FULL JOIN jsonb_each(NEW.row_data) n USING (key)
            WHERE o.value IS DISTINCT FROM n.value AND NOT coalesce(n.value ? 'blanked', false)
        )
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'History is append-only: rewriting a row of % is refused.', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE PROCEDURE desk_audit(
    p_table regclass,
    p_columns text[],
    p_secrets text[] DEFAULT '{}',
    p_inserts boolean DEFAULT false,
    p_personal text[] DEFAULT '{}',
    p_key text DEFAULT 'id'
)
LANGUAGE plpgsql
AS $$
DECLARE
    name text := p_table::text;
    history text := name || '_history';
    tenant text := 'NULL::uuid';
    changed text;
    listed text;
BEGIN
    IF name = 'workspaces' THEN
        tenant := '%1$s.id';
    ELSIF EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = p_table AND attname = 'workspace_id') THEN
        tenant := '%1$s.workspace_id';
    END IF;
    INSERT INTO audited_tables VALUES (name, p_key, p_columns, p_secrets, p_personal, p_inserts);

    EXECUTE format($ddl$
        CREATE TABLE %1$I (
            history_id uuid NOT NULL DEFAULT desk_uuid7(),
            changed_at timestamptz NOT NULL DEFAULT now(),
            operation_type text NOT NULL,
            workspace_id uuid,
            actor_id uuid,
            subject_id uuid NOT NULL,
            row_data jsonb NOT NULL,
            salt bytea DEFAULT uuid_send(gen_random_uuid()),
            seal_seq bigint,
            digest bytea,
            CONSTRAINT %2$I PRIMARY KEY (history_id),
            CONSTRAINT %3$I CHECK (operation_type IN ('INSERT', 'UPDATE', 'DELETE'))
        ) PARTITION BY RANGE (history_id)
    $ddl$, history, 'pk_' || history, 'ck_' || history || '_operation_type');
    EXECUTE format('CREATE INDEX %I ON %I (subject_id, history_id)', 'idx_' || history || '_subject', history);
    EXECUTE format('CREATE INDEX %I ON %I (workspace_id, history_id)', 'idx_' || history || '_workspace', history);
    EXECUTE format('COMMENT ON TABLE %I IS %L', history,
        format('Every audited change of %s: the row before it (of an INSERT: the row). Written by trigger only.', name));
    CALL desk_secure(history::regclass, 'SELECT', 'SELECT');
    EXECUTE format(
        'CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION desk_guard_history()',
        'trg_' || history || '_guard', history);
    EXECUTE format(
        'CREATE TRIGGER %I BEFORE TRUNCATE ON %I EXECUTE FUNCTION desk_guard_history()',
        'trg_' || history || '_truncate', history);
    PERFORM desk_make_partition(gap.parent, gap.month) FROM desk_missing_partitions(3) AS gap WHERE gap.parent = history;

    -- A row that is really deleted is being erased or purged: what it said must not live on in history.
    EXECUTE format($ddl$
        CREATE FUNCTION %1$I() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
        AS $body$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO %2$I (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, %3$s, nullif(current_setting('app.actor_id', true), '')::uuid, NEW.%5$I,
                        to_jsonb(NEW) - %6$L::text[]);
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO %2$I (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, %4$s, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.%5$I,
                        to_jsonb(OLD) - %6$L::text[]);
            ELSE
                INSERT INTO %2$I (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, %4$s, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.%5$I,
                        to_jsonb(OLD) - %7$L::text[]);
            END IF;
            RETURN NULL;
        END
        $body$
    $ddl$, 'log_' || name || '_changes', history, format(tenant, 'NEW'), format(tenant, 'OLD'), p_key,
        p_secrets, p_secrets || p_personal);

    SELECT string_agg(format('OLD.%1$I IS DISTINCT FROM NEW.%1$I', c), ' OR '),
           string_agg(quote_ident(c), ', ')
    INTO changed, listed FROM unnest(p_columns) AS c;
    EXECUTE format(
        'CREATE TRIGGER %I AFTER DELETE ON %s FOR EACH ROW EXECUTE FUNCTION %I()',
        'log_' || name || '_deletes', p_table, 'log_' || name || '_changes');
    IF p_inserts THEN
        EXECUTE format(
            'CREATE TRIGGER %I AFTER INSERT ON %s FOR EACH ROW EXECUTE FUNCTION %I()',
            'log_' || name || '_inserts', p_table, 'log_' || name || '_changes');
    END IF;
    IF listed IS NOT NULL THEN
        EXECUTE format(
            'CREATE TRIGGER %I AFTER UPDATE OF %s ON %s FOR EACH ROW WHEN (%s) EXECUTE FUNCTION %I()',
            'log_' || name || '_updates', listed, p_table, changed, 'log_' || name || '_changes');
    END IF;
    EXECUTE format(
        'CREATE TRIGGER %I BEFORE TRUNCATE ON %s EXECUTE FUNCTION desk_refuse_truncate()',
        'trg_' || name || '_truncate', p_table);
END
$$;
COMMENT ON PROCEDURE desk_audit(regclass, text[], text[], boolean, text[], text) IS
    'Gives a table its history: row triggers on DELETE, on UPDATE of the audited columns, on INSERT where asked.';

CREATE FUNCTION desk_blank_history(p_table text, p_subjects uuid[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    personal text[];
    blanked bigint;
BEGIN
    SELECT personal_columns INTO personal FROM audited_tables WHERE table_name = p_table;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Table % is not audited, so it has no history to blank.', p_table;
    END IF;
    -- Within the caller's workspace only: this function runs as the owner, who sees all of them.
    EXECUTE format($dml$
        UPDATE %I h
        SET row_data = h.row_data || (
                SELECT coalesce(jsonb_object_agg(e.key, jsonb_build_object('blanked', encode(
                    sha256(h.salt || convert_to(e.key || '=' || e.value::text, 'UTF8')), 'hex'))), '{}')
                FROM jsonb_each(h.row_data) e
                WHERE e.key = ANY ($1)),
            salt = NULL
        WHERE h.subject_id = ANY ($2) AND h.salt IS NOT NULL
          AND h.workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid
    $dml$, p_table || '_history') USING personal, p_subjects;
    GET DIAGNOSTICS blanked = ROW_COUNT;
    RETURN blanked;
END
$$;
COMMENT ON FUNCTION desk_blank_history(text, uuid[]) IS
    'For purge and erasure: personal columns in the history of these rows become salted digests; returns the rows blanked.';
GRANT EXECUTE ON FUNCTION desk_blank_history(text, uuid[]) TO desk_jobs;
