"""Reading a document: cut, embed, store. In short transactions; nothing is open while the model runs."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Final

import structlog

from supportdesk.actor import Actor
from supportdesk.core.db import Database, Lane
from supportdesk.core.ids import uuid7
from supportdesk.errors import Invalid, StartError
from supportdesk.knowledge.actions import withdraw
from supportdesk.knowledge.cutting import cut_entry
from supportdesk.knowledge.embedding import MODEL
from supportdesk.knowledge.entries import take_table
from supportdesk.knowledge.events import DocumentsChanged
from supportdesk.knowledge.formats import Format
from supportdesk.knowledge.model import MAX_TITLE, Audience, Chunk, DocumentId
from supportdesk.knowledge.pool import BATCH, Embeddings, WorkerLost
from supportdesk.knowledge.queries import documents, places, reading
from supportdesk.knowledge.queries.reading import Claimed

log = structlog.get_logger(__name__)

LEASE: Final = timedelta(minutes=3)
"""Longer than the longest errand of a worker, and renewed after each: so long waits what a killed desk was reading."""
MOST_ATTEMPTS: Final = 3

Watch = Callable[[int, int], None]
"""Told after each batch: chunks embedded, chunks in all."""


@dataclass(frozen=True, slots=True)
class Read:
    """What reading a document came to."""

    document_id: DocumentId
    chunks: int
    problem: str | None = None


async def read_next(
    db: Database,
    embeddings: Embeddings,
    actor: Actor,
    *,
    document_id: DocumentId | None = None,
    watch: Watch | None = None,
) -> Read | None:
    """Read the oldest waiting document of the actor's workspace, or this one; None when there is none to read.

    A document that cannot be read is marked failed, with a sentence that says why; the rest is for the next sweep.
    """
    async with embeddings.reading():
        return await _read_next(db, embeddings, actor, document_id, watch or _nobody)


async def _read_next(
    db: Database, embeddings: Embeddings, actor: Actor, document_id: DocumentId | None, watch: Watch
) -> Read | None:
    claim = str(uuid7())
    async with db.transaction(actor, lane=Lane.BACKGROUND) as tx:
        claimed = await reading.claim_document(tx.conn, claim, LEASE, document_id)
        vectors = await places.has_vectors(tx.conn)
    if claimed is None:
        return None
    if claimed.attempt > MOST_ATTEMPTS:
        problem = f"The desk was stopped {MOST_ATTEMPTS} times while it read this document; split it."
        return await _give_up(db, actor, claimed, claim, problem)
    try:
        return await _read(db, embeddings, actor, claimed, claim, vectors=vectors, watch=watch)
    except Invalid as refused:
        return await _give_up(db, actor, claimed, claim, refused.sentence)
    except WorkerLost:
        return await _give_up(db, actor, claimed, claim, "The document takes too long or too much memory; split it.")
    except StartError as error:
        return await _give_up(db, actor, claimed, claim, str(error))
    except asyncio.CancelledError:  # the desk is stopping: the next one need not wait for our claim to end
        async with db.transaction(actor, lane=Lane.BACKGROUND) as tx:
            await reading.release_document(tx.conn, claimed.id, claim)
        raise


async def _read(
    db: Database, embeddings: Embeddings, actor: Actor, claimed: Claimed, claim: str, *, vectors: bool, watch: Watch
) -> Read | None:
    if claimed.mime_type == Format.CSV and claimed.content is None:
        return await _read_table(db, embeddings, actor, claimed, claim)
    chunks = await _chunks_of(db, embeddings, actor, claimed, claim)
    if chunks is None:
        return None
    if not chunks:
        return await _give_up(db, actor, claimed, claim, "The document has headings or links only, and no text.")
    return await _store(db, actor, claimed, claim, chunks, _Seer(embeddings) if vectors else None, watch)


async def _chunks_of(
    db: Database, embeddings: Embeddings, actor: Actor, claimed: Claimed, claim: str
) -> list[Chunk] | None:
    """The pieces of a document or an entry; None when it is no longer ours."""
    if claimed.phrasings is not None and claimed.content is not None:
        return cut_entry(claimed.title, claimed.phrasings, claimed.content)
    text = await _text_of(db, embeddings, actor, claimed, claim)
    return None if text is None else await embeddings.cut(*text)


async def _text_of(
    db: Database, embeddings: Embeddings, actor: Actor, claimed: Claimed, claim: str
) -> tuple[str, str] | None:
    """Title and text, read out of the original first where that has not been done; None when it is no longer ours."""
    if claimed.content is not None:
        return claimed.title, claimed.content
    async with db.read(actor, lane=Lane.BACKGROUND) as conn:
        original = await reading.find_original(conn, claimed.id)
    if original is None:
        return None
    extracted = await embeddings.extract(original)
    async with db.transaction(actor, lane=Lane.BACKGROUND) as tx:
        await reading.lock_versions(tx.conn, claimed.id)
        title = await reading.keep_text(tx.conn, claimed.id, claim, extracted, title_of(claimed.title))
        if title is None or not await reading.extend_claim(tx.conn, claimed.id, claim, LEASE, done=0, total=0):
            return None
        await withdraw(tx, actor, claimed.id)
        return title, extracted.text


async def _read_table(db: Database, embeddings: Embeddings, actor: Actor, claimed: Claimed, claim: str) -> Read | None:
    """Make entries of a table's rows; they wait to be read then, each for itself."""
    async with db.read(actor, lane=Lane.BACKGROUND) as conn:
        original = await reading.find_original(conn, claimed.id)
    if original is None:
        return None
    extracted = await embeddings.extract(original)
    async with db.transaction(actor, lane=Lane.BACKGROUND) as tx:
        versions = await reading.lock_versions(tx.conn, claimed.id)  # first, as wherever versions are changed
        title = await reading.keep_text(tx.conn, claimed.id, claim, extracted, title_of(claimed.title))
        if title is None or not await reading.complete_document(tx.conn, claimed.id, claim, None, 0):
            return None
        table = await documents.find_document(tx.conn, claimed.id, list(Audience))
        if table is None:
            return None
        await take_table(tx, actor, table, extracted.pairs)
        replaced = await reading.replace_versions(tx.conn, versions)
        await reading.delete_originals(tx.conn, [claimed.id, *replaced])
        tx.announce(DocumentsChanged(workspace_id=actor.workspace_id, document_id=claimed.id))
    return Read(claimed.id, len(extracted.pairs))


def title_of(filename: str) -> str:
    """A file's name as a title: its last part without the ending."""
    stem = PurePosixPath(filename).stem
    return stem.replace("-", " ").replace("_", " ").strip()[:MAX_TITLE] or filename[:MAX_TITLE]


@dataclass(frozen=True, slots=True)
class _Meanings:
    """Of each chunk of a batch: tokens, its vector and its heading's as pgvector writes them, None without pgvector."""

    tokens: list[int]
    texts: list[str | None]
    questions: list[str | None]


class _Seer:
    """Embeds the batches of one document; a heading that several of them have is embedded once."""

    def __init__(self, embeddings: Embeddings) -> None:
        self._embeddings = embeddings
        self._known: dict[str, str] = {}

    async def see(self, batch: Sequence[Chunk]) -> _Meanings:
        """What the model makes of these chunks. Raises WorkerLost."""
        headings = dict.fromkeys(chunk.question for chunk in batch)
        fresh = [question for question in headings if question not in self._known]
        embedded = await self._embeddings.of_passages([*(chunk.passage for chunk in batch), *fresh])
        self._known.update(zip(fresh, embedded.vectors[len(batch) :], strict=True))
        return _Meanings(
            list(embedded.tokens[: len(batch)]),
            list(embedded.vectors[: len(batch)]),
            [self._known[chunk.question] for chunk in batch],
        )


async def _store(
    db: Database,
    actor: Actor,
    claimed: Claimed,
    claim: str,
    chunks: Sequence[Chunk],
    seer: _Seer | None,
    watch: Watch,
) -> Read | None:
    """Store the chunks as they are embedded, a batch at a time; searches find them when the document is complete.

    In small transactions: the vectors' graph costs PostgreSQL milliseconds a chunk, which those who talk would wait for
    if a whole document came at once.
    """
    tokens = 0
    async with db.transaction(actor, lane=Lane.BACKGROUND) as tx:
        if not await reading.extend_claim(tx.conn, claimed.id, claim, LEASE, done=0, total=len(chunks)):
            return None
        await reading.delete_chunks(tx.conn, [claimed.id])  # what an attempt that was cut short had stored
    for start in range(0, len(chunks), BATCH):
        batch = chunks[start : start + BATCH]
        meanings = (
            await seer.see(batch) if seer else _Meanings([0] * len(batch), [None] * len(batch), [None] * len(batch))
        )
        done = start + len(batch)
        async with db.transaction(actor, lane=Lane.BACKGROUND) as tx:
            if not await reading.extend_claim(tx.conn, claimed.id, claim, LEASE, done=done, total=len(chunks)):
                return None  # removed meanwhile, or taken over: whoever has it now goes on
            await reading.store_chunks(
                tx.conn,
                actor.workspace_id,
                claimed.id,
                batch,
                tokens=meanings.tokens,
                embeddings=meanings.texts,
                question_embeddings=meanings.questions,
            )
        tokens += sum(meanings.tokens)
        watch(done, len(chunks))
    if not await _complete(db, actor, claimed, claim, MODEL if seer else None, tokens):
        return None
    log.info("knowledge.read", document_id=str(claimed.id), chunks=len(chunks))
    return Read(claimed.id, len(chunks))


async def _complete(db: Database, actor: Actor, claimed: Claimed, claim: str, model: str | None, tokens: int) -> bool:
    """State and the end of older versions in one transaction: a search sees the old text or the new."""
    async with db.transaction(actor, lane=Lane.BACKGROUND) as tx:
        versions = await reading.lock_versions(tx.conn, claimed.id)
        if not await reading.complete_document(tx.conn, claimed.id, claim, model, tokens):
            return False
        replaced = await reading.replace_versions(tx.conn, versions)
        await reading.delete_chunks(tx.conn, replaced)
        await reading.delete_originals(tx.conn, [claimed.id, *replaced])
        tx.announce(DocumentsChanged(workspace_id=actor.workspace_id, document_id=claimed.id))
        return True


async def _give_up(db: Database, actor: Actor, claimed: Claimed, claim: str, problem: str) -> Read:
    async with db.transaction(actor, lane=Lane.BACKGROUND) as tx:
        if await reading.fail_document(tx.conn, claimed.id, claim, problem):
            await reading.delete_chunks(tx.conn, [claimed.id])
    log.warning("knowledge.not_read", document_id=str(claimed.id), problem=problem)
    return Read(claimed.id, 0, problem)


def _nobody(done: int, of: int) -> None:
    """Watches when nobody else does."""
