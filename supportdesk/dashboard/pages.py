"""The inbox's page, and what every page shows around its own matter."""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from supportdesk.accounts.entrance import CSRF
from supportdesk.actor import Actor, Permission
from supportdesk.core.db import Database
from supportdesk.core.http import Page, Routes, SeeOther
from supportdesk.dashboard import queries
from supportdesk.errors import DeskError

routes = Routes()
RTL: Final = frozenset({"ar", "fa", "he", "ur"})


def _same(text: str, **values: object) -> str:
    return text % values if values else text


class DeskChrome:
    """Who is signed in, the workspace, the language, and what they may open."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def __call__(self, request: web.Request, actor: Actor | None) -> Mapping[str, object]:
        """The context that all templates share; without a database or a sign-in it is the door's."""
        shared: dict[str, object] = {
            "_": _same,
            "me": None,
            "workspace": None,
            "may": lambda _permission: False,
            "csrf_token": request.get(CSRF, ""),
            "locale": "en",
            "dir": "ltr",
            "flash": None,
            "section": "",
        }
        if actor is None or not actor.is_staff or actor.id is None:
            return shared
        try:
            async with self._db.read(actor) as conn:
                found = await queries.find_me(conn, actor)
        except DeskError:
            return shared
        locale = str(found["locale"])
        return {
            **shared,
            "me": found["me"],
            "workspace": {"name": found["workspace_name"]},
            "may": lambda permission: actor.may(Permission(permission)),
            "locale": locale,
            "dir": "rtl" if locale.split("-", maxsplit=1)[0] in RTL else "ltr",
        }


@routes.page("/", public="whoever comes to the front door is shown in or to the sign-in")
async def front() -> SeeOther:
    """The inbox is where work is."""
    return SeeOther("/inbox")


@routes.page("/inbox", needs=Permission.ROOM_READ)
async def inbox(request: web.Request, actor: Actor, db: Database) -> Page:
    """The live inbox."""
    async with db.read(actor) as conn:
        found = await queries.find_me(conn, actor)
        edges = await queries.list_edges(conn, actor)
    locale = str(found["locale"])
    permissions = sorted(permission for permission in Permission if actor.may(permission))
    me: dict[str, Any] = {**found["me"], "permissions": permissions}
    config = {
        "me": me,
        "workspace": {"name": found["workspace_name"]},
        "csrf_token": request.get(CSRF, ""),
        "epoch": found["epoch"],
        "locale": locale,
        "dir": "rtl" if locale.split("-", maxsplit=1)[0] in RTL else "ltr",
        "i18n": {},
        "escalation_edges": edges,
    }
    return Page("dashboard/inbox.html", {"config": config})
