"""What each database role must not be able to do, tried."""

import asyncpg
import pytest

from supportdesk.core.db import Connection
from tests.schema.rows import Furnished, acting, sql

DDL = (
    "CREATE TABLE mine (id integer)",
    "CREATE TEMPORARY TABLE mine (id integer)",
    "CREATE FUNCTION mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "ALTER TABLE messages ADD COLUMN mine text",
    "ALTER TABLE messages NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE messages DISABLE TRIGGER ALL",
    "DROP TABLE room_tags",
    "DROP POLICY workspace_rows ON messages",
    "TRUNCATE messages",
    "TRUNCATE room_tags",
    "CREATE EXTENSION hstore",
    "CREATE ROLE mine",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "SELECT pg_read_file('/etc/hostname')",
    "SET session_replication_role = replica",
    "SELECT desk_make_partition('messages', '2031-01-01')",
    "CALL desk_secure('messages')",
)
HISTORY = (
    "INSERT INTO messages_history (operation_type, subject_id, row_data) VALUES ('UPDATE', desk_uuid7(), '{}')",
    "UPDATE messages_history SET row_data = '{}'",
    "UPDATE chat_rooms_history SET actor_id = NULL",
    "DELETE FROM user_roles_history",
    "TRUNCATE messages_history",
    "UPDATE audit_log SET action = 'nothing.happened'",
    "DELETE FROM audit_log",
    "TRUNCATE audit_log",
    "DELETE FROM access_log",
    "UPDATE access_log SET reason = 'none'",
    "INSERT INTO schema_migrations (version, name, checksum) VALUES (9999, 'x', 'x')",
    "INSERT INTO audited_tables VALUES ('x', 'id', '{}', '{}', '{}', false)",
)
INSTALLATION = (
    "INSERT INTO permissions (key, permission_prefix, description) VALUES ('chat:room:x', 'chat:room', 'x')",
    "UPDATE plans SET token_limit_daily = 1",
    "DELETE FROM plans",
    "UPDATE ai_models SET is_active = true",
)
APP = (
    "DELETE FROM workspaces",
    "DELETE FROM users",
    "DELETE FROM chat_rooms",
    "DELETE FROM messages",
    "UPDATE messages_history SET salt = NULL",
    "UPDATE room_events SET seq = seq + 1",
    "DELETE FROM room_events",
    "UPDATE message_dedup SET seq = 1",
    "DELETE FROM robot_interactions",
    "DELETE FROM tool_executions",
    "DELETE FROM usage_logs",
    "UPDATE usage_logs SET cost = 0",
    "DELETE FROM legal_holds",
    "DELETE FROM job_runs",
    "INSERT INTO archive_transactions (workspace_id) VALUES (desk_uuid7())",
    "DELETE FROM archived_rooms",
    "SELECT desk_blank_history('messages', '{}')",
)
JOBS = (
    "SELECT * FROM desk_staff_by_email('ann@example.test')",
    "SELECT * FROM desk_session_by_token('')",
)
READER = (
    "INSERT INTO tags (workspace_id, name) VALUES (desk_uuid7(), 'x')",
    "UPDATE chat_rooms SET priority = 1",
    "DELETE FROM messages",
    "SELECT password_hash FROM users",
    "SELECT * FROM users",
    "SELECT * FROM sessions",
    "SELECT * FROM personal_access_tokens",
    "SELECT * FROM guest_sessions",
    "SELECT * FROM socket_tickets",
    "SELECT * FROM verification_tokens",
    "SELECT * FROM invitations",
    "SELECT api_key_encrypted FROM provider_configs",
    "SELECT secrets_encrypted FROM robots",
    "SELECT secret_encrypted FROM webhooks",
    "SELECT identity_secret_encrypted FROM workspaces",
    "SELECT * FROM sign_in_attempts",
    "SELECT * FROM desk_staff_by_email('ann@example.test')",
    "SELECT * FROM desk_workspaces()",
    "SELECT desk_seed_workspace(desk_uuid7())",
)
# The owner may write the log of seals, but no more rewrite what happened than anybody else.
OWNER = (
    "UPDATE messages_history SET operation_type = 'DELETE'",
    "UPDATE messages_history SET row_data = '{}'",
    "UPDATE messages_history SET seal_seq = 1",
    "DELETE FROM messages_history",
    "TRUNCATE messages_history",
    "TRUNCATE messages CASCADE",
    "TRUNCATE users CASCADE",
    "UPDATE audit_log SET reason = 'none'",
    "DELETE FROM audit_log",
    "TRUNCATE audit_log",
)

FORBIDDEN = [
    *(("desk_app", statement) for statement in (*DDL, *HISTORY, *INSTALLATION, *APP)),
    *(
        ("desk_jobs", statement)
        for statement in (*DDL, *HISTORY, *INSTALLATION, *JOBS)
        if "make_partition" not in statement
    ),
    *(("desk_reader", statement) for statement in (*DDL, *HISTORY, *INSTALLATION, *READER)),
    *(("desk_owner", statement) for statement in OWNER),
]


@pytest.mark.parametrize(("role", "statement"), FORBIDDEN)
async def test_a_role_cannot(conn: Connection, acme: Furnished, role: str, statement: str) -> None:
    await conn.execute("UPDATE messages SET content = 'edited' WHERE id = $1", acme.message)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with acting(conn, role, acme.workspace):
            await conn.execute(statement)


@pytest.mark.parametrize("role", ["desk_app", "desk_jobs", "desk_reader"])
async def test_a_month_cannot_be_read_past_its_policy(conn: Connection, acme: Furnished, role: str) -> None:
    month = await conn.fetchval("SELECT tableoid::regclass::text FROM messages WHERE id = $1", acme.message)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with acting(conn, role, acme.workspace):
            await conn.execute(sql("SELECT * FROM {month}", month=month))


async def test_the_reader_reads_what_reports_need(conn: Connection, acme: Furnished) -> None:
    async with acting(conn, "desk_reader", acme.workspace):
        assert await conn.fetchval("SELECT count(display_name) FROM users") == 3
        assert await conn.fetchval("SELECT count(*) FROM messages") == 1
        assert await conn.fetchval("SELECT sum(tokens_used) FROM usage_stats") == 10


async def test_the_jobs_role_purges_a_room(conn: Connection, acme: Furnished) -> None:
    async with acting(conn, "desk_jobs", acme.workspace):
        assert await conn.execute("DELETE FROM chat_rooms WHERE id = $1", acme.room) == "DELETE 1"
        assert await conn.fetchval("SELECT count(*) FROM messages") == 0


async def test_the_application_makes_a_workspace_of_its_own(conn: Connection) -> None:
    workspace = await conn.fetchval("SELECT desk_uuid7()")
    async with acting(conn, "desk_app", workspace):
        await conn.execute(
            "INSERT INTO workspaces (id, name, plan_id) SELECT $1, 'new', id FROM plans WHERE name = 'free'", workspace
        )
        await conn.execute("SELECT desk_seed_workspace($1)", workspace)
        assert await conn.fetchval("SELECT count(*) FROM roles") == 6
