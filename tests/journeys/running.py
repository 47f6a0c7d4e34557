"""A desk in a process of its own, as `make run` starts it: on a fresh data directory, with the demo workspace."""

import asyncio
import re
import signal
import socket
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
START_S = 90.0
"""The first start makes a database, migrates it and reads the first articles; on a busy machine that takes a while."""
STOP_S = 30.0


class RunningDesk:
    """One desk, its address, and what becomes of it: killed, started again, stopped."""

    def __init__(self, data_dir: Path, command: str = "demo", packages: Path | None = None) -> None:
        self.data_dir, self.command, self.packages = data_dir, command, packages
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data_dir.with_suffix(".log")
        self.installed_in_s = 0.0
        """How long the first start took, from nothing to serving."""
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it, and return when it says that it runs."""
        began = time.monotonic()
        with self.log.open("ab") as errors:
            self._process = await self._spawn(errors)
        stdout = self._process.stdout
        assert stdout is not None
        async with asyncio.timeout(START_S):
            async for line in stdout:
                if b"is running at" in line:
                    self.installed_in_s = self.installed_in_s or time.monotonic() - began
                    return
        code = await self._process.wait()
        raise AssertionError(f"The desk did not start, and ended with {code}:\n{self.log.read_text()[-2000:]}")

    async def _spawn(self, errors: IO[bytes]) -> asyncio.subprocess.Process:
        # By `env`, so that the rest of the environment is what it is for everybody else.
        settings = {"DATA_DIR": self.data_dir, "PORT": self.port, "LOG_LEVEL": "warning", "GUEST_RATE": 0}
        return await asyncio.create_subprocess_exec(
            "env",
            *(f"SUPPORTDESK_{name}={value}" for name, value in settings.items()),
            *([f"PYTHONPATH={self.packages}"] if self.packages is not None else []),
            sys.executable,
            "-m",
            "supportdesk",
            self.command,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )

    async def says(self, pattern: str) -> str:
        """What a pattern finds in what it prints once it runs."""
        assert self._process is not None
        assert self._process.stdout is not None
        async with asyncio.timeout(START_S):
            async for line in self._process.stdout:
                if found := re.search(pattern, line.decode()):
                    return found[0]
        raise AssertionError(f"The desk ended without saying {pattern}.")

    def freeze(self) -> None:
        """Let it neither hear nor answer, as if its machine had stopped; only a kill ends that."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    async def kill(self) -> None:
        """Kill it as the out-of-memory killer would."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """Ask it to stop, and wait until it has."""
        await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(number)
        async with asyncio.timeout(STOP_S):
            await process.communicate()


def free_port() -> int:
    """A port that nobody listens on now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
