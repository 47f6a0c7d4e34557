"""Reading the text out of a file. Blocking and hungry: pool.py keeps it in a process of its own, within limits."""

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from supportdesk.errors import Invalid
from supportdesk.knowledge.cutting import first_heading, front_matter
from supportdesk.knowledge.formats import ANSWER, QUESTION, Format, decoded, questions_and_answers, sniff
from supportdesk.knowledge.model import (
    AUDIENCES,
    MAX_ANSWER,
    MAX_DOCUMENT_BYTES,
    MAX_QUESTION,
    MAX_TITLE,
    Audience,
    Extracted,
    Pair,
    clean,
)

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

MOST_ROWS: Final = 5_000
MOST_PAGES: Final = 5_000
SCANNED: Final = 8
"""Characters a page: a PDF with fewer is pictures of pages."""
FURNITURE: Final = (
    "script", "style", "noscript", "template", "nav", "header", "footer", "aside", "form", "iframe", "object", "embed",
    "svg", "canvas", "button", "input", "select", "textarea", "dialog",
)  # fmt: skip
"""Elements of a page that are not its text."""
_HYPHENATED: Final = re.compile(r"(?<=[^\W\d_])-\n(?=[a-zà-öø-ÿ])")
_BLANKS: Final = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class _Text:
    title: str | None
    body: str
    url: str | None = None
    audience: Audience = Audience.GUESTS
    pairs: tuple[Pair, ...] = ()


def extract(content: bytes) -> Extracted:
    """The text of a file as Markdown, with what it says about itself; of a table, its questions and answers.

    Raises Invalid with a sentence for its owner: encrypted, scanned, broken, too large, or nothing in it.
    """
    kind = sniff(content)
    try:
        text = _READERS[kind](content)
    except MemoryError:
        raise Invalid("Reading the file needs more memory than it may have; split it.") from None
    except RecursionError:
        raise Invalid("The file is nested too deeply to be read; save its text alone.") from None
    body = _BLANKS.sub("\n\n", clean(text.body)).strip()
    if not body:
        raise Invalid("The file has no text.")
    if len(body.encode()) > MAX_DOCUMENT_BYTES:
        raise Invalid(f"The file has more than {MAX_DOCUMENT_BYTES // 2**20} MB of text; split it.")
    title = " ".join(clean(text.title or "").split())[:MAX_TITLE]
    return Extracted(
        mime_type=kind, title=title or None, text=f"{body}\n", url=text.url, audience=text.audience, pairs=text.pairs
    )


def _markdown(content: bytes) -> _Text:
    said, body = front_matter(clean(decoded(content)))
    audience = Audience.GUESTS
    if said.audience is not None:
        if said.audience.lower() not in AUDIENCES:
            raise Invalid(f"The audience “{said.audience}” is unknown; write guests or staff.")
        audience = AUDIENCES[said.audience.lower()]
    return _Text(said.title or first_heading(body), body, said.url, audience)


def _html(content: bytes) -> _Text:
    return _page(_declared(content))


def _declared(content: bytes) -> str | bytes:
    """HTML may name its encoding inside; what is UTF-8 needs no look."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content


def _page(source: str | bytes) -> _Text:
    from bs4 import BeautifulSoup
    from markdownify import MarkdownConverter

    soup = BeautifulSoup(source, "html.parser")
    title = soup.title.get_text(" ", strip=True) if soup.title else None
    for element in soup.find_all([*FURNITURE, "title"]):
        element.decompose()
    _drop_hidden(soup)
    root = soup.find("main") or soup.find("article") or soup.body or soup
    heading = root.find("h1")
    body = MarkdownConverter(heading_style="ATX", strip=["img", "video", "audio"], bullets="-").convert_soup(root)
    return _Text((heading.get_text(" ", strip=True) if heading else None) or title, body)


def _drop_hidden(soup: "BeautifulSoup") -> None:
    """What a reader of the page never sees must not become an answer."""
    for element in soup.find_all(lambda each: each.has_attr("hidden") or each.get("aria-hidden") == "true"):
        if not element.decomposed:
            element.decompose()
    for element in soup.find_all(style=re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)):
        if not element.decomposed:
            element.decompose()


def _docx(content: bytes) -> _Text:
    from xml.parsers.expat import ExpatError

    import mammoth

    def no_picture(_image: Any) -> list[Any]:
        return []

    try:
        result = mammoth.convert_to_html(io.BytesIO(content), convert_image=no_picture)
    except (ExpatError, KeyError, ValueError, IndexError, AttributeError, OSError, EOFError):
        raise Invalid("The Word file is broken and cannot be read; save it again, or as PDF.") from None
    return _page(result.value)


def _pdf(content: bytes) -> _Text:
    from pypdf import PasswordType, PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
            raise Invalid("The PDF needs a password; save it without one.")
        if len(reader.pages) > MOST_PAGES:
            raise Invalid(f"The PDF has more than {MOST_PAGES:,} pages; split it.")
        pages = [page.extract_text() for page in reader.pages]
    except DependencyError:
        raise Invalid("The PDF is encrypted in a way that cannot be read; save it without a password.") from None
    except (PyPdfError, ValueError, KeyError, IndexError, TypeError, AttributeError, OSError, ArithmeticError):
        raise Invalid("The PDF is broken and cannot be read; save it again.") from None
    text = "\n\n".join(pages)
    if len("".join(text.split())) < SCANNED * max(len(pages), 1):
        raise Invalid("The PDF has pictures of pages and no text: it was scanned. Run text recognition, then add it.")
    return _Text(None, _HYPHENATED.sub("", text))


def _csv(content: bytes) -> _Text:
    text = clean(decoded(content)).lstrip("\n")
    delimiter = questions_and_answers(text) or ","
    pairs: list[Pair] = []
    try:
        rows = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
        names = [name.strip().casefold() for name in next(rows)]
        question, answer = names.index(QUESTION), names.index(ANSWER)
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if len(pairs) == MOST_ROWS:
                raise Invalid(f"The table has more than {MOST_ROWS:,} rows; split it.")
            pairs.append(_pair(rows.line_num, row, question, answer))
    except csv.Error as error:
        raise Invalid(f"The table cannot be read near line {rows.line_num}: {error}.") from None
    if not pairs:
        raise Invalid("The table has its column names and no rows.")
    return _Text(None, "\n\n".join(f"## {pair.question}\n\n{pair.answer}" for pair in pairs), pairs=tuple(pairs))


def _pair(line: int, row: list[str], question: int, answer: int) -> Pair:
    cells = {name: row[at].strip() if at < len(row) else "" for name, at in ((QUESTION, question), (ANSWER, answer))}
    for name, cell, most in ((QUESTION, cells[QUESTION], MAX_QUESTION), (ANSWER, cells[ANSWER], MAX_ANSWER)):
        if not cell:
            raise Invalid(f"The row that ends in line {line} has no {name}.")
        if len(cell) > most:
            raise Invalid(f"The row that ends in line {line} has more than {most} characters of {name}.")
    return Pair(" ".join(cells[QUESTION].split()), cells[ANSWER])


_READERS: Final[Mapping[Format, Callable[[bytes], _Text]]] = {
    Format.MARKDOWN: _markdown,
    Format.TEXT: _markdown,
    Format.HTML: _html,
    Format.PDF: _pdf,
    Format.DOCX: _docx,
    Format.CSV: _csv,
}
