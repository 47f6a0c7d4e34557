"""A client that keeps the contract: the same id until it is acknowledged, the stream by D4, the return by D5."""

import asyncio
from dataclasses import dataclass
from random import Random
from time import monotonic
from typing import Any
from uuid import uuid4

import aiohttp
import orjson

from supportdesk.core.tasks import Tasks
from tests.faults.history import Ack, History, Listening, Read, Send
from tests.faults.link import Json, Link, LinkLost, Refused
from tests.faults.stream import Stream

GAP_S = 0.2
ACK_LIMIT_S = 8.0
JOIN_LIMIT_S = 30.0
"""In a storm whoever gives up early only comes again and makes it worse."""
BACK_OFF_S = (0.25, 0.5, 1.0, 2.0)
"""D2's 1, 2, 4 … 30 s made short, so that a run shows what the desk needs and not what the clients wait."""
AGAIN = frozenset({"server_busy", "rate_limited", "internal", "unauthenticated"})
"""Refusals that say nothing of the message: the same id is sent again."""
OUT = frozenset({"blocked", "account_not_active"})
UNKNOWN = (LinkLost, TimeoutError, aiohttp.ClientError, OSError)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a token: a guest, or one of the staff."""

    id: str
    token: str
    staff: bool

    @property
    def namespace(self) -> str:
        """Where they connect."""
        return "/desk" if self.staff else "/guest"


class Client:
    """One socket of one person, reconnected for as long as it lives, and their HTTP requests."""

    def __init__(
        self, person: Person, url: str, http: aiohttp.ClientSession, history: History, random: Random, *, name: str = ""
    ) -> None:
        self.person, self.url, self.name = person, url, name or person.id[-6:]
        self.history = history
        self.streams: dict[str, Stream] = {}
        self.link: Link | None = None
        self.up = asyncio.Event()
        self.opened = 0
        self.is_silent = False  # hears, says nothing and asks for nothing
        self.wants_up = asyncio.Event()  # cleared: stay away until it is set again
        self.wants_up.set()
        self._http, self._random = http, random
        self._tasks = Tasks()
        self._asking: set[str] = set()
        self._life: asyncio.Task[Any] | None = None

    def hears(self, room: str, *, member: bool = True) -> Listening:
        """Listen to a room from the next connection on; `member` false: try to, and hear nothing."""
        listening = Listening(self.name, self.person.id, room, self.person.staff, member)
        self.history.listening.append(listening)
        self.streams[room] = Stream(listening)
        return listening

    def start(self) -> None:
        """Connect, and again whenever the connection ends."""
        self._life = self._tasks.spawn(self._live(), name=f"client {self.name}", lasting=True)

    async def stop(self) -> None:
        """Leave for good."""
        if self._life is not None:
            self._life.cancel()
        if self.link is not None:
            await self.link.close()
        await self._tasks.drain(grace_s=0.1)

    async def _live(self) -> None:
        tried = 0
        while True:
            await self.wants_up.wait()
            try:
                await self._connect()
                tried = 0
                if self.link is not None:
                    await self.link.lost.wait()
            except Refused as refused:
                if refused.code in OUT:
                    return
            except UNKNOWN:
                pass
            finally:
                self.up.clear()
                if self.link is not None:
                    self.link.drop()
                self.link = None
            await asyncio.sleep(BACK_OFF_S[min(tried, 2)] * self._random.uniform(0.2, 1))
            tried += 1

    async def _connect(self) -> None:
        link = await Link.open(self._http, self.url, self.person.namespace, self.person.token, self._hear)
        self.link = link
        self.opened += 1
        self.history.reconnects += self.opened > 1
        self._tasks.spawn(link.run(), name="link")
        for room, stream in list(self.streams.items()):
            self._asking.add(room)  # what comes ahead of the answer is no gap: the answer fills it
            try:
                await self._join(link, stream)
            finally:
                self._asking.discard(room)
            self._fill_if_gap(room, stream)
        self.up.set()

    async def _join(self, link: Link, stream: Stream) -> None:
        """D5: the channel first, then the log from where the stream had got to."""
        listening, after = stream.listening, stream.last
        want: Json = {"room_id": listening.room, "after_seq": after}
        if stream.epoch is not None:
            want["epoch"] = stream.epoch
        try:
            page = await link.ask("room.join", want, within_s=JOIN_LIMIT_S)
        except Refused as refused:
            if refused.code in AGAIN:
                link.drop()  # a client would try again on this connection; a new one is as good
                raise LinkLost from None
            listening.refused.append((monotonic(), refused.code))
            return
        if stream.read(page, after):
            await self._sync(link, stream)

    async def _sync(self, link: Link, stream: Stream) -> None:
        more = True
        while more:
            after = stream.last
            want = {"room_id": stream.listening.room, "after_seq": after, "epoch": stream.epoch}
            try:
                page = await link.ask("room.sync", want, within_s=ACK_LIMIT_S)
            except Refused as refused:
                if refused.code not in AGAIN:
                    stream.listening.refused.append((monotonic(), refused.code))
                return
            more = stream.read(page, after)

    def _hear(self, event: str, data: Json) -> None:
        room = data.get("room_id")
        if not isinstance(room, str):
            return
        stream = self.streams.get(room)
        if stream is None:
            if not (self.person.staff and event == "inbox.changed"):
                self.history.strays.append((self.name, event, room))
            return
        now = monotonic()
        self.history.pieces += event == "message.delta"
        if event == "room.event":
            stream.take(data, now)
            self._fill_if_gap(room, stream)
        elif event != "inbox.changed":
            stream.listening.last_frame_at = now

    def _fill_if_gap(self, room: str, stream: Stream) -> None:
        if stream.has_gap and room not in self._asking and not self.is_silent:
            self._asking.add(room)
            self._tasks.spawn(self._fill(room, stream), name="fill")

    async def _fill(self, room: str, stream: Stream) -> None:
        try:
            while stream.has_gap:
                await asyncio.sleep(GAP_S)
                if (link := self.link) is None:
                    return
                if stream.has_gap:
                    await self._sync(link, stream)
        except UNKNOWN:
            if self.link is not None:
                self.link.drop()  # no answer to a read: connect again and read there
        finally:
            self._asking.discard(room)

    def speaks_in(self) -> list[str]:
        """The rooms of which it is a member and in which it talks."""
        if self.is_silent:
            return []
        streams = (stream.listening for stream in self.streams.values())
        return [listening.room for listening in streams if listening.member and not listening.removed]

    # Sending

    def begins(self, room: str, content: str, *, hidden: bool = False) -> Send:
        """Note down a message that will be sent."""
        send = Send(self.person.id, self.person.staff, room, str(uuid4()), content, hidden, monotonic())
        self.history.sends.append(send)
        return send

    async def delivers(self, send: Send, *, by_http: float = 0.0, reads: bool = False, until: float = 120.0) -> bool:
        """Send until it is acknowledged or refused for good; `by_http` is the share of tries that go over HTTP."""
        ends, tried = monotonic() + until, 0
        while monotonic() < ends:
            if await self.tries(send, by_http=self._random.random() < by_http):
                if reads and send.acks:
                    await self._reads_own(send.acks[-1], send.room)
                return bool(send.acks)
            await asyncio.sleep(BACK_OFF_S[min(tried, 3)] * self._random.uniform(0.5, 1))
            tried += 1
        return False

    async def tries(self, send: Send, *, by_http: bool = False) -> bool:
        """One try; whether its fate is known now. Counted when it leaves."""
        try:
            ack = await (self._over_http(send) if by_http else self._over_socket(send))
        except Refused as refused:
            if refused.code == "internal":
                self.history.odd.append(f"{self.name}: {refused} for {send.key}")
            if refused.code in AGAIN:
                send.unknown += 1
                return False
            send.refusals.append(refused.code)
            return True
        except UNKNOWN:
            send.unknown += 1
            return False
        send.acks.append(Ack(ack["id"], ack["seq"], ack["created_at"], ack["duplicate"], monotonic()))
        return True

    async def sends_otherwise(self, send: Send, content: str) -> str | None:
        """The id of a message with another body: the refusal's code, `accepted`, or None when nothing was answered."""
        if (link := self.link) is None:
            return None
        body = {"room_id": send.room, **_body(send), "content": content}
        try:
            await link.ask("message.send", body, within_s=ACK_LIMIT_S)
        except Refused as refused:
            return None if refused.code in AGAIN else refused.code
        except UNKNOWN:
            return None
        return "accepted"

    async def _over_socket(self, send: Send) -> Json:
        async with asyncio.timeout(ACK_LIMIT_S):
            await self.up.wait()
        if (link := self.link) is None:
            raise LinkLost
        send.tries += 1
        return await link.ask("message.send", {"room_id": send.room, **_body(send)}, within_s=ACK_LIMIT_S)

    async def _over_http(self, send: Send) -> Json:
        send.tries += 1
        async with self._http.post(
            f"{self.url}/api/v1/rooms/{send.room}/messages",
            data=orjson.dumps(_body(send)),
            headers={"Authorization": f"Bearer {self.person.token}", "Content-Type": "application/json"},
            timeout=aiohttp.ClientTimeout(total=ACK_LIMIT_S),
        ) as response:
            answer: Json = orjson.loads(await response.read())
            if response.status >= 400:
                raise Refused(answer.get("error", {"code": f"http {response.status}"}))
            return answer

    async def _reads_own(self, ack: Ack, room: str) -> None:
        """Read-your-writes: the log has the message as soon as its sender has the acknowledgement."""
        if (link := self.link) is None:
            return
        try:
            page = await link.ask("room.sync", {"room_id": room, "after_seq": ack.seq - 1}, within_s=ACK_LIMIT_S)
        except (Refused, *UNKNOWN):
            return
        found = any(e["data"].get("message", {}).get("id") == ack.id and e["seq"] == ack.seq for e in page["events"])
        self.history.reads.append(Read(self.name, room, ack.id, ack.seq, found))


def _body(send: Send) -> Json:
    body: Json = {"client_msg_id": send.key, "content": send.content}
    if send.hidden:
        body["note"] = True
    return body
