"""Asks models by pydantic-ai. The only module that knows it; loading it takes seconds, so it is loaded when needed."""

import math
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from decimal import Decimal
from socket import gaierror
from ssl import SSLCertVerificationError, SSLError
from typing import Final, TypeVar
from uuid import uuid4

import httpx2
from anthropic import AnthropicError, AsyncAnthropic
from genai_prices import calc_price
from openai import AsyncOpenAI, OpenAIError
from pydantic import JsonValue
from pydantic_ai import messages as wire
from pydantic_ai.direct import model_request, model_request_stream
from pydantic_ai.exceptions import (
    AgentRunError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelOverloadedError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestRejectedError,
    ModelTimeoutError,
)
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition
from pydantic_ai.usage import RequestUsage

from supportdesk.core.masking import Mask
from supportdesk.llm.faults import Fault, ModelFailed
from supportdesk.llm.guard import ASKING, TIMEOUTS, RefusedAddress, new_client
from supportdesk.llm.looks import OTHER_JSON, NotAnApi
from supportdesk.llm.model import Kind, Provider, Usage
from supportdesk.llm.talk import Asked, Call, Offer, Prompt, Returned, Running, Said, tokens_of

Wanted = TypeVar("Wanted", bound=BaseException)
FINAL: Final = "final_result"
LONGEST_REST_S: Final = 300.0
MOST_ARGUMENT_BYTES: Final = 64 * 1024
"""Of all calls of tools in one answer."""
MOST_CALLS: Final = 64
"""Calls of tools in one answer that are read at all: the library takes seconds for a thousand."""


class Engine:
    """Models by their providers. Connections are kept for each server and given back by `close`."""

    def speak(self, provider: Provider, key: str, name: str, prompt: Prompt, running: Running) -> AsyncIterator[str]:
        """The answer of a model to a prompt, word for word."""
        return speak(self.model(provider, key, name), prompt, running, Mask((key,)))

    async def fill(
        self,
        provider: Provider,
        key: str,
        name: str,
        prompt: Prompt,
        schema: dict[str, JsonValue],
        running: Running,
    ) -> None:
        """Have a model fill in a form."""
        await fill(self.model(provider, key, name), prompt, schema, running, Mask((key,)))

    def price(self, provider: Provider, model: str, usage: Usage) -> Decimal | None:
        """What a call costs."""
        return price(provider, model, usage)

    def __init__(self) -> None:
        self._clients: dict[tuple[str, bool], httpx2.AsyncClient] = {}

    async def close(self) -> None:
        """Hang up everywhere."""
        clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            await client.aclose()

    def model(self, provider: Provider, key: str, name: str) -> Model:
        """A model of a provider."""
        client = self._client(provider)
        if provider.kind is Kind.ANTHROPIC:
            anthropic = AsyncAnthropic(
                api_key=key, base_url=provider.base_url, http_client=client, max_retries=0, timeout=client.timeout
            )
            anthropic._custom_headers = {}  # noqa: SLF001 - as below
            return AnthropicModel(name, provider=AnthropicProvider(anthropic_client=anthropic))
        openai = AsyncOpenAI(
            api_key=key or "none",
            base_url=provider.base_url,
            http_client=client,
            max_retries=0,
            timeout=client.timeout,
        )
        openai.organization = openai.project = None  # the environment's are not the workspace's
        openai._custom_headers = {}  # noqa: SLF001 - OPENAI_CUSTOM_HEADERS may hold the operator's secrets
        if provider.kind is Kind.OPENAI:
            whole = OpenAIModelProfile(openai_chat_streaming_requires_finish_reason=True)
            return OpenAIChatModel(name, provider=OpenAIProvider(openai_client=openai), profile=whole)
        return OpenAIChatModel(
            name,
            provider=OpenAICompatibleProvider("compatible", openai_client=openai),
            profile=OpenAIModelProfile(
                openai_chat_supports_max_completion_tokens=False, openai_chat_streaming_requires_finish_reason=True
            ),
        )

    def _client(self, provider: Provider) -> httpx2.AsyncClient:
        url = httpx2.URL(provider.base_url)
        at = (f"{url.scheme}://{url.netloc.decode()}", provider.allows_private_address)
        if at not in self._clients:
            self._clients[at] = new_client(allows_private_address=provider.allows_private_address)
        return self._clients[at]


async def speak(model: Model, prompt: Prompt, running: Running, mask: Mask) -> AsyncIterator[str]:
    """The answer's words as they come, without the key; `running` has the rest. Closing this closes the stream.

    Raises ModelFailed.
    """
    ASKING.set(running)
    with translated(mask):
        async with model_request_stream(
            model,
            history(prompt),
            model_settings=_settings_of(prompt),
            model_request_parameters=ModelRequestParameters(function_tools=[_tool(each) for each in prompt.offers]),
        ) as stream:
            running.is_answered = True
            calls, veil = 0, mask.veil()
            async for event in stream:
                calls += _is_call(event)
                running.unread = min(running.unread + _argument_bytes(event), MOST_ARGUMENT_BYTES + 1)
                _hold_in_measure(calls, running.unread)
                _note_usage(running, stream.usage, is_final=False)
                if word := veil.feed(_word(event)):
                    running.text += word
                    yield word
            if word := veil.end():
                running.text += word
                yield word
            answer = stream.get()
        _note_usage(running, answer.usage, is_final=True)
        running.calls, running.unread = _calls(answer, mask), 0
        if isinstance(model, AnthropicModel) and answer.finish_reason is None:
            raise ModelFailed(UNFINISHED, Fault.BROKEN)


async def fill(model: Model, prompt: Prompt, schema: dict[str, JsonValue], running: Running, mask: Mask) -> None:
    """Have the model fill in a form of this JSON schema; `running` has it as a call, or as text. Raises ModelFailed."""
    form = ToolDefinition(
        name=FINAL, description="Fill in what was asked for.", parameters_json_schema=schema, kind="output"
    )
    ASKING.set(running)
    with translated(mask):
        answer = await model_request(
            model,
            history(prompt),
            model_settings=_settings_of(prompt),
            model_request_parameters=ModelRequestParameters(
                output_mode="tool", output_tools=[form], allow_text_output=False
            ),
        )
    running.text = mask.text("".join(part.content for part in answer.parts if isinstance(part, wire.TextPart)))
    _note_usage(running, answer.usage, is_final=True)
    running.calls = _calls(answer, mask)


def _settings_of(prompt: Prompt) -> ModelSettings:
    settings = ModelSettings(max_tokens=prompt.max_tokens)
    if prompt.temperature is not None:
        settings["temperature"] = prompt.temperature
    return settings


def price(provider: Provider, model: str, usage: Usage) -> Decimal | None:
    """US dollars by the price list that came with the installation; None where it does not know the model."""
    tokens = RequestUsage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=min(usage.cached_tokens, usage.input_tokens),
    )
    try:
        if provider.kind is Kind.OPENAI_COMPATIBLE:
            return calc_price(tokens, model, provider_api_url=provider.base_url).total_price
        return calc_price(tokens, model, provider_id=str(provider.kind)).total_price
    except LookupError:
        return None


def history(prompt: Prompt) -> list[wire.ModelMessage]:
    """The prompt as the library wants it: requests and responses in turn, the instructions with the last request."""
    told: list[wire.ModelMessage] = []
    for part in prompt.parts:
        last = told[-1] if told else None
        match part:
            case Said():
                text = [wire.TextPart(part.text)] if part.text else []
                pieces: list[wire.ModelResponsePart] = [*text, *map(_call, part.calls)]
                if isinstance(last, wire.ModelResponse):
                    told[-1] = wire.ModelResponse(parts=[*last.parts, *pieces])
                else:
                    told.append(wire.ModelResponse(parts=pieces))
            case Asked() | Returned():
                piece = _request_part(part)
                if isinstance(last, wire.ModelRequest):
                    told[-1] = wire.ModelRequest(parts=[*last.parts, piece])
                else:
                    told.append(wire.ModelRequest(parts=[piece]))
    if told and isinstance(told[-1], wire.ModelRequest):
        told[-1].instructions = prompt.instructions
    return told


@contextmanager
def translated(mask: Mask) -> Iterator[None]:
    """Say in the desk's words what a library raises."""
    try:
        yield
    except (AgentRunError, OpenAIError, AnthropicError, httpx2.HTTPError, *STUMBLES) as error:
        raise _failure(error, mask) from None


STUMBLES: Final = (ValueError, TypeError, AttributeError, LookupError)
"""What the libraries raise over JSON that is no answer."""
FAULTS: Final[tuple[tuple[type[ModelAPIError], Fault, str], ...]] = (
    (ModelAuthenticationError, Fault.KEY, "The provider does not accept the key: enter one that it has given out."),
    (ModelNotFoundError, Fault.MODEL, "The provider does not know this model, or the address is not its own."),
    (ModelQuotaExceededError, Fault.QUOTA, "The account at the provider has nothing left to spend."),
    (ModelRateLimitError, Fault.BUSY, "The provider gets more requests than it takes; {rest}."),
    (ModelOverloadedError, Fault.BUSY, "The provider is overloaded; {rest}."),
    (ModelTimeoutError, Fault.SLOW, "The provider did not answer in time: it was silent for {silent_s} seconds."),
    (ModelRequestRejectedError, Fault.REJECTED, "The provider refuses the request: {said}"),
)
"""The first that fits says what was wrong."""
OUT_OF_REACH: Final[tuple[tuple[type[Exception], str], ...]] = (
    (SSLCertVerificationError, "The provider's certificate is not one that this server trusts: {why}."),
    (SSLError, "The provider does not speak TLS at this address: look whether it begins with the right scheme."),
    (gaierror, "The host of the provider's address is not found: look how it is spelled."),
    (ConnectionRefusedError, "Nothing answers at the provider's address: look whether host and port are right."),
)
"""The first that is behind it says why there was no connection."""
UNFINISHED: Final = "The provider's answer ended in the middle: it never said that it was over."
UNREAD: Final[tuple[tuple[str, str], ...]] = (
    ("without a `finish_reason`", UNFINISHED),
    ("without content", "The provider's answer has no words in it: look whether its kind and address are right."),
    ("JSON", "The provider answered with something that is no JSON: look whether its kind and address are right."),
)
"""What a library says of an answer that it cannot read, and what that means."""
BROKE_OFF: Final = "The provider's answer broke off in the middle: the connection was lost."


def _failure(error: Exception, mask: Mask) -> ModelFailed:
    if (refused := _behind(error, RefusedAddress)) is not None:
        return ModelFailed(str(refused), Fault.ADDRESS)
    if (other := _behind(error, NotAnApi)) is not None:
        return ModelFailed(mask.text(str(other)), Fault.BROKEN)
    if not isinstance(error, ModelAPIError):
        return ModelFailed(_unread(error) or OTHER_JSON, Fault.BROKEN)
    for kind, fault, sentence in FAULTS:
        if isinstance(error, kind):
            rest_s = min(error.retry_after or 0.0, LONGEST_REST_S) if fault is Fault.BUSY else 0.0
            rest = f"it wants to be left alone for {math.ceil(rest_s)} seconds" if rest_s else "try again in a while"
            said, silent_s = _said(error, mask), _silence_s(error)
            return ModelFailed(sentence.format(said=said, rest=rest, silent_s=silent_s), fault, rest_s=rest_s)
    if isinstance(error, ModelConnectionError):
        return _lost(error)
    if isinstance(error, ModelHTTPError):
        return ModelFailed(f"The provider has failed with status {error.status_code}.", Fault.BROKEN)
    return ModelFailed(_unread(error) or f"The provider has failed: {_said(error, mask)}", Fault.BROKEN)


def _silence_s(error: ModelAPIError) -> float | None:
    connects = isinstance(error, ModelConnectionError) and error.phase == "connect"
    return TIMEOUTS.connect if connects else TIMEOUTS.read


def _unread(error: Exception) -> str | None:
    return next((meaning for sign, meaning in UNREAD if sign in str(error)), None)


def _lost(error: ModelConnectionError) -> ModelFailed:
    if error.phase not in ("pool", "connect"):
        return ModelFailed(BROKE_OFF, Fault.BROKEN)
    for kind, sentence in OUT_OF_REACH:
        if (why := _behind(error, kind)) is not None:
            return ModelFailed(sentence.format(why=getattr(why, "verify_message", "")), Fault.REACH)
    return ModelFailed("The provider could not be reached.", Fault.REACH)


def _said(error: ModelAPIError, mask: Mask) -> str:
    return mask.text(error.message.partition("\n")[0])[:200]


def _behind(error: BaseException | None, kind: type[Wanted]) -> Wanted | None:
    while error is not None:
        if isinstance(error, kind):
            return error
        error = error.__cause__ or error.__context__
    return None


def _note_usage(running: Running, usage: RequestUsage, *, is_final: bool) -> None:
    """Take what the provider reports; while it has not finished, what was said counts as well."""
    if not usage.has_values() or usage.unmeasured_requests:
        return
    said = 0 if is_final else tokens_of(running.text)
    running.reported = Usage(
        input_tokens=usage.input_tokens or running.prompt_tokens,
        output_tokens=max(usage.output_tokens, said),
        cached_tokens=usage.cache_read_tokens,
        is_estimate=not is_final,
    )


def _word(event: wire.ModelResponseStreamEvent) -> str:
    match event:
        case wire.PartStartEvent(part=wire.TextPart(content=text)):
            return text
        case wire.PartDeltaEvent(delta=wire.TextPartDelta(content_delta=text)):
            return text
        case _:
            return ""


def _calls(answer: wire.ModelResponse, mask: Mask) -> tuple[Call, ...]:
    calls = tuple(
        Call(id=part.tool_call_id or uuid4().hex, name=part.tool_name, args=mask.text(_arguments(part)))
        for part in answer.parts
        if isinstance(part, wire.ToolCallPart)
    )
    _hold_in_measure(len(calls), sum(len(call.args) for call in calls))
    return calls


def _hold_in_measure(calls: int, argument_bytes: int) -> None:
    if calls > MOST_CALLS:
        raise ModelFailed("The model has called more tools than anybody can want.", Fault.BROKEN)
    if argument_bytes > MOST_ARGUMENT_BYTES:
        raise ModelFailed("The model has called tools with arguments beyond measure.", Fault.BROKEN)


def _is_call(event: wire.ModelResponseStreamEvent) -> bool:
    return isinstance(event, wire.PartStartEvent) and isinstance(event.part, wire.ToolCallPart)


def _argument_bytes(event: wire.ModelResponseStreamEvent) -> int:
    match event:
        case wire.PartStartEvent(part=wire.ToolCallPart(args=str(args))):
            return len(args)
        case wire.PartDeltaEvent(delta=wire.ToolCallPartDelta(args_delta=str(args))):
            return len(args)
        case _:
            return 0


def _arguments(part: wire.ToolCallPart) -> str:
    return part.args if isinstance(part.args, str) else part.args_as_json_str()


def _call(call: Call) -> wire.ToolCallPart:
    return wire.ToolCallPart(tool_name=call.name, args=call.args, tool_call_id=call.id)


def _request_part(part: Asked | Returned) -> wire.UserPromptPart | wire.ToolReturnPart:
    if isinstance(part, Asked):
        return wire.UserPromptPart(part.text)
    return wire.ToolReturnPart(
        tool_name=part.name,
        content=part.text,
        tool_call_id=part.id,
        outcome="failed" if part.is_failure else "success",
    )


def _tool(offer: Offer) -> ToolDefinition:
    return ToolDefinition(
        name=offer.name, description=offer.description, parameters_json_schema=dict(offer.parameters), kind="external"
    )
