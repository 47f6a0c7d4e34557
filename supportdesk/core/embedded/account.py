"""The Unix user that PostgreSQL runs as: it refuses to be root, so root chooses somebody else."""

import errno
import itertools
import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from supportdesk.core.embedded.errors import EmbeddedError, user_name

# In the range that systemd leaves unused (its UIDS-GIDS.md). A number of its own keeps the data away from everything
# else that runs as nobody, and needs no entry in /etc/passwd.
OWN_UID: Final = 60815

# No PG* variable, locale or preloaded library of the caller reaches PostgreSQL.
ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class Account:
    """A user and group by number."""

    uid: int
    gid: int

    @property
    def is_us(self) -> bool:
        """Whether programs run as the user that we are."""
        return self.uid == os.geteuid()

    def run(
        self, argv: Sequence[str | Path], *, cwd: Path, limit_s: float, pass_fds: Sequence[int] = ()
    ) -> tuple[int, str]:
        """Run a program as this user in `cwd`, which only we need to be able to enter: exit status and all it said."""
        try:
            done = subprocess.run(  # noqa: S603 - programs of the wheel and /bin/sh, never a user's text
                argv,
                cwd=cwd,
                env=ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                check=False,
                timeout=limit_s,
                umask=0o077,
                pass_fds=pass_fds,
                user=None if self.is_us else self.uid,
                group=None if self.is_us else self.gid,
                extra_groups=None if self.is_us else [],
            )
        except subprocess.TimeoutExpired as error:
            raise EmbeddedError(
                f"{argv[0]} did not end within {limit_s:.0f} s: see whether the machine is overloaded."
            ) from error
        except OSError as error:
            if not self.is_us and error.errno in {errno.EPERM, errno.EINVAL}:
                raise EmbeddedError(
                    "PostgreSQL does not run as root, and root may not become another user here: "
                    "start the desk as a normal user, or set SUPPORTDESK_DATABASE_URL."
                ) from error
            raise
        return done.returncode, done.stdout

    def reaches(self, folder: Path) -> bool:
        """Whether this user can enter the folder from the root of the file system."""
        return self.is_us or self.run(["/bin/sh", "-c", 'cd -- "$0"', folder], cwd=Path("/"), limit_s=10)[0] == 0

    def for_initdb(self) -> "Account":
        """The same user, or nobody when it has no name: initdb looks its user up, the server itself does not."""
        try:
            pwd.getpwuid(self.uid)
        except KeyError:
            if self.is_us:
                raise EmbeddedError(
                    f"The {user_name(self.uid)} has no name on this machine, which PostgreSQL's initdb insists on: "
                    "add the user to /etc/passwd, or set SUPPORTDESK_DATABASE_URL."
                ) from None
            nobody = pwd.getpwnam("nobody")
            return Account(nobody.pw_uid, nobody.pw_gid)
        return self

    def own(self, folder: Path) -> None:
        """Give the folder and all that is in it to this user."""
        if self.is_us:
            return
        os.chown(folder, self.uid, self.gid)
        for parent, folders, files in os.walk(folder):
            for name in (*folders, *files):
                os.chown(Path(parent, name), self.uid, self.gid, follow_symlinks=False)


def account_for(home: Path, cluster: Path) -> Account:
    """Ourselves; for root whoever owns the data already, else a number of our own."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    for folder in (cluster, home):
        if folder.exists() and (owner := folder.stat()).st_uid != 0:
            return Account(owner.st_uid, owner.st_gid)
    unnamed = next(uid for uid in itertools.count(OWN_UID) if not _has_name(uid))
    return Account(unnamed, unnamed)


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
