"""Audit: what is no change of a row and must be known all the same.

Owns audit_log (sign-ins, denials, observers, approvals, blocks, secrets shown) and access_log (who looked at a room
they are not in, or searched). Changes of rows are in the history
tables, written by triggers; nothing here repeats them.
A note is written in the transaction of what it notes, so that neither can exist without the other. A denial has no
transaction to belong to: it is noted in one of its own, before the refusal is raised.
"""
