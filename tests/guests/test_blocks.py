"""Keeping a guest out."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from socketio.exceptions import ConnectionError as SocketRefused

from tests.accounts.browser import browser, signed_in
from tests.factories import make_workspace
from tests.guests.test_identity import identity, secret_of
from tests.guests.test_sessions import comes, connects, reaches
from tests.people import Desk
from tests.transports import on_both_ways

SOON = timedelta(hours=1)


def later(by: timedelta = SOON) -> str:
    return (datetime.now(UTC) + by).isoformat()  # noqa: TID251 - an instant to send


@on_both_ways
async def test_a_blocked_guest_is_cut_off_told_why_and_refused(desk: Desk) -> None:
    guest, boss = await desk.guest(), await desk.agent("supervisor")
    room = await guest.opens()
    await boss.asks("guest.block", guest_id=str(guest.id), reason="spam", spam=True)
    assert (await guest.hears("session.ended"))["code"] == "blocked"
    await asyncio.wait_for(guest.closed.wait(), 5)
    with pytest.raises(SocketRefused):
        await connects(desk, guest.token)
    answer = await comes(desk, guest.token)
    assert (answer.status, answer.code) == (403, "blocked")
    said = {"client_msg_id": str(uuid4()), "content": "still here"}
    held = browser(desk, Authorization=f"Bearer {guest.token}")
    assert (await held.asks("POST", f"/api/v1/rooms/{room}/messages", said)).code == "blocked"
    marked = await desk.owner.fetchval("SELECT spam_marked_at FROM users WHERE id = $1", guest.id)
    assert marked is not None


async def test_an_identified_guest_is_blocked_on_every_device(desk: Desk) -> None:
    who, boss = identity(await secret_of(desk)), await desk.agent("supervisor")
    guest_id = (await comes(desk, identity=who)).body["guest_id"]
    await boss.asks("guest.block", guest_id=guest_id, reason="abuse")
    assert (await comes(desk, identity=who)).code == "blocked"
    fresh = (await comes(desk)).body["token"]
    assert (await comes(desk, fresh, identity=who)).code == "blocked"
    assert await reaches(desk, fresh) == 404


async def test_a_block_is_lifted_by_hand_or_runs_out(desk: Desk) -> None:
    guest, boss = (await comes(desk)).body, await desk.agent("supervisor")
    await boss.asks("guest.block", guest_id=guest["guest_id"], reason="spam", spam=True)
    await boss.asks("guest.unblock", guest_id=guest["guest_id"])
    assert await reaches(desk, guest["token"]) == 404
    assert await boss.is_refused("guest.unblock", guest_id=guest["guest_id"]) == "not_found"
    await boss.asks("guest.block", guest_id=guest["guest_id"], reason="calm down", until=later())
    assert await reaches(desk, guest["token"]) == 403
    await desk.owner.execute("UPDATE guest_blocks SET until = now() - interval '1 second' WHERE lifted_at IS NULL")
    assert await reaches(desk, guest["token"]) == 404
    await boss.asks("guest.block", guest_id=guest["guest_id"], reason="again")
    assert await reaches(desk, guest["token"]) == 403


async def test_a_second_block_takes_the_place_of_the_first_even_at_once(desk: Desk) -> None:
    guest, boss = (await comes(desk)).body["guest_id"], await signed_in(desk, "supervisor")
    answers = await asyncio.gather(
        *(boss.asks("PUT", f"/api/v1/guests/{guest}/block", {"reason": f"reason {n}"}) for n in range(5))
    )
    assert {answer.status for answer in answers} == {204}
    standing = await desk.owner.fetchval(
        "SELECT count(*) FROM guest_blocks WHERE guest_id = $1::text::uuid AND lifted_at IS NULL", guest
    )
    assert standing == 1
    assert (await boss.asks("DELETE", f"/api/v1/guests/{guest}/block")).status == 204
    assert (await boss.asks("DELETE", f"/api/v1/guests/{guest}/block")).status == 404


async def test_a_block_needs_the_right_and_a_guest_of_ones_own_workspace(desk: Desk) -> None:
    t1, boss, guest = await desk.agent("t1"), await desk.agent("supervisor"), (await comes(desk)).body["guest_id"]
    other = await make_workspace(desk.owner)
    stranger = (await comes(desk, site_key=other.plain_site_key)).body["guest_id"]
    assert await t1.is_refused("guest.block", guest_id=guest, reason="x") == "forbidden"
    for id_ in (stranger, str(uuid4()), str(desk.workspace.staff["admin"])):
        assert await boss.is_refused("guest.block", guest_id=id_, reason="x") == "not_found"
        assert await boss.is_refused("guest.unblock", guest_id=id_) == "not_found"
    a_guest = await desk.guest()
    assert await a_guest.is_refused("guest.block", guest_id=guest, reason="x") == "unknown_event"


async def test_bad_blocks_are_refused(desk: Desk) -> None:
    boss, guest = await desk.agent("supervisor"), (await comes(desk)).body["guest_id"]
    for bad in (
        {},
        {"guest_id": guest},
        {"guest_id": "x", "reason": "x"},
        {"guest_id": guest, "reason": ""},
        {"guest_id": guest, "reason": "x" * 1001},
        {"guest_id": guest, "reason": "x\x00"},
        {"guest_id": guest, "reason": "x", "until": later(-SOON)},
        {"guest_id": guest, "reason": "x", "until": "tomorrow"},
        {"guest_id": guest, "reason": "x", "until": "2030-01-01T00:00:00"},
        {"guest_id": guest, "reason": "x", "workspace_id": str(uuid4())},
    ):
        assert await boss.is_refused("guest.block", **bad) == "invalid", bad


async def test_blocks_are_on_record_and_a_retry_blocks_once(desk: Desk) -> None:
    boss, guest = await desk.agent("supervisor"), (await comes(desk)).body["guest_id"]
    command = {"guest_id": guest, "reason": "spam", "op_id": str(uuid4())}
    await boss.asks("guest.block", **command)
    assert (await boss.asks("guest.block", **command))["duplicate"] is True
    rows = await desk.owner.fetch(
        "SELECT action, actor_id, subject_id::text AS subject FROM audit_log "
        "WHERE workspace_id = $1 AND action LIKE 'guest.%'",
        desk.workspace.id,
    )
    assert [(row["action"], row["actor_id"], row["subject"]) for row in rows] == [
        ("guest.blocked", desk.workspace.staff["supervisor"], guest)
    ]
