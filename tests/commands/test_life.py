"""A server's life as an operator sees it: start, stop, kill, start again."""

import asyncio
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg
import pytest
import socketio

from supportdesk.core.embedded import EmbeddedServer
from tests.commands.shell import Server, run, serving
from tests.factories import Workspace, make_workspace

SENDS = 200
DRAIN_S = 15.0


class Visitor:
    """A guest of a server in another process."""

    def __init__(self, server: Server) -> None:
        self._url = server.url
        self.socket = socketio.AsyncClient(reconnection=False)
        self.room_id = ""

    async def come(self, workspace: Workspace) -> None:
        """Begin a conversation."""
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{self._url}/api/v1/guest/sessions", json={"site_key": workspace.plain_site_key}) as response,
        ):
            token = (await response.json())["token"]
        await self.socket.connect(
            self._url, auth={"token": token}, namespaces=["/guest"], transports=["websocket"], wait_timeout=20
        )
        ack = await self.asks("room.open", client_room_id=str(uuid4()))
        self.room_id = ack["room"]["id"]

    async def asks(self, event: str, **data: Any) -> dict[str, Any]:
        """Send, and wait for the acknowledgement."""
        ack: dict[str, Any] = await self.socket.call(event, data, namespace="/guest", timeout=20)
        return ack

    async def says(self, words: str) -> dict[str, Any]:
        """A message."""
        return await self.asks("message.send", room_id=self.room_id, client_msg_id=words, content=words)


@pytest.fixture
async def workspace(migrated_database: str) -> Workspace:
    """A workspace in a database that no other desk serves."""
    conn = await asyncpg.connect(migrated_database)
    made = await make_workspace(conn)
    await conn.close()
    return made


async def test_sigterm_lets_what_is_under_way_be_acknowledged(
    tmp_path: Path, migrated_database: str, workspace: Workspace
) -> None:
    with serving(tmp_path, database_url=migrated_database, guest_rate=0) as server:
        visitor = Visitor(server)
        await visitor.come(workspace)
        acks: list[dict[str, Any]] = []

        def keep(done: "asyncio.Task[dict[str, Any]]") -> None:
            if not done.cancelled() and not done.exception():
                acks.append(done.result())

        sends = [asyncio.get_running_loop().create_task(visitor.says(f"{n}")) for n in range(SENDS)]
        for send in sends:
            send.add_done_callback(
                lambda done: None if done.cancelled() or done.exception() else acks.append(done.result())
            )
        await sends[0]
        began = time.monotonic()
        ended = await asyncio.to_thread(server.stop)
        took_s = time.monotonic() - began
        await visitor.socket.wait()  # until the connection has ended: what is not acknowledged by then never will be
        for send in sends:
            send.cancel()
        await asyncio.gather(*sends, return_exceptions=True)
    assert ended.status == 0, ended.err
    assert "Stopping: finishing what is under way." in ended.err
    assert took_s < DRAIN_S
    stored = await contents(migrated_database)
    accepted = [ack["id"] for ack in acks if ack["ok"]]
    assert accepted
    assert set(accepted) <= set(stored), "what was acknowledged is stored"
    assert len(accepted) == len(stored), "what was stored was acknowledged"


async def contents(dsn: str) -> list[str]:
    conn = await asyncpg.connect(dsn)
    rows = await conn.fetch("SELECT id FROM messages")
    await conn.close()
    return [str(row["id"]) for row in rows]


async def test_after_kill_9_everything_acknowledged_is_there(
    tmp_path: Path, migrated_database: str, workspace: Workspace
) -> None:
    with serving(tmp_path, database_url=migrated_database, guest_rate=0) as server:
        visitor = Visitor(server)
        await visitor.come(workspace)
        sends = [asyncio.get_running_loop().create_task(visitor.says(f"{n}")) for n in range(SENDS)]
        await asyncio.wait(sends, return_when=asyncio.FIRST_COMPLETED)
        server.kill()
        await visitor.socket.disconnect()
        for send in sends:
            send.cancel()
        done = await asyncio.gather(*sends, return_exceptions=True)
    accepted = {ack["id"] for ack in done if isinstance(ack, dict) and ack["ok"]}
    assert accepted
    with serving(tmp_path, database_url=migrated_database, guest_rate=0) as server:
        assert accepted <= set(await contents(migrated_database))
        again = Visitor(server)
        await again.come(workspace)
        assert (await again.says("still here?"))["ok"]
        await again.socket.disconnect()
        assert (await asyncio.to_thread(server.stop)).status == 0


def test_the_embedded_database_is_owned_kept_and_adopted(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        ended = run(tmp_path, "serve", port=0)
        assert ended.status == 1
        assert f"is in use by process {server.process.pid}: stop it first" in ended.sentence
        assert run(tmp_path, "doctor").status == 0, "other commands join the server that runs"
        assert server.status("/readyz") == 200
        first = server.kill()
    assert '"arrival":"created"' in first.err
    assert "migration.applied" in first.err
    began = time.monotonic()
    with serving(tmp_path) as server:
        took_s = time.monotonic() - began
        ended = server.stop()
    assert ended.status == 0, ended.err
    assert '"arrival":"adopted"' in ended.err
    assert "migration.applied" not in ended.err, "a second start has nothing to do but to open its doors"
    assert took_s < 30
    with asyncio.Runner() as runner:  # nothing of it is left running
        left = EmbeddedServer(tmp_path / "var" / "postgres")
        assert runner.run(arrival_of(left)) == "started"


async def arrival_of(server: EmbeddedServer) -> str:
    async with server.attach() as info:
        return str(info.arrival)


async def test_a_server_of_an_empty_desk_prints_the_one_time_code(tmp_path: Path, migrated_database: str) -> None:
    with serving(tmp_path, database_url=migrated_database) as server:
        ended = await asyncio.to_thread(server.stop)
    assert "The desk is empty: open " in ended.out
    assert f"{server.url}/setup" in ended.out
