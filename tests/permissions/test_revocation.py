"""Rights that are taken are gone from live sockets: at once here, within seconds on every other node."""

import asyncio
from uuid import uuid4

import pytest

from supportdesk.accounts.events import AccountChanged, SessionsEnded
from supportdesk.core.events import Bus, Event
from supportdesk.core.sockets import Socket, Sockets
from supportdesk.guests.events import GuestBlocked
from supportdesk.permissions.revocation import SWEEP_S, Revocation
from tests.accounts.browser import signed_in
from tests.people import Agent, Desk, Person
from tests.transports import on_both_ways


async def is_cut(person: Person, code: str) -> None:
    """The socket ends, and says why."""
    assert (await person.hears("session.ended"))["code"] == code
    await asyncio.wait_for(person.closed.wait(), 5)


async def sweeps(desk: Desk) -> None:
    """What happens by itself every two seconds."""
    await desk.resources.get(Revocation).sweep()
    await desk.settle()


def test_two_seconds_and_a_query_are_less_than_the_five_that_are_promised() -> None:
    assert SWEEP_S <= 2


@on_both_ways
async def test_whoever_is_suspended_is_cut_off_at_once(desk: Desk) -> None:
    boss, t1, t2 = await signed_in(desk, "admin"), await desk.agent("t1"), await desk.agent("t2")
    await boss.asks("PATCH", f"/api/v1/people/{desk.workspace.staff['t1']}", {"status": "suspended"})
    await is_cut(t1, "unauthenticated")
    await desk.settle()
    assert not t2.closed.is_set()


@on_both_ways
async def test_ending_one_session_cuts_its_sockets_and_no_others(desk: Desk) -> None:
    phone, laptop = await desk.agent("t1"), await desk.agent("t1")
    listed = (await phone.fetches("GET", "/api/v1/auth/sessions/all"))[1]["items"]
    [other] = [session["id"] for session in listed if not session["current"]]
    await phone.fetches("DELETE", f"/api/v1/auth/sessions/{other}")
    await is_cut(laptop, "unauthenticated")
    await desk.settle()
    assert not phone.closed.is_set()


@on_both_ways
async def test_revoking_a_token_cuts_its_sockets(desk: Desk) -> None:
    ann = await signed_in(desk, "t1")
    made = (await ann.asks("POST", "/api/v1/tokens", {"name": "bot"})).body
    script = await Agent(desk, ann.http).connect(made["token"])
    await sweeps(desk)
    assert not script.closed.is_set(), "a token that stands is left alone"
    await ann.asks("DELETE", f"/api/v1/tokens/{made['id']}")
    await is_cut(script, "unauthenticated")


@on_both_ways
async def test_a_lower_role_ends_the_session_and_a_higher_one_is_felt_at_once(desk: Desk) -> None:
    boss, t1 = await signed_in(desk, "admin"), await desk.agent("t1")
    block = {"guest_id": str(uuid4()), "reason": "x"}
    assert await t1.is_refused("guest.block", **block) == "forbidden"
    path = f"/api/v1/people/{desk.workspace.staff['t1']}"
    await boss.asks("PATCH", path, {"role": "supervisor"})
    await desk.settle()
    assert await t1.is_refused("guest.block", **block) == "not_found", "the right has come; the guest is missing"
    await boss.asks("PATCH", path, {"role": "agent"})
    await is_cut(t1, "unauthenticated")


@on_both_ways
class TestOnAnotherNode:
    """What this node did, the other learns by the sweep alone."""

    @pytest.fixture(autouse=True)
    def deaf(self, elsewhere: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        revocation = elsewhere.resources.get(Revocation)
        monkeypatch.setattr(revocation, "_expiry_at", float("inf"))
        for kind in (AccountChanged, SessionsEnded, GuestBlocked):
            assert issubclass(kind, Event)
            elsewhere.resources.get(Bus)._listeners.pop(kind, None)

    async def test_a_suspension_arrives(self, desk: Desk, elsewhere: Desk) -> None:
        boss, t1, t2 = await signed_in(desk, "admin"), await elsewhere.agent("t1"), await elsewhere.agent("t2")
        await sweeps(elsewhere)
        await boss.asks("PATCH", f"/api/v1/people/{desk.workspace.staff['t1']}", {"status": "suspended"})
        await sweeps(elsewhere)
        await is_cut(t1, "unauthenticated")
        assert not t2.closed.is_set()

    async def test_a_blocked_guest_is_cut(self, desk: Desk, elsewhere: Desk) -> None:
        boss, guest, other = await desk.agent("supervisor"), await elsewhere.guest(), await elsewhere.guest()
        await sweeps(elsewhere)
        await boss.asks("guest.block", guest_id=str(guest.id), reason="spam")
        await sweeps(elsewhere)
        await is_cut(guest, "blocked")
        assert not other.closed.is_set()

    async def test_a_role_that_grants_less_is_felt_without_a_new_connection(self, desk: Desk, elsewhere: Desk) -> None:
        boss, guest = await elsewhere.agent("supervisor"), await elsewhere.guest()
        await sweeps(elsewhere)
        block = {"guest_id": str(uuid4()), "reason": "x"}
        assert await boss.is_refused("guest.block", **block) == "not_found"
        await desk.owner.execute(
            "DELETE FROM role_permissions "
            "WHERE workspace_id = $1 AND pattern IN ('desk:guest:block', 'chat:room:open')",
            desk.workspace.id,
        )
        await sweeps(elsewhere)
        assert await boss.is_refused("guest.block", **block) == "forbidden"
        assert await guest.is_refused("room.open", client_room_id=str(uuid4())) == "forbidden"
        assert not boss.closed.is_set()
        assert not guest.closed.is_set()

    async def test_a_participant_who_was_removed_hears_the_room_no_more(self, desk: Desk, elsewhere: Desk) -> None:
        guest, boss = await elsewhere.guest(), await desk.agent("supervisor")
        room = await guest.opens()
        await boss.joins(room)
        await sweeps(elsewhere)
        await boss.asks("participant.remove", room_id=room, user_id=str(guest.id))
        await sweeps(elsewhere)
        assert await guest.is_refused("room.sync", room_id=room, after_seq=0) == "not_found"
        own = [socket for socket in _sockets(elsewhere) if socket.actor.id == guest.id]
        assert own
        assert all(not socket.rooms for socket in own)
        assert not guest.closed.is_set()

    async def test_a_room_made_private_is_left_by_those_who_are_not_in_it(self, desk: Desk, elsewhere: Desk) -> None:
        guest, t1, boss = await desk.guest(), await elsewhere.agent("t1"), await elsewhere.agent("supervisor")
        room = await guest.opens()
        for person in (t1, boss):
            await person.joins(room)
        await sweeps(elsewhere)
        await desk.owner.execute("UPDATE chat_rooms SET is_private = true WHERE id = $1::text::uuid", room)
        await sweeps(elsewhere)
        hearing = {socket.actor.id for socket in _sockets(elsewhere) if socket.rooms}
        assert hearing == {desk.workspace.staff["supervisor"]}

    async def test_a_right_that_was_lost_between_the_door_and_the_socket_is_found(
        self, desk: Desk, elsewhere: Desk
    ) -> None:
        t1 = await elsewhere.agent("t1")
        await desk.owner.execute(
            "UPDATE users SET current_account_status = 'suspended' WHERE id = $1", desk.workspace.staff["t1"]
        )
        revocation = elsewhere.resources.get(Revocation)
        revocation._users.clear()
        await sweeps(elsewhere)
        await is_cut(t1, "account_not_active")
        assert elsewhere.sockets_of(t1) == []


def _sockets(desk: Desk) -> list[Socket]:
    return list(desk.resources.get(Sockets))


@on_both_ways
async def test_a_session_that_runs_out_ends_its_sockets_too(desk: Desk) -> None:
    t1, guest = await desk.agent("t1"), await desk.guest()
    revocation = desk.resources.get(Revocation)
    await sweeps(desk)
    await desk.owner.execute("UPDATE sessions SET expires_at = now() WHERE user_id = $1", desk.workspace.staff["t1"])
    await desk.owner.execute("UPDATE guest_sessions SET expires_at = now() WHERE guest_id = $1", guest.id)
    revocation._expiry_at = 0
    await sweeps(desk)
    await is_cut(t1, "unauthenticated")
    await is_cut(guest, "unauthenticated")
    assert [desk.sockets_of(who) for who in (t1, guest)] == [[], []]


async def test_a_quiet_desk_asks_one_question_per_sweep(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [await desk.guest() for _ in range(3)] + [await desk.agent("t1")]
    await sweeps(desk)
    asked = []

    async def look_again(user_id: object) -> None:
        asked.append(user_id)

    monkeypatch.setattr(desk.resources.get(Revocation), "look_again", look_again)
    await sweeps(desk)
    assert asked == []
    assert not any(person.closed.is_set() for person in people)


async def test_a_sweep_without_anybody_needs_no_database(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    revocation = desk.resources.get(Revocation)
    monkeypatch.setattr(revocation, "_db", None)
    await revocation.sweep()
    await desk.agent("t1")
    with pytest.raises(AttributeError):  # with somebody there it would have asked
        await revocation.sweep()
