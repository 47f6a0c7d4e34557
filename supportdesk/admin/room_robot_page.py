"""The page on which a robot is set otherwise for one conversation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import Field

from supportdesk.actor import Actor, Permission
from supportdesk.admin.settings_form import ALL, PREFIX, Sent, Shape, labels, places_of, read, show, typed_in, without
from supportdesk.core.db import Database
from supportdesk.core.forms import errors_of
from supportdesk.core.http import Page, Routes, SeeOther
from supportdesk.core.secrets import Keyring
from supportdesk.core.wire import In, Text, parse
from supportdesk.errors import DeskError, Invalid
from supportdesk.robots.host import Host
from supportdesk.robots.room_settings import RoomSettings, room_settings, set_room_settings

routes = Routes()
PATH = "/admin/rooms/{room_id}/robots/{robot_id}"


class RoomRobotForm(In):
    """The part of the form that is no setting: the state in which it was opened, and what is to be set back."""

    seen: Annotated[Text, Field(min_length=1, max_length=100)]
    reset: Annotated[Text, Field(max_length=500)] = ""


class RoomRobotQuery(In):
    """What was done just now."""

    saved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A form that is shown again: the state in which it was opened, what was typed, and what is wrong with it."""

    seen: str
    sent: Sent
    errors: Mapping[str, str]
    status: int


@routes.page(PATH, needs=Permission.ROBOT_CONFIGURE)
async def show_room_robot(
    actor: Actor, db: Database, room_id: UUID, robot_id: UUID, query: RoomRobotQuery, host: Host, keys: Keyring
) -> Page:
    """Everything that can be set of a robot, as it holds in one conversation."""
    return _page(await _read(db, actor, host, keys, room_id, robot_id), host, saved=query.saved)


async def _read(db: Database, actor: Actor, host: Host, keys: Keyring, room_id: UUID, robot_id: UUID) -> RoomSettings:
    async with db.transaction(actor) as tx:
        return await room_settings(tx, actor, host, keys, room_id=room_id, robot_id=robot_id)


def _page(now: RoomSettings, host: Host, *, refused: Refused | None = None, saved: bool = False) -> Page:
    errors = dict(refused.errors) if refused is not None else {}
    values = refused.sent.values if refused is not None else now.values
    shown = show(now.fields, Shape(values=values, defaults=now.workspace, errors=errors))
    context: dict[str, object] = {
        "robot": now.found,
        "room": now.room,
        "problem": host.why_not(now.found.module),
        "settings_problem": now.problem,
        "seen": refused.seen if refused is not None else now.state,
        "fields": shown,
        "differs": bool(now.found.settings) or any(each.differs for each in shown),
        "errors": errors,
        "places": places_of(errors, labels(shown)),
        "of_room": True,
        "flash": {"kind": "ok", "text": "Saved. The robot's next turn here follows.", "link": None} if saved else None,
    }
    return Page("admin/room_robot.html", context, 200 if refused is None else refused.status)


@routes.form(PATH, needs=Permission.ROBOT_CONFIGURE)
async def save_room_robot(
    request: web.Request, actor: Actor, db: Database, room_id: UUID, robot_id: UUID, host: Host, keys: Keyring
) -> Page | SeeOther:
    """Keep what is to be otherwise in this conversation, or have one or all settings as in the workspace again."""
    typed = typed_in(request)
    now = await _read(db, actor, host, keys, room_id, robot_id)
    sent = read(now.fields, typed)
    want = parse(RoomRobotForm, {name: value for name, value in typed.items() if value and not name.startswith(PREFIX)})
    try:
        if sent.errors and not want.reset:
            raise Invalid(next(iter(sent.errors.values())))
        wanted = {} if want.reset == ALL else without(sent.values, want.reset)
        async with db.transaction(actor) as tx:
            await set_room_settings(
                tx, actor, host, keys, room_id=room_id, robot_id=robot_id, wanted=wanted, seen=want.seen
            )
    except DeskError as error:
        errors = sent.errors if sent.errors and not want.reset else errors_of(error)
        return _page(now, host, refused=Refused(seen=want.seen, sent=sent, errors=errors, status=error.status))
    return SeeOther(f"/admin/rooms/{room_id}/robots/{robot_id}?saved=true")
