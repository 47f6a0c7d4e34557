"""The chat in seven languages: complete, with the same places to fill in, and light."""

import gzip
import re
from pathlib import Path
from typing import Final

import pytest
from babel.core import Locale
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from babel.plural import PluralRule

from supportdesk.core.places import PACKAGE, folder
from supportdesk.widget.words import CATALOGUES, FORMS, LANGUAGES, PAGE, language_for, name_of
from tests.people import Desk

SOURCES: Final = [
    path
    for part in ("widget", "shared")
    for path in sorted((PACKAGE / "static/src" / part).rglob("*.js"))
    if not path.name.endswith(".test.js")
]
PAGES: Final = sorted((folder("templates") / "widget").glob("*.html"))
TRANSLATED: Final = [language for language in LANGUAGES if language != "en"]
TEXT: Final = r'"((?:[^"\\]|\\.)*)"'
"""A string as biome writes it."""
ONE: Final = re.compile(rf"\bt\(\s*{TEXT}")
MANY: Final = re.compile(rf"\btn\(\s*{TEXT},\s*{TEXT}")
SAID: Final = re.compile(rf"\blanguage\.say\({TEXT}\)")
FIELD: Final = re.compile(r"\{\w+\}")


def in_source() -> set[str | tuple[str, str]]:
    """Every text of the chat's scripts: English, or English for one and for many."""
    text = "\n".join(path.read_text() for path in SOURCES)
    return {*ONE.findall(text), *MANY.findall(text)}


def in_pages() -> set[object]:
    return {text for path in PAGES for text in SAID.findall(path.read_text())}


def entries(language: str) -> list[Message]:
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        return [message for message in read_po(file, locale=language, abort_invalid=True) if message.id]


def forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else [*(message.string or ())]


def test_every_call_names_its_text_where_it_stands() -> None:
    for path in SOURCES:
        text = path.read_text()
        calls = len(re.findall(r"(?<!function )\btn?\((?!\))", text))
        assert len(ONE.findall(text)) + len(MANY.findall(text)) == calls, path.name


def test_the_seven_languages_are_there() -> None:
    assert set(LANGUAGES) == {"en", "de", "es", "fr", "pt", "ar", "ja"}
    assert {path.stem for path in CATALOGUES.iterdir()} == set(TRANSLATED)
    assert (CATALOGUES.parent / "words.py").is_file()


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_has_its_entry_and_no_entry_is_left_over(language: str) -> None:
    found = entries(language)
    assert {message.id for message in found if message.context is None} == in_source()
    assert {message.id for message in found if message.context == PAGE} == in_pages()
    empty = [message.id for message in found if message.fuzzy or not all(form.strip() for form in forms(message))]
    assert empty == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_entry_fills_in_what_its_source_does(language: str) -> None:
    for message in entries(language):
        source = message.id if isinstance(message.id, str) else message.id[1]
        wanted = sorted(FIELD.findall(source))
        *small, last = forms(message)
        assert sorted(FIELD.findall(last)) == wanted, message.id
        for form in small:  # "two people" needs no number
            assert sorted([*FIELD.findall(form), "{count}"] if "{count}" not in form else FIELD.findall(form)) == wanted


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_count_has_the_forms_that_browsers_choose_among(language: str) -> None:
    rule: PluralRule = Locale(language).plural_form
    # Millions are "many" in some languages of ours; nobody waits behind as many, and the last form takes them.
    chosen = {rule(count) for count in range(1000)}
    for message in entries(language):
        if not isinstance(message.id, str):
            assert set(FORMS[len(forms(message))]) == chosen
            assert len(forms(message)) == (6 if language == "ar" else len(chosen))


def test_no_two_texts_share_a_name_and_both_sides_reckon_alike() -> None:
    texts = {text if isinstance(text, str) else text[1] for text in in_source()}
    assert len({name_of(text) for text in texts}) == len(texts)
    names = [name_of(text) for text in ("Send", "{count} messages", "Write a message…")]
    assert str(names).replace("'", '"') in (PACKAGE / "static/src/shared/words.test.js").read_text()


@pytest.mark.parametrize(
    ("wanted", "tag", "direction"),
    [
        (("ar",), "ar", "rtl"),
        (("AR-eg",), "ar-EG", "rtl"),
        (("pt_BR",), "pt-BR", "ltr"),
        (("zh-Hans-CN", "de-CH"), "de-CH", "ltr"),
        (("fa", ""), "en", "ltr"),
        (("", "ja"), "ja", "ltr"),
        (("de-1996-x-private",), "de", "ltr"),
        (("../../etc/passwd", "debugging", "en-"), "en", "ltr"),
    ],
)
def test_the_first_language_that_the_chat_speaks_is_taken(wanted: tuple[str, ...], tag: str, direction: str) -> None:
    language = language_for(*wanted)
    assert (language.tag, language.direction) == (tag, direction)


async def frame(desk: Desk, locale: str, site_key: str = "") -> tuple[str, int]:
    """The frame's text and how many bytes of it travel."""
    url = f"{desk.url}/widget/{site_key or desk.workspace.plain_site_key}?locale={locale}"
    async with desk.http.get(url, headers={"Accept-Encoding": "gzip"}) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        return await response.text(), int(response.headers["Content-Length"])


async def test_the_frame_comes_in_the_language_that_was_asked_for(desk: Desk) -> None:
    arabic, _ = await frame(desk, "ar-EG")
    assert '<html lang="ar-EG" dir="rtl">' in arabic
    assert f'"{name_of("Talk to a person")}":"التحدث إلى أحد موظفينا"' in arabic
    assert "تحتاج هذه المحادثة إلى JavaScript" in arabic
    english, _ = await frame(desk, "it")
    assert '<html lang="en" dir="ltr">' in english
    assert 'id="i18n">{}</script>' in english
    async with desk.http.get(f"{desk.url}/widget/nobody?locale=de") as response:
        assert "Dieser Chat ist hier nicht verfügbar" in await response.text()


async def test_without_a_wish_the_workspace_decides(desk: Desk) -> None:
    await desk.owner.execute("UPDATE workspaces SET locale = 'fr-CA' WHERE id = $1", desk.workspace.id)
    for wish in ("", "tlh"):
        page, _ = await frame(desk, wish)
        assert '<html lang="fr-CA" dir="ltr">' in page


BUILT: Final = ("loader.js", "widget.css", "widget.js", "icons-widget.svg")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_first_opening_is_light_in_every_language(desk: Desk, language: str) -> None:
    _, page = await frame(desk, language)
    built = sum(len(gzip.compress((Path(PACKAGE) / "static/dist" / name).read_bytes(), 9)) for name in BUILT)
    assert built + page <= (43_500 if language == "en" else 45_000)
