"""The workspace's documents, as robots may use them."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.knowledge.model import Audience, Hit, Reach
from supportdesk.knowledge.search import Knowledge
from supportdesk.robots.contract import Passage

FOR_GUESTS: Final = Reach(frozenset({Audience.GUESTS}))
REMEMBERED: Final = 2_000
"""Hits kept between a search and the quoting of one of them, which follows at once."""


class DeskLibrary:
    """Searches what guests may read, whoever asks: a robot's words are for guests."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._hits: OrderedDict[tuple[WorkspaceId, UUID], Hit] = OrderedDict()

    async def search(self, workspace_id: WorkspaceId, text: str, *, limit: int) -> Sequence[Passage]:
        """The passages that fit, best first."""
        hits = await self._knowledge.search(Actor.system(workspace_id), text, limit, reach=FOR_GUESTS)
        for hit in hits:
            self._hits[workspace_id, hit.chunk_id] = hit
        while len(self._hits) > REMEMBERED:
            self._hits.popitem(last=False)
        return [
            Passage(
                id=hit.chunk_id,
                document_id=hit.document_id,
                title=hit.title,
                text=hit.text,
                score=hit.score,
                url=hit.url,
            )
            for hit in hits
        ]

    async def quote(self, workspace_id: WorkspaceId, text: str, passage: Passage) -> str:
        """The sentences of a passage that answer best, word for word; the whole passage when it is short."""
        hit = self._hits.get((workspace_id, passage.id))
        if hit is None:
            return passage.text
        return (await self._knowledge.answer_from([hit], text)).text or passage.text
