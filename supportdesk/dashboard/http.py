"""The inbox over HTTP."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from supportdesk.actor import Actor, Permission
from supportdesk.audit.model import Looked
from supportdesk.audit.reading import AccessLog
from supportdesk.core.db import Database
from supportdesk.core.http import Routes
from supportdesk.core.sockets import Sockets
from supportdesk.core.wire import instant
from supportdesk.dashboard import queries
from supportdesk.dashboard.queries import Filter, InQueue, Latest
from supportdesk.dashboard.wire import WORDS, RoomsQuery, cursor_of, guest_details, in_queue_of, latest_of, room_line
from supportdesk.errors import NotFound
from supportdesk.rooms import access
from supportdesk.rooms.wire import room_out

routes = Routes()

OPEN = ("waiting", "active")
EVERY = (*OPEN, "snoozed", "closed")
APPROVALS = "approvals"
LEVELS = ("T1", "T2", "T3", "manager")
NEVER = datetime.min.replace(tzinfo=UTC)


def _filter(actor: Actor, query: RoomsQuery) -> Filter:
    status = WORDS.get(query.status or "", query.status)
    if status == "all":
        statuses: tuple[str, ...] = EVERY
    elif status is not None:
        statuses = (status,)
    else:
        # A search and a customer's earlier rooms look everywhere, archived rooms included.
        statuses = (*EVERY, "archived") if query.q or query.guest_id else OPEN
        if query.queue == APPROVALS:
            statuses = (*OPEN, "snoozed")
    queue = query.queue
    return Filter(
        statuses=statuses,
        level=queue if queue in LEVELS else None,
        owner_kind="robot" if queue == "robots" else None,
        assignee_id=actor.id if queue == "mine" else None,
        guest_id=query.guest_id,
        text=query.q or None,
        limit=query.limit,
    )


@routes.get("/api/v1/rooms", needs=Permission.ROOM_READ)
async def list_rooms(actor: Actor, query: RoomsQuery, db: Database, looks: AccessLog) -> dict[str, Any]:
    """Rooms by queue and state, with the counts of all queues on the first page.

    The open rooms of a level, or of all, begin with who waits: the most urgent first, and of these who has waited
    longest. `approvals` lists the rooms in which a tool waits for somebody of the actor's level or below, the oldest
    request first. All other lists, and whoever does not wait, are in the order of the latest activity.
    """
    if not actor.is_staff:
        raise NotFound("There is nothing at this address.")
    want = _filter(actor, query)
    if want.text is not None:
        await looks.note(actor, Looked.SEARCH, actor.workspace_id)
    async with db.read(actor) as conn:
        places: Sequence[Latest | InQueue]
        if query.queue == APPROVALS and not want.text and want.guest_id is None:
            places = await queries.list_to_approve(
                conn, actor, want, in_queue_of(query.cursor) if query.cursor else None
            )
        elif _is_queue(query, want):
            places = await queries.list_waiting_first(
                conn, actor, want, in_queue_of(query.cursor) if query.cursor else None
            )
        else:
            places = await queries.list_latest(conn, actor, want, latest_of(query.cursor) if query.cursor else None)
        rows = await queries.list_lines(conn, actor, [place.room_id for place in places])
        counts = await queries.count_rooms(conn, actor) if query.cursor is None else None
    waiting = {place.room_id for place in places if isinstance(place, InQueue) and place.waits}
    first = [row for row in rows if row["id"] in waiting]
    others = [row for row in rows if row["id"] not in waiting]
    others.sort(key=lambda row: row["last_message_at"] or row["created_at"] or NEVER, reverse=True)
    page: dict[str, Any] = {
        "items": [room_line(row, actor) for row in (*first, *others)],
        "next_cursor": cursor_of(places[-1]) if len(places) == want.limit else None,
    }
    return page if counts is None else {**page, "counts": counts}


def _is_queue(query: RoomsQuery, want: Filter) -> bool:
    """Whether the list is one that people take the next room from: open rooms, of a level or of all."""
    if query.q or query.guest_id or query.queue not in (None, "all", *LEVELS):
        return False
    return set(want.statuses) <= set(OPEN)


@routes.get("/api/v1/rooms/{room_id}", public="the room's door decides, for guests and staff alike")
async def show_room(actor: Actor, room_id: UUID, db: Database, sockets: Sockets, looks: AccessLog) -> dict[str, Any]:
    """One room; staff get its line and its customer with it."""
    async with db.read(actor) as conn:
        seat = await access.seat_for(conn, actor, room_id)
        room = room_out(seat, actor).model_dump(mode="json", exclude_unset=True)
        if not actor.is_staff:
            return room
        guest = await queries.find_guest_of_room(conn, room_id)
    if seat.is_outside:
        await looks.note(actor, Looked.ROOM, seat.room.id)
    settings = {"locale": seat.room.locale, "page": seat.room.page, "site_id": seat.room.site_id}
    room |= {name: str(value) for name, value in settings.items() if value}
    if seat.room.snoozed_until is not None:
        room["snoozed_until"] = instant(seat.room.snoozed_until)
    if guest is not None:
        room["guest"] = {
            **guest_details(guest),
            "locale": guest["locale"] or seat.room.locale,
            # Whoever is kept out is not there, however long their connection takes to end.
            "online": not guest["is_blocked"] and bool(sockets.of_user(guest["id"])),
        }
    return room


@routes.get("/api/v1/agents", needs=Permission.ROOM_CLAIM)
async def list_agents(actor: Actor, db: Database) -> dict[str, Any]:
    """Staff who can be given a room."""
    async with db.read(actor) as conn:
        rows = await queries.list_agents(conn, actor)
    return {
        "items": [
            {
                "id": str(r["id"]),
                "name": r["name"],
                "level": r["level"],
                "presence": r["current_status"],
                "avatar_url": r["avatar_url"],
            }
            for r in rows
        ],
        "next_cursor": None,
    }
