"""The edges of the core: what leaves, what may be kept, and who may count."""

from ipaddress import ip_network

import pytest

from supportdesk.config import Settings
from supportdesk.core.sockets import GUEST, Emitter
from tests.people import Desk


async def test_a_frame_that_cannot_be_written_holds_nothing_up(desk: Desk) -> None:
    guest = await desk.guest()
    room_id = await guest.opens()
    emitter = desk.resources.get(Emitter)
    emitter.emit("typing", {"broken": object()}, to=f"room:{room_id}", namespace=GUEST)
    emitter.emit("typing", {"whole": True}, to=f"room:{room_id}", namespace=GUEST)
    assert await guest.hears("typing") == {"whole": True}


async def test_what_is_somebodys_own_is_not_kept_by_caches(desk: Desk) -> None:
    guest, agent = await desk.guest(), await desk.signed_in("t1")
    room_id = await guest.opens()
    for path in (f"/api/v1/rooms/{room_id}/messages", "/api/v1/auth/sessions", "/inbox", "/api/v1/nothing"):
        async with agent.http.get(desk.url + path) as response:
            assert response.headers["Cache-Control"] == "no-store", path
    async with desk.http.get(f"{desk.url}/widget.js") as response:
        assert "max-age" in response.headers["Cache-Control"]


@pytest.mark.parametrize(("came_from", "status"), [("203.0.113.9", 404), (None, 200)])
async def test_closed_metrics_are_closed_to_whoever_comes_through_a_proxy(
    settings: Settings, desk: Desk, came_from: str | None, status: int
) -> None:
    closed = settings.model_copy(update={"metrics_public": False, "trusted_proxies": (ip_network("127.0.0.0/8"),)})
    desk.resources.add(closed, as_type=Settings)
    headers = {"X-Forwarded-For": came_from} if came_from else {}
    async with desk.http.get(f"{desk.url}/metrics", headers=headers) as response:
        assert response.status == status
