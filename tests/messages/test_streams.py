"""D3 to D5: both streams are dense, hold what each side may see, and read the same as they were heard."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

from supportdesk.rooms.model import EventKind
from tests.people import Agent, Desk, Guest, Json, later
from tests.streams import head_of, numbers, said, verify_live

TOOLS = {EventKind.TOOL_REQUESTED, EventKind.TOOL_DECIDED, EventKind.TOOL_COMPLETED}
"""Written by robots with tools, not by people."""
SUGGESTIONS = {EventKind.SUGGESTION_MADE, EventKind.SUGGESTION_DECIDED}
"""Made by robots that speak to the staff alone; tests/robots/test_suggestions.py has them."""


async def version_of(agent: Agent, room_id: str) -> int:
    _, room = await agent.fetches("GET", f"/api/v1/rooms/{room_id}")
    return int(room["version"])


async def live_through_everything(desk: Desk) -> tuple[str, Guest, Agent, Agent]:
    """A room in which every kind of event has happened; both sides heard it from its beginning."""
    guest, agent, boss = await desk.guest(), await desk.agent("t1"), await desk.agent("supervisor")
    room_id = await guest.opens("Where is my parcel")
    for staff in (agent, boss):
        await staff.joins(room_id)
    asked = await guest.says("where is it?")
    await agent.asks("room.claim", room_id=room_id)
    answer = await agent.says("on its **way**", reply_to=asked["id"], thread_id=asked["id"])
    note = await agent.says("looks lost", note=True)
    whisper = await boss.says("offer a refund", whisper_to=str(agent.id))
    await agent.asks("message.edit", message_id=answer["id"], content="it is *lost*", version=1)
    await agent.asks("message.edit", message_id=note["id"], content="surely lost")
    for message, emoji in ((answer, "👍"), (answer, "🎉"), (asked, "👀")):
        await guest.asks("reaction.add", message_id=message["id"], emoji=emoji)
        await agent.asks("reaction.add", message_id=message["id"], emoji=emoji)
    await guest.asks("reaction.remove", message_id=answer["id"], emoji="🎉")
    await boss.asks("reaction.add", message_id=whisper["id"], emoji="👍")
    regretted = await guest.says("my card is 4111 1111")
    await guest.asks("message.delete", message_id=regretted["id"])
    await boss.asks("message.delete", message_id=note["id"])
    await agent.asks("room.update", room_id=room_id, version=await version_of(agent, room_id), name="Lost", priority=2)
    t1b = str(desk.workspace.staff["t1b"])
    await agent.asks("participant.add", room_id=room_id, user_id=t1b)
    await boss.asks(
        "participant.update", room_id=room_id, user_id=t1b, status="muted", flags={"can_see_history": False}
    )
    await boss.asks("participant.remove", room_id=room_id, user_id=t1b)
    await boss.asks("room.observe", room_id=room_id)
    await agent.asks("room.escalate", room_id=room_id, to_level="T2", reason="refunds are yours", priority=1)
    await boss.asks("room.claim", room_id=room_id)
    await boss.says("I refund it")
    await boss.asks("room.snooze", room_id=room_id, until=later())
    await boss.asks("room.reopen", room_id=room_id)
    await boss.asks("room.close", room_id=room_id, outcome="resolved")
    await desk.settle()
    await guest.asks("csat.give", room_id=room_id, score=5, comment="quick")
    await boss.asks("room.reopen", room_id=room_id)
    return room_id, guest, agent, boss


async def test_every_kind_of_event_reads_as_it_was_heard(desk: Desk) -> None:
    room_id, guest, agent, boss = await live_through_everything(desk)
    first = await agent.asks("room.sync", room_id=room_id, after_seq=0)
    for staff in (agent, boss):
        heard = await verify_live(staff, room_id, await head_of(desk, staff, room_id))
        made = first["events"][0]  # the room was there before they came
        assert (made["seq"], made["kind"], heard[0]["seq"]) == (1, "room.created", 2)
    kinds = {event["kind"] for event in [*heard, made]}
    assert kinds == {str(kind) for kind in EventKind} - {str(kind) for kind in TOOLS | SUGGESTIONS}
    public = await verify_live(guest, room_id, await head_of(desk, guest, room_id))
    assert public[0]["seq"] == 2
    hidden = {"participant.updated", "room.updated", "room.assigned", "room.snoozed", "escalation.updated"}
    assert {event["kind"] for event in public} == kinds - hidden - {"room.created"}
    history = (await guest.fetches("GET", f"/api/v1/rooms/{room_id}/messages"))[1]["items"]
    assert [m["content"] for m in history if m.get("deleted")] == [""]


async def test_a_newcomer_reads_the_same_as_those_who_were_there(desk: Desk) -> None:
    room_id, guest, agent, _ = await live_through_everything(desk)
    late = await desk.agent("manager")
    joined = await late.joins(room_id)
    assert joined["events"] == await agent.reads(room_id)
    again = await guest.again()
    joined = await again.joins(room_id)
    assert joined["events"] == await guest.reads(room_id)
    half = joined["head"] // 2
    resumed = await again.joins(room_id, after_seq=half, epoch=joined["epoch"])
    assert resumed["events"] == joined["events"][half:]


def blurred(value: Any, names: dict[str, str]) -> Any:
    """The frames without what differs between any two rooms: ids, by order of appearance, and times."""
    match value:
        case dict():
            return {key: "at" if is_time(key, at) else blurred(at, names) for key, at in value.items()}
        case list() | tuple():
            return [blurred(item, names) for item in value]
        case str() if len(value) == 36 and value.count("-") == 4:
            return names.setdefault(value, f"id {len(names)}")
        case _:
            return value


def is_time(key: str, value: Any) -> bool:
    return isinstance(value, str) and (key.endswith("_at") or key in ("at", "sent", "delivered", "read"))


async def guests_view(desk: Desk, *, hidden: bool) -> list[Any]:
    """Everything a guest is sent in one conversation, with much or with nothing happening behind it."""
    guest, agent = await desk.guest(), await desk.agent("t1")
    boss, other = await desk.agent("supervisor"), await desk.agent("t1b")
    seen: list[Any] = []
    room_id = await guest.opens()

    async def behind() -> None:
        if hidden:
            await much_happens()
        seen.append(await look())
        if hidden:
            await agent.asks("room.reopen", room_id=room_id)
            await boss.asks("participant.remove", room_id=room_id, user_id=str(boss.id))

    async def much_happens() -> None:
        note = await agent.says("a note", room_id=room_id, note=True)
        await other.says("I had that one too", room_id=room_id, note=True)
        await agent.asks("message.edit", message_id=note["id"], content="another")
        await boss.asks("room.observe", room_id=room_id)
        await boss.joins(room_id)
        await boss.tells("typing", room_id=room_id, on=True)
        await boss.says("psst", whisper_to=str(agent.id))
        await boss.asks("reaction.add", message_id=note["id"], emoji="👍")
        page = await boss.asks("room.sync", room_id=room_id, after_seq=0)
        await boss.asks("receipt", room_id=room_id, delivered_seq=page["head"], read_seq=page["head"])
        await agent.asks("room.snooze", room_id=room_id, until=later())

    async def look() -> Json:
        ack = await guest.asks("room.join", room_id=room_id)
        _, room = await guest.fetches("GET", f"/api/v1/rooms/{room_id}")
        _, history = await guest.fetches("GET", f"/api/v1/rooms/{room_id}/messages")
        # The time of the last message is that of the last one the guest can see.
        spoken = [e["data"]["message"]["created_at"] for e in ack["events"] if e["kind"] == "message.created"]
        assert room["last_message_at"] == ack["room"]["last_message_at"] == spoken[-1]
        return {"ack": ack, "room": room, "history": history}

    await guest.says("hello")
    await agent.asks("room.claim", room_id=room_id)
    await agent.joins(room_id)
    await behind()
    sent = await agent.says("good day")
    await behind()
    seen.append(await guest.asks("receipt", room_id=room_id, read_seq=3))
    seen.append(await look())
    await agent.asks("message.edit", message_id=sent["id"], content="good evening")
    await behind()
    await guest.says("bye")
    await agent.asks("room.assign", room_id=room_id, agent_id=str(other.id))
    await behind()
    head = (await guest.asks("room.sync", room_id=room_id, after_seq=0))["head"]
    await desk.settle()
    await guest.catches_up(head, room_id)
    seen.append(await look())
    durable = [data for name, data in guest.heard if name == "room.event"]
    passing = sorted({name for name, _ in guest.heard} - {"queue.position"})
    return list(blurred([durable, passing, seen], {}))


async def test_a_guest_cannot_tell_what_happens_behind_them(desk: Desk) -> None:
    plain, watched = await guests_view(desk, hidden=False), await guests_view(desk, hidden=True)
    for heard, expected in zip(watched, plain, strict=True):
        assert heard == expected


async def test_a_long_absence_is_read_in_pages_of_200(desk: Desk) -> None:
    guest = await desk.guest()
    room_id = await guest.opens()
    for start in range(0, 450, 50):
        await asyncio.gather(*(guest.says(f"message {n}") for n in range(start, start + 50)))
    page = await guest.asks("room.sync", room_id=room_id, after_seq=0)
    assert (numbers(page["events"]), page["head"]) == (list(range(1, 201)), 451)
    everything = await guest.reads()
    assert numbers(everything) == list(range(1, 452))
    assert sorted(said(everything)) == sorted(f"message {n}" for n in range(450))
    newest = await guest.joins(room_id)
    assert newest["events"] == everything[-200:]
    for wrong in (-1, 2**60, "x", None, 1.5):
        assert await guest.is_refused("room.sync", room_id=room_id, after_seq=wrong) == "invalid"


async def test_a_page_of_long_messages_is_shorter(desk: Desk) -> None:
    guest = await desk.guest()
    room_id = await guest.opens()
    for n in range(20):
        await guest.says(f"{n} " + "long " * 3_000)
    oldest = numbers((await guest.asks("room.sync", room_id=room_id, after_seq=0))["events"])
    newest = numbers((await guest.joins(room_id))["events"])
    assert oldest == list(range(1, len(oldest) + 1))
    assert newest == list(range(22 - len(newest), 22))
    assert 5 <= len(oldest) <= len(newest) + 1 <= 12
    assert numbers(await guest.reads()) == list(range(1, 22))


async def test_after_a_restore_every_client_begins_anew(desk: Desk) -> None:
    guest = await desk.guest()
    room_id = await guest.opens()
    await guest.says("before")
    joined = await guest.joins(room_id)
    await desk.owner.execute("UPDATE workspaces SET epoch = gen_random_uuid() WHERE id = $1", desk.workspace.id)
    for ask in ("room.sync", "room.join"):
        ack = await guest.asks(ask, room_id=room_id, after_seq=joined["head"], epoch=joined["epoch"])
        assert (ack["reset"], ack["reason"], ack["events"]) == (True, "epoch", [])
        assert ack["epoch"] != joined["epoch"]
    ack = await guest.asks("room.join", room_id=room_id)
    assert ("reset" not in ack, said(ack["events"])) == (True, ["before"])


async def test_numbers_that_were_never_given_out_are_of_another_epoch(desk: Desk) -> None:
    guest = await desk.guest()
    room_id = await guest.opens()
    ack = await guest.asks("room.sync", room_id=room_id, after_seq=77)
    assert (ack["reset"], ack["reason"]) == (True, "epoch")


async def test_what_retention_took_is_no_gap_but_a_new_beginning(desk: Desk) -> None:
    guest = await desk.guest()
    room_id = await guest.opens()
    for n in range(4):
        await guest.says(f"message {n}")
    joined = await guest.joins(room_id)
    await desk.owner.execute("DELETE FROM room_events WHERE room_id = $1 AND seq <= 3", UUID(room_id))
    for after in (0, 1, 2):
        ack = await guest.asks("room.sync", room_id=room_id, after_seq=after, epoch=joined["epoch"])
        assert (ack["reset"], ack["reason"]) == (True, "retention")
    ack = await guest.asks("room.sync", room_id=room_id, after_seq=3, epoch=joined["epoch"])
    assert numbers(ack["events"]) == [4, 5]
    ack = await guest.asks("room.join", room_id=room_id)
    assert numbers(ack["events"]) == [4, 5]
    await desk.owner.execute("DELETE FROM room_events WHERE room_id = $1", UUID(room_id))
    ack = await guest.asks("room.sync", room_id=room_id, after_seq=3, epoch=joined["epoch"])
    assert (ack["reset"], ack["reason"]) == (True, "retention")
    ack = await guest.asks("room.sync", room_id=room_id, after_seq=5, epoch=joined["epoch"])
    assert (ack["events"], ack["head"]) == ([], 5)


async def test_without_the_right_to_history_the_stream_begins_at_joining(desk: Desk) -> None:
    guest, agent, boss = await desk.guest(), await desk.agent("t1"), await desk.agent("supervisor")
    room_id = await guest.opens()
    early = await guest.says("before they came")
    await boss.asks("participant.add", room_id=room_id, user_id=str(agent.id))
    flags = {"can_see_history": False}
    await boss.asks("participant.update", room_id=room_id, user_id=str(agent.id), flags=flags)
    await guest.says("after they came")
    joined = await agent.joins(room_id)
    assert joined["events"][0]["kind"] == "participant.joined"
    assert said(joined["events"]) == ["after they came"]
    for after in (0, 1, early["seq"]):
        ack = await agent.asks("room.sync", room_id=room_id, after_seq=after, epoch=joined["epoch"])
        assert ack["events"] == joined["events"]
    for query in ("", "?after_seq=0", "?before_seq=1000", "?before_seq=3"):
        _, history = await agent.fetches("GET", f"/api/v1/rooms/{room_id}/messages{query}")
        assert [m["content"] for m in history["items"]] == (["after they came"] if "3" not in query else [])
    for event in ("reaction.add", "reaction.remove"):
        assert await agent.is_refused(event, message_id=early["id"], emoji="👍") == "not_found"
    assert await boss.asks("reaction.add", message_id=early["id"], emoji="👍")


async def test_history_is_paged_in_the_readers_own_numbers(desk: Desk) -> None:
    guest, agent = await desk.guest(), await desk.agent("t1")
    room_id = await guest.opens()
    await agent.asks("room.claim", room_id=room_id)
    for n in range(3):
        await agent.says(f"note {n}", room_id=room_id, note=True)
        await guest.says(f"message {n}")
    path = f"/api/v1/rooms/{room_id}/messages"

    async def contents(who: Guest | Agent, query: str) -> list[str]:
        status, page = await who.fetches("GET", path + query)
        assert status == 200
        assert numbers(page["items"]) == sorted(numbers(page["items"]))
        return [m["content"] for m in page["items"]]

    assert await contents(guest, "") == ["message 0", "message 1", "message 2"]
    last = (await guest.reads())[-1]["seq"]
    assert await contents(guest, f"?before_seq={last}&limit=1") == ["message 1"]
    assert await contents(guest, f"?after_seq={last - 1}") == ["message 2"]
    assert await contents(guest, f"?after_seq={last}") == []
    assert (await contents(agent, "?limit=2")) == ["note 2", "message 2"]
    head = (await agent.reads(room_id))[-1]["seq"]
    assert await contents(agent, f"?before_seq={head}&limit=2") == ["message 1", "note 2"]
    for query in ("?limit=201", "?limit=0", "?before_seq=-1", "?after_seq=x", "?nonsense=1"):
        status, answer = await guest.fetches("GET", path + query)
        assert (status, answer["error"]["code"]) == (422, "invalid")


async def test_staff_who_sit_in_no_room_hear_all_of_it(desk: Desk) -> None:
    guest, agent = await desk.guest(), await desk.agent("t2")
    room_id = await guest.opens()
    await agent.joins(room_id)
    await guest.says("hello")
    assert (await agent.sees("hello"))["sender"]["id"] == str(guest.id)
    assert await agent.asks("receipt", room_id=room_id, read_seq=2) == {"ok": True}


async def test_leaving_a_room_ends_the_hearing_of_it(desk: Desk) -> None:
    guest = await desk.guest()
    room_id = await guest.opens()
    other = await guest.again()
    await other.joins(room_id)
    await other.asks("room.leave", room_id=room_id)
    await guest.says("alone")
    await guest.sees("alone")
    await other.asks("room.leave", room_id=str(uuid4()))
    assert other.events() == []
