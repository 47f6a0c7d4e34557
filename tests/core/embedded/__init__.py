"""The embedded PostgreSQL, on this machine's own processes and files, as root and as a normal user."""
