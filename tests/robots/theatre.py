"""A desk of rooms, messages and robots without sockets: real PostgreSQL, and an emitter that remembers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import asyncpg
import orjson

from supportdesk.actor import Actor, ActorKind, Level, UserId, WorkspaceId
from supportdesk.config import Settings
from supportdesk.core.breaker import Breaker
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database
from supportdesk.core.events import Bus
from supportdesk.core.outward import Outward
from supportdesk.core.secrets import Keyring
from supportdesk.core.sockets import Emitter, Namespace
from supportdesk.core.tasks import Tasks
from supportdesk.errors import DeskError
from supportdesk.knowledge.model import Answer, Audience, ChunkId, DocumentId, Hit, Reach, Why
from supportdesk.knowledge.sorting import Sorted
from supportdesk.llm.conversing import Conversations
from supportdesk.llm.engine import Engine
from supportdesk.llm.models import Models
from supportdesk.messages.actions import receipt_of
from supportdesk.messages.flights import Flights, Hooks
from supportdesk.messages.model import Posting, Receipt
from supportdesk.permissions.grants import Grants
from supportdesk.robots import reactions
from supportdesk.robots.actions import install_robot
from supportdesk.robots.contract import Robot
from supportdesk.robots.discovery import Catalogue, Listing
from supportdesk.robots.finishing import Surroundings
from supportdesk.robots.host import Host
from supportdesk.robots.model import InstalledRobot
from supportdesk.robots.play import Limits
from supportdesk.robots.rescue import Rescuer
from supportdesk.robots.runner import Runner
from supportdesk.robots.testing import PracticeKit, likeness, passage_of
from supportdesk.robots.turns import Stage
from supportdesk.rooms import actions as rooms
from supportdesk.rooms import participants
from supportdesk.rooms.actions import NewRoom, Openings
from supportdesk.rooms.model import ParticipantRole, Room
from supportdesk.tools import reactions as tool_reactions
from supportdesk.tools.actions import Endings
from supportdesk.tools.declaration import Tool
from supportdesk.tools.executor import Executor
from supportdesk.tools.shipped import shipped_tools
from supportdesk.tools.shop import shop_tools
from supportdesk.tools.toolshed import Toolshed
from supportdesk.workspaces.actions import Beginnings
from tests.factories import Workspace

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Row: TypeAlias = dict[str, Any]


class Ears(Emitter):
    """Remembers what would have gone to the sockets."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Namespace, Mapping[str, Any]]] = []
        self.on_delta: Callable[[], None] | None = None
        self.on_typing: Callable[[], None] | None = None

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
        """Keep it."""
        assert to == f"room:{data['room_id']}"
        assert skip is None
        assert ephemeral is (event in ("message.delta", "typing"))
        self.heard.append((event, namespace, data))
        if event == "message.delta" and self.on_delta is not None:
            self.on_delta()
        if event == "typing" and self.on_typing is not None:
            self.on_typing()

    def streamed(self, namespace: Namespace = Namespace.GUEST) -> str:
        """The words of all deltas, whose numbers must be dense within each draft."""
        seen: dict[str, int] = {}
        text = ""
        for event, where, data in self.heard:
            if event == "message.delta" and where is namespace:
                assert data["n"] == seen.get(data["draft_id"], 0)
                seen[data["draft_id"]] = data["n"] + 1
                text += data["delta"]
        return text

    def aborted(self, namespace: Namespace = Namespace.GUEST) -> list[str]:
        """The drafts that were taken back."""
        return [
            data["draft_id"]
            for event, where, data in self.heard
            if (event, where) == ("message.delta_aborted", namespace)
        ]


class Silence(Emitter):
    """Nobody looks at a list."""

    def __init__(self) -> None:
        pass

    def emit(self, *_: object, **__: object) -> None:
        """Forget it."""


class Shelf:
    """A library of a few texts. `broken` says what it refuses with."""

    def __init__(self, workspace_id: WorkspaceId, *texts: str) -> None:
        self._workspace_id = workspace_id
        self._kit = PracticeKit(texts)
        self.broken: DeskError | None = None

    async def search(self, actor: Actor, text: str, limit: int = 3, *, reach: Reach | None = None) -> Sequence[Hit]:
        """The texts with the most words in common."""
        assert actor.workspace_id == self._workspace_id
        assert reach is not None
        assert reach.audiences == {Audience.GUESTS}
        if self.broken is not None:
            raise self.broken
        return [
            Hit(
                document_id=DocumentId(found.document_id),
                chunk_id=ChunkId(found.id),
                title="Help",
                heading="Help",
                text=found.text,
                url="/help",
                score=found.score,
                position=0,
                why=Why(None, found.score),
            )
            for found in await self._kit.search(text, limit=limit)
        ]

    async def answer_from(self, hits: Sequence[Hit], question: str) -> Answer:
        """The best sentences."""
        return Answer(await self._kit.quote(question, passage_of(question, hits[0].text)))

    async def likeness(self, text: str, others: Sequence[str]) -> float:
        """The share of the text's words that one of the others has."""
        if self.broken is not None:
            raise self.broken
        return max(likeness(text, other) for other in others)

    async def intent_of(self, text: str, phrases: Mapping[str, Sequence[str]]) -> Sorted | None:
        """The intent of the phrase with the most words in common."""
        if self.broken is not None:
            raise self.broken
        found = await self._kit.intent_of(text, phrases)
        return None if found is None else Sorted(found.name, found.chance)


class Theatre:
    """One process of the desk. Several can share a workspace."""

    def __init__(self, settings: Settings, dsn: str, owner: Connection, workspace: Workspace) -> None:
        self.owner, self.workspace = owner, workspace
        self.workspace_id = WorkspaceId(workspace.id)
        self.tasks, self.clock, self.ears = Tasks(), Clock(), Ears()
        self.bus = Bus(self.tasks)
        self.db = Database(settings, dsn, self.bus)
        self.keys = Keyring(b"a secret of the tests, long enough")
        self.hooks, self.openings, self.endings = Hooks(), Openings(), Endings()
        self.flights = Flights(self.db, self.bus, self.tasks, self.clock, self.hooks)
        self.host = Host(Catalogue(), Breaker(self.clock))
        self.models: Models
        self.runner: Runner
        self.executor: Executor
        self.shelf: Shelf
        self.rescuer: Rescuer

    async def open(
        self,
        *robots: type[Robot],
        texts: Sequence[str] = (),
        limits: Limits | None = None,
        seats: int = 4,
        install: bool = True,
        missing: Sequence[Listing] = (),
        tools: Sequence[Tool] = (),
        engine: Callable[[], Engine] | None = None,
    ) -> None:
        """Connect, with these robots on the server and, in this order, in the workspace."""
        await self.db.open()
        listings = [*(Listing(robot.name, "tests", robot) for robot in robots), *missing]
        self.host = Host(Catalogue(tuple(listings)), Breaker(self.clock))
        around = Surroundings(host=self.host, hooks=self.hooks)
        self.shelf = Shelf(self.workspace_id, *texts)
        shed = Toolshed([*shipped_tools(self.db, self.shelf, self.hooks), *shop_tools(self.db), *tools])
        self.executor = Executor(self.db, self.tasks, self.clock, shed, self.endings, Grants(self.db))
        tool_reactions.setup(self.bus, Silence(), self.executor)
        if engine is not None:
            self.models = Models(self.db, self.keys, self.clock, self.tasks, load=engine)
        stage = Stage(
            db=self.db,
            tasks=self.tasks,
            clock=self.clock,
            emitter=self.ears,
            library=self.shelf,
            outward=Outward(),
            around=around,
            keys=self.keys,
            executor=self.executor,
            conversations=None if engine is None else Conversations(self.models, self.db, self.keys),
            limits=limits or Limits(),
        )
        self.runner = Runner(stage, node="test", seats=seats)
        self.rescuer = Rescuer(self.db)
        reactions.setup(
            self.bus, self.hooks, self.openings, Beginnings(), self.host, self.runner, self.rescuer, self.endings
        )
        if install:
            for order, robot in enumerate(robots):
                await self.installs(robot.name, order=order)

    async def close(self) -> None:
        """End what is under way."""
        self.runner.stop()
        await self.tasks.drain(grace_s=1)
        if hasattr(self, "models"):
            await self.models.close()
        await self.db.close()

    async def installs(self, module: str, *, order: int = 100, **settings: Any) -> InstalledRobot:
        """Give the workspace a robot."""
        async with self.db.transaction(self.system) as tx:
            return await install_robot(tx, self.system, self.host, module, settings=settings, sort_order=order)

    @property
    def system(self) -> Actor:
        """The desk itself."""
        return Actor.system(self.workspace_id)

    async def guest(self) -> Actor:
        """A new customer."""
        user_id = await self.owner.fetchval(
            "INSERT INTO users (workspace_id, display_name) VALUES ($1, 'Ada') RETURNING id", self.workspace_id
        )
        return Actor(kind=ActorKind.GUEST, id=UserId(user_id), workspace_id=self.workspace_id, name="Ada")

    @property
    def agent(self) -> Actor:
        """Somebody of T1."""
        return Actor(
            kind=ActorKind.AGENT,
            id=UserId(self.workspace.staff["t1"]),
            workspace_id=self.workspace_id,
            name="T1 Tester",
            level=Level.T1,
            grants=frozenset({"*:*:*"}),
        )

    async def opens(self, guest: Actor, *, robots: bool = True) -> Room:
        """A conversation of the guest on the site with robots, or on the other one."""
        key = self.workspace.site_key if robots else self.workspace.plain_site_key
        site = await self.owner.fetchval("SELECT id FROM sites WHERE site_key = $1", key)
        async with self.db.transaction(guest) as tx:
            return await rooms.open_room(
                tx, guest, NewRoom(client_room_id=str(uuid4()), site_id=site, locale="en"), self.openings
            )

    async def joins(self, room: Room, actor: Actor) -> None:
        """Let somebody of the staff in."""
        assert actor.id is not None
        async with self.db.transaction(actor) as tx:
            await participants.add_participant(tx, actor, room, actor.id, ParticipantRole.MEMBER)

    async def says(self, actor: Actor, room: Room, text: str, *, note: bool = False) -> Receipt:
        """Post a message as anybody does."""
        posting = Posting(actor=actor, room_id=room.id, client_msg_id=str(uuid4()), content=text, note=note)
        return receipt_of(await self.flights.post(posting))

    async def settle(self) -> None:
        """Wait until everything that was set off is done."""
        await self.tasks.settle()

    async def messages(self, room: Room) -> list[Row]:
        """The room's messages, oldest first."""
        rows = await self.owner.fetch("SELECT * FROM messages WHERE room_id = $1 ORDER BY seq", room.id)
        return [dict(row) for row in rows]

    async def texts(self, room: Room) -> list[str]:
        """What was said, oldest first."""
        return [row["content"] for row in await self.messages(room)]

    async def turns(self, room: Room) -> list[Row]:
        """The room's interactions, oldest first, with the name of the robot's module and decoded records."""
        rows = await self.owner.fetch(
            "SELECT i.*, b.module FROM robot_interactions i JOIN robots b ON b.id = i.robot_id "
            "WHERE i.room_id = $1 ORDER BY i.turn_no, i.created_at, i.id",
            room.id,
        )
        records = ("request_data", "observation_data", "response_data")
        return [{**dict(row), **{name: orjson.loads(row[name] or "{}") for name in records}} for row in rows]

    async def owner_of(self, room: Room) -> str:
        """Who has the room."""
        return str(await self.owner.fetchval("SELECT owner_kind FROM chat_rooms WHERE id = $1", room.id))

    async def handed_over(self, room: Room) -> list[tuple[str, str]]:
        """Who put the room into the queue, and why."""
        rows = await self.owner.fetch(
            "SELECT actor_kind, data ->> 'reason' AS reason FROM room_events WHERE room_id = $1 "
            "AND kind = 'room.owner_changed' AND data ->> 'owner_kind' = 'queue' ORDER BY seq",
            room.id,
        )
        return [(row["actor_kind"], row["reason"]) for row in rows]

    async def forget(self, turn_id: UUID, worker: str = "dead") -> None:
        """Leave a turn as a worker left it that died a while ago."""
        await self.owner.execute(
            "UPDATE robot_interactions SET status = 'processing', attempt = attempt + 1, claimed_by = $2, "
            "claimed_until = now() - interval '1 second', started_at = now() WHERE id = $1",
            turn_id,
            worker,
        )
