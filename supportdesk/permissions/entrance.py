"""The one way in, for requests and for sockets: who is it, and what may they do."""

from typing import Final

from aiohttp import web

from supportdesk.accounts.entrance import StaffEntrance
from supportdesk.accounts.http import IDENTITY
from supportdesk.accounts.model import TOKEN_PREFIX as STAFF_TOKEN
from supportdesk.actor import Actor
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database, Lane
from supportdesk.core.secrets import Keyring
from supportdesk.core.sockets import GUEST, Namespace
from supportdesk.errors import Unauthenticated
from supportdesk.guests.actions import guest_of_token
from supportdesk.guests.model import TOKEN_PREFIX as GUEST_TOKEN
from supportdesk.permissions.grants import Grants

BEARER: Final = "Bearer "


class Entrance:
    """Knows staff by cookie or access token and guests by theirs; each token opens its own door only."""

    def __init__(self, db: Database, keys: Keyring, clock: Clock, staff: StaffEntrance, grants: Grants) -> None:
        self._db = db
        self._keys = keys
        self._clock = clock
        self._staff = staff
        self._grants = grants

    async def of_request(self, request: web.Request) -> Actor | None:
        """Who sent a request; None without cookie and token.

        A token counts before a cookie. Raises Unauthenticated for one that does not count, Forbidden for a write by
        cookie that does not prove to be meant.
        """
        header = request.headers.get("Authorization")
        if header is None:
            identity = await self._staff.by_cookie(request)
            if identity is None:
                return None
        elif header.startswith(BEARER + STAFF_TOKEN):
            identity = await self._staff.by_token(header.removeprefix(BEARER))
        elif header.startswith(BEARER + GUEST_TOKEN):
            guest = await guest_of_token(self._db, self._keys, self._clock, header.removeprefix(BEARER))
            return await self._grants.actor_of_guest(guest)
        else:
            raise Unauthenticated("This is no token of this desk; send `Authorization: Bearer` and the token.")
        request[IDENTITY] = identity
        return await self._grants.actor_of_staff(identity)

    async def of_socket(self, namespace: Namespace, token: str, _address: str) -> Actor:
        """Who connects: guests' tokens open /guest only, tickets and access tokens /desk only."""
        if namespace is GUEST:
            guest = await guest_of_token(self._db, self._keys, self._clock, token, lane=Lane.REALTIME)
            return await self._grants.actor_of_guest(guest)
        return await self._grants.actor_of_staff(await self._staff.by_socket_token(token))
