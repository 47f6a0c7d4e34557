"""PostgreSQL killed, frozen, without room for one more connection, and with one room's row held by somebody."""

import asyncio
from contextlib import suppress
from time import monotonic
from uuid import UUID

import asyncpg

from tests.faults.measures import ack_times, lag, percentile
from tests.faults.postgres import Connection
from tests.faults.stage import CONVERGENCE_S, Fault, Stage
from tests.faults.world import World

RECOVERED_S = 15.0
LAG_S = 0.1
OTHERS_TIMES = 3.0
"""How many times slower the other rooms may become before they count as affected."""
OTHERS_S = 0.25
CUT_DESK = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'supportdesk %'"


async def kill(stage: Stage) -> None:
    """Kill -9 of the postmaster and all its backends, under load."""
    world, load = await stage.begin()
    slowest, before = 0.0, await stage.node.metrics(world.http)
    for _ in range(stage.times(5)):
        await load.reaches(world.history.acked + stage.random.randint(20, 80))
        stage.postgres.kill()
        await asyncio.sleep(stage.random.uniform(0.2, stage.lasts(5.0, 1.0)))
        await stage.postgres.revive()
        slowest = max(slowest, await recovered(stage, world, monotonic()))
    await _judge(stage, world, before, slowest)


async def freeze(stage: Stage) -> None:
    """SIGSTOP of all processes: connections stay open and nothing answers."""
    world, load = await stage.begin()
    slowest, before = 0.0, await stage.node.metrics(world.http)
    for _ in range(stage.times(1 if stage.is_brief else 2)):
        await load.reaches(world.history.acked + stage.random.randint(20, 80))
        stage.postgres.freeze()
        try:
            await asyncio.sleep(stage.lasts(30.0, 4.0))
        finally:
            stage.postgres.resume()
        slowest = max(slowest, await recovered(stage, world, monotonic()))
    await _judge(stage, world, before, slowest)


async def connections(stage: Stage) -> None:
    """Others take every connection; the desk's own are ended, so that it must ask for new ones and gets none."""
    world, load = await stage.begin()
    slowest, before = 0.0, await stage.node.metrics(world.http)
    for _ in range(stage.times(3)):
        await load.reaches(world.history.acked + stage.random.randint(20, 80))
        others = await _take_all(stage)
        stage.figure("connections that others took", len(others), "")
        await asyncio.sleep(stage.lasts(10.0, 1.5))
        for conn in others:
            conn.terminate()
        slowest = max(slowest, await recovered(stage, world, monotonic()))
    await _judge(stage, world, before, slowest)


async def _take_all(stage: Stage) -> list[Connection]:
    others: list[Connection] = []
    first = await asyncpg.connect(stage.postgres.dsn)
    others.append(first)
    for _ in range(3):  # the desk comes back meanwhile: until nothing is left to it
        await first.execute(CUT_DESK)
        with suppress(asyncpg.TooManyConnectionsError):
            while True:
                others.append(await asyncpg.connect(stage.postgres.dsn))
    return others


async def locked(stage: Stage) -> None:
    """Somebody holds one room's row: its messages wait, those of the others do not."""
    world, load = await stage.begin()
    room = world.rooms[0]
    others = set(world.rooms[1:])
    before = await stage.node.metrics(world.http)
    began = monotonic()
    await asyncio.sleep(stage.lasts(10.0, 3.0))
    slowest = 0.0
    for _ in range(stage.times(1 if stage.is_brief else 3)):
        holder = await asyncpg.connect(stage.postgres.dsn)
        since = monotonic()
        async with holder.transaction():
            await holder.execute("SELECT 1 FROM room_heads WHERE room_id = $1 FOR UPDATE", UUID(room))
            await asyncio.sleep(stage.lasts(20.0, 4.0))
        until = monotonic()
        await holder.close()
        slowest = max(slowest, await recovered(stage, world, until))
    inside = {client.person.id for client in world.members(room)}
    usual = percentile(ack_times(world.history, began, since, others, inside), 0.99)
    meanwhile = percentile(ack_times(world.history, since, until, others, inside), 0.99)
    bound = max(OTHERS_S, OTHERS_TIMES * usual)
    stage.figure("ack p99 of the other rooms before", usual, "s")
    stage.figure("ack p99 of the other rooms meanwhile", meanwhile, "s", most=round(bound, 3))
    held_up = percentile(ack_times(world.history, since, until, others), 0.99)
    stage.figure("the same with those who also speak in the locked room: a socket's events wait in line", held_up, "s")
    await _judge(stage, world, before, slowest)
    await load.stop()


async def recovered(stage: Stage, world: World, since: float) -> float:
    """Seconds until a message that was begun after the fault is acknowledged, and everybody has everything."""
    async with asyncio.timeout(CONVERGENCE_S):
        while not ack_times(world.history, since, monotonic()):  # noqa: ASYNC110 - counted over many senders
            await asyncio.sleep(0.05)
    return await stage.converges(world, since)


async def _judge(stage: Stage, world: World, before: dict[str, float], slowest: float) -> None:
    stage.figure("recovered, the slowest", slowest, "s", most=RECOVERED_S)
    stage.figure("loop lag p99", lag(before, await stage.node.metrics(world.http)), "s", most=LAG_S)


FAULTS = [
    Fault("postgres-kill", "PostgreSQL killed -9: no acked message lost, recovered ≤ 15 s, lag p99 < 100 ms", kill),
    Fault("postgres-freeze", "PostgreSQL frozen for 30 s: as above", freeze),
    Fault("postgres-connections", "every connection taken by others: as above", connections),
    Fault("postgres-locked", "a room's row locked for 20 s: as above, other rooms unaffected", locked),
]
