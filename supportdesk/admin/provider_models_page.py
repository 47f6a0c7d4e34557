"""The models of one provider: which are asked, what they cost, how much they read; added by hand where need be."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID

from aiohttp import web
from pydantic import Field

from supportdesk.actor import Actor, Permission
from supportdesk.core.db import Database, Tx
from supportdesk.core.forms import Form, read_form
from supportdesk.core.http import Page, Routes, SeeOther
from supportdesk.core.wire import In, Text
from supportdesk.errors import DeskError, Invalid
from supportdesk.llm import access, actions
from supportdesk.llm.model import CatalogueModel, OwnModel, Prices, Provider, catalogue_id
from supportdesk.llm.models import Models
from supportdesk.llm.queries import catalogue, providers

routes = Routes()
PRICES: Final = ("input_price", "output_price", "cached_price")
ModelName = Annotated[Text, Field(min_length=1, max_length=100)]
Price = Annotated[Decimal, Field(ge=0, le=1_000_000, max_digits=14, decimal_places=6)]


class ModelForm(In):
    """What is said of a model; a price that is left empty is the list's, or unknown."""

    model: ModelName
    is_active: bool = False
    context_window: Annotated[int, Field(ge=256, le=100_000_000)] | None = None
    input_price: Price | None = None
    output_price: Price | None = None
    cached_price: Price | None = None

    @property
    def own(self) -> OwnModel:
        """The same in the desk's words; raises Invalid for prices that are half said."""
        prices = None
        if self.input_price is not None and self.output_price is not None:
            prices = Prices(input=self.input_price, output=self.output_price, cached=self.cached_price)
        elif (self.input_price, self.output_price, self.cached_price) != (None, None, None):
            missing = "input_price" if self.input_price is None else "output_price"
            problem = "write both the price of what goes in and of what comes out, or neither"
            raise Invalid(f"The prices are not complete: {problem}.", fields=[{"field": missing, "problem": problem}])
        return OwnModel(model=self.model, is_active=self.is_active, context_window=self.context_window, prices=prices)


class ModelNamed(In):
    """Which model is meant."""

    model: ModelName


class SavedQuery(In):
    """Whether something was saved just now."""

    saved: bool = False


@routes.page("/admin/models/{provider_id}/catalogue", needs=Permission.MODEL_READ)
async def list_models(actor: Actor, db: Database, models: Models, provider_id: UUID, query: SavedQuery) -> Page:
    """The provider's models as far as they are known, with their prices."""
    return await _page(actor, db, models, provider_id, saved=query.saved)


@routes.form("/admin/models/{provider_id}/catalogue", needs=Permission.MODEL_MANAGE)
async def save_model(
    request: web.Request, actor: Actor, db: Database, models: Models, provider_id: UUID
) -> Page | SeeOther:
    """Add a model, or say otherwise what it costs and whether it is asked."""
    form = read_form(request, ModelForm)
    errors: Mapping[str, str] = form.errors
    async with db.transaction(actor) as tx:
        provider = await access.provider_for(tx.conn, provider_id)
        if form.want is not None:
            try:
                await actions.say_of_model(tx, provider, form.want.own)
            except DeskError as error:
                errors = form.refused(error)
    if errors:
        return await _page(actor, db, models, provider_id, refused=Form(None, form.values, errors))
    return _saved(provider)


@routes.form("/admin/models/{provider_id}/catalogue/removal", needs=Permission.MODEL_MANAGE)
async def remove_model(tx: Tx, provider_id: UUID, want: ModelNamed) -> SeeOther:
    """Leave a model to the lists that come with the desk; one that was added by hand is gone."""
    provider = await access.provider_for(tx.conn, provider_id)
    await actions.forget_model(tx, provider, want.model)
    return _saved(provider)


def _saved(provider: Provider) -> SeeOther:
    return SeeOther(f"/admin/models/{provider.id}/catalogue?saved=true")


async def _page(
    actor: Actor,
    db: Database,
    models: Models,
    provider_id: UUID,
    *,
    refused: Form[ModelForm] | None = None,
    saved: bool = False,
) -> Page:
    async with db.read(actor) as conn:
        provider = await access.provider_for(conn, provider_id)
        known = await providers.list_models(conn)
        own = {each.model: each for each in await catalogue.list_own(conn, provider.id)}
    names = _names(provider, known, own)
    listed = await models.listed_prices(provider, names)
    said = {each.id: each for each in known}
    typed = dict(refused.values) if refused is not None else {}
    errors = dict(refused.errors) if refused is not None else {}
    shown = [
        _shown(provider, name, said.get(catalogue_id(provider.kind, name)), own.get(name), listed[name])
        for name in names
    ]
    for row in shown:
        at_fault = bool(errors) and typed.get("model") == row["model"]
        row |= {
            "typed": {"is_active": "", **typed} if at_fault else row["stored"],
            "errors": errors if at_fault else {},
        }
    is_new = bool(errors) and typed.get("model") not in names
    context = {
        "provider": provider,
        "models": shown,
        "saved": saved,
        "values": typed if is_new else {"is_active": "true"},
        "errors": errors if is_new else {},
        "may_manage": actor.may(Permission.MODEL_MANAGE),
    }
    return Page("admin/provider_models.html", context, 200 if refused is None else 422)


def _names(provider: Provider, known: Sequence[CatalogueModel], own: Mapping[str, OwnModel]) -> list[str]:
    """The models that are named anywhere, as the provider names them."""
    listed = {each.id.partition("/")[2] for each in known if each.provider == provider.kind}
    default = {provider.default_model} if provider.default_model else set()
    return sorted(listed | set(own) | default)


def _shown(
    provider: Provider, name: str, known: CatalogueModel | None, own: OwnModel | None, listed: Prices | None
) -> dict[str, object]:
    """One model: what counts now, and its form with what the workspace has said."""
    prices = own.prices if own is not None and own.prices is not None else listed
    said = own or OwnModel(model=name)
    window = said.context_window or (known.context_window if known is not None else None)
    stored = {
        "model": name,
        "is_active": "true" if said.is_active else "",
        "context_window": str(said.context_window or ""),
        **dict(zip(PRICES, _amounts(said.prices), strict=True)),
    }
    return {
        "model": name,
        "title": known.display_name if known is not None else "",
        "is_default": name == provider.default_model,
        "is_active": said.is_active and (known is None or known.is_active),
        "is_banned": known is not None and not known.is_active,
        "is_own": own is not None,
        "is_by_hand": own is not None and known is None,
        "window": window,
        "prices": _amounts(prices) if prices is not None else None,
        "has_own_prices": said.prices is not None,
        "stored": stored,
    }


def _amounts(prices: Prices | None) -> tuple[str, str, str]:
    """Dollars a million, in, out and cached; empty where nothing is said."""
    return ("", "", "") if prices is None else (_amount(prices.input), _amount(prices.output), _amount(prices.cached))


def _amount(price: Decimal | None) -> str:
    if price is None:
        return ""
    text = f"{price:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text
