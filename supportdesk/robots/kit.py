"""The kit that a robot gets for one turn: bound to the workspace, timed, and on record."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol, TypeVar
from uuid import UUID

import structlog
from pydantic import JsonValue

from supportdesk.actor import WorkspaceId
from supportdesk.core.clock import Clock
from supportdesk.errors import DeskError
from supportdesk.robots.contract import Cite, KitError, Passage
from supportdesk.robots.model import Claim

log = structlog.get_logger(__name__)

CALL_LIMIT_S: Final = 10.0
MOST_CALLS: Final = 50
MOST_LOG_LINES: Final = 50
T = TypeVar("T")


class Library(Protocol):
    """The documents of a workspace as robots may use them: those that guests may read."""

    async def search(self, workspace_id: WorkspaceId, text: str, *, limit: int) -> Sequence[Passage]:
        """The passages that fit, best first."""

    async def quote(self, workspace_id: WorkspaceId, text: str, passage: Passage) -> str:
        """The sentences of a passage that answer best, word for word."""


class TurnKit:
    """Kit of one turn. What it did is in `observed`, what it found in `found`."""

    def __init__(self, claim: Claim, library: Library, clock: Clock) -> None:
        self._claim = claim
        self._library = library
        self._clock = clock
        self._began = clock.monotonic()
        self._calls: list[dict[str, JsonValue]] = []
        self._lines: list[dict[str, JsonValue]] = []
        self.found: dict[UUID, Passage] = {}

    @property
    def observed(self) -> dict[str, JsonValue]:
        """Every call with its arguments, time and results, and every line logged, ready to be kept."""
        return {"calls": list(self._calls), "log": list(self._lines)}

    async def search(self, text: str, *, limit: int = 5) -> Sequence[Passage]:
        """The passages of the workspace's documents that fit, best first."""
        limit = max(1, min(limit, 20))
        call: dict[str, JsonValue] = {"call": "search", "text": text, "limit": limit}
        workspace_id = self._claim.workspace_id
        passages = await self._metered(call, lambda: self._library.search(workspace_id, text, limit=limit))
        call["found"] = [
            {
                "passage_id": str(passage.id),
                "document_id": str(passage.document_id),
                "title": passage.title,
                "score": round(passage.score, 4),
            }
            for passage in passages
        ]
        self.found |= {passage.id: passage for passage in passages}
        return passages

    async def quote(self, text: str, passage: Passage) -> str:
        """The sentences of a passage that `search` found which answer best, word for word."""
        call: dict[str, JsonValue] = {"call": "quote", "passage_id": str(passage.id)}
        known = self.found.get(passage.id)
        if known is None:
            raise KitError("Only a passage that search has found in this turn can be quoted.")
        workspace_id = self._claim.workspace_id
        quote = await self._metered(call, lambda: self._library.quote(workspace_id, text, known))
        call["characters"] = len(quote)
        return quote

    def log(self, fact: str, **keys: JsonValue) -> None:
        """Write one line to the server's log and to the record of this turn."""
        if len(self._lines) < MOST_LOG_LINES:
            self._lines.append({"at_ms": self._at_ms(), "fact": fact, **keys})
            log.info("robot.says", robot=self._claim.robot.name, room=str(self._claim.room_id), fact=fact, keys=keys)

    def source_of(self, cite: Cite) -> dict[str, JsonValue] | None:
        """A citation with its title and address; None for a document that no search of this turn has found."""
        of_document = [passage for passage in self.found.values() if passage.document_id == cite.document_id]
        if not of_document:
            return None
        passage = next((passage for passage in of_document if cite.quote in passage.text), of_document[0])
        return {
            "document_id": str(cite.document_id),
            "chunk_id": str(passage.id),
            "title": passage.title,
            "quote": cite.quote,
            "url": passage.url,
        }

    async def _metered(self, call: dict[str, JsonValue], work: Callable[[], Awaitable[T]]) -> T:
        if len(self._calls) >= MOST_CALLS:
            raise KitError(f"A turn may make {MOST_CALLS} calls; this robot wants more.")
        call["at_ms"] = self._at_ms()
        self._calls.append(call)
        try:
            async with asyncio.timeout(CALL_LIMIT_S):
                return await work()
        except TimeoutError as late:
            call["error"] = f"no answer within {CALL_LIMIT_S:g} s"
            raise KitError(f"{call['call']} had no answer within {CALL_LIMIT_S:g} s") from late
        except DeskError as refusal:
            call["error"] = refusal.sentence
            raise KitError(f"{call['call']} failed: {refusal.sentence}") from refusal
        finally:
            call["took_ms"] = round(self._at_ms() - float(str(call["at_ms"])), 2)

    def _at_ms(self) -> float:
        return round((self._clock.monotonic() - self._began) * 1000, 2)
