"""Versions that guests may no longer read, that are taken back, and tables with what they brought."""

import asyncio
import hashlib

import pytest

from supportdesk.core.tasks import Tasks
from supportdesk.errors import Invalid
from supportdesk.knowledge import access, actions, entries
from supportdesk.knowledge.events import EntriesChanged
from supportdesk.knowledge.model import Audience, Document, Home, NewDocument, NewEntry, Outcome, Scope
from supportdesk.knowledge.queries import documents, reading
from tests.factories import Connection
from tests.knowledge.conftest import Shelf
from tests.knowledge.test_scopes import make_team


async def brings(
    shelf: Shelf, rows: str, home: Home | None = None, *, read: bool = True, audience: Audience = Audience.GUESTS
) -> Document:
    """Add a table of questions and answers called faq.csv."""
    raw = f"question,answer\n{rows}".encode()
    new = NewDocument(
        workspace_id=shelf.workspace_id,
        filename="faq.csv",
        title=None,
        content=None,
        original=raw,
        content_hash=hashlib.sha256(raw).hexdigest(),
        file_size=len(raw),
        mime_type="text/csv",
        home=home or Home(),
        audience=audience,
    )
    async with shelf.db.transaction(shelf.system) as tx:
        document, _ = await actions.create_document(tx, shelf.system, new)
    while read and await shelf.read():
        pass
    return document


async def test_a_teams_table_answers_nobody_else_and_takes_nothing_from_a_namesake(
    shelf: Shelf, owner: Connection
) -> None:
    homes = [Home(Scope.TEAM, team_id=await make_team(owner, shelf.workspace_id)) for _ in range(2)]
    await brings(shelf, "When do you open?,At nine.\n", homes[0])
    await brings(shelf, "How do I pay?,By card.\n", homes[1])
    assert await shelf.finds("when do you open?") == []
    async with shelf.db.read(shelf.system) as conn:
        kept = await conn.fetch("SELECT question FROM knowledge_entries WHERE deleted_at IS NULL")
    assert {row["question"] for row in kept} == {"When do you open?", "How do I pay?"}


async def test_a_removed_table_takes_its_answers_along(shelf: Shelf) -> None:
    table = await brings(shelf, "When do you open?,At nine.\n")
    assert await shelf.finds("when do you open?")
    async with shelf.db.transaction(shelf.system) as tx:
        await actions.remove_document(tx, shelf.system, table.id)
    assert await shelf.finds("when do you open?") == []


async def test_what_becomes_the_staffs_is_gone_for_guests_before_it_is_read(shelf: Shelf) -> None:
    await shelf.holds("The fee is one euro.")
    _, outcome = await shelf.add("The fee is one euro, and two for friends.", audience=Audience.STAFF)
    assert outcome is Outcome.REPLACES
    assert await shelf.finds("how much is the fee?") == []
    await brings(shelf, "When do you open?,At nine.\n")
    await brings(shelf, "When do you open?,At ten.\n", audience=Audience.STAFF, read=False)
    assert await shelf.finds("when do you open?") == []


async def test_what_a_file_says_is_the_staffs_hides_its_older_version_when_it_is_read_out(shelf: Shelf) -> None:
    await shelf.holds("The fee is one euro.", "fee.txt")
    raw = b"---\naudience: staff\n---\n" + b"# Links only\n"
    async with shelf.db.transaction(shelf.system) as tx:
        changed = NewDocument(
            workspace_id=shelf.workspace_id,
            filename="fee.txt",
            title=None,
            content=None,
            original=raw,
            content_hash=hashlib.sha256(raw).hexdigest(),
            file_size=len(raw),
        )
        await actions.create_document(tx, shelf.system, changed)
    read = await shelf.read()
    assert read is not None
    assert read.problem is not None, "it cannot be read, and is the staff's all the same"
    assert await shelf.finds("how much is the fee?") == []


async def test_the_words_that_answer_already_take_back_what_nobody_has_read(shelf: Shelf) -> None:
    first = await shelf.holds("The fee is one euro.")
    await shelf.add("The fee is two euro.")
    again, outcome = await shelf.add("The fee is one euro.")
    assert (again.id, outcome) == (first.id, Outcome.UNCHANGED)
    assert await shelf.read() is None
    assert [hit.text for hit in await shelf.finds("how much is the fee?")] == ["The fee is one euro."]


async def test_a_table_is_announced_once_and_a_workspace_has_so_many_entries(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[EntriesChanged] = []
    shelf.db._bus.at_once(EntriesChanged, heard.append)
    await brings(shelf, "".join(f"Question {n}?,Answer.\n" for n in range(5)))
    assert len([event for event in heard if event.workspace_id == shelf.workspace_id]) == 1
    monkeypatch.setattr(entries, "MOST_ENTRIES", 5)
    with pytest.raises(Invalid, match="up to 5 questions"):
        async with shelf.db.transaction(shelf.system) as tx:
            await entries.create_entry(tx, shelf.system, NewEntry(question="One more?", answer="No."))


WAITING = """
    SELECT count(*) FROM pg_locks
     WHERE locktype = 'advisory' AND NOT granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


async def test_who_adds_and_who_moves_wait_for_each_other_and_neither_for_ever(shelf: Shelf, owner: Connection) -> None:
    document = await brings(shelf, "Why?,Because.")

    async def moves() -> None:
        async with shelf.db.transaction(shelf.system) as tx:
            await actions.place_document(tx, shelf.system, document.id, audience=Audience.STAFF, home=Home())

    async with shelf.db.transaction(shelf.system) as tx:
        await documents.find_allowances(tx.conn, shelf.workspace_id, "faq.csv", Home())  # as whoever adds one
        moving = Tasks().spawn(moves(), name="move a document")
        async with asyncio.timeout(10):
            waits = 0
            while not waits:
                waits = await owner.fetchval(WAITING)
        await tx.conn.execute("SET LOCAL lock_timeout = '2s'")
        await reading.lock_versions(tx.conn, document.id)  # which the other, who waits for its turn, does not hold yet
    await moving
    async with shelf.db.read(shelf.system) as conn:
        assert (await access.document_for(conn, shelf.system, document.id)).audience is Audience.STAFF
