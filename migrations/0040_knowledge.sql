-- Chunks are stored and searched by functions that work with and without pgvector, in one round trip each.

COMMENT ON COLUMN documents.content IS
    'The text: of Markdown from the start, of other formats once processing is completed.';
COMMENT ON COLUMN document_chunks.heading IS 'Title and headings above the chunk.';
COMMENT ON COLUMN document_chunks.question IS
    'The heading as a text of its own: embedded alone as well, because guests ask in the words of headings.';

-- A document that is replaced keeps its row, so that what was cited stays true; versions are counted per name.
CREATE INDEX idx_documents_filename ON documents (workspace_id, filename);

CREATE FUNCTION desk_has_vectors() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT EXISTS (
        SELECT 1 FROM pg_attribute
        WHERE attrelid = 'document_chunks'::regclass AND attname = 'embedding' AND NOT attisdropped
    )
$$;
COMMENT ON FUNCTION desk_has_vectors() IS 'Whether chunks have embeddings here: pgvector was there when the desk migrated.';

-- Runs as its caller: row-level security decides. plpgsql looks at a statement only when it comes to it, so the
-- columns of the other branch need not exist.
CREATE FUNCTION desk_store_chunks(
    p_workspace_id uuid,
    p_document_id uuid,
    p_indexes integer[],
    p_headings text[],
    p_questions text[],
    p_contents text[],
    p_starts integer[],
    p_ends integer[],
    p_tokens integer[],
    p_embeddings text[],
    p_question_embeddings text[]
) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp
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
COMMENT ON FUNCTION desk_store_chunks(uuid, uuid, integer[], text[], text[], text[], integer[], integer[], integer[], text[], text[]) IS
    'The chunks of a document, one per position of the arrays; embeddings as pgvector writes them, ignored without it.';

-- Words weigh by their rarity, and those that every text has (how, do, I) do not count: ranking by cover density over
-- all words took 9 ms for 500 chunks, and found the common ones.
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
BEGIN
    RETURN QUERY
        WITH matched AS (
            SELECT m.id, m.document_id, ln(1 + most::double precision / count(*) OVER (PARTITION BY w.lexeme)) AS weight
            FROM (
                SELECT u.lexeme FROM unnest(to_tsvector('public.desk_english', p_query)) u LIMIT 24
            ) w
            CROSS JOIN LATERAL (
                SELECT c.id, c.document_id
                FROM document_chunks c JOIN documents d ON d.id = c.document_id
                WHERE c.workspace_id = workspace AND d.workspace_id = workspace
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
END
$$;

-- Candidates by meaning and by words, each measured in both ways: what ranks them needs all three figures of each.
CREATE FUNCTION desk_search_places(
    p_question text,
    p_embedding real[],
    p_audiences text[],
    p_nearest integer,
    p_worded integer,
    p_room_id uuid DEFAULT NULL,
    p_team_ids uuid[] DEFAULT '{}'
) RETURNS TABLE (
    chunk_id uuid, document_id uuid, title text, heading text, content text, source_url text, start_position integer,
    likeness double precision, question_likeness double precision, words text[], asked text[]
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    workspace uuid := nullif(current_setting('app.workspace_id', true), '')::uuid;
    wanted text[] := tsvector_to_array(to_tsvector('public.desk_english', p_question));
BEGIN
    IF p_embedding IS NOT NULL AND desk_has_vectors() THEN
        RETURN QUERY
            WITH found AS (
                SELECT v.chunk_id AS id
                FROM desk_search_vectors(p_embedding, p_audiences, p_nearest, p_room_id, p_team_ids) v
                UNION
                SELECT t.chunk_id
                FROM desk_search_text(p_question, p_audiences, p_worded, p_room_id, p_team_ids) t
            )
            SELECT c.id, c.document_id, d.title, c.heading, c.content, d.source_url, c.start_position,
                   1 - (c.embedding <=> p_embedding::vector(384)), 1 - (c.question_embedding <=> p_embedding::vector(384)),
                   ARRAY(SELECT unnest(wanted) INTERSECT SELECT unnest(tsvector_to_array(c.tsv))), wanted
            FROM found
            JOIN document_chunks c ON c.id = found.id AND c.workspace_id = workspace
            JOIN documents d ON d.id = c.document_id AND d.workspace_id = workspace;
    ELSE
        RETURN QUERY
            SELECT c.id, c.document_id, d.title, c.heading, c.content, d.source_url, c.start_position,
                   NULL::double precision, NULL::double precision,
                   ARRAY(SELECT unnest(wanted) INTERSECT SELECT unnest(tsvector_to_array(c.tsv))), wanted
            FROM desk_search_text(p_question, p_audiences, p_worded, p_room_id, p_team_ids) t
            JOIN document_chunks c ON c.id = t.chunk_id AND c.workspace_id = workspace
            JOIN documents d ON d.id = c.document_id AND d.workspace_id = workspace;
    END IF;
END
$$;
COMMENT ON FUNCTION desk_search_places(text, real[], text[], integer, integer, uuid, uuid[]) IS
    'Chunks of the caller''s workspace that are near a question in meaning or words, with what ranks them.';

GRANT EXECUTE ON FUNCTION
    desk_has_vectors(),
    desk_store_chunks(uuid, uuid, integer[], text[], text[], text[], integer[], integer[], integer[], text[], text[]),
    desk_search_places(text, real[], text[], integer, integer, uuid, uuid[])
TO desk_app, desk_jobs;
