"""Who a guest is: only what the workspace's own server has signed."""

import asyncio
import hashlib
import hmac
from typing import Any
from uuid import UUID

from tests.accounts.browser import signed_in
from tests.factories import make_workspace
from tests.guests.test_sessions import comes, reaches
from tests.people import Desk


async def secret_of(desk: Desk) -> str:
    """The identity secret, as an admin copies it into their server."""
    secret: str = (await (await signed_in(desk, "admin")).asks("GET", "/api/v1/identity-secret")).body["secret"]
    return secret


def identity(secret: str, user_id: str = "customer 7", **more: str) -> dict[str, Any]:
    """What a host page sends."""
    return {"user_id": user_id, "hash": hmac.new(secret.encode(), user_id.encode(), hashlib.sha256).hexdigest(), **more}


async def guest_row(desk: Desk, guest_id: str) -> dict[str, Any]:
    """The guest as it is kept."""
    row = await desk.owner.fetchrow("SELECT * FROM users WHERE id = $1", UUID(guest_id))
    assert row is not None
    return dict(row)


async def test_a_signed_identity_is_the_same_guest_on_every_device(desk: Desk) -> None:
    who = identity(await secret_of(desk), name="  Ann   Smith ", email="Ann@Customer.test")
    first, second = (await comes(desk, identity=who)).body, (await comes(desk, identity=who)).body
    assert first["guest_id"] == second["guest_id"]
    assert first["token"] != second["token"]
    row = await guest_row(desk, first["guest_id"])
    assert (row["external_id"], row["is_identity_verified"]) == ("customer 7", True)
    assert (row["display_name"], row["email"]) == ("Ann Smith", "ann@customer.test")
    assert await reaches(desk, first["token"]) == await reaches(desk, second["token"]) == 404


async def test_an_anonymous_guest_who_proves_who_they_are_keeps_their_id(desk: Desk) -> None:
    anonymous = (await comes(desk)).body
    known = await comes(desk, anonymous["token"], identity=identity(await secret_of(desk)))
    assert known.body["guest_id"] == anonymous["guest_id"]
    assert (await guest_row(desk, anonymous["guest_id"]))["external_id"] == "customer 7"


async def test_nobody_is_merged_with_whoever_sat_at_the_browser_before(desk: Desk) -> None:
    secret = await secret_of(desk)
    known = (await comes(desk, identity=identity(secret))).body
    anonymous = (await comes(desk)).body
    back = (await comes(desk, anonymous["token"], identity=identity(secret))).body
    assert back["guest_id"] == known["guest_id"]
    assert await reaches(desk, anonymous["token"]) == 401, "the browser goes on as somebody else"
    assert (await guest_row(desk, anonymous["guest_id"]))["external_id"] is None


async def test_another_customer_at_the_same_browser_is_another_guest(desk: Desk) -> None:
    secret = await secret_of(desk)
    ann = (await comes(desk, identity=identity(secret, "ann"))).body
    bob = (await comes(desk, ann["token"], identity=identity(secret, "bob"))).body
    assert bob["guest_id"] != ann["guest_id"]
    assert (await guest_row(desk, ann["guest_id"]))["external_id"] == "ann"
    assert (await guest_row(desk, bob["guest_id"]))["external_id"] == "bob"


async def test_what_is_not_signed_rightly_is_refused_and_changes_nothing(desk: Desk) -> None:
    secret = await secret_of(desk)
    known = (await comes(desk, identity=identity(secret, "victim"))).body
    forged = [
        {"user_id": "victim", "hash": "0" * 64},
        {"user_id": "victim", "hash": identity(secret, "mallory")["hash"]},
        {"user_id": "victim ", "hash": identity(secret, "victim")["hash"]},
        {"user_id": "Victim", "hash": identity(secret, "victim")["hash"]},
        {"user_id": "victim", "hash": hashlib.sha256(b"victim").hexdigest()},
        {"user_id": "victim", "hash": identity("", "victim")["hash"]},
    ]
    anonymous = (await comes(desk)).body
    for each in forged:
        for token in (None, anonymous["token"]):
            answer = await comes(desk, token, identity=each)
            assert (answer.status, answer.code) == (403, "identity_not_signed"), each
    assert (await guest_row(desk, known["guest_id"]))["external_id"] == "victim"
    assert (await guest_row(desk, anonymous["guest_id"]))["external_id"] is None
    assert await reaches(desk, anonymous["token"]) == 404


async def test_a_typed_address_identifies_nobody(desk: Desk) -> None:
    secret = await secret_of(desk)
    ann = (await comes(desk, identity=identity(secret, "ann", email="ann@customer.test"))).body
    eve = (await comes(desk, identity=identity(secret, "eve", email="ann@customer.test"))).body
    assert eve["guest_id"] != ann["guest_id"]


async def test_a_workspace_without_a_secret_believes_nobody(desk: Desk) -> None:
    await desk.owner.execute("UPDATE workspaces SET identity_secret_encrypted = NULL WHERE id = $1", desk.workspace.id)
    assert (await comes(desk, identity=identity(""))).status == 403


async def test_another_workspaces_secret_proves_nothing_here(desk: Desk) -> None:
    secret, other = await secret_of(desk), await make_workspace(desk.owner)
    here = (await comes(desk, identity=identity(secret))).body
    assert (await comes(desk, site_key=other.plain_site_key, identity=identity(secret))).status == 403
    assert here["guest_id"]


async def test_a_renewed_secret_makes_old_signatures_worthless(desk: Desk) -> None:
    boss, secret = await signed_in(desk, "admin"), await secret_of(desk)
    fresh = (await boss.asks("POST", "/api/v1/identity-secret", {})).body["secret"]
    assert fresh != secret
    assert (await comes(desk, identity=identity(secret))).status == 403
    assert (await comes(desk, identity=identity(fresh))).status == 201
    kept = await desk.owner.fetchval(
        "SELECT identity_secret_encrypted FROM workspaces WHERE id = $1", desk.workspace.id
    )
    assert fresh.encode() not in kept


async def test_ten_devices_at_once_are_one_guest(desk: Desk) -> None:
    who = identity(await secret_of(desk))
    answers = await asyncio.gather(*(comes(desk, identity=who) for _ in range(10)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body["guest_id"] for answer in answers}) == 1


async def test_one_browser_claimed_by_two_customers_at_once_becomes_one_of_them(desk: Desk) -> None:
    secret, anonymous = await secret_of(desk), (await comes(desk)).body
    answers = await asyncio.gather(
        *(comes(desk, anonymous["token"], identity=identity(secret, name)) for name in ("ann", "bob"))
    )
    assert {answer.status for answer in answers} <= {201, 401}
    ids = {answer.body["guest_id"] for answer in answers if answer.status == 201}
    rows = [(await guest_row(desk, id_))["external_id"] for id_ in ids]
    assert len(rows) == len(set(rows)), "nobody is two customers"


async def test_an_id_of_a_member_of_staff_is_nobody_a_guest_can_be(desk: Desk) -> None:
    secret = await secret_of(desk)
    await desk.owner.execute("UPDATE users SET external_id = 'boss' WHERE id = $1", desk.workspace.staff["admin"])
    assert (await comes(desk, identity=identity(secret, "boss"))).status == 403
    anonymous = (await comes(desk)).body["token"]
    assert (await comes(desk, anonymous, identity=identity(secret, "boss"))).status == 403
