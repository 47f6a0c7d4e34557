"""What calls may use, use, and have used: budgets, holds and the log of usage."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from supportdesk.actor import WorkspaceId
from supportdesk.core.db import Connection
from supportdesk.llm.model import Budgets, Caller, Hold, RobotBudget, Standing, Usage

HOLD_S: Final = 300.0
"""So long a call counts as under way; a robot's turn ends long before."""

LOCK_BUDGETS: Final = """
    SELECT pg_advisory_xact_lock(hashtextextended('llm budgets ' || $1::uuid, 0)) -- one reads and holds after the other
"""

STANDING: Final = """
    WITH today AS (
        SELECT w.id, p.token_limit_daily,
               date_trunc('day', now() AT TIME ZONE w.time_zone) AT TIME ZONE w.time_zone AS begins
          FROM workspaces w
          JOIN plans p ON p.id = w.plan_id
         WHERE w.id = $1
    ), used AS (
        SELECT u.room_id, u.robot_id, u.input_tokens::bigint + u.output_tokens AS tokens, u.cost
          FROM usage_logs u
          JOIN today t ON u.workspace_id = t.id AND u.created_at >= t.begins
         UNION ALL
        SELECT h.room_id, h.robot_id, h.tokens, h.cost
          FROM llm_holds h
         WHERE h.workspace_id = $1
    )
    SELECT t.token_limit_daily AS token_limit, b.workspace_daily, b.room_daily,
           coalesce(o.daily_budget, b.robot_daily) AS robot_daily,
           coalesce(s.tokens, 0)::bigint AS tokens, coalesce(s.cost, 0) AS workspace_cost,
           coalesce(s.room_cost, 0) AS room_cost, coalesce(s.robot_cost, 0) AS robot_cost
      FROM today t
      LEFT JOIN llm_budgets b ON b.workspace_id = t.id
      LEFT JOIN robots o ON o.workspace_id = t.id AND o.id = $3
     CROSS JOIN (
          SELECT sum(tokens) AS tokens, sum(cost) AS cost,
                 sum(cost) FILTER (WHERE room_id = $2) AS room_cost,
                 sum(cost) FILTER (WHERE robot_id = $3) AS robot_cost
            FROM used
     ) AS s
"""

INSERT_HOLD: Final = """
    INSERT INTO llm_holds (id, workspace_id, user_id, room_id, robot_id, provider, model, tokens, output_tokens, cost,
                           expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, now() + make_interval(secs => $11))
"""

BOOK: Final = """
    WITH released AS (
        DELETE FROM llm_holds
              WHERE id = $1
          RETURNING id
    )
    INSERT INTO usage_logs (id, workspace_id, user_id, room_id, robot_id, provider, model, input_tokens, output_tokens,
                            cached_tokens, cost, is_estimate)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12
          WHERE $8::integer + $9::integer > 0
    ON CONFLICT (id) DO NOTHING -- it was taken for lost, and booked as it was held
"""

LIST_USAGE: Final = """
    SELECT u.model, count(*) AS calls, sum(u.input_tokens)::bigint AS input_tokens,
           sum(u.output_tokens)::bigint AS output_tokens, sum(u.cached_tokens)::bigint AS cached_tokens,
           sum(u.cost) AS cost, count(*) FILTER (WHERE u.cost IS NULL) AS unpriced
      FROM usage_logs u
      JOIN workspaces w ON w.id = u.workspace_id
     WHERE u.workspace_id = $1
       AND u.created_at >= date_trunc('day', now() AT TIME ZONE w.time_zone) AT TIME ZONE w.time_zone
     GROUP BY u.model
     ORDER BY sum(u.input_tokens + u.output_tokens) DESC, u.model
     LIMIT 50
"""

SET_BUDGETS: Final = """
    INSERT INTO llm_budgets (workspace_id, workspace_daily, room_daily, robot_daily)
         VALUES ($1, $2, $3, $4)
    ON CONFLICT (workspace_id) DO UPDATE
       SET workspace_daily = excluded.workspace_daily, room_daily = excluded.room_daily,
           robot_daily = excluded.robot_daily
"""

LIST_ROBOT_BUDGETS: Final = """
    SELECT id, name, daily_budget
      FROM robots
     WHERE workspace_id = $1 AND deleted_at IS NULL
     ORDER BY lower(name), id
"""

SET_ROBOT_BUDGET: Final = """
    UPDATE robots
       SET daily_budget = $2
     WHERE id = $1 AND deleted_at IS NULL
 RETURNING id
"""

BOOK_LOST_HOLDS: Final = """
    WITH lost AS (
        DELETE FROM llm_holds
              WHERE workspace_id = $1 AND expires_at <= now()
          RETURNING *
    )
    INSERT INTO usage_logs (id, workspace_id, user_id, room_id, robot_id, provider, model, input_tokens, output_tokens,
                            cost, is_estimate, created_at)
         SELECT l.id, l.workspace_id, u.id, r.id, o.id, coalesce(l.provider, 'unknown'), coalesce(l.model, 'unknown'),
                l.tokens - l.output_tokens, l.output_tokens, l.cost, true, l.expires_at - make_interval(secs => $2)
           FROM lost l
           LEFT JOIN users u ON u.workspace_id = l.workspace_id AND u.id = l.user_id
           LEFT JOIN chat_rooms r ON r.workspace_id = l.workspace_id AND r.id = l.room_id
           LEFT JOIN robots o ON o.workspace_id = l.workspace_id AND o.id = l.robot_id
    ON CONFLICT (id) DO NOTHING
      RETURNING id
"""


async def lock_budgets(conn: Connection, workspace_id: WorkspaceId) -> None:
    """Let one call be admitted after the other."""
    await conn.execute(LOCK_BUDGETS, workspace_id)


async def standing_of(conn: Connection, caller: Caller) -> Standing:
    """What is used today for the caller's workspace, room and robot, and what may be."""
    row = await conn.fetchrow(STANDING, caller.workspace_id, caller.room_id, caller.robot_id)
    if row is None:
        raise LookupError("every workspace has a plan")
    return Standing(
        token_limit=row["token_limit"],
        budgets=Budgets(
            workspace_daily=row["workspace_daily"], room_daily=row["room_daily"], robot_daily=row["robot_daily"]
        ),
        tokens=row["tokens"],
        workspace_cost=row["workspace_cost"],
        room_cost=row["room_cost"],
        robot_cost=row["robot_cost"],
    )


async def insert_hold(conn: Connection, caller: Caller, hold: Hold) -> None:
    """Count the most that a call may use, until it is booked."""
    await conn.execute(
        INSERT_HOLD,
        hold.id,
        caller.workspace_id,
        caller.user_id,
        caller.room_id,
        caller.robot_id,
        hold.provider,
        hold.model,
        hold.most.tokens,
        hold.most.output_tokens,
        hold.cost,
        HOLD_S,
    )


async def book(conn: Connection, caller: Caller, hold: Hold, usage: Usage, cost: Decimal | None) -> None:
    """Put what a call has used in the place of what it might have; once, whoever books it."""
    await conn.execute(
        BOOK,
        hold.id,
        caller.workspace_id,
        caller.user_id,
        caller.room_id,
        caller.robot_id,
        hold.provider,
        hold.model,
        usage.input_tokens,
        usage.output_tokens,
        usage.cached_tokens,
        cost,
        usage.is_estimate,
    )


async def list_usage(conn: Connection, workspace_id: WorkspaceId) -> list[Mapping[str, Any]]:
    """What each model has used today; `cost` is of the calls whose price is known, `unpriced` counts the others."""
    return [dict(row) for row in await conn.fetch(LIST_USAGE, workspace_id)]


async def set_budgets(conn: Connection, workspace_id: WorkspaceId, budgets: Budgets) -> None:
    """Limit what a day may cost."""
    await conn.execute(SET_BUDGETS, workspace_id, budgets.workspace_daily, budgets.room_daily, budgets.robot_daily)


async def list_robot_budgets(conn: Connection, workspace_id: WorkspaceId) -> list[RobotBudget]:
    """Every installed robot, with its own limit where it has one."""
    rows = await conn.fetch(LIST_ROBOT_BUDGETS, workspace_id)
    return [RobotBudget(robot_id=row["id"], name=row["name"], daily=row["daily_budget"]) for row in rows]


async def set_robot_budget(conn: Connection, robot_id: UUID, daily: Decimal | None) -> bool:
    """Limit what a day of one robot may cost; False when there is no such robot."""
    return await conn.fetchval(SET_ROBOT_BUDGET, robot_id, daily) is not None


async def book_lost_holds(conn: Connection, workspace_id: WorkspaceId) -> int:
    """Book the calls that a crash left as they were held: they were made, and are charged for. How many there were."""
    return len(await conn.fetch(BOOK_LOST_HOLDS, workspace_id, HOLD_S))
