"""The pages about accounts: one's own, and those of the staff."""

from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import BeforeValidator

from supportdesk.accounts.actions import passwords as password_actions
from supportdesk.accounts.actions import people as people_actions
from supportdesk.accounts.actions import sessions as session_actions
from supportdesk.accounts.entrance import StaffEntrance
from supportdesk.accounts.http import me, visitor_of
from supportdesk.accounts.links import Links
from supportdesk.accounts.model import AccountStatus, covers
from supportdesk.accounts.passwords import Passwords
from supportdesk.accounts.queries import links, people, sessions
from supportdesk.accounts.wire import ChangePassword, Invite, MakeToken, RoleName, sessions_out
from supportdesk.actor import Actor, Level, Permission
from supportdesk.config import Settings
from supportdesk.core.db import Connection, Database, Tx
from supportdesk.core.forms import Form, errors_of, read_form
from supportdesk.core.http import Page, Routes, SeeOther
from supportdesk.core.paging import FIRST, cursor_of, place_of
from supportdesk.core.wire import In
from supportdesk.errors import DeskError

routes = Routes()
PAGE = 100
ACCOUNT = "/account"
PEOPLE = "/admin/people"


class StatusForm(In):
    """Whether somebody may come in."""

    status: AccountStatus


class RoleForm(In):
    """Somebody's role and level."""

    role: RoleName
    level: Annotated[Level | None, BeforeValidator(lambda typed: typed or None)] = None


async def _account(request: web.Request, actor: Actor, conn: Connection, **more: object) -> Page:
    who = me(request)
    found = sessions_out(await sessions.list_sessions(conn, who.user_id), actor.session_id)
    tokens = await sessions.list_tokens(conn, who.user_id)
    context = {"sessions": found.items, "tokens": tokens, "new_token": None, "errors": {}, "values": {}, **more}
    return Page("accounts/account.html", context, 422 if more.get("errors") else 200)


@routes.page("/account", needs=Permission.SESSION_OWN)
async def account_page(request: web.Request, actor: Actor, db: Database) -> Page:
    """One's own account: devices, password, access tokens."""
    async with db.read(actor) as conn:
        return await _account(request, actor, conn)


@routes.page("/account/security", needs=Permission.SESSION_OWN)
async def security_page() -> SeeOther:
    """The same page by the name people look for."""
    return SeeOther(ACCOUNT)


@routes.form("/account/sessions/others/end", needs=Permission.SESSION_OWN)
async def end_others(tx: Tx, actor: Actor) -> SeeOther:
    """End all of one's sessions but this one."""
    await session_actions.end_other_sessions(tx, actor)
    return SeeOther(ACCOUNT)


@routes.form("/account/sessions/{session_id}/end", needs=Permission.SESSION_OWN)
async def end_session(tx: Tx, actor: Actor, session_id: UUID) -> SeeOther:
    """End one of one's sessions."""
    await session_actions.end_session(tx, actor, session_id)
    return SeeOther(ACCOUNT)


@routes.form("/account/password", needs=Permission.SESSION_OWN)
async def change_password(
    request: web.Request,
    actor: Actor,
    db: Database,
    passwords: Passwords,
    entrance: StaffEntrance,
    settings: Settings,
) -> Page | web.Response:
    """Change one's own password."""
    form = read_form(request, ChangePassword)
    errors = dict(form.errors)
    if form.want is not None:
        try:
            token = await password_actions.change_password(
                db,
                passwords,
                actor,
                me(request).email,
                form.want.current_password,
                form.want.new_password,
                visitor=visitor_of(request, settings),
            )
        except DeskError as error:
            errors = errors_of(error)
        else:
            response = web.Response(status=303, headers={"Location": ACCOUNT})
            entrance.set_cookie(request, response, token)
            return response
    async with db.read(actor) as conn:
        return await _account(request, actor, conn, errors=errors)


@routes.form("/account/tokens", needs=Permission.TOKEN_OWN)
async def make_token(request: web.Request, tx: Tx, actor: Actor) -> Page:
    """Make an access token; the page shows it this once."""
    form = read_form(request, MakeToken)
    if form.want is None:
        return await _account(request, actor, tx.conn, errors=form.errors, values=form.values)
    made = await session_actions.make_token(
        tx, actor, form.want.name, grants=form.want.grants, expires_at=form.want.expires_at
    )
    return await _account(request, actor, tx.conn, new_token=made.secret)


@routes.form("/account/tokens/{token_id}/revoke", needs=Permission.TOKEN_OWN)
async def revoke_token(tx: Tx, actor: Actor, token_id: UUID) -> SeeOther:
    """Revoke one of one's own tokens."""
    await session_actions.revoke_token(tx, actor, token_id)
    return SeeOther(ACCOUNT)


async def _people(request: web.Request, actor: Actor, conn: Connection, where: Links, **more: object) -> Page:
    try:
        after = place_of(request.query["cursor"]) if "cursor" in request.query else FIRST
    except ValueError:
        after = FIRST
    found = await people.list_people(conn, after, PAGE)
    roles = [role for role in await people.list_roles(conn) if covers(actor.grants, role.patterns)]
    may_manage, may_invite = actor.may(Permission.PEOPLE_MANAGE), actor.may(Permission.PEOPLE_INVITE)
    opened = await people_actions.list_open_links(conn, actor, where) if may_manage else []
    context: dict[str, object] = {
        "people": [
            {
                "id": person.id,
                "name": person.name,
                "email": person.email,
                "role": ", ".join(person.roles),
                "level": person.level,
                "status": str(person.status),
                "presence": person.presence,
                "last_seen_at": person.last_seen_at,
            }
            for person in found
        ],
        "invitations": await links.list_invitations(conn, people_actions.MOST_OPEN) if may_invite else [],
        "open_links": opened,
        "roles": [(role.name, role.name.capitalize()) for role in roles],
        "next_url": f"{PEOPLE}?cursor={cursor_of(found[-1].id)}" if len(found) == PAGE else None,
        "first_url": PEOPLE if after != FIRST else None,
        "errors": {},
        "values": {},
        **more,
    }
    return Page("accounts/people.html", context, 422 if more.get("errors") else 200)


@routes.page("/admin/people", needs=Permission.PEOPLE_READ)
async def people_page(request: web.Request, actor: Actor, db: Database, where: Links) -> Page:
    """The staff, open invitations, and links that wait to be passed on."""
    async with db.read(actor) as conn:
        return await _people(request, actor, conn, where)


@routes.form("/admin/people/invitations", needs=Permission.PEOPLE_INVITE)
async def invite(request: web.Request, actor: Actor, db: Database, where: Links) -> Page:
    """Invite somebody; without mail the page shows the link to pass on."""
    form = read_form(request, Invite)
    if form.want is None:
        return await _refused(request, actor, db, where, form)
    try:
        async with db.transaction(actor) as tx:
            made, link = await people_actions.invite(
                tx, actor, where, form.want.email, role_name=form.want.role, level=form.want.level
            )
    except DeskError as error:
        return await _refused(request, actor, db, where, form, error)
    text = f"{made.email} is invited." + (" Pass this link on; it works once." if link else "")
    async with db.read(actor) as conn:
        return await _people(request, actor, conn, where, flash={"kind": "ok", "text": text, "link": link})


async def _refused(
    request: web.Request,
    actor: Actor,
    db: Database,
    where: Links,
    form: Form[Invite],
    error: DeskError | None = None,
) -> Page:
    errors = form.refused(error) if error is not None else form.errors
    async with db.read(actor) as conn:
        return await _people(request, actor, conn, where, errors=errors, values=form.values)


@routes.form("/admin/people/invitations/{invitation_id}/withdraw", needs=Permission.PEOPLE_INVITE)
async def withdraw(tx: Tx, invitation_id: UUID) -> SeeOther:
    """Take an invitation back."""
    await people_actions.withdraw(tx, invitation_id)
    return SeeOther(PEOPLE)


@routes.form("/admin/people/{user_id}/reset-link", needs=Permission.PEOPLE_MANAGE)
async def reset_link(request: web.Request, tx: Tx, actor: Actor, user_id: UUID, where: Links) -> Page:
    """Make a link by which somebody chooses another password; without mail the page shows it."""
    link = await people_actions.make_reset_link(tx, actor, where, user_id)
    text = "Pass this link on; it works once, for an hour." if link else "A link is on its way by mail."
    return await _people(request, actor, tx.conn, where, flash={"kind": "ok", "text": text, "link": link})


@routes.form("/admin/people/{user_id}/status", needs=Permission.PEOPLE_MANAGE)
async def set_status(tx: Tx, actor: Actor, user_id: UUID, want: StatusForm) -> SeeOther:
    """Suspend somebody, or let them in again."""
    await people_actions.set_status(tx, actor, user_id, want.status)
    return SeeOther(PEOPLE)


@routes.form("/admin/people/{user_id}/role", needs=Permission.PEOPLE_MANAGE)
async def set_role(tx: Tx, actor: Actor, user_id: UUID, want: RoleForm) -> SeeOther:
    """Change somebody's role and level."""
    await people_actions.set_role(tx, actor, user_id, want.role)
    await people_actions.set_level(tx, actor, user_id, want.level)
    return SeeOther(PEOPLE)
