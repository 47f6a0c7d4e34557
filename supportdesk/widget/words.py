"""What the chat says, in the guest's language: the catalogues beside this module, read when first asked for.

English is the source text and needs none. What the page says before its script runs stands under the context "page";
all else is sent to the browser, which chooses plural forms and writes numbers by itself.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

CATALOGUES: Final = Path(__file__).parent / "languages"
LANGUAGES: Final = ("en", "de", "es", "fr", "pt", "ar", "ja")
RTL: Final = frozenset({"ar"})
PAGE: Final = "page"
FORMS: Final = {1: ("other",), 2: ("one", "other"), 6: ("zero", "one", "two", "few", "many", "other")}
"""CLDR's names of gettext's numbered plural forms, by how many a language has."""
TAG: Final = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|\d{3}))?(?![a-z0-9])", re.IGNORECASE)
"""Language, script and region; variants and extensions say nothing that the chat would heed."""

DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
NAMES: Final = 36**4

Forms: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Words:
    """A catalogue: for the browser by short names, with the forms under that of the plural; for the page by English."""

    chat: Mapping[str, str | Forms] = field(default_factory=dict)
    page: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Language:
    """A locale that the chat speaks, as browsers write it: pt-BR."""

    tag: str
    words: Words

    @property
    def direction(self) -> str:
        """How it is written: ltr or rtl."""
        return "rtl" if self.tag.partition("-")[0] in RTL else "ltr"

    def say(self, text: str) -> str:
        """A sentence of the page itself."""
        return self.words.page.get(text, text)


def tag_of(wanted: str) -> str:
    """The guest's own language as it was asked for, which the chat may not speak; empty for what is no such tag."""
    return wanted if TAG.fullmatch(wanted) is not None else ""


def language_for(*wanted: str) -> Language:
    """The first of these locales that the chat speaks, with its region; else English."""
    for tag in wanted:
        found = TAG.match(tag)
        if found is not None and (language := found[1].lower()) in LANGUAGES:
            script, region = (found[2] or "").title(), (found[3] or "").upper()
            return Language("-".join(filter(None, (language, script, region))), words_of(language))
    return Language("en", Words())


@cache
def words_of(language: str) -> Words:
    """The catalogue of one of LANGUAGES."""
    if language == "en":
        return Words()
    from babel.messages.pofile import read_po

    with (CATALOGUES / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    chat: dict[str, str | Forms] = {}
    page: dict[str, str] = {}
    for message in catalogue:
        match message.id, message.string:
            case str(text), str(said) if text:
                if message.context == PAGE:
                    page[text] = said
                else:
                    chat[name_of(text)] = said
            case (_, many), (str(), *_) as forms:
                chat[name_of(many)] = dict(zip(FORMS[len(forms)], forms, strict=True))
    return Words(chat, page)


def name_of(text: str) -> str:
    """What the browser calls an English text: the same sum as in static/src/shared/i18n.js."""
    total = 0
    for sign in text:
        total = (total * 31 + ord(sign)) % NAMES
    name = ""
    while total or not name:
        total, digit = divmod(total, 36)
        name = DIGITS[digit] + name
    return name
