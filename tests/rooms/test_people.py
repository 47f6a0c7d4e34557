"""Who comes into a room, what they may do there, and how a room is described and rated."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

from tests.factories import make_staff
from tests.people import Agent, Desk, Guest


async def claimed(desk: Desk) -> tuple[str, Guest, Agent]:
    guest, agent = await desk.guest(), await desk.agent("t1")
    room_id = await guest.opens()
    await agent.joins(room_id)
    await agent.asks("room.claim", room_id=room_id)
    return room_id, guest, agent


async def people_in(who: Guest | Agent, room_id: str) -> set[str]:
    return {p["name"] for p in (await who.joins(room_id))["participants"]}


async def test_staff_are_brought_in_by_those_who_may_and_leave_by_themselves(desk: Desk) -> None:
    room_id, guest, agent = await claimed(desk)
    other = await desk.agent("t1b")
    first = await agent.asks("participant.add", room_id=room_id, user_id=str(other.id))
    again = await agent.asks("participant.add", room_id=room_id, user_id=str(other.id))
    assert again["seq"] == first["seq"]
    joined = await guest.hears("room.event", lambda e: e["data"].get("participant", {}).get("name") == "T1b Tester")
    assert joined["data"]["participant"]["role"] == "member"
    assert await agent.is_refused("participant.remove", room_id=room_id, user_id=str(other.id)) == "forbidden"
    await other.asks("participant.remove", room_id=room_id, user_id=str(other.id))
    left = await guest.sees_kind("participant.left")
    assert left["data"] == {"user_id": str(other.id), "name": "T1b Tester"}
    assert await people_in(guest, room_id) == {"Guest", "T1 Tester"}
    assert await other.is_refused("participant.remove", room_id=room_id, user_id=str(other.id)) == "not_found"


async def test_only_supervisors_bring_in_observers_and_moderators(desk: Desk) -> None:
    room_id, _, agent = await claimed(desk)
    boss, other = await desk.agent("supervisor"), await desk.agent("t1b")
    for role in ("observer", "moderator"):
        refused = await agent.is_refused("participant.add", room_id=room_id, user_id=str(other.id), role=role)
        assert refused == "forbidden"
    await boss.asks("participant.add", room_id=room_id, user_id=str(other.id), role="observer")


async def test_who_speaks_in_a_room_joins_it_first(desk: Desk) -> None:
    room_id, guest, _ = await claimed(desk)
    other = await desk.agent("t1b")
    await other.says("may I help", room_id=room_id)
    await guest.sees("may I help")
    kinds = [(e["kind"], e["actor"]["id"]) for e in guest.events(room_id)][-2:]
    assert kinds == [("participant.joined", str(other.id)), ("message.created", str(other.id))]


async def test_several_first_words_at_once_join_their_speaker_once(desk: Desk) -> None:
    room_id, guest, _ = await claimed(desk)
    other = await desk.agent("t1b")
    sockets = [other, await other.again(), await other.again()]
    await asyncio.gather(*(one.says(f"{n}", room_id=room_id) for n, one in enumerate(sockets)))
    joined = [e for e in await guest.reads() if e["kind"] == "participant.joined" and e["actor"]["id"] == str(other.id)]
    assert len(joined) == 1


async def test_a_muted_participant_reads_and_is_silent(desk: Desk) -> None:
    room_id, guest, agent = await claimed(desk)
    boss = await desk.agent("supervisor")
    for change in ({"status": "muted"}, {"flags": {"can_send_messages": False}}):
        await boss.asks("participant.update", room_id=room_id, user_id=str(guest.id), **change)
        body = {"room_id": room_id, "client_msg_id": str(uuid4()), "content": "let me speak"}
        assert await guest.is_refused("message.send", **body) == "muted"
        await agent.says("calm down")
        assert (await guest.reads())[-1]["data"]["message"]["content"] == "calm down"
        back = {"status": "active", "flags": {"can_send_messages": True}}
        await boss.asks("participant.update", room_id=room_id, user_id=str(guest.id), **back)
        await guest.says("I am calm")
    assert await agent.is_refused("participant.update", room_id=room_id, user_id=str(guest.id), status="muted") == (
        "forbidden"
    )
    assert await boss.is_refused("participant.update", room_id=room_id, user_id=str(guest.id)) == "invalid"


async def test_a_full_room_takes_nobody_more(desk: Desk) -> None:
    room_id, _, agent = await claimed(desk)
    await desk.owner.execute("UPDATE chat_rooms SET max_participants = 3 WHERE id = $1", UUID(room_id))
    others = [str(desk.workspace.staff[who]) for who in ("t1b", "t2")]
    await agent.asks("participant.add", room_id=room_id, user_id=others[0])
    assert await agent.is_refused("participant.add", room_id=room_id, user_id=others[1]) == "room_full"
    other = await desk.agent("t2")
    assert await other.is_refused("message.send", room_id=room_id, client_msg_id="k", content="hi") == "room_full"


async def test_staff_begin_a_room_among_themselves_once(desk: Desk) -> None:
    agent, other = await desk.agent("t1"), await desk.agent("t1b")
    want: dict[str, Any] = {"client_room_id": "c", "room_type": "group", "name": "Team"}
    want["participant_ids"] = [str(other.id), str(agent.id)]
    acks = await asyncio.gather(*(agent.asks("room.create", **want) for _ in range(3)))
    assert len({ack["room"]["id"] for ack in acks}) == 1
    room = acks[0]["room"]
    assert (room["status"], room["owner"]["kind"], room["name"]) == ("active", "human", "Team")
    await other.joins(room["id"])
    await agent.says("hello", room_id=room["id"])
    await other.sees("hello")
    assert await people_in(agent, room["id"]) == {"T1 Tester", "T1b Tester"}


async def test_of_two_who_change_a_room_the_second_is_told_its_version(desk: Desk) -> None:
    room_id, guest, agent = await claimed(desk)
    version = (await agent.joins(room_id))["room"]["version"]
    await agent.asks("room.update", room_id=room_id, version=version, name="Parcel", priority=1, issue_id="A-7")
    changed = await agent.sees_kind("room.updated")
    assert changed["data"] == {
        "fields": ["name", "priority", "issue_id"],
        "version": version + 1,
        "priority": 1,
        "name": "Parcel",
    }
    refused = await agent.refusal("room.update", room_id=room_id, version=version, name="Other")
    assert (refused["code"], refused["details"]) == ("version_conflict", {"version": version + 1})
    assert (await guest.joins(room_id))["room"]["name"] is None, "what the staff call it is theirs"


async def test_a_room_is_filed_under_words_of_the_staffs_own(desk: Desk) -> None:
    room_id, _, agent = await claimed(desk)
    version = (await agent.joins(room_id))["room"]["version"]

    async def tags() -> list[str]:
        _, page = await agent.fetches("GET", "/api/v1/rooms")
        return list(next(line["tags"] for line in page["items"] if line["id"] == room_id))

    await agent.asks("room.update", room_id=room_id, version=version, tags=["refund", "  late   parcel ", "refund"])
    assert await tags() == ["late parcel", "refund"]
    assert (await agent.sees_kind("room.updated"))["data"]["fields"] == ["tags"]
    await agent.asks("room.update", room_id=room_id, version=version + 1, tags=["refund", "vip"])
    assert await tags() == ["refund", "vip"]
    await agent.asks("room.update", room_id=room_id, version=version + 2, name="Parcel")
    assert await tags() == ["refund", "vip"], "what is left out stays"
    await agent.asks("room.update", room_id=room_id, version=version + 3, tags=[])
    assert await tags() == []
    for bad in ([""], [" "], ["x" * 51], ["x"] * 21):
        assert await agent.is_refused("room.update", room_id=room_id, version=version + 4, tags=bad) == "invalid"


async def test_how_robots_answer_in_a_room_is_for_those_who_configure_them(desk: Desk) -> None:
    room_id, _, agent = await claimed(desk)
    boss = await desk.agent("admin")
    version = (await agent.joins(room_id))["room"]["version"]
    words = {"system_prompt": "Be brief.", "provider": "local", "model": "small"}
    for name, value in words.items():
        assert await agent.is_refused("room.update", room_id=room_id, version=version, **{name: value}) == "forbidden"
    await boss.asks("room.update", room_id=room_id, version=version, **words)
    row = await desk.owner.fetchrow(
        "SELECT system_prompt, provider, model FROM chat_rooms WHERE id = $1", UUID(room_id)
    )
    assert dict(row or {}) == words


async def test_a_guest_rates_an_answered_room_and_may_think_again(desk: Desk) -> None:
    room_id, guest, agent = await claimed(desk)
    stranger = await desk.guest()
    assert await stranger.is_refused("csat.give", room_id=room_id, score=1) == "not_found"
    for wrong in (0, 6, "good", None):
        assert await guest.is_refused("csat.give", room_id=room_id, score=wrong) == "invalid"
    await guest.asks("csat.give", room_id=room_id, score=2, comment="slow")
    await guest.asks("csat.give", room_id=room_id, score=5)
    rated = await desk.owner.fetchrow(
        "SELECT count(*), max(c.score), max(r.csat_score), max(c.agent_id::text) "
        "FROM csat_ratings c JOIN chat_rooms r ON r.id = c.room_id WHERE c.room_id = $1",
        UUID(room_id),
    )
    assert tuple(rated or ()) == (1, 5, 5, str(agent.id))
    waiting = await stranger.opens()
    assert await stranger.is_refused("csat.give", room_id=waiting, score=5) == "illegal_transition"


async def test_the_page_a_guest_is_on_is_kept_for_staff(desk: Desk) -> None:
    guest, agent = await desk.guest(), await desk.signed_in("t1")
    page = {"url": "https://shop.test/cart", "title": "Cart", "attributes": {"plan": "gold"}, "trail": ["Home"]}
    room = (await guest.asks("room.open", client_room_id="c", topic="Cart", locale="de", page=page))["room"]
    _, shown = await agent.fetches("GET", f"/api/v1/rooms/{room['id']}")
    assert (shown["page"], shown["locale"], shown["name"]) == ("https://shop.test/cart", "de", "Cart")
    assert "page" not in room


async def test_somebody_new_on_the_staff_reads_what_was_before_them(desk: Desk) -> None:
    room_id, guest, _ = await claimed(desk)
    await guest.says("long ago")
    desk.workspace.staff["late"] = await make_staff(desk.owner, desk.workspace, "late", "agent", "T1")
    late = await desk.agent("late")
    joined = await late.joins(room_id)
    assert "long ago" in [e["data"]["message"]["content"] for e in joined["events"] if e["kind"] == "message.created"]


async def test_of_colleagues_staff_learn_what_tells_two_of_one_name_apart_and_guests_do_not(desk: Desk) -> None:
    room_id, guest, agent = await claimed(desk)
    told = {p["user_id"]: p.get("account") for p in (await agent.joins(room_id))["participants"]}
    email = await desk.owner.fetchval("SELECT email FROM users WHERE id = $1", agent.id)
    assert told == {str(agent.id): email, str(guest.id): None}
    assert all("account" not in p for p in (await guest.joins(room_id))["participants"])
