"""Samples are sorted into the steps of a message."""

from bench.cost import LOOP, shares, step_of

POOL = "_bootstrap (threading.py:995);_worker (concurrent/futures/thread.py:81) 40"


def test_a_stack_belongs_to_the_innermost_step_it_is_in() -> None:
    edge = "run (asyncio/runners.py:118);Sockets._edge.<locals>.edge (supportdesk/core/sockets.py:280)"
    assert step_of(edge) == "dispatch, permission, acknowledgement"
    assert step_of(f"{edge};_tell (supportdesk/messages/broadcasts.py:40);__str__ (uuid.py:1)") == "frames for the room"
    assert step_of(f"{edge};meth (structlog/_native.py:9)") == "a log line and a count"
    assert step_of(f"{edge};Link.flush (supportdesk/core/socket_link.py:9)") == "frames to the sockets"
    assert step_of("run (asyncio/runners.py:118)") == LOOP


def test_shares_are_of_what_worked() -> None:
    raw = f"run (asyncio/runners.py:118) 1\nrun (asyncio/runners.py:118);fetch (asyncpg/connection.py:9) 3\n{POOL}\n"
    assert shares(raw) == {"to PostgreSQL and back": 0.75, LOOP: 0.25}
    assert shares("") == {}
