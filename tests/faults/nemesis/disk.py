"""A disk that is full: PostgreSQL on a small file system of its own, and a file that takes all that is left."""

import asyncio
import errno
import os
from pathlib import Path
from time import monotonic

from tests.faults.measures import lag
from tests.faults.nemesis.database import LAG_S, RECOVERED_S, recovered
from tests.faults.postgres import Postgres
from tests.faults.stage import Fault, Lacking, Stage
from tests.faults.world import World

SIZE_MB = 400
PIECES = (1024 * 1024, 4096)
FELT_WITHIN_S = 60.0


async def full(stage: Stage) -> None:
    """Under load the disk fills up; after a while there is room again."""
    disk = stage.folder / "disk"
    await _mount(stage, disk)
    stage.postgres = Postgres(disk / "postgres")
    await stage.postgres.start()
    stage.after.append(stage.postgres.stop)
    world, load = await stage.begin()
    before, slowest, acked = await stage.node.metrics(world.http), 0.0, 0
    for _ in range(stage.times(3)):
        await load.reaches(world.history.acked + 40)
        so_far = world.history.acked
        # As the desk does with its own: a server that died of it is started again, until there is room.
        async with stage.postgres.kept():
            _fill(disk / "ballast")
            await _is_felt(world)
            await asyncio.sleep(stage.lasts(10.0, 2.0))
            acked += world.history.acked - so_far
            (disk / "ballast").unlink()
            since = monotonic()
            await stage.postgres.answers()
            slowest = max(slowest, await recovered(stage, world, since))
    stage.note(f"PostgreSQL lay on a tmpfs of {SIZE_MB} MB of its own, and a file took what was left of it.")
    stage.figure("acknowledged while it was filling and full, all of them kept", acked, "")
    stage.figure("recovered, the slowest", slowest, "s", most=RECOVERED_S)
    stage.figure("loop lag p99", lag(before, await stage.node.metrics(world.http)), "s", most=LAG_S)


async def _mount(stage: Stage, disk: Path) -> None:
    os.makedirs(disk)  # noqa: PTH103 - of a few microseconds, before anybody is there
    await _run("mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=755", "faults", str(disk))

    async def unmount() -> None:
        await _run("umount", str(disk))

    stage.after.append(unmount)


async def _run(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    _, said = await process.communicate()
    if process.returncode:
        why = said.decode(errors="replace").strip()
        raise Lacking(f"A disk of its own for PostgreSQL needs the right to mount a tmpfs, so run this as root: {why}")


def _fill(path: Path) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        for size in PIECES:
            piece = bytes(size)
            try:
                while os.write(handle, piece) == size:
                    pass
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
    finally:
        os.close(handle)


async def _is_felt(world: World) -> None:
    """Wait until a send gets no acknowledgement for it."""
    before = sum(send.unknown for send in world.history.sends)
    async with asyncio.timeout(FELT_WITHIN_S):
        while sum(send.unknown for send in world.history.sends) == before:  # noqa: ASYNC110 - counted over many
            await asyncio.sleep(0.1)


FAULTS = [Fault("postgres-disk", "PostgreSQL's disk full: no acked message lost, no false ack, recovered ≤ 15 s", full)]
