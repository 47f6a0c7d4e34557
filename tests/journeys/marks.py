"""What every journey is marked with."""

import pytest

JOURNEY = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
]
"""Needs Chromium; all share one event loop and, by tests/conftest.py, one worker: one desk and one browser."""
