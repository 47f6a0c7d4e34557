"""What kind of file some bytes are, judged by the bytes: a name may say anything."""

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Sequence
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Final

from supportdesk.errors import Invalid

MOST_UNPACKED: Final = 100 * 1024 * 1024
MOST_RATIO: Final = 100
SMALL: Final = 1024 * 1024
"""A package that unpacks to less than this may be as dense as it likes."""
MOST_MEMBERS: Final = 2_000
QUESTION: Final = "question"
ANSWER: Final = "answer"
LOOKED_AT: Final = 64 * 1024
"""Bytes of a text that tell what it is."""
LONGEST_LIST: Final = 256 * MOST_MEMBERS
"""Bytes of a package's list of contents; one that is longer has too many, or names that nobody gives."""
_END: Final = b"PK\x05\x06"
_END_SIZE: Final = 22
_LONGEST_COMMENT: Final = 0xFFFF
_END_OF_LARGE: Final = b"PK\x06\x07"
_END_OF_LARGE_SIZE: Final = 20
DELIMITERS: Final = ",;\t"
MOSTLY: Final = 0.3
"""Of the letters of a Western text in an old encoding, fewer than this are beyond ASCII."""


class Format(StrEnum):
    """What the desk can read, by MIME type."""

    MARKDOWN = "text/markdown"
    TEXT = "text/plain"
    HTML = "text/html"
    PDF = "application/pdf"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    CSV = "text/csv"


TAKEN: Final = "Markdown, HTML, PDF, Word (.docx), text, and CSV with the columns question and answer are taken."
PROMISES: Final = {".pdf": Format.PDF, ".docx": Format.DOCX}
SAID: Final = {
    Format.MARKDOWN: "Markdown",
    Format.TEXT: "plain text",
    Format.HTML: "HTML",
    Format.PDF: "a PDF",
    Format.DOCX: "a Word file",
    Format.CSV: "CSV",
}
_TOO_MUCH: Final = "The file unpacks to far more than a text would; it is not read. Save the text alone, or as PDF."
_HTML: Final = re.compile(
    r"\s*+(?:<\?xml[^>]*>\s*+)?(?:<!--(?:(?!-->).)*+-->\s*+)*+<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
"""What a repetition has taken it does not give back: whoever writes the file must not choose the work."""
_FRAGMENT: Final = re.compile(
    r"\s*<(?:h[1-6]|p|div|article|section|main|table|ul|ol)\b[^>]*>.*</", re.IGNORECASE | re.DOTALL
)
_MARKS: Final = re.compile(
    r"^(?:#{1,6} \S|---\n|[-*+] \S|\d+\. \S|> |```|\|.+\|\s*$)|\[[^\[\]\n]{1,500}\]\([^)\n]{1,500}\)", re.MULTILINE
)
_FOREIGN: Final[Sequence[tuple[bytes, str]]] = (
    (b"\xd0\xcf\x11\xe0", "This is an old Word, Excel or PowerPoint file; save it as .docx or PDF."),
    (b"\x89PNG", "This is a picture, which has no text to read."),
    (b"\xff\xd8\xff", "This is a picture, which has no text to read."),
    (b"GIF8", "This is a picture, which has no text to read."),
    (b"{\\rtf", "This is an RTF file; save it as .docx or PDF."),
)
_BOMS: Final = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def sniff(content: bytes) -> Format:
    """The format of the bytes; raises Invalid with what to do about those that cannot become a document."""
    if not content.strip():
        raise Invalid("The file is empty.")
    if b"%PDF-" in content[:1024]:
        return Format.PDF
    for beginning, sentence in _FOREIGN:
        if content.startswith(beginning):
            raise Invalid(f"{sentence} {TAKEN}")
    if content.startswith(b"PK\x03\x04"):
        return _package(content)
    text = decoded(content[:LOOKED_AT], is_whole=len(content) <= LOOKED_AT)
    if _HTML.match(text) or _FRAGMENT.match(text):
        return Format.HTML
    if questions_and_answers(text) is not None:
        return Format.CSV
    return Format.MARKDOWN if _MARKS.search(text) else Format.TEXT


def sniff_named(content: bytes, name: str) -> Format:
    """As `sniff`; raises Invalid also where the name promises another kind, so that nobody is left to wonder."""
    kind, ending = sniff(content), PurePosixPath(name).suffix.casefold()
    if ending == ".csv" and kind in (Format.TEXT, Format.MARKDOWN):
        raise Invalid(
            "The first line of this CSV file does not name the columns question and answer; other columns may be there "
            "as well. To take it as plain text, give it a name that ends with .txt."
        )
    promised = PROMISES.get(ending)
    if promised is not None and kind is not promised:
        raise Invalid(
            f"The name ends with {ending}, and the file is {SAID[kind]}. Give it a name with the right ending, or send "
            "the file that was meant."
        )
    return kind


def decoded(content: bytes, *, is_whole: bool = True) -> str:
    """The bytes as text: by their mark, as UTF-8, or as Windows-1252 where that reads like a Western text.

    Raises Invalid for bytes that are no text, and for those of which nobody can tell the encoding. What is not whole
    may end within a character.
    """
    marked = next((encoding for mark, encoding in _BOMS if content.startswith(mark)), None)
    if marked is None and b"\x00" in content:
        raise Invalid(f"This is no text file. {TAKEN}")
    try:
        return codecs.getincrementaldecoder(marked or "utf-8")().decode(content, is_whole)
    except UnicodeDecodeError as error:
        place = error.start
    if marked is not None:
        raise Invalid(f"The file says that it is {marked.upper()} and is not (byte {place}); save it as UTF-8.")
    try:
        text = content.decode("windows-1252")
    except UnicodeDecodeError:
        raise _unknown(place) from None
    letters = [character for character in text if character.isalpha()]
    if sum(not character.isascii() for character in letters) > MOSTLY * max(len(letters), 1):
        raise _unknown(place)
    return text


def questions_and_answers(text: str) -> str | None:
    """The delimiter of a table whose first line names the columns question and answer; None for any other text."""
    first = text.lstrip("\ufeff\r\n").partition("\n")[0]
    for delimiter in DELIMITERS:
        try:
            names = next(csv.reader(io.StringIO(first), delimiter=delimiter), [])
        except csv.Error:
            return None
        if {QUESTION, ANSWER} <= {name.strip().casefold() for name in names}:
            return delimiter
    return None


def _package(content: bytes) -> Format:
    """A Word file, judged by its list of contents alone: nothing is unpacked before its size is known."""
    if _length_of_list(content) > LONGEST_LIST:
        raise Invalid(_TOO_MUCH)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            members = package.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError):
        raise Invalid(
            "The file is broken: its list of contents cannot be read. Save it again, or send a PDF."
        ) from None
    if "word/document.xml" not in {member.filename for member in members}:
        raise Invalid(f"This is a ZIP archive or an Office file other than Word. {TAKEN}")
    unpacked = sum(member.file_size for member in members)
    packed = max(sum(member.compress_size for member in members), 1)
    if (
        len(members) > MOST_MEMBERS
        or unpacked > MOST_UNPACKED
        or (unpacked > SMALL and unpacked > MOST_RATIO * min(packed, len(content)))
        or len({member.header_offset for member in members}) < len(members)
    ):
        raise Invalid(_TOO_MUCH)
    return Format.DOCX


def _length_of_list(content: bytes) -> int:
    """How long a package says its list of contents is, found where zipfile looks; reading a long one takes seconds.

    A list of the kind for archives of many gigabytes, which no text needs, is as long as the file.
    """
    end = len(content) - _END_SIZE
    if not content.startswith(_END, max(end, 0)) or not content.endswith(b"\x00\x00"):
        end = content.rfind(_END, max(end - _LONGEST_COMMENT, 0))
    if end < 0:
        return 0  # broken, as zipfile will say
    if content.startswith(_END_OF_LARGE, max(end - _END_OF_LARGE_SIZE, 0)):
        return len(content)
    return int.from_bytes(content[end + 12 : end + 16], "little")


def _unknown(place: int) -> Invalid:
    return Invalid(
        f"The file is text in an encoding that cannot be told (byte {place} is not UTF-8); save it as UTF-8."
    )
