"""Each side's own stream of a room: pages of the log, served as things stand now."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any
from uuid import UUID

import orjson

from supportdesk.actor import Actor
from supportdesk.core.db import Connection
from supportdesk.messages import queries
from supportdesk.messages.model import Message, Person, Watermark
from supportdesk.messages.shape import message_data
from supportdesk.rooms import access
from supportdesk.rooms import queries as room_rows
from supportdesk.rooms.access import Seat
from supportdesk.rooms.frames import event_frame
from supportdesk.rooms.model import EventKind, Room, RoomEvent, RoomId

PAGE = 200
PAGE_BYTES = 256 * 1024
"""A page ends earlier when its events are this long: one of 200 long messages would be cut off as a slow reader's."""
SHOWS_MESSAGE = (EventKind.MESSAGE_CREATED, EventKind.MESSAGE_EDITED)

Hydrate = Callable[[Connection, Sequence[UUID]], Awaitable[Mapping[UUID, Mapping[str, Any]]]]


@dataclass(slots=True)
class Hydrators:
    """What higher slices add to the data of their events when the log is read; app.py fills it."""

    by_kind: dict[EventKind, Hydrate] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A stretch of the actor's stream; `reset` says why it cannot be continued from where the client was."""

    seat: Seat
    epoch: str
    head: int
    events: list[dict[str, Any]]
    reset: str | None = None


async def read_stream(
    conn: Connection,
    actor: Actor,
    room_id: UUID,
    hydrators: Hydrators,
    *,
    after_seq: int | None,
    epoch: str | None,
) -> Page:
    """A page after a number of the actor's own stream, or the newest page; raises NotFound."""
    seat = await access.seat_for(conn, actor, room_id)
    present = await queries.find_epoch(conn, actor.workspace_id)
    head = seat.room.head.of(actor)
    if epoch is not None and epoch != present:
        return Page(seat=seat, epoch=present, head=head, events=[], reset="epoch")
    if after_seq is not None and after_seq > head:
        # Numbers that were never given out: the client comes from before a restore that it has not heard of.
        return Page(seat=seat, epoch=present, head=head, events=[], reset="epoch")
    after = max(0, head - PAGE) if after_seq is None else after_seq
    since = seat.mine.joined_seq if seat.mine is not None and not seat.mine.can_see_history else 0
    events = await queries.list_events(conn, seat.room, after, public=not actor.is_staff, joined_seq=since, limit=PAGE)
    if not events and after < head and since == 0:
        return Page(seat=seat, epoch=present, head=head, events=[], reset="retention")
    if events and since == 0 and after_seq is not None and _number(events[0], actor) != after + 1:
        return Page(seat=seat, epoch=present, head=head, events=[], reset="retention")
    frames = await _frames(conn, seat.room, events, hydrators, staff=actor.is_staff)
    fits = _oldest_that_fit(frames) if after_seq is not None else _oldest_that_fit(frames[::-1])[::-1]
    return Page(seat=seat, epoch=present, head=head, events=fits)


def _oldest_that_fit(frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As many from the front as a page may weigh, and always one."""
    lengths = accumulate(len(orjson.dumps(frame)) for frame in frames)
    return frames[: max(1, sum(length <= PAGE_BYTES for length in lengths))]


def _number(event: RoomEvent, actor: Actor) -> int:
    return event.seq if actor.is_staff else (event.public_seq or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Events that nobody here was told of, as each side gets them; `until` is the staff number of the last."""

    staff: list[dict[str, Any]]
    public: list[dict[str, Any]]
    until: int


async def read_missed(conn: Connection, room_id: RoomId, hydrators: Hydrators, *, after_seq: int) -> Missed:
    """A page of a room's log after a number of the staff's stream, for both sides."""
    room = await room_rows.find_room(conn, room_id)
    if room is None:
        return Missed(staff=[], public=[], until=after_seq)
    events = await queries.list_events(conn, room, after_seq, public=False, joined_seq=0, limit=PAGE)
    staff = _oldest_that_fit(await _frames(conn, room, events, hydrators, staff=True))
    events = events[: len(staff)]
    shown = [event for event in events if event.public_seq is not None]
    public = await _frames(conn, room, shown, hydrators, staff=False)
    return Missed(staff=staff, public=public, until=events[-1].seq if events else after_seq)


async def _frames(
    conn: Connection, room: Room, events: Sequence[RoomEvent], hydrators: Hydrators, *, staff: bool
) -> list[dict[str, Any]]:
    spoken = {e.subject_id for e in events if e.kind in SHOWS_MESSAGE and e.subject_id is not None}
    messages = await queries.list_messages(conn, list(spoken))
    marks = await queries.list_watermarks(conn, room.id) if messages else []
    named = {e.actor_id for e in events if e.actor_id} | {UUID(str(i)) for e in events for i in _people(e) if i}
    people = await queries.list_people(conn, list(named))
    extra: dict[tuple[EventKind, UUID], Mapping[str, Any]] = {}
    for kind, hydrate in hydrators.by_kind.items():
        wanted = [e.subject_id for e in events if e.kind is kind and e.subject_id is not None]
        if wanted:
            extra |= {(kind, subject): more for subject, more in (await hydrate(conn, wanted)).items()}
    present = _Present(room, messages, marks, people, extra, staff=staff)
    return [
        event_frame(event, present.name_of(event.actor_id) or "", present.data_of(event), staff=staff)
        for event in events
    ]


@dataclass(frozen=True, slots=True)
class _Present:
    """Everything a page of the log refers to, as it stands now."""

    room: Room
    messages: Mapping[UUID, Message]
    marks: Sequence[Watermark]
    people: Mapping[UUID, Person]
    extra: Mapping[tuple[EventKind, UUID], Mapping[str, Any]]
    staff: bool

    def name_of(self, user_id: UUID | None) -> str | None:
        """What somebody is called; None when they are gone."""
        person = self.people.get(user_id) if user_id is not None else None
        return person.name if person is not None else None

    def data_of(self, event: RoomEvent) -> dict[str, Any]:
        """An event's data: its references resolved."""
        data = dict(event.data)
        subject = event.subject_id
        if event.kind in (EventKind.ROOM_CREATED, EventKind.ROOM_UPDATED):
            data["name"] = self.room.name_for(staff=self.staff)
        elif event.kind is EventKind.ROOM_OWNER_CHANGED:
            data["owner"] = self._owner(event)
        if subject is None:
            return data
        match event.kind:
            case EventKind.MESSAGE_CREATED | EventKind.MESSAGE_EDITED:
                message = self.messages.get(subject)
                if message is None:
                    return {"message_id": str(subject)}
                data["message"] = message_data(message, self.marks, staff=self.staff)
            case EventKind.PARTICIPANT_JOINED:
                person = self.people.get(subject)
                data["participant"] = {
                    "user_id": str(subject),
                    "kind": str(person.kind) if person else "agent",
                    "name": person.name if person else "",
                    "avatar_url": person.avatar_url if person else None,
                    "role": str(event.data.get("role", "member")),
                }
            case EventKind.PARTICIPANT_LEFT:
                data["name"] = self.name_of(subject) or ""
            case EventKind.ROOM_ASSIGNED:
                data["assignee"] = {"id": str(subject), "name": self.name_of(subject) or ""}
            case _:
                data.update(self.extra.get((event.kind, subject), {}))
        return data

    def _owner(self, event: RoomEvent) -> dict[str, Any]:
        assignee = event.data.get("assignee_id")
        name = self.name_of(UUID(str(assignee))) if assignee else None
        return {"kind": event.data.get("owner_kind"), "id": assignee, "name": name}


def _people(event: RoomEvent) -> list[object]:
    return [event.data.get("assignee_id"), event.data.get("user_id")]
