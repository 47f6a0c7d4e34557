-- What most chunks hold tells nothing apart, and took most of the time of a search in a hundred thousand chunks.

CREATE FUNCTION desk_lexeme(p_word text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT ('''' || replace(replace(p_word, '\', '\\'), '''', '''''') || '''')::tsquery $$;
COMMENT ON FUNCTION desk_lexeme(text) IS 'The query for one lexeme as it stands in a tsvector.';

-- squawk-ignore ban-drop-function -- two parameters more, which callers of the former ones need not give
DROP FUNCTION desk_search_text(text, text[], integer, uuid, uuid[]);
CREATE FUNCTION desk_search_text(
    p_query text,
    p_audiences text[],
    p_limit integer DEFAULT 20,
    p_room_id uuid DEFAULT NULL,
    p_team_ids uuid[] DEFAULT '{}',
    p_documents uuid[] DEFAULT NULL,
    p_chunks integer DEFAULT NULL
) RETURNS TABLE (chunk_id uuid, document_id uuid, rank double precision)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
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
COMMENT ON FUNCTION desk_search_text(text, text[], integer, uuid, uuid[], uuid[], integer) IS
    'Chunks of the caller''s workspace that share words with the query, best first. Audiences: guests, staff.';
GRANT EXECUTE ON FUNCTION desk_search_text(text, text[], integer, uuid, uuid[], uuid[], integer)
TO desk_app, desk_jobs;

CREATE OR REPLACE FUNCTION desk_search_places(
    p_question text,
    p_embedding real[],
    p_audiences text[],
    p_nearest integer,
    p_worded integer,
    p_room_id uuid DEFAULT NULL,
    p_team_ids uuid[] DEFAULT '{}'
) RETURNS TABLE (
    chunk_id uuid, document_id uuid, entry_id uuid, title text, heading text, content text, source_url text,
    start_position integer, likeness double precision, question_likeness double precision, words text[], asked text[]
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
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
