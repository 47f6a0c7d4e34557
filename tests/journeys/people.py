"""Those who sit before a browser, as journeys speak of them: the guest asks, the agent claims."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from playwright.async_api import Browser, BrowserContext, Frame, Locator, Page, expect

from supportdesk.demo.loader import DEMO_PASSWORD
from tests.journeys.faults import Faults

PATIENCE_MS: Final = 15_000
"""How long a journey waits for what must come; a failure, never a measure."""
expect.set_options(timeout=PATIENCE_MS)

PLAIN: Final = "/demo?site=demo-plain"
"""The shop with the site that has no robots: who writes there waits for a person."""
_cookies: dict[tuple[str, str], Any] = {}
"""Who has signed in at which desk: once is enough for all journeys."""


class Stage:
    """The people of one journey."""

    def __init__(self, chrome: Browser, url: str, faults: Faults) -> None:
        self.chrome, self.url, self.faults = chrome, url, faults
        self._contexts: list[BrowserContext] = []

    async def context(self, **options: Any) -> BrowserContext:
        """A browser profile of somebody's own."""
        options.setdefault("viewport", {"width": 1280, "height": 800})
        # Without motion, because what is still on its way to its place or colour is not what is tried.
        options.setdefault("reduced_motion", "reduce")
        context = await self.chrome.new_context(base_url=self.url, locale="en-GB", **options)
        context.set_default_timeout(PATIENCE_MS)
        await self.faults.watch(context)
        self._contexts.append(context)
        return context

    async def guest(
        self, path: str = "/demo", hears: Callable[[Page], Awaitable[None]] | None = None, **options: Any
    ) -> "Guest":
        """Somebody who looks at the shop; `hears` may stand between them and the desk."""
        page = await (await self.context(**options)).new_page()
        if hears is not None:
            await hears(page)
        await page.goto(path)
        return Guest(page)

    async def agent(self, who: str, path: str = "/inbox", script: str = "", **options: Any) -> "Agent":
        """Somebody of the staff, signed in, before the inbox; `script` runs before the pages' own."""
        key = (self.url, who)
        context = await self.context(storage_state=_cookies.get(key), **options)
        if script:
            await context.add_init_script(script)
        page = await context.new_page()
        agent = Agent(page, who)
        if key not in _cookies:
            await agent.signs_in(path)
            _cookies[key] = await context.storage_state()
        else:
            await page.goto(path)
        return agent

    async def close(self) -> None:
        """Everybody leaves."""
        await asyncio.gather(*(context.close() for context in self._contexts))


class Guest:
    """A customer before the shop, with the chat in its corner."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def chat(self) -> Frame:
        """The chat's frame; it lives in a closed shadow root, where only frames can be found."""
        return next(frame for frame in self.page.frames if "/widget/" in frame.url)

    async def opens_chat(self) -> None:
        """Click the bubble in the corner."""
        size = self.page.viewport_size
        assert size is not None
        await until(lambda: self.page.evaluate("Boolean(globalThis.Supportdesk?.version)"))
        async with self.page.expect_event("frameattached"):
            await self.page.mouse.click(size["width"] - 48, size["height"] - 48)
        await self.finds_chat()

    async def finds_chat(self) -> None:
        """Wait until the chat is there to write in."""
        await until(lambda: any("/widget/" in frame.url for frame in self.page.frames))
        await expect(self.field).to_be_visible()

    @property
    def field(self) -> Locator:
        """Where one writes."""
        return self.chat.get_by_role("textbox", name="Write a message")

    @property
    def log(self) -> Locator:
        """What has been said."""
        return self.chat.get_by_role("log")

    async def says(self, text: str) -> None:
        """Write and press Enter."""
        await self.field.fill(text)
        await self.field.press("Enter")

    async def sees(self, text: str | re.Pattern[str]) -> None:
        """It stands in the chat, now or soon."""
        await expect(self.chat.get_by_text(text).first).to_be_visible()

    async def sees_once(self, text: str) -> None:
        """It stands in the log exactly once, and the desk has it."""
        message = self.log.locator("sd-message").filter(has_text=text)
        await expect(message).to_have_count(1)
        await expect(message.get_by_text("Sending")).to_have_count(0)

    async def asks_for_person(self) -> None:
        """Press the button that is always there."""
        await self.chat.get_by_role("button", name="Talk to a person", exact=True).click()

    async def room(self) -> str:
        """The id of the conversation."""
        # The function form: the page's policy forbids what would be evaluated as text.
        await self.chat.wait_for_function("() => document.querySelector('sd-widget').conversation.room")
        return str(await self.chat.evaluate("() => document.querySelector('sd-widget').conversation.room.id"))

    async def reloads(self) -> None:
        """Load the page again; an open chat comes back open."""
        await self.page.reload()
        await self.finds_chat()


class Agent:
    """Somebody of the staff before the inbox."""

    def __init__(self, page: Page, who: str) -> None:
        self.page, self.who = page, who

    async def signs_in(self, path: str = "/inbox") -> None:
        """By the form, as anybody does."""
        await self.page.goto(f"/login?next={path}")
        await self.page.get_by_label("E-mail").fill(f"{self.who}@demo.test")
        await self.page.get_by_label("Password").fill(DEMO_PASSWORD)
        await self.page.get_by_role("button", name="Sign in", exact=True).click()
        await self.page.wait_for_url(f"**{path}")

    @property
    def log(self) -> Locator:
        """The open conversation."""
        return self.page.get_by_role("log")

    @property
    def conversations(self) -> Locator:
        """The lines of the list."""
        return self.page.locator("a.conv")

    def line(self, room: str) -> Locator:
        """A conversation's line in the list."""
        return self.page.locator(f'a.conv[data-room="{room}"]')

    async def looks_at(self, queue: str) -> None:
        """Choose a tab of the list."""
        await self.page.get_by_role("tab", name=re.compile(f"^{queue}")).click()

    async def opens(self, room: str) -> None:
        """Open a conversation of the list."""
        await self.line(room).click()
        await expect(self.log).to_have_attribute("aria-busy", "false")

    async def does(self, name: str) -> None:
        """Press a button in the room's header."""
        await self.page.locator("desk-room").get_by_role("button", name=name, exact=True).click()

    async def writes(self, kind: str, text: str) -> None:
        """A reply, an internal note or a whisper."""
        await self.page.get_by_role("radio", name=kind).click()
        field = self.page.locator("#composer")
        await field.fill(text)
        await field.press("Enter")

    async def escalates(self, level: str, reason: str) -> None:
        """Hand the conversation up a level, saying why."""
        await self.does("Escalate")
        dialog = self.page.get_by_role("dialog")
        await expect(dialog.get_by_role("radio", name=level)).to_be_checked()
        await dialog.get_by_label("Reason").fill(reason)
        await dialog.get_by_role("button", name="Hand over").click()
        await expect(dialog).to_have_count(0)

    async def walks_to(self, room: str) -> None:
        """Press J until the conversation is the chosen one."""
        chosen = self.page.locator("a.conv[aria-current]")
        for _ in range(await self.conversations.count()):
            before = await self.page.evaluate("() => location.search")
            await self.page.keyboard.press("j")
            await until(lambda before=before: self.page.evaluate(f"() => location.search !== {before!r}"))  # type: ignore[misc]
            await expect(chosen).to_have_count(1)
            if await chosen.get_attribute("data-room") == room:
                break
        await expect(self.log).to_have_attribute("aria-busy", "false")

    async def chooses_availability(self, name: str) -> None:
        """Say in the rail's menu whether one takes conversations."""
        await self.page.locator("[data-me]").click()
        await self.page.locator("[data-availability]").get_by_text(name).click()
        await self.page.keyboard.press("Escape")

    async def sees(self, text: str | re.Pattern[str]) -> None:
        """It stands in the conversation, now or soon."""
        await expect(self.log.get_by_text(text).first).to_be_visible()

    async def is_told(self, text: str) -> None:
        """A notice says so."""
        await expect(self.page.locator("desk-notices").get_by_text(text)).to_be_visible()


async def until(condition: Callable[[], Any]) -> None:
    """Return as soon as the condition holds; for what no locator can see."""
    async with asyncio.timeout(PATIENCE_MS / 1000):
        while True:
            held = condition()
            if await held if asyncio.iscoroutine(held) else held:
                return
            await asyncio.sleep(0.02)
