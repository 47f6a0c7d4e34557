"""Loads Acme Store."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import orjson
import structlog
from pydantic import JsonValue

from supportdesk.accounts.passwords import Passwords
from supportdesk.actor import Actor, ActorKind, Level, UserId, WorkspaceId
from supportdesk.config import Settings
from supportdesk.core.db import Connection, Database, Lane, Tx
from supportdesk.core.ids import uuid7
from supportdesk.demo import queries
from supportdesk.escalations import actions as levels
from supportdesk.knowledge.ingest import Progress, ingest_folder
from supportdesk.knowledge.pool import Embeddings
from supportdesk.messages.actions import post_in
from supportdesk.messages.flights import Hooks
from supportdesk.messages.model import MessageType, Posting, RobotVoice
from supportdesk.robots.actions import install_robot
from supportdesk.robots.host import Host
from supportdesk.robots.model import InstalledRobot
from supportdesk.rooms import access, participants
from supportdesk.rooms import actions as rooms
from supportdesk.rooms.actions import Closings, NewRoom, Openings
from supportdesk.rooms.log import who
from supportdesk.rooms.model import OwnerKind, ParticipantRole, Room, RoomId
from supportdesk.tools.actions import save_settings
from supportdesk.tools.model import ApprovalSettings
from supportdesk.tools.queries.shop import insert_orders
from supportdesk.workspaces.actions import Beginnings, create_workspace

log = structlog.get_logger(__name__)

DEMO_PASSWORD: Final = "demo-desk-2026"  # noqa: S105 - public on purpose: the demo listens on loopback only
HERE: Final = Path(__file__).parent
HELP_CENTRE: Final = HERE / "help_centre"
SITE, PLAIN_SITE = "demo", "demo-plain"
EVERYTHING: Final = frozenset({"*:*:*"})
FIRST_ARTICLES: Final = ("how-long-do-refunds-take", "how-much-does-delivery-cost", "how-do-i-return-an-item")
"""What the suggestions below are answered from."""
APPEARANCE: Final = orjson.dumps(
    {
        "suggestions": ["How long do refunds take?", "What does shipping cost?", "How do I return something?"],
        "privacy_url": "/demo/help/what-personal-data-we-store",
    }
).decode()
ROBOT: Final = "Acme robot"
GREETING: Final[Mapping[str, JsonValue]] = {
    "text": "Hello, and welcome. I am the Acme robot. Ask me anything, or ask for a person at any time.",
    "quick_replies": ["Where is my order?", "How do I return something?", "I want to talk to a person"],
}

ORDERS: Final[Sequence[Mapping[str, Any]]] = orjson.loads((HERE / "orders.json").read_bytes())
"""The shop's orders; those with a `customer_ref` belong to customers who sign in."""

STAFF: Final = (
    ("t1", "agent", Level.T1, "Milo", "Kask"),
    ("t1b", "agent", Level.T1, "Noor", "Haddad"),
    ("t2", "agent", Level.T2, "Priya", "Raman"),
    ("t3", "agent", Level.T3, "Tomás", "Vidal"),
    ("supervisor", "supervisor", Level.T2, "Ingrid", "Solberg"),
    ("manager", "manager", Level.MANAGER, "Grace", "Mbeki"),
    ("admin", "admin", Level.T3, "Ada", "Lindqvist"),
)


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody who speaks in the demo's conversations."""

    workspace_id: WorkspaceId
    staff: Mapping[str, Actor]
    robot: InstalledRobot


@dataclass(frozen=True, slots=True)
class Story:
    """A conversation that was just spoken, and how long ago each message is to have been said."""

    room_id: RoomId
    guest_id: UserId
    said: Sequence[tuple[UUID, timedelta]]


def people() -> list[dict[str, str]]:
    """Whom the sign-in page offers."""
    return [
        {"email": f"{who}@demo.test", "role": f"{first} {last}, {account if account == who else level}"}
        for who, account, level, first, last in STAFF
    ]


async def remove_demo(conn: Connection) -> bool:
    """Delete the demo workspace with all that is in it, as the tables' owner; False when there is none."""
    workspace_id = await queries.find_demo(conn, SITE)
    if workspace_id is None:
        return False
    await queries.delete_workspace(conn, workspace_id)
    return True


async def load(settings: Settings, db: Database, host: Host) -> WorkspaceId:
    """The demo workspace: made now, or as it is when it was made before. The help centre is read separately."""
    origins = sorted({settings.origin, f"http://127.0.0.1:{settings.port}", f"http://localhost:{settings.port}"})
    async with db.bare() as conn:
        known = await queries.find_demo(conn, SITE)
    if known is not None:
        async with db.transaction(Actor.system(known)) as tx:
            await queries.set_origins(tx.conn, [SITE, PLAIN_SITE], origins)
        return known
    workspace_id = WorkspaceId(uuid7())
    actor = Actor.system(workspace_id)
    password_hash = await Passwords().hash(DEMO_PASSWORD)
    async with db.transaction(actor) as tx:
        await create_workspace(tx, "Acme Store", Beginnings())
        await queries.leave_rooms_to_people(tx.conn, workspace_id)
        await queries.insert_site(tx.conn, workspace_id, "Acme support", SITE, origins, APPEARANCE, robots=True)
        await queries.insert_site(tx.conn, workspace_id, "Acme support", PLAIN_SITE, origins, "{}", robots=False)
        staff = {}
        for who, account, level, first, last in STAFF:
            email = f"{who}@demo.test"
            person = {"account": account, "email": email, "first_name": first, "last_name": last}
            user_id = await queries.insert_staff(tx.conn, workspace_id, person, password_hash, level)
            staff[email] = _person(workspace_id, user_id, f"{first} {last}", level)
        await install_robot(tx, actor, host, "greeter", name=ROBOT, settings=GREETING, sort_order=1)
        robot = await install_robot(tx, actor, host, "faq", name=ROBOT, sort_order=2)
        await insert_orders(tx.conn, workspace_id, ORDERS)
        await save_settings(tx, None, ApprovalSettings(read_only=True))
        told = await _converse(tx, Cast(workspace_id, staff, robot))
    # The application itself may only add to the log; the role of the jobs may date it.
    async with db.transaction(actor, lane=Lane.JOBS) as tx:
        for story in told:
            await queries.move_into_the_past(tx.conn, story.room_id, story.guest_id, story.said)
    log.info("demo.loaded", workspace=str(workspace_id))
    return workspace_id


async def read_help_centre(
    db: Database, embeddings: Embeddings, workspace_id: WorkspaceId, answers_ready: asyncio.Event
) -> int:
    """Take in the articles that are new or have changed; returns how many documents there are to answer from.

    Those that answer the chat's suggestions come first, and `answers_ready` is set when they can be asked for.
    """

    def watch(progress: Progress) -> None:
        if progress.report is not None and progress.number == len(FIRST_ARTICLES):
            answers_ready.set()

    paths = [*(HELP_CENTRE / f"{slug}.md" for slug in FIRST_ARTICLES), HELP_CENTRE]
    try:
        reports = await ingest_folder(db, embeddings, Actor.system(workspace_id), paths, progress=watch)
    finally:
        answers_ready.set()
    for report in reports:
        if report.problem:
            log.warning("demo.article_refused", article=report.path.name, why=report.problem)
    return sum(report.problem is None for report in reports) - len(FIRST_ARTICLES)


def _person(workspace_id: WorkspaceId, user_id: UserId, name: str, level: Level) -> Actor:
    return Actor(kind=ActorKind.AGENT, id=user_id, workspace_id=workspace_id, name=name, level=level, grants=EVERYTHING)


async def _converse(tx: Tx, cast: Cast) -> list[Story]:
    script = orjson.loads((HERE / "people_and_rooms.json").read_bytes())
    guests = []
    for number, guest in enumerate(script["guests"]):
        guest_id = await queries.insert_guest(
            tx.conn,
            cast.workspace_id,
            name=guest["name"],
            email=guest["email"],
            external_id=f"customer-{number + 1}",
            locale=guest["locale"],
        )
        guests.append(
            Actor(
                kind=ActorKind.GUEST,
                id=guest_id,
                workspace_id=cast.workspace_id,
                name=guest["name"],
                grants=EVERYTHING,
            )
        )
    return [
        await _play(tx, cast, guests[scene["guest"]], scene, script["guests"][scene["guest"]]["locale"])
        for scene in script["rooms"]
    ]


async def _play(tx: Tx, cast: Cast, guest: Actor, scene: Mapping[str, Any], locale: str) -> Story:
    """One conversation, spoken by those who speak in it."""
    system = Actor.system(cast.workspace_id)
    room = await rooms.open_room(
        tx, guest, NewRoom(client_room_id=str(uuid4()), name=scene["topic"], locale=locale), Openings()
    )
    voices = {line["from"] for line in scene["messages"]}
    if "robot" in voices:
        await participants.add_participant(tx, system, room, cast.robot.user_id, ParticipantRole.AI)
        room, _ = await rooms.set_owner(tx, system, room, OwnerKind.ROBOT, reason="opened")
    said = []
    for line in scene["messages"]:
        room = await access.room_for(tx, system, room.id)
        speaker = await _speaker(tx, cast, guest, scene, room, line)
        receipt = await post_in(tx, _posting(cast, speaker, room.id, line), Hooks())
        said.append((receipt.id, timedelta(minutes=line["minutes_ago"])))
        if speaker.kind is ActorKind.AGENT:  # whoever answers has read what they answer
            await participants.mark_seen(tx, speaker, room.id, delivered=None, read=receipt.seq)
    await _leave_as_told(tx, cast, scene, await access.room_for(tx, system, room.id))
    return Story(room.id, who(guest), said)


async def _speaker(
    tx: Tx, cast: Cast, guest: Actor, scene: Mapping[str, Any], room: Room, line: Mapping[str, Any]
) -> Actor:
    match line["from"]:
        case "guest":
            return guest
        case "robot":
            return Actor(
                kind=ActorKind.ROBOT,
                id=cast.robot.user_id,
                workspace_id=cast.workspace_id,
                name=cast.robot.name,
                grants=EVERYTHING,
            )
        case _:
            return await _agent(tx, cast, scene, room, line)


async def _agent(tx: Tx, cast: Cast, scene: Mapping[str, Any], room: Room, line: Mapping[str, Any]) -> Actor:
    """Whoever of the staff has the room by now; a note in a T1 room of a T2 scene is the reason of its escalation."""
    first = cast.staff["t1@demo.test"]
    last = cast.staff[scene["assignee"] or "t1@demo.test"]
    is_escalation = scene["level"] == "T2" and room.level is Level.T1
    if room.owner_kind is not OwnerKind.HUMAN:
        await levels.claim(tx, first if is_escalation else last, room.id)
    if is_escalation and line["from"] == "note":
        await levels.escalate(tx, first, room.id, Level.T2, reason=line["text"], priority=scene["priority"])
        await levels.claim(tx, last, room.id)
        return first
    return first if is_escalation else last


async def _leave_as_told(tx: Tx, cast: Cast, scene: Mapping[str, Any], room: Room) -> None:
    system = Actor.system(cast.workspace_id)
    if scene["owner"] == "queue" and room.owner_kind is OwnerKind.ROBOT:
        await levels.hand_over(tx, system, room.id, reason="guest_asked")
    if scene["status"] == "closed":
        closer = cast.staff.get(scene["assignee"] or "", system)
        await levels.resolve_room(tx, closer, room.id, Closings())


def _posting(cast: Cast, speaker: Actor, room_id: RoomId, line: Mapping[str, Any]) -> Posting:
    is_robot = line["from"] == "robot"
    voice = RobotVoice(
        robot_id=cast.robot.id,
        response_to=None,
        visible_to_guests=True,
        first_responder=True,
        draft_id=None,
        turn_no=None,
    )
    citations = [
        {"document_id": None, "title": _title(slug), "quote": line["text"], "url": f"/demo/help/{slug}"}
        for slug in line.get("cites", ())
    ]
    return Posting(
        actor=speaker,
        room_id=room_id,
        client_msg_id=str(uuid4()),
        content=line["text"],
        message_type=MessageType.ROBOT if is_robot else MessageType.CHAT,
        note=line["from"] == "note",
        citations=citations,
        robot=voice if is_robot else None,
    )


def _title(slug: str) -> str:
    for line in (HELP_CENTRE / f"{slug}.md").read_text().splitlines():
        if line.startswith("title:"):
            return line.removeprefix("title:").strip()
    return slug
