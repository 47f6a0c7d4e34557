"""Talks at an even pace."""
