"""From an empty desk without the demo to its first guest, who is greeted and, with something to read, answered."""

from supportdesk.accounts.actions.people import NewPerson
from supportdesk.accounts.actions.setup import create_user
from supportdesk.accounts.passwords import Passwords
from supportdesk.core.db import Database
from supportdesk.workspaces.actions import Beginnings
from tests.accounts.browser import GOOD, Browser, browser
from tests.accounts.test_first_run import code_of, form
from tests.people import Desk, Guest

DOCUMENT = {
    "filename": "opening-hours.md",
    "title": "When are you open?",
    "content": "# When are you open?\n\nThe workshop in Dock Street is open from Tuesday to Saturday, 9 to 17 o'clock.",
}


async def is_greeted(desk: Desk, admin: Browser) -> Guest:
    """A guest of the first site opens the chat."""
    (site,) = (await admin.asks("GET", "/api/v1/sites")).body["items"]
    guest = await desk.guest(site["site_key"])
    await guest.opens()
    hello = await guest.hears("room.event", lambda e: bool(e["data"].get("message", {}).get("quick_replies")))
    sender = hello["data"]["message"]["sender"]
    assert (sender["kind"], sender["name"]) == ("robot", "Assistant")
    return guest


async def test_the_first_guest_is_greeted_and_answered_from_the_first_document(empty: Desk) -> None:
    admin = browser(empty)
    code = await code_of(empty)
    assert (await admin.asks("POST", "/first-run", form=form(code))).status == 303
    admin.csrf = (await admin.asks("GET", "/api/v1/auth/sessions")).body["csrf_token"]
    guest = await is_greeted(empty, admin)
    assert (await admin.asks("POST", "/api/v1/documents", DOCUMENT)).status == 201
    await empty.settle()
    await guest.says("When are you open?")
    event = await guest.hears("room.event", lambda e: bool(e["data"].get("message", {}).get("citations")))
    answer = event["data"]["message"]
    assert "Tuesday to Saturday" in answer["content"]
    assert answer["citations"][0]["title"] == DOCUMENT["title"]
    assert answer["sender"]["name"] == "Assistant"
    actions = [line["action"] for line in (await admin.asks("GET", "/api/v1/audit-log?limit=50")).body["items"]]
    assert actions.count("robot.installed") == 2


async def test_a_desk_that_began_at_the_command_line_greets_too(empty: Desk) -> None:
    things = empty.resources
    who = NewPerson(email="grace@acme.test", first_name="Grace", last_name="H", password=GOOD)
    await create_user(
        things.get(Database), things.get(Beginnings), things.get(Passwords), who, role_name="admin", workspace_name="A"
    )
    admin = browser(empty)
    assert (await admin.signs_in(who.email, GOOD)).status == 201
    await is_greeted(empty, admin)
