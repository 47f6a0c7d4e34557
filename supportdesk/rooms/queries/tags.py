"""SQL of the words that staff file a room under."""

from collections.abc import Sequence
from typing import Final

from supportdesk.actor import Actor
from supportdesk.core.db import Connection
from supportdesk.rooms.model import Room

MAKE_TAGS: Final = """
    INSERT INTO tags (workspace_id, name)
         SELECT $1, name
           FROM unnest($2::text[]) AS name
          ORDER BY name -- two that make the same tags wait for each other in one order
    ON CONFLICT (workspace_id, name) WHERE deleted_at IS NULL DO NOTHING
"""

DROP_OTHER_TAGS: Final = """
    DELETE FROM room_tags rt
     WHERE rt.room_id = $1
       AND NOT EXISTS (
           SELECT 1 FROM tags t WHERE t.id = rt.tag_id AND t.name = ANY ($2::text[]) AND t.deleted_at IS NULL
       )
"""

PUT_TAGS: Final = """
    INSERT INTO room_tags (room_id, tag_id, workspace_id, created_by)
         SELECT $1, t.id, t.workspace_id, $3
           FROM tags t
          WHERE t.workspace_id = $2 AND t.name = ANY ($4::text[]) AND t.deleted_at IS NULL
    ON CONFLICT (room_id, tag_id) DO NOTHING
"""


async def replace_tags(conn: Connection, room: Room, actor: Actor, names: Sequence[str]) -> None:
    """File the room under these words and no others; words that are new to the workspace are made."""
    await conn.execute(MAKE_TAGS, room.workspace_id, names)
    await conn.execute(DROP_OTHER_TAGS, room.id, names)
    await conn.execute(PUT_TAGS, room.id, room.workspace_id, actor.id, names)
