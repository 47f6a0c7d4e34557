"""What can be done with messages: say, edit, delete, react."""

from uuid import UUID

from supportdesk.actor import Actor, ActorKind, Permission
from supportdesk.core.db import Database, Lane, Tx
from supportdesk.errors import Conflict, DeskError, Forbidden, IdempotencyConflict, Invalid, NotFound, ServerBusy
from supportdesk.messages import queries
from supportdesk.messages.flights import Flights, Hooks, write
from supportdesk.messages.markdown import to_html
from supportdesk.messages.model import Message, Outcome, Posting, Receipt, Verdict
from supportdesk.messages.shape import message_data
from supportdesk.rooms import access, participants
from supportdesk.rooms import actions as rooms
from supportdesk.rooms import log as room_log
from supportdesk.rooms.access import Seat
from supportdesk.rooms.model import EventKind, ParticipantRole, Room, RoomEvent, RoomStatus

EMOJI_PER_PERSON = 20
OPPOSITE = {"👍": "👎", "👎": "👍"}


async def post_message(flights: Flights, db: Database, posting: Posting) -> Receipt:
    """Say something in a room; acknowledged after the commit. Guests, agents and robots all come through here.

    A member of staff who speaks in a room joins it, if what they say is taken. Raises NotFound, Conflict, Forbidden,
    Invalid, ServerBusy.
    """
    if posting.note or posting.whisper_to is not None:
        posting.actor.must(Permission.MESSAGE_NOTE)
    elif posting.actor.is_staff and (posting.reply_to is not None or posting.thread_id is not None):
        await _must_point_at_what_guests_know(db, posting)
    verdict = await flights.post(posting)
    if verdict.outcome is Outcome.NOT_PARTICIPANT:
        async with db.transaction(posting.actor, lane=Lane.REALTIME) as tx:
            room = await access.room_to_change(tx, posting.actor, posting.room_id)
            if posting.actor.id is not None:
                await participants.add_participant(tx, posting.actor, room, posting.actor.id, ParticipantRole.MEMBER)
            return receipt_of(await flights.post_within(tx, posting))
    return receipt_of(verdict)


async def _must_point_at_what_guests_know(db: Database, posting: Posting) -> None:
    """Raise Invalid when a guest would get the id of a note or a whisper; whether it is there, the flight decides."""
    ids = [target for target in (posting.reply_to, posting.thread_id) if target is not None]
    async with db.read(posting.actor, lane=Lane.REALTIME) as conn:
        found = await queries.list_messages(conn, ids)
    hidden = {id_ for id_, message in found.items() if message.public_seq is None}
    if posting.reply_to in hidden:
        raise _refusal(Outcome.BAD_REPLY)
    if posting.thread_id in hidden:
        raise _refusal(Outcome.BAD_THREAD)


async def post_in(tx: Tx, posting: Posting, hooks: Hooks) -> Receipt:
    """Say something as part of a larger change, in its transaction; waits for the room's lock."""
    return receipt_of((await write(tx, [posting], hooks, wait=True))[0])


def receipt_of(verdict: Verdict) -> Receipt:
    """The acknowledgement of a verdict; raises what a refusal means."""
    if verdict.outcome in (Outcome.POSTED, Outcome.DUPLICATE):
        if verdict.id is None or verdict.seq is None or verdict.created_at is None:
            raise LookupError("A written message has no numbers")
        return Receipt(
            id=verdict.id,
            seq=verdict.seq,
            public_seq=verdict.public_seq,
            created_at=verdict.created_at,
            duplicate=verdict.outcome is Outcome.DUPLICATE,
        )
    raise _refusal(verdict.outcome)


def _refusal(outcome: Outcome) -> DeskError:
    match outcome:
        case Outcome.CONFLICT:
            return IdempotencyConflict("Another message was sent under this client_msg_id; the first one is kept.")
        case Outcome.CLOSED:
            return Conflict("This conversation is closed; start a new one.", code="room_closed")
        case Outcome.MUTED:
            return Forbidden("You are muted in this conversation.", code="muted")
        case Outcome.STALE:
            return Conflict("Somebody else has spoken since this turn began.", code="stale_turn")
        case Outcome.BAD_REPLY:
            return Invalid("The message replied to is not in this conversation.", code="bad_reply")
        case Outcome.BAD_THREAD:
            return Invalid("The thread is not in this conversation.", code="bad_thread")
        case Outcome.BAD_WHISPER:
            return Invalid("Whispers can be addressed to staff and robots of this workspace only.", code="bad_whisper")
        case Outcome.NOT_FOUND | Outcome.NOT_PARTICIPANT:
            return NotFound("There is no such room.")
        case Outcome.BUSY | Outcome.ATTENDED | Outcome.POSTED | Outcome.DUPLICATE:
            return ServerBusy("This room is busy just now; send the message again.", retry_after=1)


async def edit_message(tx: Tx, actor: Actor, message_id: UUID, content: str, version: int | None) -> RoomEvent:
    """Put other words in the place of one's own; the old ones stay in the history for the audit."""
    seat, message = await _message_to_change(tx, actor, message_id)
    if message.sender_id != actor.id:
        raise Forbidden("Only its author can edit a message.")
    _must_be_able_to_speak(seat)
    if seat.room.status in (RoomStatus.CLOSED, RoomStatus.ARCHIVED) and not message.is_note:
        raise _refusal(Outcome.CLOSED)
    _must_be_at(message, version)
    await queries.edit_message(tx.conn, message.id, content, to_html(content))
    event = await _note_change(tx, actor, seat.room, message, EventKind.MESSAGE_EDITED)
    await rooms.retitle_room(tx, actor, seat.room, message.content, content)
    return event


async def delete_message(tx: Tx, actor: Actor, message_id: UUID, version: int | None) -> RoomEvent:
    """Hide a message at once: one's own, or anybody's for supervisors. What one has said one may always take back."""
    seat, message = await _message_to_change(tx, actor, message_id)
    if message.sender_id != actor.id and not actor.may(Permission.SUPERVISOR_TAKEOVER):
        raise Forbidden("Only its author or a supervisor can delete a message.")
    _must_be_at(message, version)
    await queries.delete_message(tx.conn, message.id)
    event = await _note_change(tx, actor, seat.room, message, EventKind.MESSAGE_DELETED)
    await rooms.retitle_room(tx, actor, seat.room, message.content, None)
    return event


def _must_be_able_to_speak(seat: Seat) -> None:
    if seat.mine is not None and (seat.mine.status == "muted" or not seat.mine.can_send_messages):
        raise _refusal(Outcome.MUTED)


def _must_be_at(message: Message, version: int | None) -> None:
    if version is not None and version != message.version:
        raise Conflict(
            f"The message is at version {message.version}, you sent {version}.",
            code="version_conflict",
            version=message.version,
        )


async def _note_change(tx: Tx, actor: Actor, room: Room, message: Message, kind: EventKind) -> RoomEvent:
    shown, shown_public = {}, {}
    if kind is EventKind.MESSAGE_EDITED:
        present = await queries.find_message(tx.conn, message.id)
        marks = await queries.list_watermarks(tx.conn, room.id)
        if present is not None:
            shown = {"message": message_data(present, marks, staff=True)}
            shown_public = {"message": message_data(present, marks, staff=False)}
    return await room_log.write_event(
        tx,
        actor,
        room,
        kind,
        {"message_id": message.id},
        subject_id=message.id,
        hidden=message.public_seq is None,
        shown=shown,
        shown_public=shown_public,
    )


async def react(tx: Tx, actor: Actor, message_id: UUID, emoji: str, *, on: bool) -> tuple[Room, RoomEvent | None]:
    """Add or take back an emoji; the event is None when it was so already.

    Of the two thumbs one person has one on a message: choosing the other takes the first back, in the same change.
    """
    seat, message = await _message_to_change(tx, actor, message_id)
    if not on:
        gone = await queries.delete_reaction(tx.conn, actor, message.id, emoji)
        return seat.room, await _tell_reaction(tx, actor, seat.room, message, emoji, on=False) if gone else None
    _must_be_able_to_speak(seat)
    event, other = None, OPPOSITE.get(emoji)
    if other is not None and await queries.delete_reaction(tx.conn, actor, message.id, other):
        event = await _tell_reaction(tx, actor, seat.room, message, other, on=False)
    if not await queries.insert_reaction(tx.conn, actor, message.id, emoji):
        return seat.room, event
    if await queries.count_emoji(tx.conn, actor, message.id) > EMOJI_PER_PERSON:
        raise Conflict(f"One person can put {EMOJI_PER_PERSON} emoji on a message.", code="too_many_reactions")
    return seat.room, await _tell_reaction(tx, actor, seat.room, message, emoji, on=True)


async def _tell_reaction(tx: Tx, actor: Actor, room: Room, message: Message, emoji: str, *, on: bool) -> RoomEvent:
    return await room_log.write_event(
        tx,
        actor,
        room,
        EventKind.REACTION_ADDED if on else EventKind.REACTION_REMOVED,
        {"message_id": message.id, "emoji": emoji, "user_id": actor.id},
        subject_id=message.id,
        hidden=message.public_seq is None,
    )


async def _message_to_change(tx: Tx, actor: Actor, message_id: UUID) -> tuple[Seat, Message]:
    """The message and the actor's seat in its locked room.

    Raises NotFound alike for what is missing, deleted, and not the actor's to see.
    """
    room_id = await queries.find_room_of_message(tx.conn, message_id)
    if room_id is None:
        raise NotFound("There is no such message.")
    try:
        seat = await access.seat_to_change(tx, actor, room_id)
    except NotFound:
        raise NotFound("There is no such message.") from None  # not even that it is in some room
    message = await queries.find_message(tx.conn, message_id)
    since = seat.mine.joined_seq if seat.mine is not None and not seat.mine.can_see_history else 0
    if (
        message is None
        or message.deleted_at is not None
        or message.seq <= since
        or (actor.kind is ActorKind.GUEST and message.public_seq is None)
    ):
        raise NotFound("There is no such message.")
    return seat, message
