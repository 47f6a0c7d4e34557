"""What can go wrong with the embedded server, each as one sentence that names the way out."""

import errno
import os
import pwd
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

# A server needs at least one new WAL segment (16 MB) and some room for its own notes.
LEAST_FREE_BYTES: Final = 32 * 1024 * 1024

IN_USE: Final = re.compile(r"lock file \"[^\"]+\" already exists|pre-existing shared memory block")
COMPLAINT: Final = re.compile(r"(?:FATAL|PANIC|ERROR|initdb: error|could not): *(.+)", re.IGNORECASE)


class EmbeddedError(Exception):
    """The embedded PostgreSQL cannot be used; `sentence` tells an administrator why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what the operating system refuses below `path` into a sentence."""
    try:
        yield
    except OSError as error:
        culprit = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else path
        raise EmbeddedError(_refusal(error, culprit)) from error


def complaint(output: str, home: Path, *, holder: int | None = None) -> EmbeddedError:
    """The error for what initdb or the server printed before it gave up; `holder` is whom postmaster.pid names."""
    found = COMPLAINT.findall(output)
    if IN_USE.search(output):
        who = f"process {holder}" if holder else "processes of an earlier server"
        return EmbeddedError(f"The data directory {home} is in use by another PostgreSQL ({who}): stop it, then retry.")
    # On a full disk the complaint may not have found its way into a log, or speak of what came of it only.
    if "No space left on device" in output or "Disk quota exceeded" in output or _nearly_full(home):
        return EmbeddedError(disk_full(home))
    last = found[-1] if found else (output.strip().splitlines() or ["it said nothing"])[-1]
    return EmbeddedError(
        f"PostgreSQL could not start in {home} ({last.strip()}); its log is in {home / 'cluster' / 'log'}, "
        "and a damaged directory is replaced by a backup."
    )


def disk_full(home: Path) -> str:
    """Say that nothing can be written any more."""
    return f"The disk that holds {home} is full: free some space and start again."


def user_name(uid: int) -> str:
    """The user as people know it, for sentences."""
    try:
        return f"user {pwd.getpwuid(uid).pw_name}"
    except KeyError:
        return f"user {uid}"


def _nearly_full(home: Path) -> bool:
    try:
        return shutil.disk_usage(home).free < LEAST_FREE_BYTES
    except OSError:
        return False


def _refusal(error: OSError, path: Path) -> str:
    me = user_name(os.geteuid())
    match error.errno:
        case errno.EACCES | errno.EPERM:
            return (
                f"The {me} has no permission for {path}: give it to that user with chown, "
                "or choose another folder with SUPPORTDESK_DATA_DIR."
            )
        case errno.EROFS:
            return f"{path} is on a read-only file system: choose another folder with SUPPORTDESK_DATA_DIR."
        case errno.ENOSPC | errno.EDQUOT:
            return disk_full(path)
        case _:
            return (
                f"{path} cannot be used ({error.strerror}): choose a folder on a local disk with SUPPORTDESK_DATA_DIR."
            )
