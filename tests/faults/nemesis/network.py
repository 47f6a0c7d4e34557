"""What networks do: cut, go silent, slow down, lose; and peers that stop reading."""

import asyncio
from time import monotonic

from tests.faults.client import Client
from tests.faults.measures import ack_times, percentile
from tests.faults.proxy import Proxy, Weather
from tests.faults.stage import CONVERGENCE_S, Fault, Stage
from tests.faults.world import World

PING_S = 1
"""Interval and time-out of the pings here, so that a zombie's time can be waited for."""
PINGS = {"PING_INTERVAL_S": str(PING_S), "PING_TIMEOUT_S": str(PING_S)}
ZOMBIE_S = 2.0 * PING_S
LEEWAY_S = 2.0
"""The desk looks after its sockets once a second at most."""
LOST, EACH_S = 0.05, 1.0
"""Share of the chunks that come late, and of the connections that are reset each time so many seconds are over."""
STALLED, STALLED_BRIEFLY = 50, 10
MOST_OF_A_READER = 2 * 1024 * 1024
CUT_WITHIN_S = 10.0
NARROW_BYTES_S = 1000  # 8 kbit/s
LOUD_ROOMS = 2
LONG_WORDS = 1500
AT_LEISURE = {"PING_INTERVAL_S": "25", "PING_TIMEOUT_S": "20"}
"""The product's own: pings are to notice nothing before the slow reader is noticed for what it is."""
ZOMBIES = 'supportdesk_sockets_cut_total{reason="ping timeout"}'
CUTS = 'supportdesk_sockets_cut_total{reason="slow_consumer"}'


async def _behind_proxy(stage: Stage) -> tuple[World, Proxy]:
    await stage.add_node(PINGS).start()
    proxy = await stage.proxy()
    return await stage.people(via=proxy.url), proxy


async def reset(stage: Stage) -> None:
    """Every connection is reset at once, again and again; then each after so many bytes."""
    world, proxy = await _behind_proxy(stage)
    load = stage.talk(world)
    ended = 0
    for _ in range(stage.times(20)):
        await load.reaches(world.history.acked + stage.random.randint(10, 60))
        ended += proxy.reset()
        await stage.converges(world)
    proxy.weather = Weather(drop_after=20_000)
    await asyncio.sleep(stage.lasts(15.0, 3.0))
    proxy.weather = Weather()
    stage.figure("connections reset", ended, "")
    stage.figure("converged, the slowest", await stage.converges(world), "s")


async def half_open(stage: Stage) -> None:
    """Connections go silent without an end: neither side is told."""
    world, proxy = await _behind_proxy(stage)
    load = stage.talk(world)
    slowest = 0.0
    for _ in range(stage.times(5)):
        await load.reaches(world.history.acked + stage.random.randint(10, 60))
        await world.all_up()
        gone = (await stage.node.metrics(world.http)).get(ZOMBIES, 0.0) + len(world.clients)
        proxy.silence()
        since = monotonic()
        slowest = max(slowest, await _counted(stage, world, ZOMBIES, gone))
        await stage.converges(world, since + ZOMBIE_S)
    stage.figure("zombies gone, the slowest", slowest, "s", most=ZOMBIE_S + LEEWAY_S)


async def slow(stage: Stage) -> None:
    """500 ms ± 200 each way."""
    world, proxy = await _behind_proxy(stage)
    proxy.weather = Weather(latency_s=0.5, jitter_s=0.2)
    load = stage.talk(world)
    began = monotonic()
    await asyncio.sleep(stage.lasts(40.0, 4.0))
    stage.figure("ack p50", percentile(ack_times(world.history, began, monotonic()), 0.5), "s")
    await load.stop()
    stage.figure("converged behind it", await stage.converges(world), "s")


async def loss(stage: Stage) -> None:
    """5 % loss. TCP turns a lost segment into a delay, and a lost path into a lost connection: both happen here."""
    world, proxy = await _behind_proxy(stage)
    proxy.weather = Weather(latency_s=0.02, lost=LOST)
    load = stage.talk(world)
    ended, until = 0, monotonic() + stage.lasts(40.0, 4.0)
    while monotonic() < until:
        await asyncio.sleep(EACH_S)
        ended += proxy.reset(LOST)
    await load.stop()
    stage.note(
        "5 % of the chunks come a retransmission (200 ms) late, and each second 5 % of the connections are reset."
    )
    stage.figure("connections lost", ended, "")
    stage.figure("converged behind it", await stage.converges(world), "s")


async def narrow(stage: Stage) -> None:
    """8 kbit/s in each direction of each connection."""
    await stage.add_node().start()
    proxy = await stage.proxy()
    world = await stage.people(clients=24)
    slow_ones = [world.client(c.person, c.speaks_in()[:1], name=f"{c.name} narrow") for c in world.clients[:8]]
    for client in slow_ones:
        client.url = proxy.url
        client.start()
    await world.all_up()
    proxy.weather = Weather(bytes_per_s=NARROW_BYTES_S)
    load = stage.talk(world, 3.0, longest=8, reads=0.0)
    await asyncio.sleep(stage.lasts(40.0, 4.0))
    await load.stop()
    stage.figure("converged behind it", await stage.converges(world), "s")
    proxy.weather = Weather()


async def stalled(stage: Stage) -> None:
    """Peers that stop reading, in rooms where much is said."""
    await stage.add_node(AT_LEISURE).start()
    proxy = await stage.proxy()
    proxy.weather = Weather(kernel_buffer=4096)
    world = await stage.people()
    load = stage.talk(world, 40.0, only=set(world.rooms[:LOUD_ROOMS]), longest=LONG_WORDS, reads=0.0)
    await asyncio.sleep(stage.lasts(15.0, 2.0))
    began = monotonic()
    await asyncio.sleep(stage.lasts(20.0, 3.0))
    readers = await _readers(stage, world, proxy)
    since, cuts = monotonic(), (await stage.node.metrics(world.http)).get(CUTS, 0.0)
    before = stage.node.rss()
    usual = percentile(ack_times(world.history, began, since), 0.99)
    for reader in readers:
        reader.wants_up.clear()
    count = proxy.stall()
    peaks = [before]
    cut_after = await _cut(stage, world, cuts + count, peaks)
    still = [line["still_s"] for line in stage.node.logged("socket.cut") if line["reason"] == "slow_consumer"]
    stage.figure("readers that stalled", count, "")
    stage.figure("memory for each", (max(peaks) - before) / count, "bytes", most=MOST_OF_A_READER)
    stage.figure("the longest that one of them had taken nothing when it was cut", max(still), "s", most=CUT_WITHIN_S)
    stage.figure("the last was cut, while the network's own buffers filled", cut_after, "s")
    meanwhile = percentile(ack_times(world.history, since, since + cut_after), 0.99)
    stage.figure("ack p99 of the others before", usual, "s")
    stage.figure("ack p99 of the others meanwhile", meanwhile, "s", most=round(1.2 * usual, 4))
    proxy.reset()
    for reader in readers:
        reader.wants_up.set()
    await load.stop()


async def _readers(stage: Stage, world: World, proxy: Proxy) -> list[Client]:
    """Further sockets of the people, behind the proxy, who hear and say nothing."""
    count = STALLED_BRIEFLY if stage.is_brief else STALLED
    readers = []
    for n in range(count):
        room = world.rooms[n % LOUD_ROOMS]
        reader = world.client(stage.random.choice(world.members(room)).person, [room], name=f"reader {n}")
        reader.url, reader.is_silent = proxy.url, True
        reader.start()
        readers.append(reader)
    await world.all_up(readers)
    return readers


async def _cut(stage: Stage, world: World, cuts: float, peaks: list[int]) -> float:
    """Seconds until the desk has cut so many; notes its memory meanwhile."""
    began = monotonic()
    async with asyncio.timeout(CONVERGENCE_S):
        while (await stage.node.metrics(world.http)).get(CUTS, 0.0) < cuts:
            peaks.append(stage.node.rss())
            await asyncio.sleep(0.1)
    return monotonic() - began


async def _counted(stage: Stage, world: World, name: str, count: float) -> float:
    """Seconds until a counter of the desk has reached a number."""
    began = monotonic()
    async with asyncio.timeout(CONVERGENCE_S):
        while (await stage.node.metrics(world.http)).get(name, 0.0) < count:  # noqa: ASYNC110 - another process's
            await asyncio.sleep(0.1)
    return monotonic() - began


FAULTS = [
    Fault("net-reset", "connections reset: gap-free", reset),
    Fault("net-half-open", "connections go silent: gap-free, zombies gone in ping interval + timeout", half_open),
    Fault("net-slow", "500 ms ± 200: gap-free", slow),
    Fault("net-loss", "5 % loss: gap-free", loss),
    Fault("net-narrow", "8 kbit/s: gap-free", narrow),
    Fault("stalled", "50 stalled readers: ≤ 2 MB each, others' p99 ≤ +20 %, cut ≤ 10 s", stalled),
]
