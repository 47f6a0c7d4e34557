"""Rooms: conversations, who takes part in them, and the dense log of everything that happened there.

Owns chat_rooms, room_heads, room_participants and room_events.
Announces RoomEventWritten for every durable event, and RoomOpened.
The rule that surprises: each event has two numbers, `seq` in the staff stream and `public_seq` in the guests';
a client only ever learns the number of its own stream, so a guest cannot tell that a note was written.
A room that an actor may not see and a room that does not exist give the same answer.
"""
