"""Small talk, which needs no search: greetings and thanks in the languages that guests of a European shop use most."""

import re
from enum import Enum
from typing import Final

from supportdesk.robots.contract import asks_who_it_is, plain


class SmallTalk(Enum):
    """A message that asks nothing of the documents, strongest kind first."""

    WHO = "who"
    GOODBYE = "goodbye"
    THANKS = "thanks"
    HELLO = "hello"
    OKAY = "okay"


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
LONGEST: Final = 80


def small_talk(text: str) -> SmallTalk | None:
    """What kind of pleasantry the whole message is; None when it says anything more."""
    words = plain(text)
    if len(words) > LONGEST:
        return None
    if asks_who_it_is(text):
        return SmallTalk.WHO
    if words and not VOCABULARY.fullmatch(f"{words} "):
        return None
    return next((kind for kind, holds in HOLDS.items() if holds.search(words)), None if words else SmallTalk.OKAY)
