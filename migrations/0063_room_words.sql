-- optional: extension pg_trgm
-- Parts of words of what rooms and customers are called. Without the module a search for a rare word reads all rooms.

CREATE INDEX idx_chat_rooms_words ON chat_rooms USING gin (name gin_trgm_ops, issue_id gin_trgm_ops);
CREATE INDEX idx_users_words ON users USING gin (display_name gin_trgm_ops, email gin_trgm_ops)
    WHERE account_type_informal = 'guest';
