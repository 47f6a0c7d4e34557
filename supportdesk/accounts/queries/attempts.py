"""SQL of attempts to sign in: rows of nobody's workspace, so that they are counted before anybody is known."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from supportdesk.core.address import Address, Network
from supportdesk.core.db import Connection

LOCK: Final = """
    SELECT pg_advisory_xact_lock($1, $2) -- tries at the same account, or from the same address, are counted one by one
"""

FAILURES_OF_SUBJECT: Final = """
    SELECT count(*) AS failures,
           coalesce(extract(epoch FROM clock_timestamp() - max(attempted_at)), 0)::float8 AS since_last_s
      FROM sign_in_attempts
     WHERE subject_hash = $1 AND NOT succeeded AND attempted_at > now() - $2::interval
       AND attempted_at > coalesce((
               SELECT max(s.attempted_at)
                 FROM sign_in_attempts s
                WHERE s.subject_hash = $1 AND s.succeeded
           ), '-infinity')
"""

FAILURES_OF_NETWORK: Final = """
    SELECT count(*) AS failures,
           coalesce(extract(epoch FROM clock_timestamp() - max(attempted_at)), 0)::float8 AS since_last_s
      FROM sign_in_attempts
     WHERE address >= $1::inet AND address <= $2::inet AND NOT succeeded AND attempted_at > now() - $3::interval
"""

INSERT_ATTEMPT: Final = """
    INSERT INTO sign_in_attempts (subject_hash, address, succeeded, reason)
         VALUES ($1, $2, $3, $4)
      RETURNING id
"""

DELETE_ATTEMPT: Final = """
    DELETE FROM sign_in_attempts
     WHERE id = $1
"""

SUBJECTS: Final = 732
ADDRESSES: Final = 733


@dataclass(frozen=True, slots=True)
class Failures:
    """How often it went wrong lately, and how long ago it last did."""

    count: int
    since_last_s: float


async def failures(
    conn: Connection, subject_hash: bytes, network: Network, counted_for: timedelta
) -> tuple[Failures, Failures]:
    """Failures at this account since its last success, and from this network; nobody else counts meanwhile.

    Holds both until the transaction ends.
    """
    await conn.execute(LOCK, SUBJECTS, _lock_key(subject_hash))
    await conn.execute(LOCK, ADDRESSES, _lock_key(network.network_address.packed))
    of_subject = await conn.fetchrow(FAILURES_OF_SUBJECT, subject_hash, counted_for)
    of_network = await conn.fetchrow(
        FAILURES_OF_NETWORK, network.network_address, network.broadcast_address, counted_for
    )
    if of_subject is None or of_network is None:
        raise LookupError("A count came back as no row")
    return Failures(*of_subject), Failures(*of_network)


async def insert_attempt(
    conn: Connection, subject_hash: bytes, address: Address, *, succeeded: bool, reason: str
) -> UUID:
    """Write down a try."""
    attempt_id: UUID = await conn.fetchval(INSERT_ATTEMPT, subject_hash, address, succeeded, reason)
    return attempt_id


async def delete_attempt(conn: Connection, attempt_id: UUID) -> None:
    """A try that was counted as failed has succeeded."""
    await conn.execute(DELETE_ATTEMPT, attempt_id)


def _lock_key(of: bytes) -> int:
    return int.from_bytes(hashlib.sha256(of).digest()[:4], "big", signed=True)
