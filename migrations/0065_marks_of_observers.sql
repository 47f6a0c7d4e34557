-- Silent observers left marks of what they had received and read, which were hidden while they observed. They leave none
-- any more, and those they left must not turn into ticks.

UPDATE room_participants
   SET last_delivered_seq = 0, last_read_seq = 0, last_delivered_at = NULL, last_read_at = NULL
 WHERE role = 'observer' AND last_delivered_seq > 0;
