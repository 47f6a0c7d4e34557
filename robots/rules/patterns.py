"""Patterns that cannot run away: RE2 takes time in proportion to the text, whatever the pattern."""

import re
from functools import lru_cache
from typing import Final, Protocol, cast

import re2

LONGEST_PATTERN: Final = 500
LONGEST_TEXT: Final = 2_000
"""Characters of a message that are looked at; a hundred rules read them within a few milliseconds."""
LONGEST_NAME: Final = 80
MOST_MEMORY: Final = 1 << 20
"""Bytes that a compiled pattern may take: one that repeats repetitions is refused instead."""
EDGE: Final = r"[^\pL\pN_]"
"""What stands beside a whole word, in any script; RE2's own \\b knows only that of ASCII."""
BLANKS: Final = r"[\pZ\pC]+"
"""Between two words, in any script; a no-break space is none to RE2's own \\s."""
MARKUP: Final = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&])")


class _Pattern(Protocol):
    def search(self, text: str) -> object | None:
        """The first place that matches."""


@lru_cache(maxsize=2_000)
def _compiled(pattern: str, *, whole_words: bool, match_case: bool) -> _Pattern:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MOST_MEMORY
    options.case_sensitive = match_case
    whole = f"(?:^|{EDGE})(?:{pattern})(?:{EDGE}|$)" if whole_words else pattern
    return cast("_Pattern", re2.compile(whole, options))


def problem(pattern: str) -> str:
    """Why a pattern cannot be used, and where; empty when it can."""
    try:
        for whole_words in (False, True):
            _compiled(pattern, whole_words=whole_words, match_case=False)
    except re2.error as error:
        said = error.args[0]
        what, _, part = (said.decode(errors="replace") if isinstance(said, bytes) else str(said)).partition(": ")
        at = pattern.find(part) if part else -1
        where = f" at character {at + 1}, “{part}”" if at >= 0 else ""
        return f"the pattern “{pattern}” cannot be used: {what}{where}"
    return ""


def matches(text: str, words: str, *, is_pattern: bool, whole_words: bool, match_case: bool) -> bool:
    """Whether the words, or the pattern, stand in the first part of a message."""
    pattern = words if is_pattern else BLANKS.join(re2.escape(word) for word in words.split())
    found = _compiled(pattern, whole_words=whole_words, match_case=match_case).search(text[:LONGEST_TEXT])
    return found is not None


def escaped(name: str) -> str:
    """A guest's name as plain words of Markdown: they chose it themselves."""
    return MARKUP.sub(r"\\\1", " ".join(name.split())[:LONGEST_NAME])
