"""Preview, archive, purge: in this order, never the other way round."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import orjson
import structlog

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.audit.actions import note
from supportdesk.audit.model import Subject
from supportdesk.core.db import Database, Lane
from supportdesk.core.ids import uuid7
from supportdesk.errors import Conflict
from supportdesk.retention import parquet, queries
from supportdesk.retention.model import BATCH, TABLES, Due, File, Policy, Preview, manifest, sha256
from supportdesk.retention.store import ArchiveStore
from supportdesk.rooms.model import RoomType

log = structlog.get_logger(__name__)

MANIFEST: Final = "manifest.json"
UNFINISHED: Final = timedelta(hours=6)
"""An archive is the work of minutes; one that is not complete after this long never will be."""


def types_of(policy: Policy, policies: list[Policy]) -> list[str]:
    """The room types a policy speaks for: its own, or all that have none of their own."""
    if policy.room_type is not None:
        return [policy.room_type]
    own = {p.room_type for p in policies}
    return [str(kind) for kind in RoomType if str(kind) not in own]


async def preview(db: Database, workspace_id: WorkspaceId, now: datetime) -> Preview:
    """What a run would do now; touches nothing."""
    async with db.read(Actor.system(workspace_id), lane=Lane.JOBS) as conn:
        policies = await queries.list_policies(conn, workspace_id)
        found = [
            await queries.preview(conn, workspace_id, now - policy.online, types_of(policy, policies))
            for policy in policies
        ]
        purgeable = await queries.list_purgeable(conn, workspace_id, now)
    endless = [part for part, policy in zip(found, policies, strict=True) if policy.archived is None]
    oldest = [part["oldest"] for part in found if part["oldest"]]
    return Preview(
        rooms=sum(part["rooms"] for part in found),
        rooms_for_ever=sum(part["rooms"] for part in endless),
        messages=int(sum(part["messages"] for part in found)),
        oldest=min(oldest) if oldest else None,
        held=sum(part["held"] for part in found),
        archives_to_purge=len(purgeable),
    )


async def run(db: Database, store: ArchiveStore, workspace_id: WorkspaceId, now: datetime) -> dict[str, int]:
    """Archive what is due, batch by batch, then purge what is due; returns how much."""
    rooms = await _archive_due(db, store, workspace_id, now)
    purged = await _purge_due(db, store, workspace_id, now)
    return {"rooms_archived": rooms, "archives_purged": purged}


async def _archive_due(db: Database, store: ArchiveStore, workspace_id: WorkspaceId, now: datetime) -> int:
    actor = Actor.system(workspace_id)
    async with db.read(actor, lane=Lane.JOBS) as conn:
        policies = await queries.list_policies(conn, workspace_id)
    archived = 0
    for policy in policies:
        while True:
            async with db.read(actor, lane=Lane.JOBS) as conn:
                due = await queries.list_due(conn, workspace_id, now - policy.online, types_of(policy, policies), BATCH)
            if not due:
                break
            await _archive(db, store, actor, due, policy, now)
            archived += len(due)
    return archived


async def _archive(
    db: Database, store: ArchiveStore, actor: Actor, due: list[Due], policy: Policy, now: datetime
) -> None:
    workspace_id, archive_id = actor.workspace_id, uuid7()
    location = f"archives/{workspace_id}/{now:%Y-%m}/{archive_id}"
    async with db.transaction(actor, lane=Lane.JOBS) as tx:
        await queries.start_archive(tx.conn, workspace_id, archive_id, location)
    try:
        files = await _copy(db, store, actor, due, location)
        packed = manifest(archive_id, workspace_id, files, due, now)
        await store.put(f"{location}/{MANIFEST}", packed)
        await _read_back(store, files, packed, location)
        async with db.transaction(actor, lane=Lane.JOBS) as tx:
            if not await queries.unchanged(tx.conn, due):
                raise Conflict("A room changed or was put under a hold while it was copied; the next run looks again.")
            is_complete = await queries.complete_archive(
                tx.conn,
                archive_id,
                rooms=due,
                row_counts={file.table: file.rows for file in files},
                location=location,
                manifest=packed,
                digest=sha256(packed),
                keep=policy.archived,
            )
            if not is_complete:
                raise Conflict("The archive took so long that it was given up; the next run begins anew.")
            await queries.take_offline(tx.conn, workspace_id, archive_id, due)
            await note(tx, "rooms.archived", Subject("archive", archive_id), rooms=len(due))
    except BaseException as error:
        # Nothing would ever purge what it has written.
        await _give_up(db, store, actor, archive_id, location, f"{type(error).__name__}: {error}")
        raise
    log.info("retention.archived", archive=str(archive_id), rooms=len(due))


async def _give_up(
    db: Database, store: ArchiveStore, actor: Actor, archive_id: UUID, location: str, problem: str
) -> bool:
    """Let an archive fail and remove its files, in this order: what is failed can never be completed any more."""
    async with db.transaction(actor, lane=Lane.JOBS) as tx:
        is_given_up = await queries.fail_archive(tx.conn, archive_id, problem)
    if is_given_up:
        await store.clear(location, archive_id)
        async with db.transaction(actor, lane=Lane.JOBS) as tx:
            await queries.forget_location(tx.conn, archive_id)
    return is_given_up


async def remove_unfinished(db: Database, store: ArchiveStore, workspace_id: WorkspaceId, now: datetime) -> int:
    """Remove what archives left behind whose process died over them; returns how many archives.

    One that is being written now is younger than that, and could not be completed if it were not.
    """
    actor = Actor.system(workspace_id)
    async with db.read(actor, lane=Lane.JOBS) as conn:
        unfinished = await queries.list_unfinished(conn, workspace_id, now - UNFINISHED)
    problem = "Its process ended before it was complete."
    removed = 0
    for archive_id, location in unfinished:
        removed += await _give_up(db, store, actor, archive_id, location, problem)
    return removed


async def _copy(db: Database, store: ArchiveStore, actor: Actor, due: list[Due], location: str) -> list[File]:
    """Write one file per table, all from one snapshot."""
    async with db.read(actor, lane=Lane.JOBS) as conn:
        tables = {table: await queries.copy_table(conn, table, due) for table in TABLES}
    files = []
    for table, rows in tables.items():
        if not rows:
            continue
        data = await parquet.pack(rows)
        path = f"{location}/{table}.parquet"
        await store.put(path, data)
        files.append(File(table=table, path=path, rows=len(rows), sha256=sha256(data), size=len(data)))
    return files


async def _read_back(store: ArchiveStore, files: list[File], packed: bytes, location: str) -> None:
    """Nothing is deleted on the word of a write: every byte is read again first."""
    for file in files:
        if sha256(await store.get(file.path)) != file.sha256:
            raise Conflict(f"The archive file {file.path} does not read back as it was written.")
    if await store.get(f"{location}/{MANIFEST}") != packed:
        raise Conflict(f"The manifest of {location} does not read back as it was written.")


async def _purge_due(db: Database, store: ArchiveStore, workspace_id: WorkspaceId, now: datetime) -> int:
    actor = Actor.system(workspace_id)
    async with db.read(actor, lane=Lane.JOBS) as conn:
        due = await queries.list_purgeable(conn, workspace_id, now)
    purged = 0
    for archive in due:
        archive_id: UUID = archive["id"]
        async with db.transaction(actor, lane=Lane.JOBS) as tx:
            if await queries.is_held(tx.conn, archive_id):
                continue
        # The objects go first: after a crash in between the next run finds the row and deletes what is left of them.
        paths = [file["path"] for file in orjson.loads(archive["manifest"])["files"]]
        await store.delete([*paths, f"{archive['location']}/{MANIFEST}"])
        async with db.transaction(actor, lane=Lane.JOBS) as tx:
            await queries.purge(tx.conn, archive_id)
            await note(tx, "archive.purged", Subject("archive", archive_id))
        purged += 1
    return purged
