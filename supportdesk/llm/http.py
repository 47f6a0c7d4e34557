"""Providers, models and budgets over HTTP."""

from uuid import UUID

from supportdesk.actor import Actor, Permission
from supportdesk.core.db import Connection, Database, Tx
from supportdesk.core.http import Routes
from supportdesk.core.secrets import Keyring
from supportdesk.llm import access, actions
from supportdesk.llm.actions import NewProvider, ProviderChange
from supportdesk.llm.guard import look_at
from supportdesk.llm.model import Caller
from supportdesk.llm.models import Models
from supportdesk.llm.queries import providers, spending
from supportdesk.llm.wire import (
    AddProvider,
    BudgetsOut,
    ChangeProvider,
    ModelsOut,
    ProviderOut,
    ProvidersOut,
    SetBudgets,
    SetRobotBudget,
    TrialOut,
    TryProvider,
    budgets_of,
    budgets_out,
    model_out,
    provider_out,
    secret_of,
)

routes = Routes()


@routes.get("/api/v1/providers", needs=Permission.MODEL_READ)
async def list_providers(actor: Actor, db: Database) -> ProvidersOut:
    """The providers of models that are configured, without their keys; the default first."""
    async with db.read(actor) as conn:
        return ProvidersOut(items=[provider_out(each) for each in await providers.list_providers(conn)])


@routes.post("/api/v1/providers", needs=Permission.MODEL_MANAGE, status=201)
async def add_provider(actor: Actor, db: Database, keys: Keyring, want: AddProvider) -> ProviderOut:
    """Configure a provider; the first one is the default."""
    await look_at(want.base_url, allows_private_address=want.allows_private_address)
    wanted = NewProvider(
        name=want.name,
        kind=want.provider,
        base_url=want.base_url,
        api_key=secret_of(want.api_key),
        allows_private_address=want.allows_private_address,
        default_model=want.default_model,
        is_default=want.is_default,
    )
    async with db.transaction(actor) as tx:
        return provider_out(await actions.add_provider(tx, actor, keys, wanted))


@routes.patch("/api/v1/providers/{provider_id}", needs=Permission.MODEL_MANAGE)
async def change_provider(
    actor: Actor, db: Database, provider_id: UUID, keys: Keyring, want: ChangeProvider
) -> ProviderOut:
    """Change a provider; another address needs the key again."""
    wanted = ProviderChange(
        name=want.name,
        base_url=want.base_url,
        api_key=secret_of(want.api_key),
        allows_private_address=want.allows_private_address,
        default_model=want.default_model,
        is_active=want.is_active,
        is_default=want.is_default,
    )
    await look_at_change(actor, db, provider_id, wanted)
    async with db.transaction(actor) as tx:
        return provider_out(await actions.change_provider(tx, keys, provider_id, wanted))


async def look_at_change(actor: Actor, db: Database, provider_id: UUID, want: ProviderChange) -> bool:
    """Whether the host of a provider's address is found, when that is to change; raises NotFound and Invalid."""
    async with db.read(actor) as conn:
        provider = await access.provider_for(conn, provider_id)
    base_url = want.base_url or provider.base_url
    private = provider.allows_private_address if want.allows_private_address is None else want.allows_private_address
    if (base_url, private) == (provider.base_url, provider.allows_private_address):
        return True
    return await look_at(base_url, allows_private_address=private)


@routes.delete("/api/v1/providers/{provider_id}", needs=Permission.MODEL_MANAGE)
async def delete_provider(tx: Tx, provider_id: UUID) -> None:
    """Take a provider and its key away."""
    await actions.delete_provider(tx, await access.provider_for(tx.conn, provider_id))


@routes.post("/api/v1/providers/{provider_id}/test", needs=Permission.MODEL_MANAGE)
async def try_provider(actor: Actor, db: Database, models: Models, provider_id: UUID, want: TryProvider) -> TrialOut:
    """Make one tiny call, and say in a sentence what came of it; its tokens are booked."""
    async with db.read(actor) as conn:
        provider = await access.provider_for(conn, provider_id)
        sealed = await providers.find_key(conn, provider.id)
    caller = Caller(workspace_id=actor.workspace_id, user_id=actor.id)
    trial = await models.try_out(caller, provider, sealed, want.model)
    return TrialOut(works=trial.fault is None, says=trial.says, fault=trial.fault, took_ms=trial.took_ms)


@routes.get("/api/v1/models", needs=Permission.MODEL_READ)
async def list_models(actor: Actor, db: Database) -> ModelsOut:
    """The catalogue of this installation; providers of other kinds may know more."""
    async with db.read(actor) as conn:
        return ModelsOut(items=[model_out(each) for each in await providers.list_models(conn)])


@routes.get("/api/v1/model-budgets", needs=Permission.MODEL_READ)
async def show_budgets(actor: Actor, db: Database) -> BudgetsOut:
    """What models may cost a day, and what is used of that today."""
    async with db.read(actor) as conn:
        return await _budgets(conn, actor)


@routes.put("/api/v1/model-budgets", needs=Permission.MODEL_MANAGE)
async def set_budgets(tx: Tx, actor: Actor, want: SetBudgets) -> BudgetsOut:
    """Limit what models may cost a day; calls whose price is unknown do not count."""
    await actions.set_budgets(tx, actor, budgets_of(want))
    return await _budgets(tx.conn, actor)


@routes.put("/api/v1/model-budgets/robots/{robot_id}", needs=Permission.MODEL_MANAGE)
async def set_robot_budget(tx: Tx, actor: Actor, robot_id: UUID, want: SetRobotBudget) -> BudgetsOut:
    """Give one robot a limit of its own, or with null the one for each robot again."""
    await actions.set_robot_budget(tx, robot_id, want.daily)
    return await _budgets(tx.conn, actor)


async def _budgets(conn: Connection, actor: Actor) -> BudgetsOut:
    standing = await spending.standing_of(conn, Caller(workspace_id=actor.workspace_id))
    return budgets_out(standing, await spending.list_robot_budgets(conn, actor.workspace_id))
