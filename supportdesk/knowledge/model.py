"""Documents, their chunks, what a search finds and what an answer is."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from supportdesk.actor import UserId, WorkspaceId

DocumentId = NewType("DocumentId", UUID)
ChunkId = NewType("ChunkId", UUID)

MAX_DOCUMENT_BYTES: Final = 10 * 1024 * 1024
MAX_TITLE: Final = 500


class Processing(StrEnum):
    """Where a document stands between upload and answers."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


NEXT: Final[dict[Processing, frozenset[Processing]]] = {
    Processing.PENDING: frozenset({Processing.PROCESSING}),
    # back to pending when the process that had claimed it is gone
    Processing.PROCESSING: frozenset({Processing.COMPLETED, Processing.FAILED, Processing.PENDING}),
    Processing.COMPLETED: frozenset({Processing.PENDING}),
    Processing.FAILED: frozenset({Processing.PENDING}),
}
"""The one table of what may follow what."""


class Audience(StrEnum):
    """Who may be shown a document's words."""

    GUESTS = "guests"
    STAFF = "staff"


class ChunkKind(StrEnum):
    """A heading is embedded alone beside the text below it, because guests ask in the words of headings."""

    HEADING = "heading"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a document: `source[start:end]` is `content`, in characters."""

    index: int
    kind: ChunkKind
    section: int
    """Number of the section it leads to: a heading and the text below it share one."""
    heading: str
    content: str
    start: int
    end: int
    passage: str
    """What is embedded and indexed: plain words, with title and heading in front of a body."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document without its text."""

    id: DocumentId
    workspace_id: WorkspaceId
    title: str
    url: str | None
    filename: str
    size: int
    audience: Audience
    version: int
    processing_status: Processing
    error_message: str | None
    tokens_used: int
    user_id: UserId | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Why:
    """How a hit earned its score: cosine 0..1 (None without vectors), and the share of the question's words in it."""

    vector: float | None
    text: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A place in the documents that may answer."""

    document_id: DocumentId
    chunk_id: ChunkId
    title: str
    heading: str
    text: str
    url: str | None
    score: float
    """The chance, 0..1, that the documents answer the question here (ranking.py says how it was calibrated)."""
    position: int
    """Where the text starts in the document, in characters."""
    why: Why


@dataclass(frozen=True, slots=True)
class Citation:
    """Where an answer was taken from; the quote stands in the document word for word."""

    document_id: DocumentId
    chunk_id: ChunkId
    title: str
    url: str | None
    quote: str
    position: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Sentences of the documents and where they stand. Empty when there was no hit."""

    text: str
    citations: tuple[Citation, ...] = field(default_factory=tuple)


_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029\ufeff]")


def clean(text: str) -> str:
    """The text as PostgreSQL and the model take it: no NUL, control marks or lone surrogates, Unix line ends."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", text).encode("utf-8", "replace").decode("utf-8")


def content_hash(text: str) -> str:
    """The sha256 of the text, as it is kept beside it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
