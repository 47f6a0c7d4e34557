"""Adding and removing documents. Reading them (processing.py) takes long and comes after the commit."""

import re
from collections.abc import Sequence
from typing import Final

from supportdesk.actor import Actor, Permission
from supportdesk.core.db import Tx
from supportdesk.errors import Conflict, Invalid, TooLarge
from supportdesk.knowledge import access
from supportdesk.knowledge.entries import drop_table
from supportdesk.knowledge.events import DocumentAdded, DocumentsChanged
from supportdesk.knowledge.formats import Format
from supportdesk.knowledge.model import (
    MAX_DOCUMENT_BYTES,
    MAX_FILE_BYTES,
    MAX_FILENAME,
    Allowance,
    Audience,
    Document,
    DocumentId,
    Home,
    NewDocument,
    Outcome,
    Processing,
)
from supportdesk.knowledge.queries import documents, entries, reading

ADDRESS: Final = re.compile(r"(?:https?://|/(?![/\\]))[^\s<>\"]{1,2000}")
"""It becomes a link beside an answer: nothing that runs, and nothing that only looks like a path of this site."""


async def create_document(tx: Tx, actor: Actor, new: NewDocument) -> tuple[Document, Outcome]:
    """Take a document in; it is found once it has been read.

    The same bytes again change nothing (a failed one is read once more), and take back a newer version that nobody has
    read yet; the same name with other bytes becomes the next version, and the last one goes on answering until the new
    one is read, unless guests may no longer read it. Raises Forbidden, Invalid, TooLarge.
    """
    actor.must(Permission.KNOWLEDGE_WRITE)
    most = MAX_DOCUMENT_BYTES if new.original is None else MAX_FILE_BYTES
    if new.file_size > most:
        raise TooLarge(f"The document is larger than {most // 2**20} MB; split it.")
    if new.original is None and not (new.content or "").strip():
        raise Invalid("The document has no text.")
    if not 0 < len(new.filename) <= MAX_FILENAME:
        raise Invalid(f"The file name must have 1 to {MAX_FILENAME} characters.")
    if new.source_url is not None and not ADDRESS.fullmatch(new.source_url):
        raise Invalid("The address of a document must begin with https://, http:// or a single /.")
    _must_suit(new.mime_type, new.home)
    await access.must_have_home(tx, actor, new.home)
    allowances = await documents.find_allowances(tx.conn, new.workspace_id, new.filename, new.home)
    document = await documents.insert_document(tx.conn, new, actor.id)
    if document is not None:
        _must_be_allowed(allowances)
        await withdraw(tx, actor, document.id)
        tx.announce(DocumentAdded(workspace_id=document.workspace_id, document_id=document.id))
        return document, Outcome.ADDED if document.version == 1 else Outcome.REPLACES
    twin = await documents.find_twin(tx.conn, new.workspace_id, new.home, new.content_hash)
    if twin is None:
        raise Conflict("The same document was removed at this moment; add it again.")
    if twin.processing_status is Processing.FAILED:
        await documents.retry_document(tx.conn, twin.id)
        tx.announce(DocumentAdded(workspace_id=twin.workspace_id, document_id=twin.id))
    if twin.filename != new.filename:
        return twin, Outcome.DUPLICATE
    unread = await reading.drop_unread(tx.conn, twin.id)
    await reading.delete_originals(tx.conn, unread)
    await reading.delete_chunks(tx.conn, unread)
    return twin, Outcome.UNCHANGED


async def withdraw(tx: Tx, actor: Actor, document_id: DocumentId) -> None:
    """Hide from guests at once, with what its tables brought, what this version says is the staff's."""
    for hidden in await reading.hide_from_guests(tx.conn, document_id):
        await drop_table(tx, actor, hidden)
        await reading.delete_chunks(tx.conn, [hidden])
        await reading.delete_originals(tx.conn, [hidden])
        tx.announce(DocumentsChanged(workspace_id=actor.workspace_id, document_id=hidden))


def _must_be_allowed(allowances: Sequence[Allowance]) -> None:
    """Raise Conflict when the plan has no room for one more."""
    for one in allowances:
        if one.present >= one.most:
            raise Conflict(
                f"The plan {one.plan} allows {one.most} documents {one.where}, and there are as many; "
                "remove some, or choose a larger plan.",
                code="document_limit",
            )


async def read_again(tx: Tx, actor: Actor, document_id: DocumentId) -> Document:
    """Read what could not be read once more; a document that was read stays as it is. Raises Forbidden, NotFound."""
    actor.must(Permission.KNOWLEDGE_WRITE)
    document = await access.document_for(tx.conn, actor, document_id)
    if document.processing_status is not Processing.FAILED:
        return document
    await documents.retry_document(tx.conn, document.id)
    tx.announce(DocumentAdded(workspace_id=document.workspace_id, document_id=document.id))
    return await access.document_for(tx.conn, actor, document_id)


async def place_document(tx: Tx, actor: Actor, document_id: DocumentId, *, audience: Audience, home: Home) -> Document:
    """Let a document, with the version that is still being read, count elsewhere or for other readers, at once.

    The questions and answers that a table has brought go with it. Raises Forbidden, NotFound, Invalid, and Conflict
    where a document of the same name or the same bytes is already, or the plan allows no more.
    """
    actor.must(Permission.KNOWLEDGE_WRITE)
    document = await access.document_for(tx.conn, actor, document_id)
    _must_suit(document.mime_type, home)
    await access.must_have_home(tx, actor, home)
    await documents.take_turns(tx.conn, document.workspace_id)
    versions = await reading.lock_versions(tx.conn, document.id)
    allowances = await documents.find_allowances(tx.conn, document.workspace_id, document.filename, home)
    if home != document.home:
        if await documents.has_namesake(tx.conn, versions, home):
            raise Conflict(
                f"A document called {document.filename}, or one with the same bytes, counts there already; "
                "remove one of them first."
            )
        _must_be_allowed([one for one in allowances if one.is_of_room])
    await documents.move_documents(tx.conn, versions, audience, home)
    await entries.move_entries(tx.conn, versions, audience, home.team_id)
    tx.announce(DocumentsChanged(workspace_id=document.workspace_id, document_id=document.id))
    return await access.document_for(tx.conn, actor, document_id)


def _must_suit(mime_type: str, home: Home) -> None:
    """Raise Invalid for a table of questions that is to count in one conversation: its rows could not."""
    if mime_type == Format.CSV and home.room_id is not None:
        raise Invalid(
            "Questions and answers count in the whole workspace or for a team, not in one conversation.",
            fields=[{"field": "room_id", "problem": "questions and answers cannot belong to one conversation"}],
        )


async def remove_document(tx: Tx, actor: Actor, document_id: DocumentId) -> None:
    """Let no search find the document any more; its text is kept for 30 days. A table's answers go with it.

    Raises Forbidden, NotFound.
    """
    actor.must(Permission.KNOWLEDGE_WRITE)
    document = await access.document_for(tx.conn, actor, document_id)
    await documents.delete_document(tx.conn, document.id)
    if document.mime_type == Format.CSV:
        await drop_table(tx, actor, document.id)
    await reading.delete_chunks(tx.conn, [document.id])
    await reading.delete_originals(tx.conn, [document.id])
    tx.announce(DocumentsChanged(workspace_id=document.workspace_id, document_id=document.id))
