"""Robots of the measurements, found by the host as all others are."""
