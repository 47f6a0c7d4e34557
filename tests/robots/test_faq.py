"""The faq robot answers from the documents with their source, or hands off; it never guesses."""

from uuid import uuid4

import pytest

from robots.faq.phrases import SmallTalk, asks_for_person, declines_person, small_talk
from robots.faq.questions import carried_on, is_noise, is_one_word, names_in, questions_of
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


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        (
            "How do I track my order and how long do refunds take?",
            ["How do I track my order", "how long do refunds take?"],
        ),
        ("My lamp is broken. Also where is my invoice?", ["My lamp is broken.", "where is my invoice?"]),
        ("how do i earn points and how can i spend them", ["how do i earn points", "how can i spend earn points"]),
        ("Do you deliver to Ceuta and Melilla?", ["Do you deliver to Ceuta and Melilla?"]),
        ("Help! Where is it?", ["Help! Where is it?"]),
        ("", [""]),
        ("a b c? how is d? how is e? how is f?", ["a b c? how is d? how is e? how is f?"]),
    ],
)
def test_the_questions_of_a_message_are_told_apart(text: str, questions: list[str]) -> None:
    assert questions_of(text) == questions


@pytest.mark.parametrize("text", ["asdkjh qwoeiu zxmcn", "sdfsdf", "aaaaaaa", "1234", "xkcdw"])
def test_noise_is_heard(text: str) -> None:
    assert is_noise(text)


@pytest.mark.parametrize(
    "text",
    [
        "property", "liberty", "poverty", "Bewertung", "Mehrwertsteuer", "birthplace", "Rechtsschutz", "DHL", "PDF",
        "SMS",
    ],
)  # fmt: skip
def test_a_word_that_holds_a_piece_of_a_keyboards_row_is_a_word(text: str) -> None:
    assert not is_noise(text)


def test_a_hostile_message_is_not_taken_apart() -> None:
    asked = " ".join(f"q{n}" for n in range(1400))
    for text in ("how " + " " * 15_000 + "x", f"how do {asked}? how do {'it ' * 1_000}", "how is it? " * 1_000):
        assert questions_of(text) == [text]
    long = "how do " + " ".join(f"word{n}" for n in range(100)) + "? how do it it it it"
    assert len(questions_of(long)[1]) < 300


@pytest.mark.parametrize(
    "text", ["退货", "Wo ist mein Paket?", "my order 12345 is late", "rhythm and syrup", "", "refund"]
)
def test_no_language_is_noise(text: str) -> None:
    assert not is_noise(text)


def test_a_single_word_is_told_from_two() -> None:
    assert is_one_word("refund?!")
    assert not is_one_word("my refund")
    assert not is_one_word("?")
    assert not is_one_word("退货政策是什么")


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


@pytest.mark.parametrize(
    "text",
    [
        "can I talk to a human?",
        "I want to speak with someone",
        "Talk to a person",
        "I want to talk to a person",
        "agent please",
        "HUMAN",
        "Get me a real person now!",
        "I'd like to chat with a representative, please",
        "connect me to a support agent",
        "put me through to someone",
        "is there a real person here?",
        "I am tired of talking to bots",
        "I don’t want to talk to a bot",
        "can i have a human please",
        "why can't I talk to a person?",
        "Customer service",
        "escalate this to a manager",
        "could we speak to a member of staff about my order",
    ],
)
def test_it_hears_a_wish_for_a_person(text: str) -> None:
    assert asks_for_person(text)
    assert small_talk(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "I want a refund for my staff",
        "Can I transfer it to someone else?",
        "Is this made by real people?",
        "How many people can sit at the table?",
        "Do you have an employee discount?",
        "Can I give it to a person as a gift?",
        "I am not a robot",
        "Does the robot vacuum have a warranty?",
        "I don't want to talk to a person, just tell me the price",
        "Can someone else collect my parcel?",
        "Where is my order?",
        "Am I talking to a real person?",
    ],
)
def test_a_question_about_people_is_no_wish_for_one(text: str) -> None:
    assert not asks_for_person(text)


def test_an_admin_adds_phrases_in_the_guests_language() -> None:
    also = ("mit einem Menschen sprechen", "")
    assert asks_for_person("Ich möchte bitte mit einem Menschen sprechen!", also)
    assert not asks_for_person("Ich möchte mein Geld zurück.", also)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Hello", SmallTalk.HELLO),
        ("Bonjour !", SmallTalk.HELLO),
        ("Guten Tag", SmallTalk.HELLO),
        ("Merci beaucoup", SmallTalk.THANKS),
        ("Auf Wiedersehen", SmallTalk.GOODBYE),
        ("Bonjour, où est mon colis ?", None),
        ("hey, good morning", SmallTalk.HELLO),
        ("Can you help me?", SmallTalk.HELLO),
        ("Thank you so much for your help 😊", SmallTalk.THANKS),
        ("great, thank you", SmallTalk.THANKS),
        ("ok thanks bye", SmallTalk.GOODBYE),
        ("no thanks", SmallTalk.GOODBYE),
        ("👍", SmallTalk.OKAY),
        ("yes please", SmallTalk.OKAY),
        ("are you a robot?", SmallTalk.WHO),
        ("Am I talking to a real person?", SmallTalk.WHO),
        ("Hello, where is my order?", None),
        ("thanks but it does not work", None),
        ("help with login", None),
        ("ok " * 100, None),
    ],
)
def test_small_talk_is_a_message_that_asks_nothing(text: str, kind: SmallTalk | None) -> None:
    assert small_talk(text) is kind


async def test_the_robot_knows_the_button_that_it_offers_in_other_words() -> None:
    words = "Mit einem Menschen sprechen"
    assert await play(FaqRobot, words, documents=[TIMES], settings={"person": words}) == [WISHED]


@pytest.mark.parametrize(
    ("text", "before", "whole"),
    [
        ("And to a gift card?", "Can my refund go to a different card?", "refund go different card to a gift card?"),
        ("how long does it take?", "Can I return shoes?", "return shoes how long does it take?"),
        ("ok thanks, and what about sale items", "Can I return shoes?", "return shoes sale items"),
        ("how long?", "Can I return shoes?", "return shoes how long?"),
        ("where is your shop?", "Can I return shoes?", None),
        ("Orders from Oregon", "Can I return shoes?", None),
        ("and", "Can I return shoes?", None),
        ("what about it?", "", None),
        ("and?", "Can I return shoes?", None),
        ("what?", "Can I return shoes?", None),
        ("can I cancel that?", "Express orders", "express orders can I cancel that?"),
        ("that did not help", "Can I return shoes?", None),
        ("no, that is wrong", "Can I return shoes?", None),
        ("ok, so be it", "Can I return shoes?", None),
        ("where are you?", "Can I return shoes?", None),
        ("Is there a student discount?", "Can I return shoes?", None),
        ("But do you ship to Norway?", "Can I return shoes?", None),
        ("And do you ship to Norway?", "Can I return shoes?", None),
        (
            "and how long?",
            " ".join(f"word{n}" for n in range(14)),
            "word2 word3 word4 word5 word6 word7 word8 word9 word10 word11 word12 word13 how long?",
        ),
        ("and is it so that this question says at length what it is about?", "Can I return shoes?", None),
    ],
)
def test_the_rest_of_a_question_is_told_from_one_that_stands_alone(text: str, before: str, whole: str | None) -> None:
    assert carried_on(text, before) == whole


def said(*texts: str) -> list[Line]:
    return [Line(speaker=Speaker.GUEST, name="Ada", text=text) for text in texts]


async def test_a_question_that_goes_on_is_asked_with_the_subject_of_the_ones_before() -> None:
    kit = PracticeKit([REFUNDS, SHIPPING])
    await play(FaqRobot, "and how long?", kit=kit, history=said("Can I have a refund?", "thanks", "and for gifts?"))
    assert kit.searched == ["refund gifts how long?"]


@pytest.mark.parametrize(
    "between",
    ["I want to talk to a person", "I do not want to talk to a person, please", "my email is ada@example.com", "ok"],
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


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Can I pay with Bitcoin", {"bitcoin"}),
        ("Can I pay? Or Norway", {"norway"}),
        ("May I ask", set()),
        ("do you ship to Österreich", {"österreich"}),
        ("is Bitcoin taken, too? I'd like that", {"bitcoin"}),
        ("Hi Sarah, how long do refunds take?", set()),
        ("How do I track my order ASAP", set()),
        ("My dear Sir, how do I return something", set()),
        ("My name is Ada Lovelace", set()),
        ("How do I return it? Kind Regards Peter", set()),
        ("Wie kann ich meine Bestellung stornieren?", set()),
        ("CAN I PAY WITH BITCOIN", set()),
        ("Wo Kann Ich Meine Bestellung Sehen", set()),
    ],
)
def test_names_are_told_by_their_capital_within_a_sentence(text: str, names: set[str]) -> None:
    assert names_in(text) == names


async def test_who_wants_no_person_is_asked_what_else() -> None:
    text = "I do not want to talk to a person, please"
    assert await play(FaqRobot, text, documents=[]) == [Say(delta=DEFAULT.okay)]
    assert declines_person(text)
    assert not declines_person("I do not want to talk to a person about my broken lamp")
    assert not declines_person("I want to talk to a person")
