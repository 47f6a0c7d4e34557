"""The chat in a reader's own language, written as it is written there."""

import re

import pytest
from playwright.async_api import expect

from tests.journeys.marks import JOURNEY
from tests.journeys.people import Guest, Stage
from tests.journeys.test_looks import has_no_violations

pytestmark = JOURNEY

LATIN = re.compile(r"[A-Za-z]")
HANDED_OVER = ".head .sub, .reach, .ev, .small, .day, .chip"
"""What the chat says by itself; a robot's and a person's words stay as they were written."""


async def opens(guest: Guest, person: str) -> None:
    """Open the chat, which has a button of this name."""
    await guest.page.wait_for_function("() => globalThis.Supportdesk?.version")
    async with guest.page.expect_event("frameattached"):
        await guest.page.evaluate("() => Supportdesk.open()")
    await expect(guest.page.frames[-1].get_by_role("button", name=person)).to_be_visible()


async def test_an_arabic_page_has_an_arabic_chat(stage: Stage) -> None:
    guest = await stage.guest("/demo?dir=rtl")
    person = "التحدث إلى أحد موظفينا"
    await opens(guest, person)
    root = guest.chat.locator("html")
    await expect(root).to_have_attribute("dir", "rtl")
    await expect(root).to_have_attribute("lang", "ar")
    await expect(guest.chat.locator("sd-message")).to_have_count(1)
    await guest.chat.get_by_role("button", name=person).click()
    await expect(guest.chat.locator(".reach.waiting")).to_be_visible()
    own = await guest.chat.locator(HANDED_OVER).all_inner_texts()
    assert [text for text in own if LATIN.search(text)] == []
    labels = await guest.chat.evaluate(
        "() => [...document.querySelectorAll('[aria-label], [title], [placeholder]')].flatMap((one) =>"
        " ['aria-label', 'title', 'placeholder'].map((name) => one.getAttribute(name)).filter(Boolean))"
    )
    assert [label for label in labels if LATIN.search(label) and label != "Acme support"] == []
    await has_no_violations(guest.chat)


@pytest.mark.parametrize(("locale", "person"), [("de-AT", "Mit einem Menschen sprechen"), ("ja", "担当者と話す")])
async def test_a_page_chooses_the_language_of_its_chat(stage: Stage, locale: str, person: str) -> None:
    guest = await stage.guest()
    await opens(guest, "Talk to a person")
    await guest.page.evaluate("locale => Supportdesk.setLocale(locale)", locale)
    await expect(guest.chat.get_by_role("button", name=person)).to_be_visible()
    await expect(guest.chat.locator("html")).to_have_attribute("lang", locale)


async def test_a_language_that_nobody_speaks_here_leaves_a_chat_that_works(stage: Stage) -> None:
    guest = await stage.guest()
    await opens(guest, "Talk to a person")
    visits: list[str] = []
    guest.page.on("framenavigated", lambda frame: visits.append(frame.url))
    async with guest.page.expect_event("framenavigated"):
        await guest.page.evaluate(
            "() => { Supportdesk.on('ready', () => Supportdesk.setLocale('tlh')); Supportdesk.setLocale('tlh'); }"
        )
    await guest.finds_chat()
    # With the answer here, the page has asked again of the chat that came up.
    await guest.says("What does shipping cost?")
    await guest.sees(re.compile("€4.95"))
    await guest.sees_once("What does shipping cost?")
    assert len(visits) == 1
