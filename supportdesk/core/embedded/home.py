"""The folder that holds everything of the embedded server, and where its parts lie."""

import hashlib
import os
import re
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from supportdesk.core.embedded.account import Account
from supportdesk.core.embedded.conf import PORT
from supportdesk.core.embedded.errors import EmbeddedError, explained, user_name
from supportdesk.core.embedded.locks import FileLock
from supportdesk.core.embedded.processes import OURS

# The longest path of a unix socket is 107 bytes on Linux, 103 on macOS.
LONGEST_SOCKET: Final = 103
PLAIN: Final = re.compile(r"[A-Za-z0-9_./+@-]+")
RUNTIME_FOLDERS: Final = (Path("/run"), Path("/tmp"))  # noqa: S108 - ours below it is 0700 and its owner is checked


class Home:
    """Names and places below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
        self.name = f"{OURS}{digest}"
        self.cluster = self.folder / "cluster"
        self.credentials = self.folder / "credentials.json"
        self.life = FileLock(self.folder / "server.lock")

    def prepare(self) -> None:
        """Make the folder when it is new, and make sure that it is ours to use."""
        with explained(self.folder):
            with suppress(FileExistsError):  # from an earlier start, or another process made it a moment ago
                self.folder.mkdir(parents=True)
                # PostgreSQL's own user passes through root's folder, but sees only what is its own.
                self.folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
            for folder in (self.folder, self.cluster):
                if folder.exists():
                    _must_be_ours(folder)

    def socket_dir(self, account: Account) -> Path:
        """The folder for the socket, made for the account: in the home, or where that would not do, a short one."""
        inside = self.folder / "run"
        if _fits(inside) and account.reaches(self.folder):
            return _private(inside, account)
        for base in RUNTIME_FOLDERS:
            if os.access(base, os.W_OK | os.X_OK):
                return _private(_private(base / f"supportdesk-{account.uid}", account) / self.name, account)
        raise EmbeddedError(
            f"{self.folder} is no place for a unix socket (its path is too long, or closed to PostgreSQL's user), and "
            "/run and /tmp cannot be written: choose a shorter SUPPORTDESK_DATA_DIR."
        )


def _must_be_ours(folder: Path) -> None:
    owner = folder.stat().st_uid
    me = os.geteuid()
    if me not in {0, owner}:
        raise EmbeddedError(
            f"{folder} belongs to {user_name(owner)}, but this command runs as {user_name(me)}: run it as the owner, "
            f"give the folder away with `chown -R {me} {folder}`, or choose another one with SUPPORTDESK_DATA_DIR."
        )


def _fits(folder: Path) -> bool:
    socket = folder / f".s.PGSQL.{PORT}"
    return len(os.fsencode(socket)) <= LONGEST_SOCKET and PLAIN.fullmatch(str(folder)) is not None


def _private(folder: Path, account: Account) -> Path:
    """Make a folder for the account alone; refuse one that somebody else has put there."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {account.uid, os.geteuid()}:
        raise EmbeddedError(f"{folder} belongs to {user_name(found.st_uid)}: remove it and start again.")
    os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)
    return folder
