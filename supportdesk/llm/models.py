"""Asks models: finds whose, lets failing ones rest, holds each call against the budgets and books it."""

import asyncio
import importlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final, cast

import structlog
from pydantic import JsonValue

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.core.breaker import Breaker
from supportdesk.core.clock import Clock
from supportdesk.core.collector import uncollected
from supportdesk.core.db import Database, Lane
from supportdesk.core.ids import uuid7
from supportdesk.core.secrets import BadToken, Keyring
from supportdesk.core.tasks import Tasks
from supportdesk.errors import DeskError
from supportdesk.llm.actions import key_of
from supportdesk.llm.faults import Fault, ModelFailed, ModelUnavailable
from supportdesk.llm.metering import Meter
from supportdesk.llm.model import Caller, Hold, OwnModel, Prices, Provider, Route, Usage, catalogue_id
from supportdesk.llm.queries import catalogue, providers
from supportdesk.llm.talk import Asked, Prompt, Running, tokens_of_prompt

if TYPE_CHECKING:
    from supportdesk.llm.engine import Engine

log = structlog.get_logger(__name__)

TRIAL_S: Final = 20.0
PATIENCE_S: Final = 20.0
"""So long a robot waits for the library to be loaded, once for each process; then the next robot answers."""
LOOK_S: Final = 15.0
"""Between two looks whether anybody has a provider by now, until one has."""
BOOKING_S: Final = 1.0
SILENT_S: Final = 5.0
"""A provider that has not said a word for so long when a turn ends has failed."""
NO_PROVIDER: Final = "No provider of language models is configured in this workspace."


def load_engine() -> "Engine":
    """The library that knows the providers; takes seconds, so call it in a thread."""
    with uncollected():
        module = importlib.import_module("supportdesk.llm.engine")
    return cast("Engine", module.Engine())


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How a tiny call went, in a sentence; `fault` is empty when it went well."""

    says: str
    fault: Fault | None
    took_ms: float


class Models:
    """The language models of all workspaces, as this process asks them."""

    def __init__(
        self, db: Database, keys: Keyring, clock: Clock, tasks: Tasks, load: Callable[[], "Engine"] = load_engine
    ) -> None:
        self.meter = Meter(db)
        self._db = db
        self._keys = keys
        self._clock = clock
        self._tasks = tasks
        self._breaker = Breaker(clock)
        self._load = load
        self._loading: asyncio.Task[Engine] | None = None
        self._engine: Engine | None = None

    async def close(self) -> None:
        """Hang up everywhere."""
        if self._engine is not None:
            await self._engine.close()

    async def ready(self, caller: Caller, model: str | None = None) -> bool:
        """Whether a model can be asked now."""
        return not await self.trouble(caller, model)

    async def trouble(self, caller: Caller, model: str | None = None) -> str:
        """Why no model can be asked now, in a sentence; empty when one can."""
        try:
            await self.route(caller, model)
        except ModelUnavailable as refused:
            return refused.sentence
        if refusal := (await self.meter.standing(caller)).refusal:
            return refusal
        if self._engine is None:
            async with caller.unhurried():
                await asyncio.wait({self._load_once()}, timeout=PATIENCE_S)
        return "" if self._engine is not None else f"What asks models was not loaded within {PATIENCE_S:g} seconds."

    async def route(self, caller: Caller, model: str | None = None) -> Route:
        """Which model is asked. Raises ModelUnavailable: there is none, it is switched off, or its provider rests."""
        async with self._db.read(Actor.system(caller.workspace_id), lane=Lane.BACKGROUND) as conn:
            route = await providers.find_route(conn, caller, model)
            if route is None:
                raise ModelUnavailable(NO_PROVIDER)
            known = await providers.find_model(conn, catalogue_id(route.provider.kind, route.model))
            own = await catalogue.find_own(conn, route.provider.id, route.model)
        if known is not None and not known.is_active:
            raise ModelUnavailable(f"The model {known.id} is switched off in this installation.")
        if own is not None and not own.is_active:
            raise ModelUnavailable(f"The model {own.model} of {route.provider.name} is switched off.")
        if self._breaker.is_open(str(route.provider.id)):
            raise ModelUnavailable(f"The provider {route.provider.name} rests after failing.")
        return route if own is None else _said_of(route, own)

    async def warm(self, workspace_id: WorkspaceId) -> None:
        """Load the library while a guest still types, where a model will be asked."""
        if self._engine is None:
            await self.ready(Caller(workspace_id=workspace_id))

    async def keep_warm(self) -> None:
        """Load the library as soon as any workspace has a provider; a desk without one does without."""
        while self._engine is None:
            try:
                async with self._db.bare(lane=Lane.JOBS) as conn:
                    is_wanted = await providers.asks_models(conn)
                if is_wanted:
                    await self.engine()
                    return
            except DeskError as away:
                log.warning("llm.not_warmed", reason=away.sentence)
            await asyncio.sleep(LOOK_S)

    async def engine(self) -> "Engine":
        """The library, loaded when it is first needed."""
        return await asyncio.shield(self._load_once())

    def _load_once(self) -> "asyncio.Task[Engine]":
        if self._loading is None or (self._loading.done() and self._engine is None):
            self._loading = self._tasks.spawn(self._load_now(), name="load the library of models")
        return self._loading

    async def _load_now(self) -> "Engine":
        self._engine = await asyncio.to_thread(self._load)
        return self._engine

    async def speak(self, caller: Caller, route: Route, prompt: Prompt, running: Running) -> AsyncGenerator[str, None]:
        """One answer, word for word; closing this stops the model. Raises ModelUnavailable and ModelFailed."""
        async with self._call(caller, route, prompt, running) as (engine, key):
            words = engine.speak(route.provider, key, route.model, prompt, running)
            async with aclosing(cast("AsyncGenerator[str, None]", words)):
                async for word in words:
                    yield word

    async def fill(
        self, caller: Caller, route: Route, prompt: Prompt, schema: dict[str, JsonValue], running: Running
    ) -> None:
        """Have the model fill in a form of this JSON schema. Raises ModelUnavailable and ModelFailed."""
        async with self._call(caller, route, prompt, running) as (engine, key):
            await engine.fill(route.provider, key, route.model, prompt, schema, running)

    def price(self, route: Route, usage: Usage) -> Decimal | None:
        """US dollars, or None where the price is unknown, as it is before any model was asked."""
        if route.prices is not None:
            return route.prices.of(usage)
        return None if self._engine is None else self._engine.price(route.provider, route.model, usage)

    async def listed_prices(self, provider: Provider, names: Sequence[str]) -> dict[str, Prices | None]:
        """What the price list that comes with the desk says of these models; None where it does not know them."""
        engine = await self.engine()

        def per_million(model: str, usage: Usage) -> Decimal | None:
            found = engine.price(provider, model, usage)
            return None if found is None else found * 1_000  # of a thousand: some lists ask more of long prompts

        listed: dict[str, Prices | None] = {}
        for name in names:
            into, out = per_million(name, Usage(input_tokens=1_000)), per_million(name, Usage(output_tokens=1_000))
            cached = per_million(name, Usage(input_tokens=1_000, cached_tokens=1_000))
            listed[name] = None if into is None or out is None else Prices(input=into, output=out, cached=cached)
        return listed

    async def try_out(self, caller: Caller, provider: Provider, sealed_key: bytes | None, model: str | None) -> Trial:
        """One tiny call, and what came of it in a sentence."""
        name = model or provider.default_model
        if not name:
            return Trial(says="Name a model to try.", fault=Fault.MODEL, took_ms=0)
        async with self._db.read(Actor.system(caller.workspace_id)) as conn:
            own = await catalogue.find_own(conn, provider.id, name)
        if own is not None and not own.is_active:
            return Trial(
                says=f"The model {own.model} of {provider.name} is switched off.", fault=Fault.MODEL, took_ms=0
            )
        prices = None if own is None else own.prices
        route = Route(provider=provider, sealed_key=sealed_key, model=name, window=1024, prices=prices)
        prompt = Prompt(instructions="Answer in one word.", parts=(Asked(text="Are you there?"),), max_tokens=16)
        await self.engine()  # loading it is no part of the provider's time
        began, running = self._clock.monotonic(), Running(prompt_tokens=tokens_of_prompt(prompt))
        fault: Fault | None = None
        self._breaker.succeeded(str(provider.id))  # an admin who asks does not want to hear that it rests
        try:
            async with asyncio.timeout(TRIAL_S), aclosing(self.speak(caller, route, prompt, running)) as words:
                async for _word in words:
                    continue
            says = f"{name} has answered."
        except ModelFailed as failed:
            says, fault = failed.sentence, failed.fault
        except ModelUnavailable as refused:
            says, fault = refused.sentence, Fault.BUSY
        except TimeoutError:
            says, fault = f"{provider.base_url} did not answer within {TRIAL_S:g} seconds.", Fault.SLOW
        return Trial(says=says, fault=fault, took_ms=round((self._clock.monotonic() - began) * 1000, 1))

    def _key(self, route: Route) -> str:
        try:
            return key_of(self._keys, route.provider, route.sealed_key)
        except BadToken:
            raise ModelFailed(f"The key of {route.provider.name} cannot be read; enter it again.", Fault.KEY) from None

    @asynccontextmanager
    async def _call(
        self, caller: Caller, route: Route, prompt: Prompt, running: Running
    ) -> AsyncIterator[tuple["Engine", str]]:
        key = self._key(route)
        async with caller.unhurried():
            engine = await self.engine()
        with self._watched(route.provider, running):
            most = Usage(input_tokens=tokens_of_prompt(prompt), output_tokens=prompt.max_tokens)
            hold = Hold(
                id=uuid7(),
                provider=str(route.provider.kind),
                model=route.model[:100],
                most=most,
                cost=self.price(route, most),
            )
            try:
                await self.meter.hold(caller, hold)
                running.is_asked = True
                yield engine, key
            except (ModelFailed, ModelUnavailable) as failed:
                running.problem = failed.sentence
                if not running.is_answered and running.reported is None:
                    running.reported = Usage()  # it was refused, and costs nothing
                raise
            finally:  # whoever stops the turn does not wait for this
                booking = self._tasks.spawn(self._book(caller, hold, route, running), name="book a call of a model")
        await asyncio.wait({booking}, timeout=BOOKING_S)

    @contextmanager
    def _watched(self, provider: Provider, running: Running) -> Iterator[None]:
        """One call of a provider, if it may be asked now; what came of it opens or closes its circuit.

        Whoever leaves before the end, a guest who stops the answer or a turn out of time, has heard that the provider
        is there, or has waited in vain. Raises ModelUnavailable.
        """
        circuit, began, is_told = str(provider.id), self._clock.monotonic(), False
        if not self._breaker.admits(circuit):
            raise ModelUnavailable(f"The provider {provider.name} rests after failing.")
        try:
            yield
            self._breaker.succeeded(circuit)
            is_told = True
        except ModelFailed as failed:
            self._blame(provider, failed)
            is_told = True
            raise
        finally:
            if not is_told and running.text:
                self._breaker.succeeded(circuit)
            elif not is_told and self._clock.monotonic() - began >= SILENT_S:
                self._breaker.failed(circuit)
                log.warning("llm.silent", provider=circuit)
            elif not is_told:
                self._breaker.gave_up(circuit)

    def _blame(self, provider: Provider, failed: ModelFailed) -> None:
        if failed.rest_s:
            self._breaker.rest(str(provider.id), failed.rest_s)
        elif failed.fault is not Fault.REJECTED:  # that was the prompt's fault
            self._breaker.failed(str(provider.id))
        log.warning("llm.failed", provider=str(provider.id), fault=failed.fault, rest_s=failed.rest_s)

    async def _book(self, caller: Caller, hold: Hold, route: Route, running: Running) -> None:
        usage = running.usage
        await self.meter.book(caller, hold, usage, self.price(route, usage))


def _said_of(route: Route, own: OwnModel) -> Route:
    window = route.window if own.context_window is None else min(route.window, own.context_window)
    return replace(route, prices=own.prices, window=window)
