"""Pages of the web: fetched politely, asked for again, and never from where the desk may not look."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from supportdesk.actor import ActorKind
from supportdesk.core.outward import Outward
from supportdesk.errors import DeskError, Forbidden, Invalid, TooLarge, Unanswered
from supportdesk.knowledge import fetching
from supportdesk.knowledge.fetching import add_from_web, look_again
from supportdesk.knowledge.model import Audience, Document, Outcome
from supportdesk.knowledge.queries import documents
from tests.knowledge.conftest import Shelf
from tests.people import Desk

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Mapping[str, Handler]], Awaitable[TestServer]]
PAGE = "<html><head><title>Shipping</title></head><body><h1>Shipping</h1><p>It takes {} days.</p></body></html>"


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start web sites on this machine."""
    async with AsyncExitStack() as stack:

        async def start(pages: Mapping[str, Handler]) -> TestServer:
            app = web.Application()
            for path, handler in pages.items():
                app.router.add_get(path, handler)
            site = TestServer(app)
            await site.start_server()
            stack.push_async_callback(site.close)
            return site

        yield start


def says(text: str, *, status: int = 200, kind: str = "text/html", **headers: str) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text=text, status=status, content_type=kind, headers=headers)

    return answer


def way_to(site: TestServer) -> Outward:
    return Outward([f"{site.host}:{site.port}"])


async def add(shelf: Shelf, site: TestServer, path: str = "/shipping") -> tuple[Document, Outcome]:
    return await add_from_web(shelf.db, way_to(site), shelf.system, str(site.make_url(path)))


async def test_a_page_is_read_with_its_title_and_cited_by_its_address(shelf: Shelf, serve: Serve) -> None:
    site = await serve({"/shipping": says(PAGE.format(3))})
    _, outcome = await add(shelf, site, "/shipping#top")
    assert outcome is Outcome.ADDED
    await shelf.read()
    (hit,) = await shelf.finds("how long does it take?")
    assert (hit.title, hit.text, hit.url) == ("Shipping", "It takes 3 days.", str(site.make_url("/shipping")))


async def test_an_unchanged_page_is_not_sent_again_and_a_changed_one_is_the_next_version(
    shelf: Shelf, serve: Serve
) -> None:
    days, asked = [3], []

    async def page(request: web.Request) -> web.Response:
        asked.append(request.headers.get("If-None-Match"))
        tag = f'"{days[0]}"'
        if asked[-1] == tag:
            return web.Response(status=304)
        return web.Response(text=PAGE.format(days[0]), content_type="text/html", headers={"ETag": tag})

    site = await serve({"/shipping": page})
    document, _ = await add(shelf, site)
    await shelf.read()
    assert not await look_again(shelf.db, way_to(site), shelf.system, document.id)
    days[0] = 5
    assert await look_again(shelf.db, way_to(site), shelf.system, document.id)
    await shelf.read()
    assert [hit.text for hit in await shelf.finds("how long does it take?")] == ["It takes 5 days."]
    assert asked == [None, '"3"', '"3"']


async def test_a_page_that_is_gone_goes_on_answering_and_says_so(shelf: Shelf, serve: Serve) -> None:
    status = [200]

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text=PAGE.format(3), content_type="text/html", status=status[0])

    site = await serve({"/shipping": page})
    document, _ = await add(shelf, site)
    await shelf.read()
    status[0] = 404
    await look_again(shelf.db, way_to(site), shelf.system, document.id)
    async with shelf.db.read(shelf.system) as conn:
        said = await conn.fetchval("SELECT fetch_error FROM documents WHERE id = $1", document.id)
    assert said == "127.0.0.1 has no page at this address."
    assert await shelf.finds("how long does it take?")


@pytest.mark.parametrize(
    ("rules", "error"),
    [
        (says("User-agent: *\nDisallow: /ship", kind="text/plain"), Invalid),
        (says("User-agent: SupportDesk\nDisallow: /", kind="text/plain"), Invalid),
        (says("User-agent: other\nDisallow: /", kind="text/plain"), None),
        (says("", status=404), None),
        (says("", status=503), Unanswered),
    ],
)
async def test_a_sites_rules_for_robots_hold(
    shelf: Shelf, serve: Serve, rules: Handler, error: type[DeskError] | None
) -> None:
    site = await serve({"/robots.txt": rules, "/shipping": says(PAGE.format(3))})
    if error is None:
        assert (await add(shelf, site))[1] is Outcome.ADDED
        return
    with pytest.raises(error, match=r"robots"):
        await add(shelf, site)


@pytest.mark.parametrize(
    "charset", ["undefined", "punycode", "rot13", "idna", "nonsense", "UTF-8; x=1", "windows-1251"]
)
async def test_a_page_says_its_encoding_and_no_other_codec_is_tried(serve: Serve, charset: str) -> None:
    async def page(_request: web.Request) -> web.Response:
        text = "Доставка" if charset == "windows-1251" else "Delivery-" * 200
        body = f"<html><body><h1>{text}</h1></body></html>".encode("windows-1251")
        return web.Response(body=body, headers={"Content-Type": f"text/html; charset={charset}"})

    site = await serve({"/shipping": page})
    found = await fetching.fetch(way_to(site), str(site.make_url("/shipping")))
    assert found is not None
    assert ("Доставка" if charset == "windows-1251" else "Delivery-Delivery") in found.content.decode()


async def test_the_rules_hold_where_a_redirect_leads(shelf: Shelf, serve: Serve) -> None:
    async def onward(_request: web.Request) -> web.Response:
        raise web.HTTPFound("/secret")

    read: list[str] = []

    async def secret(_request: web.Request) -> web.Response:
        read.append("secret")
        return web.Response(text=PAGE.format(3))

    rules = says("User-agent: *\nDisallow: /secret", kind="text/plain")
    site = await serve({"/robots.txt": rules, "/shipping": onward, "/secret": secret})
    with pytest.raises(Invalid, match=r"robots\.txt"):
        await add(shelf, site)
    assert read == [], "it was not asked for, either"


@pytest.mark.parametrize(
    ("handler", "error", "sentence"),
    [
        (says("", status=401), Unanswered, "asks for a sign-in"),
        (says("", status=403), Unanswered, "does not let the desk"),
        (says("", status=404), Unanswered, "has no page"),
        (says("", status=500), Unanswered, "answered with the status 500"),
        (says("x" * 2_000, kind="text/plain"), TooLarge, "larger than"),
        (says("  "), Invalid, "is empty"),
    ],
)
async def test_each_failure_has_its_sentence(
    shelf: Shelf,
    serve: Serve,
    handler: Handler,
    error: type[DeskError],
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fetching, "MAX_FILE_BYTES", 1_000)
    site = await serve({"/shipping": handler})
    with pytest.raises(error, match=sentence):
        await add(shelf, site)
    async with shelf.db.read(shelf.system) as conn:
        assert await documents.list_documents(conn, shelf.system, list(Audience), None, 5) == []


async def test_the_private_network_and_those_without_the_right_are_refused(shelf: Shelf, serve: Serve) -> None:
    site = await serve({"/shipping": says(PAGE.format(3))})
    url = str(site.make_url("/shipping"))
    with pytest.raises(Invalid, match="private network"):
        await add_from_web(shelf.db, Outward(), shelf.system, url)
    for wrong in ("file:///etc/passwd", "http://user:pw@example.com/", "nonsense"):
        with pytest.raises(Invalid):
            await add_from_web(shelf.db, Outward(), shelf.system, wrong)
    with pytest.raises(Forbidden):
        await add_from_web(shelf.db, way_to(site), shelf.actor(ActorKind.AGENT), url)


async def test_a_page_that_breaks_the_look_does_not_keep_the_others_from_theirs(
    desk: Desk, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = await serve({"/a": says(PAGE.format(3)), "/b": says(PAGE.format(4))})
    desk.resources.get(Outward)._private = frozenset({f"{site.host}:{site.port}"})
    admin = await desk.signed_in("admin")
    for path in ("/a", "/b"):
        await admin.fetches("POST", "/api/v1/web-documents", {"url": str(site.make_url(path))})
    await desk.settle()
    looked: list[object] = []

    async def stumbles(*more: object) -> bool:
        looked.append(more[-1])
        raise RecursionError

    monkeypatch.setattr("supportdesk.knowledge.jobs.look_again", stumbles)
    await desk.job("look_at_web_documents")
    assert len(looked) >= 2


async def test_a_page_is_added_by_a_program_and_the_daily_job_looks_again(desk: Desk, serve: Serve) -> None:
    site = await serve({"/shipping": says(PAGE.format(3))})
    desk.resources.get(Outward)._private = frozenset({f"{site.host}:{site.port}"})
    admin = await desk.signed_in("admin")
    status, made = await admin.fetches("POST", "/api/v1/web-documents", {"url": str(site.make_url("/shipping"))})
    assert (status, made["mime_type"]) == (201, "text/html")
    await desk.settle()
    await desk.job("look_at_web_documents")
    status, again = await admin.fetches("POST", f"/api/v1/documents/{made['id']}/reading", {})
    assert (status, again["title"], again["version"]) == (200, "Shipping", 1)
