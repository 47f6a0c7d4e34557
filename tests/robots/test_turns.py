"""From a guest's message to a robot's answer in the room, or to a person."""

import orjson

from robots.faq.robot import FaqRobot
from robots.greeter.robot import GreeterRobot
from supportdesk.core.sockets import DESK
from supportdesk.robots.contract import Why
from supportdesk.robots.finishing import LINES
from tests.robots.conftest import Staging
from tests.robots.strange import EchoRobot

REFUNDS = "Refunds take five working days. We send the money back to the card you paid with."


async def test_a_guests_question_is_answered_streamed_and_cited(staged: Staging) -> None:
    desk = await staged(FaqRobot, texts=[REFUNDS])
    guest = await desk.guest()
    room = await desk.opens(guest)
    asked = await desk.says(guest, room, "How long do refunds take?")
    await desk.settle()

    question, answer = await desk.messages(room)
    assert question["id"] == asked.id
    assert answer["content"] == REFUNDS
    assert (answer["sender_type"], answer["message_type"]) == ("ai", "robot")
    assert answer["robot_response_to"] == asked.id
    assert answer["is_robot_visible_to_guests"]
    assert answer["is_first_responder"]
    assert answer["public_seq"] is not None
    (source,) = orjson.loads(answer["context_documents"])
    assert (source["quote"], source["title"], source["url"]) == (REFUNDS, "Help", "/help")
    assert source["chunk_id"]
    assert desk.ears.streamed().strip() == desk.ears.streamed(DESK).strip() == REFUNDS
    assert {data["draft_id"] for _event, _where, data in desk.ears.heard} == {str(answer["draft_id"])}
    assert {data["robot_id"] for _event, _where, data in desk.ears.heard} == {str(answer["sender_id"])}
    assert desk.ears.aborted() == []


async def test_every_turn_is_on_record(staged: Staging) -> None:
    desk = await staged(FaqRobot, texts=[REFUNDS])
    guest = await desk.guest()
    room = await desk.opens(guest)
    asked = await desk.says(guest, room, "How long do refunds take?")
    await desk.settle()

    (turn,) = await desk.turns(room)
    assert (turn["status"], turn["attempt"], turn["trigger_kind"]) == ("completed", 1, "message")
    assert turn["message_id"] == asked.id
    assert turn["started_at"] <= turn["completed_at"]
    assert turn["request_data"]["text"] == "How long do refunds take?"
    search, quote = turn["observation_data"]["calls"]
    assert (search["call"], quote["call"]) == ("search", "quote")
    assert search["found"][0]["score"] > 0.6
    assert turn["response_data"]["fate"] == "posted"
    assert [event["kind"] for event in turn["response_data"]["events"]] == ["say", "cite"]
    assert turn["response_data"]["first_event_ms"] <= turn["response_data"]["total_ms"]


async def test_the_greeter_welcomes_once_and_leaves_the_floor(staged: Staging) -> None:
    desk = await staged(GreeterRobot, FaqRobot, texts=[REFUNDS])
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.settle()
    (welcome,) = await desk.messages(room)
    assert "I want to talk to a person" in welcome["content_metadata"]
    await desk.says(guest, room, "refunds?")
    await desk.settle()
    assert len(await desk.texts(room)) == 3
    assert [turn["module"] for turn in await desk.turns(room)] == ["greeter", "faq"]


async def test_a_site_without_robots_gets_none(staged: Staging) -> None:
    desk = await staged(GreeterRobot, FaqRobot)
    guest = await desk.guest()
    room = await desk.opens(guest, robots=False)
    await desk.says(guest, room, "hello")
    await desk.settle()
    assert await desk.turns(room) == []
    assert await desk.owner_of(room) == "queue"


async def test_robots_do_not_answer_robots_notes_or_staff(staged: Staging) -> None:
    desk = await staged(EchoRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.joins(room, desk.agent)
    await desk.says(desk.agent, room, "look at this", note=True)
    await desk.says(guest, room, "hello")
    await desk.settle()
    assert len(await desk.turns(room)) == 1
    assert await desk.texts(room) == ["look at this", "hello", "hello"]


async def test_a_wish_for_a_person_is_granted_in_words_that_fit(staged: Staging) -> None:
    desk = await staged(FaqRobot, texts=[REFUNDS])
    guest = await desk.guest()
    for text, why in (("I want to talk to a person", Why.GUEST_ASKED), ("Is the moon hollow?", Why.NOT_IN_DOCUMENTS)):
        room = await desk.opens(guest)
        await desk.says(guest, room, text)
        await desk.settle()
        assert await desk.texts(room) == [text, LINES[why]]
        assert await desk.handed_over(room) == [("robot", why)]
