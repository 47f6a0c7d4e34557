"""The desk itself, as an operator runs it: `supportdesk serve` on PostgreSQL, a workspace, its staff and its guests."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import aiohttp
import asyncpg

from bench.generator import PATH, Caller
from bench.machine import CannotMeasure
from bench.postgres import Postgres
from bench.programs import Program, started
from supportdesk.accounts.model import TOKEN_PREFIX
from supportdesk.core import migrations
from supportdesk.core.secrets import digest, new_token
from tests.factories import Workspace, make_staff, make_workspace

ROOMS: Final = 50
AGENTS_PER_ROOM: Final = 2
AT_ONCE: Final = 16
UNLIMITED: Final = ("GUEST_RATE", "GUEST_SESSIONS_PER_MINUTE", "SITE_SESSIONS_PER_MINUTE", "GUEST_ROOMS")
"""Limits against one guest or address that sends too much: here they all come from one machine, and mean to."""

LET_IN: Final = """
    INSERT INTO personal_access_tokens (workspace_id, user_id, name, token_hash, token_prefix, grants)
         VALUES ($1, $2, 'load', $3, 'sdp_load', '{*:*:*}')
"""


@dataclass(frozen=True, slots=True)
class Desk:
    """A running desk with people to connect to it."""

    program: Program
    port: int
    workspace: Workspace
    dsn: str
    database: str

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    async def guests(self, many: int) -> list[str]:
        """Tokens of so many new guests of the site without robots."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(session: aiohttp.ClientSession) -> str:
            want = {"site_key": self.workspace.plain_site_key}
            async with gate, session.post(f"{self.url}/api/v1/guest/sessions", json=want) as response:
                answer = await response.json()
                if "token" not in answer:
                    raise CannotMeasure(f"The desk refuses a guest: {answer}")
                return str(answer["token"])

        async with aiohttp.ClientSession() as session:
            return list(await asyncio.gather(*(one(session) for _ in range(many))))

    async def staff(self, many: int) -> list[str]:
        """Access tokens of so many new agents, each a person of their own."""
        conn = await asyncpg.connect(self.dsn)
        tokens = []
        for n in range(many):
            user = await make_staff(conn, self.workspace, f"load{n}-{uuid4().hex[:6]}", "agent", "T1")
            token = new_token(TOKEN_PREFIX)
            await conn.execute(LET_IN, self.workspace.id, user, digest(token))
            tokens.append(token)
        await conn.close()
        return tokens

    async def open_room(self, token: str) -> str:
        """A conversation that a guest begins; its id."""
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{self.url}{PATH}", compress=0) as ws,
        ):
            await ws.receive_str()
            await ws.send_str(f"40/guest,{json.dumps({'token': token})}")
            await ws.receive_str()
            await ws.send_str(f'42/guest,1["room.open",{{"client_room_id":"{uuid4()}"}}]')
            async with asyncio.timeout(10):
                while not (answer := await ws.receive_str()).startswith("43/guest,1"):
                    pass
        found = re.search(r'"room":\{"id":"([0-9a-f-]+)"', answer)
        if found is None:
            raise CannotMeasure(f"The desk opens no room: {answer}")
        return found.group(1)

    async def callers(self) -> list[Caller]:
        """Three to each of fifty rooms: a guest and two agents, who all hear it and all speak."""
        guests, agents = await self.guests(ROOMS), await self.staff(ROOMS * AGENTS_PER_ROOM)
        rooms = [await self.open_room(guest) for guest in guests]
        callers = []
        for n, room in enumerate(rooms):
            mine = agents[n * AGENTS_PER_ROOM : (n + 1) * AGENTS_PER_ROOM]
            callers += [self.caller("/guest", guests[n], room), *(self.caller("/desk", one, room) for one in mine)]
        return callers

    def caller(self, namespace: str, token: str, room_id: str = "") -> Caller:
        """A socket of somebody, in a room or idle."""
        hello: Sequence[Any] | None = ["room.join", {"room_id": room_id}] if room_id else None
        return Caller(
            port=self.port,
            namespace=namespace,
            auth={"token": token},
            hello=list(hello) if hello else None,
            room_id=room_id,
        )

    async def flights(self) -> tuple[float, float]:
        """Messages committed, and the flights that carried them, since the start."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.url}/metrics") as response:
            text = await response.text()
        found = dict(re.findall(r"^supportdesk_flight_messages_(sum|count) (\S+)$", text, re.MULTILINE))
        return float(found.get("sum", 0)), float(found.get("count", 0))


@asynccontextmanager
async def desk(
    postgres: Postgres, folder: Path, name: str = "desk", *, cores: set[int] | None = None
) -> AsyncIterator[Desk]:
    """Run the desk on a database of its own, with a workspace in it; on these cores, else on the servers'."""
    dsn = await postgres.database(name)
    conn = await asyncpg.connect(dsn)
    await migrations.migrate(conn)
    workspace = await make_workspace(conn)
    await conn.close()
    settings = {
        "DATABASE_URL": dsn,
        "DATA_DIR": str(folder / f"{name}-data"),
        "PORT": "0",
        "SOCKETS_PER_ADDRESS": "0",
        **dict.fromkeys(UNLIMITED, "0"),
    }
    environment = {f"SUPPORTDESK_{key}": value for key, value in settings.items()}
    command = [sys.executable, "-m", "supportdesk", "serve"]
    async with started(command, log=folder / f"{name}.log", environment=environment, cores=cores) as program:
        line = await program.says("running at http://127.0.0.1:")
        yield Desk(program, int(line.rpartition(":")[2]), workspace, dsn, name)
