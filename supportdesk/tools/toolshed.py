"""Which tools there are in a workspace: those that ship, and those that its admins have added."""

from collections.abc import Collection, Sequence
from typing import Protocol

from supportdesk.actor import WorkspaceId
from supportdesk.core.db import Connection
from supportdesk.errors import NotFound
from supportdesk.tools.declaration import Tool
from supportdesk.tools.model import Execution


class Source(Protocol):
    """Where more tools come from."""

    async def tools_of(self, conn: Connection, workspace_id: WorkspaceId) -> Sequence[Tool]:
        """The workspace's tools of this kind, read from rows: nothing is asked over the network."""


class Toolshed:
    """All tools by name; a name belongs to what ships, else to the first source that has it."""

    def __init__(self, shipped: Sequence[Tool], sources: Sequence[Source] = ()) -> None:
        self._shipped = {tool.name: tool for tool in shipped}
        self._sources = list(sources)

    @property
    def shipped(self) -> list[Tool]:
        """What every workspace has."""
        return list(self._shipped.values())

    def ships(self, name: str) -> bool:
        """Whether the name belongs to a tool that ships."""
        return name in self._shipped

    async def tools_of(self, conn: Connection, workspace_id: WorkspaceId) -> dict[str, Tool]:
        """The workspace's tools by name, in the order of their names."""
        found = dict(self._shipped)
        for source in self._sources:
            for tool in await source.tools_of(conn, workspace_id):
                found.setdefault(tool.name, tool)
        return dict(sorted(found.items()))

    async def made_as(
        self, conn: Connection, workspace_id: WorkspaceId, calls: Collection[Execution]
    ) -> dict[str, Tool]:
        """The tools of these calls by their fingerprints: what has changed since a call was asked for is not there."""
        names = {call.tool_name for call in calls}
        found = self._shipped if names <= self._shipped.keys() else await self.tools_of(conn, workspace_id)
        return {tool.fingerprint: tool for name, tool in found.items() if name in names}

    async def tool_for(self, conn: Connection, workspace_id: WorkspaceId, name: str) -> Tool:
        """One tool; raises NotFound, which names it."""
        shipped = self._shipped.get(name)
        tool = shipped if shipped is not None else (await self.tools_of(conn, workspace_id)).get(name)
        if tool is None:
            raise NotFound(f"There is no tool called {name[:80]} in this workspace.", code="unknown_tool")
        return tool
