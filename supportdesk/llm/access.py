"""The door to a provider."""

from uuid import UUID

from supportdesk.core.db import Connection
from supportdesk.errors import NotFound
from supportdesk.llm.model import Provider
from supportdesk.llm.queries import providers


async def provider_for(conn: Connection, provider_id: UUID) -> Provider:
    """A provider of the workspace; raises NotFound."""
    provider = await providers.find_provider(conn, provider_id)
    if provider is None:
        raise NotFound("There is no such provider of models.")
    return provider
