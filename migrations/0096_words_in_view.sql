-- Words are looked up without gathering a large workspace's every chunk for each of them, or reading what few may see.

CREATE OR REPLACE FUNCTION desk_search_text(
    p_query text,
    p_audiences text[],
    p_limit integer DEFAULT 20,
    p_room_id uuid DEFAULT NULL,
    p_team_ids uuid[] DEFAULT '{}'
) RETURNS TABLE (chunk_id uuid, document_id uuid, rank double precision)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    workspace uuid := nullif(current_setting('app.workspace_id', true), '')::uuid;
    -- Rows looked at per word: all of a rare one, some of a common one, so that the time is bounded.
    most constant integer := 100;
    -- Documents whose chunks are looked up faster than the word is looked up among everybody's.
    few constant integer := 1000;
    visible uuid[] := ARRAY(
        SELECT d.id FROM documents d
        WHERE d.workspace_id = workspace AND d.deleted_at IS NULL AND d.processing_status = 'completed'
          AND d.audience = ANY (p_audiences)
          AND (d.scope = 'workspace' OR d.room_id = p_room_id OR d.team_id = ANY (p_team_ids))
        LIMIT few + 1
    );
BEGIN
    IF cardinality(visible) <= few THEN
        RETURN QUERY
            WITH matched AS (
                SELECT m.id, m.document_id, ln(1 + most::double precision / count(*) OVER (PARTITION BY w.lexeme)) AS weight
                FROM (
                    SELECT u.lexeme FROM unnest(to_tsvector('public.desk_english', p_query)) u LIMIT 24
                ) w
                CROSS JOIN LATERAL (
                    SELECT c.id, c.document_id
                    FROM document_chunks c
                    WHERE c.document_id = ANY (visible)
                      AND c.tsv @@ ('''' || replace(replace(w.lexeme, '\', '\\'), '''', '''''') || '''')::tsquery
                    LIMIT most
                ) m
            )
            SELECT matched.id, matched.document_id, sum(matched.weight)
            FROM matched
            GROUP BY 1, 2
            ORDER BY 3 DESC, 1
            LIMIT p_limit;
    ELSE -- IS TRUE keeps the index of workspaces out of it: most of what holds the word is this one's anyway
        RETURN QUERY
            WITH matched AS (
                SELECT m.id, m.document_id, ln(1 + most::double precision / count(*) OVER (PARTITION BY w.lexeme)) AS weight
                FROM (
                    SELECT u.lexeme FROM unnest(to_tsvector('public.desk_english', p_query)) u LIMIT 24
                ) w
                CROSS JOIN LATERAL (
                    SELECT c.id, c.document_id
                    FROM document_chunks c JOIN documents d ON d.id = c.document_id
                    WHERE (c.workspace_id = workspace) IS TRUE AND (d.workspace_id = workspace) IS TRUE
                      AND c.tsv @@ ('''' || replace(replace(w.lexeme, '\', '\\'), '''', '''''') || '''')::tsquery
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
