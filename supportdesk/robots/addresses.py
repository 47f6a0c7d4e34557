"""Judges the addresses in a robot's settings when they are saved; each request is judged again when it is made."""

from collections.abc import Mapping

from pydantic import JsonValue

from supportdesk.core.outward import Outward
from supportdesk.robots.contract import Robot
from supportdesk.robots.schema import fields_of


async def look_at_addresses(
    outward: Outward, robot: type[Robot], before: Mapping[str, JsonValue], wanted: Mapping[str, JsonValue]
) -> bool:
    """Whether the hosts of all addresses that are to change are found now; no transaction may be open.

    An address is a setting whose schema says `"format": "uri"`. Raises Invalid for one that no request would reach.
    """
    found = True
    for field in fields_of(robot.Settings):
        value = wanted.get(field.path)
        if field.is_address and isinstance(value, str) and value and value != before.get(field.path):
            found = await outward.look(value, field.path) and found
    return found
