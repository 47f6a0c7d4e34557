-- The resolved rooms of a workspace, or all of them, are listed page by page in the order of their last activity. The
-- index by status gives that order within one status only: each page read and sorted every room there is.

CREATE INDEX idx_chat_rooms_activity ON chat_rooms (workspace_id, last_activity_at DESC, id DESC)
    WHERE deleted_at IS NULL;
