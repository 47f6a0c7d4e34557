"""Files of the server's home, written so that a kill in the middle leaves the old or the new, never half."""

import os
import tempfile
from pathlib import Path


def put(path: Path, text: str) -> None:
    """Make `path` hold exactly `text`, mode 0600."""
    if _holds(path, text):
        return
    fd, unfinished = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            inherit_owner(fd, path.parent)
            file.write(text)
            file.flush()
            os.fsync(fd)
        # Replacing, not writing through: whatever stood there, a link included, is not followed.
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
    settle(path.parent)


def inherit_owner(fd: int, folder: Path) -> None:
    """Give a new file to the owner of its folder: what root leaves in a user's folder must still be that user's."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(fd, owner.st_uid, owner.st_gid)


def settle(folder: Path) -> None:
    """Make the names in the folder survive a power cut."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _holds(path: Path, text: str) -> bool:
    try:
        return not path.is_symlink() and path.read_text("utf-8") == text
    except (OSError, UnicodeDecodeError):
        return False
