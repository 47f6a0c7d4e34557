"""Pages where admins look after the desk: jobs, robots and their ledger, documents, sites. They own no table."""
