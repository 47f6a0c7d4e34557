-- The schema that the migrations beside this file make, for reading and for review;
-- months and extensions (unaccent; vector where it can be had) are left out.
-- Written by: supportdesk migrate --snapshot (from PostgreSQL 18). A test compares it with the migrations.

CREATE FUNCTION public.apply_file_references(p_file_ids uuid[], p_changes integer[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    WITH change AS (
        SELECT c.file_id, sum(c.change)::integer AS change
        FROM unnest(p_file_ids, p_changes) AS c (file_id, change)
        GROUP BY c.file_id HAVING sum(c.change) <> 0
    ), locked AS (
        SELECT f.id FROM file_uploads f JOIN change ON change.file_id = f.id ORDER BY f.id FOR NO KEY UPDATE OF f
    )
    UPDATE file_uploads f
    SET reference_count = f.reference_count + change.change,
        unreferenced_at = CASE WHEN f.reference_count + change.change = 0 THEN now() END
    FROM change JOIN locked ON locked.id = change.file_id
    WHERE f.id = change.file_id
$$;

CREATE FUNCTION public.count_documents() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO usage_stats AS s (workspace_id, user_id, date, documents_uploaded)
    SELECT n.workspace_id, n.user_id, (n.created_at AT TIME ZONE w.time_zone)::date, count(*)
    FROM new_rows n JOIN workspaces w ON w.id = n.workspace_id
    WHERE n.user_id IS NOT NULL
    GROUP BY 1, 2, 3
    ORDER BY 2, 3
    ON CONFLICT (user_id, date) DO UPDATE
        SET documents_uploaded = s.documents_uploaded + excluded.documents_uploaded;
    RETURN NULL;
END
$$;

CREATE FUNCTION public.count_file_references() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    files uuid[];
    changes integer[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(file_id), array_agg(1) INTO files, changes FROM new_rows WHERE deleted_at IS NULL;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(file_id), array_agg(-1) INTO files, changes FROM old_rows WHERE deleted_at IS NULL;
    ELSE
        SELECT array_agg(c.file_id), array_agg(c.change) INTO files, changes
        FROM (
            SELECT file_id, 1 AS change FROM new_rows WHERE deleted_at IS NULL
            UNION ALL
            SELECT file_id, -1 FROM old_rows WHERE deleted_at IS NULL
        ) c;
    END IF;
    PERFORM apply_file_references(files, changes);
    RETURN NULL;
END
$$;

CREATE FUNCTION public.count_rooms() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO usage_stats AS s (workspace_id, user_id, date, sessions_created)
    SELECT n.workspace_id, n.creator_id, (n.created_at AT TIME ZONE w.time_zone)::date, count(*)
    FROM new_rows n JOIN workspaces w ON w.id = n.workspace_id
    WHERE n.creator_id IS NOT NULL
    GROUP BY 1, 2, 3
    ORDER BY 2, 3
    ON CONFLICT (user_id, date) DO UPDATE SET sessions_created = s.sessions_created + excluded.sessions_created;
    RETURN NULL;
END
$$;

CREATE FUNCTION public.count_usage() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO usage_stats AS s (workspace_id, user_id, date, tokens_used)
    SELECT n.workspace_id, n.user_id, (n.created_at AT TIME ZONE w.time_zone)::date,
           sum(n.input_tokens::bigint + n.output_tokens)
    FROM new_rows n JOIN workspaces w ON w.id = n.workspace_id
    WHERE n.user_id IS NOT NULL
    GROUP BY 1, 2, 3
    ORDER BY 2, 3
    ON CONFLICT (user_id, date) DO UPDATE SET tokens_used = s.tokens_used + excluded.tokens_used;

    WITH spent AS (
        SELECT user_id, sum(input_tokens::bigint + output_tokens) AS tokens FROM new_rows
        WHERE user_id IS NOT NULL GROUP BY user_id
    ), locked AS (
        SELECT u.id FROM users u JOIN spent ON spent.user_id = u.id ORDER BY u.id FOR NO KEY UPDATE OF u
    )
    UPDATE users u SET total_tokens_used = u.total_tokens_used + spent.tokens
    FROM spent JOIN locked ON locked.id = spent.user_id
    WHERE u.id = spent.user_id;
    RETURN NULL;
END
$$;

CREATE FUNCTION public.desk_access_changed(p_workspace uuid, p_users uuid[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    -- In the order of ids, so that two who change the same people wait for each other in one direction.
    INSERT INTO user_access AS a (user_id, workspace_id)
    SELECT u.id, u.workspace_id
    FROM users u
    WHERE u.workspace_id = p_workspace AND u.id = ANY (p_users)
    ORDER BY u.id
    ON CONFLICT ON CONSTRAINT pk_user_access DO UPDATE SET version = a.version + 1
$$;

COMMENT ON FUNCTION public.desk_access_changed(p_workspace uuid, p_users uuid[]) IS 'Called by triggers only.';

CREATE FUNCTION public.desk_access_token(p_token_hash bytea) RETURNS TABLE(token_id uuid, workspace_id uuid, user_id uuid, grants text[], last_used_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT t.id, t.workspace_id, t.user_id, t.grants, t.last_used_at
    FROM personal_access_tokens t JOIN users u ON u.id = t.user_id JOIN workspaces w ON w.id = t.workspace_id
    WHERE t.token_hash = p_token_hash AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())
      AND u.current_account_status = 'active' AND u.deleted_at IS NULL AND w.deleted_at IS NULL
$$;

CREATE FUNCTION public.desk_access_versions(p_users uuid[], p_workspaces uuid[]) RETURNS TABLE(subject_id uuid, version bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT a.user_id, a.version FROM user_access a WHERE a.user_id = ANY (p_users)
    UNION ALL
    SELECT w.id, w.access_version FROM workspaces w WHERE w.id = ANY (p_workspaces)
$$;

COMMENT ON FUNCTION public.desk_access_versions(p_users uuid[], p_workspaces uuid[]) IS 'The versions of everybody whose socket a node holds, and of their workspaces; who is not in it is at version 0.';

CREATE FUNCTION public.desk_actor(p_user_id uuid) RETURNS TABLE(workspace_name text, account_type text, account_status text, name text, email text, level text, avatar_url text, is_blocked boolean, user_version bigint, workspace_version bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
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

COMMENT ON FUNCTION public.desk_actor(p_user_id uuid) IS 'Somebody as an actor, whatever their status: the caller has already looked up what they proved to be.';

CREATE FUNCTION public.desk_allowed_origins() RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT DISTINCT o.origin FROM sites s CROSS JOIN unnest(s.allowed_origins) AS o (origin)
    WHERE s.is_active AND s.deleted_at IS NULL
$$;

CREATE FUNCTION public.desk_asks_models() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT EXISTS (
        SELECT FROM provider_configs p
          JOIN workspaces w ON w.id = p.workspace_id AND w.deleted_at IS NULL
         WHERE p.is_active AND p.deleted_at IS NULL
    );
$$;

COMMENT ON FUNCTION public.desk_asks_models() IS 'Whether any workspace has a provider of language models that is switched on.';

CREATE PROCEDURE public.desk_audit(IN p_table regclass, IN p_columns text[], IN p_secrets text[] DEFAULT '{}'::text[], IN p_inserts boolean DEFAULT false, IN p_personal text[] DEFAULT '{}'::text[], IN p_key text DEFAULT 'id'::text)
    LANGUAGE plpgsql
    AS $_$
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
$_$;

COMMENT ON PROCEDURE public.desk_audit(IN p_table regclass, IN p_columns text[], IN p_secrets text[], IN p_inserts boolean, IN p_personal text[], IN p_key text) IS 'Gives a table its history: row triggers on DELETE, on UPDATE of the audited columns, on INSERT where asked.';

CREATE PROCEDURE public.desk_bind_message(IN p_table regclass)
    LANGUAGE plpgsql
    AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER %I BEFORE INSERT OR UPDATE OF message_id, workspace_id ON %s FOR EACH ROW '
        'WHEN (NEW.message_id IS NOT NULL) EXECUTE FUNCTION desk_check_message_workspace()',
        'trg_' || p_table::text || '_message', p_table);
END
$$;

COMMENT ON PROCEDURE public.desk_bind_message(IN p_table regclass) IS 'Holds message_id of a table to the workspace of its row.';

CREATE FUNCTION public.desk_blank_history(p_table text, p_subjects uuid[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $_$
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
$_$;

COMMENT ON FUNCTION public.desk_blank_history(p_table text, p_subjects uuid[]) IS 'For purge and erasure: personal columns in the history of these rows become salted digests; returns the rows blanked.';

CREATE FUNCTION public.desk_check_message_workspace() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM messages WHERE id = NEW.message_id AND workspace_id = NEW.workspace_id
    ) THEN
        RAISE EXCEPTION 'Message % is not in this workspace.', NEW.message_id USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION public.desk_documents_in_view(p_audiences text[], p_room_id uuid, p_team_ids uuid[], p_most integer) RETURNS TABLE(documents uuid[], chunks integer)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    workspace uuid := nullif(current_setting('app.workspace_id', true), '')::uuid;
BEGIN
    documents := ARRAY(
        SELECT d.id FROM documents d
        WHERE d.workspace_id = workspace AND d.deleted_at IS NULL AND d.processing_status = 'completed'
          AND d.audience = ANY (p_audiences)
          AND (d.scope = 'workspace' OR d.room_id = p_room_id OR d.team_id = ANY (p_team_ids))
        LIMIT p_most + 1
    );
    chunks := greatest(cardinality(documents), (SELECT count(*) FROM (
        SELECT 1 FROM document_chunks c WHERE c.document_id = ANY (documents) LIMIT p_most + 1
    ) AS counted));
    RETURN NEXT;
END
$$;

COMMENT ON FUNCTION public.desk_documents_in_view(p_audiences text[], p_room_id uuid, p_team_ids uuid[], p_most integer) IS 'Documents a search of the caller''s workspace sees, and how many chunks they have; of either, one above p_most.';

CREATE FUNCTION public.desk_due_tools() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT workspace_id FROM tool_executions
     WHERE status = 'pending' AND least(expires_at, rises_at) <= now()
    UNION
    SELECT workspace_id FROM tool_executions WHERE status = 'approved' AND approved_at < now() - interval '2 seconds'
    UNION
    SELECT workspace_id FROM tool_executions WHERE status = 'executing' AND claimed_until < now()
    UNION
    SELECT workspace_id FROM tool_executions
     WHERE told_at IS NULL AND status IN ('completed', 'failed', 'denied', 'cancelled')
$$;

COMMENT ON FUNCTION public.desk_due_tools() IS 'The sweepers'' list; they then work inside each workspace.';

CREATE FUNCTION public.desk_due_workspaces(p_kind text) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    CASE p_kind
        WHEN 'interactions' THEN
            RETURN QUERY
                SELECT workspace_id FROM robot_interactions WHERE status = 'pending' AND available_at <= now()
                UNION
                SELECT workspace_id FROM robot_interactions WHERE status = 'processing' AND claimed_until < now();
        WHEN 'tool_executions' THEN
            RETURN QUERY SELECT DISTINCT workspace_id FROM tool_executions
                WHERE status = 'pending' AND expires_at <= now();
        WHEN 'documents' THEN
            RETURN QUERY SELECT DISTINCT workspace_id FROM documents
                WHERE (processing_status = 'pending' OR (processing_status = 'processing' AND claimed_until < now()))
                  AND deleted_at IS NULL;
        WHEN 'escalations' THEN
            RETURN QUERY SELECT DISTINCT workspace_id FROM escalations
                WHERE status IN ('created', 'assigned', 'in_progress') AND due_at <= now();
        WHEN 'sla_clocks' THEN
            RETURN QUERY SELECT DISTINCT workspace_id FROM sla_clocks
                WHERE status = 'running' AND least(warn_at, due_at) <= now();
        WHEN 'snoozed_rooms' THEN
            RETURN QUERY SELECT DISTINCT workspace_id FROM chat_rooms
                WHERE status = 'snoozed' AND snoozed_until <= now();
        WHEN 'waiting_rooms' THEN
            RETURN QUERY SELECT DISTINCT workspace_id FROM chat_rooms
                WHERE status = 'waiting' AND owner_kind = 'queue' AND deleted_at IS NULL;
        WHEN 'outbox' THEN
            RETURN QUERY SELECT DISTINCT workspace_id FROM outbox
                WHERE done_at IS NULL AND failed_at IS NULL AND available_at <= now();
        WHEN 'webhook_deliveries' THEN
            RETURN QUERY SELECT DISTINCT workspace_id FROM webhook_deliveries
                WHERE status = 'pending' AND available_at <= now();
        ELSE
            RAISE EXCEPTION 'There is no kind of due work called %.', p_kind USING ERRCODE = 'invalid_parameter_value';
    END CASE;
END
$$;

COMMENT ON FUNCTION public.desk_due_workspaces(p_kind text) IS 'Workspaces with due work of a kind: interactions, tool_executions, documents, escalations, sla_clocks, snoozed_rooms, waiting_rooms, outbox, webhook_deliveries. The sweeper then works inside each.';

CREATE FUNCTION public.desk_ended_credentials(p_credentials uuid[]) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
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

COMMENT ON FUNCTION public.desk_ended_credentials(p_credentials uuid[]) IS 'Which of these sessions, guest sessions and access tokens are revoked, expired or gone.';

CREATE FUNCTION public.desk_grants(p_user_id uuid) RETURNS TABLE(role_name text, pattern text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
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

COMMENT ON FUNCTION public.desk_grants(p_user_id uuid) IS 'What somebody''s roles grant, with the role that says so.';

CREATE FUNCTION public.desk_guard_audit_log() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF to_jsonb(OLD) - '{seal_seq,digest}'::text[] = to_jsonb(NEW) - '{seal_seq,digest}'::text[]
            AND OLD.seal_seq IS NULL AND OLD.digest IS NULL AND NEW.seal_seq IS NOT NULL AND NEW.digest IS NOT NULL
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'The audit log is append-only: % is refused.', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE FUNCTION public.desk_guard_history() RETURNS trigger
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

CREATE FUNCTION public.desk_guest_session(p_token_hash bytea) RETURNS TABLE(session_id uuid, workspace_id uuid, site_id uuid, guest_id uuid, expires_at timestamp with time zone, is_previous boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT g.id, g.workspace_id, g.site_id, g.guest_id, g.expires_at, g.token_hash <> p_token_hash
    FROM guest_sessions g JOIN users u ON u.id = g.guest_id JOIN workspaces w ON w.id = g.workspace_id
    WHERE (g.token_hash = p_token_hash OR g.previous_token_hash = p_token_hash)
      AND g.revoked_at IS NULL AND g.expires_at > now() AND u.deleted_at IS NULL AND w.deleted_at IS NULL
$$;

CREATE FUNCTION public.desk_has_suggesters(p_room uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
BEGIN
    RETURN EXISTS (
        SELECT 1
          FROM room_robots rr
          JOIN robots b ON b.id = rr.robot_id
         WHERE rr.room_id = p_room AND rr.active AND b.active AND b.deleted_at IS NULL
           AND coalesce(rr.staff_only, b.staff_only)
    );
END
$$;

COMMENT ON FUNCTION public.desk_has_suggesters(p_room uuid) IS 'Whether a robot for the staff takes part in this room.';

CREATE FUNCTION public.desk_has_vectors() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT EXISTS (
        SELECT 1 FROM pg_attribute
        WHERE attrelid = 'document_chunks'::regclass AND attname = 'embedding' AND NOT attisdropped
    )
$$;

COMMENT ON FUNCTION public.desk_has_vectors() IS 'Whether chunks have embeddings here: pgvector was there when the desk migrated.';

CREATE FUNCTION public.desk_invitation(p_token_hash bytea) RETURNS TABLE(invitation_id uuid, workspace_id uuid, email text, workspace_name text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT i.id, i.workspace_id, i.email, w.name
    FROM invitations i JOIN workspaces w ON w.id = i.workspace_id
    WHERE i.token_hash = p_token_hash AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now()
      AND w.deleted_at IS NULL
$$;

CREATE FUNCTION public.desk_is_said_in(p_room uuid, p_message uuid, p_to_guests boolean, p_even_deleted boolean) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
BEGIN
    RETURN EXISTS (
        SELECT 1
          FROM messages
         WHERE id = p_message AND room_id = p_room AND (p_even_deleted OR deleted_at IS NULL)
           AND (NOT p_to_guests OR public_seq IS NOT NULL)
    );
END
$$;

COMMENT ON FUNCTION public.desk_is_said_in(p_room uuid, p_message uuid, p_to_guests boolean, p_even_deleted boolean) IS 'Whether a message is in this room, and (p_to_guests) one that its guests have seen.';

CREATE FUNCTION public.desk_lexeme(p_word text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT ('''' || replace(replace(p_word, '\', '\\'), '''', '''''') || '''')::tsquery $$;

COMMENT ON FUNCTION public.desk_lexeme(p_word text) IS 'The query for one lexeme as it stands in a tsvector.';

CREATE FUNCTION public.desk_make_partition(p_parent text, p_month date) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET lock_timeout TO '500ms'
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

COMMENT ON FUNCTION public.desk_make_partition(p_parent text, p_month date) IS 'Makes the partition of a month (UTC) unless it exists; returns its name, or NULL. Waits half a second for a lock.';

CREATE FUNCTION public.desk_missing_partitions(p_ahead integer DEFAULT 3) RETURNS TABLE(parent text, month date)
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

COMMENT ON FUNCTION public.desk_missing_partitions(p_ahead integer) IS 'The months, from this one on, that a partitioned table still lacks: the daily job makes each in its own transaction.';

CREATE FUNCTION public.desk_outbox_due() RETURNS TABLE(workspace_id uuid, oldest_s double precision)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT o.workspace_id, extract(epoch FROM now() - min(o.available_at))
      FROM outbox o
     WHERE o.done_at IS NULL AND o.failed_at IS NULL AND o.available_at <= now()
       AND (o.claimed_until IS NULL OR o.claimed_until < now())
     GROUP BY o.workspace_id
$$;

COMMENT ON FUNCTION public.desk_outbox_due() IS 'Workspaces with due side effects, and how long the oldest has waited.';

CREATE FUNCTION public.desk_refuse_truncate() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'Table % is audited: TRUNCATE would leave no trace. Use DELETE.', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE FUNCTION public.desk_remove_workspace(p_workspace uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM legal_holds WHERE workspace_id = p_workspace AND released_at IS NULL) THEN
        RAISE EXCEPTION 'Workspace % is under a legal hold. Release the hold first.', p_workspace
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    DELETE FROM legal_holds WHERE workspace_id = p_workspace;
    DELETE FROM chat_rooms WHERE workspace_id = p_workspace;
    DELETE FROM message_dedup WHERE workspace_id = p_workspace;
    DELETE FROM chat_file_attachments WHERE workspace_id = p_workspace;
    DELETE FROM robots WHERE workspace_id = p_workspace;
    DELETE FROM users WHERE workspace_id = p_workspace;
    DELETE FROM sites WHERE workspace_id = p_workspace;
    DELETE FROM queues WHERE workspace_id = p_workspace;
    DELETE FROM sla_policies WHERE workspace_id = p_workspace;
    DELETE FROM workspaces WHERE id = p_workspace;
END
$$;

COMMENT ON FUNCTION public.desk_remove_workspace(p_workspace uuid) IS 'Deletes a workspace with all its rows; for the owner alone.';

CREATE FUNCTION public.desk_role_access_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    UPDATE workspaces SET access_version = access_version + 1
    WHERE id = (to_jsonb(coalesce(NEW, OLD)) ->> 'workspace_id')::uuid;
    RETURN NULL;
END
$$;

CREATE FUNCTION public.desk_room_access_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
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

CREATE FUNCTION public.desk_room_heads(p_room_ids uuid[]) RETURNS TABLE(room_id uuid, last_seq bigint, last_public_seq bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT h.room_id, h.last_seq, h.last_public_seq FROM room_heads h WHERE h.room_id = ANY (p_room_ids)
$$;

CREATE FUNCTION public.desk_search_places(p_question text, p_embedding real[], p_audiences text[], p_nearest integer, p_worded integer, p_room_id uuid DEFAULT NULL::uuid, p_team_ids uuid[] DEFAULT '{}'::uuid[]) RETURNS TABLE(chunk_id uuid, document_id uuid, entry_id uuid, title text, heading text, content text, source_url text, start_position integer, likeness double precision, question_likeness double precision, words text[], asked text[])
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    workspace uuid := nullif(current_setting('app.workspace_id', true), '')::uuid;
    wanted text[] := tsvector_to_array(to_tsvector('public.desk_english', p_question));
    teams uuid[] := desk_teams_of_search(p_room_id, p_team_ids);
    -- As many as desk_search_vectors compares one by one, and desk_search_text reads.
    most constant integer := 8000;
    seen uuid[];
    chunks integer;
BEGIN
    SELECT v.documents, v.chunks INTO seen, chunks FROM desk_documents_in_view(p_audiences, p_room_id, teams, most) v;
    IF p_embedding IS NOT NULL AND desk_has_vectors() THEN
        RETURN QUERY
            WITH found AS (
                SELECT v.chunk_id AS id
                FROM desk_search_vectors(p_embedding, p_audiences, p_nearest, p_room_id, teams, seen, chunks) v
                UNION
                SELECT t.chunk_id
                FROM desk_search_text(p_question, p_audiences, p_worded, p_room_id, teams, seen, chunks) t
            )
            SELECT c.id, c.document_id, d.entry_id, d.title, c.heading, c.content, d.source_url, c.start_position,
                   1 - (c.embedding <=> p_embedding::vector(384)), 1 - (c.question_embedding <=> p_embedding::vector(384)),
                   ARRAY(SELECT unnest(wanted) INTERSECT SELECT unnest(tsvector_to_array(c.tsv))), wanted
            FROM found
            JOIN document_chunks c ON c.id = found.id AND c.workspace_id = workspace
            JOIN documents d ON d.id = c.document_id AND d.workspace_id = workspace;
    ELSE
        RETURN QUERY
            SELECT c.id, c.document_id, d.entry_id, d.title, c.heading, c.content, d.source_url, c.start_position,
                   NULL::double precision, NULL::double precision,
                   ARRAY(SELECT unnest(wanted) INTERSECT SELECT unnest(tsvector_to_array(c.tsv))), wanted
            FROM desk_search_text(p_question, p_audiences, p_worded, p_room_id, teams, seen, chunks) t
            JOIN document_chunks c ON c.id = t.chunk_id AND c.workspace_id = workspace
            JOIN documents d ON d.id = c.document_id AND d.workspace_id = workspace;
    END IF;
END
$$;

COMMENT ON FUNCTION public.desk_search_places(p_question text, p_embedding real[], p_audiences text[], p_nearest integer, p_worded integer, p_room_id uuid, p_team_ids uuid[]) IS 'Chunks of the caller''s workspace that are near a question in meaning or words, with what ranks them.';

CREATE FUNCTION public.desk_search_rooms(p_text text, p_statuses text[], p_level text, p_owner_kind text, p_assignee_id uuid, p_guest_id uuid, p_may_private boolean, p_before timestamp with time zone, p_before_id uuid, p_limit integer) RETURNS TABLE(id uuid, last_activity_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $_$
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
$_$;

COMMENT ON FUNCTION public.desk_search_rooms(p_text text, p_statuses text[], p_level text, p_owner_kind text, p_assignee_id uuid, p_guest_id uuid, p_may_private boolean, p_before timestamp with time zone, p_before_id uuid, p_limit integer) IS 'A page of the caller''s rooms whose name, issue number, id or customer contains the text, latest activity first.';

CREATE FUNCTION public.desk_search_text(p_query text, p_audiences text[], p_limit integer DEFAULT 20, p_room_id uuid DEFAULT NULL::uuid, p_team_ids uuid[] DEFAULT '{}'::uuid[], p_documents uuid[] DEFAULT NULL::uuid[], p_chunks integer DEFAULT NULL::integer) RETURNS TABLE(chunk_id uuid, document_id uuid, rank double precision)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    workspace uuid := nullif(current_setting('app.workspace_id', true), '')::uuid;
    -- Rows looked at per word where there are many: all of a rare one, some of a common one.
    most constant integer := 100;
    -- Chunks that are read one by one faster than each word is looked up among everybody's.
    few constant integer := 8000;
    -- Of more than a thousand chunks, about so many, far apart, tell which words are common.
    sample constant integer := 150;
    words text[] := ARRAY(SELECT u.lexeme FROM unnest(to_tsvector('public.desk_english', p_query)) u LIMIT 24);
    apart uuid[];
    queries tsquery[];
    any_word tsquery;
BEGIN
    IF cardinality(words) = 0 THEN
        RETURN;
    END IF;
    IF p_documents IS NULL OR p_chunks IS NULL THEN
        SELECT v.documents, v.chunks INTO p_documents, p_chunks
        FROM desk_documents_in_view(p_audiences, p_room_id, p_team_ids, few) v;
    END IF;
    IF p_chunks > 1000 THEN
        -- The three rarest are looked up whatever they are, the others when less than one chunk in twenty holds them.
        apart := ARRAY(
            SELECT p_documents[1 + n * cardinality(p_documents) / least(1000, cardinality(p_documents))]
            FROM generate_series(0, least(1000, cardinality(p_documents)) - 1) n
        );
        words := ARRAY(
            WITH theirs AS MATERIALIZED (
                SELECT found.document_id, found.chunk_index, row_number() OVER () AS place
                FROM (
                    SELECT c.document_id, c.chunk_index
                    FROM document_chunks c WHERE c.document_id = ANY (apart)
                    LIMIT few
                ) found
            ), spread AS MATERIALIZED (
                SELECT ARRAY[c.tsv] AS held
                FROM theirs t
                JOIN document_chunks c ON c.document_id = t.document_id AND c.chunk_index = t.chunk_index
                WHERE t.place % greatest(1, (SELECT count(*) FROM theirs) / sample) = 0
                  AND (c.workspace_id = workspace) IS TRUE
            ), counted AS (
                SELECT w.word, (SELECT count(*) FROM spread WHERE spread.held[1] @@ desk_lexeme(w.word)) AS holders
                FROM unnest(words) AS w (word)
            ), ordered AS (
                SELECT word, holders, row_number() OVER (ORDER BY holders, word) AS place FROM counted
            )
            SELECT word FROM ordered
            WHERE place <= 3 OR holders < (SELECT count(*) FROM spread) / 20.0 OR (SELECT count(*) FROM spread) < 100
        );
    END IF;
    queries := ARRAY(SELECT desk_lexeme(w.word) FROM unnest(words) AS w (word));
    IF p_chunks <= few THEN
        any_word := array_to_string(queries, '|')::tsquery;
        RETURN QUERY
            -- What an array holds is there in full: a vector that lies out of line is read once, not for every word.
            -- Common words are still among those of a thousand chunks: IS TRUE keeps their index out of it
            -- then, which would gather everybody's chunks that hold them.
            WITH held AS MATERIALIZED (
                SELECT c.id, c.document_id, ARRAY[c.tsv] AS held
                FROM document_chunks c
                WHERE p_chunks <= 1000 AND c.document_id = ANY (p_documents) AND (c.workspace_id = workspace) IS TRUE
                  AND (c.tsv @@ any_word) IS TRUE
                UNION ALL
                SELECT c.id, c.document_id, ARRAY[c.tsv]
                FROM document_chunks c
                WHERE p_chunks > 1000 AND c.document_id = ANY (p_documents) AND (c.workspace_id = workspace) IS TRUE
                  AND c.tsv @@ any_word
            ), matched AS (
                SELECT h.id, h.document_id, ln(1 + most::double precision / count(*) OVER (PARTITION BY w.word)) AS weight
                FROM held h JOIN unnest(queries) WITH ORDINALITY AS w (query, word) ON h.held[1] @@ w.query
            )
            SELECT matched.id, matched.document_id, sum(matched.weight)
            FROM matched
            GROUP BY 1, 2
            ORDER BY 3 DESC, 1
            LIMIT p_limit;
    ELSE -- and here the index of workspaces: most of what holds the word is this one's anyway
        RETURN QUERY
            WITH matched AS (
                SELECT m.id, m.document_id, ln(1 + most::double precision / count(*) OVER (PARTITION BY w.word)) AS weight
                FROM unnest(queries) WITH ORDINALITY AS w (query, word)
                CROSS JOIN LATERAL (
                    SELECT c.id, c.document_id
                    FROM document_chunks c JOIN documents d ON d.id = c.document_id
                    WHERE (c.workspace_id = workspace) IS TRUE AND (d.workspace_id = workspace) IS TRUE
                      AND c.tsv @@ w.query
                      AND d.deleted_at IS NULL AND d.processing_status = 'completed' AND d.audience = ANY (p_audiences)
                      AND (d.scope = 'workspace' OR d.room_id = p_room_id OR d.team_id = ANY (p_team_ids))
                    LIMIT most
                ) m
            )
            SELECT matched.id, matched.document_id, sum(matched.weight)
            FROM matched
            GROUP BY 1, 2
            ORDER BY 3 DESC, 1
            LIMIT p_limit;
    END IF;
END
$$;

COMMENT ON FUNCTION public.desk_search_text(p_query text, p_audiences text[], p_limit integer, p_room_id uuid, p_team_ids uuid[], p_documents uuid[], p_chunks integer) IS 'Chunks of the caller''s workspace that share words with the query, best first. Audiences: guests, staff.';

CREATE FUNCTION public.desk_search_vectors(p_embedding real[], p_audiences text[], p_limit integer DEFAULT 20, p_room_id uuid DEFAULT NULL::uuid, p_team_ids uuid[] DEFAULT '{}'::uuid[], p_documents uuid[] DEFAULT NULL::uuid[], p_chunks integer DEFAULT NULL::integer) RETURNS TABLE(chunk_id uuid, document_id uuid, similarity double precision)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET "hnsw.iterative_scan" TO 'strict_order'
    SET "hnsw.ef_search" TO '100'
    AS $$
DECLARE
    workspace uuid := nullif(current_setting('app.workspace_id', true), '')::uuid;
    wanted vector(384) := p_embedding::vector(384);
    -- Chunks that are compared one by one in 20 ms; the graph needs as long to find 30 of so many among 100,000.
    most constant integer := 8000;
BEGIN
    IF p_documents IS NULL OR p_chunks IS NULL THEN
        SELECT v.documents, v.chunks INTO p_documents, p_chunks
        FROM desk_documents_in_view(p_audiences, p_room_id, p_team_ids, most) v;
    END IF;
    IF p_chunks <= most THEN
        RETURN QUERY
            SELECT c.id, c.document_id,
                   greatest(1 - (c.embedding <=> wanted), 1 - (c.question_embedding <=> wanted))
            FROM document_chunks c
            WHERE c.document_id = ANY (p_documents) AND (c.workspace_id = workspace) IS TRUE AND c.embedding IS NOT NULL
            ORDER BY 3 DESC, 1
            LIMIT p_limit;
    ELSE
        RETURN QUERY
            WITH near AS (
                (SELECT c.id, c.document_id, 1 - (c.embedding <=> wanted) AS nearness
                FROM document_chunks c JOIN documents d ON d.id = c.document_id
                WHERE c.workspace_id = workspace AND d.workspace_id = workspace
                  AND d.deleted_at IS NULL AND d.processing_status = 'completed' AND d.audience = ANY (p_audiences)
                  AND (d.scope = 'workspace' OR d.room_id = p_room_id OR d.team_id = ANY (p_team_ids))
                ORDER BY c.embedding <=> wanted LIMIT p_limit)
                UNION ALL
                (SELECT c.id, c.document_id, 1 - (c.question_embedding <=> wanted)
                FROM document_chunks c JOIN documents d ON d.id = c.document_id
                WHERE c.workspace_id = workspace AND d.workspace_id = workspace
                  AND d.deleted_at IS NULL AND d.processing_status = 'completed' AND d.audience = ANY (p_audiences)
                  AND (d.scope = 'workspace' OR d.room_id = p_room_id OR d.team_id = ANY (p_team_ids))
                  AND c.question_embedding IS NOT NULL
                ORDER BY c.question_embedding <=> wanted LIMIT p_limit)
            )
            SELECT near.id, near.document_id, max(near.nearness) FROM near
            WHERE near.nearness IS NOT NULL
            GROUP BY 1, 2 ORDER BY 3 DESC, 1 LIMIT p_limit;
    END IF;
END
$$;

COMMENT ON FUNCTION public.desk_search_vectors(p_embedding real[], p_audiences text[], p_limit integer, p_room_id uuid, p_team_ids uuid[], p_documents uuid[], p_chunks integer) IS 'Chunks of the caller''s workspace nearest in meaning (cosine similarity), best first. Audiences: guests, staff.';

CREATE PROCEDURE public.desk_secure(IN p_table regclass, IN p_app text DEFAULT 'SELECT, INSERT, UPDATE'::text, IN p_jobs text DEFAULT 'SELECT, INSERT, UPDATE, DELETE'::text, IN p_hidden text[] DEFAULT '{}'::text[], IN p_column text DEFAULT 'workspace_id'::text)
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

COMMENT ON PROCEDURE public.desk_secure(IN p_table regclass, IN p_app text, IN p_jobs text, IN p_hidden text[], IN p_column text) IS 'Forced row-level security by workspace, and exact grants. p_hidden: columns kept from desk_reader, {*} = the table.';

CREATE FUNCTION public.desk_seed_workspace(p_workspace uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    guest text[] := ARRAY['chat:room:open', 'chat:room:read', 'chat:message:send', 'chat:message:edit',
        'chat:message:delete', 'chat:message:react', 'chat:file:upload', 'chat:file:read', 'chat:escalation:request',
        'chat:robot:stop'];
    robot text[] := ARRAY['chat:room:read', 'chat:room:update', 'chat:message:send', 'chat:message:note', 'chat:file:read',
        'chat:escalation:request', 'chat:escalation:to_t2', 'desk:knowledge:read'];
    agent text[] := ARRAY['chat:room:read', 'chat:room:create', 'chat:room:update', 'chat:room:claim',
        'chat:room:close', 'chat:room:reopen', 'chat:room:snooze', 'chat:room:invite', 'chat:message:*',
        'chat:robot:read', 'chat:robot:stop', 'chat:tool:read', 'chat:tool:decide', 'chat:file:*', 'chat:escalation:to_t2', 'chat:escalation:to_t3',
        'chat:escalation:to_manager', 'desk:presence:set', 'desk:knowledge:read', 'desk:session:own', 'desk:token:own'];
    supervisor text[] := agent || ARRAY['chat:room:assign', 'chat:escalation:lower',
        'supervisor:chat:*', 'desk:guest:block'];
    manager text[] := supervisor || ARRAY['desk:knowledge:write', 'desk:people:read', 'desk:job:read',
        'desk:retention:preview', 'desk:audit:read'];
BEGIN
    WITH shipped (name, description, patterns) AS (VALUES
        ('guest', 'Customers: their own rooms only', guest),
        ('robot', 'Installed robots', robot),
        ('agent', 'People who serve rooms', agent),
        ('supervisor', 'Sees every room, whispers, takes over, reassigns', supervisor),
        ('manager', 'The last tier: approvals and reports', manager),
        ('admin', 'Everything', ARRAY['*:*:*'])
    ), made AS (
        INSERT INTO roles (workspace_id, name, description, is_default)
        SELECT p_workspace, name, description, true FROM shipped
        ON CONFLICT (workspace_id, name) WHERE deleted_at IS NULL DO NOTHING
        RETURNING id, name
    )
    INSERT INTO role_permissions (workspace_id, role_id, pattern)
    SELECT p_workspace, made.id, p.pattern
    FROM made JOIN shipped USING (name) CROSS JOIN unnest(shipped.patterns) AS p (pattern);

    INSERT INTO business_calendars (workspace_id, name, time_zone, intervals, is_default)
    SELECT w.id, 'Always open', w.time_zone,
        (SELECT jsonb_object_agg(day, '[["00:00", "24:00"]]'::jsonb) FROM generate_series(1, 7) AS day), true
    FROM workspaces w
    WHERE w.id = p_workspace AND NOT EXISTS (SELECT 1 FROM business_calendars b WHERE b.workspace_id = p_workspace);

    INSERT INTO queues (workspace_id, name, level, is_default)
    SELECT p_workspace, l.name, l.level, true
    FROM (VALUES ('T1', 'T1'), ('T2', 'T2'), ('T3', 'T3'), ('Managers', 'manager')) AS l (name, level)
    WHERE NOT EXISTS (SELECT 1 FROM queues q WHERE q.workspace_id = p_workspace)
    ON CONFLICT DO NOTHING;

    INSERT INTO escalation_edges (workspace_id, from_level, to_level, permission, robots_allowed)
    VALUES
        (p_workspace, 'T1', 'T2', 'chat:escalation:to_t2', true),
        (p_workspace, 'T2', 'T3', 'chat:escalation:to_t3', false),
        (p_workspace, 'T3', 'manager', 'chat:escalation:to_manager', false),
        (p_workspace, 'manager', 'T3', 'chat:escalation:lower', false),
        (p_workspace, 'T3', 'T2', 'chat:escalation:lower', false),
        (p_workspace, 'T2', 'T1', 'chat:escalation:lower', false)
    ON CONFLICT ON CONSTRAINT uq_escalation_edges_step DO NOTHING;

    INSERT INTO retention_policies (workspace_id, subject, online_days, archive_days)
    VALUES
        (p_workspace, 'messages', 730, 2555),
        (p_workspace, 'dedup', 30, NULL),
        (p_workspace, 'audit', 3650, NULL),
        (p_workspace, 'access_log', 3650, NULL),
        (p_workspace, 'usage', 3650, NULL),
        (p_workspace, 'guests', 730, NULL),
        (p_workspace, 'ai_cache', 7, NULL),
        (p_workspace, 'jobs', 90, NULL)
    ON CONFLICT ON CONSTRAINT uq_retention_policies_subject DO NOTHING;

    INSERT INTO auto_approval_settings (workspace_id) VALUES (p_workspace)
    ON CONFLICT ON CONSTRAINT uq_auto_approval_settings_scope DO NOTHING;
END
$$;

COMMENT ON FUNCTION public.desk_seed_workspace(p_workspace uuid) IS 'Default roles with their grants, queues per level, escalation steps, retention. Adds only what is missing.';

CREATE FUNCTION public.desk_session_by_token(p_token_hash bytea) RETURNS TABLE(session_id uuid, workspace_id uuid, user_id uuid, expires_at timestamp with time zone, last_seen_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT s.id, s.workspace_id, s.user_id, s.expires_at, s.last_seen_at
    FROM sessions s JOIN users u ON u.id = s.user_id JOIN workspaces w ON w.id = s.workspace_id
    WHERE s.token_hash = p_token_hash AND s.revoked_at IS NULL AND s.expires_at > now()
      AND u.current_account_status = 'active' AND u.deleted_at IS NULL AND w.deleted_at IS NULL
$$;

CREATE FUNCTION public.desk_site_by_key(p_site_key text) RETURNS TABLE(site_id uuid, workspace_id uuid, name text, site_key text, allowed_origins text[], appearance jsonb, robots_enabled boolean, queue_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT s.id, s.workspace_id, s.name, s.site_key, s.allowed_origins, s.appearance, s.robots_enabled, s.queue_id
    FROM sites s JOIN workspaces w ON w.id = s.workspace_id
    WHERE s.site_key = p_site_key AND s.is_active AND s.deleted_at IS NULL AND w.deleted_at IS NULL
$$;

CREATE FUNCTION public.desk_staff_by_email(p_email text) RETURNS TABLE(workspace_id uuid, user_id uuid, password_hash text, current_account_status text, is_email_verified boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT u.workspace_id, u.id, u.password_hash, u.current_account_status, u.is_email_verified
    FROM users u JOIN workspaces w ON w.id = u.workspace_id
    WHERE u.email = lower(p_email) AND u.account_type_informal NOT IN ('guest', 'robot')
      AND u.deleted_at IS NULL AND w.deleted_at IS NULL
$$;

CREATE FUNCTION public.desk_store_chunks(p_workspace_id uuid, p_document_id uuid, p_indexes integer[], p_headings text[], p_questions text[], p_contents text[], p_starts integer[], p_ends integer[], p_tokens integer[], p_embeddings text[], p_question_embeddings text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    IF desk_has_vectors() THEN
        INSERT INTO document_chunks (
            workspace_id, document_id, chunk_index, heading, question, content, start_position, end_position,
            token_count, embedding, question_embedding
        )
        SELECT p_workspace_id, p_document_id, n.chunk_index, n.heading, n.question, n.content, n.starts, n.ends,
               n.tokens, n.embedding::vector(384), n.question_embedding::vector(384)
        FROM unnest(p_indexes, p_headings, p_questions, p_contents, p_starts, p_ends, p_tokens, p_embeddings,
                    p_question_embeddings)
            AS n (chunk_index, heading, question, content, starts, ends, tokens, embedding, question_embedding);
    ELSE
        INSERT INTO document_chunks (
            workspace_id, document_id, chunk_index, heading, question, content, start_position, end_position,
            token_count
        )
        SELECT p_workspace_id, p_document_id, n.chunk_index, n.heading, n.question, n.content, n.starts, n.ends,
               n.tokens
        FROM unnest(p_indexes, p_headings, p_questions, p_contents, p_starts, p_ends, p_tokens)
            AS n (chunk_index, heading, question, content, starts, ends, tokens);
    END IF;
END
$$;

COMMENT ON FUNCTION public.desk_store_chunks(p_workspace_id uuid, p_document_id uuid, p_indexes integer[], p_headings text[], p_questions text[], p_contents text[], p_starts integer[], p_ends integer[], p_tokens integer[], p_embeddings text[], p_question_embeddings text[]) IS 'The chunks of a document, one per position of the arrays; embeddings as pgvector writes them, ignored without it.';

CREATE FUNCTION public.desk_take_socket_ticket(p_token_hash bytea) RETURNS TABLE(workspace_id uuid, user_id uuid, session_id uuid)
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    UPDATE socket_tickets t SET used_at = now()
    FROM users u
    WHERE t.token_hash = p_token_hash AND t.used_at IS NULL AND t.expires_at > now()
      AND u.id = t.user_id AND u.current_account_status = 'active' AND u.deleted_at IS NULL
      AND (t.session_id IS NULL OR EXISTS (
          SELECT 1 FROM sessions s WHERE s.id = t.session_id AND s.revoked_at IS NULL AND s.expires_at > now()
      ))
    RETURNING t.workspace_id, t.user_id, t.session_id
$$;

CREATE FUNCTION public.desk_teams_of_search(p_room_id uuid, p_team_ids uuid[]) RETURNS uuid[]
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT coalesce(p_team_ids, '{}') || ARRAY(
        SELECT r.team_id FROM chat_rooms r
        WHERE r.id = p_room_id AND r.team_id IS NOT NULL
          AND r.workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid
    )
$$;

COMMENT ON FUNCTION public.desk_teams_of_search(p_room_id uuid, p_team_ids uuid[]) IS 'The teams whose documents a search in a room of the caller''s workspace sees: those given, and the room''s own.';

CREATE PROCEDURE public.desk_touch(IN p_table regclass)
    LANGUAGE plpgsql
    AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER %I BEFORE UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION set_updated_at()',
        'trg_' || p_table::text || '_updated_at', p_table
    );
END
$$;

COMMENT ON PROCEDURE public.desk_touch(IN p_table regclass) IS 'Keeps updated_at of a table true.';

CREATE FUNCTION public.desk_user_access_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
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

CREATE FUNCTION public.desk_uuid7() RETURNS uuid
    LANGUAGE sql PARALLEL SAFE
    AS $$SELECT pg_catalog.uuidv7()$$;

COMMENT ON FUNCTION public.desk_uuid7() IS 'A new UUID v7 of this moment.';

CREATE FUNCTION public.desk_verification(p_token_hash bytea, p_purpose text) RETURNS TABLE(verification_id uuid, workspace_id uuid, user_id uuid, email text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT v.id, v.workspace_id, v.user_id, v.email
    FROM verification_tokens v JOIN users u ON u.id = v.user_id JOIN workspaces w ON w.id = v.workspace_id
    WHERE v.token_hash = p_token_hash AND v.purpose = p_purpose AND v.used_at IS NULL AND v.expires_at > now()
      AND u.deleted_at IS NULL AND w.deleted_at IS NULL
$$;

CREATE FUNCTION public.desk_workspace_of_site_key(p_site_key text) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT workspace_id FROM sites WHERE site_key = p_site_key
$$;

CREATE FUNCTION public.desk_workspaces() RETURNS TABLE(workspace_id uuid, epoch uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT id, epoch FROM workspaces WHERE deleted_at IS NULL ORDER BY id
$$;

CREATE FUNCTION public.log_auto_approval_settings_changes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO auto_approval_settings_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, NEW.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, NEW.id,
                        to_jsonb(NEW) - '{}'::text[]);
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO auto_approval_settings_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{}'::text[]);
            ELSE
                INSERT INTO auto_approval_settings_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{}'::text[]);
            END IF;
            RETURN NULL;
        END
        $$;

CREATE FUNCTION public.log_chat_file_attachments_changes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO chat_file_attachments_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, NEW.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, NEW.id,
                        to_jsonb(NEW) - '{}'::text[]);
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO chat_file_attachments_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{}'::text[]);
            ELSE
                INSERT INTO chat_file_attachments_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{original_filename,stored_filename,thumbnail_url}'::text[]);
            END IF;
            RETURN NULL;
        END
        $$;

CREATE FUNCTION public.log_chat_rooms_changes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO chat_rooms_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, NEW.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, NEW.id,
                        to_jsonb(NEW) - '{}'::text[]);
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO chat_rooms_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{}'::text[]);
            ELSE
                INSERT INTO chat_rooms_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{name,description,issue_id,issue_description,conclusion_summary}'::text[]);
            END IF;
            RETURN NULL;
        END
        $$;

CREATE FUNCTION public.log_documents_changes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO documents_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, NEW.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, NEW.id,
                        to_jsonb(NEW) - '{content}'::text[]);
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO documents_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{content}'::text[]);
            ELSE
                INSERT INTO documents_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{content,title,filename,source_url}'::text[]);
            END IF;
            RETURN NULL;
        END
        $$;

CREATE FUNCTION public.log_escalation_edges_changes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO escalation_edges_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, NEW.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, NEW.id,
                        to_jsonb(NEW) - '{}'::text[]);
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO escalation_edges_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{}'::text[]);
            ELSE
                INSERT INTO escalation_edges_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{}'::text[]);
            END IF;
            RETURN NULL;
        END
        $$;

CREATE FUNCTION public.log_escalations_changes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO escalations_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, NEW.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, NEW.id,
                        to_jsonb(NEW) - '{}'::text[]);
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO escalations_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{}'::text[]);
            ELSE
                INSERT INTO escalations_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{reason,summary,resolution_notes}'::text[]);
            END IF;
            RETURN NULL;
        END
        $$;

CREATE FUNCTION public.log_legal_holds_changes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO legal_holds_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, NEW.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, NEW.id,
                        to_jsonb(NEW) - '{}'::text[]);
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO legal_holds_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{}'::text[]);
            ELSE
                INSERT INTO legal_holds_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{}'::text[]);
            END IF;
            RETURN NULL;
        END
        $$;

CREATE FUNCTION public.log_llm_budgets_changes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO llm_budgets_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, NEW.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, NEW.workspace_id,
                        to_jsonb(NEW) - '{}'::text[]);
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO llm_budgets_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.workspace_id,
                        to_jsonb(OLD) - '{}'::text[]);
            ELSE
                INSERT INTO llm_budgets_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.workspace_id,
                        to_jsonb(OLD) - '{}'::text[]);
            END IF;
            RETURN NULL;
        END
        $$;

CREATE FUNCTION public.log_messages_changes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO messages_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, NEW.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, NEW.id,
                        to_jsonb(NEW) - '{}'::text[]);
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO messages_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{}'::text[]);
            ELSE
                INSERT INTO messages_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{content,content_html,content_metadata,context_documents,provider_metadata}'::text[]);
            END IF;
            RETURN NULL;
        END
        $$;

CREATE FUNCTION public.log_plans_changes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO plans_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, NULL::uuid, nullif(current_setting('app.actor_id', true), '')::uuid, NEW.id,
                        to_jsonb(NEW) - '{}'::text[]);
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO plans_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, NULL::uuid, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{}'::text[]);
            ELSE
                INSERT INTO plans_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, NULL::uuid, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{}'::text[]);
            END IF;
            RETURN NULL;
        END
        $$;

CREATE FUNCTION public.log_provider_configs_changes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO provider_configs_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, NEW.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, NEW.id,
                        to_jsonb(NEW) - '{api_key_encrypted}'::text[]);
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO provider_configs_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{api_key_encrypted}'::text[]);
            ELSE
                INSERT INTO provider_configs_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{api_key_encrypted}'::text[]);
            END IF;
            RETURN NULL;
        END
        $$;

CREATE FUNCTION public.log_provider_models_changes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO provider_models_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, NEW.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, NEW.id,
                        to_jsonb(NEW) - '{}'::text[]);
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO provider_models_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{}'::text[]);
            ELSE
                INSERT INTO provider_models_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{}'::text[]);
            END IF;
            RETURN NULL;
        END
        $$;

CREATE FUNCTION public.log_retention_policies_changes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO retention_policies_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, NEW.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, NEW.id,
                        to_jsonb(NEW) - '{}'::text[]);
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO retention_policies_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{}'::text[]);
            ELSE
                INSERT INTO retention_policies_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{}'::text[]);
            END IF;
            RETURN NULL;
        END
        $$;

CREATE FUNCTION public.log_robots_changes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO robots_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, NEW.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, NEW.id,
                        to_jsonb(NEW) - '{secrets_encrypted}'::text[]);
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO robots_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{secrets_encrypted}'::text[]);
            ELSE
                INSERT INTO robots_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{secrets_encrypted}'::text[]);
            END IF;
            RETURN NULL;
        END
        $$;

CREATE FUNCTION public.log_role_permissions_changes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO role_permissions_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, NEW.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, NEW.role_id,
                        to_jsonb(NEW) - '{}'::text[]);
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO role_permissions_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.role_id,
                        to_jsonb(OLD) - '{}'::text[]);
            ELSE
                INSERT INTO role_permissions_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.role_id,
                        to_jsonb(OLD) - '{}'::text[]);
            END IF;
            RETURN NULL;
        END
        $$;

CREATE FUNCTION public.log_roles_changes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO roles_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, NEW.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, NEW.id,
                        to_jsonb(NEW) - '{}'::text[]);
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO roles_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{}'::text[]);
            ELSE
                INSERT INTO roles_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{}'::text[]);
            END IF;
            RETURN NULL;
        END
        $$;

CREATE FUNCTION public.log_room_participants_changes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO room_participants_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, NEW.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, NEW.room_id,
                        to_jsonb(NEW) - '{}'::text[]);
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO room_participants_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.room_id,
                        to_jsonb(OLD) - '{}'::text[]);
            ELSE
                INSERT INTO room_participants_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.room_id,
                        to_jsonb(OLD) - '{}'::text[]);
            END IF;
            RETURN NULL;
        END
        $$;

CREATE FUNCTION public.log_room_robots_changes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO room_robots_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, NEW.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, NEW.room_id,
                        to_jsonb(NEW) - '{}'::text[]);
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO room_robots_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.room_id,
                        to_jsonb(OLD) - '{}'::text[]);
            ELSE
                INSERT INTO room_robots_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.room_id,
                        to_jsonb(OLD) - '{}'::text[]);
            END IF;
            RETURN NULL;
        END
        $$;

CREATE FUNCTION public.log_sla_policies_changes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO sla_policies_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, NEW.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, NEW.id,
                        to_jsonb(NEW) - '{}'::text[]);
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO sla_policies_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{}'::text[]);
            ELSE
                INSERT INTO sla_policies_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{}'::text[]);
            END IF;
            RETURN NULL;
        END
        $$;

CREATE FUNCTION public.log_tool_executions_changes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO tool_executions_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, NEW.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, NEW.id,
                        to_jsonb(NEW) - '{}'::text[]);
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO tool_executions_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{}'::text[]);
            ELSE
                INSERT INTO tool_executions_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{parameters,result,decision_note,error_message}'::text[]);
            END IF;
            RETURN NULL;
        END
        $$;

CREATE FUNCTION public.log_user_roles_changes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO user_roles_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, NEW.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, NEW.user_id,
                        to_jsonb(NEW) - '{}'::text[]);
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO user_roles_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.user_id,
                        to_jsonb(OLD) - '{}'::text[]);
            ELSE
                INSERT INTO user_roles_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.user_id,
                        to_jsonb(OLD) - '{}'::text[]);
            END IF;
            RETURN NULL;
        END
        $$;

CREATE FUNCTION public.log_users_changes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO users_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, NEW.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, NEW.id,
                        to_jsonb(NEW) - '{password_hash}'::text[]);
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO users_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{password_hash}'::text[]);
            ELSE
                INSERT INTO users_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{password_hash,username,first_name,last_name,display_name,email,avatar_url,external_id,attributes,chat_preferences}'::text[]);
            END IF;
            RETURN NULL;
        END
        $$;

CREATE FUNCTION public.log_webhooks_changes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO webhooks_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, NEW.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, NEW.id,
                        to_jsonb(NEW) - '{secret_encrypted}'::text[]);
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO webhooks_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{secret_encrypted}'::text[]);
            ELSE
                INSERT INTO webhooks_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.workspace_id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{secret_encrypted}'::text[]);
            END IF;
            RETURN NULL;
        END
        $$;

CREATE FUNCTION public.log_workspaces_changes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO workspaces_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, NEW.id, nullif(current_setting('app.actor_id', true), '')::uuid, NEW.id,
                        to_jsonb(NEW) - '{identity_secret_encrypted}'::text[]);
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO workspaces_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{identity_secret_encrypted}'::text[]);
            ELSE
                INSERT INTO workspaces_history (operation_type, workspace_id, actor_id, subject_id, row_data)
                VALUES (TG_OP, OLD.id, nullif(current_setting('app.actor_id', true), '')::uuid, OLD.id,
                        to_jsonb(OLD) - '{identity_secret_encrypted}'::text[]);
            END IF;
            RETURN NULL;
        END
        $$;

CREATE FUNCTION public.post_flight(p_workspace uuid, p_rooms uuid[], p_wait boolean, p_postings json) RETURNS TABLE(ord integer, outcome text, id uuid, seq bigint, public_seq bigint, created_at timestamp with time zone, turn_no bigint, owner_kind text, status text, level text, event_id uuid)
    LANGUAGE sql
    AS $$
    SELECT (f.place - 1)::integer, f.outcome, f.id, f.seq, f.public_seq, f.created_at, f.turn_no, f.owner_kind,
           f.status, f.level, f.event_id
      FROM post_flight(p_workspace, p_rooms, p_wait, false, p_postings) WITH ORDINALITY
        AS f (outcome, id, seq, public_seq, created_at, turn_no, owner_kind, status, level, event_id, place)
     ORDER BY f.place
$$;

COMMENT ON FUNCTION public.post_flight(p_workspace uuid, p_rooms uuid[], p_wait boolean, p_postings json) IS 'Writes the messages of one workspace and answers for each: posted, duplicate, busy, or why it was refused. p_wait false skips rooms that somebody holds (outcome busy).';

CREATE FUNCTION public.post_flight(p_workspace uuid, p_rooms uuid[], p_wait boolean, p_alone boolean, p_postings json) RETURNS TABLE(outcome text, id uuid, seq bigint, public_seq bigint, created_at timestamp with time zone, turn_no bigint, owner_kind text, status text, level text, event_id uuid)
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
#variable_conflict use_column
DECLARE
    held uuid[];
    has_suggesters boolean := false;
BEGIN
    IF p_alone THEN
        PERFORM set_config('app.workspace_id', p_workspace::text, true), set_config('app.actor_id', '', true);
        -- Once a flight: where nobody has robots for the staff, no room is asked about them.
        has_suggesters := EXISTS (
                SELECT 1 FROM robots b
                 WHERE b.workspace_id = p_workspace AND b.staff_only AND b.active AND b.deleted_at IS NULL
            ) OR EXISTS (SELECT 1 FROM room_robots rr WHERE rr.workspace_id = p_workspace AND rr.staff_only);
    END IF;

    -- The lock comes first and alone, in the order of ids, so that flights never wait for each other in a
    -- circle, and so that the statement below sees every message that was committed before the lock was had.
    IF p_wait THEN
        SELECT array_agg(l.room_id) INTO held FROM (
            SELECT h.room_id FROM room_heads h
            WHERE h.room_id = ANY (p_rooms) ORDER BY h.room_id FOR UPDATE
        ) l;
    ELSE
        SELECT array_agg(l.room_id) INTO held FROM (
            SELECT h.room_id FROM room_heads h
            WHERE h.room_id = ANY (p_rooms) ORDER BY h.room_id FOR UPDATE SKIP LOCKED
        ) l;
    END IF;

    RETURN QUERY
    WITH input AS MATERIALIZED (
        SELECT * FROM json_to_recordset(p_postings) AS i(
            ord integer, id uuid, room_id uuid, sender_id uuid, sender_kind text, may_private boolean,
            client_msg_id text, body_sha256 text, content text, content_html text, message_type text,
            is_note boolean, whisper_to uuid, reply_to uuid, thread_id uuid, metadata jsonb, citations jsonb,
            robot_id uuid, robot_response_to uuid, visible boolean, first_responder boolean, draft_id uuid,
            expected_turn bigint, model_used text, processing_time_ms integer, token_count integer
        )
    ), judged AS MATERIALIZED (
        SELECT i.*, h.last_seq, h.last_public_seq, h.turn_no AS room_turn, r.owner_kind, r.status, r.level,
               r.name IS NULL AS untitled, r.last_activity_at < now() - interval '1 minute' AS long_still,
               d.message_id AS known_id, d.seq AS known_seq, d.public_seq AS known_public_seq,
               d.created_at AS known_at,
               CASE
                   WHEN h.room_id IS NULL AND EXISTS (SELECT 1 FROM room_heads x WHERE x.room_id = i.room_id)
                       THEN 'busy'
                   WHEN r.id IS NULL THEN 'not_found'
                   -- A robot that speaks to the staff alone is in nobody's sight, and no participant.
                   WHEN (i.sender_kind = 'guest' OR (i.sender_kind = 'robot' AND i.visible AND NOT i.is_note))
                        AND (p.user_id IS NULL OR p.status NOT IN ('active', 'muted'))
                       THEN 'not_found'
                   WHEN i.sender_kind = 'guest' AND NOT r.guest_access_allowed THEN 'not_found'
                   WHEN i.sender_kind = 'agent' AND r.is_private AND NOT i.may_private
                        AND (p.user_id IS NULL OR p.status NOT IN ('active', 'muted')) THEN 'not_found'
                   WHEN d.message_id IS NOT NULL THEN
                       CASE WHEN d.body_sha256 = decode(i.body_sha256, 'hex')
                            THEN 'duplicate' ELSE 'idempotency_conflict' END
                   WHEN r.status = 'archived' OR (r.status = 'closed' AND NOT i.is_note) THEN 'room_closed'
                   WHEN p.status = 'muted' OR NOT coalesce(p.can_send_messages, true) THEN 'muted'
                   -- Guests are told who comes to speak to them, and nothing of who leaves a note.
                   WHEN i.sender_kind = 'agent' AND NOT i.is_note AND i.whisper_to IS NULL
                        AND (p.user_id IS NULL OR p.status IN ('left', 'removed') OR p.role = 'observer')
                       THEN 'not_participant'
                   WHEN i.expected_turn IS NOT NULL AND i.expected_turn <> h.turn_no THEN 'stale'
                   WHEN i.reply_to IS NOT NULL
                        AND NOT desk_is_said_in(i.room_id, i.reply_to, i.sender_kind = 'guest', false) THEN 'bad_reply'
                   WHEN i.thread_id IS NOT NULL
                        AND NOT desk_is_said_in(i.room_id, i.thread_id, i.sender_kind = 'guest', true) THEN 'bad_thread'
                   WHEN i.whisper_to IS NOT NULL AND NOT EXISTS (
                       SELECT 1 FROM users u
                       WHERE u.id = i.whisper_to AND u.account_type_informal <> 'guest'
                         AND u.deleted_at IS NULL) THEN 'bad_whisper'
                   ELSE 'posted'
               END AS judgement,
               NOT i.is_note AND i.whisper_to IS NULL AND i.visible AS is_public,
               CASE
                   WHEN NOT p_alone THEN false
                   -- A robot is asked, or a room comes back that was set aside.
                   WHEN i.sender_kind = 'guest' THEN r.owner_kind = 'robot' OR r.status = 'snoozed'
                        OR (has_suggesters AND desk_has_suggesters(i.room_id))
                   -- The first reply is dated, or a step of an escalation begins.
                   WHEN i.sender_kind = 'agent' AND NOT i.is_note AND i.whisper_to IS NULL
                       THEN r.first_reply_at IS NULL OR EXISTS (
                           SELECT 1 FROM escalations e
                            WHERE e.source_room_id = i.room_id AND e.assigned_to = i.sender_id
                              AND e.status = 'assigned')
                   ELSE false
               END AS sets_off
          FROM input i
          LEFT JOIN room_heads h ON h.room_id = i.room_id AND h.room_id = ANY (held)
          LEFT JOIN chat_rooms r ON r.id = h.room_id AND r.deleted_at IS NULL
          LEFT JOIN room_participants p ON p.room_id = i.room_id AND p.user_id = i.sender_id
          LEFT JOIN LATERAL (
              SELECT k.message_id, k.seq, k.public_seq, k.created_at, k.body_sha256
                FROM message_dedup k
               WHERE k.workspace_id = p_workspace AND k.room_id = i.room_id
                 AND k.sender_id = i.sender_id AND k.client_msg_id = i.client_msg_id
              OFFSET 0 -- one look-up by key per posting: joined otherwise, the table of the last 30 days is hashed
          ) d ON true
    ), numbered AS MATERIALIZED (
        SELECT j.*,
               -- Behind a message that waits for its transaction, those of its room wait too: they stay in order.
               CASE WHEN j.judgement = 'posted' AND bool_or(j.sets_off AND j.judgement = 'posted') OVER w
                    THEN 'attended' ELSE j.judgement END AS outcome,
               j.last_seq + count(*) FILTER (WHERE j.judgement = 'posted') OVER w AS new_seq,
               CASE WHEN j.is_public
                    THEN j.last_public_seq + count(*) FILTER (WHERE j.judgement = 'posted' AND j.is_public) OVER w
               END AS new_public_seq,
               j.room_turn + count(*) FILTER (
                   WHERE j.judgement = 'posted' AND j.is_public AND j.sender_kind IN ('guest', 'agent')
               ) OVER w AS new_turn,
               CASE WHEN j.judgement = 'posted' THEN desk_uuid7() END AS event_id
          FROM judged j
        WINDOW w AS (PARTITION BY j.room_id ORDER BY j.ord)
    ), written AS (
        INSERT INTO messages (
            id, workspace_id, room_id, seq, public_seq, sender_id, sender_type, message_type, content, content_html,
            content_metadata, robot_id, robot_response_to, is_robot_visible_to_guests, is_first_responder,
            reply_to_message_id, thread_id, is_note, whisper_to, token_count, model_used, processing_time_ms, draft_id, client_msg_id, context_documents
        )
        SELECT a.id, p_workspace, a.room_id, a.new_seq, a.new_public_seq, a.sender_id,
               CASE a.sender_kind WHEN 'robot' THEN 'ai' WHEN 'system' THEN 'system' ELSE 'user' END,
               a.message_type, a.content, a.content_html, a.metadata, a.robot_id, a.robot_response_to,
               a.visible AND a.robot_id IS NOT NULL, a.first_responder, a.reply_to, a.thread_id, a.is_note, a.whisper_to,
               a.token_count, a.model_used, a.processing_time_ms, a.draft_id, a.client_msg_id, a.citations
          FROM numbered a
         WHERE a.outcome = 'posted'
    ), logged AS (
        INSERT INTO room_events (id, workspace_id, room_id, seq, public_seq, kind, actor_id, actor_kind, subject_id, data)
        SELECT a.event_id, p_workspace, a.room_id, a.new_seq, a.new_public_seq, 'message.created', a.sender_id,
               a.sender_kind, a.id, '{}'
          FROM numbered a
         WHERE a.outcome = 'posted'
    ), remembered AS (
        INSERT INTO message_dedup (workspace_id, room_id, sender_id, client_msg_id, message_id, seq, public_seq, body_sha256)
        SELECT p_workspace, a.room_id, a.sender_id, a.client_msg_id, a.id, a.new_seq, a.new_public_seq,
               decode(a.body_sha256, 'hex')
          FROM numbered a
         WHERE a.outcome = 'posted' AND a.sender_id IS NOT NULL
    ), counted AS (
        UPDATE room_heads h
           SET last_seq = t.last_seq, last_public_seq = greatest(h.last_public_seq, t.last_public_seq),
               turn_no = t.turn_no, total_messages = h.total_messages + t.messages,
               total_tokens = h.total_tokens + t.tokens, last_message_at = now(), last_message_id = t.last_id,
               last_public_message_at = CASE WHEN t.last_public_id IS NULL THEN h.last_public_message_at ELSE now() END,
               last_public_message_id = coalesce(t.last_public_id, h.last_public_message_id),
               last_guest_message_id = coalesce(t.last_guest_id, h.last_guest_message_id),
               guest_messages = h.guest_messages + t.from_guests, desk_messages = h.desk_messages + t.from_desk
          FROM (
              SELECT a.room_id, max(a.new_seq) AS last_seq, max(a.new_public_seq) AS last_public_seq,
                     max(a.new_turn) AS turn_no, count(*) AS messages,
                     (array_agg(a.id ORDER BY a.ord DESC))[1] AS last_id,
                     (array_agg(a.id ORDER BY a.ord DESC) FILTER (WHERE a.is_public))[1] AS last_public_id, sum(a.token_count) AS tokens,
                     (array_agg(a.id ORDER BY a.ord DESC) FILTER (WHERE a.sender_kind = 'guest'))[1] AS last_guest_id,
                     count(*) FILTER (WHERE a.sender_kind = 'guest') AS from_guests,
                     count(*) FILTER (WHERE a.is_public AND a.sender_kind <> 'guest') AS from_desk
                FROM numbered a
               WHERE a.outcome = 'posted'
               GROUP BY a.room_id
          ) t
         WHERE h.room_id = t.room_id
    ), stirred AS (
        -- The room's own row is written at most once a minute, for the order of lists, and once for its title.
        UPDATE chat_rooms r
           SET last_activity_at = now(), name = coalesce(r.name, t.title)
          FROM (
              SELECT a.room_id, bool_or(a.long_still) AS long_still,
                     (array_agg(left(regexp_replace(btrim(a.content), '\s+', ' ', 'g'), 80) ORDER BY a.ord)
                         FILTER (WHERE a.sender_kind = 'guest'))[1] AS title
                FROM numbered a
               WHERE a.outcome = 'posted' AND (a.long_still OR a.untitled)
               GROUP BY a.room_id
          ) t
         WHERE r.id = (
               -- Never wait here, with the heads of a whole flight in hand.
               SELECT c.id FROM chat_rooms c
                WHERE c.id = t.room_id AND (t.long_still OR (c.name IS NULL AND t.title IS NOT NULL))
                  FOR NO KEY UPDATE SKIP LOCKED
           )
    )
    SELECT n.outcome,
           CASE n.outcome WHEN 'posted' THEN n.id ELSE n.known_id END,
           CASE n.outcome WHEN 'posted' THEN n.new_seq ELSE n.known_seq END,
           CASE n.outcome WHEN 'posted' THEN n.new_public_seq ELSE n.known_public_seq END,
           CASE n.outcome WHEN 'posted' THEN now() ELSE n.known_at END,
           CASE n.outcome WHEN 'posted' THEN n.new_turn ELSE n.room_turn END,
           n.owner_kind, n.status, n.level,
           CASE n.outcome WHEN 'posted' THEN n.event_id END
      FROM numbered n
     ORDER BY n.ord;
END
$$;

COMMENT ON FUNCTION public.post_flight(p_workspace uuid, p_rooms uuid[], p_wait boolean, p_alone boolean, p_postings json) IS 'Writes the messages of one workspace and answers for each: posted, duplicate, busy, or why it was refused. p_wait false skips rooms that somebody holds (outcome busy). p_alone: outside a transaction; what sets off more than itself is not written (outcome attended).';

CREATE FUNCTION public.set_updated_at() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

CREATE FUNCTION public.uuid7_floor(p_instant timestamp with time zone) RETURNS uuid
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
    SELECT (
        lpad(to_hex(floor(extract(epoch FROM p_instant) * 1000)::bigint), 12, '0') || '70008000000000000000'
    )::uuid
$$;

COMMENT ON FUNCTION public.uuid7_floor(p_instant timestamp with time zone) IS 'The smallest UUID v7 of a millisecond: the bound of a partition, and of a query "since then".';

CREATE TEXT SEARCH DICTIONARY public.desk_exact (
    TEMPLATE = pg_catalog.simple,
    stopwords = 'english' );

CREATE TEXT SEARCH CONFIGURATION public.desk_english (
    PARSER = pg_catalog."default" );

ALTER TEXT SEARCH CONFIGURATION public.desk_english
    ADD MAPPING FOR asciiword WITH english_stem;

ALTER TEXT SEARCH CONFIGURATION public.desk_english
    ADD MAPPING FOR word WITH public.unaccent, english_stem;

ALTER TEXT SEARCH CONFIGURATION public.desk_english
    ADD MAPPING FOR numword WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.desk_english
    ADD MAPPING FOR email WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.desk_english
    ADD MAPPING FOR url WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.desk_english
    ADD MAPPING FOR host WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.desk_english
    ADD MAPPING FOR sfloat WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.desk_english
    ADD MAPPING FOR version WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.desk_english
    ADD MAPPING FOR hword_numpart WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.desk_english
    ADD MAPPING FOR hword_part WITH public.unaccent, english_stem;

ALTER TEXT SEARCH CONFIGURATION public.desk_english
    ADD MAPPING FOR hword_asciipart WITH english_stem;

ALTER TEXT SEARCH CONFIGURATION public.desk_english
    ADD MAPPING FOR numhword WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.desk_english
    ADD MAPPING FOR asciihword WITH english_stem;

ALTER TEXT SEARCH CONFIGURATION public.desk_english
    ADD MAPPING FOR hword WITH public.unaccent, english_stem;

ALTER TEXT SEARCH CONFIGURATION public.desk_english
    ADD MAPPING FOR url_path WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.desk_english
    ADD MAPPING FOR file WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.desk_english
    ADD MAPPING FOR "float" WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.desk_english
    ADD MAPPING FOR "int" WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.desk_english
    ADD MAPPING FOR uint WITH simple;

CREATE TEXT SEARCH CONFIGURATION public.desk_simple (
    PARSER = pg_catalog."default" );

ALTER TEXT SEARCH CONFIGURATION public.desk_simple
    ADD MAPPING FOR asciiword WITH public.desk_exact;

ALTER TEXT SEARCH CONFIGURATION public.desk_simple
    ADD MAPPING FOR word WITH public.unaccent, public.desk_exact;

ALTER TEXT SEARCH CONFIGURATION public.desk_simple
    ADD MAPPING FOR numword WITH public.desk_exact;

ALTER TEXT SEARCH CONFIGURATION public.desk_simple
    ADD MAPPING FOR email WITH public.desk_exact;

ALTER TEXT SEARCH CONFIGURATION public.desk_simple
    ADD MAPPING FOR url WITH public.desk_exact;

ALTER TEXT SEARCH CONFIGURATION public.desk_simple
    ADD MAPPING FOR host WITH public.desk_exact;

ALTER TEXT SEARCH CONFIGURATION public.desk_simple
    ADD MAPPING FOR sfloat WITH public.desk_exact;

ALTER TEXT SEARCH CONFIGURATION public.desk_simple
    ADD MAPPING FOR version WITH public.desk_exact;

ALTER TEXT SEARCH CONFIGURATION public.desk_simple
    ADD MAPPING FOR hword_numpart WITH public.desk_exact;

ALTER TEXT SEARCH CONFIGURATION public.desk_simple
    ADD MAPPING FOR hword_part WITH public.unaccent, public.desk_exact;

ALTER TEXT SEARCH CONFIGURATION public.desk_simple
    ADD MAPPING FOR hword_asciipart WITH public.desk_exact;

ALTER TEXT SEARCH CONFIGURATION public.desk_simple
    ADD MAPPING FOR numhword WITH public.desk_exact;

ALTER TEXT SEARCH CONFIGURATION public.desk_simple
    ADD MAPPING FOR asciihword WITH public.desk_exact;

ALTER TEXT SEARCH CONFIGURATION public.desk_simple
    ADD MAPPING FOR hword WITH public.unaccent, public.desk_exact;

ALTER TEXT SEARCH CONFIGURATION public.desk_simple
    ADD MAPPING FOR url_path WITH public.desk_exact;

ALTER TEXT SEARCH CONFIGURATION public.desk_simple
    ADD MAPPING FOR file WITH public.desk_exact;

ALTER TEXT SEARCH CONFIGURATION public.desk_simple
    ADD MAPPING FOR "float" WITH public.desk_exact;

ALTER TEXT SEARCH CONFIGURATION public.desk_simple
    ADD MAPPING FOR "int" WITH public.desk_exact;

ALTER TEXT SEARCH CONFIGURATION public.desk_simple
    ADD MAPPING FOR uint WITH public.desk_exact;

CREATE TABLE public.access_log (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    actor_id uuid NOT NULL,
    actor_kind text NOT NULL,
    kind text NOT NULL,
    thing_id uuid NOT NULL,
    hour timestamp with time zone DEFAULT date_trunc('hour'::text, now(), 'UTC'::text) NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    reason text,
    CONSTRAINT ck_access_log_actor_kind CHECK ((actor_kind = ANY (ARRAY['guest'::text, 'agent'::text, 'robot'::text, 'system'::text]))),
    CONSTRAINT ck_access_log_kind CHECK ((kind = ANY (ARRAY['room'::text, 'transcript'::text, 'file'::text, 'ledger'::text, 'search'::text, 'export'::text])))
);

ALTER TABLE ONLY public.access_log FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.access_log IS 'One row per actor, thing and hour: insert with ON CONFLICT DO NOTHING.';

CREATE TABLE public.access_permission_domains (
    permission_prefix text NOT NULL,
    description text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_access_permission_domains_prefix CHECK ((permission_prefix ~ '^[a-z_]+:[a-z_]+$'::text))
);

CREATE TABLE public.ai_cache (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    model text NOT NULL,
    prompt_hash text NOT NULL,
    scope text DEFAULT 'workspace'::text NOT NULL,
    prompt_summary text NOT NULL,
    response_text text NOT NULL,
    tokens_used integer NOT NULL,
    cost_estimate numeric(14,6),
    hits integer DEFAULT 0 NOT NULL,
    last_hit_at timestamp with time zone,
    ttl timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_ai_cache_prompt_hash CHECK ((prompt_hash ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT ck_ai_cache_prompt_summary CHECK ((char_length(prompt_summary) <= 200))
);

ALTER TABLE ONLY public.ai_cache FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.ai_cache.ttl IS 'The moment from which the entry is no longer served.';

CREATE TABLE public.ai_models (
    id text NOT NULL,
    name text NOT NULL,
    display_name text NOT NULL,
    avatar text,
    provider text NOT NULL,
    context_window integer,
    capabilities jsonb DEFAULT '{}'::jsonb NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_ai_models_id CHECK (((id ~ '^[a-z0-9_.-]+/[A-Za-z0-9_.:-]+$'::text) AND (char_length(id) <= 100)))
);

COMMENT ON TABLE public.ai_models IS 'The catalogue of the installation; a model that is switched off here is refused by name.';

CREATE TABLE public.archive_transactions (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    kind text DEFAULT 'archive'::text NOT NULL,
    status text DEFAULT 'running'::text NOT NULL,
    is_dry_run boolean DEFAULT false NOT NULL,
    room_count integer DEFAULT 0 NOT NULL,
    row_counts jsonb DEFAULT '{}'::jsonb NOT NULL,
    first_message_id uuid,
    last_message_id uuid,
    location text,
    manifest jsonb,
    manifest_sha256 text,
    restore_until timestamp with time zone,
    purge_after timestamp with time zone,
    purged_at timestamp with time zone,
    error_message text,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    completed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_archive_transactions_kind CHECK ((kind = ANY (ARRAY['archive'::text, 'restore'::text, 'purge'::text]))),
    CONSTRAINT ck_archive_transactions_manifest CHECK ((is_dry_run OR (kind <> 'archive'::text) OR (status = ANY (ARRAY['running'::text, 'failed'::text])) OR ((location IS NOT NULL) AND (manifest IS NOT NULL) AND (manifest_sha256 IS NOT NULL) AND (completed_at IS NOT NULL)))),
    CONSTRAINT ck_archive_transactions_sha256 CHECK ((manifest_sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT ck_archive_transactions_status CHECK ((status = ANY (ARRAY['running'::text, 'completed'::text, 'failed'::text, 'restored'::text, 'purged'::text])))
);

ALTER TABLE ONLY public.archive_transactions FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.archive_transactions.row_counts IS 'Rows copied per table.';

COMMENT ON COLUMN public.archive_transactions.location IS 'Where its objects lie, or may lie: written before the first of them, NULL once a failed archive has left nothing.';

COMMENT ON COLUMN public.archive_transactions.purge_after IS 'From the policy under which the archive was made; NULL = kept for ever.';

CREATE TABLE public.archived_rooms (
    archive_id uuid NOT NULL,
    room_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.archived_rooms FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.archived_rooms IS 'Finds a room in cold storage; no key to chat_rooms, which may be purged first.';

CREATE TABLE public.audit_log (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    actor_id uuid,
    actor_kind text NOT NULL,
    action text NOT NULL,
    outcome text DEFAULT 'done'::text NOT NULL,
    subject_kind text,
    subject_id uuid,
    reason text,
    address inet,
    data jsonb DEFAULT '{}'::jsonb NOT NULL,
    salt bytea DEFAULT uuid_send(gen_random_uuid()),
    seal_seq bigint,
    digest bytea,
    CONSTRAINT ck_audit_log_action CHECK ((action ~ '^[a-z_]+\.[a-z_]+$'::text)),
    CONSTRAINT ck_audit_log_actor_kind CHECK ((actor_kind = ANY (ARRAY['guest'::text, 'agent'::text, 'robot'::text, 'system'::text]))),
    CONSTRAINT ck_audit_log_outcome CHECK ((outcome = ANY (ARRAY['done'::text, 'denied'::text, 'failed'::text])))
)
PARTITION BY RANGE (id);

ALTER TABLE ONLY public.audit_log FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.audit_log IS 'Append-only: what is no row change (sign-ins, denials, observers, exports, approvals, steps of escalation).';

CREATE TABLE public.audited_tables (
    table_name text NOT NULL,
    key_column text NOT NULL,
    audited_columns text[] NOT NULL,
    secret_columns text[] NOT NULL,
    personal_columns text[] NOT NULL,
    records_inserts boolean NOT NULL
);

COMMENT ON TABLE public.audited_tables IS 'What desk_audit was told of each table; read by blanking, sealing and the tests.';

CREATE TABLE public.auto_approval_settings (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    room_id uuid,
    read_only_operations boolean DEFAULT false NOT NULL,
    low_risk_operations boolean DEFAULT false NOT NULL,
    specific_tools jsonb DEFAULT '{}'::jsonb NOT NULL,
    max_cost_per_tool numeric(14,6) DEFAULT 1.00 NOT NULL,
    max_cost_per_hour numeric(14,6) DEFAULT 10.00 NOT NULL,
    require_approval_for_new_tools boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_auto_approval_settings_costs CHECK (((max_cost_per_tool >= (0)::numeric) AND (max_cost_per_hour >= (0)::numeric)))
);

ALTER TABLE ONLY public.auto_approval_settings FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.auto_approval_settings.room_id IS 'NULL = the workspace; a room''s row takes its place in that room.';

CREATE TABLE public.auto_approval_settings_history (
    history_id uuid DEFAULT public.desk_uuid7() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    operation_type text NOT NULL,
    workspace_id uuid,
    actor_id uuid,
    subject_id uuid NOT NULL,
    row_data jsonb NOT NULL,
    salt bytea DEFAULT uuid_send(gen_random_uuid()),
    seal_seq bigint,
    digest bytea,
    CONSTRAINT ck_auto_approval_settings_history_operation_type CHECK ((operation_type = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text])))
)
PARTITION BY RANGE (history_id);

ALTER TABLE ONLY public.auto_approval_settings_history FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.auto_approval_settings_history IS 'Every audited change of auto_approval_settings: the row before it (of an INSERT: the row). Written by trigger only.';

CREATE TABLE public.business_calendars (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    name text NOT NULL,
    time_zone text DEFAULT 'UTC'::text NOT NULL,
    intervals jsonb DEFAULT '{}'::jsonb NOT NULL,
    holidays jsonb DEFAULT '[]'::jsonb NOT NULL,
    is_default boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    CONSTRAINT ck_business_calendars_shape CHECK (((jsonb_typeof(intervals) = 'object'::text) AND (jsonb_typeof(holidays) = 'array'::text)))
);

ALTER TABLE ONLY public.business_calendars FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.business_calendars.intervals IS 'Local times per ISO week day: {"1": [["09:00", "12:30"], ["13:30", "18:00"]], …, "7": []}; "24:00" ends a day.';

COMMENT ON COLUMN public.business_calendars.holidays IS 'Local dates: ["2026-12-25", …].';

CREATE TABLE public.canned_replies (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    team_id uuid,
    shortcut text NOT NULL,
    title text NOT NULL,
    content text NOT NULL,
    language text,
    created_by uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    CONSTRAINT ck_canned_replies_shortcut CHECK (((char_length(shortcut) >= 1) AND (char_length(shortcut) <= 50)))
);

ALTER TABLE ONLY public.canned_replies FORCE ROW LEVEL SECURITY;

CREATE TABLE public.chat_file_attachments (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    message_id uuid,
    room_id uuid,
    file_id uuid NOT NULL,
    owner_id uuid,
    original_filename text NOT NULL,
    stored_filename text NOT NULL,
    file_size bigint NOT NULL,
    mime_type text NOT NULL,
    thumbnail_url text,
    preview_available boolean DEFAULT false NOT NULL,
    scan_state text DEFAULT 'unscanned'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    CONSTRAINT ck_chat_file_attachments_names CHECK ((((char_length(original_filename) >= 1) AND (char_length(original_filename) <= 500)) AND ((char_length(stored_filename) >= 1) AND (char_length(stored_filename) <= 500)))),
    CONSTRAINT ck_chat_file_attachments_scan_state CHECK ((scan_state = ANY (ARRAY['unscanned'::text, 'clean'::text, 'infected'::text]))),
    CONSTRAINT ck_chat_file_attachments_size CHECK ((file_size >= 0))
);

ALTER TABLE ONLY public.chat_file_attachments FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.chat_file_attachments.message_id IS 'NULL until the message that carries it is sent.';

COMMENT ON COLUMN public.chat_file_attachments.deleted_at IS 'Set = shown as "removed"; the row stays.';

CREATE TABLE public.chat_file_attachments_history (
    history_id uuid DEFAULT public.desk_uuid7() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    operation_type text NOT NULL,
    workspace_id uuid,
    actor_id uuid,
    subject_id uuid NOT NULL,
    row_data jsonb NOT NULL,
    salt bytea DEFAULT uuid_send(gen_random_uuid()),
    seal_seq bigint,
    digest bytea,
    CONSTRAINT ck_chat_file_attachments_history_operation_type CHECK ((operation_type = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text])))
)
PARTITION BY RANGE (history_id);

ALTER TABLE ONLY public.chat_file_attachments_history FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.chat_file_attachments_history IS 'Every audited change of chat_file_attachments: the row before it (of an INSERT: the row). Written by trigger only.';

CREATE TABLE public.chat_rooms (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    client_room_id text,
    version integer DEFAULT 1 NOT NULL,
    site_id uuid,
    name text,
    name_source text DEFAULT 'first_question'::text NOT NULL,
    description text,
    room_type text DEFAULT 'support'::text NOT NULL,
    status text DEFAULT 'waiting'::text NOT NULL,
    snoozed_until timestamp with time zone,
    queue_id uuid,
    team_id uuid,
    level text DEFAULT 'T1'::text NOT NULL,
    escalation_level integer GENERATED ALWAYS AS (
CASE level
    WHEN 'T1'::text THEN 1
    WHEN 'T2'::text THEN 2
    WHEN 'T3'::text THEN 3
    ELSE 4
END) STORED,
    owner_kind text DEFAULT 'queue'::text NOT NULL,
    assignee_id uuid,
    priority integer DEFAULT 3 NOT NULL,
    issue_id text,
    issue_description text,
    is_private boolean DEFAULT false NOT NULL,
    guest_access_allowed boolean DEFAULT true NOT NULL,
    max_participants integer DEFAULT 50 NOT NULL,
    creator_id uuid,
    parent_room_id uuid,
    locale text,
    room_settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    provider text,
    model text,
    system_prompt text,
    context_window_size integer DEFAULT 8192 NOT NULL,
    conclusion_outcome text,
    conclusion_summary text,
    csat_score integer,
    closed_at timestamp with time zone,
    closed_by uuid,
    waiting_since timestamp with time zone,
    first_reply_at timestamp with time zone,
    last_activity_at timestamp with time zone DEFAULT now() NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    CONSTRAINT ck_chat_rooms_assignee CHECK (((assignee_id IS NULL) OR (owner_kind = 'human'::text))),
    CONSTRAINT ck_chat_rooms_closed CHECK (((status <> ALL (ARRAY['closed'::text, 'archived'::text])) OR (closed_at IS NOT NULL))),
    CONSTRAINT ck_chat_rooms_csat CHECK (((csat_score >= 1) AND (csat_score <= 5))),
    CONSTRAINT ck_chat_rooms_lengths CHECK (((char_length(name) <= 500) AND (char_length(issue_id) <= 255) AND ((char_length(client_room_id) >= 1) AND (char_length(client_room_id) <= 100)))),
    CONSTRAINT ck_chat_rooms_level CHECK ((level = ANY (ARRAY['T1'::text, 'T2'::text, 'T3'::text, 'manager'::text]))),
    CONSTRAINT ck_chat_rooms_name_source CHECK ((name_source = ANY (ARRAY['first_question'::text, 'triage'::text, 'person'::text]))),
    CONSTRAINT ck_chat_rooms_outcome CHECK ((conclusion_outcome = ANY (ARRAY['resolved'::text, 'unresolved'::text, 'duplicate'::text, 'spam'::text, 'abandoned'::text]))),
    CONSTRAINT ck_chat_rooms_owner_kind CHECK ((owner_kind = ANY (ARRAY['robot'::text, 'queue'::text, 'human'::text]))),
    CONSTRAINT ck_chat_rooms_priority CHECK (((priority >= 1) AND (priority <= 5))),
    CONSTRAINT ck_chat_rooms_room_type CHECK ((room_type = ANY (ARRAY['group'::text, 'direct'::text, 'support'::text, 'escalated'::text]))),
    CONSTRAINT ck_chat_rooms_sizes CHECK (((max_participants > 0) AND (context_window_size > 0))),
    CONSTRAINT ck_chat_rooms_snoozed CHECK (((status <> 'snoozed'::text) OR (snoozed_until IS NOT NULL))),
    CONSTRAINT ck_chat_rooms_status CHECK ((status = ANY (ARRAY['waiting'::text, 'active'::text, 'snoozed'::text, 'closed'::text, 'archived'::text])))
);

ALTER TABLE ONLY public.chat_rooms FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.chat_rooms.provider IS 'NULL = the workspace''s default, as with model.';

COMMENT ON COLUMN public.chat_rooms.last_activity_at IS 'For the order of lists: set by every change of state, rolled up from room_heads at most once a minute; a message never writes it. The exact moment is room_heads.last_message_at.';

CREATE TABLE public.chat_rooms_history (
    history_id uuid DEFAULT public.desk_uuid7() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    operation_type text NOT NULL,
    workspace_id uuid,
    actor_id uuid,
    subject_id uuid NOT NULL,
    row_data jsonb NOT NULL,
    salt bytea DEFAULT uuid_send(gen_random_uuid()),
    seal_seq bigint,
    digest bytea,
    CONSTRAINT ck_chat_rooms_history_operation_type CHECK ((operation_type = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text])))
)
PARTITION BY RANGE (history_id);

ALTER TABLE ONLY public.chat_rooms_history FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.chat_rooms_history IS 'Every audited change of chat_rooms: the row before it (of an INSERT: the row). Written by trigger only.';

CREATE TABLE public.context_optimizations (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    room_id uuid NOT NULL,
    trigger_reason text NOT NULL,
    optimization_type text NOT NULL,
    tokens_before integer NOT NULL,
    tokens_after integer NOT NULL,
    summary text,
    affected_messages jsonb DEFAULT '[]'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_context_optimizations_reason CHECK ((trigger_reason = ANY (ARRAY['token_limit'::text, 'user_request'::text, 'auto'::text]))),
    CONSTRAINT ck_context_optimizations_tokens CHECK (((tokens_after >= 0) AND (tokens_after <= tokens_before))),
    CONSTRAINT ck_context_optimizations_type CHECK ((optimization_type = ANY (ARRAY['truncation'::text, 'summarization'::text, 'compression'::text])))
);

ALTER TABLE ONLY public.context_optimizations FORCE ROW LEVEL SECURITY;

CREATE TABLE public.csat_ratings (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    room_id uuid NOT NULL,
    guest_id uuid,
    agent_id uuid,
    score integer NOT NULL,
    comment text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_csat_ratings_comment CHECK ((char_length(comment) <= 2000)),
    CONSTRAINT ck_csat_ratings_score CHECK (((score >= 1) AND (score <= 5)))
);

ALTER TABLE ONLY public.csat_ratings FORCE ROW LEVEL SECURITY;

CREATE TABLE public.document_chunks (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    document_id uuid NOT NULL,
    chunk_index integer NOT NULL,
    heading text,
    question text,
    content text NOT NULL,
    start_position integer NOT NULL,
    end_position integer NOT NULL,
    token_count integer DEFAULT 0 NOT NULL,
    tsv tsvector GENERATED ALWAYS AS ((((setweight(to_tsvector('public.desk_english'::regconfig, ((COALESCE(heading, ''::text) || ' '::text) || COALESCE(question, ''::text))), 'A'::"char") || setweight(to_tsvector('public.desk_simple'::regconfig, ((COALESCE(heading, ''::text) || ' '::text) || COALESCE(question, ''::text))), 'B'::"char")) || setweight(to_tsvector('public.desk_english'::regconfig, content), 'C'::"char")) || setweight(to_tsvector('public.desk_simple'::regconfig, content), 'D'::"char"))) STORED,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    embedding public.vector(384),
    question_embedding public.vector(384),
    CONSTRAINT ck_document_chunks_positions CHECK (((0 <= start_position) AND (start_position <= end_position)))
);
ALTER TABLE ONLY public.document_chunks ALTER COLUMN embedding SET STORAGE PLAIN;
ALTER TABLE ONLY public.document_chunks ALTER COLUMN question_embedding SET STORAGE PLAIN;

ALTER TABLE ONLY public.document_chunks FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.document_chunks.heading IS 'Title and headings above the chunk.';

COMMENT ON COLUMN public.document_chunks.question IS 'The heading as a text of its own: embedded alone as well, because guests ask in the words of headings.';

COMMENT ON COLUMN public.document_chunks.question_embedding IS 'Of the question alone; embedding is of question and answer.';

CREATE TABLE public.document_originals (
    document_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    content bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE ONLY public.document_originals ALTER COLUMN content SET STORAGE EXTERNAL;

ALTER TABLE ONLY public.document_originals FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.document_originals IS 'The bytes of a document that is not read yet, or could not be: they go as soon as the text is stored or the document removed.';

CREATE TABLE public.documents (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    scope text DEFAULT 'workspace'::text NOT NULL,
    team_id uuid,
    room_id uuid,
    user_id uuid,
    audience text DEFAULT 'guests'::text NOT NULL,
    title text,
    filename text NOT NULL,
    source_url text,
    language text,
    file_size bigint NOT NULL,
    mime_type text NOT NULL,
    content text,
    content_hash text NOT NULL,
    processing_status text DEFAULT 'pending'::text NOT NULL,
    attempt integer DEFAULT 0 NOT NULL,
    claimed_by text,
    claimed_until timestamp with time zone,
    error_message text,
    embedding_model text,
    tokens_used integer DEFAULT 0 NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    chunks_done integer DEFAULT 0 NOT NULL,
    chunks_total integer DEFAULT 0 NOT NULL,
    fetched_from text,
    etag text,
    last_modified text,
    fetch_error text,
    entry_id uuid,
    CONSTRAINT ck_documents_audience CHECK ((audience = ANY (ARRAY['guests'::text, 'staff'::text]))),
    CONSTRAINT ck_documents_content CHECK (((processing_status <> 'completed'::text) OR (content IS NOT NULL))),
    CONSTRAINT ck_documents_content_hash CHECK ((content_hash ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT ck_documents_fetched CHECK (((char_length(fetched_from) <= 2000) AND (char_length(etag) <= 500) AND (char_length(last_modified) <= 100))),
    CONSTRAINT ck_documents_lengths CHECK (((char_length(title) <= 500) AND ((char_length(filename) >= 1) AND (char_length(filename) <= 500)) AND (file_size >= 0))),
    CONSTRAINT ck_documents_processing_status CHECK ((processing_status = ANY (ARRAY['pending'::text, 'processing'::text, 'completed'::text, 'failed'::text]))),
    CONSTRAINT ck_documents_scope CHECK (((((scope = 'workspace'::text) AND ((team_id IS NULL) = true) AND ((room_id IS NULL) = true)) OR ((scope = 'team'::text) AND ((team_id IS NULL) = false) AND ((room_id IS NULL) = true))) OR ((scope = 'room'::text) AND ((team_id IS NULL) = true) AND ((room_id IS NULL) = false))))
);

ALTER TABLE ONLY public.documents FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.documents.content IS 'The text: of Markdown from the start, of other formats once it has been read out of document_originals.';

COMMENT ON COLUMN public.documents.content_hash IS 'sha256 (hex) of the bytes that came in.';

COMMENT ON COLUMN public.documents.chunks_done IS 'How far the present reading is: chunks embedded, of chunks_total.';

COMMENT ON COLUMN public.documents.fetched_from IS 'Where the bytes came from; it is asked again every day. NULL for those that were sent.';

COMMENT ON COLUMN public.documents.fetch_error IS 'Why the last look at the address brought nothing; the text of the last good one answers.';

COMMENT ON COLUMN public.documents.entry_id IS 'Of a document that is an entry''s present or earlier words.';

CREATE TABLE public.documents_history (
    history_id uuid DEFAULT public.desk_uuid7() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    operation_type text NOT NULL,
    workspace_id uuid,
    actor_id uuid,
    subject_id uuid NOT NULL,
    row_data jsonb NOT NULL,
    salt bytea DEFAULT uuid_send(gen_random_uuid()),
    seal_seq bigint,
    digest bytea,
    CONSTRAINT ck_documents_history_operation_type CHECK ((operation_type = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text])))
)
PARTITION BY RANGE (history_id);

ALTER TABLE ONLY public.documents_history FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.documents_history IS 'Every audited change of documents: the row before it (of an INSERT: the row). Written by trigger only.';

CREATE TABLE public.escalation_edges (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    from_level text NOT NULL,
    to_level text NOT NULL,
    permission text NOT NULL,
    robots_allowed boolean DEFAULT false NOT NULL,
    approver_level text,
    reason_required boolean DEFAULT true NOT NULL,
    default_priority integer DEFAULT 3 NOT NULL,
    timeout_minutes integer,
    on_timeout text DEFAULT 'notify'::text NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_escalation_edges_approver CHECK ((approver_level = ANY (ARRAY['T1'::text, 'T2'::text, 'T3'::text, 'manager'::text]))),
    CONSTRAINT ck_escalation_edges_from_level CHECK ((from_level = ANY (ARRAY['T1'::text, 'T2'::text, 'T3'::text, 'manager'::text]))),
    CONSTRAINT ck_escalation_edges_on_timeout CHECK ((on_timeout = ANY (ARRAY['notify'::text, 'escalate'::text, 'cancel'::text, 'approve'::text]))),
    CONSTRAINT ck_escalation_edges_priority CHECK (((default_priority >= 1) AND (default_priority <= 5))),
    CONSTRAINT ck_escalation_edges_timeout CHECK ((timeout_minutes > 0)),
    CONSTRAINT ck_escalation_edges_to_level CHECK (((to_level = ANY (ARRAY['T1'::text, 'T2'::text, 'T3'::text, 'manager'::text])) AND (to_level <> from_level)))
);

ALTER TABLE ONLY public.escalation_edges FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.escalation_edges.approver_level IS 'NULL = nobody has to approve.';

CREATE TABLE public.escalation_edges_history (
    history_id uuid DEFAULT public.desk_uuid7() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    operation_type text NOT NULL,
    workspace_id uuid,
    actor_id uuid,
    subject_id uuid NOT NULL,
    row_data jsonb NOT NULL,
    salt bytea DEFAULT uuid_send(gen_random_uuid()),
    seal_seq bigint,
    digest bytea,
    CONSTRAINT ck_escalation_edges_history_operation_type CHECK ((operation_type = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text])))
)
PARTITION BY RANGE (history_id);

ALTER TABLE ONLY public.escalation_edges_history FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.escalation_edges_history IS 'Every audited change of escalation_edges: the row before it (of an INSERT: the row). Written by trigger only.';

CREATE TABLE public.escalations (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    source_room_id uuid NOT NULL,
    target_room_id uuid,
    reason text,
    summary text,
    trigger_kind text DEFAULT 'person'::text NOT NULL,
    from_level text NOT NULL,
    to_level text NOT NULL,
    priority integer DEFAULT 3 NOT NULL,
    status text DEFAULT 'created'::text NOT NULL,
    created_by uuid,
    assigned_to uuid,
    approver_level text,
    approved_by uuid,
    approved_at timestamp with time zone,
    due_at timestamp with time zone,
    resolution_notes text,
    resolved_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_escalations_approver CHECK ((approver_level = ANY (ARRAY['T1'::text, 'T2'::text, 'T3'::text, 'manager'::text]))),
    CONSTRAINT ck_escalations_from_level CHECK ((from_level = ANY (ARRAY['T1'::text, 'T2'::text, 'T3'::text, 'manager'::text]))),
    CONSTRAINT ck_escalations_priority CHECK (((priority >= 1) AND (priority <= 5))),
    CONSTRAINT ck_escalations_reason CHECK (((char_length(reason) >= 1) AND (char_length(reason) <= 4000))),
    CONSTRAINT ck_escalations_resolved CHECK (((status = 'resolved'::text) = (resolved_at IS NOT NULL))),
    CONSTRAINT ck_escalations_status CHECK ((status = ANY (ARRAY['created'::text, 'assigned'::text, 'in_progress'::text, 'resolved'::text, 'cancelled'::text]))),
    CONSTRAINT ck_escalations_to_level CHECK (((to_level = ANY (ARRAY['T1'::text, 'T2'::text, 'T3'::text, 'manager'::text])) AND (to_level <> from_level))),
    CONSTRAINT ck_escalations_trigger CHECK ((trigger_kind = ANY (ARRAY['person'::text, 'guest'::text, 'robot'::text, 'robot_failure'::text, 'budget'::text, 'csat'::text, 'sla'::text, 'return_timer'::text, 'rule'::text, 'timeout'::text])))
);

ALTER TABLE ONLY public.escalations FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.escalations.reason IS 'NULL = none was given; only where the edge of the step does not require one.';

CREATE TABLE public.escalations_history (
    history_id uuid DEFAULT public.desk_uuid7() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    operation_type text NOT NULL,
    workspace_id uuid,
    actor_id uuid,
    subject_id uuid NOT NULL,
    row_data jsonb NOT NULL,
    salt bytea DEFAULT uuid_send(gen_random_uuid()),
    seal_seq bigint,
    digest bytea,
    CONSTRAINT ck_escalations_history_operation_type CHECK ((operation_type = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text])))
)
PARTITION BY RANGE (history_id);

ALTER TABLE ONLY public.escalations_history FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.escalations_history IS 'Every audited change of escalations: the row before it (of an INSERT: the row). Written by trigger only.';

CREATE TABLE public.file_uploads (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    owner_id uuid,
    content_hash text NOT NULL,
    storage_path text NOT NULL,
    file_size bigint NOT NULL,
    mime_type text NOT NULL,
    thumbnail_path text,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    scan_state text DEFAULT 'unscanned'::text NOT NULL,
    reference_count integer DEFAULT 0 NOT NULL,
    unreferenced_at timestamp with time zone DEFAULT now(),
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    CONSTRAINT ck_file_uploads_content_hash CHECK ((content_hash ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT ck_file_uploads_references CHECK ((reference_count >= 0)),
    CONSTRAINT ck_file_uploads_scan_state CHECK ((scan_state = ANY (ARRAY['unscanned'::text, 'clean'::text, 'infected'::text]))),
    CONSTRAINT ck_file_uploads_size CHECK ((file_size >= 0))
);

ALTER TABLE ONLY public.file_uploads FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.file_uploads.unreferenced_at IS 'Since when no attachment holds the bytes: an aborted upload is swept some time after it.';

CREATE TABLE public.guest_blocks (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    guest_id uuid NOT NULL,
    reason text NOT NULL,
    until timestamp with time zone,
    blocked_by uuid,
    lifted_at timestamp with time zone,
    lifted_by uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_guest_blocks_reason CHECK (((char_length(reason) >= 1) AND (char_length(reason) <= 1000)))
);

ALTER TABLE ONLY public.guest_blocks FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.guest_blocks.until IS 'NULL = until lifted. A block that ran out is lifted before the next one is set.';

CREATE TABLE public.guest_sessions (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    site_id uuid NOT NULL,
    guest_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    previous_token_hash bytea,
    rotated_at timestamp with time zone,
    origin text,
    device text,
    address inet,
    last_seen_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    revoked_reason text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_guest_sessions_token CHECK (((octet_length(token_hash) = 32) AND (octet_length(previous_token_hash) = 32)))
);

ALTER TABLE ONLY public.guest_sessions FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.guest_sessions.previous_token_hash IS 'The token before the last rotation: another tab may still hold it until its next request.';

CREATE TABLE public.invitations (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    email text NOT NULL,
    account_type_informal text DEFAULT 'agent'::text NOT NULL,
    role_id uuid NOT NULL,
    level text,
    token_hash bytea NOT NULL,
    invited_by uuid,
    expires_at timestamp with time zone DEFAULT (now() + '7 days'::interval) NOT NULL,
    accepted_at timestamp with time zone,
    accepted_by uuid,
    revoked_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_invitations_account_type CHECK ((account_type_informal = ANY (ARRAY['agent'::text, 'supervisor'::text, 'manager'::text, 'admin'::text]))),
    CONSTRAINT ck_invitations_email CHECK (((email = lower(email)) AND (char_length(email) <= 255))),
    CONSTRAINT ck_invitations_level CHECK ((level = ANY (ARRAY['T1'::text, 'T2'::text, 'T3'::text, 'manager'::text]))),
    CONSTRAINT ck_invitations_token CHECK ((octet_length(token_hash) = 32))
);

ALTER TABLE ONLY public.invitations FORCE ROW LEVEL SECURITY;

CREATE TABLE public.job_pauses (
    job text NOT NULL,
    paused_by uuid,
    paused_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.job_runs (
    job text NOT NULL,
    due_at timestamp with time zone NOT NULL,
    status text DEFAULT 'running'::text NOT NULL,
    attempt integer DEFAULT 1 NOT NULL,
    claimed_by text NOT NULL,
    claimed_until timestamp with time zone NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    result jsonb,
    error_message text,
    CONSTRAINT ck_job_runs_finished CHECK (((status = 'running'::text) = (finished_at IS NULL))),
    CONSTRAINT ck_job_runs_status CHECK ((status = ANY (ARRAY['running'::text, 'succeeded'::text, 'failed'::text, 'skipped'::text, 'abandoned'::text])))
);

COMMENT ON TABLE public.job_runs IS 'A due run is claimed by inserting its row, so n nodes run it once.';

CREATE TABLE public.knowledge_entries (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    question text NOT NULL,
    answer text NOT NULL,
    phrasings text[] DEFAULT '{}'::text[] NOT NULL,
    audience text DEFAULT 'guests'::text NOT NULL,
    active boolean DEFAULT true NOT NULL,
    table_id uuid,
    user_id uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    team_id uuid,
    CONSTRAINT ck_knowledge_entries_audience CHECK ((audience = ANY (ARRAY['guests'::text, 'staff'::text]))),
    CONSTRAINT ck_knowledge_entries_lengths CHECK ((((char_length(question) >= 1) AND (char_length(question) <= 500)) AND ((char_length(answer) >= 1) AND (char_length(answer) <= 4000)) AND (cardinality(phrasings) <= 50)))
);

ALTER TABLE ONLY public.knowledge_entries FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.knowledge_entries.phrasings IS 'Other ways to ask; each is embedded for itself.';

COMMENT ON COLUMN public.knowledge_entries.table_id IS 'The table of questions and answers it came from; NULL for one that was written, or changed, by hand.';

COMMENT ON COLUMN public.knowledge_entries.team_id IS 'The team in whose conversations it is said; NULL for the whole workspace. Its words in documents have the same.';

CREATE TABLE public.legal_holds (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    scope text NOT NULL,
    room_id uuid,
    guest_id uuid,
    reason text NOT NULL,
    placed_by uuid,
    released_at timestamp with time zone,
    released_by uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_legal_holds_reason CHECK (((char_length(reason) >= 1) AND (char_length(reason) <= 4000))),
    CONSTRAINT ck_legal_holds_scope CHECK (((((scope = 'workspace'::text) AND ((room_id IS NULL) = true) AND ((guest_id IS NULL) = true)) OR ((scope = 'room'::text) AND ((room_id IS NULL) = false) AND ((guest_id IS NULL) = true))) OR ((scope = 'guest'::text) AND ((room_id IS NULL) = true) AND ((guest_id IS NULL) = false))))
);

ALTER TABLE ONLY public.legal_holds FORCE ROW LEVEL SECURITY;

CREATE TABLE public.legal_holds_history (
    history_id uuid DEFAULT public.desk_uuid7() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    operation_type text NOT NULL,
    workspace_id uuid,
    actor_id uuid,
    subject_id uuid NOT NULL,
    row_data jsonb NOT NULL,
    salt bytea DEFAULT uuid_send(gen_random_uuid()),
    seal_seq bigint,
    digest bytea,
    CONSTRAINT ck_legal_holds_history_operation_type CHECK ((operation_type = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text])))
)
PARTITION BY RANGE (history_id);

ALTER TABLE ONLY public.legal_holds_history FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.legal_holds_history IS 'Every audited change of legal_holds: the row before it (of an INSERT: the row). Written by trigger only.';

CREATE TABLE public.llm_budgets (
    workspace_id uuid NOT NULL,
    workspace_daily numeric(14,6),
    room_daily numeric(14,6),
    robot_daily numeric(14,6),
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_llm_budgets_positive CHECK ((LEAST(workspace_daily, room_daily, robot_daily) >= (0)::numeric))
);

ALTER TABLE ONLY public.llm_budgets FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.llm_budgets IS 'US dollars that calls of models may cost a day: all of them, in each room, of each robot. NULL = no limit.';

CREATE TABLE public.llm_budgets_history (
    history_id uuid DEFAULT public.desk_uuid7() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    operation_type text NOT NULL,
    workspace_id uuid,
    actor_id uuid,
    subject_id uuid NOT NULL,
    row_data jsonb NOT NULL,
    salt bytea DEFAULT uuid_send(gen_random_uuid()),
    seal_seq bigint,
    digest bytea,
    CONSTRAINT ck_llm_budgets_history_operation_type CHECK ((operation_type = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text])))
)
PARTITION BY RANGE (history_id);

ALTER TABLE ONLY public.llm_budgets_history FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.llm_budgets_history IS 'Every audited change of llm_budgets: the row before it (of an INSERT: the row). Written by trigger only.';

CREATE TABLE public.llm_holds (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    room_id uuid,
    robot_id uuid,
    tokens integer NOT NULL,
    cost numeric(14,6),
    expires_at timestamp with time zone NOT NULL,
    user_id uuid,
    provider text,
    model text,
    output_tokens integer DEFAULT 0 NOT NULL
);

ALTER TABLE ONLY public.llm_holds FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.llm_holds IS 'The most that calls under way may use; what expires here was left by a crash, and is booked as it stands.';

COMMENT ON COLUMN public.llm_holds.output_tokens IS 'The part of tokens that the answer may have.';

CREATE TABLE public.llm_pauses (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    room_id uuid NOT NULL,
    interaction_id uuid NOT NULL,
    execution_ids uuid[] NOT NULL,
    history jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.llm_pauses FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.llm_pauses IS 'What a model has said and called before it had to wait for a person; a later turn goes on from here.';

CREATE TABLE public.mcp_servers (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    name text NOT NULL,
    url text NOT NULL,
    header_name text DEFAULT 'Authorization'::text NOT NULL,
    secret_encrypted bytea,
    allows_private_address boolean DEFAULT false NOT NULL,
    problem text DEFAULT ''::text NOT NULL,
    listed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    CONSTRAINT ck_mcp_servers_name CHECK ((name ~ '^[a-z0-9]{1,20}$'::text))
);

ALTER TABLE ONLY public.mcp_servers FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.mcp_servers.problem IS 'Why the last listing failed; empty when it did not.';

CREATE TABLE public.message_dedup (
    workspace_id uuid NOT NULL,
    room_id uuid NOT NULL,
    sender_id uuid NOT NULL,
    client_msg_id text NOT NULL COLLATE pg_catalog."C",
    message_id uuid NOT NULL,
    seq bigint NOT NULL,
    public_seq bigint,
    body_sha256 bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_message_dedup_body CHECK ((octet_length(body_sha256) = 32)),
    CONSTRAINT ck_message_dedup_client_msg_id CHECK (((char_length(client_msg_id) >= 1) AND (char_length(client_msg_id) <= 100)))
);

ALTER TABLE ONLY public.message_dedup FORCE ROW LEVEL SECURITY;

CREATE TABLE public.message_reactions (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    message_id uuid NOT NULL,
    user_id uuid NOT NULL,
    emoji text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_message_reactions_emoji CHECK (((char_length(emoji) >= 1) AND (char_length(emoji) <= 32)))
);

ALTER TABLE ONLY public.message_reactions FORCE ROW LEVEL SECURITY;

CREATE TABLE public.messages (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    room_id uuid NOT NULL,
    seq bigint NOT NULL,
    public_seq bigint,
    client_msg_id text COLLATE pg_catalog."C",
    sender_id uuid,
    sender_type text DEFAULT 'user'::text NOT NULL,
    message_type text DEFAULT 'chat'::text NOT NULL,
    content text NOT NULL,
    content_html text,
    content_metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    is_note boolean DEFAULT false NOT NULL,
    whisper_to uuid,
    reply_to_message_id uuid,
    thread_id uuid,
    robot_id uuid,
    robot_response_to uuid,
    is_robot_visible_to_guests boolean DEFAULT false NOT NULL,
    is_first_responder boolean DEFAULT false NOT NULL,
    draft_id uuid,
    delivery_status text DEFAULT 'delivered'::text NOT NULL,
    token_count integer DEFAULT 0 NOT NULL,
    model_used text,
    context_documents jsonb,
    processing_time_ms integer,
    provider_metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    edited_at timestamp with time zone,
    deleted_at timestamp with time zone,
    CONSTRAINT ck_messages_delivery_status CHECK ((delivery_status = ANY (ARRAY['streaming'::text, 'batch-delay'::text, 'delivered'::text, 'failed'::text]))),
    CONSTRAINT ck_messages_hidden CHECK ((((NOT is_note) OR (public_seq IS NULL)) AND ((whisper_to IS NULL) OR is_note))),
    CONSTRAINT ck_messages_message_type CHECK ((message_type = ANY (ARRAY['chat'::text, 'robot'::text, 'system'::text, 'file'::text, 'image'::text, 'graph'::text]))),
    CONSTRAINT ck_messages_sender_type CHECK ((sender_type = ANY (ARRAY['user'::text, 'ai'::text, 'system'::text]))),
    CONSTRAINT ck_messages_seq CHECK (((seq > 0) AND (public_seq > 0) AND (public_seq <= seq)))
)
PARTITION BY RANGE (id);

ALTER TABLE ONLY public.messages FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.messages IS 'Each month has UNIQUE (room_id, seq) of its own (desk_make_partition), which serves history and the room''s key.';

COMMENT ON COLUMN public.messages.public_seq IS 'NULL = staff only: a note, a whisper, a robot''s suggestion.';

COMMENT ON COLUMN public.messages.context_documents IS 'What an answer cites: [{document_id, chunk_id, quote, title}].';

CREATE TABLE public.messages_history (
    history_id uuid DEFAULT public.desk_uuid7() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    operation_type text NOT NULL,
    workspace_id uuid,
    actor_id uuid,
    subject_id uuid NOT NULL,
    row_data jsonb NOT NULL,
    salt bytea DEFAULT uuid_send(gen_random_uuid()),
    seal_seq bigint,
    digest bytea,
    CONSTRAINT ck_messages_history_operation_type CHECK ((operation_type = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text])))
)
PARTITION BY RANGE (history_id);

ALTER TABLE ONLY public.messages_history FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.messages_history IS 'Every audited change of messages: the row before it (of an INSERT: the row). Written by trigger only.';

CREATE TABLE public.notifications (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    user_id uuid NOT NULL,
    room_id uuid,
    kind text NOT NULL,
    data jsonb DEFAULT '{}'::jsonb NOT NULL,
    read_at timestamp with time zone,
    emailed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.notifications FORCE ROW LEVEL SECURITY;

CREATE TABLE public.op_results (
    workspace_id uuid NOT NULL,
    actor_id uuid NOT NULL,
    op_id text NOT NULL COLLATE pg_catalog."C",
    command text NOT NULL,
    body_sha256 bytea NOT NULL,
    result jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_op_results_body CHECK ((octet_length(body_sha256) = 32)),
    CONSTRAINT ck_op_results_op_id CHECK (((char_length(op_id) >= 1) AND (char_length(op_id) <= 100)))
);

ALTER TABLE ONLY public.op_results FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.op_results IS 'The first ack of a command that carried an op_id, kept a day.';

CREATE TABLE public.outbox (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    dedup_key text,
    available_at timestamp with time zone DEFAULT now() NOT NULL,
    attempt integer DEFAULT 0 NOT NULL,
    claimed_by text,
    claimed_until timestamp with time zone,
    done_at timestamp with time zone,
    failed_at timestamp with time zone,
    error_message text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_outbox_ended CHECK (((done_at IS NULL) OR (failed_at IS NULL)))
);

ALTER TABLE ONLY public.outbox FORCE ROW LEVEL SECURITY;

CREATE TABLE public.permissions (
    key text NOT NULL,
    permission_prefix text NOT NULL,
    description text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_permissions_key CHECK (((key ~ '^[a-z_]+:[a-z_]+:[a-z0-9_]+$'::text) AND starts_with(key, (permission_prefix || ':'::text))))
);

CREATE TABLE public.personal_access_tokens (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    user_id uuid NOT NULL,
    name text NOT NULL,
    token_hash bytea NOT NULL,
    token_prefix text NOT NULL,
    grants text[] DEFAULT '{*:*:*}'::text[] NOT NULL,
    last_used_at timestamp with time zone,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_personal_access_tokens_name CHECK (((char_length(name) >= 1) AND (char_length(name) <= 100))),
    CONSTRAINT ck_personal_access_tokens_token CHECK ((octet_length(token_hash) = 32))
);

ALTER TABLE ONLY public.personal_access_tokens FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.personal_access_tokens.grants IS 'What the token may do at most: patterns met with those of its owner''s roles.';

CREATE TABLE public.plans (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    name text NOT NULL,
    token_limit_daily bigint NOT NULL,
    document_limit integer NOT NULL,
    workspace_document_limit integer NOT NULL,
    session_limit integer NOT NULL,
    api_rate_per_minute integer NOT NULL,
    price_monthly numeric(14,6) DEFAULT 0 NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_plans_limits CHECK (((LEAST(token_limit_daily, (document_limit)::bigint, (workspace_document_limit)::bigint, (session_limit)::bigint, (api_rate_per_minute)::bigint) >= 0) AND (price_monthly >= (0)::numeric))),
    CONSTRAINT ck_plans_name CHECK (((char_length(name) >= 1) AND (char_length(name) <= 50)))
);

COMMENT ON COLUMN public.plans.document_limit IS 'Documents per room; workspace_document_limit counts all of a workspace.';

COMMENT ON COLUMN public.plans.session_limit IS 'Open rooms at a time.';

CREATE TABLE public.plans_history (
    history_id uuid DEFAULT public.desk_uuid7() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    operation_type text NOT NULL,
    workspace_id uuid,
    actor_id uuid,
    subject_id uuid NOT NULL,
    row_data jsonb NOT NULL,
    salt bytea DEFAULT uuid_send(gen_random_uuid()),
    seal_seq bigint,
    digest bytea,
    CONSTRAINT ck_plans_history_operation_type CHECK ((operation_type = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text])))
)
PARTITION BY RANGE (history_id);

ALTER TABLE ONLY public.plans_history FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.plans_history IS 'Every audited change of plans: the row before it (of an INSERT: the row). Written by trigger only.';

CREATE TABLE public.provider_configs (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    name text NOT NULL,
    provider text NOT NULL,
    api_key_encrypted bytea,
    base_url text,
    allows_private_address boolean DEFAULT false NOT NULL,
    default_model text,
    config jsonb DEFAULT '{}'::jsonb NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    is_default boolean DEFAULT false NOT NULL,
    created_by uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    CONSTRAINT ck_provider_configs_name CHECK (((char_length(name) >= 1) AND (char_length(name) <= 100)))
);

ALTER TABLE ONLY public.provider_configs FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.provider_configs.base_url IS 'Bound to the key: whoever changes one enters the other again.';

CREATE TABLE public.provider_configs_history (
    history_id uuid DEFAULT public.desk_uuid7() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    operation_type text NOT NULL,
    workspace_id uuid,
    actor_id uuid,
    subject_id uuid NOT NULL,
    row_data jsonb NOT NULL,
    salt bytea DEFAULT uuid_send(gen_random_uuid()),
    seal_seq bigint,
    digest bytea,
    CONSTRAINT ck_provider_configs_history_operation_type CHECK ((operation_type = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text])))
)
PARTITION BY RANGE (history_id);

ALTER TABLE ONLY public.provider_configs_history FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.provider_configs_history IS 'Every audited change of provider_configs: the row before it (of an INSERT: the row). Written by trigger only.';

CREATE TABLE public.provider_models (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    provider_id uuid NOT NULL,
    model text NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    context_window integer,
    input_price numeric(14,6),
    output_price numeric(14,6),
    cached_price numeric(14,6),
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_provider_models_model CHECK (((char_length(model) >= 1) AND (char_length(model) <= 100))),
    CONSTRAINT ck_provider_models_prices CHECK (((LEAST(input_price, output_price, cached_price) >= (0)::numeric) AND ((input_price IS NULL) = (output_price IS NULL)) AND ((cached_price IS NULL) OR (input_price IS NOT NULL)))),
    CONSTRAINT ck_provider_models_window CHECK ((context_window > 0))
);

ALTER TABLE ONLY public.provider_models FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.provider_models IS 'What a workspace says of models; those it says nothing of are asked, at the price of the list that comes with the desk.';

COMMENT ON COLUMN public.provider_models.input_price IS 'US dollars for a million tokens. NULL = as the price list says, and unknown where it says nothing.';

COMMENT ON COLUMN public.provider_models.cached_price IS 'Of input that the provider had cached; NULL = as other input.';

CREATE TABLE public.provider_models_history (
    history_id uuid DEFAULT public.desk_uuid7() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    operation_type text NOT NULL,
    workspace_id uuid,
    actor_id uuid,
    subject_id uuid NOT NULL,
    row_data jsonb NOT NULL,
    salt bytea DEFAULT uuid_send(gen_random_uuid()),
    seal_seq bigint,
    digest bytea,
    CONSTRAINT ck_provider_models_history_operation_type CHECK ((operation_type = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text])))
)
PARTITION BY RANGE (history_id);

ALTER TABLE ONLY public.provider_models_history FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.provider_models_history IS 'Every audited change of provider_models: the row before it (of an INSERT: the row). Written by trigger only.';

CREATE TABLE public.queues (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    name text NOT NULL,
    level text DEFAULT 'T1'::text NOT NULL,
    team_id uuid,
    strategy text DEFAULT 'longest_idle'::text NOT NULL,
    skills text[] DEFAULT '{}'::text[] NOT NULL,
    sla_policy_id uuid,
    calendar_id uuid,
    is_default boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    auto_assign boolean DEFAULT true NOT NULL,
    CONSTRAINT ck_queues_level CHECK ((level = ANY (ARRAY['T1'::text, 'T2'::text, 'T3'::text, 'manager'::text]))),
    CONSTRAINT ck_queues_strategy CHECK ((strategy = ANY (ARRAY['round_robin'::text, 'least_busy'::text, 'longest_idle'::text])))
);

ALTER TABLE ONLY public.queues FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.queues.is_default IS 'Where a room of this level waits when nothing names a queue: at most one per level.';

COMMENT ON COLUMN public.queues.auto_assign IS 'Whether waiting rooms go by themselves to whoever is online at this level and has capacity left.';

CREATE TABLE public.retention_policies (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    subject text NOT NULL,
    room_type text,
    online_days integer NOT NULL,
    archive_days integer,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_retention_policies_days CHECK (((online_days > 0) AND (archive_days >= 0))),
    CONSTRAINT ck_retention_policies_room_type CHECK (((room_type IS NULL) OR ((room_type = ANY (ARRAY['group'::text, 'direct'::text, 'support'::text, 'escalated'::text])) AND (subject = 'messages'::text)))),
    CONSTRAINT ck_retention_policies_subject CHECK ((subject = ANY (ARRAY['messages'::text, 'dedup'::text, 'audit'::text, 'access_log'::text, 'usage'::text, 'guests'::text, 'ai_cache'::text, 'jobs'::text])))
);

ALTER TABLE ONLY public.retention_policies FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.retention_policies.room_type IS 'NULL = every room type that has no policy of its own.';

COMMENT ON COLUMN public.retention_policies.archive_days IS 'Messages: so long in cold storage after the days online, then purged; 0 = purged by the next run, NULL = kept there for ever. Nothing else is archived: it is removed (guests: anonymised) when online_days end.';

CREATE TABLE public.retention_policies_history (
    history_id uuid DEFAULT public.desk_uuid7() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    operation_type text NOT NULL,
    workspace_id uuid,
    actor_id uuid,
    subject_id uuid NOT NULL,
    row_data jsonb NOT NULL,
    salt bytea DEFAULT uuid_send(gen_random_uuid()),
    seal_seq bigint,
    digest bytea,
    CONSTRAINT ck_retention_policies_history_operation_type CHECK ((operation_type = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text])))
)
PARTITION BY RANGE (history_id);

ALTER TABLE ONLY public.retention_policies_history FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.retention_policies_history IS 'Every audited change of retention_policies: the row before it (of an INSERT: the row). Written by trigger only.';

CREATE TABLE public.robot_interactions (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    room_id uuid NOT NULL,
    message_id uuid,
    robot_id uuid NOT NULL,
    trigger_kind text DEFAULT 'message'::text NOT NULL,
    turn_no bigint NOT NULL,
    sort_order integer DEFAULT 100 NOT NULL,
    is_leader boolean DEFAULT true NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    available_at timestamp with time zone DEFAULT now() NOT NULL,
    attempt integer DEFAULT 0 NOT NULL,
    claimed_by text,
    claimed_until timestamp with time zone,
    request_data jsonb DEFAULT '{}'::jsonb NOT NULL,
    observation_data jsonb,
    response_data jsonb,
    error_message text,
    tokens integer DEFAULT 0 NOT NULL,
    cost numeric(14,6),
    started_at timestamp with time zone,
    completed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_robot_interactions_claim CHECK (((status <> 'processing'::text) OR ((claimed_by IS NOT NULL) AND (claimed_until IS NOT NULL) AND (started_at IS NOT NULL)))),
    CONSTRAINT ck_robot_interactions_completed CHECK (((status <> ALL (ARRAY['completed'::text, 'failed'::text])) OR (completed_at IS NOT NULL))),
    CONSTRAINT ck_robot_interactions_message CHECK (((trigger_kind <> 'message'::text) OR (message_id IS NOT NULL))),
    CONSTRAINT ck_robot_interactions_status CHECK ((status = ANY (ARRAY['pending'::text, 'processing'::text, 'completed'::text, 'failed'::text])))
);

ALTER TABLE ONLY public.robot_interactions FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.robot_interactions.cost IS 'NULL = unknown, never 0 for that.';

COMMENT ON COLUMN public.robot_interactions.started_at IS 'When it was claimed, not when it was asked.';

CREATE TABLE public.robot_suggestions (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    room_id uuid NOT NULL,
    robot_id uuid NOT NULL,
    interaction_id uuid,
    message_id uuid NOT NULL,
    content text NOT NULL,
    decision text,
    decided_by uuid,
    decided_at timestamp with time zone,
    sent_changed boolean,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    citations jsonb DEFAULT '[]'::jsonb NOT NULL,
    CONSTRAINT ck_robot_suggestions_content CHECK (((char_length(content) >= 1) AND (char_length(content) <= 16000))),
    CONSTRAINT ck_robot_suggestions_decided CHECK (((decision IS NULL) = (decided_at IS NULL))),
    CONSTRAINT ck_robot_suggestions_decision CHECK ((decision = ANY (ARRAY['inserted'::text, 'edited'::text, 'dismissed'::text])))
);

ALTER TABLE ONLY public.robot_suggestions FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.robot_suggestions IS 'What robots suggested to the staff, and what became of it.';

COMMENT ON COLUMN public.robot_suggestions.sent_changed IS 'Whether the reply that followed an insertion had other words; NULL while none has followed.';

COMMENT ON COLUMN public.robot_suggestions.citations IS 'As those of messages: document_id, chunk_id, title, quote, url.';

CREATE TABLE public.robots (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    user_id uuid NOT NULL,
    module text NOT NULL,
    version text NOT NULL,
    name text NOT NULL,
    avatar text,
    settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    settings_version integer DEFAULT 1 NOT NULL,
    secrets_encrypted bytea,
    active boolean DEFAULT true NOT NULL,
    sort_order integer DEFAULT 100 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    staff_only boolean DEFAULT false NOT NULL,
    daily_budget numeric(14,6),
    CONSTRAINT ck_robots_daily_budget CHECK ((daily_budget >= (0)::numeric)),
    CONSTRAINT ck_robots_name CHECK (((char_length(name) >= 1) AND (char_length(name) <= 100)))
);

ALTER TABLE ONLY public.robots FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.robots.user_id IS 'The user of type robot that speaks, holds roles and stands in room_participants.';

COMMENT ON COLUMN public.robots.sort_order IS 'The order of seed 001 (a column called order would need quotes everywhere): smallest leads.';

COMMENT ON COLUMN public.robots.staff_only IS 'What visible_to_guest of its settings comes to, kept for queries: true when guests never hear it.';

COMMENT ON COLUMN public.robots.daily_budget IS 'US dollars that its calls of models may cost a day; NULL = what llm_budgets says of each robot.';

CREATE TABLE public.robots_history (
    history_id uuid DEFAULT public.desk_uuid7() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    operation_type text NOT NULL,
    workspace_id uuid,
    actor_id uuid,
    subject_id uuid NOT NULL,
    row_data jsonb NOT NULL,
    salt bytea DEFAULT uuid_send(gen_random_uuid()),
    seal_seq bigint,
    digest bytea,
    CONSTRAINT ck_robots_history_operation_type CHECK ((operation_type = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text])))
)
PARTITION BY RANGE (history_id);

ALTER TABLE ONLY public.robots_history FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.robots_history IS 'Every audited change of robots: the row before it (of an INSERT: the row). Written by trigger only.';

CREATE TABLE public.role_permissions (
    role_id uuid NOT NULL,
    pattern text NOT NULL,
    workspace_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_role_permissions_pattern CHECK ((pattern ~ '^(\*|[a-z_]+):(\*|[a-z_]+):(\*|[a-z0-9_]+)$'::text))
);

ALTER TABLE ONLY public.role_permissions FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.role_permissions.pattern IS 'A permission, or one with * in the place of whole segments.';

CREATE TABLE public.role_permissions_history (
    history_id uuid DEFAULT public.desk_uuid7() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    operation_type text NOT NULL,
    workspace_id uuid,
    actor_id uuid,
    subject_id uuid NOT NULL,
    row_data jsonb NOT NULL,
    salt bytea DEFAULT uuid_send(gen_random_uuid()),
    seal_seq bigint,
    digest bytea,
    CONSTRAINT ck_role_permissions_history_operation_type CHECK ((operation_type = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text])))
)
PARTITION BY RANGE (history_id);

ALTER TABLE ONLY public.role_permissions_history FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.role_permissions_history IS 'Every audited change of role_permissions: the row before it (of an INSERT: the row). Written by trigger only.';

CREATE TABLE public.roles (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    is_default boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    CONSTRAINT ck_roles_name CHECK (((char_length(name) >= 1) AND (char_length(name) <= 100)))
);

ALTER TABLE ONLY public.roles FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.roles.is_default IS 'Came with the workspace; a row like any other.';

CREATE TABLE public.roles_history (
    history_id uuid DEFAULT public.desk_uuid7() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    operation_type text NOT NULL,
    workspace_id uuid,
    actor_id uuid,
    subject_id uuid NOT NULL,
    row_data jsonb NOT NULL,
    salt bytea DEFAULT uuid_send(gen_random_uuid()),
    seal_seq bigint,
    digest bytea,
    CONSTRAINT ck_roles_history_operation_type CHECK ((operation_type = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text])))
)
PARTITION BY RANGE (history_id);

ALTER TABLE ONLY public.roles_history FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.roles_history IS 'Every audited change of roles: the row before it (of an INSERT: the row). Written by trigger only.';

CREATE TABLE public.room_events (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    room_id uuid NOT NULL,
    seq bigint NOT NULL,
    public_seq bigint,
    kind text NOT NULL,
    actor_id uuid,
    actor_kind text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    subject_id uuid,
    data jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT ck_room_events_actor_kind CHECK ((actor_kind = ANY (ARRAY['guest'::text, 'agent'::text, 'robot'::text, 'system'::text]))),
    CONSTRAINT ck_room_events_kind CHECK ((kind = ANY (ARRAY['message.created'::text, 'message.edited'::text, 'message.deleted'::text, 'reaction.added'::text, 'reaction.removed'::text, 'participant.joined'::text, 'participant.left'::text, 'participant.updated'::text, 'room.created'::text, 'room.updated'::text, 'room.snoozed'::text, 'room.assigned'::text, 'room.owner_changed'::text, 'room.closed'::text, 'room.reopened'::text, 'escalation.created'::text, 'escalation.updated'::text, 'tool.requested'::text, 'tool.decided'::text, 'tool.completed'::text, 'csat.given'::text, 'suggestion.made'::text, 'suggestion.decided'::text]))),
    CONSTRAINT ck_room_events_seq CHECK (((seq > 0) AND (public_seq > 0) AND (public_seq <= seq)))
)
PARTITION BY RANGE (id);

ALTER TABLE ONLY public.room_events FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.room_events IS 'Every durable change of a room. Each month has UNIQUE (room_id, seq) and UNIQUE (room_id, public_seq) of its own (desk_make_partition): a unique key over all months would need id in it.';

COMMENT ON COLUMN public.room_events.public_seq IS 'NULL = staff only.';

CREATE TABLE public.room_heads (
    room_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    last_seq bigint DEFAULT 0 NOT NULL,
    last_public_seq bigint DEFAULT 0 NOT NULL,
    turn_no bigint DEFAULT 0 NOT NULL,
    total_messages bigint DEFAULT 0 NOT NULL,
    total_tokens bigint DEFAULT 0 NOT NULL,
    last_message_at timestamp with time zone,
    last_message_id uuid,
    last_public_message_at timestamp with time zone,
    last_public_message_id uuid,
    guest_messages bigint DEFAULT 0 NOT NULL,
    desk_messages bigint DEFAULT 0 NOT NULL,
    last_guest_message_id uuid,
    CONSTRAINT ck_room_heads_public CHECK ((last_public_seq <= last_seq))
)
WITH (fillfactor='70', autovacuum_vacuum_scale_factor='0.02');

ALTER TABLE ONLY public.room_heads FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.room_heads.turn_no IS 'Moves when a person replies or takes over, or a newer guest message arrives: a robot of an older turn falls silent.';

CREATE TABLE public.room_participants (
    room_id uuid NOT NULL,
    user_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    role text DEFAULT 'member'::text NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    can_send_messages boolean DEFAULT true NOT NULL,
    can_invite_others boolean DEFAULT false NOT NULL,
    can_see_history boolean DEFAULT true NOT NULL,
    joined_at timestamp with time zone DEFAULT now() NOT NULL,
    joined_seq bigint DEFAULT 0 NOT NULL,
    last_delivered_seq bigint DEFAULT 0 NOT NULL,
    last_delivered_at timestamp with time zone,
    last_read_seq bigint DEFAULT 0 NOT NULL,
    last_read_at timestamp with time zone,
    left_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    seen_messages bigint DEFAULT 0 NOT NULL,
    CONSTRAINT ck_room_participants_role CHECK ((role = ANY (ARRAY['member'::text, 'moderator'::text, 'observer'::text, 'guest'::text, 'ai'::text]))),
    CONSTRAINT ck_room_participants_seqs CHECK ((LEAST(joined_seq, last_delivered_seq, last_read_seq) >= 0)),
    CONSTRAINT ck_room_participants_status CHECK ((status = ANY (ARRAY['active'::text, 'muted'::text, 'removed'::text, 'left'::text])))
)
WITH (fillfactor='85');

ALTER TABLE ONLY public.room_participants FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.room_participants.joined_seq IS 'Without can_see_history, sync and search begin behind this staff seq.';

CREATE TABLE public.room_participants_history (
    history_id uuid DEFAULT public.desk_uuid7() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    operation_type text NOT NULL,
    workspace_id uuid,
    actor_id uuid,
    subject_id uuid NOT NULL,
    row_data jsonb NOT NULL,
    salt bytea DEFAULT uuid_send(gen_random_uuid()),
    seal_seq bigint,
    digest bytea,
    CONSTRAINT ck_room_participants_history_operation_type CHECK ((operation_type = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text])))
)
PARTITION BY RANGE (history_id);

ALTER TABLE ONLY public.room_participants_history FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.room_participants_history IS 'Every audited change of room_participants: the row before it (of an INSERT: the row). Written by trigger only.';

CREATE TABLE public.room_robots (
    room_id uuid NOT NULL,
    robot_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    active boolean DEFAULT true NOT NULL,
    sort_order integer DEFAULT 100 NOT NULL,
    settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    staff_only boolean,
    own_order integer
);

ALTER TABLE ONLY public.room_robots FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.room_robots.staff_only IS 'NULL = as in the workspace.';

COMMENT ON COLUMN public.room_robots.own_order IS 'NULL = as in the workspace. sort_order is what that was when the room opened.';

CREATE TABLE public.room_robots_history (
    history_id uuid DEFAULT public.desk_uuid7() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    operation_type text NOT NULL,
    workspace_id uuid,
    actor_id uuid,
    subject_id uuid NOT NULL,
    row_data jsonb NOT NULL,
    salt bytea DEFAULT uuid_send(gen_random_uuid()),
    seal_seq bigint,
    digest bytea,
    CONSTRAINT ck_room_robots_history_operation_type CHECK ((operation_type = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text])))
)
PARTITION BY RANGE (history_id);

ALTER TABLE ONLY public.room_robots_history FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.room_robots_history IS 'Every audited change of room_robots: the row before it (of an INSERT: the row). Written by trigger only.';

CREATE TABLE public.room_tags (
    room_id uuid NOT NULL,
    tag_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    created_by uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.room_tags FORCE ROW LEVEL SECURITY;

CREATE TABLE public.schema_migrations (
    version integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.sessions (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    user_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    device text,
    address inet,
    last_seen_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    revoked_reason text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_sessions_token CHECK ((octet_length(token_hash) = 32))
);

ALTER TABLE ONLY public.sessions FORCE ROW LEVEL SECURITY;

CREATE TABLE public.shop_orders (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    number text NOT NULL,
    customer_ref text,
    email text NOT NULL,
    status text NOT NULL,
    items jsonb NOT NULL,
    total numeric(14,6) NOT NULL,
    currency text DEFAULT 'EUR'::text NOT NULL,
    placed_at timestamp with time zone NOT NULL,
    due_on date,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_shop_orders_email CHECK ((email = lower(email))),
    CONSTRAINT ck_shop_orders_status CHECK ((status = ANY (ARRAY['paid'::text, 'packed'::text, 'sent'::text, 'delayed'::text, 'delivered'::text, 'returned'::text])))
);

ALTER TABLE ONLY public.shop_orders FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.shop_orders.customer_ref IS 'The user_id by which the shop signs the customer''s identity.';

CREATE TABLE public.shop_vouchers (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    order_id uuid NOT NULL,
    execution_id uuid,
    code text NOT NULL,
    amount numeric(14,6) NOT NULL,
    currency text NOT NULL,
    reason text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_shop_vouchers_amount CHECK ((amount > (0)::numeric))
);

ALTER TABLE ONLY public.shop_vouchers FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.shop_vouchers.execution_id IS 'The call that issued it; no reference, because conversations leave earlier.';

CREATE TABLE public.sign_in_attempts (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    subject_hash bytea NOT NULL,
    address inet,
    succeeded boolean NOT NULL,
    reason text,
    attempted_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_sign_in_attempts_subject CHECK ((octet_length(subject_hash) = 32))
);

COMMENT ON COLUMN public.sign_in_attempts.subject_hash IS 'sha256 of what was typed, lower-cased.';

CREATE TABLE public.sites (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    name text NOT NULL,
    site_key text NOT NULL,
    allowed_origins text[] DEFAULT '{}'::text[] NOT NULL,
    appearance jsonb DEFAULT '{}'::jsonb NOT NULL,
    robots_enabled boolean DEFAULT true NOT NULL,
    queue_id uuid,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    CONSTRAINT ck_sites_site_key CHECK ((site_key ~ '^[A-Za-z0-9_-]{1,64}$'::text))
);

ALTER TABLE ONLY public.sites FORCE ROW LEVEL SECURITY;

CREATE TABLE public.sla_clocks (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    room_id uuid NOT NULL,
    sla_policy_id uuid NOT NULL,
    kind text NOT NULL,
    status text DEFAULT 'running'::text NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    warn_at timestamp with time zone,
    due_at timestamp with time zone,
    paused_at timestamp with time zone,
    remaining_seconds integer,
    warned_at timestamp with time zone,
    breached_at timestamp with time zone,
    stopped_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_sla_clocks_kind CHECK ((kind = ANY (ARRAY['first_reply'::text, 'next_reply'::text, 'resolution'::text]))),
    CONSTRAINT ck_sla_clocks_paused CHECK (((status <> 'paused'::text) OR ((paused_at IS NOT NULL) AND (remaining_seconds IS NOT NULL)))),
    CONSTRAINT ck_sla_clocks_running CHECK (((status <> 'running'::text) OR (due_at IS NOT NULL))),
    CONSTRAINT ck_sla_clocks_status CHECK ((status = ANY (ARRAY['running'::text, 'paused'::text, 'met'::text, 'breached'::text, 'cancelled'::text])))
);

ALTER TABLE ONLY public.sla_clocks FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.sla_clocks.remaining_seconds IS 'Business seconds left when it was paused.';

CREATE TABLE public.sla_policies (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    name text NOT NULL,
    calendar_id uuid,
    priority integer,
    first_reply_minutes integer,
    next_reply_minutes integer,
    resolution_minutes integer,
    warn_before_minutes integer DEFAULT 5 NOT NULL,
    breach_action jsonb DEFAULT '{}'::jsonb NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    CONSTRAINT ck_sla_policies_minutes CHECK (((LEAST(first_reply_minutes, next_reply_minutes, resolution_minutes) > 0) AND (warn_before_minutes >= 0))),
    CONSTRAINT ck_sla_policies_priority CHECK (((priority >= 1) AND (priority <= 5)))
);

ALTER TABLE ONLY public.sla_policies FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.sla_policies.priority IS 'NULL = every priority of the queue.';

CREATE TABLE public.sla_policies_history (
    history_id uuid DEFAULT public.desk_uuid7() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    operation_type text NOT NULL,
    workspace_id uuid,
    actor_id uuid,
    subject_id uuid NOT NULL,
    row_data jsonb NOT NULL,
    salt bytea DEFAULT uuid_send(gen_random_uuid()),
    seal_seq bigint,
    digest bytea,
    CONSTRAINT ck_sla_policies_history_operation_type CHECK ((operation_type = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text])))
)
PARTITION BY RANGE (history_id);

ALTER TABLE ONLY public.sla_policies_history FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.sla_policies_history IS 'Every audited change of sla_policies: the row before it (of an INSERT: the row). Written by trigger only.';

CREATE TABLE public.socket_tickets (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    user_id uuid NOT NULL,
    session_id uuid,
    token_hash bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_socket_tickets_token CHECK ((octet_length(token_hash) = 32))
);

ALTER TABLE ONLY public.socket_tickets FORCE ROW LEVEL SECURITY;

CREATE TABLE public.subscriptions (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    current_period_start timestamp with time zone DEFAULT now() NOT NULL,
    current_period_end timestamp with time zone,
    external_ref text,
    cancelled_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_subscriptions_cancelled CHECK (((status = 'cancelled'::text) = (cancelled_at IS NOT NULL))),
    CONSTRAINT ck_subscriptions_status CHECK ((status = ANY (ARRAY['trialing'::text, 'active'::text, 'past_due'::text, 'cancelled'::text])))
);

ALTER TABLE ONLY public.subscriptions FORCE ROW LEVEL SECURITY;

CREATE TABLE public.tags (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    name text NOT NULL,
    colour text DEFAULT 'neutral'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    CONSTRAINT ck_tags_name CHECK (((char_length(name) >= 1) AND (char_length(name) <= 50)))
);

ALTER TABLE ONLY public.tags FORCE ROW LEVEL SECURITY;

CREATE TABLE public.team_members (
    team_id uuid NOT NULL,
    user_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    is_lead boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.team_members FORCE ROW LEVEL SECURITY;

CREATE TABLE public.teams (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    CONSTRAINT ck_teams_name CHECK (((char_length(name) >= 1) AND (char_length(name) <= 100)))
);

ALTER TABLE ONLY public.teams FORCE ROW LEVEL SECURITY;

CREATE TABLE public.tool_executions (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    room_id uuid NOT NULL,
    interaction_id uuid,
    message_id uuid,
    robot_id uuid NOT NULL,
    tool_name text NOT NULL,
    parameters jsonb NOT NULL,
    args_sha256 text NOT NULL,
    result jsonb,
    status text DEFAULT 'pending'::text NOT NULL,
    risk text DEFAULT 'high'::text NOT NULL,
    required_level text,
    approval_requested_at timestamp with time zone,
    expires_at timestamp with time zone,
    decided_by uuid,
    decision_note text,
    approved_at timestamp with time zone,
    executed_at timestamp with time zone,
    completed_at timestamp with time zone,
    execution_time_ms integer,
    cost numeric(14,6),
    error_message text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    requested_by uuid,
    why text DEFAULT ''::text NOT NULL,
    idempotent boolean DEFAULT false NOT NULL,
    fingerprint text DEFAULT ''::text NOT NULL,
    routed_level text,
    rises_at timestamp with time zone,
    attempt integer DEFAULT 0 NOT NULL,
    claimed_until timestamp with time zone,
    told_at timestamp with time zone,
    CONSTRAINT ck_tool_executions_approved CHECK (((status <> ALL (ARRAY['approved'::text, 'executing'::text, 'completed'::text])) OR (approved_at IS NOT NULL))),
    CONSTRAINT ck_tool_executions_args CHECK ((args_sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT ck_tool_executions_executed CHECK (((status <> ALL (ARRAY['executing'::text, 'completed'::text])) OR (executed_at IS NOT NULL))),
    CONSTRAINT ck_tool_executions_level CHECK ((required_level = ANY (ARRAY['T1'::text, 'T2'::text, 'T3'::text, 'manager'::text]))),
    CONSTRAINT ck_tool_executions_risk CHECK ((risk = ANY (ARRAY['read'::text, 'low'::text, 'high'::text]))),
    CONSTRAINT ck_tool_executions_routed_level CHECK ((routed_level = ANY (ARRAY['T1'::text, 'T2'::text, 'T3'::text, 'manager'::text]))),
    CONSTRAINT ck_tool_executions_status CHECK ((status = ANY (ARRAY['pending'::text, 'approved'::text, 'denied'::text, 'executing'::text, 'completed'::text, 'failed'::text, 'cancelled'::text]))),
    CONSTRAINT ck_tool_executions_two_people CHECK ((decided_by <> requested_by))
);

ALTER TABLE ONLY public.tool_executions FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.tool_executions.requested_by IS 'Who asked for it: the robot as a user, or a person; never who approves.';

COMMENT ON COLUMN public.tool_executions.routed_level IS 'Whom it is shown to as theirs; rises while nobody decides. required_level stays.';

COMMENT ON COLUMN public.tool_executions.told_at IS 'When its robot got the outcome; NULL: a sweep asks the robot again.';

CREATE TABLE public.tool_executions_history (
    history_id uuid DEFAULT public.desk_uuid7() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    operation_type text NOT NULL,
    workspace_id uuid,
    actor_id uuid,
    subject_id uuid NOT NULL,
    row_data jsonb NOT NULL,
    salt bytea DEFAULT uuid_send(gen_random_uuid()),
    seal_seq bigint,
    digest bytea,
    CONSTRAINT ck_tool_executions_history_operation_type CHECK ((operation_type = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text])))
)
PARTITION BY RANGE (history_id);

ALTER TABLE ONLY public.tool_executions_history FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.tool_executions_history IS 'Every audited change of tool_executions: the row before it (of an INSERT: the row). Written by trigger only.';

CREATE TABLE public.unanswered_questions (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    room_id uuid NOT NULL,
    question text NOT NULL,
    reason text NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    group_id uuid,
    meaning real[],
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_unanswered_questions_meaning CHECK ((cardinality(meaning) = 384)),
    CONSTRAINT ck_unanswered_questions_question CHECK (((char_length(question) >= 1) AND (char_length(question) <= 500))),
    CONSTRAINT ck_unanswered_questions_reason CHECK ((reason = ANY (ARRAY['not_in_documents'::text, 'low_score'::text]))),
    CONSTRAINT ck_unanswered_questions_state CHECK ((state = ANY (ARRAY['open'::text, 'answered'::text, 'dismissed'::text])))
);

ALTER TABLE ONLY public.unanswered_questions FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.unanswered_questions IS 'The words of a question and nothing else of who asked it: they go with their room, and when its messages would.';

COMMENT ON COLUMN public.unanswered_questions.group_id IS 'The first question of those that mean the same; NULL until compared.';

COMMENT ON COLUMN public.unanswered_questions.meaning IS 'Its embedding: compared here and now, so without an index.';

CREATE TABLE public.usage_logs (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    user_id uuid,
    room_id uuid,
    robot_id uuid,
    provider text NOT NULL,
    model text NOT NULL,
    input_tokens integer DEFAULT 0 NOT NULL,
    output_tokens integer DEFAULT 0 NOT NULL,
    cached_tokens integer DEFAULT 0 NOT NULL,
    cost numeric(14,6),
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    is_estimate boolean DEFAULT false NOT NULL,
    CONSTRAINT ck_usage_logs_tokens CHECK ((LEAST(input_tokens, output_tokens, cached_tokens) >= 0))
);

ALTER TABLE ONLY public.usage_logs FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.usage_logs.cost IS 'NULL = the price is unknown.';

COMMENT ON COLUMN public.usage_logs.is_estimate IS 'The provider has not said what it counted: the call was stopped, broken off, or left by a crash.';

CREATE TABLE public.usage_stats (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    user_id uuid NOT NULL,
    date date NOT NULL,
    tokens_used bigint DEFAULT 0 NOT NULL,
    messages_sent integer DEFAULT 0 NOT NULL,
    documents_uploaded integer DEFAULT 0 NOT NULL,
    sessions_created integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.usage_stats FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.usage_stats.date IS 'The day in the workspace''s time zone.';

CREATE TABLE public.user_access (
    user_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.user_access FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.user_access IS 'Grows whenever somebody''s name, account, roles, sessions, tokens, block or place in a room changes; no row is version 0.';

CREATE TABLE public.user_identities (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    user_id uuid NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    email text,
    last_used_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_user_identities_email CHECK ((email = lower(email)))
);

ALTER TABLE ONLY public.user_identities FORCE ROW LEVEL SECURITY;

CREATE TABLE public.user_roles (
    user_id uuid NOT NULL,
    role_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    granted_by uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.user_roles FORCE ROW LEVEL SECURITY;

CREATE TABLE public.user_roles_history (
    history_id uuid DEFAULT public.desk_uuid7() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    operation_type text NOT NULL,
    workspace_id uuid,
    actor_id uuid,
    subject_id uuid NOT NULL,
    row_data jsonb NOT NULL,
    salt bytea DEFAULT uuid_send(gen_random_uuid()),
    seal_seq bigint,
    digest bytea,
    CONSTRAINT ck_user_roles_history_operation_type CHECK ((operation_type = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text])))
)
PARTITION BY RANGE (history_id);

ALTER TABLE ONLY public.user_roles_history FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.user_roles_history IS 'Every audited change of user_roles: the row before it (of an INSERT: the row). Written by trigger only.';

CREATE TABLE public.users (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    account_type_informal text DEFAULT 'guest'::text NOT NULL,
    current_account_status text DEFAULT 'pending-verification'::text NOT NULL,
    username text,
    first_name text,
    last_name text,
    display_name text,
    email text,
    password_hash text,
    password_changed_at timestamp with time zone,
    is_email_verified boolean DEFAULT false NOT NULL,
    avatar_url text,
    external_id text,
    is_identity_verified boolean DEFAULT false NOT NULL,
    attributes jsonb DEFAULT '{}'::jsonb NOT NULL,
    level text,
    skills text[] DEFAULT '{}'::text[] NOT NULL,
    languages text[] DEFAULT '{}'::text[] NOT NULL,
    capacity integer DEFAULT 5 NOT NULL,
    current_status text DEFAULT 'offline'::text NOT NULL,
    last_seen_at timestamp with time zone,
    last_login_at timestamp with time zone,
    chat_preferences jsonb DEFAULT '{}'::jsonb NOT NULL,
    plan_id uuid,
    total_tokens_used bigint DEFAULT 0 NOT NULL,
    spam_marked_at timestamp with time zone,
    anonymised_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    CONSTRAINT ck_users_account_status CHECK ((current_account_status = ANY (ARRAY['pending-verification'::text, 'active'::text, 'suspended'::text, 'deactivated'::text]))),
    CONSTRAINT ck_users_account_type CHECK ((account_type_informal = ANY (ARRAY['guest'::text, 'agent'::text, 'supervisor'::text, 'manager'::text, 'admin'::text, 'robot'::text]))),
    CONSTRAINT ck_users_capacity CHECK (((capacity >= 0) AND (capacity <= 1000))),
    CONSTRAINT ck_users_email CHECK (((email = lower(email)) AND (char_length(email) <= 255))),
    CONSTRAINT ck_users_lengths CHECK ((((char_length(username) >= 1) AND (char_length(username) <= 50)) AND (char_length(first_name) <= 100) AND (char_length(last_name) <= 100) AND (char_length(display_name) <= 255) AND ((char_length(external_id) >= 1) AND (char_length(external_id) <= 255)))),
    CONSTRAINT ck_users_level CHECK ((level = ANY (ARRAY['T1'::text, 'T2'::text, 'T3'::text, 'manager'::text]))),
    CONSTRAINT ck_users_staff CHECK (((account_type_informal = ANY (ARRAY['guest'::text, 'robot'::text])) OR (anonymised_at IS NOT NULL) OR ((username IS NOT NULL) AND (first_name IS NOT NULL) AND (last_name IS NOT NULL) AND (email IS NOT NULL) AND (password_hash IS NOT NULL)))),
    CONSTRAINT ck_users_status CHECK ((current_status = ANY (ARRAY['online'::text, 'away'::text, 'busy'::text, 'offline'::text])))
);

ALTER TABLE ONLY public.users FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.users.external_id IS 'The host page''s own id of a guest, from identify(); a typed e-mail is never an identity.';

CREATE TABLE public.users_history (
    history_id uuid DEFAULT public.desk_uuid7() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    operation_type text NOT NULL,
    workspace_id uuid,
    actor_id uuid,
    subject_id uuid NOT NULL,
    row_data jsonb NOT NULL,
    salt bytea DEFAULT uuid_send(gen_random_uuid()),
    seal_seq bigint,
    digest bytea,
    CONSTRAINT ck_users_history_operation_type CHECK ((operation_type = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text])))
)
PARTITION BY RANGE (history_id);

ALTER TABLE ONLY public.users_history FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.users_history IS 'Every audited change of users: the row before it (of an INSERT: the row). Written by trigger only.';

CREATE TABLE public.verification_tokens (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    user_id uuid NOT NULL,
    purpose text NOT NULL,
    email text NOT NULL,
    token_hash bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_verification_tokens_email CHECK ((email = lower(email))),
    CONSTRAINT ck_verification_tokens_purpose CHECK ((purpose = ANY (ARRAY['email_verification'::text, 'password_reset'::text]))),
    CONSTRAINT ck_verification_tokens_token CHECK ((octet_length(token_hash) = 32))
);

ALTER TABLE ONLY public.verification_tokens FORCE ROW LEVEL SECURITY;

CREATE TABLE public.webhook_deliveries (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    webhook_id uuid NOT NULL,
    event text NOT NULL,
    payload jsonb NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    attempt integer DEFAULT 0 NOT NULL,
    available_at timestamp with time zone DEFAULT now() NOT NULL,
    claimed_by text,
    claimed_until timestamp with time zone,
    response_status integer,
    response_excerpt text,
    duration_ms integer,
    error_message text,
    delivered_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_webhook_deliveries_excerpt CHECK ((char_length(response_excerpt) <= 1000)),
    CONSTRAINT ck_webhook_deliveries_status CHECK ((status = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text])))
);

ALTER TABLE ONLY public.webhook_deliveries FORCE ROW LEVEL SECURITY;

CREATE TABLE public.webhooks (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    name text NOT NULL,
    url text NOT NULL,
    events text[] DEFAULT '{}'::text[] NOT NULL,
    secret_encrypted bytea NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    failure_count integer DEFAULT 0 NOT NULL,
    disabled_at timestamp with time zone,
    created_by uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone
);

ALTER TABLE ONLY public.webhooks FORCE ROW LEVEL SECURITY;

CREATE TABLE public.webhooks_history (
    history_id uuid DEFAULT public.desk_uuid7() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    operation_type text NOT NULL,
    workspace_id uuid,
    actor_id uuid,
    subject_id uuid NOT NULL,
    row_data jsonb NOT NULL,
    salt bytea DEFAULT uuid_send(gen_random_uuid()),
    seal_seq bigint,
    digest bytea,
    CONSTRAINT ck_webhooks_history_operation_type CHECK ((operation_type = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text])))
)
PARTITION BY RANGE (history_id);

ALTER TABLE ONLY public.webhooks_history FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.webhooks_history IS 'Every audited change of webhooks: the row before it (of an INSERT: the row). Written by trigger only.';

CREATE TABLE public.workspace_tools (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    workspace_id uuid NOT NULL,
    name text NOT NULL,
    server_id uuid,
    remote_name text,
    description text NOT NULL,
    parameters jsonb NOT NULL,
    request jsonb,
    secrets_encrypted bytea,
    risk text DEFAULT 'high'::text NOT NULL,
    cost numeric(14,6) DEFAULT 0 NOT NULL,
    idempotent boolean DEFAULT false NOT NULL,
    required_level text DEFAULT 'T1'::text NOT NULL,
    fingerprint text NOT NULL,
    is_known boolean DEFAULT false NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    CONSTRAINT ck_workspace_tools_level CHECK ((required_level = ANY (ARRAY['T1'::text, 'T2'::text, 'T3'::text, 'manager'::text]))),
    CONSTRAINT ck_workspace_tools_name CHECK ((name ~ '^[A-Za-z0-9_-]{1,80}$'::text)),
    CONSTRAINT ck_workspace_tools_remote CHECK (((server_id IS NULL) = (remote_name IS NULL))),
    CONSTRAINT ck_workspace_tools_risk CHECK ((risk = ANY (ARRAY['read'::text, 'low'::text, 'high'::text]))),
    CONSTRAINT ck_workspace_tools_source CHECK (((server_id IS NULL) = (request IS NOT NULL)))
);

ALTER TABLE ONLY public.workspace_tools FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.workspace_tools.is_known IS 'A person has agreed to this name, description and schema; a change ends that.';

CREATE TABLE public.workspaces (
    id uuid DEFAULT public.desk_uuid7() NOT NULL,
    name text NOT NULL,
    identity_secret_encrypted bytea,
    time_zone text DEFAULT 'UTC'::text NOT NULL,
    locale text DEFAULT 'en'::text NOT NULL,
    plan_id uuid NOT NULL,
    epoch uuid DEFAULT gen_random_uuid() NOT NULL,
    settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    access_version bigint DEFAULT 0 NOT NULL,
    CONSTRAINT ck_workspaces_name CHECK (((char_length(name) >= 1) AND (char_length(name) <= 200)))
);

ALTER TABLE ONLY public.workspaces FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.workspaces.epoch IS 'Changes at every restore, because seq values then repeat; random, because a counter would be restored too.';

COMMENT ON COLUMN public.workspaces.access_version IS 'Grows whenever a role changes what it grants: of everybody here, guests included, the rights are read anew.';

CREATE TABLE public.workspaces_history (
    history_id uuid DEFAULT public.desk_uuid7() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    operation_type text NOT NULL,
    workspace_id uuid,
    actor_id uuid,
    subject_id uuid NOT NULL,
    row_data jsonb NOT NULL,
    salt bytea DEFAULT uuid_send(gen_random_uuid()),
    seal_seq bigint,
    digest bytea,
    CONSTRAINT ck_workspaces_history_operation_type CHECK ((operation_type = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text])))
)
PARTITION BY RANGE (history_id);

ALTER TABLE ONLY public.workspaces_history FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.workspaces_history IS 'Every audited change of workspaces: the row before it (of an INSERT: the row). Written by trigger only.';

ALTER TABLE public.robot_interactions
    ADD CONSTRAINT ck_robot_interactions_trigger CHECK ((trigger_kind = ANY (ARRAY['message'::text, 'room_opened'::text, 'handback'::text, 'follow'::text, 'suggestion'::text, 'whisper'::text, 'replay'::text, 'tool_decided'::text]))) NOT VALID;

ALTER TABLE ONLY public.access_log
    ADD CONSTRAINT pk_access_log PRIMARY KEY (id);

ALTER TABLE ONLY public.access_permission_domains
    ADD CONSTRAINT pk_access_permission_domains PRIMARY KEY (permission_prefix);

ALTER TABLE ONLY public.ai_cache
    ADD CONSTRAINT pk_ai_cache PRIMARY KEY (id);

ALTER TABLE ONLY public.ai_models
    ADD CONSTRAINT pk_ai_models PRIMARY KEY (id);

ALTER TABLE ONLY public.archive_transactions
    ADD CONSTRAINT pk_archive_transactions PRIMARY KEY (id);

ALTER TABLE ONLY public.archived_rooms
    ADD CONSTRAINT pk_archived_rooms PRIMARY KEY (archive_id, room_id);

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT pk_audit_log PRIMARY KEY (id);

ALTER TABLE ONLY public.audited_tables
    ADD CONSTRAINT pk_audited_tables PRIMARY KEY (table_name);

ALTER TABLE ONLY public.auto_approval_settings
    ADD CONSTRAINT pk_auto_approval_settings PRIMARY KEY (id);

ALTER TABLE ONLY public.auto_approval_settings_history
    ADD CONSTRAINT pk_auto_approval_settings_history PRIMARY KEY (history_id);

ALTER TABLE ONLY public.business_calendars
    ADD CONSTRAINT pk_business_calendars PRIMARY KEY (id);

ALTER TABLE ONLY public.canned_replies
    ADD CONSTRAINT pk_canned_replies PRIMARY KEY (id);

ALTER TABLE ONLY public.chat_file_attachments
    ADD CONSTRAINT pk_chat_file_attachments PRIMARY KEY (id);

ALTER TABLE ONLY public.chat_file_attachments_history
    ADD CONSTRAINT pk_chat_file_attachments_history PRIMARY KEY (history_id);

ALTER TABLE ONLY public.chat_rooms
    ADD CONSTRAINT pk_chat_rooms PRIMARY KEY (id);

ALTER TABLE ONLY public.chat_rooms_history
    ADD CONSTRAINT pk_chat_rooms_history PRIMARY KEY (history_id);

ALTER TABLE ONLY public.context_optimizations
    ADD CONSTRAINT pk_context_optimizations PRIMARY KEY (id);

ALTER TABLE ONLY public.csat_ratings
    ADD CONSTRAINT pk_csat_ratings PRIMARY KEY (id);

ALTER TABLE ONLY public.document_chunks
    ADD CONSTRAINT pk_document_chunks PRIMARY KEY (id);

ALTER TABLE ONLY public.document_originals
    ADD CONSTRAINT pk_document_originals PRIMARY KEY (document_id);

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT pk_documents PRIMARY KEY (id);

ALTER TABLE ONLY public.documents_history
    ADD CONSTRAINT pk_documents_history PRIMARY KEY (history_id);

ALTER TABLE ONLY public.escalation_edges
    ADD CONSTRAINT pk_escalation_edges PRIMARY KEY (id);

ALTER TABLE ONLY public.escalation_edges_history
    ADD CONSTRAINT pk_escalation_edges_history PRIMARY KEY (history_id);

ALTER TABLE ONLY public.escalations
    ADD CONSTRAINT pk_escalations PRIMARY KEY (id);

ALTER TABLE ONLY public.escalations_history
    ADD CONSTRAINT pk_escalations_history PRIMARY KEY (history_id);

ALTER TABLE ONLY public.file_uploads
    ADD CONSTRAINT pk_file_uploads PRIMARY KEY (id);

ALTER TABLE ONLY public.guest_blocks
    ADD CONSTRAINT pk_guest_blocks PRIMARY KEY (id);

ALTER TABLE ONLY public.guest_sessions
    ADD CONSTRAINT pk_guest_sessions PRIMARY KEY (id);

ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT pk_invitations PRIMARY KEY (id);

ALTER TABLE ONLY public.job_pauses
    ADD CONSTRAINT pk_job_pauses PRIMARY KEY (job);

ALTER TABLE ONLY public.job_runs
    ADD CONSTRAINT pk_job_runs PRIMARY KEY (job, due_at);

ALTER TABLE ONLY public.knowledge_entries
    ADD CONSTRAINT pk_knowledge_entries PRIMARY KEY (id);

ALTER TABLE ONLY public.legal_holds
    ADD CONSTRAINT pk_legal_holds PRIMARY KEY (id);

ALTER TABLE ONLY public.legal_holds_history
    ADD CONSTRAINT pk_legal_holds_history PRIMARY KEY (history_id);

ALTER TABLE ONLY public.llm_budgets
    ADD CONSTRAINT pk_llm_budgets PRIMARY KEY (workspace_id);

ALTER TABLE ONLY public.llm_budgets_history
    ADD CONSTRAINT pk_llm_budgets_history PRIMARY KEY (history_id);

ALTER TABLE ONLY public.llm_holds
    ADD CONSTRAINT pk_llm_holds PRIMARY KEY (id);

ALTER TABLE ONLY public.llm_pauses
    ADD CONSTRAINT pk_llm_pauses PRIMARY KEY (id);

ALTER TABLE ONLY public.mcp_servers
    ADD CONSTRAINT pk_mcp_servers PRIMARY KEY (id);

ALTER TABLE ONLY public.message_dedup
    ADD CONSTRAINT pk_message_dedup PRIMARY KEY (workspace_id, room_id, sender_id, client_msg_id);

ALTER TABLE ONLY public.message_reactions
    ADD CONSTRAINT pk_message_reactions PRIMARY KEY (id);

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT pk_messages PRIMARY KEY (id);

ALTER TABLE ONLY public.messages_history
    ADD CONSTRAINT pk_messages_history PRIMARY KEY (history_id);

ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT pk_notifications PRIMARY KEY (id);

ALTER TABLE ONLY public.op_results
    ADD CONSTRAINT pk_op_results PRIMARY KEY (workspace_id, actor_id, op_id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT pk_outbox PRIMARY KEY (id);

ALTER TABLE ONLY public.permissions
    ADD CONSTRAINT pk_permissions PRIMARY KEY (key);

ALTER TABLE ONLY public.personal_access_tokens
    ADD CONSTRAINT pk_personal_access_tokens PRIMARY KEY (id);

ALTER TABLE ONLY public.plans
    ADD CONSTRAINT pk_plans PRIMARY KEY (id);

ALTER TABLE ONLY public.plans_history
    ADD CONSTRAINT pk_plans_history PRIMARY KEY (history_id);

ALTER TABLE ONLY public.provider_configs
    ADD CONSTRAINT pk_provider_configs PRIMARY KEY (id);

ALTER TABLE ONLY public.provider_configs_history
    ADD CONSTRAINT pk_provider_configs_history PRIMARY KEY (history_id);

ALTER TABLE ONLY public.provider_models
    ADD CONSTRAINT pk_provider_models PRIMARY KEY (id);

ALTER TABLE ONLY public.provider_models_history
    ADD CONSTRAINT pk_provider_models_history PRIMARY KEY (history_id);

ALTER TABLE ONLY public.queues
    ADD CONSTRAINT pk_queues PRIMARY KEY (id);

ALTER TABLE ONLY public.retention_policies
    ADD CONSTRAINT pk_retention_policies PRIMARY KEY (id);

ALTER TABLE ONLY public.retention_policies_history
    ADD CONSTRAINT pk_retention_policies_history PRIMARY KEY (history_id);

ALTER TABLE ONLY public.robot_interactions
    ADD CONSTRAINT pk_robot_interactions PRIMARY KEY (id);

ALTER TABLE ONLY public.robot_suggestions
    ADD CONSTRAINT pk_robot_suggestions PRIMARY KEY (id);

ALTER TABLE ONLY public.robots
    ADD CONSTRAINT pk_robots PRIMARY KEY (id);

ALTER TABLE ONLY public.robots_history
    ADD CONSTRAINT pk_robots_history PRIMARY KEY (history_id);

ALTER TABLE ONLY public.role_permissions
    ADD CONSTRAINT pk_role_permissions PRIMARY KEY (role_id, pattern);

ALTER TABLE ONLY public.role_permissions_history
    ADD CONSTRAINT pk_role_permissions_history PRIMARY KEY (history_id);

ALTER TABLE ONLY public.roles
    ADD CONSTRAINT pk_roles PRIMARY KEY (id);

ALTER TABLE ONLY public.roles_history
    ADD CONSTRAINT pk_roles_history PRIMARY KEY (history_id);

ALTER TABLE ONLY public.room_events
    ADD CONSTRAINT pk_room_events PRIMARY KEY (id);

ALTER TABLE ONLY public.room_heads
    ADD CONSTRAINT pk_room_heads PRIMARY KEY (room_id);

ALTER TABLE ONLY public.room_participants
    ADD CONSTRAINT pk_room_participants PRIMARY KEY (room_id, user_id);

ALTER TABLE ONLY public.room_participants_history
    ADD CONSTRAINT pk_room_participants_history PRIMARY KEY (history_id);

ALTER TABLE ONLY public.room_robots
    ADD CONSTRAINT pk_room_robots PRIMARY KEY (room_id, robot_id);

ALTER TABLE ONLY public.room_robots_history
    ADD CONSTRAINT pk_room_robots_history PRIMARY KEY (history_id);

ALTER TABLE ONLY public.room_tags
    ADD CONSTRAINT pk_room_tags PRIMARY KEY (room_id, tag_id);

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT pk_schema_migrations PRIMARY KEY (version);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT pk_sessions PRIMARY KEY (id);

ALTER TABLE ONLY public.shop_orders
    ADD CONSTRAINT pk_shop_orders PRIMARY KEY (id);

ALTER TABLE ONLY public.shop_vouchers
    ADD CONSTRAINT pk_shop_vouchers PRIMARY KEY (id);

ALTER TABLE ONLY public.sign_in_attempts
    ADD CONSTRAINT pk_sign_in_attempts PRIMARY KEY (id);

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT pk_sites PRIMARY KEY (id);

ALTER TABLE ONLY public.sla_clocks
    ADD CONSTRAINT pk_sla_clocks PRIMARY KEY (id);

ALTER TABLE ONLY public.sla_policies
    ADD CONSTRAINT pk_sla_policies PRIMARY KEY (id);

ALTER TABLE ONLY public.sla_policies_history
    ADD CONSTRAINT pk_sla_policies_history PRIMARY KEY (history_id);

ALTER TABLE ONLY public.socket_tickets
    ADD CONSTRAINT pk_socket_tickets PRIMARY KEY (id);

ALTER TABLE ONLY public.subscriptions
    ADD CONSTRAINT pk_subscriptions PRIMARY KEY (id);

ALTER TABLE ONLY public.tags
    ADD CONSTRAINT pk_tags PRIMARY KEY (id);

ALTER TABLE ONLY public.team_members
    ADD CONSTRAINT pk_team_members PRIMARY KEY (team_id, user_id);

ALTER TABLE ONLY public.teams
    ADD CONSTRAINT pk_teams PRIMARY KEY (id);

ALTER TABLE ONLY public.tool_executions
    ADD CONSTRAINT pk_tool_executions PRIMARY KEY (id);

ALTER TABLE ONLY public.tool_executions_history
    ADD CONSTRAINT pk_tool_executions_history PRIMARY KEY (history_id);

ALTER TABLE ONLY public.unanswered_questions
    ADD CONSTRAINT pk_unanswered_questions PRIMARY KEY (id);

ALTER TABLE ONLY public.usage_logs
    ADD CONSTRAINT pk_usage_logs PRIMARY KEY (id);

ALTER TABLE ONLY public.usage_stats
    ADD CONSTRAINT pk_usage_stats PRIMARY KEY (id);

ALTER TABLE ONLY public.user_access
    ADD CONSTRAINT pk_user_access PRIMARY KEY (user_id);

ALTER TABLE ONLY public.user_identities
    ADD CONSTRAINT pk_user_identities PRIMARY KEY (id);

ALTER TABLE ONLY public.user_roles
    ADD CONSTRAINT pk_user_roles PRIMARY KEY (user_id, role_id);

ALTER TABLE ONLY public.user_roles_history
    ADD CONSTRAINT pk_user_roles_history PRIMARY KEY (history_id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT pk_users PRIMARY KEY (id);

ALTER TABLE ONLY public.users_history
    ADD CONSTRAINT pk_users_history PRIMARY KEY (history_id);

ALTER TABLE ONLY public.verification_tokens
    ADD CONSTRAINT pk_verification_tokens PRIMARY KEY (id);

ALTER TABLE ONLY public.webhook_deliveries
    ADD CONSTRAINT pk_webhook_deliveries PRIMARY KEY (id);

ALTER TABLE ONLY public.webhooks
    ADD CONSTRAINT pk_webhooks PRIMARY KEY (id);

ALTER TABLE ONLY public.webhooks_history
    ADD CONSTRAINT pk_webhooks_history PRIMARY KEY (history_id);

ALTER TABLE ONLY public.workspace_tools
    ADD CONSTRAINT pk_workspace_tools PRIMARY KEY (id);

ALTER TABLE ONLY public.workspaces
    ADD CONSTRAINT pk_workspaces PRIMARY KEY (id);

ALTER TABLE ONLY public.workspaces_history
    ADD CONSTRAINT pk_workspaces_history PRIMARY KEY (history_id);

ALTER TABLE ONLY public.access_log
    ADD CONSTRAINT uq_access_log_hour UNIQUE (workspace_id, actor_id, kind, thing_id, hour);

ALTER TABLE ONLY public.ai_cache
    ADD CONSTRAINT uq_ai_cache_prompt UNIQUE (workspace_id, model, prompt_hash, scope);

ALTER TABLE ONLY public.archive_transactions
    ADD CONSTRAINT uq_archive_transactions_workspace_id UNIQUE (workspace_id, id);

ALTER TABLE ONLY public.auto_approval_settings
    ADD CONSTRAINT uq_auto_approval_settings_scope UNIQUE NULLS NOT DISTINCT (workspace_id, room_id);

ALTER TABLE ONLY public.business_calendars
    ADD CONSTRAINT uq_business_calendars_workspace_id UNIQUE (workspace_id, id);

ALTER TABLE ONLY public.chat_rooms
    ADD CONSTRAINT uq_chat_rooms_workspace_id UNIQUE (workspace_id, id);

ALTER TABLE ONLY public.csat_ratings
    ADD CONSTRAINT uq_csat_ratings_guest UNIQUE (room_id, guest_id);

ALTER TABLE ONLY public.document_chunks
    ADD CONSTRAINT uq_document_chunks_index UNIQUE (document_id, chunk_index);

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT uq_documents_workspace_id UNIQUE (workspace_id, id);

ALTER TABLE ONLY public.escalation_edges
    ADD CONSTRAINT uq_escalation_edges_step UNIQUE (workspace_id, from_level, to_level);

ALTER TABLE ONLY public.file_uploads
    ADD CONSTRAINT uq_file_uploads_workspace_id UNIQUE (workspace_id, id);

ALTER TABLE ONLY public.guest_sessions
    ADD CONSTRAINT uq_guest_sessions_token UNIQUE (token_hash);

ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT uq_invitations_token UNIQUE (token_hash);

ALTER TABLE ONLY public.knowledge_entries
    ADD CONSTRAINT uq_knowledge_entries_workspace_id UNIQUE (workspace_id, id);

ALTER TABLE ONLY public.mcp_servers
    ADD CONSTRAINT uq_mcp_servers_workspace_id UNIQUE (workspace_id, id);

ALTER TABLE ONLY public.message_reactions
    ADD CONSTRAINT uq_message_reactions_emoji UNIQUE (message_id, user_id, emoji);

ALTER TABLE ONLY public.personal_access_tokens
    ADD CONSTRAINT uq_personal_access_tokens_token UNIQUE (token_hash);

ALTER TABLE ONLY public.plans
    ADD CONSTRAINT uq_plans_name UNIQUE (name);

ALTER TABLE ONLY public.provider_configs
    ADD CONSTRAINT uq_provider_configs_workspace_id UNIQUE (workspace_id, id);

ALTER TABLE ONLY public.provider_models
    ADD CONSTRAINT uq_provider_models_model UNIQUE (workspace_id, provider_id, model);

ALTER TABLE ONLY public.queues
    ADD CONSTRAINT uq_queues_workspace_id UNIQUE (workspace_id, id);

ALTER TABLE ONLY public.retention_policies
    ADD CONSTRAINT uq_retention_policies_subject UNIQUE NULLS NOT DISTINCT (workspace_id, subject, room_type);

ALTER TABLE ONLY public.robot_interactions
    ADD CONSTRAINT uq_robot_interactions_workspace_id UNIQUE (workspace_id, id);

ALTER TABLE ONLY public.robots
    ADD CONSTRAINT uq_robots_user UNIQUE (user_id);

ALTER TABLE ONLY public.robots
    ADD CONSTRAINT uq_robots_workspace_id UNIQUE (workspace_id, id);

ALTER TABLE ONLY public.roles
    ADD CONSTRAINT uq_roles_workspace_id UNIQUE (workspace_id, id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT uq_sessions_token UNIQUE (token_hash);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT uq_sessions_workspace_id UNIQUE (workspace_id, id);

ALTER TABLE ONLY public.shop_orders
    ADD CONSTRAINT uq_shop_orders_number UNIQUE (workspace_id, number);

ALTER TABLE ONLY public.shop_orders
    ADD CONSTRAINT uq_shop_orders_workspace_id UNIQUE (workspace_id, id);

ALTER TABLE ONLY public.shop_vouchers
    ADD CONSTRAINT uq_shop_vouchers_code UNIQUE (workspace_id, code);

ALTER TABLE ONLY public.shop_vouchers
    ADD CONSTRAINT uq_shop_vouchers_execution UNIQUE (execution_id);

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT uq_sites_site_key UNIQUE (site_key);

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT uq_sites_workspace_id UNIQUE (workspace_id, id);

ALTER TABLE ONLY public.sla_policies
    ADD CONSTRAINT uq_sla_policies_workspace_id UNIQUE (workspace_id, id);

ALTER TABLE ONLY public.socket_tickets
    ADD CONSTRAINT uq_socket_tickets_token UNIQUE (token_hash);

ALTER TABLE ONLY public.tags
    ADD CONSTRAINT uq_tags_workspace_id UNIQUE (workspace_id, id);

ALTER TABLE ONLY public.teams
    ADD CONSTRAINT uq_teams_workspace_id UNIQUE (workspace_id, id);

ALTER TABLE ONLY public.usage_stats
    ADD CONSTRAINT uq_usage_stats_day UNIQUE (user_id, date);

ALTER TABLE ONLY public.user_identities
    ADD CONSTRAINT uq_user_identities_subject UNIQUE (workspace_id, issuer, subject);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT uq_users_workspace_id UNIQUE (workspace_id, id);

ALTER TABLE ONLY public.verification_tokens
    ADD CONSTRAINT uq_verification_tokens_token UNIQUE (token_hash);

ALTER TABLE ONLY public.webhooks
    ADD CONSTRAINT uq_webhooks_workspace_id UNIQUE (workspace_id, id);

CREATE INDEX idx_access_log_thing ON public.access_log USING btree (workspace_id, thing_id, at);

CREATE INDEX idx_ai_cache_created_at ON public.ai_cache USING btree (created_at);

CREATE INDEX idx_ai_cache_ttl ON public.ai_cache USING btree (ttl);

CREATE INDEX idx_archive_transactions_purge ON public.archive_transactions USING btree (purge_after) WHERE (status = 'completed'::text);

CREATE INDEX idx_archive_transactions_unfinished ON public.archive_transactions USING btree (workspace_id, started_at) WHERE ((status = ANY (ARRAY['running'::text, 'failed'::text])) AND (location IS NOT NULL));

CREATE INDEX idx_archive_transactions_workspace ON public.archive_transactions USING btree (workspace_id, created_at);

CREATE INDEX idx_archived_rooms_room ON public.archived_rooms USING btree (room_id);

CREATE INDEX idx_audit_log_actor ON ONLY public.audit_log USING btree (actor_id, id) WHERE (actor_id IS NOT NULL);

CREATE INDEX idx_audit_log_subject ON ONLY public.audit_log USING btree (subject_id, id) WHERE (subject_id IS NOT NULL);

CREATE INDEX idx_audit_log_workspace ON ONLY public.audit_log USING btree (workspace_id, id);

CREATE INDEX idx_auto_approval_settings_history_subject ON ONLY public.auto_approval_settings_history USING btree (subject_id, history_id);

CREATE INDEX idx_auto_approval_settings_history_workspace ON ONLY public.auto_approval_settings_history USING btree (workspace_id, history_id);

CREATE INDEX idx_auto_approval_settings_room ON public.auto_approval_settings USING btree (room_id) WHERE (room_id IS NOT NULL);

CREATE INDEX idx_canned_replies_created_by ON public.canned_replies USING btree (created_by) WHERE (created_by IS NOT NULL);

CREATE INDEX idx_canned_replies_team ON public.canned_replies USING btree (team_id) WHERE (team_id IS NOT NULL);

CREATE INDEX idx_canned_replies_workspace ON public.canned_replies USING btree (workspace_id);

CREATE INDEX idx_chat_file_attachments_file ON public.chat_file_attachments USING btree (file_id);

CREATE INDEX idx_chat_file_attachments_history_subject ON ONLY public.chat_file_attachments_history USING btree (subject_id, history_id);

CREATE INDEX idx_chat_file_attachments_history_workspace ON ONLY public.chat_file_attachments_history USING btree (workspace_id, history_id);

CREATE INDEX idx_chat_file_attachments_message ON public.chat_file_attachments USING btree (message_id) WHERE (message_id IS NOT NULL);

CREATE INDEX idx_chat_file_attachments_owner ON public.chat_file_attachments USING btree (owner_id, created_at);

CREATE INDEX idx_chat_file_attachments_room ON public.chat_file_attachments USING btree (room_id) WHERE (room_id IS NOT NULL);

CREATE INDEX idx_chat_rooms_active ON public.chat_rooms USING btree (workspace_id, last_activity_at DESC, id) WHERE ((status = 'active'::text) AND (deleted_at IS NULL));

CREATE INDEX idx_chat_rooms_activity ON public.chat_rooms USING btree (workspace_id, last_activity_at DESC, id DESC) WHERE (deleted_at IS NULL);

CREATE INDEX idx_chat_rooms_assignee ON public.chat_rooms USING btree (assignee_id, last_activity_at) WHERE (assignee_id IS NOT NULL);

CREATE INDEX idx_chat_rooms_closed_at ON public.chat_rooms USING btree (workspace_id, closed_at) WHERE (status = 'closed'::text);

CREATE INDEX idx_chat_rooms_closed_by ON public.chat_rooms USING btree (closed_by) WHERE (closed_by IS NOT NULL);

CREATE INDEX idx_chat_rooms_created_at ON public.chat_rooms USING btree (workspace_id, created_at);

CREATE INDEX idx_chat_rooms_creator ON public.chat_rooms USING btree (creator_id);

CREATE INDEX idx_chat_rooms_history_subject ON ONLY public.chat_rooms_history USING btree (subject_id, history_id);

CREATE INDEX idx_chat_rooms_history_workspace ON ONLY public.chat_rooms_history USING btree (workspace_id, history_id);

CREATE INDEX idx_chat_rooms_issue ON public.chat_rooms USING btree (workspace_id, issue_id) WHERE (issue_id IS NOT NULL);

CREATE INDEX idx_chat_rooms_parent ON public.chat_rooms USING btree (parent_room_id) WHERE (parent_room_id IS NOT NULL);

CREATE INDEX idx_chat_rooms_queue ON public.chat_rooms USING btree (queue_id, level, priority, waiting_since);

CREATE INDEX idx_chat_rooms_room_type ON public.chat_rooms USING btree (room_type);

CREATE INDEX idx_chat_rooms_site ON public.chat_rooms USING btree (site_id) WHERE (site_id IS NOT NULL);

CREATE INDEX idx_chat_rooms_snoozed ON public.chat_rooms USING btree (snoozed_until) WHERE (status = 'snoozed'::text);

CREATE INDEX idx_chat_rooms_status_activity ON public.chat_rooms USING btree (workspace_id, status, last_activity_at);

CREATE INDEX idx_chat_rooms_team ON public.chat_rooms USING btree (team_id) WHERE (team_id IS NOT NULL);

CREATE INDEX idx_chat_rooms_waiting ON public.chat_rooms USING btree (workspace_id, priority, COALESCE(waiting_since, created_at), id) WHERE ((status = 'waiting'::text) AND (deleted_at IS NULL));

CREATE INDEX idx_chat_rooms_words ON public.chat_rooms USING gin (name public.gin_trgm_ops, issue_id public.gin_trgm_ops);

CREATE INDEX idx_context_optimizations_room ON public.context_optimizations USING btree (room_id, created_at);

CREATE INDEX idx_csat_ratings_agent ON public.csat_ratings USING btree (agent_id) WHERE (agent_id IS NOT NULL);

CREATE INDEX idx_csat_ratings_created_at ON public.csat_ratings USING btree (workspace_id, created_at);

CREATE INDEX idx_csat_ratings_guest ON public.csat_ratings USING btree (guest_id);

CREATE INDEX idx_document_chunks_embedding ON public.document_chunks USING hnsw (embedding public.vector_cosine_ops);

CREATE INDEX idx_document_chunks_question_embedding ON public.document_chunks USING hnsw (question_embedding public.vector_cosine_ops);

CREATE INDEX idx_document_chunks_tsv ON public.document_chunks USING gin (tsv);

CREATE INDEX idx_document_chunks_workspace ON public.document_chunks USING btree (workspace_id);

CREATE INDEX idx_document_originals_document ON public.document_originals USING btree (workspace_id, document_id);

CREATE INDEX idx_documents_content_hash ON public.documents USING btree (content_hash);

CREATE INDEX idx_documents_entry ON public.documents USING btree (entry_id) WHERE (entry_id IS NOT NULL);

CREATE INDEX idx_documents_filename ON public.documents USING btree (workspace_id, filename);

CREATE INDEX idx_documents_history_subject ON ONLY public.documents_history USING btree (subject_id, history_id);

CREATE INDEX idx_documents_history_workspace ON ONLY public.documents_history USING btree (workspace_id, history_id);

CREATE INDEX idx_documents_processing_status ON public.documents USING btree (processing_status);

CREATE INDEX idx_documents_room ON public.documents USING btree (room_id) WHERE (room_id IS NOT NULL);

CREATE INDEX idx_documents_team ON public.documents USING btree (team_id) WHERE (team_id IS NOT NULL);

CREATE INDEX idx_documents_user ON public.documents USING btree (user_id) WHERE (user_id IS NOT NULL);

CREATE INDEX idx_documents_workspace ON public.documents USING btree (workspace_id, created_at);

CREATE INDEX idx_escalation_edges_history_subject ON ONLY public.escalation_edges_history USING btree (subject_id, history_id);

CREATE INDEX idx_escalation_edges_history_workspace ON ONLY public.escalation_edges_history USING btree (workspace_id, history_id);

CREATE INDEX idx_escalation_edges_permission ON public.escalation_edges USING btree (permission);

CREATE INDEX idx_escalations_approved_by ON public.escalations USING btree (approved_by) WHERE (approved_by IS NOT NULL);

CREATE INDEX idx_escalations_assigned_to ON public.escalations USING btree (assigned_to) WHERE (assigned_to IS NOT NULL);

CREATE INDEX idx_escalations_created_by ON public.escalations USING btree (created_by) WHERE (created_by IS NOT NULL);

CREATE INDEX idx_escalations_due ON public.escalations USING btree (due_at) WHERE (status = ANY (ARRAY['created'::text, 'assigned'::text, 'in_progress'::text]));

CREATE INDEX idx_escalations_history_subject ON ONLY public.escalations_history USING btree (subject_id, history_id);

CREATE INDEX idx_escalations_history_workspace ON ONLY public.escalations_history USING btree (workspace_id, history_id);

CREATE INDEX idx_escalations_source_room ON public.escalations USING btree (source_room_id, created_at);

CREATE INDEX idx_escalations_status ON public.escalations USING btree (workspace_id, status, created_at);

CREATE INDEX idx_escalations_target_room ON public.escalations USING btree (target_room_id) WHERE (target_room_id IS NOT NULL);

CREATE INDEX idx_file_uploads_content_hash ON public.file_uploads USING btree (content_hash);

CREATE INDEX idx_file_uploads_owner ON public.file_uploads USING btree (owner_id) WHERE (owner_id IS NOT NULL);

CREATE INDEX idx_file_uploads_unreferenced ON public.file_uploads USING btree (unreferenced_at) WHERE ((reference_count = 0) AND (deleted_at IS NULL));

CREATE INDEX idx_guest_blocks_blocked_by ON public.guest_blocks USING btree (blocked_by) WHERE (blocked_by IS NOT NULL);

CREATE INDEX idx_guest_blocks_guest ON public.guest_blocks USING btree (guest_id);

CREATE INDEX idx_guest_blocks_lifted_by ON public.guest_blocks USING btree (lifted_by) WHERE (lifted_by IS NOT NULL);

CREATE INDEX idx_guest_sessions_expires_at ON public.guest_sessions USING btree (expires_at);

CREATE INDEX idx_guest_sessions_guest ON public.guest_sessions USING btree (guest_id);

CREATE INDEX idx_guest_sessions_site ON public.guest_sessions USING btree (site_id);

CREATE INDEX idx_invitations_accepted_by ON public.invitations USING btree (accepted_by) WHERE (accepted_by IS NOT NULL);

CREATE INDEX idx_invitations_email ON public.invitations USING btree (workspace_id, email);

CREATE INDEX idx_invitations_invited_by ON public.invitations USING btree (invited_by) WHERE (invited_by IS NOT NULL);

CREATE INDEX idx_invitations_role ON public.invitations USING btree (role_id);

CREATE INDEX idx_job_runs_lease ON public.job_runs USING btree (claimed_until) WHERE (status = 'running'::text);

CREATE INDEX idx_job_runs_started_at ON public.job_runs USING btree (started_at);

CREATE INDEX idx_knowledge_entries_table ON public.knowledge_entries USING btree (table_id) WHERE (table_id IS NOT NULL);

CREATE INDEX idx_knowledge_entries_team ON public.knowledge_entries USING btree (team_id) WHERE (team_id IS NOT NULL);

CREATE INDEX idx_knowledge_entries_user ON public.knowledge_entries USING btree (user_id) WHERE (user_id IS NOT NULL);

CREATE INDEX idx_knowledge_entries_workspace ON public.knowledge_entries USING btree (workspace_id, id) WHERE (deleted_at IS NULL);

CREATE INDEX idx_legal_holds_guest ON public.legal_holds USING btree (guest_id) WHERE (guest_id IS NOT NULL);

CREATE INDEX idx_legal_holds_history_subject ON ONLY public.legal_holds_history USING btree (subject_id, history_id);

CREATE INDEX idx_legal_holds_history_workspace ON ONLY public.legal_holds_history USING btree (workspace_id, history_id);

CREATE INDEX idx_legal_holds_placed_by ON public.legal_holds USING btree (placed_by) WHERE (placed_by IS NOT NULL);

CREATE INDEX idx_legal_holds_released_by ON public.legal_holds USING btree (released_by) WHERE (released_by IS NOT NULL);

CREATE INDEX idx_legal_holds_room ON public.legal_holds USING btree (room_id) WHERE (room_id IS NOT NULL);

CREATE INDEX idx_legal_holds_workspace ON public.legal_holds USING btree (workspace_id);

CREATE INDEX idx_llm_budgets_history_subject ON ONLY public.llm_budgets_history USING btree (subject_id, history_id);

CREATE INDEX idx_llm_budgets_history_workspace ON ONLY public.llm_budgets_history USING btree (workspace_id, history_id);

CREATE INDEX idx_llm_holds_workspace ON public.llm_holds USING btree (workspace_id, expires_at);

CREATE INDEX idx_llm_pauses_interaction ON public.llm_pauses USING btree (interaction_id);

CREATE INDEX idx_llm_pauses_room ON public.llm_pauses USING btree (room_id, created_at);

CREATE INDEX idx_message_dedup_created_at ON public.message_dedup USING brin (created_at);

CREATE INDEX idx_message_reactions_user ON public.message_reactions USING btree (user_id);

CREATE INDEX idx_messages_history_subject ON ONLY public.messages_history USING btree (subject_id, history_id);

CREATE INDEX idx_messages_history_workspace ON ONLY public.messages_history USING btree (workspace_id, history_id);

CREATE INDEX idx_messages_robot ON ONLY public.messages USING btree (robot_id, id) WHERE (robot_id IS NOT NULL);

CREATE INDEX idx_messages_sender ON ONLY public.messages USING btree (sender_id, id);

CREATE INDEX idx_messages_type_room ON ONLY public.messages USING btree (message_type, room_id) WHERE (deleted_at IS NULL);

CREATE INDEX idx_notifications_room ON public.notifications USING btree (room_id) WHERE (room_id IS NOT NULL);

CREATE INDEX idx_notifications_unread ON public.notifications USING btree (user_id) WHERE (read_at IS NULL);

CREATE INDEX idx_notifications_user ON public.notifications USING btree (user_id, created_at);

CREATE INDEX idx_op_results_created_at ON public.op_results USING btree (created_at);

CREATE INDEX idx_outbox_due ON public.outbox USING btree (available_at) WHERE ((done_at IS NULL) AND (failed_at IS NULL));

CREATE INDEX idx_outbox_workspace ON public.outbox USING btree (workspace_id, created_at);

CREATE INDEX idx_permissions_domain ON public.permissions USING btree (permission_prefix);

CREATE INDEX idx_personal_access_tokens_user ON public.personal_access_tokens USING btree (user_id);

CREATE INDEX idx_plans_history_subject ON ONLY public.plans_history USING btree (subject_id, history_id);

CREATE INDEX idx_plans_history_workspace ON ONLY public.plans_history USING btree (workspace_id, history_id);

CREATE INDEX idx_provider_configs_created_by ON public.provider_configs USING btree (created_by) WHERE (created_by IS NOT NULL);

CREATE INDEX idx_provider_configs_history_subject ON ONLY public.provider_configs_history USING btree (subject_id, history_id);

CREATE INDEX idx_provider_configs_history_workspace ON ONLY public.provider_configs_history USING btree (workspace_id, history_id);

CREATE INDEX idx_provider_configs_workspace ON public.provider_configs USING btree (workspace_id);

CREATE INDEX idx_provider_models_history_subject ON ONLY public.provider_models_history USING btree (subject_id, history_id);

CREATE INDEX idx_provider_models_history_workspace ON ONLY public.provider_models_history USING btree (workspace_id, history_id);

CREATE INDEX idx_queues_calendar ON public.queues USING btree (calendar_id) WHERE (calendar_id IS NOT NULL);

CREATE INDEX idx_queues_sla_policy ON public.queues USING btree (sla_policy_id) WHERE (sla_policy_id IS NOT NULL);

CREATE INDEX idx_queues_team ON public.queues USING btree (team_id) WHERE (team_id IS NOT NULL);

CREATE INDEX idx_retention_policies_history_subject ON ONLY public.retention_policies_history USING btree (subject_id, history_id);

CREATE INDEX idx_retention_policies_history_workspace ON ONLY public.retention_policies_history USING btree (workspace_id, history_id);

CREATE INDEX idx_robot_interactions_due ON public.robot_interactions USING btree (available_at) WHERE (status = 'pending'::text);

CREATE INDEX idx_robot_interactions_lease ON public.robot_interactions USING btree (claimed_until) WHERE (status = 'processing'::text);

CREATE INDEX idx_robot_interactions_robot ON public.robot_interactions USING btree (robot_id, created_at);

CREATE INDEX idx_robot_interactions_room ON public.robot_interactions USING btree (room_id, created_at);

CREATE INDEX idx_robot_interactions_status ON public.robot_interactions USING btree (status, created_at);

CREATE INDEX idx_robot_suggestions_decided_by ON public.robot_suggestions USING btree (decided_by) WHERE (decided_by IS NOT NULL);

CREATE INDEX idx_robot_suggestions_interaction ON public.robot_suggestions USING btree (interaction_id) WHERE (interaction_id IS NOT NULL);

CREATE INDEX idx_robot_suggestions_message ON public.robot_suggestions USING btree (message_id);

CREATE INDEX idx_robot_suggestions_robot ON public.robot_suggestions USING btree (robot_id, created_at);

CREATE INDEX idx_robot_suggestions_room ON public.robot_suggestions USING btree (room_id, created_at);

CREATE INDEX idx_robot_suggestions_unsent ON public.robot_suggestions USING btree (decided_at) WHERE ((decision = ANY (ARRAY['inserted'::text, 'edited'::text])) AND (sent_changed IS NULL));

CREATE INDEX idx_robots_history_subject ON ONLY public.robots_history USING btree (subject_id, history_id);

CREATE INDEX idx_robots_history_workspace ON ONLY public.robots_history USING btree (workspace_id, history_id);

CREATE INDEX idx_robots_staff_only ON public.robots USING btree (workspace_id) WHERE (staff_only AND active AND (deleted_at IS NULL));

CREATE INDEX idx_robots_workspace ON public.robots USING btree (workspace_id);

CREATE INDEX idx_role_permissions_history_subject ON ONLY public.role_permissions_history USING btree (subject_id, history_id);

CREATE INDEX idx_role_permissions_history_workspace ON ONLY public.role_permissions_history USING btree (workspace_id, history_id);

CREATE INDEX idx_role_permissions_workspace ON public.role_permissions USING btree (workspace_id);

CREATE INDEX idx_roles_history_subject ON ONLY public.roles_history USING btree (subject_id, history_id);

CREATE INDEX idx_roles_history_workspace ON ONLY public.roles_history USING btree (workspace_id, history_id);

CREATE INDEX idx_room_participants_history_subject ON ONLY public.room_participants_history USING btree (subject_id, history_id);

CREATE INDEX idx_room_participants_history_workspace ON ONLY public.room_participants_history USING btree (workspace_id, history_id);

CREATE INDEX idx_room_participants_role ON public.room_participants USING btree (role);

CREATE INDEX idx_room_participants_room_active ON public.room_participants USING btree (room_id) WHERE (status = 'active'::text);

CREATE INDEX idx_room_participants_user ON public.room_participants USING btree (user_id, room_id);

CREATE INDEX idx_room_participants_user_active ON public.room_participants USING btree (user_id, room_id) WHERE (status = 'active'::text);

CREATE INDEX idx_room_robots_history_subject ON ONLY public.room_robots_history USING btree (subject_id, history_id);

CREATE INDEX idx_room_robots_history_workspace ON ONLY public.room_robots_history USING btree (workspace_id, history_id);

CREATE INDEX idx_room_robots_robot ON public.room_robots USING btree (robot_id);

CREATE INDEX idx_room_robots_staff_only ON public.room_robots USING btree (workspace_id) WHERE staff_only;

CREATE INDEX idx_room_tags_created_by ON public.room_tags USING btree (created_by) WHERE (created_by IS NOT NULL);

CREATE INDEX idx_room_tags_tag ON public.room_tags USING btree (tag_id);

CREATE INDEX idx_sessions_expires_at ON public.sessions USING btree (expires_at);

CREATE INDEX idx_sessions_user ON public.sessions USING btree (user_id);

CREATE INDEX idx_shop_vouchers_order ON public.shop_vouchers USING btree (order_id);

CREATE INDEX idx_sign_in_attempts_address ON public.sign_in_attempts USING btree (address, attempted_at);

CREATE INDEX idx_sign_in_attempts_attempted_at ON public.sign_in_attempts USING btree (attempted_at);

CREATE INDEX idx_sign_in_attempts_subject ON public.sign_in_attempts USING btree (subject_hash, attempted_at);

CREATE INDEX idx_sites_queue ON public.sites USING btree (queue_id) WHERE (queue_id IS NOT NULL);

CREATE INDEX idx_sites_workspace ON public.sites USING btree (workspace_id);

CREATE INDEX idx_sla_clocks_due ON public.sla_clocks USING btree (LEAST(warn_at, due_at)) WHERE (status = 'running'::text);

CREATE INDEX idx_sla_clocks_policy ON public.sla_clocks USING btree (sla_policy_id);

CREATE INDEX idx_sla_clocks_room ON public.sla_clocks USING btree (room_id);

CREATE INDEX idx_sla_policies_calendar ON public.sla_policies USING btree (calendar_id) WHERE (calendar_id IS NOT NULL);

CREATE INDEX idx_sla_policies_history_subject ON ONLY public.sla_policies_history USING btree (subject_id, history_id);

CREATE INDEX idx_sla_policies_history_workspace ON ONLY public.sla_policies_history USING btree (workspace_id, history_id);

CREATE INDEX idx_socket_tickets_expires_at ON public.socket_tickets USING btree (expires_at);

CREATE INDEX idx_socket_tickets_session ON public.socket_tickets USING btree (session_id) WHERE (session_id IS NOT NULL);

CREATE INDEX idx_socket_tickets_user ON public.socket_tickets USING btree (user_id);

CREATE INDEX idx_subscriptions_plan ON public.subscriptions USING btree (plan_id);

CREATE INDEX idx_subscriptions_workspace ON public.subscriptions USING btree (workspace_id);

CREATE INDEX idx_team_members_user ON public.team_members USING btree (user_id);

CREATE INDEX idx_tool_executions_decided_by ON public.tool_executions USING btree (decided_by) WHERE (decided_by IS NOT NULL);

CREATE INDEX idx_tool_executions_expiry ON public.tool_executions USING btree (expires_at) WHERE (status = 'pending'::text);

CREATE INDEX idx_tool_executions_history_subject ON ONLY public.tool_executions_history USING btree (subject_id, history_id);

CREATE INDEX idx_tool_executions_history_workspace ON ONLY public.tool_executions_history USING btree (workspace_id, history_id);

CREATE INDEX idx_tool_executions_interaction ON public.tool_executions USING btree (interaction_id) WHERE (interaction_id IS NOT NULL);

CREATE INDEX idx_tool_executions_message ON public.tool_executions USING btree (message_id) WHERE (message_id IS NOT NULL);

CREATE INDEX idx_tool_executions_open ON public.tool_executions USING btree (workspace_id, status) WHERE (status = ANY (ARRAY['pending'::text, 'approved'::text, 'executing'::text]));

CREATE INDEX idx_tool_executions_paid ON public.tool_executions USING btree (workspace_id, approved_at) WHERE (cost > (0)::numeric);

CREATE INDEX idx_tool_executions_requested_by ON public.tool_executions USING btree (requested_by) WHERE (requested_by IS NOT NULL);

CREATE INDEX idx_tool_executions_robot ON public.tool_executions USING btree (robot_id, created_at);

CREATE INDEX idx_tool_executions_room ON public.tool_executions USING btree (room_id, created_at);

CREATE INDEX idx_tool_executions_status ON public.tool_executions USING btree (status, created_at);

CREATE INDEX idx_tool_executions_tool ON public.tool_executions USING btree (tool_name, created_at);

CREATE INDEX idx_tool_executions_untold ON public.tool_executions USING btree (workspace_id, room_id) WHERE ((told_at IS NULL) AND (status = ANY (ARRAY['completed'::text, 'failed'::text, 'denied'::text, 'cancelled'::text])));

CREATE INDEX idx_unanswered_questions_open ON public.unanswered_questions USING btree (workspace_id, group_id) WHERE (state = 'open'::text);

CREATE INDEX idx_unanswered_questions_room ON public.unanswered_questions USING btree (room_id);

CREATE INDEX idx_usage_logs_robot ON public.usage_logs USING btree (robot_id, created_at) WHERE (robot_id IS NOT NULL);

CREATE INDEX idx_usage_logs_room ON public.usage_logs USING btree (room_id, created_at) WHERE (room_id IS NOT NULL);

CREATE INDEX idx_usage_logs_user ON public.usage_logs USING btree (user_id, created_at);

CREATE INDEX idx_usage_logs_workspace ON public.usage_logs USING btree (workspace_id, created_at);

CREATE INDEX idx_usage_stats_date ON public.usage_stats USING btree (date);

CREATE INDEX idx_usage_stats_workspace ON public.usage_stats USING btree (workspace_id, date);

CREATE INDEX idx_user_identities_user ON public.user_identities USING btree (user_id);

CREATE INDEX idx_user_roles_granted_by ON public.user_roles USING btree (granted_by) WHERE (granted_by IS NOT NULL);

CREATE INDEX idx_user_roles_history_subject ON ONLY public.user_roles_history USING btree (subject_id, history_id);

CREATE INDEX idx_user_roles_history_workspace ON ONLY public.user_roles_history USING btree (workspace_id, history_id);

CREATE INDEX idx_user_roles_role ON public.user_roles USING btree (role_id);

CREATE INDEX idx_users_account_status ON public.users USING btree (current_account_status);

CREATE INDEX idx_users_created_at ON public.users USING btree (created_at);

CREATE INDEX idx_users_email ON public.users USING btree (workspace_id, email);

CREATE INDEX idx_users_history_subject ON ONLY public.users_history USING btree (subject_id, history_id);

CREATE INDEX idx_users_history_workspace ON ONLY public.users_history USING btree (workspace_id, history_id);

CREATE INDEX idx_users_plan ON public.users USING btree (plan_id) WHERE (plan_id IS NOT NULL);

CREATE INDEX idx_users_staff ON public.users USING btree (workspace_id, account_type_informal) WHERE ((account_type_informal <> 'guest'::text) AND (deleted_at IS NULL));

CREATE INDEX idx_users_status_last_seen ON public.users USING btree (current_status, last_seen_at);

CREATE INDEX idx_users_words ON public.users USING gin (display_name public.gin_trgm_ops, email public.gin_trgm_ops) WHERE (account_type_informal = 'guest'::text);

CREATE INDEX idx_verification_tokens_expires_at ON public.verification_tokens USING btree (expires_at);

CREATE INDEX idx_verification_tokens_user ON public.verification_tokens USING btree (user_id);

CREATE INDEX idx_webhook_deliveries_due ON public.webhook_deliveries USING btree (available_at) WHERE (status = 'pending'::text);

CREATE INDEX idx_webhook_deliveries_webhook ON public.webhook_deliveries USING btree (webhook_id, created_at);

CREATE INDEX idx_webhooks_created_by ON public.webhooks USING btree (created_by) WHERE (created_by IS NOT NULL);

CREATE INDEX idx_webhooks_history_subject ON ONLY public.webhooks_history USING btree (subject_id, history_id);

CREATE INDEX idx_webhooks_history_workspace ON ONLY public.webhooks_history USING btree (workspace_id, history_id);

CREATE INDEX idx_workspace_tools_server ON public.workspace_tools USING btree (server_id) WHERE (server_id IS NOT NULL);

CREATE INDEX idx_workspace_tools_workspace ON public.workspace_tools USING btree (workspace_id);

CREATE INDEX idx_workspaces_history_subject ON ONLY public.workspaces_history USING btree (subject_id, history_id);

CREATE INDEX idx_workspaces_history_workspace ON ONLY public.workspaces_history USING btree (workspace_id, history_id);

CREATE INDEX idx_workspaces_plan ON public.workspaces USING btree (plan_id);

CREATE UNIQUE INDEX uq_business_calendars_default ON public.business_calendars USING btree (workspace_id) WHERE (is_default AND (deleted_at IS NULL));

CREATE UNIQUE INDEX uq_business_calendars_name ON public.business_calendars USING btree (workspace_id, name) WHERE (deleted_at IS NULL);

CREATE UNIQUE INDEX uq_canned_replies_shortcut ON public.canned_replies USING btree (workspace_id, shortcut) WHERE (deleted_at IS NULL);

CREATE UNIQUE INDEX uq_chat_rooms_client_room_id ON public.chat_rooms USING btree (workspace_id, creator_id, client_room_id) WHERE (client_room_id IS NOT NULL);

CREATE UNIQUE INDEX uq_documents_content ON public.documents USING btree (workspace_id, scope, team_id, room_id, content_hash) NULLS NOT DISTINCT WHERE (deleted_at IS NULL);

CREATE UNIQUE INDEX uq_file_uploads_content ON public.file_uploads USING btree (workspace_id, content_hash) WHERE (deleted_at IS NULL);

CREATE UNIQUE INDEX uq_guest_blocks_standing ON public.guest_blocks USING btree (guest_id) WHERE (lifted_at IS NULL);

CREATE UNIQUE INDEX uq_guest_sessions_previous_token ON public.guest_sessions USING btree (previous_token_hash) WHERE (previous_token_hash IS NOT NULL);

CREATE UNIQUE INDEX uq_mcp_servers_name ON public.mcp_servers USING btree (workspace_id, name) WHERE (deleted_at IS NULL);

CREATE UNIQUE INDEX uq_outbox_dedup_key ON public.outbox USING btree (workspace_id, kind, dedup_key) WHERE (dedup_key IS NOT NULL);

CREATE UNIQUE INDEX uq_provider_configs_default ON public.provider_configs USING btree (workspace_id) WHERE (is_default AND (deleted_at IS NULL));

CREATE UNIQUE INDEX uq_provider_configs_name ON public.provider_configs USING btree (workspace_id, name) WHERE (deleted_at IS NULL);

CREATE UNIQUE INDEX uq_queues_default ON public.queues USING btree (workspace_id, level) WHERE (is_default AND (deleted_at IS NULL));

CREATE UNIQUE INDEX uq_queues_name ON public.queues USING btree (workspace_id, name) WHERE (deleted_at IS NULL);

CREATE UNIQUE INDEX uq_robot_interactions_turn ON public.robot_interactions USING btree (message_id, robot_id, trigger_kind) WHERE (message_id IS NOT NULL);

CREATE UNIQUE INDEX uq_robots_name ON public.robots USING btree (workspace_id, name, module) WHERE (deleted_at IS NULL);

CREATE UNIQUE INDEX uq_roles_name ON public.roles USING btree (workspace_id, name) WHERE (deleted_at IS NULL);

CREATE UNIQUE INDEX uq_sla_clocks_open ON public.sla_clocks USING btree (room_id, kind) WHERE (status = ANY (ARRAY['running'::text, 'paused'::text]));

CREATE UNIQUE INDEX uq_sla_policies_name ON public.sla_policies USING btree (workspace_id, name) WHERE (deleted_at IS NULL);

CREATE UNIQUE INDEX uq_subscriptions_current ON public.subscriptions USING btree (workspace_id) WHERE (status <> 'cancelled'::text);

CREATE UNIQUE INDEX uq_subscriptions_external_ref ON public.subscriptions USING btree (external_ref) WHERE (external_ref IS NOT NULL);

CREATE UNIQUE INDEX uq_tags_name ON public.tags USING btree (workspace_id, name) WHERE (deleted_at IS NULL);

CREATE UNIQUE INDEX uq_teams_name ON public.teams USING btree (workspace_id, name) WHERE (deleted_at IS NULL);

CREATE UNIQUE INDEX uq_users_external_id ON public.users USING btree (workspace_id, external_id) WHERE (deleted_at IS NULL);

CREATE UNIQUE INDEX uq_users_staff_email ON public.users USING btree (email) WHERE ((account_type_informal <> ALL (ARRAY['guest'::text, 'robot'::text])) AND (deleted_at IS NULL));

CREATE UNIQUE INDEX uq_users_username ON public.users USING btree (workspace_id, lower(username)) WHERE (deleted_at IS NULL);

CREATE UNIQUE INDEX uq_workspace_tools_name ON public.workspace_tools USING btree (workspace_id, name) WHERE (deleted_at IS NULL);

CREATE TRIGGER log_auto_approval_settings_deletes AFTER DELETE ON public.auto_approval_settings FOR EACH ROW EXECUTE FUNCTION public.log_auto_approval_settings_changes();

CREATE TRIGGER log_auto_approval_settings_inserts AFTER INSERT ON public.auto_approval_settings FOR EACH ROW EXECUTE FUNCTION public.log_auto_approval_settings_changes();

CREATE TRIGGER log_auto_approval_settings_updates AFTER UPDATE OF read_only_operations, low_risk_operations, specific_tools, max_cost_per_tool, max_cost_per_hour, require_approval_for_new_tools ON public.auto_approval_settings FOR EACH ROW WHEN (((old.read_only_operations IS DISTINCT FROM new.read_only_operations) OR (old.low_risk_operations IS DISTINCT FROM new.low_risk_operations) OR (old.specific_tools IS DISTINCT FROM new.specific_tools) OR (old.max_cost_per_tool IS DISTINCT FROM new.max_cost_per_tool) OR (old.max_cost_per_hour IS DISTINCT FROM new.max_cost_per_hour) OR (old.require_approval_for_new_tools IS DISTINCT FROM new.require_approval_for_new_tools))) EXECUTE FUNCTION public.log_auto_approval_settings_changes();

CREATE TRIGGER log_chat_file_attachments_deletes AFTER DELETE ON public.chat_file_attachments FOR EACH ROW EXECUTE FUNCTION public.log_chat_file_attachments_changes();

CREATE TRIGGER log_chat_file_attachments_updates AFTER UPDATE OF file_id, original_filename, scan_state, deleted_at ON public.chat_file_attachments FOR EACH ROW WHEN (((old.file_id IS DISTINCT FROM new.file_id) OR (old.original_filename IS DISTINCT FROM new.original_filename) OR (old.scan_state IS DISTINCT FROM new.scan_state) OR (old.deleted_at IS DISTINCT FROM new.deleted_at))) EXECUTE FUNCTION public.log_chat_file_attachments_changes();

CREATE TRIGGER log_chat_rooms_deletes AFTER DELETE ON public.chat_rooms FOR EACH ROW EXECUTE FUNCTION public.log_chat_rooms_changes();

CREATE TRIGGER log_chat_rooms_updates AFTER UPDATE OF name, description, room_type, status, snoozed_until, queue_id, team_id, level, owner_kind, assignee_id, priority, issue_id, issue_description, is_private, guest_access_allowed, max_participants, parent_room_id, room_settings, provider, model, system_prompt, context_window_size, conclusion_outcome, conclusion_summary, csat_score, deleted_at ON public.chat_rooms FOR EACH ROW WHEN (((old.name IS DISTINCT FROM new.name) OR (old.description IS DISTINCT FROM new.description) OR (old.room_type IS DISTINCT FROM new.room_type) OR (old.status IS DISTINCT FROM new.status) OR (old.snoozed_until IS DISTINCT FROM new.snoozed_until) OR (old.queue_id IS DISTINCT FROM new.queue_id) OR (old.team_id IS DISTINCT FROM new.team_id) OR (old.level IS DISTINCT FROM new.level) OR (old.owner_kind IS DISTINCT FROM new.owner_kind) OR (old.assignee_id IS DISTINCT FROM new.assignee_id) OR (old.priority IS DISTINCT FROM new.priority) OR (old.issue_id IS DISTINCT FROM new.issue_id) OR (old.issue_description IS DISTINCT FROM new.issue_description) OR (old.is_private IS DISTINCT FROM new.is_private) OR (old.guest_access_allowed IS DISTINCT FROM new.guest_access_allowed) OR (old.max_participants IS DISTINCT FROM new.max_participants) OR (old.parent_room_id IS DISTINCT FROM new.parent_room_id) OR (old.room_settings IS DISTINCT FROM new.room_settings) OR (old.provider IS DISTINCT FROM new.provider) OR (old.model IS DISTINCT FROM new.model) OR (old.system_prompt IS DISTINCT FROM new.system_prompt) OR (old.context_window_size IS DISTINCT FROM new.context_window_size) OR (old.conclusion_outcome IS DISTINCT FROM new.conclusion_outcome) OR (old.conclusion_summary IS DISTINCT FROM new.conclusion_summary) OR (old.csat_score IS DISTINCT FROM new.csat_score) OR (old.deleted_at IS DISTINCT FROM new.deleted_at))) EXECUTE FUNCTION public.log_chat_rooms_changes();

CREATE TRIGGER log_documents_deletes AFTER DELETE ON public.documents FOR EACH ROW EXECUTE FUNCTION public.log_documents_changes();

CREATE TRIGGER log_documents_updates AFTER UPDATE OF scope, team_id, room_id, audience, title, filename, content_hash, version, deleted_at ON public.documents FOR EACH ROW WHEN (((old.scope IS DISTINCT FROM new.scope) OR (old.team_id IS DISTINCT FROM new.team_id) OR (old.room_id IS DISTINCT FROM new.room_id) OR (old.audience IS DISTINCT FROM new.audience) OR (old.title IS DISTINCT FROM new.title) OR (old.filename IS DISTINCT FROM new.filename) OR (old.content_hash IS DISTINCT FROM new.content_hash) OR (old.version IS DISTINCT FROM new.version) OR (old.deleted_at IS DISTINCT FROM new.deleted_at))) EXECUTE FUNCTION public.log_documents_changes();

CREATE TRIGGER log_escalation_edges_deletes AFTER DELETE ON public.escalation_edges FOR EACH ROW EXECUTE FUNCTION public.log_escalation_edges_changes();

CREATE TRIGGER log_escalation_edges_inserts AFTER INSERT ON public.escalation_edges FOR EACH ROW EXECUTE FUNCTION public.log_escalation_edges_changes();

CREATE TRIGGER log_escalation_edges_updates AFTER UPDATE OF from_level, to_level, permission, robots_allowed, approver_level, reason_required, default_priority, timeout_minutes, on_timeout, is_active ON public.escalation_edges FOR EACH ROW WHEN (((old.from_level IS DISTINCT FROM new.from_level) OR (old.to_level IS DISTINCT FROM new.to_level) OR (old.permission IS DISTINCT FROM new.permission) OR (old.robots_allowed IS DISTINCT FROM new.robots_allowed) OR (old.approver_level IS DISTINCT FROM new.approver_level) OR (old.reason_required IS DISTINCT FROM new.reason_required) OR (old.default_priority IS DISTINCT FROM new.default_priority) OR (old.timeout_minutes IS DISTINCT FROM new.timeout_minutes) OR (old.on_timeout IS DISTINCT FROM new.on_timeout) OR (old.is_active IS DISTINCT FROM new.is_active))) EXECUTE FUNCTION public.log_escalation_edges_changes();

CREATE TRIGGER log_escalations_deletes AFTER DELETE ON public.escalations FOR EACH ROW EXECUTE FUNCTION public.log_escalations_changes();

CREATE TRIGGER log_escalations_updates AFTER UPDATE OF target_room_id, reason, priority, assigned_to, approved_by, status, resolution_notes, due_at ON public.escalations FOR EACH ROW WHEN (((old.target_room_id IS DISTINCT FROM new.target_room_id) OR (old.reason IS DISTINCT FROM new.reason) OR (old.priority IS DISTINCT FROM new.priority) OR (old.assigned_to IS DISTINCT FROM new.assigned_to) OR (old.approved_by IS DISTINCT FROM new.approved_by) OR (old.status IS DISTINCT FROM new.status) OR (old.resolution_notes IS DISTINCT FROM new.resolution_notes) OR (old.due_at IS DISTINCT FROM new.due_at))) EXECUTE FUNCTION public.log_escalations_changes();

CREATE TRIGGER log_legal_holds_deletes AFTER DELETE ON public.legal_holds FOR EACH ROW EXECUTE FUNCTION public.log_legal_holds_changes();

CREATE TRIGGER log_legal_holds_inserts AFTER INSERT ON public.legal_holds FOR EACH ROW EXECUTE FUNCTION public.log_legal_holds_changes();

CREATE TRIGGER log_legal_holds_updates AFTER UPDATE OF scope, room_id, guest_id, reason, released_at, released_by ON public.legal_holds FOR EACH ROW WHEN (((old.scope IS DISTINCT FROM new.scope) OR (old.room_id IS DISTINCT FROM new.room_id) OR (old.guest_id IS DISTINCT FROM new.guest_id) OR (old.reason IS DISTINCT FROM new.reason) OR (old.released_at IS DISTINCT FROM new.released_at) OR (old.released_by IS DISTINCT FROM new.released_by))) EXECUTE FUNCTION public.log_legal_holds_changes();

CREATE TRIGGER log_llm_budgets_deletes AFTER DELETE ON public.llm_budgets FOR EACH ROW EXECUTE FUNCTION public.log_llm_budgets_changes();

CREATE TRIGGER log_llm_budgets_inserts AFTER INSERT ON public.llm_budgets FOR EACH ROW EXECUTE FUNCTION public.log_llm_budgets_changes();

CREATE TRIGGER log_llm_budgets_updates AFTER UPDATE OF workspace_daily, room_daily, robot_daily ON public.llm_budgets FOR EACH ROW WHEN (((old.workspace_daily IS DISTINCT FROM new.workspace_daily) OR (old.room_daily IS DISTINCT FROM new.room_daily) OR (old.robot_daily IS DISTINCT FROM new.robot_daily))) EXECUTE FUNCTION public.log_llm_budgets_changes();

CREATE TRIGGER log_messages_deletes AFTER DELETE ON public.messages FOR EACH ROW EXECUTE FUNCTION public.log_messages_changes();

CREATE TRIGGER log_messages_updates AFTER UPDATE OF content, content_metadata, message_type, is_note, whisper_to, is_robot_visible_to_guests, deleted_at ON public.messages FOR EACH ROW WHEN (((old.content IS DISTINCT FROM new.content) OR (old.content_metadata IS DISTINCT FROM new.content_metadata) OR (old.message_type IS DISTINCT FROM new.message_type) OR (old.is_note IS DISTINCT FROM new.is_note) OR (old.whisper_to IS DISTINCT FROM new.whisper_to) OR (old.is_robot_visible_to_guests IS DISTINCT FROM new.is_robot_visible_to_guests) OR (old.deleted_at IS DISTINCT FROM new.deleted_at))) EXECUTE FUNCTION public.log_messages_changes();

CREATE TRIGGER log_plans_deletes AFTER DELETE ON public.plans FOR EACH ROW EXECUTE FUNCTION public.log_plans_changes();

CREATE TRIGGER log_plans_inserts AFTER INSERT ON public.plans FOR EACH ROW EXECUTE FUNCTION public.log_plans_changes();

CREATE TRIGGER log_plans_updates AFTER UPDATE OF name, token_limit_daily, document_limit, workspace_document_limit, session_limit, api_rate_per_minute, price_monthly, is_active ON public.plans FOR EACH ROW WHEN (((old.name IS DISTINCT FROM new.name) OR (old.token_limit_daily IS DISTINCT FROM new.token_limit_daily) OR (old.document_limit IS DISTINCT FROM new.document_limit) OR (old.workspace_document_limit IS DISTINCT FROM new.workspace_document_limit) OR (old.session_limit IS DISTINCT FROM new.session_limit) OR (old.api_rate_per_minute IS DISTINCT FROM new.api_rate_per_minute) OR (old.price_monthly IS DISTINCT FROM new.price_monthly) OR (old.is_active IS DISTINCT FROM new.is_active))) EXECUTE FUNCTION public.log_plans_changes();

CREATE TRIGGER log_provider_configs_deletes AFTER DELETE ON public.provider_configs FOR EACH ROW EXECUTE FUNCTION public.log_provider_configs_changes();

CREATE TRIGGER log_provider_configs_inserts AFTER INSERT ON public.provider_configs FOR EACH ROW EXECUTE FUNCTION public.log_provider_configs_changes();

CREATE TRIGGER log_provider_configs_updates AFTER UPDATE OF name, provider, api_key_encrypted, base_url, allows_private_address, default_model, config, is_active, is_default, deleted_at ON public.provider_configs FOR EACH ROW WHEN (((old.name IS DISTINCT FROM new.name) OR (old.provider IS DISTINCT FROM new.provider) OR (old.api_key_encrypted IS DISTINCT FROM new.api_key_encrypted) OR (old.base_url IS DISTINCT FROM new.base_url) OR (old.allows_private_address IS DISTINCT FROM new.allows_private_address) OR (old.default_model IS DISTINCT FROM new.default_model) OR (old.config IS DISTINCT FROM new.config) OR (old.is_active IS DISTINCT FROM new.is_active) OR (old.is_default IS DISTINCT FROM new.is_default) OR (old.deleted_at IS DISTINCT FROM new.deleted_at))) EXECUTE FUNCTION public.log_provider_configs_changes();

CREATE TRIGGER log_provider_models_deletes AFTER DELETE ON public.provider_models FOR EACH ROW EXECUTE FUNCTION public.log_provider_models_changes();

CREATE TRIGGER log_provider_models_inserts AFTER INSERT ON public.provider_models FOR EACH ROW EXECUTE FUNCTION public.log_provider_models_changes();

CREATE TRIGGER log_provider_models_updates AFTER UPDATE OF model, is_active, context_window, input_price, output_price, cached_price ON public.provider_models FOR EACH ROW WHEN (((old.model IS DISTINCT FROM new.model) OR (old.is_active IS DISTINCT FROM new.is_active) OR (old.context_window IS DISTINCT FROM new.context_window) OR (old.input_price IS DISTINCT FROM new.input_price) OR (old.output_price IS DISTINCT FROM new.output_price) OR (old.cached_price IS DISTINCT FROM new.cached_price))) EXECUTE FUNCTION public.log_provider_models_changes();

CREATE TRIGGER log_retention_policies_deletes AFTER DELETE ON public.retention_policies FOR EACH ROW EXECUTE FUNCTION public.log_retention_policies_changes();

CREATE TRIGGER log_retention_policies_inserts AFTER INSERT ON public.retention_policies FOR EACH ROW EXECUTE FUNCTION public.log_retention_policies_changes();

CREATE TRIGGER log_retention_policies_updates AFTER UPDATE OF subject, room_type, online_days, archive_days, is_active ON public.retention_policies FOR EACH ROW WHEN (((old.subject IS DISTINCT FROM new.subject) OR (old.room_type IS DISTINCT FROM new.room_type) OR (old.online_days IS DISTINCT FROM new.online_days) OR (old.archive_days IS DISTINCT FROM new.archive_days) OR (old.is_active IS DISTINCT FROM new.is_active))) EXECUTE FUNCTION public.log_retention_policies_changes();

CREATE TRIGGER log_robots_deletes AFTER DELETE ON public.robots FOR EACH ROW EXECUTE FUNCTION public.log_robots_changes();

CREATE TRIGGER log_robots_inserts AFTER INSERT ON public.robots FOR EACH ROW EXECUTE FUNCTION public.log_robots_changes();

CREATE TRIGGER log_robots_updates AFTER UPDATE OF module, version, name, avatar, settings, settings_version, secrets_encrypted, active, sort_order, deleted_at ON public.robots FOR EACH ROW WHEN (((old.module IS DISTINCT FROM new.module) OR (old.version IS DISTINCT FROM new.version) OR (old.name IS DISTINCT FROM new.name) OR (old.avatar IS DISTINCT FROM new.avatar) OR (old.settings IS DISTINCT FROM new.settings) OR (old.settings_version IS DISTINCT FROM new.settings_version) OR (old.secrets_encrypted IS DISTINCT FROM new.secrets_encrypted) OR (old.active IS DISTINCT FROM new.active) OR (old.sort_order IS DISTINCT FROM new.sort_order) OR (old.deleted_at IS DISTINCT FROM new.deleted_at))) EXECUTE FUNCTION public.log_robots_changes();

CREATE TRIGGER log_role_permissions_deletes AFTER DELETE ON public.role_permissions FOR EACH ROW EXECUTE FUNCTION public.log_role_permissions_changes();

CREATE TRIGGER log_role_permissions_inserts AFTER INSERT ON public.role_permissions FOR EACH ROW EXECUTE FUNCTION public.log_role_permissions_changes();

CREATE TRIGGER log_roles_deletes AFTER DELETE ON public.roles FOR EACH ROW EXECUTE FUNCTION public.log_roles_changes();

CREATE TRIGGER log_roles_inserts AFTER INSERT ON public.roles FOR EACH ROW EXECUTE FUNCTION public.log_roles_changes();

CREATE TRIGGER log_roles_updates AFTER UPDATE OF name, description, deleted_at ON public.roles FOR EACH ROW WHEN (((old.name IS DISTINCT FROM new.name) OR (old.description IS DISTINCT FROM new.description) OR (old.deleted_at IS DISTINCT FROM new.deleted_at))) EXECUTE FUNCTION public.log_roles_changes();

CREATE TRIGGER log_room_participants_deletes AFTER DELETE ON public.room_participants FOR EACH ROW EXECUTE FUNCTION public.log_room_participants_changes();

CREATE TRIGGER log_room_participants_updates AFTER UPDATE OF role, status, can_send_messages, can_invite_others, can_see_history, joined_seq, left_at, deleted_at ON public.room_participants FOR EACH ROW WHEN (((old.role IS DISTINCT FROM new.role) OR (old.status IS DISTINCT FROM new.status) OR (old.can_send_messages IS DISTINCT FROM new.can_send_messages) OR (old.can_invite_others IS DISTINCT FROM new.can_invite_others) OR (old.can_see_history IS DISTINCT FROM new.can_see_history) OR (old.joined_seq IS DISTINCT FROM new.joined_seq) OR (old.left_at IS DISTINCT FROM new.left_at) OR (old.deleted_at IS DISTINCT FROM new.deleted_at))) EXECUTE FUNCTION public.log_room_participants_changes();

CREATE TRIGGER log_room_robots_deletes AFTER DELETE ON public.room_robots FOR EACH ROW EXECUTE FUNCTION public.log_room_robots_changes();

CREATE TRIGGER log_room_robots_inserts AFTER INSERT ON public.room_robots FOR EACH ROW EXECUTE FUNCTION public.log_room_robots_changes();

CREATE TRIGGER log_room_robots_updates AFTER UPDATE OF active, sort_order, settings ON public.room_robots FOR EACH ROW WHEN (((old.active IS DISTINCT FROM new.active) OR (old.sort_order IS DISTINCT FROM new.sort_order) OR (old.settings IS DISTINCT FROM new.settings))) EXECUTE FUNCTION public.log_room_robots_changes();

CREATE TRIGGER log_sla_policies_deletes AFTER DELETE ON public.sla_policies FOR EACH ROW EXECUTE FUNCTION public.log_sla_policies_changes();

CREATE TRIGGER log_sla_policies_inserts AFTER INSERT ON public.sla_policies FOR EACH ROW EXECUTE FUNCTION public.log_sla_policies_changes();

CREATE TRIGGER log_sla_policies_updates AFTER UPDATE OF name, calendar_id, priority, first_reply_minutes, next_reply_minutes, resolution_minutes, warn_before_minutes, breach_action, is_active, deleted_at ON public.sla_policies FOR EACH ROW WHEN (((old.name IS DISTINCT FROM new.name) OR (old.calendar_id IS DISTINCT FROM new.calendar_id) OR (old.priority IS DISTINCT FROM new.priority) OR (old.first_reply_minutes IS DISTINCT FROM new.first_reply_minutes) OR (old.next_reply_minutes IS DISTINCT FROM new.next_reply_minutes) OR (old.resolution_minutes IS DISTINCT FROM new.resolution_minutes) OR (old.warn_before_minutes IS DISTINCT FROM new.warn_before_minutes) OR (old.breach_action IS DISTINCT FROM new.breach_action) OR (old.is_active IS DISTINCT FROM new.is_active) OR (old.deleted_at IS DISTINCT FROM new.deleted_at))) EXECUTE FUNCTION public.log_sla_policies_changes();

CREATE TRIGGER log_tool_executions_deletes AFTER DELETE ON public.tool_executions FOR EACH ROW EXECUTE FUNCTION public.log_tool_executions_changes();

CREATE TRIGGER log_tool_executions_updates AFTER UPDATE OF status, parameters, args_sha256, risk, required_level, decided_by, decision_note, approved_at, expires_at ON public.tool_executions FOR EACH ROW WHEN (((old.status IS DISTINCT FROM new.status) OR (old.parameters IS DISTINCT FROM new.parameters) OR (old.args_sha256 IS DISTINCT FROM new.args_sha256) OR (old.risk IS DISTINCT FROM new.risk) OR (old.required_level IS DISTINCT FROM new.required_level) OR (old.decided_by IS DISTINCT FROM new.decided_by) OR (old.decision_note IS DISTINCT FROM new.decision_note) OR (old.approved_at IS DISTINCT FROM new.approved_at) OR (old.expires_at IS DISTINCT FROM new.expires_at))) EXECUTE FUNCTION public.log_tool_executions_changes();

CREATE TRIGGER log_user_roles_deletes AFTER DELETE ON public.user_roles FOR EACH ROW EXECUTE FUNCTION public.log_user_roles_changes();

CREATE TRIGGER log_user_roles_inserts AFTER INSERT ON public.user_roles FOR EACH ROW EXECUTE FUNCTION public.log_user_roles_changes();

CREATE TRIGGER log_users_deletes AFTER DELETE ON public.users FOR EACH ROW EXECUTE FUNCTION public.log_users_changes();

CREATE TRIGGER log_users_updates AFTER UPDATE OF account_type_informal, current_account_status, username, first_name, last_name, display_name, email, password_hash, is_email_verified, avatar_url, external_id, is_identity_verified, level, skills, languages, capacity, plan_id, spam_marked_at, anonymised_at, deleted_at ON public.users FOR EACH ROW WHEN (((old.account_type_informal IS DISTINCT FROM new.account_type_informal) OR (old.current_account_status IS DISTINCT FROM new.current_account_status) OR (old.username IS DISTINCT FROM new.username) OR (old.first_name IS DISTINCT FROM new.first_name) OR (old.last_name IS DISTINCT FROM new.last_name) OR (old.display_name IS DISTINCT FROM new.display_name) OR (old.email IS DISTINCT FROM new.email) OR (old.password_hash IS DISTINCT FROM new.password_hash) OR (old.is_email_verified IS DISTINCT FROM new.is_email_verified) OR (old.avatar_url IS DISTINCT FROM new.avatar_url) OR (old.external_id IS DISTINCT FROM new.external_id) OR (old.is_identity_verified IS DISTINCT FROM new.is_identity_verified) OR (old.level IS DISTINCT FROM new.level) OR (old.skills IS DISTINCT FROM new.skills) OR (old.languages IS DISTINCT FROM new.languages) OR (old.capacity IS DISTINCT FROM new.capacity) OR (old.plan_id IS DISTINCT FROM new.plan_id) OR (old.spam_marked_at IS DISTINCT FROM new.spam_marked_at) OR (old.anonymised_at IS DISTINCT FROM new.anonymised_at) OR (old.deleted_at IS DISTINCT FROM new.deleted_at))) EXECUTE FUNCTION public.log_users_changes();

CREATE TRIGGER log_webhooks_deletes AFTER DELETE ON public.webhooks FOR EACH ROW EXECUTE FUNCTION public.log_webhooks_changes();

CREATE TRIGGER log_webhooks_inserts AFTER INSERT ON public.webhooks FOR EACH ROW EXECUTE FUNCTION public.log_webhooks_changes();

CREATE TRIGGER log_webhooks_updates AFTER UPDATE OF name, url, events, secret_encrypted, is_active, disabled_at, deleted_at ON public.webhooks FOR EACH ROW WHEN (((old.name IS DISTINCT FROM new.name) OR (old.url IS DISTINCT FROM new.url) OR (old.events IS DISTINCT FROM new.events) OR (old.secret_encrypted IS DISTINCT FROM new.secret_encrypted) OR (old.is_active IS DISTINCT FROM new.is_active) OR (old.disabled_at IS DISTINCT FROM new.disabled_at) OR (old.deleted_at IS DISTINCT FROM new.deleted_at))) EXECUTE FUNCTION public.log_webhooks_changes();

CREATE TRIGGER log_workspaces_deletes AFTER DELETE ON public.workspaces FOR EACH ROW EXECUTE FUNCTION public.log_workspaces_changes();

CREATE TRIGGER log_workspaces_inserts AFTER INSERT ON public.workspaces FOR EACH ROW EXECUTE FUNCTION public.log_workspaces_changes();

CREATE TRIGGER log_workspaces_updates AFTER UPDATE OF name, identity_secret_encrypted, time_zone, locale, plan_id, epoch, settings, deleted_at ON public.workspaces FOR EACH ROW WHEN (((old.name IS DISTINCT FROM new.name) OR (old.identity_secret_encrypted IS DISTINCT FROM new.identity_secret_encrypted) OR (old.time_zone IS DISTINCT FROM new.time_zone) OR (old.locale IS DISTINCT FROM new.locale) OR (old.plan_id IS DISTINCT FROM new.plan_id) OR (old.epoch IS DISTINCT FROM new.epoch) OR (old.settings IS DISTINCT FROM new.settings) OR (old.deleted_at IS DISTINCT FROM new.deleted_at))) EXECUTE FUNCTION public.log_workspaces_changes();

CREATE TRIGGER trg_ai_models_updated_at BEFORE UPDATE ON public.ai_models FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_archive_transactions_updated_at BEFORE UPDATE ON public.archive_transactions FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_audit_log_guard BEFORE DELETE OR UPDATE ON public.audit_log FOR EACH ROW EXECUTE FUNCTION public.desk_guard_audit_log();

CREATE TRIGGER trg_audit_log_truncate BEFORE TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION public.desk_guard_audit_log();

CREATE TRIGGER trg_auto_approval_settings_history_guard BEFORE DELETE OR UPDATE ON public.auto_approval_settings_history FOR EACH ROW EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_auto_approval_settings_history_truncate BEFORE TRUNCATE ON public.auto_approval_settings_history FOR EACH STATEMENT EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_auto_approval_settings_truncate BEFORE TRUNCATE ON public.auto_approval_settings FOR EACH STATEMENT EXECUTE FUNCTION public.desk_refuse_truncate();

CREATE TRIGGER trg_auto_approval_settings_updated_at BEFORE UPDATE ON public.auto_approval_settings FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_business_calendars_updated_at BEFORE UPDATE ON public.business_calendars FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_canned_replies_updated_at BEFORE UPDATE ON public.canned_replies FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_chat_file_attachments_count_delete AFTER DELETE ON public.chat_file_attachments REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION public.count_file_references();

CREATE TRIGGER trg_chat_file_attachments_count_insert AFTER INSERT ON public.chat_file_attachments REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.count_file_references();

CREATE TRIGGER trg_chat_file_attachments_count_update AFTER UPDATE ON public.chat_file_attachments REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.count_file_references();

CREATE TRIGGER trg_chat_file_attachments_history_guard BEFORE DELETE OR UPDATE ON public.chat_file_attachments_history FOR EACH ROW EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_chat_file_attachments_history_truncate BEFORE TRUNCATE ON public.chat_file_attachments_history FOR EACH STATEMENT EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_chat_file_attachments_message BEFORE INSERT OR UPDATE OF message_id, workspace_id ON public.chat_file_attachments FOR EACH ROW WHEN ((new.message_id IS NOT NULL)) EXECUTE FUNCTION public.desk_check_message_workspace();

CREATE TRIGGER trg_chat_file_attachments_truncate BEFORE TRUNCATE ON public.chat_file_attachments FOR EACH STATEMENT EXECUTE FUNCTION public.desk_refuse_truncate();

CREATE TRIGGER trg_chat_file_attachments_updated_at BEFORE UPDATE ON public.chat_file_attachments FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_chat_rooms_access AFTER UPDATE OF is_private, guest_access_allowed ON public.chat_rooms FOR EACH ROW WHEN (((new.is_private AND (NOT old.is_private)) OR (old.guest_access_allowed AND (NOT new.guest_access_allowed)))) EXECUTE FUNCTION public.desk_room_access_changed();

CREATE TRIGGER trg_chat_rooms_count AFTER INSERT ON public.chat_rooms REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.count_rooms();

CREATE TRIGGER trg_chat_rooms_history_guard BEFORE DELETE OR UPDATE ON public.chat_rooms_history FOR EACH ROW EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_chat_rooms_history_truncate BEFORE TRUNCATE ON public.chat_rooms_history FOR EACH STATEMENT EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_chat_rooms_truncate BEFORE TRUNCATE ON public.chat_rooms FOR EACH STATEMENT EXECUTE FUNCTION public.desk_refuse_truncate();

CREATE TRIGGER trg_chat_rooms_updated_at BEFORE UPDATE ON public.chat_rooms FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_csat_ratings_updated_at BEFORE UPDATE ON public.csat_ratings FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_document_originals_updated_at BEFORE UPDATE ON public.document_originals FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_documents_count AFTER INSERT ON public.documents REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.count_documents();

CREATE TRIGGER trg_documents_history_guard BEFORE DELETE OR UPDATE ON public.documents_history FOR EACH ROW EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_documents_history_truncate BEFORE TRUNCATE ON public.documents_history FOR EACH STATEMENT EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_documents_truncate BEFORE TRUNCATE ON public.documents FOR EACH STATEMENT EXECUTE FUNCTION public.desk_refuse_truncate();

CREATE TRIGGER trg_documents_updated_at BEFORE UPDATE ON public.documents FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_escalation_edges_history_guard BEFORE DELETE OR UPDATE ON public.escalation_edges_history FOR EACH ROW EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_escalation_edges_history_truncate BEFORE TRUNCATE ON public.escalation_edges_history FOR EACH STATEMENT EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_escalation_edges_truncate BEFORE TRUNCATE ON public.escalation_edges FOR EACH STATEMENT EXECUTE FUNCTION public.desk_refuse_truncate();

CREATE TRIGGER trg_escalation_edges_updated_at BEFORE UPDATE ON public.escalation_edges FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_escalations_history_guard BEFORE DELETE OR UPDATE ON public.escalations_history FOR EACH ROW EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_escalations_history_truncate BEFORE TRUNCATE ON public.escalations_history FOR EACH STATEMENT EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_escalations_truncate BEFORE TRUNCATE ON public.escalations FOR EACH STATEMENT EXECUTE FUNCTION public.desk_refuse_truncate();

CREATE TRIGGER trg_escalations_updated_at BEFORE UPDATE ON public.escalations FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_file_uploads_updated_at BEFORE UPDATE ON public.file_uploads FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_guest_blocks_access AFTER INSERT OR UPDATE OF until, lifted_at ON public.guest_blocks FOR EACH ROW EXECUTE FUNCTION public.desk_user_access_changed('guest_id');

CREATE TRIGGER trg_guest_blocks_updated_at BEFORE UPDATE ON public.guest_blocks FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_guest_sessions_access AFTER UPDATE OF revoked_at ON public.guest_sessions FOR EACH ROW WHEN (((old.revoked_at IS NULL) AND (new.revoked_at IS NOT NULL))) EXECUTE FUNCTION public.desk_user_access_changed('guest_id');

CREATE TRIGGER trg_invitations_updated_at BEFORE UPDATE ON public.invitations FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_knowledge_entries_updated_at BEFORE UPDATE ON public.knowledge_entries FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_legal_holds_history_guard BEFORE DELETE OR UPDATE ON public.legal_holds_history FOR EACH ROW EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_legal_holds_history_truncate BEFORE TRUNCATE ON public.legal_holds_history FOR EACH STATEMENT EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_legal_holds_truncate BEFORE TRUNCATE ON public.legal_holds FOR EACH STATEMENT EXECUTE FUNCTION public.desk_refuse_truncate();

CREATE TRIGGER trg_legal_holds_updated_at BEFORE UPDATE ON public.legal_holds FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_llm_budgets_history_guard BEFORE DELETE OR UPDATE ON public.llm_budgets_history FOR EACH ROW EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_llm_budgets_history_truncate BEFORE TRUNCATE ON public.llm_budgets_history FOR EACH STATEMENT EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_llm_budgets_truncate BEFORE TRUNCATE ON public.llm_budgets FOR EACH STATEMENT EXECUTE FUNCTION public.desk_refuse_truncate();

CREATE TRIGGER trg_llm_budgets_updated_at BEFORE UPDATE ON public.llm_budgets FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_mcp_servers_updated_at BEFORE UPDATE ON public.mcp_servers FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_message_reactions_message BEFORE INSERT OR UPDATE OF message_id, workspace_id ON public.message_reactions FOR EACH ROW WHEN ((new.message_id IS NOT NULL)) EXECUTE FUNCTION public.desk_check_message_workspace();

CREATE TRIGGER trg_messages_history_guard BEFORE DELETE OR UPDATE ON public.messages_history FOR EACH ROW EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_messages_history_truncate BEFORE TRUNCATE ON public.messages_history FOR EACH STATEMENT EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_messages_truncate BEFORE TRUNCATE ON public.messages FOR EACH STATEMENT EXECUTE FUNCTION public.desk_refuse_truncate();

CREATE TRIGGER trg_messages_updated_at BEFORE UPDATE ON public.messages FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_personal_access_tokens_access AFTER UPDATE OF revoked_at ON public.personal_access_tokens FOR EACH ROW WHEN (((old.revoked_at IS NULL) AND (new.revoked_at IS NOT NULL))) EXECUTE FUNCTION public.desk_user_access_changed('user_id');

CREATE TRIGGER trg_personal_access_tokens_updated_at BEFORE UPDATE ON public.personal_access_tokens FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_plans_history_guard BEFORE DELETE OR UPDATE ON public.plans_history FOR EACH ROW EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_plans_history_truncate BEFORE TRUNCATE ON public.plans_history FOR EACH STATEMENT EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_plans_truncate BEFORE TRUNCATE ON public.plans FOR EACH STATEMENT EXECUTE FUNCTION public.desk_refuse_truncate();

CREATE TRIGGER trg_plans_updated_at BEFORE UPDATE ON public.plans FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_provider_configs_history_guard BEFORE DELETE OR UPDATE ON public.provider_configs_history FOR EACH ROW EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_provider_configs_history_truncate BEFORE TRUNCATE ON public.provider_configs_history FOR EACH STATEMENT EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_provider_configs_truncate BEFORE TRUNCATE ON public.provider_configs FOR EACH STATEMENT EXECUTE FUNCTION public.desk_refuse_truncate();

CREATE TRIGGER trg_provider_configs_updated_at BEFORE UPDATE ON public.provider_configs FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_provider_models_history_guard BEFORE DELETE OR UPDATE ON public.provider_models_history FOR EACH ROW EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_provider_models_history_truncate BEFORE TRUNCATE ON public.provider_models_history FOR EACH STATEMENT EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_provider_models_truncate BEFORE TRUNCATE ON public.provider_models FOR EACH STATEMENT EXECUTE FUNCTION public.desk_refuse_truncate();

CREATE TRIGGER trg_provider_models_updated_at BEFORE UPDATE ON public.provider_models FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_queues_updated_at BEFORE UPDATE ON public.queues FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_retention_policies_history_guard BEFORE DELETE OR UPDATE ON public.retention_policies_history FOR EACH ROW EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_retention_policies_history_truncate BEFORE TRUNCATE ON public.retention_policies_history FOR EACH STATEMENT EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_retention_policies_truncate BEFORE TRUNCATE ON public.retention_policies FOR EACH STATEMENT EXECUTE FUNCTION public.desk_refuse_truncate();

CREATE TRIGGER trg_retention_policies_updated_at BEFORE UPDATE ON public.retention_policies FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_robot_interactions_message BEFORE INSERT OR UPDATE OF message_id, workspace_id ON public.robot_interactions FOR EACH ROW WHEN ((new.message_id IS NOT NULL)) EXECUTE FUNCTION public.desk_check_message_workspace();

CREATE TRIGGER trg_robot_interactions_updated_at BEFORE UPDATE ON public.robot_interactions FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_robot_suggestions_message BEFORE INSERT OR UPDATE OF message_id, workspace_id ON public.robot_suggestions FOR EACH ROW WHEN ((new.message_id IS NOT NULL)) EXECUTE FUNCTION public.desk_check_message_workspace();

CREATE TRIGGER trg_robots_history_guard BEFORE DELETE OR UPDATE ON public.robots_history FOR EACH ROW EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_robots_history_truncate BEFORE TRUNCATE ON public.robots_history FOR EACH STATEMENT EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_robots_truncate BEFORE TRUNCATE ON public.robots FOR EACH STATEMENT EXECUTE FUNCTION public.desk_refuse_truncate();

CREATE TRIGGER trg_robots_updated_at BEFORE UPDATE ON public.robots FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_role_permissions_access AFTER INSERT OR DELETE ON public.role_permissions FOR EACH ROW EXECUTE FUNCTION public.desk_role_access_changed();

CREATE TRIGGER trg_role_permissions_history_guard BEFORE DELETE OR UPDATE ON public.role_permissions_history FOR EACH ROW EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_role_permissions_history_truncate BEFORE TRUNCATE ON public.role_permissions_history FOR EACH STATEMENT EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_role_permissions_truncate BEFORE TRUNCATE ON public.role_permissions FOR EACH STATEMENT EXECUTE FUNCTION public.desk_refuse_truncate();

CREATE TRIGGER trg_roles_access AFTER UPDATE OF deleted_at ON public.roles FOR EACH ROW WHEN ((old.deleted_at IS DISTINCT FROM new.deleted_at)) EXECUTE FUNCTION public.desk_role_access_changed();

CREATE TRIGGER trg_roles_history_guard BEFORE DELETE OR UPDATE ON public.roles_history FOR EACH ROW EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_roles_history_truncate BEFORE TRUNCATE ON public.roles_history FOR EACH STATEMENT EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_roles_truncate BEFORE TRUNCATE ON public.roles FOR EACH STATEMENT EXECUTE FUNCTION public.desk_refuse_truncate();

CREATE TRIGGER trg_roles_updated_at BEFORE UPDATE ON public.roles FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_room_participants_access AFTER UPDATE OF status ON public.room_participants FOR EACH ROW WHEN (((old.status = ANY (ARRAY['active'::text, 'muted'::text])) AND (new.status <> ALL (ARRAY['active'::text, 'muted'::text])))) EXECUTE FUNCTION public.desk_user_access_changed('user_id');

CREATE TRIGGER trg_room_participants_history_guard BEFORE DELETE OR UPDATE ON public.room_participants_history FOR EACH ROW EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_room_participants_history_truncate BEFORE TRUNCATE ON public.room_participants_history FOR EACH STATEMENT EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_room_participants_truncate BEFORE TRUNCATE ON public.room_participants FOR EACH STATEMENT EXECUTE FUNCTION public.desk_refuse_truncate();

CREATE TRIGGER trg_room_participants_updated_at BEFORE UPDATE ON public.room_participants FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_room_robots_history_guard BEFORE DELETE OR UPDATE ON public.room_robots_history FOR EACH ROW EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_room_robots_history_truncate BEFORE TRUNCATE ON public.room_robots_history FOR EACH STATEMENT EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_room_robots_truncate BEFORE TRUNCATE ON public.room_robots FOR EACH STATEMENT EXECUTE FUNCTION public.desk_refuse_truncate();

CREATE TRIGGER trg_room_robots_updated_at BEFORE UPDATE ON public.room_robots FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_sessions_access AFTER UPDATE OF revoked_at ON public.sessions FOR EACH ROW WHEN (((old.revoked_at IS NULL) AND (new.revoked_at IS NOT NULL))) EXECUTE FUNCTION public.desk_user_access_changed('user_id');

CREATE TRIGGER trg_shop_orders_updated_at BEFORE UPDATE ON public.shop_orders FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_shop_vouchers_updated_at BEFORE UPDATE ON public.shop_vouchers FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_sites_updated_at BEFORE UPDATE ON public.sites FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_sla_clocks_updated_at BEFORE UPDATE ON public.sla_clocks FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_sla_policies_history_guard BEFORE DELETE OR UPDATE ON public.sla_policies_history FOR EACH ROW EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_sla_policies_history_truncate BEFORE TRUNCATE ON public.sla_policies_history FOR EACH STATEMENT EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_sla_policies_truncate BEFORE TRUNCATE ON public.sla_policies FOR EACH STATEMENT EXECUTE FUNCTION public.desk_refuse_truncate();

CREATE TRIGGER trg_sla_policies_updated_at BEFORE UPDATE ON public.sla_policies FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_subscriptions_updated_at BEFORE UPDATE ON public.subscriptions FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_tags_updated_at BEFORE UPDATE ON public.tags FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_teams_updated_at BEFORE UPDATE ON public.teams FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_tool_executions_history_guard BEFORE DELETE OR UPDATE ON public.tool_executions_history FOR EACH ROW EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_tool_executions_history_truncate BEFORE TRUNCATE ON public.tool_executions_history FOR EACH STATEMENT EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_tool_executions_message BEFORE INSERT OR UPDATE OF message_id, workspace_id ON public.tool_executions FOR EACH ROW WHEN ((new.message_id IS NOT NULL)) EXECUTE FUNCTION public.desk_check_message_workspace();

CREATE TRIGGER trg_tool_executions_truncate BEFORE TRUNCATE ON public.tool_executions FOR EACH STATEMENT EXECUTE FUNCTION public.desk_refuse_truncate();

CREATE TRIGGER trg_tool_executions_updated_at BEFORE UPDATE ON public.tool_executions FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_unanswered_questions_updated_at BEFORE UPDATE ON public.unanswered_questions FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_usage_logs_count AFTER INSERT ON public.usage_logs REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.count_usage();

CREATE TRIGGER trg_usage_stats_updated_at BEFORE UPDATE ON public.usage_stats FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_user_access_updated_at BEFORE UPDATE ON public.user_access FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_user_identities_updated_at BEFORE UPDATE ON public.user_identities FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_user_roles_access AFTER INSERT OR DELETE ON public.user_roles FOR EACH ROW EXECUTE FUNCTION public.desk_user_access_changed('user_id');

CREATE TRIGGER trg_user_roles_history_guard BEFORE DELETE OR UPDATE ON public.user_roles_history FOR EACH ROW EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_user_roles_history_truncate BEFORE TRUNCATE ON public.user_roles_history FOR EACH STATEMENT EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_user_roles_truncate BEFORE TRUNCATE ON public.user_roles FOR EACH STATEMENT EXECUTE FUNCTION public.desk_refuse_truncate();

CREATE TRIGGER trg_users_access AFTER UPDATE OF account_type_informal, current_account_status, level, display_name, avatar_url, deleted_at ON public.users FOR EACH ROW WHEN (((((((old.account_type_informal IS DISTINCT FROM new.account_type_informal) OR (old.current_account_status IS DISTINCT FROM new.current_account_status)) OR (old.level IS DISTINCT FROM new.level)) OR (old.display_name IS DISTINCT FROM new.display_name)) OR (old.avatar_url IS DISTINCT FROM new.avatar_url)) OR (old.deleted_at IS DISTINCT FROM new.deleted_at))) EXECUTE FUNCTION public.desk_user_access_changed('id');

CREATE TRIGGER trg_users_history_guard BEFORE DELETE OR UPDATE ON public.users_history FOR EACH ROW EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_users_history_truncate BEFORE TRUNCATE ON public.users_history FOR EACH STATEMENT EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_users_truncate BEFORE TRUNCATE ON public.users FOR EACH STATEMENT EXECUTE FUNCTION public.desk_refuse_truncate();

CREATE TRIGGER trg_users_updated_at BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_webhook_deliveries_updated_at BEFORE UPDATE ON public.webhook_deliveries FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_webhooks_history_guard BEFORE DELETE OR UPDATE ON public.webhooks_history FOR EACH ROW EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_webhooks_history_truncate BEFORE TRUNCATE ON public.webhooks_history FOR EACH STATEMENT EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_webhooks_truncate BEFORE TRUNCATE ON public.webhooks FOR EACH STATEMENT EXECUTE FUNCTION public.desk_refuse_truncate();

CREATE TRIGGER trg_webhooks_updated_at BEFORE UPDATE ON public.webhooks FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_workspace_tools_updated_at BEFORE UPDATE ON public.workspace_tools FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER trg_workspaces_history_guard BEFORE DELETE OR UPDATE ON public.workspaces_history FOR EACH ROW EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_workspaces_history_truncate BEFORE TRUNCATE ON public.workspaces_history FOR EACH STATEMENT EXECUTE FUNCTION public.desk_guard_history();

CREATE TRIGGER trg_workspaces_truncate BEFORE TRUNCATE ON public.workspaces FOR EACH STATEMENT EXECUTE FUNCTION public.desk_refuse_truncate();

CREATE TRIGGER trg_workspaces_updated_at BEFORE UPDATE ON public.workspaces FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

ALTER TABLE ONLY public.access_log
    ADD CONSTRAINT fk_access_log_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.ai_cache
    ADD CONSTRAINT fk_ai_cache_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.archive_transactions
    ADD CONSTRAINT fk_archive_transactions_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.archived_rooms
    ADD CONSTRAINT fk_archived_rooms_archive FOREIGN KEY (workspace_id, archive_id) REFERENCES public.archive_transactions(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.auto_approval_settings
    ADD CONSTRAINT fk_auto_approval_settings_room FOREIGN KEY (workspace_id, room_id) REFERENCES public.chat_rooms(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.auto_approval_settings
    ADD CONSTRAINT fk_auto_approval_settings_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.business_calendars
    ADD CONSTRAINT fk_business_calendars_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.canned_replies
    ADD CONSTRAINT fk_canned_replies_created_by FOREIGN KEY (workspace_id, created_by) REFERENCES public.users(workspace_id, id) ON DELETE SET NULL (created_by);

ALTER TABLE ONLY public.canned_replies
    ADD CONSTRAINT fk_canned_replies_team FOREIGN KEY (workspace_id, team_id) REFERENCES public.teams(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.canned_replies
    ADD CONSTRAINT fk_canned_replies_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_file_attachments
    ADD CONSTRAINT fk_chat_file_attachments_file FOREIGN KEY (workspace_id, file_id) REFERENCES public.file_uploads(workspace_id, id);

ALTER TABLE ONLY public.chat_file_attachments
    ADD CONSTRAINT fk_chat_file_attachments_message FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_file_attachments
    ADD CONSTRAINT fk_chat_file_attachments_owner FOREIGN KEY (workspace_id, owner_id) REFERENCES public.users(workspace_id, id) ON DELETE SET NULL (owner_id);

ALTER TABLE ONLY public.chat_file_attachments
    ADD CONSTRAINT fk_chat_file_attachments_room FOREIGN KEY (workspace_id, room_id) REFERENCES public.chat_rooms(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_rooms
    ADD CONSTRAINT fk_chat_rooms_assignee FOREIGN KEY (workspace_id, assignee_id) REFERENCES public.users(workspace_id, id) ON DELETE SET NULL (assignee_id);

ALTER TABLE ONLY public.chat_rooms
    ADD CONSTRAINT fk_chat_rooms_closed_by FOREIGN KEY (workspace_id, closed_by) REFERENCES public.users(workspace_id, id) ON DELETE SET NULL (closed_by);

ALTER TABLE ONLY public.chat_rooms
    ADD CONSTRAINT fk_chat_rooms_creator FOREIGN KEY (workspace_id, creator_id) REFERENCES public.users(workspace_id, id) ON DELETE SET NULL (creator_id);

ALTER TABLE ONLY public.chat_rooms
    ADD CONSTRAINT fk_chat_rooms_parent FOREIGN KEY (workspace_id, parent_room_id) REFERENCES public.chat_rooms(workspace_id, id) ON DELETE SET NULL (parent_room_id);

ALTER TABLE ONLY public.chat_rooms
    ADD CONSTRAINT fk_chat_rooms_queue FOREIGN KEY (workspace_id, queue_id) REFERENCES public.queues(workspace_id, id);

ALTER TABLE ONLY public.chat_rooms
    ADD CONSTRAINT fk_chat_rooms_site FOREIGN KEY (workspace_id, site_id) REFERENCES public.sites(workspace_id, id) ON DELETE SET NULL (site_id);

ALTER TABLE ONLY public.chat_rooms
    ADD CONSTRAINT fk_chat_rooms_team FOREIGN KEY (workspace_id, team_id) REFERENCES public.teams(workspace_id, id);

ALTER TABLE ONLY public.chat_rooms
    ADD CONSTRAINT fk_chat_rooms_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.context_optimizations
    ADD CONSTRAINT fk_context_optimizations_room FOREIGN KEY (workspace_id, room_id) REFERENCES public.chat_rooms(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.csat_ratings
    ADD CONSTRAINT fk_csat_ratings_agent FOREIGN KEY (workspace_id, agent_id) REFERENCES public.users(workspace_id, id) ON DELETE SET NULL (agent_id);

ALTER TABLE ONLY public.csat_ratings
    ADD CONSTRAINT fk_csat_ratings_guest FOREIGN KEY (workspace_id, guest_id) REFERENCES public.users(workspace_id, id) ON DELETE SET NULL (guest_id);

ALTER TABLE ONLY public.csat_ratings
    ADD CONSTRAINT fk_csat_ratings_room FOREIGN KEY (workspace_id, room_id) REFERENCES public.chat_rooms(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.document_chunks
    ADD CONSTRAINT fk_document_chunks_document FOREIGN KEY (workspace_id, document_id) REFERENCES public.documents(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.document_originals
    ADD CONSTRAINT fk_document_originals_document FOREIGN KEY (workspace_id, document_id) REFERENCES public.documents(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT fk_documents_entry FOREIGN KEY (workspace_id, entry_id) REFERENCES public.knowledge_entries(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT fk_documents_room FOREIGN KEY (workspace_id, room_id) REFERENCES public.chat_rooms(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT fk_documents_team FOREIGN KEY (workspace_id, team_id) REFERENCES public.teams(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT fk_documents_user FOREIGN KEY (workspace_id, user_id) REFERENCES public.users(workspace_id, id) ON DELETE SET NULL (user_id);

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT fk_documents_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.escalation_edges
    ADD CONSTRAINT fk_escalation_edges_permission FOREIGN KEY (permission) REFERENCES public.permissions(key);

ALTER TABLE ONLY public.escalation_edges
    ADD CONSTRAINT fk_escalation_edges_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.escalations
    ADD CONSTRAINT fk_escalations_approved_by FOREIGN KEY (workspace_id, approved_by) REFERENCES public.users(workspace_id, id) ON DELETE SET NULL (approved_by);

ALTER TABLE ONLY public.escalations
    ADD CONSTRAINT fk_escalations_assigned_to FOREIGN KEY (workspace_id, assigned_to) REFERENCES public.users(workspace_id, id) ON DELETE SET NULL (assigned_to);

ALTER TABLE ONLY public.escalations
    ADD CONSTRAINT fk_escalations_created_by FOREIGN KEY (workspace_id, created_by) REFERENCES public.users(workspace_id, id) ON DELETE SET NULL (created_by);

ALTER TABLE ONLY public.escalations
    ADD CONSTRAINT fk_escalations_source_room FOREIGN KEY (workspace_id, source_room_id) REFERENCES public.chat_rooms(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.escalations
    ADD CONSTRAINT fk_escalations_target_room FOREIGN KEY (workspace_id, target_room_id) REFERENCES public.chat_rooms(workspace_id, id) ON DELETE SET NULL (target_room_id);

ALTER TABLE ONLY public.file_uploads
    ADD CONSTRAINT fk_file_uploads_owner FOREIGN KEY (workspace_id, owner_id) REFERENCES public.users(workspace_id, id) ON DELETE SET NULL (owner_id);

ALTER TABLE ONLY public.file_uploads
    ADD CONSTRAINT fk_file_uploads_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.guest_blocks
    ADD CONSTRAINT fk_guest_blocks_blocked_by FOREIGN KEY (workspace_id, blocked_by) REFERENCES public.users(workspace_id, id) ON DELETE SET NULL (blocked_by);

ALTER TABLE ONLY public.guest_blocks
    ADD CONSTRAINT fk_guest_blocks_guest FOREIGN KEY (workspace_id, guest_id) REFERENCES public.users(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.guest_blocks
    ADD CONSTRAINT fk_guest_blocks_lifted_by FOREIGN KEY (workspace_id, lifted_by) REFERENCES public.users(workspace_id, id) ON DELETE SET NULL (lifted_by);

ALTER TABLE ONLY public.guest_sessions
    ADD CONSTRAINT fk_guest_sessions_guest FOREIGN KEY (workspace_id, guest_id) REFERENCES public.users(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.guest_sessions
    ADD CONSTRAINT fk_guest_sessions_site FOREIGN KEY (workspace_id, site_id) REFERENCES public.sites(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT fk_invitations_accepted_by FOREIGN KEY (workspace_id, accepted_by) REFERENCES public.users(workspace_id, id) ON DELETE SET NULL (accepted_by);

ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT fk_invitations_invited_by FOREIGN KEY (workspace_id, invited_by) REFERENCES public.users(workspace_id, id) ON DELETE SET NULL (invited_by);

ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT fk_invitations_role FOREIGN KEY (workspace_id, role_id) REFERENCES public.roles(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.knowledge_entries
    ADD CONSTRAINT fk_knowledge_entries_table FOREIGN KEY (workspace_id, table_id) REFERENCES public.documents(workspace_id, id) ON DELETE SET NULL (table_id);

ALTER TABLE ONLY public.knowledge_entries
    ADD CONSTRAINT fk_knowledge_entries_team FOREIGN KEY (workspace_id, team_id) REFERENCES public.teams(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.knowledge_entries
    ADD CONSTRAINT fk_knowledge_entries_user FOREIGN KEY (workspace_id, user_id) REFERENCES public.users(workspace_id, id) ON DELETE SET NULL (user_id);

ALTER TABLE ONLY public.knowledge_entries
    ADD CONSTRAINT fk_knowledge_entries_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.legal_holds
    ADD CONSTRAINT fk_legal_holds_guest FOREIGN KEY (workspace_id, guest_id) REFERENCES public.users(workspace_id, id);

ALTER TABLE ONLY public.legal_holds
    ADD CONSTRAINT fk_legal_holds_placed_by FOREIGN KEY (workspace_id, placed_by) REFERENCES public.users(workspace_id, id) ON DELETE SET NULL (placed_by);

ALTER TABLE ONLY public.legal_holds
    ADD CONSTRAINT fk_legal_holds_released_by FOREIGN KEY (workspace_id, released_by) REFERENCES public.users(workspace_id, id) ON DELETE SET NULL (released_by);

ALTER TABLE ONLY public.legal_holds
    ADD CONSTRAINT fk_legal_holds_room FOREIGN KEY (workspace_id, room_id) REFERENCES public.chat_rooms(workspace_id, id);

ALTER TABLE ONLY public.legal_holds
    ADD CONSTRAINT fk_legal_holds_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id);

ALTER TABLE ONLY public.llm_budgets
    ADD CONSTRAINT fk_llm_budgets_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.llm_holds
    ADD CONSTRAINT fk_llm_holds_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.llm_pauses
    ADD CONSTRAINT fk_llm_pauses_interaction FOREIGN KEY (workspace_id, interaction_id) REFERENCES public.robot_interactions(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.llm_pauses
    ADD CONSTRAINT fk_llm_pauses_room FOREIGN KEY (workspace_id, room_id) REFERENCES public.chat_rooms(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.mcp_servers
    ADD CONSTRAINT fk_mcp_servers_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.message_reactions
    ADD CONSTRAINT fk_message_reactions_message FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.message_reactions
    ADD CONSTRAINT fk_message_reactions_user FOREIGN KEY (workspace_id, user_id) REFERENCES public.users(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE public.messages
    ADD CONSTRAINT fk_messages_robot FOREIGN KEY (workspace_id, robot_id) REFERENCES public.robots(workspace_id, id);

ALTER TABLE public.messages
    ADD CONSTRAINT fk_messages_room FOREIGN KEY (workspace_id, room_id) REFERENCES public.chat_rooms(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE public.messages
    ADD CONSTRAINT fk_messages_sender FOREIGN KEY (workspace_id, sender_id) REFERENCES public.users(workspace_id, id) ON DELETE SET NULL (sender_id);

ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT fk_notifications_room FOREIGN KEY (workspace_id, room_id) REFERENCES public.chat_rooms(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT fk_notifications_user FOREIGN KEY (workspace_id, user_id) REFERENCES public.users(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.op_results
    ADD CONSTRAINT fk_op_results_actor FOREIGN KEY (workspace_id, actor_id) REFERENCES public.users(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT fk_outbox_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.permissions
    ADD CONSTRAINT fk_permissions_domain FOREIGN KEY (permission_prefix) REFERENCES public.access_permission_domains(permission_prefix);

ALTER TABLE ONLY public.personal_access_tokens
    ADD CONSTRAINT fk_personal_access_tokens_user FOREIGN KEY (workspace_id, user_id) REFERENCES public.users(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.provider_configs
    ADD CONSTRAINT fk_provider_configs_created_by FOREIGN KEY (workspace_id, created_by) REFERENCES public.users(workspace_id, id) ON DELETE SET NULL (created_by);

ALTER TABLE ONLY public.provider_configs
    ADD CONSTRAINT fk_provider_configs_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.provider_models
    ADD CONSTRAINT fk_provider_models_provider FOREIGN KEY (workspace_id, provider_id) REFERENCES public.provider_configs(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.queues
    ADD CONSTRAINT fk_queues_calendar FOREIGN KEY (workspace_id, calendar_id) REFERENCES public.business_calendars(workspace_id, id);

ALTER TABLE ONLY public.queues
    ADD CONSTRAINT fk_queues_sla_policy FOREIGN KEY (workspace_id, sla_policy_id) REFERENCES public.sla_policies(workspace_id, id);

ALTER TABLE ONLY public.queues
    ADD CONSTRAINT fk_queues_team FOREIGN KEY (workspace_id, team_id) REFERENCES public.teams(workspace_id, id);

ALTER TABLE ONLY public.queues
    ADD CONSTRAINT fk_queues_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.retention_policies
    ADD CONSTRAINT fk_retention_policies_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.robot_interactions
    ADD CONSTRAINT fk_robot_interactions_message FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.robot_interactions
    ADD CONSTRAINT fk_robot_interactions_robot FOREIGN KEY (workspace_id, robot_id) REFERENCES public.robots(workspace_id, id);

ALTER TABLE ONLY public.robot_interactions
    ADD CONSTRAINT fk_robot_interactions_room FOREIGN KEY (workspace_id, room_id) REFERENCES public.chat_rooms(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.robot_suggestions
    ADD CONSTRAINT fk_robot_suggestions_decided_by FOREIGN KEY (workspace_id, decided_by) REFERENCES public.users(workspace_id, id) ON DELETE SET NULL (decided_by);

ALTER TABLE ONLY public.robot_suggestions
    ADD CONSTRAINT fk_robot_suggestions_interaction FOREIGN KEY (workspace_id, interaction_id) REFERENCES public.robot_interactions(workspace_id, id) ON DELETE SET NULL (interaction_id);

ALTER TABLE ONLY public.robot_suggestions
    ADD CONSTRAINT fk_robot_suggestions_message FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.robot_suggestions
    ADD CONSTRAINT fk_robot_suggestions_robot FOREIGN KEY (workspace_id, robot_id) REFERENCES public.robots(workspace_id, id);

ALTER TABLE ONLY public.robot_suggestions
    ADD CONSTRAINT fk_robot_suggestions_room FOREIGN KEY (workspace_id, room_id) REFERENCES public.chat_rooms(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.robots
    ADD CONSTRAINT fk_robots_user FOREIGN KEY (workspace_id, user_id) REFERENCES public.users(workspace_id, id);

ALTER TABLE ONLY public.robots
    ADD CONSTRAINT fk_robots_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.role_permissions
    ADD CONSTRAINT fk_role_permissions_role FOREIGN KEY (workspace_id, role_id) REFERENCES public.roles(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.roles
    ADD CONSTRAINT fk_roles_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE public.room_events
    ADD CONSTRAINT fk_room_events_room FOREIGN KEY (workspace_id, room_id) REFERENCES public.chat_rooms(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.room_heads
    ADD CONSTRAINT fk_room_heads_room FOREIGN KEY (workspace_id, room_id) REFERENCES public.chat_rooms(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.room_participants
    ADD CONSTRAINT fk_room_participants_room FOREIGN KEY (workspace_id, room_id) REFERENCES public.chat_rooms(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.room_participants
    ADD CONSTRAINT fk_room_participants_user FOREIGN KEY (workspace_id, user_id) REFERENCES public.users(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.room_robots
    ADD CONSTRAINT fk_room_robots_robot FOREIGN KEY (workspace_id, robot_id) REFERENCES public.robots(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.room_robots
    ADD CONSTRAINT fk_room_robots_room FOREIGN KEY (workspace_id, room_id) REFERENCES public.chat_rooms(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.room_tags
    ADD CONSTRAINT fk_room_tags_created_by FOREIGN KEY (workspace_id, created_by) REFERENCES public.users(workspace_id, id) ON DELETE SET NULL (created_by);

ALTER TABLE ONLY public.room_tags
    ADD CONSTRAINT fk_room_tags_room FOREIGN KEY (workspace_id, room_id) REFERENCES public.chat_rooms(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.room_tags
    ADD CONSTRAINT fk_room_tags_tag FOREIGN KEY (workspace_id, tag_id) REFERENCES public.tags(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT fk_sessions_user FOREIGN KEY (workspace_id, user_id) REFERENCES public.users(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.shop_orders
    ADD CONSTRAINT fk_shop_orders_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.shop_vouchers
    ADD CONSTRAINT fk_shop_vouchers_order FOREIGN KEY (workspace_id, order_id) REFERENCES public.shop_orders(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT fk_sites_queue FOREIGN KEY (workspace_id, queue_id) REFERENCES public.queues(workspace_id, id);

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT fk_sites_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sla_clocks
    ADD CONSTRAINT fk_sla_clocks_policy FOREIGN KEY (workspace_id, sla_policy_id) REFERENCES public.sla_policies(workspace_id, id);

ALTER TABLE ONLY public.sla_clocks
    ADD CONSTRAINT fk_sla_clocks_room FOREIGN KEY (workspace_id, room_id) REFERENCES public.chat_rooms(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sla_policies
    ADD CONSTRAINT fk_sla_policies_calendar FOREIGN KEY (workspace_id, calendar_id) REFERENCES public.business_calendars(workspace_id, id);

ALTER TABLE ONLY public.sla_policies
    ADD CONSTRAINT fk_sla_policies_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.socket_tickets
    ADD CONSTRAINT fk_socket_tickets_session FOREIGN KEY (workspace_id, session_id) REFERENCES public.sessions(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.socket_tickets
    ADD CONSTRAINT fk_socket_tickets_user FOREIGN KEY (workspace_id, user_id) REFERENCES public.users(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.subscriptions
    ADD CONSTRAINT fk_subscriptions_plan FOREIGN KEY (plan_id) REFERENCES public.plans(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.subscriptions
    ADD CONSTRAINT fk_subscriptions_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tags
    ADD CONSTRAINT fk_tags_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.team_members
    ADD CONSTRAINT fk_team_members_team FOREIGN KEY (workspace_id, team_id) REFERENCES public.teams(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.team_members
    ADD CONSTRAINT fk_team_members_user FOREIGN KEY (workspace_id, user_id) REFERENCES public.users(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.teams
    ADD CONSTRAINT fk_teams_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tool_executions
    ADD CONSTRAINT fk_tool_executions_decided_by FOREIGN KEY (workspace_id, decided_by) REFERENCES public.users(workspace_id, id) ON DELETE SET NULL (decided_by);

ALTER TABLE ONLY public.tool_executions
    ADD CONSTRAINT fk_tool_executions_interaction FOREIGN KEY (workspace_id, interaction_id) REFERENCES public.robot_interactions(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tool_executions
    ADD CONSTRAINT fk_tool_executions_message FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tool_executions
    ADD CONSTRAINT fk_tool_executions_requested_by FOREIGN KEY (workspace_id, requested_by) REFERENCES public.users(workspace_id, id) ON DELETE SET NULL (requested_by);

ALTER TABLE ONLY public.tool_executions
    ADD CONSTRAINT fk_tool_executions_robot FOREIGN KEY (workspace_id, robot_id) REFERENCES public.robots(workspace_id, id);

ALTER TABLE ONLY public.tool_executions
    ADD CONSTRAINT fk_tool_executions_room FOREIGN KEY (workspace_id, room_id) REFERENCES public.chat_rooms(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.unanswered_questions
    ADD CONSTRAINT fk_unanswered_questions_room FOREIGN KEY (workspace_id, room_id) REFERENCES public.chat_rooms(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.usage_logs
    ADD CONSTRAINT fk_usage_logs_robot FOREIGN KEY (workspace_id, robot_id) REFERENCES public.robots(workspace_id, id) ON DELETE SET NULL (robot_id);

ALTER TABLE ONLY public.usage_logs
    ADD CONSTRAINT fk_usage_logs_room FOREIGN KEY (workspace_id, room_id) REFERENCES public.chat_rooms(workspace_id, id) ON DELETE SET NULL (room_id);

ALTER TABLE ONLY public.usage_logs
    ADD CONSTRAINT fk_usage_logs_user FOREIGN KEY (workspace_id, user_id) REFERENCES public.users(workspace_id, id) ON DELETE SET NULL (user_id);

ALTER TABLE ONLY public.usage_logs
    ADD CONSTRAINT fk_usage_logs_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.usage_stats
    ADD CONSTRAINT fk_usage_stats_user FOREIGN KEY (workspace_id, user_id) REFERENCES public.users(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.user_access
    ADD CONSTRAINT fk_user_access_user FOREIGN KEY (workspace_id, user_id) REFERENCES public.users(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.user_identities
    ADD CONSTRAINT fk_user_identities_user FOREIGN KEY (workspace_id, user_id) REFERENCES public.users(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.user_roles
    ADD CONSTRAINT fk_user_roles_granted_by FOREIGN KEY (workspace_id, granted_by) REFERENCES public.users(workspace_id, id) ON DELETE SET NULL (granted_by);

ALTER TABLE ONLY public.user_roles
    ADD CONSTRAINT fk_user_roles_role FOREIGN KEY (workspace_id, role_id) REFERENCES public.roles(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.user_roles
    ADD CONSTRAINT fk_user_roles_user FOREIGN KEY (workspace_id, user_id) REFERENCES public.users(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.users
    ADD CONSTRAINT fk_users_plan FOREIGN KEY (plan_id) REFERENCES public.plans(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.users
    ADD CONSTRAINT fk_users_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.verification_tokens
    ADD CONSTRAINT fk_verification_tokens_user FOREIGN KEY (workspace_id, user_id) REFERENCES public.users(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.webhook_deliveries
    ADD CONSTRAINT fk_webhook_deliveries_webhook FOREIGN KEY (workspace_id, webhook_id) REFERENCES public.webhooks(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.webhooks
    ADD CONSTRAINT fk_webhooks_created_by FOREIGN KEY (workspace_id, created_by) REFERENCES public.users(workspace_id, id) ON DELETE SET NULL (created_by);

ALTER TABLE ONLY public.webhooks
    ADD CONSTRAINT fk_webhooks_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.workspace_tools
    ADD CONSTRAINT fk_workspace_tools_server FOREIGN KEY (workspace_id, server_id) REFERENCES public.mcp_servers(workspace_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.workspace_tools
    ADD CONSTRAINT fk_workspace_tools_workspace FOREIGN KEY (workspace_id) REFERENCES public.workspaces(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.workspaces
    ADD CONSTRAINT fk_workspaces_plan FOREIGN KEY (plan_id) REFERENCES public.plans(id) ON DELETE RESTRICT;

ALTER TABLE public.access_log ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.ai_cache ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.archive_transactions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.archived_rooms ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit_log ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.auto_approval_settings ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.auto_approval_settings_history ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.business_calendars ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.canned_replies ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.chat_file_attachments ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.chat_file_attachments_history ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.chat_rooms ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.chat_rooms_history ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.context_optimizations ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.csat_ratings ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.document_chunks ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.document_originals ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.documents ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.documents_history ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.escalation_edges ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.escalation_edges_history ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.escalations ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.escalations_history ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.file_uploads ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.guest_blocks ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.guest_sessions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.invitations ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.knowledge_entries ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.legal_holds ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.legal_holds_history ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.llm_budgets ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.llm_budgets_history ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.llm_holds ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.llm_pauses ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.mcp_servers ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.message_dedup ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.message_reactions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.messages ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.messages_history ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.notifications ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.op_results ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.outbox ENABLE ROW LEVEL SECURITY;

CREATE POLICY owner_rows ON public.access_log TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.ai_cache TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.archive_transactions TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.archived_rooms TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.audit_log TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.auto_approval_settings TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.auto_approval_settings_history TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.business_calendars TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.canned_replies TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.chat_file_attachments TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.chat_file_attachments_history TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.chat_rooms TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.chat_rooms_history TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.context_optimizations TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.csat_ratings TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.document_chunks TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.document_originals TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.documents TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.documents_history TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.escalation_edges TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.escalation_edges_history TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.escalations TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.escalations_history TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.file_uploads TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.guest_blocks TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.guest_sessions TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.invitations TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.knowledge_entries TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.legal_holds TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.legal_holds_history TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.llm_budgets TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.llm_budgets_history TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.llm_holds TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.llm_pauses TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.mcp_servers TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.message_dedup TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.message_reactions TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.messages TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.messages_history TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.notifications TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.op_results TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.outbox TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.personal_access_tokens TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.plans_history TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.provider_configs TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.provider_configs_history TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.provider_models TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.provider_models_history TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.queues TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.retention_policies TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.retention_policies_history TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.robot_interactions TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.robot_suggestions TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.robots TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.robots_history TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.role_permissions TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.role_permissions_history TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.roles TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.roles_history TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.room_events TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.room_heads TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.room_participants TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.room_participants_history TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.room_robots TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.room_robots_history TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.room_tags TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.sessions TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.shop_orders TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.shop_vouchers TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.sites TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.sla_clocks TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.sla_policies TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.sla_policies_history TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.socket_tickets TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.subscriptions TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.tags TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.team_members TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.teams TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.tool_executions TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.tool_executions_history TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.unanswered_questions TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.usage_logs TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.usage_stats TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.user_access TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.user_identities TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.user_roles TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.user_roles_history TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.users TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.users_history TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.verification_tokens TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.webhook_deliveries TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.webhooks TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.webhooks_history TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.workspace_tools TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.workspaces TO desk_owner USING (true);

CREATE POLICY owner_rows ON public.workspaces_history TO desk_owner USING (true);

ALTER TABLE public.personal_access_tokens ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.plans_history ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.provider_configs ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.provider_configs_history ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.provider_models ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.provider_models_history ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.queues ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.retention_policies ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.retention_policies_history ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.robot_interactions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.robot_suggestions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.robots ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.robots_history ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.role_permissions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.role_permissions_history ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.roles ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.roles_history ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.room_events ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.room_heads ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.room_participants ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.room_participants_history ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.room_robots ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.room_robots_history ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.room_tags ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sessions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.shop_orders ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.shop_vouchers ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sites ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sla_clocks ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sla_policies ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sla_policies_history ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.socket_tickets ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.subscriptions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tags ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.team_members ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.teams ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tool_executions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tool_executions_history ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.unanswered_questions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.usage_logs ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.usage_stats ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.user_access ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.user_identities ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.user_roles ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.user_roles_history ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.users_history ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.verification_tokens ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.webhook_deliveries ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.webhooks ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.webhooks_history ENABLE ROW LEVEL SECURITY;

CREATE POLICY workspace_rows ON public.access_log TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.ai_cache TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.archive_transactions TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.archived_rooms TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.audit_log TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.auto_approval_settings TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.auto_approval_settings_history TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.business_calendars TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.canned_replies TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.chat_file_attachments TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.chat_file_attachments_history TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.chat_rooms TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.chat_rooms_history TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.context_optimizations TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.csat_ratings TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.document_chunks TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.document_originals TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.documents TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.documents_history TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.escalation_edges TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.escalation_edges_history TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.escalations TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.escalations_history TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.file_uploads TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.guest_blocks TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.guest_sessions TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.invitations TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.knowledge_entries TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.legal_holds TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.legal_holds_history TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.llm_budgets TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.llm_budgets_history TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.llm_holds TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.llm_pauses TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.mcp_servers TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.message_dedup TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.message_reactions TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.messages TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.messages_history TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.notifications TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.op_results TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.outbox TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.personal_access_tokens TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.plans_history TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.provider_configs TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.provider_configs_history TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.provider_models TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.provider_models_history TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.queues TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.retention_policies TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.retention_policies_history TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.robot_interactions TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.robot_suggestions TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.robots TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.robots_history TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.role_permissions TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.role_permissions_history TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.roles TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.roles_history TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.room_events TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.room_heads TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.room_participants TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.room_participants_history TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.room_robots TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.room_robots_history TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.room_tags TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.sessions TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.shop_orders TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.shop_vouchers TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.sites TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.sla_clocks TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.sla_policies TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.sla_policies_history TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.socket_tickets TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.subscriptions TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.tags TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.team_members TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.teams TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.tool_executions TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.tool_executions_history TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.unanswered_questions TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.usage_logs TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.usage_stats TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.user_access TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.user_identities TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.user_roles TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.user_roles_history TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.users TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.users_history TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.verification_tokens TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.webhook_deliveries TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.webhooks TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.webhooks_history TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.workspace_tools TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.workspaces TO desk_app, desk_jobs, desk_reader USING ((id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

CREATE POLICY workspace_rows ON public.workspaces_history TO desk_app, desk_jobs, desk_reader USING ((workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid));

ALTER TABLE public.workspace_tools ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.workspaces ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.workspaces_history ENABLE ROW LEVEL SECURITY;

GRANT ALL ON SCHEMA public TO desk_owner;
GRANT USAGE ON SCHEMA public TO desk_app;
GRANT USAGE ON SCHEMA public TO desk_jobs;
GRANT USAGE ON SCHEMA public TO desk_reader;

REVOKE ALL ON FUNCTION public.apply_file_references(p_file_ids uuid[], p_changes integer[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.count_documents() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.count_file_references() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.count_rooms() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.count_usage() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.desk_access_changed(p_workspace uuid, p_users uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.desk_access_token(p_token_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_access_token(p_token_hash bytea) TO desk_app;

REVOKE ALL ON FUNCTION public.desk_access_versions(p_users uuid[], p_workspaces uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_access_versions(p_users uuid[], p_workspaces uuid[]) TO desk_app;

REVOKE ALL ON FUNCTION public.desk_actor(p_user_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_actor(p_user_id uuid) TO desk_app;

REVOKE ALL ON FUNCTION public.desk_allowed_origins() FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_allowed_origins() TO desk_app;

REVOKE ALL ON FUNCTION public.desk_asks_models() FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_asks_models() TO desk_app;
GRANT ALL ON FUNCTION public.desk_asks_models() TO desk_jobs;

REVOKE ALL ON PROCEDURE public.desk_audit(IN p_table regclass, IN p_columns text[], IN p_secrets text[], IN p_inserts boolean, IN p_personal text[], IN p_key text) FROM PUBLIC;

REVOKE ALL ON PROCEDURE public.desk_bind_message(IN p_table regclass) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.desk_blank_history(p_table text, p_subjects uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_blank_history(p_table text, p_subjects uuid[]) TO desk_jobs;

REVOKE ALL ON FUNCTION public.desk_check_message_workspace() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.desk_documents_in_view(p_audiences text[], p_room_id uuid, p_team_ids uuid[], p_most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_documents_in_view(p_audiences text[], p_room_id uuid, p_team_ids uuid[], p_most integer) TO desk_app;
GRANT ALL ON FUNCTION public.desk_documents_in_view(p_audiences text[], p_room_id uuid, p_team_ids uuid[], p_most integer) TO desk_jobs;

REVOKE ALL ON FUNCTION public.desk_due_tools() FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_due_tools() TO desk_app;
GRANT ALL ON FUNCTION public.desk_due_tools() TO desk_jobs;

REVOKE ALL ON FUNCTION public.desk_due_workspaces(p_kind text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_due_workspaces(p_kind text) TO desk_app;
GRANT ALL ON FUNCTION public.desk_due_workspaces(p_kind text) TO desk_jobs;

REVOKE ALL ON FUNCTION public.desk_ended_credentials(p_credentials uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_ended_credentials(p_credentials uuid[]) TO desk_app;

REVOKE ALL ON FUNCTION public.desk_grants(p_user_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_grants(p_user_id uuid) TO desk_app;

REVOKE ALL ON FUNCTION public.desk_guard_audit_log() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.desk_guard_history() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.desk_guest_session(p_token_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_guest_session(p_token_hash bytea) TO desk_app;

REVOKE ALL ON FUNCTION public.desk_has_suggesters(p_room uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_has_suggesters(p_room uuid) TO desk_app;

REVOKE ALL ON FUNCTION public.desk_has_vectors() FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_has_vectors() TO desk_app;
GRANT ALL ON FUNCTION public.desk_has_vectors() TO desk_jobs;

REVOKE ALL ON FUNCTION public.desk_invitation(p_token_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_invitation(p_token_hash bytea) TO desk_app;

REVOKE ALL ON FUNCTION public.desk_is_said_in(p_room uuid, p_message uuid, p_to_guests boolean, p_even_deleted boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_is_said_in(p_room uuid, p_message uuid, p_to_guests boolean, p_even_deleted boolean) TO desk_app;

REVOKE ALL ON FUNCTION public.desk_lexeme(p_word text) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.desk_make_partition(p_parent text, p_month date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_make_partition(p_parent text, p_month date) TO desk_jobs;

REVOKE ALL ON FUNCTION public.desk_missing_partitions(p_ahead integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_missing_partitions(p_ahead integer) TO desk_app;
GRANT ALL ON FUNCTION public.desk_missing_partitions(p_ahead integer) TO desk_jobs;

REVOKE ALL ON FUNCTION public.desk_outbox_due() FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_outbox_due() TO desk_app;

REVOKE ALL ON FUNCTION public.desk_refuse_truncate() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.desk_remove_workspace(p_workspace uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.desk_role_access_changed() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.desk_room_access_changed() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.desk_room_heads(p_room_ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_room_heads(p_room_ids uuid[]) TO desk_app;

REVOKE ALL ON FUNCTION public.desk_search_places(p_question text, p_embedding real[], p_audiences text[], p_nearest integer, p_worded integer, p_room_id uuid, p_team_ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_search_places(p_question text, p_embedding real[], p_audiences text[], p_nearest integer, p_worded integer, p_room_id uuid, p_team_ids uuid[]) TO desk_app;
GRANT ALL ON FUNCTION public.desk_search_places(p_question text, p_embedding real[], p_audiences text[], p_nearest integer, p_worded integer, p_room_id uuid, p_team_ids uuid[]) TO desk_jobs;

REVOKE ALL ON FUNCTION public.desk_search_rooms(p_text text, p_statuses text[], p_level text, p_owner_kind text, p_assignee_id uuid, p_guest_id uuid, p_may_private boolean, p_before timestamp with time zone, p_before_id uuid, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_search_rooms(p_text text, p_statuses text[], p_level text, p_owner_kind text, p_assignee_id uuid, p_guest_id uuid, p_may_private boolean, p_before timestamp with time zone, p_before_id uuid, p_limit integer) TO desk_app;

REVOKE ALL ON FUNCTION public.desk_search_text(p_query text, p_audiences text[], p_limit integer, p_room_id uuid, p_team_ids uuid[], p_documents uuid[], p_chunks integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_search_text(p_query text, p_audiences text[], p_limit integer, p_room_id uuid, p_team_ids uuid[], p_documents uuid[], p_chunks integer) TO desk_app;
GRANT ALL ON FUNCTION public.desk_search_text(p_query text, p_audiences text[], p_limit integer, p_room_id uuid, p_team_ids uuid[], p_documents uuid[], p_chunks integer) TO desk_jobs;

REVOKE ALL ON FUNCTION public.desk_search_vectors(p_embedding real[], p_audiences text[], p_limit integer, p_room_id uuid, p_team_ids uuid[], p_documents uuid[], p_chunks integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_search_vectors(p_embedding real[], p_audiences text[], p_limit integer, p_room_id uuid, p_team_ids uuid[], p_documents uuid[], p_chunks integer) TO desk_app;
GRANT ALL ON FUNCTION public.desk_search_vectors(p_embedding real[], p_audiences text[], p_limit integer, p_room_id uuid, p_team_ids uuid[], p_documents uuid[], p_chunks integer) TO desk_jobs;

REVOKE ALL ON PROCEDURE public.desk_secure(IN p_table regclass, IN p_app text, IN p_jobs text, IN p_hidden text[], IN p_column text) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.desk_seed_workspace(p_workspace uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_seed_workspace(p_workspace uuid) TO desk_app;
GRANT ALL ON FUNCTION public.desk_seed_workspace(p_workspace uuid) TO desk_jobs;

REVOKE ALL ON FUNCTION public.desk_session_by_token(p_token_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_session_by_token(p_token_hash bytea) TO desk_app;

REVOKE ALL ON FUNCTION public.desk_site_by_key(p_site_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_site_by_key(p_site_key text) TO desk_app;

REVOKE ALL ON FUNCTION public.desk_staff_by_email(p_email text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_staff_by_email(p_email text) TO desk_app;

REVOKE ALL ON FUNCTION public.desk_store_chunks(p_workspace_id uuid, p_document_id uuid, p_indexes integer[], p_headings text[], p_questions text[], p_contents text[], p_starts integer[], p_ends integer[], p_tokens integer[], p_embeddings text[], p_question_embeddings text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_store_chunks(p_workspace_id uuid, p_document_id uuid, p_indexes integer[], p_headings text[], p_questions text[], p_contents text[], p_starts integer[], p_ends integer[], p_tokens integer[], p_embeddings text[], p_question_embeddings text[]) TO desk_app;
GRANT ALL ON FUNCTION public.desk_store_chunks(p_workspace_id uuid, p_document_id uuid, p_indexes integer[], p_headings text[], p_questions text[], p_contents text[], p_starts integer[], p_ends integer[], p_tokens integer[], p_embeddings text[], p_question_embeddings text[]) TO desk_jobs;

REVOKE ALL ON FUNCTION public.desk_take_socket_ticket(p_token_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_take_socket_ticket(p_token_hash bytea) TO desk_app;

REVOKE ALL ON FUNCTION public.desk_teams_of_search(p_room_id uuid, p_team_ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_teams_of_search(p_room_id uuid, p_team_ids uuid[]) TO desk_app;
GRANT ALL ON FUNCTION public.desk_teams_of_search(p_room_id uuid, p_team_ids uuid[]) TO desk_jobs;

REVOKE ALL ON PROCEDURE public.desk_touch(IN p_table regclass) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.desk_user_access_changed() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.desk_uuid7() FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_uuid7() TO desk_app;
GRANT ALL ON FUNCTION public.desk_uuid7() TO desk_jobs;
GRANT ALL ON FUNCTION public.desk_uuid7() TO desk_reader;

REVOKE ALL ON FUNCTION public.desk_verification(p_token_hash bytea, p_purpose text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_verification(p_token_hash bytea, p_purpose text) TO desk_app;

REVOKE ALL ON FUNCTION public.desk_workspace_of_site_key(p_site_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_workspace_of_site_key(p_site_key text) TO desk_app;

REVOKE ALL ON FUNCTION public.desk_workspaces() FROM PUBLIC;
GRANT ALL ON FUNCTION public.desk_workspaces() TO desk_app;
GRANT ALL ON FUNCTION public.desk_workspaces() TO desk_jobs;

REVOKE ALL ON FUNCTION public.log_auto_approval_settings_changes() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.log_chat_file_attachments_changes() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.log_chat_rooms_changes() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.log_documents_changes() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.log_escalation_edges_changes() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.log_escalations_changes() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.log_legal_holds_changes() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.log_llm_budgets_changes() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.log_messages_changes() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.log_plans_changes() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.log_provider_configs_changes() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.log_provider_models_changes() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.log_retention_policies_changes() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.log_robots_changes() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.log_role_permissions_changes() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.log_roles_changes() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.log_room_participants_changes() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.log_room_robots_changes() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.log_sla_policies_changes() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.log_tool_executions_changes() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.log_user_roles_changes() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.log_users_changes() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.log_webhooks_changes() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.log_workspaces_changes() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.post_flight(p_workspace uuid, p_rooms uuid[], p_wait boolean, p_postings json) FROM PUBLIC;
GRANT ALL ON FUNCTION public.post_flight(p_workspace uuid, p_rooms uuid[], p_wait boolean, p_postings json) TO desk_app;

REVOKE ALL ON FUNCTION public.post_flight(p_workspace uuid, p_rooms uuid[], p_wait boolean, p_alone boolean, p_postings json) FROM PUBLIC;
GRANT ALL ON FUNCTION public.post_flight(p_workspace uuid, p_rooms uuid[], p_wait boolean, p_alone boolean, p_postings json) TO desk_app;

REVOKE ALL ON FUNCTION public.set_updated_at() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.uuid7_floor(p_instant timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.uuid7_floor(p_instant timestamp with time zone) TO desk_app;
GRANT ALL ON FUNCTION public.uuid7_floor(p_instant timestamp with time zone) TO desk_jobs;
GRANT ALL ON FUNCTION public.uuid7_floor(p_instant timestamp with time zone) TO desk_reader;

GRANT SELECT,INSERT ON TABLE public.access_log TO desk_app;
GRANT SELECT,INSERT ON TABLE public.access_log TO desk_jobs;
GRANT SELECT ON TABLE public.access_log TO desk_reader;

GRANT SELECT ON TABLE public.access_permission_domains TO desk_app;
GRANT SELECT ON TABLE public.access_permission_domains TO desk_jobs;
GRANT SELECT ON TABLE public.access_permission_domains TO desk_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ai_cache TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ai_cache TO desk_jobs;
GRANT SELECT ON TABLE public.ai_cache TO desk_reader;

GRANT SELECT ON TABLE public.ai_models TO desk_app;
GRANT SELECT ON TABLE public.ai_models TO desk_jobs;
GRANT SELECT ON TABLE public.ai_models TO desk_reader;

GRANT SELECT ON TABLE public.archive_transactions TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.archive_transactions TO desk_jobs;
GRANT SELECT ON TABLE public.archive_transactions TO desk_reader;

GRANT SELECT ON TABLE public.archived_rooms TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.archived_rooms TO desk_jobs;
GRANT SELECT ON TABLE public.archived_rooms TO desk_reader;

GRANT SELECT,INSERT ON TABLE public.audit_log TO desk_app;
GRANT SELECT,INSERT ON TABLE public.audit_log TO desk_jobs;
GRANT SELECT ON TABLE public.audit_log TO desk_reader;

GRANT SELECT ON TABLE public.audited_tables TO desk_app;
GRANT SELECT ON TABLE public.audited_tables TO desk_jobs;
GRANT SELECT ON TABLE public.audited_tables TO desk_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.auto_approval_settings TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.auto_approval_settings TO desk_jobs;
GRANT SELECT ON TABLE public.auto_approval_settings TO desk_reader;

GRANT SELECT ON TABLE public.auto_approval_settings_history TO desk_app;
GRANT SELECT ON TABLE public.auto_approval_settings_history TO desk_jobs;
GRANT SELECT ON TABLE public.auto_approval_settings_history TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.business_calendars TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.business_calendars TO desk_jobs;
GRANT SELECT ON TABLE public.business_calendars TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.canned_replies TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.canned_replies TO desk_jobs;
GRANT SELECT ON TABLE public.canned_replies TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.chat_file_attachments TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.chat_file_attachments TO desk_jobs;
GRANT SELECT ON TABLE public.chat_file_attachments TO desk_reader;

GRANT SELECT ON TABLE public.chat_file_attachments_history TO desk_app;
GRANT SELECT ON TABLE public.chat_file_attachments_history TO desk_jobs;
GRANT SELECT ON TABLE public.chat_file_attachments_history TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.chat_rooms TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.chat_rooms TO desk_jobs;
GRANT SELECT ON TABLE public.chat_rooms TO desk_reader;

GRANT SELECT ON TABLE public.chat_rooms_history TO desk_app;
GRANT SELECT ON TABLE public.chat_rooms_history TO desk_jobs;
GRANT SELECT ON TABLE public.chat_rooms_history TO desk_reader;

GRANT SELECT,INSERT ON TABLE public.context_optimizations TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.context_optimizations TO desk_jobs;
GRANT SELECT ON TABLE public.context_optimizations TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.csat_ratings TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.csat_ratings TO desk_jobs;
GRANT SELECT ON TABLE public.csat_ratings TO desk_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.document_chunks TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.document_chunks TO desk_jobs;
GRANT SELECT ON TABLE public.document_chunks TO desk_reader;

GRANT SELECT,INSERT,DELETE ON TABLE public.document_originals TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.document_originals TO desk_jobs;
GRANT SELECT ON TABLE public.document_originals TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.documents TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.documents TO desk_jobs;
GRANT SELECT ON TABLE public.documents TO desk_reader;

GRANT SELECT ON TABLE public.documents_history TO desk_app;
GRANT SELECT ON TABLE public.documents_history TO desk_jobs;
GRANT SELECT ON TABLE public.documents_history TO desk_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.escalation_edges TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.escalation_edges TO desk_jobs;
GRANT SELECT ON TABLE public.escalation_edges TO desk_reader;

GRANT SELECT ON TABLE public.escalation_edges_history TO desk_app;
GRANT SELECT ON TABLE public.escalation_edges_history TO desk_jobs;
GRANT SELECT ON TABLE public.escalation_edges_history TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.escalations TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.escalations TO desk_jobs;
GRANT SELECT ON TABLE public.escalations TO desk_reader;

GRANT SELECT ON TABLE public.escalations_history TO desk_app;
GRANT SELECT ON TABLE public.escalations_history TO desk_jobs;
GRANT SELECT ON TABLE public.escalations_history TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.file_uploads TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.file_uploads TO desk_jobs;
GRANT SELECT ON TABLE public.file_uploads TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.guest_blocks TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.guest_blocks TO desk_jobs;
GRANT SELECT ON TABLE public.guest_blocks TO desk_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.guest_sessions TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.guest_sessions TO desk_jobs;

GRANT SELECT,INSERT,UPDATE ON TABLE public.invitations TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.invitations TO desk_jobs;

GRANT SELECT,INSERT,DELETE ON TABLE public.job_pauses TO desk_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.job_pauses TO desk_jobs;
GRANT SELECT ON TABLE public.job_pauses TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.job_runs TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.job_runs TO desk_jobs;
GRANT SELECT ON TABLE public.job_runs TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.knowledge_entries TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.knowledge_entries TO desk_jobs;
GRANT SELECT ON TABLE public.knowledge_entries TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.legal_holds TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.legal_holds TO desk_jobs;
GRANT SELECT ON TABLE public.legal_holds TO desk_reader;

GRANT SELECT ON TABLE public.legal_holds_history TO desk_app;
GRANT SELECT ON TABLE public.legal_holds_history TO desk_jobs;
GRANT SELECT ON TABLE public.legal_holds_history TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.llm_budgets TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.llm_budgets TO desk_jobs;
GRANT SELECT ON TABLE public.llm_budgets TO desk_reader;

GRANT SELECT ON TABLE public.llm_budgets_history TO desk_app;
GRANT SELECT ON TABLE public.llm_budgets_history TO desk_jobs;
GRANT SELECT ON TABLE public.llm_budgets_history TO desk_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.llm_holds TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.llm_holds TO desk_jobs;
GRANT SELECT ON TABLE public.llm_holds TO desk_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.llm_pauses TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.llm_pauses TO desk_jobs;
GRANT SELECT ON TABLE public.llm_pauses TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.mcp_servers TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.mcp_servers TO desk_jobs;

GRANT SELECT(id) ON TABLE public.mcp_servers TO desk_reader;

GRANT SELECT(workspace_id) ON TABLE public.mcp_servers TO desk_reader;

GRANT SELECT(name) ON TABLE public.mcp_servers TO desk_reader;

GRANT SELECT(url) ON TABLE public.mcp_servers TO desk_reader;

GRANT SELECT(header_name) ON TABLE public.mcp_servers TO desk_reader;

GRANT SELECT(allows_private_address) ON TABLE public.mcp_servers TO desk_reader;

GRANT SELECT(problem) ON TABLE public.mcp_servers TO desk_reader;

GRANT SELECT(listed_at) ON TABLE public.mcp_servers TO desk_reader;

GRANT SELECT(created_at) ON TABLE public.mcp_servers TO desk_reader;

GRANT SELECT(updated_at) ON TABLE public.mcp_servers TO desk_reader;

GRANT SELECT(deleted_at) ON TABLE public.mcp_servers TO desk_reader;

GRANT SELECT,INSERT,DELETE ON TABLE public.message_dedup TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.message_dedup TO desk_jobs;

GRANT SELECT,INSERT,DELETE ON TABLE public.message_reactions TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.message_reactions TO desk_jobs;
GRANT SELECT ON TABLE public.message_reactions TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.messages TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.messages TO desk_jobs;
GRANT SELECT ON TABLE public.messages TO desk_reader;

GRANT SELECT ON TABLE public.messages_history TO desk_app;
GRANT SELECT ON TABLE public.messages_history TO desk_jobs;
GRANT SELECT ON TABLE public.messages_history TO desk_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notifications TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notifications TO desk_jobs;
GRANT SELECT ON TABLE public.notifications TO desk_reader;

GRANT SELECT,INSERT,DELETE ON TABLE public.op_results TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.op_results TO desk_jobs;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.outbox TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.outbox TO desk_jobs;

GRANT SELECT(id) ON TABLE public.outbox TO desk_reader;

GRANT SELECT(workspace_id) ON TABLE public.outbox TO desk_reader;

GRANT SELECT(kind) ON TABLE public.outbox TO desk_reader;

GRANT SELECT(dedup_key) ON TABLE public.outbox TO desk_reader;

GRANT SELECT(available_at) ON TABLE public.outbox TO desk_reader;

GRANT SELECT(attempt) ON TABLE public.outbox TO desk_reader;

GRANT SELECT(claimed_by) ON TABLE public.outbox TO desk_reader;

GRANT SELECT(claimed_until) ON TABLE public.outbox TO desk_reader;

GRANT SELECT(done_at) ON TABLE public.outbox TO desk_reader;

GRANT SELECT(failed_at) ON TABLE public.outbox TO desk_reader;

GRANT SELECT(error_message) ON TABLE public.outbox TO desk_reader;

GRANT SELECT(created_at) ON TABLE public.outbox TO desk_reader;

GRANT SELECT ON TABLE public.permissions TO desk_app;
GRANT SELECT ON TABLE public.permissions TO desk_jobs;
GRANT SELECT ON TABLE public.permissions TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.personal_access_tokens TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.personal_access_tokens TO desk_jobs;

GRANT SELECT ON TABLE public.plans TO desk_app;
GRANT SELECT ON TABLE public.plans TO desk_jobs;
GRANT SELECT ON TABLE public.plans TO desk_reader;

GRANT SELECT ON TABLE public.plans_history TO desk_app;
GRANT SELECT ON TABLE public.plans_history TO desk_jobs;
GRANT SELECT ON TABLE public.plans_history TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.provider_configs TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.provider_configs TO desk_jobs;

GRANT SELECT(id) ON TABLE public.provider_configs TO desk_reader;

GRANT SELECT(workspace_id) ON TABLE public.provider_configs TO desk_reader;

GRANT SELECT(name) ON TABLE public.provider_configs TO desk_reader;

GRANT SELECT(provider) ON TABLE public.provider_configs TO desk_reader;

GRANT SELECT(base_url) ON TABLE public.provider_configs TO desk_reader;

GRANT SELECT(allows_private_address) ON TABLE public.provider_configs TO desk_reader;

GRANT SELECT(default_model) ON TABLE public.provider_configs TO desk_reader;

GRANT SELECT(config) ON TABLE public.provider_configs TO desk_reader;

GRANT SELECT(is_active) ON TABLE public.provider_configs TO desk_reader;

GRANT SELECT(is_default) ON TABLE public.provider_configs TO desk_reader;

GRANT SELECT(created_by) ON TABLE public.provider_configs TO desk_reader;

GRANT SELECT(created_at) ON TABLE public.provider_configs TO desk_reader;

GRANT SELECT(updated_at) ON TABLE public.provider_configs TO desk_reader;

GRANT SELECT(deleted_at) ON TABLE public.provider_configs TO desk_reader;

GRANT SELECT ON TABLE public.provider_configs_history TO desk_app;
GRANT SELECT ON TABLE public.provider_configs_history TO desk_jobs;
GRANT SELECT ON TABLE public.provider_configs_history TO desk_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.provider_models TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.provider_models TO desk_jobs;
GRANT SELECT ON TABLE public.provider_models TO desk_reader;

GRANT SELECT ON TABLE public.provider_models_history TO desk_app;
GRANT SELECT ON TABLE public.provider_models_history TO desk_jobs;
GRANT SELECT ON TABLE public.provider_models_history TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.queues TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.queues TO desk_jobs;
GRANT SELECT ON TABLE public.queues TO desk_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.retention_policies TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.retention_policies TO desk_jobs;
GRANT SELECT ON TABLE public.retention_policies TO desk_reader;

GRANT SELECT ON TABLE public.retention_policies_history TO desk_app;
GRANT SELECT ON TABLE public.retention_policies_history TO desk_jobs;
GRANT SELECT ON TABLE public.retention_policies_history TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.robot_interactions TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.robot_interactions TO desk_jobs;
GRANT SELECT ON TABLE public.robot_interactions TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.robot_suggestions TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.robot_suggestions TO desk_jobs;
GRANT SELECT ON TABLE public.robot_suggestions TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.robots TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.robots TO desk_jobs;

GRANT SELECT(id) ON TABLE public.robots TO desk_reader;

GRANT SELECT(workspace_id) ON TABLE public.robots TO desk_reader;

GRANT SELECT(user_id) ON TABLE public.robots TO desk_reader;

GRANT SELECT(module) ON TABLE public.robots TO desk_reader;

GRANT SELECT(version) ON TABLE public.robots TO desk_reader;

GRANT SELECT(name) ON TABLE public.robots TO desk_reader;

GRANT SELECT(avatar) ON TABLE public.robots TO desk_reader;

GRANT SELECT(settings) ON TABLE public.robots TO desk_reader;

GRANT SELECT(settings_version) ON TABLE public.robots TO desk_reader;

GRANT SELECT(active) ON TABLE public.robots TO desk_reader;

GRANT SELECT(sort_order) ON TABLE public.robots TO desk_reader;

GRANT SELECT(created_at) ON TABLE public.robots TO desk_reader;

GRANT SELECT(updated_at) ON TABLE public.robots TO desk_reader;

GRANT SELECT(deleted_at) ON TABLE public.robots TO desk_reader;

GRANT SELECT(staff_only) ON TABLE public.robots TO desk_reader;

GRANT SELECT(daily_budget) ON TABLE public.robots TO desk_reader;

GRANT SELECT ON TABLE public.robots_history TO desk_app;
GRANT SELECT ON TABLE public.robots_history TO desk_jobs;
GRANT SELECT ON TABLE public.robots_history TO desk_reader;

GRANT SELECT,INSERT,DELETE ON TABLE public.role_permissions TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.role_permissions TO desk_jobs;
GRANT SELECT ON TABLE public.role_permissions TO desk_reader;

GRANT SELECT ON TABLE public.role_permissions_history TO desk_app;
GRANT SELECT ON TABLE public.role_permissions_history TO desk_jobs;
GRANT SELECT ON TABLE public.role_permissions_history TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.roles TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.roles TO desk_jobs;
GRANT SELECT ON TABLE public.roles TO desk_reader;

GRANT SELECT ON TABLE public.roles_history TO desk_app;
GRANT SELECT ON TABLE public.roles_history TO desk_jobs;
GRANT SELECT ON TABLE public.roles_history TO desk_reader;

GRANT SELECT,INSERT ON TABLE public.room_events TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.room_events TO desk_jobs;
GRANT SELECT ON TABLE public.room_events TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.room_heads TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.room_heads TO desk_jobs;
GRANT SELECT ON TABLE public.room_heads TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.room_participants TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.room_participants TO desk_jobs;
GRANT SELECT ON TABLE public.room_participants TO desk_reader;

GRANT SELECT ON TABLE public.room_participants_history TO desk_app;
GRANT SELECT ON TABLE public.room_participants_history TO desk_jobs;
GRANT SELECT ON TABLE public.room_participants_history TO desk_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.room_robots TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.room_robots TO desk_jobs;
GRANT SELECT ON TABLE public.room_robots TO desk_reader;

GRANT SELECT ON TABLE public.room_robots_history TO desk_app;
GRANT SELECT ON TABLE public.room_robots_history TO desk_jobs;
GRANT SELECT ON TABLE public.room_robots_history TO desk_reader;

GRANT SELECT,INSERT,DELETE ON TABLE public.room_tags TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.room_tags TO desk_jobs;
GRANT SELECT ON TABLE public.room_tags TO desk_reader;

GRANT SELECT ON TABLE public.schema_migrations TO desk_app;
GRANT SELECT ON TABLE public.schema_migrations TO desk_jobs;
GRANT SELECT ON TABLE public.schema_migrations TO desk_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sessions TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sessions TO desk_jobs;

GRANT SELECT,INSERT,UPDATE ON TABLE public.shop_orders TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.shop_orders TO desk_jobs;
GRANT SELECT ON TABLE public.shop_orders TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.shop_vouchers TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.shop_vouchers TO desk_jobs;
GRANT SELECT ON TABLE public.shop_vouchers TO desk_reader;

GRANT SELECT,INSERT,DELETE ON TABLE public.sign_in_attempts TO desk_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.sign_in_attempts TO desk_jobs;

GRANT SELECT,INSERT,UPDATE ON TABLE public.sites TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sites TO desk_jobs;
GRANT SELECT ON TABLE public.sites TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.sla_clocks TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sla_clocks TO desk_jobs;
GRANT SELECT ON TABLE public.sla_clocks TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.sla_policies TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sla_policies TO desk_jobs;
GRANT SELECT ON TABLE public.sla_policies TO desk_reader;

GRANT SELECT ON TABLE public.sla_policies_history TO desk_app;
GRANT SELECT ON TABLE public.sla_policies_history TO desk_jobs;
GRANT SELECT ON TABLE public.sla_policies_history TO desk_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.socket_tickets TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.socket_tickets TO desk_jobs;

GRANT SELECT,INSERT,UPDATE ON TABLE public.subscriptions TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.subscriptions TO desk_jobs;
GRANT SELECT ON TABLE public.subscriptions TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.tags TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tags TO desk_jobs;
GRANT SELECT ON TABLE public.tags TO desk_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.team_members TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.team_members TO desk_jobs;
GRANT SELECT ON TABLE public.team_members TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.teams TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.teams TO desk_jobs;
GRANT SELECT ON TABLE public.teams TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.tool_executions TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tool_executions TO desk_jobs;
GRANT SELECT ON TABLE public.tool_executions TO desk_reader;

GRANT SELECT ON TABLE public.tool_executions_history TO desk_app;
GRANT SELECT ON TABLE public.tool_executions_history TO desk_jobs;
GRANT SELECT ON TABLE public.tool_executions_history TO desk_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.unanswered_questions TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.unanswered_questions TO desk_jobs;
GRANT SELECT ON TABLE public.unanswered_questions TO desk_reader;

GRANT SELECT,INSERT ON TABLE public.usage_logs TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.usage_logs TO desk_jobs;
GRANT SELECT ON TABLE public.usage_logs TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.usage_stats TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.usage_stats TO desk_jobs;
GRANT SELECT ON TABLE public.usage_stats TO desk_reader;

GRANT SELECT ON TABLE public.user_access TO desk_jobs;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.user_identities TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.user_identities TO desk_jobs;

GRANT SELECT,INSERT,DELETE ON TABLE public.user_roles TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.user_roles TO desk_jobs;
GRANT SELECT ON TABLE public.user_roles TO desk_reader;

GRANT SELECT ON TABLE public.user_roles_history TO desk_app;
GRANT SELECT ON TABLE public.user_roles_history TO desk_jobs;
GRANT SELECT ON TABLE public.user_roles_history TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.users TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.users TO desk_jobs;

GRANT SELECT(id) ON TABLE public.users TO desk_reader;

GRANT SELECT(workspace_id) ON TABLE public.users TO desk_reader;

GRANT SELECT(account_type_informal) ON TABLE public.users TO desk_reader;

GRANT SELECT(current_account_status) ON TABLE public.users TO desk_reader;

GRANT SELECT(username) ON TABLE public.users TO desk_reader;

GRANT SELECT(first_name) ON TABLE public.users TO desk_reader;

GRANT SELECT(last_name) ON TABLE public.users TO desk_reader;

GRANT SELECT(display_name) ON TABLE public.users TO desk_reader;

GRANT SELECT(email) ON TABLE public.users TO desk_reader;

GRANT SELECT(password_changed_at) ON TABLE public.users TO desk_reader;

GRANT SELECT(is_email_verified) ON TABLE public.users TO desk_reader;

GRANT SELECT(avatar_url) ON TABLE public.users TO desk_reader;

GRANT SELECT(external_id) ON TABLE public.users TO desk_reader;

GRANT SELECT(is_identity_verified) ON TABLE public.users TO desk_reader;

GRANT SELECT(attributes) ON TABLE public.users TO desk_reader;

GRANT SELECT(level) ON TABLE public.users TO desk_reader;

GRANT SELECT(skills) ON TABLE public.users TO desk_reader;

GRANT SELECT(languages) ON TABLE public.users TO desk_reader;

GRANT SELECT(capacity) ON TABLE public.users TO desk_reader;

GRANT SELECT(current_status) ON TABLE public.users TO desk_reader;

GRANT SELECT(last_seen_at) ON TABLE public.users TO desk_reader;

GRANT SELECT(last_login_at) ON TABLE public.users TO desk_reader;

GRANT SELECT(chat_preferences) ON TABLE public.users TO desk_reader;

GRANT SELECT(plan_id) ON TABLE public.users TO desk_reader;

GRANT SELECT(total_tokens_used) ON TABLE public.users TO desk_reader;

GRANT SELECT(spam_marked_at) ON TABLE public.users TO desk_reader;

GRANT SELECT(anonymised_at) ON TABLE public.users TO desk_reader;

GRANT SELECT(created_at) ON TABLE public.users TO desk_reader;

GRANT SELECT(updated_at) ON TABLE public.users TO desk_reader;

GRANT SELECT(deleted_at) ON TABLE public.users TO desk_reader;

GRANT SELECT ON TABLE public.users_history TO desk_app;
GRANT SELECT ON TABLE public.users_history TO desk_jobs;
GRANT SELECT ON TABLE public.users_history TO desk_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.verification_tokens TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.verification_tokens TO desk_jobs;

GRANT SELECT,INSERT,UPDATE ON TABLE public.webhook_deliveries TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.webhook_deliveries TO desk_jobs;

GRANT SELECT(id) ON TABLE public.webhook_deliveries TO desk_reader;

GRANT SELECT(workspace_id) ON TABLE public.webhook_deliveries TO desk_reader;

GRANT SELECT(webhook_id) ON TABLE public.webhook_deliveries TO desk_reader;

GRANT SELECT(event) ON TABLE public.webhook_deliveries TO desk_reader;

GRANT SELECT(status) ON TABLE public.webhook_deliveries TO desk_reader;

GRANT SELECT(attempt) ON TABLE public.webhook_deliveries TO desk_reader;

GRANT SELECT(available_at) ON TABLE public.webhook_deliveries TO desk_reader;

GRANT SELECT(claimed_by) ON TABLE public.webhook_deliveries TO desk_reader;

GRANT SELECT(claimed_until) ON TABLE public.webhook_deliveries TO desk_reader;

GRANT SELECT(response_status) ON TABLE public.webhook_deliveries TO desk_reader;

GRANT SELECT(duration_ms) ON TABLE public.webhook_deliveries TO desk_reader;

GRANT SELECT(error_message) ON TABLE public.webhook_deliveries TO desk_reader;

GRANT SELECT(delivered_at) ON TABLE public.webhook_deliveries TO desk_reader;

GRANT SELECT(created_at) ON TABLE public.webhook_deliveries TO desk_reader;

GRANT SELECT(updated_at) ON TABLE public.webhook_deliveries TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.webhooks TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.webhooks TO desk_jobs;

GRANT SELECT(id) ON TABLE public.webhooks TO desk_reader;

GRANT SELECT(workspace_id) ON TABLE public.webhooks TO desk_reader;

GRANT SELECT(name) ON TABLE public.webhooks TO desk_reader;

GRANT SELECT(url) ON TABLE public.webhooks TO desk_reader;

GRANT SELECT(events) ON TABLE public.webhooks TO desk_reader;

GRANT SELECT(is_active) ON TABLE public.webhooks TO desk_reader;

GRANT SELECT(failure_count) ON TABLE public.webhooks TO desk_reader;

GRANT SELECT(disabled_at) ON TABLE public.webhooks TO desk_reader;

GRANT SELECT(created_by) ON TABLE public.webhooks TO desk_reader;

GRANT SELECT(created_at) ON TABLE public.webhooks TO desk_reader;

GRANT SELECT(updated_at) ON TABLE public.webhooks TO desk_reader;

GRANT SELECT(deleted_at) ON TABLE public.webhooks TO desk_reader;

GRANT SELECT ON TABLE public.webhooks_history TO desk_app;
GRANT SELECT ON TABLE public.webhooks_history TO desk_jobs;
GRANT SELECT ON TABLE public.webhooks_history TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.workspace_tools TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.workspace_tools TO desk_jobs;

GRANT SELECT(id) ON TABLE public.workspace_tools TO desk_reader;

GRANT SELECT(workspace_id) ON TABLE public.workspace_tools TO desk_reader;

GRANT SELECT(name) ON TABLE public.workspace_tools TO desk_reader;

GRANT SELECT(server_id) ON TABLE public.workspace_tools TO desk_reader;

GRANT SELECT(remote_name) ON TABLE public.workspace_tools TO desk_reader;

GRANT SELECT(description) ON TABLE public.workspace_tools TO desk_reader;

GRANT SELECT(parameters) ON TABLE public.workspace_tools TO desk_reader;

GRANT SELECT(request) ON TABLE public.workspace_tools TO desk_reader;

GRANT SELECT(risk) ON TABLE public.workspace_tools TO desk_reader;

GRANT SELECT(cost) ON TABLE public.workspace_tools TO desk_reader;

GRANT SELECT(idempotent) ON TABLE public.workspace_tools TO desk_reader;

GRANT SELECT(required_level) ON TABLE public.workspace_tools TO desk_reader;

GRANT SELECT(fingerprint) ON TABLE public.workspace_tools TO desk_reader;

GRANT SELECT(is_known) ON TABLE public.workspace_tools TO desk_reader;

GRANT SELECT(is_active) ON TABLE public.workspace_tools TO desk_reader;

GRANT SELECT(created_at) ON TABLE public.workspace_tools TO desk_reader;

GRANT SELECT(updated_at) ON TABLE public.workspace_tools TO desk_reader;

GRANT SELECT(deleted_at) ON TABLE public.workspace_tools TO desk_reader;

GRANT SELECT,INSERT,UPDATE ON TABLE public.workspaces TO desk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.workspaces TO desk_jobs;

GRANT SELECT(id) ON TABLE public.workspaces TO desk_reader;

GRANT SELECT(name) ON TABLE public.workspaces TO desk_reader;

GRANT SELECT(time_zone) ON TABLE public.workspaces TO desk_reader;

GRANT SELECT(locale) ON TABLE public.workspaces TO desk_reader;

GRANT SELECT(plan_id) ON TABLE public.workspaces TO desk_reader;

GRANT SELECT(epoch) ON TABLE public.workspaces TO desk_reader;

GRANT SELECT(settings) ON TABLE public.workspaces TO desk_reader;

GRANT SELECT(created_at) ON TABLE public.workspaces TO desk_reader;

GRANT SELECT(updated_at) ON TABLE public.workspaces TO desk_reader;

GRANT SELECT(deleted_at) ON TABLE public.workspaces TO desk_reader;

GRANT SELECT ON TABLE public.workspaces_history TO desk_app;
GRANT SELECT ON TABLE public.workspaces_history TO desk_jobs;
GRANT SELECT ON TABLE public.workspaces_history TO desk_reader;

ALTER DEFAULT PRIVILEGES FOR ROLE desk_owner REVOKE ALL ON FUNCTIONS FROM PUBLIC;
