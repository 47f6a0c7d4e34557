-- Documents from the web: where they came from, and what their server said, so that it can be asked again.

ALTER TABLE documents
    ADD COLUMN fetched_from text,
    ADD COLUMN etag text,
    ADD COLUMN last_modified text,
    ADD COLUMN fetch_error text;
ALTER TABLE documents
    ADD CONSTRAINT ck_documents_fetched CHECK (
        char_length(fetched_from) <= 2000 AND char_length(etag) <= 500 AND char_length(last_modified) <= 100
    ) NOT VALID;
ALTER TABLE documents VALIDATE CONSTRAINT ck_documents_fetched;
COMMENT ON COLUMN documents.fetched_from IS 'Where the bytes came from; it is asked again every day. NULL for those that were sent.';
COMMENT ON COLUMN documents.fetch_error IS 'Why the last look at the address brought nothing; the text of the last good one answers.';
