"""The widget on pages of other companies: under the strictest policy, and only where it was allowed."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest_asyncio
from aiohttp import web

from supportdesk.demo.loader import DEMO_PASSWORD
from tests.journeys.marks import JOURNEY
from tests.journeys.people import Stage, until
from tests.journeys.running import RunningDesk, free_port

pytestmark = JOURNEY

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Somebody else's shop</title><link rel="icon" href="data:,">
<h1>Somebody else's shop</h1><script async src="{desk}/widget.js" data-key="{key}"></script></html>"""
POLICY = "default-src 'none'; img-src data:; script-src {desk}; frame-src {desk}"


@pytest_asyncio.fixture(loop_scope="session")
async def port(desk: RunningDesk) -> AsyncIterator[int]:
    """Where a page of another company is served; `?key=` chooses the site whose tag it carries.

    As 127.0.0.1 it is another origin of the desk's own site, as localhost another site altogether.
    """
    port = free_port()

    async def show(request: web.Request) -> web.Response:
        html = PAGE.format(desk=desk.url, key=request.query["key"])
        return web.Response(
            text=html, content_type="text/html", headers={"Content-Security-Policy": POLICY.format(desk=desk.url)}
        )

    app = web.Application()
    app.router.add_get("/", show)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield port
    await runner.cleanup()


async def add_site(desk: RunningDesk, *origins: str) -> str:
    """Let pages of these origins carry the widget, as an admin does; the site's key."""
    admin: dict[str, Any] = {"email": "admin@demo.test", "password": DEMO_PASSWORD}
    async with aiohttp.ClientSession(desk.url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        headers = {"Origin": desk.url}
        async with http.post("/api/v1/auth/sessions", json=admin, headers=headers) as response:
            headers["X-CSRF-Token"] = (await response.json())["csrf_token"]
        wanted = {"name": "Elsewhere", "allowed_origins": origins, "robots_enabled": False}
        async with http.post("/api/v1/sites", json=wanted, headers=headers) as response:
            assert response.status == 201, await response.text()
            return str((await response.json())["site_key"])


async def test_the_chat_works_on_another_origin_under_the_strictest_policy(
    stage: Stage, desk: RunningDesk, port: int
) -> None:
    shop = f"http://127.0.0.1:{port}"
    key = await add_site(desk, shop)
    stage.faults.allow(shop)
    guest = await stage.guest(f"{shop}/?key={key}")
    await guest.opens_chat()
    await guest.says("Hello from elsewhere")
    await guest.sees_once("Hello from elsewhere")
    milo = await stage.agent("t1", "/inbox?queue=T1")
    await milo.opens(await guest.room())
    await milo.does("Claim")
    await milo.writes("Reply", "Hello to elsewhere")
    await guest.sees("Hello to elsewhere")
    # What the page itself was given to keep: nothing that opens the conversation.
    kept = await guest.page.evaluate("() => JSON.stringify({...localStorage})")
    assert kept == f'{{"supportdesk:{key}":"1"}}'
    await guest.reloads()
    await guest.sees("Hello to elsewhere")


async def test_a_browser_that_forbids_storage_to_foreign_frames_can_chat_all_the_same(
    whole_stage: Stage, desk: RunningDesk, port: int
) -> None:
    shop = f"http://localhost:{port}"
    key = await add_site(desk, shop)
    whole_stage.faults.allow(shop)
    guest = await whole_stage.guest(f"{shop}/?key={key}")
    await guest.opens_chat()
    forbidden = "() => { try { return !localStorage; } catch { return true; } }"
    assert await guest.chat.evaluate(forbidden), "this browser allows it: the test proves nothing"
    await guest.says("Nothing is kept here")
    await guest.sees_once("Nothing is kept here")


async def test_a_page_that_was_not_allowed_gets_no_chat(stage: Stage, port: int) -> None:
    shop = f"http://127.0.0.1:{port}"
    stage.faults.allow(shop)
    guest = await stage.guest(f"{shop}/?key=demo")
    await until(lambda: guest.page.evaluate("() => Boolean(globalThis.Supportdesk?.version)"))
    await guest.page.evaluate("() => { globalThis.said = []; Supportdesk.on('ready', () => said.push('ready')); }")
    await guest.page.evaluate("() => Supportdesk.open()")
    await until(lambda: any("frame-ancestors" in fault for fault in stage.faults.found))
    stage.faults.found.clear()
    assert await guest.page.evaluate("() => said") == []
    for frame in guest.page.frames[1:]:
        assert await frame.locator("sd-widget").count() == 0
