-- optional: extension vector >= 0.8
-- Whoever has gathered the documents in view hands them over.

-- A session that has not used the extension may not name its settings.
SELECT '[0]'::vector;

-- squawk-ignore ban-drop-function -- two parameters more, which callers of the former ones need not give
DROP FUNCTION desk_search_vectors(real[], text[], integer, uuid, uuid[]);
CREATE FUNCTION desk_search_vectors(
    p_embedding real[],
    p_audiences text[],
    p_limit integer DEFAULT 20,
    p_room_id uuid DEFAULT NULL,
    p_team_ids uuid[] DEFAULT '{}',
    p_documents uuid[] DEFAULT NULL,
    p_chunks integer DEFAULT NULL
) RETURNS TABLE (chunk_id uuid, document_id uuid, similarity double precision)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET hnsw.iterative_scan = 'strict_order' SET hnsw.ef_search = 100
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
COMMENT ON FUNCTION desk_search_vectors(real[], text[], integer, uuid, uuid[], uuid[], integer) IS
    'Chunks of the caller''s workspace nearest in meaning (cosine similarity), best first. Audiences: guests, staff.';
GRANT EXECUTE ON FUNCTION desk_search_vectors(real[], text[], integer, uuid, uuid[], uuid[], integer)
TO desk_app, desk_jobs;
