"""The greeter welcomes, once, and leaves the floor."""

from robots.greeter.robot import GreeterRobot
from supportdesk.robots.contract import Line, QuickReplies, Say, Silent, Speaker, Trigger
from supportdesk.robots.testing import play


async def test_it_welcomes_with_quick_replies() -> None:
    events = await play(
        GreeterRobot,
        "",
        trigger=Trigger.ROOM_OPENED,
        settings={"text": "Welcome to **Acme**.", "quick_replies": ["Where is my order?"]},
    )
    assert events == [
        Say(delta="Welcome to **Acme**."),
        QuickReplies(options=("Where is my order?",)),
    ]


async def test_without_quick_replies_it_only_speaks() -> None:
    events = await play(GreeterRobot, "", trigger=Trigger.ROOM_OPENED, settings={"quick_replies": []})
    assert [type(event) for event in events] == [Say]


async def test_it_is_silent_when_somebody_was_faster() -> None:
    history = [Line(speaker=Speaker.GUEST, name="Ada", text="hello?")]
    events = await play(GreeterRobot, "", trigger=Trigger.ROOM_OPENED, history=history)
    assert events == [Silent(reason="the conversation has begun")]


def test_messages_are_not_for_it() -> None:
    assert frozenset({Trigger.ROOM_OPENED}) == GreeterRobot.hears
