"""The page of documents: files in, files out, and what came of each."""

from typing import Any
from urllib.parse import quote

import aiohttp

from tests.admin.test_pages import faq, page, presses
from tests.factories import make_workspace
from tests.knowledge import files
from tests.knowledge.test_scopes import make_room
from tests.people import Agent, Desk

KNOWLEDGE = "/admin/knowledge"


async def sends(agent: Agent, *sent: tuple[str, Any], **fields: str) -> tuple[int, str]:
    """Send the form as a browser does: its fields, then the files."""
    form = aiohttp.FormData({"csrf_token": agent.csrf, **fields})
    form._is_multipart = True
    for name, content in sent:
        form.add_field("file", content, filename=name, content_type="application/octet-stream")
    url = f"{agent.desk.url}{KNOWLEDGE}/documents"
    async with agent.http.post(url, data=form) as answer:
        return answer.status, await answer.text()


async def test_files_are_taken_in_and_listed_with_their_state(desk: Desk) -> None:
    admin = await desk.signed_in("admin")
    status, html = await sends(
        admin,
        ("a.md", b"# Refunds\n\nFive days."),
        ("b.pdf", files.pdf("Shipping takes three days.")),
        audience="guests",
    )
    assert status == 200
    assert "Taken in: 2." in html
    await desk.settle()
    _, html = await page(admin, KNOWLEDGE)
    assert html.count(">ready<") == 2
    assert "Markdown · a.md" in html
    assert "PDF · b.pdf" in html


async def test_each_file_is_told_what_came_of_it(desk: Desk) -> None:
    admin = await desk.signed_in("admin")
    await sends(admin, ("a.md", b"# Refunds\n\nFive days."), audience="guests")
    status, html = await sends(
        admin,
        ("a.md", b"# Refunds\n\nFive days."),
        ("twin.md", b"# Refunds\n\nFive days."),
        ("photo.pdf", b"\x89PNG\r\n\x1a\n"),
        ("c.md", b"# Returns\n\nThirty days."),
        audience="guests",
    )
    assert status == 422
    for says in (
        "Is here already, with these very bytes",
        "Is the same as a.md (a.md), which is here already",
        "This is a picture",
        "Taken in.",
    ):
        assert says in html
    _, html = await sends(admin, ("a.md", b"# Refunds\n\nSix days."), audience="guests")
    assert "Becomes version 2 of a.md" in html


async def test_a_form_without_a_file_or_with_a_wrong_address_is_shown_again(desk: Desk) -> None:
    admin = await desk.signed_in("admin")
    status, html = await sends(admin, audience="guests", title="Kept")
    assert (status, 'value="Kept"' in html, "Choose at least one" in html) == (422, True, True)
    status, html = await sends(admin, ("a.md", b"Text."), audience="guests", source_url="javascript:alert(1)")
    assert (status, "must begin with https://" in html) == (422, True)
    admin.csrf = ""
    assert (await sends(admin, ("a.md", b"Text."), audience="guests"))[0] == 403


async def test_what_failed_is_read_again_and_what_is_there_is_removed(desk: Desk) -> None:
    admin, agent = await desk.signed_in("admin"), await desk.signed_in("t1")
    await sends(admin, ("scan.pdf", files.pdf("", "")), audience="guests")
    await desk.settle()
    _, html = await page(admin, KNOWLEDGE)
    assert "it was scanned" in html
    assert "Read again" in html
    document = await desk.owner.fetchval("SELECT id FROM documents WHERE workspace_id = $1", desk.workspace.id)
    stranger = await desk.signed_in("admin", workspace=await make_workspace(desk.owner))
    for verb in ("reading", "removal"):
        assert await presses(agent, f"{KNOWLEDGE}/documents/{document}/{verb}") == 403
        assert await presses(stranger, f"{KNOWLEDGE}/documents/{document}/{verb}") == 404
        assert await presses(admin, f"{KNOWLEDGE}/documents/{document}/{verb}") == 303
    await desk.settle()
    _, html = await page(admin, KNOWLEDGE)
    assert "No documents yet" in html
    assert 'type="file"' not in (await page(agent, KNOWLEDGE))[1]


async def test_a_question_is_tried_with_scores_reasons_and_the_answer(desk: Desk) -> None:
    admin = await desk.signed_in("admin")
    path = f"{KNOWLEDGE}/try"
    assert "Ask something" in (await page(admin, path))[1]
    assert "Nothing was found" in (await page(admin, f"{path}?q=refund"))[1]
    await sends(admin, ("refunds.md", b"# How long do refunds take?\n\nRefunds take five days."), audience="guests")
    await sends(admin, ("goodwill.md", b"# Goodwill\n\nUp to 20 euro of goodwill for refunds."), audience="staff")
    await desk.settle()
    _, html = await page(admin, f"{path}?q=how+long+do+refunds+take")
    assert "would be given" in html
    assert "Refunds take five days." in html
    assert ">above<" in html
    assert "Goodwill" not in html
    _, html = await page(admin, f"{path}?q=how+much+goodwill&audience=staff")
    assert "Up to 20 euro" in html
    _, html = await page(admin, f"{path}?q=do+you+sell+bread")
    assert "would not be given" in html


async def test_a_question_is_tried_with_the_threshold_and_the_documents_of_a_conversation(desk: Desk) -> None:
    await faq(desk)
    admin, home = await desk.signed_in("admin"), desk.workspace.id
    room = await make_room(desk.owner, home)
    text = b"# How long do refunds take?\n\nFive days."
    await sends(admin, ("a.md", text), audience="guests", place="room", room=str(room))
    await desk.settle()
    path = f"{KNOWLEDGE}/try?q=how+long+do+refunds+take"
    assert "Nothing was found" in (await page(admin, path))[1], "it is one conversation's"
    in_room = f"{path}&room={quote(f'{desk.url}/inbox?room={room}')}"
    assert "Threshold 0.60" in (await page(admin, in_room))[1], "as the robot's class has it"
    await desk.owner.execute("""UPDATE robots SET settings = '{"threshold": 0.9}' WHERE workspace_id = $1""", home)
    assert "Threshold 0.90" in (await page(admin, in_room))[1]
    await desk.owner.execute(
        "INSERT INTO room_robots (workspace_id, room_id, robot_id, settings) "
        """SELECT $1, $2, id, '{"threshold": 0.31}' FROM robots WHERE workspace_id = $1 AND module = 'faq'""",
        home,
        room,
    )
    assert "Threshold 0.31" in (await page(admin, in_room))[1]
    theirs = await make_room(desk.owner, (await make_workspace(desk.owner)).id)
    for link, says in ((str(theirs), "There is no such room."), ("that one", "Paste the conversation")):
        status, html = await page(admin, f"{path}&room={quote(link)}")
        assert (status, says in html) == (422, True), says
