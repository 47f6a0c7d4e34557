"""Counters kept by statement triggers agree with a recount, whatever the statement."""

from supportdesk.core.db import Connection
from tests.schema.rows import Furnished, acting

RECOUNT_TOKENS = """
    SELECT count(*) FROM usage_stats s
    FULL JOIN (
        SELECT user_id, (l.created_at AT TIME ZONE w.time_zone)::date AS date,
               sum(input_tokens + output_tokens) AS tokens
        FROM usage_logs l JOIN workspaces w ON w.id = l.workspace_id
        WHERE user_id IS NOT NULL GROUP BY 1, 2
    ) l USING (user_id, date)
    WHERE coalesce(s.tokens_used, 0) <> coalesce(l.tokens, 0)
"""


async def test_tokens_are_counted_per_person_and_day_and_in_all(conn: Connection, acme: Furnished) -> None:
    async with acting(conn, "desk_app", acme.workspace):
        await conn.execute(
            """
            INSERT INTO usage_logs (workspace_id, user_id, provider, model, input_tokens, output_tokens, created_at)
            SELECT $1, who, 'openai', 'gpt-4o', n, 2 * n, now() - n * interval '7 hours'
            FROM generate_series(1, 50) AS n, unnest($2::uuid[]) AS who
            """,
            acme.workspace,
            [acme.guest, acme.agent, None],
        )
    assert await conn.fetchval(RECOUNT_TOKENS) == 0
    assert await conn.fetchval("SELECT count(*) FROM usage_stats WHERE user_id = $1", acme.guest) > 10
    totals = await conn.fetch(
        "SELECT total_tokens_used FROM users WHERE id = ANY ($1) ORDER BY 1", [acme.guest, acme.agent]
    )
    assert [row[0] for row in totals] == [3825, 3835]  # the guest had 10 before


async def test_a_day_is_a_day_of_the_workspace(conn: Connection, acme: Furnished) -> None:
    await conn.execute("UPDATE workspaces SET time_zone = 'Pacific/Auckland' WHERE id = $1", acme.workspace)
    await conn.execute(
        """
        INSERT INTO usage_logs (workspace_id, user_id, provider, model, input_tokens, created_at)
        VALUES ($1, $2, 'openai', 'gpt-4o', 7, '2026-03-01 23:00+00')
        """,
        acme.workspace,
        acme.agent,
    )
    days = await conn.fetch("SELECT date::text FROM usage_stats WHERE user_id = $1 AND tokens_used = 7", acme.agent)
    assert [row[0] for row in days] == ["2026-03-02"]


async def test_documents_and_rooms_are_counted(conn: Connection, acme: Furnished) -> None:
    async with acting(conn, "desk_app", acme.workspace):
        await conn.execute(
            """
            INSERT INTO documents (workspace_id, user_id, filename, file_size, mime_type, content_hash)
            SELECT $1, $2, 'a.md', 1, 'text/markdown', lpad(n::text, 64, '0') FROM generate_series(1, 3) AS n
            """,
            acme.workspace,
            acme.agent,
        )
        await conn.execute(
            "INSERT INTO chat_rooms (workspace_id, creator_id) SELECT $1, $2 FROM generate_series(1, 4)",
            acme.workspace,
            acme.agent,
        )
    row = await conn.fetchrow(
        "SELECT sum(documents_uploaded), sum(sessions_created) FROM usage_stats WHERE user_id = $1", acme.agent
    )
    assert row is not None
    assert tuple(row) == (4, 4)  # one document came with the workspace


async def test_bytes_know_how_many_attachments_hold_them(conn: Connection, acme: Furnished) -> None:
    file_id = await conn.fetchval("SELECT id FROM file_uploads WHERE workspace_id = $1", acme.workspace)

    async def state() -> tuple[int, bool]:
        row = await conn.fetchrow(
            "SELECT reference_count, unreferenced_at IS NULL FROM file_uploads WHERE id = $1", file_id
        )
        assert row is not None
        return row[0], row[1]

    assert await state() == (1, True)
    async with acting(conn, "desk_app", acme.workspace):
        await conn.execute(
            """
            INSERT INTO chat_file_attachments (workspace_id, file_id, owner_id, original_filename, stored_filename,
                                               file_size, mime_type)
            SELECT $1, $2, $3, 'a.txt', 'b', 5, 'text/plain' FROM generate_series(1, 2)
            """,
            acme.workspace, file_id, acme.guest,
        )  # fmt: skip
        assert await state() == (3, True)
        await conn.execute("UPDATE chat_file_attachments SET deleted_at = now() WHERE message_id IS NULL")
        assert await state() == (1, True)
        await conn.execute("UPDATE chat_file_attachments SET original_filename = 'c.txt'")
        assert await state() == (1, True)
        await conn.execute("UPDATE chat_file_attachments SET deleted_at = now() WHERE message_id IS NOT NULL")
        assert await state() == (0, False)
