"""The host of the robots: it finds them, gives them their turns, and keeps what they said and did.

Owns robots, room_robots, robot_suggestions and robot_interactions, which is the ledger and the work queue in one. A
robot is one class with one async generator that yields events; everything else (storage, visibility, limits,
streaming, logging, cancelling) is the host's. All a robot may import is `supportdesk.robots.contract`.

A guest's message inserts the leader's pending interaction in its own transaction; after the commit a nudge, or
else the sweep, wakes the runner, which claims the row, plays the turn with no transaction open and finishes it in
one. What surprises: a robot's answer may be dropped although it was streamed. The room's `turn_no` decides, it
changes when a person replies or takes over or the guest writes again, and the row inside the last transaction
binds. A robot that fails, stalls or overruns becomes a hand-off, and the guest is told. Robots hear no robots.
"""
