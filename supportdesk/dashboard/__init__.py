"""The inbox: what staff see of all rooms at once. A read model: it owns no table and announces nothing.

The rules that surprise: the open rooms of a level begin with who waits, as the queue is drained; whoever does not wait,
and every other list, is in the order of the last activity, rolled up at most once a minute per room, and exact within a
page. A message never writes the row that lists are read from.
"""
