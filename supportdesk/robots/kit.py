"""The kit that a robot gets for one turn: bound to the workspace, timed, and on record."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import datetime
from typing import Final, Protocol, TypeAlias, TypeVar
from uuid import UUID

import structlog
from pydantic import JsonValue

from supportdesk.actor import Actor
from supportdesk.core.clock import Clock
from supportdesk.core.keepable import keepable, keepable_text
from supportdesk.core.masking import Mask
from supportdesk.core.outward import MOST_REDIRECTS, Outward
from supportdesk.errors import DeskError, StartError
from supportdesk.knowledge.access import reach_of
from supportdesk.knowledge.model import Answer, Hit, Reach
from supportdesk.knowledge.sorting import Sorted
from supportdesk.robots.contract import Cite, Http, HttpReply, Intent, KitError, Llm, Passage, Tools
from supportdesk.robots.model import Claim
from supportdesk.robots.toolbox import Toolbox
from supportdesk.robots.unequipped import NoLlm, NoTools
from supportdesk.tools.executor import Executor

log = structlog.get_logger(__name__)

CALL_LIMIT_S: Final = 10.0
MOST_CALLS: Final = 50
MOST_LOG_LINES: Final = 50
LONGEST_SEARCH: Final = 2_000
"""Characters of a question that are searched and kept in the turn's record."""
T = TypeVar("T")
Facts: TypeAlias = Callable[[], dict[str, JsonValue]]


class Library(Protocol):
    """The documents as `knowledge.search.Knowledge` offers them."""

    async def search(self, actor: Actor, text: str, limit: int = 3, *, reach: Reach | None = None) -> Sequence[Hit]:
        """The places that fit, best first."""

    async def answer_from(self, hits: Sequence[Hit], question: str) -> Answer:
        """The best sentences of the best hit, word for word."""

    async def likeness(self, text: str, others: Sequence[str]) -> float:
        """The greatest cosine of the text with one of the others."""

    async def intent_of(self, text: str, phrases: Mapping[str, Sequence[str]]) -> Sorted | None:
        """Which intent the text is about; None without phrases."""


class TurnKit:
    """Kit of one turn. What it did is in `observed`."""

    def __init__(
        self,
        claim: Claim,
        library: Library,
        clock: Clock,
        outward: Outward | None = None,
        executor: Executor | None = None,
        mask: Mask | None = None,
    ) -> None:
        self.mask = mask or Mask()
        self.llm: Llm = NoLlm()
        self.waits_in: Callable[[], AbstractAsyncContextManager[None]] = nullcontext
        self.toolbox = Toolbox(self, claim, executor, self.mask) if executor is not None else None
        self.tools: Tools = self.toolbox or NoTools()
        self.http: Http = _Requests(self, outward or Outward())
        self._claim = claim
        self._library = library
        self._clock = clock
        self._began = clock.monotonic()
        self._calls: list[dict[str, JsonValue]] = []
        self._lines: list[dict[str, JsonValue]] = []
        self._found: dict[UUID, Hit] = {}
        self._quoted: dict[str, UUID] = {}
        self._refused = 0
        self._watched: dict[int, Facts] = {}

    @property
    def observed(self) -> dict[str, JsonValue]:
        """Every call with its arguments, time and results, and every line logged, ready to be kept."""
        refused: dict[str, JsonValue] = {"refused_calls": self._refused} if self._refused else {}
        return self.mask.names({"calls": [*self._told()], "log": [*self._lines], **refused})

    @property
    def spent(self) -> tuple[int, float | None]:
        """Tokens and US dollars of the models that were asked so far; None where a price is unknown."""
        asked = [call for call in self._told() if call["call"] == "llm"]
        tokens = sum(int(str(call[part])) for call in asked for part in ("input_tokens", "output_tokens"))
        costs = [call["cost"] for call in asked]
        known = [float(str(cost)) for cost in costs if cost is not None]
        return tokens, sum(known) if len(known) == len(costs) else None

    @property
    def has_watched(self) -> bool:
        """Whether calls are on record whose facts may still change."""
        return bool(self._watched)

    def unhurried(self) -> AbstractAsyncContextManager[None]:
        """What to wait in while the desk itself gets ready."""
        return self.waits_in()

    def waits_on(self) -> None:
        """Remember that another turn goes on with this one, when people have decided."""
        if self.toolbox is not None:
            self.toolbox.goes_on = True

    def watch(self, facts: Facts) -> None:
        """Put a call on record whose facts are known only as it goes on. Raises KitError when there are too many."""
        call: dict[str, JsonValue] = {}
        self._begin(call)
        self._watched[len(self._calls) - 1] = facts

    def _told(self) -> list[dict[str, JsonValue]]:
        return [
            {**call, **self._watched[place]()} if place in self._watched else call
            for place, call in enumerate(self._calls)
        ]

    def _begin(self, call: dict[str, JsonValue]) -> None:
        if len(self._calls) >= MOST_CALLS:
            self._refused += 1
            raise KitError(f"A turn may make {MOST_CALLS} calls; this robot wants more.")
        call["at_ms"] = self._at_ms()
        self._calls.append(call)

    @property
    def has_searched(self) -> bool:
        """Whether the robot has looked into the documents."""
        return any(call.get("call") == "search" for call in self._calls)

    async def search(self, text: str, *, limit: int = 5) -> Sequence[Passage]:
        """The passages of the workspace's documents that fit, best first: those that guests may read."""
        limit = max(1, min(limit, 20))
        text = text[:LONGEST_SEARCH]
        voice = self._claim.voice
        reach = reach_of(voice, room_id=self._claim.room_id)
        call: dict[str, JsonValue] = {"call": "search", "text": text, "limit": limit}
        hits = await self.metered(call, lambda: self._library.search(voice, text, limit, reach=reach))
        call["found"] = [
            {
                "chunk_id": str(hit.chunk_id),
                "document_id": str(hit.document_id),
                "title": hit.title,
                "heading": hit.heading,
                "score": round(hit.score, 4),
                "vector": None if hit.why.vector is None else round(hit.why.vector, 4),
                "words": round(hit.why.text, 4),
                **({} if hit.why.closeness is None else {"closeness": round(hit.why.closeness, 4)}),
            }
            for hit in hits
        ]
        self._found |= {hit.chunk_id: hit for hit in hits}
        return [_passage(hit) for hit in hits]

    async def quote(self, text: str, passage: Passage) -> str:
        """The sentences of a passage that `search` found which answer best, word for word."""
        hit = self._found.get(passage.id)
        if hit is None:
            raise KitError("Only a passage that search has found in this turn can be quoted.")
        call: dict[str, JsonValue] = {"call": "quote", "chunk_id": str(passage.id)}
        answer = await self.metered(call, lambda: self._library.answer_from([hit], text))
        quote = answer.text or hit.text
        self._quoted[quote] = answer.citations[0].chunk_id if answer.citations else hit.chunk_id
        call["characters"] = len(quote)
        return quote

    async def intent_of(self, text: str, phrases: Mapping[str, Sequence[str]]) -> Intent | None:
        """Which of the intents, each given by phrases of guests, the text is about; None without phrases."""
        call: dict[str, JsonValue] = {"call": "intent_of", "text": text[:LONGEST_SEARCH], "intents": len(phrases)}
        found = await self.metered(call, lambda: self._library.intent_of(text, phrases))
        if found is None:
            return None
        call["found"] = {"intent": found.intent, "chance": round(found.chance, 4)}
        return Intent(name=found.intent, chance=found.chance)

    async def blocking(self, work: Callable[..., T], *args: object) -> T:
        """Run something that keeps a processor busy or waits without asyncio, in a thread beside the loop."""
        call: dict[str, JsonValue] = {"call": "blocking", "work": getattr(work, "__qualname__", type(work).__name__)}
        return await self.metered(call, lambda: asyncio.to_thread(work, *args))

    def now(self) -> datetime:
        """The time, in UTC."""
        return self._clock.now()

    def log(self, fact: str, **keys: JsonValue) -> None:
        """Write one line to the server's log and to the record of this turn, without the robot's secrets."""
        if len(self._lines) < MOST_LOG_LINES:
            kept = self.mask.names({keepable_text(str(name)): keepable(value) for name, value in keys.items()})
            said = self.mask.text(keepable_text(str(fact)))
            self._lines.append({"at_ms": self._at_ms(), "fact": said, **kept})
            log.info("robot.says", robot=self._claim.robot.name, room=str(self._claim.room_id), fact=said, keys=kept)

    def source_of(self, cite: Cite) -> dict[str, JsonValue] | None:
        """A citation with its title and address; None for a document that no search of this turn has found."""
        of_document = [hit for hit in self._found.values() if hit.document_id == cite.document_id]
        if not of_document:
            return None
        hit = next((hit for hit in of_document if cite.quote in hit.text), of_document[0])
        chunk_id = self._quoted.get(cite.quote, hit.chunk_id)  # a quote may be of a chunk beside those that were found
        return {
            "document_id": str(cite.document_id),
            "chunk_id": str(chunk_id),
            "title": hit.title,
            "quote": cite.quote,
            "url": hit.url,
        }

    async def metered(
        self, call: dict[str, JsonValue], work: Callable[[], Awaitable[T]], *, limit_s: float = CALL_LIMIT_S
    ) -> T:
        """Do the work within the turn's limits, with its time and its error on record. Raises KitError."""
        self._begin(call)
        try:
            async with asyncio.timeout(limit_s):
                return await work()
        except TimeoutError as late:
            call["error"] = f"no answer within {limit_s:g} s"
            raise KitError(f"{call['call']} had no answer within {limit_s:g} s") from late
        except (DeskError, StartError) as refusal:  # StartError: the model's files are not those they should be
            call["error"] = str(refusal)
            raise KitError(f"{call['call']} failed: {refusal}") from refusal
        finally:
            call["took_ms"] = round(self._at_ms() - float(str(call["at_ms"])), 2)

    def _at_ms(self) -> float:
        return round((self._clock.monotonic() - self._began) * 1000, 2)


class _Requests:
    """Requests to other servers, on record without their bodies."""

    def __init__(self, kit: TurnKit, outward: Outward) -> None:
        self._kit = kit
        self._outward = outward

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        timeout_s: float = 10,
        redirects: bool = True,
    ) -> HttpReply:
        """One request, at most 1 MiB of answer; redirects are followed and checked, or refused. Raises KitError."""
        address, _mark, _query = url.partition("?")  # what follows may be a secret
        call: dict[str, JsonValue] = {"call": "http", "method": method, "url": address, "sent": len(body)}
        most = MOST_REDIRECTS if redirects else 0
        reply = await self._kit.metered(
            call,
            lambda: self._outward.request(
                method, url, headers=headers, body=body, timeout_s=timeout_s, most_redirects=most
            ),
        )
        call |= {"status": reply.status, "received": len(reply.body)}
        return HttpReply(status=reply.status, headers=reply.headers, body=reply.body)


def _passage(hit: Hit) -> Passage:
    return Passage(
        id=hit.chunk_id, document_id=hit.document_id, title=hit.title, text=hit.text, score=hit.score, url=hit.url
    )
