"""The documents over HTTP, unless a setting closes them."""

from aiohttp import web

from supportdesk.config import Settings
from supportdesk.core.http import Routes
from supportdesk.core.wire import to_json
from supportdesk.descriptions.documents import Descriptions
from supportdesk.errors import NotFound

routes = Routes()


@routes.get("/api/openapi.json", public="programmers read it before they have an account", hidden=True)
async def show_openapi(settings: Settings, descriptions: Descriptions) -> web.Response:
    """What can be asked over HTTP."""
    _must_be_open(settings)
    return web.Response(body=to_json(descriptions.openapi), content_type="application/json")


@routes.get("/api/asyncapi.json", public="programmers read it before they have an account", hidden=True)
async def show_asyncapi(settings: Settings, descriptions: Descriptions) -> web.Response:
    """What can be said and heard over Socket.IO."""
    _must_be_open(settings)
    return web.Response(body=to_json(descriptions.asyncapi), content_type="application/json")


def _must_be_open(settings: Settings) -> None:
    if not settings.api_docs:
        raise NotFound("There is nothing at this address.")
