"""The passwords of the embedded server, made once and kept in one file that only its owner reads."""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from supportdesk.core.embedded.errors import EmbeddedError
from supportdesk.core.embedded.files import put

SUPERUSER: Final = "postgres"
OWNER: Final = "desk_owner"
ITERATIONS: Final = 1
"""Stretching is for passwords that can be guessed: these are 256 random bits, and each connection pays for it anew."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A password for each of the two roles that log in."""

    superuser: str
    owner: str


def find_credentials(path: Path) -> Credentials | None:
    """The kept passwords, or None when there are none yet."""
    try:
        kept = json.loads(path.read_text("utf-8"))
        return Credentials(superuser=str(kept["superuser"]), owner=str(kept["owner"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise EmbeddedError(f"The password file {path} is damaged: put it back from a backup.") from error


def make_credentials(path: Path) -> Credentials:
    """Make new passwords and keep them."""
    made = Credentials(superuser=secrets.token_urlsafe(32), owner=secrets.token_urlsafe(32))
    put(path, json.dumps(asdict(made)))
    return made


def verifier(password: str) -> str:
    """What PostgreSQL stores for a password (RFC 5802), so that the password itself is in no statement and no log."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${ITERATIONS}:{_text(salt)}${_text(stored)}:{_text(server)}"


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
