"""Documents, their chunks, what a search finds and what an answer is."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from supportdesk.actor import UserId, WorkspaceId

DocumentId = NewType("DocumentId", UUID)
ChunkId = NewType("ChunkId", UUID)
EntryId = NewType("EntryId", UUID)
QuestionId = NewType("QuestionId", UUID)

MAX_DOCUMENT_BYTES: Final = 10 * 1024 * 1024
"""Of text."""
MAX_FILE_BYTES: Final = 25 * 1024 * 1024
"""Of a file, whose pictures and fonts are not kept."""
MAX_FILENAME: Final = 500
MAX_TITLE: Final = 500
MAX_QUESTION: Final = 500
MAX_ANSWER: Final = 4_000


class Processing(StrEnum):
    """Where a document stands between upload and answers.

    pending → processing (a claim) → completed or failed; failed → pending when the same bytes are added again; a claim
    that ran out, because its process is gone, is claimed anew.
    """

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class Audience(StrEnum):
    """Who may be shown a document's words."""

    GUESTS = "guests"
    STAFF = "staff"


AUDIENCES: Final = {"guests": Audience.GUESTS, "public": Audience.GUESTS, "staff": Audience.STAFF}
"""As a file may name them."""


class Scope(StrEnum):
    """Where a document counts."""

    WORKSPACE = "workspace"
    TEAM = "team"
    ROOM = "room"


@dataclass(frozen=True, slots=True)
class Home:
    """The scope of a document, with the team or the room it belongs to."""

    scope: Scope = Scope.WORKSPACE
    team_id: UUID | None = None
    room_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """Where on the web a document came from, and what its server wants to hear when it is asked again."""

    url: str
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many documents a plan allows, and how many there are: of the workspace, or of one room."""

    plan: str
    where: str
    most: int
    present: int
    is_of_room: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDocument:
    """A text that is to become a document."""

    workspace_id: WorkspaceId
    filename: str
    """Names the document within its home: the same name with other bytes is a new version."""
    title: str | None
    """None when the text is to say it."""
    content: str | None
    """None until it has been read out of `original`."""
    content_hash: str
    """sha256 of the bytes that came in, front matter included."""
    file_size: int
    original: bytes | None = None
    mime_type: str = "text/markdown"
    source_url: str | None = None
    audience: Audience = Audience.GUESTS
    home: Home = Home()
    fetched: Fetched | None = None
    entry_id: EntryId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """A question with its answer, and other ways to ask it."""

    question: str
    answer: str
    phrasings: tuple[str, ...] = ()
    audience: Audience = Audience.GUESTS
    team_id: UUID | None = None
    """The team in whose conversations it is said; None for all."""
    active: bool = True

    @property
    def home(self) -> Home:
        """Where its words count."""
        return Home() if self.team_id is None else Home(Scope.TEAM, team_id=self.team_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(NewEntry):
    """A question with its answer as it is kept."""

    id: EntryId
    workspace_id: WorkspaceId
    table_id: DocumentId | None
    """The table it came from; None for one that was written or changed by hand."""
    is_ready: bool
    """Whether robots answer from these very words already."""
    updated_at: datetime


class Vain(StrEnum):
    """Why a guest's question counts as unanswered."""

    NOT_IN_DOCUMENTS = "not_in_documents"
    LOW_SCORE = "low_score"


@dataclass(frozen=True, slots=True)
class Group:
    """Open questions that mean the same, named by the first of them."""

    id: QuestionId
    question: str
    others: tuple[str, ...]
    count: int
    last_asked: datetime


class Outcome(StrEnum):
    """What adding a document came to."""

    ADDED = "added"
    REPLACES = "replaces"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Pair:
    """A question with its answer, as a row of a table."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """What was read out of a file: its text as Markdown, and what it says about itself."""

    mime_type: str
    title: str | None
    text: str
    url: str | None = None
    audience: Audience = Audience.GUESTS
    pairs: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class Reach:
    """Which documents a search may see within its workspace."""

    audiences: frozenset[Audience]
    room_id: UUID | None = None
    team_ids: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a document: `source[start:end]` is `content`, in characters."""

    index: int
    heading: str
    """Title and headings above it: "Returns › Exceptions › Gift cards"."""
    question: str
    """Its heading as a text of its own; embedded alone too, because guests ask in the words of headings."""
    content: str
    start: int
    end: int
    passage: str
    """What is embedded: the headings, then the content in plain words."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document without its text."""

    id: DocumentId
    workspace_id: WorkspaceId
    title: str
    filename: str
    source_url: str | None
    file_size: int
    audience: Audience
    version: int
    home: Home
    mime_type: str
    processing_status: Processing
    chunks_done: int
    """How far the present reading is, of `chunks_total`; 0 of 0 while the text is being read out of the file."""
    chunks_total: int
    error_message: str | None
    tokens_used: int
    user_id: UserId | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Why:
    """How a hit earned its score: cosine (None without vectors), and the weighted share of the question's words."""

    vector: float | None
    text: float
    opening: float = 0.0
    """Cosine with the document's title and opening, which all of its places share."""
    closeness: float | None = None
    """How near an entry is word by word; None where it was clear without."""


@dataclass(frozen=True, slots=True)
class Part:
    """A passage of an article, as it stands to a question that the article fits."""

    chunk_id: ChunkId
    text: str
    position: int
    is_lead: bool
    """Whether the article opens with it, before its first heading."""
    fit: float
    """How well it fits, compared with the other parts of its article; no chance of anything."""
    words: frozenset[str]
    """The question's lexemes that stand in it."""


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
    entry_id: EntryId | None = None
    """Of a question that was answered by hand: `text` is the whole answer."""
    article: tuple[Part, ...] = ()
    """What the search turned up of the same document, this place included, in reading order."""


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
