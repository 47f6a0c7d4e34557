"""A robot with a setting of every kind, for the tests of the page that sets it."""

from collections.abc import AsyncIterator
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, SecretStr

from supportdesk.robots import contract
from supportdesk.robots.contract import Event, Robot, Say, Turn


class Tone(StrEnum):
    FRIENDLY = "friendly"
    FORMAL = "formal"


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Hours(Part):
    opens: int = Field(default=9, ge=0, le=24, title="Opens at")
    closes: int = Field(default=17, ge=0, le=24, title="Closes at")


class Server(Part):
    url: str = Field(default="https://api.test", title="Address")
    key: SecretStr | None = Field(default=None, title="Key", min_length=8)


class Rule(Part):
    pattern: str = Field(default="", min_length=1, title="Pattern")
    reply: str = Field(default="", title="Reply", max_length=1_000)
    only_once: bool = Field(default=False, title="Only once")


class RichRobot(Robot):
    """Says its prefix, and can be set in every way there is."""

    name, version = "rich", "2.0.0"

    class Settings(contract.Settings):
        """One of each."""

        settings_version: ClassVar[int] = 2

        prefix: str = Field(default="", max_length=20, title="Said first", description="Before every answer.")
        manners: str = Field(default="Be kind.\nBe brief.", title="Manners")
        tries: int = Field(default=3, ge=1, le=9, title="Tries")
        patience: float = Field(default=1.5, gt=0.5, lt=60, title="Patience")
        callback: str = Field(default="", title="Callback", json_schema_extra={"format": "uri"})
        tone: Tone = Field(default=Tone.FRIENDLY, title="Tone")
        size: Literal["small", "large"] | None = Field(default=None, title="Size")
        words: tuple[Annotated[str, Field(max_length=10)], ...] = Field(default=("hello",), title="Words")
        server: Server = Field(default=Server(), title="Server")
        hours: Hours | None = Field(default=None, title="Hours")
        rules: tuple[Rule, ...] = Field(default=(), title="Rules", max_length=3)
        extra: dict[str, int] = Field(default_factory=dict, title="Extra")
        token: SecretStr = Field(default=SecretStr(""), title="Token")

        @classmethod
        def upgrade(cls, old: dict[str, JsonValue], from_version: int) -> dict[str, JsonValue]:
            """Version 1 called the prefix a greeting."""
            assert from_version == 1
            if "riddle" in old:
                raise ValueError("nobody knows what a riddle was")
            return {("prefix" if name == "greeting" else name): value for name, value in old.items()}

    settings: Settings

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        yield Say(delta=f"{self.settings.prefix}{turn.text} ({len(self.settings.token.get_secret_value())})")
