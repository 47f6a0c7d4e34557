"""Everything a guest and an agent do, without a mouse."""

import re

from playwright.async_api import expect

from tests.journeys.marks import JOURNEY
from tests.journeys.people import PLAIN, Agent, Stage

pytestmark = JOURNEY

MANY = 60
"""More stops than any of our pages has."""


async def test_a_guest_asks_and_reaches_a_person_by_keyboard_alone(stage: Stage) -> None:
    guest = await stage.guest()
    keys = guest.page.keyboard
    for _ in range(MANY):
        await keys.press("Tab")
        if await guest.page.evaluate("() => document.activeElement.localName") == "supportdesk-widget":
            break
    await keys.press("Enter")
    await guest.finds_chat()
    await expect(guest.field).to_be_focused()
    await keys.type("What does shipping cost?")
    await keys.press("Enter")
    await guest.sees(re.compile("€4.95"))
    await keys.press("Shift+Tab")
    await expect(guest.chat.get_by_role("button", name="Talk to a person", exact=True)).to_be_focused()
    await keys.press("Enter")
    await guest.sees(re.compile("We have your message|You are next in line|before you"))
    await keys.press("Escape")
    await expect(guest.field).to_be_hidden()
    assert await guest.page.evaluate("() => document.activeElement.localName") == "supportdesk-widget"


async def test_an_agent_serves_a_guest_by_keyboard_alone(stage: Stage) -> None:
    guest = await stage.guest(PLAIN)
    await guest.opens_chat()
    await guest.says("Serve me")
    room = await guest.room()
    milo = await stage.agent("t1")
    keys = milo.page.keyboard
    await keys.press("g")
    await keys.press("q")
    await expect(milo.page.get_by_role("tab", name=re.compile("^T1"))).to_have_attribute("aria-selected", "true")
    await expect(milo.line(room)).to_be_visible()
    await milo.walks_to(room)
    await keys.press("j")
    await expect(milo.line(room)).not_to_have_attribute("aria-current", "true")
    await keys.press("k")
    await expect(milo.line(room)).to_have_attribute("aria-current", "true")
    await keys.press("i")
    await milo.is_told("The conversation is yours.")
    await keys.press("r")
    await expect(milo.page.locator("#composer")).to_be_focused()
    await keys.type("By keyboard")
    await keys.press("Enter")
    await milo.sees("By keyboard")
    await keys.press("Escape")
    await keys.press("n")
    await keys.type("A note by keyboard")
    await keys.press("Enter")
    await milo.sees("A note by keyboard")
    await keys.press("Escape")

    await finds_its_way(milo)
    await keys.press("e")
    await expect(milo.page.get_by_label("Reason")).to_be_focused()
    await keys.type("A reason by keyboard")
    await keys.press("Enter")
    await milo.is_told("Handed to T2.")

    priya = await stage.agent("t2", "/inbox?queue=T2")
    await expect(priya.line(room)).to_be_visible()
    await priya.walks_to(room)
    await priya.page.keyboard.press("i")
    await priya.is_told("The conversation is yours.")
    await priya.page.keyboard.press("x")
    await priya.is_told("Resolved.")


async def finds_its_way(milo: Agent) -> None:
    """The sheet of shortcuts, and the palette, from which the question of an escalation opens."""
    keys, dialog = milo.page.keyboard, milo.page.get_by_role("dialog")
    await keys.press("?")
    await expect(dialog.get_by_role("heading", name="Shortcuts")).to_be_visible()
    await expect(dialog).to_contain_text("Go to robots")
    await expect(dialog).not_to_contain_text("wallboard")
    await keys.press("Escape")
    await expect(dialog).to_have_count(0)
    await keys.press("Control+k")
    await expect(dialog.get_by_role("combobox")).to_be_focused()
    await keys.type("escal")
    await expect(dialog.get_by_role("option").first).to_contain_text("Escalate")
    await keys.press("Enter")
    await expect(dialog.get_by_role("heading", name="Escalate")).to_be_visible()
    await keys.press("Escape")
    await expect(dialog).to_have_count(0)
