"""robots list, robots check."""

import argparse
import sys
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from supportdesk.commands import replay
from supportdesk.config import Settings
from supportdesk.core import places
from supportdesk.errors import NotFound
from supportdesk.robots.discovery import Listing, discover, listing_in

if TYPE_CHECKING:
    from supportdesk.robots.conformance import Finding


def add_to(commands: Any) -> None:
    """Add the commands of this module."""
    robots = commands.add_parser("robots", help="list, check, write and replay robots")
    what = robots.add_subparsers(dest="what", required=True, metavar="WHAT")
    listing = what.add_parser("list", help="every robot found, and why one is not loaded")
    listing.set_defaults(run=list_robots)
    checking = what.add_parser("check", help="run the conformance suite on a robot")
    checking.add_argument("name", help="the robot's name, or the path of its folder")
    checking.set_defaults(run=check_robot)
    making = what.add_parser("new", help="write the folder of a robot that works as it stands")
    making.add_argument("name", help="lower-case letters, digits and underscores")
    making.add_argument("--folder", type=Path, help="where robots are; default: this server's")
    making.set_defaults(run=write_robot)
    replay.add_to(what)


async def list_robots(_settings: Settings, _chosen: argparse.Namespace) -> int:
    """Print a line for each robot that packages and folders offer."""
    for found in discover().listings:
        sys.stdout.write(f"{_line(found)}\n")
    return 0


def _line(found: Listing) -> str:
    if found.robot is None:
        return f"{found.name:<16} not loaded: {found.problem} ({found.source})"
    says = (found.robot.__doc__ or "").strip().partition("\n")[0]
    return f"{found.name:<16} {found.robot.version:<8} {says} ({found.source})"


async def write_robot(_settings: Settings, chosen: argparse.Namespace) -> int:
    """Write a robot's folder and say what to do with it."""
    from supportdesk.robots.sketch import write_sketch

    ours = places.folder("robots")
    place = write_sketch(chosen.folder or ours, chosen.name)
    is_ours = place.resolve().parent == ours.resolve()
    move = "" if is_ours else f"move the folder into {ours}, "
    sys.stdout.write(
        f"Wrote {place}. Change its robot.py and its test, then:\n"
        f"    supportdesk robots check {chosen.name if is_ours else place}\n"
        f"    python -m pytest {place}\n"
        f"When both pass, {move}restart the desk, and an admin installs it on /admin/robots.\n"
    )
    return 0


async def check_robot(_settings: Settings, chosen: argparse.Namespace) -> int:
    """Print what the robot does as it must and what it does not; 1 when there is any of the latter."""
    from supportdesk.robots.conformance import check

    listing = _meant(str(chosen.name))
    failures = count = 0
    async for finding in check(listing):
        count += not finding.remark
        failures += not finding.holds
        sys.stdout.write(_line_of(finding))
    passed = f"{count - failures} of {count} passed"
    rest = f"; mend the rest before you install {listing.name}" if failures else ""
    sys.stdout.write(f"{passed}{rest}.\n")
    return 1 if failures else 0


def _meant(name: str) -> Listing:
    """The robot of this name, or in this folder; raises NotFound."""
    listings = discover().listings if PurePath(name).name == name else ()
    # A folder whose robot is called otherwise, or by a name that is taken, is meant by its own name, too.
    by_folder = (found for found in listings if PurePath(found.source).name == name)
    listing = next((found for found in listings if found.name == name), None) or next(by_folder, None)
    if listing is None and Path(name, "robot.py").is_file():
        return listing_in(Path(name))
    if listing is None:
        raise NotFound(
            f"There is no robot called {name}, and no folder {name} with a robot.py; "
            "`supportdesk robots list` shows those on this server."
        )
    return listing


def _line_of(finding: "Finding") -> str:
    if finding.holds and not finding.remark:
        return f"PASS  {finding.says}\n"
    word, what = ("NOTE", finding.remark) if finding.holds else ("FAIL", finding.problem)
    advice = f"      What to do: {finding.advice}\n" if finding.advice else ""
    return f"{word}  {finding.says}\n      {what}\n{advice}"
