"""Small servers that speak as providers of models do, well or badly."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from aiohttp import web

Json: TypeAlias = dict[str, Any]
OPENAI_USAGE: Json = {
    "prompt_tokens": 120,
    "completion_tokens": 7,
    "total_tokens": 127,
    "prompt_tokens_details": {"cached_tokens": 100},
}


@dataclass(slots=True)
class Server:
    """What it was asked, and how it behaves: `words` are streamed, `status` refuses, `breaks` ends in the middle.

    `answers` come first, one for each request: what differs in it from an answer without words, or a function that
    makes it of the request.
    """

    url: str = ""
    answers: list[Json] = field(default_factory=list)
    words: Sequence[str] = ("Refunds ", "take ", "five days.")
    calls: Sequence[tuple[str, Json | str]] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    refusal: Json = field(default_factory=lambda: {"error": {"message": "no", "type": "error", "code": None}})
    garbage: bytes = b""
    garbage_type: str = "text/event-stream"
    breaks: bool = False
    ends_early: bool = False
    pauses: asyncio.Event | None = None
    asked: list[Json] = field(default_factory=list)
    seen: list[Mapping[str, str]] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def openai_server() -> AsyncIterator[Server]:
    """Chat completions as OpenAI and everybody after them."""
    server = Server()

    async def complete(request: web.Request) -> web.StreamResponse:
        body = await _note(server, request)
        if server.answers:
            plain: Json = {"words": (), "calls": (), "status": 200, "breaks": False, "pauses": None}
            for name, value in (plain | server.answers.pop(0)).items():
                setattr(server, name, value(body) if callable(value) else value)
        if server.status != 200 and not server.garbage:
            return web.json_response(server.refusal, status=server.status, headers=server.headers)
        if server.garbage:
            return _garbage(server)
        if not body.get("stream"):
            return web.json_response(_whole_completion(server))
        return await _stream(server, request, _openai_events(server))

    async with _served(server, "/v1/chat/completions", complete):
        server.url += "/v1"
        yield server


@asynccontextmanager
async def anthropic_server() -> AsyncIterator[Server]:
    """Messages as Anthropic."""
    server = Server()

    async def answer(request: web.Request) -> web.StreamResponse:
        await _note(server, request)
        if server.status != 200 and not server.garbage:
            return web.json_response(server.refusal, status=server.status, headers=server.headers)
        if server.garbage:
            return _garbage(server)
        return await _stream(server, request, _anthropic_events(server))

    async with _served(server, "/v1/messages", answer):
        yield server


def _garbage(server: Server) -> web.Response:
    return web.Response(
        body=server.garbage, status=server.status, content_type=server.garbage_type, headers=server.headers
    )


async def _note(server: Server, request: web.Request) -> Json:
    body: Json = await request.json()
    server.asked.append(body)
    server.seen.append(dict(request.headers))
    server.came.set()
    return body


@asynccontextmanager
async def _served(server: Server, path: str, handler: Any) -> AsyncIterator[None]:
    app = web.Application()
    app.router.add_post(path, handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield
    finally:
        await runner.cleanup()


async def _stream(server: Server, request: web.Request, events: Sequence[bytes]) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    half = len(events) // 2
    try:
        for number, event in enumerate(events):
            if number == half and server.ends_early:
                return response
            if number == half and server.breaks:
                assert request.transport is not None
                request.transport.abort()
                return response
            if number == half and server.pauses is not None:
                await server.pauses.wait()
            await response.write(event)
    except (ConnectionResetError, asyncio.CancelledError):
        server.closed.set()
        raise
    return response


def _openai_events(server: Server) -> list[bytes]:
    def chunk(delta: Json, finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return _data({"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]})

    events = [chunk({"role": "assistant", "content": word}) for word in server.words]
    for place, (name, args) in enumerate(server.calls):
        function = {"name": name, "arguments": args if isinstance(args, str) else json.dumps(args)}
        events.append(
            chunk({"tool_calls": [{"index": place, "id": f"call{place}", "type": "function", "function": function}]})
        )
    events.append(chunk({}, "tool_calls" if server.calls else "stop"))
    usage = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": []}
    return [*events, _data({**usage, "usage": OPENAI_USAGE}), b"data: [DONE]\n\n"]


def _whole_completion(server: Server) -> Json:
    calls = [
        {"id": f"call{place}", "type": "function", "function": {"name": name, "arguments": json.dumps(args)}}
        for place, (name, args) in enumerate(server.calls)
    ]
    message = {
        "role": "assistant",
        "content": "".join(server.words) or None,
        **({"tool_calls": calls} if calls else {}),
    }
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if calls else "stop"}
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [choice],
        "usage": OPENAI_USAGE,
    }


def _anthropic_events(server: Server) -> list[bytes]:
    usage = {"input_tokens": 20, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 0, "output_tokens": 1}
    start: Json = {
        "id": "m1", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": None,
        "stop_sequence": None, "usage": usage,
    }  # fmt: skip
    block = {"type": "text", "text": ""}
    return [
        _event("message_start", {"message": start}),
        _event("content_block_start", {"index": 0, "content_block": block}),
        *(
            _event("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": word}})
            for word in server.words
        ),
        _event("content_block_stop", {"index": 0}),
        _event(
            "message_delta",
            {"delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": {"output_tokens": 7}},
        ),
        _event("message_stop", {}),
    ]


def _event(kind: str, data: Json) -> bytes:
    return f"event: {kind}\n".encode() + _data({"type": kind, **data})


def _data(data: Json) -> bytes:
    return b"data: " + json.dumps(data).encode() + b"\n\n"
