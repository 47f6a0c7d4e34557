"""A blocked guest's sockets are cut at once."""

from supportdesk.core.events import Bus
from supportdesk.core.sockets import GUEST, Sockets
from supportdesk.core.tasks import Tasks
from supportdesk.guests.events import GuestBlocked


def setup(bus: Bus, sockets: Sockets, tasks: Tasks) -> None:
    """Listen for blocks."""

    def cut(blocked: GuestBlocked) -> None:
        for socket in sockets.of_user(blocked.guest_id):
            if socket.namespace is GUEST:
                tasks.spawn(socket.cut(), name="cut a blocked guest")

    bus.at_once(GuestBlocked, cut)
