"""Signing in, sessions, tokens and people over HTTP."""

from uuid import UUID

from aiohttp import web

from supportdesk.accounts import access
from supportdesk.accounts.actions import passwords as password_actions
from supportdesk.accounts.actions import people as people_actions
from supportdesk.accounts.actions import sessions as session_actions
from supportdesk.accounts.actions.sign_in import Visitor, device_of, sign_in, sign_out
from supportdesk.accounts.entrance import CSRF, StaffEntrance
from supportdesk.accounts.links import Links
from supportdesk.accounts.model import COOKIE, Actors, StaffIdentity
from supportdesk.accounts.passwords import Passwords
from supportdesk.accounts.queries import links, people, sessions
from supportdesk.accounts.wire import (
    ChangePassword,
    ChangePerson,
    CsrfOut,
    InvitationOut,
    InvitationsOut,
    Invite,
    LinkOut,
    MakeToken,
    NewTokenOut,
    OpenLinksOut,
    PeopleOut,
    PersonOut,
    RequestReset,
    SessionsOut,
    SignedInOut,
    SignIn,
    TicketOut,
    TokensOut,
    invitation_out,
    new_token_out,
    open_links_out,
    people_out,
    person_out,
    sessions_out,
    signed_in_out,
    token_out,
)
from supportdesk.actor import Actor, Permission
from supportdesk.config import Settings
from supportdesk.core.address import client_address, must_be_own_page
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database, Tx
from supportdesk.core.http import Routes
from supportdesk.core.paging import FIRST, PageQuery
from supportdesk.core.tasks import Tasks
from supportdesk.core.wire import to_json
from supportdesk.errors import Forbidden, Invalid

routes = Routes()
IDENTITY: web.RequestKey[StaffIdentity] = web.RequestKey("identity", StaffIdentity)
"""Where a request keeps the StaffIdentity of whoever sent it."""


def me(request: web.Request) -> StaffIdentity:
    """The member of staff who sent this request; raises Forbidden when it was somebody else."""
    identity: StaffIdentity | None = request.get(IDENTITY)
    if identity is None:
        raise Forbidden("Only staff have an account of this kind.")
    return identity


def visitor_of(request: web.Request, settings: Settings) -> Visitor:
    """From where a request comes."""
    return Visitor(client_address(request, settings), device_of(request.headers.get("User-Agent", "")))


@routes.post("/api/v1/auth/sessions", public="this is how one signs in", status=201)
async def begin(
    request: web.Request,
    want: SignIn,
    db: Database,
    tasks: Tasks,
    passwords: Passwords,
    entrance: StaffEntrance,
    actors: Actors,
    settings: Settings,
) -> web.Response:
    """Sign in with e-mail and password: a session cookie, and the token that writes must carry."""
    must_be_own_page(request, settings)
    visitor = visitor_of(request, settings)
    signed_in = await sign_in(db, tasks, passwords, want.email, want.password, visitor=visitor)
    if (before := request.cookies.get(COOKIE)) is not None:
        await sign_out(db, before)
    actor = await actors.actor_of_staff(signed_in.identity)
    body = signed_in_out(signed_in.identity, actor, entrance.csrf_token(signed_in.token))
    response = web.Response(status=201, body=to_json(body), content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    entrance.set_cookie(request, response, signed_in.token)
    return response


@routes.get("/api/v1/auth/sessions", needs=Permission.SESSION_OWN)
async def current(request: web.Request, actor: Actor) -> SignedInOut:
    """Who is signed in, and the token that writes must carry."""
    identity = me(request)
    return signed_in_out(identity, actor, request.get(CSRF))


@routes.delete("/api/v1/auth/sessions", needs=Permission.SESSION_OWN, status=204)
async def end_current(tx: Tx, actor: Actor, entrance: StaffEntrance) -> web.Response:
    """Sign out."""
    _, session_id = session_actions.must_be_signed_in(actor)
    await session_actions.end_session(tx, actor, session_id)
    response = web.Response(status=204)
    entrance.drop_cookie(response)
    return response


@routes.get("/api/v1/auth/sessions/all", needs=Permission.SESSION_OWN)
async def list_sessions(actor: Actor, request: web.Request, db: Database) -> SessionsOut:
    """Everywhere one is signed in."""
    identity = me(request)
    async with db.read(actor) as conn:
        return sessions_out(await sessions.list_sessions(conn, identity.user_id), actor.session_id)


@routes.delete("/api/v1/auth/sessions/{session_id}", needs=Permission.SESSION_OWN, status=204)
async def end(tx: Tx, actor: Actor, session_id: UUID) -> None:
    """End one of one's own sessions, on whichever device."""
    await session_actions.end_session(tx, actor, session_id)


@routes.put("/api/v1/auth/password", needs=Permission.SESSION_OWN)
async def change_password(
    request: web.Request,
    actor: Actor,
    want: ChangePassword,
    db: Database,
    passwords: Passwords,
    entrance: StaffEntrance,
    settings: Settings,
) -> web.Response:
    """Change one's own password; every other session ends, and this one gets another cookie."""
    identity = me(request)
    token = await password_actions.change_password(
        db,
        passwords,
        actor,
        identity.email,
        want.current_password,
        want.new_password,
        visitor=visitor_of(request, settings),
    )
    body = CsrfOut(csrf_token=entrance.csrf_token(token))
    response = web.Response(body=to_json(body), content_type="application/json")
    entrance.set_cookie(request, response, token)
    return response


@routes.post("/api/v1/auth/password-resets", public="whoever forgot their password cannot sign in", status=202)
async def request_reset(
    request: web.Request,
    want: RequestReset,
    db: Database,
    tasks: Tasks,
    where: Links,
    entrance: StaffEntrance,
    settings: Settings,
) -> web.Response:
    """Ask for a link to choose another password; the answer never says whether the address is known."""
    must_be_own_page(request, settings)
    entrance.must_have_room_for_a_link(client_address(request, settings))
    tasks.spawn(password_actions.request_reset(db, where, want.email), name="password reset")
    return web.Response(status=202)


@routes.post("/api/v1/auth/email-verifications", needs=Permission.SESSION_OWN, status=202)
async def request_verification(tx: Tx, request: web.Request, where: Links) -> web.Response:
    """Ask for a link that proves that one's e-mail address is one's own."""
    identity = me(request)
    person = await access.person_for(tx.conn, identity.user_id)
    await password_actions.request_verification(tx, where, person)
    return web.Response(status=202)


@routes.post("/api/v1/socket-tickets", needs=Permission.SESSION_OWN, status=201)
async def make_ticket(tx: Tx, actor: Actor) -> TicketOut:
    """A ticket for one connection to /desk, good for 30 seconds and once."""
    return TicketOut(token=await session_actions.make_ticket(tx, actor))


@routes.get("/api/v1/tokens", needs=Permission.TOKEN_OWN)
async def list_tokens(actor: Actor, request: web.Request, db: Database) -> TokensOut:
    """One's own personal access tokens, without their secrets."""
    identity = me(request)
    async with db.read(actor) as conn:
        return TokensOut(items=[token_out(token) for token in await sessions.list_tokens(conn, identity.user_id)])


@routes.post("/api/v1/tokens", needs=Permission.TOKEN_OWN, status=201)
async def make_token(tx: Tx, actor: Actor, want: MakeToken, clock: Clock) -> NewTokenOut:
    """A personal access token for scripts; its secret is in this answer and nowhere else."""
    if want.expires_at is not None and want.expires_at <= clock.now():
        raise Invalid("Let the token expire at an instant that is still to come.")
    return new_token_out(
        await session_actions.make_token(tx, actor, want.name, grants=want.grants, expires_at=want.expires_at)
    )


@routes.delete("/api/v1/tokens/{token_id}", needs=Permission.TOKEN_OWN, status=204)
async def revoke_token(tx: Tx, actor: Actor, token_id: UUID) -> None:
    """Revoke one of one's own tokens."""
    await session_actions.revoke_token(tx, actor, token_id)


@routes.get("/api/v1/people", needs=Permission.PEOPLE_READ)
async def list_people(actor: Actor, query: PageQuery, db: Database) -> PeopleOut:
    """The staff of the workspace, in the order in which they came."""
    async with db.read(actor) as conn:
        return people_out(await people.list_people(conn, query.place(FIRST), query.limit), query.limit)


@routes.get("/api/v1/people/links", needs=Permission.PEOPLE_MANAGE)
async def list_links(actor: Actor, db: Database, where: Links) -> OpenLinksOut:
    """Links that people asked for and that no mail carried: pass them on. Empty where mail is set up."""
    async with db.read(actor) as conn:
        return open_links_out(await people_actions.list_open_links(conn, actor, where))


@routes.get("/api/v1/people/{user_id}", needs=Permission.PEOPLE_READ)
async def show_person(actor: Actor, user_id: UUID, db: Database) -> PersonOut:
    """A member of staff."""
    async with db.read(actor) as conn:
        return person_out(await access.person_for(conn, user_id))


@routes.patch("/api/v1/people/{user_id}", needs=Permission.PEOPLE_MANAGE)
async def change_person(tx: Tx, actor: Actor, user_id: UUID, want: ChangePerson) -> PersonOut:
    """Change somebody's role, level or status; sessions end where the change takes something away."""
    person = await access.person_to_manage(tx, actor, user_id)
    if want.role is not None:
        person = await people_actions.set_role(tx, actor, user_id, want.role)
    if "level" in want.model_fields_set:
        person = await people_actions.set_level(tx, actor, user_id, want.level)
    if want.status is not None:
        person = await people_actions.set_status(tx, actor, user_id, want.status)
    return person_out(person)


@routes.post("/api/v1/people/{user_id}/password-resets", needs=Permission.PEOPLE_MANAGE, status=201)
async def make_reset_link(tx: Tx, actor: Actor, user_id: UUID, where: Links) -> LinkOut:
    """A link by which somebody chooses another password; here only when no mail carries it to them."""
    return LinkOut(link=await people_actions.make_reset_link(tx, actor, where, user_id))


@routes.get("/api/v1/invitations", needs=Permission.PEOPLE_INVITE)
async def list_invitations(actor: Actor, db: Database) -> InvitationsOut:
    """Invitations that nobody has accepted yet, the latest first."""
    async with db.read(actor) as conn:
        found = await links.list_invitations(conn, people_actions.MOST_OPEN)
    return InvitationsOut(items=[invitation_out(invitation) for invitation in found])


@routes.post("/api/v1/invitations", needs=Permission.PEOPLE_INVITE, status=201)
async def invite(tx: Tx, actor: Actor, want: Invite, where: Links) -> InvitationOut:
    """Invite somebody by a link that works once within seven days; it goes by mail where mail is set up."""
    made, link = await people_actions.invite(tx, actor, where, want.email, role_name=want.role, level=want.level)
    return invitation_out(made, link)


@routes.delete("/api/v1/invitations/{invitation_id}", needs=Permission.PEOPLE_INVITE, status=204)
async def withdraw(tx: Tx, invitation_id: UUID) -> None:
    """Take an invitation back."""
    await people_actions.withdraw(tx, invitation_id)
