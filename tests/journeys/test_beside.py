"""Beside a colleague who has the conversation: one helps with notes, and speaks to their guest only on purpose."""

import re

from playwright.async_api import expect

from tests.journeys.marks import JOURNEY
from tests.journeys.people import Agent, Stage
from tests.journeys.test_looks import has_no_violations
from tests.journeys.test_the_room import asks, sits_before

pytestmark = JOURNEY


async def writes_a(agent: Agent, kind: str) -> None:
    await expect(agent.page.get_by_role("radio", name=kind)).to_be_checked()


async def types(agent: Agent, text: str) -> None:
    """Write where the composer stands, without choosing what it shall be."""
    await agent.page.locator("#composer").fill(text)
    await agent.page.locator("#composer").press("Enter")
    await agent.sees(text)


async def test_who_comes_beside_a_colleague_begins_with_a_note(stage: Stage) -> None:
    guest, room = await asks(stage, "Milo, are you there?")
    milo, noor = await sits_before(stage, "t1", room), await sits_before(stage, "t1b", room)
    await writes_a(noor, "Reply")
    await milo.does("Claim")
    await writes_a(milo, "Reply")
    await writes_a(noor, "Internal note")
    bar, resolve = noor.page.locator(".beside"), noor.page.locator(".pane-acts").get_by_role("button", name="Resolve")
    await expect(bar).to_contain_text("Milo Kask has this conversation. Write a note")
    await expect(bar.get_by_role("button")).to_have_count(0)
    await expect(resolve).not_to_have_class(re.compile("primary"))
    await expect(milo.page.locator(".pane-acts .primary")).to_have_text("Resolve")
    await expect(milo.page.locator(".beside")).to_have_count(0)
    await types(noor, "They wrote last week too")
    await has_no_violations(noor.page)

    await noor.page.reload()
    await writes_a(noor, "Internal note")
    await noor.writes("Reply", "Milo is on his way")
    await expect(bar).to_contain_text("The guest reads what you write here")
    await guest.sees("Milo is on his way")
    await expect(guest.log).not_to_contain_text("last week")


async def test_a_supervisor_takes_over_from_the_composer_and_goes_on_to_reply(stage: Stage) -> None:
    guest, room = await asks(stage, "May I speak to the boss?")
    milo = await sits_before(stage, "t1", room)
    await milo.does("Claim")
    sam = await sits_before(stage, "supervisor", room)
    await writes_a(sam, "Internal note")
    await sam.page.locator(".beside").get_by_role("button", name="Take over").click()
    await writes_a(sam, "Reply")
    await expect(sam.page.locator(".beside")).to_have_count(0)
    await writes_a(milo, "Internal note")
    await types(sam, "Here I am")
    await guest.sees("Here I am")


async def test_a_reply_already_written_is_not_turned_into_a_note(stage: Stage) -> None:
    _, room = await asks(stage, "Who is quicker?")
    milo, noor = await sits_before(stage, "t1", room), await sits_before(stage, "t1b", room)
    await noor.page.locator("#composer").fill("Good mor")
    await milo.does("Claim")
    await expect(noor.page.locator(".beside")).to_contain_text("The guest reads what you write here")
    await writes_a(noor, "Reply")
    await expect(noor.page.locator("#composer")).to_have_value("Good mor")
