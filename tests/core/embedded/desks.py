"""What the tests of the embedded server share: homes made from one template, and desks in processes of their own."""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import psutil

from supportdesk.core.embedded import EmbeddedServer

ROOT = Path(__file__).resolve().parents[3]

# Owns the server until it is killed. Its forked worker lives on until our end of its standard input closes.
OWNER = """
import asyncio, os, sys
from pathlib import Path
from supportdesk.core.embedded import EmbeddedServer

async def own():
    server = EmbeddedServer(Path(sys.argv[1]), durable=False)
    print("begun", flush=True)
    await server.start()
    if os.fork() == 0:
        print("ready", flush=True)
        os.read(0, 1)
        os._exit(0)
    await asyncio.Event().wait()

asyncio.run(own())
"""

# Becomes a normal user when it is root. It has done everything once before, since that user may not be able to read
# the Python modules that are imported late.
NORMAL_USER = """
import asyncio, os, sys
from pathlib import Path
import asyncpg
from supportdesk.core.embedded import EmbeddedError, EmbeddedServer

async def once(home, site=None):
    server = EmbeddedServer(Path(home), durable=False, site=site)
    try:
        info = await server.start()
    except EmbeddedError as error:
        print("refused", error.sentence)
        return None
    conn = await asyncpg.connect(server.dsn())
    print("arrived", info.arrival, await conn.fetchval("SELECT current_user"))
    await conn.close()
    await server.stop()
    return info.programs.parents[2]

site = asyncio.run(once(sys.argv[1]))
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(int(sys.argv[3]))
    os.setuid(int(sys.argv[2]))
print("now", os.geteuid())
for home in sys.argv[4:]:
    asyncio.run(once(home, site))
"""


def normal_user() -> pwd.struct_passwd:
    """Ourselves, or nobody when we are root."""
    return pwd.getpwuid(os.geteuid()) if os.geteuid() else pwd.getpwnam("nobody")


def as_normal_user(warm: Path, *homes: Path) -> list[str]:
    """What a normal user gets who starts and stops a server in each of the homes, one line each."""
    user = normal_user()
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", NORMAL_USER, warm, str(user.pw_uid), str(user.pw_gid), *homes],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith(("refused", "arrived", "now"))]
    return lines[lines.index(f"now {user.pw_uid}") + 1 :]


class Owner:
    """A desk in a process of its own."""

    def __init__(self, home: Path) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-c", OWNER, home], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.pid = self._process.pid

    def says(self, word: str) -> None:
        """Wait for the word."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.strip() == word:
                return
        raise AssertionError(f"the owner ended before it was {word}")

    def kill(self) -> None:
        """Kill it as the out-of-memory killer would; its worker lives on."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Leave nothing behind."""
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()


@contextmanager
def open_to_all() -> Iterator[Path]:
    """A folder that every user can enter."""
    folder = Path(tempfile.mkdtemp(prefix="desk-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def no_process_left(home: Path) -> Iterator[None]:
    """Fail when a server outlives the block."""
    try:
        yield
    finally:
        left = processes_of(home)
        for process in left:
            process.kill()
    assert not left


def copy_home(template: Path, home: Path) -> Path:
    """A home as the template, owners included."""
    subprocess.run(["cp", "--archive", template, home], check=True)  # noqa: S603, S607 - whichever cp there is
    return home


def give_away(folder: Path, uid: int, gid: int) -> None:
    """Make the folder and all in it another user's."""
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, uid, gid)


def kill(pid: int) -> None:
    """Kill a postmaster."""
    os.kill(pid, signal.SIGKILL)


@contextmanager
def bystander(home: Path) -> Iterator[int]:
    """A process of PostgreSQL's own user that is not PostgreSQL."""
    with _as_owner_of(home / "cluster", "/bin/sh", "-c", "read line") as process:
        try:
            yield process.pid
        finally:
            process.kill()


@contextmanager
def stranger(postgres: Path, cluster: Path) -> Iterator[subprocess.Popen[str]]:
    """A server that somebody started in the cluster by hand."""
    with _as_owner_of(cluster, postgres, "-D", cluster, "-k", cluster, "-c", "logging_collector=off") as process:
        # Its pid file is there before anything else is.
        assert process.stderr is not None
        process.stderr.readline()
        try:
            yield process
        finally:
            process.terminate()


def _as_owner_of(folder: Path, *argv: str | Path) -> subprocess.Popen[str]:
    owner, root = folder.stat(), os.geteuid() == 0
    return subprocess.Popen(  # noqa: S603 - a shell or PostgreSQL
        argv,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        user=owner.st_uid if root else None,
        group=owner.st_gid if root else None,
        extra_groups=[] if root else None,
    )


def processes_of(home: Path) -> list[psutil.Process]:
    """The live processes whose command line names the home's cluster."""
    name = EmbeddedServer(home)._home.name
    return [process for process in psutil.process_iter() if name in " ".join(cmdline(process))]


def cmdline(process: psutil.Process) -> list[str]:
    """The command line, or nothing when the process is gone or not ours to see."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


async def until(condition: Callable[[], bool]) -> None:
    """Return as soon as the condition holds."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - other processes raise no event here
            await asyncio.sleep(0.005)


async def asked(server: EmbeddedServer, question: str) -> object:
    """The one value that the desk's owner gets for a question in SQL."""
    conn = await asyncpg.connect(server.dsn())
    try:
        return await conn.fetchval(question)
    finally:
        await conn.close()
