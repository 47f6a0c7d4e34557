"""robots list, robots check."""

import argparse
import sys
from typing import Any

from supportdesk.commands import replay
from supportdesk.config import Settings
from supportdesk.errors import NotFound
from supportdesk.robots.discovery import Listing, discover


def add_to(commands: Any) -> None:
    """Add the commands of this module."""
    robots = commands.add_parser("robots", help="list, check, write and replay robots")
    what = robots.add_subparsers(dest="what", required=True, metavar="WHAT")
    listing = what.add_parser("list", help="every robot found, and why one is not loaded")
    listing.set_defaults(run=list_robots)
    checking = what.add_parser("check", help="run the conformance suite on a robot")
    checking.add_argument("name", help="the robot's name")
    checking.set_defaults(run=check_robot)
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


async def check_robot(_settings: Settings, chosen: argparse.Namespace) -> int:
    """Print what the robot does as it must and what it does not; 1 when there is any of the latter."""
    from supportdesk.robots.conformance import check

    name = str(chosen.name)
    listing = next((found for found in discover().listings if found.name == name), None)
    if listing is None:
        raise NotFound(f"There is no robot called {name}; `supportdesk robots list` shows those on this server.")
    failures = 0
    async for finding in check(listing):
        failures += not finding.holds
        sys.stdout.write(
            f"ok    {finding.says}\n" if finding.holds else f"FAIL  {finding.says}\n      {finding.problem}\n"
        )
    return 1 if failures else 0
