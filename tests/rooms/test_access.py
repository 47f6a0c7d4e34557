"""D9: who may not hear a room hears it no more, on every way, from the moment the right is gone."""

from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import pytest
import socketio.exceptions

from tests.people import Agent, Desk, Guest, Person


async def open_room(desk: Desk) -> tuple[str, Guest, Agent, Agent]:
    """A room with its guest, its agent, and a colleague who reads along."""
    guest, agent, other = await desk.guest(), await desk.agent("t1"), await desk.agent("t1b")
    room_id = await guest.opens()
    for staff in (agent, other):
        await staff.joins(room_id)
    await agent.asks("room.claim", room_id=room_id)
    for staff in (agent, other):
        await staff.sees_kind("room.assigned")
    return room_id, guest, agent, other


async def assert_deaf(desk: Desk, who: Person, room_id: str, speaker: Person) -> None:
    """They hear nothing of what is said now, and may neither join, read on nor speak."""
    who.forgets()
    await speaker.says("behind your back", room_id=room_id)
    await speaker.tells("typing", room_id=room_id, on=True)
    await desk.settle()
    for event, more in (("room.join", {}), ("room.sync", {"after_seq": 0}), ("receipt", {"read_seq": 1})):
        assert await who.is_refused(event, room_id=room_id, **more) == "not_found"
    body = {"room_id": room_id, "client_msg_id": str(uuid4()), "content": "let me in"}
    assert await who.is_refused("message.send", **body) == "not_found"
    assert [name for name, data in who.heard if data.get("room_id") == room_id and name != "inbox.changed"] == []
    if isinstance(who, Guest | Agent):
        for path in ("", "/messages"):
            status, _ = await who.fetches("GET", f"/api/v1/rooms/{room_id}{path}")
            assert status == 404


async def test_a_guest_who_is_removed_hears_nothing_more(desk: Desk) -> None:
    room_id, guest, agent, _ = await open_room(desk)
    boss = await desk.agent("supervisor")
    second = await guest.again()
    await second.joins(room_id)
    await boss.asks("participant.remove", room_id=room_id, user_id=str(guest.id))
    await desk.settle()
    for one in (guest, second):
        await assert_deaf(desk, one, room_id, agent)
    own = await guest.opens()
    assert own != room_id


async def test_a_room_that_guests_may_no_longer_enter_is_gone_for_them(desk: Desk) -> None:
    room_id, guest, agent, _ = await open_room(desk)
    await desk.owner.execute("UPDATE chat_rooms SET guest_access_allowed = false WHERE id = $1", UUID(room_id))
    await desk.look_again()
    await assert_deaf(desk, guest, room_id, agent)
    await desk.owner.execute("UPDATE chat_rooms SET guest_access_allowed = true WHERE id = $1", UUID(room_id))
    assert (await guest.joins(room_id))["room"]["id"] == room_id


async def test_a_room_made_private_is_gone_for_those_who_do_not_sit_in_it(desk: Desk) -> None:
    room_id, guest, agent, other = await open_room(desk)
    boss = await desk.agent("supervisor")
    await boss.joins(room_id)
    await desk.owner.execute("UPDATE chat_rooms SET is_private = true WHERE id = $1", UUID(room_id))
    await desk.look_again()
    await assert_deaf(desk, other, room_id, guest)
    for one in (agent, boss):
        await one.sees("behind your back")
    for event in ("room.claim", "room.close", "room.reopen"):
        assert await other.is_refused(event, room_id=room_id) == "not_found"


async def test_private_rooms_are_for_their_participants_and_supervisors(desk: Desk) -> None:
    agent, other, boss = await desk.agent("t1"), await desk.agent("t1b"), await desk.agent("supervisor")
    made = await agent.asks("room.create", client_room_id="c", room_type="group", is_private=True, name="Quiet")
    room_id = made["room"]["id"]
    await agent.joins(room_id)
    await assert_deaf(desk, other, room_id, agent)
    await boss.joins(room_id)
    await agent.asks("participant.add", room_id=room_id, user_id=str(other.id))
    await other.joins(room_id)
    await agent.says("welcome")
    await other.sees("welcome")
    await boss.asks("participant.remove", room_id=room_id, user_id=str(other.id))
    await desk.settle()
    await assert_deaf(desk, other, room_id, agent)


async def suspended(desk: Desk, agent: Agent) -> None:
    await desk.owner.execute("UPDATE users SET current_account_status = 'suspended' WHERE id = $1", agent.id)


async def deactivated(desk: Desk, agent: Agent) -> None:
    await desk.owner.execute("UPDATE users SET current_account_status = 'deactivated' WHERE id = $1", agent.id)


async def signed_out(desk: Desk, agent: Agent) -> None:
    assert desk.app is not None
    await agent.fetches("DELETE", "/api/v1/auth/sessions")


async def signed_out_elsewhere(desk: Desk, agent: Agent) -> None:
    await desk.owner.execute("UPDATE sessions SET revoked_at = now() WHERE user_id = $1", agent.id)


@pytest.mark.parametrize("loses", [suspended, deactivated, signed_out, signed_out_elsewhere])
async def test_who_is_out_of_the_desk_is_out_of_its_rooms(
    desk: Desk, loses: Callable[[Desk, Agent], Awaitable[None]]
) -> None:
    room_id, guest, _, other = await open_room(desk)
    other.forgets()
    await loses(desk, other)
    await desk.look_again()
    await other.is_cut()
    await guest.says("behind your back")
    assert [data["kind"] for name, data in other.heard if name == "room.event"] == []
    status, _ = await other.fetches("GET", f"/api/v1/rooms/{room_id}")
    assert status == 401


async def test_a_role_that_loses_reading_ends_the_hearing(desk: Desk) -> None:
    room_id, guest, agent, other = await open_room(desk)
    await desk.owner.execute(
        "DELETE FROM role_permissions p USING roles r WHERE r.id = p.role_id AND r.workspace_id = $1 "
        "AND r.name = 'agent' AND p.pattern = 'chat:room:read'",
        desk.workspace.id,
    )
    await desk.look_again()
    other.forgets()
    await guest.says("behind your back")
    await desk.settle()
    assert await other.is_refused("room.sync", room_id=room_id, after_seq=0) == "not_found"
    assert await agent.is_refused("room.sync", room_id=room_id, after_seq=0) == "not_found"
    assert other.events() == []


async def test_a_blocked_guest_is_cut_and_stays_out(desk: Desk) -> None:
    _, guest, _, _ = await open_room(desk)
    second = await guest.again()
    boss = await desk.agent("supervisor")
    await boss.asks("guest.block", guest_id=str(guest.id), reason="threats")
    for one in (guest, second):
        await one.is_cut()
    with pytest.raises(socketio.exceptions.ConnectionError):
        await guest.again()
    status, answer = await guest.fetches("GET", f"/api/v1/rooms/{guest.room_id}")
    assert (status, answer["error"]["code"]) == (403, "blocked")
    await boss.asks("guest.unblock", guest_id=str(guest.id))
    back = await guest.again()
    await back.says("I am sorry")


async def test_a_guest_hears_no_room_but_their_own(desk: Desk) -> None:
    room_id, _, agent, _ = await open_room(desk)
    stranger = await desk.guest()
    await assert_deaf(desk, stranger, room_id, agent)


async def test_whoever_joins_in_the_moment_of_losing_the_room_does_not_keep_hearing_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    room_id, guest, agent, _ = await open_room(desk)
    boss = await desk.agent("supervisor")
    second = await guest.again()
    sockets = desk.sockets_of(second)
    enter = type(sockets[0]).enter

    async def late(*args: object, **more: object) -> None:
        # The door said yes; now, before the socket hears the room, the guest is taken out of it.
        monkeypatch.undo()
        await boss.asks("participant.remove", room_id=room_id, user_id=str(guest.id))
        await enter(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(type(sockets[0]), "enter", late)
    assert await second.is_refused("room.join", room_id=room_id) == "not_found"
    await assert_deaf(desk, second, room_id, agent)
