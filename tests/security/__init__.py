"""What must be tried, and what must hold."""
