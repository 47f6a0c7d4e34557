"""The loader, the frame and the demo shop."""

from collections.abc import Collection, Mapping
from typing import Any

from aiohttp import web

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.config import Settings
from supportdesk.core.db import Database
from supportdesk.core.http import Page, Routes, render
from supportdesk.core.render import ANCESTORS, Assets
from supportdesk.errors import NotFound
from supportdesk.robots.contract import Trigger
from supportdesk.robots.host import Host
from supportdesk.robots.queries.robots import list_robots
from supportdesk.widget import queries
from supportdesk.widget.queries import PublicSite
from supportdesk.widget.wire import ShopQuery
from supportdesk.widget.words import language_for, tag_of

routes = Routes()


@routes.get("/widget.js", public="the one tag of every host page", hidden=True)
async def loader(request: web.Request, assets: Assets) -> web.Response:
    """The loader: a launcher that opens the frame when somebody asks for it."""
    response = assets.response(request, "loader.js", cache="public, max-age=300, stale-while-revalidate=86400")
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@routes.page("/widget/{site_key}", public="a guest has no sign-in before the first conversation")
async def frame(request: web.Request, site_key: str, db: Database, settings: Settings, host: Host) -> web.Response:
    """The chat itself; only the site's own origins may embed it."""
    async with db.bare() as conn:
        site = await queries.find_site(conn, site_key)
    wanted = request.query.get("locale", "")
    if site is None:
        request[ANCESTORS] = "*"
        language = language_for(wanted)
        return await _packed(request, Page("widget/refused.html", {"language": language}, status=404))
    async with db.read(Actor.system(WorkspaceId(site.workspace_id))) as conn:
        names = await queries.site_names(conn, site.id)
        robots = [robot.module for robot in await list_robots(conn) if robot.active] if site.robots_enabled else []
    language = language_for(wanted, names["locale"])
    origins = [settings.origin, *site.allowed_origins]
    request[ANCESTORS] = " ".join(["'self'", *origins])
    config = {
        "site": _for_guests(site, site_key, names, robots, host),
        "origins": origins,
        "epoch": names["epoch"],
        "locale": language.tag,
        "guest_locale": tag_of(wanted),
        "dir": language.direction,
    }
    i18n = {"messages": language.words.chat} if language.words.chat else {}
    return await _packed(request, Page("widget/frame.html", {"config": config, "i18n": i18n, "language": language}))


def _for_guests(
    site: PublicSite, site_key: str, names: Mapping[str, Any], robots: Collection[str], host: Host
) -> dict[str, Any]:
    answered = not set(robots).isdisjoint(host.catalogue.hearing(Trigger.MESSAGE))
    # Only a robot's welcome needs a room before anything is said.
    greeted = answered and not set(robots).isdisjoint(host.catalogue.hearing(Trigger.ROOM_OPENED))
    appearance = dict(site.appearance)
    return {
        "key": site_key,
        "name": names["name"],
        "robots": answered,
        "open_on": "visit" if greeted else "message",
        "greeting": appearance.pop("greeting", ""),
        "suggestions": appearance.pop("suggestions", []),
        "privacy_url": appearance.pop("privacy_url", None),
        "online": names["on_duty"] > 0,
        "appearance": appearance,
    }


async def _packed(request: web.Request, page: Page) -> web.Response:
    """The page, compressed: it carries the words of a language, and holds no secret that its size could betray."""
    response = await render(request, page)
    response.enable_compression()
    return response


@routes.page("/demo", public="the demo shop is a public page")
async def shop(settings: Settings, query: ShopQuery) -> Page:
    """A shop that carries the widget as any company's page does: one tag."""
    if not settings.demo:
        raise NotFound("The demo shop is served with the demo workspace only: start with make run.")
    return Page("demo/shop.html", {"site_key": query.site, "dir": query.dir, "theme": query.theme})
