"""Pages that everybody can use: axe finds nothing, in light and dark, left to right and right to left."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Frame, Page, expect

from tests.journeys.marks import JOURNEY
from tests.journeys.people import Stage

pytestmark = JOURNEY

STAFF_PAGES = (
    "/inbox",
    "/admin/jobs",
    "/admin/models",
    "/admin/robots",
    "/admin/ledger",
    "/admin/metrics",
    "/admin/tools",
    "/admin/knowledge?q=refund",
    "/admin/knowledge/threshold",
    "/admin/knowledge/entries",
    "/admin/knowledge/entries/new",
    "/admin/knowledge/unanswered",
    "/admin/knowledge/try?q=refund",
    "/admin/people",
    "/admin/sites",
    "/account",
)
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
    await page.emulate_media(reduced_motion="reduce")
    await has_no_violations(page)
    await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    await page.evaluate("() => { document.documentElement.dir = 'rtl'; }")
    await has_no_violations(page)


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
