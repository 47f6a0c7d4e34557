"""A newcomer's first day: from an empty desk to a guest who is greeted on the newcomer's own web site."""

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, expect

from tests.accounts.browser import GOOD
from tests.journeys.faults import Faults
from tests.journeys.marks import JOURNEY
from tests.journeys.people import Agent, Stage
from tests.journeys.running import RunningDesk, free_port

pytestmark = JOURNEY

TYPED = {
    "workspace_name": "Harbour Bikes",
    "first_name": "Ada",
    "last_name": "Lindqvist",
    "email": "ada@harbour.test",
    "password": GOOD,
}
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Harbour Bikes</title><link rel="icon" href="data:,">
<h1>Harbour Bikes</h1>{tag}</html>"""


async def sets_up(page: Page, code: str) -> None:
    """Fill in the form of the first visit."""
    await page.goto("/")
    for name, value in {"code": code, **TYPED}.items():
        await page.locator(f"#f-{name}").fill(value)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/admin/sites")


async def publishes(tag: str) -> tuple[web.AppRunner, str]:
    """A web site of another origin with this line in its page."""

    async def show(_: web.Request) -> web.Response:
        return web.Response(text=PAGE.format(tag=tag), content_type="text/html")

    app = web.Application()
    app.router.add_get("/", show)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner, f"http://127.0.0.1:{port}"


async def test_from_the_first_visit_to_a_chat_on_ones_own_site(
    chrome: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    desk = RunningDesk(tmp_path_factory.mktemp("first-day") / "desk", "serve")
    await desk.start()
    stage = Stage(chrome, desk.url, Faults(desk.url, desk.url.replace("http", "ws")))
    ada = await (await stage.context()).new_page()
    await sets_up(ada, await desk.says(r"\b[A-Z0-9]{4}(-[A-Z0-9]{4}){3}\b"))
    site = ada.get_by_role("region", name="Harbour Bikes")
    tag = await site.get_by_label("The line for the pages of Harbour Bikes").input_value()
    runner, shop = await publishes(tag)

    pages = site.get_by_label("Pages that may show the chat")
    await pages.fill(f"{shop}\n{shop.removeprefix('http://')}/blog")
    await site.get_by_role("button", name="Save").click()
    await expect(site.get_by_text("Line 2,").first).to_be_visible()
    await pages.fill(shop)
    await site.get_by_role("button", name="Save").click()
    await expect(site.get_by_role("status")).to_contain_text("these pages show the chat")

    stage.faults.allow(shop)
    guest = await stage.guest(shop)
    await guest.opens_chat()
    await guest.sees("Hello, and welcome")
    await guest.sees("Assistant")
    await guest.asks_for_person()
    room = await guest.room()
    await ada.goto("/inbox?queue=T1")
    agent = Agent(ada, "ada")
    await agent.opens(room)
    await agent.does("Claim")
    await agent.writes("Reply", "Hello from Harbour Bikes")
    await guest.sees("Hello from Harbour Bikes")
    await stage.close()
    await runner.cleanup()
    await desk.stop()
    # The browser's own line about the form that was sent back.
    assert [fault for fault in stage.faults.found if "422" not in fault] == []
