"""Documents from the web: asked for politely, once when they are added and then every day."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from protego import Protego
from yarl import URL

from supportdesk.actor import Actor, Permission
from supportdesk.core.db import Database, Lane
from supportdesk.core.outward import Outward, Reply, address_of
from supportdesk.errors import DeskError, Invalid, TooLarge, Unanswered
from supportdesk.knowledge.actions import create_document
from supportdesk.knowledge.formats import sniff
from supportdesk.knowledge.model import (
    MAX_FILE_BYTES,
    MAX_FILENAME,
    Audience,
    Document,
    DocumentId,
    Fetched,
    Home,
    NewDocument,
    Outcome,
    clean,
)
from supportdesk.knowledge.queries import documents, reading, web

AGENT: Final = "SupportDesk"
TIMEOUT_S: Final = 20.0
RULES_TIMEOUT_S: Final = 10.0
RULES_BYTES: Final = 512 * 1024
"""What RFC 9309 asks of a reader of robots.txt at least."""
OK: Final = 200
UNCHANGED: Final = 304
ENCODINGS: Final = frozenset(
    {
        *("utf-8", "utf8", "utf-16", "utf-16le", "utf-16be", "us-ascii", "ascii", "latin1", "koi8-r", "koi8-u"),
        *(f"iso-8859-{part}" for part in range(1, 17) if part != 12),  # noqa: PLR2004 - there is no twelfth part
        *(f"windows-{page}" for page in range(1250, 1259)),
        *("gb2312", "gbk", "gb18030", "big5", "shift_jis", "euc-jp", "iso-2022-jp", "euc-kr", "macintosh"),
    }
)
"""What pages are written in. Python knows codecs besides that are no encoding of text, or take for ever."""
SAYS: Final[Mapping[int, str]] = {
    401: "asks for a sign-in; only open pages can be read",
    403: "does not let the desk read this page",
    404: "has no page at this address",
    410: "has no page at this address any more",
    429: "is asked too often; try again later",
}


@dataclass(frozen=True, slots=True)
class Found:
    """What a server answered: the page's bytes, and what it wants to hear when it is asked again."""

    content: bytes
    fetched: Fetched


async def add_from_web(
    db: Database,
    outward: Outward,
    actor: Actor,
    url: str,
    *,
    audience: Audience = Audience.GUESTS,
    home: Home | None = None,
) -> tuple[Document, Outcome]:
    """Fetch a page and take it in; it is asked for again every day.

    Raises Forbidden, Invalid, TooLarge, Unanswered with a sentence that says what is wrong with the address.
    """
    actor.must(Permission.KNOWLEDGE_WRITE)
    address = str(address_of(url).with_fragment(None))
    found = await fetch(outward, address)
    assert found is not None, "without an ETag nothing is unchanged"  # noqa: S101 - for the type checker
    new = await asyncio.to_thread(_document, actor, found, audience, home or Home())
    async with db.transaction(actor) as tx:
        return await create_document(tx, actor, new)


async def look_again(db: Database, outward: Outward, actor: Actor, document_id: DocumentId) -> bool:
    """Ask for a page anew: whether it has changed and becomes the next version. What went wrong is kept beside it."""
    async with db.read(actor, lane=Lane.BACKGROUND) as conn:
        known = await web.find_source(conn, document_id)
    if known is None:
        return False
    problem: str | None = None
    outcome = Outcome.UNCHANGED
    try:
        found = await fetch(outward, known.fetched.url, known.fetched)
        if found is not None:
            new = await asyncio.to_thread(_document, actor, found, known.audience, known.home)
            async with db.transaction(actor, lane=Lane.BACKGROUND) as tx:
                # Moved or removed while its server was asked: the next look knows where it belongs.
                await documents.take_turns(tx.conn, actor.workspace_id)
                await reading.lock_versions(tx.conn, document_id)
                still = await web.find_source(tx.conn, document_id)
                if still is None or (still.audience, still.home) != (known.audience, known.home):
                    return False
                _, outcome = await create_document(tx, actor, new)
    except DeskError as error:
        problem = error.sentence
    async with db.transaction(actor, lane=Lane.BACKGROUND) as tx:
        await web.note_look(tx.conn, document_id, problem)
    return outcome is Outcome.REPLACES


async def fetch(outward: Outward, url: str, known: Fetched | None = None) -> Found | None:
    """The page, if its site lets robots read it; None when it is still the one that is known."""

    async def allowed(there: URL) -> None:
        await _must_be_allowed(outward, there)

    await allowed(URL(url))
    headers = {"User-Agent": f"{AGENT} (knowledge)", "Accept": "text/html, text/plain, application/pdf, */*;q=0.5"}
    if known is not None and known.etag:
        headers["If-None-Match"] = known.etag
    if known is not None and known.last_modified:
        headers["If-Modified-Since"] = known.last_modified
    try:
        reply = await outward.request(
            "GET", url, headers=headers, timeout_s=TIMEOUT_S, most_bytes=MAX_FILE_BYTES, onward=allowed
        )
    except TooLarge:
        raise TooLarge(f"The page at {URL(url).host} is larger than {MAX_FILE_BYTES // 2**20} MB.") from None
    if reply.status == UNCHANGED and known is not None:
        return None
    if reply.status != OK:
        says = SAYS.get(reply.status, f"answered with the status {reply.status}")
        raise Unanswered(f"{URL(url).host} {says}.")
    etag, modified = reply.headers.get("etag", ""), reply.headers.get("last-modified", "")
    return Found(await asyncio.to_thread(_as_utf8, reply), Fetched(url, etag[:500] or None, modified[:100] or None))


async def _must_be_allowed(outward: Outward, url: URL) -> None:
    """Raise Invalid where the site's robots.txt keeps this page from robots; a site without one has no objection."""
    rules = str(url.origin() / "robots.txt")
    reply = await outward.request(
        "GET", rules, headers={"User-Agent": AGENT}, timeout_s=RULES_TIMEOUT_S, most_bytes=RULES_BYTES
    )
    if reply.status >= 500:  # noqa: PLR2004 - RFC 9309: a server in trouble is to be left alone
        raise Unanswered(f"{url.host} cannot say just now whether robots may read it; try again later.")
    if reply.status != OK:
        return
    if not Protego.parse(reply.body.decode("utf-8", "replace")).can_fetch(str(url), AGENT):
        raise Invalid(f"The robots.txt of {url.host} asks robots not to read this page, and the desk keeps to it.")


def _as_utf8(reply: Reply) -> bytes:
    """The bytes, in UTF-8 where the server names another encoding."""
    kind, _, rest = reply.headers.get("content-type", "").partition(";")
    name = rest.casefold().partition("charset=")[2].partition(";")[0].strip(" \"'")
    if not kind.startswith("text/") or name not in ENCODINGS:
        return reply.body
    try:
        return reply.body.decode(name).encode()
    except (LookupError, ValueError):
        return reply.body


def _document(actor: Actor, found: Found, audience: Audience, home: Home) -> NewDocument:
    return NewDocument(
        workspace_id=actor.workspace_id,
        filename=_name(clean(found.fetched.url)),
        title=None,
        content=None,
        original=found.content,
        content_hash=hashlib.sha256(found.content + audience.encode()).hexdigest(),
        file_size=len(found.content),
        mime_type=sniff(found.content),
        source_url=found.fetched.url,
        audience=audience,
        home=home,
        fetched=found.fetched,
    )


def _name(url: str) -> str:
    """The address as a name; two long ones that begin alike stay two."""
    if len(url) <= MAX_FILENAME:
        return url
    return f"{url[: MAX_FILENAME - 20]} {hashlib.sha256(url.encode()).hexdigest()[:16]}"
