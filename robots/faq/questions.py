"""What kind of text a message is, before anything is searched: several questions, one word, or none at all."""

import re
from typing import Final

from supportdesk.robots.contract import plain

MOST: Final = 3
"""Questions of one message that are answered."""
LONGEST: Final = 2_000
"""Characters of a message that is taken apart; who writes more tells a story, which is searched as it stands."""
TOPIC: Final = 12
"""Words of the first question that stand in for a word which points back to them."""

_ASKS: Final = (
    r"(?:how|what|when|where|which|who|whom|whose|why|whats|wheres|hows|is|are|am|was|were|do|does|did|can|could|may"
    r"|might|will|would|should|shall|must|has|have)\b"
)
_NEXT: Final = re.compile(
    rf"(?<=[?!.;])\s+(?:(?:and|also|but|plus|or|then|so)[\s,]+)*(?={_ASKS})|[,;]?\s+(?:and|also|plus)\s+(?:also\s+|then\s+)?(?={_ASKS})",
    re.IGNORECASE,
)
_POINTS_BACK: Final = re.compile(r"\b(?:it|them|they|one)\b", re.IGNORECASE)
_OPENS: Final = re.compile(
    r"(?:(?:ok|okay|thanks|thank you|great|good|ah|oh|hm+)[\s,.!]+)*(?:(?:but|then|so)\b[\s,]*)*", re.IGNORECASE
)
_GOES_ON: Final = re.compile(
    r"(?:and|or|also)\b[\s,]*(?:(?:what|how) about\b|what if\b|same for\b)?"
    r"|(?:what|how) about\b|what if\b|(?:the )?same for\b",
    re.IGNORECASE,
)
_REFERS: Final = re.compile(
    r"\b(?:it|them|they|ones?|those|these)\b|\b(?:is|does|was|will|can) that\b|\b(?:that|this)[\s?.!]*$", re.IGNORECASE
)
_ASKS_NOW: Final = re.compile(rf"(?:for |by |since |to |from |at |in )?{_ASKS}", re.IGNORECASE)
_MEANS_US: Final = re.compile(r"\byou\b", re.IGNORECASE)
_SHORT: Final = 8
"""Words of a question that can be the rest of another one; a longer one says what it is about."""
_FILLER: Final = frozenset(
    re.findall(
        r"\w+",
        "a an the my your our his her their i you we me us it is are am was were do does did can could may might will"
        " would should how what when where which who why whats wheres much many long often to of for on in at"
        " with from by and or have has had get got use be been there any some please want need like know tell"
        " that this these those it they them one ones so not but also then if ok okay no yes about same thanks thank",
    )
)
_FEW: Final = 3
"""Words that a question has at least: fewer ask nothing alone."""

_TOKEN: Final = re.compile(r"[\w'\u2019-]+|[^\w\s]")
_ADDRESSES: Final = frozenset(
    (
        *("hi", "hello", "hey", "dear", "thanks", "regards", "kind", "best", "cheers", "greetings", "sincerely"),
        *("mr", "mrs", "ms", "sir", "madam", "am", "i'm", "name is"),
    )
)
_ENGLISH: Final = 2
"""Of the small words of English, so many are in a sentence whose capitals mean names."""

_CONSONANTS: Final = re.compile(r"[bcdfghjklmnpqrstvwxz]{5,}")
_VOWEL: Final = re.compile(r"[aeiouyà-öø-ÿœ]")
_REPEATED: Final = re.compile(r"(.)\1{3}")
_ROWS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "azertyuiop")
_RUN: Final = 4
_VOWELLESS: Final = 5
"""Letters of a word without a vowel that is no abbreviation, as DHL and PDF are."""
_UNSPACED: Final = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese."""


def questions_of(text: str) -> list[str]:
    """The message's questions, each as it can be asked alone; the message itself when there is but one.

    "How do I earn points, and how do I spend them?" has a second question that points back: it is asked with the
    telling words of the first in place of "them".
    """
    told = " ".join(text.split())  # runs of blanks would be tried from each of them
    if len(told) > LONGEST:
        return [text]
    asked = [part.strip() for part in _NEXT.split(told) if part.strip()]
    if not 1 < len(asked) <= MOST or any(len(part.split()) < _FEW for part in asked):
        return [text]
    topic = telling(asked[0])
    return [asked[0], *(_POINTS_BACK.sub(lambda _: topic, part, count=1) if topic else part for part in asked[1:])]


def carried_on(text: str, before: str) -> str | None:
    """The question with what the one before was about, when it sounds like the rest of it; None when it stands alone.

    "And to a gift card?" after "Can I have the refund on another card?" is about refunds; "how long does it take?" and
    "how long?" are, too. "And do you ship to Norway?" says all itself, and "that did not help" asks nothing.
    """
    told = " ".join(text[:LONGEST].split())
    asked = _OPENS.sub("", told, count=1)
    rest = _GOES_ON.sub("", asked, count=1).lstrip(" ,") if _GOES_ON.match(asked) else asked
    if len(told.split()) > _SHORT or not plain(rest) or plain(rest) == "what" or not is_asked(told):
        return None
    is_whole = _ASKS_NOW.match(rest) is not None and not _REFERS.search(rest)
    if telling(rest):
        stands_alone = is_whole or (rest == asked and not _REFERS.search(rest))
    else:
        stands_alone = _MEANS_US.search(rest) is not None
    topic = telling(before)
    return f"{topic} {rest}" if topic and not stands_alone else None


def is_asked(text: str) -> bool:
    """Whether it is put as a question, or as the rest of one."""
    told = _OPENS.sub("", " ".join(text[:LONGEST].split()), count=1)
    return told.endswith("?") or _ASKS_NOW.match(told) is not None or _GOES_ON.match(told) is not None


def telling(text: str) -> str:
    """The words of a question that say what it is about, in their order, the last of them when there are many."""
    return " ".join([word for word in plain(text[:LONGEST]).split() if word not in _FILLER][-TOPIC:])


def names_in(text: str) -> set[str]:
    """Words written with a capital within an English sentence, in lower case; neither who is greeted nor who signs."""
    told = text[:LONGEST]
    if sum(word in _FILLER for word in plain(told).split()) < _ENGLISH:
        return set()
    names, before, addressed = set[str](), "", False
    for token in _TOKEN.findall(told):
        is_name = token[0].isupper() and not token.isupper() and not token.startswith(("I'", "I\u2019"))
        addressed = is_name and (addressed or before.casefold() in _ADDRESSES)
        if is_name and not addressed and before[-1:].isalnum():
            names.add(token.casefold())
        before = f"{before} {token}".casefold() if f"{before} {token}".casefold() == "name is" else token
    return names if len(names) < _FEW else set()


def is_one_word(text: str) -> bool:
    """Whether the message is a single word, which may mean anything; some languages write sentences without spaces."""
    return len(plain(text).split()) == 1 and not _UNSPACED.search(text)


def is_noise(text: str) -> bool:
    """Whether most of the words are none in any language: digits alone, held keys, or rows of the keyboard."""
    words = plain(text).split()
    return bool(words) and 2 * sum(map(_is_noise, words)) > len(words)


def _is_noise(word: str) -> bool:
    if word.isdigit() or _REPEATED.search(word):
        return True
    if not word.isascii() or not word.isalpha():
        return False
    # Only the whole word counts: "property" and "Bewertung" hold a piece of a row, too.
    along = len(word) >= _RUN and any(word in row for row in _ROWS)
    is_vowelless = len(word) >= _VOWELLESS and not _VOWEL.search(word)
    # "Rechtsschutz" has many consonants in a row, and "birthplace"; of held keys they are nearly all.
    rattle = max((len(run) for run in _CONSONANTS.findall(word)), default=0)
    return along or is_vowelless or 4 * rattle > 3 * len(word)
