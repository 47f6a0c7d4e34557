"""Robots for the staff: asked whoever has the room, heard by the staff alone, and what becomes of what they suggest."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from supportdesk import app as wiring
from supportdesk.core.jobs import Scheduler
from supportdesk.robots import configuring
from supportdesk.robots.actions import stop_turns
from supportdesk.robots.discovery import Catalogue, Listing
from supportdesk.rooms import actions as rooms
from supportdesk.rooms.model import OwnerKind, Room
from tests.admin.conftest import installed
from tests.factories import make_workspace
from tests.people import Agent, Desk, Guest
from tests.robots.conftest import Staging
from tests.robots.strange import CitingHelperRobot, EchoRobot, SuggestingRobot, WaitingRobot
from tests.robots.theatre import Theatre

Json = dict[str, Any]


async def taken(desk: Theatre, room: Room) -> None:
    """Let somebody of the staff have the room."""
    assert desk.agent.id is not None
    async with desk.db.transaction(desk.agent) as tx:
        assignee = (desk.agent.id, desk.agent.name)
        await rooms.set_owner(tx, desk.agent, room, OwnerKind.HUMAN, assignee=assignee, reason="claimed")
    await desk.joins(room, desk.agent)


async def suggested(desk: Theatre, room: Room) -> list[str]:
    """What was suggested in a room, oldest first."""
    sql = "SELECT content FROM robot_suggestions WHERE room_id = $1 ORDER BY id"
    return [row["content"] for row in await desk.owner.fetch(sql, room.id)]


@pytest.mark.parametrize("whose", ["robot", "queue", "human"])
async def test_the_staff_are_helped_whoever_has_the_room(staged: Staging, whose: str) -> None:
    desk = await staged(EchoRobot, SuggestingRobot)
    guest = await desk.guest()
    room = await desk.opens(guest, robots=whose == "robot")
    if whose == "human":
        await taken(desk, room)
    asked = await desk.says(guest, room, "refunds")
    await desk.settle()
    assert await suggested(desk, room) == ["Try this: refunds"]
    assert await desk.texts(room) == ["refunds", *(["refunds"] if whose == "robot" else [])]
    turn = next(turn for turn in await desk.turns(room) if turn["module"] == "suggesting")
    assert (turn["trigger_kind"], turn["message_id"], turn["is_leader"]) == ("suggestion", asked.id, False)
    assert (turn["status"], turn["response_data"]["fate"]) == ("completed", "suggested")
    assert desk.ears.streamed() == ("refunds " if whose == "robot" else "")


async def test_a_suggestion_waits_for_no_leader_and_is_no_follower(staged: Staging) -> None:
    desk = await staged(EchoRobot, WaitingRobot, SuggestingRobot)
    WaitingRobot.shut()
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "refunds")
    await WaitingRobot.begun.wait()
    WaitingRobot.gate.set()
    await desk.settle()
    assert sorted(await suggested(desk, room)) == ["About refunds: done.", "Try this: refunds"]
    assert [turn["trigger_kind"] for turn in await desk.turns(room)] == ["message", "suggestion", "suggestion"]


async def test_what_somebody_has_overtaken_is_not_suggested(staged: Staging) -> None:
    desk = await staged(WaitingRobot)
    WaitingRobot.shut()
    guest = await desk.guest()
    room = await desk.opens(guest)
    await taken(desk, room)
    await desk.says(guest, room, "refunds")
    await WaitingRobot.begun.wait()
    await desk.says(desk.agent, room, "I am on it.")
    WaitingRobot.gate.set()
    await desk.settle()
    assert await suggested(desk, room) == []
    (turn,) = await desk.turns(room)
    assert turn["response_data"]["fate"] == "dropped"


async def test_taking_a_room_or_stopping_its_robots_stops_no_suggestion(staged: Staging) -> None:
    desk = await staged(WaitingRobot)
    WaitingRobot.shut()
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "refunds")
    await WaitingRobot.begun.wait()
    async with desk.db.transaction(guest) as tx:
        assert await stop_turns(tx, room, "stopped by the guest") == 0
    await taken(desk, room)
    await desk.runner.beat()
    WaitingRobot.gate.set()
    await desk.settle()
    assert await suggested(desk, room) == ["About refunds: done."]


async def test_notes_reach_the_staff_and_what_is_no_answer_is_no_suggestion(staged: Staging) -> None:
    desk = await staged(SuggestingRobot)
    guest = await desk.guest()
    room = await desk.opens(guest)
    for text in ("note and quiet", "quiet", "person", "break"):
        await desk.says(guest, room, text)
        await desk.settle()
    notes = [row for row in await desk.messages(room) if row["is_note"]]
    assert [(note["content"], note["public_seq"]) for note in notes] == [("0 lines before", None)]
    assert await suggested(desk, room) == []
    assert [turn["response_data"]["fate"] for turn in await desk.turns(room)] == [
        "posted",
        "nothing",
        "nothing",
        "nothing",
    ]
    assert await desk.owner_of(room) == "queue", "it hands nothing over and is not missed"


async def test_a_robot_that_is_kept_for_the_staff_is_asked_so_from_then_on(staged: Staging) -> None:
    class Both(SuggestingRobot):
        name = "both"
        hears = EchoRobot.hears | SuggestingRobot.hears

    desk = await staged(Both, install=False)
    robot = await desk.installs("both", visible_to_guest=True)
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "one")
    await desk.settle()
    assert await desk.texts(room) == ["one", "Try this: one"]
    async with desk.db.transaction(desk.system) as tx:
        await configuring.configure_robot(tx, desk.host, desk.keys, robot.id, configuring.Change(layer={}))
    await desk.says(guest, room, "two")
    await desk.settle()
    assert (await desk.texts(room))[2:] == ["two"]
    assert await suggested(desk, room) == ["Try this: two"]


@pytest.fixture
async def helped(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """A desk whose staff a robot helps."""
    listings = (Listing("suggesting", "tests", SuggestingRobot), Listing("echo", "tests", EchoRobot))
    monkeypatch.setattr(wiring, "discover", lambda: Catalogue(listings))
    node = Desk(desk.settings, desk.dsn, desk.owner, desk.workspace)
    await node.start()
    await installed(node, "suggesting")
    yield node
    await node.stop()


async def conversation(desk: Desk) -> tuple[Guest, Agent, str]:
    """A guest, and an agent who has taken their room."""
    guest, agent = await desk.guest(), await desk.agent("t1")
    room = await guest.opens()
    await agent.asks("room.claim", room_id=room)
    await agent.joins(room)
    return guest, agent, room


async def suggestion_for(agent: Agent, text: str) -> Json:
    """The suggestion that answers this, now or soon."""
    event = await agent.hears(
        "room.event", lambda e: e["kind"] == "suggestion.made" and text in e["data"]["suggestion"]["content"]
    )
    return dict(event["data"]["suggestion"])


async def test_the_staff_of_the_room_see_it_and_nobody_else_does(helped: Desk) -> None:
    guest, agent, room = await conversation(helped)
    observer, elsewhere = await helped.agent("supervisor"), await helped.agent("t2")
    await observer.asks("room.observe", room_id=room)
    await observer.joins(room)
    bystander = await helped.guest()
    await elsewhere.joins(await bystander.opens())
    stranger = await helped.agent("t1", workspace=await make_workspace(helped.owner))
    await guest.says("refunds")
    made = await suggestion_for(agent, "refunds")
    assert (made["content"], made["robot"]["name"], made["decision"]) == ("Try this: refunds", "Copilot", None)
    assert made["content_html"] == "<p>Try this: refunds</p>"
    assert (await suggestion_for(observer, "refunds"))["id"] == made["id"]
    await helped.settle()
    everything = [str(one.heard) for one in (guest, bystander, elsewhere, stranger)]
    for word in ("Try this", "suggestion", "Copilot", made["id"]):
        assert not any(word in heard for heard in everything), word
    theirs = await guest.reads()
    assert [event["seq"] for event in theirs] == list(range(1, len(theirs) + 1)), "no gap tells of it either"
    joined = await guest.joins(room)
    assert "Copilot" not in str(joined) + str(theirs)
    status, history = await guest.fetches("GET", f"/api/v1/rooms/{room}/messages")
    assert "Try this" not in str(history), status
    assert await guest.is_refused("suggestion.decide", room_id=room, suggestion_id=made["id"], decision="dismissed")


async def test_it_survives_a_reload_and_goes_with_a_decision(helped: Desk) -> None:
    guest, agent, room = await conversation(helped)
    await guest.says("refunds")
    made = await suggestion_for(agent, "refunds")
    anew = await agent.again()
    events = (await anew.joins(room))["events"]
    assert [e["data"]["suggestion"] for e in events if e["kind"] == "suggestion.made"] == [made]
    ack = await agent.asks("suggestion.decide", room_id=room, suggestion_id=made["id"], decision="dismissed")
    told = await anew.sees_kind("suggestion.decided")
    assert (told["seq"], told["data"]) == (ack["seq"], {"suggestion_id": made["id"], "decision": "dismissed"})
    again = await anew.asks("suggestion.decide", room_id=room, suggestion_id=made["id"], decision="dismissed")
    assert again["seq"] >= ack["seq"], "the same from the same person is no other decision"
    row = await helped.owner.fetchrow("SELECT * FROM robot_suggestions WHERE id = $1", UUID(made["id"]))
    assert row is not None
    assert (row["decision"], row["decided_by"]) == ("dismissed", agent.id)
    later = [e["data"] for e in (await anew.joins(room))["events"] if e["kind"] == "suggestion.made"]
    assert later[0]["suggestion"]["decision"] == "dismissed"


async def test_who_dismissed_one_may_take_that_back_and_nobody_else(helped: Desk) -> None:
    guest, agent, room = await conversation(helped)
    await guest.says("refunds")
    made = await suggestion_for(agent, "refunds")
    about = {"room_id": room, "suggestion_id": made["id"]}
    dismissed = await agent.asks("suggestion.decide", **about, decision="dismissed")
    colleague = await helped.agent("t2")
    assert await colleague.is_refused("suggestion.decide", **about, decision="restored") == "already_decided"
    await agent.asks("suggestion.decide", **about, decision="restored")
    events = (await (await agent.again()).joins(room))["events"]
    assert [e["data"]["decision"] for e in events if e["kind"] == "suggestion.decided"] == ["dismissed", "restored"]
    assert [e["data"]["suggestion"] for e in events if e["kind"] == "suggestion.made"] == [made]
    again = await agent.asks("suggestion.decide", **about, decision="restored")
    await colleague.asks("suggestion.decide", **about, decision="inserted")
    assert await agent.is_refused("suggestion.decide", **about, decision="restored") == "already_decided"
    sql = "SELECT decision FROM robot_suggestions WHERE id = $1"
    assert await helped.owner.fetchval(sql, UUID(made["id"])) == "inserted"
    assert again["seq"] > dismissed["seq"]


async def test_of_several_who_decide_at_once_one_does_and_the_others_are_told_who(helped: Desk) -> None:
    guest, agent, room = await conversation(helped)
    await guest.says("refunds")
    made = await suggestion_for(agent, "refunds")
    colleague = await helped.agent("t2")
    about = {"room_id": room, "suggestion_id": made["id"]}
    tries = [(agent, "inserted"), (agent, "dismissed"), (colleague, "inserted")]
    acks = await asyncio.gather(
        *(
            who.socket.call("suggestion.decide", {**about, "decision": what}, namespace=who.namespace)
            for who, what in tries
        )
    )
    (first,) = [at for at, ack in enumerate(acks) if ack["ok"]]
    winner, decision = tries[first]
    names = {agent: "T1 Tester", colleague: "T2 Tester"}
    for ack in acks[:first] + acks[first + 1 :]:
        assert ack["error"]["code"] == "already_decided"
        assert ack["error"]["message"] == f"{names[winner]} has {decision} this suggestion already."
    assert await winner.is_refused("suggestion.decide", **about, decision="edited") == "already_decided"
    await winner.asks("suggestion.decide", **about, decision=decision)
    row = await helped.owner.fetchrow("SELECT * FROM robot_suggestions WHERE id = $1", UUID(made["id"]))
    assert row is not None
    assert (row["decision"], row["decided_by"]) == (decision, winner.id)


async def test_a_suggestion_names_its_sources(staged: Staging) -> None:
    desk = await staged(EchoRobot, CitingHelperRobot, texts=["Refunds take nine days."])
    guest = await desk.guest()
    room = await desk.opens(guest)
    await desk.says(guest, room, "refunds")
    await desk.settle()
    row = await desk.owner.fetchrow("SELECT content, citations FROM robot_suggestions WHERE room_id = $1", room.id)
    assert row is not None
    (source,) = json.loads(row["citations"])
    assert (source["title"], source["quote"], source["url"]) == ("Help", row["content"], "/help")


async def test_whether_the_reply_was_changed_is_noted(helped: Desk) -> None:
    guest, agent, room = await conversation(helped)
    scheduler = helped.resources.get(Scheduler)
    sent: dict[str, bool | None] = {}
    for text, reply in (("one", "Try this: one"), ("two", "Something else"), ("three", None)):
        await guest.says(text)
        made = await suggestion_for(agent, text)
        await agent.asks("suggestion.decide", room_id=room, suggestion_id=made["id"], decision="inserted")
        if reply:
            await agent.says("a note before", room_id=room, note=True)
            await agent.says(reply, room_id=room)
        await scheduler.run_now("compare_suggestions")
        sent[text] = await helped.owner.fetchval(
            "SELECT sent_changed FROM robot_suggestions WHERE id = $1", UUID(made["id"])
        )
    assert sent == {"one": False, "two": True, "three": None}


async def test_a_suggestion_of_another_room_cannot_be_decided(helped: Desk) -> None:
    guest, agent, _room = await conversation(helped)
    await guest.says("refunds")
    made = await suggestion_for(agent, "refunds")
    _other_guest, _same, other = await conversation(helped)
    refused = await agent.is_refused("suggestion.decide", room_id=other, suggestion_id=made["id"], decision="edited")
    assert refused == "not_found"


async def test_rooms_without_such_robots_are_written_by_one_statement(helped: Desk) -> None:
    guest, agent, room = await conversation(helped)
    await guest.says("refunds")
    await suggestion_for(agent, "refunds")
    sql = "SELECT desk_has_suggesters($1)"
    assert await helped.owner.fetchval(sql, UUID(room))
    await helped.owner.execute("UPDATE robots SET active = false WHERE workspace_id = $1", helped.workspace.id)
    assert not await helped.owner.fetchval(sql, UUID(room))
    await guest.says("again")
    await helped.settle()
    asked = await helped.owner.fetchval("SELECT count(*) FROM robot_interactions WHERE room_id = $1", UUID(room))
    assert asked == 1
