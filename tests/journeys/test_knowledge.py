"""What an admin teaches the robots in the browser, guests are told in the chat."""

import re

from playwright.async_api import FilePayload, expect

from tests.journeys.marks import JOURNEY
from tests.journeys.people import Stage

pytestmark = JOURNEY

BREAD = b"# Do you sell bread on Sundays?\n\nFresh bread is sold on Sundays from eight to noon."
ASKED = "Who was the mayor of Utrecht in 1998?"


async def test_a_document_that_is_added_in_the_browser_is_cited_in_the_chat(stage: Stage) -> None:
    page = (await stage.agent("admin", "/admin/knowledge")).page
    await page.get_by_text("Add files").click()
    file = FilePayload(name="bread.md", mimeType="text/markdown", buffer=BREAD)
    await page.locator("#f-file").set_input_files([file])
    await page.get_by_role("button", name="Take them in").click()
    await expect(page.get_by_role("status")).to_contain_text("Taken in: 1.")
    row = page.get_by_role("row").filter(has_text="bread.md")
    await expect(row.locator(".chip")).to_have_text("ready", timeout=60_000)
    guest = await stage.guest("/widget/demo")
    await guest.says("do you sell bread on sundays")
    await guest.sees("from eight to noon")
    await expect(guest.log.get_by_text("Do you sell bread on Sundays?")).to_be_visible()


async def test_a_question_asked_in_vain_is_answered_once_and_then_known(stage: Stage) -> None:
    guest = await stage.guest("/widget/demo")
    await guest.says(ASKED)
    await guest.sees(re.compile("asking a person"))
    page = (await stage.agent("admin", "/admin/knowledge/unanswered")).page
    await (
        page.get_by_role("link", name=f"Answer : {ASKED}")
        .or_(page.get_by_role("link", name=f"Answer: {ASKED}"))
        .click()
    )
    await expect(page.locator("#f-question")).to_have_value(ASKED)
    await page.locator("#f-answer").fill("Ivo Opstelten was.")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status")).to_contain_text("Saved.")
    row = page.get_by_role("row").filter(has_text=ASKED)
    for _ in range(30):
        if await row.get_by_text("ready", exact=True).count():
            break
        await page.reload()
    other = await stage.guest("/widget/demo")
    await other.says("who was mayor of Utrecht in 1998")
    await other.sees("Ivo Opstelten was.")
