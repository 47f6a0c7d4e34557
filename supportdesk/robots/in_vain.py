"""Which turns tell that the documents lack an answer."""

from supportdesk.core.db import Tx
from supportdesk.knowledge.model import Vain
from supportdesk.knowledge.unanswered import note
from supportdesk.robots.contract import HandOff, Role, Trigger, Why
from supportdesk.robots.kit import TurnKit
from supportdesk.robots.model import Claim, Fate
from supportdesk.robots.play import Ending, Played
from supportdesk.robots.wishes import asks_for_person


async def note_if_in_vain(tx: Tx, claim: Claim, played: Played, kit: TurnKit | None, fate: Fate) -> None:
    """Keep what the guest asked, when the leader has searched and found nothing to answer with."""
    if claim.trigger is not Trigger.MESSAGE or claim.role is not Role.LEAD or kit is None:
        return
    if asks_for_person(claim.text):
        return  # that is no question which a document could answer
    if fate is Fate.HANDED_OVER and played.ending is Ending.HANDED_OFF:
        if any(isinstance(event, HandOff) and event.why is Why.NOT_IN_DOCUMENTS for event in played.events):
            await note(tx, claim.room_id, claim.text, Vain.NOT_IN_DOCUMENTS)
    elif fate is Fate.POSTED and kit.has_searched and not played.citations:
        await note(tx, claim.room_id, claim.text, Vain.LOW_SCORE)
