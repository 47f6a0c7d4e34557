"""Unanswered questions as their rooms go: by retention, and not while a hold is on them."""

from datetime import timedelta
from uuid import UUID

from supportdesk.knowledge import unanswered
from supportdesk.knowledge.model import Vain
from supportdesk.knowledge.queries import unanswered as queries
from tests.factories import Connection
from tests.knowledge.conftest import Shelf
from tests.knowledge.test_scopes import make_room


async def asks(shelf: Shelf, room: UUID, text: str = "do you ship to norway?") -> None:
    async with shelf.db.transaction(shelf.system) as tx:
        await unanswered.note(tx, room, text, Vain.NOT_IN_DOCUMENTS)
    await unanswered.sort_in(shelf.db, shelf.embeddings, shelf.system)


async def test_a_group_outlives_the_room_that_asked_first(shelf: Shelf, owner: Connection) -> None:
    first, other = await make_room(owner, shelf.workspace_id), await make_room(owner, shelf.workspace_id)
    await asks(shelf, first)
    await asks(shelf, other)
    await owner.execute("DELETE FROM unanswered_questions WHERE room_id = $1", first)
    await asks(shelf, other, "Do you ship to Norway?")
    async with shelf.db.read(shelf.system) as conn:
        (group,) = await queries.list_groups(conn, 9)
    assert (group.question, group.others, group.count) == ("do you ship to norway?", ("Do you ship to Norway?",), 2)
    async with shelf.db.transaction(shelf.system) as tx:
        await unanswered.settle(tx, shelf.system, group.id)


async def test_a_hold_keeps_old_questions(shelf: Shelf, owner: Connection) -> None:
    held, free = await make_room(owner, shelf.workspace_id), await make_room(owner, shelf.workspace_id)
    await asks(shelf, held)
    await asks(shelf, free)
    await owner.execute(
        "UPDATE unanswered_questions SET created_at = now() - $2::interval WHERE workspace_id = $1",
        shelf.workspace_id,
        timedelta(days=5_000),
    )
    await owner.execute(
        "INSERT INTO legal_holds (workspace_id, scope, room_id, reason) VALUES ($1, 'room', $2, 'A court asks.')",
        shelf.workspace_id,
        held,
    )
    async with shelf.db.transaction(shelf.system) as tx:
        assert await queries.expire_questions(tx.conn) == 1
        (left,) = await queries.list_groups(tx.conn, 9)
    assert left.count == 1
