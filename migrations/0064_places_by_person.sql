-- Somebody's place in a room was looked up by the person alone where the planner took that index for the smaller one:
-- every message of an agent then read all the rooms they were ever in. One index serves both questions.

-- squawk-ignore require-concurrent-index-deletion
DROP INDEX idx_room_participants_user;
CREATE INDEX idx_room_participants_user ON room_participants (user_id, room_id);
