"""The ledger's pages: every turn of the workspace's robots, and each with all that was kept of it."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final
from urllib.parse import urlencode
from uuid import UUID

import orjson
from pydantic import Field, JsonValue, model_validator

from supportdesk.actor import Actor, Permission
from supportdesk.admin import queries
from supportdesk.audit.model import Looked
from supportdesk.audit.reading import AccessLog
from supportdesk.core.db import Database
from supportdesk.core.http import Page, Routes
from supportdesk.core.paging import LAST, Cursor, cursor_of, place_of
from supportdesk.core.wire import In, Text
from supportdesk.robots.access import must_read_rooms, turn_for
from supportdesk.robots.model import Fate, Status
from supportdesk.robots.queries import records
from supportdesk.robots.records import Recorded, TriggerKind, TurnsWanted

routes = Routes()
LEDGER: Final = "/admin/ledger"
PAGE: Final = 50
SHOWN_APART: Final = frozenset({"call", "at_ms", "took_ms", "error", "found"})
"""What the page of a turn shows of a call in places of their own; the rest is shown as it is."""


class LedgerQuery(In):
    """Which turns the page lists; what a form leaves empty is not asked for."""

    q: Annotated[Text, Field(max_length=200)] = ""
    robot: UUID | None = None
    room: UUID | None = None
    status: Status | None = None
    fate: Fate | None = None
    trigger: TriggerKind | None = None
    since: date | None = None
    until: date | None = None
    min_cost: Annotated[Decimal, Field(ge=0, le=1_000_000)] | None = None
    cursor: Cursor | None = None

    @model_validator(mode="before")
    @classmethod
    def _filled(cls, typed: Any) -> Any:
        return {name: value for name, value in typed.items() if value != ""} if isinstance(typed, dict) else typed

    @property
    def wanted(self) -> TurnsWanted:
        """The turns that are asked for."""
        return TurnsWanted(
            text=self.q,
            robot_id=self.robot,
            room_id=self.room,
            status=self.status,
            fate=self.fate,
            trigger=self.trigger,
            since=self.since,
            until=self.until,
            min_cost=self.min_cost,
        )

    @property
    def values(self) -> dict[str, str]:
        """The fields of the form that are filled, as they were typed."""
        filled = self.model_dump(mode="json", exclude={"cursor"}, exclude_none=True)
        return {name: str(value) for name, value in filled.items() if value != ""}


@routes.page(LEDGER, needs=Permission.ROBOT_READ)
async def list_turns(actor: Actor, query: LedgerQuery, db: Database, looks: AccessLog) -> Page:
    """Every turn, newest first, without private rooms that the actor may not enter."""
    must_read_rooms(actor)
    if query.values:
        await looks.note(actor, Looked.SEARCH, actor.workspace_id)
    async with db.read(actor) as conn:
        robots = await queries.list_robots(conn, actor)
        turns = await records.list_turns(
            conn,
            actor,
            query.wanted,
            before=place_of(query.cursor) if query.cursor else LAST,
            sees_private=actor.may(Permission.SUPERVISOR_OBSERVE),
            limit=PAGE + 1,
        )
    shown, values = turns[:PAGE], query.values
    further = _address({**values, "cursor": cursor_of(shown[-1].id)}) if len(turns) > PAGE else None
    context = {
        "turns": shown,
        "robots": [(str(robot["id"]), f"{robot['name']} ({robot['module']})") for robot in robots],
        "values": values,
        "is_filtered": bool(values),
        "is_narrowed": bool(values.keys() - {"q"}),
        "statuses": [status.value for status in Status],
        "fates": [fate.value for fate in Fate],
        "triggers": [trigger.value for trigger in TriggerKind],
        "next_url": further,
        "first_url": _address(values) if query.cursor else None,
    }
    return Page("admin/ledger.html", context)


def _address(values: Mapping[str, str]) -> str:
    return f"{LEDGER}?{urlencode(values)}" if values else LEDGER


@routes.page(LEDGER + "/{interaction_id}", needs=Permission.ROBOT_READ)
async def show_turn(actor: Actor, interaction_id: UUID, db: Database, looks: AccessLog) -> Page:
    """One turn: what the robot was asked, what it saw, what it answered, what came of it and what it cost."""
    must_read_rooms(actor)
    async with db.read(actor) as conn:
        turn, seat = await turn_for(conn, actor, interaction_id)
        found = await records.recorded(conn, turn)
    if seat.is_outside:
        await looks.note(actor, Looked.LEDGER, turn.id)
    context = {
        "turn": found.turn,
        "recorded": found,
        "request": found.turn.request_data,
        "response": found.response,
        "events": _events(found),
        "refused": _sentences(found.response.get("refused")),
        "filed": _sentences(found.response.get("filed")),
        "calls": [_call(call) for call in _objects(found.observation.get("calls"))],
        "lines": [_log_line(line) for line in _objects(found.observation.get("log"))],
        "executions": [
            {"row": each, "parameters": _pretty(each.parameters), "result": _pretty(each.result)}
            for each in found.executions
        ],
    }
    return Page("admin/turn.html", context)


def _objects(value: JsonValue) -> Sequence[Mapping[str, JsonValue]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _sentences(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _events(found: Recorded) -> list[dict[str, Any]]:
    """The robot's events: of each its kind, the words in it, and the rest as it was kept."""
    words = {"say": "delta", "whisper": "text", "hand_off": "reason", "silent": "reason", "cite": "quote"}
    shaped = []
    for event in _objects(found.response.get("events")):
        kind = str(event.get("kind"))
        own = words.get(kind, "")
        rest = {name: value for name, value in event.items() if name not in ("kind", own)}
        shaped.append({"kind": kind, "words": event.get(own) or "", "rest": _pretty(rest) if rest else ""})
    return shaped


def _call(call: Mapping[str, JsonValue]) -> dict[str, Any]:
    rest = {name: value for name, value in call.items() if name not in SHOWN_APART}
    return {
        "name": "not_asked" if call.get("asked") is False else str(call.get("call")),
        "at_ms": call.get("at_ms"),
        "took_ms": call.get("took_ms"),
        "error": call.get("error"),
        "found": _objects(call.get("found")) if "found" in call else None,
        "rest": _pretty(rest) if rest else "",
    }


def _log_line(line: Mapping[str, JsonValue]) -> dict[str, Any]:
    keys = {name: value for name, value in line.items() if name not in ("at_ms", "fact")}
    return {"at_ms": line.get("at_ms"), "fact": line.get("fact"), "keys": _pretty(keys) if keys else ""}


def _pretty(value: JsonValue) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() if value is not None else ""
