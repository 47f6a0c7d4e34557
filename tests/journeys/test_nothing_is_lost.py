"""Reloads, lost networks and a killed server: everything arrives, once, in order."""

import asyncio
import re

from playwright.async_api import Frame, Page, WebSocketRoute, expect

from tests.journeys.marks import JOURNEY
from tests.journeys.people import PLAIN, Agent, Guest, Stage, until
from tests.journeys.running import RunningDesk

pytestmark = JOURNEY


async def texts_in(log: Page | Frame, bubble: str) -> list[str]:
    """What has been said, from first to last."""
    return [text.strip() for text in await log.locator(bubble).all_inner_texts()]


async def transcript(guest: Guest, agent: Agent) -> list[str]:
    """The conversation as both sides show it, which is the same."""
    guests = await texts_in(guest.chat, "[role=log] .bub")
    agents = await texts_in(agent.page, "[role=log] .bub")
    assert guests == agents
    return guests


async def test_reloads_and_a_lost_network_lose_nothing(stage: Stage) -> None:
    guest = await stage.guest(PLAIN)
    await guest.opens_chat()
    await guest.says("One")
    await guest.page.reload()  # at once: nobody knows how far the message has come
    await guest.finds_chat()
    await guest.sees_once("One")
    room = await guest.room()
    agent = await stage.agent("t1", "/inbox?queue=T1")
    await agent.opens(room)
    await agent.does("Claim")

    await guest.page.context.set_offline(offline=True)
    await guest.sees("You are offline")
    with stage.faults.outage():
        await guest.says("Two")
        await guest.says("Three")
        await expect(guest.log.locator("sd-message").filter(has_text="Three").get_by_text("Sending")).to_be_attached()
        await agent.writes("Reply", "Four")
        await agent.writes("Internal note", "They cannot hear us now")
        await guest.page.context.set_offline(offline=False)
    await guest.sees("Four")
    await guest.sees_once("Two")
    await guest.sees_once("Three")
    await agent.sees("Three")

    said = await transcript(guest, agent)
    assert sorted(said) == ["Four", "One", "Three", "Two"]
    assert said.index("One") < said.index("Two") < said.index("Three")

    await guest.field.fill("Half a thou")
    await asyncio.gather(guest.reloads(), agent.page.reload())
    await guest.sees("Four")
    await agent.sees("Three")
    assert await transcript(guest, agent) == said
    await expect(guest.field).to_have_value("Half a thou")
    await guest.sees("Milo Kask is answering")


async def test_a_desk_killed_between_send_and_ack_loses_and_doubles_nothing(stage: Stage, desk: RunningDesk) -> None:
    deaf = Deaf()
    unheard, unacked = await asyncio.gather(stage.guest(PLAIN), stage.guest(PLAIN, hears=deaf.route))
    for guest in (unheard, unacked):
        await guest.opens_chat()
        await guest.says("Hello")
        await guest.sees_once("Hello")
    agent, other = await asyncio.gather(stage.agent("t1", "/inbox?queue=T1"), stage.agent("t1b", "/inbox?queue=T1"))
    await agent.opens(await unheard.room())
    await agent.does("Claim")
    await other.opens(await unacked.room())
    await other.does("Claim")

    deaf.now = True
    await unacked.says("Committed, and nobody told me")
    await other.sees("Committed, and nobody told me")
    await expect(unacked.log.get_by_text("Sending").first).to_be_attached()

    with stage.faults.outage():
        desk.freeze()
        for number in range(1, 11):
            await unheard.says(f"Burst {number}")
        await agent.writes("Reply", "Written while the desk was frozen")
        await desk.kill()
        deaf.now = False
        await unheard.says("Written while the desk was dead")
        await desk.start()
        for guest in (unheard, unacked):
            await until(lambda guest=guest: connected(guest))  # type: ignore[misc]
    await unheard.sees_once("Written while the desk was dead")
    await unheard.sees("Written while the desk was frozen")
    await unacked.sees_once("Committed, and nobody told me")
    await agent.sees("Written while the desk was dead")
    await other.sees("Committed, and nobody told me")

    said = await transcript(unheard, agent)
    mine = [text for text in said if text != "Written while the desk was frozen"]
    assert mine == ["Hello", *(f"Burst {n}" for n in range(1, 11)), "Written while the desk was dead"]
    assert len(said) == len(mine) + 1
    assert await transcript(unacked, other) == ["Hello", "Committed, and nobody told me"]
    await unacked.says("Here again")
    await other.sees("Here again")


async def connected(guest: Guest) -> bool:
    """Whether the chat has its connection again."""
    return bool(await guest.chat.evaluate("() => document.querySelector('sd-widget').connection.connected"))


class Deaf:
    """Between desk and browser: lets everything out, and while it is deaf nothing in."""

    def __init__(self) -> None:
        self.now = False

    async def route(self, page: Page) -> None:
        """Stand between for one page."""
        await page.route_web_socket(re.compile("/socket.io/"), self._stand_between)

    def _stand_between(self, client: WebSocketRoute) -> None:
        server = client.connect_to_server()

        def heard(message: str | bytes) -> None:
            if not self.now:
                client.send(message)

        server.on_message(heard)
