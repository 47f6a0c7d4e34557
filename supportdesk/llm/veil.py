"""Keeps the key of a provider out of what its models say, as some servers repeat what they were sent."""

from typing import Final

MARK: Final = "•••"
SHORTEST: Final = 8
"""A key of fewer characters is in every other word, and none."""


class Veil:
    """Puts a mark in the place of one key, also where it comes in pieces: what may be its beginning is held back."""

    def __init__(self, key: str = "") -> None:
        self._key = key if len(key) >= SHORTEST else ""
        self._held = ""

    def text(self, text: str) -> str:
        """A whole text without the key."""
        return text.replace(self._key, MARK) if self._key else text

    def feed(self, word: str) -> str:
        """What can be shown now that this word has come; a word without the key's first letter passes as it is."""
        if not self._key or not (self._held or self._key[0] in word):
            return word
        text = self.text(self._held + word)
        longest = min(len(text), len(self._key) - 1)
        held = next((size for size in range(longest, 0, -1) if text.endswith(self._key[:size])), 0)
        self._held = text[len(text) - held :]
        return text[: len(text) - held]

    def end(self) -> str:
        """What was held back for nothing."""
        held, self._held = self._held, ""
        return held
