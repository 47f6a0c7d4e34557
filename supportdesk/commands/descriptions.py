"""openapi, asyncapi."""

import argparse
import sys
from typing import TYPE_CHECKING, Any

import orjson

from supportdesk.config import Settings

if TYPE_CHECKING:
    from supportdesk.descriptions.documents import Descriptions


def add_to(commands: Any) -> None:
    """Add the commands of this module."""
    commands.add_parser("openapi", help="print the HTTP interface as OpenAPI 3.1").set_defaults(run=print_openapi)
    commands.add_parser("asyncapi", help="print the socket interface as AsyncAPI 3").set_defaults(run=print_asyncapi)


async def print_openapi(settings: Settings, _chosen: argparse.Namespace) -> int:
    """The document that the desk serves at /api/openapi.json."""
    _print(_descriptions(settings).openapi)
    return 0


async def print_asyncapi(settings: Settings, _chosen: argparse.Namespace) -> int:
    """The document that the desk serves at /api/asyncapi.json."""
    _print(_descriptions(settings).asyncapi)
    return 0


def _descriptions(settings: Settings) -> "Descriptions":
    from supportdesk import edges
    from supportdesk.descriptions.documents import Descriptions

    return Descriptions(edges.HTTP, edges.SOCKETS, settings.origin)


def _print(document: dict[str, Any]) -> None:
    sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n")
