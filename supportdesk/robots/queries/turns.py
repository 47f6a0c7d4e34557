"""The queue of turns: asked, claimed, kept alive, finished."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import orjson
from pydantic import JsonValue

from supportdesk.actor import WorkspaceId
from supportdesk.core.db import Connection
from supportdesk.core.keepable import keepable, keepable_text
from supportdesk.robots.model import (
    HISTORY_LINES,
    LEASE_S,
    Asked,
    Claim,
    InteractionId,
    Status,
)
from supportdesk.robots.queries.claimed import claim_of
from supportdesk.rooms.model import RoomId

QUEUE_OPENING: Final = """
    INSERT INTO robot_interactions (workspace_id, room_id, robot_id, trigger_kind, turn_no, sort_order)
         SELECT rr.workspace_id, rr.room_id, rr.robot_id, 'room_opened', h.turn_no, coalesce(rr.own_order, b.sort_order)
           FROM room_robots rr
           JOIN robots b ON b.id = rr.robot_id
           JOIN room_heads h ON h.room_id = rr.room_id
          WHERE rr.room_id = $1 AND rr.active AND b.module = ANY ($2::text[])
            AND NOT coalesce(rr.staff_only, b.staff_only)
          ORDER BY coalesce(rr.own_order, b.sort_order), rr.robot_id
          LIMIT 1
      RETURNING id
"""

QUEUE_TURNS: Final = """
    WITH asked AS (
        SELECT *
          FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $7::text[], $8::boolean[])
               AS a (room_id, message_id, turn_no, text, is_led)
    ), leaders AS (
        SELECT DISTINCT ON (a.room_id) a.room_id, a.message_id, a.turn_no, rr.robot_id,
               coalesce(rr.own_order, b.sort_order) AS sort_order
          FROM asked a
          JOIN room_robots rr ON rr.room_id = a.room_id AND rr.active
          JOIN robots b ON b.id = rr.robot_id AND b.active AND b.deleted_at IS NULL
         WHERE a.is_led AND b.module <> ALL ($5::text[]) AND NOT coalesce(rr.staff_only, b.staff_only)
         ORDER BY a.room_id, (b.module = ANY ($6::text[])) DESC,
                  (strpos(lower(a.text), '@' || lower(b.name)) > 0) DESC, 5, rr.robot_id
    ), led AS (
        INSERT INTO robot_interactions (workspace_id, room_id, message_id, robot_id, trigger_kind, turn_no, sort_order)
             SELECT $1, room_id, message_id, robot_id, 'message', turn_no, sort_order
               FROM leaders
        ON CONFLICT (message_id, robot_id, trigger_kind) WHERE message_id IS NOT NULL AND trigger_kind <> 'replay'
         DO NOTHING
          RETURNING room_id
    ), suggesting AS (
        INSERT INTO robot_interactions (
            workspace_id, room_id, message_id, robot_id, trigger_kind, turn_no, sort_order, is_leader
        )
             SELECT $1, a.room_id, a.message_id, rr.robot_id, 'suggestion', a.turn_no,
                    coalesce(rr.own_order, b.sort_order), false
               FROM asked a
               JOIN room_robots rr ON rr.room_id = a.room_id AND rr.active
               JOIN robots b ON b.id = rr.robot_id AND b.active AND b.deleted_at IS NULL
              WHERE b.module = ANY ($9::text[]) AND coalesce(rr.staff_only, b.staff_only)
        ON CONFLICT (message_id, robot_id, trigger_kind) WHERE message_id IS NOT NULL AND trigger_kind <> 'replay'
         DO NOTHING
          RETURNING room_id
    )
    SELECT room_id, true AS is_led
      FROM led
     UNION ALL
    SELECT room_id, false
      FROM suggesting
"""

QUEUE_NEXT: Final = """
    INSERT INTO robot_interactions (workspace_id, room_id, message_id, robot_id, trigger_kind, turn_no, sort_order)
         SELECT i.workspace_id, i.room_id, i.message_id, rr.robot_id, i.trigger_kind, i.turn_no,
                coalesce(rr.own_order, b.sort_order)
           FROM robot_interactions i
           JOIN room_robots rr ON rr.room_id = i.room_id AND rr.active
           JOIN robots b ON b.id = rr.robot_id AND b.active AND b.deleted_at IS NULL
          WHERE i.id = $1 AND b.module <> ALL ($2::text[]) AND NOT coalesce(rr.staff_only, b.staff_only)
            AND NOT EXISTS (
                SELECT 1
                  FROM robot_interactions asked
                 WHERE asked.message_id = i.message_id AND asked.robot_id = rr.robot_id
            )
          ORDER BY (b.module = ANY ($3::text[])) DESC, coalesce(rr.own_order, b.sort_order), rr.robot_id
          LIMIT 1
      RETURNING id
"""

QUEUE_FOLLOWERS: Final = """
    INSERT INTO robot_interactions (
        workspace_id, room_id, message_id, robot_id, trigger_kind, turn_no, sort_order, is_leader
    )
         SELECT i.workspace_id, i.room_id, i.message_id, rr.robot_id, 'follow', i.turn_no,
                coalesce(rr.own_order, b.sort_order), false
           FROM robot_interactions i
           JOIN room_robots rr ON rr.room_id = i.room_id AND rr.active
           JOIN robots b ON b.id = rr.robot_id AND b.active AND b.deleted_at IS NULL
          WHERE i.id = $1 AND b.module = ANY ($2::text[]) AND NOT coalesce(rr.staff_only, b.staff_only)
            AND NOT EXISTS ( -- who was asked before it has failed, or had nothing to say
                SELECT 1
                  FROM robot_interactions asked
                 WHERE asked.message_id = i.message_id AND asked.robot_id = rr.robot_id
            )
          ORDER BY coalesce(rr.own_order, b.sort_order), rr.robot_id
    ON CONFLICT (message_id, robot_id, trigger_kind) WHERE message_id IS NOT NULL AND trigger_kind <> 'replay'
     DO NOTHING
      RETURNING id
"""

DUE_WORKSPACES: Final = """
    SELECT workspace_id
      FROM desk_due_workspaces('interactions') AS workspace_id
"""

CLAIM_TURNS: Final = """
    WITH due AS (
        SELECT i.id
          FROM robot_interactions i
         WHERE ((i.status = 'pending' AND i.available_at <= now())
                OR (i.status = 'processing' AND i.claimed_until < now()))
           -- One robot leads in a room at a time, in the order in which they were asked. Those that follow wait for
           -- nobody, and nobody for them.
           AND (NOT i.is_leader OR NOT EXISTS (
                SELECT 1
                  FROM robot_interactions other
                 WHERE other.room_id = i.room_id AND other.id <> i.id AND other.is_leader
                   AND (other.status = 'processing'
                        OR (other.status = 'pending' AND (other.turn_no, other.id) < (i.turn_no, i.id)))
           ))
         ORDER BY i.available_at
         LIMIT $2
           FOR UPDATE OF i SKIP LOCKED -- another worker's claim is not ours to wait for
    ), claimed AS (
        UPDATE robot_interactions i
           SET status = 'processing', attempt = i.attempt + 1, claimed_by = $1,
               claimed_until = now() + make_interval(secs => $3), started_at = now()
          FROM due
         WHERE i.id = due.id
     RETURNING i.id, i.workspace_id, i.room_id, i.robot_id, i.attempt, i.trigger_kind, i.message_id, i.turn_no,
               i.is_leader, i.created_at,
               coalesce(i.message_id, (i.request_data ->> 'about')::uuid) AS about_id
    )
    SELECT c.id, c.workspace_id, c.room_id, c.attempt, c.trigger_kind, c.is_leader, c.message_id, c.turn_no,
           s.said, s.cited,
           extract(epoch FROM clock_timestamp() - c.created_at)::float8 * 1000 AS waited_ms,
           b.id AS robot_id, b.user_id, b.module, b.version, b.name AS robot_name, b.avatar, b.sort_order,
           b.settings || jsonb_build_object('settings_version', b.settings_version) AS settings,
           b.secrets_encrypted, coalesce(rr.settings, '{}') AS room_robot_settings,
           coalesce(rr.active, false) AND b.active AND b.deleted_at IS NULL AS active,
           h.turn_no AS room_turn_no, r.owner_kind,
           CASE WHEN r.deleted_at IS NULL THEN r.status ELSE 'archived' END AS room_status, r.locale,
           c.trigger_kind = 'suggestion' AND EXISTS (
               SELECT 1
                 FROM messages a
                WHERE a.room_id = c.room_id AND a.seq > m.seq AND a.id >= m.id AND a.sender_type = 'user'
                  AND a.public_seq IS NOT NULL
           ) AS is_overtaken,
           coalesce(m.content, '') AS text, coalesce(g.display_name, '') AS guest_name, past.lines, done.calls
      FROM claimed c
      JOIN robots b ON b.id = c.robot_id
      JOIN chat_rooms r ON r.id = c.room_id
      JOIN room_heads h ON h.room_id = c.room_id
      LEFT JOIN room_robots rr ON rr.room_id = c.room_id AND rr.robot_id = c.robot_id
      LEFT JOIN messages m ON m.id = c.about_id AND m.deleted_at IS NULL
      LEFT JOIN users g ON g.id = r.creator_id
      LEFT JOIN LATERAL (
          SELECT array_agg(a.content ORDER BY a.seq) AS said, jsonb_agg(a.context_documents) AS cited
            FROM messages a
           WHERE NOT c.is_leader AND a.room_id = c.room_id AND a.seq > m.seq AND a.id >= m.id
             AND a.robot_response_to = m.id AND a.public_seq IS NOT NULL AND a.deleted_at IS NULL
      ) AS s ON true
      LEFT JOIN LATERAL (
          SELECT jsonb_agg(jsonb_build_object(
                     'sender', line.sender_type, 'account', line.account_type_informal, 'name', line.name,
                     'text', line.content) ORDER BY line.seq) AS lines
            FROM (
                SELECT e.seq, e.sender_type, e.content, u.account_type_informal,
                       coalesce(u.display_name, u.username, '') AS name
                  FROM messages e
                  LEFT JOIN users u ON u.id = e.sender_id
                 WHERE e.room_id = c.room_id AND e.public_seq IS NOT NULL AND e.deleted_at IS NULL
                   AND e.id >= uuid7_floor(r.created_at) AND e.id IS DISTINCT FROM m.id
                   AND e.seq < coalesce(CASE WHEN c.message_id IS NOT NULL THEN m.seq END, 9223372036854775807)
                 ORDER BY e.seq DESC
                 LIMIT $4
            ) AS line
      ) AS past ON true
      LEFT JOIN LATERAL (
          SELECT jsonb_agg(jsonb_build_object(
                     'id', t.id, 'name', t.tool_name, 'status', t.status, 'result', t.result, 'error', t.error_message,
                     'by_person', t.decided_by IS NOT NULL, 'note', t.decision_note) ORDER BY t.id) AS calls
            FROM tool_executions t
           WHERE c.trigger_kind = 'tool_decided' AND t.room_id = c.room_id AND t.robot_id = c.robot_id
             AND t.told_at IS NULL AND t.status IN ('completed', 'failed', 'denied', 'cancelled')
      ) AS done ON true
     ORDER BY c.turn_no
"""

EXTEND_CLAIMS: Final = """
    UPDATE robot_interactions i
       SET claimed_until = now() + make_interval(secs => $3)
      FROM room_heads h
     WHERE i.id = ANY ($1::uuid[]) AND i.claimed_by = $2 AND i.status = 'processing' AND h.room_id = i.room_id
 RETURNING i.id, h.turn_no
"""

RELEASE_CLAIM: Final = """
    UPDATE robot_interactions i
       SET status = 'pending', claimed_by = NULL, claimed_until = NULL, started_at = NULL,
           attempt = attempt - CASE WHEN EXISTS ( -- what was asked for makes the next one a second attempt
               SELECT 1
                 FROM tool_executions t
                WHERE t.interaction_id = i.id
           ) THEN 0 ELSE 1 END
     WHERE id = $1 AND claimed_by = $2 AND attempt = $3 AND status = 'processing'
"""

IS_CLAIMED: Final = """
    SELECT EXISTS (
        SELECT 1
          FROM robot_interactions
         WHERE id = $1 AND claimed_by = $2 AND attempt = $3 AND status = 'processing'
    )
"""

LOCK_CLAIM: Final = """
    SELECT id
      FROM robot_interactions
     WHERE id = $1 AND claimed_by = $2 AND attempt = $3 AND status = 'processing'
       FOR UPDATE -- a turn that was taken over or stopped meanwhile is no longer ours to finish
"""

LOCK_STOPPED: Final = """
    SELECT response_data ->> 'reason'
      FROM robot_interactions
     WHERE id = $1 AND claimed_by = $2 AND attempt = $3 AND status = 'completed'
       AND response_data ->> 'ending' = 'stopped' AND request_data = '{}'
       FOR UPDATE -- two workers with the same turn keep its words once
"""

FINISH_TURN: Final = """
    UPDATE robot_interactions
       SET status = $2, request_data = $3, observation_data = $4, response_data = $5, error_message = $6,
           tokens = $7, cost = $8::float8::numeric, completed_at = now(), claimed_until = NULL
     WHERE id = $1
"""

STOP_TURNS: Final = """
    UPDATE robot_interactions
       SET status = 'completed', completed_at = now(), claimed_until = NULL,
           response_data = jsonb_build_object('ending', 'stopped', 'reason', $2::text, 'fate', 'dropped')
     WHERE room_id = $1 AND status IN ('pending', 'processing') AND trigger_kind <> 'suggestion'
 RETURNING id
"""

LIST_OF_NOW: Final = """
    SELECT i.id
      FROM robot_interactions i
      JOIN room_heads h ON h.room_id = i.room_id AND h.turn_no = i.turn_no
     WHERE i.room_id = $1
"""


async def queue_opening(conn: Connection, room_id: RoomId, modules: Sequence[str]) -> bool:
    """Ask the first robot of these modules to open the conversation; False when the room has none."""
    return await conn.fetchval(QUEUE_OPENING, room_id, modules) is not None


async def queue_turns(
    conn: Connection,
    workspace_id: WorkspaceId,
    asked: Sequence[Asked],
    *,
    deaf: Sequence[str],
    ready: Sequence[str],
    suggesting: Sequence[str],
) -> tuple[set[RoomId], int]:
    """Ask each room's leader and its robots for the staff, in one statement.

    Returns the rooms that have a leader, and how many turns there are altogether. `deaf` modules take no messages,
    `ready` ones come first: the others are not loaded here or rest. Modules `suggesting` are asked for suggestions.
    """
    rows = await conn.fetch(
        QUEUE_TURNS,
        workspace_id,
        [one.room_id for one in asked],
        [one.message_id for one in asked],
        [one.turn_no for one in asked],
        deaf,
        ready,
        [one.text for one in asked],
        [one.is_led for one in asked],
        suggesting,
    )
    return {RoomId(row["room_id"]) for row in rows if row["is_led"]}, len(rows)


async def queue_next(
    conn: Connection, interaction_id: InteractionId, *, deaf: Sequence[str], ready: Sequence[str]
) -> bool:
    """Ask the next robot of the room that was not asked about this message yet; False when there is none."""
    return await conn.fetchval(QUEUE_NEXT, interaction_id, deaf, ready) is not None


async def queue_followers(conn: Connection, interaction_id: InteractionId, ready: Sequence[str]) -> int:
    """Ask the room's other robots of these modules what they add to an answer; returns how many."""
    return len(await conn.fetch(QUEUE_FOLLOWERS, interaction_id, ready))


async def due_workspaces(conn: Connection) -> list[WorkspaceId]:
    """The workspaces in which turns wait for a worker, or have lost theirs."""
    return [WorkspaceId(row["workspace_id"]) for row in await conn.fetch(DUE_WORKSPACES)]


async def claim_turns(conn: Connection, worker: str, limit: int) -> list[Claim]:
    """Take up to `limit` due turns of the workspace, each with what it needs to be played."""
    rows = await conn.fetch(CLAIM_TURNS, worker, limit, LEASE_S, HISTORY_LINES)
    return [claim_of(row, worker) for row in rows]


async def extend_claims(conn: Connection, ids: Sequence[InteractionId], worker: str) -> dict[InteractionId, int]:
    """Show signs of life for these turns; returns the room's turn number of each that is still this worker's."""
    return {row["id"]: row["turn_no"] for row in await conn.fetch(EXTEND_CLAIMS, ids, worker, LEASE_S)}


async def release_claim(conn: Connection, claim: Claim) -> None:
    """Give an unplayed turn back, so that another worker need not wait for the lease to run out."""
    await conn.execute(RELEASE_CLAIM, claim.id, claim.worker, claim.attempt)


async def is_claimed(conn: Connection, claim: Claim) -> bool:
    """Whether the turn is still this attempt's: it was neither stopped nor taken over."""
    held: bool = await conn.fetchval(IS_CLAIMED, claim.id, claim.worker, claim.attempt)
    return held


async def lock_claim(conn: Connection, claim: Claim) -> bool:
    """Hold the turn until the transaction ends; False when it is no longer this attempt's."""
    return await conn.fetchval(LOCK_CLAIM, claim.id, claim.worker, claim.attempt) is not None


async def lock_stopped(conn: Connection, claim: Claim) -> str | None:
    """Why somebody stopped this turn while it was played; None when nobody did, or its words are kept already."""
    reason: str | None = await conn.fetchval(LOCK_STOPPED, claim.id, claim.worker, claim.attempt)
    return reason


async def finish_turn(
    conn: Connection,
    claim: Claim,
    status: Status,
    *,
    request: Mapping[str, JsonValue],
    observation: Mapping[str, JsonValue],
    response: Mapping[str, JsonValue],
    error: str | None,
    spent: tuple[int, float | None],
) -> None:
    """Write down what was asked, seen and answered, and the tokens and US dollars of it."""
    await conn.execute(
        FINISH_TURN,
        claim.id,
        status,
        *(orjson.dumps(keepable(record)).decode() for record in (request, observation, response)),
        None if error is None else keepable_text(error),
        *spent,
    )


async def list_of_now(conn: Connection, room_id: RoomId) -> list[UUID]:
    """The turns of a room since somebody last spoke, over or not."""
    return [row["id"] for row in await conn.fetch(LIST_OF_NOW, room_id)]


async def stop_turns(conn: Connection, room_id: RoomId, reason: str) -> int:
    """End the turns of a room that guests would hear, waiting ones included; returns how many there were."""
    return len(await conn.fetch(STOP_TURNS, room_id, reason))
