-- Operators of full text are not leakproof, so under a policy they use no index: search runs as the owner, with the
-- caller's workspace, audience and scope as explicit predicates.

CREATE FUNCTION desk_search_text(
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
    -- A question rarely shares all of its words with its answer: any word matches, the rank decides.
    wanted tsquery := replace(plainto_tsquery('public.desk_english', p_query)::text, ' & ', ' | ')::tsquery
        || replace(plainto_tsquery('public.desk_simple', p_query)::text, ' & ', ' | ')::tsquery;
BEGIN
    RETURN QUERY
        SELECT c.id, c.document_id, ts_rank_cd('{0.1, 0.3, 0.6, 1.0}', c.tsv, wanted, 1)::double precision
        FROM document_chunks c JOIN documents d ON d.id = c.document_id
        WHERE c.workspace_id = workspace AND d.workspace_id = workspace AND c.tsv @@ wanted
          AND d.deleted_at IS NULL AND d.processing_status = 'completed' AND d.audience = ANY (p_audiences)
          AND (d.scope = 'workspace' OR d.room_id = p_room_id OR d.team_id = ANY (p_team_ids))
        ORDER BY 3 DESC, 1
        LIMIT p_limit;
END
$$;
COMMENT ON FUNCTION desk_search_text(text, text[], integer, uuid, uuid[]) IS
    'Chunks of the caller''s workspace that share words with the query, best first. Audiences: guests, staff.';
GRANT EXECUTE ON FUNCTION desk_search_text(text, text[], integer, uuid, uuid[]) TO desk_app, desk_jobs;
