"""A language model for robots that are played without a desk."""

from collections.abc import AsyncIterator, Sequence

from supportdesk.robots.contract import Delta, KitError, LlmUnavailable, Passage, Turn, Waiting
from supportdesk.robots.equipment import Shape


class PracticeLlm:
    """Says these pieces, in order; an error is raised where it stands. What it was asked is kept."""

    def __init__(self, *pieces: Delta | Waiting | KitError, is_ready: bool = True, facts: str = "{}") -> None:
        self._pieces = pieces
        self._is_ready = is_ready
        self._facts = facts
        self.asked: list[tuple[str, Turn, Sequence[Passage], bool, str | None]] = []

    async def ready(self) -> bool:
        """As the test wants it."""
        return self._is_ready

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
        """The pieces."""
        assert max_tokens > 0
        assert temperature is None or temperature >= 0
        self.asked.append((instructions, turn, passages, tools, model))
        for piece in self._pieces:
            if isinstance(piece, KitError):
                raise piece
            yield piece

    async def extract(self, instructions: str, text: str, shape: type[Shape], *, model: str | None = None) -> Shape:
        """The facts."""
        assert instructions
        assert text
        if not self._facts:
            raise LlmUnavailable(f"Nobody reads {shape.__name__} out of a text by {model}.")
        return shape.model_validate_json(self._facts)
