"""Answers from the workspace's documents, or hands off."""
