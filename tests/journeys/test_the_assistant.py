"""From a provider that an admin adds to an answer with its source, a tool that somebody approves, and all on record."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, FilePayload, Page, expect

from tests.journeys.conftest import staged
from tests.journeys.marks import JOURNEY
from tests.journeys.people import Stage
from tests.journeys.running import RunningDesk
from tests.journeys.test_looks import in_every_way
from tests.journeys.test_tools import CHECKING, card
from tests.llm.servers import Json, Server, openai_server

pytestmark = JOURNEY

LANTERNS = b"# How bright are the lanterns?\n\nThe garden lanterns shine with four hundred lumens each."
ASKED = "how bright are the garden lanterns"
MARK = re.compile(r'mark="(\[#[\w-]+\])"')
WHOSE: Json = {"order_number": "A-10042", "email": "lena@example.com"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own_desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningDesk]:
    """A desk whose robots are this journey's alone: the assistant answers first here."""
    running = RunningDesk(tmp_path_factory.mktemp("assistant") / "desk")
    await running.start()
    yield running
    await running.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def stage(chrome: Browser, own_desk: RunningDesk) -> AsyncIterator[Stage]:
    """Where the people of the journey come and go; at its end no browser has complained."""
    async with staged(chrome, own_desk) as stage:
        yield stage


async def test_an_admin_connects_a_model_and_guests_get_answers_with_sources(stage: Stage) -> None:
    async with openai_server() as model:
        page = (await stage.agent("admin", "/admin/models")).page
        await adds_the_provider(page, model)
        await installs_the_assistant(page)
        await adds_the_document(page)

        guest = await stage.guest()
        await guest.opens_chat()
        half = asyncio.Event()
        model.answers.append(
            {"words": lambda body: ["Each shines ", "with 400 ", "lumens. ", mark(body)], "pauses": half}
        )
        await guest.says(ASKED)
        await guest.sees("Each shines with")
        half.set()
        await guest.sees("Each shines with 400 lumens.")
        await expect(guest.log.get_by_text("How bright are the lanterns?")).to_be_visible()
        await reads_the_ledger(stage, await guest.room())
        await one_voucher_is_approved_and_another_denied(stage, model)


def mark(asked: Json) -> str:
    """How the model cites the first of the documents that it was given."""
    found = MARK.search(str(asked["messages"]))
    assert found, asked["messages"]
    return found[1]


async def reads_the_ledger(stage: Stage, room: str) -> None:
    """The turn with what it found, what the model was told, tokens and cost."""
    milo = await stage.agent("t1")
    await milo.page.goto(f"/inbox?queue=robots&room={room}")
    answer = milo.log.get_by_role("article").filter(has_text="with 400 lumens")
    await answer.get_by_role("link", name="Why this answer").focus()
    await milo.page.keyboard.press("Enter")
    page = milo.page
    await page.wait_for_url("**/admin/ledger/*")
    await expect(page.get_by_role("region", name="What it was asked")).to_contain_text(ASKED)
    saw = page.get_by_role("region", name="What it saw")
    await expect(saw.get_by_role("rowheader", name="How bright are the lanterns?").first).to_be_visible()
    await expect(saw.get_by_role("cell", name=re.compile(r"^[01]\.\d\d$")).first).to_be_visible()
    asked = saw.get_by_role("article", name="Asked a language model")
    await asked.get_by_text("As it was kept").click()
    for words in ("journey-1", "four hundred lumens", "You answer customers", '"input_tokens": 120'):
        await expect(asked).to_contain_text(words)
    await expect(page.get_by_role("region", name="What it answered")).to_contain_text("cites")
    await expect(page.get_by_text("127", exact=True)).to_be_visible()
    await in_every_way(page)


async def one_voucher_is_approved_and_another_denied(stage: Stage, model: Server) -> None:
    """The guest is told that a colleague is checking, and in the end what came of both."""
    model.answers += [
        {"calls": [("look_up_order", WHOSE)]},
        {"calls": [("issue_voucher", {**WHOSE, "amount": 10, "reason": "It is late."})]},
        {"calls": [("issue_voucher", {**WHOSE, "amount": 50, "reason": "Very late."})]},
        {"words": ["Ten euros ", "it is, ", "and no more."]},
    ]
    guest = await stage.guest()
    await guest.opens_chat()
    await guest.says("Where is A-10042, and may I have a voucher? lena@example.com")
    await guest.sees(CHECKING)
    room = await guest.room()
    priya = await stage.agent("t2")
    await priya.page.goto(f"/inbox?queue=robots&room={room}")
    await priya.sees("look_up_order was run")  # reading runs by itself in the demo
    first, second = card(priya).filter(has_text="It is late."), card(priya).filter(has_text="Very late.")
    await expect(first).to_contain_text("Approval needed")
    await first.focus()
    await priya.page.keyboard.press("y")
    await expect(first).to_contain_text("You approved it, and it was done.")
    await expect(second).to_contain_text("Approval needed")
    await second.focus()
    await priya.page.keyboard.press("d")
    await priya.page.keyboard.type("Ten are enough.")
    await priya.page.keyboard.press("Enter")
    await guest.sees("Ten euros it is, and no more.")
    await expect(second).to_contain_text("You denied it: Ten are enough.")
    told = str(model.asked[-1]["messages"])
    assert "ACME-" in told
    assert "Ten are enough." in told
    await priya.page.goto(f"/admin/ledger?room={room}")
    await expect(priya.page.get_by_role("row").filter(has_text="Assistant")).to_have_count(3)
    await in_every_way(priya.page)


async def adds_the_provider(page: Page, model: Server) -> None:
    """A server of one's own, tried with the button."""
    await page.get_by_label("Name").fill("Own server")
    await page.locator("#f-provider").select_option("openai-compatible")
    await page.get_by_label("Address").fill(model.url)
    await page.get_by_label("Key").fill("sk-journey")
    await page.locator("#f-default_model").fill("journey-1")
    await page.get_by_label("It may be in a private network").check()
    await page.get_by_role("button", name="Add the provider").click()
    await expect(page.get_by_role("status")).to_contain_text("Saved.")
    await page.get_by_role("button", name=re.compile("^Test.*Own server")).click()
    await expect(page.get_by_role("status")).to_contain_text("journey-1 has answered.")
    assert model.seen[-1]["Authorization"] == "Bearer sk-journey"
    assert "sk-journey" not in await page.content()
    await in_every_way(page)


async def installs_the_assistant(page: Page) -> None:
    """First of all robots, and with tools."""
    await page.goto("/admin/robots")
    await page.get_by_role("button", name=re.compile(r"Install.*\(assistant\)")).click()
    earlier = page.get_by_role("button", name=re.compile(r"Earlier.*\(assistant\)"))
    while await earlier.is_enabled():
        await earlier.click()
    await page.get_by_role("link", name=re.compile(r"Settings.*\(assistant\)")).click()
    await page.get_by_label("May call tools").check()
    await page.get_by_role("button", name="Save", exact=True).last.click()
    await expect(page.get_by_role("status")).to_contain_text("Saved.")


async def adds_the_document(page: Page) -> None:
    """By upload."""
    await page.goto("/admin/knowledge")
    await page.get_by_text("Add files").click()
    file = FilePayload(name="lanterns.md", mimeType="text/markdown", buffer=LANTERNS)
    await page.locator("#f-file").set_input_files([file])
    await page.get_by_role("button", name="Take them in").click()
    row = page.get_by_role("row").filter(has_text="lanterns.md")
    await expect(row.locator(".chip")).to_have_text("ready", timeout=60_000)
