"""What workspaces announce."""

from dataclasses import dataclass

from supportdesk.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteChanged(Event):
    """A site was made or changed."""

    site_key: str
