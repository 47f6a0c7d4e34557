"""D4 as a client keeps it: apply the next number, drop what is known, hold back what is ahead and ask for the gap."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.faults.history import Heard, Listening

MESSAGE = "message.created"


def heard(event: Mapping[str, Any]) -> Heard:
    """What the checker keeps of an event."""
    if event["kind"] != MESSAGE:
        return Heard(event["seq"], event["kind"])
    message = event["data"].get("message", {})
    return Heard(
        event["seq"],
        MESSAGE,
        message.get("id", ""),
        message.get("content", ""),
        bool(message.get("note") or message.get("whisper_to")),
    )


class Stream:
    """One room's stream on one client."""

    def __init__(self, listening: Listening) -> None:
        self.listening = listening
        self.epoch: str | None = None
        self._ahead: dict[int, Heard] = {}

    @property
    def last(self) -> int:
        """The number applied last."""
        return self.listening.last

    @property
    def has_gap(self) -> bool:
        """Whether something is held back for what came before it."""
        return bool(self._ahead)

    def take(self, event: Mapping[str, Any], now: float) -> None:
        """A live event."""
        self.listening.last_frame_at = now
        self._take(heard(event))

    def read(self, page: Mapping[str, Any], asked_after: int) -> bool:
        """A page of the log; whether there is more to read."""
        self.epoch = page["epoch"]
        if page.get("reset"):
            self.listening.resets.append(str(page.get("reason")))
            return False
        events: Sequence[Mapping[str, Any]] = page["events"]
        numbers = [event["seq"] for event in events]
        if numbers != list(range(asked_after + 1, asked_after + 1 + len(numbers))):
            self.listening.pages.append(f"asked after {asked_after}, got {numbers[:5]}…{numbers[-3:]}")
        for event in events:
            self._take(heard(event))
        return bool(events) and self.last < page["head"]

    def _take(self, event: Heard) -> None:
        known = self.listening.received.setdefault(event.seq, event)
        if known != event:
            self.listening.changed.append((known, event))
        if event.seq > self.last:
            self._ahead[event.seq] = event
        while (following := self._ahead.pop(self.last + 1, None)) is not None:
            self.listening.applied.append(following)
