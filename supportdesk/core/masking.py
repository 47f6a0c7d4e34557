"""Keeps secrets out of texts that others read: robots' secret settings, and the keys of providers of models.

Of what robots say and ask tools for, of what models answer, and of what is kept of turns; whole, or as it comes.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import quote, quote_plus

from pydantic import BaseModel, JsonValue, SecretStr

MASK: Final = "•••"
SHORTEST: Final = 8
"""A secret of fewer characters is in every other word, and none: "post" would be found in "posted"."""

ESCAPE: Final = re.compile("%[0-9A-F]{2}")


class Mask:
    """Puts a mark in the place of secrets, also of such as stand in an address, in JSON or in base64."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {secret for secret in secrets if len(secret) >= SHORTEST}
        forms = {form for secret in known for form in _forms(secret)}
        self._forms = sorted(forms, key=len, reverse=True)  # one that contains another goes first

    def __bool__(self) -> bool:
        """Whether there is anything to hide."""
        return bool(self._forms)

    @classmethod
    def of(cls, settings: BaseModel) -> "Mask":
        """For all secrets of these settings, those within models and lists too."""
        return cls(_secrets(settings))

    def text(self, text: str) -> str:
        """The text without them."""
        for form in self._forms:
            text = text.replace(form, MASK)
        return text

    def value(self, value: JsonValue) -> JsonValue:
        """The same for every text of a value, names included."""
        if not self._forms:
            return value
        match value:
            case str():
                return self.text(value)
            case dict():
                return self.names(value)
            case list() | tuple():
                return [self.value(each) for each in value]
        return value

    def names(self, value: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """The same of an object."""
        return {self.text(name): self.value(each) for name, each in value.items()}

    def hides(self, value: object) -> bool:
        """Whether there is a secret in a value, or in a name within it."""
        match value:
            case str():
                return self.text(value) != value
            case Mapping():
                return any(self.hides(name) or self.hides(inner) for name, inner in value.items())
            case list() | tuple():
                return any(map(self.hides, value))
        return False

    def veil(self) -> "Veil":
        """A mask for one text that comes in pieces."""
        return Veil(self._forms)


class Veil:
    """Masks a text that comes in pieces. Only what may be the beginning of a secret waits for the next piece."""

    def __init__(self, forms: Sequence[str]) -> None:
        self._forms: dict[str, list[str]] = {}
        for form in forms:
            self._forms.setdefault(form[0], []).append(form)
        self._first = re.compile("[" + "".join(map(re.escape, self._forms)) + "]") if forms else None
        self._held = ""
        self._told = 0
        """Characters at the beginning of what is held for which the mark was said already."""

    def feed(self, piece: str) -> str:
        """What can be said now of the pieces so far; it may be empty."""
        return self._lift(piece, is_last=False) if self._first is not None else piece

    def end(self) -> str:
        """What was held back, when nothing follows: it was no secret, or is masked."""
        return self._lift("", is_last=True) if self._held else ""

    def _lift(self, piece: str, *, is_last: bool) -> str:
        text, said, told, at = self._held + piece, list[str](), self._told, 0
        while self._first is not None and (found := self._first.search(text, at)) is not None:
            at = found.start()
            said.append(text[told:at])
            told = max(told, at)
            ends = max((at + len(form) for form in self._forms[text[at]] if text.startswith(form, at)), default=at)
            if ends > at:
                said.append(MASK if at >= told else "")  # one that overlaps another shares its mark
                told = max(told, ends)
            if not is_last and self._may_begin(text, at):
                self._held, self._told = text[at:], told - at
                return "".join(said)
            at += 1
        self._held, self._told = "", 0
        return "".join([*said, text[told:]])

    def _may_begin(self, text: str, at: int) -> bool:
        left = len(text) - at
        return any(left < len(form) and form.startswith(text[at:]) for form in self._forms[text[at]])


def _forms(secret: str) -> Iterator[str]:
    """How a secret may stand in a text.

    In base64 also with other things before and after it, as in the `user:key` of basic authentication: of each of the
    three ways to lie on its groups, the characters that depend on the secret alone.
    """
    yield from (secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    for form in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield from (form, ESCAPE.sub(lambda found: found[0].lower(), form))
    plain = secret.encode()
    for before in range(3):
        packed = b64encode(b"\0" * before + plain + b"\0\0")
        own = packed[(0, 2, 3)[before] : 8 * (before + len(plain)) // 6].decode()
        if len(own) >= SHORTEST:
            yield from (own, own.replace("+", "-").replace("/", "_"))


def _secrets(value: object) -> Iterator[str]:
    match value:
        case SecretStr():
            yield value.get_secret_value()
        case BaseModel():
            for _name, inner in value:
                yield from _secrets(inner)
        case Mapping():
            for inner in value.values():
                yield from _secrets(inner)
        case list() | tuple() | set() | frozenset():
            for inner in value:
                yield from _secrets(inner)
