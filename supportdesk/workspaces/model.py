"""What a workspace and a site are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NewType
from urllib.parse import urlsplit
from uuid import UUID

from supportdesk.actor import WorkspaceId

SiteId = NewType("SiteId", UUID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a widget stands: a key that is public, and what it may do."""

    id: SiteId
    workspace_id: WorkspaceId
    name: str
    site_key: str
    allowed_origins: tuple[str, ...]
    appearance: Mapping[str, Any]
    robots_enabled: bool
    queue_id: UUID | None
    is_active: bool = True

    def allows(self, origin: str) -> bool:
        """Whether a page of this origin may carry the widget."""
        return origin in self.allowed_origins


def origin_of(text: str) -> str:
    """The origin in the form browsers send it; raises ValueError for anything that is no web origin."""
    if not text.strip().isprintable():  # urlsplit drops line breaks without a word
        raise ValueError("an origin looks like https://shop.example.org")
    try:
        parts = urlsplit(text.strip())
        port, named = parts.port, parts.hostname or ""
        host = named if named.isascii() else named.encode("idna").decode()
    except ValueError:
        raise ValueError("an origin looks like https://shop.example.org") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise ValueError("an origin looks like https://shop.example.org")
    if parts.path not in ("", "/") or parts.query or parts.fragment or "*" in parts.netloc:
        raise ValueError("an origin is scheme, host and port only, without path or wildcard")
    if not all(character.isalnum() or character in ".-_:" for character in host):
        raise ValueError("an origin looks like https://shop.example.org")
    host = f"[{host}]" if ":" in host else host
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, default) else "")
