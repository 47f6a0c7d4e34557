"""The data directory: made in one piece, checked, configured, and its postmaster launched."""

import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from supportdesk.core.embedded import conf
from supportdesk.core.embedded.account import Account
from supportdesk.core.embedded.credentials import SUPERUSER
from supportdesk.core.embedded.errors import EmbeddedError, complaint
from supportdesk.core.embedded.files import put, settle
from supportdesk.core.embedded.home import Home
from supportdesk.core.embedded.processes import processes_named, recorded_pid, runs_elsewhere
from supportdesk.core.embedded.programs import Programs

UNFINISHED: Final = "cluster.new-"
KEPT_LOGS: Final = 5  # of 10 MB each
STARTUP_LOG: Final = "startup.log"
INITDB_LIMIT_S: Final = 300.0
# pg_ctl waits no longer than this, so that Ctrl-C is heard; a longer recovery is awaited without it.
PG_CTL_WAIT_S: Final = 5
ACTIVE_IN_SHELL: Final = re.compile(r"[\"$`\\\n]")
GROWING_UP_S: Final = 0.2
HERE: Final = "/proc/self/cwd"


@dataclass(frozen=True, slots=True)
class Cluster:
    """The data directory of a home, for one account and one set of programs."""

    home: Home
    account: Account
    programs: Programs

    @property
    def logs(self) -> Path:
        """The folder of the server's log files."""
        return self.home.cluster / conf.LOGS

    def exists(self) -> bool:
        """Whether there is a data directory, whatever its state."""
        return self.home.cluster.exists()

    def create(self, password: str, *, durable: bool) -> None:
        """Make the data directory beside its place and move it there when it is whole: a kill leaves all or nothing."""
        unfinished = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=self.home.folder))
        try:
            self._initdb(unfinished, password, durable=durable)
            main = unfinished / "postgresql.conf"
            put(main, f"{main.read_text('utf-8')}\ninclude '{conf.INCLUDED_AS}'\n")
            put(unfinished / conf.INCLUDED_AS, conf.HEADER)
            self.account.own(unfinished)
            unfinished.rename(self.home.cluster)
            settle(self.home.folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what a killed initdb has left, or the next start does if that initdb still writes."""
        for leftover in self.home.folder.glob(f"{UNFINISHED}*"):
            shutil.rmtree(leftover, ignore_errors=True)

    def check(self) -> None:
        """Refuse a data directory that these programs cannot open, and mend what only needs a new owner or mode."""
        folder = self.home.cluster
        try:
            made_by = (folder / "PG_VERSION").read_text("ascii").strip()
        except FileNotFoundError:
            made_by = ""
        if not made_by or not (folder / "global" / "pg_control").exists():
            raise EmbeddedError(
                f"The data directory {folder} is incomplete: restore it from a backup, "
                "or move it away to begin with an empty desk."
            )
        if made_by != self.programs.major:
            raise EmbeddedError(
                f"The data directory {folder} was made by PostgreSQL {made_by}, but PostgreSQL {self.programs.major} "
                f"is installed: start the desk that came with {made_by} and take a backup there, then restore it into "
                "an empty directory; or set SUPPORTDESK_DATABASE_URL."
            )
        if folder.stat().st_uid != self.account.uid:
            self.account.own(folder)
        folder.chmod(0o700)

    def configure(self, socket_dir: Path, *, durable: bool) -> str:
        """Write our settings; their fingerprint, together with the programs' version."""
        texts = (conf.settings(socket_dir, durable=durable), conf.admission(SUPERUSER))
        for name, text in zip((conf.INCLUDED_AS, "pg_hba.conf"), texts, strict=True):
            put(self.home.cluster / name, text)
        return hashlib.sha256("\0".join((self.programs.version, *texts)).encode()).hexdigest()[:16]

    def launched_with(self, fingerprint: str) -> bool:
        """Whether the running postmaster is these very programs and read these very settings."""
        try:
            options = (self.home.cluster / "postmaster.opts").read_text("utf-8")
        except FileNotFoundError:
            return False
        return options.startswith(f"{self.programs.path('postgres')} ") and fingerprint in options

    def runs_unseen(self) -> bool:
        """Whether the server runs where we cannot see its processes, as in another container."""
        return not processes_named(self.home.name, self.account) and not self.home.life.is_free()

    def has_lost_its_postmaster(self) -> bool:
        """Whether processes of the server are left that no postmaster looks after any more."""
        alive = processes_named(self.home.name, self.account)
        return bool(alive) and recorded_pid(self.home.cluster) not in alive

    def clear_stale(self, socket_dir: Path) -> None:
        """Remove what a killed postmaster left, also when its number has since gone to another process.

        Call it when no process of this cluster is left. A server that somebody else started here is left alone:
        PostgreSQL itself refuses to start beside it.
        """
        pid_file = self.home.cluster / "postmaster.pid"
        if recorded_pid(self.home.cluster) is None and pid_file.exists():
            # Without a number it is either as old as this moment, or what a power cut has left.
            time.sleep(GROWING_UP_S)
        pid = recorded_pid(self.home.cluster)
        if pid is not None and runs_elsewhere(pid, self.account):
            return
        for stale in (
            pid_file,
            socket_dir / f".s.PGSQL.{conf.PORT}",
            socket_dir / f".s.PGSQL.{conf.PORT}.lock",
        ):
            stale.unlink(missing_ok=True)

    def launch(self, fingerprint: str) -> Callable[[], EmbeddedError]:
        """Start the postmaster in a session of its own; the result says why, in case it turns out not to run.

        The caller holds the home's `life`, which the postmaster and its children inherit.
        """
        self.trim_logs()
        folder = self.home.cluster
        (folder / STARTUP_LOG).unlink(missing_ok=True)
        old_logs = {log: log.stat().st_size for log in self._logs()}
        _, said = self.account.run(
            [
                *(self.programs.path("pg_ctl"), "start", "--silent", "--wait", f"--timeout={PG_CTL_WAIT_S}"),
                *("-D", self._address(folder, self.account), "-l", STARTUP_LOG),
                *("-o", f"-c cluster_name={self.home.name} -c supportdesk.fingerprint={fingerprint}"),
            ],
            cwd=folder,
            limit_s=PG_CTL_WAIT_S + 30,
            pass_fds=(self.home.life.heirloom(),),
        )

        def why() -> EmbeddedError:
            words = [said]
            with suppress(FileNotFoundError):
                words.append((folder / STARTUP_LOG).read_text("utf-8", "replace"))
            words += (log.read_bytes()[old_logs.get(log, 0) :].decode("utf-8", "replace") for log in self._logs())
            return complaint("\n".join(words), self.home.folder, holder=recorded_pid(folder))

        return why

    def trim_logs(self) -> None:
        """Keep the latest log files only; PostgreSQL begins a new one every 10 MB but removes none."""
        for log in self._logs()[:-KEPT_LOGS]:
            log.unlink(missing_ok=True)

    def _initdb(self, folder: Path, password: str, *, durable: bool) -> None:
        maker = self.account.for_initdb()
        maker.own(folder)
        with tempfile.TemporaryFile(dir=self.home.folder) as secret:
            secret.write(password.encode("ascii"))
            secret.flush()
            os.fchown(secret.fileno(), maker.uid, maker.gid)
            status, said = maker.run(
                [
                    *(self.programs.path("initdb"), "-D", self._address(folder, maker), "--no-instructions"),
                    *(f"--username={SUPERUSER}", f"--pwfile=/dev/fd/{secret.fileno()}"),
                    *("--auth-local=scram-sha-256", "--auth-host=reject"),
                    # Sorting by PostgreSQL itself: no index depends on the version of the system's C library.
                    *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                    *(() if durable else ("--no-sync", "--wal-segsize=1")),
                ],
                cwd=folder,
                limit_s=INITDB_LIMIT_S,
                pass_fds=(secret.fileno(),),
            )
        if status != 0:
            raise complaint(said, self.home.folder)

    def _address(self, folder: Path, account: Account) -> str:
        """How the programs, started in `folder`, call it: they need not be able to walk there from the root."""
        if account.reaches(folder) and not ACTIVE_IN_SHELL.search(str(folder)):
            return str(folder)
        if not Path(HERE).exists():
            raise EmbeddedError(
                f"PostgreSQL does not run as root, and other users cannot reach {folder}: "
                "choose another folder with SUPPORTDESK_DATA_DIR."
            )
        return HERE

    def _logs(self) -> list[Path]:
        return sorted(self.logs.glob("postgresql-*.log"))
