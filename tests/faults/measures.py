"""What is measured beside the invariants: times to the acknowledgement, and how late the desk's loop ran."""

import re
from collections.abc import Collection, Mapping, Sequence

from tests.faults.history import History

LAG = "supportdesk_loop_lag_seconds"


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share lies; 0 of nothing."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else 0.0


def ack_times(
    history: History, since: float, until: float, rooms: Collection[str] | None = None, senders: Collection[str] = ()
) -> list[float]:
    """Seconds from the first try to the first acknowledgement, of what was begun in a span, but for some senders."""
    return [
        send.acks[0].at - send.invoked_at
        for send in history.sends
        if send.acks
        and since <= send.invoked_at < until
        and (rooms is None or send.room in rooms)
        and send.sender not in senders
    ]


def lag(before: Mapping[str, float], after: Mapping[str, float], share: float = 0.99) -> float:
    """How late the loop ran between two readings of the metrics: the bucket that has the share, seconds."""
    buckets = []
    for name, count in after.items():
        if found := re.fullmatch(LAG + r'_bucket\{le="(.+)"\}', name):
            buckets.append((float(found[1]), count - before.get(name, 0.0)))
    buckets.sort()
    total = buckets[-1][1] if buckets else 0.0
    return next((edge for edge, count in buckets if total and count >= share * total), 0.0)
