"""Archives what is due in one workspace, and is killed while it writes. Run by a test, as a process of its own."""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from supportdesk.actor import WorkspaceId
from supportdesk.config import Settings
from supportdesk.core.db import Database
from supportdesk.core.events import Bus
from supportdesk.core.tasks import Tasks
from supportdesk.retention import actions
from supportdesk.retention.store import ArchiveStore


class Deadly(ArchiveStore):
    """A store that the out-of-memory killer does not survive: some files are written, the last of them by half."""

    async def put(self, path: str, data: bytes) -> None:
        await super().put(path, data)
        if path.endswith("messages.parquet"):
            (self._folder / f"{path}#1").write_bytes(data[:10])  # as the store names what it has not yet finished
            os.kill(os.getpid(), signal.SIGKILL)


async def main(dsn: str, folder: str, workspace_id: str) -> None:
    """Archive until it ends."""
    db = Database(Settings.load(_env_file=None, db_pool_min=0), dsn, Bus(Tasks()))
    await db.open()
    now = datetime.now(UTC)  # noqa: TID251 - the action is handed its time
    await actions.run(db, Deadly(Path(folder)), WorkspaceId(UUID(workspace_id)), now)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
