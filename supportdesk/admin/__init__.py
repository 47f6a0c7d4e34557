"""Pages where admins look after the desk: jobs, robots, documents. Read models and forms; they own no table."""
