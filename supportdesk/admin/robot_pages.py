"""The pages on which robots are set: one robot's settings and name, copies of it, its end, and the order of all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final
from uuid import UUID

from aiohttp import web
from pydantic import BeforeValidator, Field, JsonValue

from supportdesk.actor import Actor, Permission
from supportdesk.admin.settings_form import ALL, PREFIX, Sent, Shape, labels, places_of, read, show, typed_in, without
from supportdesk.core.db import Connection, Database, Tx
from supportdesk.core.forms import WHOLE, errors_of
from supportdesk.core.http import Page, Routes, SeeOther
from supportdesk.core.outward import Outward
from supportdesk.core.secrets import Keyring
from supportdesk.core.wire import In, Line, Moment, Text, parse
from supportdesk.errors import DeskError
from supportdesk.robots import configuring
from supportdesk.robots.addresses import look_at_addresses
from supportdesk.robots.configuring import Change
from supportdesk.robots.contract import Robot
from supportdesk.robots.discovery import LONGEST_NAME
from supportdesk.robots.host import Host
from supportdesk.robots.model import ConfiguredRobot
from supportdesk.robots.schema import fields_of
from supportdesk.robots.settings import defaults_of

routes = Routes()
OWN: Final = {"name": ("name", "Name"), "avatar": ("avatar", "Picture")}
"""Id and label of the fields that every robot has."""


def _stripped(typed: object) -> object:
    return typed.strip() if isinstance(typed, str) else typed


Name = Annotated[Line, BeforeValidator(_stripped), Field(max_length=LONGEST_NAME)]


class RobotForm(In):
    """The part of the form that every robot has."""

    name: Name
    avatar: Annotated[Text, BeforeValidator(_stripped), Field(max_length=500, pattern=r"^(https://\S+)?$")] = ""
    active: bool = False
    updated_at: Moment
    reset: Annotated[Text, Field(max_length=500)] = ""


class CopyForm(In):
    """Another name for the same robot."""

    name: Name


class Move(In):
    """Where a robot goes in the order."""

    by: Annotated[int, Field(ge=-1, le=1)]


class RobotQuery(In):
    """What was done just now: saved, with an address whose host was not found."""

    saved: bool = False
    unfound: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A form that is shown again: what was typed, and what is wrong with it."""

    typed: Mapping[str, str] = field(default_factory=dict)
    sent: Sent | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    copy_errors: Mapping[str, str] = field(default_factory=dict)
    status: int = 422


@routes.page("/admin/robots/{robot_id}", needs=Permission.ROBOT_CONFIGURE)
async def show_robot(actor: Actor, db: Database, robot_id: UUID, query: RobotQuery, host: Host, keys: Keyring) -> Page:
    """One robot: its name and everything that can be set, from its own schema."""
    async with db.read(actor) as conn:
        return await _page(conn, robot_id, host, keys, query=query)


async def _page(
    conn: Connection,
    robot_id: UUID,
    host: Host,
    keys: Keyring,
    *,
    refused: Refused | None = None,
    query: RobotQuery | None = None,
) -> Page:
    found = await configuring.robot_for(conn, robot_id)
    robot = host.robot(found.robot.module)
    reading = configuring.read_settings(robot, found, keys)
    errors = dict(refused.errors) if refused is not None else {}
    shown, places = [], {}
    if robot is not None:
        values: Mapping[str, JsonValue] = configuring.in_force(robot, reading)
        if refused is not None and refused.sent is not None:
            values = refused.sent.values
        shape = Shape(values=values, defaults=defaults_of(robot), errors=errors, secrets=frozenset(reading.secrets))
        shown = show(fields_of(robot.Settings), shape)
        places = labels(shown)
    stored = {"name": found.robot.name, "avatar": found.robot.avatar or "", "active": _word(found.robot.active)}
    context: dict[str, object] = {
        "robot": found.robot,
        "summary": _summary(robot),
        "problem": host.why_not(found.robot.module),
        "settings_problem": reading.problem,
        "updated_at": _seen(found, refused),
        "fields": shown,
        "differs": any(each.differs for each in shown) or bool(reading.secrets),
        "typed": {**stored, "active": "", **refused.typed} if refused and refused.typed else stored,
        "errors": errors,
        "places": places_of(errors, {**OWN, **places}),
        "of_room": False,
        "copy_errors": dict(refused.copy_errors) if refused else {},
        "flash": _flash(query),
    }
    return Page("admin/robot.html", context, 200 if refused is None else refused.status)


def _flash(query: RobotQuery | None) -> dict[str, str | None] | None:
    if query is None or not query.saved:
        return None
    text = "Saved. The robot's next turn follows."
    if query.unfound:
        text += " The host of its address is not found at the moment: see that it is spelt as you mean it."
    return {"kind": "ok", "text": text, "link": None}


def _seen(found: ConfiguredRobot, refused: Refused | None) -> str:
    """At which state the form was opened: one that was refused for that is opened anew only by loading the page."""
    if refused is not None and refused.typed:
        return refused.typed.get("updated_at", "")
    return found.updated_at.isoformat()


def _summary(robot: type[Robot] | None) -> str:
    return (robot.__doc__ or "").strip().partition("\n")[0] if robot else ""


def _word(state: bool) -> str:  # noqa: FBT001 - the words that a form sends for it
    return "true" if state else ""


@routes.form("/admin/robots/{robot_id}", needs=Permission.ROBOT_CONFIGURE)
async def save_robot(
    request: web.Request, actor: Actor, db: Database, outward: Outward, robot_id: UUID, host: Host, keys: Keyring
) -> Page | SeeOther:
    """Save a robot's settings and name, or set one or all settings back to their defaults."""
    typed = typed_in(request)
    own = {name: value for name, value in typed.items() if not name.startswith(PREFIX)}
    refused: Refused
    async with db.read(actor) as conn:
        found = await configuring.robot_for(conn, robot_id)
    robot = host.robot(found.robot.module)
    fields = fields_of(robot.Settings) if robot is not None else ()
    sent = read(fields, typed)
    try:
        want = parse(RobotForm, {name: value for name, value in own.items() if value})
    except DeskError as error:
        refused = Refused(typed=own, sent=sent, errors={**errors_of(error), **sent.errors})
    else:
        try:
            if not sent.errors or want.reset:
                is_found = (
                    robot is None
                    or want.reset == ALL
                    or await look_at_addresses(outward, robot, found.layer, without(sent.values, want.reset))
                )
                await _save(db, actor, host, keys, robot_id, want, sent, robot)
                return SeeOther(f"/admin/robots/{robot_id}?saved=true{'' if is_found else '&unfound=true'}")
            refused = Refused(typed=own, sent=sent, errors=sent.errors)
        except DeskError as error:
            refused = Refused(typed=own, sent=sent, errors=errors_of(error), status=error.status)
    async with db.read(actor) as conn:
        return await _page(conn, robot_id, host, keys, refused=refused)


async def _save(
    db: Database,
    actor: Actor,
    host: Host,
    keys: Keyring,
    robot_id: UUID,
    want: RobotForm,
    sent: Sent,
    robot: type[Robot] | None,
) -> None:
    change = Change(name=want.name, avatar=want.avatar, active=want.active, seen=want.updated_at)
    if robot is not None:
        layer = {} if want.reset == ALL else without(sent.values, want.reset)
        secrets = {} if want.reset == ALL else sent.secrets
        change = Change(
            name=want.name,
            avatar=want.avatar,
            active=want.active,
            seen=want.updated_at,
            layer=layer,
            secrets=secrets,
        )
    async with db.transaction(actor) as tx:
        await configuring.configure_robot(tx, host, keys, robot_id, change)


@routes.form("/admin/robots/{robot_id}/copies", needs=Permission.ROBOT_CONFIGURE)
async def copy_robot(
    request: web.Request, actor: Actor, db: Database, robot_id: UUID, host: Host, keys: Keyring
) -> Page | SeeOther:
    """Have the same robot once more under another name, to set it otherwise."""
    try:
        want = parse(CopyForm, typed_in(request))
        async with db.transaction(actor) as tx:
            made = await configuring.copy_robot(tx, actor, host, keys, robot_id, want.name)
    except DeskError as error:
        refused = Refused(copy_errors=_of_name(error), status=error.status)
        async with db.read(actor) as conn:
            return await _page(conn, robot_id, host, keys, refused=refused)
    return SeeOther(f"/admin/robots/{made.id}")


def _of_name(error: DeskError) -> dict[str, str]:
    errors = errors_of(error)
    return {"name": errors.get("name") or errors.get(WHOLE) or next(iter(errors.values()))}


@routes.form("/admin/robots/{robot_id}/removal", needs=Permission.ROBOT_CONFIGURE)
async def remove_robot(tx: Tx, robot_id: UUID) -> SeeOther:
    """Take a robot out of the workspace; the page that follows offers to bring it back."""
    await configuring.remove_robot(tx, robot_id)
    return SeeOther(f"/admin/robots?removed={robot_id}")


@routes.form("/admin/robots/{robot_id}/restoration", needs=Permission.ROBOT_CONFIGURE)
async def restore_robot(tx: Tx, robot_id: UUID) -> SeeOther:
    """Bring a robot back as it was."""
    await configuring.restore_robot(tx, robot_id)
    return SeeOther("/admin/robots")


@routes.form("/admin/robots/{robot_id}/place", needs=Permission.ROBOT_CONFIGURE)
async def move_robot(tx: Tx, robot_id: UUID, want: Move) -> SeeOther:
    """Let a robot lead before or after its neighbour, in open conversations too."""
    await configuring.move_robot(tx, robot_id, want.by)
    return SeeOther(f"/admin/robots#robot-{robot_id}")
