-- optional: extension vector >= 0.8
-- Vectors stay in their row: fetching two of them from the side table for each chunk took longer than comparing them.

ALTER TABLE document_chunks
    ALTER COLUMN embedding SET STORAGE PLAIN,
    ALTER COLUMN question_embedding SET STORAGE PLAIN;
