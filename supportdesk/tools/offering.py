"""Puts the parts of this slice together, for app.py."""

from supportdesk.core.clock import Clock
from supportdesk.core.db import Database
from supportdesk.core.events import Bus
from supportdesk.core.inject import Resources
from supportdesk.core.outward import Outward
from supportdesk.core.secrets import Keyring
from supportdesk.core.sockets import Emitter
from supportdesk.core.tasks import Tasks
from supportdesk.knowledge.search import Knowledge
from supportdesk.messages.flights import Hooks
from supportdesk.permissions.grants import Grants
from supportdesk.rooms.actions import Closings
from supportdesk.tools import actions, reactions
from supportdesk.tools.actions import Endings
from supportdesk.tools.executor import Executor
from supportdesk.tools.remote import Remote
from supportdesk.tools.requests import Requests
from supportdesk.tools.shipped import shipped_tools
from supportdesk.tools.shop import shop_tools
from supportdesk.tools.toolshed import Toolshed


def offer_tools(resources: Resources) -> None:
    """The tools, the executor, and what they do when somebody has decided."""
    db, endings = resources.get(Database), Endings()
    outward, keys = resources.get(Outward), resources.get(Keyring)
    remote = Remote(db, outward, keys)
    shipped = [*shipped_tools(db, resources.get(Knowledge), resources.get(Hooks)), *shop_tools(db)]
    shed = Toolshed(shipped, [Requests(outward, keys), remote])
    executor = Executor(db, resources.get(Tasks), resources.get(Clock), shed, endings, resources.get(Grants))
    for thing in (endings, shed, executor, remote):
        resources.add(thing)
    resources.get(Closings).hooks.append(actions.end_with_room)
    reactions.setup(resources.get(Bus), resources.get(Emitter), executor)
