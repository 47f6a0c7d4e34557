"""The audit log as it crosses the wire."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import Field

from supportdesk.audit.model import Outcome
from supportdesk.audit.queries import Note
from supportdesk.core.paging import PageQuery, cursor_of
from supportdesk.core.wire import Instant, Out, Text


class LogQuery(PageQuery):
    """Which lines to show, newest first."""

    action: Text | None = Field(None, max_length=100)
    actor_id: UUID | None = None
    subject_id: UUID | None = None


class NoteOut(Out):
    """One line."""

    id: UUID
    at: Instant
    actor_id: UUID | None
    actor_kind: str
    action: str
    outcome: Outcome
    subject_kind: str | None
    subject_id: UUID | None
    reason: str | None
    address: str | None
    data: dict[str, Any]


class NotesOut(Out):
    """A page of lines."""

    items: list[NoteOut]
    next_cursor: str | None


def notes_out(notes: Sequence[Note], limit: int) -> NotesOut:
    """Shape a page; there may be another when this one is full."""
    items = [
        NoteOut(
            id=note.id,
            at=note.at,
            actor_id=note.actor_id,
            actor_kind=note.actor_kind,
            action=note.action,
            outcome=Outcome(note.outcome),
            subject_kind=note.subject_kind,
            subject_id=note.subject_id,
            reason=note.reason,
            address=note.address,
            data=dict(note.data),
        )
        for note in notes
    ]
    return NotesOut(items=items, next_cursor=cursor_of(notes[-1].id) if len(notes) == limit else None)
