"""Asks a bot elsewhere, over signed HTTP."""
