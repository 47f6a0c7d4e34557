"""The end of a turn: what the robot said and did reaches the room, or nothing does, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, assert_never

from pydantic import JsonValue

from supportdesk.actor import Actor
from supportdesk.core.db import Tx
from supportdesk.core.keepable import keepable_text
from supportdesk.errors import NotFound
from supportdesk.escalations.actions import hand_over
from supportdesk.messages.flights import Hooks, write
from supportdesk.messages.model import MessageType, Outcome, Posting, RobotVoice
from supportdesk.robots.charts import Drawn
from supportdesk.robots.contract import HandOff, Role, Trigger, Why
from supportdesk.robots.decided import ask_again
from supportdesk.robots.events import TurnsQueued
from supportdesk.robots.host import Host
from supportdesk.robots.in_vain import note_if_in_vain
from supportdesk.robots.kit import TurnKit
from supportdesk.robots.model import ANSWERING, MOST_A_MINUTE, Claim, Fate, Status, for_the_record
from supportdesk.robots.play import Ending, Played
from supportdesk.robots.queries import decided, turns
from supportdesk.robots.queries import said as said_rows
from supportdesk.robots.remarks import in_same_words
from supportdesk.robots.suggesting import suggest
from supportdesk.rooms import access
from supportdesk.rooms.filing import Findings, file_room
from supportdesk.rooms.model import OwnerKind, Room, RoomStatus
from supportdesk.tools.queries import executions

SOON: Final = "A colleague will be with you as soon as possible."
LINES: Final = {
    Why.GUEST_ASKED: f"Of course. {SOON}",
    Why.NOT_IN_DOCUMENTS: f"I cannot find that in our help pages, so I am asking a person. {SOON}",
    Why.OTHER: f"I would rather leave this to a person. {SOON}",
}
SORRY: Final = f"I am sorry, I cannot answer that just now. {SOON}"
CHECKING: Final = "A colleague is checking that. I will be back with an answer."
ROBOT_FAILED: Final = "robot_failed"
ROBOT_TIMED_OUT: Final = "robot_timed_out"
ROBOT_SILENT: Final = "robot_silent"
TOO_MANY: Final = "too_many_answers"
UNHEARD: Final = frozenset({Outcome.STALE, Outcome.CLOSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A turn that has been played, or that could not be: then there is no kit."""

    claim: Claim
    played: Played
    kit: TurnKit | None = None
    visible_to_guest: bool = True
    repeats: bool = False
    """A follower has said what the leader or another follower had said."""
    charts: Sequence[Drawn] = ()

    @property
    def goes_on(self) -> bool:
        """Whether another turn will tell the robot what came of a tool."""
        return self.kit is not None and self.kit.toolbox is not None and self.kit.toolbox.goes_on

    @property
    def waits(self) -> bool:
        """Whether a person has to decide about a tool that was asked for in this turn."""
        return self.kit is not None and self.kit.toolbox is not None and self.kit.toolbox.waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a turn's end needs of the rest of the desk."""

    host: Host
    hooks: Hooks


async def finish_turn(tx: Tx, turn: Ended, around: Surroundings) -> Fate | None:
    """Carry out what a turn came to, and write it down; None when the turn is no longer this worker's.

    The room's turn number is checked on its row: if anybody spoke or took over meanwhile, nothing reaches the room.
    """
    if not await turns.lock_claim(tx.conn, turn.claim):
        return await _finish_stopped(tx, turn, around)
    filed = await _file(tx, turn)  # first, because a hand-over looks for the queue with the skills
    fate = await _carry_out(tx, turn, around)
    await _account_for_tools(tx, turn, fate, around)
    await note_if_in_vain(tx, turn.claim, turn.played, turn.kit, fate)
    await _put_on_record(tx, turn, {**_response(turn, fate), **({"filed": [*filed]} if filed else {})})
    return fate


async def _finish_stopped(tx: Tx, turn: Ended, around: Surroundings) -> Fate | None:
    """What a guest had read when somebody pressed Stop stays, unless somebody has spoken since; None: not stopped."""
    claim = turn.claim
    reason = await turns.lock_stopped(tx.conn, claim)
    if reason is None:
        return None
    turn = replace(turn, played=replace(turn.played, ending=Ending.STOPPED, reason=reason))
    fate, streamed = Fate.DROPPED, claim.role is Role.LEAD and claim.trigger is not Trigger.SUGGESTION
    if streamed and turn.visible_to_guest and turn.played.text:
        cut = _posting(turn, "text", turn.played.text, metadata={"stopped": True})
        if await _post(tx, [replace(cut, citations=sources_of(turn))], around) is Fate.POSTED:
            fate = Fate.CUT_SHORT
    await _put_on_record(tx, turn, _response(turn, fate))
    return fate


async def _put_on_record(tx: Tx, turn: Ended, response: Mapping[str, JsonValue]) -> None:
    failed = turn.played.ending is Ending.FAILED
    await turns.finish_turn(
        tx.conn,
        turn.claim,
        Status.FAILED if failed else Status.COMPLETED,
        request=_request(turn.claim),
        observation=turn.kit.observed if turn.kit is not None else {},
        response=response,
        error=turn.played.reason[:1000] if failed else None,
        spent=turn.kit.spent if turn.kit is not None else (0, None),
    )


async def _carry_out(tx: Tx, turn: Ended, around: Surroundings) -> Fate:
    if turn.claim.trigger is Trigger.SUGGESTION:
        return await _suggest(tx, turn, around)
    if turn.claim.role is Role.FOLLOW:
        return await _remark(tx, turn, around)
    match turn.played.ending:
        case Ending.STOPPED:
            return Fate.DROPPED
        case Ending.ANSWERED:
            return await _answer(tx, turn, around)
        case Ending.HANDED_OFF:
            # Whoever asked for a person and then wrote on still wants one: the owner counts, not the turn.
            room = await _locked_room(tx, turn)
            if turn.claim.trigger in ANSWERING and room.owner_kind is not OwnerKind.ROBOT:
                return Fate.DROPPED
            why = next((event.why for event in turn.played.events if isinstance(event, HandOff)), Why.OTHER)
            return await _hand_over(tx, turn, around, room, reason=why, line=LINES[why])
        case Ending.SILENT if turn.goes_on:
            return Fate.WAITING
        case Ending.SILENT:
            return await _ask_another(tx, turn, around, reason=ROBOT_SILENT)
        case Ending.FAILED:
            late = isinstance(turn.played.error, TimeoutError)
            return await _ask_another(tx, turn, around, reason=ROBOT_TIMED_OUT if late else ROBOT_FAILED)
    assert_never(turn.played.ending)


async def _account_for_tools(tx: Tx, turn: Ended, fate: Fate, around: Surroundings) -> None:
    """What waits for a person is said in the room; what the robot was told need not be told again.

    It is said once while it waits, and again to a guest who writes on and would hear nothing else.
    """
    claim = turn.claim
    if claim.tool_results and fate is not Fate.DROPPED:
        await decided.mark_told(tx.conn, [result.execution_id for result in claim.tool_results])
    if not (turn.goes_on or claim.tool_results):
        return
    room = await _locked_room(tx, turn)
    if room.owner_kind is not OwnerKind.ROBOT or room.status is not RoomStatus.ACTIVE:
        return  # the staff have it, and see in the card what came of it
    repeats = claim.trigger is Trigger.MESSAGE and not turn.played.text
    if turn.waits and (repeats or not await executions.count_pending(tx.conn, claim.room_id, but_of=claim.id)):
        await _post(tx, [_posting(turn, "checking", CHECKING, visible=True)], around)
    await ask_again(tx, claim.room_id, claim.robot.id, around.host)


async def _file(tx: Tx, turn: Ended) -> list[str]:
    """File the room as its last Classify says, unless the turn was stopped or failed; what has changed of the room.

    That holds even where the answer came too late: what a conversation is about does not age with a turn.
    """
    found = turn.played.classified
    if found is None or turn.played.ending in (Ending.STOPPED, Ending.FAILED):
        return []
    findings = Findings(
        intent=found.intent,
        language=found.language,
        skills=found.skills,
        priority=found.priority,
        title=found.title,
    )
    try:
        return await file_room(tx, turn.claim.voice, turn.claim.room_id, findings)
    except NotFound:  # the room is gone, and the turn is over all the same
        return []


async def _answer(tx: Tx, turn: Ended, around: Surroundings) -> Fate:
    """What the leader has said reaches the room, and then its other robots are asked."""
    claim = turn.claim
    if await said_rows.count_said(tx.conn, claim.room_id) >= MOST_A_MINUTE:
        return await _hand_over(tx, turn, around, await _locked_room(tx, turn), reason=TOO_MANY, line=SORRY)
    fate = await _post(tx, answer_of(turn), around)
    if fate is Fate.REFUSED:
        return await _ask_another(tx, turn, around, reason=ROBOT_FAILED)
    if fate is Fate.POSTED and not turn.visible_to_guest:
        return await _ask_another(tx, turn, around, reason=ROBOT_SILENT)
    if fate is Fate.POSTED and claim.trigger is Trigger.MESSAGE:
        await _ask_followers(tx, turn, around)
    return fate


async def _ask_followers(tx: Tx, turn: Ended, around: Surroundings) -> None:
    """The room's other robots may add to the answer, each for itself."""
    if await turns.queue_followers(tx.conn, turn.claim.id, around.host.ready(Trigger.MESSAGE)):
        tx.announce(TurnsQueued(workspace_id=turn.claim.workspace_id))


async def _remark(tx: Tx, turn: Ended, around: Surroundings) -> Fate:
    """What a follower adds, if it is news and there is room for it. It neither hands over nor is anybody asked instead.

    The room is held while that is decided: of two followers that say the same at once, the second is dropped.
    """
    claim, played = turn.claim, turn.played
    if played.ending is not Ending.ANSWERED or not turn.visible_to_guest or claim.message_id is None:
        return Fate.DROPPED if played.ending is Ending.STOPPED else Fate.NOTHING
    await _locked_room(tx, turn)
    since = (await said_rows.list_said(tx.conn, claim.message_id))[len(claim.said) :]
    is_many = await said_rows.count_said(tx.conn, claim.room_id) >= MOST_A_MINUTE
    if turn.repeats or is_many or in_same_words(played.text, since):
        return Fate.DROPPED
    fate = await _post(tx, answer_of(turn), around)
    return Fate.NOTHING if fate is Fate.REFUSED else fate


async def _suggest(tx: Tx, turn: Ended, around: Surroundings) -> Fate:
    """What a robot for the staff says is shown to them alone, while it still answers the guest's last words."""
    played = turn.played
    if played.ending in (Ending.STOPPED, Ending.FAILED):
        return Fate.DROPPED if played.ending is Ending.STOPPED else Fate.NOTHING
    room, about = await _locked_room(tx, turn), turn.claim.message_id
    if room.status in (RoomStatus.CLOSED, RoomStatus.ARCHIVED) or about is None:
        return Fate.DROPPED
    if await said_rows.is_overtaken(tx.conn, about):
        return Fate.DROPPED
    noted = await _post(tx, notes, around) if (notes := notes_of(turn)) else Fate.NOTHING
    if played.ending is not Ending.ANSWERED or not played.text:
        return noted
    await suggest(tx, turn.claim, room, played.text, sources_of(turn))
    return Fate.SUGGESTED


async def _post(tx: Tx, postings: Sequence[Posting], around: Surroundings) -> Fate:
    verdicts = await write(tx, postings, around.hooks, wait=True)
    if all(verdict.outcome in (Outcome.POSTED, Outcome.DUPLICATE) for verdict in verdicts):
        return Fate.POSTED
    return Fate.DROPPED if any(verdict.outcome in UNHEARD for verdict in verdicts) else Fate.REFUSED


async def _ask_another(tx: Tx, turn: Ended, around: Surroundings, *, reason: str) -> Fate:
    """Let the next robot of the room try; when there is none, a person."""
    claim, host = turn.claim, around.host
    if claim.trigger not in ANSWERING:
        return Fate.NOTHING  # nobody has asked anything yet
    room = await _locked_room(tx, turn)
    if room.head.turn_no != claim.turn_no:
        return Fate.DROPPED
    if claim.trigger is Trigger.TOOL_DECIDED:  # no other robot has asked for the tool
        return await _hand_over(tx, turn, around, room, reason=reason, line=SORRY)
    deaf, ready = host.deaf(claim.trigger), host.ready(claim.trigger)
    if await turns.queue_next(tx.conn, claim.id, deaf=deaf, ready=ready):
        tx.announce(TurnsQueued(workspace_id=claim.workspace_id))
        return Fate.PROMOTED
    return await _hand_over(tx, turn, around, room, reason=reason, line=SORRY)


async def _hand_over(tx: Tx, turn: Ended, around: Surroundings, room: Room, *, reason: str, line: str) -> Fate:
    """The guest gets the robot's own words or else this line, the staff get the room."""
    claim, wanted = turn.claim, turn.played.ending is Ending.HANDED_OFF
    said = False
    if wanted and turn.played.text and turn.visible_to_guest:
        said = await _post(tx, answer_of(turn), around) is Fate.POSTED
    if not said:
        await _post(tx, [*notes_of(turn), _posting(turn, "line", line, visible=True)], around)
    if room.owner_kind is OwnerKind.ROBOT:
        actor = claim.voice if wanted else Actor.system(claim.workspace_id)
        await hand_over(tx, actor, room.id, reason=reason)
    return Fate.HANDED_OVER


async def _locked_room(tx: Tx, turn: Ended) -> Room:
    """The room, locked before its head, as everywhere: two that lock in different orders wait for each other."""
    return await access.room_to_change(tx, Actor.system(turn.claim.workspace_id), turn.claim.room_id)


def answer_of(turn: Ended) -> list[Posting]:
    """What the robot said as messages: its words with sources, its charts, its notes for the staff."""
    played = turn.played
    postings = [
        *([_posting(turn, "text", played.text)] if played.text else []),
        *(_picture(turn, chart, number) for number, chart in enumerate(turn.charts)),
    ]
    if postings:
        postings[0] = replace(postings[0], citations=sources_of(turn))
        if played.quick_replies:
            last = postings[-1]
            postings[-1] = replace(last, metadata={**last.metadata, "quick_replies": [*played.quick_replies]})
    return [*notes_of(turn), *postings]


def sources_of(turn: Ended) -> list[dict[str, JsonValue]]:
    """What was cited and had been found."""
    if (kit := turn.kit) is None:
        return []
    return [source for cite in turn.played.citations if (source := kit.source_of(cite)) is not None]


def _picture(turn: Ended, chart: Drawn, number: int) -> Posting:
    """A chart; one that cannot be drawn is what it would have shown, in words."""
    part, summary = f"graph{number}", chart.graph.summary
    if chart.shape is None:
        return _posting(turn, part, summary)
    return _posting(turn, part, summary, message_type=MessageType.GRAPH, metadata={"graph": {**chart.shape}})


def notes_of(turn: Ended) -> list[Posting]:
    """What the robot whispered to the staff."""
    return [_posting(turn, f"note{number}", text, note=True) for number, text in enumerate(turn.played.notes)]


def _posting(
    turn: Ended,
    part: str,
    content: str,
    *,
    message_type: MessageType = MessageType.ROBOT,
    metadata: Mapping[str, JsonValue] | None = None,
    note: bool = False,
    visible: bool | None = None,
) -> Posting:
    claim = turn.claim
    return Posting(
        actor=claim.voice,
        room_id=claim.room_id,
        client_msg_id=f"turn:{claim.id}:{part}",
        content=content,
        message_type=message_type,
        note=note,
        metadata=metadata or {},
        robot=RobotVoice(
            robot_id=claim.robot.id,
            response_to=claim.message_id,
            visible_to_guests=turn.visible_to_guest if visible is None else visible,
            first_responder=claim.trigger is Trigger.MESSAGE and claim.role is Role.LEAD,
            draft_id=claim.draft_id if part in ("text", "line") and claim.role is Role.LEAD else None,
            turn_no=None if part in ("line", "checking") or claim.trigger is Trigger.SUGGESTION else claim.turn_no,
            processing_time_ms=round(turn.played.total_ms),
        ),
    )


def _request(claim: Claim) -> dict[str, JsonValue]:
    return {
        "trigger": claim.trigger,
        "role": claim.role,
        "text": claim.text,
        "history_lines": len(claim.history),
        "module": claim.robot.module,
        "version": claim.robot.version,
    }


def _response(turn: Ended, fate: Fate) -> dict[str, JsonValue]:
    played = turn.played
    first_ms = played.first_event_ms
    kept: dict[str, JsonValue] = {
        "ending": played.ending,
        "reason": played.reason,
        "fate": fate,
        **({"repeats": turn.repeats} if turn.claim.role is Role.FOLLOW else {}),
        "events": [*for_the_record(played.events)],
        **({"refused": [*refused]} if (refused := _refused(turn)) else {}),
        "waited_ms": round(turn.claim.waited_ms, 2),
        "first_event_ms": None if first_ms is None else round(first_ms, 2),
        "total_ms": round(played.total_ms, 2),
    }
    return kept if turn.kit is None else turn.kit.mask.names(kept)


def _refused(turn: Ended) -> list[str]:
    """What the host has not carried out of what the robot yielded, and why."""
    return [keepable_text(f"The chart is not shown. {chart.problem}") for chart in turn.charts if chart.problem]
