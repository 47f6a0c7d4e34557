"""One robot, one turn: what the host passes on, and how it holds a robot to its limits."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from supportdesk.core.clock import Clock
from supportdesk.core.tasks import Tasks
from supportdesk.robots.contract import Event, HandOff, QuickReplies, Robot, Role, Say, Turn, Whisper
from supportdesk.robots.play import Ending, Limits, Performance, Stopped
from supportdesk.robots.settings import settings_for
from supportdesk.robots.testing import PracticeKit, perform, play
from tests.robots.strange import (
    CrashingRobot,
    EchoRobot,
    EndlessRobot,
    InterruptingRobot,
    NeverRobot,
    QuittingRobot,
    SilentRobot,
    SourcesOnlyRobot,
    StallingRobot,
    StringRobot,
    StubbornRobot,
    TalkingAfterHandOffRobot,
    ToolRobot,
    WordlessRobot,
)

HURRY = Limits(first_event_s=0.05, cancel_s=0.05)


def staged(robot: type[Robot], text: str = "hello there", **settings: float) -> tuple[Performance, Tasks]:
    tasks = Tasks()
    actor = robot(settings_for(robot, settings), PracticeKit())
    return Performance(actor, Turn(text=text), tasks=tasks, clock=Clock(), limits=HURRY), tasks


async def nobody(_event: Event) -> None: ...


async def test_every_event_is_passed_on_as_it_comes_and_kept() -> None:
    performance, _tasks = staged(EchoRobot)
    heard: list[Event] = []

    async def hear(event: Event) -> None:
        heard.append(event)

    played = await performance.run(hear)
    assert played.ending is Ending.ANSWERED
    assert heard == list(played.events) == [Say(delta="hello "), Say(delta="there ")]
    assert played.text == "hello there"
    assert played.first_event_ms is not None
    assert played.first_event_ms <= played.total_ms


async def test_a_robot_that_says_nothing_in_time_fails() -> None:
    performance, _tasks = staged(NeverRobot)
    played = await performance.run(nobody)
    assert (played.ending, played.reason) == (Ending.FAILED, "It said nothing within 0.05 s.")
    assert await performance.gone()


async def test_a_robot_that_does_not_finish_in_time_fails_and_keeps_what_it_said() -> None:
    performance, _tasks = staged(StallingRobot, timeout_s=0.03)
    played = await performance.run(nobody)
    assert (played.ending, played.reason) == (Ending.FAILED, "It was not done within 0.03 s.")
    assert played.text == "hello there …"


async def test_after_its_first_event_a_robot_has_its_whole_time() -> None:
    performance, _tasks = staged(StallingRobot, timeout_s=0.12)
    loop = asyncio.get_running_loop()
    began = loop.time()
    played = await performance.run(nobody)
    assert played.reason == "It was not done within 0.12 s."
    assert loop.time() - began >= 0.11


@pytest.mark.parametrize(
    ("robot", "reason"),
    [
        (CrashingRobot, "RuntimeError: no hello here"),
        (QuittingRobot, "SystemExit: 1"),
        (InterruptingRobot, "KeyboardInterrupt: "),
        (StringRobot, "It yielded str, which is no event of the contract."),
        (SourcesOnlyRobot, "It gave sources or quick replies without saying anything."),
        (WordlessRobot, "It yielded more than 5 Whisper events in one turn."),
    ],
)
async def test_what_a_robot_does_wrong_fails_the_turn_and_nothing_else(robot: type[Robot], reason: str) -> None:
    played = await perform(robot, Turn(text="hello"), kit=PracticeKit())
    assert (played.ending, played.reason) == (Ending.FAILED, reason)


async def test_a_time_out_of_the_robots_own_is_its_crash_not_our_limit() -> None:
    class ImpatientRobot(Robot):
        name = "impatient"

        async def answer(self, turn: Turn) -> AsyncIterator[Event]:
            if turn.text:
                raise TimeoutError("the weather service is slow")
            yield Say(delta="fine")

    played = await perform(ImpatientRobot, Turn(text="hello"), kit=PracticeKit())
    assert played.reason == "TimeoutError: the weather service is slow"


async def test_a_robot_that_cancels_itself_fails_at_once() -> None:
    class LostRobot(Robot):
        name = "lost"

        async def answer(self, turn: Turn) -> AsyncIterator[Event]:
            if turn.text:
                raise asyncio.CancelledError
            yield Say(delta="found")

    played = await perform(LostRobot, Turn(text="hello"), kit=PracticeKit())
    assert played.ending is Ending.FAILED
    assert played.reason.startswith("CancelledError")


async def test_nothing_is_heard_after_a_hand_off() -> None:
    heard: list[Event] = []

    async def hear(event: Event) -> None:
        heard.append(event)

    performance, tasks = staged(TalkingAfterHandOffRobot)
    played = await performance.run(hear)
    await tasks.settle()
    assert (played.ending, played.reason) == (Ending.HANDED_OFF, "not mine")
    assert heard == [HandOff(reason="not mine")]


async def test_an_answer_ends_at_the_longest_length_and_the_robot_is_sent_away() -> None:
    performance, _tasks = staged(EndlessRobot, max_chars=12)
    played = await performance.run(nobody)
    assert played.ending is Ending.ANSWERED
    assert "".join(event.delta for event in played.events if isinstance(event, Say)) == "more more m…"
    assert await performance.gone()


async def test_an_answer_of_exactly_the_longest_length_is_whole() -> None:
    played = await perform(EchoRobot, Turn(text="hello you"), kit=PracticeKit(), settings={"max_chars": 10})
    assert played.text == "hello you"


async def test_events_are_counted() -> None:
    class BabblingRobot(Robot):
        name = "babbling"

        async def answer(self, turn: Turn) -> AsyncIterator[Event]:
            while True:
                yield Say(delta=turn.text[:1])

    limits = Limits(most_events=100)
    played = await perform(BabblingRobot, Turn(text="a"), kit=PracticeKit(), limits=limits)
    assert (played.ending, played.reason) == (Ending.FAILED, "It yielded more than 100 events in one turn.")
    assert len(played.events) == 100


async def test_a_robot_that_yields_nothing_but_empty_pieces_is_still_late() -> None:
    class EmptyRobot(Robot):
        name = "empty"

        async def answer(self, turn: Turn) -> AsyncIterator[Event]:
            while turn.text:
                yield Say(delta="")

    performance, _tasks = staged(EmptyRobot)
    played = await performance.run(nobody)
    assert played.reason == "It said nothing within 0.05 s."


async def test_stopping_ends_a_turn_at_once_whatever_the_robot_waits_for() -> None:
    performance, _tasks = staged(NeverRobot)
    asyncio.get_running_loop().call_soon(performance.stop, "the guest wrote again")
    played = await performance.run(nobody)
    assert (played.ending, played.reason) == (Ending.STOPPED, "the guest wrote again")
    assert await performance.gone()


async def test_a_turn_stopped_before_it_began_says_nothing() -> None:
    performance, _tasks = staged(EchoRobot)
    performance.stop("taken over")
    played = await performance.run(nobody)
    assert (played.ending, played.reason, played.events) == (Ending.STOPPED, "taken over", ())


async def test_the_listener_can_end_the_turn() -> None:
    async def hear(_event: Event) -> None:
        raise Stopped("an agent replied")

    performance, _tasks = staged(EchoRobot)
    played = await performance.run(hear)
    assert (played.ending, played.reason) == (Ending.STOPPED, "an agent replied")


async def test_a_fault_of_the_host_is_not_booked_on_the_robot() -> None:
    async def hear(_event: Event) -> None:
        raise TimeoutError("the database is slow")

    performance, _tasks = staged(EchoRobot)
    with pytest.raises(TimeoutError, match="the database is slow"):
        await performance.run(hear)
    assert await performance.gone()


async def test_stopping_after_the_end_changes_nothing() -> None:
    performance, _tasks = staged(EchoRobot)
    played = await performance.run(nobody)
    performance.stop("too late")
    assert played.ending is Ending.ANSWERED


async def test_a_robot_that_swallows_its_cancelling_is_left_behind() -> None:
    performance, tasks = staged(StubbornRobot, timeout_s=0.02)
    StubbornRobot.may_go = asyncio.Event()
    played = await performance.run(nobody)
    assert played.ending is Ending.FAILED
    assert not await performance.gone()
    StubbornRobot.may_go.set()
    await tasks.settle()


async def test_cancelling_the_host_takes_the_robot_along() -> None:
    performance, tasks = staged(StallingRobot, timeout_s=60)
    running = tasks.spawn(performance.run(nobody), name="host")
    await asyncio.wait({running}, timeout=0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await tasks.settle()
    assert len(tasks) == 0


async def test_silence_has_a_reason() -> None:
    played = await perform(SilentRobot, Turn(text="hi"), kit=PracticeKit())
    assert (played.ending, played.reason) == (Ending.SILENT, "nothing to say to 2 characters")


async def test_notes_sources_and_quick_replies_are_told_apart() -> None:
    class ThoroughRobot(Robot):
        name = "thorough"

        async def answer(self, turn: Turn) -> AsyncIterator[Event]:
            hits = await self.kit.search(turn.text)
            for hit in (*hits, *hits):
                yield Say(delta=f"{hit.text} ")
            yield Whisper(text="sounds cross")
            yield QuickReplies(options=("yes", "no"))

    kit = PracticeKit(["Refunds take five days."])
    played = await perform(ThoroughRobot, Turn(text="refunds"), kit=kit)
    assert played.text == "Refunds take five days. Refunds take five days."
    assert played.notes == ("sounds cross",)
    assert played.quick_replies == ("yes", "no")
    assert kit.searched == ["refunds"]


async def test_play_raises_what_the_robot_raised() -> None:
    with pytest.raises(RuntimeError, match="no hello here"):
        await play(CrashingRobot, "hello")


async def test_a_robot_that_follows_asks_for_no_tools() -> None:
    played = await perform(ToolRobot, Turn(text="hello", role=Role.FOLLOW), kit=PracticeKit())
    assert (played.ending, played.reason) == (
        Ending.FAILED,
        "It asked for the tool look_up_order; a robot that follows calls none.",
    )


@pytest.mark.parametrize("delta", ["more ", "x" * 999])
async def test_a_robot_that_does_not_end_has_failed(delta: str) -> None:
    class Forever(Robot):
        name = "forever"

        async def answer(self, turn: Turn) -> AsyncIterator[Event]:
            while turn.text:
                yield Say(delta=delta)

    played = await perform(Forever, Turn(text="hello"), kit=PracticeKit())
    assert played.ending is Ending.FAILED
    assert "It did not end" in played.reason
    short = await perform(Forever, Turn(text="hello"), kit=PracticeKit(), settings={"max_chars": 280})
    assert short.ending is Ending.ANSWERED
    assert 279 <= len(short.text) <= 280
