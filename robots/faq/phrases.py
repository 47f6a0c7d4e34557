"""What needs no search: a wish for a person, and small talk.

A wish is understood in English, and the admin adds phrases in other languages; greetings and thanks are known in the
languages that guests of a European shop use most.
"""

import re
from enum import Enum
from typing import Final


class SmallTalk(Enum):
    """A message that asks nothing of the documents, strongest kind first."""

    WHO = "who"
    GOODBYE = "goodbye"
    THANKS = "thanks"
    HELLO = "hello"
    OKAY = "okay"


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

WORDS: Final = {
    SmallTalk.GOODBYE: "bye(?: bye)?|goodbye|good bye|see you|see ya|take care|good night|farewell"
    "|no thanks|no thank you|have a (?:nice|good|great|lovely) (?:day|evening|weekend|one)"
    "|that is all|that's all|thats all|nothing else"
    "|au revoir|auf wiedersehen|tschüss?|adi[oó]s|hasta luego|arrivederci|tot ziens|doei|do widzenia|hej då|tchau",
    SmallTalk.THANKS: "thanks|many thanks|thank you|thank u|thx|ty|cheers|much appreciated|i appreciate it"
    "|that helps|that helped|that was helpful|very helpful|very kind|you are the best|you're the best"
    "|merci(?: beaucoup| bien)?|danke(?: sch(?:ö|oe)n| sehr)?|vielen dank|besten dank|(?:muchas |mil )?gracias"
    "|(?:mille )?grazie(?: mille)?|(?:hartelijk )?bedankt|dank (?:je|u)(?: wel)?|dankjewel|obrigad[oa]"
    "|tack(?: så mycket)?|tusen takk|takk|mange tak|kiitos|dziękuję|спасибо|谢谢|ありがとう",
    SmallTalk.HELLO: "hello|hi|hiya|hey|howdy|greetings|good (?:morning|afternoon|evening|day)|how are you(?: doing)?"
    "|morning|afternoon|evening|what's up|whats up|sup|yo|how's it going|hows it going|how is it going"
    "|bonjour|bonsoir|salut|coucou|hola|buenos d[ií]as|buenas(?: tardes| noches)?|hallo|guten (?:tag|morgen|abend)"
    "|moin|servus|gr[uü]ezi|ciao|salve|buongiorno|buon giorno|buonasera|goede(?:ndag|morgen|middag|navond)|hoi|hej|hei"
    "|ol[aá]|bom dia|boa tarde|cze[sś][cć]|dzie[nń] dobry|ahoj|merhaba|привет|здравствуйте|你好|こんにちは"
    "|how do you do|nice to meet you|(?:is )?(?:anyone|anybody|someone) there|i have a question|can you help(?: me)?"
    "|i need help|help|help me",
    SmallTalk.OKAY: "ok|okay|yes|yep|yeah|no|nope|sure|fine|great|good|perfect|super|cool|wonderful|awesome|excellent"
    "|brilliant|lovely|nice|lol|(?:ha){2,}|cute|got it|i see|understood|alright|all right|right",
}
EXTRAS: Final = (
    "there|again|then|so much|very much|a lot|a million|for (?:your|the|all your) help|for that|everyone|all|today"
    "|later|soon|now|and|you|please|oh|ah|well|robot|bot|it works|you are|you're"
    "|mate|friend|team|guys|folks|sir|madam|tout le monde|zusammen|à tous"
)
VOCABULARY: Final = re.compile(rf"(?:(?:{'|'.join(WORDS.values())}|{EXTRAS}) )+")
HOLDS: Final = {kind: re.compile(rf"(?<!\S)(?:{words})(?!\S)") for kind, words in WORDS.items()}
WHO: Final = re.compile(
    r"(?:(?:hello|hi|hey|ok|so|but|wait) )*(?:are you|is this|am i (?:talking|speaking|chatting) (?:to|with))"
    rf" (?:{A}(?:{PERSON}|(?:ro|chat)?bot|machine|ai|computer)|real)(?: or {A}(?:{PERSON}|(?:ro|chat)?bot|machine|ai))?"
    r"|(?:who|what) are you"
)
LONGEST: Final = 80


def plain(text: str) -> str:
    """The words alone: lower case, straight apostrophes, no other punctuation or signs, single spaces."""
    kept = re.sub(r"[^\w' ]", " ", text.casefold().replace("\u2019", "'").replace("\n", " "))
    return re.sub(r"\s+", " ", kept).strip(" '_")


def asks_for_person(text: str, also: tuple[str, ...] = ()) -> bool:
    """Whether the guest wants a human being; `also` holds further phrases that mean it."""
    words = plain(text)
    if WHO.fullmatch(words):
        return False
    if any(phrase and f" {phrase} " in f" {words} " for phrase in map(plain, also)):
        return True
    for wish in WISHES:
        for found in wish.finditer(words):
            if not NEGATED.search(words[: found.start()]):
                return True
    return False


def declines_person(text: str) -> bool:
    """Whether the whole message is that the guest does not want a human being."""
    words = plain(text)
    for wish in WISHES:
        for found in wish.finditer(words):
            if declined := NEGATED.search(words[: found.start()]):
                return not set(f"{words[: declined.start()]} {words[found.end() :]}".split()) - POLITE
    return False


def small_talk(text: str) -> SmallTalk | None:
    """What kind of pleasantry the whole message is; None when it says anything more."""
    words = plain(text)
    if len(words) > LONGEST:
        return None
    if WHO.fullmatch(words):
        return SmallTalk.WHO
    if words and not VOCABULARY.fullmatch(f"{words} "):
        return None
    return next((kind for kind, holds in HOLDS.items() if holds.search(words)), None if words else SmallTalk.OKAY)
