"""What robots for the staff say becomes a suggestion, which an agent inserts, edits or dismisses.

A suggestion is a row of its own and no message, because it was not said: a message is counted, unread, previewed,
searched, archived as somebody's words, and would be there twice once it is inserted. It reaches the staff by the room's
log, so it survives a reload and a lost connection, and its event has no number in the guests' stream.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import JsonValue

from supportdesk.actor import Actor
from supportdesk.core.db import Connection, Database, Lane, Tx
from supportdesk.errors import Conflict, NotFound
from supportdesk.messages.markdown import to_html
from supportdesk.robots.model import Claim, Decision
from supportdesk.robots.queries import ledger
from supportdesk.robots.queries import suggestions as rows
from supportdesk.rooms import access
from supportdesk.rooms.log import who, write_event
from supportdesk.rooms.model import EventKind, Room, RoomEvent


async def suggest(
    tx: Tx, claim: Claim, room: Room, content: str, citations: Sequence[Mapping[str, JsonValue]]
) -> RoomEvent:
    """Show the staff of a room what could be said now, and where it comes from."""
    made = await rows.insert_suggestion(tx.conn, claim, content, citations)
    shown = (await hydrate(tx.conn, [made]))[made]
    return await write_event(
        tx,
        claim.voice,
        room,
        EventKind.SUGGESTION_MADE,
        {"robot_id": claim.robot.id, "message_id": claim.message_id},
        subject_id=made,
        shown=shown,
    )


async def decide(tx: Tx, actor: Actor, room_id: UUID, suggestion_id: UUID, decision: Decision) -> int:
    """Put on record what an agent did with a suggestion; returns the end of the room's log.

    Only the first decision counts. The same person may say the same again, and who has dismissed one may take that
    back. Raises NotFound, and Conflict for another decision, which names whose was first.
    """
    room = await access.room_to_change(tx, actor, room_id)
    found = (await rows.find_suggestions(tx.conn, [suggestion_id])).get(suggestion_id)
    if found is None or found["room_id"] != room.id:
        raise NotFound("There is no such suggestion in this room.")
    if decision is Decision.RESTORED:
        changed = await rows.restore(tx.conn, suggestion_id, who(actor))
    else:
        changed = await rows.decide(tx.conn, suggestion_id, decision, who(actor))
    if not changed:
        if not await _is_said_again(tx.conn, suggestion_id, decision, actor):
            raise await _decided(tx.conn, suggestion_id)
        return room.head.last_seq
    event = await write_event(
        tx,
        actor,
        room,
        EventKind.SUGGESTION_DECIDED,
        {"suggestion_id": suggestion_id, "decision": decision},
        subject_id=suggestion_id,
    )
    return event.seq


async def _is_said_again(conn: Connection, suggestion_id: UUID, decision: Decision, actor: Actor) -> bool:
    """Whether the same person has said just that before; what was taken back, and is open again, is taken back."""
    stands = (await rows.find_suggestions(conn, [suggestion_id]))[suggestion_id]
    if stands["decision"] is None:
        return True
    return (stands["decision"], stands["decided_by"]) == (decision, who(actor))


async def _decided(conn: Connection, suggestion_id: UUID) -> Conflict:
    stands = (await rows.find_suggestions(conn, [suggestion_id]))[suggestion_id]
    by, name = stands["decided_by"], stands["decided_by_name"] or "Somebody"
    return Conflict(
        f"{name} has {stands['decision']} this suggestion already.",
        code="already_decided",
        status=stands["decision"],
        winner={"id": str(by), "name": name} if by else None,
    )


async def hydrate(conn: Connection, ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, Any]]:
    """The data of `suggestion.made` when the log is read: the suggestion as it stands."""
    found = await rows.find_suggestions(conn, ids)
    return {
        suggestion_id: {
            "suggestion": {
                "id": str(suggestion_id),
                "robot": {"id": str(row["robot_id"]), "name": row["robot_name"]},
                "message_id": str(row["message_id"]),
                "content": row["content"],
                "content_html": to_html(row["content"]),
                "citations": row["citations"],
                "decision": row["decision"],
            }
        }
        for suggestion_id, row in found.items()
    }


async def compare_sent(db: Database) -> int:
    """Look through all workspaces for insertions that were followed by a reply; returns how many there were."""
    async with db.bare(lane=Lane.JOBS) as conn:
        workspaces = await ledger.list_workspaces(conn)
    compared = 0
    for workspace_id in workspaces:
        async with db.transaction(Actor.system(workspace_id), lane=Lane.JOBS) as tx:
            compared += await rows.compare_sent(tx.conn)
    return compared
