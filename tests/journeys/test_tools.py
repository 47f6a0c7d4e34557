"""A robot asks, somebody of the staff decides, the guest hears what came of it."""

import re

from playwright.async_api import Locator, expect

from tests.journeys.marks import JOURNEY
from tests.journeys.people import Agent, Guest, Stage, until
from tests.journeys.test_claims import RECORD
from tests.journeys.test_looks import in_every_way

pytestmark = JOURNEY
WHY = ("After the guest's words:", "a voucher for A-10042, please", "It needs approval because its risk is high.")
CHECKING = "A colleague is checking that."


async def has_the_robot(stage: Stage) -> None:
    """The admin installs the robot of orders; another journey may have done so before."""
    admin = await stage.agent("admin", "/admin/robots")
    csrf = await admin.page.locator('input[name="csrf_token"]').first.get_attribute("value")
    answer = await admin.page.request.post(
        "/api/v1/robots", data={"module": "orders"}, headers={"X-CSRF-Token": csrf or "", "Origin": stage.url}
    )
    assert answer.status in (201, 409), await answer.text()


async def wants_a_voucher(stage: Stage) -> tuple[Guest, str]:
    guest = await stage.guest("/demo")
    await guest.opens_chat()
    await guest.says("@Order service a voucher for A-10042, please. I am lena@example.com")
    await guest.sees(CHECKING)
    return guest, await guest.room()


def card(agent: Agent) -> Locator:
    return agent.page.locator(".appr")


async def test_a_tool_call_is_approved_and_another_denied_by_keyboard(stage: Stage) -> None:
    await has_the_robot(stage)
    guest, room = await wants_a_voucher(stage)
    milo, priya = await stage.agent("t1", "/inbox?queue=robots"), await stage.agent("t2", "/inbox?queue=robots")
    await expect(priya.page.locator(f'[data-room="{room}"]')).to_contain_text("1 to approve")
    await priya.opens(room)
    await milo.opens(room)
    for words in (
        "Order service",
        "issue_voucher",
        "A-10042",
        "lena@example.com",
        "Give the guest a voucher of up to",
        "high risk",
        "for T2 and above",
        *WHY,
    ):
        await expect(card(priya)).to_contain_text(words)
    await expect(card(priya).locator(".appr-time")).to_have_text(re.compile(r"expires in 1\d:\d\d"))
    await expect(card(milo)).to_contain_text("This needs somebody of T2 or above.")
    await expect(priya.page.get_by_text("Order service wants to run issue_voucher. Approval needed.")).to_have_count(1)
    said = priya.page.locator(".msg.robot", has_text=CHECKING)
    await said.hover()
    await expect(said.get_by_role("button", name="React")).to_be_visible()
    await said.get_by_role("link", name="Why this answer").click(trial=True)
    await in_every_way(priya.page)

    await priya.page.keyboard.press("g")
    await priya.page.keyboard.press("a")
    await expect(card(priya)).to_be_focused()
    await priya.page.keyboard.press("y")
    await guest.sees("Here is your voucher over 10.00 EUR")
    await expect(card(priya)).to_contain_text("You approved it, and it was done.")
    await expect(card(milo)).to_contain_text("Priya Raman approved it, and it was done.")
    await expect(card(priya)).to_be_focused()
    await expect(card(priya)).to_contain_text("Order service has run issue_voucher")
    await card(priya).get_by_text("Arguments and answer").click()
    await expect(card(priya).get_by_role("region", name="What it answered")).to_contain_text("EUR")
    await in_every_way(priya.page)
    await priya.page.reload()
    await expect(card(priya)).to_contain_text("You approved it, and it was done.")

    down = guest.chat.locator(".thumbs").get_by_role("button", name="React with 👎")
    await down.click()
    await expect(down).to_have_attribute("aria-pressed", "true")
    await expect(priya.page.locator(".react", has_text="👎")).to_be_visible()
    up = guest.chat.locator(".thumbs").get_by_role("button", name="React with 👍")
    await up.click()
    await expect(up).to_have_attribute("aria-pressed", "true")
    await expect(down).to_have_attribute("aria-pressed", "false")
    await expect(priya.page.locator(".react", has_text="👎")).to_have_count(0)
    await expect(priya.page.locator(".react", has_text="👍")).to_be_visible()

    guest, room = await wants_a_voucher(stage)
    await priya.page.goto(f"/inbox?queue=robots&room={room}")
    await expect(card(priya)).to_contain_text("Approval needed")
    await card(priya).focus()
    await priya.page.keyboard.press("d")
    await priya.page.keyboard.type("It is not late yet.")
    await priya.page.keyboard.press("Enter")
    await guest.sees("A colleague has denied it: It is not late yet.")
    await expect(card(priya)).to_contain_text("You denied it: It is not late yet.")
    await expect(priya.page.locator(f'[data-room="{room}"]')).not_to_contain_text("to approve")


async def test_what_waits_stands_before_what_is_over_and_the_focus_goes_along(stage: Stage) -> None:
    await has_the_robot(stage)
    guest, room = await wants_a_voucher(stage)
    await guest.says("@Order service a voucher for A-10043, please. I am lena@example.com")
    priya = await stage.agent("t2", f"/inbox?queue=robots&room={room}")
    await expect(card(priya)).to_have_count(2)
    await card(priya).first.focus()
    await priya.page.keyboard.press("d")
    await priya.page.keyboard.press("Enter")
    await expect(card(priya).first).to_contain_text("A-10043")
    await expect(card(priya).last).to_contain_text("You denied it.")
    await expect(card(priya).last).to_be_focused()


async def test_on_a_phone_a_card_takes_a_third_and_a_double_click_approves_once(stage: Stage) -> None:
    await has_the_robot(stage)
    guest, room = await wants_a_voucher(stage)
    priya = await stage.agent("t2", f"/inbox?queue=robots&room={room}", viewport={"width": 390, "height": 844})
    await expect(card(priya).get_by_role("button", name="Approve")).to_be_in_viewport(ratio=1)
    cards = await priya.page.locator(".approvals").bounding_box()
    assert cards is not None
    assert cards["height"] <= 844 / 3
    await card(priya).get_by_role("button", name="Approve").dblclick()
    await guest.sees("Here is your voucher over 10.00 EUR")
    await expect(card(priya)).to_contain_text("You approved it, and it was done.")
    await expect(card(priya)).not_to_contain_text("wants to run")
    await expect(priya.page.get_by_text("has approved this already")).to_have_count(0)


async def test_whoever_may_approve_learns_of_what_waits_wherever_they_look_and_nobody_else_does(stage: Stage) -> None:
    await has_the_robot(stage)
    priya = await stage.agent("t2", "/inbox?queue=mine", script=RECORD)
    milo = await stage.agent("t1", "/inbox?queue=mine", script=RECORD)
    for agent in (priya, milo):
        await agent.chooses_availability("Online")
        await agent.page.wait_for_function("() => document.querySelector('desk-inbox').desk.approvals.known")
    before = await priya.page.evaluate("() => document.querySelector('desk-inbox').desk.waitingCount")
    first, older = await wants_a_voucher(stage)
    await until(lambda: priya.page.evaluate("() => notices.some(([title]) => title.startsWith('Approval needed in'))"))
    await expect(priya.page).to_have_title(re.compile(rf"^\({before + 1}\) "))
    strip = priya.page.locator(".strip.asks")
    await expect(strip).to_contain_text(re.compile(r"\d+ conversations? waits? for approval"))
    await in_every_way(priya.page)
    _, newer = await wants_a_voucher(stage)
    await first.says("It is me again, are you there?")
    await strip.get_by_role("button", name="Show").click()
    lines = priya.page.locator(f'[data-room="{older}"], [data-room="{newer}"]')
    await expect(lines).to_have_count(2)
    await expect(lines.first).to_have_attribute("data-room", older)
    await expect(priya.page.get_by_label("State")).to_have_value("approvals")
    await expect(priya.page).to_have_url(re.compile("queue=approvals"))
    await in_every_way(priya.page)
    for room in (older, newer):
        await priya.opens(room)
        await card(priya).focus()
        await priya.page.keyboard.press("y")
        await expect(priya.page.locator(f'[data-room="{room}"]')).to_have_count(0)
    await expect(milo.page.locator(".strip.asks")).to_have_count(0)
    assert not await milo.page.evaluate("() => notices.some(([title]) => title.startsWith('Approval'))")
    await expect(milo.page.get_by_label("State").locator("option")).to_contain_text(["All open", "To approve"])
