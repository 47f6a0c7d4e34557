"""The inbox: what staff see of all rooms at once. A read model: it owns no table and announces nothing.

The rule that surprises: the order of a list is by the last activity rolled up at most once a minute per room, and
exact within a page; a message never writes the row that lists are read from.
"""
