"""The pages on the way in: sign-in, first run, invitation, forgotten password; and the chrome of all others."""

from collections.abc import Mapping
from typing import Annotated, Final
from urllib.parse import urlsplit

from aiohttp import web
from pydantic import BaseModel, Field

from supportdesk.accounts.actions import passwords as password_actions
from supportdesk.accounts.actions import people as people_actions
from supportdesk.accounts.actions import sessions as session_actions
from supportdesk.accounts.actions.people import NewPerson
from supportdesk.accounts.actions.setup import FirstRun, set_up
from supportdesk.accounts.actions.sign_in import sign_in, sign_out
from supportdesk.accounts.entrance import StaffEntrance
from supportdesk.accounts.http import IDENTITY, visitor_of
from supportdesk.accounts.links import Links
from supportdesk.accounts.model import COOKIE, Purpose
from supportdesk.accounts.passwords import Passwords
from supportdesk.accounts.wire import Email, Name, RequestReset, SignIn, Typed
from supportdesk.actor import Actor, Permission
from supportdesk.config import Settings
from supportdesk.core.address import client_address, must_be_own_page
from supportdesk.core.db import Database, Tx
from supportdesk.core.forms import Form, read_form
from supportdesk.core.http import Page, Routes
from supportdesk.core.tasks import Tasks
from supportdesk.core.wire import In, Line, Text
from supportdesk.errors import DeskError, NotFound, RateLimited
from supportdesk.workspaces import access as workspaces
from supportdesk.workspaces.actions import Beginnings

routes = Routes()
HOME: Final = "/inbox"
FIRST_STOP: Final = "/admin/sites"
"""Where a new desk is put to use: nobody writes to it before a page carries the chat."""
BLANK: Final[Mapping[str, object]] = {"errors": {}, "values": {}}
LONGEST_PATH: Final = 500


class SignInForm(SignIn):
    """The sign-in form: where to go afterwards beside it."""

    next: Annotated[Text, Field(max_length=2000)] = ""


class JoinForm(In):
    """The form of an invitation."""

    first_name: Name
    last_name: Name
    password: Typed


class FirstRunForm(JoinForm):
    """The form of the first visit."""

    code: Annotated[Text, Field(min_length=1, max_length=100)]
    workspace_name: Line
    email: Email


class NewPasswordForm(In):
    """The form of a password reset."""

    password: Typed


def local_path(text: str) -> str:
    """A path on this desk, for going on after sign-in; the inbox instead of anything that leads elsewhere."""
    is_plain = text.isascii() and text.isprintable() and "\\" not in text and len(text) <= LONGEST_PATH
    if not is_plain or not text.startswith("/") or text.startswith("//"):
        return HOME
    try:
        parts = urlsplit(text)
    except ValueError:
        return HOME
    if parts.scheme or parts.netloc or parts.path.startswith(("/login", "/logout", "/api/")):
        return HOME
    return text


def _go(location: str) -> web.Response:
    return web.Response(status=303, headers={"Location": location})


def _again(template: str, form: Form[BaseModel], context: Mapping[str, object], error: DeskError | None = None) -> Page:
    errors: Mapping[str, str] = form.refused(error) if error is not None else form.errors
    status = error.status if error is not None else 422
    headers = {}
    if isinstance(error, RateLimited):
        headers["Retry-After"] = str(max(1, round(float(str(error.details["retry_after"])))))
    return Page(template, {**context, "values": form.values, "errors": errors}, status, headers)


@routes.page("/login", public="this is how one signs in")
async def login_page(request: web.Request, actor: Actor | None, db: Database) -> Page | web.Response:
    """The sign-in form; whoever is signed in goes on, and an empty desk is set up first."""
    going = local_path(request.query.get("next", HOME))
    if actor is not None and request.get(IDENTITY) is not None:
        return _go(going)
    if not await workspaces.is_set_up(db):
        return _go("/first-run")
    return Page("accounts/sign_in.html", {**BLANK, "next": going if going != HOME else "", **_demo(request)})


@routes.form("/login", public="this is how one signs in")
async def login(
    request: web.Request,
    db: Database,
    tasks: Tasks,
    passwords: Passwords,
    entrance: StaffEntrance,
    settings: Settings,
) -> Page | web.Response:
    """Sign in and go on to where one wanted to be."""
    must_be_own_page(request, settings)
    form = read_form(request, SignInForm)
    shown: dict[str, object] = {"next": form.values.get("next", ""), **_demo(request)}
    if form.want is None:
        return _again("accounts/sign_in.html", form, shown)
    visitor = visitor_of(request, settings)
    try:
        signed_in = await sign_in(db, tasks, passwords, form.want.email, form.want.password, visitor=visitor)
    except DeskError as error:
        return _again("accounts/sign_in.html", form, shown, error)
    if (before := request.cookies.get(COOKIE)) is not None:
        await sign_out(db, before)
    response = _go(local_path(form.want.next or HOME))
    entrance.set_cookie(request, response, signed_in.token)
    return response


def _demo(request: web.Request) -> dict[str, object]:
    demo: tuple[list[dict[str, str]], str] = request.app.get(DEMO_PEOPLE, ([], ""))
    return {"demo": demo[0], "demo_password": demo[1]}


DEMO_PEOPLE: web.AppKey[tuple[list[dict[str, str]], str]] = web.AppKey("demo_people", tuple)
"""Set by the demo: whom the sign-in page offers, [{email, role}], and the password they share."""


@routes.form("/logout", needs=Permission.SESSION_OWN)
async def logout(tx: Tx, actor: Actor, entrance: StaffEntrance) -> web.Response:
    """Sign out."""
    _, session_id = session_actions.must_be_signed_in(actor)
    await session_actions.end_session(tx, actor, session_id)
    response = _go("/login")
    entrance.drop_cookie(response)
    return response


@routes.page("/setup", public="nobody has an account on an empty desk")
async def setup_page() -> web.Response:
    """The other name of the first run."""
    return _go("/first-run")


@routes.page("/first-run", public="nobody has an account on an empty desk")
async def first_run_page(db: Database) -> Page:
    """The form that makes workspace and admin of an empty desk."""
    if await workspaces.is_set_up(db):
        raise NotFound("This desk is set up already; sign in.")
    return Page("accounts/first_run.html", BLANK)


@routes.form("/first-run", public="the one-time code of the terminal is asked for")
async def first_run(
    request: web.Request,
    db: Database,
    beginnings: Beginnings,
    passwords: Passwords,
    code: FirstRun,
    entrance: StaffEntrance,
    settings: Settings,
) -> Page | web.Response:
    """Make workspace and admin, and sign the admin in."""
    must_be_own_page(request, settings)
    if await workspaces.is_set_up(db):
        raise NotFound("This desk is set up already; sign in.")
    form = read_form(request, FirstRunForm)
    if form.want is None:
        return _again("accounts/first_run.html", form, {})
    want = form.want
    who = NewPerson(email=want.email, first_name=want.first_name, last_name=want.last_name, password=want.password)
    try:
        token = await set_up(
            db, beginnings, passwords, code, want.code, want.workspace_name, who, visitor=visitor_of(request, settings)
        )
    except DeskError as error:
        return _again("accounts/first_run.html", form, {}, error)
    response = _go(FIRST_STOP)
    entrance.set_cookie(request, response, token)
    return response


@routes.page("/invitations/{code}", public="the link is the proof")
async def invitation_page(code: str, db: Database) -> Page:
    """What an invitation offers."""
    opened, invitation = await people_actions.open_invitation(db, code)
    return Page(
        "accounts/accept_invitation.html",
        {**BLANK, "invitation": invitation, "token": code, "workspace": {"name": opened.workspace_name}},
    )


@routes.form("/invitations/{code}", public="the link is the proof")
async def accept_invitation(
    request: web.Request,
    code: str,
    db: Database,
    passwords: Passwords,
    where: Links,
    entrance: StaffEntrance,
    settings: Settings,
) -> Page | web.Response:
    """Make the account and sign its owner in."""
    must_be_own_page(request, settings)
    opened, invitation = await people_actions.open_invitation(db, code)
    form = read_form(request, JoinForm)
    shown = {"invitation": invitation, "token": code, "workspace": {"name": opened.workspace_name}}
    if form.want is None:
        return _again("accounts/accept_invitation.html", form, shown)
    who = NewPerson(
        email=opened.email,
        first_name=form.want.first_name,
        last_name=form.want.last_name,
        password=form.want.password,
    )
    try:
        token = await people_actions.accept(db, passwords, where, code, who, visitor=visitor_of(request, settings))
    except DeskError as error:
        return _again("accounts/accept_invitation.html", form, shown, error)
    response = _go(HOME)
    entrance.set_cookie(request, response, token)
    return response


@routes.page("/password/forgotten", public="whoever forgot their password cannot sign in")
async def forgotten_page() -> Page:
    """The form that asks for a reset link."""
    return Page("accounts/request_reset.html", {**BLANK, "sent": False})


@routes.form("/password/forgotten", public="whoever forgot their password cannot sign in")
async def forgotten(
    request: web.Request, db: Database, tasks: Tasks, where: Links, entrance: StaffEntrance, settings: Settings
) -> Page:
    """Ask for a reset link; the answer never says whether the address is known."""
    must_be_own_page(request, settings)
    entrance.must_have_room_for_a_link(client_address(request, settings))
    form = read_form(request, RequestReset)
    if form.want is None:
        return _again("accounts/request_reset.html", form, {"sent": False})
    tasks.spawn(password_actions.request_reset(db, where, form.want.email), name="password reset")
    return Page("accounts/request_reset.html", {**BLANK, "sent": True})


@routes.page("/password/reset/{code}", public="the link is the proof")
async def reset_page(code: str, db: Database) -> Page:
    """The form that chooses another password."""
    opened = await password_actions.open_link(db, code, Purpose.RESET_PASSWORD)
    return Page(
        "accounts/reset_password.html",
        {**BLANK, "token": code, "email": opened.email, "workspace": {"name": opened.workspace_name}},
    )


@routes.form("/password/reset/{code}", public="the link is the proof")
async def reset(
    request: web.Request, code: str, db: Database, passwords: Passwords, settings: Settings
) -> Page | web.Response:
    """Choose another password; then sign in with it."""
    must_be_own_page(request, settings)
    opened = await password_actions.open_link(db, code, Purpose.RESET_PASSWORD)
    form = read_form(request, NewPasswordForm)
    shown = {"token": code, "email": opened.email, "workspace": {"name": opened.workspace_name}}
    if form.want is None:
        return _again("accounts/reset_password.html", form, shown)
    try:
        await password_actions.reset_password(db, passwords, code, form.want.password)
    except DeskError as error:
        return _again("accounts/reset_password.html", form, shown, error)
    return _go("/login")


@routes.page("/email/verify/{code}", public="the link is the proof")
async def verify_page(code: str, db: Database) -> Page:
    """Asks before it confirms: programs that look into mail open links too."""
    opened = await password_actions.open_link(db, code, Purpose.VERIFY_EMAIL)
    return Page(
        "accounts/verify_email.html",
        {**BLANK, "token": code, "email": opened.email, "workspace": {"name": opened.workspace_name}},
    )


@routes.form("/email/verify/{code}", public="the link is the proof")
async def verify(request: web.Request, code: str, db: Database, settings: Settings) -> web.Response:
    """Confirm that the address is one's own."""
    must_be_own_page(request, settings)
    await password_actions.verify_email(db, code)
    return _go("/login")
