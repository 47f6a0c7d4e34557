"""Providers, the catalogue of models, and which of them a room asks."""

from typing import Any, Final
from uuid import UUID

import asyncpg

from supportdesk.actor import UserId, WorkspaceId
from supportdesk.core.db import Connection
from supportdesk.llm.model import Caller, CatalogueModel, Kind, Provider, ProviderId, Route

LIST_PROVIDERS: Final = """
    SELECT id, workspace_id, name, provider, base_url, api_key_encrypted IS NOT NULL AS has_key,
           allows_private_address, default_model, is_active, is_default
      FROM provider_configs
     WHERE deleted_at IS NULL
     ORDER BY is_default DESC, name
"""

FIND_PROVIDER: Final = """
    SELECT id, workspace_id, name, provider, base_url, api_key_encrypted IS NOT NULL AS has_key,
           allows_private_address, default_model, is_active, is_default
      FROM provider_configs
     WHERE id = $1 AND deleted_at IS NULL
"""

LOCK_PROVIDERS: Final = """
    SELECT id
      FROM provider_configs
     WHERE deleted_at IS NULL
       FOR UPDATE -- which of them is the default is settled by one change after the other
"""

FIND_KEY: Final = """
    SELECT api_key_encrypted
      FROM provider_configs
     WHERE id = $1 AND deleted_at IS NULL
"""

INSERT_PROVIDER: Final = """
    INSERT INTO provider_configs (id, workspace_id, name, provider, base_url, api_key_encrypted,
                                  allows_private_address, default_model, is_active, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (workspace_id, name) WHERE deleted_at IS NULL
     DO NOTHING
      RETURNING id
"""

UPDATE_PROVIDER: Final = """
    UPDATE provider_configs p
       SET name = $2, base_url = $3, api_key_encrypted = CASE WHEN $4 THEN $5 ELSE api_key_encrypted END,
           allows_private_address = $6, default_model = $7, is_active = $8
     WHERE id = $1
       AND NOT EXISTS (
           SELECT 1
             FROM provider_configs other
            WHERE other.workspace_id = p.workspace_id AND other.name = $2 AND other.id <> $1
              AND other.deleted_at IS NULL
       )
 RETURNING id
"""

CLEAR_DEFAULT: Final = """
    UPDATE provider_configs
       SET is_default = false
     WHERE is_default AND id <> $1 AND deleted_at IS NULL
"""

SET_DEFAULT: Final = """
    UPDATE provider_configs
       SET is_default = $2
     WHERE id = $1 AND is_default <> $2
"""

DELETE_PROVIDER: Final = """
    UPDATE provider_configs
       SET deleted_at = now(), is_default = false, api_key_encrypted = NULL
     WHERE id = $1
"""

LIST_MODELS: Final = """
    SELECT id, display_name, provider, context_window, is_active
      FROM ai_models
     ORDER BY provider, display_name
"""

FIND_MODEL: Final = """
    SELECT id, display_name, provider, context_window, is_active
      FROM ai_models
     WHERE id = $1
"""

ASKS_MODELS: Final = """
    SELECT desk_asks_models()
"""

FIND_ROUTE: Final = """
    SELECT p.id, p.workspace_id, p.name, p.provider, p.base_url, p.api_key_encrypted IS NOT NULL AS has_key,
           p.allows_private_address, p.default_model, p.is_active, p.is_default, p.api_key_encrypted,
           coalesce($3, r.model, p.default_model) AS model, coalesce(r.context_window_size, 8192) AS window_size,
           coalesce(r.system_prompt, '') AS system_prompt
      FROM provider_configs p
      LEFT JOIN chat_rooms r ON r.id = $2
     WHERE p.workspace_id = $1 AND p.is_active AND p.deleted_at IS NULL AND (p.is_default OR p.name = r.provider)
     ORDER BY (p.name = r.provider) IS TRUE DESC
     LIMIT 1
"""


async def list_providers(conn: Connection) -> list[Provider]:
    """The workspace's providers, the default first."""
    return [_provider(row) for row in await conn.fetch(LIST_PROVIDERS)]


async def find_provider(conn: Connection, provider_id: UUID) -> Provider | None:
    """A provider of the workspace."""
    row = await conn.fetchrow(FIND_PROVIDER, provider_id)
    return None if row is None else _provider(row)


async def lock_providers(conn: Connection) -> bool:
    """Let one change of the workspace's providers happen after the other; whether there are any."""
    return bool(await conn.fetch(LOCK_PROVIDERS))


async def find_key(conn: Connection, provider_id: ProviderId) -> bytes | None:
    """The encrypted key."""
    sealed: bytes | None = await conn.fetchval(FIND_KEY, provider_id)
    return sealed


async def insert_provider(conn: Connection, provider: Provider, sealed: bytes | None, by: UserId | None) -> bool:
    """Keep a new one; False when its name is taken."""
    made = await conn.fetchval(
        INSERT_PROVIDER,
        provider.id,
        provider.workspace_id,
        provider.name,
        provider.kind,
        provider.base_url,
        sealed,
        provider.allows_private_address,
        provider.default_model,
        provider.is_active,
        by,
    )
    return made is not None


async def update_provider(conn: Connection, provider: Provider, *, rekeyed: bool, sealed: bytes | None) -> bool:
    """Keep what has changed, the key only when `rekeyed`; False when its name is taken."""
    changed = await conn.fetchval(
        UPDATE_PROVIDER,
        provider.id,
        provider.name,
        provider.base_url,
        rekeyed,
        sealed,
        provider.allows_private_address,
        provider.default_model,
        provider.is_active,
    )
    return changed is not None


async def set_default(conn: Connection, provider_id: ProviderId, *, is_default: bool) -> None:
    """Make it the one that is asked, in the place of any other, or no longer."""
    if is_default:
        await conn.execute(CLEAR_DEFAULT, provider_id)
    await conn.execute(SET_DEFAULT, provider_id, is_default)


async def delete_provider(conn: Connection, provider_id: ProviderId) -> None:
    """Take it away, and its key for good."""
    await conn.execute(DELETE_PROVIDER, provider_id)


async def list_models(conn: Connection) -> list[CatalogueModel]:
    """The models that the installation knows."""
    return [_model(row) for row in await conn.fetch(LIST_MODELS)]


async def find_model(conn: Connection, model_id: str) -> CatalogueModel | None:
    """A model by its id in the catalogue."""
    row = await conn.fetchrow(FIND_MODEL, model_id)
    return None if row is None else _model(row)


async def asks_models(conn: Connection) -> bool:
    """Whether any workspace of the installation has a provider that is switched on."""
    return bool(await conn.fetchval(ASKS_MODELS))


async def find_route(conn: Connection, caller: Caller, model: str | None) -> Route | None:
    """The provider that the room names, else the default one, with the model, the room's or the default one."""
    row = await conn.fetchrow(FIND_ROUTE, caller.workspace_id, caller.room_id, model)
    if row is None or not row["model"]:
        return None
    return Route(
        provider=_provider(row),
        sealed_key=row["api_key_encrypted"],
        model=row["model"],
        window=row["window_size"],
        system_prompt=row["system_prompt"],
    )


def _provider(row: "asyncpg.Record") -> Provider:
    values: dict[str, Any] = dict(row)
    return Provider(
        id=ProviderId(values["id"]),
        workspace_id=WorkspaceId(values["workspace_id"]),
        name=values["name"],
        kind=Kind(values["provider"]),
        base_url=values["base_url"] or "",
        has_key=values["has_key"],
        allows_private_address=values["allows_private_address"],
        default_model=values["default_model"],
        is_active=values["is_active"],
        is_default=values["is_default"],
    )


def _model(row: "asyncpg.Record") -> CatalogueModel:
    return CatalogueModel(
        id=row["id"],
        display_name=row["display_name"],
        provider=row["provider"],
        context_window=row["context_window"],
        is_active=row["is_active"],
    )
