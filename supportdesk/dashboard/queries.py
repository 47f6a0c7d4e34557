"""All SQL of the inbox."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from supportdesk.actor import Actor, Permission, UserId
from supportdesk.core.db import Connection
from supportdesk.tools.model import levels_decided_by

LIST_LATEST: Final = """
    SELECT r.id, r.last_activity_at
      FROM chat_rooms r
     WHERE r.workspace_id = $2 AND r.deleted_at IS NULL AND r.status = ANY ($3)
       AND ($4::text IS NULL OR (r.level = $4 AND r.owner_kind <> 'robot'))
       AND ($5::text IS NULL OR r.owner_kind = $5)
       AND ($6::uuid IS NULL OR r.assignee_id = $6)
       AND ($7::uuid IS NULL OR r.creator_id = $7)
       AND (NOT r.is_private OR $8 OR ( -- looked up for private rooms alone, not joined to all
               SELECT p.status FROM room_participants p WHERE p.room_id = r.id AND p.user_id = $1
           ) IN ('active', 'muted'))
       AND (r.owner_kind <> 'robot' OR (
               SELECT h.guest_messages FROM room_heads h WHERE h.room_id = r.id
           ) > 0) -- who only looks is greeted, and asks nobody anything
       AND ($9::timestamptz IS NULL OR (r.last_activity_at, r.id) < ($9, $10::uuid))
     ORDER BY r.last_activity_at DESC, r.id DESC
     LIMIT $11
"""

SEARCH_LATEST: Final = """
    SELECT id, last_activity_at
      FROM desk_search_rooms($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""

BEHIND: Final = 9
"""The rank of rooms that do not wait, behind all priorities."""


def _waiting_first(of_all: str) -> str:
    """Who waits, by priority and then by how long, as the queue is drained; behind them the others, the latest first.

    Either half is read in the order of its own index, from where the last page ended. One direction for both, so that
    a place is three numbers that grow.
    """
    sql = """
    SELECT o.id, o.rank, o.place
      FROM (
          (SELECT r.id, r.priority AS rank,
                  (1000000 * extract(epoch FROM coalesce(r.waiting_since, r.created_at)))::bigint AS place
             FROM chat_rooms r
            WHERE r.status = 'waiting' AND $9 AND {of_all}
              AND (r.priority, coalesce(r.waiting_since, r.created_at), r.id)
                  > ($5::integer, timestamptz 'epoch' + $6::bigint * interval '1 microsecond', $7::uuid)
            ORDER BY r.priority, coalesce(r.waiting_since, r.created_at), r.id
            LIMIT $8)
           UNION ALL
          (SELECT r.id, {behind} AS rank, (-1000000 * extract(epoch FROM r.last_activity_at))::bigint AS place
             FROM chat_rooms r
            WHERE r.status = 'active' AND $10 AND {of_all}
              AND r.last_activity_at <= CASE WHEN $5 < {behind} THEN timestamptz 'infinity'
                                             ELSE timestamptz 'epoch' - $6 * interval '1 microsecond' END
              AND ($5 < {behind} OR (-1000000 * extract(epoch FROM r.last_activity_at), r.id) > ($6, $7))
            ORDER BY r.last_activity_at DESC, r.id
            LIMIT $8)
      ) o
     ORDER BY o.rank, o.place, o.id
     LIMIT $8
"""
    return sql.format(of_all=of_all, behind=BEHIND)


LIST_WAITING_FIRST: Final = _waiting_first(
    """r.workspace_id = $2 AND r.deleted_at IS NULL
              AND ($3::text IS NULL OR (r.level = $3 AND r.owner_kind <> 'robot'))
              AND (NOT r.is_private OR $4 OR (
                  SELECT p.status FROM room_participants p WHERE p.room_id = r.id AND p.user_id = $1
              ) IN ('active', 'muted'))
              AND (r.owner_kind <> 'robot' OR (
                  SELECT h.guest_messages FROM room_heads h WHERE h.room_id = r.id
              ) > 0) -- as above"""
)

LIST_TO_APPROVE: Final = """
    SELECT w.room_id, w.place
      FROM (
          SELECT e.room_id, (1000000 * extract(epoch FROM min(e.approval_requested_at)))::bigint AS place
            FROM tool_executions e
           WHERE e.workspace_id = $2 AND e.status = 'pending' AND e.expires_at > now()
             AND coalesce(e.required_level, 'T1') = ANY ($3)
           GROUP BY e.room_id
      ) w
      JOIN chat_rooms r ON r.id = w.room_id AND r.deleted_at IS NULL AND r.status = ANY ($5)
     WHERE (NOT r.is_private OR $4 OR (
               SELECT p.status FROM room_participants p WHERE p.room_id = r.id AND p.user_id = $1
           ) IN ('active', 'muted'))
       AND (w.place, w.room_id) > ($6, $7::uuid)
     ORDER BY w.place, w.room_id
     LIMIT $8
"""

LIST_LINES: Final = """
    SELECT r.id, r.name, r.room_type, r.status, r.level, r.owner_kind, r.assignee_id, a.display_name AS assignee_name,
           q.name AS queue_name, r.priority, r.created_at, r.waiting_since, r.snoozed_until, r.version,
           r.locale, r.room_settings ->> 'url' AS page, s.name AS site_name, r.issue_id,
           h.last_seq, h.last_message_at, h.guest_messages, coalesce(p.seen_messages, 0) AS seen_messages,
           g.id AS guest_id, coalesce(g.display_name, 'Guest ' || right(g.id::text, 4)) AS guest_name,
           coalesce(g.is_identity_verified, false) AS guest_verified,
           m.content AS last_content, m.deleted_at AS last_deleted_at, m.is_note AS last_is_note,
           m.sender_type AS last_sender_type, m.sender_id AS last_sender_id, m.message_type AS last_message_type,
           (SELECT array_agg(t.name ORDER BY t.name)
              FROM room_tags rt
              JOIN tags t ON t.id = rt.tag_id
             WHERE rt.room_id = r.id) AS tags,
           c.approvals, c.to_decide
      FROM chat_rooms r
      JOIN room_heads h ON h.room_id = r.id
      LEFT JOIN users a ON a.id = r.assignee_id
      LEFT JOIN queues q ON q.id = r.queue_id
      LEFT JOIN sites s ON s.id = r.site_id
      LEFT JOIN users g ON g.id = r.creator_id AND g.account_type_informal = 'guest'
      LEFT JOIN LATERAL (
          SELECT p.user_id, p.seen_messages, p.can_see_history, p.joined_seq
            FROM room_participants p
           WHERE p.room_id = r.id AND p.user_id = $1
          OFFSET 0 -- one look-up by key per line: joined otherwise, every room they were ever in is read
      ) p ON true
     CROSS JOIN LATERAL (
          SELECT count(*) AS approvals,
                 array_agg(e.id ORDER BY e.id) FILTER (WHERE coalesce(e.required_level, 'T1') = ANY ($3)) AS to_decide
            FROM tool_executions e
           WHERE e.room_id = r.id AND e.status = 'pending' AND e.expires_at > now()
      ) c
      LEFT JOIN messages m -- who waits is shown by what they ask, not by the robot's words that handed them over
             ON m.id = CASE WHEN r.status = 'waiting' AND h.last_guest_message_id IS NOT NULL
                            THEN h.last_guest_message_id ELSE h.last_message_id END
            AND (p.can_see_history OR p.user_id IS NULL OR m.seq > p.joined_seq) -- nothing from before their joining
     WHERE r.id = ANY ($2::uuid[])
"""

COUNT_ROOMS: Final = """
    SELECT count(*) FILTER (WHERE r.assignee_id = $2) AS mine,
           count(*) FILTER (WHERE r.level = 'T1' AND r.owner_kind <> 'robot') AS t1,
           count(*) FILTER (WHERE r.level = 'T2' AND r.owner_kind <> 'robot') AS t2,
           count(*) FILTER (WHERE r.level = 'T3' AND r.owner_kind <> 'robot') AS t3,
           count(*) FILTER (WHERE r.level = 'manager' AND r.owner_kind <> 'robot') AS manager,
           count(*) FILTER (WHERE r.owner_kind = 'robot' AND (
               SELECT h.guest_messages FROM room_heads h WHERE h.room_id = r.id
           ) > 0) AS robots,
           (SELECT count(DISTINCT e.room_id)
              FROM tool_executions e
              JOIN chat_rooms o ON o.id = e.room_id AND o.deleted_at IS NULL
                               AND o.status IN ('waiting', 'active', 'snoozed')
             WHERE e.workspace_id = $1 AND e.status = 'pending' AND e.expires_at > now()
               AND coalesce(e.required_level, 'T1') = ANY ($4)
               AND (NOT o.is_private OR $3 OR (
                   SELECT p.status FROM room_participants p WHERE p.room_id = o.id AND p.user_id = $2
               ) IN ('active', 'muted'))) AS approvals
      FROM chat_rooms r
     WHERE r.workspace_id = $1 AND r.status IN ('waiting', 'active') AND r.deleted_at IS NULL
       AND (NOT r.is_private OR $3 OR (
           SELECT p.status FROM room_participants p WHERE p.room_id = r.id AND p.user_id = $2
       ) IN ('active', 'muted'))
"""

FIND_GUEST_OF_ROOM: Final = """
    SELECT g.id, coalesce(g.display_name, 'Guest ' || right(g.id::text, 4)) AS name, g.is_identity_verified, g.email,
           g.created_at, g.attributes ->> 'locale' AS locale, g.attributes ->> 'time_zone' AS time_zone,
           g.spam_marked_at IS NOT NULL AS is_spam, b.id IS NOT NULL AS is_blocked, b.reason AS block_reason,
           b.until AS blocked_until, b.created_at AS blocked_at, b.blocked_by,
           coalesce(s.display_name, s.username) AS blocked_by_name
      FROM chat_rooms r
      JOIN users g ON g.id = r.creator_id AND g.account_type_informal = 'guest'
      LEFT JOIN guest_blocks b ON b.guest_id = g.id AND b.lifted_at IS NULL AND (b.until IS NULL OR b.until > now())
      LEFT JOIN users s ON s.id = b.blocked_by
     WHERE r.id = $1
"""

LIST_AGENTS: Final = """
    SELECT id, coalesce(display_name, username) AS name, level, current_status, avatar_url
      FROM users
     WHERE workspace_id = $1 AND account_type_informal NOT IN ('guest', 'robot')
       AND current_account_status = 'active' AND deleted_at IS NULL
     ORDER BY level NULLS LAST, name
"""

FIND_ME: Final = """
    SELECT u.id, coalesce(u.display_name, u.username) AS name, u.email, u.level, u.avatar_url, u.current_status,
           u.chat_preferences ->> 'locale' AS own_locale, w.name AS workspace_name, w.locale, w.epoch::text AS epoch,
           EXISTS (SELECT 1 FROM queues q WHERE q.level = u.level AND q.auto_assign AND q.deleted_at IS NULL) AS given
      FROM users u
      JOIN workspaces w ON w.id = u.workspace_id
     WHERE u.id = $1
"""

LIST_EDGES: Final = """
    SELECT from_level, to_level, permission, reason_required, default_priority
      FROM escalation_edges
     WHERE workspace_id = $1 AND is_active
     ORDER BY from_level, to_level
"""


@dataclass(frozen=True, slots=True)
class Latest:
    """A place in a list by latest activity."""

    at: datetime
    room_id: UUID


@dataclass(frozen=True, slots=True)
class InQueue:
    """A place in a list that begins with who waits: by rank, and within it by microseconds."""

    rank: int
    place: int
    room_id: UUID

    @property
    def waits(self) -> bool:
        """Whether the room waits for somebody."""
        return self.rank < BEHIND


FIRST: Final = InQueue(0, 0, UUID(int=0))
"""The place before all others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which rooms a list shows."""

    statuses: Sequence[str]
    level: str | None = None
    owner_kind: str | None = None
    assignee_id: UserId | None = None
    guest_id: UUID | None = None
    text: str | None = None
    limit: int = 50


async def list_latest(conn: Connection, actor: Actor, want: Filter, after: Latest | None) -> list[Latest]:
    """A page of places, latest activity first."""
    of_these = (list(want.statuses), want.level, want.owner_kind, want.assignee_id, want.guest_id)
    page = (
        actor.may(Permission.SUPERVISOR_OBSERVE),
        after.at if after else None,
        after.room_id if after else None,
        want.limit,
    )
    if want.text:
        rows = await conn.fetch(SEARCH_LATEST, want.text, *of_these, *page)
    else:
        rows = await conn.fetch(LIST_LATEST, actor.id, actor.workspace_id, *of_these, *page)
    return [Latest(row["last_activity_at"], row["id"]) for row in rows]


async def list_waiting_first(conn: Connection, actor: Actor, want: Filter, after: InQueue | None) -> list[InQueue]:
    """A page of places, of open rooms of all levels or of one: who waits, the most pressing first, then the others."""
    after = after or FIRST
    rows = await conn.fetch(
        LIST_WAITING_FIRST,
        actor.id,
        actor.workspace_id,
        want.level,
        actor.may(Permission.SUPERVISOR_OBSERVE),
        after.rank,
        after.place,
        after.room_id,
        want.limit,
        "waiting" in want.statuses,
        "active" in want.statuses,
    )
    return [InQueue(row["rank"], row["place"], row["id"]) for row in rows]


async def list_to_approve(conn: Connection, actor: Actor, want: Filter, after: InQueue | None) -> list[InQueue]:
    """A page of places, of rooms in which a tool waits for the actor or a colleague: the oldest request first."""
    after = after or FIRST
    rows = await conn.fetch(
        LIST_TO_APPROVE,
        actor.id,
        actor.workspace_id,
        levels_decided_by(actor),
        actor.may(Permission.SUPERVISOR_OBSERVE),
        list(want.statuses),
        after.place,
        after.room_id,
        want.limit,
    )
    return [InQueue(1, row["place"], row["room_id"]) for row in rows]


async def list_lines(conn: Connection, actor: Actor, room_ids: Sequence[UUID]) -> list[Mapping[str, Any]]:
    """What the lines of these rooms show, in the order of the ids."""
    rows = await conn.fetch(LIST_LINES, actor.id, room_ids, levels_decided_by(actor))
    lines = {row["id"]: dict(row) for row in rows}
    return [lines[room_id] for room_id in room_ids if room_id in lines]


async def count_rooms(conn: Connection, actor: Actor) -> dict[str, int]:
    """Open rooms by tab; of those with something to approve, the snoozed ones, too."""
    may_observe = actor.may(Permission.SUPERVISOR_OBSERVE)
    row = await conn.fetchrow(COUNT_ROOMS, actor.workspace_id, actor.id, may_observe, levels_decided_by(actor))
    if row is None:
        raise LookupError("A count has always one row")
    tabs = {tab: tab.lower() for tab in ("mine", "T1", "T2", "T3", "manager", "robots", "approvals")}
    return {tab: int(row[column]) for tab, column in tabs.items()}


async def find_guest_of_room(conn: Connection, room_id: UUID) -> Mapping[str, Any] | None:
    """The customer of a room, with what staff may know of them and the block that keeps them out, if one does."""
    row = await conn.fetchrow(FIND_GUEST_OF_ROOM, room_id)
    return None if row is None else dict(row)


async def list_agents(conn: Connection, actor: Actor) -> list[Mapping[str, Any]]:
    """Staff who can be given a room, by level."""
    return [dict(row) for row in await conn.fetch(LIST_AGENTS, actor.workspace_id)]


async def find_me(conn: Connection, actor: Actor) -> dict[str, Any]:
    """Who is signed in: themselves, their workspace's name, locale and epoch."""
    row = await conn.fetchrow(FIND_ME, actor.id)
    if row is None:
        raise LookupError(f"User {actor.id} has vanished")
    me = {
        "id": str(row["id"]),
        "name": row["name"],
        "email": row["email"],
        "level": row["level"],
        "avatar_url": row["avatar_url"],
        "status": row["current_status"],
        "is_given_rooms": row["given"],
    }
    return {
        "me": me,
        "workspace_name": row["workspace_name"],
        "locale": row["own_locale"] or row["locale"],
        "epoch": row["epoch"],
    }


async def list_edges(conn: Connection, actor: Actor) -> list[dict[str, Any]]:
    """The steps between levels that the actor may take."""
    rows = [dict(row) for row in await conn.fetch(LIST_EDGES, actor.workspace_id)]
    return [row for row in rows if actor.may(Permission(row["permission"]))]
