"""What the other slices may hear of documents."""

from dataclasses import dataclass

from supportdesk.actor import WorkspaceId
from supportdesk.core.events import Event
from supportdesk.knowledge.model import DocumentId


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentAdded(Event):
    """A document, or a new version of one, waits to be read."""

    workspace_id: WorkspaceId
    document_id: DocumentId


@dataclass(frozen=True, slots=True, kw_only=True)
class EntriesChanged(Event):
    """Questions and answers wait to be read."""

    workspace_id: WorkspaceId


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionUnanswered(Event):
    """A guest asked what no document answered."""

    workspace_id: WorkspaceId


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentsChanged(Event):
    """From now on searches find something else: a document was read, replaced or removed."""

    workspace_id: WorkspaceId
    document_id: DocumentId
