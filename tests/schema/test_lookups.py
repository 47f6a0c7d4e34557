"""The definer functions: each finds across workspaces what it is for, and nothing that has ended."""

import hashlib

import asyncpg
import pytest

from supportdesk.core.db import Connection
from tests.schema.rows import Furnished, acting, sql


def token_of(desk: Furnished) -> bytes:
    """The hash that tests/schema/rows.py stores for every token of a workspace."""
    return hashlib.sha256(str(desk.workspace).encode()).digest()


async def ask(conn: Connection, query: str, *values: object) -> asyncpg.Record | None:
    """Ask as the application that knows no workspace yet."""
    async with acting(conn, "desk_app"):
        row: asyncpg.Record | None = await conn.fetchrow(query, *values)
        return row


async def test_staff_are_found_by_email_and_guests_are_not(conn: Connection, acme: Furnished) -> None:
    email = await conn.fetchval("SELECT email FROM users WHERE id = $1", acme.agent)
    row = await ask(conn, "SELECT * FROM desk_staff_by_email($1)", email.upper())
    assert row is not None
    assert (row["workspace_id"], row["user_id"], row["password_hash"]) == (acme.workspace, acme.agent, "argon")
    assert await ask(conn, "SELECT * FROM desk_staff_by_email('gina@example.test')") is None
    await conn.execute("UPDATE users SET deleted_at = now() WHERE id = $1", acme.agent)
    assert await ask(conn, "SELECT * FROM desk_staff_by_email($1)", email) is None


@pytest.mark.parametrize(
    ("function", "ending"),
    [
        ("desk_session_by_token", "UPDATE sessions SET revoked_at = now() WHERE user_id = $1"),
        ("desk_session_by_token", "UPDATE sessions SET expires_at = now() WHERE user_id = $1"),
        ("desk_session_by_token", "UPDATE users SET current_account_status = 'suspended' WHERE id = $1"),
        ("desk_access_token", "UPDATE personal_access_tokens SET revoked_at = now() WHERE user_id = $1"),
        ("desk_access_token", "UPDATE personal_access_tokens SET expires_at = now() WHERE user_id = $1"),
        ("desk_access_token", "UPDATE users SET current_account_status = 'deactivated' WHERE id = $1"),
        ("desk_take_socket_ticket", "UPDATE socket_tickets SET expires_at = now() WHERE user_id = $1"),
        ("desk_take_socket_ticket", "UPDATE sessions SET revoked_at = now() WHERE user_id = $1"),
        ("desk_take_socket_ticket", "UPDATE users SET current_account_status = 'suspended' WHERE id = $1"),
    ],
)
async def test_a_token_of_staff_is_found_until_it_ends(
    conn: Connection, acme: Furnished, function: str, ending: str
) -> None:
    query = sql("SELECT * FROM {function}($1)", function=function)
    trial = conn.transaction()
    await trial.start()
    row = await ask(conn, query, token_of(acme))
    await trial.rollback()
    assert row is not None
    assert (row["workspace_id"], row["user_id"]) == (acme.workspace, acme.agent)
    await conn.execute(ending, acme.agent)
    assert await ask(conn, query, token_of(acme)) is None


async def test_a_socket_ticket_is_taken_once(conn: Connection, acme: Furnished) -> None:
    query = "SELECT * FROM desk_take_socket_ticket($1)"
    assert await ask(conn, query, token_of(acme)) is not None
    assert await ask(conn, query, token_of(acme)) is None


async def test_a_guest_is_found_by_the_present_token_and_the_one_before(conn: Connection, acme: Furnished) -> None:
    query = "SELECT * FROM desk_guest_session($1)"
    await conn.execute(
        "UPDATE guest_sessions SET previous_token_hash = token_hash, token_hash = sha256('new') WHERE guest_id = $1",
        acme.guest,
    )
    before = await ask(conn, query, token_of(acme))
    present = await ask(conn, query, hashlib.sha256(b"new").digest())
    assert before is not None
    assert present is not None
    assert (before["guest_id"], before["is_previous"]) == (acme.guest, True)
    assert (present["workspace_id"], present["is_previous"]) == (acme.workspace, False)
    await conn.execute("UPDATE guest_sessions SET revoked_at = now() WHERE guest_id = $1", acme.guest)
    assert await ask(conn, query, token_of(acme)) is None


async def test_a_site_is_found_by_its_key_while_it_is_active(conn: Connection, acme: Furnished) -> None:
    query = "SELECT * FROM desk_site_by_key($1)"
    row = await ask(conn, query, f"key-{acme.workspace}")
    assert row is not None
    assert row["workspace_id"] == acme.workspace
    async with acting(conn, "desk_app"):
        origins = {row[0] for row in await conn.fetch("SELECT desk_allowed_origins()")}
    assert f"https://shop.{acme.workspace}.test" in origins
    await conn.execute("UPDATE sites SET is_active = false WHERE workspace_id = $1", acme.workspace)
    assert await ask(conn, query, f"key-{acme.workspace}") is None


@pytest.mark.parametrize("ending", ["accepted_at", "revoked_at", "expires_at"])
async def test_an_invitation_is_found_until_it_ends(conn: Connection, acme: Furnished, ending: str) -> None:
    row = await ask(conn, "SELECT * FROM desk_invitation($1)", token_of(acme))
    assert row is not None
    assert (row["workspace_id"], row["email"]) == (acme.workspace, "new@example.test")
    await conn.execute(
        sql("UPDATE invitations SET {ending} = now() WHERE workspace_id = $1", ending=ending), acme.workspace
    )
    assert await ask(conn, "SELECT * FROM desk_invitation($1)", token_of(acme)) is None


async def test_a_link_works_for_its_own_purpose_until_it_is_used(conn: Connection, acme: Furnished) -> None:
    query = "SELECT * FROM desk_verification($1, $2)"
    assert await ask(conn, query, token_of(acme), "email_verification") is None
    row = await ask(conn, query, token_of(acme), "password_reset")
    assert row is not None
    assert row["user_id"] == acme.agent
    await conn.execute("UPDATE verification_tokens SET used_at = now() WHERE workspace_id = $1", acme.workspace)
    assert await ask(conn, query, token_of(acme), "password_reset") is None


async def test_a_deleted_workspace_is_found_by_nobody(conn: Connection, acme: Furnished) -> None:
    await conn.execute("UPDATE workspaces SET deleted_at = now() WHERE id = $1", acme.workspace)
    for function in ("desk_session_by_token", "desk_access_token", "desk_guest_session", "desk_invitation"):
        assert await ask(conn, sql("SELECT * FROM {function}($1)", function=function), token_of(acme)) is None, function
    async with acting(conn, "desk_app"):
        assert acme.workspace not in {row[0] for row in await conn.fetch("SELECT workspace_id FROM desk_workspaces()")}


async def test_a_node_compares_heads_of_rooms_of_all_workspaces(
    conn: Connection, acme: Furnished, rival: Furnished
) -> None:
    await conn.execute("UPDATE room_heads SET last_seq = 5, last_public_seq = 3 WHERE room_id = $1", acme.room)
    async with acting(conn, "desk_app"):
        heads = await conn.fetch("SELECT * FROM desk_room_heads($1)", [acme.room, rival.room])
    assert {row["room_id"]: (row["last_seq"], row["last_public_seq"]) for row in heads} == {
        acme.room: (5, 3),
        rival.room: (0, 0),
    }


@pytest.mark.parametrize(
    ("kind", "due"),
    [
        ("interactions", "UPDATE robot_interactions SET available_at = now() WHERE workspace_id = $1"),
        ("interactions", """
            UPDATE robot_interactions SET status = 'processing', claimed_by = 'n', started_at = now(),
                                          claimed_until = now() - interval '1 s' WHERE workspace_id = $1"""),
        ("tool_executions", "UPDATE tool_executions SET expires_at = now() WHERE workspace_id = $1"),
        ("documents", "UPDATE documents SET processing_status = 'pending' WHERE workspace_id = $1"),
        ("escalations", "UPDATE escalations SET due_at = now() WHERE workspace_id = $1"),
        ("sla_clocks", "UPDATE sla_clocks SET warn_at = now() WHERE workspace_id = $1"),
        ("snoozed_rooms", "UPDATE chat_rooms SET status = 'snoozed', snoozed_until = now() WHERE workspace_id = $1"),
        ("waiting_rooms", "UPDATE chat_rooms SET status = 'waiting' WHERE workspace_id = $1"),
        ("outbox", "UPDATE outbox SET available_at = now() WHERE workspace_id = $1"),
        ("webhook_deliveries", "UPDATE webhook_deliveries SET available_at = now() WHERE workspace_id = $1"),
    ],
)  # fmt: skip
async def test_a_sweeper_learns_where_work_is_due(conn: Connection, acme: Furnished, kind: str, due: str) -> None:
    for ended in (
        "UPDATE robot_interactions SET status = 'failed', completed_at = now()",
        "UPDATE chat_rooms SET status = 'active'",
        "UPDATE outbox SET done_at = now()",
        "UPDATE webhook_deliveries SET status = 'delivered'",
    ):
        await conn.execute(ended)
    async with acting(conn, "desk_jobs"):
        assert [row[0] for row in await conn.fetch("SELECT desk_due_workspaces($1)", kind)] == []
    if kind == "interactions":
        await conn.execute(
            "UPDATE robot_interactions SET status = 'pending', completed_at = NULL WHERE workspace_id = $1",
            acme.workspace,
        )
    if kind in ("outbox", "webhook_deliveries"):
        await conn.execute("UPDATE outbox SET done_at = NULL WHERE workspace_id = $1", acme.workspace)
        await conn.execute("UPDATE webhook_deliveries SET status = 'pending' WHERE workspace_id = $1", acme.workspace)
    await conn.execute(due, acme.workspace)
    async with acting(conn, "desk_jobs"):
        assert [row[0] for row in await conn.fetch("SELECT desk_due_workspaces($1)", kind)] == [acme.workspace]


async def test_an_unknown_kind_of_work_is_refused(conn: Connection) -> None:
    with pytest.raises(asyncpg.InvalidParameterValueError, match="no kind of due work"):
        async with acting(conn, "desk_jobs"):
            await conn.execute("SELECT desk_due_workspaces('laundry')")
