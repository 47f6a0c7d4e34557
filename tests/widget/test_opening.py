"""The customers' side of the server: the loader, the frame, and the beginning of a conversation."""

import asyncio
import re
from typing import Any
from uuid import uuid4

import orjson
import pytest

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.config import Settings
from supportdesk.core.db import Database
from supportdesk.robots.actions import install_robot
from supportdesk.robots.host import Host
from tests.people import Desk
from tests.streams import said


async def config_of(desk: Desk, query: str = "", site_key: str = "") -> dict[str, Any]:
    """What the frame is told of its site."""
    async with desk.http.get(f"{desk.url}/widget/{site_key or desk.workspace.plain_site_key}{query}") as response:
        assert response.status == 200
        block = re.search('id="config">(.*?)</script>', await response.text())
    assert block is not None
    return dict(orjson.loads(block[1]))


async def test_the_loader_is_for_every_page(desk: Desk) -> None:
    async with desk.http.get(f"{desk.url}/widget.js") as response:
        assert (response.status, response.content_type) == (200, "text/javascript")
        assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "max-age" in response.headers["Cache-Control"]


async def test_the_frame_is_embedded_by_its_sites_pages_only(desk: Desk) -> None:
    async with desk.http.get(f"{desk.url}/widget/{desk.workspace.plain_site_key}") as response:
        assert response.status == 200
        policy = response.headers["Content-Security-Policy"]
        ancestors = next(part for part in policy.split(";") if "frame-ancestors" in part).split()
        assert "https://shop.test" in ancestors
        assert "*" not in ancestors
        assert desk.workspace.plain_site_key in await response.text()
    for unknown in ("nobody", "x" * 65, "%3Cscript%3E"):
        async with desk.http.get(f"{desk.url}/widget/{unknown}") as response:
            assert response.status == 404
            assert "<script>" not in (await response.text()).lower().replace("<script ", "")


async def test_a_conversation_waits_in_its_sites_queue_and_takes_its_name_from_the_first_question(desk: Desk) -> None:
    guest, agent = await desk.guest(), await desk.signed_in("t1")
    opened = (await guest.asks("room.open", client_room_id="c"))["room"]
    assert (opened["status"], opened["queue"], opened["level"], opened["owner"]["kind"]) == (
        "waiting",
        "T1",
        "T1",
        "queue",
    )
    await guest.joins(opened["id"])
    await guest.says("how long do refunds take")
    _, room = await agent.fetches("GET", f"/api/v1/rooms/{opened['id']}")
    assert room["name"] == "how long do refunds take"


async def test_the_same_client_id_gives_the_same_room_and_another_one_another(desk: Desk) -> None:
    guest, stranger = await desk.guest(), await desk.guest()
    first = (await guest.asks("room.open", client_room_id="c"))["room"]["id"]
    assert (await guest.asks("room.open", client_room_id="c"))["room"]["id"] == first
    assert (await guest.asks("room.open", client_room_id="d"))["room"]["id"] != first
    assert (await stranger.asks("room.open", client_room_id="c"))["room"]["id"] != first


async def test_a_guest_goes_on_where_they_were_after_a_reload(desk: Desk) -> None:
    guest, agent = await desk.guest(), await desk.agent("t1")
    room_id = await guest.opens()
    await agent.asks("room.claim", room_id=room_id)
    await guest.says("one")
    known = (await guest.joins(room_id))["head"]
    await guest.leaves()
    await asyncio.gather(*(agent.says(f"meanwhile {n}", room_id=room_id) for n in range(3)))
    back = await guest.again()
    joined = await back.joins(room_id, after_seq=known)
    assert sorted(said(joined["events"])) == ["meanwhile 0", "meanwhile 1", "meanwhile 2"]
    assert joined["events"][0]["seq"] == known + 1


async def test_somebody_is_on_duty_who_is_online_or_busy(desk: Desk) -> None:
    agent = await desk.agent("t1")
    for status, on_duty in (("away", False), ("online", True), ("busy", True), ("offline", False)):
        await agent.asks("presence.set", status=status)
        assert (await config_of(desk))["site"]["online"] is on_duty


async def test_a_room_is_opened_before_the_first_message_only_for_a_robot_that_greets(desk: Desk) -> None:
    async def says(site_key: str = "") -> tuple[bool, str]:
        site = (await config_of(desk, site_key=site_key))["site"]
        return site["robots"], site["open_on"]

    with_robots = desk.workspace.site_key
    assert await says(with_robots) == (False, "message"), "the site wants robots, but there are none"
    system = Actor.system(WorkspaceId(desk.workspace.id))
    for order, (module, now) in enumerate({"faq": (True, "message"), "greeter": (True, "visit")}.items()):
        async with desk.resources.get(Database).transaction(system) as tx:
            await install_robot(tx, system, desk.resources.get(Host), module, sort_order=order)
        assert await says(with_robots) == now
    assert await says() == (False, "message")


async def test_who_only_looks_is_greeted_and_is_in_nobodys_list(desk: Desk) -> None:
    system = Actor.system(WorkspaceId(desk.workspace.id))
    async with desk.resources.get(Database).transaction(system) as tx:
        for order, module in enumerate(("greeter", "faq")):
            await install_robot(tx, system, desk.resources.get(Host), module, sort_order=order)
    agent = await desk.agent("t1")

    async def listed() -> tuple[int, int, int]:
        _, page = await agent.fetches("GET", "/api/v1/rooms")
        return len(page["items"]), page["counts"]["robots"], page["counts"]["T1"]

    curious, asking = [await desk.guest(desk.workspace.site_key) for _ in range(2)]
    for guest in (curious, asking):
        await guest.opens()
        await guest.hears("room.event", lambda e: bool(e["data"].get("message", {}).get("quick_replies")))
    assert await listed() == (0, 0, 0)
    await curious.says("thank you")
    assert await listed() == (1, 1, 0)
    await asking.asks("room.request_person", room_id=asking.room_id)
    assert await listed() == (2, 1, 1), "who asks for a person waits for one, also without a word"
    await desk.settle()


@pytest.mark.parametrize("column", ["deleted_at", "is_active"])
async def test_a_site_that_is_no_longer_served_opens_nothing(desk: Desk, column: str) -> None:
    guest = await desk.guest()
    await desk.owner.execute(
        "UPDATE sites SET deleted_at = CASE WHEN $2 = 'deleted_at' THEN now() END, is_active = $2 <> 'is_active' "
        "WHERE site_key = $1",
        desk.workspace.plain_site_key,
        column,
    )
    assert await guest.is_refused("room.open", client_room_id=str(uuid4())) == "not_found"


class TestSoManyConversations:
    """A guest has so many at once, and no more."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"guest_rooms": 2})

    async def test_the_next_one_is_refused_until_one_is_closed(self, desk: Desk) -> None:
        guest, other, agent = await desk.guest(), await desk.guest(), await desk.agent("t1")
        rooms = [(await guest.asks("room.open", client_room_id=key))["room"]["id"] for key in ("a", "b")]
        assert await guest.is_refused("room.open", client_room_id="c") == "too_many_rooms"
        assert (await guest.asks("room.open", client_room_id="a"))["room"]["id"] == rooms[0]
        await other.opens()
        await agent.asks("room.claim", room_id=rooms[0])
        await agent.asks("room.close", room_id=rooms[0], outcome="resolved")
        await guest.asks("room.open", client_room_id="c")


async def test_what_the_staff_call_a_conversation_is_theirs(desk: Desk) -> None:
    guest, agent = await desk.guest(), await desk.agent("t1")
    room = (await guest.asks("room.open", client_room_id="c", topic="my refund"))["room"]
    assert room["name"] == "my refund"
    _, seen = await agent.fetches("GET", f"/api/v1/rooms/{room['id']}")
    await agent.asks("room.claim", room_id=room["id"])
    _, seen = await agent.fetches("GET", f"/api/v1/rooms/{room['id']}")
    await agent.asks("room.update", room_id=room["id"], name="a difficult customer", version=seen["version"])
    joined = await guest.joins(room["id"], after_seq=0)
    assert "difficult" not in str(joined)
    assert (await agent.joins(room["id"]))["room"]["name"] == "a difficult customer"


async def test_a_name_that_staff_gave_at_the_start_is_theirs_too(desk: Desk) -> None:
    guest, agent, boss = await desk.guest(), await desk.agent("t1"), await desk.agent("supervisor")
    room = (await agent.asks("room.create", client_room_id="x", room_type="group", name="a case of fraud"))["room"]
    await boss.asks("participant.add", room_id=room["id"], user_id=str(guest.id), role="guest")
    assert "fraud" not in str(await guest.joins(room["id"], after_seq=0))


@pytest.mark.parametrize(("asked", "kept"), [("nl", "nl"), ("pt_BR", "pt_BR"), ("x'><script>", ""), ("", "")])
async def test_a_guest_keeps_a_language_that_the_chat_does_not_speak(desk: Desk, asked: str, kept: str) -> None:
    address = f"{desk.url}/widget/{desk.workspace.plain_site_key}"
    async with desk.http.get(address, params={"locale": asked}) as response:
        assert re.findall(r'"guest_locale":\s*"([^"]*)"', await response.text()) == [kept]
