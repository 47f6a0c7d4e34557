-- Where a suggestion comes from, so that an agent can look before it is said to a guest.

ALTER TABLE robot_suggestions ADD COLUMN citations jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN robot_suggestions.citations IS 'As those of messages: document_id, chunk_id, title, quote, url.';
