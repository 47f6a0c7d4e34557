"""A robot's settings as a form: what it shows for each field, and what was meant by what it sent."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import orjson
from aiohttp import web
from pydantic import JsonValue

from supportdesk.core.http import FORM
from supportdesk.errors import BadRequest
from supportdesk.robots.schema import Kind, SettingField

PREFIX: Final = "s."
"""Before the names of inputs, so that no setting can stand for another field of the page."""
CLEAR, USE, DROP = ".clear", ".use", ".drop"
"""Boxes beside a field: forget a secret, have an optional group at all, take an item out."""
ALL: Final = "*"
"""Under this name the button sets every setting back."""
MOST_ITEMS: Final = 200

Typed = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a form asks for. What is no JSON stands in `values` as it was typed, with an error."""

    values: dict[str, JsonValue]
    secrets: dict[str, str | None]
    errors: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One item of a list of models; the last one is empty, to add another."""

    number: int
    name: str
    is_new: bool
    shown: list["Shown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One field as the page shows it. `path` is where errors and resets name it, `id` what links lead to."""

    path: str
    id: str
    name: str
    kind: str
    label: str
    hint: str
    optional: bool
    text: str = ""
    ticked: bool = False
    is_set: bool = False
    step: str = ""
    least: str = ""
    most: str = ""
    longest: str = ""
    options: list[tuple[str, str]] = field(default_factory=list)
    error: str = ""
    differs: bool = False
    default: str = ""
    shown: list["Shown"] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


def typed_in(request: web.Request) -> dict[str, str]:
    """Everything that the form sent; raises BadRequest for what came otherwise."""
    sent = request.get(FORM)
    if sent is None:
        raise BadRequest("Send this form from its page.")
    return {name: value for name, value in sent.items() if name != "csrf_token"}


def without(values: Mapping[str, JsonValue], path: str) -> dict[str, JsonValue]:
    """The values without what stands at a dotted path: what is weaker holds there."""
    first, _dot, rest = path.partition(".")
    inner = values.get(first)
    if rest and isinstance(inner, dict):
        return {**values, first: without(inner, rest)}
    return {name: value for name, value in values.items() if name != first}


def read(fields: Sequence[SettingField], typed: Typed) -> Sent:
    """What the form asks for, field by field; what a number is to be stays a text, for the model to judge."""
    sent = Sent(values={}, secrets={}, errors={})
    for each in fields:
        _read_into(sent, sent.values, each, PREFIX, typed)
    return sent


def _read_into(sent: Sent, into: dict[str, JsonValue], each: SettingField, prefix: str, typed: Typed) -> None:
    name = f"{prefix}{each.path}"
    text = typed.get(name, "").replace("\r\n", "\n")
    match each.kind:
        case Kind.SEALED:
            if text or f"{name}{CLEAR}" in typed:
                sent.secrets[each.path] = text or None
        case Kind.GROUP:
            if each.optional and f"{name}{USE}" not in typed:
                into[each.name] = None
                return
            inner: dict[str, JsonValue] = {}
            for one in each.fields:
                _read_into(sent, inner, one, prefix, typed)
            into[each.name] = inner
        case Kind.ITEMS:
            into[each.name] = list(_items(sent, each, name, typed))
        case Kind.JSON:
            into[each.name] = _json(sent, name.removeprefix(PREFIX), text)
        case _:
            into[each.name] = _plain(each, text, ticked=name in typed)


def _plain(each: SettingField, text: str, *, ticked: bool) -> JsonValue:
    match each.kind:
        case Kind.TICK:
            return ticked
        case Kind.LINES:
            return [line.strip() for line in text.split("\n") if line.strip()]
        case Kind.CHOICE:
            return next((option for option in each.options if str(option) == text), text or None)
        case Kind.WHOLE | Kind.NUMBER:
            return text.strip() or (None if each.optional else each.default)
        case _:
            return text or (None if each.optional else "")


def _items(sent: Sent, each: SettingField, name: str, typed: Typed) -> Iterator[dict[str, JsonValue]]:
    """The items in their order, without those that are to go and without the empty one for another."""
    numbers = {
        int(number)
        for sent_name in typed
        if sent_name.startswith(f"{name}.") and (number := sent_name[len(name) + 1 :].partition(".")[0]).isdecimal()
    }
    for place in sorted(numbers)[:MOST_ITEMS]:
        at = f"{name}.{place}"
        theirs = [sent_name for sent_name in typed if sent_name.startswith(f"{at}.") and _tells(each, sent_name)]
        if f"{at}{DROP}" in typed or not any(typed[sent_name].strip() for sent_name in theirs):
            continue
        item: dict[str, JsonValue] = {}
        for one in each.fields:
            _read_into(sent, item, one, f"{at}.", typed)
        yield item


def _tells(each: SettingField, name: str) -> bool:
    """Whether what is sent under this name says that an item is wanted: a choice and a tick are always sent."""
    last = name.rpartition(".")[2]
    return next((one.kind not in (Kind.CHOICE, Kind.TICK) for one in each.fields if one.name == last), True)


def _json(sent: Sent, path: str, text: str) -> JsonValue:
    if not text.strip():
        return None
    try:
        value: JsonValue = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        sent.errors[path] = f"This is no JSON: {error}."
        return text
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a form is made from: values to show, the defaults beside them, what is wrong, which secrets are set."""

    values: Mapping[str, JsonValue]
    defaults: Mapping[str, JsonValue]
    errors: Mapping[str, str] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()


def show(fields: Sequence[SettingField], shape: Shape) -> list[Shown]:
    """The fields as the page shows them."""
    return [_shown(each, shape.values.get(each.name), shape.defaults.get(each.name), shape, PREFIX) for each in fields]


def labels(shown: Sequence[Shown], before: str = "") -> dict[str, tuple[str, str]]:
    """Id and label of every field by its path, for the summary of what is wrong."""
    found: dict[str, tuple[str, str]] = {}
    for each in shown:
        label = f"{before}{each.label}"
        found[each.path] = (each.id, label)
        found |= labels(each.shown, f"{label}: ")
        for row in each.rows:
            found |= labels(row.shown, f"{label} {row.number}: ")
    return found


def places_of(errors: Mapping[str, str], places: Mapping[str, tuple[str, str]]) -> list[tuple[str, str]]:
    """Each error with the id of its field, for the summary; an item's own error leads to its list."""
    found: list[tuple[str, str]] = []
    for path, sentence in errors.items():
        nearest: str = path
        while nearest and nearest not in places:
            nearest = nearest.rpartition(".")[0]
        at, label = places.get(nearest, ("", ""))
        found.append((at, f"{label}: {sentence}" if label else sentence))
    return found


def _shown(each: SettingField, value: JsonValue, default: JsonValue, shape: Shape, prefix: str) -> Shown:
    name = f"{prefix}{each.path}"
    path = name.removeprefix(PREFIX)
    return Shown(
        path=path,
        id=path.replace(".", "-"),
        name=name,
        kind=each.kind.value,
        label=each.label,
        hint=" ".join(part for part in (each.hint, _bounds(each)) if part),
        optional=each.optional,
        text=_text(each, value),
        ticked=value is True or (each.kind is Kind.GROUP and value is not None),
        is_set=path in shape.secrets,
        step="1" if each.kind is Kind.WHOLE else "any",
        least=_number(each.least),
        most=_number(each.most),
        longest=str(each.longest or ""),
        options=[*([("", "–")] if each.optional else []), *((str(one), _word(one)) for one in each.options)],
        error=shape.errors.get(path, ""),
        differs=prefix == PREFIX and _differs(each, value, default),
        default=_default(each, default),
        shown=_inner(each, value, default, shape, prefix),
        rows=_rows(each, value, shape, name) if each.kind is Kind.ITEMS else [],
    )


def _differs(each: SettingField, value: JsonValue, default: JsonValue) -> bool:
    if each.kind in (Kind.WHOLE, Kind.NUMBER, Kind.LINES):  # what was typed and refused is a text still
        return _text(each, value) != _text(each, default)
    return each.kind is not Kind.SEALED and value != default


def _inner(each: SettingField, value: JsonValue, default: JsonValue, shape: Shape, prefix: str) -> list[Shown]:
    if each.kind is not Kind.GROUP:
        return []
    below = value if isinstance(value, dict) else {one.name: one.default for one in each.fields}
    usual = default if isinstance(default, dict) else below
    return [_shown(one, below.get(one.name), usual.get(one.name), shape, prefix) for one in each.fields]


def _rows(each: SettingField, value: JsonValue, shape: Shape, name: str) -> list[Row]:
    items = [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
    return [
        Row(
            number=number + 1,
            name=f"{name}.{number}",
            is_new=number == len(items),
            shown=[_shown(one, item.get(one.name), None, shape, f"{name}.{number}.") for one in each.fields],
        )
        for number, item in enumerate([*items, _to_begin_with(each)])
    ]


def _to_begin_with(each: SettingField) -> dict[str, JsonValue]:
    """What an item that is not there yet begins with: choices and ticks as by default, the rest is asked for."""
    return {one.name: one.default for one in each.fields if one.kind in (Kind.CHOICE, Kind.TICK)}


def _text(each: SettingField, value: JsonValue) -> str:
    match each.kind:
        case Kind.LINES if isinstance(value, list):
            return "\n".join(str(line) for line in value)
        case Kind.JSON if not isinstance(value, str):
            return "" if value is None else orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
        case Kind.NUMBER if isinstance(value, float):
            return f"{value:g}"
        case Kind.SEALED | Kind.GROUP | Kind.ITEMS | Kind.TICK:
            return ""
    return "" if value is None else str(value)


def _default(each: SettingField, default: JsonValue) -> str:
    match each.kind:
        case Kind.TICK:
            return "on" if default else "off"
        case Kind.GROUP | Kind.ITEMS | Kind.SEALED | Kind.JSON:
            return ""
        case Kind.LINES if isinstance(default, list):
            return ", ".join(str(line) for line in default)
    return _text(each, default)


def _bounds(each: SettingField) -> str:
    least, most = _number(each.least), _number(each.most)
    if least and most and not (each.above or each.below):
        return f"From {least} to {most}."
    lower = f"{'more than' if each.above else 'at least'} {least}" if least else ""
    upper = f"{'less than' if each.below else 'at most'} {most}" if most else ""
    said = ", ".join(part for part in (lower, upper) if part)
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def _number(bound: float | None) -> str:
    return "" if bound is None else f"{bound:g}"


def _word(option: JsonValue) -> str:
    return str(option).replace("_", " ")
