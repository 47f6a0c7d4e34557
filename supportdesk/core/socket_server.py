# mypy: allow-untyped-calls
"""The library's server with what the desk adds: a queue of packets per connection, and handlers called exactly once."""

import asyncio
import logging
from collections.abc import Callable
from inspect import isawaitable
from typing import Any

import socketio
import structlog
from aiohttp import WSCloseCode, web
from socketio.exceptions import ConnectionRefusedError as ConnectionRefused

from supportdesk.core.socket_link import Cut, Link, Links, SocketLimits
from supportdesk.core.socket_packets import ACK, CONNECT, DISCONNECT, EVENTS, RESERVED, Packet, is_fit, read
from supportdesk.core.tasks import Tasks
from supportdesk.errors import BadRequest, DeskError, ServerBusy

log = structlog.get_logger(__name__)


class DeskServer(socketio.AsyncServer):
    """What both paths share; a child names the engine."""

    def __init__(
        self,
        *,
        limits: SocketLimits,
        tasks: Tasks,
        on_cut: Callable[[str, str], None],
        ping_interval: float,
        ping_timeout: float,
        **engine_options: Any,
    ) -> None:
        self._on_cut = on_cut
        self.links = Links(
            limits=limits,
            tasks=tasks,
            ping_interval=ping_interval,
            ping_timeout=ping_timeout,
            perform=self._perform,
            leave=self._leave,
            is_attached=lambda link: bool(self._sids_of(link)),
            on_cut=self._heard_of_cut,
        )
        super().__init__(
            serializer=Packet,
            async_handlers=False,
            namespaces=[""],  # only those with handlers; an empty list would admit everybody to "/"
            logger=_quiet("socketio"),
            engineio_logger=_quiet("engineio"),
            ping_interval=ping_interval,
            ping_timeout=ping_timeout,
            links=self.links,
            **engine_options,
        )

    def attach(self, app: web.Application, socketio_path: str = "socket.io") -> None:
        """Serve at a path of the application and shut down with it, before aiohttp waits for the handlers."""
        super().attach(app, socketio_path)

        async def stop(_app: web.Application) -> None:
            await self.shutdown()

        app.on_shutdown.append(stop)

    async def deliver(
        self, event: str, data: Any, *, room: str, namespace: str, ephemeral: bool, skip_sid: str | None
    ) -> None:
        """Send an event to a room of a namespace."""
        skip = [skip_sid]
        if ephemeral:
            for sid, eio_sid in self.manager.get_participants(namespace, room):
                link = self.links.by_sid.get(eio_sid)
                if link is not None and not link.may_send(ephemeral=True):
                    skip.append(sid)
        await self.emit(event, data, room=room, namespace=namespace, skip_sid=skip)

    async def shutdown(self) -> None:
        """Refuse newcomers, let handlers finish and be acknowledged, close every connection, stop the tasks."""
        self.eio.closing = True
        await self.links.end_all(self.reason.SERVER_DISCONNECT, WSCloseCode.GOING_AWAY)
        await self.eio.stop_tasks()  # the library's own shutdown stops one of them, and fails when called twice

    # What the engine tells; the library's common base declares these three without their arguments.

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:  # type: ignore[override]
        await super()._handle_eio_connect(eio_sid, environ)
        self.eio.greet(eio_sid, environ)

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:  # type: ignore[override]
        link = self.links.by_sid.get(eio_sid)
        if link is not None and reason == Cut.PING_TIMEOUT:
            link.cut(Cut.PING_TIMEOUT)
        elif link is not None:
            link.end(reason)

    async def _handle_eio_message(self, eio_sid: str, data: str | bytes) -> None:  # type: ignore[override]
        link = self.links.by_sid.get(eio_sid)
        if link is None or link.ended:
            return
        try:
            packet = read(link, data, most_bytes=self.eio.max_http_buffer_size)
        except (ValueError, TypeError, LookupError, RecursionError):
            link.cut(Cut.PROTOCOL, code=WSCloseCode.POLICY_VIOLATION)
            return
        if packet is None:
            return
        if not is_fit(packet):
            await self._refuse(link, packet, BadRequest("Send a JSON list that begins with the event's name."))
        elif link.crowded and not await link.room():
            await self._refuse(link, packet, ServerBusy("Too many events wait; send it again later.", retry_after=1))
        elif not link.ended:
            link.put(packet, len(data))

    async def _refuse(self, link: Link, packet: Packet, error: DeskError) -> None:
        namespace = packet.namespace or "/"
        known = self.manager.sid_from_eio_sid(link.sid, namespace)
        if packet.packet_type in EVENTS and packet.id is not None and known:
            await self._send_packet(link.sid, Packet(ACK, [_refusal(error)], namespace, packet.id))
        log.info("socket.packet_refused", sid=known or link.sid, namespace=namespace[:64], error=error.specific_code)
        link.strike()

    async def _perform(self, link: Link, packet: Packet) -> None:
        """Act on one packet; the link calls it for one after the other."""
        namespace = packet.namespace or "/"
        try:
            if packet.packet_type == CONNECT:
                await self._handle_connect(link.sid, namespace, packet.data)
                if self.manager.sid_from_eio_sid(link.sid, namespace):
                    self.links.attach(link)
                else:
                    link.strike()
            elif self.manager.sid_from_eio_sid(link.sid, namespace) is None:
                link.strike()
            elif packet.packet_type == DISCONNECT:
                await self._handle_disconnect(link.sid, namespace, self.reason.CLIENT_DISCONNECT)
            elif packet.packet_type in EVENTS:
                await self._handle_event(link.sid, namespace, packet.id, packet.data)
            else:
                await self._handle_ack(link.sid, namespace, packet.id, packet.data)
        except Exception:
            log.exception("socket.packet_failed", sid=link.sid, namespace=namespace)

    async def _leave(self, link: Link) -> None:
        await super()._handle_eio_disconnect(link.sid, link.ended)
        await link.hang_up()

    async def _trigger_event(self, event: str, namespace: str, *args: Any) -> Any:
        """Call the handler once, whatever it raises; the library calls some again after a TypeError of their own."""
        handler, args = self._get_event_handler(event, namespace, args)
        if handler is None:
            return None if event in RESERVED else _refusal(BadRequest("There is no such event.", code="unknown_event"))
        try:
            reply = handler(*args)
            return await reply if isawaitable(reply) else reply
        except ConnectionRefused:
            raise
        except asyncio.CancelledError:
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise
            log.warning("socket.handler_cancelled", event_name=event, namespace=namespace)
        except Exception:
            log.exception("socket.handler_failed", event_name=event, namespace=namespace)
        if event in RESERVED:
            return False
        return _refusal(DeskError("Something went wrong on our side; try again.", code="internal"))

    def _sids_of(self, link: Link) -> list[str]:
        sids = (self.manager.sid_from_eio_sid(link.sid, namespace) for namespace in self.manager.get_namespaces())
        return [sid for sid in sids if sid]

    def _heard_of_cut(self, link: Link, reason: Cut) -> None:
        sids = self._sids_of(link) or [link.sid]
        log.warning("socket.cut", sids=sids, reason=reason, unsent=link.unsent, still_s=round(link.still_s, 1))
        for sid in sids:
            try:
                self._on_cut(sid, reason)
            except Exception:
                log.exception("socket.on_cut_failed", sid=sid, reason=reason)


def _refusal(error: DeskError) -> dict[str, Any]:
    return {"ok": False, "error": error.as_wire()}


def _quiet(name: str) -> logging.Logger:
    # At warning the library tells of every packet for a socket that has left; below, it logs message bodies.
    logger = logging.getLogger(f"{__name__}.{name}")
    logger.setLevel(logging.ERROR)
    return logger
