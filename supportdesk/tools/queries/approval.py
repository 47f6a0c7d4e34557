"""The settings that approve calls by themselves."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson

from supportdesk.actor import WorkspaceId
from supportdesk.core.db import Connection
from supportdesk.tools.model import ApprovalSettings, Rule, Verdict

FIND_SETTINGS: Final = """
    SELECT read_only_operations, low_risk_operations, specific_tools, max_cost_per_tool, max_cost_per_hour,
           require_approval_for_new_tools
      FROM auto_approval_settings
     WHERE workspace_id = $1 AND (room_id = $2 OR room_id IS NULL)
     ORDER BY room_id NULLS LAST
     LIMIT 1
"""

FIND_EXACTLY: Final = """
    SELECT read_only_operations, low_risk_operations, specific_tools, max_cost_per_tool, max_cost_per_hour,
           require_approval_for_new_tools
      FROM auto_approval_settings
     WHERE workspace_id = $1 AND room_id IS NOT DISTINCT FROM $2
"""

HOLD_BUDGET: Final = """
    SELECT id
      FROM auto_approval_settings
     WHERE workspace_id = $1 AND room_id IS NULL
       FOR UPDATE -- of two calls that cost money, the second sees what the first has spent
"""

PUT_SETTINGS: Final = """
    INSERT INTO auto_approval_settings (
        workspace_id, room_id, read_only_operations, low_risk_operations, specific_tools, max_cost_per_tool,
        max_cost_per_hour, require_approval_for_new_tools
    )
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT ON CONSTRAINT uq_auto_approval_settings_scope DO UPDATE
            SET read_only_operations = excluded.read_only_operations,
                low_risk_operations = excluded.low_risk_operations, specific_tools = excluded.specific_tools,
                max_cost_per_tool = excluded.max_cost_per_tool, max_cost_per_hour = excluded.max_cost_per_hour,
                require_approval_for_new_tools = excluded.require_approval_for_new_tools
"""

DELETE_SETTINGS: Final = """
    DELETE FROM auto_approval_settings
     WHERE workspace_id = $1 AND room_id = $2
 RETURNING id
"""


async def find_settings(conn: Connection, workspace_id: WorkspaceId, room_id: UUID | None) -> ApprovalSettings:
    """The settings in force in a room: its own, else the workspace's, else none of it runs by itself."""
    return _settings(await conn.fetchrow(FIND_SETTINGS, workspace_id, room_id)) or ApprovalSettings()


async def find_own_settings(conn: Connection, workspace_id: WorkspaceId, room_id: UUID) -> ApprovalSettings | None:
    """What a room has in place of the workspace's settings."""
    return _settings(await conn.fetchrow(FIND_EXACTLY, workspace_id, room_id))


async def hold_budget(conn: Connection, workspace_id: WorkspaceId) -> None:
    """Let calls that cost money be judged one after another until the transaction ends."""
    await conn.execute(HOLD_BUDGET, workspace_id)


async def put_settings(
    conn: Connection, workspace_id: WorkspaceId, room_id: UUID | None, settings: ApprovalSettings
) -> None:
    """Save the settings of a workspace, or of a room."""
    rules = {
        name: {"rule": rule.verdict, "at_most": {arg: str(limit) for arg, limit in rule.at_most.items()}}
        for name, rule in settings.rules.items()
    }
    await conn.execute(
        PUT_SETTINGS,
        workspace_id,
        room_id,
        settings.read_only,
        settings.low_risk,
        orjson.dumps(rules).decode(),
        settings.max_cost_per_tool,
        settings.max_cost_per_hour,
        settings.asks_for_new,
    )


async def delete_settings(conn: Connection, workspace_id: WorkspaceId, room_id: UUID) -> bool:
    """Let the workspace's settings hold in the room again; False when they did already."""
    return await conn.fetchval(DELETE_SETTINGS, workspace_id, room_id) is not None


def _settings(row: asyncpg.Record | None) -> ApprovalSettings | None:
    if row is None:
        return None
    rules: Mapping[str, Mapping[str, Any]] = orjson.loads(row["specific_tools"])
    return ApprovalSettings(
        read_only=row["read_only_operations"],
        low_risk=row["low_risk_operations"],
        rules={
            name: Rule(
                Verdict(rule["rule"]), {arg: Decimal(limit) for arg, limit in dict(rule.get("at_most", {})).items()}
            )
            for name, rule in rules.items()
        },
        max_cost_per_tool=row["max_cost_per_tool"],
        max_cost_per_hour=row["max_cost_per_hour"],
        asks_for_new=row["require_approval_for_new_tools"],
    )
