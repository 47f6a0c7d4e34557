"""A floor under the faq robot's answers: twelve articles of the demo, asked by the questions of asked.jsonl.

All of it is measured by `python -m tests.knowledge.answers`.
"""

from supportdesk.knowledge.ingest import ingest_folder
from tests.knowledge.answers import HELP_CENTRE, Asked, Fate, auroc, figures, flat, read, tell
from tests.knowledge.conftest import Shelf

ARTICLES = (
    *("how-do-i-track-my-order", "how-long-do-refunds-take", "how-much-does-delivery-cost", "i-forgot-my-password"),
    *("my-item-arrived-damaged", "my-parcel-is-late", "which-countries-do-you-deliver-to", "how-do-i-return-an-item"),
    *("how-much-does-a-return-cost", "how-do-acme-points-work", "how-do-i-spend-acme-points", "pay-in-three-parts"),
)


async def test_the_robot_answers_what_is_asked_and_asks_or_hands_over_what_it_cannot(shelf: Shelf) -> None:
    await ingest_folder(shelf.db, shelf.embeddings, shelf.system, [HELP_CENTRE / f"{name}.md" for name in ARTICLES])
    asked = [one for one in read() if set(one.articles) <= set(ARTICLES)]
    told = [await tell(shelf.knowledge, shelf.workspace_id, one) for one in asked]
    came = figures(told)
    assert len([one for one in asked if one.needs]) >= 35
    assert came["right"] >= 0.72
    assert came["wrong"] <= 0.14
    assert came["handed over"] <= 0.05
    assert came["foreign answered"] <= 0.05
    assert came["auroc"] >= 0.97
    assert came["small talk"] == 1.0
    assert came["noise"] >= 0.85
    of_one = [one for one in told if one.fate is Fate.ANSWERED and len(one.asked.articles) == 1]
    assert max(len(one.text) for one in of_one) <= 750


def test_every_phrase_that_is_needed_stands_in_the_article_that_is_asked() -> None:
    for one in read():
        articles = [flat((HELP_CENTRE / f"{name}.md").read_text("utf-8")) for name in one.articles]
        for need in one.needs:
            assert all(any(flat(phrase) in article for article in articles) for phrase in need), one.ask


def test_no_article_is_in_both_halves() -> None:
    def of(half: str) -> set[str]:
        return {article for one in read() if one.half == half for article in one.articles}

    assert of("tuned").isdisjoint(of("held out"))
    assert len(of("tuned")) > 30
    assert len(of("held out")) > 30


def test_the_measure_of_the_gate_is_a_share_of_pairs() -> None:
    assert auroc([0.9, 0.5], [0.1, 0.5]) == 0.875
    assert auroc([], [0.5]) == 0.0
    assert Asked(half="tuned", kind="one", ask="?").needs == ()
