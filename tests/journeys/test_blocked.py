"""Who has been blocked reads so wherever they would write, and is promised nobody."""

from playwright.async_api import expect

from tests.journeys.marks import JOURNEY
from tests.journeys.people import Agent, Guest, Stage

pytestmark = JOURNEY

BLOCK = """async (guest) => {
  const { csrf_token } = JSON.parse(document.querySelector('script[type="application/json"]').textContent);
  const answer = await fetch(`/api/v1/guests/${guest}/block`, {
    method: "PUT",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf_token },
    body: JSON.stringify({ reason: "abuse" }),
  });
  return answer.status;
}"""


async def blocks(agent: Agent, guest: Guest) -> None:
    """Block the guest, as the menu of the room does."""
    guest_id = await guest.chat.evaluate("() => document.querySelector('sd-widget').conversation.me")
    assert await agent.page.evaluate(BLOCK, guest_id) == 204


async def is_shut_out(guest: Guest) -> None:
    """The field, the header and the banner say the same."""
    await expect(guest.field).to_be_disabled()
    await expect(guest.field).to_have_attribute("placeholder", "You cannot write here")
    await guest.sees("This chat is closed to you")
    await guest.sees("You cannot write here; ask the company by other means.")
    await expect(guest.chat.get_by_role("button", name="Talk to a person")).to_have_count(0)


async def test_a_blocked_guest_cannot_write_and_knows_it_also_after_a_reload(stage: Stage) -> None:
    guest, boss = await stage.guest(), await stage.agent("supervisor")
    await guest.opens_chat()
    await guest.sees("Hello, and welcome")
    await guest.says("buy my watches")
    await guest.sees_once("buy my watches")
    await blocks(boss, guest)
    await is_shut_out(guest)
    await guest.reloads()
    await is_shut_out(guest)
