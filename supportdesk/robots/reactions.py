"""Where robots hook into the rest of the desk."""

from collections.abc import Sequence

from supportdesk.core.db import Tx
from supportdesk.core.events import Bus
from supportdesk.messages.events import MessagesPosted
from supportdesk.messages.flights import Hooks
from supportdesk.messages.model import Posted
from supportdesk.robots.actions import furnish_workspace, queue_interactions, settle_in
from supportdesk.robots.decided import ask_again
from supportdesk.robots.events import NobodyToAsk, TurnsQueued, TurnsStopped
from supportdesk.robots.host import Host
from supportdesk.robots.model import RobotId
from supportdesk.robots.rescue import Rescuer
from supportdesk.robots.runner import Runner
from supportdesk.rooms.actions import Openings
from supportdesk.rooms.events import RoomStateChanged
from supportdesk.rooms.model import Room
from supportdesk.tools.actions import Endings
from supportdesk.tools.model import Execution
from supportdesk.workspaces.actions import Beginnings


def setup(
    bus: Bus,
    hooks: Hooks,
    openings: Openings,
    beginnings: Beginnings,
    host: Host,
    runner: Runner,
    rescuer: Rescuer,
    endings: Endings,
) -> None:
    """Take part where messages are posted and rooms and workspaces begin; hear what is announced after commit."""

    async def ask(tx: Tx, posted: Sequence[Posted]) -> None:
        await queue_interactions(tx, posted, host)

    async def settle(tx: Tx, room: Room) -> None:
        await settle_in(tx, room, host)

    async def furnish(tx: Tx) -> None:
        await furnish_workspace(tx, host)

    async def tell(tx: Tx, over: Execution) -> None:
        await ask_again(tx, over.room_id, RobotId(over.robot_id), host)

    endings.hooks.append(tell)
    hooks.after_insert.append(ask)
    openings.hooks.append(settle)
    beginnings.hooks.append(furnish)
    bus.at_once(TurnsQueued, runner.on_queued)
    bus.at_once(TurnsStopped, runner.on_stopped)
    bus.at_once(MessagesPosted, runner.on_posted)
    bus.at_once(RoomStateChanged, runner.on_room_changed)
    bus.on(NobodyToAsk, rescuer.on_nobody_to_ask)
