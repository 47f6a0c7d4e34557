"""The shapes of tools that a workspace adds."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from math import isfinite, nan
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, JsonValue, SecretStr, model_validator

from supportdesk.actor import Level
from supportdesk.core.wire import In, Instant, Out, Text
from supportdesk.tools.model import Risk
from supportdesk.tools.wire import Money, ToolName

ParameterName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,40}$")]
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,60}$")]
Url = Annotated[Text, Field(min_length=8, max_length=2_000)]


def _one_line(value: str) -> str:
    if not value.isascii() or not value.isprintable():
        raise ValueError("a header holds printable ASCII on one line")
    return value


def _one_secret_line(value: SecretStr) -> SecretStr:
    _one_line(value.get_secret_value())
    return value


HeaderValue = Annotated[str, Field(max_length=1000), AfterValidator(_one_line)]
SecretValue = Annotated[SecretStr, Field(max_length=4000), AfterValidator(_one_secret_line)]


Choice = Annotated[Text, Field(min_length=1, max_length=200)]


class ParameterKind(StrEnum):
    """What an argument is."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"


class Parameter(In):
    """One argument of a request."""

    name: ParameterName
    kind: ParameterKind = ParameterKind.STRING
    description: Annotated[Text, Field(max_length=300)] = ""
    required: bool = True
    choices: Annotated[tuple[Choice, ...], Field(max_length=50)] = ()
    """The only values it may have, as they are written; none for any."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.choices and self.kind is ParameterKind.BOOLEAN:
            raise ValueError("what is yes or no has no other values to choose from")
        self.values()
        return self

    def values(self) -> list[JsonValue]:
        """The choices as values of its kind; raises ValueError for what is no number."""
        match self.kind:
            case ParameterKind.INTEGER:
                return [_number(choice, int) for choice in self.choices]
            case ParameterKind.NUMBER:
                return [_number(choice, float) for choice in self.choices]
            case ParameterKind.STRING | ParameterKind.BOOLEAN:
                return [*self.choices]


def _number(choice: str, kind: type[int] | type[float]) -> int | float:
    try:
        number = kind(choice)
    except ValueError:
        number = nan
    if not isfinite(number):
        raise ValueError(f"{choice} is no {'whole ' if kind is int else ''}number")
    return number


def schema_of(parameters: Sequence[Parameter]) -> dict[str, JsonValue]:
    """What robots give, as a JSON schema; nothing else is taken."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {one.name: _property(one) for one in parameters},
        "required": [one.name for one in parameters if one.required],
    }


def _property(one: Parameter) -> dict[str, JsonValue]:
    described: dict[str, JsonValue] = {"type": str(one.kind), "description": one.description}
    return {**described, "enum": one.values()} if one.choices else described


def parameters_of(schema: Mapping[str, Any]) -> list[Parameter]:
    """The arguments that such a schema tells of."""
    required = schema.get("required", [])
    return [
        Parameter(
            name=name,
            kind=ParameterKind(said.get("type", "string")),
            description=said.get("description", ""),
            required=name in required,
            choices=tuple(
                f"{choice:g}" if isinstance(choice, float) else str(choice) for choice in said.get("enum", ())
            ),
        )
        for name, said in schema.get("properties", {}).items()
    ]


class NewRequestTool(In):
    """A request that robots may ask for. Places such as {order} in the address are filled; the rest is the body."""

    name: ToolName
    description: Annotated[Text, Field(min_length=1, max_length=1000)]
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    url: Url
    parameters: list[Parameter] = Field(default_factory=list, max_length=20)
    headers: dict[HeaderName, HeaderValue] = Field(default_factory=dict, max_length=20)
    secret_headers: dict[HeaderName, SecretValue] = Field(default_factory=dict, max_length=20)
    risk: Risk = Risk.HIGH
    cost: Money = Decimal(0)
    idempotent: bool = False
    required_level: Level | None = None
    """Left out, the one for its risk: T2 for high risk, else T1."""


class ChangeTool(In):
    """What the workspace says of a tool it has added; what is not sent stays."""

    risk: Risk | None = None
    required_level: Level | None = None
    is_known: bool | None = None
    is_active: bool | None = None
    idempotent: bool | None = None
    cost: Money | None = None


class NewMcpServer(In):
    """An MCP server over streamable HTTP. The secret is sent in the header, and never shown again."""

    name: Annotated[str, Field(pattern="^[a-z0-9]{1,20}$")]
    url: Url
    header_name: HeaderName = "Authorization"
    secret: SecretValue | None = None
    allows_private_address: bool = False


class ToolOut(Out):
    """A tool of the workspace; `source` is `desk`, `request`, or the name of an MCP server."""

    id: UUID | None
    name: str
    source: str
    description: str
    risk: Risk
    cost: str
    idempotent: bool
    required_level: Level
    is_known: bool
    is_active: bool


class ToolsOut(Out):
    """All tools, by name."""

    items: list[ToolOut]


class McpServerOut(Out):
    """An MCP server, how many tools it offers, and why its last listing failed."""

    id: UUID
    name: str
    url: str
    has_secret: bool
    allows_private_address: bool
    tools: int
    problem: str
    listed_at: Instant | None


class McpServersOut(Out):
    """The workspace's servers, by name."""

    items: list[McpServerOut]
