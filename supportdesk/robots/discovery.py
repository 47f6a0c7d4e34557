"""Finds the robots that are installed. A broken one is listed with the reason; the server starts all the same."""

import importlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from supportdesk.core import places
from supportdesk.robots.contract import API, Robot, Settings, Trigger

GROUP = "supportdesk.robots"
PRIVATE = "supportdesk_robot_"
"""Prefix of the module names folders are loaded under, so that no folder can shadow a library."""

NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
LONGEST_NAME = 100
"""Characters in what guests see a robot called."""
ANYTHING = (Exception, SystemExit, KeyboardInterrupt)
FOLDER = re.compile(r"[a-z][a-z0-9_]{0,39}")


class NotLoaded(Exception):
    """Why a robot cannot be used, in words for its author."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One robot as found: usable when `robot` is there, otherwise `problem` says why not."""

    name: str
    source: str
    robot: type[Robot] | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every robot found, the usable ones by name."""

    listings: tuple[Listing, ...] = ()
    usable: Mapping[str, type[Robot]] = field(init=False)

    def __post_init__(self) -> None:
        usable = {listing.name: listing.robot for listing in self.listings if listing.robot}
        object.__setattr__(self, "usable", MappingProxyType(usable))

    def hearing(self, trigger: Trigger) -> list[str]:
        """Names of the usable robots that take turns of this kind."""
        return [name for name, robot in self.usable.items() if trigger in robot.hears]


def discover(folder: Path | None = None, installed: Iterable[EntryPoint] | None = None) -> Catalogue:
    """Load every robot: those that installed packages announce first, then the folders in `folder`.

    Both default to what is really there. Runs the robots' modules, so call it once, at the start.
    """
    found: dict[str, Listing] = {}
    refused: list[Listing] = []
    for listing in (
        *_from_packages(entry_points(group=GROUP) if installed is None else installed),
        *_from_folders(places.folder("robots") if folder is None else folder),
    ):
        if (earlier := found.get(listing.name)) is None:
            found[listing.name] = listing
        else:
            taken = f"the name {listing.name} is already taken by {earlier.source}"
            refused.append(Listing(listing.name, listing.source, problem=listing.problem or taken))
    return Catalogue((*found.values(), *refused))


def _from_packages(installed: Iterable[EntryPoint]) -> Iterator[Listing]:
    for entry in installed:
        source = f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.value
        try:
            robot = _usable(entry.load())
        except ANYTHING as error:  # code of strangers: whatever it does, the server starts
            yield Listing(entry.name, source, problem=_because(error))
        else:
            yield Listing(robot.name, source, robot)


def _from_folders(folder: Path) -> Iterator[Listing]:
    """Those that are called as their folder first: no other takes the name of one that ships."""
    listed = list(_in_folders(folder))
    yield from (listing for name, listing in listed if name == listing.name)
    yield from (listing for name, listing in listed if name != listing.name)


def _in_folders(folder: Path) -> Iterator[tuple[str, Listing]]:
    for path in sorted(folder.glob("[!_.]*/")):
        if not path.is_dir():
            continue
        yield path.name, listing_in(path)


def listing_in(path: Path) -> Listing:
    """The robot of one folder, wherever that is."""
    path = path.resolve()
    source = f"{path.parent.name}/{path.name}"
    try:
        robot = _usable(_only_robot(path))
    except ANYTHING as error:  # as above
        return Listing(path.name, source, problem=_because(error))
    return Listing(robot.name, source, robot)


def robot_in(path: Path) -> type[Robot]:
    """The robot of one folder, for its tests; raises NotLoaded with the reason."""
    listing = listing_in(path)
    if listing.robot is None:
        raise NotLoaded(f"The robot in {path} is not loaded: {listing.problem}.")
    return listing.robot


def _only_robot(path: Path) -> type[Robot]:
    if not FOLDER.fullmatch(path.name):
        raise NotLoaded("the folder's name must be lower-case letters, digits and underscores, a letter first")
    if not (path / "robot.py").is_file():
        raise NotLoaded("the folder has no robot.py")
    package = PRIVATE + path.name
    for stale in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
        del sys.modules[stale]
    spec = ModuleSpec(package, None, is_package=True)
    spec.submodule_search_locations = [str(path)]
    sys.modules[package] = importlib.util.module_from_spec(spec)
    module = importlib.import_module(f"{package}.robot")
    robots = [
        thing
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, Robot) and thing.__module__ == module.__name__
    ]
    if len(robots) != 1:
        names = ", ".join(robot.__name__ for robot in robots) or "none"
        raise NotLoaded(f"robot.py must define exactly one Robot, and it defines {names}")
    return robots[0]


def _usable(robot: object) -> type[Robot]:
    if not (isinstance(robot, type) and issubclass(robot, Robot)):
        raise NotLoaded(f"{robot!r} is not a Robot class")
    if robot.api != API:
        raise NotLoaded(f"it is written for robot api {robot.api}, this server speaks {API}")
    name = getattr(robot, "name", None)
    if not (isinstance(name, str) and NAME.fullmatch(name)):
        raise NotLoaded(f"its name must be lower-case letters, digits, - and _, a letter first, not {name!r}")
    shown: object = robot.display_name
    if not (isinstance(shown, str) and shown == shown.strip() and len(shown) <= LONGEST_NAME):
        raise NotLoaded(f"its display_name must be a line of at most {LONGEST_NAME} characters, not {shown!r}")
    if not inspect.isasyncgenfunction(robot.answer):
        raise NotLoaded("its answer must be an async generator: `async def` with `yield`")
    own_settings: object = robot.Settings
    if not (isinstance(own_settings, type) and issubclass(own_settings, Settings)):
        raise NotLoaded("its Settings must extend the contract's Settings")
    try:
        own_settings()
    except ValidationError as error:
        missing = ", ".join(".".join(map(str, each["loc"])) for each in error.errors())
        raise NotLoaded(f"every setting needs a default that fits, and these have none: {missing}") from None
    if not robot.hears or not robot.hears <= set(Trigger):
        raise NotLoaded(f"it must hear one or more of {', '.join(Trigger)}")
    return robot


def _because(error: BaseException) -> str:
    return str(error) if isinstance(error, NotLoaded) else f"{type(error).__name__}: {error}"
