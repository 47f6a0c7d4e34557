-- Documents of any format: their bytes wait here until a process of its own has read the text out of them.

CREATE TABLE document_originals (
    document_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    content bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_document_originals PRIMARY KEY (document_id),
    CONSTRAINT fk_document_originals_document FOREIGN KEY (workspace_id, document_id)
        REFERENCES documents (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX idx_document_originals_document ON document_originals (workspace_id, document_id);
ALTER TABLE document_originals ALTER COLUMN content SET STORAGE EXTERNAL;  -- PDF and DOCX are compressed already
COMMENT ON TABLE document_originals IS
    'The bytes of a document that is not read yet, or could not be: they go as soon as the text is stored or the document removed.';
CALL desk_touch('document_originals');
CALL desk_secure('document_originals', 'SELECT, INSERT, DELETE');

ALTER TABLE documents
    ADD COLUMN chunks_done integer NOT NULL DEFAULT 0,
    ADD COLUMN chunks_total integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN documents.chunks_done IS 'How far the present reading is: chunks embedded, of chunks_total.';
COMMENT ON COLUMN documents.content IS
    'The text: of Markdown from the start, of other formats once it has been read out of document_originals.';
