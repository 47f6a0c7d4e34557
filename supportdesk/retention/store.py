"""Where archives lie: an object store, a local folder unless another is configured."""

import asyncio
import shutil
from pathlib import Path
from uuid import UUID

from obstore.store import LocalStore

from supportdesk.errors import ServerBusy


class ArchiveStore:
    """Puts, gets and deletes whole objects by path."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._store = LocalStore(prefix=folder)

    async def put(self, path: str, data: bytes) -> None:
        """Write an object; raises ServerBusy when the store takes no more."""
        try:
            await self._store.put_async(path, data)
        except OSError as error:
            raise ServerBusy(f"The archive store cannot be written: {error}.", retry_after=60) from error

    async def get(self, path: str) -> bytes:
        """Read an object."""
        return bytes(await (await self._store.get_async(path)).bytes_async())

    async def delete(self, paths: list[str]) -> None:
        """Delete objects; those that are gone already are no failure."""
        for path in paths:
            try:
                await self._store.delete_async(path)
            except FileNotFoundError:
                continue

    async def clear(self, location: str, archive_id: UUID) -> None:
        """Delete everything of an archive, objects that were half written when a process died included.

        Raises ValueError where the location is not the archive's own folder, ServerBusy where the store refuses.
        """
        folder = (self._folder / location).resolve()
        if folder.name != str(archive_id) or not folder.is_relative_to(self._folder.resolve()):
            raise ValueError(f"{location} is not the place of the archive {archive_id}")
        try:
            await asyncio.to_thread(shutil.rmtree, folder)
        except FileNotFoundError:
            return
        except OSError as error:
            raise ServerBusy(f"The archive store cannot be cleared: {error}.", retry_after=60) from error
