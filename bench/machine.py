"""The machine under measurement: which core does what, and how much time and memory processes have used."""

import asyncio
import os
import resource
from contextlib import suppress

import psutil

MANY_FILES = 20_000


class CannotMeasure(Exception):
    """Something this machine lacks; the sentence says what to do about it."""


def server_cores() -> set[int]:
    """Where servers under measurement run: one core, because each is one process with one thread that counts."""
    return {min(os.sched_getaffinity(0))}


def load_cores() -> set[int]:
    """Where the load comes from: another core than the servers' where there is one.

    PostgreSQL is left to the kernel: its many processes fill what neither uses, as they do on a real machine.
    """
    return {max(os.sched_getaffinity(0))}


def allow_many_files() -> None:
    """Let this process and its children open as many sockets as they may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MANY_FILES if hard == resource.RLIM_INFINITY else min(MANY_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def cpu_us(pid: int) -> float:
    """CPU time of a process, its children and those it has outlived, in µs."""
    head = psutil.Process(pid)
    while True:
        before = head.cpu_times()
        used = 0.0
        for child in head.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                times = child.cpu_times()
                used += times.user + times.system
        times = head.cpu_times()
        outlived = times.children_user + times.children_system
        if outlived == before.children_user + before.children_system:  # else somebody ended meanwhile: look again
            return (used + outlived + times.user + times.system) * 1e6


def rss_bytes(pid: int) -> int:
    """Memory that a process holds, without its children: a server's sockets are its own."""
    return int(psutil.Process(pid).memory_info().rss)


async def until_idle(pid: int, *, within_s: float = 20.0) -> None:
    """Come back when a process has had little to do for half a second, or at the deadline."""
    loop = asyncio.get_running_loop()
    until = loop.time() + within_s
    quiet, before = 0, cpu_us(pid)
    while quiet < 2 and loop.time() < until:  # noqa: PLR2004 - two looks of a quarter of a second
        await asyncio.sleep(0.25)
        after = cpu_us(pid)
        quiet = quiet + 1 if after - before <= 25_000 else 0  # noqa: PLR2004 - a tenth of a core
        before = after
