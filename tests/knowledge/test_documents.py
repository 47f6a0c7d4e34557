"""Documents: taken in once, read, replaced when the new version is ready, never half there."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest

from supportdesk.actor import ActorKind
from supportdesk.core.db import Lane
from supportdesk.errors import Forbidden, Invalid, NotFound, StartError, TooLarge
from supportdesk.knowledge import access, actions
from supportdesk.knowledge.embedding import MODEL
from supportdesk.knowledge.events import DocumentAdded, DocumentsChanged
from supportdesk.knowledge.jobs import read_documents
from supportdesk.knowledge.model import MAX_DOCUMENT_BYTES, Document, Outcome, Processing
from supportdesk.knowledge.pool import Embedded, WorkerLate, WorkerLost
from supportdesk.knowledge.processing import MOST_ATTEMPTS
from supportdesk.knowledge.queries import documents, reading
from tests.factories import Connection
from tests.knowledge.conftest import MakeShelf, Shelf

TEXT = "You can return an item within 30 days.\n\n## Who pays for the return?\n\nReturns are free in the Netherlands.\n"


async def present(shelf: Shelf, document: Document) -> Document:
    async with shelf.db.read(shelf.system) as conn:
        return await access.document_for(conn, shelf.system, document.id)


async def test_a_document_is_cut_embedded_and_found(shelf: Shelf, owner: Connection) -> None:
    document = await shelf.holds(TEXT)
    after = await present(shelf, document)
    assert after.processing_status is Processing.COMPLETED
    assert after.tokens_used > 20
    rows = await owner.fetch("SELECT * FROM document_chunks WHERE document_id = $1 ORDER BY chunk_index", document.id)
    assert [row["content"] for row in rows] == [
        "You can return an item within 30 days.",
        "Returns are free in the Netherlands.",
    ]
    assert all(TEXT[row["start_position"] : row["end_position"]] == row["content"] for row in rows)
    assert [row["question"] for row in rows] == ["Returns", "Who pays for the return?"]
    assert all(row["embedding"] is not None and row["question_embedding"] is not None for row in rows)
    assert await owner.fetchval("SELECT embedding_model FROM documents WHERE id = $1", document.id) == MODEL
    assert (await shelf.finds("do I have to pay to send it back?"))[0].text == "Returns are free in the Netherlands."
    assert [type(event) for event in shelf.heard] == [DocumentAdded, DocumentsChanged]


async def test_the_same_bytes_again_change_nothing(shelf: Shelf) -> None:
    first = await shelf.holds(TEXT)
    second, outcome = await shelf.add(TEXT)
    assert (second.id, outcome) == (first.id, Outcome.UNCHANGED)
    third, outcome = await shelf.add(TEXT, "another name.md")
    assert (third.id, outcome) == (first.id, Outcome.DUPLICATE)
    assert await shelf.read() is None


async def test_a_new_version_takes_over_only_when_it_is_read(shelf: Shelf, owner: Connection) -> None:
    old = await shelf.holds(TEXT)
    new, outcome = await shelf.add(TEXT.replace("30 days", "60 days"))
    assert (outcome, new.version) == (Outcome.REPLACES, 2)
    assert "30 days" in (await shelf.finds("how long can I return an item?"))[0].text
    await shelf.read()
    texts = [hit.text for hit in await shelf.finds("how long can I return an item?", limit=10)]
    assert any("60 days" in text for text in texts)
    assert not any("30 days" in text for text in texts)
    assert await owner.fetchval("SELECT count(*) FROM document_chunks WHERE document_id = $1", old.id) == 0
    assert await owner.fetchval("SELECT content FROM documents WHERE id = $1", old.id) == TEXT
    with pytest.raises(NotFound):
        await present(shelf, old)


async def test_going_back_to_an_earlier_text_is_a_version_of_its_own(shelf: Shelf) -> None:
    await shelf.holds(TEXT)
    await shelf.holds(TEXT + "More.")
    assert (await shelf.holds(TEXT)).version == 3
    assert len(await shelf.finds("return", limit=10)) == 2


async def test_versions_read_in_the_wrong_order_leave_the_newest(shelf: Shelf, owner: Connection) -> None:
    first, _ = await shelf.add(TEXT)
    second, _ = await shelf.add(TEXT + "\nMore about it.\n")
    await owner.execute("UPDATE documents SET processing_status = 'processing' WHERE id = $1", first.id)
    await shelf.read()
    await owner.execute("UPDATE documents SET processing_status = 'pending' WHERE id = $1", first.id)
    await shelf.read()
    alive = await owner.fetch(
        "SELECT id FROM documents WHERE workspace_id = $1 AND deleted_at IS NULL", shelf.workspace_id
    )
    assert [row["id"] for row in alive] == [second.id]
    assert await owner.fetchval("SELECT count(*) FROM document_chunks WHERE document_id = $1", first.id) == 0


async def test_versions_that_complete_at_once_leave_one(shelf: Shelf, owner: Connection) -> None:
    for number in range(4):
        await shelf.add(f"{TEXT}\nVersion {number}.\n")
    await asyncio.gather(*(shelf.read() for _ in range(4)))
    alive = await owner.fetch(
        "SELECT version FROM documents WHERE workspace_id = $1 AND deleted_at IS NULL", shelf.workspace_id
    )
    assert [row["version"] for row in alive] == [4]


async def test_a_document_is_read_by_one_only(shelf: Shelf) -> None:
    await shelf.add(TEXT)
    results = await asyncio.gather(*(shelf.read() for _ in range(4)))
    assert sum(result is not None for result in results) == 1


async def test_no_more_documents_are_claimed_than_there_are_workers(shelf: Shelf, owner: Connection) -> None:
    embed, seen = shelf.embeddings.of_passages, []

    async def watched(texts: Sequence[str]) -> Embedded:
        seen.append(
            await owner.fetchval(
                "SELECT count(*) FROM documents WHERE workspace_id = $1 AND processing_status = 'processing'",
                shelf.workspace_id,
            )
        )
        return await embed(texts)

    for number in range(3):
        await shelf.add(f"Text {number}.", f"{number}.md")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(shelf.embeddings, "of_passages", watched)
        results = await asyncio.gather(*(shelf.read() for _ in range(3)))
    assert all(result is not None for result in results)
    assert seen == [1, 1, 1]


async def test_a_document_without_text_fails_with_a_reason_and_can_be_tried_again(shelf: Shelf) -> None:
    document, _ = await shelf.add("# Only a heading\n")
    read = await shelf.read()
    assert read is not None
    assert read.problem == "The document has headings or links only, and no text."
    after = await present(shelf, document)
    assert (after.processing_status, after.error_message) == (Processing.FAILED, read.problem)
    _, outcome = await shelf.add("# Only a heading\n")
    assert outcome is Outcome.UNCHANGED
    assert (await present(shelf, document)).processing_status is Processing.PENDING


@pytest.mark.parametrize(
    ("raised", "sentence"),
    [
        (WorkerLate("late"), "The document takes too long or too much memory; split it."),
        (StartError("The model is gone."), "The model is gone."),
    ],
)
async def test_a_failing_model_fails_the_document_not_the_desk(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, raised: Exception, sentence: str
) -> None:
    async def broken(*_: object) -> object:
        raise raised

    document, _ = await shelf.add(TEXT)
    monkeypatch.setattr(shelf.embeddings, "of_passages", broken)
    read = await shelf.read()
    assert read is not None
    assert read.problem == sentence
    assert (await present(shelf, document)).error_message == sentence


async def test_what_a_crash_left_in_the_middle_is_read_when_its_claim_ends(shelf: Shelf, owner: Connection) -> None:
    document, _ = await shelf.add(TEXT)
    async with shelf.db.transaction(shelf.system) as tx:
        assert await reading.claim_document(tx.conn, "a desk that died", timedelta(minutes=3), None)
    assert await shelf.read() is None
    await owner.execute("UPDATE documents SET claimed_until = now() - interval '1 s' WHERE id = $1", document.id)
    assert await shelf.read() is not None


async def test_a_document_that_kills_the_desk_each_time_is_given_up(shelf: Shelf, owner: Connection) -> None:
    document, _ = await shelf.add(TEXT)
    await owner.execute("UPDATE documents SET attempt = $2 WHERE id = $1", document.id, MOST_ATTEMPTS)
    read = await shelf.read()
    assert read is not None
    assert read.problem is not None
    assert "was stopped 3 times" in read.problem


async def test_a_desk_that_stops_gives_its_document_back(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    started = asyncio.Event()

    async def endless(*_: object) -> object:
        started.set()
        return await asyncio.Event().wait()

    document, _ = await shelf.add(TEXT)
    with monkeypatch.context() as patched:
        patched.setattr(shelf.embeddings, "of_passages", endless)
        async with asyncio.TaskGroup() as group:
            reading = group.create_task(shelf.read())
            await started.wait()
            reading.cancel()
    assert (await present(shelf, document)).processing_status is Processing.PENDING
    assert await shelf.read() is not None


LONG = "\n\n".join(f"## Part {number}\n\n{'Parcels take a week. ' * 20}" for number in range(12))


CHUNKS = "SELECT count(*) FROM document_chunks WHERE document_id = $1"


@dataclass
class Interrupted:
    """Embeds one batch, and then something happens."""

    embed: Callable[[Sequence[str]], Awaitable[Embedded]]
    happens: BaseException
    batches: int = 0

    async def __call__(self, texts: Sequence[str]) -> Embedded:
        self.batches += 1
        if self.batches == 3:
            raise self.happens
        return await self.embed(texts)


async def test_what_an_interrupted_reader_had_stored_is_not_found_and_not_there_twice(
    shelf: Shelf, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, _ = await shelf.add(LONG)
    with monkeypatch.context() as patched:
        patched.setattr(
            *(shelf.embeddings, "of_passages", Interrupted(shelf.embeddings.of_passages, asyncio.CancelledError()))
        )
        with pytest.raises(asyncio.CancelledError):
            await shelf.read()
    assert await owner.fetchval(CHUNKS, document.id) == 8, "two batches"
    assert await shelf.finds("how long do parcels take?") == []
    read = await shelf.read()
    assert read is not None
    assert await owner.fetchval(CHUNKS, document.id) == read.chunks > 8
    assert await shelf.finds("how long do parcels take?")


async def test_of_what_could_not_be_read_to_its_end_nothing_stays(
    shelf: Shelf, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, _ = await shelf.add(LONG)
    interrupted = Interrupted(shelf.embeddings.of_passages, WorkerLost())
    monkeypatch.setattr(shelf.embeddings, "of_passages", interrupted)
    read = await shelf.read()
    assert read is not None
    assert read.problem
    assert interrupted.batches == 3
    assert await owner.fetchval(CHUNKS, document.id) == 0


async def test_of_what_is_wanted_no_more_before_it_is_read_nothing_stays(
    shelf: Shelf, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shelf.holds("Parcels take a week.")
    unread, _ = await shelf.add(LONG)
    monkeypatch.setattr(
        *(shelf.embeddings, "of_passages", Interrupted(shelf.embeddings.of_passages, asyncio.CancelledError()))
    )
    with pytest.raises(asyncio.CancelledError):
        await shelf.read()
    assert await owner.fetchval(CHUNKS, unread.id) == 8
    await shelf.add("Parcels take a week.")
    assert await owner.fetchval(CHUNKS, unread.id) == 0, "the text that stands was sent again"


async def test_a_reader_that_lost_its_claim_stores_nothing(
    shelf: Shelf, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, _ = await shelf.add(TEXT)
    embed = shelf.embeddings.of_passages

    async def slow(texts: list[str]) -> object:
        await owner.execute("UPDATE documents SET claimed_by = 'somebody else' WHERE id = $1", document.id)
        return await embed(texts)

    monkeypatch.setattr(shelf.embeddings, "of_passages", slow)
    assert await shelf.read() is None
    assert await owner.fetchval("SELECT count(*) FROM document_chunks WHERE document_id = $1", document.id) == 0


async def test_a_removed_document_is_found_no_more(shelf: Shelf) -> None:
    document = await shelf.holds(TEXT)
    async with shelf.db.transaction(shelf.system) as tx:
        await actions.remove_document(tx, shelf.system, document.id)
    assert await shelf.finds("return an item") == []
    with pytest.raises(NotFound):
        await present(shelf, document)


async def test_adding_and_removing_need_the_permission(shelf: Shelf) -> None:
    agent = shelf.actor(ActorKind.AGENT)
    document = await shelf.holds(TEXT)
    async with shelf.db.transaction(agent) as tx:
        with pytest.raises(Forbidden):
            await actions.create_document(tx, agent, shelf.new("More."))
        with pytest.raises(Forbidden):
            await actions.remove_document(tx, agent, document.id)


async def test_what_cannot_become_a_document_is_refused_in_a_sentence(shelf: Shelf) -> None:
    async with shelf.db.transaction(shelf.system) as tx:
        for new, error in (
            (shelf.new("  \n "), Invalid),
            (shelf.new(TEXT, "n" * 501), Invalid),
            (shelf.new(TEXT, source_url="javascript:alert(1)"), Invalid),
            (shelf.new(TEXT, source_url="//evil.test/x"), Invalid),
            (shelf.new("x" * (MAX_DOCUMENT_BYTES + 1)), TooLarge),
        ):
            with pytest.raises(error):
                await actions.create_document(tx, shelf.system, new)


async def test_the_sweep_reads_the_documents_of_all_workspaces(make_shelf: MakeShelf) -> None:
    one, other = await make_shelf(), await make_shelf()
    await one.add(TEXT)
    await other.add(TEXT)
    nothing, _ = await other.add("# Nothing\n", "nothing.md")
    await read_documents(one.db, one.embeddings)
    assert (await present(other, nothing)).processing_status is Processing.FAILED
    assert await one.finds("return an item")
    assert await other.finds("return an item")


async def test_another_workspace_can_neither_see_nor_remove_a_document(make_shelf: MakeShelf) -> None:
    mine, other = await make_shelf(), await make_shelf()
    document = await mine.holds(TEXT)
    async with other.db.transaction(other.system, lane=Lane.WEB) as tx:
        with pytest.raises(NotFound):
            await actions.remove_document(tx, other.system, document.id)
        audiences = access.reach_of(other.system).audiences
        assert await documents.list_documents(tx.conn, other.system, audiences, None, 10) == []
    assert await mine.finds("return an item")
