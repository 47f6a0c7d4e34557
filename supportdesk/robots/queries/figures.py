"""Figures of robots and their tools, grouped by the database over a bounded time."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from supportdesk.actor import Actor
from supportdesk.core.db import Connection
from supportdesk.robots.figures import (
    NONE,
    CacheFigures,
    CacheUse,
    Figures,
    Metrics,
    Reason,
    Span,
    Suggestions,
    Thumbs,
    ToolFigures,
)

FIND_SPAN: Final = """
    SELECT $2::integer AS days, today.day::timestamp - make_interval(days => $2 - 1) AS first,
           (today.day::timestamp - make_interval(days => $2 - 1)) AT TIME ZONE w.time_zone AS since,
           CASE WHEN $2 = 1 THEN today.day::timestamp + interval '23 hours' ELSE today.day::timestamp END AS last
      FROM workspaces w, LATERAL (SELECT (now() AT TIME ZONE w.time_zone)::date AS day) AS today
     WHERE w.id = $1
"""

COUNT_TURNS: Final = """
    WITH turns AS MATERIALIZED ( -- so that each record is decoded once
        SELECT i.robot_id, i.status, i.tokens, i.cost, x.ending, x.fate, x.total_ms,
               x.waited_ms + x.first_event_ms AS first_ms,
               date_trunc($4, i.created_at AT TIME ZONE w.time_zone) AS place
          FROM robot_interactions i
          JOIN workspaces w ON w.id = $1
         CROSS JOIN LATERAL jsonb_to_record(coalesce(i.response_data, '{}')) AS x (
               ending text, fate text, waited_ms float8, first_event_ms float8, total_ms float8
         )
         WHERE i.robot_id = ANY ($2::uuid[]) AND i.created_at >= $3 AND i.workspace_id = $1
    )
    SELECT robot_id, place, count(*) AS turns, count(*) FILTER (WHERE fate = 'posted') AS answered,
           count(*) FILTER (WHERE fate = 'handed_over') AS handed_over,
           count(*) FILTER (WHERE status = 'failed') AS failed, count(*) FILTER (WHERE ending = 'silent') AS silent,
           count(*) FILTER (WHERE fate = 'promoted') AS promoted,
           count(*) FILTER (WHERE fate IN ('dropped', 'cut_short')) AS dropped,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY first_ms) AS first_p50,
           percentile_cont(0.95) WITHIN GROUP (ORDER BY first_ms) AS first_p95,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY total_ms) AS total_p50,
           percentile_cont(0.95) WITHIN GROUP (ORDER BY total_ms) AS total_p95,
           coalesce(sum(tokens), 0)::bigint AS tokens, coalesce(sum(cost), 0)::float8 AS cost,
           count(*) FILTER (WHERE tokens > 0 AND cost IS NULL) AS unpriced
      FROM turns
     GROUP BY GROUPING SETS ((robot_id), (place), ())
"""

LIST_REASONS: Final = """
    SELECT coalesce(nullif(i.response_data ->> 'reason', ''), i.error_message, '') AS text, count(*) AS turns
      FROM robot_interactions i
      JOIN chat_rooms r ON r.id = i.room_id AND (NOT r.is_private OR $4)
     WHERE i.robot_id = ANY ($2::uuid[]) AND i.created_at >= $3 AND i.workspace_id = $1
       AND i.response_data ->> 'fate' = 'handed_over'
     GROUP BY 1
     ORDER BY 2 DESC, 1
     LIMIT 10
"""

COUNT_THUMBS: Final = """
    SELECT m.robot_id, count(*) FILTER (WHERE x.emoji = '👍') AS up, count(*) FILTER (WHERE x.emoji = '👎') AS down
      FROM messages m
      JOIN message_reactions x ON x.message_id = m.id AND x.emoji IN ('👍', '👎')
      JOIN users g ON g.id = x.user_id AND g.account_type_informal = 'guest'
     WHERE m.robot_id = ANY ($1::uuid[]) AND m.id >= uuid7_floor($2)
     GROUP BY m.robot_id
"""

COUNT_SUGGESTIONS: Final = """
    SELECT s.robot_id, count(*) AS made, count(*) FILTER (WHERE s.decision = 'inserted') AS inserted,
           count(*) FILTER (WHERE s.decision = 'edited') AS edited,
           count(*) FILTER (WHERE s.decision = 'dismissed') AS dismissed,
           count(*) FILTER (WHERE s.sent_changed) AS changed
      FROM robot_suggestions s
     WHERE s.robot_id = ANY ($2::uuid[]) AND s.created_at >= $3 AND s.workspace_id = $1
     GROUP BY ROLLUP (s.robot_id)
"""

COUNT_KEPT: Final = """
    SELECT i.robot_id, count(*) AS hits, coalesce(sum((call ->> 'saved')::float8), 0) AS saved,
           count(*) FILTER (WHERE call ->> 'saved' IS NULL) AS unpriced
      FROM robot_interactions i
     CROSS JOIN LATERAL jsonb_array_elements(i.observation_data -> 'calls') call
     WHERE i.robot_id = ANY ($2::uuid[]) AND i.created_at >= $3 AND i.workspace_id = $1
       AND (call -> 'kept') = 'true'
     GROUP BY ROLLUP (i.robot_id)
"""

COUNT_TOOLS: Final = """
    SELECT t.tool_name AS name, count(*) AS calls, count(*) FILTER (WHERE t.approved_at IS NOT NULL) AS approved,
           count(*) FILTER (WHERE t.status = 'denied') AS denied, count(*) FILTER (WHERE t.status = 'failed') AS failed,
           count(*) FILTER (WHERE t.status = 'pending') AS waiting,
           percentile_cont(0.95) WITHIN GROUP (ORDER BY t.execution_time_ms) AS took_p95, sum(t.cost)::float8 AS cost
      FROM tool_executions t
     WHERE t.robot_id = ANY ($2::uuid[]) AND t.created_at >= $3 AND t.workspace_id = $1
     GROUP BY t.tool_name
     ORDER BY 2 DESC, 1
     LIMIT 100
"""

SUM_CACHE: Final = """
    SELECT count(*) AS entries, coalesce(sum(hits), 0)::bigint AS hits,
           coalesce(sum(hits * cost_estimate), 0)::float8 AS saved
      FROM ai_cache
     WHERE workspace_id = $1
"""


async def find_metrics(
    conn: Connection, actor: Actor, robots: Sequence[UUID], *, days: int, sees_private: bool
) -> Metrics:
    """The figures of these robots over so many days of the workspace, today included: eight statements."""
    row = await conn.fetchrow(FIND_SPAN, actor.workspace_id, days)
    if row is None:
        raise LookupError("An actor's workspace is always there.")
    span, home = Span(**row), actor.workspace_id
    rows = await conn.fetch(COUNT_TURNS, home, robots, span.since, "hour" if days == 1 else "day")
    found = [Figures(**row) for row in rows]
    by_place = {one.place: one for one in found if one.place is not None}
    reasons = await conn.fetch(LIST_REASONS, home, robots, span.since, sees_private)
    thumbs = await conn.fetch(COUNT_THUMBS, robots, span.since)
    suggestions = await conn.fetch(COUNT_SUGGESTIONS, home, robots, span.since)
    kept = await conn.fetch(COUNT_KEPT, home, robots, span.since)
    tools = await conn.fetch(COUNT_TOOLS, home, robots, span.since)
    cache = await conn.fetchrow(SUM_CACHE, home)
    return Metrics(
        span=span,
        all=next((one for one in found if one.place is None and one.robot_id is None), NONE),
        robots=[one for one in found if one.robot_id is not None],
        places=[by_place.get(place) for place in span.places],
        reasons=[Reason(**row) for row in reasons],
        thumbs=[Thumbs(**row) for row in thumbs],
        suggestions=[Suggestions(**row) for row in suggestions],
        kept=[CacheUse(**row) for row in kept],
        tools=[ToolFigures(**row) for row in tools],
        cache=CacheFigures(**cache) if cache is not None else CacheFigures(entries=0, hits=0, saved=0.0),
    )
