-- Which robots speak to the staff alone: they lead in no room, and rooms without them must not pay for asking. Beside it
-- a room's own order of its robots: the copy that sort_order of room_robots is would outlive a change of the workspace's.
ALTER TABLE robots ADD COLUMN staff_only boolean NOT NULL DEFAULT false;
GRANT SELECT (staff_only) ON robots TO desk_reader;
COMMENT ON COLUMN robots.staff_only IS 'What visible_to_guest of its settings comes to, kept for queries: true when guests never hear it.';
UPDATE robots SET staff_only = true WHERE settings -> 'visible_to_guest' = 'false';

ALTER TABLE room_robots ADD COLUMN staff_only boolean;
COMMENT ON COLUMN room_robots.staff_only IS 'NULL = as in the workspace.';
ALTER TABLE room_robots ADD COLUMN own_order integer;
COMMENT ON COLUMN room_robots.own_order IS 'NULL = as in the workspace. sort_order is what that was when the room opened.';
CREATE INDEX idx_room_robots_staff_only ON room_robots (workspace_id) WHERE staff_only;
CREATE INDEX idx_robots_staff_only ON robots (workspace_id) WHERE staff_only AND active AND deleted_at IS NULL;
