"""What a conversation is about, as the desk makes it out by itself; what a person has set stays as it is."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from supportdesk.actor import Actor
from supportdesk.core.db import Tx
from supportdesk.rooms import access
from supportdesk.rooms.events import RoomStateChanged
from supportdesk.rooms.log import write_event
from supportdesk.rooms.model import EventKind, RoomStatus
from supportdesk.rooms.queries import filing as queries


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What was made out; None and nothing leave a thing as it is."""

    intent: str | None = None
    language: str | None = None
    skills: Sequence[str] = ()
    priority: int | None = None
    title: str | None = None

    @property
    def about(self) -> dict[str, Any]:
        """What is kept with the room and has no column of its own: intent, language, skills."""
        every = {**asdict(self), "skills": list(self.skills)}
        return {name: every[name] for name in ("intent", "language", "skills") if every[name]}


async def file_room(tx: Tx, actor: Actor, room_id: UUID, found: Findings) -> list[str]:
    """File the room and tell the staff; returns the names of what has changed, often none.

    A priority that staff have chosen stays, at once or by an escalation, and so does a name that a person has given.
    A new skill of the room counts when it next comes to a queue. Whether the actor is asked here at all, the caller
    has seen to: a robot for the staff has no place in the room.
    """
    room = await access.room_to_change(tx, Actor.system(tx.actor.workspace_id), room_id)
    if room.status in (RoomStatus.CLOSED, RoomStatus.ARCHIVED):
        return []
    filed = await queries.find_filed(tx.conn, room.id)
    priority = None if found.priority == room.priority or filed.priority_by_person else found.priority
    title = None if found.title == room.name or room.name_source == "person" else found.title
    news = {name: value for name, value in found.about.items() if filed.about.get(name) != value}
    names = [*sorted(news), *(["priority"] if priority else []), *(["name"] if title else [])]
    if not names:
        return []
    version = await queries.file_room(tx.conn, room.id, title=title, priority=priority, about={**filed.about, **news})
    changed = replace(
        room,
        name=title or room.name,
        name_source="triage" if title else room.name_source,
        priority=priority or room.priority,
        version=version,
    )
    data = {"fields": names, "version": version, "priority": changed.priority}
    await write_event(tx, actor, room, EventKind.ROOM_UPDATED, data, shown={"name": changed.name})
    tx.announce(RoomStateChanged(room=changed))
    return names
