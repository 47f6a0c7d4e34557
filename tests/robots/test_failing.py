"""Whatever a robot does wrong, the guest gets a person, is told so, and nothing is lost."""

import json
from collections.abc import AsyncIterator

import pytest

from robots.faq.robot import FaqRobot
from supportdesk.core.sockets import DESK
from supportdesk.errors import ServerBusy
from supportdesk.robots.configuring import Change, configure_robot
from supportdesk.robots.contract import Event, Robot, Say, Turn, Why
from supportdesk.robots.discovery import Listing
from supportdesk.robots.finishing import LINES, SORRY
from supportdesk.robots.model import InteractionId
from supportdesk.robots.play import Limits
from supportdesk.robots.queries import turns as queries
from tests.robots.conftest import Staging
from tests.robots.strange import (
    BadGraphRobot,
    CrashingRobot,
    EchoRobot,
    ExplainingRobot,
    GraphRobot,
    ImaginativeRobot,
    NeverRobot,
    SilentRobot,
    StaffOnlyRobot,
    StringRobot,
    TalkingAfterHandOffRobot,
)

HURRY = Limits(first_event_s=0.05, cancel_s=0.2)


@pytest.mark.parametrize(
    ("robot", "reason", "code"),
    [
        (NeverRobot, "It said nothing within 0.05 s.", "robot_timed_out"),
        (CrashingRobot, "RuntimeError: no hello here", "robot_failed"),
        (StringRobot, "It yielded str, which is no event of the contract.", "robot_failed"),
    ],
)
async def test_a_robot_that_fails_becomes_a_hand_over(
    staged: Staging, robot: type[Robot], reason: str, code: str
) -> None:
    desk = await staged(robot, limits=HURRY)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "hello")
    await desk.settle()

    assert await desk.texts(room) == ["hello", SORRY]
    (turn,) = await desk.turns(room)
    assert (turn["status"], turn["error_message"]) == ("failed", reason)
    assert turn["response_data"]["fate"] == "handed_over"
    assert await desk.owner_of(room) == "queue"
    assert await desk.handed_over(room) == [("system", code)]


async def test_words_streamed_before_a_crash_are_replaced_by_the_line(staged: Staging) -> None:
    desk = await staged(CrashingRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "hello")
    await desk.settle()
    _question, line = await desk.messages(room)
    assert desk.ears.streamed() == "Let me see. "
    assert {data["draft_id"] for _event, _where, data in desk.ears.heard} == {str(line["draft_id"])}
    assert desk.ears.aborted() == []


async def test_a_hand_off_carries_the_robots_own_words(staged: Staging) -> None:
    desk = await staged(ExplainingRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "tax law")
    await desk.settle()
    _question, note, answer = await desk.messages(room)
    assert (note["content"], note["is_note"], note["public_seq"]) == ("the guest sounds cross", True, None)
    assert answer["content"] == "Let me get somebody."
    assert await desk.handed_over(room) == [("robot", "robot_handed_over")]
    (turn,) = await desk.turns(room)
    assert turn["response_data"]["reason"] == "tax law is not mine"


async def test_a_hand_off_without_words_gets_a_line(staged: Staging) -> None:
    desk = await staged(TalkingAfterHandOffRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "hello")
    await desk.settle()
    assert await desk.texts(room) == ["hello", LINES[Why.OTHER]]
    assert desk.ears.streamed() == ""
    (turn,) = await desk.turns(room)
    assert turn["status"] == "completed"


async def test_the_next_robot_is_asked_when_the_first_is_silent_or_fails(staged: Staging) -> None:
    desk = await staged(SilentRobot, CrashingRobot, EchoRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "hello")
    await desk.settle()
    assert await desk.texts(room) == ["hello", "hello"]
    turns = await desk.turns(room)
    assert [(turn["module"], turn["status"]) for turn in turns] == [
        ("silent", "completed"),
        ("crashing", "failed"),
        ("echo", "completed"),
    ]
    assert [turn["response_data"]["fate"] for turn in turns] == ["promoted", "promoted", "posted"]
    assert len(desk.ears.aborted()) == 1
    assert await desk.handed_over(room) == []


async def test_when_every_robot_is_silent_a_person_gets_the_room(staged: Staging) -> None:
    desk = await staged(SilentRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "hello")
    await desk.settle()
    assert await desk.texts(room) == ["hello", SORRY]
    assert await desk.handed_over(room) == [("system", "robot_silent")]


async def test_a_robot_that_is_not_loaded_here_becomes_a_hand_over(staged: Staging) -> None:
    desk = await staged(EchoRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.settle()
    without = await staged(missing=[Listing("echo", "robots/echo", problem="RuntimeError: broken")])
    await without.says(guest, room, "hello")
    await without.settle()
    (turn,) = await without.turns(room)
    assert turn["error_message"] == "It is not loaded: RuntimeError: broken."
    assert await without.texts(room) == ["hello", SORRY]


async def test_settings_that_no_longer_fit_become_a_hand_over(staged: Staging) -> None:
    desk = await staged(EchoRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.owner.execute("UPDATE room_robots SET settings = '{\"colour\": 1}' WHERE room_id = $1", room.id)
    await desk.says(guest, room, "hello")
    await desk.settle()
    (turn,) = await desk.turns(room)
    assert "colour" in turn["error_message"]
    assert await desk.owner_of(room) == "queue"


async def test_the_rooms_settings_outrank_the_workspaces(staged: Staging) -> None:
    desk = await staged(EchoRobot, install=False)
    await desk.installs("echo", prefix="workspace ", max_chars=100)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.owner.execute('UPDATE room_robots SET settings = \'{"prefix": "room "}\' WHERE room_id = $1', room.id)
    await desk.says(guest, room, "hello")
    await desk.settle()
    assert await desk.texts(room) == ["hello", "room hello"]


async def test_after_three_failures_a_robot_rests_and_the_next_one_leads(staged: Staging) -> None:
    desk = await staged(CrashingRobot, EchoRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    for text in ("one", "two", "three", "four"):
        await desk.says(guest, room, text)
        await desk.settle()
    assert [turn["module"] for turn in await desk.turns(room)] == [*["crashing", "echo"] * 3, "echo"]


async def test_when_the_documents_cannot_be_searched_a_person_answers_and_the_robot_is_not_blamed(
    staged: Staging,
) -> None:
    desk = await staged(FaqRobot, texts=["Refunds take five days."])
    desk.shelf.broken = ServerBusy("The database cannot be reached just now; try again.", retry_after=1)
    guest = await desk.guest()
    for _ in range(4):
        room = await desk.opens(guest)
        await desk.says(guest, room, "refunds?")
        await desk.settle()
        assert await desk.texts(room) == ["refunds?", SORRY]
        (turn,) = await desk.turns(room)
        assert turn["observation_data"]["calls"][0]["error"].startswith("The database cannot be reached")
    assert not desk.host.breaker.is_open("faq")


async def test_a_robot_for_the_staff_leads_nowhere(staged: Staging) -> None:
    desk = await staged(StaffOnlyRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    assert await desk.owner_of(room) == "queue"
    await desk.says(guest, room, "hello")
    await desk.settle()
    assert await desk.texts(room) == ["hello"]


async def test_who_was_asked_and_is_then_kept_for_the_staff_leaves_the_guest_to_a_person(staged: Staging) -> None:
    desk = await staged(EchoRobot, seats=0)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "hello")
    (turn,) = await desk.turns(room)
    async with desk.db.transaction(desk.system) as tx:
        change = Change(layer={"visible_to_guest": False})
        await configure_robot(tx, desk.host, desk.keys, turn["robot_id"], change)
    worker = await staged(EchoRobot)
    await worker.runner.sweep()
    await worker.settle()
    _question, suggestion, line = await desk.messages(room)
    assert (suggestion["content"], suggestion["public_seq"]) == ("hello", None)
    assert not suggestion["is_robot_visible_to_guests"]
    assert line["content"] == SORRY
    assert worker.ears.streamed() == ""
    assert worker.ears.streamed(DESK) == "hello "


async def test_a_graph_is_a_message_of_its_own(staged: Staging) -> None:
    desk = await staged(GraphRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "sales")
    await desk.settle()
    _question, graph = await desk.messages(room)
    assert (graph["message_type"], graph["content"]) == ("graph", "One bar for sales.")
    assert '"mark": "bar"' in graph["content_metadata"]
    assert '"quick_replies": ["more"]' in graph["content_metadata"]
    shape = json.loads(graph["content_metadata"])["graph"]
    assert '<th scope="row">Mon</th><td>1</td>' in shape["table"]
    assert shape["svg"].startswith("<svg ")
    assert "One bar for sales." in shape["svg"]


async def test_what_cannot_be_drawn_is_said_in_words_and_the_ledger_says_why(staged: Staging) -> None:
    desk = await staged(BadGraphRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "sales")
    await desk.settle()
    assert await desk.texts(room) == [
        "sales",
        "Here it is.",
        "A chart with a NUL.",
        "Too many points for sales.",
        "A number without end.",
    ]
    assert {message["message_type"] for message in await desk.messages(room)} == {"chat", "robot"}
    (turn,) = await desk.turns(room)
    assert turn["status"] == "completed"
    response = turn["response_data"]
    assert [why.removeprefix("The chart is not shown. ") for why in response["refused"]] == [
        "Row 1 holds a NUL character, which cannot be stored.",
        "It has 3,000 rows; 2,000 can be drawn.",
        "Its data cannot be stored: Integer exceeds 64-bit range.",
    ]
    assert response["events"][1]["data"] == [{"x": "a\ufffdb", "y": 1}]
    assert len(response["events"][2]["data"]) == 2_000


async def test_only_documents_that_were_found_can_be_cited(staged: Staging) -> None:
    desk = await staged(ImaginativeRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "really?")
    await desk.settle()
    _question, answer = await desk.messages(room)
    assert answer["content"] == "Trust me."
    assert answer["context_documents"] in (None, "[]")


async def test_a_room_without_an_active_robot_goes_to_people_at_once(staged: Staging) -> None:
    desk = await staged(EchoRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.owner.execute("UPDATE room_robots SET active = false WHERE room_id = $1", room.id)
    await desk.says(guest, room, "hello")
    await desk.settle()
    assert await desk.owner_of(room) == "queue"
    assert await desk.handed_over(room) == [("system", "no_robot")]


async def test_the_sweep_rescues_a_room_that_was_forgotten(staged: Staging) -> None:
    desk = await staged(EchoRobot)
    guest = await desk.guest()
    room, answered = await desk.opens(guest), await desk.opens(guest)
    desk.hooks.after_insert.clear()
    await desk.says(guest, room, "hello")
    assert await desk.rescuer.sweep(waiting_s=60) == 0
    assert await desk.rescuer.sweep(waiting_s=-1) == 1
    assert await desk.owner_of(room) == "queue"
    assert await desk.owner_of(answered) == "robot"


async def test_a_turn_is_given_up_after_three_attempts(staged: Staging) -> None:
    desk = await staged(EchoRobot, seats=0)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "hello")
    (turn,) = await desk.turns(room)
    for _attempt in range(3):
        await desk.forget(turn["id"])
    other = await staged(EchoRobot)
    await other.runner.sweep()
    await other.settle()
    (turn,) = await other.turns(room)
    assert (turn["status"], turn["error_message"]) == ("failed", "It was given up after 3 attempts.")
    assert await other.owner_of(room) == "queue"


async def test_a_muted_robot_hands_over(staged: Staging) -> None:
    desk = await staged(EchoRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.owner.execute(
        "UPDATE room_participants SET status = 'muted' WHERE room_id = $1 AND role = 'ai'", room.id
    )
    await desk.says(guest, room, "hello")
    await desk.settle()
    assert await desk.texts(room) == ["hello"]
    assert await desk.handed_over(room) == [("system", "robot_failed")]


async def test_a_deleted_rooms_turn_ends_quietly(staged: Staging) -> None:
    desk = await staged(EchoRobot, seats=0)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "hello")
    await desk.owner.execute("UPDATE chat_rooms SET deleted_at = now() WHERE id = $1", room.id)
    other = await staged(EchoRobot)
    await other.runner.sweep()
    await other.settle()
    (turn,) = await other.turns(room)
    assert (turn["status"], turn["response_data"]["reason"]) == ("completed", "the room is closed")


async def test_extending_a_claim_that_is_not_ours_tells_so(staged: Staging) -> None:
    desk = await staged(EchoRobot, seats=0)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "hello")
    (turn,) = await desk.turns(room)
    await desk.forget(turn["id"], "somebody else")
    async with desk.db.transaction(desk.system) as tx:
        assert await queries.extend_claims(tx.conn, [InteractionId(turn["id"])], "me") == {}


class UnprintableRobot(EchoRobot):
    """Says what no database can hold."""

    name = "unprintable"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        yield Say(delta=f"{turn.text}\x00")


async def test_words_that_cannot_be_kept_are_the_robots_failure_and_the_turn_ends(staged: Staging) -> None:
    desk = await staged(UnprintableRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "one")
    await desk.settle()
    (turn,) = await desk.turns(room)
    assert (turn["status"], turn["response_data"]["fate"]) == ("failed", "handed_over")
    assert "NUL" in turn["error_message"]
