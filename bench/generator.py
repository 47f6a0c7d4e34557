"""The load generator (load.c) as the measurements use it: compiled when needed, one process per crowd of sockets."""

import asyncio
import hashlib
import json
import os
import shutil
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from bench.figures import RESULTS
from bench.machine import CannotMeasure, load_cores

SOURCE: Final = Path(__file__).parent / "load.c"
PATH: Final = "/socket.io/?EIO=4&transport=websocket"
BUSY: Final = 0.9
"""Share of a core above which the generator may be what was measured."""
AT_ONCE: Final = 64
LATE_S: Final = 60.0

Phase = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One socket: where it goes, who it is, what it sends first, and the event that is a message of its own."""

    port: int
    namespace: str
    auth: dict[str, Any]
    hello: list[Any] | None = None
    room_id: str = ""

    def line(self) -> str:
        """As the generator reads it."""
        before = '["message.send",' + json.dumps({"room_id": self.room_id})[:-1] + ',"client_msg_id":"'
        hello = json.dumps(self.hello) if self.hello else ""
        return "\t".join(
            [str(self.port), PATH, self.namespace, json.dumps(self.auth), hello, before, f'","content":"{WORDS}"}}]']
        )


WORDS: Final = "Where is my order? I have waited for nine days now, and the parcel service knows nothing of it."


@dataclass(frozen=True, slots=True)
class Connected:
    """How the sockets came in."""

    connected: int
    failed: int
    seconds: float
    why: str  # what the first that failed was told


@dataclass(frozen=True, slots=True)
class Spoken:
    """What came of a round of messages; times in ms, and only `acked` and they are of the part that counts."""

    acked: int
    seconds: float
    sent: int
    unanswered: int
    refused: int
    lost: int  # sockets that the server closed
    deliveries: int
    expected: int
    p50: float
    p95: float
    p99: float
    cpu_us: float  # of the generator, per message
    cpu_share: float  # of a core
    why: str  # the first refusal

    @property
    def missing(self) -> int:
        """Messages and deliveries that ought to have been and were not."""
        return self.unanswered + self.refused + self.lost + abs(self.expected - self.deliveries)


async def program() -> Path:
    """The generator as a program, compiled once per version of its source; raises CannotMeasure."""
    if sys.platform != "linux":
        raise CannotMeasure("The load generator runs on Linux only: measure there.")
    made = RESULTS.parent / f"load-{hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:12]}"
    if made.exists():
        return made
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise CannotMeasure("The load generator needs a C compiler: apt-get install gcc.")
    made.parent.mkdir(parents=True, exist_ok=True)
    fresh = made.with_suffix(f".{os.getpid()}")
    compiling = await asyncio.create_subprocess_exec(compiler, "-O2", "-std=gnu11", "-o", fresh, SOURCE, stderr=PIPE)
    _, said = await compiling.communicate()
    if compiling.returncode:
        raise CannotMeasure(f"The load generator cannot be compiled: {said.decode(errors='replace').strip()}.")
    fresh.rename(made)
    return made


class Generator:
    """A crowd of sockets in another process."""

    def __init__(self, process: Process, folder: Path) -> None:
        self._process, self._folder = process, folder
        self._orders = cast("asyncio.StreamWriter", process.stdin)
        self._answers = cast("asyncio.StreamReader", process.stdout)

    async def connect(self, callers: Sequence[Caller], *, at_once: int = AT_ONCE) -> Connected:
        """Open these sockets in the place of those before; each is in when its first event is acknowledged."""
        file = self._folder / "callers"
        file.write_text("".join(caller.line() + "\n" for caller in callers))
        return Connected(**await self._told(f"connect {file} {at_once}", within_s=120))

    async def closed(self, seconds: float, *, warm: float, fan: int, phase: Phase | None = None) -> Spoken:
        """One message in flight per socket; `phase` hears "measuring" and "measured" around the part that counts."""
        return Spoken(**await self._told(f"closed {seconds} {warm} {fan}", within_s=seconds + warm, phase=phase))

    async def open(self, rate: float, seconds: float, *, warm: float, fan: int, phase: Phase | None = None) -> Spoken:
        """So many messages a second, by the clock; latency counts from when a message was due."""
        return Spoken(**await self._told(f"open {rate} {seconds} {warm} {fan}", within_s=seconds + warm, phase=phase))

    async def listen(self, expected: int, *, within_s: float = 30.0) -> int:
        """Deliveries since the last order, once so many have come or the time is over."""
        return int((await self._told(f"listen {expected} {within_s}", within_s=within_s))["deliveries"])

    async def hang_up(self) -> None:
        """Close every socket."""
        await self._told("hangup", within_s=0)

    async def _told(self, order: str, *, within_s: float, phase: Phase | None = None) -> dict[str, Any]:
        self._orders.write(order.encode() + b"\n")
        await self._orders.drain()
        while True:
            line = await asyncio.wait_for(self._answers.readline(), within_s + LATE_S)
            if not line:
                raise CannotMeasure("The load generator has died; its error is above.")
            answer: dict[str, Any] = json.loads(line)
            if "phase" not in answer:
                return answer
            if phase is not None:
                phase(answer["phase"])


@asynccontextmanager
async def generator() -> AsyncIterator[Generator]:
    """A crowd that nobody has told anything yet; it leaves with the block."""
    with tempfile.TemporaryDirectory(prefix="supportdesk-load-") as folder:
        process = await asyncio.create_subprocess_exec(await program(), stdin=PIPE, stdout=PIPE)
        os.sched_setaffinity(process.pid, load_cores())
        crowd = Generator(process, Path(folder))
        try:
            yield crowd
        finally:
            cast("asyncio.StreamWriter", process.stdin).close()
            await process.wait()
