-- Counters are kept per statement over transition tables: row triggers made 100,000 inserts take ten minutes.
-- messages_sent is rolled up by a job instead, because the hot path carries no trigger.

-- Days are those of the workspace. Rows are ordered by user, so that two statements never lock them crosswise.
CREATE FUNCTION count_usage() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
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
CREATE TRIGGER trg_usage_logs_count AFTER INSERT ON usage_logs
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_usage();

CREATE FUNCTION count_documents() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
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
CREATE TRIGGER trg_documents_count AFTER INSERT ON documents
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_documents();

CREATE FUNCTION count_rooms() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
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
CREATE TRIGGER trg_chat_rooms_count AFTER INSERT ON chat_rooms
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_rooms();

-- A removed attachment lets go of its bytes at once, though its row stays.
CREATE FUNCTION apply_file_references(p_file_ids uuid[], p_changes integer[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
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

CREATE FUNCTION count_file_references() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
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
CREATE TRIGGER trg_chat_file_attachments_count_insert AFTER INSERT ON chat_file_attachments
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_file_references();
CREATE TRIGGER trg_chat_file_attachments_count_update AFTER UPDATE ON chat_file_attachments
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_file_references();
CREATE TRIGGER trg_chat_file_attachments_count_delete AFTER DELETE ON chat_file_attachments
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION count_file_references();
