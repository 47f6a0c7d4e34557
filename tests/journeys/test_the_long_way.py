"""A guest asks, a robot answers, a person takes over, another level resolves; nobody misses anything."""

import re
import time

from playwright.async_api import expect

from tests.journeys.marks import JOURNEY
from tests.journeys.people import Guest, Stage
from tests.journeys.running import RunningDesk

pytestmark = JOURNEY

QUESTION = "How long do refunds take?"
REASON = "The bank wants a reference that only T2 can look up"
NOTE = "Amount checked: €64.90, left us on the 16th"


FIRST_ANSWER_S = 60
"""From a fresh data directory to the first answer in the browser."""


async def test_a_guest_is_answered_by_robot_then_t1_then_t2(stage: Stage, desk: RunningDesk) -> None:
    guest = await stage.guest()
    await guest.opens_chat()
    await guest.sees("Hello, and welcome")
    await expect(guest.chat.get_by_role("button", name="How do I return something?")).to_be_visible()

    asked = time.monotonic()
    await guest.says(QUESTION)
    await guest.sees(re.compile(r"5–7 business days"))
    assert desk.installed_in_s + time.monotonic() - asked <= FIRST_ANSWER_S
    await looks_it_up(guest)

    milo = await stage.agent("t1", "/inbox?queue=T1")
    await guest.asks_for_person()
    await guest.sees(re.compile("We have your message|You are next in line|before you"))
    room = await guest.room()
    await milo.opens(room)
    await milo.sees(QUESTION)
    await milo.does("Claim")
    await milo.is_told("The conversation is yours.")
    await guest.sees("Milo Kask is answering")
    await milo.writes("Reply", "Hello, this is Milo. I look at your refund now.")
    await guest.sees("Hello, this is Milo. I look at your refund now.")
    await milo.sees(re.compile("^Read"))
    await milo.writes("Internal note", NOTE)
    await milo.sees(NOTE)
    await guest.says("Thank you, the order is AS-204518")
    await milo.sees("Thank you, the order is AS-204518")
    await milo.escalates("T2", REASON)
    await milo.sees(re.compile(re.escape(REASON)))
    await guest.sees("Your request went to a specialist.")

    priya = await stage.agent("t2", "/inbox?queue=T2")
    await priya.opens(room)
    await priya.sees(NOTE)
    await priya.sees(re.compile(re.escape(REASON)))
    await priya.does("Claim")
    await guest.sees("Priya Raman is answering")
    await priya.writes("Reply", "Your bank can trace it with **ARN 7429**.")
    await guest.sees("ARN 7429")
    await priya.does("Resolve")
    await guest.sees("This conversation has ended")
    await expect(priya.page.get_by_role("radio", name="Internal note")).to_be_checked()
    await expect(priya.page.get_by_role("radio", name="Reply")).to_have_count(0)

    await rates(guest, "Quick and kind")
    await priya.sees(re.compile("5 of 5: Quick and kind"))

    seen = await guest.chat.locator("body").inner_text()
    assert NOTE not in seen
    assert REASON not in seen


async def looks_it_up(guest: Guest) -> None:
    """The chip under an answer leads to the article it was taken from."""
    async with guest.page.context.expect_page() as opened:
        await guest.chat.get_by_role("link", name=QUESTION).click()
    article = await opened.value
    await expect(article.get_by_role("heading", name=QUESTION)).to_be_visible()
    assert article.url.endswith("/demo/help/how-long-do-refunds-take")
    await article.close()


async def rates(guest: Guest, comment: str) -> None:
    """Five of five, and why."""
    await guest.chat.get_by_title("Very good").click()
    await guest.chat.get_by_role("textbox", name="Anything to add").fill(comment)
    await guest.chat.get_by_role("button", name="Send rating").click()
    await guest.sees("Thank you for telling us.")
