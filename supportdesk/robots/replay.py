"""Asks a robot as it is now what a guest asked then, and compares. Nothing is said, run, booked or sent.

The conversation so far is the stored one, so that one changed answer does not change all that follow. Documents are
those of now. What tools came to is read from the record, and no other server is asked.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import orjson
from pydantic import JsonValue

from supportdesk.actor import Actor
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database
from supportdesk.core.masking import Mask
from supportdesk.core.tasks import Tasks
from supportdesk.errors import NotFound
from supportdesk.robots.contract import Event, KitError, Risk, Robot, ToolResult, ToolSpec, Turn
from supportdesk.robots.host import Host
from supportdesk.robots.kit import Library, TurnKit
from supportdesk.robots.model import Claim
from supportdesk.robots.play import Performance, Played
from supportdesk.robots.queries import replay as queries
from supportdesk.robots.records import Kept
from supportdesk.robots.settings import settings_for
from supportdesk.robots.unequipped import NoHttp
from supportdesk.rooms.access import seat_for
from supportdesk.rooms.model import RoomId

NEAR: Final = 0.005
"""Scores that differ by less are shown alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a turn came to: `cites` are titles, `score` that of the best passage of its first search."""

    ending: str
    reason: str
    text: str
    cites: tuple[str, ...]
    score: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One message with its two outcomes; `answered_by` names the robot of then when it was another."""

    asked: str
    answered_by: str
    before: Outcome
    now: Outcome

    @property
    def differences(self) -> tuple[str, ...]:
        """The parts in which the outcomes differ. A score that moved is none: it is told, and changes nothing."""
        parts = ("ending", "text", "cites")
        return tuple(part for part in parts if getattr(self.before, part) != getattr(self.now, part))


class RecordedTools:
    """Tools that come to what they came to then; what was not called then cannot be called now."""

    def __init__(self, results: Sequence[tuple[str, str, ToolResult]]) -> None:
        self._results = {(result.name, arguments): result for _, arguments, result in results}
        self._specs = {
            result.name: ToolSpec(name=result.name, description="As on record.", parameters={}, risk=Risk(risk))
            for risk, _, result in results
        }

    async def list(self) -> Sequence[ToolSpec]:
        """Those that were called."""
        return list(self._specs.values())

    async def call(self, name: str, args: Mapping[str, JsonValue]) -> ToolResult:
        """What the same call came to; raises KitError when there was none."""
        result = self._results.get((name, orjson.dumps(dict(args), option=orjson.OPT_SORT_KEYS).decode()))
        if result is None:
            raise KitError(f"The tool {name} was not called with these arguments then, and a replay runs nothing.")
        return result


async def replay_room(
    db: Database, host: Host, library: Library, actor: Actor, room_id: RoomId, name: str
) -> AsyncIterator[Replayed]:
    """Replay every message of the room that a robot has led on, oldest first.

    `name` is the robot's in the workspace, its module's, or its id. Raises NotFound for rooms and robots that are not
    there, and Invalid for stored settings that no longer fit.
    """
    async with db.read(actor) as conn:
        await seat_for(conn, actor, room_id)
        found = await queries.find_robot(conn, actor.workspace_id, name)
        if found is None:
            raise NotFound(f"The workspace has no robot called {name}; install it on /admin/robots first.")
        robot_id, module = found
        turns = await queries.list_turns(conn, room_id, robot_id)
        results = await queries.list_tool_results(conn, room_id)
    robot = host.robot(module)
    if robot is None:
        raise NotFound(f"The robot {module} is not loaded: {host.why_not(module)}.")
    for claim, kept in turns:
        yield await _again(robot, claim, kept, library, RecordedTools(results))


async def _again(robot: type[Robot], claim: Claim, kept: Kept, library: Library, tools: RecordedTools) -> Replayed:
    clock = Clock()
    settings = settings_for(robot, *claim.settings)
    kit = TurnKit(claim, library, clock, mask=Mask.of(settings))
    kit.tools, kit.http = tools, NoHttp()
    turn = Turn(
        text=claim.text,
        trigger=claim.trigger,
        history=claim.history,
        guest_name=claim.guest_name,
        locale=claim.locale,
    )
    performance = Performance(robot(settings, kit), turn, tasks=Tasks(), clock=clock, mask=kit.mask)
    played = await performance.run(_unheard)
    await performance.gone()
    played = replace(played, reason=kit.mask.text(played.reason))
    before = outcome_then(kept)
    now = _outcome_now(played, kit)
    if before.ending == now.ending == "failed":
        now = replace(now, text=before.text)  # where it broke off is chance
    return Replayed(asked=claim.text, answered_by=kept.answered_by, before=before, now=now)


async def _unheard(_event: Event) -> None:
    """Nobody hears a replay."""


def outcome_then(kept: Kept) -> Outcome:
    """What the record says."""
    events = _objects(kept.response.get("events"))
    titles = titles_in(kept.observation)
    cited = [str(event.get("document_id")) for event in events if event.get("kind") == "cite"]
    return Outcome(
        ending=str(kept.response.get("ending")),
        reason=str(kept.response.get("reason") or ""),
        text="".join(str(event.get("delta")) for event in events if event.get("kind") == "say").strip(),
        cites=tuple(dict.fromkeys(titles.get(document, document) for document in cited)),
        score=_score(kept.observation),
    )


def _outcome_now(played: Played, kit: TurnKit) -> Outcome:
    titles = titles_in(kit.observed)
    return Outcome(
        ending=played.ending,
        reason=played.reason,
        text=played.text,
        cites=tuple(
            dict.fromkeys(titles.get(str(cite.document_id), str(cite.document_id)) for cite in played.citations)
        ),
        score=_score(kit.observed),
    )


def titles_in(observation: Mapping[str, JsonValue]) -> dict[str, str]:
    """The titles of the documents that the turn's searches found, by id."""
    return {
        str(hit.get("document_id")): str(hit.get("title"))
        for call in _objects(observation.get("calls"))
        for hit in _objects(call.get("found"))
    }


def _score(observation: Mapping[str, JsonValue]) -> float | None:
    for call in _objects(observation.get("calls")):
        if call.get("call") == "search":
            scores = [hit.get("score") for hit in _objects(call.get("found"))]
            return next((float(score) for score in scores if isinstance(score, int | float)), None)
    return None


def _objects(value: JsonValue) -> Sequence[Mapping[str, JsonValue]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
