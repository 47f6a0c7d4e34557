"""A browser, and mailboxes: what tests of the way in share."""

import re
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import aiohttp
from aiohttp import CookieJar
from yarl import URL

from supportdesk.accounts.model import COOKIE
from tests.factories import PASSWORD
from tests.people import Desk

Json: TypeAlias = dict[str, Any]
GOOD = "a sentence nobody guesses"


@dataclass(slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str
    body: Any = None

    @property
    def code(self) -> str:
        """The code of a refusal."""
        return str(self.body["error"]["code"])

    @property
    def leads_to(self) -> str:
        """Where a redirect goes."""
        return self.headers["Location"]


@dataclass(slots=True)
class Browser:
    """Somebody with a cookie jar; sends Origin and X-CSRF-Token as a page of the desk does, unless told otherwise."""

    desk: Desk
    http: aiohttp.ClientSession
    csrf: str = ""
    origin: str | None = ""
    more: dict[str, str] = field(default_factory=dict)

    async def asks(
        self, method: str, path: str, body: object = None, *, form: Json | None = None, **headers: Any
    ) -> Answer:
        """One request, without following where it leads."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {**({"Origin": self.origin or self.desk.url} if self.origin is not None else {}), **self.more, **sent}
        if self.csrf and form is None:
            sent.setdefault("X-CSRF-Token", self.csrf)
        data = {**({"csrf_token": self.csrf} if self.csrf else {}), **form} if form is not None else None
        async with self.http.request(
            method, self.desk.url + path, json=body, data=data, headers=sent, allow_redirects=False
        ) as response:
            text = await response.text()
            is_json = response.content_type == "application/json"
            return Answer(response.status, dict(response.headers), text, await response.json() if is_json else None)

    async def signs_in(self, email: str, password: str) -> Answer:
        """Sign in; the token for writes is kept."""
        answer = await self.asks("POST", "/api/v1/auth/sessions", {"email": email, "password": password})
        if answer.status == 201:
            self.csrf = answer.body["csrf_token"]
        return answer

    def holds(self, token: str) -> "Browser":
        """The same browser with this session's cookie."""
        self.http.cookie_jar.update_cookies({COOKIE: token}, response_url=URL(self.desk.url))
        return self

    @property
    def cookie(self) -> str:
        """The session's token, or nothing."""
        jar = self.http.cookie_jar
        assert isinstance(jar, CookieJar)
        return next((cookie.value for cookie in jar if cookie.key == COOKIE), "")

    @property
    async def is_in(self) -> bool:
        """Whether the desk knows who this is."""
        return (await self.asks("GET", "/api/v1/auth/sessions")).status == 200


def browser(desk: Desk, **more: str) -> Browser:
    """A new browser."""
    return Browser(desk, desk.browser(), more={name.replace("_", "-"): value for name, value in more.items()})


async def signed_in(desk: Desk, who: str) -> Browser:
    """A browser in which somebody of the desk's workspace is signed in."""
    fresh = browser(desk)
    answer = await fresh.signs_in(desk.workspace.email(who), PASSWORD)
    assert answer.status == 201, answer.text
    return fresh


def path_of(link: str) -> str:
    """The path of a link to this desk."""
    return urlsplit(link).path


def links_in(text: str) -> list[str]:
    """The links a page shows to be copied."""
    return re.findall(r'value="(https?://[^"]+/(?:invitations|password|email)/[^"]+)"', text)
