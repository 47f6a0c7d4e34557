"""Kits that fail in one part or in all, and one whose calls never come back: for the conformance suite."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from pydantic import JsonValue

from supportdesk.robots.contract import (
    Delta,
    HttpReply,
    Intent,
    KitError,
    LlmUnavailable,
    Passage,
    ToolResult,
    ToolSpec,
    Turn,
    Waiting,
)
from supportdesk.robots.equipment import Shape
from supportdesk.robots.testing import PracticeKit

PARTS: Final = ("search", "quote", "intents", "llm", "tools", "http")
"""What may fail by itself."""


class Trouble:
    """What a broken part does instead of its work: it fails, or it never comes back."""

    def __init__(self, *, hangs: bool) -> None:
        self._hangs = hangs

    async def __call__(self, part: str) -> KitError:
        """The error to raise; waits until cancelled when it hangs."""
        if self._hangs:
            await asyncio.get_running_loop().create_future()
        return KitError(f"The conformance suite lets {part} fail.")


class BrokenLlm:
    """A model that is ready, and then is not."""

    def __init__(self, trouble: Trouble) -> None:
        self._trouble = trouble

    async def ready(self) -> bool:
        """It says that it is."""
        return True

    async def answer(
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
        """Half a word, then LlmUnavailable."""
        del instructions, turn, passages, tools, model, max_tokens, temperature
        yield Delta(text="Let me s")
        raise LlmUnavailable(str(await self._trouble("llm")))

    async def extract(self, instructions: str, text: str, shape: type[Shape], *, model: str | None = None) -> Shape:
        """Raises LlmUnavailable."""
        del instructions, text, shape, model
        raise LlmUnavailable(str(await self._trouble("llm")))


class BrokenTools:
    """Tools that cannot be listed or called."""

    def __init__(self, trouble: Trouble) -> None:
        self._trouble = trouble

    async def list(self) -> Sequence[ToolSpec]:
        """Raises KitError."""
        raise await self._trouble("tools")

    async def call(self, name: str, args: Mapping[str, JsonValue]) -> ToolResult:
        """Raises KitError."""
        del name, args
        raise await self._trouble("tools")


class BrokenHttp:
    """Servers that do not answer."""

    def __init__(self, trouble: Trouble) -> None:
        self._trouble = trouble

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
        del method, url, headers, body, timeout_s, redirects
        raise await self._trouble("http")


class BrokenKit(PracticeKit):
    """A kit of which these parts fail, or hang."""

    def __init__(self, documents: Sequence[str] = (), *, parts: Sequence[str] = PARTS, hangs: bool = False) -> None:
        trouble = Trouble(hangs=hangs)
        super().__init__(
            documents,
            llm=BrokenLlm(trouble) if "llm" in parts else None,
            tools=BrokenTools(trouble) if "tools" in parts else None,
            http=BrokenHttp(trouble) if "http" in parts else None,
        )
        self._parts = parts
        self._trouble = trouble

    async def search(self, text: str, *, limit: int = 5) -> Sequence[Passage]:
        """As in practice, unless it is broken."""
        if "search" in self._parts:
            raise await self._trouble("search")
        return await super().search(text, limit=limit)

    async def quote(self, text: str, passage: Passage) -> str:
        """As in practice, unless it is broken."""
        if "quote" in self._parts:
            raise await self._trouble("quote")
        return await super().quote(text, passage)

    async def intent_of(self, text: str, phrases: Mapping[str, Sequence[str]]) -> Intent | None:
        """As in practice, unless it is broken."""
        if "intents" in self._parts:
            raise await self._trouble("intents")
        return await super().intent_of(text, phrases)
