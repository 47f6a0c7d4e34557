"""The desk's process: started on a port of its own, killed, paused, asked to stop, and looked at from outside."""

import asyncio
import json
import os
import re
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

import aiohttp
import psutil

from supportdesk.core.places import PACKAGE

START_LIMIT_S = 60.0
END_LIMIT_S = 60.0
POLL_S = 0.03
SETTINGS = {
    "GUEST_RATE": "0",
    "LOG_LEVEL": "warning",
    "LOG_JSON": "1",
    "SECRET_KEY": "a secret of the fault runs, long enough to be one",
    "PING_INTERVAL_S": "5",
    "PING_TIMEOUT_S": "5",
    "ROBOT_WORKERS": "0",
}


def free_port() -> int:
    """A port that nobody listens on now; ours for the run, so that clients return to the same address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Node:
    """One desk process after another at one address; `args` go to tests.faults.desk, none start the product itself."""

    def __init__(self, name: str, dsn: str, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.name, self.port = name, free_port()
        self._dsn, self._folder = dsn, folder
        self._settings = {**SETTINGS, **(settings or {})}
        self._process: asyncio.subprocess.Process | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "desk.log"
        self.args: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Its process; RuntimeError when there is none."""
        if self._process is None:
            raise RuntimeError(f"Node {self.name} does not run: start it first.")
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.returncode is None

    async def start(self, *args: str) -> float:
        """Start and wait until it can serve; how long that took in seconds."""
        began = monotonic()
        self.args = args
        chosen = {
            **self._settings,
            "DATABASE_URL": self._dsn,
            "DATA_DIR": str(self._folder / "data"),
            "PORT": str(self.port),
        }
        environment = os.environ | {f"SUPPORTDESK_{name}": value for name, value in chosen.items()}  # noqa: TID251 - of a child
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                *(("tests.faults.desk", *args) if args else ("supportdesk", "serve")),
                cwd=PACKAGE.parent,
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        await self.answers()
        return monotonic() - began

    async def answers(self) -> None:
        """Come back when it says that it can serve; RuntimeError when it ends instead."""
        async with aiohttp.ClientSession() as http, asyncio.timeout(START_LIMIT_S):
            while self.is_alive:
                with suppress(aiohttp.ClientError, OSError, TimeoutError):
                    async with http.get(f"{self.url}/readyz", timeout=aiohttp.ClientTimeout(total=2)) as response:
                        if response.status == 200:
                            return
                await asyncio.sleep(POLL_S)
        raise RuntimeError(f"Node {self.name} ended before it could serve; its log is {self.log}:\n{self.last_words()}")

    def logged(self, event: str) -> list[dict[str, Any]]:
        """The lines of its log about this."""
        lines = self.log.read_text("utf-8", "replace").splitlines()
        facts = (json.loads(line) for line in lines if line.startswith("{"))
        return [fact for fact in facts if fact["event"] == event]

    def last_words(self, characters: int = 2000) -> str:
        """The end of its log."""
        return self.log.read_text("utf-8", "replace")[-characters:] if self.log.exists() else ""

    def send(self, number: signal.Signals) -> None:
        """Send it a signal; nothing when it is gone."""
        if self.is_alive and self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def ended(self, within_s: float = END_LIMIT_S) -> float:
        """Wait for its end; how long that took. TimeoutError when it does not come."""
        began = monotonic()
        if self._process is not None:
            async with asyncio.timeout(within_s):
                await self._process.wait()
        return monotonic() - began

    async def kill(self) -> None:
        """End it by kill -9, and wait until it is gone."""
        self.send(signal.SIGKILL)
        await self.ended()

    async def stop(self) -> float:
        """Ask it to end; how long it took. Killed when it takes longer than anybody would wait."""
        self.send(signal.SIGTERM)
        try:
            return await self.ended()
        except TimeoutError:
            await self.kill()
            raise

    def rss(self) -> int:
        """Its resident memory in bytes."""
        return int(psutil.Process(self.pid).memory_info().rss)

    def descriptors(self) -> int:
        """Its open files and sockets."""
        return int(psutil.Process(self.pid).num_fds())

    async def metrics(self, http: aiohttp.ClientSession) -> dict[str, float]:
        """What it counts about itself, by name and labels as they stand."""
        async with http.get(f"{self.url}/metrics") as response:
            text = await response.text()
        rows = re.findall(r"^([a-z_]+(?:\{[^}]*\})?) ([0-9.e+-]+|\+Inf|NaN)$", text, re.MULTILINE)
        return {name: float(value) for name, value in rows}
