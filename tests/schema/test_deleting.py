"""Deleting rows for good, as erasure and purge do: what goes along, what stays, what refuses."""

import asyncpg
import pytest

from supportdesk.core.db import Connection
from tests.schema.rows import Furnished, acting, sql


async def count(conn: Connection, table: str, column: str, value: object) -> int:
    found: int = await conn.fetchval(
        sql("SELECT count(*) FROM {table} WHERE {column} = $1", table=table, column=column), value
    )
    return found


async def test_erasing_a_guest_keeps_the_conversation_without_the_person(conn: Connection, acme: Furnished) -> None:
    await conn.execute("INSERT INTO user_roles (workspace_id, user_id, role_id) SELECT $1, $2, id FROM roles "
                       "WHERE workspace_id = $1 AND name = 'guest'", acme.workspace, acme.guest)  # fmt: skip
    await conn.execute("DELETE FROM users WHERE id = $1", acme.guest)
    for table in ("room_participants", "message_reactions", "usage_stats", "user_roles"):
        assert await count(conn, table, "user_id", acme.guest) == 0, table
    assert await count(conn, "guest_sessions", "guest_id", acme.guest) == 0
    kept = await conn.fetchrow(
        """
        SELECT r.creator_id, m.sender_id, f.owner_id AS file_owner, a.owner_id, e.created_by, c.guest_id, l.user_id
        FROM chat_rooms r
        JOIN messages m ON m.room_id = r.id
        JOIN chat_file_attachments a ON a.message_id = m.id
        JOIN file_uploads f ON f.id = a.file_id
        JOIN escalations e ON e.source_room_id = r.id
        JOIN csat_ratings c ON c.room_id = r.id
        JOIN usage_logs l ON l.room_id = r.id
        WHERE r.id = $1
        """,
        acme.room,
    )
    assert kept is not None
    assert list(kept.values()) == [None] * 7


async def test_a_member_of_staff_leaves_documents_and_decisions_behind(conn: Connection, acme: Furnished) -> None:
    await conn.execute("UPDATE tool_executions SET decided_by = $1 WHERE room_id = $2", acme.agent, acme.room)
    await conn.execute(
        "UPDATE chat_rooms SET owner_kind = 'human', assignee_id = $1 WHERE id = $2", acme.agent, acme.room
    )
    await conn.execute("DELETE FROM users WHERE id = $1", acme.agent)
    for table in ("sessions", "personal_access_tokens", "user_identities", "verification_tokens", "socket_tickets",
                  "team_members", "notifications"):  # fmt: skip
        assert await count(conn, table, "user_id", acme.agent) == 0, table
    assert await conn.fetchval("SELECT assignee_id FROM chat_rooms WHERE id = $1", acme.room) is None
    assert await conn.fetchval("SELECT decided_by FROM tool_executions WHERE room_id = $1", acme.room) is None
    assert await conn.fetchval("SELECT user_id FROM documents WHERE workspace_id = $1", acme.workspace) is None


async def test_purging_a_room_takes_all_that_hangs_off_it_but_the_costs(conn: Connection, acme: Furnished) -> None:
    await conn.execute(
        """
        INSERT INTO documents (workspace_id, scope, room_id, filename, file_size, mime_type, content_hash)
        VALUES ($1, 'room', $2, 'receipt.md', 1, 'text/markdown', repeat('d', 64))
        """,
        acme.workspace,
        acme.room,
    )
    await conn.execute("DELETE FROM chat_rooms WHERE id = $1", acme.room)
    for table in ("room_heads", "room_participants", "room_robots", "room_events", "messages", "robot_interactions",
                  "tool_executions", "context_optimizations", "documents", "chat_file_attachments", "room_tags",
                  "csat_ratings", "sla_clocks"):  # fmt: skip
        assert await count(conn, table, "room_id", acme.room) == 0, table
    assert await conn.fetchval("SELECT count(*) FROM usage_logs WHERE workspace_id = $1 AND room_id IS NULL",
                               acme.workspace) == 1  # fmt: skip
    assert await conn.fetchval("SELECT reference_count FROM file_uploads WHERE workspace_id = $1", acme.workspace) == 0


async def test_purging_a_message_takes_its_dependants(conn: Connection, acme: Furnished) -> None:
    await conn.execute("DELETE FROM messages WHERE id = $1", acme.message)
    for table in ("message_reactions", "chat_file_attachments", "robot_interactions", "tool_executions"):
        assert await count(conn, table, "message_id", acme.message) == 0, table
    assert await count(conn, "room_events", "room_id", acme.room) == 1


async def test_a_document_takes_its_chunks(conn: Connection, acme: Furnished) -> None:
    await conn.execute("DELETE FROM documents WHERE workspace_id = $1", acme.workspace)
    assert await count(conn, "document_chunks", "workspace_id", acme.workspace) == 0


async def test_a_plan_in_use_cannot_be_deleted(conn: Connection, acme: Furnished) -> None:
    del acme
    # 18 calls it a restrict violation, older ones a foreign key violation.
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await conn.execute("DELETE FROM plans WHERE name = 'pro'")


async def test_a_hold_keeps_room_and_guest_from_being_deleted(conn: Connection, acme: Furnished) -> None:
    await conn.execute(
        "INSERT INTO legal_holds (workspace_id, scope, room_id, reason) VALUES ($1, 'room', $2, 'court')",
        acme.workspace, acme.room,
    )  # fmt: skip
    await conn.execute(
        "INSERT INTO legal_holds (workspace_id, scope, guest_id, reason) VALUES ($1, 'guest', $2, 'court')",
        acme.workspace, acme.guest,
    )  # fmt: skip
    for statement, subject in (
        ("DELETE FROM chat_rooms WHERE id = $1", acme.room),
        ("DELETE FROM users WHERE id = $1", acme.guest),
    ):
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            async with acting(conn, "desk_jobs", acme.workspace):
                await conn.execute(statement, subject)


async def test_a_workspace_goes_as_a_whole_once_nothing_of_it_is_held(
    conn: Connection, acme: Furnished, rival: Furnished
) -> None:
    with pytest.raises(asyncpg.ForeignKeyViolationError, match="legal hold"):
        async with acting(conn, "desk_owner"):
            await conn.execute("SELECT desk_remove_workspace($1)", acme.workspace)
    async with acting(conn, "desk_owner"):
        await conn.execute("UPDATE legal_holds SET released_at = now() WHERE workspace_id = $1", acme.workspace)
        await conn.execute("SELECT desk_remove_workspace($1)", acme.workspace)
    tables = await conn.fetch(
        """
        SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid AND p.polname = 'owner_rows'
        WHERE c.relname NOT IN ('workspaces', 'audit_log') AND c.relname !~ '_history$'
        """
    )
    left = [row[0] for row in tables if await count(conn, row[0], "workspace_id", acme.workspace)]
    assert not left
    assert await count(conn, "messages", "workspace_id", rival.workspace) == 1
