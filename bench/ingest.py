"""Reading documents while people talk: how fast the desk's own processes do it, and how long acknowledgements wait.

A whole desk that may use both cores reads two texts at a time. Rounds of the same quiet talk alternate, without
documents and with them, so that what else the machine does falls on both.
"""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from http import HTTPStatus
from os import sched_getaffinity
from time import perf_counter
from typing import Final
from uuid import uuid4

import aiohttp

from bench.contenders import ROOM
from bench.data import Connection
from bench.desk import LET_IN, Desk, desk
from bench.figures import Figure, Run, at_most, median, spread
from bench.generator import generator
from bench.machine import CannotMeasure
from bench.postgres import postgres
from bench.programs import ROOT
from supportdesk.accounts.model import TOKEN_PREFIX
from supportdesk.core.secrets import digest, new_token
from tests.factories import make_staff

RATE: Final = 100
LEAST_CHUNKS: Final = 20
MOST_TIMES: Final = 1.2
LOOK_S: Final = 0.1
LIMIT_S: Final = 180.0
TEXTS: Final = ("robots.md", "performance.md", "evaluation.md", "states.md")
"""Of docs/: prose as documents are, about a hundred chunks in all."""

AT_ONCE: Final = 2

PROGRESS: Final = """
    SELECT coalesce(sum(chunks_done), 0) AS chunks,
           count(*) FILTER (WHERE processing_status IN ('pending', 'processing')) AS waiting
      FROM documents
     WHERE title = $1
"""


async def measure(run: Run) -> Sequence[Figure]:
    """Chunks a second, and the p99 of acknowledgements beside that of rounds in which nothing is read."""
    seconds = 5.0 if run.quick else 15.0
    rates: list[float] = []
    alone: list[float] = []
    beside: list[float] = []
    async with postgres() as (server, folder), AsyncExitStack() as stack:
        ours = await stack.enter_async_context(desk(server, folder, cores=sched_getaffinity(0)))
        crowd = await stack.enter_async_context(generator())
        came = await crowd.connect(await ours.callers())
        if came.failed:
            raise CannotMeasure(f"{came.failed} sockets did not connect: {came.why}")
        conn: Connection = await server.superuser(ours.database)
        stack.push_async_callback(conn.close)
        shelf = await stack.enter_async_context(_signed_in(await _admin(ours, conn)))
        await _until_read(conn, await _post(shelf, ours, 1))  # the processes start and load the model
        await server.analyse(ours.database)
        for _ in range(run.rounds):
            alone.append((await crowd.open(RATE, seconds, warm=0.5, fan=ROOM)).p99)
            title = await _post(shelf, ours, 2 if run.quick else 6)
            spoken, rate = await asyncio.gather(
                crowd.open(RATE, seconds, warm=0.5, fan=ROOM), _rate(conn, title, seconds)
            )
            beside.append(spoken.p99)
            rates.append(rate)
            await _until_read(conn, title)
    return _figures(rates, alone, beside)


def _figures(rates: Sequence[float], alone: Sequence[float], beside: Sequence[float]) -> list[Figure]:
    rate, before, meanwhile = median(rates), median(alone), median(beside)
    return [
        Figure(
            figure="ingest.rate",
            value=rate,
            unit="chunks/s",
            target=f"≥ {LEAST_CHUNKS}",
            met=rate >= LEAST_CHUNKS,
            note=f"{AT_ONCE} texts at a time, {RATE} messages a second meanwhile; {spread(rates)}",
        ),
        at_most(
            *("ingest.ack_p99_over_quiet", meanwhile / before, MOST_TIMES, "×"),
            note=f"{meanwhile:.1f} against {before:.1f} ms; {spread(beside)} against {spread(alone)}",
        ),
    ]


async def _admin(ours: Desk, conn: Connection) -> str:
    """A token of somebody who may add documents."""
    user = await make_staff(conn, ours.workspace, "librarian", "admin", "T3")
    token = new_token(TOKEN_PREFIX)
    await conn.execute(LET_IN, ours.workspace.id, user, digest(token))
    return token


def _signed_in(token: str) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"})


async def _post(shelf: aiohttp.ClientSession, ours: Desk, copies: int) -> str:
    """Add two texts that are like none before; the title that they share."""
    title = uuid4().hex
    source = "\n".join((ROOT / "docs" / name).read_text() for name in TEXTS)
    for number in range(AT_ONCE):
        text = "\n".join(f"# Part {title} {copy}\n\n{source}" for copy in range(copies))
        want = {"filename": f"{title}-{number}.md", "title": title, "content": f"{text}\n\nThe end of {number}."}
        async with shelf.post(f"{ours.url}/api/v1/documents", json=want) as response:
            if response.status != HTTPStatus.CREATED:
                raise CannotMeasure(f"The desk refuses a document: {await response.text()}")
    return title


async def _rate(conn: Connection, title: str, seconds: float) -> float:
    """Chunks a second, over so many seconds or until all is read."""
    began, (before, _) = perf_counter(), await _progress(conn, title)
    while True:
        await asyncio.sleep(LOOK_S)
        chunks, waiting = await _progress(conn, title)
        taken = perf_counter() - began
        if not waiting or taken >= seconds:
            return float((chunks - before) / taken)


async def _until_read(conn: Connection, title: str) -> None:
    async with asyncio.timeout(LIMIT_S):
        waiting = AT_ONCE
        while waiting:
            await asyncio.sleep(LOOK_S)
            _, waiting = await _progress(conn, title)


async def _progress(conn: Connection, title: str) -> tuple[int, int]:
    """Chunks that are embedded, and documents that are not read yet."""
    row = await conn.fetchrow(PROGRESS, title)
    return (row["chunks"], row["waiting"]) if row else (0, 0)
