"""A kit's parts where the workspace has no language model, no tools, or the robot is played outside a desk."""

from collections.abc import AsyncIterator, Mapping, Sequence

from pydantic import JsonValue

from supportdesk.robots.contract import (
    Delta,
    HttpReply,
    KitError,
    LlmUnavailable,
    ToolResult,
    ToolSpec,
    Turn,
    Waiting,
)
from supportdesk.robots.equipment import Passage, Shape

NO_MODEL = "No provider of language models is configured in this workspace."


class NoLlm:
    """There is no model to ask."""

    async def ready(self) -> bool:
        """It never is."""
        return False

    def answer(
        self,
        instructions: str,
        turn: Turn,
        *,
        passages: Sequence[Passage] = (),
        tools: bool = False,
        model: str | None = None,
        max_tokens: int = 800,
        temperature: float | None = None,
    ) -> AsyncIterator[Delta | Waiting]:
        """Raises LlmUnavailable."""
        del instructions, turn, passages, tools, model, max_tokens, temperature
        raise LlmUnavailable(NO_MODEL)

    async def extract(self, instructions: str, text: str, shape: type[Shape], *, model: str | None = None) -> Shape:
        """Raises LlmUnavailable."""
        del instructions, text, shape, model
        raise LlmUnavailable(NO_MODEL)


class NoTools:
    """There are no tools to call."""

    async def list(self) -> Sequence[ToolSpec]:
        """None."""
        return ()

    async def call(self, name: str, args: Mapping[str, JsonValue]) -> ToolResult:
        """Raises KitError."""
        del args
        raise KitError(f"There is no tool called {name} in this workspace.")


class NoHttp:
    """There are no other servers."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        timeout_s: float = 10,
        redirects: bool = True,
    ) -> HttpReply:
        """Raises KitError."""
        del headers, body, timeout_s, redirects
        raise KitError(f"{method} {url} cannot be asked: there are no other servers here.")
