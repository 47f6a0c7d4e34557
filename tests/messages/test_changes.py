"""Edits, deletions and reactions: whose they are, what they show, and that what is gone is gone everywhere."""

import asyncio
from typing import Any
from uuid import uuid4

import orjson
import pytest

from supportdesk.messages.model import CONTENT_LIMIT
from tests.people import Agent, Desk, Guest
from tests.streams import said


async def conversation(desk: Desk) -> tuple[str, Guest, Agent, Agent]:
    """A claimed room: its guest, its agent, and a supervisor who reads along."""
    guest, agent, boss = await desk.guest(), await desk.agent("t1"), await desk.agent("supervisor")
    room_id = await guest.opens()
    await agent.joins(room_id)
    await agent.asks("room.claim", room_id=room_id)
    await boss.joins(room_id)
    return room_id, guest, agent, boss


async def test_only_its_author_edits_a_message(desk: Desk) -> None:
    _, guest, agent, boss = await conversation(desk)
    mine, theirs = await guest.says("hello"), await agent.says("welcome")
    for who, message in ((guest, theirs), (agent, mine), (boss, mine), (boss, theirs)):
        assert await who.is_refused("message.edit", message_id=message["id"], content="other") == "forbidden"
    await guest.asks("message.edit", message_id=mine["id"], content="**hello** there", version=1)
    for who in (guest, agent):
        event = await who.sees_kind("message.edited")
        message = event["data"]["message"]
        assert (message["content"], message["version"]) == ("**hello** there", 2)
        assert "<strong>hello</strong>" in message["content_html"]
        assert message["edited_at"]


async def test_of_two_editors_the_second_is_told_the_version(desk: Desk) -> None:
    _, guest, _, _ = await conversation(desk)
    message = await guest.says("one")
    await guest.asks("message.edit", message_id=message["id"], content="two", version=1)
    for event, more in (("message.edit", {"content": "three"}), ("message.delete", {})):
        assert await guest.is_refused(event, message_id=message["id"], version=1, **more) == "version_conflict"
    await guest.asks("message.delete", message_id=message["id"], version=2)


async def test_an_edit_is_held_to_the_rules_of_a_message(desk: Desk) -> None:
    _, guest, _, _ = await conversation(desk)
    message = await guest.says("one")
    for wrong in ("", "  \n", "x" * (CONTENT_LIMIT + 1), "nul \x00", "half \ud83d", 5, None):
        code = await guest.is_refused("message.edit", message_id=message["id"], content=wrong)
        assert code in ("invalid", "bad_request")  # half a character is no JSON to begin with
    await guest.asks("message.edit", message_id=message["id"], content="x" * CONTENT_LIMIT)


async def test_supervisors_delete_anybodys_message_others_their_own(desk: Desk) -> None:
    _, guest, agent, boss = await conversation(desk)
    mine, theirs, more = await guest.says("mine"), await agent.says("theirs"), await guest.says("more")
    assert await guest.is_refused("message.delete", message_id=theirs["id"]) == "forbidden"
    assert await agent.is_refused("message.delete", message_id=mine["id"]) == "forbidden"
    await guest.asks("message.delete", message_id=mine["id"])
    await agent.asks("message.delete", message_id=theirs["id"])
    await boss.asks("message.delete", message_id=more["id"])
    for who in (guest, boss):
        for event in ("message.delete", "message.edit", "reaction.add", "reaction.remove"):
            extra = {"message.edit": {"content": "again"}, "message.delete": {}}.get(event, {"emoji": "👍"})
            assert await who.is_refused(event, message_id=mine["id"], **extra) == "not_found"
    assert said(await guest.reads()) == ["", "", ""]


async def all_answers(room_id: str, *people: Guest | Agent) -> str:
    """Everything the desk serves of a room to these people, as text."""
    served: list[Any] = []
    for who in people:
        served.append(await who.asks("room.sync", room_id=room_id, after_seq=0))
        served.append(await who.joins(room_id))
        paths = [f"/api/v1/rooms/{room_id}", f"/api/v1/rooms/{room_id}/messages"]
        if isinstance(who, Agent):
            paths += [f"/api/v1/rooms?{query}" for query in ("status=all", "q=secret", f"q={room_id}")]
        served += [await who.fetches("GET", path) for path in paths]
    return orjson.dumps(served).decode()


@pytest.mark.parametrize("way", ["message.delete", "message.edit"])
async def test_what_is_gone_is_served_nowhere(desk: Desk, way: str) -> None:
    guest, agent = await desk.guest(), await desk.agent("t1")
    room_id = await guest.opens()
    more = {"content": "something else"} if way == "message.edit" else {}
    first = await guest.says("my secret is 1234")  # a room without a name takes it from its first question
    assert "secret" in await all_answers(room_id, agent)
    await guest.asks(way, message_id=first["id"], **more)
    await agent.asks("room.claim", room_id=room_id)
    await agent.joins(room_id)
    reply = await agent.says("as I said", reply_to=first["id"]) if more else await agent.says("as I said")
    note = await agent.says("a secret note", note=True)
    await agent.asks("reaction.add", message_id=note["id"], emoji="👍")
    last = await guest.says("a secret again")
    await desk.settle()
    await agent.asks(way, message_id=note["id"], **more)
    await guest.asks(way, message_id=last["id"], **more)
    served = await all_answers(room_id, guest, agent)
    assert "secret" not in served
    assert "1234" not in served
    assert reply["id"] in served


async def test_a_room_named_by_its_first_question_follows_its_edit(desk: Desk) -> None:
    guest, agent = await desk.guest(), await desk.agent("t1")
    room_id = await guest.opens()
    await agent.joins(room_id)
    first = await guest.says("where is  my\nparcel")
    assert (await agent.joins(room_id))["room"]["name"] == "where is my parcel"
    await guest.asks("message.edit", message_id=first["id"], content="where is my order")
    renamed = await agent.sees_kind("room.updated")
    assert renamed["data"]["name"] == "where is my order"
    assert (await agent.joins(room_id))["room"]["name"] == "where is my order"
    await guest.asks("message.delete", message_id=first["id"])
    assert (await agent.joins(room_id))["room"]["name"] is None
    await guest.says("the second question")
    assert (await agent.joins(room_id))["room"]["name"] == "the second question"


async def test_a_name_that_somebody_gave_stays(desk: Desk) -> None:
    guest, agent = await desk.guest(), await desk.agent("t1")
    room_id = await guest.opens()
    first = await guest.says("hello")
    version = (await agent.joins(room_id))["room"]["version"]
    await agent.asks("room.update", room_id=room_id, version=version, name="hello")
    await guest.asks("message.delete", message_id=first["id"])
    assert (await agent.joins(room_id))["room"]["name"] == "hello"


async def test_changes_of_hidden_things_are_hidden(desk: Desk) -> None:
    room_id, guest, agent, boss = await conversation(desk)
    await desk.settle()
    before = (await guest.joins(room_id))["head"]
    note = await agent.says("a note", note=True)
    whisper = await boss.says("psst", whisper_to=str(agent.id))
    for who, message in ((agent, note), (boss, whisper)):
        await who.asks("message.edit", message_id=message["id"], content="changed")
        await who.asks("reaction.add", message_id=message["id"], emoji="👍")
        for event in ("message.edit", "message.delete", "reaction.add", "reaction.remove"):
            extra = {"message.edit": {"content": "x"}, "message.delete": {}}.get(event, {"emoji": "👍"})
            assert await guest.is_refused(event, message_id=message["id"], **extra) == "not_found"
        sent = {"room_id": room_id, "content": "re", "client_msg_id": str(uuid4())}
        assert await guest.is_refused("message.send", **sent, reply_to=message["id"]) == "bad_reply"
        assert await guest.is_refused("message.send", **sent, thread_id=message["id"]) == "bad_thread"
        await who.asks("message.delete", message_id=message["id"])
    assert (await guest.joins(room_id))["head"] == before


async def test_a_whisper_reaches_all_staff_marked_for_its_addressee(desk: Desk) -> None:
    room_id, guest, agent, boss = await conversation(desk)
    await boss.says("psst", whisper_to=str(agent.id))
    for who in (agent, boss):
        message = await who.sees("psst")
        assert (message["whisper_to"], message["note"]) == (str(agent.id), True)
    stranger = {"room_id": room_id, "content": "psst", "client_msg_id": "k", "whisper_to": str(guest.id)}
    assert await boss.is_refused("message.send", **stranger) == "bad_whisper"
    assert await boss.is_refused("message.send", **{**stranger, "whisper_to": str(uuid4())}) == "bad_whisper"


async def test_reactions_are_counted_once_per_person_and_emoji(desk: Desk) -> None:
    room_id, guest, agent, _ = await conversation(desk)
    message = await guest.says("hello")
    first = await agent.asks("reaction.add", message_id=message["id"], emoji="👍")
    await agent.asks("reaction.add", message_id=message["id"], emoji="👍")
    await guest.asks("reaction.add", message_id=message["id"], emoji="👍")
    removed = await guest.asks("reaction.remove", message_id=message["id"], emoji="🎉")
    kinds = [event["kind"] for event in await agent.reads()]
    assert kinds.count("reaction.added") == 2
    assert removed["seq"] == (await guest.reads())[-1]["seq"]
    assert first["seq"] == len(kinds) - 1
    _, history = await guest.fetches("GET", f"/api/v1/rooms/{room_id}/messages")
    assert history["items"][0]["reactions"] == [{"emoji": "👍", "count": 2, "user_ids": [str(agent.id), str(guest.id)]}]
    await agent.asks("reaction.remove", message_id=message["id"], emoji="👍")
    assert (await guest.sees_kind("reaction.removed"))["data"] == {
        "message_id": message["id"],
        "emoji": "👍",
        "user_id": str(agent.id),
    }


async def test_one_person_has_one_thumb_on_a_message_and_the_other_takes_its_place(desk: Desk) -> None:
    room_id, guest, agent, _ = await conversation(desk)
    answer = await agent.says("It comes tomorrow.")
    for emoji in ("👍", "🎉", "👎", "👎"):
        await guest.asks("reaction.add", message_id=answer["id"], emoji=emoji)
    for who in (guest, agent):
        told = [(e["kind"], e["data"]["emoji"]) for e in await who.reads() if e["kind"].startswith("reaction.")]
        assert told == [
            ("reaction.added", "👍"),
            ("reaction.added", "🎉"),
            ("reaction.removed", "👍"),
            ("reaction.added", "👎"),
        ]
    _, history = await guest.fetches("GET", f"/api/v1/rooms/{room_id}/messages")
    assert [one["emoji"] for one in history["items"][0]["reactions"]] == ["🎉", "👎"]


async def test_two_windows_of_one_guest_that_choose_at_once_leave_one_thumb(desk: Desk) -> None:
    room_id, guest, agent, _ = await conversation(desk)
    window = await guest.again()
    answer = await agent.says("It comes tomorrow.")
    for _ in range(5):
        await asyncio.gather(
            *(
                who.asks("reaction.add", message_id=answer["id"], emoji=emoji)
                for who, emoji in ((guest, "👍"), (window, "👎"), (guest, "👎"), (window, "👍"))
            )
        )
        _, history = await guest.fetches("GET", f"/api/v1/rooms/{room_id}/messages")
        (left,) = history["items"][0]["reactions"]
        assert left["user_ids"] == [str(guest.id)]
    standing: set[str] = set()
    for event in await agent.reads():
        if event["kind"] == "reaction.added":
            standing.add(event["data"]["emoji"])
        if event["kind"] == "reaction.removed":
            standing.remove(event["data"]["emoji"])
        assert len(standing) <= 1, "the log never shows two"
    assert standing == {left["emoji"]}


@pytest.mark.parametrize("wrong", ["", "no", "<b>", "👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍", "\x00", "a👍", 5])
async def test_only_emoji_are_reactions(desk: Desk, wrong: object) -> None:
    guest = await desk.guest()
    await guest.opens()
    message = await guest.says("hello")
    assert await guest.is_refused("reaction.add", message_id=message["id"], emoji=wrong) == "invalid"


async def test_one_person_puts_twenty_emoji_on_a_message_and_not_more(desk: Desk) -> None:
    guest = await desk.guest()
    await guest.opens()
    message = await guest.says("hello")
    many = [chr(0x1F600 + n) for n in range(21)]
    await asyncio.gather(*(guest.asks("reaction.add", message_id=message["id"], emoji=emoji) for emoji in many[:20]))
    assert await guest.is_refused("reaction.add", message_id=message["id"], emoji=many[20]) == "too_many_reactions"
    await guest.asks("reaction.add", message_id=message["id"], emoji=many[0])


async def test_the_muted_change_nothing_but_may_take_back(desk: Desk) -> None:
    room_id, guest, agent, boss = await conversation(desk)
    message, theirs = await guest.says("one"), await agent.says("two")
    await guest.asks("reaction.add", message_id=theirs["id"], emoji="👍")
    await boss.asks("participant.update", room_id=room_id, user_id=str(guest.id), status="muted")
    assert await guest.is_refused("message.edit", message_id=message["id"], content="shouting") == "muted"
    assert await guest.is_refused("reaction.add", message_id=theirs["id"], emoji="🎉") == "muted"
    await guest.asks("reaction.remove", message_id=theirs["id"], emoji="👍")
    await guest.asks("message.delete", message_id=message["id"])


async def test_in_a_closed_room_nothing_new_is_said_by_an_edit(desk: Desk) -> None:
    room_id, guest, agent, _ = await conversation(desk)
    message, note = await guest.says("one"), await agent.says("a note", note=True)
    await agent.asks("room.close", room_id=room_id)
    assert await guest.is_refused("message.edit", message_id=message["id"], content="two") == "room_closed"
    await agent.asks("message.edit", message_id=note["id"], content="a better note")
    await guest.asks("message.delete", message_id=message["id"])


async def test_a_whisper_takes_the_right_to_a_note_and_no_other(desk: Desk) -> None:
    guest, agent, colleague = await desk.guest(), await desk.agent("t1"), str(desk.workspace.staff["t2"])
    await agent.joins(await guest.opens())
    await agent.says("psst", whisper_to=colleague)
    await desk.owner.execute(
        "WITH gone AS (DELETE FROM role_permissions WHERE workspace_id = $1 AND pattern = 'chat:message:*' "
        "RETURNING workspace_id, role_id) "
        "INSERT INTO role_permissions (workspace_id, role_id, pattern) "
        "SELECT workspace_id, role_id, 'chat:message:send' FROM gone",
        desk.workspace.id,
    )
    await desk.look_again()
    body = {"room_id": agent.room_id, "content": "psst"}
    assert await agent.is_refused("message.send", client_msg_id="w", **body, whisper_to=colleague) == "forbidden"
    assert await agent.is_refused("message.send", client_msg_id="n", **body, note=True) == "forbidden"
    await agent.says("aloud")
