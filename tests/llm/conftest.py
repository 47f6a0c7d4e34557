"""Theatres for tests of models, too."""

from tests.robots.conftest import staged

__all__ = ["staged"]
