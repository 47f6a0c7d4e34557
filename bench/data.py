"""Databases as they are after two busy years, made in bulk and kept between runs.

    python -m bench.data [--quick] [--fresh]

They lie in `bench/.data` (ignored by git), one embedded PostgreSQL for all sizes. A database is made anew when the
schema, the way it is filled, its size or the month has changed.
"""

import argparse
import asyncio
import hashlib
import random
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg

from bench import rows
from supportdesk.actor import Actor, ActorKind, Level, UserId, WorkspaceId
from supportdesk.config import Settings
from supportdesk.core import logging, migrations
from supportdesk.core.clock import Clock
from supportdesk.core.embedded import EmbeddedServer
from supportdesk.core.embedded.credentials import OWNER, SUPERUSER, find_credentials
from supportdesk.core.embedded.home import Home
from supportdesk.rooms.model import RoomId

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Make: TypeAlias = Callable[[str, str], Awaitable[str]]

FOLDER: Final = Path(__file__).parent / ".data"
ROOM_NEEDED: Final = 5 * 1024**3
MONTHS: Final = 24
DESKS: Final = ("Acme", "Borealis", "Cobalt", "Dune")
AGENTS: Final = 60
MINE: Final = 2000
"""Open rooms of the busiest agent."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much a database holds."""

    messages: int
    rooms: int

    @property
    def mine(self) -> int:
        """Open rooms of the busiest agent: fewer where there are few at all."""
        return min(MINE, self.rooms // 5)

    @property
    def open(self) -> int:
        """Rooms that are not closed, the latest ones."""
        return max(self.rooms * 12 // 100, self.mine * 3)


FULL: Final = Size(2_000_000, 100_000)
QUICK: Final = Size(200_000, 10_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A filled database, and whom and what to ask about."""

    dsn: str
    workspace_id: WorkspaceId
    agent: Actor
    """Who has the many open rooms."""
    longest: RoomId
    """Half of all messages."""
    long: RoomId
    """A 200th of all messages: ten thousand in the large database."""
    mine: int
    """How many open rooms the agent has."""


def settings(folder: Path) -> Settings:
    """The desk's own settings, but for what must not come from whoever measures."""
    return Settings.load(
        _env_file=None,
        data_dir=folder,
        port=0,
        secret_key="a secret of the measurements, nobody signs in",  # noqa: S106 - a desk that nobody else reaches
        guest_rate=0,
        log_level="error",
    )


@asynccontextmanager
async def server(folder: Path = FOLDER) -> AsyncIterator[EmbeddedServer]:
    """The PostgreSQL that keeps them; it stops when nobody uses it."""
    logging.configure("error", as_json=False)
    kept = EmbeddedServer(folder)
    async with kept.attach():
        yield kept


def superuser_of(dsn: str, folder: Path = FOLDER) -> str:
    """The same database as the superuser, who may pass over triggers."""
    kept = find_credentials(Home(folder).credentials)
    if kept is None:
        raise LookupError(f"There is no server in {folder}.")
    return urlunsplit(urlsplit(dsn)._replace(netloc=f"{SUPERUSER}:{kept.superuser}@"))


async def stored(on: EmbeddedServer, size: Size, *, fresh: bool = False, folder: Path = FOLDER) -> Stored:
    """A database of this size, made unless it is there already."""

    async def made(dsn: str, superuser: str) -> str:
        _must_fit(size, folder)
        await fill(dsn, superuser, size)
        return f"{size.messages:,} messages"

    prefix = f"bench_{size.messages}_{size.rooms}_"
    return await _described(await kept(on, prefix, _key(), made, fresh=fresh, folder=folder))


async def kept(
    on: EmbeddedServer, prefix: str, key: str, make: Make, *, fresh: bool = False, folder: Path = FOLDER
) -> str:
    """How to connect to the database of this prefix and key; made unless it is there, and others of the prefix go.

    `make` fills the new, empty one, given its owner's and its superuser's address, and says what is in it now.
    """
    name = prefix + key
    admin: Connection = await asyncpg.connect(superuser_of(on.dsn("postgres"), folder))
    try:
        for row in await admin.fetch("SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database"):
            found, state = row
            if found.startswith(prefix) and (fresh or found != name or state != "ready"):
                await admin.execute(f"DROP DATABASE {found} WITH (FORCE)")
        if not await admin.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
            began = Clock().monotonic()
            await on.create_database(name)
            what = await make(on.dsn(name), superuser_of(on.dsn(name), folder))
            await admin.execute(f"COMMENT ON DATABASE {name} IS 'ready'")
            print(f"   made {what} in {Clock().monotonic() - began:.0f} s", flush=True)
    finally:
        await admin.close()
    return on.dsn(name)


@asynccontextmanager
async def copied(on: EmbeddedServer, size: Size) -> AsyncIterator[Stored]:
    """A copy of the database of this size, for whoever adds to it: what is measured next begins where this one did."""
    data = await stored(on, size)
    original = urlsplit(data.dsn).path.strip("/")
    copy = f"{original}_copy"
    admin: Connection = await asyncpg.connect(superuser_of(on.dsn("postgres")))
    try:
        await admin.execute(f"DROP DATABASE IF EXISTS {copy} WITH (FORCE)")
        await admin.execute(f"CREATE DATABASE {copy} TEMPLATE {original} STRATEGY file_copy")
        yield replace(data, dsn=on.dsn(copy))
    finally:
        await admin.execute(f"DROP DATABASE IF EXISTS {copy} WITH (FORCE)")
        await admin.close()


def _key() -> str:
    """Changes whenever the same size would be filled otherwise."""
    parts = [migration.checksum for migration in migrations.read_migrations()]
    parts += [Path(rows.__file__).read_text(), f"{MONTHS} {AGENTS} {MINE} {sentences()}"]
    parts.append(f"{Clock().now():%Y-%m}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _must_fit(size: Size, folder: Path) -> None:
    free, needed = shutil.disk_usage(folder).free, ROOM_NEEDED * size.messages // FULL.messages
    if free < needed:
        raise SystemExit(
            f"Measuring needs {needed / 1024**3:.1f} GB for its data, and only {free / 1024**3:.1f} GB are free at "
            f"{folder}: make room there, or measure with --quick."
        )


async def fill(dsn: str, superuser: str, size: Size) -> None:
    """Migrate the empty database at `dsn` and write everything; `superuser` leads to the same one."""
    owner: Connection = await asyncpg.connect(dsn)
    try:
        await migrations.migrate(owner)
        desks = [await _desk(owner, number, name) for number, name in enumerate(DESKS, start=1)]
        now = Clock().now()
        start = (now.replace(day=1, hour=0, minute=0, second=0, microsecond=0) - timedelta(days=30 * MONTHS)).replace(
            tzinfo=UTC
        )
        months = {f"{start + timedelta(days=day):%Y-%m-01}" for day in range((now - start).days + 1)}
        for month in sorted(months):
            for parent in ("messages", "room_events"):
                await owner.execute("SELECT desk_make_partition($1, $2::text::date)", parent, month)
    finally:
        await owner.close()
    conn: Connection = await asyncpg.connect(superuser, command_timeout=1800)
    try:
        await _write(conn, size, desks, start, now)
    finally:
        await conn.close()


async def _write(conn: Connection, size: Size, desks: list[UUID], start: datetime, now: datetime) -> None:
    # Triggers and foreign keys are passed over: the statements write what they would have written.
    await conn.execute(
        f"SET session_replication_role = replica; SET ROLE {OWNER}; SET work_mem = '256MB'; SET jit = off; "
        "SET maintenance_work_mem = '256MB'; SET synchronous_commit = off; SELECT setseed(0.42)"
    )
    words = sentences()
    await conn.execute(rows.CAST, desks)
    await conn.execute(rows.PLAN, size.rooms, size.open, size.messages, size.mine, start, now)
    await conn.execute("ANALYZE plan")
    await conn.execute(rows.GUESTS, FIRST_NAMES, LAST_NAMES)
    await conn.execute(rows.GUESTS_OF_PLAN)
    await conn.execute("ANALYZE guest_of")
    await conn.execute(rows.ROOMS, words, now)
    await conn.execute(rows.MESSAGES, words)
    await conn.execute("ANALYZE messages")
    for statement in (rows.EVENTS, rows.FIRST_EVENTS, rows.LAST_EVENTS, rows.HEADS, rows.PLACES, rows.TURNS):
        await conn.execute(statement)
    await conn.execute(rows.DEDUP, now)
    await conn.execute(rows.USAGE)
    await conn.execute(rows.DOCUMENTS, words)
    await conn.execute(rows.CHUNKS, words)
    if await conn.fetchval("SELECT desk_has_vectors()"):
        await conn.execute(rows.EMBEDDINGS)
    await conn.execute("VACUUM (ANALYZE)")


async def _desk(conn: Connection, number: int, name: str) -> UUID:
    """A workspace with its roles, queues, site, robot and agents; the first agent of all is the busy one."""
    plan = await conn.fetchval("SELECT id FROM plans WHERE name = 'enterprise'")
    desk: UUID = await conn.fetchval("INSERT INTO workspaces (name, plan_id) VALUES ($1, $2) RETURNING id", name, plan)
    await conn.execute("SELECT desk_seed_workspace($1)", desk)
    await conn.execute(
        "INSERT INTO sites (workspace_id, name, site_key, allowed_origins) VALUES ($1, $2, $3, $4)",
        desk,
        name,
        f"site-{number}",
        ["https://shop.test"],
    )
    await conn.execute(
        """
        WITH voice AS (
            INSERT INTO users (workspace_id, account_type_informal, current_account_status, display_name)
            VALUES ($1, 'robot', 'active', 'Faq') RETURNING id
        )
        INSERT INTO robots (workspace_id, user_id, module, version, name)
        SELECT $1, id, 'faq', '1.0.0', 'Faq' FROM voice
        """,
        desk,
    )
    await conn.execute(
        """
        INSERT INTO users (workspace_id, account_type_informal, current_account_status, username, first_name, last_name,
                           display_name, email, password_hash, level)
        SELECT $1, 'agent', 'active', 'agent' || to_char(n, 'FM000'), 'Agent', n::text, 'Agent ' || n,
               'agent' || n || '.' || $2::integer || '@bench.test', 'nobody signs in',
               (ARRAY['T1', 'T1', 'T1', 'T2', 'T2', 'T3'])[1 + n % 6]
          FROM generate_series(0, $3::integer - 1) n
        """,
        desk,
        number,
        AGENTS,
    )
    await conn.execute(
        """
        INSERT INTO user_roles (workspace_id, user_id, role_id)
        SELECT $1, u.id, r.id FROM users u JOIN roles r ON r.workspace_id = $1 AND r.name = 'agent'
         WHERE u.workspace_id = $1 AND u.account_type_informal = 'agent'
        """,
        desk,
    )
    return desk


async def _described(dsn: str) -> Stored:
    conn: Connection = await asyncpg.connect(dsn)
    try:
        desk = await conn.fetchval("SELECT workspace_id FROM sites WHERE site_key = 'site-1'")
        agent = await conn.fetchval("SELECT id FROM users WHERE workspace_id = $1 AND username = 'agent000'", desk)
        grants = await conn.fetch(
            "SELECT p.pattern FROM role_permissions p JOIN roles r ON r.id = p.role_id "
            "WHERE r.workspace_id = $1 AND r.name = 'agent'",
            desk,
        )
        rooms = [
            await conn.fetchval("SELECT id FROM chat_rooms WHERE client_room_id = $1 AND workspace_id = $2", name, desk)
            for name in ("room-1", "room-2")
        ]
        mine = await conn.fetchval("SELECT count(*) FROM chat_rooms WHERE assignee_id = $1", agent)
    finally:
        await conn.close()
    actor = Actor(
        kind=ActorKind.AGENT,
        id=UserId(agent),
        workspace_id=WorkspaceId(desk),
        name="Agent 0",
        level=Level.T1,
        grants=frozenset(row["pattern"] for row in grants),
    )
    return Stored(
        dsn=dsn,
        workspace_id=WorkspaceId(desk),
        agent=actor,
        longest=RoomId(rooms[0]),
        long=RoomId(rooms[1]),
        mine=mine,
    )


FIRST_NAMES: Final = [
    *("Ada", "Bruno", "Chiara", "Dmitri", "Elif", "Farid", "Greta", "Hiro"),
    *("Ines", "Jonas", "Kaja", "Lars", "Mina", "Noor", "Otto", "Priya"),
]
LAST_NAMES: Final = [
    *("Abel", "Bergström", "Castellanos", "Dubois", "Eriksen", "Fischer", "García", "Haddad", "Ivanova"),
    *("Jansen", "Kowalski", "Lindqvist", "Moreau", "Nakamura", "Okafor", "Petrov", "Quispe", "Rossi"),
    *("Schneider", "Tanaka", "Ueda", "Varga", "Weber", "Xu", "Yilmaz", "Zeman"),
]


def sentences() -> list[str]:
    """Things that people write to a shop, of twenty to a hundred characters."""
    chance = random.Random(7)  # noqa: S311 - the same for everybody who measures
    things = ["parcel", "order", "refund", "invoice", "voucher", "delivery"]
    things += ["shoe", "jacket", "password", "account", "address", "receipt"]
    begins = ("Where is my", "I still wait for the", "Could you look at my", "Something is wrong with the", "About the")
    ends = (
        "that I asked about last week, please.",
        "and the courier says it was delivered.",
        "because the size does not fit at all.",
        "before Friday? I leave for a journey.",
        "again. The link in the e-mail is broken.",
        "; thank you for looking into it so quickly!",
    )
    return [
        f"{begin} {thing} {chance.randrange(1000, 9999)} {end}" for begin in begins for thing in things for end in ends
    ]


async def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.data", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of it")
    parser.add_argument("--fresh", action="store_true", help="make it anew though it is there")
    args = parser.parse_args()
    async with server() as running:
        await stored(running, QUICK if args.quick else FULL, fresh=args.fresh)


if __name__ == "__main__":
    asyncio.run(_main())
