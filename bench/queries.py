"""The product's own queries, through its pools, transactions and policies, beside the bare statements without them.

Each question is asked through the typed functions of the slices as `desk_app`. Its bare twin is the same statements
with the same arguments as a superuser, whom no policy touches, prepared and without shaping the rows. They take turns.
"""

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final, cast
from uuid import UUID

import asyncpg
from asyncpg.connection import LoggedQuery

from bench.data import FOLDER, FULL, QUICK, Connection, Stored, server, settings, stored, superuser_of
from bench.figures import Figure, Run, median, spread
from supportdesk.core.db import Connection as Lent
from supportdesk.core.db import Database
from supportdesk.core.events import Bus
from supportdesk.core.tasks import Tasks
from supportdesk.dashboard import queries as dashboard
from supportdesk.dashboard.queries import Filter
from supportdesk.knowledge.access import reach_of
from supportdesk.knowledge.search import search as search_knowledge
from supportdesk.messages import queries as messages
from supportdesk.messages.stream import Hydrators, read_stream
from supportdesk.rooms import queries as rooms
from supportdesk.rooms.model import Room

SAMPLES: Final = 200
QUICK_SAMPLES: Final = 100
WARM: Final = 30
VARIANTS: Final = 20
PAGE: Final = 50
OPEN: Final = ("waiting", "active")
EVERY: Final = (*OPEN, "snoozed", "closed", "archived")
RATIO: Final = 1.5

Ask = Callable[[Lent, int], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Question:
    """Something the desk asks; `ask` gets a connection in a transaction of the agent's and a number that varies it."""

    name: str
    ask: Ask
    within_ms: float | None = None
    within_ratio: float | None = None
    note: str = ""


@dataclass(slots=True)
class Asked:
    """What one question took, in milliseconds: a p50 and a p99 of each round."""

    desk: list[tuple[float, float]] = field(default_factory=list)
    bare: list[tuple[float, float]] = field(default_factory=list)


@asynccontextmanager
async def database(dsn: str) -> AsyncIterator[Database]:
    """The desk's pools on that database."""
    tasks = Tasks()
    db = Database(settings(FOLDER), dsn, Bus(tasks))
    await db.open()
    try:
        yield db
    finally:
        await tasks.settle()
        await db.close()


async def measure(run: Run) -> Sequence[Figure]:
    """Milliseconds of each question, and how many times its bare twin that is."""
    async with server() as running:
        data = await stored(running, QUICK if run.quick else FULL)
        bare: Connection = await asyncpg.connect(superuser_of(data.dsn))
        await bare.execute(f"SET app.workspace_id = '{UUID(str(data.workspace_id))}'")
        try:
            async with database(data.dsn) as db:
                asked = questions(data, await _room(db, data, data.longest), await _room(db, data, data.long))
                return [
                    figure
                    for question in asked
                    for figure in _figures(question, await _answered(db, bare, data, question, run))
                ]
        finally:
            await bare.close()


def questions(data: Stored, longest: Room, long: Room) -> list[Question]:  # noqa: C901 - one function per question
    """Everything that is asked, with its targets."""
    me = data.agent

    async def page(conn: Lent, room: Room, before: int | None, limit: int = PAGE) -> object:
        return await messages.list_history(
            conn, room, before_seq=before, after_seq=None, public=False, joined_seq=0, limit=limit
        )

    chance = random.Random(11)  # noqa: S311 - the same places in every run
    places = [chance.randrange(1000, longest.head.last_seq) for _ in range(VARIANTS)]
    vector = [chance.random() - 0.5 for _ in range(384)]

    async def history(conn: Lent, _: int) -> object:
        return await page(conn, longest, None)

    async def older(conn: Lent, at: int) -> object:
        return await page(conn, longest, places[at])

    async def ten_thousand(conn: Lent, at: int) -> object:
        return await page(conn, long, long.head.last_seq * (at + 1) // VARIANTS, limit=200)

    async def sync(conn: Lent, at: int) -> object:
        return await read_stream(conn, me, longest.id, Hydrators(), after_seq=places[at], epoch=None)

    async def participants(conn: Lent, _: int) -> object:
        return await rooms.list_participants(conn, longest.id)

    async def is_participant(conn: Lent, _: int) -> object:
        return await rooms.find_participant(conn, longest.id, me.id) if me.id else None

    async def inbox(conn: Lent, _: int) -> object:
        places = await dashboard.list_latest(conn, me, Filter(statuses=OPEN, assignee_id=me.id, limit=PAGE), None)
        return await dashboard.list_lines(conn, me, [place.room_id for place in places])

    async def queue(conn: Lent, at: int) -> object:
        level = (None, "T1", "T2", "T3")[at % 4]
        places = await dashboard.list_waiting_first(conn, me, Filter(statuses=OPEN, level=level, limit=PAGE), None)
        return await dashboard.list_lines(conn, me, [place.room_id for place in places])

    async def counts(conn: Lent, _: int) -> object:
        return await dashboard.count_rooms(conn, me)

    async def search(conn: Lent, at: int) -> object:
        text = ("wallet of", "Lindqvist", "order 1" + str(places[at] % 100000).zfill(5), "CASE-40", "zz-nothing")[
            at % 5
        ]
        found = await dashboard.list_latest(conn, me, Filter(statuses=EVERY, text=text, limit=PAGE), None)
        return await dashboard.list_lines(conn, me, [place.room_id for place in found])

    async def knowledge(conn: Lent, at: int) -> object:
        question = ("Where is my parcel?", "How do I get a refund?", "reset my password", "voucher for a jacket")[
            at % 4
        ]
        return await search_knowledge(conn, question, vector, 3, reach=reach_of(me))

    return [
        Question("history_newest", history, 3, RATIO, "50 of half of all messages, transaction included"),
        Question("history_older", older, 3, RATIO, "50 before a place anywhere in it"),
        Question("room_sync", sync, note="a page of 200 events with their messages"),
        Question("participants", participants, 1),
        Question("is_participant", is_participant, 1),
        Question("inbox_page", inbox, 10, note=f"50 of the agent's {data.mine:,} rooms, unread and waiting times"),
        Question("queue_page", queue, 10, note="50 of a level's open rooms, who waits first"),
        Question("tab_counts", counts, note="what the inbox shows; a wallboard's slice comes later"),
        Question("inbox_search", search, 200, note="names, customers, e-mails, issue numbers; some with no match"),
        Question("knowledge_search", knowledge, 50, note="1,200 chunks by words and meaning; without the embedding"),
        Question("seed_messages", ten_thousand, 100, note=f"200 of a room of {long.head.last_seq:,}: seed 004's"),
        Question("seed_participants", participants, 50, note="seed 004's"),
    ]


async def _room(db: Database, data: Stored, room_id: UUID) -> Room:
    async with db.read(data.agent) as conn:
        room = await rooms.find_room(conn, room_id)
    if room is None:
        raise LookupError(f"Room {room_id} is not in the data.")
    return room


async def _answered(db: Database, bare: Connection, data: Stored, question: Question, run: Run) -> Asked:
    """Both ways in turn, so that whatever else the machine does meets both."""
    await _timed(db, data, question, 0)  # a new connection looks up types first: no statement of ours
    statements = [await _statements(db, data, question, at) for at in range(VARIANTS)]
    asked = Asked()
    for at in range(WARM):
        await _timed(db, data, question, at % VARIANTS)
        await _replayed(bare, statements[at % VARIANTS])
    for _ in range(run.rounds):
        desk, plain = [], []
        for sample in range(QUICK_SAMPLES if run.quick else SAMPLES):
            at = sample % VARIANTS
            desk.append(await _timed(db, data, question, at))
            plain.append(await _replayed(bare, statements[at]))
        asked.desk.append(_quantiles(desk))
        asked.bare.append(_quantiles(plain))
    return asked


async def _statements(db: Database, data: Stored, question: Question, at: int) -> list[tuple[str, Sequence[Any]]]:
    """What the question asks PostgreSQL, as it was sent."""
    seen: list[tuple[str, Sequence[Any]]] = []

    def note(asked: LoggedQuery) -> None:
        seen.append((asked.query, asked.args))

    async with db.read(data.agent) as conn:
        with cast("Connection", conn).query_logger(note):
            await question.ask(conn, at)
    return seen


async def _timed(db: Database, data: Stored, question: Question, at: int) -> float:
    began = perf_counter()
    async with db.read(data.agent) as conn:
        await question.ask(conn, at)
    return 1000 * (perf_counter() - began)


async def _replayed(bare: Connection, statements: Sequence[tuple[str, Sequence[Any]]]) -> float:
    began = perf_counter()
    for query, args in statements:
        await bare.fetch(query, *args)
    return 1000 * (perf_counter() - began)


def _quantiles(sample: list[float]) -> tuple[float, float]:
    sample.sort()
    return sample[len(sample) // 2], sample[len(sample) * 99 // 100]


def _figures(question: Question, asked: Asked) -> list[Figure]:
    p50, p99 = (median([one[at] for one in asked.desk]) for at in (0, 1))
    bare50, bare99 = (median([one[at] for one in asked.bare]) for at in (0, 1))
    limit = question.within_ms
    figures = [
        Figure(
            figure=f"queries.{question.name}",
            value=p99,
            unit="ms p99",
            target=f"≤ {limit:g} ms" if limit else "",
            met=p99 <= limit if limit else None,
            peers={"bare": bare99},
            note=f"p50 {p50:.2f}, bare {bare50:.2f}; p99 {spread([one[1] for one in asked.desk])}"
            + (f"; {question.note}" if question.note else ""),
        )
    ]
    if question.within_ratio:
        ratios = [desk[0] / plain[0] for desk, plain in zip(asked.desk, asked.bare, strict=True)]
        figures.append(
            Figure(
                figure=f"queries.{question.name}_ratio",
                value=median(ratios),
                unit="× bare",
                target=f"≤ {question.within_ratio:g} × bare",
                met=median(ratios) <= question.within_ratio,
                note=f"of the p50s; {spread(ratios)}",
            )
        )
    return figures
