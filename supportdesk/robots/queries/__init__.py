"""All SQL of robots, by noun: the robots of a workspace, the queue of their turns, the ledger."""
