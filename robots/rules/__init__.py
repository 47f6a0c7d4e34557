"""Answers what an admin has written rules for."""
