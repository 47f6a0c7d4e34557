"""The faq robot answers from the documents with their source, or hands off; it never guesses."""

from uuid import uuid4

import pytest

from robots.faq.robot import FaqRobot, pieces, whole_sentences
from supportdesk.robots.contract import (
    Cite,
    HandOff,
    Line,
    Passage,
    QuickReplies,
    Role,
    Say,
    Silent,
    Speaker,
    Turn,
    Why,
)
from supportdesk.robots.testing import PracticeKit, passage_of, perform, play
from supportdesk.robots.wishes import declines_person

REFUNDS = (
    "Refunds take five working days. We send the money back to the card you paid with. Gift cards are not refunded."
)
WISHED = HandOff(reason="asked for a person", why=Why.GUEST_ASKED)
UNKNOWN = HandOff(reason="not in the documents", why=Why.NOT_IN_DOCUMENTS)
DEFAULT = FaqRobot.Settings()
TIMES = "Refunds arrive within five days."
NORWAY = "Parcels for Norway are slow."
SHIPPING = "Parcels to Norway take a week. Customs may ask for a fee."


async def test_it_says_the_best_sentences_and_where_they_stand() -> None:
    events = await play(FaqRobot, "refund?", documents=[SHIPPING, REFUNDS])
    said = "".join(event.delta for event in events if isinstance(event, Say))
    assert said == "Refunds take five working days. We send the money back to the card you paid with."
    assert events[-1] == Cite(document_id=passage_of("", REFUNDS).document_id, quote=said)


async def test_it_streams_in_whole_words() -> None:
    deltas = [event.delta for event in await play(FaqRobot, "refund?", documents=[REFUNDS]) if isinstance(event, Say)]
    assert len(deltas) > 1
    assert all(delta.endswith(" ") for delta in deltas[:-1])


@pytest.mark.parametrize("text", ["Hello", "ok thanks", "?", "What is the airspeed of a swallow?", "I want a person"])
async def test_after_another_robot_it_neither_greets_nor_asks_back(text: str) -> None:
    turn = Turn(text=text, role=Role.FOLLOW, lead_text="Take an umbrella.")
    played = await perform(FaqRobot, turn, kit=PracticeKit([REFUNDS]))
    assert played.events == (Silent(reason="nothing to add"),)


async def test_after_another_robot_it_says_what_the_documents_say_with_the_source_first() -> None:
    turn = Turn(text="refund?", role=Role.FOLLOW, lead_text="Gladly.")
    cite, say = (await perform(FaqRobot, turn, kit=PracticeKit([REFUNDS]))).events
    assert isinstance(cite, Cite)
    assert isinstance(say, Say)


@pytest.mark.parametrize("text", ["one", "x" * 200, " lead and trail ", "a\n\n- b\n- c " * 30, "  " + "y" * 99])
def test_pieces_joined_are_the_text(text: str) -> None:
    assert "".join(pieces(text)) == text


async def test_it_hands_off_below_the_threshold() -> None:
    unsure = PracticeKit([REFUNDS])
    assert await play(FaqRobot, "Do you refund broken china cups?", kit=unsure, settings={"threshold": 0.9}) == [
        UNKNOWN
    ]
    assert await play(FaqRobot, "What is the airspeed of a swallow?", documents=[REFUNDS]) == [UNKNOWN]
    assert await play(FaqRobot, "Can I have a refund?", documents=[]) == [UNKNOWN]


def passage(title: str, score: float, text: str = "Some words.") -> Passage:
    return Passage(id=uuid4(), document_id=uuid4(), title=title, text=text, score=score)


def asked_back(settings_text: str) -> Line:
    return Line(speaker=Speaker.ROBOT, name="faq", text=settings_text)


async def test_unsure_it_offers_the_titles_of_near_articles_and_a_person() -> None:
    near = [passage("Returns", 0.5), passage("Returns", 0.45), passage("x" * 90, 0.4), passage("Too far", 0.1)]
    events = await play(FaqRobot, "send the thing back again", documents=near)
    assert events == [
        Say(delta=DEFAULT.did_you_mean),
        QuickReplies(options=("Returns", "x" * 79 + "…", DEFAULT.person)),
    ]
    alone = await play(FaqRobot, "send the thing back again", documents=near, settings={"person": ""})
    assert alone[-1] == QuickReplies(options=("Returns", "x" * 79 + "…"))


async def test_it_asks_back_once_in_a_conversation_and_then_a_person_helps() -> None:
    before = [asked_back(DEFAULT.did_you_mean)]
    unsure = [passage("Returns", 0.5)]
    assert await play(FaqRobot, "no, the other thing", documents=unsure, history=before) == [UNKNOWN]
    assert await play(FaqRobot, "asdkjh qwoeiu", history=[asked_back(DEFAULT.in_other_words)]) == [UNKNOWN]


async def test_a_message_without_a_word_is_asked_for_in_other_words() -> None:
    kit = PracticeKit([REFUNDS])
    assert await play(FaqRobot, "asdkjh zxcvbn", kit=kit) == [Say(delta=DEFAULT.in_other_words)]
    assert kit.searched == []
    assert await play(FaqRobot, "swallow", documents=[REFUNDS]) == [Say(delta=DEFAULT.in_other_words)]


async def test_a_single_word_that_stands_in_several_articles_is_asked_back() -> None:
    both = [passage("Invoices", 0.9), passage("Pay by invoice", 0.8)]
    events = await play(FaqRobot, "invoice?", documents=both)
    assert isinstance(events[-1], QuickReplies)
    again = await play(FaqRobot, "invoice?", documents=both, history=[asked_back(DEFAULT.did_you_mean)])
    assert isinstance(again[-1], Cite)


async def test_two_questions_in_one_message_get_two_answers_with_two_sources() -> None:
    events = await play(FaqRobot, "When do refunds arrive? And are parcels for Norway slow?", documents=[TIMES, NORWAY])
    assert "".join(event.delta for event in events if isinstance(event, Say)) == f"{TIMES}\n\n{NORWAY}"
    assert [event.quote for event in events if isinstance(event, Cite)] == [TIMES, NORWAY]


async def test_two_questions_with_one_answer_get_it_once() -> None:
    events = await play(FaqRobot, "When do refunds arrive? When do the refunds arrive?", documents=[TIMES])
    assert "".join(event.delta for event in events if isinstance(event, Say)) == TIMES


async def test_a_wish_for_a_person_is_met_at_once_and_without_a_search() -> None:
    kit = PracticeKit(["You can talk to a person by telephone."])
    assert await play(FaqRobot, "Can I talk to a person?", kit=kit) == [WISHED]
    assert kit.searched == []


async def test_a_wish_for_a_person_holds_until_somebody_replies() -> None:
    wish = Line(speaker=Speaker.GUEST, name="Ada", text="I want to talk to a person")
    reply = Line(speaker=Speaker.ROBOT, name="faq", text="A colleague will be with you.")
    handed = [WISHED]
    assert await play(FaqRobot, "refund?", documents=[REFUNDS], history=[wish]) == handed
    assert await play(FaqRobot, "thanks", history=[wish]) == handed
    assert await play(FaqRobot, "refund?", documents=[REFUNDS], history=[wish, reply]) != handed


async def test_small_talk_is_answered_kindly_and_without_a_search() -> None:
    kit = PracticeKit(["Thank you cards cost two euros."])
    assert await play(FaqRobot, "Thank you!", kit=kit, settings={"thanks": "Any time."}) == [Say(delta="Any time.")]
    assert kit.searched == []


async def test_the_robot_knows_the_button_that_it_offers_in_other_words() -> None:
    words = "Mit einem Menschen sprechen"
    assert await play(FaqRobot, words, documents=[TIMES], settings={"person": words}) == [WISHED]


def said(*texts: str) -> list[Line]:
    return [Line(speaker=Speaker.GUEST, name="Ada", text=text) for text in texts]


async def test_a_question_that_goes_on_is_asked_with_the_subject_of_the_ones_before() -> None:
    kit = PracticeKit([REFUNDS, SHIPPING])
    await play(FaqRobot, "and how long?", kit=kit, history=said("Can I have a refund?", "thanks", "and for gifts?"))
    assert kit.searched == ["refund gifts how long?"]


@pytest.mark.parametrize(
    "between",
    [
        "I want to talk to a person",
        "I do not want to talk to a person, please",
        "my email is ada@example.com",
        "ok",
        "no, that did not help",
    ],
)
async def test_what_asks_nothing_is_no_subject(between: str) -> None:
    kit = PracticeKit([REFUNDS])
    reply = Line(speaker=Speaker.ROBOT, name="faq", text="I see.")
    await play(FaqRobot, "and how long?", kit=kit, history=[*said("Can I have a refund?", between), reply])
    assert kit.searched == ["refund how long?"]


async def test_what_was_told_to_a_colleague_is_no_subject() -> None:
    kit = PracticeKit([REFUNDS])
    agent = Line(speaker=Speaker.AGENT, name="Maya", text="Done.")
    await play(FaqRobot, "how long?", kit=kit, history=[*said("Can I have a refund?"), agent])
    assert kit.searched == ["how long?"]


async def test_what_has_no_sentence_short_enough_is_no_remark() -> None:
    turn = Turn(text="refund?", role=Role.FOLLOW, lead_text="Gladly.")
    endless = passage("Refund", 0.9, "refund " * 60)
    played = await perform(FaqRobot, turn, kit=PracticeKit([endless]))
    assert played.events == (Silent(reason="what there is to add is too long for a remark"),)


def test_a_remark_ends_with_a_sentence() -> None:
    text = "One is short. Two is 3.5 m long! Three"
    assert [whole_sentences(text, most) for most in (12, 13, 32, 33, 38)] == ["", text[:13], text[:32], text[:32], text]


async def test_a_follower_makes_no_remark_about_what_no_document_names() -> None:
    sure = passage("Paying in parts", 0.9, "Yes, you can pay in three parts.")
    turn = Turn(text="Can I pay with Bitcoin?", role=Role.FOLLOW, lead_text="Let me see.")
    played = await perform(FaqRobot, turn, kit=PracticeKit([sure]))
    assert played.events == (Silent(reason="nothing to add"),)


async def test_the_answer_of_before_does_not_come_again_for_what_it_does_not_mention() -> None:
    again = await play(FaqRobot, "and with bitcoin?", documents=[REFUNDS], history=said("Is the card refunded?"))
    assert again == [UNKNOWN]


async def test_a_name_that_stands_in_no_document_is_asked_back_about() -> None:
    sure = passage("Paying in parts", 0.9, "Yes, you can pay in three parts.")
    events = await play(FaqRobot, "Can I pay with Bitcoin?", documents=[sure])
    assert events == [Say(delta=DEFAULT.did_you_mean), QuickReplies(options=("Paying in parts", DEFAULT.person))]
    assert any(isinstance(event, Cite) for event in await play(FaqRobot, "Can I pay in parts?", documents=[sure]))


async def test_who_wants_no_person_is_asked_what_else() -> None:
    text = "I do not want to talk to a person, please"
    assert await play(FaqRobot, text, documents=[]) == [Say(delta=DEFAULT.okay)]
    assert declines_person(text)
    assert not declines_person("I do not want to talk to a person about my broken lamp")
    assert not declines_person("I want to talk to a person")
