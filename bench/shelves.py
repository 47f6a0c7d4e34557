"""A hundred thousand pieces of documents in the real tables, in workspaces of very different sizes.

The vectors are made up, and lie as those of texts do: in topics that all workspaces share, around the document they are
of, in few directions more than in others. The words of a topic are rare ones, between words that every text has.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from uuid import UUID

import asyncpg
import numpy as np

from bench.data import Connection, kept
from supportdesk.actor import WorkspaceId
from supportdesk.core import migrations
from supportdesk.core.embedded import EmbeddedServer
from supportdesk.core.ids import uuid7
from supportdesk.knowledge.embedding import DIMENSIONS
from tests.factories import make_workspace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vectors: TypeAlias = NDArray[np.float32]

TOPICS: Final = 300
PIECES: Final = 8
"""Chunks of a document."""
WORDS: Final = 90
"""Of a chunk: 600 characters."""
VOCABULARY: Final = 20_000
OF_TOPIC: Final = 40
TEAMS: Final = 5
INDEXES: Final = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'document_chunks' AND indexdef ~ 'hnsw'"


@dataclass(frozen=True, slots=True)
class Plan:
    """One workspace: how many chunks, and what share of its documents guests may not see."""

    name: str
    share: float
    staff_share: float


PLANS: Final = (
    Plan("large", 0.72, 0.25),
    Plan("archive", 0.18, 0.96),  # nearly everything is for staff: guests see what an index finds last
    Plan("middle", 0.08, 0.25),
    Plan("small", 0.02, 0.25),
)


@dataclass(frozen=True, slots=True)
class Desk:
    """A filled workspace, and a room of a team that has documents of its own."""

    workspace_id: WorkspaceId
    room_id: UUID
    chunks: int


@dataclass(frozen=True, slots=True)
class Asking:
    """A question: its words, and where it lies."""

    text: str
    vector: "Vectors"


class World:
    """Topics, words and where texts lie; the same in every run."""

    def __init__(self) -> None:
        self.chance = np.random.default_rng(20)
        spectrum = np.arange(1, DIMENSIONS + 1) ** -0.35
        turned, _ = np.linalg.qr(self.chance.standard_normal((DIMENSIONS, DIMENSIONS)))
        self._directions = (spectrum[:, None] * turned.T).astype(np.float32)
        self._topics = self.around(np.zeros((TOPICS, DIMENSIONS), np.float32), 1.0)
        letters = ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z")
        ends = [c + v + x for c in letters for v in "aeiou" for x in ("n", "r", "x", "m", "l")]
        begins = [c + v for c in letters for v in "aeiou"]
        self.words = [begin + end for begin in begins for end in ends][:VOCABULARY]
        rarity = 1 / np.arange(10, len(self.words) + 10)
        self._often = np.cumsum(rarity / rarity.sum())
        self._of_topic = self.chance.integers(200, len(self.words), (TOPICS, OF_TOPIC))

    def around(self, middles: "Vectors", spread: float) -> "Vectors":
        """A vector of length 1 near each of these."""
        away = self.chance.standard_normal(middles.shape, dtype=np.float32) @ self._directions
        away /= np.linalg.norm(away, axis=1, keepdims=True)
        found = middles + spread * away
        near: Vectors = found / np.linalg.norm(found, axis=1, keepdims=True)
        return near

    def text(self, topic: int, words: int) -> str:
        """So many words, a sixth of them the topic's."""
        common = np.searchsorted(self._often, self.chance.random(words))
        own = self._of_topic[topic][self.chance.integers(0, OF_TOPIC, words)]
        chosen = np.where(self.chance.random(words) < 1 / 6, own, common)
        return " ".join(self.words[at] for at in chosen)

    def documents(self, many: int) -> tuple["NDArray[np.int64]", "Vectors"]:
        """The topics and the middles of so many documents."""
        topics = self.chance.integers(0, TOPICS, many)
        return topics, self.around(self._topics[topics], 0.8)

    def questions(self, many: int) -> list[Asking]:
        """Questions about topics, none like another."""
        topics, middles = self.documents(many)
        vectors = self.around(middles, 0.8)
        return [
            Asking(f"{self.text(topic, 9)} {number}", vector)
            for number, (topic, vector) in enumerate(zip(topics.tolist(), vectors, strict=True))
        ]


def _key() -> str:
    """Changes whenever the same shelves would be filled otherwise."""
    parts = [migration.checksum for migration in migrations.read_migrations()]
    return hashlib.sha256("\n".join([*parts, Path(__file__).read_text()]).encode()).hexdigest()[:12]


async def shelves(on: EmbeddedServer, chunks: int) -> tuple[str, dict[str, Desk]]:
    """How to connect to the database with so many chunks, and its workspaces by name; made unless it is there."""

    async def make(dsn: str, superuser: str) -> str:
        await _fill(dsn, superuser, chunks)
        return f"{chunks:,} chunks"

    dsn = await kept(on, f"bench_shelves_{chunks}_", _key(), make)
    conn: Connection = await asyncpg.connect(dsn)
    try:
        rows = await conn.fetch(
            "SELECT w.name, w.id, (SELECT r.id FROM chat_rooms r WHERE r.workspace_id = w.id) AS room_id, "
            "(SELECT count(*) FROM document_chunks c WHERE c.workspace_id = w.id) AS chunks FROM workspaces w"
        )
    finally:
        await conn.close()
    return dsn, {row["name"]: Desk(WorkspaceId(row["id"]), row["room_id"], row["chunks"]) for row in rows}


async def _fill(dsn: str, superuser: str, chunks: int) -> None:
    owner: Connection = await asyncpg.connect(dsn)
    conn: Connection = await asyncpg.connect(superuser, command_timeout=3600)
    world = World()
    try:
        await migrations.migrate(owner)
        await conn.set_type_codec("vector", schema="public", encoder=bytes, decoder=bytes, format="binary")
        # Triggers and foreign keys are passed over, and the graphs are built when all is there: minutes less.
        await conn.execute(
            "SET session_replication_role = replica; SET synchronous_commit = off; "
            "SET maintenance_work_mem = '1GB'; SET max_parallel_maintenance_workers = 1"
        )
        graphs = await conn.fetch(INDEXES)
        for name, _ in graphs:
            await conn.execute(f"DROP INDEX {name}")
        for plan in PLANS:
            await _shelve(owner, conn, world, plan, max(PIECES, int(chunks * plan.share)) // PIECES)
        for _, definition in graphs:
            await conn.execute(definition)
        await conn.execute("VACUUM (ANALYZE)")
    finally:
        await owner.close()
        await conn.close()


async def _shelve(owner: Connection, conn: Connection, world: World, plan: Plan, many: int) -> None:
    """Write one workspace: so many documents with all their pieces, a 50th of them a team's."""
    made = await make_workspace(owner)
    await owner.execute("UPDATE workspaces SET name = $2 WHERE id = $1", made.id, plan.name)
    teams = [
        await owner.fetchval("INSERT INTO teams (workspace_id, name) VALUES ($1, $2) RETURNING id", made.id, f"T{n}")
        for n in range(TEAMS)
    ]
    await owner.execute(
        "WITH room AS (INSERT INTO chat_rooms (workspace_id, client_room_id, team_id) VALUES ($1, 'r', $2) RETURNING *)"
        " INSERT INTO room_heads (workspace_id, room_id) SELECT workspace_id, id FROM room",
        made.id,
        teams[0],
    )
    topics, middles = world.documents(many)
    ids = [uuid7() for _ in range(many)]
    staff = world.chance.random(many) < plan.staff_share
    columns = ["id", "workspace_id", "scope", "team_id", "audience", "title", "filename", "file_size", "mime_type"]
    columns += ["content", "content_hash", "processing_status", "language"]
    await conn.copy_records_to_table(
        "documents",
        columns=columns,
        records=[
            (
                *(one, made.id, *(("team", teams[n // 50 % TEAMS]) if n % 50 == 0 else ("workspace", None))),
                *("staff" if staff[n] else "guests", f"Article {n}", f"article-{n}.md", 900, "text/markdown"),
                *("See its pieces.", hashlib.sha256(one.bytes).hexdigest(), "completed", "en"),
            )
            for n, one in enumerate(ids)
        ],
    )
    columns = ["id", "workspace_id", "document_id", "chunk_index", "heading", "content", "start_position"]
    columns += ["end_position", "token_count", "embedding", "question_embedding"]
    await conn.copy_records_to_table(
        "document_chunks", columns=columns, records=_pieces(world, made.id, ids, topics.tolist(), middles)
    )


def _pieces(
    world: World, workspace_id: UUID, ids: list[UUID], topics: list[int], middles: "Vectors"
) -> Iterator[tuple[Any, ...]]:
    for document_id, topic, middle in zip(ids, topics, middles, strict=True):
        around = np.repeat(middle[None, :], PIECES, axis=0)
        texts, headings = world.around(around, 0.7), world.around(around, 0.8)
        for k in range(PIECES):
            words = world.text(topic, WORDS)
            place = (uuid7(), workspace_id, document_id, k, world.text(topic, 4), words, 600 * k, 600 * k + 600, 130)
            yield (*place, as_sent(texts[k]), as_sent(headings[k]))


def as_sent(vector: "Vectors") -> bytes:
    """A vector as pgvector receives it: how many numbers, two bytes of nothing, and each number, big end first."""
    return len(vector).to_bytes(2, "big") + bytes(2) + vector.astype(">f4").tobytes()
