"""Welcomes the guest in a new room."""
