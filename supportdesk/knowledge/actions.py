"""Adding and removing documents. Reading them (processing.py) takes long and comes after the commit."""

import re
from collections.abc import Sequence
from typing import Final

from supportdesk.actor import Actor, Permission
from supportdesk.core.db import Tx
from supportdesk.errors import Conflict, Invalid, TooLarge
from supportdesk.knowledge import access
from supportdesk.knowledge.events import DocumentAdded, DocumentsChanged
from supportdesk.knowledge.model import (
    MAX_DOCUMENT_BYTES,
    MAX_FILE_BYTES,
    MAX_FILENAME,
    Allowance,
    Document,
    DocumentId,
    NewDocument,
    Outcome,
    Processing,
)
from supportdesk.knowledge.queries import documents, reading

ADDRESS: Final = re.compile(r"(?:https?://|/(?![/\\]))[^\s<>\"]{1,2000}")
"""It becomes a link beside an answer: nothing that runs, and nothing that only looks like a path of this site."""


async def create_document(tx: Tx, actor: Actor, new: NewDocument) -> tuple[Document, Outcome]:
    """Take a document in; it is found once it has been read.

    The same bytes again change nothing (a failed one is read once more); the same name with other bytes becomes the
    next version, and the last one goes on answering until the new one is read. Raises Forbidden, Invalid, TooLarge.
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
    await access.must_have_home(tx, actor, new.home)
    allowances = await documents.find_allowances(tx.conn, new)
    document = await documents.insert_document(tx.conn, new, actor.id)
    if document is not None:
        _must_be_allowed(allowances)
        tx.announce(DocumentAdded(workspace_id=document.workspace_id, document_id=document.id))
        return document, Outcome.ADDED if document.version == 1 else Outcome.REPLACES
    twin = await documents.find_twin(tx.conn, new.workspace_id, new.home, new.content_hash)
    if twin is None:
        raise Conflict("The same document was removed at this moment; add it again.")
    if twin.processing_status is Processing.FAILED:
        await documents.retry_document(tx.conn, twin.id)
        tx.announce(DocumentAdded(workspace_id=twin.workspace_id, document_id=twin.id))
    return twin, Outcome.UNCHANGED if twin.filename == new.filename else Outcome.DUPLICATE


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


async def remove_document(tx: Tx, actor: Actor, document_id: DocumentId) -> None:
    """Let no search find the document any more; its text is kept until retention. Raises Forbidden, NotFound."""
    actor.must(Permission.KNOWLEDGE_WRITE)
    document = await access.document_for(tx.conn, actor, document_id)
    await documents.delete_document(tx.conn, document.id)
    await reading.delete_chunks(tx.conn, [document.id])
    await reading.delete_originals(tx.conn, [document.id])
    tx.announce(DocumentsChanged(workspace_id=document.workspace_id, document_id=document.id))
