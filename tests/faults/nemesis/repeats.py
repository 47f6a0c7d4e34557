"""The same message again: up to five tries at once, on two sockets and over HTTP, and after a reconnection."""

import asyncio
from random import Random
from time import monotonic

from tests.faults.client import Client
from tests.faults.stage import Fault, Stage
from tests.faults.world import World

AT_ONCE = 64
MESSAGES, MESSAGES_BRIEFLY = 30_000, 150


async def duplicates(stage: Stage) -> None:
    """Each message one to five times."""
    await stage.add_node().start()
    world = await stage.people()
    pairs = []
    for client in [one for one in world.clients if one.speaks_in()]:
        other = world.client(client.person, client.speaks_in(), name=f"{client.name} again")
        other.start()
        pairs.append((client, other))
    await world.all_up()
    began, count = monotonic(), MESSAGES_BRIEFLY * (stage.points or 1) if stage.is_brief else MESSAGES
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with turns:
            await _several(world, *stage.random.choice(pairs), stage.random, number)

    await asyncio.gather(*(one(number) for number in range(count)))
    tries = sum(send.tries for send in world.history.sends)
    stage.figure("messages", count, "")
    stage.figure("tries", tries, "")
    stage.figure("tries a second", tries / (monotonic() - began), "")


async def _several(world: World, first: Client, second: Client, random: Random, number: int) -> None:
    room = random.choice(first.speaks_in())
    send = first.begins(room, f"{number} again and again", hidden=first.person.staff and random.random() < 0.2)
    copies = [random.choice((first, second)) for _ in range(random.randint(1, 5))]
    at_once = random.random() < 0.7
    if at_once:
        await asyncio.gather(*(one.tries(send, by_http=random.random() < 0.3) for one in copies))
    for one in () if at_once else copies:
        await one.tries(send, by_http=random.random() < 0.3)
        if random.random() < 0.02 and one.link is not None:
            one.link.drop()  # the next try comes after a reconnection
    if not send.acks:
        await first.delivers(send)
    if random.random() < 0.05:
        answer = await first.sends_otherwise(send, "the same id with other words")
        if answer not in ("idempotency_conflict", None):
            world.history.odd.append(f"another body under {send.key} was answered {answer}")


FAULTS = [Fault("duplicates", "each send 1–5 times, in parallel: 1 row, identical acks", duplicates)]
