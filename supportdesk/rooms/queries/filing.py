"""What a room was filed under, and by whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from supportdesk.core.db import Connection

FIND_FILED: Final = """
    SELECT coalesce(r.room_settings -> 'filed', '{}') AS about,
           EXISTS (
               SELECT FROM room_events e
                WHERE e.room_id = r.id AND e.actor_kind = 'agent'
                  AND (e.kind = 'escalation.created' OR (e.kind = 'room.updated' AND e.data -> 'fields' ? 'priority'))
           ) AS priority_by_person
      FROM chat_rooms r
     WHERE r.id = $1
"""

FILE_ROOM: Final = """
    UPDATE chat_rooms
       SET name = coalesce($2, name), name_source = CASE WHEN $2 IS NULL THEN name_source ELSE 'triage' END,
           priority = coalesce($3, priority), room_settings = room_settings || jsonb_build_object('filed', $4::jsonb),
           version = version + 1
     WHERE id = $1
 RETURNING version
"""


@dataclass(frozen=True, slots=True)
class Filed:
    """What is known of a room's contents, and whether a person has chosen its priority."""

    about: Mapping[str, Any]
    priority_by_person: bool


async def find_filed(conn: Connection, room_id: UUID) -> Filed:
    """What the room is filed under now."""
    row = await conn.fetchrow(FIND_FILED, room_id)
    return (
        Filed({}, priority_by_person=False)
        if row is None
        else Filed(orjson.loads(row["about"]), row["priority_by_person"])
    )


async def file_room(
    conn: Connection, room_id: UUID, *, title: str | None, priority: int | None, about: Mapping[str, Any]
) -> int:
    """Set what is given; returns the room's new version."""
    version: int = await conn.fetchval(FILE_ROOM, room_id, title, priority, orjson.dumps(about).decode())
    return version
