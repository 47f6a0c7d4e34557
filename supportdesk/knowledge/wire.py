"""Documents as they cross the wire."""

import hashlib
from typing import Annotated
from uuid import UUID

from pydantic import Field

from supportdesk.actor import Actor
from supportdesk.core.uploads import SentFile
from supportdesk.core.wire import In, Instant, Line, Out, Text
from supportdesk.errors import Invalid
from supportdesk.knowledge.formats import sniff_named
from supportdesk.knowledge.model import (
    MAX_FILENAME,
    Audience,
    Document,
    Home,
    NewDocument,
    Processing,
    Scope,
    clean,
)


class DocumentsQuery(In):
    """Which page of the documents."""

    cursor: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class Placed(In):
    """Whose document it is: without a team or a room, everybody's in the workspace."""

    audience: Audience = Audience.GUESTS
    team_id: UUID | None = None
    room_id: UUID | None = None

    @property
    def home(self) -> Home:
        """Where it counts; raises Invalid when both are named."""
        if self.team_id is not None and self.room_id is not None:
            raise Invalid("A document belongs to a team or to a room, not to both.")
        if self.room_id is not None:
            return Home(Scope.ROOM, room_id=self.room_id)
        return Home(Scope.TEAM, team_id=self.team_id) if self.team_id is not None else Home()


class PlaceDocument(Placed):
    """Where a document counts from now on; who may read it is said anew, so that nobody opens one by leaving it out."""

    audience: Audience


class PostWebDocument(Placed):
    """A page of the web; it is asked for again every day."""

    url: Annotated[Text, Field(min_length=1, max_length=2_000)]


class PostDocument(Placed):
    """A Markdown text; the same filename with another text replaces it once the new one has been read."""

    filename: Line
    title: Line
    content: Annotated[Text, Field(min_length=1, max_length=1_000_000)]
    source_url: Annotated[Text, Field(max_length=2_000)] | None = None


class FileFields(Placed):
    """What is said of a file, in front of it. Without a title its own counts, or its name."""

    title: Line | None = None
    source_url: Annotated[Text, Field(max_length=2_000)] | None = None


class DocumentOut(Out):
    """A document without its text."""

    id: UUID
    title: str
    filename: str
    source_url: str | None
    file_size: int
    audience: Audience
    version: int
    scope: Scope
    team_id: UUID | None
    room_id: UUID | None
    mime_type: str
    processing_status: Processing
    chunks_done: int
    chunks_total: int
    error_message: str | None
    tokens_used: int
    created_at: Instant
    updated_at: Instant


class DocumentsOut(Out):
    """A page of documents, newest first."""

    items: list[DocumentOut]
    next_cursor: UUID | None


def new_document(actor: Actor, want: PostDocument) -> NewDocument:
    """The document that is asked for. Its hash covers title and audience too: changing them is a new version."""
    content = clean(want.content)
    return NewDocument(
        workspace_id=actor.workspace_id,
        filename=want.filename,
        title=want.title,
        content=content,
        content_hash=hashlib.sha256(want.model_dump_json().encode()).hexdigest(),
        file_size=len(content.encode()),
        source_url=want.source_url,
        audience=want.audience,
        home=want.home,
    )


def new_file(actor: Actor, file: SentFile, fields: FileFields) -> NewDocument:
    """A file as a document that is still to be read; raises Invalid for bytes that cannot become one.

    Its hash covers what is said of it too, where something is. Takes up to a tenth of a second for 25 MB.
    """
    mime_type = sniff_named(file.content, file.name)
    digest = hashlib.sha256(file.content)
    if fields != FileFields():
        digest.update(fields.model_dump_json().encode())
    return NewDocument(
        workspace_id=actor.workspace_id,
        filename=clean(file.name)[-MAX_FILENAME:] or "document",
        title=fields.title,
        content=None,
        original=file.content,
        content_hash=digest.hexdigest(),
        file_size=len(file.content),
        mime_type=mime_type,
        source_url=fields.source_url,
        audience=fields.audience,
        home=fields.home,
    )


def document_out(document: Document) -> DocumentOut:
    """The document's shape."""
    return DocumentOut(
        id=document.id,
        title=document.title,
        filename=document.filename,
        source_url=document.source_url,
        file_size=document.file_size,
        audience=document.audience,
        version=document.version,
        scope=document.home.scope,
        team_id=document.home.team_id,
        room_id=document.home.room_id,
        mime_type=document.mime_type,
        processing_status=document.processing_status,
        chunks_done=document.chunks_done,
        chunks_total=document.chunks_total,
        error_message=document.error_message,
        tokens_used=document.tokens_used,
        created_at=document.created_at,
        updated_at=document.updated_at,
    )
