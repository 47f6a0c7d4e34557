"""Plays one claimed turn, from the robot's first word to the row that says how it went."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from uuid import uuid5

import structlog

from supportdesk.actor import Actor
from supportdesk.core.clock import Clock
from supportdesk.core.db import Database, Lane
from supportdesk.core.masking import Mask
from supportdesk.core.metrics import FIRST_TOKEN, TURNS
from supportdesk.core.outward import Outward
from supportdesk.core.secrets import Keyring
from supportdesk.core.sockets import Emitter
from supportdesk.core.tasks import Tasks
from supportdesk.errors import DeskError, Invalid
from supportdesk.llm.conversing import Conversations
from supportdesk.robots.charts import draw
from supportdesk.robots.contract import Event, KitError, Robot, Role, Say, Settings, Trigger, Turn
from supportdesk.robots.drafts import Draft
from supportdesk.robots.finishing import Ended, Surroundings, finish_turn
from supportdesk.robots.kit import Library, TurnKit
from supportdesk.robots.language import TurnLlm
from supportdesk.robots.model import FOLLOWER_CHARS, MOST_ATTEMPTS, Claim, Fate
from supportdesk.robots.play import Ending, Limits, Performance, Played
from supportdesk.robots.queries import turns as queries
from supportdesk.robots.remarks import is_said
from supportdesk.robots.settings import settings_for, unseal, with_secrets
from supportdesk.tools.executor import Executor

log = structlog.get_logger(__name__)

Begin = Callable[[Claim, Performance], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where turns are played: everything they need of the process."""

    db: Database
    tasks: Tasks
    clock: Clock
    emitter: Emitter
    library: Library
    outward: Outward
    around: Surroundings
    keys: Keyring
    executor: Executor | None = None
    """None where robots have no tools."""
    conversations: Conversations | None = None
    limits: Limits = field(default_factory=Limits)


async def play_turn(stage: Stage, claim: Claim, begin: Begin, finishing: Callable[[Claim], None]) -> None:
    """Play the turn with no transaction open, then finish it in one.

    `begin` gets the performance before it starts, so that it can be stopped; `finishing` is told when it is over.
    When the database is away at the end, the claim runs out and the turn is played again, here or elsewhere.
    """
    cast = _cast(stage, claim)
    visible = cast.visible_to_guest if isinstance(cast, Ended) else cast.settings.visible_to_guest
    draft = Draft(stage.emitter, claim, visible_to_guest=visible)
    if _streams(claim):
        draft.abort_earlier()
    fate: Fate | None = None
    try:
        turn = cast if isinstance(cast, Ended) else await _perform(stage, claim, cast, draft, begin)
        if claim.role is Role.FOLLOW and turn.played.text:
            turn = replace(turn, repeats=await _repeats(stage, claim, turn.played))
        finishing(claim)
        async with stage.db.transaction(Actor.system(claim.workspace_id), lane=Lane.BACKGROUND) as tx:
            fate = await finish_turn(tx, turn, stage.around)
        _account(claim, turn.played, fate)
    except DeskError as error:
        log.warning("robot.turn_not_finished", robot=claim.robot.name, turn=str(claim.id), reason=error.sentence)
    except asyncio.CancelledError:
        await _give_back(stage, claim)
        raise
    finally:
        if fate not in (Fate.POSTED, Fate.HANDED_OVER, Fate.CUT_SHORT):
            draft.abort()
        draft.rest()


async def _repeats(stage: Stage, claim: Claim, played: Played) -> bool:
    """Whether a remark has been made already: from the same documents, or in nearly the same words."""
    cited = {cite.document_id for cite in played.citations}
    return (bool(cited) and cited <= claim.cited) or await is_said(stage.library, played.text, claim.said)


def _streams(claim: Claim) -> bool:
    """Whether what is said is shown while it is: a remark is first held against the others, a suggestion is whole."""
    return claim.role is Role.LEAD and claim.trigger is not Trigger.SUGGESTION


@dataclass(frozen=True, slots=True)
class _Cast:
    """A robot that can be played, with its settings in force."""

    robot: type[Robot]
    settings: Settings


def _cast(stage: Stage, claim: Claim) -> _Cast | Ended:
    """The robot for the turn, or how the turn ends without one."""
    host, module = stage.around.host, claim.robot.module
    robot = host.robot(module)
    if claim.outdated:
        return _unplayed(claim, Ending.STOPPED, claim.outdated)
    if not claim.robot.active:
        return _unplayed(claim, Ending.SILENT, "it has been switched off")
    if robot is None:
        return _unplayed(claim, Ending.FAILED, f"It is not loaded: {host.why_not(module)}.")
    if claim.attempt > MOST_ATTEMPTS:
        return _unplayed(claim, Ending.FAILED, f"It was given up after {MOST_ATTEMPTS} attempts.")
    try:
        ours, room = claim.settings
        settings = settings_for(robot, with_secrets(ours, unseal(stage.keys, claim.robot.id, claim.sealed)), room)
    except Invalid as invalid:
        return _unplayed(claim, Ending.FAILED, invalid.sentence)
    if not host.breaker.admits(module):
        return _unplayed(claim, Ending.FAILED, "It rests after failing several times in a row.")
    return _Cast(robot, settings)


def _unplayed(claim: Claim, ending: Ending, reason: str) -> Ended:
    played = Played(ending=ending, reason=reason, events=(), first_event_ms=None, total_ms=0)
    return Ended(claim=claim, played=played)


async def _perform(stage: Stage, claim: Claim, cast: _Cast, draft: Draft, begin: Begin) -> Ended:
    kit = TurnKit(claim, stage.library, stage.clock, stage.outward, stage.executor, Mask.of(cast.settings))
    leads = claim.role is Role.LEAD
    if stage.conversations is not None:
        kit.llm = TurnLlm(kit, claim, stage.conversations)
    performance = Performance(
        cast.robot(cast.settings, kit),
        Turn(
            text=claim.text,
            trigger=claim.trigger,
            role=claim.role,
            lead_text=claim.said[0] if claim.said and not leads else "",
            history=claim.history,
            guest_name=claim.guest_name,
            locale=claim.locale,
            tool_results=claim.tool_results,
            conversation=str(uuid5(claim.robot.id, str(claim.room_id))),
        ),
        tasks=stage.tasks,
        clock=stage.clock,
        limits=stage.limits if leads else replace(stage.limits, most_chars=FOLLOWER_CHARS),
        mask=kit.mask,
    )

    async def hear(event: Event) -> None:
        if _streams(claim) and isinstance(event, Say):
            draft.say(event.delta)

    kit.waits_in = performance.unhurried
    begin(claim, performance)
    at_work = stage.tasks.spawn(draft.show_work(), name="show work", lasting=True) if _streams(claim) else None
    try:
        played = await performance.run(hear)
    finally:
        if at_work is not None:
            at_work.cancel()
    if kit.has_watched:
        await performance.gone()  # the model's stream is closed then, and what it has used is known
    played = replace(played, reason=kit.mask.text(played.reason))
    stage.tasks.spawn(_judge(stage, claim, performance, played), name=f"judge {claim.robot.module}")
    if kit.toolbox is not None and played.ending not in (Ending.STOPPED, Ending.FAILED):
        await kit.toolbox.call_later(played.tool_calls)
        if claim.attempt > 1:
            await kit.toolbox.withdraw_the_rest()
    return Ended(
        claim=claim,
        played=played,
        kit=kit,
        visible_to_guest=cast.settings.visible_to_guest,
        charts=draw(played.graphs, claim.id.hex),
    )


async def _judge(stage: Stage, claim: Claim, performance: Performance, played: Played) -> None:
    """Tell the breaker how it went, once the robot has really ended; the guest does not wait for that.

    What fails in the desk itself (the database is away, say) is no fault of the robot.
    """
    breaker, module = stage.around.host.breaker, claim.robot.module
    failed = played.ending is Ending.FAILED and not isinstance(played.error, KitError)
    if failed or not await performance.gone():
        breaker.failed(module)
    elif played.ending in (Ending.STOPPED, Ending.FAILED):
        breaker.gave_up(module)
    else:
        breaker.succeeded(module)


async def _give_back(stage: Stage, claim: Claim) -> None:
    with suppress(DeskError):
        async with stage.db.transaction(Actor.system(claim.workspace_id), lane=Lane.BACKGROUND) as tx:
            await queries.release_claim(tx.conn, claim)


def _account(claim: Claim, played: Played, fate: Fate | None) -> None:
    TURNS.labels(claim.robot.module, fate or "lost").inc()
    if played.first_event_ms is not None:
        FIRST_TOKEN.labels(claim.robot.module).observe((claim.waited_ms + played.first_event_ms) / 1000)
    log.info(
        "robot.turn",
        robot=claim.robot.name,
        room=str(claim.room_id),
        turn=str(claim.id),
        attempt=claim.attempt,
        ending=played.ending,
        fate=fate or "lost",
        error=type(played.error).__name__
        if played.error
        else None,  # its words may be the guest's: the ledger has them
        ms=round(played.total_ms, 1),
    )
