-- Files once per workspace and content, attachments that point at them, and the documents robots answer from.

CREATE TABLE file_uploads (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    owner_id uuid,
    content_hash text NOT NULL,
    storage_path text NOT NULL,
    file_size bigint NOT NULL,
    mime_type text NOT NULL,
    thumbnail_path text,
    metadata jsonb NOT NULL DEFAULT '{}',
    scan_state text NOT NULL DEFAULT 'unscanned',
    reference_count integer NOT NULL DEFAULT 0,
    unreferenced_at timestamptz DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT pk_file_uploads PRIMARY KEY (id),
    CONSTRAINT uq_file_uploads_workspace_id UNIQUE (workspace_id, id),
    CONSTRAINT fk_file_uploads_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT fk_file_uploads_owner FOREIGN KEY (workspace_id, owner_id)
        REFERENCES users (workspace_id, id) ON DELETE SET NULL (owner_id),
    CONSTRAINT ck_file_uploads_content_hash CHECK (content_hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT ck_file_uploads_size CHECK (file_size >= 0),
    CONSTRAINT ck_file_uploads_references CHECK (reference_count >= 0),
    CONSTRAINT ck_file_uploads_scan_state CHECK (scan_state IN ('unscanned', 'clean', 'infected'))
);
CREATE UNIQUE INDEX uq_file_uploads_content ON file_uploads (workspace_id, content_hash) WHERE deleted_at IS NULL;
CREATE INDEX idx_file_uploads_content_hash ON file_uploads (content_hash);
CREATE INDEX idx_file_uploads_owner ON file_uploads (owner_id) WHERE owner_id IS NOT NULL;
CREATE INDEX idx_file_uploads_unreferenced ON file_uploads (unreferenced_at)
    WHERE reference_count = 0 AND deleted_at IS NULL;
COMMENT ON COLUMN file_uploads.unreferenced_at IS
    'Since when no attachment holds the bytes: an aborted upload is swept some time after it.';
CALL desk_touch('file_uploads');
CALL desk_secure('file_uploads');

CREATE TABLE chat_file_attachments (
    id uuid NOT NULL DEFAULT desk_uuid7(),
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
    preview_available boolean NOT NULL DEFAULT false,
    scan_state text NOT NULL DEFAULT 'unscanned',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT pk_chat_file_attachments PRIMARY KEY (id),
    CONSTRAINT fk_chat_file_attachments_message FOREIGN KEY (message_id) REFERENCES messages (id) ON DELETE CASCADE,
    CONSTRAINT fk_chat_file_attachments_room FOREIGN KEY (workspace_id, room_id)
        REFERENCES chat_rooms (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_chat_file_attachments_file FOREIGN KEY (workspace_id, file_id)
        REFERENCES file_uploads (workspace_id, id),
    CONSTRAINT fk_chat_file_attachments_owner FOREIGN KEY (workspace_id, owner_id)
        REFERENCES users (workspace_id, id) ON DELETE SET NULL (owner_id),
    CONSTRAINT ck_chat_file_attachments_names CHECK (
        char_length(original_filename) BETWEEN 1 AND 500 AND char_length(stored_filename) BETWEEN 1 AND 500
    ),
    CONSTRAINT ck_chat_file_attachments_size CHECK (file_size >= 0),
    CONSTRAINT ck_chat_file_attachments_scan_state CHECK (scan_state IN ('unscanned', 'clean', 'infected'))
);
CREATE INDEX idx_chat_file_attachments_message ON chat_file_attachments (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX idx_chat_file_attachments_room ON chat_file_attachments (room_id) WHERE room_id IS NOT NULL;
CREATE INDEX idx_chat_file_attachments_file ON chat_file_attachments (file_id);
CREATE INDEX idx_chat_file_attachments_owner ON chat_file_attachments (owner_id, created_at);
COMMENT ON COLUMN chat_file_attachments.message_id IS 'NULL until the message that carries it is sent.';
COMMENT ON COLUMN chat_file_attachments.deleted_at IS 'Set = shown as "removed"; the row stays.';
CALL desk_touch('chat_file_attachments');
CALL desk_bind_message('chat_file_attachments');
CALL desk_secure('chat_file_attachments');
CALL desk_audit('chat_file_attachments', ARRAY['file_id', 'original_filename', 'scan_state', 'deleted_at'],
    p_personal => ARRAY['original_filename', 'stored_filename', 'thumbnail_url']);

-- Full text -------------------------------------------------------------------------------------------------
-- Two configurations of our own: naming one in a generated column is immutable, calling unaccent() is not. One stems
-- English, one keeps words as they are (other languages, order numbers); both drop the words of every sentence.
-- Without the unaccent module accents simply count.
CREATE TEXT SEARCH DICTIONARY desk_exact (TEMPLATE = pg_catalog.simple, STOPWORDS = english);
CREATE TEXT SEARCH CONFIGURATION desk_english (COPY = pg_catalog.english);
CREATE TEXT SEARCH CONFIGURATION desk_simple (COPY = pg_catalog.simple);
ALTER TEXT SEARCH CONFIGURATION desk_simple ALTER MAPPING REPLACE simple WITH desk_exact;
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'unaccent') THEN
        CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;
        ALTER TEXT SEARCH CONFIGURATION desk_english
            ALTER MAPPING FOR hword, hword_part, word WITH public.unaccent, english_stem;
        ALTER TEXT SEARCH CONFIGURATION desk_simple
            ALTER MAPPING FOR hword, hword_part, word WITH public.unaccent, desk_exact;
    END IF;
END
$$;

CREATE TABLE documents (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    scope text NOT NULL DEFAULT 'workspace',
    team_id uuid,
    room_id uuid,
    user_id uuid,
    audience text NOT NULL DEFAULT 'guests',
    title text,
    filename text NOT NULL,
    source_url text,
    language text,
    file_size bigint NOT NULL,
    mime_type text NOT NULL,
    content text,
    content_hash text NOT NULL,
    processing_status text NOT NULL DEFAULT 'pending',
    attempt integer NOT NULL DEFAULT 0,
    claimed_by text,
    claimed_until timestamptz,
    error_message text,
    embedding_model text,
    tokens_used integer NOT NULL DEFAULT 0,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT pk_documents PRIMARY KEY (id),
    CONSTRAINT uq_documents_workspace_id UNIQUE (workspace_id, id),
    CONSTRAINT fk_documents_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT fk_documents_team FOREIGN KEY (workspace_id, team_id)
        REFERENCES teams (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_documents_room FOREIGN KEY (workspace_id, room_id)
        REFERENCES chat_rooms (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_documents_user FOREIGN KEY (workspace_id, user_id)
        REFERENCES users (workspace_id, id) ON DELETE SET NULL (user_id),
    CONSTRAINT ck_documents_scope CHECK (
        (scope, team_id IS NULL, room_id IS NULL)
            IN (('workspace', true, true), ('team', false, true), ('room', true, false))
    ),
    CONSTRAINT ck_documents_audience CHECK (audience IN ('guests', 'staff')),
    CONSTRAINT ck_documents_processing_status CHECK (
        processing_status IN ('pending', 'processing', 'completed', 'failed')
    ),
    CONSTRAINT ck_documents_content CHECK (processing_status <> 'completed' OR content IS NOT NULL),
    CONSTRAINT ck_documents_content_hash CHECK (content_hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT ck_documents_lengths CHECK (
        char_length(title) <= 500 AND char_length(filename) BETWEEN 1 AND 500 AND file_size >= 0
    )
);
CREATE UNIQUE INDEX uq_documents_content ON documents (workspace_id, scope, team_id, room_id, content_hash)
    NULLS NOT DISTINCT WHERE deleted_at IS NULL;
CREATE INDEX idx_documents_workspace ON documents (workspace_id, created_at);
CREATE INDEX idx_documents_content_hash ON documents (content_hash);
CREATE INDEX idx_documents_processing_status ON documents (processing_status);
CREATE INDEX idx_documents_team ON documents (team_id) WHERE team_id IS NOT NULL;
CREATE INDEX idx_documents_room ON documents (room_id) WHERE room_id IS NOT NULL;
CREATE INDEX idx_documents_user ON documents (user_id) WHERE user_id IS NOT NULL;
COMMENT ON COLUMN documents.content IS 'NULL until processing is completed.';
COMMENT ON COLUMN documents.content_hash IS 'sha256 (hex) of the bytes that came in.';
CALL desk_touch('documents');
CALL desk_secure('documents');
CALL desk_audit('documents', ARRAY['scope', 'team_id', 'room_id', 'audience', 'title', 'filename', 'content_hash',
    'version', 'deleted_at'],
    p_secrets => ARRAY['content'], p_personal => ARRAY['title', 'filename', 'source_url']);

CREATE TABLE document_chunks (
    id uuid NOT NULL DEFAULT desk_uuid7(),
    workspace_id uuid NOT NULL,
    document_id uuid NOT NULL,
    chunk_index integer NOT NULL,
    heading text,
    question text,
    content text NOT NULL,
    start_position integer NOT NULL,
    end_position integer NOT NULL,
    token_count integer NOT NULL DEFAULT 0,
    tsv tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('public.desk_english', coalesce(heading, '') || ' ' || coalesce(question, '')), 'A')
        || setweight(to_tsvector('public.desk_simple', coalesce(heading, '') || ' ' || coalesce(question, '')), 'B')
        || setweight(to_tsvector('public.desk_english', content), 'C')
        || setweight(to_tsvector('public.desk_simple', content), 'D')
    ) STORED,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_document_chunks PRIMARY KEY (id),
    CONSTRAINT uq_document_chunks_index UNIQUE (document_id, chunk_index),
    CONSTRAINT fk_document_chunks_document FOREIGN KEY (workspace_id, document_id)
        REFERENCES documents (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_document_chunks_positions CHECK (0 <= start_position AND start_position <= end_position)
);
CREATE INDEX idx_document_chunks_workspace ON document_chunks (workspace_id);
CREATE INDEX idx_document_chunks_tsv ON document_chunks USING gin (tsv);
COMMENT ON COLUMN document_chunks.question IS 'Of an entry that is question and answer: embedded alone as well.';
CALL desk_secure('document_chunks', 'SELECT, INSERT, UPDATE, DELETE');
