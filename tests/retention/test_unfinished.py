"""Archives whose process died: what they left is found and removed, and what is being written is left alone."""

import signal
import sys
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from supportdesk.actor import WorkspaceId
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database
from supportdesk.core.ids import uuid7
from supportdesk.errors import Conflict
from supportdesk.retention import actions, jobs
from supportdesk.retention.store import ArchiveStore
from tests.commands.shell import run
from tests.factories import Connection, Workspace
from tests.retention.test_keeping import NOW, closed_room, rows_of, store
from tests.retention.test_races import Meddling

__all__ = ["store"]
AGE = "UPDATE archive_transactions SET started_at = now() - interval '7 hours' WHERE workspace_id = $1"


def objects(tmp_path: Path) -> set[Path]:
    return {path for path in (tmp_path / "objects").rglob("*") if path.is_file()}


async def archive_of(owner: Connection, workspace: Workspace) -> asyncpg.Record:
    row = await owner.fetchrow("SELECT * FROM archive_transactions WHERE workspace_id = $1", workspace.id)
    assert row is not None
    return row


async def test_what_a_killed_archive_left_is_removed_and_the_rooms_leave_later(
    owner: Connection, workspace: Workspace, db: Database, store: ArchiveStore, database_dsn: str, tmp_path: Path
) -> None:
    room = await closed_room(owner, workspace, days_ago=800)
    program = (sys.executable, "-m", "tests.retention.killed")
    ended = run(tmp_path, database_dsn, tmp_path / "objects", str(workspace.id), program=program)
    assert ended.status == -signal.SIGKILL, ended.err
    left = objects(tmp_path)
    assert any("#" in path.name for path in left)
    assert (await archive_of(owner, workspace))["status"] == "running"

    await jobs.remove_unfinished_archives(db, store, Clock())
    assert objects(tmp_path) == left, "for all one knows it is being written now"

    await owner.execute(AGE, workspace.id)
    await jobs.remove_unfinished_archives(db, store, Clock())
    assert not objects(tmp_path)
    archive = await archive_of(owner, workspace)
    assert (archive["status"], archive["location"]) == ("failed", None)
    assert archive["error_message"] == "Its process ended before it was complete."
    assert await rows_of(owner, room) == (2, 2)

    assert (await actions.run(db, store, WorkspaceId(workspace.id), NOW))["rooms_archived"] == 1
    kept = objects(tmp_path)
    await owner.execute(AGE, workspace.id)
    await jobs.remove_unfinished_archives(db, store, Clock())
    assert objects(tmp_path) == kept, "a whole archive is never removed, however old"


async def test_an_archive_that_was_given_up_while_it_was_written_is_never_completed(
    owner: Connection, workspace: Workspace, db: Database, tmp_path: Path
) -> None:
    room = await closed_room(owner, workspace, days_ago=800)

    async def meddle() -> None:
        await owner.execute(AGE, workspace.id)
        assert await actions.remove_unfinished(db, meddling, WorkspaceId(workspace.id), NOW) == 1
        # The files are back when it comes to the end, as if the disk had been slow.
        for path, data in written.items():
            await ArchiveStore.put(meddling, path, data)

    class Remembering(Meddling):
        async def put(self, path: str, data: bytes) -> None:
            written[path] = data
            await super().put(path, data)

    written: dict[str, bytes] = {}
    meddling = Remembering(tmp_path / "objects", meddle)
    with pytest.raises(Conflict, match="given up"):
        await actions.run(db, meddling, WorkspaceId(workspace.id), NOW)
    assert await rows_of(owner, room) == (2, 2)
    assert not meddling.left()
    archive = await archive_of(owner, workspace)
    assert (archive["status"], archive["location"]) == ("failed", None)


async def test_files_that_could_not_be_removed_are_removed_by_the_next_sweep(
    owner: Connection, workspace: Workspace, db: Database, store: ArchiveStore, tmp_path: Path
) -> None:
    class Stubborn(ArchiveStore):
        async def get(self, path: str) -> bytes:
            return (await super().get(path))[:-1]

        async def clear(self, _location: str, _archive_id: object) -> None:
            raise Conflict("The disk has gone.")

    await closed_room(owner, workspace, days_ago=800)
    with pytest.raises(Conflict, match="disk"):
        await actions.run(db, Stubborn(tmp_path / "objects"), WorkspaceId(workspace.id), NOW)
    assert objects(tmp_path)
    later = NOW + timedelta(hours=7)
    assert await actions.remove_unfinished(db, store, WorkspaceId(workspace.id), later) == 1
    assert not objects(tmp_path)
    assert await actions.remove_unfinished(db, store, WorkspaceId(workspace.id), later) == 0


@pytest.mark.parametrize("location", ["", ".", "archives", "../elsewhere/{id}", "/srv/{id}"])
async def test_only_an_archives_own_folder_is_ever_cleared(store: ArchiveStore, tmp_path: Path, location: str) -> None:
    archive_id = uuid7()
    await store.put(f"archives/a/{archive_id}/messages.parquet", b"kept")
    with pytest.raises(ValueError, match="is not the place of the archive"):
        await store.clear(location.format(id=archive_id), archive_id)
    assert len(objects(tmp_path)) == 1
