"""What happens while rooms leave: nothing is lost, no hold is overrun, and no workspace waits for another."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from supportdesk.actor import ActorKind, WorkspaceId
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database
from supportdesk.errors import Conflict
from supportdesk.retention import actions, jobs, queries
from supportdesk.retention.store import ArchiveStore
from supportdesk.rooms.model import RoomId
from tests.factories import Connection, Workspace, make_workspace
from tests.messages.test_flight_sql import actor, fly, posting
from tests.retention.test_keeping import NOW, closed_room, rows_of, store

__all__ = ["store"]
LATE = NOW + timedelta(days=2560)


class Meddling(ArchiveStore):
    """A store in which something happens when the manifest is written: after the copy, before the rooms leave."""

    def __init__(self, folder: Path, meddle: Callable[[], object]) -> None:
        super().__init__(folder)
        self._meddle = meddle
        self.folder = folder

    async def put(self, path: str, data: bytes) -> None:
        await super().put(path, data)
        if path.endswith("manifest.json"):
            await self._meddle()  # type: ignore[misc]  # every meddler is asynchronous

    def left(self) -> list[Path]:
        return [path for path in self.folder.rglob("*") if path.is_file()]


async def hold(owner: Connection, workspace: Workspace, room: UUID, *, released: bool = False) -> None:
    await owner.execute(
        "INSERT INTO legal_holds (workspace_id, scope, room_id, reason, released_at) "
        "VALUES ($1, 'room', $2, 'a court order', CASE WHEN $3 THEN now() END)",
        workspace.id,
        room,
        released,
    )


async def test_a_hold_that_comes_during_the_copy_keeps_the_room(
    owner: Connection, workspace: Workspace, db: Database, tmp_path: Path
) -> None:
    room = await closed_room(owner, workspace, days_ago=800)
    meddling = Meddling(tmp_path / "objects", lambda: hold(owner, workspace, room))
    with pytest.raises(Conflict, match="hold"):
        await actions.run(db, meddling, WorkspaceId(workspace.id), NOW)
    assert await rows_of(owner, room) == (2, 2)
    assert not meddling.left(), "a failed archive leaves no copy that nobody would ever purge"


async def test_a_note_that_comes_during_the_copy_is_not_lost(
    owner: Connection, workspace: Workspace, db: Database, tmp_path: Path
) -> None:
    room = await closed_room(owner, workspace, days_ago=800)
    agent = actor(workspace, ActorKind.AGENT, workspace.staff["t1"])

    async def meddle() -> None:
        await fly(owner, workspace, posting(agent, RoomId(room), "one more thing", key="late", note=True))

    with pytest.raises(Conflict, match="changed"):
        await actions.run(db, Meddling(tmp_path / "objects", meddle), WorkspaceId(workspace.id), NOW)
    assert await rows_of(owner, room) == (3, 3)


async def test_rooms_that_leave_are_closed_to_last_notes(owner: Connection, workspace: Workspace, db: Database) -> None:
    room = await closed_room(owner, workspace, days_ago=800)
    agent = actor(workspace, ActorKind.AGENT, workspace.staff["t1"])
    async with db.read(agent) as conn:
        due = await queries.list_due(conn, agent.workspace_id, NOW, ["support"], 10)
    async with db.transaction(agent) as tx:
        assert await queries.unchanged(tx.conn, due)
        verdict = (await fly(owner, workspace, posting(agent, RoomId(room), "too late", key="late", note=True)))[0]
    assert verdict.outcome == "busy"


async def test_a_completed_archive_is_never_given_up(
    owner: Connection, workspace: Workspace, db: Database, store: ArchiveStore
) -> None:
    await closed_room(owner, workspace, days_ago=800)
    await actions.run(db, store, WorkspaceId(workspace.id), NOW)
    archive = await owner.fetchval("SELECT id FROM archive_transactions WHERE workspace_id = $1", workspace.id)
    async with db.transaction(actor(workspace, ActorKind.AGENT, workspace.staff["t1"])) as tx:
        await tx.conn.execute("SET LOCAL ROLE desk_jobs")
        assert not await queries.fail_archive(tx.conn, archive, "the answer to its commit was lost")
    assert await owner.fetchval("SELECT status FROM archive_transactions WHERE id = $1", archive) == "completed"


async def test_a_released_hold_does_not_stop_the_purge(
    owner: Connection, workspace: Workspace, db: Database, store: ArchiveStore
) -> None:
    room = await closed_room(owner, workspace, days_ago=800)
    await hold(owner, workspace, room, released=True)
    await actions.run(db, store, WorkspaceId(workspace.id), NOW)
    assert (await actions.run(db, store, WorkspaceId(workspace.id), LATE))["archives_purged"] == 1
    assert not await owner.fetchval("SELECT EXISTS (SELECT 1 FROM chat_rooms WHERE id = $1)", room)


async def test_history_keeps_no_words_of_a_purged_room(
    owner: Connection, workspace: Workspace, db: Database, store: ArchiveStore
) -> None:
    room = await closed_room(owner, workspace, days_ago=800)
    await owner.execute("UPDATE chat_rooms SET name = 'the secret name' WHERE id = $1", room)
    await owner.execute("UPDATE chat_rooms SET name = 'another' WHERE id = $1", room)
    await owner.execute(
        "INSERT INTO escalations (workspace_id, source_room_id, reason, from_level, to_level) "
        "VALUES ($1, $2, 'the secret reason', 'T1', 'T2')",
        workspace.id,
        room,
    )
    await owner.execute("UPDATE escalations SET status = 'cancelled' WHERE source_room_id = $1", room)
    await actions.run(db, store, WorkspaceId(workspace.id), NOW)
    await actions.run(db, store, WorkspaceId(workspace.id), LATE)
    for table in ("chat_rooms_history", "escalations_history"):
        kept = await owner.fetch(f"SELECT row_data::text FROM {table} WHERE workspace_id = $1", workspace.id)  # noqa: S608
        assert kept
        assert not [row for row in kept if "secret" in row["row_data"]], table


async def test_a_workspace_whose_archive_fails_keeps_no_other_waiting(
    owner: Connection, workspace: Workspace, db: Database, tmp_path: Path
) -> None:
    class Refusing(ArchiveStore):
        async def put(self, path: str, data: bytes) -> None:
            if str(workspace.id) in path:
                raise Conflict("This folder is full.")
            await super().put(path, data)

    await closed_room(owner, workspace, days_ago=800)
    other = await make_workspace(owner)
    room = await closed_room(owner, other, days_ago=800)
    with pytest.raises(Conflict, match="full"):
        await jobs.keep_by_policy(db, Refusing(tmp_path / "objects"), Clock())
    assert await rows_of(owner, room) == (0, 0)
