"""Pages where admins look after the desk: jobs, robots, their ledger, documents, sites. Read models and forms; they own no table."""
