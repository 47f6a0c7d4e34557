"""The other side of the matrix: with ids of one's own the same calls succeed, so that their refusal means something."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from supportdesk import edges
from supportdesk.core.sockets import DESK
from supportdesk.tools.model import sealed
from tests.accounts.browser import signed_in
from tests.admin.test_robot_pages import inputs
from tests.matrix import Ids, http_routes, id_fields, ids_of, sample, socket_routes
from tests.matrix_things import things_of
from tests.people import Agent, Desk
from tests.test_matrix import asks, sends, where

FIRST: dict[str, tuple[str, ...]] = {
    "DELETE /api/v1/guests/{guest_id}/block": ("PUT /api/v1/guests/{guest_id}/block",),
    "guest.unblock": ("guest.block",),
    "csat.give": ("room.close",),
    "room.reopen": ("room.close",),
    "room.assign": ("room.claim",),
    "room.handback": ("room.claim",),
    "participant.update": ("participant.add",),
    "participant.remove": ("participant.add",),
    "reaction.remove": ("reaction.add",),
}
"""What has to be done before, so that there is something to do."""


async def a_call(desk: Desk, room_id: str) -> UUID:
    """A call of a tool that waits in a room."""
    found: UUID = await desk.owner.fetchval(
        "WITH who AS (INSERT INTO users (workspace_id, account_type_informal, current_account_status, username) "
        "VALUES ($1, 'robot', 'active', $2) RETURNING id), robot AS ("
        "INSERT INTO robots (workspace_id, user_id, module, version, name) "
        "SELECT $1, id, 'matrix', '1', $2 FROM who RETURNING id) "
        "INSERT INTO tool_executions (workspace_id, room_id, robot_id, tool_name, parameters, args_sha256, expires_at) "
        "SELECT $1, $3, id, 'matrix', '{}', $4, now() + interval '1 hour' FROM robot RETURNING id",
        desk.workspace.id,
        f"matrix-{uuid4().hex}",
        UUID(room_id),
        sealed("matrix", {}),
    )
    return found


async def a_suggestion(desk: Desk, room_id: str, message_id: UUID) -> UUID:
    """What a robot suggests to the staff of a room."""
    found: UUID = await desk.owner.fetchval(
        "WITH who AS (INSERT INTO users (workspace_id, account_type_informal, current_account_status, username) "
        "VALUES ($1, 'robot', 'active', $2) RETURNING id), robot AS ("
        "INSERT INTO robots (workspace_id, user_id, module, version, name) "
        "SELECT $1, id, 'matrix', '1', $2 FROM who RETURNING id) "
        "INSERT INTO robot_suggestions (workspace_id, room_id, robot_id, message_id, content) "
        "SELECT $1, $3, id, $4, 'Say yes.' FROM robot RETURNING id",
        desk.workspace.id,
        f"matrix-{uuid4().hex}",
        UUID(room_id),
        message_id,
    )
    return found


@pytest.fixture
async def admin(desk: Desk) -> Agent:
    """Somebody who may do everything, on a socket."""
    return await desk.agent("admin")


async def test_an_admin_does_everything_with_the_things_of_the_workspace(desk: Desk) -> None:
    door = await signed_in(desk, "admin")
    routes = {where(route): route for route in http_routes(edges.HTTP) if ids_of(route)}
    refused = []
    for name, route in routes.items():
        ids = await things_of(desk, desk.workspace, await desk.guest(), await desk.signed_in("admin"))
        for before in FIRST.get(name, ()):
            assert (await asks(door, routes[before], ids)).status < 400
        shown = {}
        if route.path == "/admin/robots/{robot_id}":  # a form says which state of the robot it was made from
            made_from = await desk.owner.fetchval("SELECT updated_at FROM robots WHERE id = $1", ids["robot_id"])
            shown = {"updated_at": made_from.isoformat()}
        if route.path == "/admin/knowledge/threshold":  # which is for robots that have one
            await desk.owner.execute("UPDATE robots SET module = 'faq' WHERE id = $1", ids["robot_id"])
        if route.path == "/admin/rooms/{room_id}/robots/{robot_id}":
            page = await asks(door, routes[f"GET {route.path}"], ids)
            shown = {"seen": inputs(page.text)["seen"]}
        answer = await asks(door, route, ids, shown=shown)
        if answer.status >= 400:
            refused.append((name, answer.status, answer.text[:200]))
    assert refused == []


async def test_an_admin_and_a_guest_send_every_event_about_their_own_rooms(desk: Desk, admin: Agent) -> None:
    routes = [(route, namespace) for route, namespace in socket_routes(edges.SOCKETS)]
    of_staff = {route.event: route for route, namespace in routes if namespace is DESK}
    refused = []
    for route, namespace in routes:
        if not id_fields(route.payload, needed=True) or route.event == "typing":  # which is not acknowledged
            continue
        guest = await desk.guest()
        room = await guest.opens()
        message = await guest.says("hello")
        if namespace is DESK and route.event == "message.edit":
            message = await admin.says("hello", room_id=room)
        ids = Ids(
            {
                "room_id": UUID(room),
                "message_id": UUID(message["id"]),
                "guest_id": guest.id or uuid4(),
                "user_id": desk.workspace.staff["t1b"],
                "execution_id": await a_call(desk, room),
                "suggestion_id": await a_suggestion(desk, room, UUID(message["id"])),
            }
        )
        body: dict[str, Any] | None
        for before in FIRST.get(route.event, ()):
            who = guest if before == "reaction.add" and namespace is not DESK else admin
            assert (await sends(who, of_staff[before], sample(of_staff[before].payload, ids)))["ok"]
        body = sample(route.payload, ids)
        ack = await sends(admin if namespace is DESK else guest, route, body)
        if not ack["ok"]:
            refused.append((route.event, namespace, ack["error"]))
    assert refused == []
