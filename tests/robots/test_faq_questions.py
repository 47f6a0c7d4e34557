"""What kind of text a message is, before anything is searched: a wish, small talk, noise, a question or its rest."""

import pytest

from robots.faq.phrases import SmallTalk, small_talk
from robots.faq.questions import carried_on, is_noise, is_one_word, names_in, questions_of
from supportdesk.robots.wishes import asks_for_person


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
