"""What the chat costs a page that carries it, in bytes and requests."""

from collections import Counter
from typing import Any

from playwright.async_api import CDPSession

from tests.journeys.marks import JOURNEY
from tests.journeys.people import Guest, Stage

pytestmark = JOURNEY

LOADER = 3_000
FIRST_OPEN = 45_000
"""Compressed bodies; with all headers it may be a thousand bytes more."""
HEADERS = 1_000
REQUESTS = 6


class Meter:
    """What one page asks for, and how many bytes come: bodies as they travel, and all with their headers."""

    def __init__(self, network: CDPSession) -> None:
        self.urls: dict[str, str] = {}
        self.bodies: Counter[str] = Counter()
        self.totals: Counter[str] = Counter()
        network.on("Network.requestWillBeSent", self._asked)
        network.on("Network.dataReceived", self._received)
        network.on("Network.loadingFinished", self._finished)

    def _asked(self, event: dict[str, Any]) -> None:
        if not event["request"]["url"].startswith("data:"):
            self.urls[event["requestId"]] = event["request"]["url"]

    def _received(self, event: dict[str, Any]) -> None:
        self.bodies[event["requestId"]] += event["encodedDataLength"]

    def _finished(self, event: dict[str, Any]) -> None:
        self.totals[event["requestId"]] = event["encodedDataLength"]


async def test_the_chat_is_light(stage: Stage) -> None:
    page = await (await stage.context()).new_page()
    network = await page.context.new_cdp_session(page)
    meter = Meter(network)
    await network.send("Network.enable")
    await page.goto("/demo")
    await page.wait_for_function("() => globalThis.Supportdesk?.version")
    loader = next(id_ for id_, url in meter.urls.items() if url.endswith("/widget.js"))
    pages_own = set(meter.urls) - {loader}

    await page.evaluate("() => Supportdesk.open()")
    guest = Guest(page)
    await guest.finds_chat()
    await guest.sees("Hello, and welcome")
    await page.wait_for_load_state("networkidle")
    chats = {id_: url for id_, url in meter.urls.items() if id_ not in pages_own}
    cost = {url: (meter.bodies[id_], meter.totals[id_]) for id_, url in chats.items()}
    assert 0 < meter.bodies[loader] <= LOADER
    assert sum(bodies for bodies, _ in cost.values()) <= FIRST_OPEN, cost
    assert sum(total for _, total in cost.values()) <= FIRST_OPEN + HEADERS, cost
    assert len(cost) <= REQUESTS, cost
