"""Whether the desk lives, whether it can serve, and what it counts."""

import asyncio

from aiohttp import web
from prometheus_client import generate_latest

from supportdesk.config import Settings
from supportdesk.core import fast_socket, watch
from supportdesk.core.address import client_address
from supportdesk.core.db import Database
from supportdesk.core.http import Routes
from supportdesk.core.metrics import REGISTRY, UNSENT
from supportdesk.core.tasks import Tasks
from supportdesk.errors import DeskError, NotFound

routes = Routes()
LAG_LIMIT_S = 1.0


@routes.get("/healthz", public="load balancers and people ask without a sign-in", hidden=True)
async def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@routes.get("/readyz", public="load balancers and people ask without a sign-in", hidden=True)
async def ready(db: Database, loop: watch.LoopWatch) -> web.Response:
    """The database answers and the event loop keeps up; 503 with the reason otherwise."""
    problems = []
    try:
        async with asyncio.timeout(2), db.bare() as conn:
            await conn.execute("SELECT 1")
    except (DeskError, TimeoutError):
        problems.append("the database does not answer")
    if loop.worst_s > LAG_LIMIT_S:
        problems.append(f"the event loop runs {loop.worst_s:.1f} s late")
    body = {"status": "ok" if not problems else "not ready", "problems": problems}
    return web.json_response(body, status=503 if problems else 200)


@routes.get("/metrics", public="a setting closes it to other machines", hidden=True)
async def metrics(
    request: web.Request, settings: Settings, db: Database, tasks: Tasks, server: fast_socket.DeskServer
) -> web.Response:
    """Everything in Prometheus' text format."""
    if not (settings.metrics_public or client_address(request, settings).is_loopback):
        raise NotFound("There is nothing at this address.")
    watch.sample(db, tasks)
    UNSENT.set(fast_socket.stats(server).unsent_bytes)
    return web.Response(body=generate_latest(REGISTRY), content_type="text/plain", charset="utf-8")
