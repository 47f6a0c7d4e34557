"""robots replay, robots export-case, robots check-cases."""

import argparse
import difflib
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from supportdesk.actor import Actor
from supportdesk.audit.model import Looked
from supportdesk.audit.reading import AccessLog
from supportdesk.commands.database import Schema, open_database
from supportdesk.config import Settings
from supportdesk.core.db import Database
from supportdesk.core.inject import Resources
from supportdesk.errors import DeskError, Invalid, NotFound
from supportdesk.robots.discovery import discover
from supportdesk.rooms.model import RoomId


def add_to(what: Any) -> None:
    """Add the commands of this module below `robots`."""
    replay = what.add_parser("replay", help="ask a robot again what a stored conversation asked, and compare")
    replay.add_argument("room", type=_id, metavar="ROOM", help="the conversation's id")
    replay.add_argument("--robot", required=True, help="its name in the workspace, or its module's")
    replay.add_argument("--json", action="store_true", help="print one JSON object")
    replay.add_argument("--fail-on-change", action="store_true", help="end with status 1 when an answer differs")
    replay.set_defaults(run=replay_room)
    export = what.add_parser("export-case", help="print a stored conversation as a regression case")
    export.add_argument("room", type=_id, metavar="ROOM", help="the conversation's id")
    export.add_argument("--robot", required=True, help="its name in the workspace, or its module's")
    export.set_defaults(run=export_case)
    cases = what.add_parser("check-cases", help="play the regression cases of a folder, without a server")
    cases.add_argument("folder", type=Path, metavar="FOLDER", help="with .json files, see docs/robots.md")
    cases.add_argument("--robot", help="only the cases of this one")
    cases.set_defaults(run=check_cases)


def _id(text: str) -> RoomId:
    try:
        return RoomId(UUID(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no id of a conversation") from None


@dataclass(frozen=True, slots=True)
class _Desk:
    resources: Resources
    actor: Actor


@asynccontextmanager
async def _desk_of(settings: Settings, room_id: RoomId) -> AsyncIterator[_Desk]:
    """The desk as it is, without its server, and an actor in the workspace of the room; raises NotFound."""
    from supportdesk import app as wiring
    from supportdesk.core.http import RESOURCES
    from supportdesk.knowledge.pool import Embeddings
    from supportdesk.rooms.access import seat_for
    from supportdesk.workspaces.access import list_workspaces

    async with open_database(settings, Schema.LEAVE) as dsn:
        resources = wiring.build(settings, dsn)[RESOURCES]
        db, embeddings = resources.get(Database), resources.get(Embeddings)
        await db.open()
        try:
            for workspace_id in await list_workspaces(db):
                actor = Actor.system(workspace_id)
                async with db.read(actor) as conn:
                    try:
                        await seat_for(conn, actor, room_id)
                    except NotFound:
                        continue
                yield _Desk(resources, actor)
                return
            raise NotFound(f"There is no conversation {room_id} on this desk.")
        finally:
            await embeddings.close()
            await db.close()


async def replay_room(settings: Settings, chosen: argparse.Namespace) -> int:
    """Print how the robot's answers differ from those on record; nothing is said, run, booked or sent."""
    from supportdesk.knowledge.search import Knowledge
    from supportdesk.robots import replay
    from supportdesk.robots.host import Host

    async with _desk_of(settings, chosen.room) as desk:
        get = desk.resources.get
        await get(AccessLog).note(desk.actor, Looked.LEDGER, chosen.room)
        turns = replay.replay_room(get(Database), get(Host), get(Knowledge), desk.actor, chosen.room, chosen.robot)
        async with aclosing(turns):  # type: ignore[type-var]
            replayed = [one async for one in turns]
    changed = sum(bool(one.differences) for one in replayed)
    if chosen.json:
        shown = [
            {
                "text": one.asked,
                "answered_by": one.answered_by,
                "before": asdict(one.before),
                "now": asdict(one.now),
                "differences": list(one.differences),
            }
            for one in replayed
        ]
        whole = {"room": str(chosen.room), "robot": chosen.robot, "turns": shown, "changed": changed}
        sys.stdout.write(f"{orjson.dumps(whole).decode()}\n")
    else:
        for number, one in enumerate(replayed, start=1):
            sys.stdout.write("\n".join(_told(number, one)) + "\n")
        sys.stdout.write(f"{_count(len(replayed), 'turn')}, {changed} changed.\n")
    return 1 if changed and chosen.fail_on_change else 0


def _told(number: int, one: Any) -> list[str]:
    """One turn for people: what differs as a difference of texts."""
    by = f", then by {one.answered_by}" if one.answered_by else ""
    before, now = one.before, one.now
    lines = [f"{number}. {' '.join(one.asked.split())[:100]}{by}"]
    if not one.differences:
        return [*lines, f"   as before: {now.ending}{_scored(now.score)}"]
    if "ending" in one.differences:
        because = f" ({now.reason})" if now.reason else ""
        lines.append(f"   {before.ending} → {now.ending}{because}")
    if "text" in one.differences:
        told = difflib.ndiff(_sentences(before.text), _sentences(now.text))
        lines += [f"   {line}".rstrip() for line in told if not line.startswith("?")]
    if "cites" in one.differences:
        lines.append(f"   cites {', '.join(before.cites) or 'nothing'} → {', '.join(now.cites) or 'nothing'}")
    if before.score is not None or now.score is not None:
        lines.append(f"   score {_figure(before.score)} → {_figure(now.score)}")
    return lines


def _sentences(text: str) -> Sequence[str]:
    return [line for line in text.replace(". ", ".\n").splitlines() if line.strip()]


def _scored(score: float | None) -> str:
    return f", score {score:.2f}" if score is not None else ""


def _figure(score: float | None) -> str:
    return "–" if score is None else f"{score:.2f}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


async def export_case(settings: Settings, chosen: argparse.Namespace) -> int:
    """Print the conversation with the documents that it used, as JSON for check-cases."""
    from supportdesk.robots.cases import case_of
    from supportdesk.robots.queries import replay as queries
    from supportdesk.robots.replay import titles_in

    async with _desk_of(settings, chosen.room) as desk:
        async with desk.resources.get(Database).read(desk.actor) as conn:
            found = await queries.find_robot(conn, desk.actor.workspace_id, chosen.robot)
            if found is None:
                raise NotFound(f"The workspace has no robot called {chosen.robot}.")
            robot_id, module = found
            turns = await queries.list_turns(conn, chosen.room, robot_id)
            found_then = [titles_in(kept.observation) for _, kept in turns]
            documents = {UUID(document): title for titles in found_then for document, title in titles.items()}
            case = case_of(module, turns, await queries.list_texts(conn, documents))
        await desk.resources.get(AccessLog).note(desk.actor, Looked.EXPORT, chosen.room)
    shown = case.model_dump(mode="json", exclude_defaults=True)
    sys.stdout.write(f"{orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode()}\n")
    return 0


async def check_cases(_settings: Settings, chosen: argparse.Namespace) -> int:
    """Play every case and print a line for each turn; 1 when one came out otherwise than it says."""
    from supportdesk.knowledge.pool import Embeddings
    from supportdesk.robots.cases import check_case, read_case

    if not chosen.folder.is_dir():
        raise Invalid(f"There is no folder {chosen.folder}.")
    cases, failures, count = [], 0, 0
    usable = discover().usable
    for path in sorted(chosen.folder.rglob("*.json")):
        try:
            case = read_case(path)
            if case.robot not in usable and chosen.robot in (None, case.robot):
                raise NotFound(f"{path} is for the robot {case.robot}, which is not loaded on this server.")
        except DeskError as error:  # the others are judged all the same
            failures += 1
            sys.stdout.write(f"FAIL  {error.sentence}\n")
            continue
        if chosen.robot in (None, case.robot):
            cases.append((path, case))
    if not cases and not failures:
        of = f" of the robot {chosen.robot}" if chosen.robot else ""
        raise Invalid(f"There is no case{of} in {chosen.folder}.")
    embeddings = Embeddings(workers=1)
    try:
        for path, case in cases:
            async for finding in check_case(usable[case.robot], case, embeddings):
                count += 1
                failures += not finding.holds
                verdict = "ok  " if finding.holds else "FAIL"
                problem = f"\n      {finding.problem}" if finding.problem else ""
                sys.stdout.write(f"{verdict}  {path.relative_to(chosen.folder)}, {finding.says}{problem}\n")
    finally:
        await embeddings.close()
    sys.stdout.write(f"{_count(len(cases), 'case')}, {_count(count, 'turn')}, {failures} failed.\n")
    return 1 if failures else 0
