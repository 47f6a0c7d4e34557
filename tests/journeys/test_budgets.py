"""What the chat costs a page that carries it, in bytes and requests."""

from typing import Any

from tests.journeys.marks import JOURNEY
from tests.journeys.people import Stage

pytestmark = JOURNEY

LOADER = 3 * 1024
FIRST_OPEN = 45 * 1024
REQUESTS = 6


async def test_the_chat_is_light(stage: Stage) -> None:
    page = await (await stage.context()).new_page()
    network = await page.context.new_cdp_session(page)
    asked: dict[str, str] = {}
    bytes_of: dict[str, int] = {}

    def on_request(event: dict[str, Any]) -> None:
        asked[event["requestId"]] = event["request"]["url"]

    def on_finished(event: dict[str, Any]) -> None:
        bytes_of[event["requestId"]] = int(event["encodedDataLength"])

    network.on("Network.requestWillBeSent", on_request)
    network.on("Network.loadingFinished", on_finished)
    await network.send("Network.enable")
    await page.goto("/demo")
    await page.wait_for_function("() => globalThis.Supportdesk?.version")
    loader = {id_: url for id_, url in asked.items() if url.endswith("/widget.js")}
    assert len(loader) == 1
    assert sum(bytes_of[id_] for id_ in loader) <= LOADER
    own = set(asked) - set(loader)

    await page.evaluate("() => Supportdesk.open()")
    chat = next(frame for frame in page.frames if "/widget/" in frame.url)
    await chat.get_by_text("Hello, and welcome").wait_for()
    await page.wait_for_load_state("networkidle")
    ours = {id_: url for id_, url in asked.items() if id_ not in own}
    cost = {url: bytes_of.get(id_, 0) for id_, url in ours.items() if not url.startswith("data:")}
    assert sum(cost.values()) <= FIRST_OPEN, cost
    assert len(cost) <= REQUESTS, cost
