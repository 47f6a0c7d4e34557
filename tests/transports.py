"""Both ways out: the desk's own fan-out and the library's.

Folders whose tests are all of sockets import the fixture in their conftest.py (rooms, messages); elsewhere those tests
take the mark whose outcome a way out decides: who is cut, left out or refused, and what arrives after all.
"""

from typing import Final

import pytest

WAYS: Final = {"fast": True, "stock": False}

on_both_ways = pytest.mark.parametrize("fast_sockets", WAYS.values(), ids=list(WAYS))


@pytest.fixture(params=WAYS.values(), ids=list(WAYS))
def fast_sockets(request: pytest.FixtureRequest) -> bool:
    """Which way out the sockets of this test take."""
    return bool(request.param)
