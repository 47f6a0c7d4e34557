"""Several robots in a room: one leads, the others add what was not said yet, and none speaks over a person."""

from collections.abc import AsyncIterator

from supportdesk.errors import ServerBusy
from supportdesk.robots.contract import Cite, Event, HandOff, Robot, Role, Say, Silent, Trigger, Turn
from supportdesk.robots.model import FOLLOWER_CHARS, MOST_A_MINUTE
from supportdesk.rooms.model import Room
from tests.robots.conftest import Staging
from tests.robots.strange import EchoRobot, SilentRobot
from tests.robots.theatre import Theatre

ASKED: list[Turn] = []


class Leader(Robot):
    name, display_name = "leader", "Anna"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        if "person" in turn.text:
            yield HandOff(reason="asked for one")
        elif "quiet" in turn.text:
            yield Silent()
        else:
            yield Say(delta="Refunds take five working days.")


class Adder(Robot):
    name, display_name = "adder", "Ben"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        ASKED.append(turn)
        if turn.role is Role.LEAD:
            yield Say(delta="Ben leads.")
        elif "long" in turn.text:
            yield Say(delta="word " * 200)
        else:
            yield Say(delta="Vouchers come back at once as vouchers.")


class Parrot(Robot):
    name, display_name = "parrot", "Cleo"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        yield Say(delta=turn.lead_text or "Cleo leads.")


class Twin(Adder):
    name, display_name = "twin", "Dora"


class Quitter(Robot):
    name = "quitter"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        yield HandOff(reason=f"no wish to follow {turn.lead_text}")


class Breaking(Robot):
    name = "breaking"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        if turn.role is Role.FOLLOW:
            raise RuntimeError("a robot's own mistake")
        yield Say(delta="Hello.")


async def asked(desk: Theatre, text: str = "How do refunds work?") -> Room:
    """A room in which a guest has said this, and whoever wanted to has answered."""
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, text)
    await desk.settle()
    return room


async def test_a_follower_adds_to_what_the_leader_said(staged: Staging) -> None:
    desk = await staged(Leader, Adder)
    guest = await desk.guest()
    room = await desk.opens(guest)
    ASKED.clear()
    asked = await desk.says(guest, room, "How do refunds work?")
    await desk.settle()
    assert await desk.texts(room) == [
        "How do refunds work?",
        "Refunds take five working days.",
        "Vouchers come back at once as vouchers.",
    ]
    (turn,) = ASKED
    assert (turn.role, turn.trigger, turn.lead_text) == (
        Role.FOLLOW,
        Trigger.MESSAGE,
        "Refunds take five working days.",
    )
    lead, follow = await desk.turns(room)
    assert [(one["is_leader"], one["trigger_kind"], one["status"]) for one in (lead, follow)] == [
        (True, "message", "completed"),
        (False, "follow", "completed"),
    ]
    assert follow["request_data"]["role"] == "follow"
    _question, answer, remark = await desk.messages(room)
    assert [one["is_first_responder"] for one in (answer, remark)] == [True, False]
    assert remark["robot_response_to"] == asked.id
    assert "Vouchers" not in desk.ears.streamed()  # it is held against what was said before anybody sees it


async def test_a_remark_is_short(staged: Staging) -> None:
    desk = await staged(Leader, Adder)
    room = await asked(desk, "Tell me long things.")
    remark = (await desk.texts(room))[-1]
    assert remark.startswith("word word")
    assert len(remark) == FOLLOWER_CHARS


async def test_what_was_said_already_is_dropped(staged: Staging) -> None:
    desk = await staged(Leader, Parrot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "How do refunds work?")
    await desk.settle()
    assert await desk.texts(room) == ["How do refunds work?", "Refunds take five working days."]
    response = (await desk.turns(room))[-1]["response_data"]
    assert (response["fate"], response["repeats"]) == ("dropped", True)
    desk.shelf.broken = ServerBusy("The model cannot be had just now; try again.", retry_after=1)
    await desk.says(guest, room, "And how do refunds work?")
    await desk.settle()
    assert (await desk.texts(room))[2:] == ["And how do refunds work?", "Refunds take five working days."]


class Quoting(Robot):
    """Says what the documents say, in words of its own, with their source."""

    name = "quoting"

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        found = await self.kit.search(turn.text)
        yield Cite(document_id=found[0].document_id, quote=found[0].text)
        yield Say(delta="Five days." if turn.role is Role.LEAD else "The money is back by the end of the week, then.")


class Quoter(Quoting):
    name = "quoter"


async def test_who_rests_on_the_same_document_has_nothing_to_add(staged: Staging) -> None:
    desk = await staged(Quoting, Quoter, texts=["Refunds take five working days."])
    room = await asked(desk, "How do refunds work?")
    assert (await desk.texts(room))[1:] == ["Five days."]
    response = (await desk.turns(room))[-1]["response_data"]
    assert (response["fate"], response["repeats"]) == ("dropped", True)


async def test_of_two_followers_that_say_the_same_at_once_one_is_heard(staged: Staging) -> None:
    desk = await staged(Leader, Adder, Twin)
    room = await asked(desk)
    assert (await desk.texts(room))[1:] == [
        "Refunds take five working days.",
        "Vouchers come back at once as vouchers.",
    ]
    assert sorted(one["response_data"]["fate"] for one in await desk.turns(room)) == ["dropped", "posted", "posted"]


async def test_nobody_follows_a_hand_off(staged: Staging) -> None:
    desk = await staged(Leader, Adder)
    room = await asked(desk, "I want a person")
    assert [one["module"] for one in await desk.turns(room)] == ["leader"]
    assert await desk.owner_of(room) == "queue"


async def test_who_had_nothing_to_say_does_not_follow_who_was_asked_instead(staged: Staging) -> None:
    desk = await staged(Leader, Adder, Parrot)
    room = await asked(desk, "quiet please")
    assert [(one["module"], one["is_leader"]) for one in await desk.turns(room)] == [
        ("leader", True),
        ("adder", True),
        ("parrot", False),
    ]
    assert (await desk.texts(room))[1:] == ["Ben leads."]


async def test_a_follower_neither_hands_over_nor_is_missed(staged: Staging) -> None:
    desk = await staged(Leader, Quitter, Breaking, SilentRobot)
    room = await asked(desk)
    assert await desk.owner_of(room) == "robot"
    assert (await desk.texts(room))[1:] == ["Refunds take five working days."]
    fates = {one["module"]: (one["status"], one["response_data"]["fate"]) for one in await desk.turns(room)}
    assert fates == {
        "leader": ("completed", "posted"),
        "quitter": ("completed", "nothing"),
        "breaking": ("failed", "nothing"),
        "silent": ("completed", "nothing"),
    }


async def test_who_is_named_with_an_at_leads(staged: Staging) -> None:
    desk = await staged(Leader, Adder)
    room = await asked(desk, "hello @ben, how do refunds work?")
    assert (await desk.texts(room))[1:] == ["Ben leads.", "Refunds take five working days."]


async def test_a_person_who_speaks_silences_the_followers(staged: Staging) -> None:
    desk = await staged(Leader, Adder)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.joins(room, desk.agent)
    await desk.says(guest, room, "How do refunds work?")
    await desk.settle()
    (follower,) = [one for one in await desk.turns(room) if not one["is_leader"]]
    await desk.says(desk.agent, room, "Let me help.")
    # The follower was slower than the person.
    await desk.owner.execute(
        "UPDATE robot_interactions SET status = 'pending', completed_at = NULL WHERE id = $1", follower["id"]
    )
    before = await desk.texts(room)
    await desk.runner.sweep()
    await desk.settle()
    assert await desk.texts(room) == before
    (follower,) = [one for one in await desk.turns(room) if not one["is_leader"]]
    assert (follower["status"], follower["response_data"]["fate"]) == ("completed", "dropped")
    assert follower["response_data"]["reason"] == "somebody has spoken or taken over since"


async def test_a_robot_that_runs_away_is_replaced_by_a_person(staged: Staging) -> None:
    desk = await staged(EchoRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    for n in range(MOST_A_MINUTE + 1):
        await desk.says(guest, room, f"again {n}")
        await desk.settle()
    assert await desk.owner_of(room) == "queue"
    assert await desk.handed_over(room) == [("system", "too_many_answers")]
