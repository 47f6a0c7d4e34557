-- What a search may see is gathered once for meaning and words, not by each of them.

CREATE FUNCTION desk_documents_in_view(p_audiences text[], p_room_id uuid, p_team_ids uuid[], p_most integer)
RETURNS TABLE (documents uuid[], chunks integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
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
COMMENT ON FUNCTION desk_documents_in_view(text[], uuid, uuid[], integer) IS
    'Documents a search of the caller''s workspace sees, and how many chunks they have; of either, one above p_most.';
GRANT EXECUTE ON FUNCTION desk_documents_in_view(text[], uuid, uuid[], integer) TO desk_app, desk_jobs;
