"""What is done to providers and budgets."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, TypeVar
from uuid import UUID

from supportdesk.actor import Actor
from supportdesk.audit import actions as audit
from supportdesk.audit.model import Subject
from supportdesk.core.db import Connection, Tx
from supportdesk.core.ids import uuid7
from supportdesk.core.secrets import Keyring
from supportdesk.errors import Conflict, Invalid, NotFound
from supportdesk.llm import access
from supportdesk.llm.model import (
    ADDRESSES,
    Budgets,
    Kind,
    OwnModel,
    Provider,
    ProviderId,
    address_problem,
    binding,
    catalogue_id,
)
from supportdesk.llm.queries import catalogue, providers, spending

PURPOSE: Final = "provider key"
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProvider:
    """A provider as an admin describes it."""

    name: str
    kind: Kind
    base_url: str | None
    api_key: str | None
    allows_private_address: bool
    default_model: str | None
    is_default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderChange:
    """What to change of a provider; None leaves a thing as it is, and a key that is not given stays."""

    name: str | None = None
    base_url: str | None = None
    api_key: str | None = None
    allows_private_address: bool | None = None
    default_model: str | None = None
    is_active: bool | None = None
    is_default: bool | None = None


async def add_provider(tx: Tx, actor: Actor, keys: Keyring, want: NewProvider) -> Provider:
    """Let the workspace ask a provider; the first one is the default. Raises Invalid, and Conflict for a taken name."""
    base_url = (want.base_url or ADDRESSES.get(want.kind, "")).rstrip("/")
    provider = Provider(
        id=ProviderId(uuid7()),
        workspace_id=actor.workspace_id,
        name=want.name,
        kind=want.kind,
        base_url=base_url,
        has_key=want.api_key is not None,
        allows_private_address=want.allows_private_address,
        default_model=want.default_model,
        is_active=True,
        is_default=False,
    )
    await _judge(tx.conn, provider)
    is_first = not await providers.lock_providers(tx.conn)
    sealed = _sealed(keys, provider, want.api_key)
    if not await providers.insert_provider(tx.conn, provider, sealed, actor.id):
        raise _taken(want.name)
    if want.is_default or is_first:
        await providers.set_default(tx.conn, provider.id, is_default=True)
    await audit.note(tx, "provider.created", Subject("provider", provider.id))
    return replace(provider, is_default=want.is_default or is_first)


async def change_provider(tx: Tx, keys: Keyring, provider_id: UUID, want: ProviderChange) -> Provider:
    """Change what is given. Another address needs the key again: what was typed for one server goes to no other.

    Raises NotFound. It is read behind the lock, so that two who change it at once do not mix their addresses and keys.
    """
    await providers.lock_providers(tx.conn)
    provider = await access.provider_for(tx.conn, provider_id)
    changed = replace(
        provider,
        name=_or(want.name, provider.name),
        base_url=_or(want.base_url, provider.base_url).rstrip("/"),
        allows_private_address=_or(want.allows_private_address, provider.allows_private_address),
        default_model=_or(want.default_model, provider.default_model),
        is_active=_or(want.is_active, provider.is_active),
        is_default=_or(want.is_default, provider.is_default),
        has_key=provider.has_key or want.api_key is not None,
    )
    if changed.base_url != provider.base_url and provider.has_key and want.api_key is None:
        raise _wrong("api_key", "the key belongs to the address before; enter the key of the new address, too")
    await _judge(tx.conn, changed)
    sealed = _sealed(keys, changed, want.api_key)
    if not await providers.update_provider(tx.conn, changed, rekeyed=sealed is not None, sealed=sealed):
        raise _taken(changed.name)
    await providers.set_default(tx.conn, provider.id, is_default=changed.is_default)
    await audit.note(tx, "provider.changed", Subject("provider", provider.id))
    return changed


async def delete_provider(tx: Tx, provider: Provider) -> None:
    """Take a provider and its key away; robots that ask models fall back to what needs none."""
    await providers.delete_provider(tx.conn, provider.id)
    await audit.note(tx, "provider.deleted", Subject("provider", provider.id))


async def say_of_model(tx: Tx, provider: Provider, own: OwnModel) -> None:
    """Say of a provider's model whether it is asked, what it costs and how much it reads. Raises Invalid."""
    if not own.is_active and own.model == provider.default_model:
        raise _wrong("is_active", "the provider's default model cannot be off; name another one as the default first")
    await catalogue.put_own(tx.conn, provider, own)
    await audit.note(tx, "provider.changed", Subject("provider", provider.id), model=own.model, active=own.is_active)


async def forget_model(tx: Tx, provider: Provider, model: str) -> None:
    """Leave a model to the lists that come with the desk."""
    await catalogue.delete_own(tx.conn, provider.id, model)
    await audit.note(tx, "provider.changed", Subject("provider", provider.id), model=model)


async def set_budgets(tx: Tx, actor: Actor, budgets: Budgets) -> None:
    """Limit what a day of models may cost."""
    await spending.set_budgets(tx.conn, actor.workspace_id, budgets)
    await audit.note(tx, "llm_budgets.changed", Subject("workspace", actor.workspace_id))


async def set_robot_budget(tx: Tx, robot_id: UUID, daily: Decimal | None) -> None:
    """Give a robot a limit of its own in US dollars a day, or with None the one for each again. Raises NotFound."""
    if not await spending.set_robot_budget(tx.conn, robot_id, daily):
        raise NotFound("There is no such robot here.")
    said = None if daily is None else str(daily)
    await audit.note(tx, "llm_budgets.changed", Subject("robot", robot_id), robot_daily=said)


def key_of(keys: Keyring, provider: Provider, sealed: bytes | None) -> str:
    """The key in the clear, for the call that needs it; empty when there is none. Raises BadToken for a moved one."""
    return "" if sealed is None else keys.decrypt(PURPOSE, sealed, bound_to=provider.binding).decode()


async def _judge(conn: Connection, provider: Provider) -> None:
    problem = address_problem(provider.base_url, allows_private_address=provider.allows_private_address)
    if problem:
        raise _wrong("base_url", problem)
    if not provider.has_key and provider.kind is not Kind.OPENAI_COMPATIBLE:
        raise _wrong("api_key", "this provider answers nobody without a key")
    if provider.default_model is not None:
        found = await providers.find_model(conn, catalogue_id(provider.kind, provider.default_model))
        own = await catalogue.find_own(conn, provider.id, provider.default_model)
        if own is not None and not own.is_active:
            raise _wrong("default_model", f"the model {own.model} is switched off among this provider's models")
        if found is not None and not found.is_active:
            raise _wrong("default_model", f"the model {found.id} is switched off in this installation")
        if found is None and own is None and provider.kind is not Kind.OPENAI_COMPATIBLE:
            raise _wrong("default_model", f"this installation's catalogue has no {provider.default_model}")


def _sealed(keys: Keyring, provider: Provider, api_key: str | None) -> bytes | None:
    if api_key is None:
        return None
    return keys.encrypt(PURPOSE, api_key.encode(), bound_to=binding(provider.id, provider.base_url))


def _wrong(field: str, problem: str) -> Invalid:
    return Invalid(f"The field {field} is not acceptable: {problem}.", fields=[{"field": field, "problem": problem}])


def _taken(name: str) -> Conflict:
    problem = "another provider has this name"
    return Conflict(f"Another provider is called {name}.", fields=[{"field": "name", "problem": problem}])


def _or(wanted: T | None, present: T) -> T:
    return present if wanted is None else wanted
