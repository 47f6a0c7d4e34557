"""Rows of claimed turns as claims."""

from collections.abc import Mapping
from uuid import UUID

import asyncpg
import orjson

from supportdesk.robots.contract import Line, Role, Speaker, Trigger
from supportdesk.robots.model import Claim, InstalledRobot
from supportdesk.robots.queries.decided import tool_result
from supportdesk.rooms.model import RoomId


def claim_of(row: asyncpg.Record, worker: str) -> Claim:
    """A turn with what it needs to be played, from the columns of CLAIM_TURNS."""
    return Claim(
        id=row["id"],
        workspace_id=row["workspace_id"],
        room_id=RoomId(row["room_id"]),
        robot=InstalledRobot(
            id=row["robot_id"],
            user_id=row["user_id"],
            module=row["module"],
            version=row["version"],
            name=row["robot_name"],
            avatar=row["avatar"],
            active=row["active"],
            sort_order=row["sort_order"],
        ),
        worker=worker,
        attempt=row["attempt"],
        trigger=Trigger.MESSAGE if row["trigger_kind"] == "follow" else Trigger(row["trigger_kind"]),
        role=Role.FOLLOW if row["trigger_kind"] == "follow" else Role.LEAD,
        message_id=row["message_id"],
        turn_no=row["turn_no"],
        room_turn_no=row["room_turn_no"],
        room_status=row["room_status"],
        owner_kind=row["owner_kind"],
        text=row["text"],
        said=tuple(row["said"] or ()),
        cited=frozenset(
            UUID(source["document_id"]) for sources in orjson.loads(row["cited"] or "[]") for source in sources or ()
        ),
        history=tuple(_line(line) for line in orjson.loads(row["lines"] or "[]")),
        guest_name=row["guest_name"],
        locale=row["locale"] or "",
        settings=(orjson.loads(row["settings"]), orjson.loads(row["room_robot_settings"])),
        sealed=row["secrets_encrypted"],
        is_overtaken=row["is_overtaken"],
        waited_ms=row["waited_ms"],
        tool_results=tuple(tool_result(call) for call in orjson.loads(row["calls"] or "[]")),
    )


def _line(line: Mapping[str, str | None]) -> Line:
    match line["sender"]:
        case "ai":
            speaker = Speaker.ROBOT
        case "system":
            speaker = Speaker.SYSTEM
        case _:
            speaker = Speaker.GUEST if line["account"] == "guest" else Speaker.AGENT
    return Line(speaker=speaker, name=line["name"] or "", text=line["text"] or "")
