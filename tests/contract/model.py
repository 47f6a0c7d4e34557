"""The delivery contract as plain data: who is in a room, what was written into its log, and what each side may see."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

from supportdesk.actor import Permission
from tests.views import EMPTIED, RANKS

Json = dict[str, Any]

TIMES: Final = ("at", "created_at", "edited_at", "status_timestamps", "until", "last_message_at")
PUBLIC_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "message.created": ("message",),
    "message.edited": ("message_id", "message"),
    "message.deleted": ("message_id",),
    "reaction.added": ("message_id", "emoji", "user_id"),
    "reaction.removed": ("message_id", "emoji", "user_id"),
    "participant.joined": ("participant",),
    "participant.left": ("user_id", "name"),
    "room.created": ("name",),
    "room.owner_changed": ("owner", "reason"),
    "room.closed": ("status",),
    "room.reopened": ("status",),
    "escalation.created": ("to_level",),
    "csat.given": ("score",),
}
"""What guests get of an event that is public at all."""

AGENT: Final = frozenset(
    {
        Permission.ROOM_READ,
        Permission.ROOM_CLAIM,
        Permission.ROOM_CLOSE,
        Permission.ROOM_INVITE,
        Permission.MESSAGE_SEND,
        Permission.ESCALATE_TO_T2,
        Permission.ESCALATE_TO_T3,
        Permission.ESCALATE_TO_MANAGER,
    }
)
"""Of what agents may do, the parts that the model asks for: one stands for its neighbours."""
SUPERVISOR: Final = AGENT | {
    Permission.ROOM_ASSIGN,
    Permission.ESCALATION_LOWER,
    Permission.SUPERVISOR_OBSERVE,
    Permission.SUPERVISOR_TAKEOVER,
    Permission.GUEST_BLOCK,
}
GUEST: Final = frozenset({Permission.MESSAGE_SEND})


class Denied(Exception):
    """The contract says no, with this code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(eq=False)
class Human:
    """Somebody who uses the desk."""

    id: str
    name: str
    kind: str
    grants: frozenset[Permission]
    blocked: bool = False

    @property
    def is_staff(self) -> bool:
        return self.kind != "guest"

    def may(self, permission: Permission) -> bool:
        return permission in self.grants

    def must(self, permission: Permission) -> None:
        if not self.may(permission):
            raise Denied("forbidden")


@dataclass
class Place:
    """Somebody's place in a room; marks are staff numbers."""

    who: Human
    role: str
    status: str = "active"
    marks: tuple[int, int] = (0, 0)

    @property
    def is_present(self) -> bool:
        return self.status in ("active", "muted")

    @property
    def is_visible(self) -> bool:
        return self.is_present and self.role != "observer"


@dataclass(kw_only=True)
class Said:
    """A message as it stands."""

    id: str
    seq: int
    public_seq: int | None
    sender: Human
    body: Json
    version: int = 1
    edited: bool = False
    deleted: bool = False
    reactions: list[tuple[str, str]] = field(default_factory=list)

    @property
    def content(self) -> str:
        return str(self.body["content"])

    @property
    def is_note(self) -> bool:
        return bool(self.body.get("note")) or self.body.get("whisper_to") is not None


@dataclass(kw_only=True)
class Event:
    """One row of the log, with its data as it was told live to each side."""

    seq: int
    public_seq: int | None
    kind: str
    actor: Human | None
    staff: Json
    public: Json | None
    message: Said | None = None


@dataclass
class Step:
    """An open escalation."""

    id: str
    from_level: str
    to_level: str
    priority: int
    status: str = "created"
    assigned_to: Human | None = None

    def data(self) -> Json:
        """What the log says of it."""
        return {
            "escalation_id": self.id,
            "from_level": self.from_level,
            "to_level": self.to_level,
            "priority": self.priority,
            "status": self.status,
        }


@dataclass(eq=False)
class Room:
    """One conversation and its log."""

    id: str
    status: str
    owner: str
    is_private: bool = False
    name: str | None = None
    named_by: str = "first_question"
    assignee: Human | None = None
    level: str = "T1"
    priority: int = 3
    version: int = 1
    step: Step | None = None
    events: list[Event] = field(default_factory=list)
    messages: dict[str, Said] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    keys: dict[tuple[str, str], tuple[Said, Json]] = field(default_factory=dict)

    def write(
        self,
        kind: str,
        actor: Human | None,
        data: Json,
        *,
        hidden: bool = False,
        message: Said | None = None,
    ) -> Event:
        """Append to the log: a number of the staff's stream, and one of the guests' unless it is hidden from them."""
        public_seq = None if hidden else self.head(staff=False) + 1
        event = Event(
            seq=self.head(staff=True) + 1,
            public_seq=public_seq,
            kind=kind,
            actor=actor,
            staff={},
            public=None,
            message=message,
        )
        self.events.append(event)
        if kind == "message.created" and message is not None:
            self.messages[message.id] = message
        shows = kind in ("message.created", "message.edited") and message is not None
        event.staff = dict(data)
        if shows and message is not None:
            event.staff["message"] = self.wire(message, staff=True)
        if public_seq is not None:
            told = event.staff | ({"message": self.wire(message, staff=False)} if shows and message else {})
            event.public = {name: deepcopy(told[name]) for name in PUBLIC_FIELDS[kind] if name in told}
        return event

    def head(self, *, staff: bool) -> int:
        """The end of one side's stream."""
        return len(self.events) if staff else sum(event.public_seq is not None for event in self.events)

    def stream(self, *, staff: bool) -> list[Event]:
        """The events of one side."""
        return [event for event in self.events if staff or event.public_seq is not None]

    def public_number(self, seq: int) -> int:
        """The last public number at or before a staff number."""
        return sum(event.public_seq is not None for event in self.events[:seq])

    def place(self, who: Human) -> Place | None:
        """Somebody's place, where they are in the room now."""
        place = self.places.get(who.id)
        return place if place is not None and place.is_present else None

    def admits(self, who: Human) -> bool:
        """Whether somebody may see the room."""
        if who.blocked:
            return False
        inside = self.place(who) is not None
        if not who.is_staff:
            return inside
        open_to = not self.is_private or inside or who.may(Permission.SUPERVISOR_OBSERVE)
        return who.may(Permission.ROOM_READ) and open_to

    def must_admit(self, who: Human) -> None:
        """Say that there is no such room to those who may not see it."""
        if not self.admits(who):
            raise Denied("not_found")

    def frame(self, event: Event, *, staff: bool, live: bool) -> Json:
        """An event as one side gets it: at once, or from the log with everything as it stands now."""
        data: Json = deepcopy(event.staff if staff else event.public or {})
        if not live and event.message is not None and "message" in data:
            data["message"] = self.wire(event.message, staff=staff)
        if not live and event.kind in ("room.created", "room.updated"):
            data["name"] = self.name if staff or self.named_by == "first_question" else None
        actor = event.actor
        return {
            "room_id": self.id,
            "seq": event.seq if staff else event.public_seq,
            "kind": event.kind,
            "actor": {
                "id": actor.id if actor else None,
                "kind": actor.kind if actor else "system",
                "name": actor.name if actor else "",
            },
            "data": data,
        }

    def wire(self, message: Said, *, staff: bool) -> Json:
        """A message as one side gets it now."""
        data: Json = {
            "id": message.id,
            "room_id": self.id,
            "seq": message.seq if staff else message.public_seq,
            "client_msg_id": message.body["client_msg_id"],
            "sender": person_of(message.sender),
            "message_type": "chat",
            "content": message.content,
            "content_html": f"<p>{message.content}</p>",
            "attachments": [],
            "citations": [],
            "quick_replies": [],
            "reactions": _grouped(message.reactions),
            "status": self.status_of(message),
            "version": message.version,
        }
        if message.deleted:
            return data | EMPTIED | {"deleted": True}
        for name in ("reply_to", "thread_id"):
            if message.body.get(name) is not None:
                data[name] = message.body[name]
        if message.edited:
            data["edited_at"] = True
        if staff and message.is_note:
            data["note"] = True
        if staff and message.body.get("whisper_to") is not None:
            data["whisper_to"] = message.body["whisper_to"]
        return data

    def status_of(self, message: Said) -> str:
        """sent, delivered or read: by anybody of the other side who was ever seen in the room."""
        if message.public_seq is None:
            return "sent"
        others = [p.marks for p in self.places.values() if p.who.is_staff != message.sender.is_staff]
        ranks = [2 if read >= message.seq else 1 if got >= message.seq else 0 for got, read in others]
        return RANKS[max(ranks, default=0)]

    def picture(self, *, staff: bool) -> Json:
        """What somebody of one side sees of the room: what `View.picture` has to come to."""
        room: Json = {"level": self.level, "owner": self.owner_data()}
        awake = "waiting" if self.owner == "queue" else "active"
        room["status"] = awake if self.status == "snoozed" and not staff else self.status
        if staff:
            room |= {"name": self.name, "priority": self.priority}
        people = [p for p in self.places.values() if p.is_present and (staff or p.role != "observer")]
        roles = {} if staff else {"moderator": "member"}
        seen = [m for m in self.messages.values() if staff or m.public_seq is not None]
        return {
            "room": room,
            "people": sorted(
                (
                    {"user_id": p.who.id, "kind": p.who.kind, "name": p.who.name, "role": roles.get(p.role, p.role)}
                    for p in people
                ),
                key=lambda person: person["user_id"],
            ),
            "messages": [
                bare(self.wire(m, staff=staff)) | {"status": "" if m.deleted else self.status_of(m)} for m in seen
            ],
            "drafts": [],
        }

    def owner_data(self) -> Json:
        """Who has the room, as frames say it."""
        has = self.owner == "human" and self.assignee is not None
        return {
            "kind": self.owner,
            "id": self.assignee.id if self.assignee else None,
            "name": self.assignee.name if has and self.assignee else None,
        }


def person_of(who: Human) -> Json:
    """Somebody as the sender of a message."""
    return {"id": who.id, "kind": who.kind, "name": who.name, "avatar_url": None}


def _grouped(reactions: list[tuple[str, str]]) -> list[Json]:
    who: dict[str, list[str]] = {}
    for emoji, user_id in reactions:
        who.setdefault(emoji, []).append(user_id)
    return [{"emoji": e, "count": len(p), "user_ids": p} for e, p in sorted(who.items())]


def bare(value: Any) -> Any:
    """A frame without the times, which no model foresees, and with its emoji in one order."""
    match value:
        case {"emoji": _, "count": _, "user_ids": _}:
            return value
        case dict():
            return {
                name: sorted(part, key=lambda reaction: str(reaction["emoji"])) if name == "reactions" else bare(part)
                for name, part in value.items()
                if name not in TIMES
            } | ({"edited_at": True} if "edited_at" in value else {})
        case list():
            return [bare(part) for part in value]
        case _:
            return value
