"""Files as forms send them (multipart/form-data), taken piece by piece: none is read further than its limit."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import aiohttp
from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http import HttpProcessingError

from supportdesk.errors import BadRequest, TooLarge

LONGEST_FIELD: Final = 64 * 1024
MOST_FIELDS: Final = 50
PIECE: Final = 256 * 1024
BROKEN: Final = "The form was not sent whole, or is none; send it as multipart/form-data."
BROKE: Final = (ValueError, LookupError, OSError, aiohttp.ClientError, HttpProcessingError)


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file with the name its sender gave it."""

    name: str
    content: bytes


class Upload:
    """One form with files. `fields` are those in front of the first file; a page puts its files last."""

    def __init__(self, reader: MultipartReader, most_bytes: int) -> None:
        self._reader = reader
        self._left = most_bytes
        self._most = most_bytes
        self._first: BodyPartReader | None = None
        self.fields: dict[str, str] = {}

    @classmethod
    async def begin(cls, request: web.Request, most_bytes: int) -> "Upload":
        """Read the fields in front of the first file. Raises TooLarge by what the request says of its own length."""
        if request.content_length is not None and request.content_length > most_bytes:
            raise _too_large(most_bytes)
        try:
            upload = cls(await request.multipart(), most_bytes)
            upload._first = await upload._next()
        except BROKE:
            raise BadRequest(BROKEN) from None
        return upload

    async def files(self, most_each: int) -> AsyncIterator[SentFile]:
        """The files in order; fields between them are read too. Raises TooLarge as soon as a limit is passed."""
        part, self._first = self._first, None
        while part is not None:
            name = _base(part.filename or "")
            try:
                content = await self._read(part, most_each, f"{name or 'The file'} is larger than {_size(most_each)}")
                if name or content:  # a form without a chosen file sends an empty one
                    yield SentFile(name, content)
                part = await self._next()
            except BROKE:
                raise BadRequest(BROKEN) from None

    async def _next(self) -> BodyPartReader | None:
        while (part := await self._reader.next()) is not None:
            if not isinstance(part, BodyPartReader):
                raise BadRequest(BROKEN)
            if part.filename is not None:
                return part
            if len(self.fields) == MOST_FIELDS:
                raise BadRequest("The form has too many fields.")
            content = await self._read(part, LONGEST_FIELD, "A field of the form is too long")
            self.fields[part.name or ""] = content.decode("utf-8").replace("\r\n", "\n")
        return None

    async def _read(self, part: BodyPartReader, most: int, sentence: str) -> bytes:
        taken = bytearray()
        while piece := await part.read_chunk(PIECE):
            taken += piece
            self._left -= len(piece)
            if len(taken) > most:
                raise TooLarge(f"{sentence}; split it or make it smaller.")
            if self._left < 0:
                raise _too_large(self._most)
        return bytes(taken)


def _base(name: str) -> str:
    """The last part of a path: some browsers send more, and none of it is trusted."""
    return name.replace("\\", "/").rpartition("/")[2].strip()


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"What was sent is larger than {_size(most)}, the most that is taken at once; send it in parts.")


def _size(most: int) -> str:
    return f"{most // 2**20} MB"
