"""From what a robot has said in the inbox to everything that it saw, and to the figures of all its turns."""

import re

from playwright.async_api import expect

from tests.journeys.marks import JOURNEY
from tests.journeys.people import Stage
from tests.journeys.test_looks import in_every_way

pytestmark = JOURNEY


async def test_an_agent_asks_why_a_robot_said_that(stage: Stage) -> None:
    guest = await stage.guest()
    await guest.opens_chat()
    await guest.says("How do I return an item?")
    await expect(guest.log.locator(".cites a, .cites .cite").first).to_be_visible()
    room = await guest.room()
    agent = await stage.agent("t1")
    await agent.looks_at("Robots")
    await agent.opens(room)
    await expect(agent.log).to_have_attribute("aria-busy", "false")
    await agent.log.get_by_role("link", name="Why this answer").last.click()

    page = agent.page
    await page.wait_for_url("**/admin/ledger/*")
    await expect(page.get_by_role("region", name="What it was asked")).to_contain_text("How do I return an item?")
    saw = page.get_by_role("region", name="What it saw")
    await expect(saw.get_by_role("heading", name="Searched the documents").first).to_be_visible()
    await expect(saw.get_by_role("cell", name=re.compile(r"^[01]\.\d\d$")).first).to_be_visible()
    await expect(page.get_by_role("region", name="What it answered")).to_contain_text("guests see it")
    await in_every_way(page)

    await page.get_by_role("link", name="All its turns").click()
    await expect(page.get_by_role("row").filter(has_text="How do I return an item?")).to_have_count(1)
    await in_every_way(page)
    await page.get_by_role("link", name="Figures").click()
    await expect(page.get_by_role("img", name="Turns and how they came out")).to_be_visible()
    await page.get_by_text("Show as table: Turns and how they came out").click()
    await expect(page.get_by_role("columnheader", name="handed over").first).to_be_visible()
    await in_every_way(page)
