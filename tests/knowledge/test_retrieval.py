"""Ranking without a database: the same order that the desk would find, and better than meaning alone."""

import json

from supportdesk.knowledge.cutting import front_matter
from supportdesk.knowledge.embedding import Embedder
from supportdesk.knowledge.retrieval import EntryIndex, lexemes
from tests.knowledge.measure import DEMO


def test_words_lose_their_endings_and_common_ones_do_not_count() -> None:
    assert lexemes("How do I track my deliveries?") == {"track", "delivery"}
    assert lexemes("tracking") == lexemes("tracked") == lexemes("tracks")


def test_the_fusion_finds_more_than_meaning_alone(embedder: Embedder) -> None:
    entries = []
    for file in sorted((DEMO / "help_centre").glob("*.md")):
        said, body = front_matter(file.read_text())
        entries.append((file.stem, said.title or file.stem, body[:1_000]))
    lines = [json.loads(line) for line in (DEMO / "questions.jsonl").read_text("utf-8").splitlines()]
    asked = [(line["question"], line["slug"]) for line in lines if line["slug"]][:80]
    index = EntryIndex(entries, embedder.embed)
    found = sum(index.rank(question, 1)[0][0] == slug for question, slug in asked)
    questions = embedder.embed([title for _, title, _ in entries])
    alone = sum(
        entries[int((questions @ embedder.embed([question])[0]).argmax())][0] == slug for question, slug in asked
    )
    assert found > alone
    ranked = index.rank("how do I track my order", 5)
    assert ranked[0][0] == "how-do-i-track-my-order"
    assert all(0 <= score <= 1 for _, score in ranked)
    assert [score for _, score in ranked] == sorted((score for _, score in ranked), reverse=True)
