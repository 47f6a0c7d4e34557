"""Two workspaces in one database: neither sees, changes or fills the other, on any table."""

import asyncpg
import pytest

from supportdesk.core.db import Connection
from tests.schema.rows import Furnished, acting, sql

GUARDED = """
    SELECT c.relname AS name, CASE c.relname WHEN 'workspaces' THEN 'id' ELSE 'workspace_id' END AS owner,
           has_table_privilege('desk_app', c.oid, 'UPDATE') AS may_update,
           has_table_privilege($1::text, c.oid, 'SELECT') AS may_read
    FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid AND p.polname = 'workspace_rows'
    WHERE c.relname <> 'plans_history' -- plans belong to the installation: no workspace reads their history
    ORDER BY 1
"""


@pytest.mark.parametrize("role", ["desk_app", "desk_jobs"])
async def test_each_table_shows_the_rows_of_the_own_workspace_only(
    conn: Connection, acme: Furnished, rival: Furnished, role: str
) -> None:
    # Some tables of history hold nothing yet, because nothing of theirs was changed: they are changed here.
    await touch_everything(conn, acme, rival)
    tables = [table for table in await conn.fetch(GUARDED, role) if table["may_read"]]
    assert len(tables) > 60
    async with acting(conn, role, acme.workspace):
        for table in tables:
            owners = {
                row[0]
                for row in await conn.fetch(sql("SELECT {owner} FROM {name}", owner=table["owner"], name=table["name"]))
            }
            assert owners == {acme.workspace}, table["name"]
    assert rival.workspace != acme.workspace


async def test_the_reader_sees_the_rows_of_the_own_workspace_only(
    conn: Connection, acme: Furnished, rival: Furnished
) -> None:
    tables = await conn.fetch(GUARDED, "desk_reader")
    async with acting(conn, "desk_reader", rival.workspace):
        for table in tables:
            if await conn.fetchval(
                "SELECT has_column_privilege($1::text, $2::text, 'SELECT')", table["name"], table["owner"]
            ):
                owners = {
                    row[0]
                    for row in await conn.fetch(
                        sql("SELECT {owner} FROM {name}", owner=table["owner"], name=table["name"])
                    )
                }
                assert owners <= {rival.workspace}, table["name"]
    assert rival.workspace != acme.workspace


@pytest.mark.parametrize("role", ["desk_app", "desk_jobs"])
async def test_without_a_workspace_no_table_shows_anything(conn: Connection, acme: Furnished, role: str) -> None:
    del acme
    tables = [table for table in await conn.fetch(GUARDED, role) if table["may_read"]]
    async with acting(conn, role, None):
        for table in tables:
            assert not await conn.fetchval(sql("SELECT EXISTS (SELECT 1 FROM {name})", name=table["name"])), table[
                "name"
            ]


async def test_no_row_can_be_changed_in_or_moved_to_another_workspace(
    conn: Connection, acme: Furnished, rival: Furnished
) -> None:
    tables = [table for table in await conn.fetch(GUARDED, "desk_app") if table["may_update"]]
    assert len(tables) > 30
    for table in tables:
        name, owner = table["name"], table["owner"]
        async with acting(conn, "desk_app", acme.workspace):
            done = await conn.execute(
                sql("UPDATE {name} SET {owner} = {owner} WHERE {owner} = $1", name=name, owner=owner), rival.workspace
            )
            assert done == "UPDATE 0", name
        # Where the row points at a message, that is what notices first.
        with pytest.raises(asyncpg.PostgresError, match=r"row-level security|not in this workspace"):
            async with acting(conn, "desk_app", acme.workspace):
                await conn.execute(
                    sql("UPDATE {name} SET {owner} = $1 WHERE {owner} = $2", name=name, owner=owner),
                    rival.workspace,
                    acme.workspace,
                )


async def test_no_row_can_be_put_into_another_workspace(conn: Connection, acme: Furnished, rival: Furnished) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        async with acting(conn, "desk_app", acme.workspace):
            await conn.execute("INSERT INTO tags (workspace_id, name) VALUES ($1, 'planted')", rival.workspace)


async def test_a_reference_cannot_reach_into_another_workspace(
    conn: Connection, acme: Furnished, rival: Furnished
) -> None:
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        async with acting(conn, "desk_app", acme.workspace):
            await conn.execute(
                "INSERT INTO room_participants (workspace_id, room_id, user_id) VALUES ($1, $2, $3)",
                acme.workspace, rival.room, acme.agent,
            )  # fmt: skip


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO message_reactions (workspace_id, message_id, user_id, emoji) VALUES ($1, $2, $3, '!')",
        "UPDATE chat_file_attachments SET message_id = $2 WHERE workspace_id = $1 AND $3::uuid IS NOT NULL",
        "UPDATE robot_interactions SET message_id = $2 WHERE workspace_id = $1 AND $3::uuid IS NOT NULL",
        "UPDATE tool_executions SET message_id = $2 WHERE workspace_id = $1 AND $3::uuid IS NOT NULL",
    ],
)
async def test_nothing_can_point_at_a_message_of_another_workspace(
    conn: Connection, acme: Furnished, rival: Furnished, statement: str
) -> None:
    with pytest.raises(asyncpg.ForeignKeyViolationError, match="not in this workspace"):
        async with acting(conn, "desk_app", acme.workspace):
            await conn.execute(statement, acme.workspace, rival.message, acme.agent)


async def touch_everything(conn: Connection, *desks: Furnished) -> None:
    """Leave a row in each history of a workspace."""
    for desk in desks:
        for table in await conn.fetch("SELECT * FROM audited_tables WHERE table_name <> 'plans'"):
            name = table["table_name"]
            owner = "id" if name == "workspaces" else "workspace_id"
            if table["records_inserts"]:
                continue
            await conn.execute(CHANGES[name].replace("$owner", owner), desk.workspace)


CHANGES = {
    "users": "UPDATE users SET capacity = capacity + 1 WHERE $owner = $1",
    "chat_rooms": "UPDATE chat_rooms SET priority = 1 WHERE $owner = $1",
    "room_participants": "UPDATE room_participants SET status = 'left' WHERE $owner = $1",
    "messages": "UPDATE messages SET content = 'edited' WHERE $owner = $1",
    "chat_file_attachments": "UPDATE chat_file_attachments SET deleted_at = now() WHERE $owner = $1",
    "tool_executions": "UPDATE tool_executions SET status = 'cancelled' WHERE $owner = $1",
    "documents": "UPDATE documents SET version = 2 WHERE $owner = $1",
    "escalations": "UPDATE escalations SET status = 'assigned' WHERE $owner = $1",
}
