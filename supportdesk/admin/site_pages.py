"""The page on which the chat is put on a company's web sites."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final
from urllib.parse import urlsplit
from uuid import UUID

from aiohttp import web
from pydantic import BeforeValidator, Field

from supportdesk.actor import Actor, Permission
from supportdesk.admin import queries
from supportdesk.config import Settings
from supportdesk.core.db import Connection, Database, Tx
from supportdesk.core.forms import read_form
from supportdesk.core.http import Page, Routes, SeeOther
from supportdesk.core.secrets import Keyring
from supportdesk.core.wire import In, Line
from supportdesk.errors import DeskError
from supportdesk.workspaces import access, actions
from supportdesk.workspaces import queries as sites
from supportdesk.workspaces.model import Site, SiteId, origin_of
from supportdesk.workspaces.wire import MOST_ORIGINS

routes = Routes()
SITES: Final = "/admin/sites"
LONGEST: Final = 300
"""Characters of an origin, as over the interface for programs."""
LONGEST_SHOWN: Final = 80
"""Characters of a wrong line that its error repeats."""
MOST_SHOWN: Final = 5
"""Wrong lines that are named at once."""


def origins_of(typed: object) -> list[str]:
    """The origins in a text with one on each line; raises ValueError that names each line that is none."""
    found: dict[str, None] = {}
    wrong: list[str] = []
    lines = str(typed)[: MOST_ORIGINS * LONGEST + 1].splitlines()
    if len(str(typed)) > MOST_ORIGINS * LONGEST:
        raise ValueError(f"a site takes {MOST_ORIGINS} origins of {LONGEST} characters at most")
    for number, line in enumerate(lines, start=1):
        if not (text := line.strip()):
            continue
        if len(wrong) == MOST_SHOWN:
            raise ValueError("; ".join(wrong))
        try:
            if len(text) > LONGEST:
                raise ValueError(f"an origin has {LONGEST} characters at most")
            found[origin_of(text)] = None
        except ValueError as error:
            meant = _meant(text) if len(text) <= LONGEST else None
            shown = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
            wrong.append(f"line {number}, {shown}: {f'write {meant}' if meant else error}")
    if wrong:
        raise ValueError("; ".join(wrong))
    if len(found) > MOST_ORIGINS:
        raise ValueError(f"a site takes {MOST_ORIGINS} origins at most, and these are {len(found)}")
    return list(found)


def _meant(text: str) -> str | None:
    """The origin of an address that was typed without its scheme, or copied with its path."""
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        return origin_of(f"{parts.scheme}://{parts.netloc}")
    except ValueError:
        return None


def _stripped(typed: object) -> object:
    return typed.strip() if isinstance(typed, str) else typed


Name = Annotated[Line, BeforeValidator(_stripped)]
Origins = Annotated[list[str], BeforeValidator(origins_of)]


class NewSiteForm(In):
    """A further site; what a form leaves empty is not sent."""

    name: Name
    allowed_origins: Origins = Field(default_factory=list)


class SiteForm(NewSiteForm):
    """A site's settings; a box that is not ticked is not sent."""

    queue_id: UUID | None = None
    robots_enabled: bool = False
    is_active: bool = False


class SitesQuery(In):
    """Which site was saved just now."""

    saved: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A form that was sent and is shown again with what is wrong: a site's, or that of a new one."""

    site_id: UUID | None
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


async def _page(
    conn: Connection,
    actor: Actor,
    settings: Settings,
    *,
    refused: Refused | None = None,
    saved: UUID | None = None,
    new_secret: str | None = None,
) -> Page:
    shown = [_shown(site, settings, refused) for site in await sites.list_sites(conn)]
    is_new = refused is not None and refused.site_id is None
    found = await queries.list_queues(conn, actor)
    context = {
        "sites": shown,
        "queues": [(str(queue["id"]), f"{queue['level']} · {queue['name']}") for queue in found],
        "origin": settings.origin,
        "is_loopback": settings.is_loopback,
        "has_secret": await sites.identity_secret(conn, actor.workspace_id) is not None,
        "new_secret": new_secret,
        "saved": saved,
        "values": refused.values if refused and is_new else {},
        "errors": refused.errors if refused and is_new else {},
    }
    return Page("admin/sites.html", context, 200 if refused is None else 422)


def _shown(site: Site, settings: Settings, refused: Refused | None) -> dict[str, object]:
    """A site with its form as it is stored, or as it was sent and refused."""
    is_refused = refused is not None and refused.site_id == site.id
    stored = {
        "name": site.name,
        "allowed_origins": "\n".join(site.allowed_origins),
        "queue_id": str(site.queue_id or ""),
        "robots_enabled": "true" if site.robots_enabled else "",
        "is_active": "true" if site.is_active else "",
    }
    return {
        "id": site.id,
        "name": site.name,
        "key": site.site_key,
        "tag": f'<script async src="{settings.origin}/widget.js" data-key="{site.site_key}"></script>',
        "origins": site.allowed_origins,
        "has_queue": site.queue_id is not None,
        "robots_enabled": site.robots_enabled,
        "is_active": site.is_active,
        "typed": refused.values if refused and is_refused else stored,
        "errors": refused.errors if refused and is_refused else {},
    }


@routes.page(SITES, needs=Permission.WORKSPACE_MANAGE)
async def list_sites(actor: Actor, db: Database, settings: Settings, query: SitesQuery) -> Page:
    """Each site with the line that puts the chat on it, where it may stand, and who answers."""
    async with db.read(actor) as conn:
        return await _page(conn, actor, settings, saved=query.saved)


@routes.form(SITES, needs=Permission.WORKSPACE_MANAGE)
async def add_site(request: web.Request, tx: Tx, actor: Actor, settings: Settings) -> Page | SeeOther:
    """Let a further site carry the chat."""
    form = read_form(request, NewSiteForm)
    if form.want is None:
        refused = Refused(site_id=None, values=form.values, errors=form.errors)
        return await _page(tx.conn, actor, settings, refused=refused)
    made = await actions.add_site(tx, actor, form.want.name, form.want.allowed_origins, robots_enabled=True)
    return _saved(made.id)


@routes.form("/admin/sites/{site_id}", needs=Permission.WORKSPACE_MANAGE)
async def change_site(request: web.Request, tx: Tx, actor: Actor, site_id: UUID, settings: Settings) -> Page | SeeOther:
    """Save a site's settings."""
    site = await access.site_of_workspace(tx, site_id)
    form = read_form(request, SiteForm)
    errors = form.errors
    if form.want is not None:
        try:
            await actions.change_site(
                tx,
                site.id,
                name=form.want.name,
                allowed_origins=form.want.allowed_origins,
                appearance=None,
                robots_enabled=form.want.robots_enabled,
                queue_id=form.want.queue_id,
                is_active=form.want.is_active,
            )
        except DeskError as error:
            errors = form.refused(error)
        else:
            return _saved(site.id)
    refused = Refused(site_id=site.id, values=form.values, errors=errors)
    return await _page(tx.conn, actor, settings, refused=refused)


def _saved(site_id: SiteId) -> SeeOther:
    return SeeOther(f"{SITES}?saved={site_id}#site-{site_id}")


@routes.form("/admin/identity-secret", needs=Permission.WORKSPACE_MANAGE)
async def renew_identity_secret(tx: Tx, actor: Actor, keys: Keyring, settings: Settings) -> Page:
    """Make the identity secret, or another in its place; the page shows it this once."""
    secret = await actions.renew_identity_secret(tx, actor, keys)
    return await _page(tx.conn, actor, settings, new_secret=secret)
