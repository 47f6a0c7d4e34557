"""Keys that grow with time, and the months they fall into."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from supportdesk.core.db import Connection
from tests.schema.conftest import MakeDatabase
from tests.schema.rows import Furnished, acting, furnish


async def test_a_key_is_a_version_7_of_this_moment(conn: Connection) -> None:
    before = await conn.fetchval("SELECT clock_timestamp()")
    key = await conn.fetchval("SELECT desk_uuid7()")
    after = await conn.fetchval("SELECT clock_timestamp()")
    assert key.version == 7
    assert key.variant == "specified in RFC 4122"
    moment = datetime.fromtimestamp((key.int >> 80) / 1000, UTC)
    assert before - timedelta(milliseconds=1) <= moment <= after


async def test_keys_of_one_connection_grow(conn: Connection) -> None:
    keys = [await conn.fetchval("SELECT desk_uuid7()") for _ in range(200)]
    assert keys == sorted(keys)
    assert len(set(keys)) == 200


async def test_keys_of_one_statement_grow_by_the_millisecond_and_never_repeat(conn: Connection) -> None:
    keys = [row[0] for row in await conn.fetch("SELECT desk_uuid7() FROM generate_series(1, 5000)")]
    moments = [key.int >> 80 for key in keys]
    assert moments == sorted(moments)
    assert len(set(keys)) == 5000


async def test_the_floor_is_the_smallest_key_of_its_instant(conn: Connection) -> None:
    row = await conn.fetchrow(
        """
        SELECT uuid7_floor('2026-11-22 10:00:00.123+00') AS floor,
               uuid7_floor('2026-11-22 11:00:00.123+01') AS same,
               uuid7_floor('2026-11-22 10:00:00.124+00') AS next,
               uuid7_floor(clock_timestamp()) <= desk_uuid7() AS reached,
               uuid7_floor(clock_timestamp() + interval '1 hour') > desk_uuid7() AS above
        """
    )
    assert row is not None
    assert row["floor"] == row["same"] < row["next"]
    assert row["floor"].int >> 80 == int(datetime(2026, 11, 22, 10, 0, 0, 123000, UTC).timestamp() * 1000)
    assert (row["floor"].version, row["floor"].int & ((1 << 62) - 1)) == (7, 0)
    assert row["reached"]
    assert row["above"]


async def test_every_partitioned_table_has_this_month_and_three_more(conn: Connection) -> None:
    assert await conn.fetch("SELECT * FROM desk_missing_partitions(3)") == []
    missing = await conn.fetch("SELECT parent FROM desk_missing_partitions(4)")
    parents = await conn.fetch("SELECT partrelid::regclass::text FROM pg_partitioned_table")
    assert {row[0] for row in missing} == {row[0] for row in parents}
    assert len(missing) == len(parents)


async def test_the_job_makes_a_month_once(conn: Connection) -> None:
    async with acting(conn, "desk_jobs"):
        made = await conn.fetch(
            "SELECT desk_make_partition(parent, month) FROM desk_missing_partitions(5) WHERE parent = 'messages'"
        )
        again = await conn.fetch("SELECT desk_make_partition('messages', $1)", datetime(2030, 5, 17, tzinfo=UTC).date())
        assert len(made) == 2
        assert again[0][0] == "messages_2030_05"
        assert await conn.fetchval("SELECT desk_make_partition('messages', '2030-05-01')") is None
    bounds = await conn.fetchval(
        "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = 'messages_2030_05'"
    )
    floors = await conn.fetchrow("SELECT uuid7_floor('2030-05-01 00:00+00'), uuid7_floor('2030-06-01 00:00+00')")
    assert floors is not None
    assert bounds == f"FOR VALUES FROM ('{floors[0]}') TO ('{floors[1]}')"


async def test_only_a_partitioned_table_gets_months(conn: Connection) -> None:
    with pytest.raises(asyncpg.RaiseError, match="not partitioned"):
        await conn.execute("SELECT desk_make_partition('users', '2030-05-01')")


async def test_a_month_brings_its_keys_guards_and_history(conn: Connection, acme: Furnished) -> None:
    await conn.execute("SELECT desk_make_partition('messages', '2030-05-01')")
    message = await conn.fetchval(
        """
        INSERT INTO messages (id, workspace_id, room_id, seq, content)
        VALUES (uuid7_floor('2030-05-10 00:00+00'), $1, $2, 2, 'from the future') RETURNING id
        """,
        acme.workspace,
        acme.room,
    )
    await conn.execute("UPDATE messages SET content = 'edited' WHERE id = $1", message)
    assert await conn.fetchval("SELECT count(*) FROM messages_history WHERE subject_id = $1", message) == 1
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        async with conn.transaction():
            await conn.execute(
                """
                INSERT INTO messages (id, workspace_id, room_id, seq, content)
                VALUES (uuid7_floor('2030-05-11 00:00+00'), $1, desk_uuid7(), 1, 'nowhere')
                """,
                acme.workspace,
            )


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO messages (workspace_id, room_id, seq, content) VALUES ($1, $2, 1, 'twice')",
        """
        INSERT INTO room_events (workspace_id, room_id, seq, kind, actor_kind)
        VALUES ($1, $2, 1, 'room.closed', 'agent')
        """,
        """
        INSERT INTO room_events (workspace_id, room_id, seq, public_seq, kind, actor_kind)
        VALUES ($1, $2, 2, 1, 'room.closed', 'agent')
        """,
    ],
)
async def test_a_place_in_the_order_of_a_room_is_taken_once(conn: Connection, acme: Furnished, statement: str) -> None:
    with pytest.raises(asyncpg.UniqueViolationError):
        await conn.execute(statement, acme.workspace, acme.room)


async def test_history_since_an_instant_reads_only_the_months_it_needs(conn: Connection, acme: Furnished) -> None:
    plan = await conn.fetch(
        """
        EXPLAIN SELECT id FROM messages
        WHERE room_id = $1 AND id >= uuid7_floor('2100-01-01 00:00+00') ORDER BY seq DESC LIMIT 50
        """,
        acme.room,
    )
    assert not [row[0] for row in plan if "messages_20" in row[0]]


async def test_a_month_is_made_while_messages_are_being_written(make_database: MakeDatabase) -> None:
    url = await make_database(migrated=True)
    writer, maker = await asyncpg.connect(url), await asyncpg.connect(url)
    try:
        desk = await furnish(writer, "busy")
        async with writer.transaction():
            await writer.execute("SELECT 1 FROM room_heads WHERE room_id = $1 FOR UPDATE", desk.room)
            await writer.execute(
                "INSERT INTO messages (workspace_id, room_id, seq, sender_id, content) VALUES ($1, $2, 2, $3, 'hello')",
                desk.workspace,
                desk.room,
                desk.guest,
            )
            await writer.execute("UPDATE room_heads SET last_seq = 2 WHERE room_id = $1", desk.room)
            made = await maker.fetchval("SELECT desk_make_partition('messages', '2030-05-01')")
        assert made == "messages_2030_05"
    finally:
        await writer.close()
        await maker.close()
