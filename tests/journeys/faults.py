"""What a browser complains of: errors on the console, broken rules of content security, requests that go astray."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.async_api import BrowserContext, ConsoleMessage, Request, Response, WebError

TELL_VIOLATIONS = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`content security: ${event.violatedDirective} forbids ${event.blockedURI}`));"""


class Faults:
    """Everything that went wrong in the pages of some contexts; a journey ends with none."""

    def __init__(self, *origins: str) -> None:
        self.origins = origins
        self.found: list[str] = []
        self._outage = False

    def allow(self, origin: str) -> None:
        """Pages of this origin belong to the journey too."""
        self.origins = (*self.origins, origin)

    async def watch(self, context: BrowserContext) -> None:
        """Look at a context from now on."""
        await context.add_init_script(TELL_VIOLATIONS)
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)
        context.on("request", self._on_request)
        context.on("requestfailed", self._on_failed)
        context.on("response", self._on_response)

    @contextmanager
    def outage(self) -> Iterator[None]:
        """While it lasts, browsers may complain that the desk cannot be reached."""
        self._outage = True
        try:
            yield
        finally:
            self._outage = False

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        # The browser's own line about a refused answer or a lost connection; the pages deal with both.
        about_network = "Failed to load resource" in message.text or "WebSocket connection to" in message.text
        if not (self._outage and about_network):
            self.found.append(f"console: {message.text} ({message.location['url']})")

    def _on_error(self, error: WebError) -> None:
        self.found.append(f"script: {error.error}")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((*self.origins, "data:", "blob:", "about:")):
            self.found.append(f"off-origin: {request.url}")

    def _on_failed(self, request: Request) -> None:
        # A page that is left drops what it was still reading.
        if not self._outage and request.failure != "net::ERR_ABORTED":
            self.found.append(f"failed: {request.method} {request.url}: {request.failure}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 500 and not self._outage:
            self.found.append(f"{response.status}: {response.url}")
