"""Every list runs equally many statements for few rows and for many, through HTTP."""

from bench.statements import LISTS, MANY, asked, begun, grow
from supportdesk import edges
from tests.people import Desk

SINGLE = {
    "/api/v1/rooms/{room_id}",
    "/api/v1/documents/{document_id}",
    "/api/v1/interactions/{interaction_id}",
    "/api/v1/people/{user_id}",
    "/api/v1/robots/{robot_id}",
    "/api/v1/robots/{robot_id}/settings-schema",
    "/api/v1/auth/sessions",
    "/api/v1/identity-secret",
    "/api/v1/tool-approval",
    "/api/v1/rooms/{room_id}/tool-approval",
    "/api/v1/models",
    "/api/v1/model-budgets",
}
"""What reads one thing, be it the installation's catalogue; whatever else is read under /api/v1 is a list."""


def test_every_route_that_lists_is_counted() -> None:
    read = {route.path for routes in edges.HTTP for route in routes.table if route.method == "GET"}
    listing = {path for path in read if path.startswith("/api/v1/")} - SINGLE
    assert {path.partition("?")[0].replace("{room}", "{room_id}") for path in LISTS.values()} == listing


async def test_a_list_of_many_rows_takes_as_many_statements_as_one_of_few(desk: Desk) -> None:
    admin, room = await begun(desk)
    paths = {name: path.format(room=room) for name, path in LISTS.items()}
    await asked(desk, admin, paths["interactions"])  # the first look of an hour is written down, which takes its own
    few = {name: await asked(desk, admin, path) for name, path in paths.items()}
    await grow(desk, admin, room, MANY)
    many = {name: await asked(desk, admin, path) for name, path in paths.items()}
    assert [name for name in LISTS if many[name][0] < few[name][0] + MANY] == []
    assert {name: count for name, (_, count) in many.items()} == {name: count for name, (_, count) in few.items()}
