"""Socket.IO at the edge: the tables of events, the connections, and the only emitter."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

import socketio
import socketio.exceptions
import structlog
from pydantic import BaseModel

from supportdesk.actor import Actor, ActorKind, Permission, UserId
from supportdesk.core import fast_socket
from supportdesk.core.db import Database, Lane, Tx
from supportdesk.core.events import Bus, Event
from supportdesk.core.fast_socket import DeskServer
from supportdesk.core.inject import Resources, parameters
from supportdesk.core.limits import Bucket
from supportdesk.core.metrics import SOCKET_EVENTS, SOCKETS
from supportdesk.core.ops import first_ack, keep_ack
from supportdesk.core.refusals import tell_denial
from supportdesk.core.tasks import Tasks
from supportdesk.core.wire import Command, parse
from supportdesk.errors import BadRequest, DeskError, Forbidden, RateLimited, ServerBusy, Unauthenticated

log = structlog.get_logger(__name__)

Handler = Callable[..., Awaitable[Any]]
Ack = dict[str, Any]


class Namespace(StrEnum):
    """Guests and staff never share a namespace: each has its own events, rooms and frames."""

    GUEST = "/guest"
    DESK = "/desk"


GUEST, DESK = Namespace.GUEST, Namespace.DESK


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketOpened(Event):
    """Somebody connected."""

    actor: Actor
    namespace: Namespace


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketClosed(Event):
    """Somebody's connection ended; `last` when no other of theirs is left in this process."""

    actor: Actor
    namespace: Namespace
    last: bool


@dataclass(slots=True, eq=False)
class Socket:
    """One connection of one actor to one namespace."""

    sid: str
    namespace: Namespace
    actor: Actor
    bucket: Bucket
    server: DeskServer
    rooms: dict[UUID, bool] = field(default_factory=dict)
    """The desk rooms it hears, and whether the others in each may know that."""

    async def enter(self, room_id: UUID, *, visible: bool) -> None:
        """Hear this desk room from now on."""
        await self.server.enter_room(self.sid, channel(room_id), namespace=self.namespace)
        self.rooms[room_id] = visible

    def visible_in(self, room_id: UUID) -> bool:
        """Whether guests of the room may know that this socket hears it."""
        return self.rooms.get(room_id, False)

    async def leave(self, room_id: UUID) -> None:
        """Hear this desk room no more."""
        self.rooms.pop(room_id, None)
        await self.server.leave_room(self.sid, channel(room_id), namespace=self.namespace)

    async def cut(self, why: DeskError | None = None) -> None:
        """End the connection to this namespace; the client is told why first."""
        if why is not None:
            await self.server.emit("session.ended", why.as_wire(), to=self.sid, namespace=self.namespace)
        await self.server.disconnect(self.sid, namespace=self.namespace)


class SocketAuthenticator(Protocol):
    """Turns a token into an actor; app.py wires the slices that know."""

    async def __call__(self, namespace: Namespace, token: str, address: str) -> Actor:
        """The actor; raises Unauthenticated or Forbidden."""


@dataclass(frozen=True, slots=True)
class SocketRoute:
    """One event that clients may send."""

    event: str
    payload: type[BaseModel]
    handler: Handler
    namespaces: tuple[Namespace, ...]
    needs: Permission | None
    public: str | None
    quiet: bool
    takes: dict[str, type[Any]]
    takes_tx: bool


class SocketRoutes:
    """The events one slice listens to, as a table that app.py reads."""

    def __init__(self) -> None:
        self.table: list[SocketRoute] = []

    def on(
        self,
        event: str,
        payload: type[BaseModel],
        *,
        namespaces: tuple[Namespace, ...],
        needs: Permission | None = None,
        public: str | None = None,
        quiet: bool = False,
    ) -> Callable[[Handler], Handler]:
        """Register an event; it names the permission it needs, or why everybody connected may send it."""
        if (needs is None) == (public is None):
            raise TypeError(f"{event} must name the permission it needs, or why it is public")

        def register(handler: Handler) -> Handler:
            takes = parameters(handler)
            takes_tx = Tx in takes.values()
            self.table.append(SocketRoute(event, payload, handler, namespaces, needs, public, quiet, takes, takes_tx))
            return handler

        return register


def channel(room_id: UUID) -> str:
    """The Socket.IO room of a desk room."""
    return f"room:{room_id}"


def workspace_channel(workspace_id: UUID) -> str:
    """The Socket.IO room of all of a workspace's staff."""
    return f"workspace:{workspace_id}"


def user_channel(user_id: UUID) -> str:
    """The Socket.IO room of one person's sockets."""
    return f"user:{user_id}"


class Emitter:
    """The only way out to the sockets: in the order of the calls, encoded once each, never waiting."""

    def __init__(self, server: DeskServer, tasks: Tasks) -> None:
        self._server = server
        self._tasks = tasks
        self._waiting: deque[tuple[str, Mapping[str, Any], str, Namespace, bool, str | None]] = deque()
        self._draining = False

    def emit(
        self,
        event: str,
        data: Mapping[str, Any],
        *,
        to: str,
        namespace: Namespace,
        ephemeral: bool = False,
        skip: str | None = None,
    ) -> None:
        """Send to a channel. Ephemeral ones may be dropped for a socket that reads slowly (D8, D10)."""
        self._waiting.append((event, data, to, namespace, ephemeral, skip))
        if not self._draining:
            self._draining = True
            self._tasks.spawn(self._drain(), name="emit")

    def has_listeners(self, to: str, namespace: Namespace) -> bool:
        """Whether any socket of this process hears the channel: frames for nobody are not built."""
        return bool(self._server.manager.rooms.get(namespace, {}).get(to))

    async def _drain(self) -> None:
        try:
            while self._waiting:
                event, data, to, namespace, ephemeral, skip = self._waiting.popleft()
                try:
                    await fast_socket.emit(
                        self._server, event, data, room=to, namespace=namespace, ephemeral=ephemeral, skip_sid=skip
                    )
                except Exception:
                    log.exception("socket.emit_failed", event_name=event)  # the others wait for nothing
        finally:
            self._draining = False


class Sockets:
    """Every connection of this process, and the dispatch of their events."""

    def __init__(self, server: DeskServer, resources: Resources, *, guest_rate: float, guest_burst: int) -> None:
        self._server = server
        self._resources = resources
        self._bus = resources.get(Bus)
        self._rate, self._burst = guest_rate, guest_burst
        self._open: dict[tuple[Namespace, str], Socket] = {}
        self._of_user: dict[UserId, set[Socket]] = {}
        self._events: set[tuple[Namespace, str]] = set()
        for namespace in Namespace:
            server.on("connect", self._connect(namespace), namespace=namespace)
            server.on("disconnect", self._disconnect(namespace), namespace=namespace)
            server.on("*", self._unknown(namespace), namespace=namespace)

    def serve(self, routes: SocketRoutes) -> None:
        """Listen to the events of a table; raises ValueError when two slices claim the same."""
        for route in routes.table:
            for namespace in route.namespaces:
                if (namespace, route.event) in self._events:
                    raise ValueError(f"{route.event} on {namespace} is claimed twice")
                self._events.add((namespace, route.event))
                self._server.on(route.event, self._edge(route, namespace), namespace=namespace)

    def __iter__(self) -> Iterator[Socket]:
        return iter(list(self._open.values()))

    def of_user(self, user_id: UserId) -> list[Socket]:
        """The connections of one person in this process."""
        return list(self._of_user.get(user_id, ()))

    def _connect(self, namespace: Namespace) -> Handler:
        async def connect(sid: str, environ: dict[str, Any], auth: object = None) -> None:
            token = auth.get("token") if isinstance(auth, dict) else None
            address = str(environ.get("REMOTE_ADDR", ""))
            try:
                if not isinstance(token, str) or not token or len(token) > 4096:  # noqa: PLR2004 - no token is longer
                    raise Unauthenticated("Send a token in the auth of the connection.")
                authenticate = self._resources.get(SocketAuthenticator)  # type: ignore[type-abstract]
                actor = await authenticate(namespace, token, address)
            except DeskError as error:
                log.info("socket.refused", namespace=namespace, error=error.specific_code)
                raise socketio.exceptions.ConnectionRefusedError(error.specific_code, error.as_wire()) from None
            except Exception:
                log.exception("socket.connect_failed", namespace=namespace)
                raise socketio.exceptions.ConnectionRefusedError(
                    "internal", {"code": "internal", "message": "Something went wrong on our side."}
                ) from None
            await self._admit(sid, namespace, actor)

        return connect

    async def _admit(self, sid: str, namespace: Namespace, actor: Actor) -> None:
        rate = self._rate if actor.kind is ActorKind.GUEST else 0.0
        bucket = Bucket(rate, self._burst, self._burst, time.monotonic())
        socket = Socket(sid, namespace, actor, bucket, self._server)
        self._open[namespace, sid] = socket
        if actor.id is not None:
            self._of_user.setdefault(actor.id, set()).add(socket)
            await self._server.enter_room(sid, user_channel(actor.id), namespace=namespace)
        if namespace is DESK:
            await self._server.enter_room(sid, workspace_channel(actor.workspace_id), namespace=namespace)
        SOCKETS.labels(namespace).inc()
        log.info("socket.opened", namespace=namespace, actor=str(actor.id), sid=sid)
        self._bus.publish(SocketOpened(actor=actor, namespace=namespace))

    def _disconnect(self, namespace: Namespace) -> Handler:
        async def disconnect(sid: str, reason: str = "") -> None:
            socket = self._open.pop((namespace, sid), None)
            if socket is None:
                return
            actor, last = socket.actor, True
            if actor.id is not None and (mine := self._of_user.get(actor.id)) is not None:
                mine.discard(socket)
                last = not mine
                if last:
                    del self._of_user[actor.id]
            SOCKETS.labels(namespace).dec()
            log.info("socket.closed", namespace=namespace, actor=str(actor.id), sid=sid, reason=reason)
            self._bus.publish(SocketClosed(actor=actor, namespace=namespace, last=last))

        return disconnect

    def _unknown(self, namespace: Namespace) -> Handler:
        async def unknown(event: str, sid: str, *_data: object) -> Ack:
            log.info("socket.unknown_event", namespace=namespace, sid=sid, event_name=event[:64])
            socket = self._open.get((namespace, sid))
            if socket is not None and (wait_s := socket.bucket.wait_s(time.monotonic())):
                return _refused(RateLimited("Too many events at once; wait a little.", retry_after=wait_s))
            return _refused(BadRequest("There is no such event.", code="unknown_event"))

        return unknown

    def _edge(self, route: SocketRoute, namespace: Namespace) -> Handler:
        of_ok = SOCKET_EVENTS.labels(route.event, "ok")

        async def edge(sid: str, *data: object) -> Ack | None:
            began = time.perf_counter()
            socket = self._open.get((namespace, sid))
            if socket is None:
                return _refused(Unauthenticated("This connection has ended."))
            outcome = "ok"
            try:
                ack = await self._handle(route, socket, data)
            except DeskError as error:
                outcome = error.specific_code
                ack = _refused(error)
                tell_denial(self._resources, socket.actor, route.event, error)
                if isinstance(error, ServerBusy):  # for the whole client: what else it would send can wait as well
                    again = {"retry_after": error.details["retry_after"]}
                    self._resources.get(Emitter).emit("server_busy", again, to=sid, namespace=namespace, ephemeral=True)
            except asyncio.CancelledError:
                raise
            except Exception:
                outcome = "internal"
                log.exception("socket.failed", event_name=route.event)
                ack = _refused(DeskError("Something went wrong on our side; try again.", code=outcome))
            took_s = time.perf_counter() - began
            (of_ok if outcome == "ok" else SOCKET_EVENTS.labels(route.event, outcome)).observe(took_s)
            (log.debug if route.quiet and outcome == "ok" else log.info)(
                "socket.event",
                event_name=route.event,
                namespace=namespace,
                actor=str(socket.actor.id),
                outcome=outcome,
                ms=round(took_s * 1000, 2),
            )
            return ack

        return edge

    async def _handle(self, route: SocketRoute, socket: Socket, data: tuple[object, ...]) -> Ack:
        if wait_s := socket.bucket.wait_s(time.monotonic()):
            raise RateLimited("Too many events at once; wait a little.", retry_after=wait_s)
        if len(data) != 1 or not isinstance(data[0], dict):
            raise BadRequest("Send one object with the event.")
        want = parse(route.payload, data[0])
        actor = socket.actor
        if route.needs is not None and not actor.may(route.needs):
            raise Forbidden(f"Your role does not include the permission {route.needs}.", permission=str(route.needs))
        given: dict[Any, Any] = {route.takes.get("want"): want, Actor: actor, Socket: socket}
        if not route.takes_tx:
            return await self._answer(route, given)
        async with self._resources.get(Database).transaction(actor, lane=Lane.REALTIME) as tx:
            given[Tx] = tx
            op_id = want.op_id if isinstance(want, Command) else None
            if op_id is None:
                return await self._answer(route, given)
            kept = await first_ack(tx, op_id, route.event, want)
            if kept is not None:
                return kept
            ack = await self._answer(route, given)
            await keep_ack(tx, op_id, route.event, want, ack)
            return ack

    async def _answer(self, route: SocketRoute, given: Mapping[Any, Any]) -> Ack:
        get = self._resources.get
        return _accepted(await route.handler(**{n: given[k] if k in given else get(k) for n, k in route.takes.items()}))


def _accepted(result: object) -> Ack:
    match result:
        case None:
            return {"ok": True}
        case BaseModel():
            return {"ok": True, **result.model_dump(mode="json", exclude_unset=True)}
        case dict():
            return {"ok": True, **result}
        case _:
            raise TypeError(f"A handler answered with {type(result).__name__}")


def _refused(error: DeskError) -> Ack:
    return {"ok": False, "error": error.as_wire()}
