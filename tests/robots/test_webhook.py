"""The webhook robot against real servers: those that answer in each shape, and those that misbehave."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import JsonValue

from robots.webhook.robot import WebhookRobot
from supportdesk.core.clock import Clock
from supportdesk.core.outward import Outward
from supportdesk.errors import DeskError, Invalid
from supportdesk.robots.contract import (
    Cite,
    HandOff,
    HttpReply,
    KitError,
    Line,
    QuickReplies,
    Say,
    Silent,
    Speaker,
    Turn,
    Whisper,
)
from supportdesk.robots.play import Played
from supportdesk.robots.settings import settings_for
from supportdesk.robots.testing import PracticeKit, passage_of, perform
from tests.robots.conftest import Staging
from tests.robots.strange import EchoRobot

SECRET = "shared with the bot"
REFUNDS = "Refunds take five working days."
TURN = Turn(
    text="refunds?",
    guest_name="Ann",
    locale="en",
    conversation="c-1",
    history=(
        Line(speaker=Speaker.GUEST, name="Ann", text="hi"),
        Line(speaker=Speaker.ROBOT, name="Assistant", text="Hello."),
        Line(speaker=Speaker.SYSTEM, name="", text="Ann has come."),
    ),
)
Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Through:
    """The desk's own way to other servers, for a kit of a test."""

    def __init__(self, *hosts: str) -> None:
        self._outward = Outward(hosts)

    async def request(self, method: str, url: str, *, redirects: bool = True, **options: Any) -> HttpReply:
        """As the desk's kit does it."""
        try:
            reply = await self._outward.request(method, url, most_redirects=5 if redirects else 0, **options)
        except DeskError as error:
            raise KitError(f"http failed: {error}") from error
        return HttpReply(status=reply.status, headers=reply.headers, body=reply.body)


class Bot:
    """A server that keeps what it was sent and answers as it is told."""

    def __init__(self) -> None:
        self.asked: list[web.Request] = []
        self.bodies: list[bytes] = []
        self.answers: Answering = self.refuses
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", self._hear)
        self.server = TestServer(app, host="127.0.0.1")

    async def _hear(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        self.bodies.append(await request.read())
        return await self.answers(request)

    async def refuses(self, _request: web.Request) -> web.Response:
        """Nobody has told it what to say."""
        return web.Response(status=501)

    def says(self, body: Any, *, status: int = 200) -> None:
        """Answer with this from now on: bytes as they are, all else as JSON."""

        async def answer(_request: web.Request) -> web.Response:
            return web.Response(status=status, body=body if isinstance(body, bytes) else orjson.dumps(body))

        self.answers = answer

    @property
    def host(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.server.port}"

    @property
    def sent(self) -> Any:
        """The last body, decoded."""
        return orjson.loads(self.bodies[-1])

    async def plays(self, **settings: JsonValue) -> Played:
        """One turn of the robot that asks this bot."""
        kit = PracticeKit([REFUNDS], http=Through(self.host))
        return await perform(
            WebhookRobot, TURN, kit=kit, settings={"url": str(self.server.make_url("/bot")), **settings}
        )


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    """One bot on loopback."""
    bot = Bot()
    await bot.server.start_server()
    yield bot
    await bot.server.close()


async def test_the_desks_shape_is_sent_signed_and_all_parts_of_the_answer_are_taken(bot: Bot) -> None:
    found = passage_of("refunds?", REFUNDS)
    bot.says(
        {
            "text": "Five days.",
            "quick_replies": ["Thanks", "", "x" * 200],
            "note": "sounds cross",
            "hand_off": "wants more",
            "citations": [
                {"document_id": str(found.document_id), "quote": REFUNDS},
                {"document_id": str(UUID(int=7)), "quote": "made up"},
            ],
            "of_another_version": 1,
        }
    )
    played = await bot.plays(secret=SECRET, api_key="key", passages=3)
    assert list(played.events) == [
        Whisper(text="sounds cross"),
        Say(delta="Five days."),
        Cite(document_id=found.document_id, quote=REFUNDS),
        QuickReplies(options=("Thanks", "x" * 80)),
        HandOff(reason="wants more"),
    ]
    assert bot.sent["turn"]["text"] == "refunds?"
    assert (bot.sent["conversation"], [line["text"] for line in bot.sent["history"]][:2]) == ("c-1", ["hi", "Hello."])
    assert bot.sent["passages"][0]["document_id"] == str(found.document_id)
    headers = bot.asked[-1].headers
    at = headers["X-Supportdesk-Timestamp"]
    assert abs(int(at) - Clock().now().timestamp()) < 30
    expected = hmac.new(SECRET.encode(), f"{at}.".encode() + bot.bodies[-1], hashlib.sha256).hexdigest()
    assert headers["X-Supportdesk-Signature"] == f"v1={expected}"
    assert headers["Authorization"] == "Bearer key"


async def test_without_a_secret_nothing_is_signed_and_history_stays_here_when_told_to(bot: Bot) -> None:
    bot.says(b"")
    played = await bot.plays(send_history=False)
    assert list(played.events) == [Silent(reason="the bot has nothing to say")]
    assert bot.sent["history"] == []
    assert not [name for name in bot.asked[-1].headers if name.startswith("X-Supportdesk")]


async def test_rasa_is_spoken_to_as_a_rest_channel(bot: Bot) -> None:
    bot.says(
        [
            {"recipient_id": "c-1", "text": "Which order?"},
            {"recipient_id": "c-1", "image": "https://bot.test/a.png", "buttons": [{"title": "Mine", "payload": "/m"}]},
        ]
    )
    played = await bot.plays(shape="rasa")
    assert list(played.events) == [
        Say(delta="Which order?\n\n<https://bot.test/a.png>"),
        QuickReplies(options=("Mine",)),
    ]
    assert bot.sent == {"sender": "c-1", "message": "refunds?"}
    bot.says([{"recipient_id": "c-1", "custom": {"hand_off": True}}])
    assert list((await bot.plays(shape="rasa")).events) == [HandOff(reason="the bot asks for it")]
    bot.says([])
    assert (await bot.plays(shape="rasa")).ending == "silent"


async def test_chat_completions_are_asked_for_with_history_passages_and_a_tool(bot: Bot) -> None:
    bot.says({"id": "1", "choices": [{"index": 0, "message": {"role": "assistant", "content": "Five days."}}]})
    played = await bot.plays(shape="openai", model="m", instructions="Be brief.", passages=1, hand_off_tool=True)
    assert list(played.events) == [Say(delta="Five days.")]
    assert (bot.sent["model"], bot.sent["stream"], bot.sent["tools"][0]["function"]["name"]) == ("m", False, "hand_off")
    assert [message["role"] for message in bot.sent["messages"]] == ["system", "user", "assistant", "user"]
    assert REFUNDS in bot.sent["messages"][0]["content"]
    call = {"id": "1", "type": "function", "function": {"name": "hand_off", "arguments": '{"reason": "angry"}'}}
    bot.says({"choices": [{"message": {"role": "assistant", "content": None, "tool_calls": [call]}}]})
    assert list((await bot.plays(shape="openai")).events) == [HandOff(reason="angry")]
    call["function"] = {"name": "hand_off", "arguments": "{"}
    bot.says({"choices": [{"message": {"tool_calls": [call]}}]})
    assert list((await bot.plays(shape="openai")).events) == [HandOff(reason="the bot asks for it")]


@pytest.mark.parametrize("status", [301, 307, 400, 401, 404, 429, 500, 502, 503])
async def test_another_status_is_a_failure_that_says_so(bot: Bot, status: int) -> None:
    bot.says({"text": "ignore me"}, status=status)
    played = await bot.plays()
    assert (played.ending, f"status {status}" in played.reason) == ("failed", True)
    assert isinstance(played.error, KitError), "no fault of the robot's code, so that its breaker stays closed"


@pytest.mark.parametrize("shape", ["desk", "rasa", "openai"])
@pytest.mark.parametrize(
    "body",
    [
        b"<html>busy</html>",
        b"\xff\xfe",
        b"{",
        b"null",
        b'"text"',
        b'{"text": 7}',
        b'{"choices": []}',
        b"[1]",
        b"[" * 900,
    ],
)
async def test_garbage_is_a_failure_that_says_what_is_wrong_with_it(bot: Bot, shape: str, body: bytes) -> None:
    bot.says(body)
    played = await bot.plays(shape=shape)
    if played.ending == "silent":  # an object without a word in it, for the desk's shape
        assert (shape, body) == ("desk", b'{"choices": []}')
        return
    assert (played.ending, "cannot be read" in played.reason) == ("failed", True)


async def test_words_that_cannot_be_kept_are_left_out(bot: Bot) -> None:
    bot.says(b'{"text": "one\\u0000two", "note": "\\ud83d\\ude00"}')
    played = await bot.plays()
    assert list(played.events) == [Whisper(text="\U0001f600"), Say(delta="onetwo")]


async def test_an_endless_answer_a_redirect_and_a_private_address_are_failures(bot: Bot) -> None:
    bot.says(orjson.dumps({"text": "x" * 1_100_000}))
    assert "longer than 1024 KiB" in (await bot.plays()).reason

    async def elsewhere(_request: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": "/other"})

    bot.answers = elsewhere
    assert "follows no redirect" in (await bot.plays()).reason
    assert [request.path for request in bot.asked] == ["/bot", "/bot"], "a signed request goes nowhere else"
    kit = PracticeKit(http=Through())
    played = await perform(WebhookRobot, TURN, kit=kit, settings={"url": str(bot.server.make_url("/bot"))})
    assert "private network" in played.reason


async def test_a_bot_that_is_slow_stalls_or_hangs_up_is_a_failure(bot: Bot) -> None:
    gone = asyncio.Event()

    async def never(_request: web.Request) -> web.Response:
        await gone.wait()
        return web.Response()

    async def stalls(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b'{"text": ')
        await gone.wait()
        return response

    async def hangs_up(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    for answers, says in (
        (never, "within 0.5 seconds"),
        (stalls, "within 0.5 seconds"),
        (hangs_up, "could not be asked"),
    ):
        bot.answers = answers
        played = await bot.plays(answer_within_s=0.5)
        assert (played.ending, says in played.reason) == ("failed", True), played.reason
    gone.set()


async def test_without_an_address_it_is_silent() -> None:
    assert (await perform(WebhookRobot, TURN, kit=PracticeKit())).ending == "silent"


@pytest.mark.parametrize("url", ["bot.example.com", "ftp://bot.test/", "http://", "http://[::", "javascript:alert(1)"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(Invalid, match="Address of the bot: an address looks like"):
        settings_for(WebhookRobot, {"url": url})


def test_secrets_are_not_shown() -> None:
    settings = settings_for(WebhookRobot, {"secret": SECRET, "api_key": SECRET})
    assert SECRET not in repr(settings)
    assert SECRET not in settings.model_dump_json()


async def test_when_the_bot_fails_the_next_robot_of_the_room_answers_and_the_record_keeps_no_secret(
    staged: Staging, bot: Bot
) -> None:
    desk = await staged(WebhookRobot, EchoRobot)
    await desk.owner.execute(
        "UPDATE robots SET settings = $2 WHERE workspace_id = $1 AND module = 'webhook'",
        desk.workspace_id,
        orjson.dumps({"url": str(bot.server.make_url("/bot?token=hush")), "secret": SECRET}).decode(),
    )
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "one")
    await desk.settle()
    asked, answered = await desk.turns(room)
    assert (asked["module"], asked["response_data"]["fate"]) == ("webhook", "promoted")
    assert "private network" in asked["error_message"], "loopback is not allowed on this desk"
    assert (answered["module"], await desk.texts(room)) == ("echo", ["one", "one"])
    assert "hush" not in str(asked)
    assert SECRET not in str(asked)
