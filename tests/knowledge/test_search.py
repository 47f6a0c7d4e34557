"""Search: the right place, only what may be seen, with one score that tells questions apart."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from supportdesk.actor import ActorKind
from supportdesk.knowledge.access import reach_of
from supportdesk.knowledge.cutting import cut
from supportdesk.knowledge.model import Audience, DocumentId, Home, Reach, Scope
from supportdesk.knowledge.queries import places, reading
from supportdesk.knowledge.search import search
from supportdesk.robots.remarks import TOO_NEAR
from tests.factories import Connection
from tests.knowledge.conftest import MakeShelf, Shelf
from tests.knowledge.test_scopes import make_room, make_team

RETURNS = "You can send an item back within 30 days.\n\n## Who pays?\n\nReturns from the Netherlands are free.\n"
PASSWORD = "Open the sign-in page and choose **Forgot password**. The link is valid for 15 minutes.\n"
PARTS = "Spare lids for pans are sold one by one. The part number of the lid is QX-4471.\n"


async def stock(shelf: Shelf) -> Shelf:
    await shelf.holds(RETURNS, "returns.md", title="How do I return an item?", source_url="/help/returns")
    await shelf.holds(PASSWORD, "password.md", title="I forgot my password")
    await shelf.holds(PARTS, "parts.md", title="Spare parts")
    return shelf


@pytest.mark.vectors
async def test_a_paraphrase_finds_its_article_and_a_foreign_question_scores_low(shelf: Shelf) -> None:
    await stock(shelf)
    (best, *_) = await shelf.finds("how can I give something back that I bought?")
    assert (best.title, best.url) == ("How do I return an item?", "/help/returns")
    assert best.score > 0.65
    assert best.why.vector is not None
    assert best.why.vector > 0.4
    (strange, *_) = await shelf.finds("who won the football match yesterday?")
    assert strange.score < 0.2


async def test_an_exact_term_that_means_nothing_to_the_model_is_found_by_its_letters(shelf: Shelf) -> None:
    await stock(shelf)
    (best, *_) = await shelf.finds("QX-4471")
    assert "QX-4471" in best.text
    assert best.why.text == 1


async def test_hits_come_best_first_and_no_more_than_asked_for(shelf: Shelf) -> None:
    await stock(shelf)
    hits = await shelf.finds("return", limit=2)
    assert len(hits) == 2
    assert hits[0].score >= hits[1].score
    assert all(0 <= hit.score <= 1 for hit in hits)


@pytest.mark.parametrize(
    "question",
    ["", "   ", "\x00", "\ud800", "?!…", "the of and", "' OR 1=1 --", "a & b | !c <-> :*", "\\'\\", "x" * 20_000,
     "return " * 3_000, "🙂", "退货政策是什么", "%_%", "{}[]()"],
)  # fmt: skip
async def test_strange_questions_are_searched_like_any_other(shelf: Shelf, question: str) -> None:
    await shelf.holds(RETURNS)
    for hit in await shelf.finds(question):
        assert 0 <= hit.score <= 1


async def test_an_empty_shelf_finds_nothing(shelf: Shelf) -> None:
    assert await shelf.finds("anything") == []


async def test_chunks_of_another_workspace_are_never_found(make_shelf: MakeShelf) -> None:
    mine, other = await make_shelf(), await make_shelf()
    await stock(other)
    await mine.holds("We repair bicycles on Mondays.", "bicycles.md", title="Bicycles")
    for question in ("how do I return an item", "QX-4471", "forgot my password"):
        # By words alone, without pgvector, a place is found for a word of its own only.
        found = await mine.finds(f"{question} on Mondays", ActorKind.SYSTEM, limit=50)
        assert {hit.title for hit in found} == {"Bicycles"}


@pytest.mark.parametrize(
    ("kind", "sees"), [(ActorKind.GUEST, False), (ActorKind.ROBOT, False), (ActorKind.AGENT, True)]
)
async def test_staff_documents_are_for_staff(shelf: Shelf, kind: ActorKind, sees: bool) -> None:  # noqa: FBT001
    await stock(shelf)
    await shelf.holds("The margin on returns is 12 %.", "margin.md", title="Margin", audience=Audience.STAFF)
    titles = {hit.title for hit in await shelf.finds("what is the margin on returns", kind, limit=50)}
    assert ("Margin" in titles) is sees


async def test_a_documents_scope_is_its_room_or_team(shelf: Shelf, owner: Connection) -> None:
    room, team = await make_room(owner, shelf.workspace_id), await make_team(owner, shelf.workspace_id)
    await shelf.holds("The order is AS-1.", "room.md", title="Room", home=Home(Scope.ROOM, room_id=room))
    await shelf.holds("The order is AS-2.", "team.md", title="Team", home=Home(Scope.TEAM, team_id=team))
    guests = frozenset({Audience.GUESTS})

    async def titles(reach: Reach | None) -> set[str]:
        return {hit.title for hit in await shelf.finds("which order is it", reach=reach)}

    assert await titles(None) == set()
    assert await titles(Reach(guests, room_id=room)) == {"Room"}
    assert await titles(Reach(guests, team_ids=frozenset({team}))) == {"Team"}
    assert await titles(Reach(guests, room_id=uuid4(), team_ids=frozenset({uuid4()}))) == set()


async def test_the_application_cannot_search_without_a_workspace(shelf: Shelf) -> None:
    await stock(shelf)
    async with shelf.db.bare() as conn:
        found = await conn.fetch("SELECT * FROM desk_search_places('return an item', NULL, '{guests,staff}', 30, 20)")
        assert found == []


async def test_an_answer_is_whole_sentences_of_the_document_with_their_place(shelf: Shelf) -> None:
    filler = "The warehouse checks the item within 3 working days. A label is printed at the pick-up point. "
    text = f"## Refunds\n\n{filler * 3}The money reaches your account within 7 days of the check. {filler * 3}\n"
    await shelf.holds(text)
    question = "When do I get my money?"
    hits = await shelf.finds(question)
    answer = await shelf.knowledge.answer_from(hits, question)
    assert "The money reaches your account within 7 days of the check." in answer.text
    assert len(answer.text) <= 600 < len(text)
    (citation,) = answer.citations
    assert citation.quote == answer.text
    assert text[citation.position :].startswith(answer.text)
    assert citation.document_id == hits[0].document_id


async def test_a_short_chunk_is_an_answer_as_it_stands(shelf: Shelf) -> None:
    await stock(shelf)
    hits = await shelf.finds("forgot my password")
    assert (await shelf.knowledge.answer_from(hits, "forgot my password")).text == PASSWORD.strip()


async def test_no_hit_gives_no_answer(shelf: Shelf) -> None:
    answer = await shelf.knowledge.answer_from([], "anything")
    assert (answer.text, answer.citations) == ("", ())


async def test_searches_at_the_same_time_do_not_mix(shelf: Shelf) -> None:
    await stock(shelf)
    found = await asyncio.gather(*(shelf.finds(question) for question in ("return an item", "forgot password") * 10))
    assert {hits[0].title for hits in found[::2]} == {"How do I return an item?"}
    assert {hits[0].title for hits in found[1::2]} == {"I forgot my password"}


@pytest.mark.vectors
async def test_a_large_workspace_is_searched_through_the_index_and_a_small_one_beside_it_exactly(
    make_shelf: MakeShelf, owner: Connection
) -> None:
    small, large = await make_shelf(), await make_shelf()
    await stock(small)
    await stock(large)
    await owner.execute(
        """
        INSERT INTO document_chunks (workspace_id, document_id, chunk_index, content, start_position, end_position,
                                     embedding)
        SELECT c.workspace_id, c.document_id, 1000 + n, 'filler', 0, 1, c.embedding
        FROM document_chunks c, generate_series(1, 8001) n
        WHERE c.workspace_id = $1 AND c.heading = 'I forgot my password'
        """,
        large.workspace_id,
    )
    question = "how do I return an item?"
    expected = (await small.finds(question))[0]
    assert (await large.finds(question))[0].text == expected.text
    await owner.execute("DELETE FROM document_chunks WHERE content = 'filler'")


@pytest.mark.vectors
async def test_what_few_may_see_is_found_beside_any_number_of_nearer_chunks_that_they_may_not(
    make_shelf: MakeShelf, owner: Connection
) -> None:
    small, huge = await make_shelf(), await make_shelf()
    await stock(small)
    await stock(huge)
    secret = await huge.holds(
        "The password of the safe is in the safe.", "safe.md", title="Safe", audience=Audience.STAFF
    )
    question = "I forgot my password"
    expected = [(hit.title, hit.text, round(hit.score, 4)) for hit in await small.finds(question, limit=50)]
    # More than the search compares one by one, and all of it as near as can be.
    await owner.execute(
        """
        INSERT INTO document_chunks (workspace_id, document_id, chunk_index, content, start_position, end_position,
                                     embedding, question_embedding)
        SELECT $1, $2, 1000 + n, 'crowd', 0, 1, c.question_embedding, c.question_embedding
        FROM generate_series(1, 8001) n, LATERAL (
            SELECT question_embedding FROM document_chunks WHERE workspace_id = $1 AND heading = $3 LIMIT 1
        ) c
        """,
        *(huge.workspace_id, secret.id, question),
    )
    for shelf in (small, huge):
        found = await shelf.finds(question, limit=50)
        assert [(hit.title, hit.text, round(hit.score, 4)) for hit in found] == expected
    staff = await huge.finds(question, ActorKind.AGENT, limit=1)
    assert round(staff[0].score, 4) >= expected[0][2]
    await owner.execute("DELETE FROM document_chunks WHERE content = 'crowd'")


async def test_without_pgvector_words_alone_find_and_score(shelf: Shelf, owner: Connection) -> None:
    await stock(shelf)
    change = owner.transaction()
    await change.start()
    try:
        await owner.execute(
            "ALTER TABLE document_chunks DROP COLUMN IF EXISTS embedding, DROP COLUMN IF EXISTS question_embedding"
        )
        await owner.execute("SELECT set_config('app.workspace_id', $1, true)", str(shelf.workspace_id))
        await owner.execute("SET LOCAL ROLE desk_app")
        assert not await places.has_vectors(owner)
        reach = reach_of(shelf.actor(ActorKind.GUEST))
        (best, *_) = await search(owner, "forgot password", None, 3, reach=reach)
        assert best.title == "I forgot my password"
        assert best.why.vector is None
        assert best.score > 0.65
        assert await search(owner, "football", None, 3, reach=reach) == []
        (chunk,) = cut("Bicycles", "We repair bicycles on Mondays.")
        await reading.store_chunks(
            owner,
            shelf.workspace_id,
            DocumentId(best.document_id),
            [replace(chunk, index=9)],
            tokens=[0],
            embeddings=[None],
            question_embeddings=[None],
        )
        assert (await search(owner, "bicycles", None, 3, reach=reach))[0].text == chunk.content
    finally:
        await change.rollback()


async def test_documents_are_read_without_the_model_where_there_is_no_pgvector(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no(_: object) -> bool:
        return False

    async def never(*_: object) -> None:
        raise AssertionError("nothing is to be embedded")

    monkeypatch.setattr(places, "has_vectors", no)
    monkeypatch.setattr(shelf.embeddings, "of_passages", never)
    monkeypatch.setattr(shelf.embeddings, "of_questions", never)
    await stock(shelf)
    assert (await shelf.finds("forgot password"))[0].title == "I forgot my password"


@pytest.mark.parametrize(
    ("said", "again", "news"),
    [
        (
            "Refunds take five working days.",
            "We refund within five working days.",
            "Refunds for gift cards go to the gift card.",
        ),
        (
            "To reset your password, open Settings and choose Forgot password.",
            "Open Settings, then Forgot password, to set a new one.",
            "If you use Google to sign in, there is no password to reset here.",
        ),
        (
            "Your parcel left our warehouse this morning.",
            "This morning your parcel has left our warehouse.",
            "You can follow it with the carrier's tracking number.",
        ),
    ],
)
async def test_what_repeats_an_answer_is_told_from_what_adds_to_it(
    shelf: Shelf, said: str, again: str, news: str
) -> None:
    other = "We are here from nine to five."
    assert await shelf.knowledge.likeness(again, [other, said]) >= TOO_NEAR
    assert await shelf.knowledge.likeness(news, [other, said]) < TOO_NEAR
