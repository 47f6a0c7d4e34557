"""The way to other servers: what may be asked, what comes back, and who cannot be reached through it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from supportdesk.core.outward import Outward, PrivateAddress, is_never_asked, is_public
from supportdesk.errors import Invalid, TooLarge, Unanswered

Serve = Callable[[dict[str, Callable[[web.Request], Awaitable[web.StreamResponse]]]], Awaitable[TestServer]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    servers: list[TestServer] = []

    async def start(routes: dict[str, Callable[[web.Request], Awaitable[web.StreamResponse]]]) -> TestServer:
        app = web.Application()
        for path, handler in routes.items():
            app.router.add_route("*", path, handler)
        server = TestServer(app, host="127.0.0.1")
        await server.start_server()
        servers.append(server)
        return server

    yield start
    for server in servers:
        await server.close()


def host_of(server: TestServer) -> str:
    return f"127.0.0.1:{server.port}"


async def test_an_allowed_server_is_asked_and_its_answer_comes_back(serve: Serve) -> None:
    async def echo(request: web.Request) -> web.Response:
        return web.json_response({"method": request.method, "body": await request.text()}, status=418)

    server = await serve({"/": echo})
    reply = await Outward([host_of(server)]).request("POST", str(server.make_url("/")), body=b"hello")
    assert reply.status == 418
    assert reply.body == b'{"method": "POST", "body": "hello"}'
    assert reply.headers["content-type"].startswith("application/json")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0.0.0.0/",
        "http://10.0.0.8/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[64:ff9b::7f00:1]/",
        "http://[fe80::1]/",
        "file:///etc/passwd",
        "ftp://example.com/",
        "https://user:secret@example.com/",
        "gopher:",
        "http://",
    ],
)
async def test_a_private_or_strange_address_is_never_asked(url: str) -> None:
    with pytest.raises(Invalid):
        await Outward().request("GET", url)


async def test_a_redirect_into_the_private_network_is_refused(serve: Serve) -> None:
    reached: list[str] = []

    async def inner(_request: web.Request) -> web.Response:
        reached.append("inner")
        return web.Response()

    private = await serve({"/": inner})

    async def onward(_request: web.Request) -> web.Response:
        raise web.HTTPFound(private.make_url("/"))

    public = await serve({"/": onward})
    with pytest.raises(Invalid, match="private network"):
        await Outward([host_of(public)]).request("GET", str(public.make_url("/")))
    assert reached == []


async def test_a_secret_does_not_follow_a_redirect_to_another_server(serve: Serve) -> None:
    seen: list[str | None] = []

    async def other(request: web.Request) -> web.Response:
        seen.append(request.headers.get("PRIVATE-TOKEN"))
        return web.Response(text="there")

    there = await serve({"/": other})

    async def onward(request: web.Request) -> web.Response:
        seen.append(request.headers.get("PRIVATE-TOKEN"))
        raise web.HTTPTemporaryRedirect(there.make_url("/"))

    here = await serve({"/": onward})
    outward = Outward([host_of(here), host_of(there)])
    headers = {"PRIVATE-TOKEN": "secret", "Accept": "text/html"}
    reply = await outward.request("GET", str(here.make_url("/")), headers=headers)
    assert (reply.body, seen) == (b"there", ["secret", None])
    with pytest.raises(Unanswered, match="which it is not meant for"):
        await outward.request("POST", str(here.make_url("/")), headers=headers, body=b"for here alone")
    assert seen == ["secret", None, "secret"]


async def test_a_circle_of_redirects_ends(serve: Serve) -> None:
    async def around(_request: web.Request) -> web.Response:
        raise web.HTTPFound("/")

    server = await serve({"/": around})
    with pytest.raises(Unanswered, match="redirects more than"):
        await Outward([host_of(server)]).request("GET", str(server.make_url("/")))


async def test_an_endless_answer_is_cut(serve: Serve) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(b"x" * 65_536)

    server = await serve({"/": endless})
    with pytest.raises(TooLarge, match="longer than 64 KiB"):
        await Outward([host_of(server)]).request("GET", str(server.make_url("/")), most_bytes=65_536)


async def test_a_server_that_is_silent_or_away_is_said_to_be(serve: Serve, unused_tcp_port: int) -> None:
    asked_enough = asyncio.Event()

    async def silent(_request: web.Request) -> web.StreamResponse:
        await asked_enough.wait()
        return web.Response()

    server = await serve({"/": silent})
    with pytest.raises(Unanswered, match=r"within 0\.05 seconds"):
        await Outward([host_of(server)]).request("GET", str(server.make_url("/")), timeout_s=0.05)
    asked_enough.set()
    with pytest.raises(Unanswered, match="could not be asked"):
        await Outward(["127.0.0.1"]).request("GET", f"http://127.0.0.1:{unused_tcp_port}/")


@pytest.mark.parametrize(
    ("address", "public"),
    [("93.184.215.14", True), ("2606:2800:21f:cb07::1", True), ("100.64.0.1", False), ("224.0.0.1", False)],
)
def test_public_addresses_are_told_from_others(address: str, public: bool) -> None:  # noqa: FBT001 - a fact of the case
    assert is_public(address) is public


@pytest.mark.parametrize(
    "address",
    [
        *("169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::"),
        *("fd00:ec2::254", "100.100.100.200", "::", "224.0.0.1"),
    ],
)
async def test_nobody_but_the_operator_may_allow_where_clouds_keep_credentials(address: str) -> None:
    assert is_never_asked(address)
    assert not is_public(address)
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(PrivateAddress, match="is nowhere to ask anything") as refused:
        await Outward().request("GET", f"http://{host}:9/", private_hosts=[f"{address}:9"])
    assert not refused.value.can_be_allowed


@pytest.mark.parametrize("address", ["fec0::1", "::127.0.0.1", "::ffff:0:127.0.0.1"])
def test_odd_ways_to_write_private_addresses_are_private(address: str) -> None:
    assert not is_public(address)


async def test_a_private_host_may_be_allowed_by_its_ipv6_address() -> None:
    with pytest.raises(Unanswered):  # nobody listens there, but it was asked
        await Outward().request("GET", "http://[::1]:9/", private_hosts=["::1:9"])
