"""Models that are functions: what they are asked is kept, what they answer is written down in the test."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models import Model
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, FunctionModel

from supportdesk.llm.engine import Engine
from supportdesk.llm.model import Provider, Usage

Answer: TypeAlias = "str | ToolCalls | Exception"
Script: TypeAlias = Callable[[list[ModelMessage], AgentInfo], Answer]


@dataclass(frozen=True, slots=True)
class ToolCalls:
    """Tools that the model calls, each with its arguments as JSON."""

    calls: Sequence[tuple[str, str]]
    text: str = ""


@dataclass(slots=True)
class Scripted(Engine):
    """Answers by the script, word for word; a price makes each token cost so much."""

    script: Script
    per_token: Decimal | None = None
    asked: list[list[ModelMessage]] = field(default_factory=list)

    def __post_init__(self) -> None:
        Engine.__init__(self)

    def model(self, provider: Provider, key: str, name: str) -> Model:
        """The function in the place of any model."""
        del provider, key
        return FunctionModel(self._whole, stream_function=self._stream, model_name=name)

    def price(self, provider: Provider, model: str, usage: Usage) -> Decimal | None:
        """So much for each token."""
        del provider, model
        return None if self.per_token is None else self.per_token * usage.tokens

    def _answer(self, messages: list[ModelMessage], info: AgentInfo) -> "str | ToolCalls":
        self.asked.append(list(messages))
        answer = self.script(messages, info)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def _stream(
        self, messages: list[ModelMessage], info: AgentInfo
    ) -> AsyncIterator[str | dict[int, DeltaToolCall]]:
        answer = self._answer(messages, info)
        if isinstance(answer, str):
            for word in answer.split(" ")[:-1]:
                yield f"{word} "
            yield answer.split(" ")[-1]
            return
        if answer.text:
            yield answer.text
        for place, (name, args) in enumerate(answer.calls):
            yield {place: DeltaToolCall(name=name, json_args=args, tool_call_id=f"call{len(self.asked)}-{place}")}

    async def _whole(self, messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        answer = self._answer(messages, info)
        if isinstance(answer, str):
            return ModelResponse(parts=[TextPart(answer)])
        return ModelResponse(parts=[ToolCallPart(name, args) for name, args in answer.calls])


def told(messages: Sequence[ModelMessage]) -> str:
    """Everything that a model was told, as text."""
    return "\n".join(str(getattr(part, "content", "")) for message in messages for part in message.parts)
