"""Triage says what a conversation is about, and the desk files it so, never over what a person has set."""

from collections.abc import AsyncIterator
from typing import Any

from robots.triage.languages import language_of
from robots.triage.robot import TriageRobot, holds_any
from supportdesk.actor import Level
from supportdesk.escalations.actions import escalate
from supportdesk.robots.contract import Classify, Event, HandOff, Robot, Say, Silent, Trigger, Turn
from supportdesk.robots.testing import PracticeKit, play
from supportdesk.rooms.actions import update_room
from supportdesk.rooms.filing import Findings, file_room
from supportdesk.rooms.model import RoomChanges
from tests.robots.conftest import Staging
from tests.robots.strange import EchoRobot
from tests.robots.theatre import Theatre

REFUNDS: dict[str, Any] = {
    "name": "Refunds",
    "phrases": ["where is my refund", "I want my money back"],
    "priority": 2,
    "skills": ["billing"],
}
PARCELS: dict[str, Any] = {"name": "Parcels", "phrases": ["where is my parcel", "has my order shipped"]}
INTENTS: dict[str, Any] = {"intents": [REFUNDS, PARCELS], "detect_language": False}


async def triage(text: str, **settings: Any) -> list[Event]:
    return await play(TriageRobot, text, trigger=Trigger.SUGGESTION, settings={**INTENTS, **settings})


async def test_it_names_the_intent_with_its_priority_and_skills() -> None:
    assert await triage("where is my refund") == [Classify(intent="Refunds", priority=2, skills=("billing",))]
    assert await triage("has my order shipped", title_by_intent=True) == [Classify(intent="Parcels", title="Parcels")]


async def test_it_is_silent_where_there_is_nothing_to_go_by() -> None:
    assert await triage("xyzzy plugh") == [Silent(reason="nothing to go by")]
    assert await triage("where is my refund", intents=[]) == [Silent(reason="nothing to go by")]


async def test_urgent_words_count_as_whole_words_and_the_most_urgent_wins() -> None:
    both = Classify(intent="Refunds", priority=1, skills=("billing",))
    assert await triage("URGENT: where is my refund", certainty=0.4) == [both]
    assert await triage("xyzzy urgent", urgent_priority=2) == [Classify(priority=2)]
    assert not holds_any("an insurgent", ["urgent"])
    assert holds_any("as soon as\npossible!", ["As soon as possible"])


async def test_a_language_is_told_from_a_sentence_and_not_from_a_word() -> None:
    assert await triage("Wo ist mein Paket? Ich warte seit zwei Wochen.", detect_language=True, intents=[]) == [
        Classify(language="de")
    ]
    assert language_of("Où est ma commande ? Je l'attends depuis lundi.") == "fr"
    assert language_of("ok 12345 ???") is None


async def test_it_hears_suggestions_only_and_guests_do_not_hear_it() -> None:
    assert frozenset({Trigger.SUGGESTION}) == TriageRobot.hears
    assert TriageRobot(TriageRobot.Settings(), PracticeKit()).settings.visible_to_guest is False


class FilingRobot(Robot):
    """Classifies, then hands over a message with a colon."""

    name = "filing"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        title, _, what = turn.text.partition(":")
        yield Classify(intent="Refunds", language="de", priority=2, skills=("billing",), title=title.upper())
        if what:
            yield HandOff(reason="a person should look")
        else:
            yield Say(delta="Noted.")


async def filed(desk: Theatre, room_id: object) -> dict[str, Any]:
    row = await desk.owner.fetchrow(
        "SELECT name, name_source, priority, room_settings ->> 'filed' AS about, queue_id"
        "  FROM chat_rooms WHERE id = $1",
        room_id,
    )
    return dict(row or {})


async def test_a_room_is_filed_and_the_turn_says_so(staged: Staging) -> None:
    desk = await staged(FilingRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "Money")
    await desk.settle()
    about = await filed(desk, room.id)
    assert (about["name"], about["name_source"], about["priority"]) == ("MONEY", "triage", 2)
    assert about["about"] == '{"intent": "Refunds", "skills": ["billing"], "language": "de"}'
    (turn,) = await desk.turns(room)
    assert turn["response_data"]["filed"] == ["intent", "language", "skills", "priority", "name"]
    events = await desk.owner.fetch(
        "SELECT actor_kind, data FROM room_events WHERE room_id = $1 AND kind = 'room.updated'", room.id
    )
    assert [event["actor_kind"] for event in events] == ["robot"]


async def test_a_robot_for_the_staff_files_a_room_in_which_it_has_no_place(staged: Staging) -> None:
    desk = await staged(EchoRobot, TriageRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "This is urgent, my parcel was stolen")
    await desk.settle()
    assert (await filed(desk, room.id))["priority"] == 1
    (turn,) = [each for each in await desk.turns(room) if each["module"] == "triage"]
    assert turn["response_data"]["filed"] == ["priority"]


async def test_what_a_person_has_set_stays(staged: Staging) -> None:
    desk = await staged(FilingRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    async with desk.db.transaction(desk.agent) as tx:
        await update_room(tx, desk.agent, room.id, room.version, RoomChanges(name="Mine", priority=4))
    await desk.says(guest, room, "Money")
    await desk.settle()
    about = await filed(desk, room.id)
    assert (about["name"], about["name_source"], about["priority"]) == ("Mine", "person", 4)
    assert about["about"] is not None
    (turn,) = await desk.turns(room)
    assert turn["response_data"]["filed"] == ["intent", "language", "skills"]


async def test_the_priority_of_an_escalation_by_a_person_stays(staged: Staging) -> None:
    desk = await staged(FilingRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    async with desk.db.transaction(desk.agent) as tx:
        await escalate(tx, desk.agent, room.id, Level.T2, reason="a hard one", priority=3)
    async with desk.db.transaction(desk.system) as tx:
        assert await file_room(tx, desk.system, room.id, Findings(priority=1, intent="Refunds")) == ["intent"]
    assert (await filed(desk, room.id))["priority"] == 3


async def test_what_is_filed_already_is_not_written_again(staged: Staging) -> None:
    desk = await staged(FilingRobot)
    room = await desk.opens(await desk.guest())
    found = Findings(priority=1, skills=("billing",))
    for changed in (["skills", "priority"], []):
        async with desk.db.transaction(desk.system) as tx:
            assert await file_room(tx, desk.system, room.id, found) == changed


async def test_a_room_goes_to_the_queue_with_the_skills_it_needs(staged: Staging) -> None:
    desk = await staged(FilingRobot)
    queue = await desk.owner.fetchval(
        "INSERT INTO queues (workspace_id, name, level, skills) VALUES ($1, 'Billing', 'T1', '{billing}') RETURNING id",
        desk.workspace_id,
    )
    guest = await desk.guest()
    room, other = await desk.opens(guest), await desk.opens(guest)
    await desk.says(guest, other, "Money")
    await desk.settle()
    await desk.says(guest, other, "Money: back")
    await desk.settle()
    assert (await filed(desk, other.id))["queue_id"] == queue
    assert (await filed(desk, room.id))["queue_id"] != queue
