"""The tools that ship: they look into documents, and do in the room what its staff could do by hand."""

from collections.abc import Sequence
from typing import Final, Protocol

from pydantic import Field, JsonValue

from supportdesk.actor import Actor, Level, Permission
from supportdesk.core.db import Database, Lane
from supportdesk.escalations.actions import escalate
from supportdesk.escalations.model import Trigger
from supportdesk.knowledge.access import reach_of
from supportdesk.knowledge.model import Hit, Reach
from supportdesk.messages.actions import post_in
from supportdesk.messages.flights import Hooks
from supportdesk.messages.model import MessageType, Posting, RobotVoice
from supportdesk.rooms import access
from supportdesk.rooms.actions import update_room
from supportdesk.rooms.model import RoomChanges
from supportdesk.tools.declaration import Asking, Tool, ToolArgs, declare
from supportdesk.tools.model import Risk

MOST_HITS: Final = 10


class Library(Protocol):
    """The documents as `knowledge.search.Knowledge` offers them."""

    async def search(self, actor: Actor, text: str, limit: int = 3, *, reach: Reach | None = None) -> Sequence[Hit]:
        """The places that fit, best first."""


class SearchDocuments(ToolArgs):
    """What to look for."""

    query: str = Field(min_length=1, max_length=500, description="The question, in the guest's own words")
    limit: int = Field(3, ge=1, le=MOST_HITS, description="How many passages")


class Escalate(ToolArgs):
    """Where the conversation should go, and why."""

    to_level: Level = Field(description="T2, T3 or manager")
    reason: str = Field(min_length=1, max_length=500, description="Why, for the staff")


class SetPriority(ToolArgs):
    """How urgent it is."""

    priority: int = Field(ge=1, le=5, description="1 is the most urgent, 5 the least")


class AddNote(ToolArgs):
    """What the staff should know."""

    text: str = Field(min_length=1, max_length=4000, description="A note for the staff; the guest never sees it")


def shipped_tools(db: Database, library: Library, hooks: Hooks) -> list[Tool]:
    """The desk's own tools, over its own actions, whose permission checks hold for the robot that asks."""

    async def search_documents(asking: Asking, want: SearchDocuments) -> JsonValue:
        reach = reach_of(asking.actor, room_id=asking.room_id)
        hits = await library.search(asking.actor, want.query, want.limit, reach=reach)
        return [{"title": hit.title, "text": hit.text, "url": hit.url, "score": round(hit.score, 4)} for hit in hits]

    async def move_up(asking: Asking, want: Escalate) -> JsonValue:
        async with db.transaction(asking.actor, lane=Lane.BACKGROUND) as tx:
            step = await escalate(
                tx, asking.actor, asking.room_id, want.to_level, reason=want.reason, trigger=Trigger.ROBOT
            )
        return {"from_level": str(step.from_level), "to_level": str(step.to_level)}

    async def set_priority(asking: Asking, want: SetPriority) -> JsonValue:
        asking.actor.must(Permission.ROOM_UPDATE)
        async with db.transaction(asking.actor, lane=Lane.BACKGROUND) as tx:
            room = await access.room_to_change(tx, asking.actor, asking.room_id)
            changes = RoomChanges(priority=want.priority)
            await update_room(tx, asking.actor, asking.room_id, room.version, changes)
        return {"priority": want.priority, "before": room.priority}

    async def add_note(asking: Asking, want: AddNote) -> JsonValue:
        asking.actor.must(Permission.MESSAGE_NOTE)
        posting = Posting(
            actor=asking.actor,
            room_id=asking.room_id,
            client_msg_id=f"tool:{asking.execution_id}",
            content=want.text,
            message_type=MessageType.ROBOT,
            note=True,
            robot=RobotVoice(
                robot_id=asking.robot_id,
                response_to=None,
                visible_to_guests=False,
                first_responder=False,
                draft_id=None,
                turn_no=None,
            ),
        )
        async with db.transaction(asking.actor, lane=Lane.BACKGROUND) as tx:
            receipt = await post_in(tx, posting, hooks)
        return {"message_id": str(receipt.id)}

    return [
        declare(
            "search_documents",
            "Look into the company's documents for passages that answer a question.",
            SearchDocuments,
            search_documents,
            risk=Risk.READ,
            idempotent=True,
            needs_no_approval=True,
        ),
        declare(
            "escalate",
            "Move this conversation to a higher level of the staff, where it waits for a person.",
            Escalate,
            move_up,
            risk=Risk.LOW,
        ),
        declare(
            "set_priority",
            "Say how urgent this conversation is.",
            SetPriority,
            set_priority,
            risk=Risk.LOW,
            idempotent=True,
        ),
        declare(
            "add_note",
            "Leave a note for the staff in this conversation.",
            AddNote,
            add_note,
            risk=Risk.LOW,
            idempotent=True,
        ),
    ]
