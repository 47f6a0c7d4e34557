"""A robot's secret settings reach neither the guest nor a tool, in however many pieces it gives them away."""

from collections.abc import AsyncIterator
from itertools import pairwise
from random import Random
from typing import ClassVar
from urllib.parse import quote
from uuid import UUID

import pytest
from pydantic import Field, SecretStr

from supportdesk.core.clock import Clock
from supportdesk.core.masking import MASK, Mask
from supportdesk.core.sockets import Namespace
from supportdesk.core.tasks import Tasks
from supportdesk.robots import contract
from supportdesk.robots.configuring import Change, configure_robot
from supportdesk.robots.contract import (
    Cite,
    Event,
    Graph,
    HandOff,
    KitError,
    QuickReplies,
    Robot,
    Say,
    ToolCall,
    Turn,
    Whisper,
)
from supportdesk.robots.play import Ending, Performance
from supportdesk.robots.settings import settings_for
from supportdesk.robots.testing import PracticeKit, play
from tests.robots.conftest import Staging
from tests.robots.theatre import Theatre
from tests.tools.calling import calls

KEY = "sk-live/42 0815"
SECRETS = {"key": KEY}
DOCUMENT = UUID(int=7)


class LeakyRobot(Robot):
    """Says what its script says."""

    name = "leaky"
    script: ClassVar[tuple[Event, ...]] = ()
    calls: ClassVar[bool] = False
    refusals: ClassVar[list[str]] = []

    class Settings(contract.Settings):
        """A key."""

        key: SecretStr = Field(default=SecretStr(""), title="Key")

    settings: Settings

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        """Play the script."""
        del turn
        for event in self.script:
            yield event
        if self.calls:
            try:
                await self.kit.tools.call("look_up_order", {"order_number": quote(KEY), "email": "a@example.com"})
            except KitError as refused:
                self.refusals.append(str(refused))


async def hears(monkeypatch: pytest.MonkeyPatch, *script: Event, key: str = KEY, **more: int) -> list[Event]:
    """What is heard of a script."""
    monkeypatch.setattr(LeakyRobot, "script", script)
    return await play(LeakyRobot, "hello", settings={"key": key, **more})


def says(*deltas: str) -> list[Event]:
    return [Say(delta=delta) for delta in deltas]


@pytest.mark.parametrize(
    ("deltas", "heard"),
    [
        ((f"It is {KEY}.",), (f"It is {MASK}.",)),
        (("It is sk-li", "ve/42 0815, see?"), ("It is ", f"{MASK}, see?")),
        (("It is sk-", "live/42", " 08", "15"), ("It is ", MASK)),
        (("The task", " is sk-", "etched."), ("The ta", "sk is ", "sk-etched.")),
        (("Ordinary", " words", " come at once."), ("Ordinary", " word", "s come at once.")),
        (("You begin with sk-live/42",), ("You begin with ", "sk-live/42")),
        (("s", "s", "k-live/42 0815"), ("s", f"{MASK}")),
        ((f"{KEY}{KEY}",), (f"{MASK}{MASK}",)),
        ((f"a={quote(KEY, safe='')}"[:12], f"a={quote(KEY, safe='')}"[12:] + "&b"), ("a=", f"{MASK}&b")),
    ],
)
async def test_a_secret_is_masked_however_it_is_cut(
    deltas: tuple[str, ...], heard: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await hears(monkeypatch, *says(*deltas)) == says(*heard)


async def test_pieces_of_a_secret_are_not_joined_across_other_events(monkeypatch: pytest.MonkeyPatch) -> None:
    note, options = Whisper(text="Working."), QuickReplies(options=("Yes",))
    heard = await hears(monkeypatch, *says("Key: sk-live"), note, *says("/42 "), options, *says("0815."))
    assert heard == [*says("Key: "), note, options, *says(f"{MASK}.")]


async def test_what_was_held_back_is_said_before_a_hand_off(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = await hears(monkeypatch, *says("I a", "sk"), HandOff(reason=f"no {KEY}"))
    assert heard == [*says("I a", "sk"), HandOff(reason=f"no {MASK}")]


async def test_a_secret_in_any_other_event_is_masked_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    script = [
        *says("Look."),
        Whisper(text=f"with {KEY}"),
        Cite(document_id=DOCUMENT, quote=f"as {KEY}"),
        QuickReplies(options=("No", KEY)),
        Graph(spec={"mark": "bar", "title": KEY}, data=({"x": KEY, "y": 1},), summary=KEY),
    ]
    heard = await hears(monkeypatch, *script)
    assert [type(event) for event in heard] == [type(event) for event in script]
    assert KEY not in str(heard)
    assert str(heard).count(MASK) == 6
    assert Cite(document_id=DOCUMENT, quote=f"as {MASK}") in heard


async def test_a_text_cut_to_its_measure_shows_no_part_of_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = await hears(monkeypatch, *says(f"It is {KEY} and more."), max_chars=16)
    assert heard == says(f"It is {MASK} and m…"[:15] + "…")


async def test_a_robot_without_secrets_says_every_piece_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    script = says("sk-", "live/42", " 0815", "s")
    assert await hears(monkeypatch, *script, key="") == script


async def test_what_a_stopped_robot_held_back_is_not_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LeakyRobot, "script", says("Key: ", "sk-live", " or not"))
    robot = LeakyRobot(settings_for(LeakyRobot, SECRETS), PracticeKit())
    performance = Performance(robot, Turn(text="hello"), tasks=Tasks(), clock=Clock())

    async def hear(_event: Event) -> None:
        performance.stop("enough")

    played = await performance.run(hear)
    assert (played.ending, played.text) == (Ending.STOPPED, "Key:")


def test_a_veil_hides_what_a_mask_hides_and_loses_nothing() -> None:
    chance = Random(7)  # noqa: S311 - the same cuts each time
    mask = Mask(["abababab", "ababababcd", "babcabcabc", KEY])
    for _ in range(2_000):
        parts = ["ab", "abababab", "cd", "babc", "abc", "x", " ", KEY, KEY[:6], KEY[6:]]
        text = "".join(chance.choices(parts, k=chance.randint(1, 12)))
        cuts = sorted({0, len(text), *chance.choices(range(len(text) + 1), k=4)})
        veil = mask.veil()
        said = [veil.feed(text[start:end]) for start, end in pairwise(cuts)]
        told = "".join([*said, veil.end()])
        whole = mask.veil()
        assert told == whole.feed(text) + whole.end(), (text, cuts)
        assert mask.text(told) == told
        assert (MASK in told) == mask.hides(text)
        if MASK not in told:
            assert told == text


async def opened(staged: Staging, monkeypatch: pytest.MonkeyPatch, *script: Event, asks: bool = False) -> Theatre:
    """A desk with the robot and its key."""
    monkeypatch.setattr(LeakyRobot, "script", script)
    monkeypatch.setattr(LeakyRobot, "calls", asks)
    monkeypatch.setattr(LeakyRobot, "refusals", [])
    desk = await staged(LeakyRobot)
    robot_id = await desk.owner.fetchval("SELECT id FROM robots WHERE workspace_id = $1", desk.workspace_id)
    async with desk.db.transaction(desk.system) as tx:
        await configure_robot(tx, desk.host, desk.keys, robot_id, Change(secrets=SECRETS))
    return desk


async def test_the_room_hears_and_keeps_no_secret_and_in_the_order_of_the_words(
    staged: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await opened(staged, monkeypatch, *says("The key", " is sk-li", "ve/42", " 0815", ". Ask", " me."))
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "Your key?")
    await desk.settle()
    wanted = f"The key is {MASK}. Ask me."
    assert (await desk.texts(room))[-1] == desk.ears.streamed() == desk.ears.streamed(Namespace.DESK) == wanted
    (turn,) = await desk.turns(room)
    assert "".join(event["delta"] for event in turn["response_data"]["events"]) == wanted


@pytest.mark.parametrize("asks", [True, False])
async def test_a_call_with_a_secret_reaches_no_tool_and_the_record_says_why(
    staged: Staging, monkeypatch: pytest.MonkeyPatch, *, asks: bool
) -> None:
    later = () if asks else (ToolCall(name="look_up_order", args={"order_number": f"no {KEY}", "email": "a@b.c"}),)
    desk = await opened(staged, monkeypatch, *says("One moment."), *later, asks=asks)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "Look it up.")
    await desk.settle()
    assert await calls(desk, room) == []
    (turn,) = await desk.turns(room)
    (call,) = turn["observation_data"]["calls"]
    assert "a secret of the robot's own settings stands in the call" in call["error"]
    assert KEY not in str(turn["observation_data"]) + str(turn["response_data"])
    assert [call["error"] in refusal for refusal in LeakyRobot.refusals] == [True] * asks
