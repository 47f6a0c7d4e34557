"""A theatre with a till, in a workspace of its own."""

from tests.robots.conftest import staged

__all__ = ["staged"]
