"""History: what is recorded, what is not, and that it stays as it was written."""

import json

import asyncpg
import pytest

from supportdesk.core.db import Connection
from tests.schema.rows import Furnished, acting, sql


async def test_an_edit_keeps_the_old_row_and_who_did_it(conn: Connection, acme: Furnished) -> None:
    async with acting(conn, "desk_app", acme.workspace):
        await conn.execute("SELECT set_config('app.actor_id', $1, true)", str(acme.agent))
        await conn.execute("UPDATE messages SET content = 'Where is it?' WHERE id = $1", acme.message)
        row = await conn.fetchrow("SELECT * FROM messages_history WHERE subject_id = $1", acme.message)
    assert row is not None
    assert (row["operation_type"], row["workspace_id"], row["actor_id"]) == ("UPDATE", acme.workspace, acme.agent)
    assert json.loads(row["row_data"])["content"] == "Where is my parcel?"


async def test_a_hundred_messages_write_no_history_of_room_and_person(conn: Connection, acme: Furnished) -> None:
    before = await conn.fetchval(
        "SELECT (SELECT count(*) FROM chat_rooms_history) + (SELECT count(*) FROM users_history)"
    )
    async with acting(conn, "desk_app", acme.workspace):
        for seq in range(2, 102):
            await conn.execute(
                "INSERT INTO messages (workspace_id, room_id, seq, sender_id, content) VALUES ($1, $2, $3, $4, 'hi')",
                acme.workspace, acme.room, seq, acme.guest,
            )  # fmt: skip
            await conn.execute(
                "UPDATE room_heads SET last_seq = $2, last_message_at = now() WHERE room_id = $1", acme.room, seq
            )
            await conn.execute(
                "UPDATE room_participants SET last_read_seq = $2, last_read_at = now() WHERE room_id = $1",
                acme.room, seq,
            )  # fmt: skip
        await conn.execute(
            "UPDATE users SET last_seen_at = now(), last_login_at = now(), current_status = 'online', "
            "total_tokens_used = 5 WHERE id = $1",
            acme.guest,
        )
        await conn.execute("UPDATE chat_rooms SET last_activity_at = now() WHERE id = $1", acme.room)
    after = await conn.fetchval(
        "SELECT (SELECT count(*) FROM chat_rooms_history) + (SELECT count(*) FROM users_history)"
        " + (SELECT count(*) FROM room_participants_history) + (SELECT count(*) FROM messages_history)"
    )
    assert after == before == 0


async def test_a_grant_is_recorded_when_it_is_given_and_when_it_is_taken(conn: Connection, acme: Furnished) -> None:
    async with acting(conn, "desk_app", acme.workspace):
        role = await conn.fetchval("SELECT id FROM roles WHERE name = 'agent'")
        await conn.execute("DELETE FROM user_roles WHERE user_id = $1", acme.agent)
        await conn.execute(
            "INSERT INTO role_permissions (workspace_id, role_id, pattern) VALUES ($1, $2, 'desk:job:run')",
            acme.workspace,
            role,
        )
        taken = await conn.fetch(
            "SELECT operation_type FROM user_roles_history WHERE subject_id = $1 ORDER BY 1", acme.agent
        )
        given = await conn.fetchval(
            """
            SELECT row_data ->> 'pattern' FROM role_permissions_history WHERE subject_id = $1
            ORDER BY history_id DESC LIMIT 1
            """,
            role,
        )
    assert [row[0] for row in taken] == ["DELETE", "INSERT"]
    assert given == "desk:job:run"


async def test_secrets_do_not_enter_history(conn: Connection, acme: Furnished) -> None:
    await conn.execute("UPDATE users SET password_hash = 'changed' WHERE id = $1", acme.agent)
    await conn.execute(
        "UPDATE provider_configs SET api_key_encrypted = 'changed' WHERE workspace_id = $1", acme.workspace
    )
    user = await conn.fetchval("SELECT row_data FROM users_history WHERE subject_id = $1", acme.agent)
    configs = await conn.fetch("SELECT row_data FROM provider_configs_history WHERE workspace_id = $1", acme.workspace)
    assert "password_hash" not in json.loads(user)
    assert len(configs) == 2
    assert not [row for row in configs if "api_key_encrypted" in json.loads(row["row_data"])]


async def test_a_purge_leaves_no_text_behind(conn: Connection, acme: Furnished) -> None:
    await conn.execute("UPDATE messages SET content = 'second version' WHERE id = $1", acme.message)
    async with acting(conn, "desk_jobs", acme.workspace):
        assert await conn.fetchval("SELECT desk_blank_history('messages', $1)", [acme.message]) == 1
        assert await conn.fetchval("SELECT desk_blank_history('messages', $1)", [acme.message]) == 0
        await conn.execute("DELETE FROM messages WHERE id = $1", acme.message)
        rows = await conn.fetch(
            "SELECT operation_type, row_data, salt FROM messages_history WHERE subject_id = $1 ORDER BY history_id",
            acme.message,
        )
    assert [row["operation_type"] for row in rows] == ["UPDATE", "DELETE"]
    assert "parcel" not in rows[0]["row_data"]
    assert rows[0]["salt"] is None
    assert set(json.loads(rows[0]["row_data"])["content"]) == {"blanked"}
    assert "content" not in json.loads(rows[1]["row_data"])


async def test_blanking_reaches_the_own_workspace_only(conn: Connection, acme: Furnished, rival: Furnished) -> None:
    await conn.execute("UPDATE messages SET content = 'second version' WHERE id = $1", acme.message)
    async with acting(conn, "desk_jobs", rival.workspace):
        assert await conn.fetchval("SELECT desk_blank_history('messages', $1)", [acme.message]) == 0


async def test_a_row_is_sealed_once(conn: Connection, acme: Furnished) -> None:
    await conn.execute("UPDATE messages SET content = 'second version' WHERE id = $1", acme.message)
    async with acting(conn, "desk_owner"):
        await conn.execute("UPDATE messages_history SET seal_seq = 1, digest = sha256('a')")
        await conn.execute("UPDATE audit_log SET seal_seq = 1, digest = sha256('a')")
    for table in ("messages_history", "audit_log"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with acting(conn, "desk_owner"):
                await conn.execute(sql("UPDATE {table} SET seal_seq = 2, digest = sha256('b')", table=table))


async def test_a_sealed_row_can_still_be_blanked(conn: Connection, acme: Furnished) -> None:
    await conn.execute("UPDATE messages SET content = 'second version' WHERE id = $1", acme.message)
    async with acting(conn, "desk_owner"):
        await conn.execute("UPDATE messages_history SET seal_seq = 1, digest = sha256('a')")
    async with acting(conn, "desk_jobs", acme.workspace):
        assert await conn.fetchval("SELECT desk_blank_history('messages', $1)", [acme.message]) == 1
    row = await conn.fetchrow("SELECT seal_seq, digest FROM messages_history WHERE subject_id = $1", acme.message)
    assert row is not None
    assert row["seal_seq"] == 1


async def test_a_month_of_an_audited_table_cannot_be_truncated_either(conn: Connection, acme: Furnished) -> None:
    month = await conn.fetchval("SELECT tableoid::regclass::text FROM messages WHERE id = $1", acme.message)
    for table in (month, month.replace("messages", "messages_history"), month.replace("messages", "audit_log")):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with acting(conn, "desk_owner"):
                await conn.execute(sql("TRUNCATE {table} CASCADE", table=table))


async def test_the_typed_row_comes_back_from_history(conn: Connection, acme: Furnished) -> None:
    before = await conn.fetchrow("SELECT * FROM chat_rooms WHERE id = $1", acme.room)
    await conn.execute("UPDATE chat_rooms SET priority = 1, name = 'Lost parcel' WHERE id = $1", acme.room)
    restored = await conn.fetchrow(
        "SELECT (jsonb_populate_record(NULL::chat_rooms, row_data)).* FROM chat_rooms_history WHERE subject_id = $1",
        acme.room,
    )
    assert restored == before
