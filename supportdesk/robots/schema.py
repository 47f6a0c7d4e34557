"""A robot's settings as the fields of a form, read from the JSON schema of its Settings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, TypeAlias

from pydantic import BaseModel, JsonValue

Node: TypeAlias = Mapping[str, Any]
LONG_TEXT: Final = 300
"""A text that may have more characters than this gets a box of several lines."""
DEEPEST: Final = 4
"""Models within models; what is deeper is edited as JSON."""


class Kind(StrEnum):
    """How a setting is asked for."""

    LINE = "line"
    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    TICK = "tick"
    CHOICE = "choice"
    LINES = "lines"
    """A list of texts or numbers, one on each line."""
    SEALED = "sealed"
    GROUP = "group"
    """A model: its own fields, under a heading."""
    ITEMS = "items"
    """A list of models: the fields of one, for each."""
    JSON = "json"
    """Whatever else a schema can say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingField:
    """One setting. `path` is dotted from the root of the settings; within a list of models, from the item."""

    path: str
    label: str
    kind: Kind
    hint: str = ""
    optional: bool = False
    default: JsonValue = None
    least: float | None = None
    most: float | None = None
    above: bool = False
    """Whether it must be more than `least`, which is itself not allowed."""
    below: bool = False
    """The same of `most`."""
    is_address: bool = False
    """Whether the robot asks another server by it."""
    longest: int | None = None
    options: tuple[JsonValue, ...] = ()
    fields: tuple["SettingField", ...] = ()

    @property
    def name(self) -> str:
        """The last step of the path."""
        return self.path.rpartition(".")[2]


@lru_cache(maxsize=256)
def fields_of(model: type[BaseModel]) -> tuple[SettingField, ...]:
    """The settings of a model in the order in which they are declared."""
    schema = model.model_json_schema()
    return tuple(_properties(schema, schema.get("$defs", {}), "", 0))


def secret_paths(fields: Sequence[SettingField]) -> set[str]:
    """The dotted paths of all settings that are written only, those within models too."""
    found: set[str] = set()
    for field in fields:
        if field.kind is Kind.SEALED:
            found.add(field.path)
        elif field.kind is Kind.GROUP:
            found |= secret_paths(field.fields)
    return found


def unfit(fields: Sequence[SettingField]) -> Iterator[str]:
    """What a form cannot keep, one sentence each: secrets in a list belong to no certain item."""
    for field in fields:
        if field.kind is Kind.ITEMS:
            for inner in sorted(secret_paths(field.fields)):
                yield f"{field.path} is a list with the secret {inner} in it; secrets stand outside of lists."
        yield from unfit(field.fields)


def _properties(node: Node, defs: Node, prefix: str, depth: int) -> Iterator[SettingField]:
    for name, declared in node.get("properties", {}).items():
        yield _field(declared, defs, f"{prefix}{name}", depth)


def _field(declared: Node, defs: Node, path: str, depth: int) -> SettingField:
    node = _resolved(declared, defs)
    choices = [_resolved(each, defs) for each in node.get("anyOf", ())]
    some = [each for each in choices if each.get("type") != "null"]
    optional = len(some) < len(choices)
    if len(some) == 1:
        node = {**some[0], **{key: value for key, value in node.items() if key != "anyOf"}}
    kind = _kind(node, defs, depth)
    inner: tuple[SettingField, ...] = ()
    if kind is Kind.GROUP:
        inner = tuple(_properties(node, defs, f"{path}.", depth + 1))
    elif kind is Kind.ITEMS:
        inner = tuple(_properties(_resolved(node["items"], defs), defs, "", depth + 1))
    step = 1 if kind is Kind.WHOLE else 0
    label = str(declared.get("title") or node.get("title") or path.rpartition(".")[2].replace("_", " ").capitalize())
    return SettingField(
        path=path,
        label=label,
        kind=kind,
        hint=str(declared.get("description", "")),
        optional=optional,
        default=node.get("default"),
        least=_bound(node, "minimum", "exclusiveMinimum", step),
        most=_bound(node, "maximum", "exclusiveMaximum", -step),
        above=not step and "minimum" not in node and "exclusiveMinimum" in node,
        below=not step and "maximum" not in node and "exclusiveMaximum" in node,
        is_address=node.get("format") == "uri",
        longest=node.get("maxLength"),
        options=tuple(node.get("enum") or ([node["const"]] if "const" in node else ())),
        fields=inner,
    )


def _resolved(node: Node, defs: Node) -> Node:
    """The node with what it refers to; what stands beside the reference outranks it."""
    if "$ref" not in node:
        return node
    there = defs.get(str(node["$ref"]).rpartition("/")[2], {})
    return {**there, **{key: value for key, value in node.items() if key != "$ref"}}


def _kind(node: Node, defs: Node, depth: int) -> Kind:
    if "enum" in node or "const" in node:
        return Kind.CHOICE
    match node.get("type"):
        case "boolean":
            return Kind.TICK
        case "integer":
            return Kind.WHOLE
        case "number":
            return Kind.NUMBER
        case "string":
            return _text_kind(node)
        case "object" if "properties" in node and depth < DEEPEST:
            return Kind.GROUP
        case "array" if "items" in node:
            return _list_kind(_resolved(node["items"], defs), depth)
    return Kind.JSON


def _text_kind(node: Node) -> Kind:
    if node.get("writeOnly"):
        return Kind.SEALED
    long = node.get("multiline") or int(node.get("maxLength") or 0) > LONG_TEXT or "\n" in str(node.get("default", ""))
    return Kind.TEXT if long else Kind.LINE


def _list_kind(item: Node, depth: int) -> Kind:
    if "properties" in item and depth < DEEPEST:
        return Kind.ITEMS
    return Kind.LINES if item.get("type") in ("string", "integer", "number") else Kind.JSON


def _bound(node: Node, name: str, exclusive: str, step: int) -> float | None:
    """The limit itself; of a whole number the next one that is allowed."""
    if isinstance(bound := node.get(name), int | float):
        return float(bound)
    return float(bound) + step if isinstance(bound := node.get(exclusive), int | float) else None
