"""What people do all at once, and what is done to them: storms, revoked memberships, much coming and going."""

import asyncio
from contextlib import suppress
from time import monotonic

from supportdesk.core.tasks import Tasks
from tests.faults.checker import Expected
from tests.faults.client import Client
from tests.faults.history import Removal
from tests.faults.link import Json, Link, LinkLost, Refused
from tests.faults.stage import CONVERGENCE_S, Fault, Stage
from tests.faults.world import SETUP_S, World

STORM, STORM_BRIEFLY = 1000, 120
STORM_S = 1.0
NOT_FOUND = 404
MISSED = 100
RESUMED_S = 30.0
CHURN, CHURN_BRIEFLY = 20_000, 100
CHURN_A_SECOND = 50.0
PLATEAU_AFTER = 2000
SETTLED_AFTER = 10
"""Messages of the load before the desk is looked at for the first time: it has made by then what it keeps."""
PLATEAU_BYTES = 10 * 1024 * 1024
SETTLED_S = 20.0
SLACK = 8
"""Descriptors and tasks that may come and go by themselves: pooled connections, a job under way."""
LOG_READS = """
    SELECT coalesce(sum(calls), 0)::float8, (SELECT coalesce(sum(calls), 0)::float8 FROM pg_stat_statements)
      FROM pg_stat_statements
     WHERE query LIKE '%SELECT id, seq, public_seq, kind%FROM room_events%'
"""


async def storm(stage: Stage) -> None:
    """The node dies, and everybody comes back within a second."""
    await stage.add_node().start()
    world = await stage.people(clients=40)
    count = STORM_BRIEFLY if stage.is_brief else STORM
    people = [client for client in world.clients if client.speaks_in()]
    for n in range(count - len(world.clients)):
        person = people[n % len(people)]
        other = world.client(person.person, person.speaks_in()[:1], name=f"{person.name} {n}")
        other.start()
        if n % 50 == 49:  # coming in is not what is tried here
            await world.all_up()
    await world.all_up()
    slowest = 0.0
    for _ in range(stage.times(1 if stage.is_brief else 3)):
        load = stage.talk(world, 20.0)
        await load.reaches(world.history.acked + 40)
        await load.stop()
        for client in world.clients:
            client.wants_up.clear()
        await stage.node.kill()
        await stage.node.start()
        await _said_meanwhile(stage, world)
        reads, statements = await _statements(stage)
        since = monotonic()
        slowest = max(slowest, await _all_at_once(stage, world, since))
        later_reads, later = await _statements(stage)
        streams = sum(len(client.speaks_in()) for client in world.clients)
        stage.figure("reads of the log for each stream resumed", (later_reads - reads) / streams, "", most=1.05)
        stage.figure(
            "statements for each socket, its sign-in and the desk's own included", (later - statements) / count, ""
        )
        await stage.converges(world, since)
    stage.figure("sockets", count, "")
    stage.figure("all resumed, the slowest", slowest, "s", most=RESUMED_S)


async def _said_meanwhile(stage: Stage, world: World) -> None:
    """What those who come back have missed: said over HTTP, by people who are away."""
    people = [client for client in world.clients if client.speaks_in()]
    for number in range(MISSED):
        client = stage.random.choice(people)
        send = client.begins(client.speaks_in()[0], f"said meanwhile, number {number}")
        await client.delivers(send, by_http=1.0)


async def _all_at_once(stage: Stage, world: World, since: float) -> float:
    async def comes(client: Client) -> None:
        await asyncio.sleep(stage.random.uniform(0, STORM_S))
        client.wants_up.set()
        await client.up.wait()

    async with asyncio.timeout(CONVERGENCE_S * 3):
        await asyncio.gather(*(comes(client) for client in world.clients))
    return monotonic() - since


async def _statements(stage: Stage) -> tuple[float, float]:
    async with stage.postgres.owner() as conn:
        reads, total = await conn.fetchrow(LOG_READS) or (0.0, 0.0)
    return float(reads), float(total)


async def revoke(stage: Stage) -> None:
    """Guests are taken out of rooms in which people talk and robots stream, and staff out of private ones."""
    stage.expected = Expected(refusals=frozenset({"not_found"}))
    world, load = await stage.begin("--stream")
    boss = await Link.open(world.http, world.url, "/desk", world.boss.token, _ignore)
    tasks = Tasks()
    tasks.spawn(boss.run(), name="boss")
    removals = 0
    members = [c for c in world.clients if c.speaks_in() and not c.person.staff]
    insiders = [c for c in world.clients if c.person.staff and len(c.speaks_in()) > 2]
    stage.random.shuffle(members)
    for _ in range(stage.times(min(30, len(members) // 2))):
        await load.reaches(world.history.acked + stage.random.randint(5, 30))
        guest = members.pop()
        await _take_out(world, boss, guest, guest.speaks_in()[0])
        removals += 1
        if insiders:
            agent = insiders.pop()
            await _take_out(world, boss, agent, agent.speaks_in()[-1])
            removals += 1
    await asyncio.sleep(stage.lasts(8.0, 6.0))  # leaks would come within the rest of the five seconds and after
    await boss.close()
    await tasks.settle()
    latest = max(
        (
            one.last_frame_at - removal.at
            for removal in world.history.removals
            for one in world.history.listening
            if (one.user, one.room) == (removal.user, removal.room)
        ),
        default=0.0,
    )
    stage.figure("people taken out", removals, "")
    stage.figure("pieces of robots' answers heard by all", world.history.pieces, "", least=removals)
    stage.figure("the last thing any of them heard, after the acknowledgement", max(0.0, latest), "s", most=5.0)


async def _take_out(world: World, boss: Link, client: Client, room: str) -> None:
    client.streams[room].listening.removed = True
    want: Json = {"room_id": room, "user_id": client.person.id}
    await boss.ask("participant.remove", want, within_s=SETUP_S)
    world.history.removals.append(Removal(client.person.id, room, monotonic()))
    await _tries_every_door(world, client, room)


async def _tries_every_door(world: World, client: Client, room: str) -> None:
    """Who was taken out comes back by each way that leads into a room: none of them knows of it any more."""
    doors: list[tuple[str, Json]] = [
        ("room.join", {"room_id": room, "after_seq": 0}),
        ("room.sync", {"room_id": room, "after_seq": 0}),
        ("receipt", {"room_id": room, "read_seq": 1}),
        ("message.send", {"room_id": room, "client_msg_id": f"knock {client.name}", "content": "let me in"}),
    ]
    for event, want in doors:
        with suppress(LinkLost, TimeoutError):
            if client.link is not None:
                answer = await _answer(client.link, event, want)
                if answer != "not_found":
                    world.history.odd.append(f"{client.name}, taken out, asked {event} and got {answer}")
    headers = {"Authorization": f"Bearer {client.person.token}"}
    async with world.http.get(f"{client.url}/api/v1/rooms/{room}/messages", headers=headers) as response:
        if response.status != NOT_FOUND:
            world.history.odd.append(f"{client.name}, taken out, read the room's history: {response.status}")


async def _answer(link: Link, event: str, want: Json) -> str:
    try:
        await link.ask(event, want, within_s=SETUP_S)
    except Refused as refused:
        return refused.code
    return "what was asked for"


async def churn(stage: Stage) -> None:
    """Sockets come, join a room and leave, fifty a second; half of them without a good-bye."""
    await stage.add_node().start()
    world = await stage.people(clients=16)
    load = stage.talk(world, 5.0)
    people = [client for client in world.clients if client.speaks_in()]
    await load.reaches(world.history.acked + SETTLED_AFTER)
    base = await _held(stage, world)
    count = CHURN_BRIEFLY * (stage.points or 1) if stage.is_brief else CHURN
    due, plateau, tasks = monotonic(), 0, Tasks()
    for n in range(count):
        due += 1 / CHURN_A_SECOND
        await asyncio.sleep(max(0.0, due - monotonic()))
        tasks.spawn(_visit(tasks, world, stage.random.choice(people), n), name="visit")
        if n == min(PLATEAU_AFTER, count // 2):
            plateau = stage.node.rss()
    await tasks.settle()
    await load.stop()
    held = await _settled(stage, world, base)
    stage.figure("connects and disconnects", count, "")
    stage.figure("RSS above the plateau", stage.node.rss() - plateau, "bytes", most=PLATEAU_BYTES)
    for name in base:
        stage.figure(f"{name} before", base[name], "")
        stage.figure(f"{name} after", held[name], "", most=base[name] + SLACK)


async def _visit(tasks: Tasks, world: World, of: Client, number: int) -> None:
    try:
        link = await Link.open(world.http, world.url, of.person.namespace, of.person.token, _ignore)
    except (LinkLost, TimeoutError, OSError):
        return
    tasks.spawn(link.run(), name="visitor")
    with suppress(LinkLost, TimeoutError):
        await link.ask("room.join", {"room_id": of.speaks_in()[0], "after_seq": 0}, within_s=10)
    if number % 2:
        link.drop()
    else:
        await link.close()


async def _held(stage: Stage, world: World) -> dict[str, float]:
    metrics = await stage.node.metrics(world.http)
    return {
        "sockets": sum(value for name, value in metrics.items() if name.startswith("supportdesk_sockets{")),
        "tasks": metrics["supportdesk_tasks"],
        "descriptors": stage.node.descriptors(),
    }


async def _settled(stage: Stage, world: World, base: dict[str, float]) -> dict[str, float]:
    """What is held once it is back to the base, or after a while."""
    until = monotonic() + SETTLED_S
    held = await _held(stage, world)
    while monotonic() < until and any(held[name] > base[name] + SLACK for name in base):
        await asyncio.sleep(0.5)
        held = await _held(stage, world)
    return held


def _ignore(_event: str, _data: Json) -> None:
    """Visitors and the boss keep nothing of what they hear."""


FAULTS = [
    Fault("storm", "1,000 reconnect in 1 s: all resumed ≤ 30 s, one read of the log each", storm),
    Fault("revoke", "membership revoked while streaming: 0 leaks ≤ 5 s", revoke),
    Fault("churn", "20,000 connects and disconnects, 50 a second: nothing is kept", churn),
]
