"""Everybody tries everything, with ids of their own, of their neighbours, of another workspace, and of nothing.

The cases are built from the tables of edges.py: a new operation or event is in the matrix as soon as it is served.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from supportdesk import edges
from supportdesk.core.http import Route
from supportdesk.core.sockets import DESK, GUEST, Namespace, SocketRoute
from tests.accounts.browser import Answer, Browser, browser
from tests.factories import PASSWORD, Workspace, make_workspace
from tests.matrix import (
    MISSING,
    THINGS,
    Ids,
    Somebody,
    http_routes,
    id_fields,
    ids_of,
    listed,
    path,
    sample,
    socket_routes,
)
from tests.matrix_things import things_of
from tests.people import Agent, Desk, Person
from tests.schema.rows import sql

STAFF = ("t1", "supervisor", "manager", "admin")
NARROW = "chat:room:read"
"""All that the access token called reader may do; its owner is an admin."""

BRINGS_BACK = {
    ("POST", "/admin/robots/{robot_id}/restoration"),
    ("POST", "/admin/knowledge/entries/{entry_id}/return"),
}
"""Operations on what was deleted."""
ENDS_ITSELF = {("DELETE", "/api/v1/auth/sessions"), ("POST", "/logout"), ("POST", "/account/sessions/others/end")}
"""What ends the session that asks, or its siblings: tried without a right to it, and elsewhere with one."""
GIVES_WAY = {"room.leave", "typing"}
"""Events of one's own socket, which say nothing of whether the room exists: they succeed, or are not answered."""

FORMS = {
    "/admin/robots/{robot_id}": {"name": "Matrix", "s.text": "Hello.", "s.timeout_s": "20"},
    "/admin/robots/{robot_id}/copies": {"name": "Matrix again"},
    "/admin/rooms/{room_id}/robots/{robot_id}": {"seen": "matrix", "reset": "*"},
    "/admin/sites/{site_id}": {"name": "Shop", "is_active": "on"},
    "/admin/models/{provider_id}": {"name": "Matrix", "base_url": "https://127.0.0.1:9/v1"},
    "/admin/tools/{tool_id}/definition": {"description": "Asks.", "method": "GET", "tool_url": "https://desk.test/x"},
    "/admin/tools/servers/{server_id}": {"url": "https://127.0.0.1:9/mcp", "header_name": "Authorization"},
    "/admin/models/{provider_id}/catalogue": {"model": "matrix-1"},
    "/admin/knowledge/entries/{entry_id}": {"question": "When?", "answer": "Now."},
}
"""What pages send that read their form themselves, to show it again with what is wrong."""
DELETED_BY_NOBODY = {
    "room_id": "chat_rooms", "guest_id": "users", "user_id": "users", "site_id": "sites", "robot_id": "robots",
    "file_id": "file_uploads", "provider_id": "provider_configs", "team_id": "teams", "entry_id": "knowledge_entries",
    "tool_id": "workspace_tools", "server_id": "mcp_servers",
}  # fmt: skip
"""Things for which there is no operation that deletes them, with their tables."""


@dataclass(slots=True)
class Stage:
    """Two workspaces; those who try are of the first, and nothing of the second may ever be seen or moved."""

    desk: Desk
    theirs: Workspace
    own: Ids
    neighbours: Ids
    foreign: Ids
    deleted: Ids
    doors: dict[str, Browser] = field(default_factory=dict)
    sockets: dict[str, Person] = field(default_factory=dict)
    everybody: dict[str, Somebody] = field(default_factory=dict)


async def deleted_things(desk: Desk) -> Ids:
    """One of everything that was there and is not any more: ended, revoked, withdrawn, deleted."""
    guest, admin = await desk.guest(), await desk.signed_in("admin")
    gone = dict((await things_of(desk, desk.workspace, guest, admin)).of)
    other = await desk.guest()
    await other.opens()
    gone["message_id"] = UUID((await other.says("gone"))["id"])  # in a room that is still there
    await other.asks("message.delete", message_id=str(gone["message_id"]))
    for address in ("documents/{document_id}", "tokens/{token_id}", "invitations/{invitation_id}"):
        status, _ = await admin.fetches("DELETE", "/api/v1/" + address.format_map(gone))
        assert status == 204
    status, _ = await admin.fetches("DELETE", f"/api/v1/auth/sessions/{gone['session_id']}")
    assert status == 204
    gone["user_id"] = desk.workspace.staff["t3"]
    gone["site_id"] = await desk.owner.fetchval("SELECT id FROM sites WHERE site_key = $1", desk.workspace.site_key)
    for name, table in DELETED_BY_NOBODY.items():
        await desk.owner.execute(sql("UPDATE {table} SET deleted_at = now() WHERE id = $1", table=table), gone[name])
    await desk.owner.execute("UPDATE unanswered_questions SET state = 'dismissed' WHERE id = $1", gone["asked_id"])
    assert set(gone) == set(THINGS)
    return Ids(gone)


@pytest.fixture
async def stage(desk: Desk) -> Stage:
    """Both workspaces furnished, and everybody of the first at their door and on their socket."""
    theirs = await make_workspace(desk.owner)
    stranger = await desk.guest(theirs.plain_site_key)
    foreign = await things_of(desk, theirs, stranger, await desk.agent("admin", workspace=theirs))
    neighbours = await things_of(desk, desk.workspace, await desk.guest(), await desk.agent("admin"))
    ready = Stage(desk, theirs, neighbours, neighbours, foreign, await deleted_things(desk))
    await _let_in(ready)
    for person in [person for person in desk.connected if person not in ready.sockets.values()]:
        await person.leaves()
    await desk.settle()
    return ready


async def _let_in(stage: Stage) -> None:
    desk = stage.desk
    stage.doors["nobody"], stage.everybody["nobody"] = browser(desk), Somebody("nobody")
    for who in STAFF:
        door = browser(desk)
        await door.signs_in(desk.workspace.email(who), PASSWORD)
        stage.doors[who], stage.sockets[who] = door, await desk.agent(who)
        patterns = await desk.owner.fetch("SELECT pattern FROM desk_grants($1)", desk.workspace.staff[who])
        stage.everybody[who] = Somebody(who, frozenset(row["pattern"] for row in patterns), DESK)
    made = await stage.doors["admin"].asks("POST", "/api/v1/tokens", {"name": "reader", "grants": [NARROW]})
    stage.doors["reader"] = browser(desk, Authorization=f"Bearer {made.body['token']}")
    stage.sockets["reader"] = await Agent(desk, desk.browser()).connect(made.body["token"])
    stage.everybody["reader"] = Somebody("reader", frozenset({NARROW}), DESK)
    guest = await desk.guest()
    await guest.opens()
    stage.doors["guest"] = browser(desk, Authorization=f"Bearer {guest.token}")
    stage.sockets["guest"] = guest
    patterns = await desk.owner.fetch("SELECT pattern FROM desk_grants($1)", guest.id)
    stage.everybody["guest"] = Somebody("guest", frozenset(row["pattern"] for row in patterns), GUEST)


async def asks(
    door: Browser, route: Route, ids: Ids, *, beside: dict[str, Any] | None = None, shown: dict[str, str] | None = None
) -> Answer:
    """Try an operation as its client would: a form for a page, with what the page had shown, else JSON."""
    body = sample(route.body, ids, beside=beside)
    if route.is_page and route.method != "GET":
        return await door.asks(
            route.method, path(route, ids), form={**(body or FORMS.get(route.path, {})), **(shown or {})}
        )
    return await door.asks(route.method, path(route, ids), body)


def said(answer: Answer) -> tuple[int, Any]:
    """What somebody learns from an answer: of a page its status, because its refusal numbers the request.

    Where a redirect leads is told without its query, in which the way to the sign-in repeats what was asked for.
    """
    where_to = answer.headers.get("Location")
    return (answer.status, answer.body if answer.body is not None else where_to and where_to.partition("?")[0])


def where(route: Route) -> str:
    return f"{route.method} {route.path}"


async def test_who_lacks_the_permission_learns_nothing_but_that(stage: Stage) -> None:
    wrong: list[tuple[object, ...]] = []
    for route in http_routes(edges.HTTP):
        if route.needs is None:
            continue
        for name, door in stage.doors.items():
            if stage.everybody[name].may(route.needs):
                continue
            answers = [await asks(door, route, ids) for ids in (stage.neighbours, stage.foreign, MISSING)]
            expected = {401, 303} if name == "nobody" else {403}
            if {answer.status for answer in answers} - expected or len({str(said(each)) for each in answers}) > 1:
                wrong.append((where(route), name, [each.status for each in answers]))
            if name != "nobody" and not route.is_page and answers[0].code != "forbidden":
                wrong.append((where(route), name, answers[0].code))
    assert wrong == []


async def test_nothing_fails_and_nobody_is_refused_what_their_role_includes(stage: Stage) -> None:
    wrong: list[tuple[object, ...]] = []
    tried = 0
    for route in http_routes(edges.HTTP):
        for name, door in stage.doors.items():
            somebody = stage.everybody[name]
            if route.needs is not None and not somebody.may(route.needs):
                continue
            if (route.method, route.path) in ENDS_ITSELF or (route.needs is None and route.method != "GET"):
                continue
            answer = await asks(door, route, MISSING)
            tried += 1
            is_refused = answer.body is not None and answer.status == 403 and answer.code == "forbidden"
            # 502 is the desk's word for others who do not answer.
            if answer.status >= 500 and answer.status != 502 and "/readyz" not in route.path:
                wrong.append((where(route), name, answer.text[:200]))
            if is_refused and route.needs is not None and name != "reader" and "/tokens" not in route.path:
                wrong.append((where(route), name, answer.text[:200]))
            if stage.theirs.tag in answer.text:
                wrong.append((where(route), name, "shows another workspace"))
    assert wrong == []
    assert tried > 150


async def test_another_workspaces_things_and_deleted_ones_are_not_there(stage: Stage) -> None:
    before = await traces(stage)
    wrong: list[tuple[object, ...]] = []
    tried = 0
    for route in http_routes(edges.HTTP):
        if not ids_of(route):
            continue
        for name, door in stage.doors.items():
            if route.needs is not None and not stage.everybody[name].may(route.needs):
                continue
            missing = await asks(door, route, MISSING)
            for kind, ids in (("foreign", stage.foreign), ("deleted", stage.deleted)):
                if kind == "deleted" and (route.method, route.path) in BRINGS_BACK:
                    continue
                answer = await asks(door, route, ids)
                tried += 1
                if said(answer) != said(missing):
                    wrong.append((where(route), name, kind, said(answer), said(missing)))
                is_hidden = answer.status == 404 or (name == "nobody" and answer.status in (401, 303))
                if not is_hidden and name != "reader":
                    wrong.append((where(route), name, kind, answer.status, answer.text[:200]))
                if stage.theirs.tag in answer.text:
                    wrong.append((where(route), name, kind, "shows another workspace"))
    assert wrong == []
    assert tried > 80
    assert await traces(stage) == before


async def test_a_second_id_of_another_workspace_or_a_deleted_one_is_as_good_as_none(stage: Stage) -> None:
    before = await traces(stage)
    wrong: list[tuple[object, ...]] = []
    tried = 0
    for route in http_routes(edges.HTTP):
        for second in id_fields(route.body, needed=False):
            assert route.body is not None
            for name in ("t1", "admin"):
                if route.needs is not None and not stage.everybody[name].may(route.needs):
                    continue
                answers = []
                for ids in (stage.foreign, stage.deleted, MISSING):
                    beside = {second: listed(route.body, second, ids[second])}
                    answers.append(await asks(stage.doors[name], route, stage.own, beside=beside))
                tried += 1
                if len({str(said(answer)) for answer in answers}) > 1 or answers[0].status < 400:
                    wrong.append((where(route), name, second, [said(answer) for answer in answers]))
    assert wrong == []
    assert tried > 0
    assert await traces(stage) == before


async def sends(person: Person, route: SocketRoute, body: dict[str, Any] | None) -> dict[str, Any]:
    """Send an event; the acknowledgement as it came."""
    ack: dict[str, Any] = await person.socket.call(route.event, body, namespace=person.namespace, timeout=10)
    return ack


async def test_events_ask_for_their_permission_and_belong_to_their_namespace(stage: Stage) -> None:
    wrong: list[tuple[object, ...]] = []
    served = {(route.event, namespace) for route, namespace in socket_routes(edges.SOCKETS)}
    for route, namespace in socket_routes(edges.SOCKETS):
        if route.event in GIVES_WAY:
            continue
        for name, person in stage.sockets.items():
            somebody = stage.everybody[name]
            if somebody.namespace is namespace and (route.needs is None or somebody.may(route.needs)):
                continue
            expected = "forbidden"
            if somebody.namespace is not namespace:
                if (route.event, somebody.namespace) in served:
                    continue
                expected = "unknown_event"
            for ids in (stage.neighbours, stage.foreign, MISSING):
                ack = await sends(person, route, sample(route.payload, ids))
                if ack["ok"] or ack["error"]["code"] != expected:
                    wrong.append((route.event, namespace, name, ack))
    assert wrong == []


def allowed(stage: Stage) -> list[tuple[SocketRoute, Namespace, str, Person]]:
    """Every event with everybody whose role includes it."""
    return [
        (route, namespace, name, person)
        for route, namespace in socket_routes(edges.SOCKETS)
        for name, person in stage.sockets.items()
        if stage.everybody[name].namespace is namespace
        and (route.needs is None or stage.everybody[name].may(route.needs))
        and route.event not in GIVES_WAY
    ]


async def test_events_find_nothing_of_another_workspace_and_nothing_deleted(stage: Stage) -> None:
    before = await traces(stage)
    wrong: list[tuple[object, ...]] = []
    tried = 0
    for route, namespace, name, person in allowed(stage):
        if not id_fields(route.payload, needed=True):
            continue
        missing = await sends(person, route, sample(route.payload, MISSING))
        for kind, ids in (("foreign", stage.foreign), ("deleted", stage.deleted)):
            ack = await sends(person, route, sample(route.payload, ids))
            tried += 1
            if ack != missing or ack["ok"]:
                wrong.append((route.event, namespace, name, kind, ack, missing))
    assert wrong == []
    assert tried > 100
    assert await traces(stage) == before


async def test_a_guest_finds_nothing_of_another_guest(stage: Stage) -> None:
    wrong: list[tuple[object, ...]] = []
    guest = stage.sockets["guest"]
    for route, namespace, name, person in allowed(stage):
        if name != "guest" or not id_fields(route.payload, needed=True):
            continue
        missing = await sends(person, route, sample(route.payload, MISSING))
        theirs = await sends(person, route, sample(route.payload, stage.neighbours))
        if theirs != missing or theirs["ok"]:
            wrong.append((f"{namespace} {route.event}", theirs, missing))
    for operation in http_routes(edges.HTTP):
        if operation.needs is not None and not stage.everybody["guest"].may(operation.needs):
            continue
        if ids_of(operation):
            answers = [await asks(stage.doors["guest"], operation, ids) for ids in (stage.neighbours, MISSING)]
            if said(answers[0]) != said(answers[1]) or answers[0].status != 404:
                wrong.append((where(operation), answers[0].body or {}, answers[1].body or {}))
    assert wrong == []
    assert all(stage.desk.workspace.tag not in str(heard) for heard in guest.heard)


async def test_a_second_id_in_an_event_is_checked_like_the_first(stage: Stage) -> None:
    before = await traces(stage)
    wrong: list[tuple[object, ...]] = []
    tried = 0
    for route, namespace, name, person in allowed(stage):
        seconds = id_fields(route.payload, needed=False) + id_fields(route.payload, needed=True)[1:]
        for second in seconds if name in ("t1", "admin", "guest") else ():
            own = stage.own if name != "guest" else Ids({**stage.own.of, "room_id": UUID(str(person.room_id))})
            acks = []
            for ids in (stage.foreign, stage.deleted, MISSING):
                body = sample(route.payload, own, beside={second: listed(route.payload, second, ids[second])})
                acks.append(await sends(person, route, body))
            tried += 1
            if any(ack != acks[0] or ack["ok"] for ack in acks):
                wrong.append((route.event, namespace, name, second, acks))
    assert wrong == []
    assert tried > 5
    assert await traces(stage) == before


async def traces(stage: Stage) -> dict[str, str]:
    """A digest of every row of the other workspace, by table."""
    await stage.desk.settle()
    owner, digests = stage.desk.owner, {}
    tables = await owner.fetch(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id' "
        "WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1"
    )
    for row in tables:
        digests[row["relname"]] = await owner.fetchval(
            f"SELECT md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')) "  # noqa: S608 - from the catalogue
            f'FROM "{row["relname"]}" t WHERE workspace_id = $1',
            stage.theirs.id,
        )
    return digests
