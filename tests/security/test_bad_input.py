"""Whatever is sent gets a clear refusal: nothing of it is a failure of ours."""

import base64
from uuid import uuid4

import orjson
import pytest
from yarl import URL

from tests.people import Desk

BEYOND = "9999-12-31T23:59:59-12:00"


@pytest.mark.parametrize("path", ["/widget/%00", "/demo/help/%00", "/invitations/%00", "/static/x/%00"])
async def test_a_path_with_a_nul_leads_nowhere(desk: Desk, path: str) -> None:
    async with desk.http.get(URL(desk.url + path, encoded=True)) as response:
        assert response.status == 404


@pytest.mark.parametrize("path", ["/login", "/api/v1/auth/sessions", "/api/v1/guest/sessions"])
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b"email=\xff\xfe"),
        ("application/x-www-form-urlencoded; charset=bogus", b"email=a"),
    ],
)
async def test_a_form_that_is_no_text_is_refused(desk: Desk, path: str, content_type: str, body: bytes) -> None:
    async with desk.http.post(desk.url + path, data=body, headers={"Content-Type": content_type}) as response:
        assert response.status == 400


@pytest.mark.parametrize("inside", [["2024-01-01T00:00:00+00:00", 5], ["0001-01-01T00:00:00+14:00", str(uuid4())]])
async def test_a_made_up_cursor_is_refused(desk: Desk, inside: list[object]) -> None:
    agent = await desk.signed_in("t1")
    cursor = base64.urlsafe_b64encode(orjson.dumps(inside)).decode()
    status, answer = await agent.fetches("GET", f"/api/v1/rooms?cursor={cursor}")
    assert (status, answer["error"]["code"]) == (400, "bad_cursor")


async def test_an_instant_beyond_the_calendar_is_refused(desk: Desk) -> None:
    guest, admin, agent = await desk.guest(), await desk.signed_in("admin"), await desk.agent("t1")
    room_id = await guest.opens()
    status, _ = await admin.fetches("POST", "/api/v1/tokens", {"name": "far", "expires_at": BEYOND})
    assert status == 422
    status, _ = await admin.fetches("PUT", f"/api/v1/guests/{guest.id}/block", {"reason": "far", "until": BEYOND})
    assert status == 422
    assert await agent.is_refused("room.snooze", room_id=room_id, until=BEYOND) == "invalid"


@pytest.mark.parametrize("version", [0, -1, 2**31, 2**40])
async def test_a_version_that_no_row_can_have_is_refused(desk: Desk, version: int) -> None:
    guest, agent = await desk.guest(), await desk.agent("t1")
    room_id = await guest.opens()
    assert await agent.is_refused("room.update", room_id=room_id, version=version, name="x") == "invalid"
    said = await guest.says("hello")
    refusal = await guest.is_refused("message.edit", message_id=said["id"], content="x", version=version)
    assert refusal == "invalid"


@pytest.mark.parametrize("name", ["\x00", "a" * 101])
async def test_what_a_page_says_of_itself_has_storable_names(desk: Desk, name: str) -> None:
    guest = await desk.guest()
    refusal = await guest.is_refused("room.open", client_room_id="one", page={"attributes": {name: "x"}})
    assert refusal == "invalid"


async def test_nobody_is_not_let_into_a_room(desk: Desk) -> None:
    guest, agent = await desk.guest(), await desk.agent("t1")
    room_id = await guest.opens()
    nobody = str(uuid4())
    assert await agent.is_refused("participant.add", room_id=room_id, user_id=nobody) == "not_found"
    refusal = await agent.is_refused("room.create", client_room_id="r", room_type="group", participant_ids=[nobody])
    assert refusal == "not_found"
