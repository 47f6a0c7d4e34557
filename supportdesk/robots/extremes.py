"""What conformance looks at in a robot itself: its settings at their limits, and what it keeps between turns."""

import sys
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import JsonValue

from supportdesk.robots.contract import Robot, Settings

MOST_CHARACTERS: Final = 2_000
MOST_ITEMS: Final = 100
STEP: Final = 0.01
"""How far from a limit that is itself not allowed."""
SIMPLE: Final = (int, float, str, bytes, type(None), list, dict, set, tuple, frozenset, deque)


def extremes(robot: type[Robot]) -> Iterator[dict[str, JsonValue]]:
    """Settings with one field of the robot's own at one of its limits; validators may refuse some of them."""
    schema = robot.Settings.model_json_schema()
    definitions = schema.get("$defs", {})
    for name, field in schema.get("properties", {}).items():
        if name not in Settings.model_fields:
            for value in _limits(field, definitions):
                yield {name: value}


def _limits(field: Mapping[str, JsonValue], definitions: Mapping[str, Mapping[str, JsonValue]]) -> Iterator[JsonValue]:
    field = _resolved(field, definitions)
    options = field.get("anyOf")
    if isinstance(options, list):
        for option in options:
            if isinstance(option, dict):
                yield from _limits(option, definitions)
        return
    choices = field.get("enum")
    if isinstance(choices, list):
        yield from choices
        return
    match field.get("type"):
        case "boolean":
            yield from (False, True)
        case "integer" | "number":
            yield from _numbers(field)
        case "string":
            yield "x" * _count(field, "minLength", 0)
            yield "x" * min(_count(field, "maxLength", MOST_CHARACTERS), MOST_CHARACTERS)
        case "array":
            yield from _lists(field, definitions)


def _resolved(
    field: Mapping[str, JsonValue], definitions: Mapping[str, Mapping[str, JsonValue]]
) -> Mapping[str, JsonValue]:
    return definitions[str(field["$ref"]).rpartition("/")[2]] if "$ref" in field else field


def _numbers(field: Mapping[str, JsonValue]) -> Iterator[JsonValue]:
    step = 1 if field["type"] == "integer" else STEP
    for limit, inward in (("minimum", 0), ("exclusiveMinimum", step), ("maximum", 0), ("exclusiveMaximum", -step)):
        value = field.get(limit)
        if isinstance(value, int | float):
            yield value + inward


def _lists(field: Mapping[str, JsonValue], definitions: Mapping[str, Mapping[str, JsonValue]]) -> Iterator[JsonValue]:
    items = field.get("items")
    most = min(_count(field, "maxItems", MOST_ITEMS), MOST_ITEMS)
    yield []
    if isinstance(items, dict):
        for value in _limits(items, definitions):
            yield [value] * most


def _count(field: Mapping[str, JsonValue], name: str, otherwise: int) -> int:
    value = field.get(name)
    return value if isinstance(value, int) else otherwise


def kept_between_turns(robot: type[Robot]) -> dict[str, str]:
    """The plain values that the robot's class and its modules hold, by name: no turn may change them."""
    package = robot.__module__.rpartition(".")[0]
    modules = {name: module for name, module in sys.modules.items() if package and name.startswith(package)}
    modules[robot.__module__] = sys.modules[robot.__module__]
    held = {f"{robot.__name__}.{name}": value for name, value in vars(robot).items()}
    held |= {f"{at}.{name}": value for at, module in modules.items() for name, value in vars(module).items()}
    return {name: repr(value) for name, value in held.items() if isinstance(value, SIMPLE) and "__" not in name}
