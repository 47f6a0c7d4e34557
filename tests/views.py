"""A room as a client pictures it: the answer of a join, and every frame after it applied as D4 says.

What a client that was connected all along pictures must be what one pictures that has just come. Both are told apart
from `queue` and `version`, which a live client asks for over HTTP, and from `online`, which is presence. Of a guest's
room `name` and `priority` are left out too, and whether a member is a moderator: they follow what staff do unseen, and
no guest's client shows them.
"""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any, Final

Json = dict[str, Any]

MOVING: Final = ("status_timestamps",)
RANKS: Final = ("sent", "delivered", "read")
SHOWN: Final = ("status", "level", "owner", "last_message_at")
SHOWN_TO_STAFF: Final = ("name", "priority", *SHOWN)
EMPTIED: Final[Json] = {"content": "", "content_html": "", "citations": [], "quick_replies": [], "reactions": []}
EXTRAS: Final = ("reply_to", "thread_id", "draft_id", "edited_at", "note", "whisper_to", "graph")


class View:
    """One room as one client knows it."""

    def __init__(self, answer: Json, *, staff: bool) -> None:
        self.staff = staff
        self.epoch: str = answer["epoch"]
        self.messages: dict[str, Json] = {}
        self.drafts: set[str] = set()
        self.people: dict[str, Json] = {}
        self.log: list[Json] = []
        self.held: dict[int, Json] = {}
        self._kinds: dict[str, str] = {}
        self._marks: dict[str, tuple[int, int]] = {}
        self.last = answer["events"][0]["seq"] - 1 if answer["events"] else answer["head"]
        self.room: Json = {}
        self.rejoined(answer)

    def rejoined(self, answer: Json) -> None:
        """Take up the answer of a join: its events first, then the room and the people as they are now."""
        self.read(answer["events"])
        self.room = deepcopy(answer["room"])
        self.people = {}
        for person in answer["participants"]:
            self._comes(person)
            self.receipt(person)

    def read(self, events: Sequence[Json]) -> None:
        """Apply a page of the log."""
        for event in events:
            if event["seq"] == self.last + 1:
                self._apply(event)
        self._drain()

    def receive(self, event: Json) -> bool:
        """Apply a live event, or hold it back behind a gap; False when it was known."""
        if event["seq"] <= self.last:
            return False
        self.held[event["seq"]] = event
        self._drain()
        return True

    def _drain(self) -> None:
        while (event := self.held.pop(self.last + 1, None)) is not None:
            self._apply(event)
        self.held = {seq: event for seq, event in self.held.items() if seq > self.last}

    def delta(self, data: Json) -> None:
        """A piece of a robot's answer that is being written."""
        self.drafts.add(data["draft_id"])

    def delta_aborted(self, data: Json) -> None:
        """The answer will not come."""
        self.drafts.discard(data["draft_id"])

    def receipt(self, data: Json) -> None:
        """Somebody has received and read so far."""
        before = self._marks.get(data["user_id"], (0, 0))
        self._marks[data["user_id"]] = (max(before[0], data["delivered_seq"]), max(before[1], data["read_seq"]))

    def _apply(self, event: Json) -> None:
        self.last = event["seq"]
        self.log.append(event)
        data: Json = event["data"]
        match event["kind"].split("."):
            case ["message", what]:
                self._message(what, event)
            case ["reaction", what]:
                self._react(data, on=what == "added")
            case ["participant", "joined"]:
                self._comes(data["participant"])
            case ["participant", "left"]:
                self.people.pop(data["user_id"], None)
            case ["participant", "updated"] if "role" in data and data["user_id"] in self.people:
                self.people[data["user_id"]]["role"] = data["role"]
            case ["escalation", "created"]:
                self.room |= {"level": data["to_level"]} | ({"priority": data["priority"]} if self.staff else {})
            case ["room", what]:
                self._room(what, data)

    def _message(self, what: str, event: Json) -> None:
        data: Json = event["data"]
        if what == "deleted":
            self._delete(data["message_id"])
            return
        message = deepcopy(data["message"])
        self.messages[message["id"]] = message
        self.drafts.discard(message.get("draft_id", ""))
        if what == "created":
            self.room["last_message_at"] = message["created_at"]
            if message["sender"]["kind"] == "guest" and self.room.get("name") is None:
                self.room["name"] = _title(message["content"])

    def _delete(self, message_id: str) -> None:
        message = self.messages.get(message_id)
        if message is None or message.get("deleted"):
            return
        message |= {**EMPTIED, "deleted": True, "version": message["version"] + 1}
        for extra in EXTRAS:
            message.pop(extra, None)

    def _react(self, data: Json, *, on: bool) -> None:
        message = self.messages.get(data["message_id"])
        if message is None or message.get("deleted"):
            return
        who: dict[str, list[str]] = {r["emoji"]: list(r["user_ids"]) for r in message["reactions"]}
        others = [user_id for user_id in who.get(data["emoji"], []) if user_id != data["user_id"]]
        who[data["emoji"]] = [*others, data["user_id"]] if on else others
        message["reactions"] = [{"emoji": e, "count": len(p), "user_ids": p} for e, p in who.items() if p]

    def _comes(self, person: Json) -> None:
        self.people[person["user_id"]] = {name: person[name] for name in ("user_id", "kind", "name", "role")}
        self._kinds[person["user_id"]] = person["kind"]

    def _room(self, what: str, data: Json) -> None:
        match what:
            case "owner_changed":
                owner = data["owner"]
                self.room |= {"owner": owner, "status": "waiting" if owner["kind"] == "queue" else "active"}
            case "updated":
                self.room |= {"name": data["name"], "priority": data["priority"]}
            case "closed" | "reopened":
                self.room["status"] = data["status"]
            case "snoozed":
                self.room["status"] = "snoozed"

    def picture(self) -> Json:
        """Everything a person can see of the room now."""
        shown = SHOWN_TO_STAFF if self.staff else SHOWN
        return {
            "room": {name: self.room.get(name) for name in shown},
            "people": sorted(map(self._seen, self.people.values()), key=lambda person: str(person["user_id"])),
            "messages": [self.shown(message) for message in self.messages.values()],
            "drafts": sorted(self.drafts),
        }

    def _seen(self, person: Json) -> Json:
        return person if self.staff or person["role"] != "moderator" else person | {"role": "member"}

    def shown(self, message: Json) -> Json:
        """A message with the tick of this moment; emoji in no order, because people stay with theirs."""
        plain = {name: value for name, value in message.items() if name not in MOVING}
        plain["reactions"] = sorted(message["reactions"], key=lambda reaction: str(reaction["emoji"]))
        plain["status"] = self._status_of(message)
        return plain

    def _status_of(self, message: Json) -> str:
        if message.get("deleted"):
            return ""
        if message.get("note"):
            return "sent"
        from_guest = message["sender"]["kind"] == "guest"
        ranks = [RANKS.index(message["status"])]
        for user_id, (delivered, read) in self._marks.items():
            kind = self._kinds.get(user_id, "robot")
            if (kind == "guest") != from_guest and kind != "robot":
                ranks.append(2 if read >= message["seq"] else 1 if delivered >= message["seq"] else 0)
        return RANKS[max(ranks)]


def _title(content: str) -> str | None:
    return " ".join(content.split())[:80] or None
