"""Sites as they cross the wire."""

from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from pydantic import AfterValidator, Field, JsonValue

from supportdesk.core.wire import In, Line, Out, Text
from supportdesk.workspaces.model import Site, origin_of

Origin = Annotated[Text, Field(max_length=300), AfterValidator(origin_of)]
MOST_ORIGINS: Final = 50
Origins = Annotated[list[Origin], Field(max_length=MOST_ORIGINS)]
LARGEST_APPEARANCE: Final = 16 * 1024


def _small_and_storable(appearance: dict[str, JsonValue]) -> dict[str, JsonValue]:
    try:
        packed = orjson.dumps(appearance)
    except orjson.JSONEncodeError:
        raise ValueError("it holds text that is no text, or is nested too deeply") from None
    if len(packed) > LARGEST_APPEARANCE or b"\\u0000" in packed:
        raise ValueError("it may have 16 KiB at most, and no NUL characters")
    return appearance


Appearance = Annotated[dict[str, JsonValue], AfterValidator(_small_and_storable)]


class AddSite(In):
    """A further site."""

    name: Line
    allowed_origins: Origins = Field(default_factory=list)
    robots_enabled: bool = True


class ChangeSite(In):
    """What to change of a site; what is left out stays."""

    name: Line | None = None
    allowed_origins: Origins | None = None
    appearance: Appearance | None = None
    robots_enabled: bool | None = None
    queue_id: UUID | None = None
    is_active: bool | None = None


class SiteOut(Out):
    """A site."""

    id: UUID
    name: str
    site_key: str
    allowed_origins: list[str]
    appearance: dict[str, Any]
    robots_enabled: bool
    queue_id: UUID | None
    is_active: bool


class SitesOut(Out):
    """All sites; a workspace has few."""

    items: list[SiteOut]
    next_cursor: None = None


class SecretOut(Out):
    """The identity secret."""

    secret: str


def site_out(site: Site) -> SiteOut:
    """Shape a site."""
    return SiteOut(
        id=site.id,
        name=site.name,
        site_key=site.site_key,
        allowed_origins=list(site.allowed_origins),
        appearance=dict(site.appearance),
        robots_enabled=site.robots_enabled,
        queue_id=site.queue_id,
        is_active=site.is_active,
    )
