"""What clients may tell robots over Socket.IO."""

from supportdesk.actor import Actor, ActorKind, Permission
from supportdesk.core.db import Tx
from supportdesk.core.sockets import DESK, GUEST, SocketRoutes
from supportdesk.robots import actions, suggesting
from supportdesk.robots.wire import DecideSuggestion, StopRobots
from supportdesk.rooms import access
from supportdesk.rooms.wire import SeqOut

routes = SocketRoutes()


@routes.on("robot.stop", StopRobots, namespaces=(GUEST, DESK), needs=Permission.ROBOT_STOP)
async def stop(tx: Tx, actor: Actor, want: StopRobots) -> None:
    """End what a robot is saying in this room; what it has streamed stays, and is said to be cut short."""
    room = await access.room_for(tx, actor, want.room_id)
    whose = "the guest" if actor.kind is ActorKind.GUEST else "the staff"
    await actions.stop_turns(tx, room, f"stopped by {whose}")


@routes.on("suggestion.decide", DecideSuggestion, namespaces=(DESK,), needs=Permission.MESSAGE_NOTE)
async def decide(tx: Tx, actor: Actor, want: DecideSuggestion) -> SeqOut:
    """Say what was done with a robot's suggestion; it goes from all screens, and the robot's figures count it."""
    return SeqOut(seq=await suggesting.decide(tx, actor, want.room_id, want.suggestion_id, want.decision))
