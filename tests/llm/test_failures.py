"""What is said of a provider that gives no answer: which of the many ways to fail it was, and what to do."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from supportdesk.actor import WorkspaceId
from supportdesk.core.clock import Clock
from supportdesk.llm import engine as engines
from supportdesk.llm import guard
from supportdesk.llm.engine import Engine
from supportdesk.llm.faults import Fault, ModelFailed
from supportdesk.llm.model import Kind, Provider, ProviderId
from supportdesk.llm.talk import Asked, Prompt, Running
from tests.llm.servers import anthropic_server, openai_server

WEB_PAGE = "a web page, not as an API does: look whether the address is that of its API; many end in /v1."
OTHER_JSON = "JSON that is no answer of a model"
ENDED = "ended in the middle: it never said that it was over"
HTML = {"garbage": b"\n<!doctype html><p>Welcome", "garbage_type": "text/html"}
JSON_TYPE = "application/json"
BOTH = [(Kind.OPENAI_COMPATIBLE, openai_server), (Kind.ANTHROPIC, anthropic_server)]
PROMPT = Prompt(instructions="Answer.", parts=(Asked(text="Are you there?"),), max_tokens=16)


async def failure_of(kind: Kind, base_url: str, *, fills: bool = False) -> ModelFailed:
    """How a call of this provider fails."""
    provider = Provider(
        id=ProviderId(uuid4()), workspace_id=WorkspaceId(uuid4()), name="Local", kind=kind, base_url=base_url,
        has_key=True, allows_private_address=True, default_model="m", is_active=True, is_default=True,
    )  # fmt: skip
    engine, running = Engine(), Running(prompt_tokens=1)

    async def ask() -> None:
        if fills:
            await engine.fill(provider, "sk-local", "m", PROMPT, {"type": "object"}, running)
        else:
            async for _word in engine.speak(provider, "sk-local", "m", PROMPT, running):
                continue

    try:
        with pytest.raises(ModelFailed) as failed:
            await ask()
    finally:
        await engine.close()
    return failed.value


@pytest.mark.parametrize(("kind", "serve"), BOTH)
@pytest.mark.parametrize(
    ("behaves", "says", "fault"),
    [
        (HTML, WEB_PAGE, Fault.BROKEN),
        ({**HTML, "garbage_type": "text/plain"}, WEB_PAGE, Fault.BROKEN),
        ({**HTML, "status": 404}, WEB_PAGE, Fault.BROKEN),
        ({**HTML, "status": 502}, "failed with status 502", Fault.BROKEN),
        ({"garbage": b'{"hello": 1}', "garbage_type": JSON_TYPE}, OTHER_JSON, Fault.BROKEN),
        ({"garbage": b"[1]", "garbage_type": JSON_TYPE}, OTHER_JSON, Fault.BROKEN),
        ({"garbage": b"Ollama is running", "garbage_type": "text/plain"}, "has no words in it", Fault.BROKEN),
        ({"ends_early": True}, ENDED, Fault.BROKEN),
        ({"breaks": True}, "broke off in the middle: the connection was lost", Fault.BROKEN),
        ({"status": 401}, "does not accept the key: enter one that it has given out", Fault.KEY),
        ({"status": 404}, "does not know this model", Fault.MODEL),
        ({"status": 429, "headers": {"Retry-After": "17"}}, "to be left alone for 17 seconds", Fault.BUSY),
        ({"status": 429}, "gets more requests than it takes; try again in a while", Fault.BUSY),
        (
            {"status": 307, "headers": {"Location": "https://user:pw@other.test/v1?key=sk"}},
            "sends the desk on to https://other.test/v1, and redirects are not followed",
            Fault.BROKEN,
        ),
    ],
)
async def test_each_way_to_fail_has_a_sentence_of_its_own(
    kind: Kind, serve: Callable[[], Any], behaves: dict[str, Any], says: str, fault: Fault
) -> None:
    async with serve() as server:
        for name, value in behaves.items():
            setattr(server, name, value)
        failed = await failure_of(kind, server.url)
        assert says in failed.sentence
        assert failed.fault is fault


@pytest.mark.parametrize(("kind", "serve"), BOTH)
@pytest.mark.parametrize("garbage", [b'{"hello": 1}', b"[1]", b"null", b"<p>", b"nonsense"])
async def test_a_form_filled_in_with_garbage_is_a_failure_of_the_provider(
    kind: Kind, serve: Callable[[], Any], garbage: bytes
) -> None:
    """The libraries stumble over some of it with errors of their own."""
    async with serve() as server:
        server.garbage, server.garbage_type = garbage, JSON_TYPE
        failed = await failure_of(kind, server.url, fills=True)
        assert any(word in failed.sentence for word in (OTHER_JSON, "something that is no JSON", WEB_PAGE))


async def test_a_broken_stream_of_events_and_an_error_within_one_are_told_apart() -> None:
    async with openai_server() as server:
        server.garbage = b"data: {not json\n\n"
        assert "something that is no JSON" in (await failure_of(Kind.OPENAI_COMPATIBLE, server.url)).sentence
        server.garbage = b'data: {"error": {"message": "out of memory"}}\n\n'
        said = (await failure_of(Kind.OPENAI_COMPATIBLE, server.url)).sentence
        assert said == "The provider has failed: out of memory"
        server.garbage = b'data: {"error": {"message": "what is sk-local?"}}\n\n'
        said = (await failure_of(Kind.OPENAI_COMPATIBLE, server.url)).sentence
        assert said == "The provider has failed: what is •••?"
        server.garbage, server.status, server.headers = b"", 307, {"Location": "/sk-local/v1"}
        assert "sk-local" not in (await failure_of(Kind.OPENAI_COMPATIBLE, server.url)).sentence


async def test_a_silent_provider_is_said_to_be_slow_with_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (guard, engines):
        monkeypatch.setattr(module, "TIMEOUTS", httpx2.Timeout(0.2))
    async with openai_server() as server:
        server.pauses = asyncio.Event()
        failed = await failure_of(Kind.OPENAI_COMPATIBLE, server.url)
        server.pauses.set()
    assert failed.sentence == "The provider did not answer in time: it was silent for 0.2 seconds."
    assert failed.fault is Fault.SLOW


async def test_why_there_is_no_connection(tmp_path: Path) -> None:
    async with openai_server() as server:
        there = server
        told = await failure_of(Kind.OPENAI_COMPATIBLE, server.url.replace("http://", "https://"))
        assert "does not speak TLS at this address" in told.sentence
    told = await failure_of(Kind.OPENAI_COMPATIBLE, there.url)
    assert (told.fault, "Nothing answers at the provider's address" in told.sentence) == (Fault.REACH, True)
    told = await failure_of(Kind.OPENAI_COMPATIBLE, "https://llm.invalid/v1")
    assert (told.fault, "is not found: look how it is spelled" in told.sentence) == (Fault.REACH, True)
    async with _self_signed(tmp_path) as url:
        told = await failure_of(Kind.OPENAI_COMPATIBLE, url)
    assert "certificate is not one that this server trusts: self-signed certificate" in told.sentence


@asynccontextmanager
async def _self_signed(folder: Path) -> AsyncIterator[str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = Clock().now()
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    certificate = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    text = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    (folder / "both.pem").write_bytes(text + certificate.sign(key, hashes.SHA256()).public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")

    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://localhost:{server.sockets[0].getsockname()[1]}/v1"
