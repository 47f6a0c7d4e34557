"""UUID v7 made here, so that an id is known before its row is written."""

import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """A time-ordered UUID (RFC 9562, version 7): 48 bits of milliseconds, 74 bits of chance."""
    stamp = time.time_ns() // 1_000_000
    chance = int.from_bytes(os.urandom(10), "big")
    high = (stamp << 16) | 0x7000 | (chance >> 68 & 0xFFF)
    low = (0b10 << 62) | (chance & 0x3FFF_FFFF_FFFF_FFFF)
    return UUID(int=(high << 64) | low)
