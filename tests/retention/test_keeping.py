"""What is kept how long: nothing is deleted that was not archived and read back, and a hold outranks everything."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import orjson
import pytest

from supportdesk.actor import ActorKind, WorkspaceId
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database
from supportdesk.errors import Conflict
from supportdesk.retention import actions, jobs, parquet
from supportdesk.retention.model import STAYS, TABLES, sha256
from supportdesk.retention.queries import expiry
from supportdesk.retention.store import ArchiveStore
from tests.factories import Connection, Workspace
from tests.messages.test_flight_sql import actor, fly, make_room, posting

NOW = datetime.now(UTC)  # noqa: TID251 - the jobs are handed their time; this is the tests' own


@pytest.fixture
def store(tmp_path: Path) -> ArchiveStore:
    return ArchiveStore(tmp_path / "objects")


async def closed_room(owner: Connection, workspace: Workspace, *, days_ago: int, words: str = "farewell") -> UUID:
    """A room with two messages and a reaction that was closed so many days ago."""
    room, guest = await make_room(owner, workspace)
    agent = actor(workspace, ActorKind.AGENT, workspace.staff["t1"])
    await owner.execute(
        "INSERT INTO room_participants (room_id, user_id, workspace_id) VALUES ($1, $2, $3)",
        room,
        agent.id,
        workspace.id,
    )
    said = await fly(owner, workspace, posting(guest, room, words), posting(agent, room, "goodbye", note=True))
    await owner.execute(
        "INSERT INTO message_reactions (workspace_id, message_id, user_id, emoji) VALUES ($1, $2, $3, '👍')",
        workspace.id,
        said[0].id,
        agent.id,
    )
    await owner.execute(
        "INSERT INTO unanswered_questions (workspace_id, room_id, question, reason) VALUES ($1, $2, $3, 'low_score')",
        workspace.id,
        room,
        words,
    )
    await owner.execute(
        "UPDATE chat_rooms SET status = 'closed', closed_at = now() - make_interval(days => $2) WHERE id = $1",
        room,
        days_ago,
    )
    return room


async def rows_of(owner: Connection, room: UUID) -> tuple[int, int]:
    messages = await owner.fetchval("SELECT count(*) FROM messages WHERE room_id = $1", room)
    events = await owner.fetchval("SELECT count(*) FROM room_events WHERE room_id = $1", room)
    return messages, events


async def test_a_room_past_its_policy_moves_into_the_archive(
    owner: Connection, workspace: Workspace, db: Database, store: ArchiveStore
) -> None:
    old = await closed_room(owner, workspace, days_ago=800, words="the old question")
    young = await closed_room(owner, workspace, days_ago=10)
    told = await actions.preview(db, WorkspaceId(workspace.id), NOW)
    assert (told.rooms, told.messages, told.held) == (1, 2, 0)
    assert await rows_of(owner, old) == (2, 2), "a preview touches nothing"

    assert await actions.run(db, store, WorkspaceId(workspace.id), NOW) == {"rooms_archived": 1, "archives_purged": 0}

    assert await rows_of(owner, old) == (0, 0)
    assert await rows_of(owner, young) == (2, 2)
    asked = await owner.fetch("SELECT room_id FROM unanswered_questions WHERE workspace_id = $1", workspace.id)
    assert [row["room_id"] for row in asked] == [young], "what was asked in vain leaves with its room"
    assert await owner.fetchval("SELECT status FROM chat_rooms WHERE id = $1", old) == "archived"
    archive = await owner.fetchrow("SELECT * FROM archive_transactions WHERE workspace_id = $1", workspace.id)
    assert archive is not None
    assert archive["status"] == "completed"
    packed = await store.get(f"{archive['location']}/manifest.json")
    assert sha256(packed) == archive["manifest_sha256"]
    files = {file["table"]: file for file in orjson.loads(packed)["files"]}
    for file in files.values():
        assert sha256(await store.get(file["path"])) == file["sha256"]
    messages = await parquet.unpack(await store.get(files["messages"]["path"]))
    assert [m["content"] for m in messages] == ["the old question", "goodbye"]
    assert files["message_reactions"]["rows"] == 1
    assert await owner.fetchval("SELECT room_id FROM archived_rooms WHERE archive_id = $1", archive["id"]) == old


async def test_history_keeps_no_copy_of_archived_text(
    owner: Connection, workspace: Workspace, db: Database, store: ArchiveStore
) -> None:
    room = await closed_room(owner, workspace, days_ago=800, words="a secret that must leave")
    async with owner.transaction():
        await owner.execute("UPDATE messages SET content = 'tomatoes' WHERE room_id = $1 AND seq = 1", room)
    await actions.run(db, store, WorkspaceId(workspace.id), NOW)
    kept = await owner.fetch("SELECT row_data FROM messages_history WHERE workspace_id = $1", workspace.id)
    assert kept
    assert not [row for row in kept if "secret" in row["row_data"] or "tomatoes" in row["row_data"]]


@pytest.mark.parametrize("scope", ["room", "guest", "workspace"])
async def test_a_hold_keeps_everything_and_says_so(
    owner: Connection, workspace: Workspace, db: Database, store: ArchiveStore, scope: str
) -> None:
    room = await closed_room(owner, workspace, days_ago=800)
    guest = await owner.fetchval("SELECT creator_id FROM chat_rooms WHERE id = $1", room)
    await owner.execute(
        "INSERT INTO legal_holds (workspace_id, scope, room_id, guest_id, reason) "
        "VALUES ($1, $2, $3, $4, 'a court order')",
        workspace.id,
        scope,
        room if scope == "room" else None,
        guest if scope == "guest" else None,
    )
    assert (await actions.preview(db, WorkspaceId(workspace.id), NOW)).held == 1
    assert (await actions.run(db, store, WorkspaceId(workspace.id), NOW))["rooms_archived"] == 0
    assert await rows_of(owner, room) == (2, 2)


async def test_a_room_type_has_its_own_policy(
    owner: Connection, workspace: Workspace, db: Database, store: ArchiveStore
) -> None:
    direct = await closed_room(owner, workspace, days_ago=40)
    support = await closed_room(owner, workspace, days_ago=40)
    await owner.execute("UPDATE chat_rooms SET room_type = 'direct' WHERE id = $1", direct)
    await owner.execute(
        "INSERT INTO retention_policies (workspace_id, subject, room_type, online_days, archive_days) "
        "VALUES ($1, 'messages', 'direct', 30, 30)",
        workspace.id,
    )
    await actions.run(db, store, WorkspaceId(workspace.id), NOW)
    assert await rows_of(owner, direct) == (0, 0)
    assert await rows_of(owner, support) == (2, 2)


class LyingStore(ArchiveStore):
    """A disk that says it wrote and gives back something else."""

    async def get(self, path: str) -> bytes:
        return (await super().get(path))[:-1]


async def test_nothing_is_deleted_when_the_archive_does_not_read_back(
    owner: Connection, workspace: Workspace, db: Database, tmp_path: Path
) -> None:
    room = await closed_room(owner, workspace, days_ago=800)
    with pytest.raises(Conflict, match="does not read back"):
        await actions.run(db, LyingStore(tmp_path / "objects"), WorkspaceId(workspace.id), NOW)
    assert await rows_of(owner, room) == (2, 2)
    failed = await owner.fetchrow("SELECT * FROM archive_transactions WHERE workspace_id = $1", workspace.id)
    assert failed is not None
    assert failed["status"] == "failed"


async def test_archives_are_purged_after_their_own_time(
    owner: Connection, workspace: Workspace, db: Database, store: ArchiveStore
) -> None:
    room = await closed_room(owner, workspace, days_ago=800)
    await actions.run(db, store, WorkspaceId(workspace.id), NOW)
    archive = await owner.fetchrow("SELECT * FROM archive_transactions WHERE workspace_id = $1", workspace.id)
    assert archive is not None
    seven_years = timedelta(days=2555)
    early = await actions.run(db, store, WorkspaceId(workspace.id), NOW + seven_years - timedelta(days=1))
    assert early["archives_purged"] == 0
    late = await actions.run(db, store, WorkspaceId(workspace.id), NOW + seven_years + timedelta(days=1))
    assert late["archives_purged"] == 1
    assert await owner.fetchval("SELECT count(*) FROM chat_rooms WHERE id = $1", room) == 0
    with pytest.raises(FileNotFoundError):
        await store.get(f"{archive['location']}/manifest.json")


KEEP_ARCHIVES = "UPDATE retention_policies SET archive_days = $2 WHERE workspace_id = $1 AND subject = 'messages'"


async def test_an_archive_without_a_time_is_kept_for_ever_and_the_preview_says_so(
    owner: Connection, workspace: Workspace, db: Database, store: ArchiveStore
) -> None:
    await owner.execute(KEEP_ARCHIVES, workspace.id, None)
    room = await closed_room(owner, workspace, days_ago=800)
    told = (await actions.preview(db, WorkspaceId(workspace.id), NOW)).as_facts()
    assert (told["rooms_to_archive"], told["of_them_kept_for_ever"]) == (1, 1)
    await actions.run(db, store, WorkspaceId(workspace.id), NOW)
    much_later = NOW + timedelta(days=365 * 500)
    assert (await actions.preview(db, WorkspaceId(workspace.id), much_later)).archives_to_purge == 0
    assert (await actions.run(db, store, WorkspaceId(workspace.id), much_later))["archives_purged"] == 0
    assert await owner.fetchval("SELECT status FROM chat_rooms WHERE id = $1", room) == "archived"

    # Who wants nothing kept says 0: archived and read back first, as ever, and purged by the run after that.
    await owner.execute(KEEP_ARCHIVES, workspace.id, 0)
    gone = await closed_room(owner, workspace, days_ago=800)
    told = (await actions.preview(db, WorkspaceId(workspace.id), NOW)).as_facts()
    assert (told["rooms_to_archive"], told["of_them_kept_for_ever"]) == (1, 0)
    done = await actions.run(db, store, WorkspaceId(workspace.id), NOW)
    assert done == {"rooms_archived": 1, "archives_purged": 0}
    tomorrow = NOW + timedelta(days=1)
    assert (await actions.run(db, store, WorkspaceId(workspace.id), tomorrow))["archives_purged"] == 1
    left = await owner.fetch("SELECT id FROM chat_rooms WHERE id = ANY ($1)", [room, gone])
    assert [row["id"] for row in left] == [room]


async def test_the_schema_says_what_a_policy_without_a_time_means(owner: Connection) -> None:
    said = await owner.fetchval(
        "SELECT col_description(attrelid, attnum) FROM pg_attribute "
        "WHERE attrelid = 'retention_policies'::regclass AND attname = 'archive_days'"
    )
    assert "NULL = kept there for ever" in said


async def test_everything_that_hangs_off_a_room_is_archived_or_stays_for_a_reason(owner: Connection) -> None:
    hanging = await owner.fetch(
        "SELECT DISTINCT conrelid::regclass::text AS name FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 "
        "AND confrelid IN ('chat_rooms'::regclass, 'messages'::regclass, 'robot_interactions'::regclass) "
        "AND NOT EXISTS (SELECT 1 FROM pg_inherits WHERE inhrelid = conrelid)"
    )
    assert {row["name"] for row in hanging} == set(TABLES) | set(STAYS)


async def test_rows_past_their_time_expire(owner: Connection, workspace: Workspace, db: Database) -> None:
    room, guest = await make_room(owner, workspace)
    await fly(owner, workspace, posting(guest, room, key="old"), posting(guest, room, key="new"))
    await owner.execute(
        "UPDATE message_dedup SET created_at = now() - interval '31 days' WHERE room_id = $1 AND client_msg_id = 'old'",
        room,
    )

    await jobs.expire_rows(db, Clock())
    left = await owner.fetch("SELECT client_msg_id FROM message_dedup WHERE room_id = $1", room)
    assert [row["client_msg_id"] for row in left] == ["new"]


ENDS = {
    "sessions": (8, "expires_at", "revoked_at"),
    "guest_sessions": (8, "expires_at", "revoked_at"),
    "socket_tickets": (1, "expires_at", "used_at"),
    "verification_tokens": (8, "expires_at", "used_at"),
    "invitations": (31, "expires_at", "accepted_at", "revoked_at"),
    "personal_access_tokens": (31, "expires_at", "revoked_at"),
    "outbox": (31, "done_at", "failed_at"),
}
"""Days after which a row is of no use to anybody, and the columns of which each can end it."""


async def credentials(owner: Connection, workspace: Workspace, table: str, count: int) -> list[UUID]:
    """Rows of a table of which none has ended."""
    user, secret = workspace.staff["t1"], "sha256($3::int::text::bytea || uuid_send(gen_random_uuid()))"
    role = "(SELECT id FROM roles WHERE workspace_id = $1 AND name = 'agent')"
    site = "(SELECT id FROM sites WHERE workspace_id = $1 LIMIT 1)"
    later = "now() + interval '1 year'"
    columns, values = {
        "sessions": ("user_id, token_hash, expires_at", f"$2, {secret}, {later}"),
        "guest_sessions": ("guest_id, token_hash, expires_at, site_id", f"$2, {secret}, {later}, {site}"),
        "socket_tickets": ("user_id, token_hash, expires_at", f"$2, {secret}, {later}"),
        "verification_tokens": (
            "user_id, token_hash, expires_at, purpose, email",
            f"$2, {secret}, {later}, 'password_reset', 'a@desk.test'",
        ),
        "invitations": (
            "accepted_by, token_hash, expires_at, email, role_id",
            f"$2, {secret}, {later}, 'a@desk.test', {role}",
        ),
        "personal_access_tokens": (
            "user_id, token_hash, expires_at, name, token_prefix",
            f"$2, {secret}, NULL, 'mine', 'sd_'",
        ),
        "outbox": ("kind, payload", "'test', jsonb_build_object('of', $2::uuid, 'n', $3::int)"),
    }[table]
    insert = f"INSERT INTO {table} (workspace_id, {columns}) VALUES ($1, {values}) RETURNING id"  # noqa: S608 - ours
    return [await owner.fetchval(insert, workspace.id, user, number) for number in range(count)]


@pytest.mark.parametrize("table", ENDS)
async def test_what_has_ended_is_deleted_however_it_ended(
    owner: Connection, workspace: Workspace, db: Database, table: str
) -> None:
    days, *ends = ENDS[table]
    lasting, *ended = await credentials(owner, workspace, table, 1 + 2 * len(ends))
    for number, row in enumerate(ended):
        column, age = ends[number // 2], days if number % 2 == 0 else 0
        await owner.execute(
            f"UPDATE {table} SET {column} = now() - make_interval(days => $2) WHERE id = $1",  # noqa: S608 - ours
            row,
            age,
        )
    await jobs.expire_rows(db, Clock())
    left = await owner.fetch(f"SELECT id FROM {table} WHERE workspace_id = $1", workspace.id)  # noqa: S608 - ours
    assert {row["id"] for row in left} == {lasting, *ended[1::2]}, "what has only just ended may still be asked about"


async def test_everything_that_has_an_end_expires_or_lasts_for_a_reason(owner: Connection) -> None:
    ending = await owner.fetch(
        "SELECT DISTINCT c.relname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
        "WHERE a.attname IN ('expires_at', 'ttl', 'used_at', 'done_at') AND c.relkind IN ('r', 'p') "
        "AND c.relnamespace = 'public'::regnamespace AND NOT a.attisdropped AND NOT c.relispartition"
    )
    assert {row["relname"] for row in ending} - set(expiry.EXPIRING) == set(expiry.LASTS)


async def test_partitions_are_made_ahead(owner: Connection, db: Database) -> None:
    name = await owner.fetchval(
        "SELECT max(inhrelid::regclass::text) FROM pg_inherits WHERE inhparent = 'messages'::regclass"
    )
    await owner.execute(f"ALTER TABLE messages DETACH PARTITION {name}")
    await owner.execute(f"DROP TABLE {name}")
    made = await jobs.make_partitions(db)
    assert made is not None
    assert made["made"] >= 1
    assert await owner.fetchval("SELECT to_regclass($1) IS NOT NULL", name)
