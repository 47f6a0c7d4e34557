"""Lists in pages: opaque cursors over ids that grow with time."""

import base64
import binascii
from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, Field

from supportdesk.core.wire import In

LAST: Final = UUID(int=(1 << 128) - 1)
"""Greater than every id: where a list that begins with the newest starts."""
FIRST: Final = UUID(int=0)
"""Smaller than every id: where a list that begins with the oldest starts."""


def cursor_of(last: UUID) -> str:
    """What a client sends back to get the page after this one."""
    return base64.urlsafe_b64encode(last.bytes).rstrip(b"=").decode()


def _is_cursor(text: str) -> str:
    place_of(text)
    return text


def place_of(cursor: str) -> UUID:
    """The id a cursor stands for; raises ValueError for anything the desk did not hand out."""
    try:
        return UUID(bytes=base64.b64decode(cursor + "==", altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        raise ValueError("it is none of the cursors that the desk hands out") from None


Cursor = Annotated[str, Field(max_length=64), AfterValidator(_is_cursor)]


class PageQuery(In):
    """How much of a list, and from where."""

    cursor: Cursor | None = None
    limit: int = Field(50, ge=1, le=200)

    def place(self, otherwise: UUID) -> UUID:
        """The id after which the page begins."""
        return place_of(self.cursor) if self.cursor is not None else otherwise
