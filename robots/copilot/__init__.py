"""Proposes replies to the staff."""
