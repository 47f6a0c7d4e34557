"""Hashing passwords beside the event loop: argon2id takes its 20 milliseconds and 19 MiB each time."""

import asyncio
from collections.abc import Callable
from functools import cache
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from supportdesk.accounts.model import normal_password
from supportdesk.errors import ServerBusy

AT_ONCE: Final = 2
WAITING: Final = 50

T = TypeVar("T")


class Passwords:
    """argon2id with the parameters that OWASP names as the least (19 MiB, two passes, one lane)."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """The hash to keep; raises ServerBusy when too many wait for theirs."""
        return await self._beside(lambda: _hasher().hash(normal_password(password)))

    async def is_right(self, kept: str | None, password: str) -> bool:
        """Whether the password is the one of the hash; as much work when there is no hash to compare with."""

        def verify() -> bool:
            try:
                return _hasher().verify(_nobodys_hash() if kept is None else kept, normal_password(password))
            except (VerifyMismatchError, VerificationError, InvalidHashError):
                return False

        return await self._beside(verify) and kept is not None

    @staticmethod
    def is_outdated(kept: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return _hasher().check_needs_rehash(kept)

    async def _beside(self, work: Callable[[], T]) -> T:
        if self._waiting >= WAITING:
            raise ServerBusy("Too many people are signing in at this moment; try again.", retry_after=2)
        self._waiting += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@cache
def _nobodys_hash() -> str:
    return _hasher().hash("nobody has this password")
