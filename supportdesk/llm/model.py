"""Providers, models, and what asking them uses and costs."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, NewType
from urllib.parse import urlsplit
from uuid import UUID

from supportdesk.actor import UserId, WorkspaceId

ProviderId = NewType("ProviderId", UUID)

LONGEST_ADDRESS: Final = 500


class Kind(StrEnum):
    """Which interface a provider has."""

    OPENAI = "openai"
    OPENAI_COMPATIBLE = "openai-compatible"
    ANTHROPIC = "anthropic"


ADDRESSES: Final[Mapping[Kind, str]] = {
    Kind.OPENAI: "https://api.openai.com/v1",
    Kind.ANTHROPIC: "https://api.anthropic.com",
}
"""Where those providers are that have one address of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A provider as a workspace has configured it; the key stays in the database."""

    id: ProviderId
    workspace_id: WorkspaceId
    name: str
    kind: Kind
    base_url: str
    has_key: bool
    allows_private_address: bool
    default_model: str | None
    is_active: bool
    is_default: bool

    @property
    def binding(self) -> bytes:
        """What the key is encrypted for: this row and this address together."""
        return binding(self.id, self.base_url)


def binding(provider_id: UUID, base_url: str) -> bytes:
    """What a key is encrypted for, so that it opens nowhere else."""
    return provider_id.bytes + base_url.encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueModel:
    """A model that the installation knows; `id` is `provider/name`."""

    id: str
    display_name: str
    provider: str
    context_window: int | None
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """For whom a model is asked."""

    workspace_id: WorkspaceId
    room_id: UUID | None = None
    robot_id: UUID | None = None
    user_id: UserId | None = None
    interaction_id: UUID | None = None
    unhurried: Callable[[], AbstractAsyncContextManager[None]] = nullcontext
    """What to wait in while the desk itself gets ready, which no limit of a turn counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """US dollars for a million tokens; without a price of its own, cached input costs what other input does."""

    input: Decimal
    output: Decimal
    cached: Decimal | None = None

    def of(self, usage: "Usage") -> Decimal:
        """What a call costs."""
        cached = min(usage.cached_tokens, usage.input_tokens)
        fresh = usage.input_tokens - cached
        of_cached = self.input if self.cached is None else self.cached
        return (fresh * self.input + cached * of_cached + usage.output_tokens * self.output) / 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnModel:
    """What a workspace says of a provider's model; None where it leaves a thing to the lists of the desk."""

    model: str
    is_active: bool = True
    context_window: int | None = None
    prices: Prices | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Which model is asked for somebody, by which provider, and what the room adds to it."""

    provider: Provider
    sealed_key: bytes | None
    model: str
    window: int
    system_prompt: str = ""
    prices: Prices | None = None
    """The workspace's own; None where the price list counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one call; cached ones are part of the input. `is_estimate` when the provider has not said."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    is_estimate: bool = False

    @property
    def tokens(self) -> int:
        """All of them."""
        return self.input_tokens + self.output_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """The most that a call may use and cost, which counts until it is booked; `cost` is None for an unknown price."""

    id: UUID
    provider: str
    model: str
    most: Usage
    cost: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """US dollars a day for the workspace, each room and each robot; None where there is no limit.

    A robot may have a limit of its own, which counts in the place of the one for each.
    """

    workspace_daily: Decimal | None = None
    room_daily: Decimal | None = None
    robot_daily: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotBudget:
    """A robot's own limit in US dollars a day; None where it has the one that is for each."""

    robot_id: UUID
    name: str
    daily: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is used of today's budgets, with what calls under way may still use."""

    token_limit: int
    budgets: Budgets
    tokens: int
    workspace_cost: Decimal
    room_cost: Decimal
    robot_cost: Decimal

    @property
    def refusal(self) -> str:
        """Why no call may be made now; empty when one may. The last one may go over by what it uses itself."""
        if self.tokens >= self.token_limit:
            return f"Today's {self.token_limit} tokens of the workspace's plan are used up."
        spent = (
            ("workspace", self.workspace_cost, self.budgets.workspace_daily),
            ("room", self.room_cost, self.budgets.room_daily),
            ("robot", self.robot_cost, self.budgets.robot_daily),
        )
        return next(
            (
                f"Today's budget of the {whose}, {limit:.2f} USD, is spent."
                for whose, cost, limit in spent
                if limit is not None and cost >= limit
            ),
            "",
        )


def address_problem(base_url: str, *, allows_private_address: bool) -> str:
    """Why this cannot be a provider's address; empty when it can."""
    try:
        parts = urlsplit(base_url)
        _ = parts.port
    except ValueError:
        return "it is no address; one looks like https://llm.example.com/v1"
    if parts.scheme not in ("http", "https") or not parts.hostname or len(base_url) > LONGEST_ADDRESS:
        return "an address begins with https:// or http:// and names a host"
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        return "an address has no user name, password, ? or #"
    if parts.scheme == "http" and not allows_private_address:
        return "the key would travel unencrypted: use https, or allow private addresses for a server of your own"
    return ""


def catalogue_id(kind: Kind, model: str) -> str:
    """Under which id the catalogue would have a provider's model."""
    return model if "/" in model else f"{kind}/{model}"
