"""One Socket.IO connection of the contract on raw WebSocket frames, without the server's code and the library's."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeAlias

import aiohttp
import orjson

Json: TypeAlias = dict[str, Any]
OPEN_LIMIT_S = 10.0


class LinkLost(Exception):
    """The connection has ended: what was asked on it has an unknown fate."""


class Refused(Exception):
    """The desk said no; `code` says why."""

    def __init__(self, error: Json) -> None:
        super().__init__(f"{error.get('code')}: {error.get('message')}")
        self.code = str(error.get("code"))


class Link:
    """A connection to one namespace, from the hand-shake until either side ends it."""

    def __init__(
        self, ws: aiohttp.ClientWebSocketResponse, namespace: str, hear: Callable[[str, Json], None], patience_s: float
    ) -> None:
        self._ws, self._namespace, self._hear = ws, namespace, hear
        self._patience_s = patience_s  # silence after which the other side counts as gone
        self._asked: dict[int, asyncio.Future[Json]] = {}
        self._next = 0
        self.lost = asyncio.Event()
        self.reading = asyncio.Event()  # cleared: stop taking bytes from the socket
        self.reading.set()

    @classmethod
    async def open(
        cls, http: aiohttp.ClientSession, url: str, namespace: str, token: str, hear: Callable[[str, Json], None]
    ) -> "Link":
        """Connect and enter the namespace; raises Refused, LinkLost, TimeoutError or aiohttp.ClientError."""
        async with asyncio.timeout(OPEN_LIMIT_S):
            ws = await http.ws_connect(
                f"{url}/socket.io/?EIO=4&transport=websocket", compress=0, max_msg_size=0, autoping=True
            )
            try:
                hello = orjson.loads((await _text(ws))[1:])
                await ws.send_str(f"40{namespace},{orjson.dumps({'token': token}).decode()}")
                answer = await _text(ws)
                while answer == "2":
                    await ws.send_str("3")
                    answer = await _text(ws)
            except BaseException:
                _drop(ws)
                raise
        if answer.startswith("44"):
            _drop(ws)
            error = orjson.loads(answer.partition(",")[2])
            raise Refused({"code": error.get("message"), **(error.get("data") or {})})
        return cls(ws, namespace, hear, (hello["pingInterval"] + hello["pingTimeout"]) / 1000)

    async def run(self) -> None:
        """Hand on what comes until the connection ends; never raises."""
        event_head, ack_head = f"42{self._namespace},", f"43{self._namespace},"
        try:
            while True:
                await self.reading.wait()
                async with asyncio.timeout(self._patience_s):
                    text = await _text(self._ws)
                if text.startswith(event_head):
                    name, data = orjson.loads(text[len(event_head) :])
                    self._hear(name, data)
                elif text.startswith(ack_head):
                    number, _, body = text[len(ack_head) :].partition("[")
                    asked = self._asked.pop(int(number), None)
                    if asked is not None and not asked.done():
                        asked.set_result(orjson.loads("[" + body)[0])
                elif text == "2":
                    await self._ws.send_str("3")
                elif text.startswith(("41", "1")):
                    return
        except (LinkLost, TimeoutError, OSError, aiohttp.ClientError):
            return
        finally:
            self.drop()

    async def ask(self, event: str, data: Json, *, within_s: float) -> Json:
        """Send an event; its acknowledgement. Raises Refused, or LinkLost or TimeoutError: then the fate is unknown."""
        if self.lost.is_set():
            raise LinkLost
        self._next += 1
        number = self._next
        asked = self._asked[number] = asyncio.get_running_loop().create_future()
        packet = f"42{self._namespace},{number}{orjson.dumps([event, data]).decode()}"
        try:
            async with asyncio.timeout(within_s):
                try:
                    await self._ws.send_str(packet)
                except (OSError, aiohttp.ClientError):
                    raise LinkLost from None
                ack: Json = await asked
        finally:
            self._asked.pop(number, None)
        if not ack["ok"]:
            raise Refused(ack["error"])
        return ack

    def drop(self) -> None:
        """End the connection without a word, as a crash of the client does."""
        if self.lost.is_set():
            return
        self.lost.set()
        for asked in self._asked.values():
            if not asked.done():
                asked.set_exception(LinkLost())
                asked.exception()  # whoever waited may have gone
        _drop(self._ws)

    async def close(self) -> None:
        """End it in good form."""
        try:
            async with asyncio.timeout(1):
                await self._ws.close()
        except (TimeoutError, OSError, aiohttp.ClientError):
            pass
        finally:
            self.drop()


async def _text(ws: aiohttp.ClientWebSocketResponse) -> str:
    message = await ws.receive()
    if message.type is not aiohttp.WSMsgType.TEXT:
        raise LinkLost
    return str(message.data)


def _drop(ws: aiohttp.ClientWebSocketResponse) -> None:
    connection = ws._response.connection  # aiohttp shows it nowhere else
    if connection is not None and connection.transport is not None:
        connection.transport.abort()
    ws._response.close()
