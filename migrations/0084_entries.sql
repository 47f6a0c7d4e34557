-- Questions and answers written by hand, searched beside the documents; a search in a room sees what its team knows.

CREATE TABLE knowledge_entries (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    question text NOT NULL,
    answer text NOT NULL,
    phrasings text[] NOT NULL DEFAULT '{}',
    audience text NOT NULL DEFAULT 'guests',
    active boolean NOT NULL DEFAULT true,
    table_id uuid,
    user_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT pk_knowledge_entries PRIMARY KEY (id),
    CONSTRAINT uq_knowledge_entries_workspace_id UNIQUE (workspace_id, id),
    CONSTRAINT fk_knowledge_entries_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT fk_knowledge_entries_table FOREIGN KEY (workspace_id, table_id)
        REFERENCES documents (workspace_id, id) ON DELETE SET NULL (table_id),
    CONSTRAINT fk_knowledge_entries_user FOREIGN KEY (workspace_id, user_id)
        REFERENCES users (workspace_id, id) ON DELETE SET NULL (user_id),
    CONSTRAINT ck_knowledge_entries_audience CHECK (audience IN ('guests', 'staff')),
    CONSTRAINT ck_knowledge_entries_lengths CHECK (
        char_length(question) BETWEEN 1 AND 500 AND char_length(answer) BETWEEN 1 AND 4000
        AND cardinality(phrasings) <= 50
    )
);
CREATE INDEX idx_knowledge_entries_workspace ON knowledge_entries (workspace_id, id) WHERE deleted_at IS NULL;
CREATE INDEX idx_knowledge_entries_table ON knowledge_entries (table_id) WHERE table_id IS NOT NULL;
CREATE INDEX idx_knowledge_entries_user ON knowledge_entries (user_id) WHERE user_id IS NOT NULL;
COMMENT ON COLUMN knowledge_entries.phrasings IS 'Other ways to ask; each is embedded for itself.';
COMMENT ON COLUMN knowledge_entries.table_id IS
    'The table of questions and answers it came from; NULL for one that was written, or changed, by hand.';
CALL desk_touch('knowledge_entries');
CALL desk_secure('knowledge_entries');

-- Each version of an active entry is a document of its own, so that what was cited stays true.
ALTER TABLE documents ADD COLUMN entry_id uuid;
ALTER TABLE documents ADD CONSTRAINT fk_documents_entry FOREIGN KEY (workspace_id, entry_id)
    REFERENCES knowledge_entries (workspace_id, id) ON DELETE CASCADE NOT VALID;
ALTER TABLE documents VALIDATE CONSTRAINT fk_documents_entry;
CREATE INDEX idx_documents_entry ON documents (entry_id) WHERE entry_id IS NOT NULL;
COMMENT ON COLUMN documents.entry_id IS 'Of a document that is an entry''s present or earlier words.';

CREATE FUNCTION desk_teams_of_search(p_room_id uuid, p_team_ids uuid[]) RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT coalesce(p_team_ids, '{}') || ARRAY(
        SELECT r.team_id FROM chat_rooms r
        WHERE r.id = p_room_id AND r.team_id IS NOT NULL
          AND r.workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid
    )
$$;
COMMENT ON FUNCTION desk_teams_of_search(uuid, uuid[]) IS
    'The teams whose documents a search in a room of the caller''s workspace sees: those given, and the room''s own.';

-- squawk-ignore ban-drop-function -- a column more; the application of this version asks for it by name
DROP FUNCTION desk_search_places(text, real[], text[], integer, integer, uuid, uuid[]);
CREATE FUNCTION desk_search_places(
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
BEGIN
    IF p_embedding IS NOT NULL AND desk_has_vectors() THEN
        RETURN QUERY
            WITH found AS (
                SELECT v.chunk_id AS id
                FROM desk_search_vectors(p_embedding, p_audiences, p_nearest, p_room_id, teams) v
                UNION
                SELECT t.chunk_id
                FROM desk_search_text(p_question, p_audiences, p_worded, p_room_id, teams) t
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
            FROM desk_search_text(p_question, p_audiences, p_worded, p_room_id, teams) t
            JOIN document_chunks c ON c.id = t.chunk_id AND c.workspace_id = workspace
            JOIN documents d ON d.id = c.document_id AND d.workspace_id = workspace;
    END IF;
END
$$;
COMMENT ON FUNCTION desk_search_places(text, real[], text[], integer, integer, uuid, uuid[]) IS
    'Chunks of the caller''s workspace that are near a question in meaning or words, with what ranks them.';
GRANT EXECUTE ON FUNCTION
    desk_teams_of_search(uuid, uuid[]),
    desk_search_places(text, real[], text[], integer, integer, uuid, uuid[])
TO desk_app, desk_jobs;
