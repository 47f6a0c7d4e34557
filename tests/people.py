"""Those who use the desk, as tests speak of them: guest.says, agent.sees."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import timedelta, timezone
from functools import cached_property
from typing import Any, Self, TypeAlias, TypeVar
from uuid import UUID, uuid4

import aiohttp
import asyncpg
import socketio
from aiohttp import web

from supportdesk import app as wiring
from supportdesk.actor import UserId
from supportdesk.config import Settings
from supportdesk.core.clock import Clock
from supportdesk.core.http import RESOURCES
from supportdesk.core.inject import Resources
from supportdesk.core.jobs import Scheduler
from supportdesk.core.sockets import Socket, Sockets
from supportdesk.core.tasks import Tasks
from supportdesk.permissions.revocation import Revocation
from tests.factories import PASSWORD, Workspace

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Json: TypeAlias = dict[str, Any]
T = TypeVar("T")
PATIENCE_S = 10.0
"""How long a test waits for what must come; a failure, never a measure."""

WAITING_FOR_LOCK = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def later(days: int = 30) -> str:
    """An instant to come, in a zone east of ours."""
    return (Clock().now() + timedelta(days=days)).astimezone(timezone(timedelta(hours=2))).isoformat()


class Refused(AssertionError):
    """An acknowledgement said no."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(f"{error.get('code')}: {error.get('message')}")
        self.code = error.get("code")
        self.error = error


class Person:
    """One connection to one namespace, with everything it ever received."""

    namespace = ""

    def __init__(self, desk: "Desk") -> None:
        self.desk = desk
        self.id: UUID | None = None
        self.name = ""
        self.socket = socketio.AsyncClient(reconnection=False)
        self.heard: list[tuple[str, Json]] = []
        self._changed = asyncio.Condition()
        self.room_id: str | None = None
        self.joined: dict[str, Json] = {}
        """What the last join of each room was answered with."""
        self.closed = asyncio.Event()

    async def connect(self, token: str) -> Self:
        """Open the socket."""

        async def hear(event: str, *data: Any) -> None:
            async with self._changed:
                self.heard.append((event, data[0] if data else {}))
                self._changed.notify_all()

        async def gone(*_reason: object) -> None:
            self.closed.set()

        self.socket.on("*", hear, namespace=self.namespace)
        self.socket.on("disconnect", gone, namespace=self.namespace)
        await self.socket.connect(
            self.desk.url, auth={"token": token}, namespaces=[self.namespace], transports=["websocket"], wait_timeout=10
        )
        self.desk.connected.append(self)
        return self

    async def asks(self, event: str, **data: Any) -> Json:
        """Send an event; the acknowledgement, or Refused."""
        ack = await self.socket.call(event, data, namespace=self.namespace, timeout=PATIENCE_S)
        if not ack["ok"]:
            raise Refused(ack["error"])
        return dict(ack)

    async def is_refused(self, event: str, **data: Any) -> str:
        """Send an event that must be refused; the error's code."""
        return str((await self.refusal(event, **data))["code"])

    async def refusal(self, event: str, **data: Any) -> Mapping[str, Any]:
        """Send an event that must be refused; the error."""
        try:
            ack = await self.asks(event, **data)
        except Refused as refusal:
            return refusal.error
        raise AssertionError(f"{event} was accepted: {ack}")

    async def tells(self, event: str, **data: Any) -> None:
        """Send an event that has no acknowledgement."""
        await self.socket.emit(event, data, namespace=self.namespace)

    async def joins(self, room_id: str, **data: Any) -> Json:
        """Hear a room."""
        self.room_id = room_id
        self.joined[room_id] = await self.asks("room.join", room_id=room_id, **data)
        return self.joined[room_id]

    async def says(self, content: str, *, room_id: str | None = None, key: str | None = None, **more: Any) -> Json:
        """Send a message into the present room."""
        return await self.asks(
            "message.send",
            room_id=room_id or self.room_id,
            client_msg_id=key or str(uuid4()),
            content=content,
            **more,
        )

    async def hears(self, event: str, matches: Callable[[Json], bool] = lambda _: True) -> Json:
        """The first event of a name that matches, now or soon."""

        def found() -> Json | None:
            return next((data for name, data in self.heard if name == event and matches(data)), None)

        async with self._changed:
            try:
                await asyncio.wait_for(self._changed.wait_for(lambda: found() is not None), PATIENCE_S)
            except TimeoutError:
                seen = [(n, d.get("kind", "")) for n, d in self.heard]
                raise AssertionError(f"{self.name or self.namespace} never heard {event}; heard {seen}") from None
        hit = found()
        assert hit is not None
        return hit

    async def sees(self, content: str) -> Json:
        """The message of these words, now or soon."""
        event = await self.hears(
            "room.event",
            lambda e: e["kind"] == "message.created" and e["data"]["message"]["content"] == content,
        )
        return dict(event["data"]["message"])

    async def sees_kind(self, kind: str) -> Json:
        """The first durable event of a kind, now or soon."""
        return await self.hears("room.event", lambda e: e["kind"] == kind)

    def events(self, room_id: str | None = None) -> list[Json]:
        """Every durable event received live, in order of arrival."""
        return [d for n, d in self.heard if n == "room.event" and (room_id is None or d["room_id"] == room_id)]

    async def catches_up(self, head: int, room_id: str | None = None) -> list[Json]:
        """The live events of a room once its number `head` has come, in the order of their numbers."""
        room = room_id or self.room_id
        await self.hears("room.event", lambda e: e["room_id"] == room and e["seq"] == head)
        return sorted(self.events(room), key=lambda event: int(event["seq"]))

    async def reads(self, room_id: str | None = None, *, after_seq: int = 0) -> list[Json]:
        """One's own stream of a room from a number to its head, page by page."""
        events: list[Json] = []
        while True:
            page = await self.asks("room.sync", room_id=room_id or self.room_id, after_seq=after_seq)
            events += page["events"]
            if not page["events"] or page["events"][-1]["seq"] == page["head"]:
                return events
            after_seq = page["events"][-1]["seq"]

    async def is_cut(self) -> None:
        """Come back when the server has ended the connection."""
        await asyncio.wait_for(self.closed.wait(), PATIENCE_S)

    def forgets(self) -> None:
        """Drop what was heard so far, to see what comes from now on."""
        self.heard.clear()

    async def leaves(self) -> None:
        """Close the socket."""
        await self.socket.disconnect()


class Guest(Person):
    """A customer in the widget."""

    namespace = "/guest"

    def __init__(self, desk: "Desk") -> None:
        super().__init__(desk)
        self.token = ""

    async def opens(self, topic: str | None = None) -> str:
        """Begin a conversation and hear it."""
        extra = {"topic": topic} if topic else {}
        ack = await self.asks("room.open", client_room_id=str(uuid4()), **extra)
        room_id = str(ack["room"]["id"])
        await self.joins(room_id)
        return room_id

    async def again(self) -> "Guest":
        """The same guest on one more socket."""
        other = Guest(self.desk)
        other.id, other.token, other.name, other.room_id = self.id, self.token, self.name, self.room_id
        return await other.connect(self.token)

    async def fetches(self, method: str, path: str, body: Json | None = None) -> tuple[int, Any]:
        """Call the HTTP interface with the guest's token; status and decoded body."""
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self.desk.http.request(method, self.desk.url + path, json=body, headers=headers) as response:
            return response.status, await response.json() if response.content_type == "application/json" else None


class Agent(Person):
    """A member of staff in the dashboard, with a cookie session for HTTP."""

    namespace = "/desk"

    def __init__(self, desk: "Desk", http: aiohttp.ClientSession) -> None:
        super().__init__(desk)
        self.http = http
        self.csrf = ""

    async def comes(self) -> Self:
        """Connect with a fresh ticket."""
        status, answer = await self.fetches("POST", "/api/v1/socket-tickets", {})
        assert status == 201, answer
        return await self.connect(answer["token"])

    async def again(self) -> "Agent":
        """The same member of staff on one more socket."""
        other = Agent(self.desk, self.http)
        other.id, other.csrf, other.name, other.room_id = self.id, self.csrf, self.name, self.room_id
        return await other.comes()

    async def fetches(self, method: str, path: str, body: Json | None = None) -> tuple[int, Any]:
        """Call the HTTP interface with the session's cookie; status and decoded body."""
        async with self.http.request(
            method, self.desk.url + path, json=body, headers={"X-CSRF-Token": self.csrf, "Origin": self.desk.url}
        ) as response:
            return response.status, await response.json() if response.content_type == "application/json" else None


class Desk:
    """One running application and the people of its workspace."""

    def __init__(self, settings: Settings, dsn: str, owner: Connection, workspace: Workspace) -> None:
        self.settings, self.dsn, self.owner, self.workspace = settings, dsn, owner, workspace
        self.connected: list[Person] = []
        self._meanwhile = Tasks()
        self._sessions: list[aiohttp.ClientSession] = []
        self._runner: web.AppRunner | None = None
        self.app: web.Application | None = None
        self.url = ""

    @property
    def resources(self) -> Resources:
        """The application's things, for a test that must reach one."""
        assert self.app is not None
        return self.app[RESOURCES]

    async def start(self) -> None:
        """Serve on a free port."""
        self.app = wiring.build(self.settings, self.dsn)
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.settings.port)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Everybody leaves, then the server stops."""
        for person in self.connected:
            await person.leaves()
        for session in self._sessions:
            await session.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def settle(self) -> None:
        """Wait until what the last action set off is done."""
        await self.resources.get(Tasks).settle()

    def meanwhile(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """Begin something that will take until later."""
        return self._meanwhile.spawn(work, name="meanwhile")

    async def somebody_waits_for_a_lock(self) -> None:
        """Come back when a connection of this database waits for another."""
        async with asyncio.timeout(PATIENCE_S):
            while not await self.owner.fetchval(WAITING_FOR_LOCK):
                await self.owner.fetchval("SELECT pg_sleep(0.002)")

    def sockets_of(self, person: Person) -> list[Socket]:
        """The person's connections as the server knows them."""
        return self.resources.get(Sockets).of_user(UserId(person.id or uuid4()))

    async def look_again(self) -> None:
        """What the sweep of access does every two seconds."""
        await self.resources.get(Revocation).sweep()
        await self.settle()

    async def job(self, name: str) -> None:
        """Run a job now."""
        await self.resources.get(Scheduler).run_now(name)
        await self.settle()

    @cached_property
    def http(self) -> aiohttp.ClientSession:
        """A session without cookies, for those who send tokens."""
        return self.browser()

    def browser(self) -> aiohttp.ClientSession:
        """A cookie jar of its own."""
        session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self._sessions.append(session)
        return session

    async def guest(self, site_key: str | None = None, **identity: Any) -> Guest:
        """A new guest of the site without robots, unless another is named."""
        guest = Guest(self)
        body: Json = {"site_key": site_key or self.workspace.plain_site_key, **identity}
        async with self.browser().post(f"{self.url}/api/v1/guest/sessions", json=body) as response:
            answer = await response.json()
            assert response.status == 201, answer
        guest.id, guest.token, guest.name = UUID(answer["guest_id"]), answer["token"], "guest"
        await guest.connect(guest.token)
        return guest

    async def agent(self, who: str, *, workspace: Workspace | None = None) -> Agent:
        """A member of staff who signs in and connects."""
        return await (await self.signed_in(who, workspace=workspace)).comes()

    async def signed_in(self, who: str, *, workspace: Workspace | None = None) -> Agent:
        """A member of staff with a session but no socket."""
        home = workspace or self.workspace
        agent = Agent(self, self.browser())
        agent.name = who
        status, answer = await agent.fetches(
            "POST", "/api/v1/auth/sessions", {"email": home.email(who), "password": PASSWORD}
        )
        assert status == 201, answer
        agent.csrf, agent.id = answer["csrf_token"], home.staff[who]
        return agent
