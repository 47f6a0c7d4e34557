"""The audit log: what happened that is no change of a row. Changes of rows are written by triggers into the histories.

Owns audit_log and access_log; both can only be added to. Announces nothing.
"""
