"""What guests asked in vain: kept as words alone, put together by meaning, answered once for all or dismissed."""

from typing import Final
from uuid import UUID

from supportdesk.actor import Actor, Permission
from supportdesk.core.db import Connection, Database, Lane, Tx
from supportdesk.errors import NotFound
from supportdesk.knowledge.events import QuestionUnanswered
from supportdesk.knowledge.model import MAX_QUESTION, Group, QuestionId, Vain, clean
from supportdesk.knowledge.pool import Embeddings
from supportdesk.knowledge.queries import unanswered

SAME: Final = 0.72
"""Cosine from which two questions ask the same, as the model sees it; a guess that was looked at, not fitted."""
AT_ONCE: Final = 100
MOST_GROUPS: Final = 500


async def note(tx: Tx, room_id: UUID, text: str, reason: Vain) -> None:
    """Keep a question that the documents did not answer: its words, cut to 500 characters, and no more."""
    question = " ".join(clean(text).split())[:MAX_QUESTION]
    if not question:
        return
    await unanswered.insert_question(tx.conn, tx.actor.workspace_id, room_id, question, reason)
    tx.announce(QuestionUnanswered(workspace_id=tx.actor.workspace_id))


async def sort_in(db: Database, embeddings: Embeddings, actor: Actor) -> None:
    """Put each new question to those that mean the same, or begin a group with it. About 1 ms per question."""
    import numpy as np

    async with db.transaction(actor, lane=Lane.BACKGROUND) as tx:
        fresh = await unanswered.list_unsorted(tx.conn, AT_ONCE)
    if not fresh:
        return
    vectors = await embeddings.of_questions([one.question for one in fresh])
    async with db.transaction(actor, lane=Lane.BACKGROUND) as tx:
        still = {one.id for one in await unanswered.list_unsorted(tx.conn, AT_ONCE)}
        firsts = [one for one in await unanswered.list_firsts(tx.conn, MOST_GROUPS) if one.meaning is not None]
        ids = [one.id for one in firsts]
        meanings = [np.asarray(one.meaning, dtype=np.float32) for one in firsts]
        for one, vector in zip(fresh, vectors, strict=True):
            if one.id not in still:
                continue
            likeness = np.stack(meanings) @ vector if meanings else np.zeros(0)
            if likeness.size and float(likeness.max()) >= SAME:
                group = ids[int(likeness.argmax())]
            else:
                group = one.id
                ids.append(one.id)
                meanings.append(vector)
            await unanswered.sort_question(tx.conn, one.id, group, vector.tolist())


async def group_for(conn: Connection, actor: Actor, group_id: QuestionId) -> Group:
    """The open questions that mean the same as this first one. Raises Forbidden, NotFound."""
    actor.must(Permission.KNOWLEDGE_READ)
    found = await unanswered.list_groups(conn, 1, only=group_id)
    if not found:
        raise NotFound("There is no such open question.")
    return found[0]


async def settle(tx: Tx, actor: Actor, group_id: QuestionId, *, dismissed: bool = False) -> None:
    """Take a group off the list, answered or dismissed. Raises Forbidden, NotFound."""
    actor.must(Permission.KNOWLEDGE_WRITE)
    if not await unanswered.settle_group(tx.conn, group_id, "dismissed" if dismissed else "answered"):
        raise NotFound("There is no such open question.")
