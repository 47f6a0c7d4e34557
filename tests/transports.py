"""Both ways out: the desk's own fan-out and the library's. Imported by the folders whose tests are of sockets."""

import pytest


@pytest.fixture(params=[True, False], ids=["fast", "stock"])
def fast_sockets(request: pytest.FixtureRequest) -> bool:
    """Which way out the sockets of this test take."""
    return bool(request.param)
