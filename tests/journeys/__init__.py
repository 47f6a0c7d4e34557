"""Journeys in a real Chromium against a real desk: what a person sees, from the first click to the last."""
