"""Documents that were removed are deleted for good in the end, and nothing that stands on them falls."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from supportdesk.core.clock import Clock
from supportdesk.knowledge import actions, jobs
from supportdesk.knowledge.model import Document, Home, Scope
from tests.factories import Connection
from tests.knowledge.conftest import Shelf
from tests.knowledge.test_scopes import make_room
from tests.knowledge.test_versions import brings


class LaterClock(Clock):
    """So many days from now."""

    def __init__(self, days: float) -> None:
        self._days = days

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(days=self._days)  # noqa: TID251 - beside the database's own clock


async def left_of(owner: Connection, document: Document) -> tuple[int, int]:
    """Rows of the document, and of its chunks and bytes."""
    counted = await owner.fetchrow(
        """
        SELECT (SELECT count(*) FROM documents WHERE id = $1),
               (SELECT count(*) FROM document_chunks WHERE document_id = $1)
               + (SELECT count(*) FROM document_originals WHERE document_id = $1)
        """,
        document.id,
    )
    assert counted is not None
    return counted[0], counted[1]


async def remove(shelf: Shelf, document: Document) -> None:
    async with shelf.db.transaction(shelf.system) as tx:
        await actions.remove_document(tx, shelf.system, document.id)


async def hold(owner: Connection, shelf: Shelf, scope: str, *, room: UUID | None = None) -> None:
    await owner.execute(
        "INSERT INTO legal_holds (workspace_id, scope, room_id, reason) VALUES ($1, $2, $3, 'a lawsuit')",
        shelf.workspace_id,
        scope,
        room,
    )


async def test_removed_and_replaced_documents_go_after_thirty_days(shelf: Shelf, owner: Connection) -> None:
    old = await shelf.holds("The fee is one euro.", "fee.md")
    new = await shelf.holds("The fee is two euros.", "fee.md")
    removed = await shelf.holds("We open at nine.", "hours.md")
    await remove(shelf, removed)
    await jobs.purge_documents(shelf.db, LaterClock(29))
    assert [(await left_of(owner, each))[0] for each in (old, new, removed)] == [1, 1, 1]

    await jobs.purge_documents(shelf.db, LaterClock(31))
    assert [await left_of(owner, each) for each in (old, removed)] == [(0, 0), (0, 0)]
    assert await left_of(owner, new) == (1, 1)
    assert await shelf.finds("how much is the fee?")
    told = await owner.fetch("SELECT row_data::text AS told FROM documents_history WHERE subject_id = $1", removed.id)
    assert told
    assert not any("hours.md" in row["told"] for row in told), "the history keeps no name of it"


async def test_more_than_one_batch_goes_in_one_run(
    shelf: Shelf, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "PURGED_AT_ONCE", 2)
    for number in range(5):
        document, _ = await shelf.add(f"Fact {number}.", f"{number}.md")
        await remove(shelf, document)
    await jobs.purge_documents(shelf.db, LaterClock(31))
    assert not await owner.fetchval("SELECT count(*) FROM documents WHERE workspace_id = $1", shelf.workspace_id)


async def test_documents_of_a_deleted_conversation_go_with_it(shelf: Shelf, owner: Connection) -> None:
    rooms = [await make_room(owner, shelf.workspace_id) for _ in range(2)]
    deleted, living = [
        await shelf.holds("The code is 4711.", "code.md", home=Home(Scope.ROOM, room_id=room)) for room in rooms
    ]
    await owner.execute("UPDATE chat_rooms SET deleted_at = now() WHERE id = $1", rooms[0])
    await jobs.purge_documents(shelf.db, LaterClock(31))
    assert (await left_of(owner, deleted), await left_of(owner, living)) == ((0, 0), (1, 1))


async def test_a_hold_keeps_the_documents_of_its_room(shelf: Shelf, owner: Connection) -> None:
    room = await make_room(owner, shelf.workspace_id)
    held = await shelf.holds("The code is 4711.", "code.md", home=Home(Scope.ROOM, room_id=room))
    free = await shelf.holds("We open at nine.", "hours.md")
    await hold(owner, shelf, "room", room=room)
    for document in (held, free):
        await remove(shelf, document)
    await jobs.purge_documents(shelf.db, LaterClock(400))
    assert [(await left_of(owner, each))[0] for each in (held, free)] == [1, 0]
    await owner.execute("UPDATE legal_holds SET released_at = now() WHERE room_id = $1", room)
    await jobs.purge_documents(shelf.db, LaterClock(400))
    assert await left_of(owner, held) == (0, 0)


async def test_a_hold_on_a_guest_keeps_the_documents_of_their_rooms(shelf: Shelf, owner: Connection) -> None:
    room = await make_room(owner, shelf.workspace_id)
    guest = await owner.fetchval(
        "INSERT INTO users (workspace_id, account_type_informal, current_account_status) "
        "VALUES ($1, 'guest', 'active') RETURNING id",
        shelf.workspace_id,
    )
    await owner.execute("UPDATE chat_rooms SET creator_id = $2 WHERE id = $1", room, guest)
    held = await shelf.holds("The code is 4711.", "code.md", home=Home(Scope.ROOM, room_id=room))
    await owner.execute(
        "INSERT INTO legal_holds (workspace_id, scope, guest_id, reason) VALUES ($1, 'guest', $2, 'a lawsuit')",
        shelf.workspace_id,
        guest,
    )
    await owner.execute("UPDATE chat_rooms SET deleted_at = now() WHERE id = $1", room)
    await jobs.purge_documents(shelf.db, LaterClock(31))
    assert (await left_of(owner, held))[0] == 1


async def test_a_hold_on_the_workspace_keeps_all(shelf: Shelf, owner: Connection) -> None:
    held = await shelf.holds("We open at nine.", "hours.md")
    await hold(owner, shelf, "workspace")
    await remove(shelf, held)
    await jobs.purge_documents(shelf.db, LaterClock(31))
    assert (await left_of(owner, held))[0] == 1


async def test_a_replaced_tables_answers_stay(shelf: Shelf, owner: Connection) -> None:
    old = await brings(shelf, "When do you open?,At nine.\nHow do I pay?,By card.\n")
    await brings(shelf, "When do you open?,At nine.\n")
    await jobs.purge_documents(shelf.db, LaterClock(31))
    assert await left_of(owner, old) == (0, 0)
    assert await shelf.finds("when do you open?")


async def test_the_answers_of_a_removed_table_go_unless_the_workspace_is_under_a_hold(
    shelf: Shelf, owner: Connection
) -> None:
    table = await brings(shelf, "When do you open?,At nine.\nHow do I pay?,By card.\n")
    await remove(shelf, table)
    count = "SELECT count(*) FROM knowledge_entries WHERE workspace_id = $1"
    await jobs.purge_documents(shelf.db, LaterClock(29))
    await hold(owner, shelf, "workspace")
    await jobs.purge_documents(shelf.db, LaterClock(31))
    assert await owner.fetchval(count, shelf.workspace_id) == 2
    await owner.execute("UPDATE legal_holds SET released_at = now() WHERE workspace_id = $1", shelf.workspace_id)
    await jobs.purge_documents(shelf.db, LaterClock(31))
    assert await owner.fetchval(count, shelf.workspace_id) == 0
