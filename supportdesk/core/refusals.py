"""What the edges say of refusals: audit/ writes it down."""

from dataclasses import dataclass

from supportdesk.actor import Actor
from supportdesk.core.events import Bus, Event
from supportdesk.core.inject import Resources
from supportdesk.errors import DeskError, Forbidden


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied(Event):
    """Somebody lacked the permission for an operation: `METHOD route`, or the name of a socket event."""

    actor: Actor
    operation: str
    sentence: str
    permission: str | None


def tell_denial(resources: Resources, actor: Actor | None, operation: str, error: DeskError) -> None:
    """Announce a refusal for want of a permission; other errors are nobody's business but the caller's."""
    if actor is not None and isinstance(error, Forbidden) and error.specific_code == Forbidden.code:
        permission = error.details.get("permission")
        resources.get(Bus).publish(
            Denied(
                actor=actor,
                operation=operation,
                sentence=error.sentence,
                permission=None if permission is None else str(permission),
            )
        )
