"""What tools do when somebody has decided."""

from supportdesk.core.events import Bus
from supportdesk.core.sockets import DESK, Emitter, workspace_channel
from supportdesk.tools.events import ToolsApproved, WaitingChanged
from supportdesk.tools.executor import Executor


def setup(bus: Bus, emitter: Emitter, executor: Executor) -> None:
    """Run what was approved, and let lists look again where something waits."""

    async def run(approved: ToolsApproved) -> None:
        for execution_id in approved.execution_ids:
            await executor.run(approved.workspace_id, execution_id)

    def tell(changed: WaitingChanged) -> None:
        emitter.emit(
            "inbox.changed",
            {"room_ids": [str(changed.room_id)]},
            to=workspace_channel(changed.workspace_id),
            namespace=DESK,
            ephemeral=True,
        )

    bus.on(ToolsApproved, run)
    bus.at_once(WaitingChanged, tell)
