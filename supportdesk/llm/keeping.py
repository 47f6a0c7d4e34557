"""Keeps answers for whoever asks the very same: the whole prompt is the key, so a changed document is another one."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from supportdesk.actor import Actor
from supportdesk.core.db import Database, Lane
from supportdesk.llm.model import Caller, Route
from supportdesk.llm.queries import talks
from supportdesk.llm.queries.talks import Kept, Place
from supportdesk.llm.talk import PARTS, Asked, Prompt, Returned, Said

TTL_S: Final = 24 * 60 * 60.0
SCOPE: Final = "workspace"
LONGEST_SUMMARY: Final = 200
PERSONAL: Final = re.compile(r"[\w.+-]+@[\w-]+\.\w|\d(?:[ ./-]?\d){4,}")
"""An e-mail address, or five digits and more: a number of a telephone, an order, a card, a house and its postcode."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """Of all workspaces' answers."""

    db: Database

    async def find(self, caller: Caller, place: Place) -> Kept | None:
        """An answer that was given to the very same prompt within a day."""
        async with self.db.transaction(Actor.system(caller.workspace_id), lane=Lane.BACKGROUND) as tx:
            return await talks.find_answer(tx.conn, caller, place)

    async def keep(self, caller: Caller, place: Place, kept: Kept) -> None:
        """Keep an answer."""
        async with self.db.transaction(Actor.system(caller.workspace_id), lane=Lane.BACKGROUND) as tx:
            await talks.keep_answer(tx.conn, caller, place, kept, ttl_s=TTL_S)


def place_of(route: Route, prompt: Prompt, names: Sequence[str]) -> Place | None:
    """Where the answer to a prompt is kept; None when it is not: tools were called, or somebody can be told from it."""
    if any(isinstance(part, Returned) or (isinstance(part, Said) and part.calls) for part in prompt.parts):
        return None
    spoken = "\n".join(part.text for part in prompt.parts if not (isinstance(part, Asked) and part.is_data))
    if PERSONAL.search(spoken) or any(name and name.casefold() in spoken.casefold() for name in names):
        return None
    canonical = orjson.dumps(
        {
            "address": route.provider.base_url,
            "model": route.model,
            "instructions": prompt.instructions,
            "parts": orjson.loads(PARTS.dump_json(prompt.parts)),
            "tools": [
                {"name": each.name, "does": each.description, "takes": each.parameters} for each in prompt.offers
            ],
            "max_tokens": prompt.max_tokens,
            "temperature": prompt.temperature,
        },
        option=orjson.OPT_SORT_KEYS,
    )
    newest = next((part.text for part in reversed(prompt.parts) if isinstance(part, Asked) and not part.is_data), "")
    return Place(
        model=route.model,
        prompt_hash=hashlib.sha256(canonical).hexdigest(),
        scope=SCOPE,
        summary=newest[:LONGEST_SUMMARY],
    )
