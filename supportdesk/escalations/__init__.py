"""Levels: who answers, how a room moves T1 → T2 → T3 → manager, and how the waiting get to the free.

Owns escalations and escalation_edges. Announces EscalationCreated and PresenceChanged.
Steps are data: an edge from level to level names the permission it takes, so a level is skipped only where an edge
says so. Claiming is atomic: the loser is told who won.
The rule that surprises: a room escalated to a level leaves its person and waits there, until somebody of that level
claims it or is given it; whoever sits at the room keeps hearing it.
"""
