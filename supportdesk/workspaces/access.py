"""The doors to sites: by public key for the widget, by id for an admin."""

from typing import Final
from uuid import UUID

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.core.clock import Clock
from supportdesk.core.db import Connection, Database, Tx
from supportdesk.errors import NotFound
from supportdesk.workspaces import queries
from supportdesk.workspaces.events import SiteChanged
from supportdesk.workspaces.model import Site

REMEMBERED_S: Final = 5.0
MOST: Final = 10_000
LONGEST_KEY: Final = 64


class Sites:
    """Sites by public key, remembered for a few seconds: each visit to a page of a shop asks for one."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._known: dict[str, tuple[float, Site]] = {}

    async def find_site(self, site_key: str) -> Site | None:
        """The active site of a key, in whichever workspace it is."""
        now = self._clock.monotonic()
        at, site = self._known.get(site_key, (None, None))
        if site is not None and at is not None and now - at < REMEMBERED_S:
            return site
        if not 1 <= len(site_key) <= LONGEST_KEY or not site_key.isascii() or "\x00" in site_key:
            return None
        async with self._db.bare() as conn:
            site = await queries.site_of_key(conn, site_key)
        if len(self._known) >= MOST:
            self._known.clear()
        if site is not None:
            self._known[site_key] = (now, site)
        return site

    async def site_for(self, site_key: str) -> Site:
        """The active site of a key; raises NotFound."""
        site = await self.find_site(site_key)
        if site is None:
            raise NotFound("There is no site of this key; check the data-site-key of the script tag.")
        return site

    def forget(self, changed: SiteChanged) -> None:
        """Look the site up again."""
        self._known.pop(changed.site_key, None)


async def site_of_workspace(tx: Tx, site_id: UUID) -> Site:
    """One's own workspace's site; raises NotFound alike for a missing one and for another workspace's."""
    site = await queries.find_site(tx.conn, site_id)
    if site is None:
        raise NotFound("There is no such site.")
    return site


async def is_set_up(db: Database) -> bool:
    """Whether the installation has a workspace at all."""
    async with db.bare() as conn:
        return await queries.is_any_workspace(conn)


async def must_be_empty(tx: Tx) -> None:
    """Raise NotFound unless the desk has no workspace; whoever asks at the same time waits for this transaction."""
    await queries.lock_first_run(tx.conn)
    if await queries.is_any_workspace(tx.conn):
        raise NotFound("This desk is set up already; sign in.")


async def list_workspaces(db: Database) -> dict[WorkspaceId, str]:
    """Every workspace of the installation with its name: for the command line, whose user owns them all."""
    async with db.bare() as conn:
        ids = await queries.workspace_ids(conn)
    named: dict[WorkspaceId, str] = {}
    for workspace_id in ids:
        async with db.read(Actor.system(workspace_id)) as conn:
            name = await queries.workspace_name(conn, workspace_id)
        if name is not None:
            named[workspace_id] = name
    return named


async def name_of(conn: Connection, workspace_id: WorkspaceId) -> str:
    """What a workspace is called; raises NotFound when it is gone."""
    name = await queries.workspace_name(conn, workspace_id)
    if name is None:
        raise NotFound("There is no such workspace.")
    return name
