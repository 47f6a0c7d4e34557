"""The outbox: promised in a transaction, carried out after it, tried again, given up in the end."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.config import Settings
from supportdesk.core.db import Database
from supportdesk.core.outbox import TRIES, Outbox, promise
from supportdesk.errors import ServerBusy
from tests.commands.shell import free_port
from tests.factories import make_workspace
from tests.people import Connection, Desk


class Carrier:
    """Carries things out, or fails as it is told."""

    def __init__(self) -> None:
        self.kind = f"test.{uuid4().hex[:12]}"
        self.carried: list[dict[str, Any]] = []
        self.failing = False

    async def __call__(self, _workspace_id: WorkspaceId, payload: dict[str, Any]) -> None:
        if self.failing:
            raise ServerBusy("Nobody is at home.", retry_after=1)
        self.carried.append(payload)


@pytest.fixture
async def actor(owner: Connection) -> AsyncIterator[Actor]:
    workspace = await make_workspace(owner)
    yield Actor.system(WorkspaceId(workspace.id))
    await owner.execute("DELETE FROM outbox WHERE workspace_id = $1", workspace.id)


def outbox(db: Database, carrier: Carrier, node: str = "one") -> Outbox:
    box = Outbox(db, node=node)
    box.carry(carrier.kind, carrier)
    return box


async def row_of(owner: Connection, carrier: Carrier) -> dict[str, Any]:
    row = await owner.fetchrow("SELECT *, available_at - now() AS wait FROM outbox WHERE kind = $1", carrier.kind)
    assert row is not None
    return dict(row)


async def test_a_promise_is_kept_once_and_only_after_its_commit(db: Database, actor: Actor, owner: Connection) -> None:
    carrier = Carrier()
    box = outbox(db, carrier)

    async def break_off() -> None:
        async with db.transaction(actor) as tx:
            await promise(tx, carrier.kind, {"n": 0})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await break_off()
    async with db.transaction(actor) as tx:
        await promise(tx, carrier.kind, {"n": 1}, dedup_key="same")
        await promise(tx, carrier.kind, {"n": 2}, dedup_key="same")
        await box.sweep()
        assert carrier.carried == []
    await box.sweep()
    await box.sweep()
    assert carrier.carried == [{"n": 1}]
    assert (await row_of(owner, carrier))["done_at"] is not None


async def test_a_failure_waits_longer_each_time_and_ends_for_good(
    db: Database, actor: Actor, owner: Connection
) -> None:
    carrier = Carrier()
    carrier.failing = True
    box = outbox(db, carrier)
    async with db.transaction(actor) as tx:
        await promise(tx, carrier.kind, {})
    waits = []
    for attempt in range(1, TRIES + 1):
        await box.sweep()
        row = await row_of(owner, carrier)
        assert (row["attempt"], row["error_message"]) == (attempt, "Nobody is at home.")
        waits.append(row["wait"].total_seconds())
        await box.sweep()
        assert (await row_of(owner, carrier))["attempt"] == attempt, "it is not tried before its time"
        await owner.execute("UPDATE outbox SET available_at = now() WHERE kind = $1", carrier.kind)
    assert waits == sorted(waits)
    assert waits[0] > 5
    assert waits[-1] <= 3600
    assert (await row_of(owner, carrier))["failed_at"] is not None
    carrier.failing = False
    await box.sweep()
    assert carrier.carried == [], "what failed for good is not tried again"


async def test_what_a_dead_node_had_claimed_is_carried_out_by_another(
    db: Database, actor: Actor, owner: Connection
) -> None:
    carrier = Carrier()
    async with db.transaction(actor) as tx:
        await promise(tx, carrier.kind, {"n": 1})
    await owner.execute(
        "UPDATE outbox SET claimed_by = 'dead', claimed_until = now() + interval '1 min', attempt = 1 WHERE kind = $1",
        carrier.kind,
    )
    box = outbox(db, carrier, node="alive")
    await box.sweep()
    assert carrier.carried == [], "the claim still holds"
    await owner.execute("UPDATE outbox SET claimed_until = now() - interval '1 s' WHERE kind = $1", carrier.kind)
    await box.sweep()
    assert carrier.carried == [{"n": 1}]


class Letters:
    """What an SMTP server receives."""

    def __init__(self) -> None:
        self.received: list[tuple[list[str], str]] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.received.append((envelope.rcpt_tos, envelope.content.decode()))
        return "250 OK"


async def test_an_invitation_arrives_by_smtp(settings: Settings, desk: Desk) -> None:
    letters = Letters()
    port = free_port()
    post = Controller(letters, hostname="127.0.0.1", port=port)
    post.start()
    mailing = Desk(
        Settings.load(**{**settings.model_dump(), "smtp_url": f"smtp://127.0.0.1:{port}"}, _env_file=None),
        desk.dsn,
        desk.owner,
        desk.workspace,
    )
    await mailing.start()
    try:
        admin = await mailing.signed_in("admin")
        email = f"new-{desk.workspace.tag}@desk.test"
        status, body = await admin.fetches("POST", "/api/v1/invitations", {"email": email, "role": "agent"})
        assert status == 201, body
        await mailing.resources.get(Outbox).sweep()
    finally:
        await mailing.stop()
        post.stop()
    assert [to for to, _ in letters.received] == [[email]]
    assert "/invitations/" in letters.received[0][1].replace("=\r\n", "")
