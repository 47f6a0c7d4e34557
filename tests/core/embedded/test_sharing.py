"""One owner, and others who join it or do without it."""

import os
from pathlib import Path

import psutil
import pytest

from supportdesk.core.embedded import Arrival, EmbeddedError, EmbeddedServer
from supportdesk.core.embedded.running import _launch
from tests.core.embedded.desks import Owner, asked, processes_of


def another(home: Path) -> EmbeddedServer:
    return EmbeddedServer(home, durable=False)


async def test_a_second_owner_is_refused_and_told_which_process_holds_the_directory(
    owner: Owner, server: EmbeddedServer, home: Path
) -> None:
    owner.says("ready")
    with pytest.raises(EmbeddedError) as refusal:
        await server.start()
    assert refusal.value.sentence == (
        f"The data directory {home} is in use by process {owner.pid}: "
        "stop it first, or choose another directory with SUPPORTDESK_DATA_DIR."
    )
    async with server.attach() as info:
        assert info.arrival is Arrival.JOINED
    owner.kill()
    await server.start()
    await server.stop()


async def test_a_second_owner_in_the_same_process_is_refused_too(server: EmbeddedServer, home: Path) -> None:
    await server.start()
    with pytest.raises(EmbeddedError, match=f"in use by process {os.getpid()}"):
        await another(home).start()
    with pytest.raises(RuntimeError, match="already"):
        await server.attach().__aenter__()
    assert await asked(server, "SELECT 1") == 1
    await server.stop()


async def test_who_attaches_joins_the_running_server_and_leaves_it_running(server: EmbeddedServer, home: Path) -> None:
    owned = await server.start()
    visitor = another(home)
    async with visitor.attach() as info:
        assert info.arrival is Arrival.JOINED
        assert info.pid == owned.pid
        assert await asked(visitor, "SELECT 1") == 1
    assert await asked(server, "SELECT 1") == 1
    await server.stop()


async def test_who_attaches_to_nothing_starts_the_server_and_stops_it_afterwards(
    server: EmbeddedServer, home: Path
) -> None:
    async with server.attach() as info:
        assert info.arrival is Arrival.STARTED
        assert await asked(server, "SELECT 1") == 1
    assert not processes_of(home)


async def test_the_last_of_those_who_attached_stops_the_server(home: Path) -> None:
    first, second = another(home), another(home)
    async with second.attach():
        async with first.attach() as info:
            assert info.arrival is Arrival.JOINED
        assert await asked(second, "SELECT 1") == 1
    assert not processes_of(home)


async def test_an_owner_takes_over_a_server_that_a_command_has_started(server: EmbeddedServer, home: Path) -> None:
    command = another(home)
    async with command.attach() as started:
        assert (await server.start()).pid == started.pid
    assert await asked(server, "SELECT 1") == 1
    await server.stop()
    assert not processes_of(home)


async def test_who_attaches_to_an_orphan_stops_it_on_leaving(owner: Owner, server: EmbeddedServer, home: Path) -> None:
    owner.says("ready")
    owner.kill()
    async with server.attach() as info:
        assert info.arrival is Arrival.ADOPTED
    assert not processes_of(home)


async def test_an_error_inside_does_not_keep_the_server_running(server: EmbeddedServer, home: Path) -> None:
    async def fail() -> None:
        async with server.attach():
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert not processes_of(home)


async def test_a_server_that_is_in_use_but_does_not_answer_is_left_to_its_owner(
    server: EmbeddedServer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supportdesk.core.embedded.running.JOIN_LIMIT_S", 0.2)
    postmaster = psutil.Process((await server.start()).pid)
    postmaster.suspend()
    with pytest.raises(EmbeddedError, match="does not answer"):
        await another(home).attach().__aenter__()
    postmaster.resume()
    assert await asked(server, "SELECT 1") == 1
    await server.stop()


async def test_who_comes_after_the_owner_has_stopped_starts_the_server_though_others_wait_for_it(
    server: EmbeddedServer, home: Path
) -> None:
    await server.start()
    waiting, newcomer = another(home), another(home)
    async with waiting.attach():
        await server.stop()
        async with newcomer.attach() as info:
            assert info.arrival is Arrival.STARTED
            assert await asked(waiting, "SELECT 1") == 1
        assert await asked(waiting, "SELECT 1") == 1
    assert not processes_of(home)


async def test_a_server_in_another_container_is_joined_and_never_doubled(
    owner: Owner, server: EmbeddedServer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner.says("ready")
    owner.kill()
    there = min(process.pid for process in processes_of(home))
    with monkeypatch.context() as container:
        container.setattr("supportdesk.core.embedded.processes._servers", lambda *_, **__: {})
        info = await server.start()
        assert info.arrival is Arrival.JOINED
        assert info.pid == there
        cluster = server._present().cluster
        with pytest.raises(EmbeddedError, match="cannot be seen from here"):
            await _launch(cluster, "other settings", info.socket_dir)
    await server.stop()
    assert not processes_of(home)
