"""Robots as admin, guest and agent meet them: set in the browser, two in a room, one behind the scenes."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.journeys.conftest import staged
from tests.journeys.marks import JOURNEY
from tests.journeys.people import Agent, Guest, Stage
from tests.journeys.running import RunningDesk
from tests.journeys.test_looks import in_every_way

pytestmark = JOURNEY

REMARK = "Wrapping costs two euros."


def packaged(folder: Path) -> Path:
    """A folder in which the robots of the journeys are found as those of an installed package."""
    told = folder / "journeys_robots-1.0.dist-info"
    told.mkdir(parents=True)
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: journeys-robots\nVersion: 1.0\n")
    home = "tests.journeys.more_robots"
    robots = [f"{name} = {home}:{name.title()}Robot" for name in ("gifts", "helper", "painter", "teller")]
    (told / "entry_points.txt").write_text("\n".join(["[supportdesk.robots]", *robots, ""]))
    return folder


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def robots_desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningDesk]:
    """A desk with more robots on its server, and an admin who has installed them."""
    folder = tmp_path_factory.mktemp("robots")
    running = RunningDesk(folder / "desk", packages=packaged(folder / "packages"))
    await running.start()
    yield running
    await running.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def stage(chrome: Browser, robots_desk: RunningDesk) -> AsyncIterator[Stage]:
    """Where the people of one journey come and go; at its end no browser has complained."""
    async with staged(chrome, robots_desk) as stage:
        yield stage


async def installs(stage: Stage, module: str) -> Agent:
    """An admin who sees to it that the workspace has a robot, and opens its page."""
    boss = await stage.agent("admin", "/admin/robots")
    install = boss.page.get_by_role("button", name=re.compile(rf"Install.*\({module}\)"))
    if await install.count():
        await install.click()
    await boss.page.get_by_role("link", name=re.compile(rf"Settings.*\({module}\)")).click()
    return boss


async def test_what_an_admin_sets_holds_from_the_next_answer_on_and_two_robots_answer(stage: Stage) -> None:
    boss = await installs(stage, "gifts")
    guest = await asking(stage, "What does shipping cost?")
    await guest.sees("Gift wrapping is free in December.")
    page = boss.page
    await page.get_by_label("What it mentions").fill("x" * 401)
    with stage.faults.outage():  # the browser names the refusal of what is typed, as the page does
        await page.get_by_role("button", name="Save", exact=True).last.click()
        alert = page.get_by_role("alert")
        await expect(alert).to_contain_text("What it mentions: It has more than 400 characters; shorten it.")
    await page.get_by_label("What it mentions").fill(REMARK)
    await page.get_by_role("button", name="Save", exact=True).last.click()
    await expect(page.get_by_role("status")).to_contain_text("Saved.")
    await guest.says("What does express shipping cost?")
    await guest.sees(REMARK)
    await in_every_way(page)
    await page.get_by_role("button", name=re.compile("^Reset.*What it mentions")).click()
    await expect(page.get_by_label("What it mentions")).to_have_value("Gift wrapping is free in December.")


async def asking(stage: Stage, text: str) -> Guest:
    """A guest who asks, and is answered by the leader."""
    guest = await stage.guest()
    await guest.opens_chat()
    await guest.says(text)
    await guest.sees(re.compile("€4.95"))
    return guest


async def test_an_agent_puts_a_suggestion_to_use_by_keyboard(stage: Stage) -> None:
    await installs(stage, "helper")
    guest = await asking(stage, "What does shipping cost?")
    room = await guest.room()
    await guest.asks_for_person()
    milo = await stage.agent("t1", f"/inbox?room={room}")
    await milo.does("Claim")
    await guest.says("Hello?")
    bar = milo.page.get_by_role("group", name="Suggestion by Helper")
    await expect(bar).to_contain_text("You could say this about 'Hello?'.")
    await in_every_way(milo.page)
    await milo.page.reload()
    await expect(bar).to_be_visible()
    field = milo.page.locator("#composer")
    await field.click()
    await milo.page.keyboard.type("My own words.")
    await milo.page.keyboard.press("Control+.")
    await expect(bar).to_have_count(0)
    await expect(field).to_be_focused()
    await expect(field).to_have_value("My own words.\n\nYou could say this about 'Hello?'.")
    await milo.page.keyboard.press("Control+z")
    await expect(field).to_have_value("My own words.")
    await milo.page.keyboard.press("Control+Shift+z")
    await milo.page.keyboard.press("Control+a")
    await milo.page.keyboard.type("You could say this about 'Hello?'.")
    await milo.page.keyboard.press("Enter")
    await guest.sees("You could say this about 'Hello?'.")
    await expect(guest.log.get_by_text("Helper")).to_have_count(0)
    await guest.says("And now?")
    await expect(bar).to_be_visible()
    await milo.page.keyboard.press("Control+Shift+X")
    await expect(bar).to_have_count(0)
    await milo.page.get_by_role("button", name="Undo").click()
    await expect(bar).to_contain_text("And now?")
    await expect(bar.get_by_role("link", name="How much does delivery cost?")).to_have_attribute(
        "href", re.compile("/demo/help")
    )
    await milo.page.reload()
    await expect(bar).to_contain_text("And now?")
    await bar.get_by_role("button", name="Dismiss").click()
    await expect(bar).to_have_count(0)
    await guest.says("Anybody?")
    await expect(bar).to_contain_text("Anybody?")
    await milo.writes("Reply", "One moment.")
    await expect(bar).to_have_count(0)


async def test_an_agent_switches_a_robot_off_in_one_conversation(stage: Stage) -> None:
    await installs(stage, "helper")
    guest = await asking(stage, "What does shipping cost?")
    milo = await stage.agent("t1", f"/inbox?room={await guest.room()}", viewport={"width": 1500, "height": 900})
    bar = milo.page.get_by_role("group", name="Suggestion by Helper")
    await expect(bar).to_be_visible()
    await milo.page.get_by_text("Robots of this conversation").click()
    switch = milo.page.get_by_role("switch", name="Helper")
    await switch.click()
    await expect(switch).to_have_attribute("aria-checked", "false")
    await expect(milo.page.locator(".room-robots li", has=switch)).to_contain_text("not in this conversation")
    await guest.says("What does express shipping cost?")
    await milo.sees("What does express shipping cost?")
    await expect(bar).to_have_count(0)
    people = milo.page.locator("desk-customer .people li")
    await expect(people.filter(has_text="Acme robot").filter(has_text="faq")).to_have_count(1)
    await expect(people.filter(has_text="Acme robot").filter(has_text="greeter")).to_have_count(1)


async def test_a_conversation_has_an_order_and_rules_of_its_own(stage: Stage) -> None:
    await installs(stage, "gifts")
    guest = await asking(stage, "What does shipping cost?")
    wide = {"width": 1500, "height": 1200}
    page = (await stage.agent("admin", f"/inbox?room={await guest.room()}", viewport=wide)).page
    await page.get_by_text("Robots of this conversation").click()
    lines = page.locator(".room-robots li")
    await expect(lines.first).to_contain_text("greeter")
    up = lines.filter(has_text="gifts").get_by_role("button", name="Move Gift corner up")
    place = next(at for at, line in enumerate(await lines.all_text_contents()) if "gifts" in line)
    for number in range(place, 0, -1):
        await up.press("Enter")
        told = page.locator(".room-robots [role=status]").first
        await expect(told).to_contain_text(f"Gift corner is number {number} now")
    await expect(lines.first).to_contain_text("gifts")
    await expect(up).to_have_attribute("aria-disabled", "true")
    await expect(up).to_be_focused()
    await page.get_by_text("Tools of this conversation").click()
    tools = page.locator(".room-tools")
    await expect(tools).to_contain_text("The rules of the workspace hold here.")
    rule = tools.get_by_role("combobox", name="Rule for issue_voucher here")
    await rule.select_option("never")
    await expect(tools).to_contain_text("This conversation has rules of its own.")
    await in_every_way(page)
    await page.reload()
    await page.get_by_text("Robots of this conversation").click()
    await expect(lines.first).to_contain_text("gifts")
    await page.get_by_text("Tools of this conversation").click()
    await expect(rule).to_have_value("deny")
    await tools.get_by_role("button", name="As in the workspace").click()
    await expect(tools).to_contain_text("The rules of the workspace hold here.")
    await expect(rule).to_have_value("")


async def test_a_chart_is_seen_by_guest_and_agent_and_is_a_table_too(stage: Stage) -> None:
    await installs(stage, "painter")
    guest = await stage.guest()
    await guest.opens_chat()
    await guest.says("@Painter how many orders?")
    await guest.sees("Orders rose from 900 on Monday")
    chart = guest.chat.locator(".graph").first
    name = "Orders of the week Orders rose from 900 on Monday to 1,938 on Sunday."
    for face in (guest.chat, (await sees_room(stage, guest)).page):
        await expect(face.locator(".graph svg[role=img]")).to_have_count(2)
        await expect(face.get_by_role("img", name=name)).to_be_visible()
        await face.get_by_text("Show as table").first.click()
        await expect(face.locator(".graph").first.get_by_role("row")).to_have_count(8)
        await expect(face.get_by_role("row", name="Sun 1,938")).to_be_visible()
    await expect(chart.locator("svg[role=img] rect")).to_have_count(7)
    await in_every_way(guest.page)


async def test_what_a_robot_had_said_when_it_was_stopped_stays_and_says_so(stage: Stage) -> None:
    await installs(stage, "teller")
    guest = await stage.guest()
    await guest.opens_chat()
    await guest.says("@Teller tell me a story")
    await expect(guest.chat.locator(".draft")).to_contain_text("there was a parcel")
    milo = await sees_room(stage, guest)
    await guest.chat.get_by_role("button", name="Stop").click()
    for _ in range(2):  # as it happens, and after the page was loaded anew
        told = guest.log.locator(".msg.robot", has_text="Once upon a time there was a parcel")
        await expect(told).to_contain_text("Stopped")
        await expect(guest.chat.locator(".draft")).to_have_count(0)
        await guest.reloads()
    await milo.sees("Once upon a time there was a parcel")
    await expect(milo.page.locator("desk-log .msg.robot", has_text="Once upon")).to_contain_text("stopped half way")
    await guest.says("What does shipping cost?")
    await guest.sees(re.compile("€4.95"))


async def test_what_an_admin_writes_down_sorts_and_answers_the_next_conversation(stage: Stage) -> None:
    page = (await installs(stage, "rules")).page
    await page.get_by_label("Name", exact=True).fill("House rules")
    await page.get_by_label("Words or pattern").last.fill("order #?[0-9]{4,}")
    await expect(page.get_by_label("Whole words only").last).to_be_checked()
    await page.get_by_label("It is a pattern").last.check()
    await page.get_by_label("Answer (Markdown)").last.fill("Hello {guest_name}, I look into **your order**.")
    await page.get_by_role("button", name="Save", exact=True).last.click()
    await expect(page.get_by_role("status")).to_contain_text("Saved.")
    page = (await installs(stage, "triage")).page
    await page.get_by_label("Name", exact=True).last.fill("Late parcel")
    await page.get_by_label("What guests write").last.fill("my parcel has not arrived\nwhere is my package")
    await page.get_by_label("Name an intent only above this chance").fill("0.1")
    await page.get_by_label("Name the conversation after its intent").check()
    await page.get_by_role("button", name="Save", exact=True).last.click()
    await expect(page.get_by_role("status")).to_contain_text("Saved.")

    guest = await stage.guest()
    await guest.opens_chat()
    await guest.says("@House rules my parcel has still not arrived, order #12345, this is urgent")
    await guest.sees("Hello there, I look into your order.")
    milo = await sees_room(stage, guest)
    await expect(milo.page.locator(".pane-head")).to_contain_text("urgent")
    await expect(milo.page.locator(".pane-head")).to_contain_text("Late parcel")
    await page.goto("/admin/ledger")
    await page.locator("tr", has_text="triage").first.get_by_role("link").click()
    await expect(page.get_by_role("main")).to_contain_text(
        "It sorted the conversation: intent, language, priority, name."
    )


async def sees_room(stage: Stage, guest: Guest) -> Agent:
    """An agent before the guest's conversation."""
    milo = await stage.agent("t1", "/inbox?queue=robots")
    await milo.opens(await guest.room())
    return milo
