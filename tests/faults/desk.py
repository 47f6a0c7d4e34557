"""The real desk with one thing wrong: it dies at a point, its clock is off, it streams without end, its loop stands.

    python -m tests.faults.desk [--die POINT --at N] [--shift SECONDS] [--lease SECONDS] [--carry FILE] [--stream]

The product has no hooks for this: the functions at the points are wrapped here. SIGUSR2 lights the fuse of the point,
SIGUSR1 holds up the event loop.
"""

import argparse
import asyncio
import itertools
import os
import signal
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from aiohttp import web

from supportdesk import app as wiring
from supportdesk import cli
from supportdesk.actor import WorkspaceId
from supportdesk.config import Settings
from supportdesk.core import outbox
from supportdesk.core.clock import Clock
from supportdesk.core.events import Bus, Event
from supportdesk.core.http import RESOURCES
from supportdesk.core.ids import uuid7
from supportdesk.core.outbox import Outbox
from supportdesk.core.socket_server import DeskServer
from supportdesk.core.sockets import Emitter, Namespace
from supportdesk.core.tasks import Tasks
from supportdesk.messages import queries
from supportdesk.messages.events import MessagesPosted

MARK = "faults.mark"
"""The kind of the side effects that the relay's points are tried with."""
BLOCKED_S = 3.0
ACK_LEAVES_S = 0.1
PIECE_EVERY_S = 0.05


class Point(StrEnum):
    """Where it dies."""

    BEFORE_INSERT = "before-insert"
    AFTER_INSERT = "after-insert"  # before the commit; the statement that commits itself has just been sent
    AFTER_COMMIT = "after-commit"  # before anything is published or acknowledged
    AFTER_ACK = "after-ack"  # nothing was published
    RELAY_CLAIMED = "relay-claimed"  # a side effect is claimed and not carried out
    RELAY_CARRIED = "relay-carried"  # it is carried out, and that is not written down


class Fuse:
    """Counts how often a point is passed once it is lit, and ends the process there."""

    def __init__(self, at: int) -> None:
        self._left = at
        self._is_lit = False

    def light(self) -> None:
        """Count from now on."""
        self._is_lit = True

    def burns(self) -> bool:
        """Whether this pass is the one."""
        self._left -= self._is_lit
        return self._left == 0

    def pass_by(self) -> None:
        """Die if this pass is the one."""
        if self.burns():
            die()


def die() -> None:
    """What the kernel does to a process, not what Python does."""
    os.kill(os.getpid(), signal.SIGKILL)


def lay(point: Point, fuse: Fuse) -> None:
    """Wrap the real function at the point."""
    match point:
        case Point.BEFORE_INSERT | Point.AFTER_INSERT:
            _around_insert(fuse, before=point is Point.BEFORE_INSERT)
        case Point.AFTER_COMMIT:
            _before_publishing(fuse)
        case Point.AFTER_ACK:
            _instead_of_publishing(fuse)
        case Point.RELAY_CLAIMED:
            _around_carrying(fuse, before=True)
        case Point.RELAY_CARRIED:
            _around_carrying(fuse, before=False)


def _around_insert(fuse: Fuse, *, before: bool) -> None:
    post_flight = queries.post_flight

    async def wrapped(*args: Any, **kwargs: Any) -> Any:
        if before:
            fuse.pass_by()
        if not before and kwargs.get("alone") and fuse.burns():
            asyncio.get_running_loop().call_soon(die)  # the next turn of the loop: the statement has left by then
        verdicts = await post_flight(*args, **kwargs)
        if not before and not kwargs.get("alone"):
            fuse.pass_by()
        return verdicts

    queries.post_flight = wrapped


def _before_publishing(fuse: Fuse) -> None:
    publish = Bus.publish

    def wrapped(bus: Bus, event: Event) -> None:
        if isinstance(event, MessagesPosted):
            fuse.pass_by()
        publish(bus, event)

    Bus.publish = wrapped  # type: ignore[method-assign, assignment]


def _instead_of_publishing(fuse: Fuse) -> None:
    """From the chosen message on nothing is published; the process dies when its acknowledgement has left."""
    emit = Emitter.emit
    doomed = False

    def wrapped(emitter: Emitter, event: str, data: Any, **options: Any) -> None:
        nonlocal doomed
        if not doomed and event == "room.event" and data["kind"] == "message.created" and fuse.burns():
            doomed = True
            asyncio.get_running_loop().call_later(ACK_LEAVES_S, die)
        if not doomed:
            emit(emitter, event, data, **options)

    Emitter.emit = wrapped  # type: ignore[method-assign, assignment]


def _around_carrying(fuse: Fuse, *, before: bool) -> None:
    carry = Outbox.carry

    def wrapped(relay: Outbox, kind: str, carrier: outbox.Carrier) -> None:
        async def carried(workspace_id: WorkspaceId, payload: dict[str, Any]) -> None:
            if before:
                fuse.pass_by()
            await carrier(workspace_id, payload)
            if not before:
                fuse.pass_by()

        carry(relay, kind, carried)

    Outbox.carry = wrapped  # type: ignore[method-assign, assignment]


async def _stream(app: web.Application) -> None:
    """Say something in every room all the time, as robots do that stream their answers: by the desk's only way out."""
    emitter, server = app[RESOURCES].get(Emitter), app[RESOURCES].get(DeskServer)
    draft, robot = str(uuid7()), str(uuid7())
    for piece in itertools.count():
        await asyncio.sleep(PIECE_EVERY_S)
        for namespace in Namespace:
            for to in [name for name in server.manager.rooms.get(namespace, {}) if str(name).startswith("room:")]:
                said = {"room_id": to.removeprefix("room:"), "draft_id": draft, "robot_id": robot, "delta": "and "}
                emitter.emit("message.delta", {**said, "n": piece}, to=to, namespace=namespace, ephemeral=True)


async def _begin_to_stream(app: web.Application) -> None:
    app[RESOURCES].get(Tasks).spawn(_stream(app), name="stream", lasting=True)


class ShiftedClock(Clock):
    """Wall time that is off by a fixed span; seconds pass as they do."""

    def __init__(self, by: timedelta) -> None:
        self._by = by

    def now(self) -> datetime:
        """The present instant as this machine would tell it."""
        return super().now() + self._by


def _carrier(path: Path) -> Callable[[WorkspaceId, dict[str, Any]], Awaitable[None]]:
    """Write the mark of each side effect down where a kill cannot take it away."""

    async def carrier(_workspace_id: WorkspaceId, payload: dict[str, Any]) -> None:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(handle, f"{payload['mark']}\n".encode())
        os.close(handle)

    return carrier


def spoil(chosen: argparse.Namespace) -> None:
    """Do to the product what the arguments say."""
    build = wiring.build
    fuse = Fuse(chosen.at)
    if chosen.die is not None:
        lay(chosen.die, fuse)
    if chosen.lease is not None:
        outbox.LEASE_S = chosen.lease
    clock = ShiftedClock(timedelta(seconds=chosen.shift)) if chosen.shift else None

    def built(settings: Settings, dsn: str) -> web.Application:
        app = build(settings, dsn, clock=clock)
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, time.sleep, BLOCKED_S)
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR2, fuse.light)
        if chosen.stream:
            app.on_startup.append(_begin_to_stream)
        if chosen.carry is not None:
            app[RESOURCES].get(Outbox).carry(MARK, _carrier(chosen.carry))
        return app

    wiring.build = built  # type: ignore[assignment]


def main() -> None:
    """Read the arguments, then be the desk."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.desk", description=__doc__)
    parser.add_argument("--die", type=Point, choices=list(Point))
    parser.add_argument("--at", type=int, default=1, help="on which pass")
    parser.add_argument("--shift", type=float, default=0, help="seconds the clock is off")
    parser.add_argument("--lease", type=float, help="seconds for which a side effect is claimed")
    parser.add_argument("--stream", action="store_true", help="robots stream in every room all the time")
    parser.add_argument("--carry", type=Path, help="where the marks of the side effects are written")
    spoil(parser.parse_args())
    cli.main(["serve"])


if __name__ == "__main__":
    main()
