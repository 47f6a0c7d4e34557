"""Whether a guest wants a human being, in their words: robots ask it, and so does whoever keeps what was asked in vain.

A wish is understood in English; the admin adds phrases in other languages.
"""

import re
from typing import Final

PERSON: Final = (
    r"(?:persons?|people|humans?(?: beings?)?|(?:support |service |customer service |live )?agents?|representatives?|"
    r"reps?|operators?|advis[eo]rs?|colleagues?|managers?|supervisors?|staff(?: members?)?|employees?|"
    r"members? of (?:your |the )?(?:staff|team)|customer (?:service|support|care)|support team)"
)
A: Final = r"(?:(?:a|an|the|your|one of your|some|any|another|real|live|actual|proper|human) ){0,3}"
NOW: Final = r"(?: please| pls| now| instead| here| to help(?: me| us)?)*$"
BOT: Final = r"(?:a |an |the |this |you |your |another |more |stupid )*(?:ro|chat)?bots?"
ME: Final = r"(?: (?:me|us|over|through|on|directly))+"
TALK: Final = r"(?: to)?(?: (?:talk|speak|chat)(?:ing)?)?(?: (?:to|with))?"

WISHES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        # can I speak to someone about this
        rf"\b(?:talk|speak|chat)(?:ing)?(?: directly)? (?:to|with) {A}(?:{PERSON}|someone|somebody)\b",
        # connect me with an agent; put me through to a human
        rf"\b(?:connect|transfer|put|pass|hand|forward|switch){ME} (?:to|with) {A}(?:{PERSON}|someone|somebody)\b",
        rf"\bescalate (?:this|it|me|us|my case) to {A}{PERSON}\b",
        # I want a human; I'd like a real person please
        rf"\b(?:i|we)(?:'d)? (?:just |really |now |still |would )*(?:want|need|prefer|demand|like) {A}{PERSON}{NOW}",
        rf"\b(?:get|give|find|fetch|bring) (?:me|us) {A}{PERSON}\b",
        rf"\b(?:can|could|may) (?:i|we) (?:please )?(?:have|get) {A}{PERSON}{NOW}",
        rf"\b(?:is|are) there {A}{PERSON} (?:here|there|available|around|i can|we can|who can|to talk)\b",
        # nothing but the word: agent please
        rf"^(?:(?:please|hi|hello|hey|ok|okay|no|now|just|well) )*{A}{PERSON}{NOW}",
        # I am tired of bots
        rf"\b(?:no more|instead of|rather than|tired of|sick of|don't want|(?<!i am )(?<!i'm )not){TALK} {BOT}$",
    )
)
NEGATED: Final = re.compile(
    r"\b(?:don't|dont|do not|no need|without)(?: (?:want|need|have|having|wish|like))?(?: to)? $"
)
POLITE: Final = frozenset(["i", "we", "please", "just", "really", "no", "thanks", "thank", "you", "yet", "now", "here"])

WHO: Final = re.compile(
    r"(?:(?:hello|hi|hey|ok|so|but|wait) )*(?:are you|is this|am i (?:talking|speaking|chatting) (?:to|with))"
    rf" (?:{A}(?:{PERSON}|(?:ro|chat)?bot|machine|ai|computer)|real)(?: or {A}(?:{PERSON}|(?:ro|chat)?bot|machine|ai))?"
    r"|(?:who|what) are you"
)


def plain(text: str) -> str:
    """The words alone: lower case, straight apostrophes, no other punctuation or signs, single spaces."""
    kept = re.sub(r"[^\w' ]", " ", text.casefold().replace("\u2019", "'").replace("\n", " "))
    return re.sub(r"\s+", " ", kept).strip(" '_")


def asks_for_person(text: str, also: tuple[str, ...] = ()) -> bool:
    """Whether the guest wants a human being; `also` holds further phrases that mean it."""
    words = plain(text)
    if asks_who_it_is(text):
        return False
    if any(phrase and f" {phrase} " in f" {words} " for phrase in map(plain, also)):
        return True
    for wish in WISHES:
        for found in wish.finditer(words):
            if not NEGATED.search(words[: found.start()]):
                return True
    return False


def asks_who_it_is(text: str) -> bool:
    """Whether the whole message asks if a robot or a human being is speaking."""
    return WHO.fullmatch(plain(text)) is not None


def declines_person(text: str) -> bool:
    """Whether the whole message is that the guest does not want a human being."""
    words = plain(text)
    for wish in WISHES:
        for found in wish.finditer(words):
            if declined := NEGATED.search(words[: found.start()]):
                return not set(f"{words[: declined.start()]} {words[found.end() :]}".split()) - POLITE
    return False
