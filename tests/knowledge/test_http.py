"""Documents over HTTP: listed in pages, added, shown, removed, and closed to those without the permission."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from supportdesk.actor import Actor, ActorKind
from supportdesk.core import http
from supportdesk.core.db import Connection, Database
from supportdesk.core.events import Bus
from supportdesk.core.inject import Resources
from supportdesk.core.tasks import Tasks
from supportdesk.knowledge.http import routes
from tests.knowledge.conftest import MakeShelf, Shelf

pytestmark = pytest.mark.filterwarnings("ignore::aiohttp.web.NotAppKeyWarning")  # core.http keeps its facts by name

Client = TestClient[web.Request, web.Application]
ADMIN = frozenset({"desk:knowledge:*"})
READER = frozenset({"desk:knowledge:read"})


class Door:
    """Lets in whoever the test says."""

    def __init__(self) -> None:
        self.actor: Actor | None = None

    async def __call__(self, _: web.Request) -> Actor | None:
        return self.actor

    def admits(self, shelf: Shelf, grants: frozenset[str]) -> None:
        self.actor = Actor(kind=ActorKind.AGENT, id=None, workspace_id=shelf.workspace_id, grants=grants)


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
async def client(shelf: Shelf, door: Door) -> AsyncIterator[Client]:
    resources = Resources()
    resources.add(shelf.db, as_type=Database)
    resources.add(door, as_type=http.Authenticator)
    resources.add(Bus(Tasks()))
    app = web.Application(middlewares=[http.canonical_line])
    app[http.RESOURCES] = resources
    http.mount(app, routes)
    async with TestClient(TestServer(app)) as connected:
        yield connected


def body(**more: Any) -> dict[str, Any]:
    return {"filename": "a.md", "title": "Returns", "content": "Within 30 days.", **more}


async def test_a_document_is_added_shown_listed_and_removed(client: Client, door: Door, shelf: Shelf) -> None:
    door.admits(shelf, ADMIN)
    made = await (await client.post("/api/v1/documents", json=body())).json()
    assert (made["processing_status"], made["version"], made["audience"]) == ("pending", 1, "guests")
    await shelf.read()
    shown = await (await client.get(f"/api/v1/documents/{made['id']}")).json()
    assert shown["processing_status"] == "completed"
    assert [one["id"] for one in (await (await client.get("/api/v1/documents")).json())["items"]] == [made["id"]]
    assert (await client.delete(f"/api/v1/documents/{made['id']}")).status == 204
    assert (await client.get(f"/api/v1/documents/{made['id']}")).status == 404
    assert await shelf.finds("returns") == []


async def test_a_new_audience_is_a_new_version_though_the_text_is_the_same(
    client: Client, door: Door, shelf: Shelf
) -> None:
    door.admits(shelf, ADMIN)
    await client.post("/api/v1/documents", json=body())
    await shelf.read()
    made = await (await client.post("/api/v1/documents", json=body(audience="staff"))).json()
    await shelf.read()
    assert made["version"] == 2
    assert await shelf.finds("returns") == []
    assert await shelf.finds("returns", ActorKind.AGENT)


async def test_the_list_comes_in_pages(client: Client, door: Door, shelf: Shelf) -> None:
    door.admits(shelf, ADMIN)
    for number in range(5):
        await client.post("/api/v1/documents", json=body(filename=f"{number}.md", content=f"Text {number}."))
    names: list[str] = []
    cursor = ""
    while True:
        page = await (await client.get(f"/api/v1/documents?limit=2{cursor}")).json()
        names += [one["filename"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert names == ["4.md", "3.md", "2.md", "1.md", "0.md"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (body(content=""), 422),
        (body(content=" \n"), 422),
        (body(content="a\x00b"), 422),
        (body(content="x" * 1_000_001), 422),
        (body(filename=""), 422),
        (body(source_url="javascript:alert(1)"), 422),
        (body(audience="everybody"), 422),
        (body(workspace_id="0190f000-0000-7000-8000-000000000000"), 422),
        ({}, 422),
    ],
)
async def test_bad_documents_are_refused(
    client: Client, door: Door, shelf: Shelf, sent: dict[str, Any], status: int
) -> None:
    door.admits(shelf, ADMIN)
    answer = await client.post("/api/v1/documents", json=sent)
    assert answer.status == status
    assert (await answer.json())["error"]["code"] == "invalid"


async def test_who_may_only_read_cannot_write_and_strangers_see_nothing(
    client: Client, door: Door, make_shelf: MakeShelf, shelf: Shelf
) -> None:
    assert (await client.get("/api/v1/documents")).status == 401
    document = await shelf.holds("Within 30 days.")
    door.admits(shelf, READER)
    assert (await client.post("/api/v1/documents", json=body())).status == 403
    assert (await client.delete(f"/api/v1/documents/{document.id}")).status == 403
    door.admits(await make_shelf(), ADMIN)
    assert (await client.get(f"/api/v1/documents/{document.id}")).status == 404
    assert (await client.delete(f"/api/v1/documents/{document.id}")).status == 404
    assert (await (await client.get("/api/v1/documents")).json())["items"] == []


async def test_a_document_is_placed_otherwise_by_who_may_write(
    client: Client, door: Door, shelf: Shelf, owner: Connection
) -> None:
    team = await owner.fetchval(
        "INSERT INTO teams (workspace_id, name) VALUES ($1, 'Returns') RETURNING id", shelf.workspace_id
    )
    document = await shelf.holds("Within 30 days.", "a.md", title="Returns")
    path = f"/api/v1/documents/{document.id}/place"
    door.admits(shelf, READER)
    assert (await client.put(path, json={"audience": "staff"})).status == 403
    door.admits(shelf, ADMIN)
    placed = await (await client.put(path, json={"audience": "staff", "team_id": str(team)})).json()
    assert (placed["audience"], placed["scope"], placed["team_id"]) == ("staff", "team", str(team))
    placed = await (await client.put(path, json={"audience": "guests"})).json()
    assert (placed["audience"], placed["scope"], placed["team_id"]) == ("guests", "workspace", None)
    elsewhere = {"team_id": str(uuid4())}
    for refused in ({}, {"audience": "all"}, elsewhere, {"audience": "guests", "room_id": str(uuid4()), **elsewhere}):
        assert (await client.put(path, json=refused)).status == 422, refused
    assert (await client.put(path, json={"audience": "guests", **elsewhere})).status == 404
    assert (await client.put(f"/api/v1/documents/{uuid4()}/place", json={"audience": "guests"})).status == 404
