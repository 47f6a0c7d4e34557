"""What operators watch: readiness, metrics, and one line per request, event and job."""

import asyncio
import re

import pytest
import structlog
from aiohttp import ClientSession

from supportdesk.core.db import Database
from supportdesk.core.jobs import Scheduler
from supportdesk.errors import ServerBusy
from tests.factories import PASSWORD
from tests.people import Desk

SECRET_WORDS = "my parcel is at 12 Elm Street"


async def page(http: ClientSession, url: str) -> tuple[int, str]:
    async with http.get(url) as response:
        return response.status, await response.text()


async def test_readiness_follows_the_database(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    http = desk.browser()
    assert (await page(http, f"{desk.url}/readyz"))[0] == 200

    def gone(*_args: object, **_options: object) -> None:
        raise ServerBusy("The database cannot be reached just now; try again.", retry_after=1)

    with monkeypatch.context() as away:
        away.setattr(desk.resources.get(Database), "bare", gone)
        status, body = await page(http, f"{desk.url}/readyz")
        assert (status, "the database does not answer" in body) == (503, True)
        assert (await page(http, f"{desk.url}/healthz"))[0] == 200
    assert (await page(http, f"{desk.url}/readyz"))[0] == 200


async def test_metrics_tell_of_everything_that_moves(desk: Desk) -> None:
    guest, agent = await desk.guest(), await desk.agent("t1")
    await guest.opens()
    await guest.says("hello?")
    await guest.asks("room.request_person", room_id=guest.room_id)
    await desk.resources.get(Scheduler).run_now("wake_snoozed")
    await desk.settle()
    _, text = await page(agent.http, f"{desk.url}/metrics")
    for line in (
        r'supportdesk_db_connections\{lane="realtime",state="allowed"\} [1-9]',
        r'supportdesk_db_waiting\{lane="web"\} 0',
        r"supportdesk_loop_lag_seconds_count [1-9]",
        r'supportdesk_sockets\{namespace="/guest"\} [1-9]',
        r'supportdesk_rooms_waiting\{level="T1"\} ',
        r"supportdesk_flight_messages_count [1-9]",
        r"supportdesk_outbox_oldest_seconds ",
        r'supportdesk_job_seconds_count\{job="wake_snoozed",outcome="succeeded"\} [1-9]',
        r'supportdesk_socket_event_seconds_count\{event="message.send",outcome="ok"\} [1-9]',
        r'supportdesk_http_seconds_count\{method="POST",route="/api/v1/guest/sessions",status="201"\} [1-9]',
        r"supportdesk_tasks [1-9]",
    ):
        assert re.search(f"^{line}", text, re.MULTILINE), line


async def test_one_line_each_and_nothing_private_in_any(desk: Desk) -> None:
    with structlog.testing.capture_logs() as lines:
        guest, agent = await desk.guest(), await desk.agent("t1")
        room_id = await guest.opens()
        await guest.says(SECRET_WORDS)
        await agent.fetches("GET", f"/api/v1/rooms/{room_id}/messages?limit=7")
        await agent.fetches("GET", "/api/v1/rooms/nothing")
        await desk.resources.get(Scheduler).run_now("wake_snoozed")
        await desk.settle()
        await asyncio.sleep(0)
    asked = [line for line in lines if line["event"] == "http" and line["route"] == "/api/v1/rooms/{room_id}/messages"]
    assert [(line["method"], line["status"], line["actor"]) for line in asked] == [("GET", 200, str(agent.id))]
    sent = [line for line in lines if line["event"] == "socket.event" and line["event_name"] == "message.send"]
    assert [(line["outcome"], line["actor"]) for line in sent] == [("ok", str(guest.id))]
    ran = [line for line in lines if line["event"] == "job" and line["job"] == "wake_snoozed"]
    assert "succeeded" in {line["outcome"] for line in ran}
    said = repr(lines)
    private = (SECRET_WORDS, guest.token, agent.csrf, PASSWORD, desk.workspace.email("t1"), "limit=7")
    assert [word for word in private if word in said] == []
