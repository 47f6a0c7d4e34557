"""Whatever ends or changes somebody's rights in this process is felt by their sockets at once."""

from supportdesk.accounts.events import AccountChanged, SessionsEnded
from supportdesk.core.events import Bus
from supportdesk.core.sockets import SocketClosed, SocketOpened
from supportdesk.guests.events import GuestBlocked, GuestSessionEnded
from supportdesk.permissions.revocation import Revocation


def setup(bus: Bus, revocation: Revocation) -> None:
    """Listen for what accounts and guests announce."""

    async def staff_changed(event: AccountChanged | SessionsEnded) -> None:
        await revocation.look_again(event.user_id)

    async def guest_changed(event: GuestBlocked | GuestSessionEnded) -> None:
        await revocation.look_again(event.guest_id)

    bus.at_once(SocketOpened, revocation.opened)
    bus.at_once(SocketClosed, revocation.closed)
    bus.on(AccountChanged, staff_changed)
    bus.on(SessionsEnded, staff_changed)
    bus.on(GuestBlocked, guest_changed)
    bus.on(GuestSessionEnded, guest_changed)
