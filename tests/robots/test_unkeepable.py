"""Robots that say, draw, log or offer what no database can hold: the turn ends all the same, with a clear reason."""

from collections.abc import AsyncIterator, Callable, Mapping

import pytest
from pydantic import SecretStr

from supportdesk.robots.contract import Event, Graph, HandOff, QuickReplies, Robot, Say, ToolCall, Turn, Whisper
from supportdesk.robots.finishing import SORRY
from tests.robots.conftest import Staging

NUL = "a\x00b"


MAKES: Mapping[str, Callable[[], Event]] = {
    "graph": lambda: Graph(spec={"mark": "bar"}, data=({"x": NUL},), summary="One."),
    "spec": lambda: Graph(spec={NUL: "bar"}, data=({"x": 1},), summary="One."),
    "infinite": lambda: Graph(spec={"mark": "bar"}, data=({"x": float("nan")},), summary="One."),
    "replies": lambda: QuickReplies(options=(NUL,)),
    "tool": lambda: ToolCall(name="look", args={"x": NUL}),
    "tool name": lambda: ToolCall(name=NUL, args={}),
    "whisper": lambda: Whisper(text=NUL),
    "reason": lambda: HandOff(reason=NUL),
    "half a pair": lambda: Say(delta="\ud800"),
}


class Unkeepable(Robot):
    """Does what the guest says."""

    name = "unkeepable"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        if turn.text == "log":
            self.kit.log("looked", what=NUL, deep={"more": [NUL, "\ud800"]})
            self.kit.log(NUL)
        elif turn.text == "log objects":
            self.kit.log("looked", what=SecretStr("hunter2"), when=object())  # type: ignore[arg-type]
        elif turn.text == "crash":
            raise RuntimeError(f"no {NUL} here")
        else:
            yield MAKES[turn.text]()
        yield Say(delta="Said.")


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("replies", "It made a QuickReplies that cannot be: options.0: "),
        ("tool", "It made a ToolCall that cannot be: args: "),
        ("tool name", "It made a ToolCall that cannot be: name: "),
        ("whisper", "It made a Whisper that cannot be: text: "),
        ("reason", "It made a HandOff that cannot be: reason: "),
        ("half a pair", "It made a Say that cannot be: delta: "),
        ("crash", "RuntimeError: no a\ufffdb here"),
    ],
)
async def test_what_cannot_be_kept_is_the_robots_failure_and_says_where(
    staged: Staging, what: str, reason: str
) -> None:
    desk = await staged(Unkeepable)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, what)
    await desk.settle()
    (turn,) = await desk.turns(room)
    assert (turn["status"], turn["response_data"]["fate"], turn["attempt"]) == ("failed", "handed_over", 1)
    assert turn["error_message"].startswith(reason)
    assert "input_value" not in turn["error_message"], "what a guest has written is in no log"
    assert await desk.texts(room) == [what, SORRY]


@pytest.mark.parametrize("what", ["log", "log objects", "infinite", "graph", "spec"])
async def test_what_is_only_noted_is_noted_as_far_as_it_can_be(staged: Staging, what: str) -> None:
    desk = await staged(Unkeepable)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, what)
    await desk.settle()
    (turn,) = await desk.turns(room)
    assert (turn["status"], turn["response_data"]["fate"]) == ("completed", "posted")
    assert "Said." in await desk.texts(room)
    lines = [{name: line[name] for name in line if name != "at_ms"} for line in turn["observation_data"]["log"]]
    assert (
        lines
        == {
            "log": [
                {"fact": "looked", "what": "a\ufffdb", "deep": {"more": ["a\ufffdb", "?"]}},
                {"fact": "a\ufffdb"},
            ],
            "log objects": [{"fact": "looked", "what": "(SecretStr)", "when": "(object)"}],
            "infinite": [],
            "graph": [],
            "spec": [],
        }[what]
    )
