"""The pages of questions and answers, and of what guests asked in vain."""

import re

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.core.db import Database
from supportdesk.knowledge.model import Vain
from supportdesk.knowledge.unanswered import note
from supportdesk.robots.contract import Why
from supportdesk.robots.finishing import LINES
from tests.admin.test_pages import faq, page, presses
from tests.factories import make_workspace
from tests.knowledge.test_scopes import make_room
from tests.people import Agent, Desk

ENTRIES = "/admin/knowledge/entries"
UNANSWERED = "/admin/knowledge/unanswered"


async def submits(agent: Agent, path: str, **fields: str) -> tuple[int, str]:
    form = {"csrf_token": agent.csrf, **fields}
    async with agent.http.post(agent.desk.url + path, data=form) as answer:
        return answer.status, await answer.text()


async def asked_in_vain(desk: Desk, *questions: str) -> None:
    actor = Actor.system(WorkspaceId(desk.workspace.id))
    room = await make_room(desk.owner, desk.workspace.id)
    for question in questions:
        async with desk.resources.get(Database).transaction(actor) as tx:
            await note(tx, room, question, Vain.NOT_IN_DOCUMENTS)
    await desk.settle()


async def test_an_entry_is_written_changed_searched_removed_and_brought_back(desk: Desk) -> None:
    admin = await desk.signed_in("admin")
    assert "No questions answered by hand yet" in (await page(admin, ENTRIES))[1]
    words = {
        "question": "Do you wrap gifts?",
        "answer": "Yes.",
        "phrasings": "Presents?\r\n\r\nBows?",
        "active": "true",
    }
    status, html = await submits(admin, ENTRIES, **words)
    assert (status, "Saved." in html, "in 2 other ways" in html) == (200, True, True)
    await desk.settle()
    _, html = await page(admin, f"{ENTRIES}?q=bows")
    assert ">ready<" in html
    entry = re.search(rf"{ENTRIES}/([0-9a-f-]{{36}})\"", html)
    assert entry is not None
    address = f"{ENTRIES}/{entry[1]}"
    assert "Presents?\nBows?" in (await page(admin, address))[1]
    _, html = await submits(admin, address, question="Do you wrap gifts?", answer="No.")
    assert ">off<" in html, "a box that is not ticked is not sent"
    _, html = await submits(admin, f"{address}/removal")
    assert f"{address}/return" in html
    assert "Do you wrap gifts?" not in html
    _, html = await submits(admin, f"{address}/return")
    assert "Do you wrap gifts?" in html
    assert "No question matches" in (await page(admin, f"{ENTRIES}?q=nothing"))[1]


async def test_what_is_wrong_is_said_beside_its_field_and_kept(desk: Desk) -> None:
    admin = await desk.signed_in("admin")
    status, html = await submits(admin, ENTRIES, question="Do you wrap gifts?", answer="")
    assert (status, "Answer: This is needed." in html, "Do you wrap gifts?" in html) == (422, True, True)
    status, html = await submits(admin, ENTRIES, question="q", answer="a" * 4_001)
    assert (status, "4000 characters" in html) == (422, True)


async def test_only_writers_of_the_workspace_change_entries(desk: Desk) -> None:
    admin, agent = await desk.signed_in("admin"), await desk.signed_in("t1")
    stranger = await desk.signed_in("admin", workspace=await make_workspace(desk.owner))
    await submits(admin, ENTRIES, question="Secret gifts?", answer="Yes.", audience="staff", active="true")
    entry = await desk.owner.fetchval("SELECT id FROM knowledge_entries WHERE workspace_id = $1", desk.workspace.id)
    for verb in ("", "/removal", "/return"):
        assert (await submits(agent, f"{ENTRIES}/{entry}{verb}", question="q", answer="a"))[0] == 403
        assert (await submits(stranger, f"{ENTRIES}/{entry}{verb}", question="q", answer="a"))[0] == 404
    assert (await page(agent, f"{ENTRIES}/{entry}"))[0] == 403
    assert "Answer a question" not in (await page(agent, ENTRIES))[1]


async def test_questions_that_mean_the_same_are_one_and_are_answered_from_the_list(desk: Desk) -> None:
    admin = await desk.signed_in("admin")
    assert "Nothing was asked in vain" in (await page(admin, UNANSWERED))[1]
    await asked_in_vain(
        desk, "Do you ship to Iceland?", "Can you deliver to Iceland?", "Where is your head office?", "ship to iceland"
    )
    _, html = await page(admin, UNANSWERED)
    assert html.index("Do you ship to Iceland?") < html.index("Where is your head office?")
    assert "3 ×" in html
    form = re.search(r"/admin/knowledge/entries/new\?asked=[0-9a-f-]{36}", html)
    assert form is not None
    _, html = await page(admin, form[0])
    assert 'value="Do you ship to Iceland?"' in html
    assert "Can you deliver to Iceland?" in html
    asked = form[0].partition("=")[2]
    await submits(admin, ENTRIES, question="Do you ship to Iceland?", answer="Yes.", active="true", asked_id=asked)
    _, html = await page(admin, UNANSWERED)
    assert "Iceland" not in html
    assert (await page(admin, form[0]))[0] == 404
    other = re.search(rf"{UNANSWERED}/[0-9a-f-]{{36}}/dismissal", html)
    assert other is not None
    assert await presses(await desk.signed_in("t1"), other[0]) == 403
    assert await presses(admin, other[0]) == 303
    assert "Nothing was asked in vain" in (await page(admin, UNANSWERED))[1]


async def test_a_guests_question_without_an_answer_is_collected_answered_and_then_known(desk: Desk) -> None:
    await faq(desk)
    admin, guest = await desk.signed_in("admin"), await desk.guest(desk.workspace.site_key)
    await guest.opens()
    await guest.says("Do you sell fresh bread on Sundays?")
    await guest.sees(LINES[Why.NOT_IN_DOCUMENTS])
    await desk.settle()
    _, html = await page(admin, UNANSWERED)
    assert "Do you sell fresh bread on Sundays?" in html
    await submits(
        admin, ENTRIES, question="Do you sell fresh bread on Sundays?", answer="From eight to noon.", active="true"
    )
    await desk.settle()
    again = await desk.guest(desk.workspace.site_key)
    await again.opens()
    await again.says("fresh bread on sunday?")
    await again.sees("From eight to noon.")


async def test_unanswered_questions_go_when_their_rooms_messages_would(desk: Desk) -> None:
    await asked_in_vain(desk, "Old?", "New?")
    await desk.owner.execute(
        "UPDATE unanswered_questions SET created_at = now() - interval '11 years' WHERE question = 'Old?'"
    )
    await desk.job("forget_unanswered_questions")
    left = await desk.owner.fetch(
        "SELECT question FROM unanswered_questions WHERE workspace_id = $1", desk.workspace.id
    )
    assert [row["question"] for row in left] == ["New?"]
