"""What staff do to a conversation besides answering: its guest, its name, who takes part."""

import re

from playwright.async_api import Locator, expect

from tests.journeys.marks import JOURNEY
from tests.journeys.people import PLAIN, Agent, Guest, Stage
from tests.journeys.test_looks import has_no_violations, in_every_way

pytestmark = JOURNEY


async def asks(stage: Stage, text: str) -> tuple[Guest, str]:
    guest = await stage.guest(PLAIN)
    await guest.opens_chat()
    await guest.says(text)
    return guest, await guest.room()


async def sits_before(stage: Stage, who: str, room: str) -> Agent:
    agent = await stage.agent(who, "/inbox?queue=T1")
    await agent.opens(room)
    return agent


async def picks(agent: Agent, name: str) -> None:
    """Choose from the menu of the conversation."""
    await agent.page.locator("desk-room").get_by_label("More actions").click()
    await agent.page.locator(".menu-sheet.end").get_by_role("button", name=name).click()


def customer(agent: Agent) -> Locator:
    return agent.page.locator("desk-customer")


async def test_a_blocked_guest_is_seen_to_be_blocked_and_let_in_again(stage: Stage) -> None:
    guest, room = await asks(stage, "You are all useless")
    sam, milo = await sits_before(stage, "supervisor", room), await sits_before(stage, "t1", room)
    await picks(sam, "Block the guest")
    there = [sam.page.locator(".pane-head .av .dot"), customer(sam).locator(".ctx-who .dot")]
    for dot in there:
        await expect(dot).to_have_count(1)
    await sam.page.get_by_label("Reason").fill("Insults every agent")
    await sam.page.get_by_role("dialog").get_by_role("button", name="Block").click()
    for dot in there:
        await expect(dot).to_have_count(0)
    card = customer(sam).locator(".block-card")
    for words in ("you", "Tomorrow", "Insults every agent"):
        await expect(card).to_contain_text(words)

    # Whoever may not lift it sees it all the same, and why they cannot.
    theirs = customer(milo).locator(".block-card")
    await expect(theirs).to_contain_text("Insults every agent")
    unblock = theirs.get_by_role("button", name="Unblock")
    await expect(unblock).to_have_attribute("aria-disabled", "true")
    await expect(unblock).to_have_accessible_description("Your role may not unblock guests.")

    await in_every_way(milo.page)

    await card.get_by_role("button", name="Unblock").click()
    await sam.is_told("can write again.")
    await expect(card).to_have_count(0)
    await expect(theirs).to_have_count(0)
    await sam.page.get_by_role("button", name="Undo").last.click()
    await expect(theirs).to_contain_text("Insults every agent")
    await picks(sam, "Unblock the guest")
    await expect(theirs).to_have_count(0)
    await guest.reloads()
    await guest.says("I am sorry")
    await milo.sees("I am sorry")


async def test_of_two_who_rename_at_once_the_second_sees_what_the_first_did(stage: Stage) -> None:
    _, room = await asks(stage, "About my refund")
    milo, noor = await sits_before(stage, "t1", room), await sits_before(stage, "t1b", room)
    await expect(milo.page.locator(".room-name")).to_have_text("About my refund")
    await picks(milo, "Name and priority")
    await noor.page.keyboard.press("p")
    mine, hers = milo.page.get_by_role("dialog"), noor.page.get_by_role("dialog")
    await expect(hers.get_by_label("Name")).to_be_focused()
    await has_no_violations(noor.page)
    await hers.get_by_label("Name").fill("Refund for 88121")
    await hers.get_by_role("radio", name="high").check()
    await noor.page.keyboard.press("Enter")
    await noor.is_told("Name and priority changed.")
    await expect(milo.page.locator(".pane-head .marks")).to_have_text("high")
    await milo.sees("Noor Haddad renamed the conversation and set its priority to high")

    await mine.get_by_label("Name").fill("Card refund")
    await mine.get_by_role("button", name="Save").click()
    await expect(mine.get_by_role("alert")).to_contain_text(
        "It is called “Refund for 88121” and its priority is high now."
    )
    await expect(mine.get_by_label("Name")).to_have_value("Card refund")
    await expect(mine.get_by_role("radio", name="high")).to_be_checked()
    await mine.get_by_role("button", name="Save").click()
    await milo.is_told("Renamed.")
    await expect(noor.page.locator(".room-name")).to_have_text("Card refund")
    await milo.page.keyboard.press("Control+z")
    await expect(noor.page.locator(".room-name")).to_have_text("Refund for 88121")


async def test_a_claim_meanwhile_is_no_reason_to_refuse_a_new_name(stage: Stage) -> None:
    _, room = await asks(stage, "Who has me?")
    milo, noor = await sits_before(stage, "t1", room), await sits_before(stage, "t1b", room)
    await milo.page.keyboard.press("p")
    await noor.does("Claim")
    await milo.sees("Noor Haddad took the conversation")
    await milo.page.get_by_role("dialog").get_by_label("Name").fill("Has Noor")
    await milo.page.keyboard.press("Enter")
    await milo.is_told("Renamed.")


async def test_a_supervisor_reads_along_unseen_and_goes_on_hearing_after_leaving(stage: Stage) -> None:
    guest, room = await asks(stage, "Is anybody else here?")
    milo, sam = await sits_before(stage, "t1", room), await sits_before(stage, "supervisor", room)
    await milo.does("Claim")
    await sam.page.keyboard.press("o")
    await sam.is_told("You read along;")
    await expect(sam.page.locator(".pane-head .marks")).to_have_text("reading along")
    await expect(sam.page.get_by_role("radio", name="Internal note")).to_be_checked()
    await expect(customer(milo).locator(".people")).to_contain_text("observing")
    await milo.sees(re.compile("began to read along, unseen by the guest"))
    await milo.writes("Reply", "Only you and me")
    await guest.sees("Only you and me")
    await expect(guest.log).not_to_contain_text("joined")

    await customer(sam).get_by_role("button", name="Stop reading along").click()
    await sam.is_told("You do not read along any more.")
    await expect(sam.page.locator(".pane-head .marks")).to_have_count(0)
    await guest.says("Still there?")
    await sam.sees("Still there?")


async def test_a_colleague_is_brought_in_and_leaves(stage: Stage) -> None:
    guest, room = await asks(stage, "I need an expert")
    milo, noor = await sits_before(stage, "t1", room), await sits_before(stage, "t1b", room)
    await milo.does("Claim")
    await customer(milo).get_by_role("button", name="Bring a colleague in").click()
    dialog = milo.page.get_by_role("dialog")
    await dialog.get_by_label("Find a colleague").fill("noor")
    await dialog.get_by_role("button", name="Noor Haddad").click()
    await milo.is_told("Noor Haddad takes part now.")
    await noor.sees("Milo Kask brought Noor Haddad in")
    await guest.sees("Noor Haddad")

    # Whoever has the conversation has to hand it on first.
    await milo.page.locator("desk-room").get_by_label("More actions").click()
    leave = milo.page.get_by_role("button", name="Leave the conversation")
    await expect(leave).to_contain_text("You have this conversation; hand it on first.")
    await leave.press("Enter")
    await milo.is_told("You have this conversation; hand it on first.")

    await picks(noor, "Leave the conversation")
    await noor.is_told("You left the conversation.")
    await milo.sees("Noor Haddad left")
    await noor.page.get_by_role("button", name="Undo").last.click()
    await noor.is_told("You take part now.")
    await noor.page.keyboard.press("Control+k")
    await noor.page.locator("#palette-field").fill("leave")
    await expect(noor.page.locator("#palette-list").get_by_role("option").first).to_contain_text(
        "Leave the conversation"
    )
    await noor.page.keyboard.press("Enter")
    await expect(customer(milo).locator(".people")).not_to_contain_text("Noor Haddad")
    await guest.says("Thank you both")
    await noor.sees("Thank you both")


async def test_colleagues_are_everywhere_what_they_say_they_are(stage: Stage) -> None:
    _, room = await asks(stage, "Is Milo at his desk?")
    milo, noor = await sits_before(stage, "t1", room), await sits_before(stage, "t1b", room)
    await milo.does("Claim")
    his = customer(noor).locator(".people li").filter(has_text="Milo Kask")
    for word in ("Away", "Busy"):
        await milo.chooses_availability(word)
        await expect(his).to_contain_text(word)
        await expect(his.locator("i.dot")).to_have_class(re.compile(word.lower()))
    await noor.page.reload()
    await expect(his).to_contain_text("Busy")
    await milo.chooses_availability("Online")
    await expect(his).to_contain_text("Online")
