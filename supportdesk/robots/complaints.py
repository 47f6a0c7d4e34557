"""What is wrong with a robot's settings, in words for the person who set them: the one place where they are found."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from supportdesk.robots.schema import SettingField, fields_of

MOST: Final = 20
NO_NUMBER: Final = "it is no number; enter one, such as 0.5"
NO_WHOLE: Final = "it is no whole number; enter one, such as 3"
NO_TICK: Final = "it is neither on nor off; choose true or false"
NO_TEXT: Final = "it is no text; enter words"
NO_LIST: Final = "it is no list; enter its items one by one"
NO_GROUP: Final = "it is no group of settings; name each of them with its value"
NO_ADDRESS: Final = "it is no address; enter one, such as https://example.com/path"
UNFIT: Final = "it cannot be used as it is; enter what the field asks for"

PLAIN: Final[Mapping[str, str]] = {
    "missing": "it is needed; enter it",
    "extra_forbidden": "there is no such setting; check how it is written, or leave it out",
    "int_parsing": NO_WHOLE,
    "int_parsing_size": "it is too long for a number; enter a smaller one",
    "int_type": NO_WHOLE,
    "int_from_float": NO_WHOLE,
    "float_parsing": NO_NUMBER,
    "float_type": NO_NUMBER,
    "finite_number": NO_NUMBER,
    "decimal_parsing": NO_NUMBER,
    "decimal_type": NO_NUMBER,
    "bool_parsing": NO_TICK,
    "bool_type": NO_TICK,
    "string_type": NO_TEXT,
    "list_type": NO_LIST,
    "tuple_type": NO_LIST,
    "set_type": NO_LIST,
    "model_type": NO_GROUP,
    "model_attributes_type": NO_GROUP,
    "dict_type": NO_GROUP,
    "url_parsing": NO_ADDRESS,
    "url_type": NO_ADDRESS,
    "url_syntax_violation": NO_ADDRESS,
}
"""By pydantic's type of error, those that always say the same."""

MEASURED: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "greater_than_equal": lambda told: f"it is too small; enter at least {told['ge']:g}",
    "greater_than": lambda told: f"it is too small; enter more than {told['gt']:g}",
    "less_than_equal": lambda told: f"it is too large; enter at most {told['le']:g}",
    "less_than": lambda told: f"it is too large; enter less than {told['lt']:g}",
    "multiple_of": lambda told: f"it does not fit; enter a multiple of {told['multiple_of']:g}",
    "decimal_max_places": lambda told: f"it is too fine; enter up to {told['decimal_places']} decimal places",
    "decimal_max_digits": lambda told: f"it is too long; enter up to {told['max_digits']} digits",
    "decimal_whole_digits": lambda told: f"it is too large; enter up to {told['whole_digits']} digits before the point",
    "string_too_long": lambda told: f"it has more than {told['max_length']} characters; shorten it",
    "string_too_short": lambda told: _too_short(told["min_length"]),
    "too_long": lambda told: f"it has more than {told['max_length']} entries; take some out",
    "too_short": lambda told: f"it has too few entries; add some until there are {told['min_length']}",
    "string_pattern_mismatch": lambda told: f"it has another form than {told['pattern']} asks for; enter it anew",
    "literal_error": lambda told: f"it is none of the choices; choose {told['expected']}",
    "enum": lambda told: f"it is none of the choices; choose {told['expected']}",
    "url_scheme": lambda told: f"another kind of address is needed; begin it with {told['expected_schemes']}",
    "url_too_long": lambda told: f"it has more than {told['max_length']} characters; enter a shorter address",
}
"""Those that name a limit or the choices."""


def complaints(model: type[BaseModel], error: ValidationError) -> list[dict[str, str]]:
    """For each wrong setting its dotted path, its title, and the problem as half a sentence with what to do."""
    fields = fields_of(model)
    return [
        {
            "field": ".".join(map(str, part["loc"])) or "body",
            "title": _title(fields, part["loc"]),
            "problem": _problem(part),
        }
        for part in error.errors(include_url=False)[:MOST]
    ]


def _problem(part: ErrorDetails) -> str:
    kind, told = part["type"], part.get("ctx", {})
    if kind in ("too_long", "too_short") and isinstance(part["input"], str):
        kind = f"string_{kind}"  # of a text that our own check has passed, pydantic speaks as of a list
    if kind == "value_error":
        return part["msg"].removeprefix("Value error, ").rstrip(".")  # the words of the robot's own check
    if kind in MEASURED:
        return MEASURED[kind](told)
    return PLAIN.get(kind, UNFIT)


def _too_short(least: int) -> str:
    return "it is empty; enter something" if least == 1 else f"it is too short; enter at least {least} characters"


def _title(fields: Sequence[SettingField], steps: Sequence[int | str]) -> str:
    """The labels on the way to a setting as the form shows them, such as `Rules 1: Answer`."""
    labels: list[str] = []
    for step in steps:
        if isinstance(step, int):
            labels[-1:] = [f"{labels[-1] if labels else 'Item'} {step + 1}"]
            continue
        found = next((each for each in fields if each.name == step), None)
        labels.append(found.label if found else str(step))
        fields = found.fields if found else ()
    return ": ".join(labels) or "Settings"
