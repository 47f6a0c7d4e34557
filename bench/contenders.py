"""Who is measured beside whom: the desk, and servers that do less, each a process with a crowd of its own."""

import asyncio
import json
import shutil
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

from bench.desk import AGENTS_PER_ROOM, ROOMS, Desk, desk
from bench.generator import BUSY, Caller, Generator, Spoken, generator
from bench.machine import CannotMeasure, cpu_us
from bench.postgres import Postgres, as_parts
from bench.programs import Program, started

PEERS: Final = Path(__file__).parent / "peers"
OURS: Final = "desk"
BARE, STOCK, SINGLE, BATCHED = "bare aiohttp", "python-socketio", "Node single", "Node batched"
ROOM: Final = 1 + AGENTS_PER_ROOM
INSTALL_S: Final = 180


@dataclass(frozen=True, slots=True)
class Round:
    """One round of one contender; CPU in µs per message."""

    spoken: Spoken
    server_us: float
    postgres_us: float
    per_flight: float  # messages committed together; 0 where that is not known

    @property
    def rate(self) -> float:
        """Messages acknowledged per second."""
        return self.spoken.acked / self.spoken.seconds


@dataclass(frozen=True, slots=True)
class Contender:
    """A server with fifty rooms of three connected to it."""

    name: str
    pid: int
    crowd: Generator
    postgres: Postgres
    desk: Desk | None = None

    async def closed(self, seconds: float, *, warm: float) -> Round:
        """As fast as it goes: one message in flight per socket."""
        return await self._round(None, seconds, warm)

    async def open(self, rate: float, seconds: float, *, warm: float) -> Round:
        """So many messages a second, whatever it does."""
        return await self._round(rate, seconds, warm)

    async def _round(self, rate: float | None, seconds: float, warm: float) -> Round:
        clocks: list[tuple[float, float]] = []

        def look(_phase: str) -> None:
            clocks.append((cpu_us(self.pid), self.postgres.cpu_us()))

        await self.postgres.checkpoint()
        carried = await self.desk.flights() if self.desk else (0.0, 0.0)
        if rate is None:
            spoken = await self.crowd.closed(seconds, warm=warm, fan=ROOM, phase=look)
        else:
            spoken = await self.crowd.open(rate, seconds, warm=warm, fan=ROOM, phase=look)
        after = await self.desk.flights() if self.desk else (0.0, 0.0)
        (server, database), (server_after, database_after) = clocks
        flights = after[1] - carried[1]
        messages = max(1, spoken.acked)
        return Round(
            spoken,
            (server_after - server) / messages,
            (database_after - database) / messages,
            (after[0] - carried[0]) / flights if flights else 0.0,
        )


@asynccontextmanager
async def contenders(postgres: Postgres, folder: Path, names: Sequence[str]) -> AsyncIterator[list[Contender]]:
    """Those of these names that this machine can run, connected and warm."""
    async with AsyncExitStack() as stack:
        ready = []
        for name in names:
            program = await _program(stack, postgres, folder, name)
            if program is None:
                continue
            if isinstance(program, Desk):
                ours, pid, callers = program, program.program.pid, await program.callers()
            else:
                ours, pid, callers = None, program.pid, _callers(await port_of(program))
            crowd = await stack.enter_async_context(generator())
            came = await crowd.connect(callers)
            if came.failed:
                raise CannotMeasure(f"{came.failed} sockets of {name} did not connect: {came.why}")
            ready.append(Contender(name, pid, crowd, postgres, ours))
        for contender in ready:
            await contender.closed(1.0, warm=0.5)
        for name in postgres.databases:
            await postgres.analyse(name)
        yield ready


async def _program(stack: AsyncExitStack, postgres: Postgres, folder: Path, name: str) -> Desk | Program | None:
    match name:
        case "desk":
            return await stack.enter_async_context(desk(postgres, folder))
        case "bare aiohttp":
            return await stack.enter_async_context(python("bare", folder))
        case "python-socketio":
            return await stack.enter_async_context(python("stock", folder, await _schema(postgres, "stock")))
        case "Node single" | "Node batched":
            if not await node_is_here():
                return None
            how = name.partition(" ")[2]
            return await stack.enter_async_context(node(how, folder, await _schema(postgres, how)))
        case _:
            raise ValueError(f"There is no contender called {name}")


@asynccontextmanager
async def python(module: str, folder: Path, *arguments: str) -> AsyncIterator[Program]:
    """A peer in Python; its first line says where it listens."""
    command = [sys.executable, "-m", f"bench.peers.{module}", *arguments]
    async with started(command, log=folder / f"{module}.log") as program:
        yield program


@asynccontextmanager
async def node(how: str, folder: Path, dsn: str = "") -> AsyncIterator[Program]:
    """The peer in Node; its first line says where it listens."""
    command = [shutil.which("node") or "node", "node.mjs", how, *([json.dumps(as_parts(dsn))] if dsn else [])]
    async with started(command, log=folder / f"node-{how}.log", cwd=PEERS) as program:
        yield program


async def port_of(program: Program) -> int:
    """Where a peer listens, once it does."""
    return int(json.loads(await program.says('"port"'))["port"])


async def _schema(postgres: Postgres, name: str) -> str:
    dsn = await postgres.database(f"peer_{name}")
    conn = await asyncpg.connect(dsn)
    await conn.execute((PEERS / "schema.sql").read_text())
    await conn.close()
    return dsn


def _callers(port: int) -> list[Caller]:
    return [
        Caller(port=port, namespace="/desk", auth={"rooms": [f"room-{n}"]}, room_id=f"room-{n}")
        for n in range(ROOMS)
        for _ in range(ROOM)
    ]


async def node_is_here() -> bool:
    """Whether peers in Node can run; installs their packages on first use, and says in one line what is missing."""
    npm = shutil.which("npm")
    if shutil.which("node") is None or npm is None:
        print("Node or npm is not here: its servers are left out (apt-get install nodejs npm).")
        return False
    lock, installed = PEERS / "package-lock.json", PEERS / "node_modules" / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return True
    installing = await asyncio.create_subprocess_exec(
        npm, "ci", "--silent", "--no-fund", "--no-audit", cwd=PEERS, stdin=asyncio.subprocess.DEVNULL
    )
    if await asyncio.wait_for(installing.wait(), INSTALL_S):
        print("`npm ci` in bench/peers fails: the servers in Node are left out.")
        return False
    return True


def notes(rounds: Sequence[Round]) -> list[str]:
    """What must be known of these rounds before their figures are believed."""
    said = []
    if any(one.spoken.cpu_share > BUSY for one in rounds):
        said.append("the load generator was busy above 90 % of its core")
    missing = sum(one.spoken.missing for one in rounds)
    if missing:
        why = next((one.spoken.why for one in rounds if one.spoken.why), "")
        said.append(f"{missing} messages or deliveries were refused or missing {why}".rstrip())
    return said
