"""All SQL of participants and their watermarks."""

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

import asyncpg

from supportdesk.actor import ActorKind, UserId
from supportdesk.core.db import Connection
from supportdesk.rooms.model import Participant, ParticipantRole, Room

FIND_PARTICIPANT: Final = """
    SELECT p.room_id, p.user_id, u.account_type_informal, coalesce(u.display_name, u.username, 'Guest') AS name,
           u.avatar_url, p.role, p.status, p.can_send_messages, p.can_invite_others, p.can_see_history, p.joined_seq,
           p.last_delivered_seq, p.last_delivered_at, p.last_read_seq, p.last_read_at, p.seen_messages,
           u.current_status
      FROM room_participants p
      JOIN users u ON u.id = p.user_id
     WHERE p.room_id = $1 AND p.user_id = $2
"""

LIST_PARTICIPANTS: Final = """
    SELECT p.room_id, p.user_id, u.account_type_informal, coalesce(u.display_name, u.username, 'Guest') AS name,
           u.avatar_url, p.role, p.status, p.can_send_messages, p.can_invite_others, p.can_see_history, p.joined_seq,
           p.last_delivered_seq, p.last_delivered_at, p.last_read_seq, p.last_read_at, p.seen_messages,
           u.current_status,
           CASE u.account_type_informal
                WHEN 'guest' THEN NULL
                WHEN 'robot' THEN (SELECT b.module FROM robots b WHERE b.user_id = u.id LIMIT 1)
                ELSE u.email
           END AS account
      FROM room_participants p
      JOIN users u ON u.id = p.user_id
     WHERE p.room_id = $1 AND p.status IN ('active', 'muted')
     ORDER BY p.joined_at, p.user_id
"""

FIND_KIND: Final = """
    SELECT account_type_informal
      FROM users
     WHERE id = $1 AND deleted_at IS NULL
"""

COUNT_PARTICIPANTS: Final = """
    SELECT count(*)
      FROM room_participants
     WHERE room_id = $1 AND status IN ('active', 'muted')
"""

PUT_PARTICIPANT: Final = """
    INSERT INTO room_participants (room_id, user_id, workspace_id, role, joined_seq)
         SELECT $1, u.id, $3, $4, h.last_seq
           FROM room_heads h
           JOIN users u ON u.id = $2 AND u.deleted_at IS NULL
          WHERE h.room_id = $1
    ON CONFLICT (room_id, user_id) DO UPDATE
            SET status = 'active', role = excluded.role, left_at = NULL, joined_at = now(),
                joined_seq = excluded.joined_seq
          WHERE room_participants.status NOT IN ('active', 'muted')
      RETURNING user_id
"""

UPDATE_PARTICIPANT: Final = """
    UPDATE room_participants
       SET role = coalesce($3, role), status = coalesce($4, status),
           can_send_messages = coalesce($5, can_send_messages), can_invite_others = coalesce($6, can_invite_others),
           can_see_history = coalesce($7, can_see_history),
           left_at = CASE WHEN $4 IN ('left', 'removed') THEN now() ELSE left_at END
     WHERE room_id = $1 AND user_id = $2
"""

SEQ_OF_PUBLIC: Final = """
    SELECT max(seq)
      FROM room_events
     WHERE room_id = $1 AND public_seq <= $2 AND id >= uuid7_floor($3)
"""

PUBLIC_NUMBERS: Final = """
    SELECT s.seq, coalesce(e.public_seq, 0) AS public_seq
      FROM unnest($2::bigint[]) AS s (seq)
      LEFT JOIN LATERAL (
          SELECT public_seq
            FROM room_events
           WHERE room_id = $1 AND seq <= s.seq AND public_seq IS NOT NULL AND id >= uuid7_floor($3)
           ORDER BY seq DESC
           LIMIT 1
      ) e ON true
"""

PUT_RECEIPT: Final = """
    UPDATE room_participants p
       SET last_delivered_at = CASE WHEN EXISTS ( -- guests see this moment: what is written behind them never moves it
               SELECT 1
                 FROM room_events e
                WHERE e.room_id = $1 AND e.seq > p.last_delivered_seq AND e.seq <= $3 AND e.public_seq IS NOT NULL
                  AND e.id >= uuid7_floor($5)) THEN now() ELSE p.last_delivered_at END,
           last_delivered_seq = greatest(p.last_delivered_seq, $3),
           last_read_at = CASE WHEN EXISTS (
               SELECT 1
                 FROM room_events e
                WHERE e.room_id = $1 AND e.seq > p.last_read_seq AND e.seq <= $4 AND e.public_seq IS NOT NULL
                  AND e.id >= uuid7_floor($5)) THEN now() ELSE p.last_read_at END,
           last_read_seq = greatest(p.last_read_seq, $4),
           seen_messages = CASE WHEN $4 > p.last_read_seq THEN
               CASE WHEN p.role = 'guest' THEN h.desk_messages ELSE h.guest_messages END - (
                   SELECT count(*)
                     FROM messages m
                     LEFT JOIN users u ON u.id = m.sender_id
                    WHERE m.room_id = $1 AND m.seq > $4 AND m.id >= uuid7_floor($5) AND m.public_seq IS NOT NULL
                      AND (coalesce(u.account_type_informal, '') = 'guest') <> (p.role = 'guest')
               ) ELSE p.seen_messages END
      FROM room_heads h
     WHERE h.room_id = $1 AND p.room_id = $1 AND p.user_id = $2
       AND (p.last_delivered_seq < $3 OR p.last_read_seq < $4)
 RETURNING p.last_delivered_seq, p.last_read_seq
"""

PUT_SEEN: Final = """
    UPDATE room_participants p
       SET seen_messages = greatest(p.seen_messages, h.guest_messages - (
               SELECT count(*)
                 FROM messages m
                 JOIN users u ON u.id = m.sender_id
                WHERE m.room_id = $1 AND m.seq > $3 AND m.id >= uuid7_floor($4) AND m.public_seq IS NOT NULL
                  AND u.account_type_informal = 'guest'
           ))
      FROM room_heads h
     WHERE h.room_id = $1 AND p.room_id = $1 AND p.user_id = $2
"""


async def find_participant(conn: Connection, room_id: UUID, user_id: UserId) -> Participant | None:
    """Somebody's place in a room, present or past."""
    row = await conn.fetchrow(FIND_PARTICIPANT, room_id, user_id)
    return None if row is None else _participant(row)


async def list_participants(conn: Connection, room_id: UUID) -> list[Participant]:
    """Those in the room now, in the order in which they came."""
    return [_participant(row) for row in await conn.fetch(LIST_PARTICIPANTS, room_id)]


def _participant(row: asyncpg.Record) -> Participant:
    fields = dict(row)
    account, presence = fields.pop("account_type_informal"), fields.pop("current_status")
    role = ParticipantRole(fields["role"])
    return Participant(**{**fields, "role": role}, kind=_kind(account), presence=presence)


def _kind(account: str) -> ActorKind:
    return {"guest": ActorKind.GUEST, "robot": ActorKind.ROBOT}.get(account, ActorKind.AGENT)


async def find_kind(conn: Connection, user_id: UserId) -> ActorKind | None:
    """What somebody of the workspace is; None when there is nobody of that id."""
    account: str | None = await conn.fetchval(FIND_KIND, user_id)
    return None if account is None else _kind(account)


async def count_participants(conn: Connection, room_id: UUID) -> int:
    """How many are in the room now."""
    return int(await conn.fetchval(COUNT_PARTICIPANTS, room_id))


async def put_participant(conn: Connection, room: Room, user_id: UserId, role: ParticipantRole) -> bool:
    """Let somebody in; False when they were in already."""
    return await conn.fetchval(PUT_PARTICIPANT, room.id, user_id, room.workspace_id, role) is not None


async def update_participant(
    conn: Connection, room_id: UUID, user_id: UserId, *, role: str | None, status: str | None, flags: Mapping[str, bool]
) -> None:
    """Change somebody's place; None leaves a column as it is."""
    await conn.execute(
        UPDATE_PARTICIPANT,
        room_id,
        user_id,
        role,
        status,
        flags.get("can_send_messages"),
        flags.get("can_invite_others"),
        flags.get("can_see_history"),
    )


async def seq_of_public(conn: Connection, room: Room, public_seq: int) -> int:
    """The staff number up to which a guest who has `public_seq` has everything."""
    return int(await conn.fetchval(SEQ_OF_PUBLIC, room.id, public_seq, room.created_at) or 0)


async def public_numbers(conn: Connection, room: Room, seqs: Iterable[int]) -> dict[int, int]:
    """For each of these staff numbers the last public number at or before it."""
    rows = await conn.fetch(PUBLIC_NUMBERS, room.id, sorted(set(seqs)), room.created_at)
    return {row["seq"]: row["public_seq"] for row in rows}


async def put_seen(conn: Connection, room: Room, user_id: UserId, read_seq: int) -> None:
    """Keep how much of the guests' side a silent observer has read, without a mark that anybody could see."""
    await conn.execute(PUT_SEEN, room.id, user_id, read_seq, room.created_at)


async def put_receipt(
    conn: Connection, room: Room, user_id: UserId, *, delivered_seq: int, read_seq: int
) -> tuple[int, int] | None:
    """Move somebody's watermarks forward, never back; None when nothing moved. Numbers are staff seqs."""
    row = await conn.fetchrow(PUT_RECEIPT, room.id, user_id, delivered_seq, read_seq, room.created_at)
    return None if row is None else (row[0], row[1])
