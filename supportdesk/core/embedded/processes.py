"""Which PostgreSQL processes run, and ending them."""

import asyncio
import os
import re
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from supportdesk.core.embedded.account import Account
from supportdesk.core.embedded.errors import EmbeddedError

OURS: Final = "supportdesk-"  # how the name of every cluster of the desk begins
# A postmaster's command or a child's title, but not a shell or pg_ctl that is about to start one.
SERVER: Final = re.compile(r"(?:.*/)?postgres(?:: | -)")
POLL_S: Final = 0.03

Steps: TypeAlias = tuple[tuple[signal.Signals, float], ...]
"""Signals, each with the seconds it is given."""

# Fast: sessions are cut and a checkpoint is written. Immediate: no checkpoint, the next start recovers from WAL, and
# nothing committed is lost. Killing is the same for the data and works on a process that no longer listens.
FAST: Final[Steps] = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))
AT_ONCE: Final[Steps] = ((signal.SIGQUIT, 5.0), (signal.SIGKILL, 10.0))


@dataclass(frozen=True, slots=True)
class PidFile:
    """What postmaster.pid says; only the process list says whether it is still true."""

    pid: int
    socket_dir: Path
    status: str


def read_pid_file(cluster: Path) -> PidFile | None:
    """The cluster's postmaster.pid, or None when there is none or it is still being written."""
    try:
        lines = (cluster / "postmaster.pid").read_text("utf-8").splitlines()
        return PidFile(pid=int(lines[0]), socket_dir=Path(lines[4]), status=lines[7].strip())
    except (FileNotFoundError, ValueError, IndexError):
        return None


def recorded_pid(cluster: Path) -> int | None:
    """The process that postmaster.pid names, even while the rest of the file is still missing."""
    try:
        return abs(int((cluster / "postmaster.pid").read_text("utf-8").split("\n", 1)[0]))
    except (FileNotFoundError, ValueError):
        return None


def processes_named(name: str, account: Account) -> set[int]:
    """The account's PostgreSQL processes whose command line carries the cluster's name.

    Every process of a cluster shows it: the postmaster in its arguments, its children in their titles. Unlike
    /proc/<pid>/cwd, command lines can be read without the right to trace, which root lacks in most containers.
    """
    return {pid for pid, command in _servers(account).items() if name in command}


def is_alive(pid: int, name: str, account: Account) -> bool:
    """Whether the process is still one of the cluster's."""
    return name in _servers(account, only=pid).get(pid, "")


def runs_elsewhere(pid: int, account: Account) -> bool:
    """Whether the process is a PostgreSQL that the desk did not start."""
    return OURS not in _servers(account, only=pid).get(pid, OURS)


async def end(name: str, account: Account, cluster: Path, *, steps: Steps) -> None:
    """End the cluster's processes by the steps (signal, seconds to wait) until none is left."""
    for how, limit_s in steps:
        alive = processes_named(name, account)
        pid_file = read_pid_file(cluster)
        # The postmaster ends its children itself; they are told only when it is gone or does not listen.
        told = {pid_file.pid} if pid_file and pid_file.pid in alive and how is not signal.SIGKILL else alive
        for pid in told:
            with suppress(ProcessLookupError):
                os.kill(pid, how)
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                while processes_named(name, account):  # noqa: ASYNC110 - other programs' processes raise no event
                    await asyncio.sleep(POLL_S)
                return
    left = ", ".join(map(str, sorted(processes_named(name, account))))
    raise EmbeddedError(f"PostgreSQL in {cluster} does not end (processes {left}): end them, or restart the machine.")


def _servers(account: Account, *, only: int | None = None) -> dict[int, str]:
    """The account's PostgreSQL processes by pid, each with its command line; the dead that nobody buried have none."""
    commands = _from_proc(account, only) if Path("/proc/self/cmdline").exists() else _from_ps(account, only)
    return {pid: command for pid, command in commands.items() if SERVER.match(command)}


def _from_proc(account: Account, only: int | None) -> dict[int, str]:
    commands = {}
    for entry in [Path(f"/proc/{only}")] if only else Path("/proc").iterdir():
        # A process may end while we look.
        with suppress(OSError):
            if entry.name.isdecimal() and entry.stat().st_uid == account.uid:
                raw = (entry / "cmdline").read_bytes()
                commands[int(entry.name)] = raw.decode("utf-8", "replace").replace("\0", " ")
    return commands


def _from_ps(account: Account, only: int | None) -> dict[int, str]:
    _, said = account.run(["ps", "-ww", "-U", str(account.uid), "-o", "pid=,args="], cwd=Path("/"), limit_s=10)
    rows = (line.strip().partition(" ") for line in said.splitlines())
    return {int(pid): command.strip() for pid, _, command in rows if pid.isdecimal() and only in {None, int(pid)}}
