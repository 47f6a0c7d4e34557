"""Providers, models and budgets as they cross the wire."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field, SecretStr

from supportdesk.core.wire import In, Line, Out, Text
from supportdesk.llm.model import LONGEST_ADDRESS, Budgets, CatalogueModel, Kind, Provider, RobotBudget, Standing

Name = Annotated[Text, Field(min_length=1, max_length=100)]
Address = Annotated[Text, Field(min_length=1, max_length=LONGEST_ADDRESS)]
Key = Annotated[SecretStr, Field(min_length=1, max_length=1_000)]
Money = Annotated[Decimal, Field(ge=0, le=1_000_000, max_digits=14, decimal_places=6)]


class AddProvider(In):
    """A provider of models. Without an address it is the provider's own; the key is never shown again."""

    name: Name
    provider: Kind
    base_url: Address | None = None
    api_key: Key | None = None
    allows_private_address: bool = False
    default_model: Line | None = None
    is_default: bool = False


class ChangeProvider(In):
    """What to change; what is left out stays. Another address needs the key again."""

    name: Name | None = None
    base_url: Address | None = None
    api_key: Key | None = None
    allows_private_address: bool | None = None
    default_model: Line | None = None
    is_active: bool | None = None
    is_default: bool | None = None


class TryProvider(In):
    """Which model to try; the provider's default one when it is left out."""

    model: Line | None = None


class SetBudgets(In):
    """US dollars a day; null lifts a limit."""

    workspace_daily: Money | None = None
    room_daily: Money | None = None
    robot_daily: Money | None = None


class SetRobotBudget(In):
    """US dollars a day; null for what each robot has."""

    daily: Money | None = None


class ProviderOut(Out):
    """A provider; of its key only that there is one."""

    id: UUID
    name: str
    provider: Kind
    base_url: str
    has_key: bool
    allows_private_address: bool
    default_model: str | None
    is_active: bool
    is_default: bool


class ProvidersOut(Out):
    """All providers; a workspace has few."""

    items: list[ProviderOut]
    next_cursor: None = None


class TrialOut(Out):
    """How a tiny call went, in a sentence."""

    works: bool
    says: str
    fault: str | None
    took_ms: float


class ModelOut(Out):
    """A model of the installation's catalogue; one that is not active is refused by name."""

    id: str
    display_name: str
    provider: str
    context_window: int | None
    is_active: bool


class ModelsOut(Out):
    """The catalogue."""

    items: list[ModelOut]
    next_cursor: None = None


class RobotBudgetOut(Out):
    """A robot with a limit of its own."""

    robot_id: UUID
    name: str
    daily: Decimal


class BudgetsOut(Out):
    """The limits, and what is used of them today in the workspace's time zone; calls under way count in full."""

    token_limit: int
    tokens: int
    workspace_daily: Decimal | None
    room_daily: Decimal | None
    robot_daily: Decimal | None
    workspace_cost: Decimal
    robots: list[RobotBudgetOut]


def secret_of(key: SecretStr | None) -> str | None:
    """A key that was typed, in the clear."""
    return None if key is None else key.get_secret_value()


def provider_out(provider: Provider) -> ProviderOut:
    """Shape a provider."""
    return ProviderOut(
        id=provider.id,
        name=provider.name,
        provider=provider.kind,
        base_url=provider.base_url,
        has_key=provider.has_key,
        allows_private_address=provider.allows_private_address,
        default_model=provider.default_model,
        is_active=provider.is_active,
        is_default=provider.is_default,
    )


def model_out(model: CatalogueModel) -> ModelOut:
    """Shape a model."""
    return ModelOut(
        id=model.id,
        display_name=model.display_name,
        provider=model.provider,
        context_window=model.context_window,
        is_active=model.is_active,
    )


def budgets_of(want: SetBudgets) -> Budgets:
    """The limits that were asked for."""
    return Budgets(workspace_daily=want.workspace_daily, room_daily=want.room_daily, robot_daily=want.robot_daily)


def budgets_out(standing: Standing, robots: Sequence[RobotBudget]) -> BudgetsOut:
    """Shape limits and use; of the robots, those with a limit of their own."""
    limits = standing.budgets
    return BudgetsOut(
        token_limit=standing.token_limit,
        tokens=standing.tokens,
        workspace_daily=limits.workspace_daily,
        room_daily=limits.room_daily,
        robot_daily=limits.robot_daily,
        workspace_cost=standing.workspace_cost,
        robots=[
            RobotBudgetOut(robot_id=robot.robot_id, name=robot.name, daily=robot.daily)
            for robot in robots
            if robot.daily is not None
        ],
    )
