"""How a tool is declared: what it is called, takes, risks and costs, and what it does."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any, Final, TypeVar, cast
from uuid import UUID

import jsonschema
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError
from referencing import Registry
from referencing.exceptions import Unresolvable

from supportdesk.actor import Actor, Level
from supportdesk.errors import Invalid
from supportdesk.rooms.model import RoomId
from supportdesk.tools.model import Args, ExecutionId, Risk, canonical, level_for

M = TypeVar("M", bound=BaseModel)
MOST_PROBLEMS: Final = 5
LONGEST_PROBLEM: Final = 160
MOST_STEPS: Final = 50_000
"""Values of a schema times values of the arguments: what a stranger's schema may take to check, less than a second."""
LONGEST_RUN_S: Final = 30.0
"""No tool may take longer: what is still executing a while after that has lost its process."""


class ToolArgs(BaseModel):
    """Arguments of a tool of ours; what the schema does not name is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """For whom a tool runs: the robot as an actor with the grants of its role, the room, and the row it runs for."""

    actor: Actor
    robot_id: UUID
    room_id: RoomId
    execution_id: ExecutionId


Body = Callable[[Asking, Args], Awaitable[JsonValue]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a call leaves the desk for: the method and address of a request, or an MCP server's name and host."""

    address: str
    method: str = ""
    server: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool. `run` gets arguments that fit `parameters`, a JSON schema, and opens its own transactions."""

    name: str
    description: str
    parameters: Mapping[str, JsonValue]
    run: Body
    risk: Risk = Risk.HIGH
    cost: Decimal = Decimal(0)
    idempotent: bool = False
    level: Level = Level.T2
    timeout_s: float = 15.0
    needs_no_approval: bool = False
    shape: type[BaseModel] | None = None
    about: str = ""
    """What else makes it the tool it is, such as the address that it asks."""
    goes_to: Callable[[Args], Destination] | None = None
    """Where it leaves the desk for with these arguments; None for what stays here."""
    refuses: Callable[[Args], None] | None = None
    """What raises Invalid for arguments that fit the schema and could not be run all the same."""
    is_known: bool = True
    """Whether the workspace has agreed to its having this name, description and schema."""

    @property
    def fingerprint(self) -> str:
        """The sha256 of what makes it the tool it is, in hex."""
        return fingerprint_of(self.name, self.description, self.parameters, self.about)

    def check(self, args: Args) -> None:
        """Raise Invalid, naming what is wrong, unless the arguments fit."""
        wrong = _by_schema(self, args) if self.shape is None else _by_model(self.shape, args)
        if wrong:
            raise Invalid(
                f"The tool {self.name} cannot take these arguments: {'; '.join(wrong)}.", code="bad_arguments"
            )
        if self.refuses is not None:
            self.refuses(args)


def fingerprint_of(name: str, description: str, parameters: Mapping[str, JsonValue], about: str) -> str:
    """The sha256 of what makes a tool the tool it is, in hex."""
    body: JsonValue = {"name": name, "description": description, "parameters": dict(parameters), "about": about}
    return hashlib.sha256(canonical(body).encode()).hexdigest()


def declare(
    name: str, description: str, shape: type[M], run: Callable[[Asking, M], Awaitable[JsonValue]], **more: Any
) -> Tool:
    """A tool whose arguments are a pydantic model: its schema is the model's, and the body gets the model.

    Without a `level` it is the one for its risk.
    """

    async def body(asking: Asking, args: Args) -> JsonValue:
        return await run(asking, shape.model_validate(args))

    schema = cast("Mapping[str, JsonValue]", shape.model_json_schema())
    more = {"level": level_for(more.get("risk", Risk.HIGH)), **more}
    return Tool(name=name, description=description, parameters=schema, run=body, shape=shape, **more)


def _by_schema(tool: Tool, args: Args) -> list[str]:
    if _size(tool.parameters) * _size(args) > MOST_STEPS:
        raise Invalid(f"These arguments are too many to be checked for the tool {tool.name}.", code="bad_arguments")
    # A registry of its own: what a schema refers to is never fetched.
    validator = jsonschema.Draft202012Validator(dict(tool.parameters), registry=Registry())
    try:
        return [_said(error) for error in islice(validator.iter_errors(dict(args)), MOST_PROBLEMS)]
    except (jsonschema.SchemaError, Unresolvable, RecursionError):
        raise Invalid(f"The schema of the tool {tool.name} cannot be used.", code="bad_arguments") from None


def _size(value: object) -> int:
    """How many values there are in it, itself among them."""
    count, left = 0, [value]
    while left:
        one = left.pop()
        count += 1
        if isinstance(one, Mapping):
            left.extend(one.values())
        elif isinstance(one, list):
            left.extend(one)
    return count


def _said(error: jsonschema.ValidationError) -> str:
    where = ".".join(str(part) for part in error.absolute_path)
    message = error.message if len(error.message) <= LONGEST_PROBLEM else f"{error.message[:LONGEST_PROBLEM]}…"
    return f"{where}: {message}" if where else str(message)


def _by_model(shape: type[BaseModel], args: Args) -> list[str]:
    try:
        shape.model_validate(args)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)[:MOST_PROBLEMS]
        return [f"{'.'.join(map(str, part['loc'])) or 'arguments'}: {part['msg']}" for part in problems]
    return []
