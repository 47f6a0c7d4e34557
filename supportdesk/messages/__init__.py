"""Messages: the one way to say something in a room, and the stream in which everybody reads what happened.

Owns messages, message_dedup and message_reactions. Announces MessagesPosted once per flight.
`post_message` is the only way in, for guests, agents and robots. Messages of one workspace that arrive while a
flight commits gather for the next one (group commit); each is acknowledged on its own, after the commit.
The rule that surprises: a busy room is skipped by a flight and goes to the slow lane, where it waits for its lock,
so that one stuck room never holds up the others.
"""
