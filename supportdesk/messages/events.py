"""What messages announce."""

from collections.abc import Sequence
from dataclasses import dataclass

from supportdesk.actor import WorkspaceId
from supportdesk.core.events import Event
from supportdesk.messages.model import Posted


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesPosted(Event):
    """One flight's messages, in the order of their rooms' logs."""

    workspace_id: WorkspaceId
    posted: Sequence[Posted]
