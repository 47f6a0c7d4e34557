"""Who takes a waiting guest, and how they learn that somebody waits."""

import asyncio
import re

from playwright.async_api import expect

from tests.journeys.marks import JOURNEY
from tests.journeys.people import PLAIN, Stage, until

pytestmark = JOURNEY

RECORD = """
globalThis.notices = [];
globalThis.Notification = class extends EventTarget {
  static permission = "granted";
  constructor(title, options) { super(); notices.push([title, options.body]); }
  close() {}
};
document.hasFocus = () => false;
"""
"""A desk that is not before the person's eyes, and a browser whose notifications can be read."""

DEAF = """
globalThis.deaf = false;
const held = [];
const { set, get } = Object.getOwnPropertyDescriptor(WebSocket.prototype, "onmessage");
Object.defineProperty(WebSocket.prototype, "onmessage", {
  get,
  set(listen) { set.call(this, (event) => (deaf ? held.push(() => listen(event)) : listen(event))); },
});
globalThis.hear = () => { deaf = false; for (const one of held.splice(0)) one(); };
"""
"""A page that, while it is deaf, has not heard yet what the desk has said."""


async def test_of_two_agents_who_claim_at_once_one_has_the_room_and_both_know_who(stage: Stage) -> None:
    guest = await stage.guest(PLAIN)
    await guest.opens_chat()
    await guest.says("Who will it be?")
    room = await guest.room()
    milo, noor = await asyncio.gather(
        stage.agent("t1", "/inbox?queue=T1"), stage.agent("t1b", "/inbox?queue=T1", script=DEAF)
    )
    await asyncio.gather(milo.opens(room), noor.opens(room))
    await noor.page.evaluate("() => { globalThis.deaf = true; }")
    await milo.does("Claim")
    await milo.is_told("The conversation is yours.")
    await noor.does("Claim")
    await noor.page.evaluate("() => globalThis.hear()")

    await noor.is_told("Milo Kask was quicker and has this conversation now.")
    await expect(noor.page.locator("desk-room").get_by_role("button", name="Claim", exact=True)).to_have_count(0)
    await expect(noor.page.locator(".pane-who").get_by_text("Milo Kask")).to_be_visible()
    await guest.sees("Milo Kask is answering")
    await milo.writes("Reply", "It is me")
    await guest.sees("It is me")


async def test_a_waiting_guest_is_noticed_once_whatever_tabs_are_open(stage: Stage) -> None:
    milo = await stage.agent("t1", "/inbox?queue=T2", script=RECORD)
    context = milo.page.context
    second, listener = await context.new_page(), await context.new_page()
    await asyncio.gather(second.goto("/inbox?queue=mine"), listener.goto("/account"))
    await listener.evaluate(
        "() => { globalThis.rung = []; new BroadcastChannel('desk:bell').onmessage = ({data}) => rung.push(data); }"
    )
    for page in (milo.page, second):
        await page.locator(".list-head h1").click()  # browsers ring only for those who have touched the page
        await page.wait_for_function("() => document.querySelector('desk-inbox').desk.bell.audio?.state === 'running'")
        await page.wait_for_function("() => document.querySelector('desk-inbox').desk.watch.known")
    before = await milo.page.evaluate("() => document.querySelector('desk-inbox').desk.waitingCount")

    guest = await stage.guest(PLAIN)
    await guest.opens_chat()
    await guest.says("Is anybody there?")
    room = await guest.room()
    await expect(milo.page).to_have_title(re.compile(rf"^\({before + 1}\) "))
    await until(lambda: listener.evaluate("() => rung.length > 0"))
    await until(lambda: second.evaluate("() => notices.length > 0"))
    title, body = (await milo.page.evaluate("() => notices"))[0]
    assert title.endswith("waits for a person")
    assert body == "Is anybody there?"

    await milo.page.bring_to_front()  # browsers hardly draw what lies behind
    await milo.looks_at("T1")
    await expect(milo.line(room)).to_be_visible()
    rung = await listener.evaluate("() => rung")
    assert [key.partition("@")[0] for key in rung].count(room) == 1

    await milo.chooses_availability("Away")
    await expect(milo.page.locator("[data-my-status]")).to_have_class("dot away")
    await milo.chooses_availability("Online")
