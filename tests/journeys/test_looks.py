"""Pages that everybody can use: axe finds nothing, in light and dark, left to right and right to left."""

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Frame, Page, expect

from tests.journeys.marks import JOURNEY
from tests.journeys.people import Stage

pytestmark = JOURNEY

STAFF_PAGES = (
    "/inbox",
    "/admin/jobs",
    "/admin/metrics",
    "/admin/knowledge?q=refund",
    "/admin/knowledge/threshold",
    "/admin/knowledge/entries/new",
    "/admin/knowledge/unanswered",
    "/admin/knowledge/try?q=refund",
    "/admin/people",
    "/admin/sites",
    "/account",
)
LISTS = {
    "/admin/robots": "a[href^='/admin/robots/']",
    "/admin/knowledge": "a[href^='/admin/knowledge/documents/']",
    "/admin/knowledge/entries": "a[href^='/admin/knowledge/entries/0']",
    "/admin/ledger": "a[href^='/admin/ledger/0']",
}
"""Lists, and the links in them to the pages of one thing; ids begin with the time and so with a 0."""
TOOL = {
    "name": "ask_the_tailor",
    "description": "When a garment will be mended.",
    "url": "https://tailor.invalid/garments/{garment}",
    "method": "GET",
    "parameters": [
        {"name": "garment", "description": "Its number."},
        {"name": "hurry", "kind": "boolean", "required": False},
        {"name": "colour", "choices": ["red", "blue"], "required": False},
    ],
}
SERVER = {"name": "warehouse", "url": "http://127.0.0.1:9/mcp"}
PROVIDER = {"name": "A model of ours", "provider": "openai", "api_key": "a key of nobody"}
OPTIONS = {"resultTypes": ["violations"]}
AT_REST = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const ending = document.getAnimations().filter((each) => each.effect?.getComputedTiming().endTime !== Infinity);
  await Promise.all(ending.map((each) => each.finished.catch(() => {})));
}"""
"""A colour changes by the frame after the one that asked for it, however short its way."""


async def has_no_violations(page: Page | Frame) -> None:
    await page.evaluate(AT_REST)
    results = await Axe().run(page, options=OPTIONS)
    assert results.violations_count == 0, results.generate_report()


async def in_every_way(page: Page) -> None:
    """In light from left to right, and in dark from right to left."""
    # Without motion: a colour that is still on its way from light to dark is not one to be judged.
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    await has_no_violations(page)
    await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    await page.evaluate("() => { document.documentElement.dir = 'rtl'; }")
    await has_no_violations(page)


async def unfolded(page: Page) -> None:
    """What is folded away is seen by those who open it."""
    await page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true; })")


async def tokens(page: Page) -> dict[str, str]:
    """The headers of a request that changes something; the page shows a form, whose token they take."""
    csrf = await page.locator('input[name="csrf_token"]').first.get_attribute("value")
    return {"X-CSRF-Token": csrf or "", "Origin": "/".join(page.url.split("/")[:3])}


async def posts(page: Page, path: str, data: dict[str, Any]) -> dict[str, Any]:
    """What the desk has made of it."""
    answer = await page.request.post(path, data=data, headers=await tokens(page))
    assert answer.status == 201, await answer.text()
    made: dict[str, Any] = await answer.json()
    return made


async def test_the_shop_and_the_chat_have_no_violations(stage: Stage) -> None:
    page = (await stage.guest()).page
    await in_every_way(page)
    chat = (await stage.guest("/widget/demo")).page
    await chat.get_by_role("button", name="How do I return something?").click()
    await expect(chat.get_by_role("link", name="How do I return an item?").first).to_be_visible()
    await in_every_way(chat)


async def test_the_door_has_no_violations(stage: Stage) -> None:
    page = (await stage.guest("/login")).page
    await expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    await in_every_way(page)


@pytest.mark.parametrize("path", STAFF_PAGES)
async def test_a_page_of_the_staff_has_no_violations(stage: Stage, path: str) -> None:
    admin = await stage.agent("admin", path)
    if path == "/inbox":
        await admin.looks_at("T1")
        await admin.conversations.first.click()
        await expect(admin.log).to_have_attribute("aria-busy", "false")
    await in_every_way(admin.page)


async def test_the_page_of_one_thing_has_no_violations(stage: Stage) -> None:
    guest = await stage.guest("/widget/demo")
    await guest.says("Can I have a button sewn on?")
    await expect(guest.log.locator(".cites, .bub").first).to_be_visible()
    room = await guest.room()
    page = (await stage.agent("admin", "/admin/knowledge/entries/new")).page
    await page.locator("#f-question").fill("Who sews buttons on?")
    await page.locator("#f-answer").fill("The tailor in the basement does.")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status")).to_contain_text("Saved.")
    for path, first in LISTS.items():
        await page.goto(path)
        await in_every_way(page)
        await page.locator(first).first.click()
        await expect(page.locator(first)).to_have_count(0)
        await unfolded(page)
        await in_every_way(page)
    await page.goto("/admin/robots")
    settings = await page.locator(LISTS["/admin/robots"]).first.get_attribute("href")
    assert settings is not None
    await page.goto(f"/admin/rooms/{room}{settings.removeprefix('/admin')}")
    await in_every_way(page)


async def test_the_longest_name_of_a_robot_makes_no_page_wider_than_its_window(stage: Stage) -> None:
    guest = await stage.guest("/widget/demo")
    await guest.says("Can I have a zip sewn on?")
    await expect(guest.log.locator(".robot").first).to_be_visible()
    page = (await stage.agent("admin", "/admin/robots")).page
    headers = await tokens(page)
    robots = (await (await page.request.get("/api/v1/robots")).json())["items"]
    names = {f"/api/v1/robots/{robot['id']}": robot["name"] for robot in robots if robot["id"]}
    for address in names:
        assert (await page.request.patch(address, data={"name": "W" * 64}, headers=headers)).ok
    try:
        for width in (1280, 800, 390):
            await page.set_viewport_size({"width": width, "height": 800})
            for path in ("/admin/metrics", "/admin/ledger", "/admin/robots"):
                await page.goto(path)
                await expect(page.locator("main").get_by_text("W" * 64).first).to_be_attached()
                assert await page.evaluate("() => document.documentElement.scrollWidth") == width, (path, width)
    finally:
        for address, name in names.items():
            await page.request.patch(address, data={"name": name}, headers=headers)


async def test_the_pages_of_tools_and_providers_have_no_violations(stage: Stage) -> None:
    page = (await stage.agent("admin", "/admin/tools")).page
    tool = await posts(page, "/api/v1/tools", TOOL)
    server = await posts(page, "/api/v1/mcp-servers", SERVER)
    provider = await posts(page, "/api/v1/providers", PROVIDER)
    for path in (
        "/admin/tools?saved=true",
        f"/admin/tools/{tool['id']}/definition",
        f"/admin/tools/servers/{server['id']}",
        "/admin/models",
        f"/admin/models/{provider['id']}/catalogue",
    ):
        await page.goto(path)
        await unfolded(page)
        await in_every_way(page)
    # The first provider is the one that everybody asks; other journeys have none.
    gone = await page.request.delete(f"/api/v1/providers/{provider['id']}", headers=await tokens(page))
    assert gone.ok, await gone.text()
