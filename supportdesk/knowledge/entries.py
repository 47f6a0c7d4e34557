"""Questions answered by hand: written, changed, removed, and brought back. Robots answer with the whole answer."""

import hashlib
from collections.abc import Sequence
from typing import Final

from supportdesk.actor import Actor, Permission
from supportdesk.core.db import Connection, Tx
from supportdesk.core.ids import uuid7
from supportdesk.errors import Invalid, NotFound
from supportdesk.knowledge.access import must_have_home, reach_of
from supportdesk.knowledge.events import DocumentsChanged, EntriesChanged
from supportdesk.knowledge.model import (
    MAX_ANSWER,
    MAX_QUESTION,
    Document,
    DocumentId,
    Entry,
    EntryId,
    NewDocument,
    NewEntry,
    Pair,
    clean,
)
from supportdesk.knowledge.queries import documents, entries, reading

MOST_PHRASINGS: Final = 50
MOST_ENTRIES: Final = 20_000
"""Of a workspace; they do not count among the documents of its plan."""


async def entry_for(conn: Connection, actor: Actor, entry_id: EntryId, *, removed_too: bool = False) -> Entry:
    """The entry; raises NotFound for a missing one and for one that the actor may not see alike."""
    entry = await entries.find_entry(conn, entry_id, removed_too=removed_too)
    if entry is None or entry.audience not in reach_of(actor).audiences:
        raise NotFound("There is no such question here.")
    return entry


async def create_entry(tx: Tx, actor: Actor, new: NewEntry) -> Entry:
    """Answer a question by hand; robots know it a moment later. Raises Forbidden, Invalid."""
    actor.must(Permission.KNOWLEDGE_WRITE)
    await must_have_home(tx, actor, new.home)
    await _must_have_room(tx, 1)
    entry = await entries.insert_entry(tx.conn, actor.workspace_id, _checked(new), actor.id)
    await _publish(tx, actor, entry)
    tx.announce(EntriesChanged(workspace_id=actor.workspace_id))
    return entry


async def change_entry(tx: Tx, actor: Actor, entry_id: EntryId, new: NewEntry) -> Entry:
    """Say it otherwise; the old words answer until the new ones are read. Raises Forbidden, Invalid, NotFound."""
    actor.must(Permission.KNOWLEDGE_WRITE)
    before = await entry_for(tx.conn, actor, entry_id)
    await must_have_home(tx, actor, new.home)
    await entries.update_entry(tx.conn, entry_id, _checked(new))
    after = await entry_for(tx.conn, actor, entry_id)
    # What some may no longer read, or nobody wants said, goes at once and not when its successor is ready.
    if not after.active or (after.audience, after.team_id) != (before.audience, before.team_id):
        await _hide(tx, actor, [entry_id])
    await _publish(tx, actor, after)
    tx.announce(EntriesChanged(workspace_id=actor.workspace_id))
    return after


async def remove_entry(tx: Tx, actor: Actor, entry_id: EntryId) -> Entry:
    """Let no robot answer with it any more; it can be brought back. Raises Forbidden, NotFound."""
    actor.must(Permission.KNOWLEDGE_WRITE)
    entry = await entry_for(tx.conn, actor, entry_id)
    await entries.delete_entries(tx.conn, [entry_id])
    await _hide(tx, actor, [entry_id])
    return entry


async def restore_entry(tx: Tx, actor: Actor, entry_id: EntryId) -> Entry:
    """Bring back what was removed; one that is there stays as it is. Raises Forbidden, NotFound."""
    actor.must(Permission.KNOWLEDGE_WRITE)
    if await entries.find_entry(tx.conn, entry_id) is None:
        await entry_for(tx.conn, actor, entry_id, removed_too=True)
        await _must_have_room(tx, 1)
        await entries.restore_entry(tx.conn, entry_id)
        await _publish(tx, actor, await entry_for(tx.conn, actor, entry_id))
        tx.announce(EntriesChanged(workspace_id=actor.workspace_id))
    return await entry_for(tx.conn, actor, entry_id)


async def take_table(tx: Tx, actor: Actor, table: Document, pairs: Sequence[Pair]) -> None:
    """Make entries of a table's rows. What an earlier version of it had brought and this one lacks is removed.

    A question that somebody has written or changed by hand stands as it is.
    """
    before = {entry.question.casefold(): entry for entry in await entries.list_of_tables(tx.conn, table.id)}
    team_id = table.home.team_id
    taken = await entries.list_questions(tx.conn, [pair.question.lower() for pair in pairs], team_id)
    kept: list[EntryId] = []
    seen: set[str] = set()
    for pair in pairs:
        key = pair.question.casefold()
        if key in seen:
            continue
        seen.add(key)
        new = NewEntry(question=pair.question, answer=pair.answer, audience=table.audience, team_id=team_id)
        known = before.pop(key, None)
        if known is None:
            if pair.question.lower() not in taken:
                await _publish(tx, actor, await entries.insert_entry(tx.conn, actor.workspace_id, new, None, table.id))
        elif (known.answer, known.audience) == (new.answer, new.audience):
            kept.append(known.id)
        else:
            if known.audience is not new.audience:
                await _hide(tx, actor, [known.id])
            await entries.update_entry(tx.conn, known.id, new, table.id)
            await _publish(tx, actor, await entry_for(tx.conn, actor, known.id))
    await entries.repoint_entries(tx.conn, kept, table.id)
    await _drop(tx, actor, [entry.id for entry in before.values()])
    await _must_have_room(tx, 0)
    tx.announce(EntriesChanged(workspace_id=actor.workspace_id))


async def drop_table(tx: Tx, actor: Actor, table_id: DocumentId) -> None:
    """Remove what a table, with its earlier versions, has brought; what was changed by hand since stands."""
    await _drop(tx, actor, [entry.id for entry in await entries.list_of_tables(tx.conn, table_id)])


async def _drop(tx: Tx, actor: Actor, gone: Sequence[EntryId]) -> None:
    await entries.delete_entries(tx.conn, gone)
    await _hide(tx, actor, gone)


async def _must_have_room(tx: Tx, more: int) -> None:
    """Raise Invalid where the workspace would have more entries than a search can be quick with."""
    if await entries.count_entries(tx.conn) + more > MOST_ENTRIES:
        raise Invalid(f"A workspace has up to {MOST_ENTRIES:,} questions and answers; remove some first.")


def _checked(new: NewEntry) -> NewEntry:
    """The entry in one line per question; raises Invalid."""
    question = " ".join(clean(new.question).split())
    answer = clean(new.answer).strip()
    phrasings = [" ".join(clean(each).split()) for each in new.phrasings]
    phrasings = [each for each in dict.fromkeys(phrasings) if each and each != question]
    for name, text, most in (("question", question, MAX_QUESTION), ("answer", answer, MAX_ANSWER)):
        if not 0 < len(text) <= most:
            raise _wrong(name, f"it needs 1 to {most} characters")
    if len(phrasings) > MOST_PHRASINGS or any(len(each) > MAX_QUESTION for each in phrasings):
        raise _wrong("phrasings", f"up to {MOST_PHRASINGS} lines of {MAX_QUESTION} characters are taken")
    return NewEntry(
        question=question,
        answer=answer,
        phrasings=tuple(phrasings),
        audience=new.audience,
        team_id=new.team_id,
        active=new.active,
    )


def _wrong(field: str, problem: str) -> Invalid:
    return Invalid(f"The {field} is not acceptable: {problem}.", fields=[{"field": field, "problem": problem}])


async def _publish(tx: Tx, actor: Actor, entry: Entry) -> None:
    """The entry's words as a document that waits to be read."""
    if not entry.active:
        return
    content = entry.answer
    new = NewDocument(
        workspace_id=actor.workspace_id,
        filename=f"entry:{entry.id}",
        title=entry.question,
        content=content,
        content_hash=hashlib.sha256(uuid7().bytes).hexdigest(),  # the same words again are another version
        file_size=len(content.encode()),
        audience=entry.audience,
        home=entry.home,
        entry_id=entry.id,
    )
    await documents.insert_document(tx.conn, new, actor.id)


async def _hide(tx: Tx, actor: Actor, gone: Sequence[EntryId]) -> None:
    hidden = await entries.hide_words(tx.conn, gone)
    await reading.delete_chunks(tx.conn, hidden)
    for document_id in hidden[:1]:
        tx.announce(DocumentsChanged(workspace_id=actor.workspace_id, document_id=document_id))
