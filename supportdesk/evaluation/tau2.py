"""tau2-bench retail through the real executor: what robots may not do before a person has agreed.

No language model takes part. For each task of `tasks.json` the gold list of tool calls is proposed by a scripted robot,
over a fresh copy of `db.json`, in four lives of the same conversation:

- denied, expired: every call that writes stops at pending, and the shop is as it was;
- crashed: approved calls lose their process while they run; none is run again, and the shop is as it was;
- approved: one by one, with the process lost between approval and run every time; each runs once, whoever else tries,
  and the shop is what the gold calls make of it when they are applied directly.

A task passes when all of that holds.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
import structlog

from supportdesk.actor import Actor, ActorKind, Level, UserId, WorkspaceId
from supportdesk.core.breaker import Breaker
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database
from supportdesk.core.ids import uuid7
from supportdesk.core.tasks import Tasks
from supportdesk.demo.queries import insert_staff
from supportdesk.errors import DeskError, Invalid
from supportdesk.evaluation import queries
from supportdesk.evaluation.database import own_database
from supportdesk.evaluation.shop_of_tau2 import SHAPES, Json, TauShop, tools_of
from supportdesk.permissions.grants import Grants
from supportdesk.robots.actions import install_robot
from supportdesk.robots.contract import Event, Robot, Silent, Turn
from supportdesk.robots.discovery import Catalogue, Listing
from supportdesk.robots.host import Host
from supportdesk.rooms.actions import NewRoom, create_room
from supportdesk.tools.actions import Endings, decide_execution, save_settings
from supportdesk.tools.executor import Asker, Executor
from supportdesk.tools.model import ApprovalSettings, Choice, Execution, ExecutionId, Risk, Status
from supportdesk.tools.queries import executions
from supportdesk.tools.toolshed import Toolshed
from supportdesk.workspaces.actions import Beginnings, create_workspace

log = structlog.get_logger(__name__)

RACERS: Final = 3
"""Processes that try to run each approved call at once."""
EVERYTHING: Final = frozenset({"*:*:*"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One gold call."""

    name: str
    args: Json

    @property
    def writes(self) -> bool:
        """Whether a person must agree."""
        return SHAPES[self.name][1] is not Risk.READ


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """The gold calls of a task, in order."""

    id: str
    calls: Sequence[Call]


class NotHeld(Exception):
    """A promise of the executor was broken; the message says which."""


class ScriptedRobot(Robot):
    """Proposes the gold calls from outside its turns, and never speaks."""

    name = "scripted"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        """Say nothing."""
        yield Silent(reason=f"{len(turn.text)} characters")


async def run_tau2_retail(folder: Path, progress: Callable[[int, int], None]) -> dict[str, int]:
    """How many tasks there are, and how many passed. `folder` holds db.json and tasks.json; 100 tasks take a minute.

    It makes a PostgreSQL of its own in a temporary folder. Raises Invalid for files that are not what they should be.
    """
    state, tasks = _read(folder)
    passed = 0
    async with _world(state) as world:
        for number, task in enumerate(tasks):
            progress(number, len(tasks))
            try:
                await world.play(task)
            except NotHeld as broken:
                log.warning("tau2.task_failed", task=task.id, why=str(broken))
            else:
                passed += 1
        progress(len(tasks), len(tasks))
    return {"tasks": len(tasks), "passed": passed}


def _read(folder: Path) -> tuple[bytes, list[Task]]:
    try:
        state = orjson.loads((folder / "db.json").read_bytes())
        listed = orjson.loads((folder / "tasks.json").read_bytes())
    except (OSError, ValueError) as error:
        raise Invalid(f"{folder} needs db.json and tasks.json of tau2-bench retail: {error}.") from None
    try:
        if not all(isinstance(state[kind], dict) for kind in ("products", "users", "orders")):
            raise TypeError
        tasks = [_task(one) for one in listed]
    except (KeyError, TypeError, AttributeError):
        raise Invalid(f"db.json and tasks.json in {folder} are not those of tau2-bench retail.") from None
    return orjson.dumps(state), tasks


def _task(task: Mapping[str, Any]) -> Task:
    calls = [
        Call(name=action["name"], args=action["arguments"])
        for action in (task.get("evaluation_criteria") or {}).get("actions") or []
    ]
    for call in calls:
        if call.name not in SHAPES:
            raise Invalid(f"Task {task['id']} calls {call.name}, which is no tool of the retail shop.")
    return Task(id=str(task["id"]), calls=calls)


def digest(state: Json) -> str:
    """The sha256 of a shop, whatever the order of its keys."""
    return hashlib.sha256(orjson.dumps(state, option=orjson.OPT_SORT_KEYS)).hexdigest()


@asynccontextmanager
async def _world(state: bytes) -> AsyncIterator["World"]:
    tasks = Tasks()
    async with own_database(tasks) as db:
        yield await _furnished(db, tasks, state)


async def _furnished(db: Database, tasks: Tasks, state: bytes) -> "World":
    """A workspace with one manager, one robot, one room, and the shop's tools; reading runs by itself."""
    workspace_id = WorkspaceId(uuid7())
    system = Actor.system(workspace_id)
    host = Host(Catalogue((Listing(ScriptedRobot.name, "tau2", ScriptedRobot),)), Breaker(Clock()))
    async with db.transaction(system) as tx:
        await create_workspace(tx, "tau2 retail", Beginnings())
        person = {"account": "manager", "email": "manager@tau2.test", "first_name": "Max", "last_name": "Manager"}
        user_id = await insert_staff(tx.conn, workspace_id, person, "!", Level.MANAGER)
        robot = await install_robot(tx, system, host, ScriptedRobot.name)
        await save_settings(tx, None, ApprovalSettings(read_only=True))
    manager = Actor(kind=ActorKind.AGENT, id=user_id, workspace_id=workspace_id, level=Level.MANAGER, grants=EVERYTHING)
    async with db.transaction(manager) as tx:
        room = await create_room(tx, manager, NewRoom(client_room_id=str(uuid7()), name="tau2 retail"))
    voice = Actor(kind=ActorKind.ROBOT, id=UserId(robot.user_id), workspace_id=workspace_id, name=robot.name)
    return World(db, tasks, manager, Asker(actor=voice, robot_id=robot.id, room_id=room.id), state)


class World:
    """One room in which the tasks are played, one after the other."""

    def __init__(self, db: Database, tasks: Tasks, manager: Actor, asker: Asker, state: bytes) -> None:
        self._db, self._tasks, self._manager, self._asker = db, tasks, manager, asker
        self._state = state
        self._untouched = digest(orjson.loads(state))
        self._shop = TauShop({})
        self._endings = Endings()

    async def play(self, task: Task) -> None:
        """Live the task four times; raises NotHeld."""
        writes = [call for call in task.calls if call.writes]
        await self._denied(writes)
        await self._expired(writes)
        await self._crashed(writes)
        await self._approved(task)

    async def _denied(self, calls: Sequence[Call]) -> None:
        for asked in await self._asked(calls):
            await self._decide(asked, Choice.DENY)
            await self._cannot_be_approved(asked)
        await self._must_be_untouched("a denial")

    async def _expired(self, calls: Sequence[Call]) -> None:
        pending = await self._asked(calls)
        async with self._db.transaction(self._manager) as tx:
            await queries.let_expire(tx.conn, [asked.id for asked in pending])
        for asked in pending:
            await self._cannot_be_approved(asked)
        await self._process().sweep(self._manager.workspace_id)
        for asked in pending:
            await self._must_be(asked.id, Status.CANCELLED)
            await self._cannot_be_approved(asked)
        await self._must_be_untouched("an expiry")

    async def _crashed(self, calls: Sequence[Call]) -> None:
        pending = await self._asked(calls)
        for asked in pending:
            await self._decide(asked, Choice.APPROVE)
            async with self._db.transaction(self._manager) as tx:
                await executions.claim(tx.conn, asked.id, for_s=60)  # and here the process dies
                await queries.lose_process(tx.conn, [asked.id])
        await asyncio.gather(*(self._process().sweep(self._manager.workspace_id) for _ in range(RACERS)))
        for asked in pending:
            await self._must_be(asked.id, Status.FAILED)
            await self._process().run(self._manager.workspace_id, asked.id)
        await self._must_be_untouched("a crash")

    async def _approved(self, task: Task) -> None:
        gold = TauShop(orjson.loads(self._state))
        self._shop = TauShop(orjson.loads(self._state))
        for call in task.calls:
            _apply(gold, call)
            asked = await self._process().request(self._asker, call.name, call.args)
            if call.writes:
                await self._let_run(asked)
        if digest(self._shop.state) != digest(gold.state):
            raise NotHeld("After all approvals the shop is not what the gold calls make of it.")
        if set(self._shop.applied.values()) - {1} or len(self._shop.applied) != sum(call.writes for call in task.calls):
            raise NotHeld("A call has not run exactly once.")

    async def _let_run(self, asked: Execution) -> None:
        """Approve, lose the process, resume in several at once; and try to use the approval again."""
        before = digest(self._shop.state)
        if asked.status is not Status.PENDING or asked.id in self._shop.applied:
            raise NotHeld(f"{asked.tool_name} did not wait.")
        await self._decide(asked, Choice.APPROVE)
        if digest(self._shop.state) != before:
            raise NotHeld(f"{asked.tool_name} ran in the transaction of its approval.")
        async with self._db.transaction(self._manager) as tx:
            await queries.lose_process(tx.conn, [asked.id])
        await asyncio.gather(
            *(self._process().sweep(self._manager.workspace_id) for _ in range(RACERS)),
            *(self._process().run(self._manager.workspace_id, asked.id) for _ in range(RACERS)),
        )
        await self._cannot_be_approved(asked)

    async def _asked(self, calls: Sequence[Call]) -> list[Execution]:
        """A fresh shop, and these calls asked for: each must wait."""
        self._shop = TauShop(orjson.loads(self._state))
        asked = [await self._process().request(self._asker, call.name, call.args) for call in calls]
        if any(one.status is not Status.PENDING for one in asked):
            raise NotHeld("A call that writes did not wait for approval.")
        return asked

    def _process(self) -> Executor:
        """An executor that knows nothing but the rows, as a process that was just started."""
        return Executor(
            self._db, self._tasks, Clock(), Toolshed(tools_of(lambda: self._shop)), self._endings, Grants(self._db)
        )

    async def _decide(self, asked: Execution, choice: Choice) -> None:
        async with self._db.transaction(self._manager) as tx:
            await decide_execution(
                tx, self._manager, asked.id, choice, args_sha256=asked.args_sha256, why=None, endings=self._endings
            )

    async def _cannot_be_approved(self, asked: Execution) -> None:
        try:
            await self._decide(asked, Choice.APPROVE)
        except DeskError:
            return
        raise NotHeld(f"{asked.tool_name} could be approved again.")

    async def _must_be(self, execution_id: ExecutionId, status: Status) -> None:
        async with self._db.read(self._manager) as conn:
            found = await executions.find_execution(conn, execution_id)
        if found is None or found.status is not status:
            raise NotHeld(f"A call is {found.status if found else 'gone'} where it should be {status}.")

    async def _must_be_untouched(self, after: str) -> None:
        if self._shop.applied or digest(self._shop.state) != self._untouched:
            raise NotHeld(f"The shop has changed after {after}.")


def _apply(shop: TauShop, call: Call) -> None:
    """Apply a gold call directly; one that the shop refuses changes nothing, here as through the executor."""
    try:
        shop.act(call.name, SHAPES[call.name][0].model_validate(call.args))
    except DeskError:
        return
