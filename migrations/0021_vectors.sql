-- optional: extension vector >= 0.8
-- Meaning, where pgvector can be had: without it search is full text only, and doctor says so.

ALTER TABLE document_chunks
    ADD COLUMN embedding vector(384),
    ADD COLUMN question_embedding vector(384);
CREATE INDEX idx_document_chunks_embedding ON document_chunks USING hnsw (embedding vector_cosine_ops);
CREATE INDEX idx_document_chunks_question_embedding ON document_chunks USING hnsw (question_embedding vector_cosine_ops);
COMMENT ON COLUMN document_chunks.question_embedding IS 'Of the question alone; embedding is of question and answer.';

CREATE FUNCTION desk_search_vectors(
    p_embedding real[],
    p_audiences text[],
    p_limit integer DEFAULT 20,
    p_room_id uuid DEFAULT NULL,
    p_team_ids uuid[] DEFAULT '{}'
) RETURNS TABLE (chunk_id uuid, document_id uuid, similarity double precision)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET hnsw.iterative_scan = 'strict_order'
AS $$
DECLARE
    workspace uuid := nullif(current_setting('app.workspace_id', true), '')::uuid;
    wanted vector(384) := p_embedding::vector(384);
    -- The graph spans all workspaces: a small one would be crowded out of it, and is scanned exactly.
    is_small boolean := (SELECT count(*) <= 5000 FROM (
        SELECT 1 FROM document_chunks WHERE workspace_id = workspace LIMIT 5001
    ) AS counted);
BEGIN
    IF is_small THEN
        RETURN QUERY
            SELECT c.id, c.document_id,
                   greatest(1 - (c.embedding <=> wanted), 1 - (c.question_embedding <=> wanted))
            FROM document_chunks c JOIN documents d ON d.id = c.document_id
            WHERE c.workspace_id = workspace AND d.workspace_id = workspace AND c.embedding IS NOT NULL
              AND d.deleted_at IS NULL AND d.processing_status = 'completed' AND d.audience = ANY (p_audiences)
              AND (d.scope = 'workspace' OR d.room_id = p_room_id OR d.team_id = ANY (p_team_ids))
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
COMMENT ON FUNCTION desk_search_vectors(real[], text[], integer, uuid, uuid[]) IS
    'Chunks of the caller''s workspace nearest in meaning (cosine similarity), best first. Audiences: guests, staff.';
GRANT EXECUTE ON FUNCTION desk_search_vectors(real[], text[], integer, uuid, uuid[]) TO desk_app, desk_jobs;
