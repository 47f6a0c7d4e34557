"""Other people's servers, on loopback: an MCP server of the library's own, and ones that misbehave."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import uvicorn
from aiohttp import web
from mcp.server.mcpserver import MCPServer

from supportdesk.core.tasks import Tasks


class Announcing(uvicorn.Server):
    """Says when it can be asked."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the door."""
        await super().startup(sockets)
        self.ready.set()


Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def mcp_server(server: MCPServer) -> AsyncIterator[str]:
    """Serve it over streamable HTTP; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = uvicorn.Config(
        server.streamable_http_app(stateless_http=True),
        host="127.0.0.1",
        port=port,
        log_level="error",
        lifespan="on",
        ws="none",
        loop="none",
    )
    running = Announcing(config)
    tasks = Tasks()
    serving = tasks.spawn(running.serve(), name="mcp server")
    await running.ready.wait()
    try:
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        running.should_exit = True
        await serving


@asynccontextmanager
async def http_server(answer: Answer) -> AsyncIterator[str]:
    """Answer everything in one way; its address."""
    app = web.Application(client_max_size=10 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
