"""Files by HTTP: read in the background, refused early when too large, and never left half there."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import aiohttp

from supportdesk.knowledge.model import MAX_FILE_BYTES
from supportdesk.knowledge.pool import Embeddings
from tests.knowledge import files
from tests.people import Agent, Desk
from tests.schema.rows import sql

TEXT = "Refunds take five working days."


def form(content: Any, name: str = "refunds.pdf", **fields: str) -> aiohttp.FormData:
    made = aiohttp.FormData(fields)
    made.add_field("file", content, filename=name, content_type="application/octet-stream")
    return made


async def sends(agent: Agent, content: Any, name: str = "refunds.pdf", **fields: str) -> tuple[int, Any]:
    url = f"{agent.desk.url}/api/v1/documents"
    async with agent.http.post(url, data=form(content, name, **fields), headers={"X-CSRF-Token": agent.csrf}) as answer:
        return answer.status, await answer.json()


async def count(desk: Desk, table: str) -> int:
    """Rows of the desk's workspace."""
    query = sql("SELECT count(*) FROM {table} WHERE workspace_id = $1", table=table)
    found: int = await desk.owner.fetchval(query, desk.workspace.id)
    return found


async def test_a_pdf_is_sent_read_and_its_bytes_are_let_go(desk: Desk) -> None:
    admin = await desk.signed_in("admin")
    status, made = await sends(admin, files.pdf(TEXT, "To the card you have paid with."), title="Refunds")
    assert (status, made["processing_status"], made["mime_type"]) == (201, "pending", "application/pdf")
    await desk.settle()
    _, read = await admin.fetches("GET", f"/api/v1/documents/{made['id']}")
    assert (read["processing_status"], read["title"]) == ("completed", "Refunds")
    assert read["chunks_done"] == read["chunks_total"] > 0
    assert await count(desk, "document_originals") == 0
    assert TEXT in await desk.owner.fetchval("SELECT content FROM documents WHERE id = $1", made["id"])


async def test_what_could_not_be_read_says_why_and_is_read_again(desk: Desk) -> None:
    admin = await desk.signed_in("admin")
    _, made = await sends(admin, files.pdf(TEXT, password="pw"))
    await desk.settle()
    address = f"/api/v1/documents/{made['id']}"
    _, failed = await admin.fetches("GET", address)
    assert (failed["processing_status"], failed["error_message"]) == (
        "failed",
        "The PDF needs a password; save it without one.",
    )
    assert await count(desk, "document_originals") == 1, "it may be read again"
    _, again = await admin.fetches("POST", f"{address}/reading", {})
    assert again["processing_status"] == "pending"
    await desk.settle()
    assert (await admin.fetches("GET", address))[1]["processing_status"] == "failed"
    assert (await admin.fetches("DELETE", address))[0] == 204
    assert await count(desk, "document_originals") == 0


async def test_the_same_bytes_are_the_same_document_and_other_bytes_the_next_version(desk: Desk) -> None:
    admin = await desk.signed_in("admin")
    _, one = await sends(admin, b"# Refunds\n\nFive days.", "a.md")
    _, twin = await sends(admin, b"# Refunds\n\nFive days.", "b.md")
    _, next_one = await sends(admin, b"# Refunds\n\nSix days.", "a.md")
    assert (twin["id"], next_one["version"]) == (one["id"], 2)
    await desk.settle()
    _, listed = await admin.fetches("GET", "/api/v1/documents")
    assert [(each["title"], each["version"]) for each in listed["items"]] == [("Refunds", 2)]


async def test_a_staff_file_stays_with_the_staff_whatever_its_sender_forgot(desk: Desk) -> None:
    admin = await desk.signed_in("admin")
    _, made = await sends(admin, b"---\naudience: staff\n---\n# Goodwill\n\nUp to 20 euro.", "goodwill.md")
    await desk.settle()
    assert (await admin.fetches("GET", f"/api/v1/documents/{made['id']}"))[1]["audience"] == "staff"


async def test_forms_that_are_none_are_refused(desk: Desk) -> None:
    admin = await desk.signed_in("admin")
    assert (await sends(admin, b"\x89PNG\r\n\x1a\n", "a.pdf"))[1]["error"]["code"] == "invalid"
    assert (await sends(admin, b"Text.", "a.txt", audience="everybody"))[0] == 422
    assert (await sends(admin, b"Text.", "a.txt", workspace_id="x"))[0] == 422
    two = form(b"One.", "one.txt")
    two.add_field("file", b"Two.", filename="two.txt")
    headers = {"X-CSRF-Token": admin.csrf}
    url = f"{desk.url}/api/v1/documents"
    async with admin.http.post(url, data=two, headers=headers) as answer:
        assert (answer.status, "one file" in await answer.text()) == (400, True)
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    for body in (b"", b"--x\r\nno end", b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n\xff\r\n--x--\r\n"):
        async with admin.http.post(url, data=body, headers=headers | kind) as answer:
            assert answer.status == 400, await answer.text()
    agent = await desk.signed_in("t1")
    assert (await sends(agent, b"Text.", "a.txt"))[0] == 403


async def test_a_file_beyond_the_limit_is_refused_by_its_announced_length_or_while_it_comes(desk: Desk) -> None:
    admin = await desk.signed_in("admin")
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(300):
            taken += 1
            yield b"x" * 2**20

    status, refused = await sends(admin, endless(), "huge.txt")
    assert (status, refused["error"]["code"]) == (413, "too_large")
    assert "larger than 25 MB" in refused["error"]["message"]
    host, port = desk.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    cookie = "; ".join(f"{each.key}={each.value}" for each in admin.http.cookie_jar)
    writer.write(
        f"POST /api/v1/documents HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: {cookie}\r\nX-CSRF-Token: {admin.csrf}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 314572800\r\n\r\n--x\r\n".encode()
    )
    assert b" 413 " in await asyncio.wait_for(reader.readline(), 5), "nothing of it had to be sent"
    writer.close()
    assert await count(desk, "documents") == 0


async def test_only_the_way_for_files_takes_more_than_a_megabyte(desk: Desk) -> None:
    admin = await desk.signed_in("admin")
    body = io.BytesIO(b'{"filename": "a.md", "title": "A", "content": "' + b"x" * (2 * 2**20) + b'"}')
    headers = {"X-CSRF-Token": admin.csrf, "Content-Type": "application/json"}
    async with admin.http.post(f"{desk.url}/api/v1/documents", data=body, headers=headers) as answer:
        assert answer.status == 413
    assert (await sends(admin, io.BytesIO(b"<html><p>Text.</p><!--%b-->" % (b"x" * 2**21)), "long.html"))[0] == 201
    assert MAX_FILE_BYTES == 25 * 2**20


async def test_an_upload_that_breaks_off_leaves_nothing(desk: Desk) -> None:
    admin = await desk.signed_in("admin")

    async def broken() -> AsyncIterator[bytes]:
        yield b"Half a "
        raise ConnectionResetError

    with suppress(aiohttp.ClientError, ConnectionResetError):
        await sends(admin, broken(), "half.txt")
    await desk.settle()
    assert await count(desk, "documents") == 0
    assert desk.resources.get(Embeddings).pids == []


async def test_answers_made_from_earlier_documents_are_forgotten(desk: Desk) -> None:
    admin = await desk.signed_in("admin")
    await desk.owner.execute(
        "INSERT INTO ai_cache (workspace_id, model, prompt_hash, prompt_summary, response_text, tokens_used, ttl) "
        "VALUES ($1, 'openai/gpt-4o', repeat('a', 64), 'p', 'r', 1, now() + interval '1 day')",
        desk.workspace.id,
    )
    await sends(admin, b"# Refunds\n\nSix days.", "a.md")
    await desk.settle()
    assert await count(desk, "ai_cache") == 0
