"""What every journey is marked with."""

import pytest

JOURNEY = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("journeys"),
]
"""Needs Chromium; all share one event loop, and one worker, because they share one desk and one browser."""
