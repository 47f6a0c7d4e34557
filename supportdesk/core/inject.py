"""Handlers ask for what they need by annotation; this finds it."""

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, get_type_hints

T = TypeVar("T")


class Resources:
    """The things one application holds, by type: settings, database, bus, flights and the like."""

    def __init__(self) -> None:
        self._things: dict[type[Any], Any] = {}

    def add(self, thing: object, *, as_type: type[Any] | None = None) -> None:
        """Offer a thing under its own type, or under another that it stands for."""
        self._things[as_type or type(thing)] = thing

    def get(self, kind: type[T]) -> T:
        """The thing of this type; raises LookupError when the application has none."""
        try:
            found: T = self._things[kind]
        except KeyError:
            raise LookupError(f"The application has no {kind.__name__}") from None
        return found

    def __contains__(self, kind: type[Any]) -> bool:
        return kind in self._things


def parameters(handler: Callable[..., Any]) -> dict[str, type[Any]]:
    """Name → annotated type of each parameter; raises TypeError where an annotation is missing."""
    hints = get_type_hints(handler)
    names = inspect.signature(handler).parameters
    missing = [name for name in names if name not in hints]
    if missing:
        raise TypeError(f"{handler.__module__}.{handler.__qualname__} leaves {', '.join(missing)} without a type")
    return {name: hints[name] for name in names}
