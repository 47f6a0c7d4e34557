"""The page of language models: providers, a button that tries them, budgets, and what was used today."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final
from uuid import UUID

from aiohttp import web
from pydantic import Field

from supportdesk.actor import Actor, Permission
from supportdesk.core.db import Connection, Database, Tx
from supportdesk.core.forms import read_form
from supportdesk.core.http import Page, Routes, SeeOther
from supportdesk.core.secrets import Keyring
from supportdesk.core.wire import In, Line
from supportdesk.errors import DeskError
from supportdesk.llm import access, actions
from supportdesk.llm.actions import NewProvider, ProviderChange
from supportdesk.llm.guard import look_at
from supportdesk.llm.http import look_at_change
from supportdesk.llm.model import Caller, Kind, Provider
from supportdesk.llm.models import Models
from supportdesk.llm.queries import providers, spending, talks
from supportdesk.llm.wire import Address, Key, Money, Name, SetBudgets, budgets_of, secret_of

routes = Routes()
MODELS: Final = "/admin/models"
BUDGETS: Final = "budgets"
ROBOT_BUDGET: Final = "robot-budgets"
NEW: Final = "new"
KINDS: Final = (
    (Kind.OPENAI, "OpenAI"),
    (Kind.ANTHROPIC, "Anthropic"),
    (Kind.OPENAI_COMPATIBLE, "Any other that is compatible with OpenAI"),
)


class NewProviderForm(In):
    """A provider as its form is sent; what is left empty is not."""

    name: Name
    provider: Kind
    base_url: Address | None = None
    api_key: Key | None = None
    allows_private_address: bool = False
    default_model: Line | None = None


class ProviderForm(In):
    """A provider's settings; a box that is not ticked is not sent, and an empty key leaves the present one."""

    name: Name
    base_url: Address
    api_key: Key | None = None
    allows_private_address: bool = False
    default_model: Line | None = None
    is_active: bool = False
    is_default: bool = False


class RobotBudgetForm(In):
    """A robot and what it may cost a day; empty for what each robot may."""

    robot_id: UUID
    daily: Money | None = None


class ModelsQuery(In):
    """What was saved just now."""

    saved: Annotated[str, Field(max_length=40)] = ""
    unfound: bool = False
    """Whether the host of its address was not found then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A form that is shown again with what is wrong: a provider's by its id, `new` or one of the budgets'."""

    form: str
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


async def _page(
    conn: Connection,
    actor: Actor,
    *,
    refused: Refused | None = None,
    saved: str = "",
    unfound: bool = False,
    trial: Mapping[str, object] | None = None,
) -> Page:
    standing = await spending.standing_of(conn, Caller(workspace_id=actor.workspace_id))
    robots = await spending.list_robot_budgets(conn, actor.workspace_id)
    limits = standing.budgets
    stored = {
        "workspace_daily": _amount(limits.workspace_daily),
        "room_daily": _amount(limits.room_daily),
        "robot_daily": _amount(limits.robot_daily),
    }
    context = {
        "providers": [_shown(each, refused) for each in await providers.list_providers(conn)],
        "kinds": KINDS,
        "models": await providers.list_models(conn),
        "usage": await spending.list_usage(conn, actor.workspace_id),
        "standing": standing,
        "kept": await talks.count_kept(conn, actor.workspace_id),
        "percent": min(100, round(100 * standing.tokens / standing.token_limit)) if standing.token_limit else 100,
        "saved": saved,
        "unfound": unfound,
        "trial": trial or {"id": ""},
        "robots": robots,
        "robot_choices": [(str(robot.robot_id), robot.name) for robot in robots],
        **_form(refused, ROBOT_BUDGET, {}, "robot_values", "robot_errors"),
        **_form(refused, NEW, {"provider": Kind.OPENAI}, "values", "errors"),
        **_form(refused, BUDGETS, stored, "budget_values", "budget_errors"),
    }
    return Page("admin/models.html", context, 200 if refused is None else 422)


def _amount(limit: object) -> str:
    return "" if limit is None else f"{limit:f}".rstrip("0").rstrip(".") or "0"


def _form(
    refused: Refused | None, form: str, stored: Mapping[str, str], values: str, errors: str
) -> dict[str, Mapping[str, str]]:
    if refused is None or refused.form != form:
        return {values: stored, errors: {}}
    return {values: refused.values, errors: refused.errors}


def _shown(provider: Provider, refused: Refused | None) -> dict[str, object]:
    """A provider with its form as it is stored, or as it was sent and refused."""
    stored = {
        "name": provider.name,
        "base_url": provider.base_url,
        "allows_private_address": "true" if provider.allows_private_address else "",
        "default_model": provider.default_model or "",
        "is_active": "true" if provider.is_active else "",
        "is_default": "true" if provider.is_default else "",
    }
    return {
        "id": str(provider.id),
        "name": provider.name,
        "kind": dict(KINDS)[provider.kind],
        "base_url": provider.base_url,
        "has_key": provider.has_key,
        "default_model": provider.default_model,
        "is_active": provider.is_active,
        "is_default": provider.is_default,
        **_form(refused, str(provider.id), stored, "typed", "errors"),
    }


@routes.page(MODELS, needs=Permission.MODEL_READ)
async def show_models(actor: Actor, db: Database, query: ModelsQuery) -> Page:
    """The providers, what they have used today, and what they may."""
    async with db.read(actor) as conn:
        return await _page(conn, actor, saved=query.saved, unfound=query.unfound)


@routes.form(MODELS, needs=Permission.MODEL_MANAGE)
async def add_provider(request: web.Request, actor: Actor, db: Database, keys: Keyring) -> Page | SeeOther:
    """Configure a further provider."""
    form = read_form(request, NewProviderForm)
    errors, want = form.errors, form.want
    if want is not None:
        try:
            is_found = await look_at(want.base_url, allows_private_address=want.allows_private_address)
            async with db.transaction(actor) as tx:
                made = await actions.add_provider(
                    tx,
                    actor,
                    keys,
                    NewProvider(
                        name=want.name,
                        kind=want.provider,
                        base_url=want.base_url,
                        api_key=secret_of(want.api_key),
                        allows_private_address=want.allows_private_address,
                        default_model=want.default_model,
                        is_default=False,
                    ),
                )
        except DeskError as error:
            errors = form.refused(error)
        else:
            return _saved(str(made.id), is_found=is_found)
    async with db.read(actor) as conn:
        return await _page(conn, actor, refused=Refused(form=NEW, values=form.values, errors=errors))


@routes.form("/admin/models/budgets", needs=Permission.MODEL_MANAGE)
async def save_budgets(request: web.Request, tx: Tx, actor: Actor) -> Page | SeeOther:
    """Limit what a day may cost."""
    form = read_form(request, SetBudgets)
    if form.want is None:
        refused = Refused(form=BUDGETS, values=form.values, errors=form.errors)
        return await _page(tx.conn, actor, refused=refused)
    await actions.set_budgets(tx, actor, budgets_of(form.want))
    return SeeOther(f"{MODELS}?saved={BUDGETS}#{BUDGETS}")


@routes.form("/admin/models/robot-budgets", needs=Permission.MODEL_MANAGE)
async def save_robot_budget(request: web.Request, tx: Tx, actor: Actor) -> Page | SeeOther:
    """Give one robot a budget of its own, or take it away."""
    form = read_form(request, RobotBudgetForm)
    if form.want is None:
        refused = Refused(form=ROBOT_BUDGET, values=form.values, errors=form.errors)
        return await _page(tx.conn, actor, refused=refused)
    await actions.set_robot_budget(tx, form.want.robot_id, form.want.daily)
    return SeeOther(f"{MODELS}?saved={BUDGETS}#{BUDGETS}")


@routes.form("/admin/models/{provider_id}", needs=Permission.MODEL_MANAGE)
async def change_provider(
    request: web.Request, actor: Actor, db: Database, keys: Keyring, provider_id: UUID
) -> Page | SeeOther:
    """Save a provider's settings."""
    async with db.read(actor) as conn:
        await access.provider_for(conn, provider_id)
    form = read_form(request, ProviderForm)
    errors, want = form.errors, form.want
    if want is not None:
        change = ProviderChange(
            name=want.name,
            base_url=want.base_url,
            api_key=secret_of(want.api_key),
            allows_private_address=want.allows_private_address,
            default_model=want.default_model,
            is_active=want.is_active,
            is_default=want.is_default,
        )
        try:
            is_found = await look_at_change(actor, db, provider_id, change)
            async with db.transaction(actor) as tx:
                await actions.change_provider(tx, keys, provider_id, change)
        except DeskError as error:
            errors = form.refused(error)
        else:
            return _saved(str(provider_id), is_found=is_found)
    refused = Refused(form=str(provider_id), values=form.values, errors=errors)
    async with db.read(actor) as conn:
        return await _page(conn, actor, refused=refused)


@routes.form("/admin/models/{provider_id}/deletion", needs=Permission.MODEL_MANAGE)
async def delete_provider(tx: Tx, provider_id: UUID) -> SeeOther:
    """Take a provider and its key away."""
    await actions.delete_provider(tx, await access.provider_for(tx.conn, provider_id))
    return SeeOther(MODELS)


@routes.form("/admin/models/{provider_id}/test", needs=Permission.MODEL_MANAGE)
async def try_provider(actor: Actor, db: Database, models: Models, provider_id: UUID) -> Page:
    """Make one tiny call; the page says what came of it."""
    async with db.read(actor) as conn:
        provider = await access.provider_for(conn, provider_id)
        sealed = await providers.find_key(conn, provider.id)
    trial = await models.try_out(
        Caller(workspace_id=actor.workspace_id, user_id=actor.id), provider, sealed, provider.default_model
    )
    shown = {"id": str(provider.id), "says": trial.says, "works": trial.fault is None, "took_ms": trial.took_ms}
    async with db.read(actor) as conn:
        return await _page(conn, actor, trial=shown)


def _saved(provider_id: str, *, is_found: bool) -> SeeOther:
    return SeeOther(f"{MODELS}?saved={provider_id}{'' if is_found else '&unfound=true'}#provider-{provider_id}")
