"""Questions answered by hand: found by any of their phrasings, answered whole, changed and removed at once."""

import pytest

from supportdesk.actor import ActorKind
from supportdesk.core.db import Lane
from supportdesk.errors import Forbidden, Invalid, NotFound
from supportdesk.knowledge import entries
from supportdesk.knowledge.model import Audience, Entry, EntryId, NewEntry, Pair
from tests.knowledge.conftest import MakeShelf, Shelf
from tests.knowledge.test_uploads import sends
from tests.people import Desk

LONG = "Gift wrapping costs three euro for each parcel and is done by hand. " * 12
ANSWER = f"Yes, **we do**.\n\n{LONG}\n\n- Red\n- Green"
GIFT = NewEntry(question="Do you wrap gifts?", answer=ANSWER, phrasings=("Can my order come as a present?",))


async def write(shelf: Shelf, new: NewEntry = GIFT) -> Entry:
    async with shelf.db.transaction(shelf.system, lane=Lane.WEB) as tx:
        entry = await entries.create_entry(tx, shelf.system, new)
    while await shelf.read():
        pass
    return entry


async def says(shelf: Shelf, question: str, kind: ActorKind = ActorKind.GUEST) -> str:
    return (await shelf.knowledge.answer_from(await shelf.finds(question, kind), question)).text


async def test_an_entry_is_answered_whole_in_its_own_words_and_cited(shelf: Shelf) -> None:
    await shelf.holds("We wrap nothing in plastic. Parcels are made of paper.", "paper.md", title="Packaging")
    await write(shelf)
    for asked in ("do you wrap gifts", "could it come as a present for my sister?", "gift wrapping"):
        hits = await shelf.finds(asked)
        assert hits[0].entry_id is not None, asked
        answer = await shelf.knowledge.answer_from(hits, asked)
        assert answer.text == ANSWER
        assert [(each.title, each.quote) for each in answer.citations] == [("Do you wrap gifts?", ANSWER)]
    assert sum(hit.entry_id is not None for hit in hits) == 1, "an entry is found once, however many ways to ask it"


async def test_entries_that_are_about_as_near_are_compared_word_by_word(shelf: Shelf) -> None:
    await write(shelf, NewEntry(question="How are refunds made?", answer="To the card that was paid with."))
    await write(shelf, NewEntry(question="When are refunds made?", answer="Within five days of the return."))
    hits = await shelf.finds("will I be reimbursed")
    assert [hit.heading for hit in hits] == ["How are refunds made?", "When are refunds made?"]
    closeness = [hit.why.closeness or 0.0 for hit in hits]
    assert closeness[0] > closeness[1] > 0
    assert hits[0].score >= hits[1].score
    (only,) = await shelf.finds("will I be reimbursed", limit=1)
    assert only == hits[0]
    clear = await shelf.finds("how fast will I be reimbursed")
    assert [hit.heading for hit in clear] == ["When are refunds made?", "How are refunds made?"]
    assert [hit.why.closeness for hit in clear] == [None, None]


async def test_new_words_take_over_when_they_are_read_and_what_is_off_is_silent_at_once(shelf: Shelf) -> None:
    entry = await write(shelf)

    async def change(new: NewEntry) -> None:
        async with shelf.db.transaction(shelf.system) as tx:
            await entries.change_entry(tx, shelf.system, entry.id, new)

    await change(NewEntry(question=GIFT.question, answer="No."))
    assert await says(shelf, "do you wrap gifts?") == ANSWER
    await shelf.read()
    assert await says(shelf, "do you wrap gifts?") == "No."
    await change(NewEntry(question=GIFT.question, answer="No.", active=False))
    assert await says(shelf, "do you wrap gifts?") == ""
    await change(NewEntry(question=GIFT.question, answer="Ask Ann.", audience=Audience.STAFF))
    await shelf.read()
    assert await says(shelf, "do you wrap gifts?") == ""
    assert await says(shelf, "do you wrap gifts?", ActorKind.ROBOT) == ""
    assert await says(shelf, "do you wrap gifts?", ActorKind.AGENT) == "Ask Ann."


async def test_what_was_removed_can_be_brought_back(shelf: Shelf) -> None:
    entry = await write(shelf)
    async with shelf.db.transaction(shelf.system) as tx:
        await entries.remove_entry(tx, shelf.system, entry.id)
    assert await says(shelf, "do you wrap gifts?") == ""
    async with shelf.db.transaction(shelf.system) as tx:
        await entries.restore_entry(tx, shelf.system, entry.id)
        await entries.restore_entry(tx, shelf.system, entry.id)
    await shelf.read()
    assert await says(shelf, "do you wrap gifts?") == ANSWER


async def test_an_entry_is_its_workspaces_own_and_the_writers(make_shelf: MakeShelf) -> None:
    shelf, other = await make_shelf(), await make_shelf()
    entry = await write(shelf)
    assert await says(other, "do you wrap gifts?") == ""
    agent = shelf.actor(ActorKind.AGENT)
    async with other.db.transaction(other.system) as tx:
        with pytest.raises(NotFound):
            await entries.change_entry(tx, other.system, entry.id, GIFT)
        with pytest.raises(NotFound):
            await entries.remove_entry(tx, other.system, entry.id)
    async with shelf.db.transaction(agent) as tx:
        with pytest.raises(Forbidden):
            await entries.create_entry(tx, agent, GIFT)
        with pytest.raises(Forbidden):
            await entries.remove_entry(tx, agent, EntryId(entry.id))


@pytest.mark.parametrize(
    "wrong",
    [
        NewEntry(question=" ", answer="a"),
        NewEntry(question="q", answer=" \n"),
        NewEntry(question="q" * 501, answer="a"),
        NewEntry(question="q", answer="a" * 4_001),
        NewEntry(question="q", answer="a", phrasings=tuple(f"p{n}" for n in range(51))),
    ],
)
async def test_what_is_no_entry_is_refused(shelf: Shelf, wrong: NewEntry) -> None:
    async with shelf.db.transaction(shelf.system) as tx:
        with pytest.raises(Invalid) as refused:
            await entries.create_entry(tx, shelf.system, wrong)
    assert refused.value.details["fields"]


async def test_a_tables_rows_become_entries_and_its_next_version_changes_them(desk: Desk) -> None:
    admin = await desk.signed_in("admin")

    async def rows() -> dict[str, str]:
        await desk.settle()
        found = await desk.owner.fetch(
            "SELECT question, answer FROM knowledge_entries WHERE workspace_id = $1 AND deleted_at IS NULL",
            desk.workspace.id,
        )
        return {row["question"]: row["answer"] for row in found}

    _, made = await sends(admin, b"question,answer\nWhen?,Now.\nHow?,By card.\nWho?,Ann.\n", "faq.csv")
    assert await rows() == {"When?": "Now.", "How?": "By card.", "Who?": "Ann."}
    assert (await admin.fetches("GET", f"/api/v1/documents/{made['id']}"))[1]["processing_status"] == "completed"
    await sends(admin, b"question,answer\nWhen?,Later.\nHow?,By card.\nWhy?,Because.\n", "faq.csv")
    assert await rows() == {"When?": "Later.", "How?": "By card.", "Why?": "Because."}
    assert (
        await desk.owner.fetchval(
            "SELECT count(*) FROM documents WHERE workspace_id = $1 AND entry_id IS NOT NULL AND deleted_at IS NULL "
            "AND processing_status = 'completed'",
            desk.workspace.id,
        )
        == 3
    )
    _, broken = await sends(admin, b"question,answer\nWhen?,\n", "faq.csv")
    assert await rows() == {"When?": "Later.", "How?": "By card.", "Why?": "Because."}
    _, shown = await admin.fetches("GET", f"/api/v1/documents/{broken['id']}")
    assert shown["error_message"] == "The row that ends in line 2 has no answer."


async def test_what_a_person_has_written_stands_whatever_a_table_says(shelf: Shelf) -> None:
    await write(shelf, NewEntry(question="When?", answer="By hand."))
    table = await shelf.holds("x", "faq.md")
    async with shelf.db.transaction(shelf.system) as tx:
        pairs = [Pair("when?", "By table."), Pair("How?", "One."), Pair("how?", "Two.")]
        await entries.take_table(tx, shelf.system, table, pairs)
    while await shelf.read():
        pass
    assert await says(shelf, "When?") == "By hand."
    assert await says(shelf, "How?") == "One."
