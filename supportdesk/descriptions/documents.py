"""Both documents of one application."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from pydantic import BaseModel

from supportdesk import __version__
from supportdesk.accounts import http as accounts
from supportdesk.accounts.model import COOKIE
from supportdesk.accounts.wire import CsrfOut, SignedInOut
from supportdesk.core import asyncapi, openapi
from supportdesk.core.asyncapi import Spoken
from supportdesk.core.http import Handler, Routes
from supportdesk.core.openapi import About
from supportdesk.core.sockets import DESK, GUEST, SocketRoutes
from supportdesk.dashboard import http as dashboard
from supportdesk.descriptions import wire
from supportdesk.messages import http as messages
from supportdesk.messages import sockets as message_sockets

ANSWERS: Final[Mapping[Handler, type[BaseModel]]] = {
    accounts.begin: SignedInOut,
    accounts.change_password: CsrfOut,
    messages.history: wire.HistoryOut,
    dashboard.list_rooms: wire.RoomLinesOut,
    dashboard.show_room: wire.ShownRoom,
    dashboard.list_agents: wire.AgentsOut,
    message_sockets.join: wire.JoinedOut,
    message_sockets.sync: wire.SyncedOut,
}
"""Handlers that answer with a response or a dict of their own making."""

SPOKEN: Final[Sequence[Spoken]] = (
    Spoken("room.event", GUEST, wire.GuestRoomEvent, is_ephemeral=False),
    Spoken("room.event", DESK, wire.StaffRoomEvent, is_ephemeral=False),
    Spoken("inbox.changed", DESK, wire.InboxChanged, is_ephemeral=True),
    Spoken("presence", DESK, wire.PresenceOut, is_ephemeral=True),
    Spoken("queue.position", GUEST, wire.QueuePosition, is_ephemeral=True),
    *(
        Spoken(event, namespace, payload, is_ephemeral=event != "message.delta_aborted")
        for namespace in (GUEST, DESK)
        for event, payload in (
            ("message.delta", wire.Delta),
            ("message.delta_aborted", wire.DeltaAborted),
            ("typing", wire.TypingOut),
            ("receipt", wire.ReceiptOut),
            ("session.ended", wire.SessionEnded),
            ("server_busy", wire.BusyOut),
        )
    ),
)

CODES: Final[Mapping[str, str]] = {
    "account_not_active": "the account is suspended, deactivated or not yet verified",
    "already_decided": "somebody has decided about the tool or the suggestion before; the message names them",
    "already_claimed": "somebody else has the room; the message names them",
    "args_changed": "the tool's arguments are not those that were shown",
    "bad_arguments": "the tool cannot take these arguments; the message says what is wrong",
    "bad_cursor": "the cursor is none that the desk hands out",
    "bad_reply": "the message that is replied to is not in this room",
    "bad_request": "the request cannot be understood",
    "bad_thread": "the message that begins the thread is not in this room",
    "bad_whisper": "the addressee of the whisper does not take part in the room as staff or robot",
    "blocked": "the guest is blocked",
    "conflict": "the thing is not in a state that allows this",
    "csrf": "a write with the session's cookie lacks the header X-CSRF-Token",
    "document_limit": "the workspace's plan allows no more documents, in all or for this conversation",
    "email_taken": "the e-mail address has an account already",
    "file_not_found": "an attachment's id is not that of a file which the sender has uploaded",
    "forbidden": "the caller's role does not include the permission",
    "idempotency_conflict": "the same client_msg_id or op_id came before with another body; the first one is kept",
    "identity_not_signed": "the identity's hash is not the HMAC of its user_id under the identity secret",
    "illegal_transition": "the room cannot go from its state to the one that is asked for; both are named",
    "internal": "something went wrong on the desk's side; the log has it under the request's id",
    "invalid": "a value is not acceptable; details.fields names each",
    "last_admin": "the last admin of a workspace cannot be taken away",
    "method_not_allowed": "the address does not take this method",
    "model_unavailable": "no language model can be asked: none is configured, its provider rests, or a budget is spent",
    "muted": "the caller may not write in this room",
    "no_such_step": "no edge leads from the room's level to the one that is asked for",
    "not_found": "there is no such thing, or none that the caller may see",
    "origin_not_allowed": "the site may not be opened from this origin",
    "outranked": "the caller's own role does not include what they would give away or change",
    "own_account": "nobody changes their own role or status",
    "rate_limited": "too much too fast; details.retry_after says how many seconds to wait",
    "reason_required": "this step of the levels asks for a reason",
    "robot_changed": "somebody has saved the robot since it was read",
    "robot_not_loaded": "the robot's code could not be loaded on this server",
    "room_closed": "the room is closed or archived",
    "room_full": "the room has as many participants as it takes",
    "room_removed": "the room was just removed; another can be opened under a new id",
    "server_busy": "the desk cannot do this now; details.retry_after says how many seconds to wait",
    "stale_turn": "the room has moved on since the robot's turn began",
    "tool_exists": "a tool or an MCP server has that name already",
    "tool_lapsed": "nobody has decided about the tool in time, or it is no longer asked for",
    "too_large": "more bytes than the limit allows",
    "too_many_rooms": "the guest has as many open conversations as one may have",
    "too_many_reactions": "the message has as many different reactions as it takes",
    "unanswered": "another server was asked, and nothing usable came back",
    "unauthenticated": "nobody is signed in, or the token is stale",
    "unknown_event": "the namespace has no event of this name",
    "unknown_tool": "the workspace has no tool of this name",
    "unsupported_protocol": "the client speaks an older protocol than Socket.IO 5",
    "version_conflict": "somebody changed it meanwhile; read it again",
    "websocket_only": "the sockets speak websocket only",
    "wrong_code": "this is not the one-time code that `supportdesk serve` prints",
    "wrong_role": "the account's kind cannot take that part in a room",
}
"""Every code an error may carry."""

HTTP_SAYS: Final = (
    "The HTTP interface of Support Desk. Lists answer {items, next_cursor}, cursors are opaque, ids are UUIDs, times "
    "are RFC 3339 in UTC. Every error is {error: {code, message, details?}}. The codes:\n\n"
)
SOCKETS_SAY: Final = (
    "The Socket.IO interface of Support Desk. Guests connect to /guest with the token of a guest session, staff to "
    "/desk with a socket ticket or a personal access token. Every client event but typing is acknowledged, after "
    "its commit, with {ok: true, …} or {ok: false, error}. Room events are numbered per stream without gaps. "
    "The codes of errors:\n\n"
)


class Descriptions:
    """The two documents, each made when it is first asked for."""

    def __init__(self, tables: Sequence[Routes], sockets: Sequence[SocketRoutes], origin: str) -> None:
        self._tables, self._sockets, self._origin = tables, sockets, origin

    @cached_property
    def openapi(self) -> dict[str, Any]:
        """The HTTP surface, OpenAPI 3.1."""
        return openapi.describe(self._tables, self._about(HTTP_SAYS), answers=ANSWERS, cookie=COOKIE)

    @cached_property
    def asyncapi(self) -> dict[str, Any]:
        """The socket surface, AsyncAPI 3."""
        return asyncapi.describe(self._sockets, SPOKEN, self._about(SOCKETS_SAY), answers=ANSWERS)

    def _about(self, says: str) -> About:
        codes = "\n".join(f"- `{code}`: {meaning}" for code, meaning in sorted(CODES.items()))
        return About(title="Support Desk", version=__version__, description=says + codes, origin=self._origin)
