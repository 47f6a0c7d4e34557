"""What an evaluation does to PostgreSQL's rows so that time has passed, or a process has died."""

from typing import Final

from supportdesk.core.db import Connection
from supportdesk.tools.model import ExecutionId

LET_EXPIRE: Final = """
    UPDATE tool_executions
       SET expires_at = now() - interval '1 second'
     WHERE id = ANY ($1::uuid[])
"""

LOSE_PROCESS: Final = """
    UPDATE tool_executions
       SET claimed_until = now() - interval '1 second', approved_at = now() - interval '1 minute'
     WHERE id = ANY ($1::uuid[])
"""


async def let_expire(conn: Connection, execution_ids: list[ExecutionId]) -> None:
    """Nobody has decided about these in time."""
    await conn.execute(LET_EXPIRE, execution_ids)


async def lose_process(conn: Connection, execution_ids: list[ExecutionId]) -> None:
    """Whoever was about to run these, or ran them, is gone for a while."""
    await conn.execute(LOSE_PROCESS, execution_ids)
