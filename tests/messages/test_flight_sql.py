"""The one function that writes messages, asked directly: every verdict, and the numbers of both streams."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg
import pytest

from supportdesk.actor import Actor, ActorKind, UserId, WorkspaceId
from supportdesk.core.wire import to_json
from supportdesk.messages import queries
from supportdesk.messages.model import Message, Outcome, Posted, Posting, RobotVoice, Verdict
from supportdesk.rooms.model import RoomId
from tests.factories import Connection, Workspace, make_workspace

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


async def make_room(owner: Connection, workspace: Workspace, **columns: object) -> tuple[RoomId, Actor]:
    """A guest's room with its head and the guest in it."""
    guest: UUID = await owner.fetchval(
        "INSERT INTO users (workspace_id, display_name, current_account_status) "
        "VALUES ($1, 'Ada', 'active') RETURNING id",
        workspace.id,
    )
    room: UUID = await owner.fetchval(
        "INSERT INTO chat_rooms (workspace_id, creator_id) VALUES ($1, $2) RETURNING id", workspace.id, guest
    )
    await owner.execute("INSERT INTO room_heads (room_id, workspace_id) VALUES ($1, $2)", room, workspace.id)
    await owner.execute(
        "INSERT INTO room_participants (room_id, user_id, workspace_id, role) VALUES ($1, $2, $3, 'guest')",
        room,
        guest,
        workspace.id,
    )
    if columns:
        sets = ", ".join(f"{name} = ${n}" for n, name in enumerate(columns, start=2))
        await owner.execute(f"UPDATE chat_rooms SET {sets} WHERE id = $1", room, *columns.values())  # noqa: S608 - names
    return RoomId(room), actor(workspace, ActorKind.GUEST, guest, "Ada")


def actor(workspace: Workspace, kind: ActorKind, who: UUID, name: str = "") -> Actor:
    return Actor(kind=kind, id=UserId(who), workspace_id=WorkspaceId(workspace.id), name=name)


def posting(by: Actor, room: RoomId, content: str = "hello", **more: object) -> Posting:
    return Posting(actor=by, room_id=room, client_msg_id=str(more.pop("key", uuid4())), content=content, **more)  # type: ignore[arg-type]


async def fly(owner: Connection, workspace: Workspace, *postings: Posting, wait: bool = False) -> list[Verdict]:
    async with owner.transaction():
        await owner.execute(f"SET LOCAL app.workspace_id = '{workspace.id}'")
        await owner.execute("SET LOCAL ROLE desk_app")
        return await queries.post_flight(owner, WorkspaceId(workspace.id), postings, wait=wait)


async def fly_alone(dsn: str, workspace: Workspace, *postings: Posting) -> list[Verdict]:
    """Outside a transaction, as most flights go."""
    conn = await asyncpg.connect(dsn, server_settings={"role": "desk_app"})
    try:
        return await queries.post_flight(conn, WorkspaceId(workspace.id), postings, wait=False, alone=True)
    finally:
        # Whose workspace it was is forgotten with the statement.
        assert not await conn.fetchval("SELECT current_setting('app.workspace_id', true)")
        assert await conn.fetchval("SELECT count(*) FROM room_heads") == 0
        await conn.close()


async def join(owner: Connection, workspace: Workspace, room: RoomId, who: Actor) -> None:
    await owner.execute(
        "INSERT INTO room_participants (room_id, user_id, workspace_id) VALUES ($1, $2, $3)", room, who.id, workspace.id
    )


async def test_numbers_are_dense_in_both_streams(owner: Connection, workspace: Workspace) -> None:
    room, guest = await make_room(owner, workspace)
    agent = actor(workspace, ActorKind.AGENT, workspace.staff["t1"])
    await owner.execute(
        "INSERT INTO room_participants (room_id, user_id, workspace_id) VALUES ($1, $2, $3)",
        room,
        agent.id,
        workspace.id,
    )
    verdicts = await fly(
        owner,
        workspace,
        posting(guest, room, "one"),
        posting(agent, room, "hidden", note=True),
        posting(agent, room, "two"),
        posting(agent, room, "psst", note=True),
        posting(guest, room, "three"),
    )
    assert [v.outcome for v in verdicts] == [Outcome.POSTED] * 5
    assert [v.seq for v in verdicts] == [1, 2, 3, 4, 5]
    assert [v.public_seq for v in verdicts] == [1, None, 2, None, 3]
    assert [v.turn_no for v in verdicts] == [1, 1, 2, 2, 3]
    head = await owner.fetchrow("SELECT * FROM room_heads WHERE room_id = $1", room)
    assert head is not None
    assert (head["last_seq"], head["last_public_seq"], head["turn_no"], head["total_messages"]) == (5, 3, 3, 5)
    assert (head["guest_messages"], head["desk_messages"]) == (2, 1)
    assert head["last_message_id"] == verdicts[4].id == head["last_public_message_id"]
    assert head["last_guest_message_id"] == verdicts[4].id
    log = await owner.fetch("SELECT seq, public_seq, subject_id FROM room_events WHERE room_id = $1 ORDER BY seq", room)
    assert [(e["seq"], e["public_seq"], e["subject_id"]) for e in log] == [
        (v.seq, v.public_seq, v.id) for v in verdicts
    ]
    assert await owner.fetchval("SELECT name FROM chat_rooms WHERE id = $1", room) == "one"


async def test_a_retry_gets_the_first_numbers_and_another_body_a_conflict(
    owner: Connection, workspace: Workspace
) -> None:
    room, guest = await make_room(owner, workspace)
    first = (await fly(owner, workspace, posting(guest, room, "once", key="k")))[0]
    again = (await fly(owner, workspace, posting(guest, room, "once", key="k")))[0]
    other = (await fly(owner, workspace, posting(guest, room, "twice", key="k")))[0]
    assert again.outcome is Outcome.DUPLICATE
    assert (again.id, again.seq, again.public_seq, again.created_at) == (
        first.id,
        first.seq,
        first.public_seq,
        first.created_at,
    )
    assert other.outcome is Outcome.CONFLICT
    assert await owner.fetchval("SELECT count(*) FROM messages WHERE room_id = $1", room) == 1


async def test_refusals_leave_nothing_behind_and_spoil_no_neighbour(owner: Connection, workspace: Workspace) -> None:
    room, guest = await make_room(owner, workspace)
    closed, closed_guest = await make_room(owner, workspace)
    await owner.execute("UPDATE chat_rooms SET status = 'closed', closed_at = now() WHERE id = $1", closed)
    muted, muted_guest = await make_room(owner, workspace)
    await owner.execute("UPDATE room_participants SET status = 'muted' WHERE room_id = $1", muted)
    agent = actor(workspace, ActorKind.AGENT, workspace.staff["t1"])
    robot = RobotVoice(
        robot_id=uuid4(), response_to=None, visible_to_guests=True, first_responder=True, draft_id=None, turn_no=7
    )
    verdicts = await fly(
        owner,
        workspace,
        posting(closed_guest, closed),
        posting(muted_guest, muted),
        posting(agent, room),
        posting(guest, closed),
        posting(guest, RoomId(uuid4())),
        posting(guest, room, reply_to=uuid4()),
        posting(guest, room, whisper_to=UserId(uuid4())),
        posting(guest, room, robot=robot),
        posting(guest, room, "the only good one"),
    )
    assert [v.outcome for v in verdicts] == [
        Outcome.CLOSED,
        Outcome.MUTED,
        Outcome.NOT_PARTICIPANT,
        Outcome.NOT_FOUND,
        Outcome.NOT_FOUND,
        Outcome.BAD_REPLY,
        Outcome.BAD_WHISPER,
        Outcome.STALE,
        Outcome.POSTED,
    ]
    assert verdicts[-1].seq == 1
    assert await owner.fetchval("SELECT count(*) FROM messages WHERE workspace_id = $1", workspace.id) == 1


async def test_a_held_room_is_busy_and_the_others_fly(
    owner: Connection, workspace: Workspace, database_dsn: str
) -> None:
    held, held_guest = await make_room(owner, workspace)
    free, free_guest = await make_room(owner, workspace)
    other = await asyncpg.connect(database_dsn)
    async with other.transaction():
        await other.execute("SELECT 1 FROM room_heads WHERE room_id = $1 FOR UPDATE", held)
        verdicts = await fly(owner, workspace, posting(held_guest, held), posting(free_guest, free))
        assert [v.outcome for v in verdicts] == [Outcome.BUSY, Outcome.POSTED]
    assert (await fly(owner, workspace, posting(held_guest, held), wait=True))[0].outcome is Outcome.POSTED
    await other.close()


async def test_another_workspaces_room_does_not_exist(owner: Connection, workspace: Workspace) -> None:
    elsewhere = await make_workspace(owner)
    room, guest = await make_room(owner, elsewhere)
    verdict = (await fly(owner, workspace, posting(guest, room)))[0]
    assert verdict.outcome is Outcome.NOT_FOUND
    assert await owner.fetchval("SELECT count(*) FROM messages WHERE room_id = $1", room) == 0


async def test_alone_a_flight_is_one_statement_in_its_own_workspace(
    owner: Connection, database_dsn: str, workspace: Workspace
) -> None:
    room, guest = await make_room(owner, workspace)
    other = await make_workspace(owner)
    foreign, stranger = await make_room(owner, other)
    first = posting(guest, room, "one", key="k")
    written, outside = await fly_alone(database_dsn, workspace, first, posting(stranger, foreign, "let me in"))
    assert (written.outcome, written.seq, written.id) == (Outcome.POSTED, 1, first.id)
    assert outside.outcome is Outcome.NOT_FOUND
    assert await owner.fetchval("SELECT count(*) FROM messages WHERE room_id = $1", foreign) == 0
    (again,) = await fly_alone(database_dsn, workspace, posting(guest, room, "one", key="k"))
    assert (again.outcome, again.id) == (Outcome.DUPLICATE, first.id)


@pytest.mark.parametrize("state", [{"owner_kind": "robot"}, {"status": "snoozed", "snoozed_until": LONG_AGO}])
async def test_alone_what_sets_something_off_is_not_written_nor_what_follows_it(
    owner: Connection, database_dsn: str, workspace: Workspace, state: dict[str, object]
) -> None:
    room, guest = await make_room(owner, workspace, **state, first_reply_at=LONG_AGO)
    calm, other_guest = await make_room(owner, workspace)
    agent = actor(workspace, ActorKind.AGENT, workspace.staff["t1"])
    await join(owner, workspace, room, agent)
    verdicts = await fly_alone(
        database_dsn,
        workspace,
        posting(agent, room, "before"),
        posting(guest, room, "anybody there?"),
        posting(agent, room, "behind"),
        posting(other_guest, calm, "undisturbed"),
    )
    assert [v.outcome for v in verdicts] == [Outcome.POSTED, Outcome.ATTENDED, Outcome.ATTENDED, Outcome.POSTED]
    assert [v.seq for v in verdicts] == [1, None, None, 1]
    assert await owner.fetchval("SELECT last_seq FROM room_heads WHERE room_id = $1", room) == 1
    written = await owner.fetch("SELECT content FROM messages WHERE room_id = $1", room)
    assert [row["content"] for row in written] == ["before"]


async def test_alone_a_reply_waits_while_it_is_the_first_or_begins_a_step(
    owner: Connection, database_dsn: str, workspace: Workspace
) -> None:
    room, _guest = await make_room(owner, workspace)
    agent = actor(workspace, ActorKind.AGENT, workspace.staff["t1"])
    await join(owner, workspace, room, agent)

    async def outcome(*, note: bool = False) -> Outcome:
        (verdict,) = await fly_alone(database_dsn, workspace, posting(agent, room, note=note))
        return verdict.outcome

    assert await outcome() is Outcome.ATTENDED
    assert await outcome(note=True) is Outcome.POSTED
    await owner.execute("UPDATE chat_rooms SET first_reply_at = now() WHERE id = $1", room)
    assert await outcome() is Outcome.POSTED
    await owner.execute(
        "INSERT INTO escalations (workspace_id, source_room_id, from_level, to_level, status, assigned_to, reason) "
        "VALUES ($1, $2, 'T1', 'T2', 'assigned', $3, 'They ask for more.')",
        workspace.id,
        room,
        agent.id,
    )
    assert await outcome() is Outcome.ATTENDED
    await owner.execute("UPDATE escalations SET status = 'in_progress' WHERE source_room_id = $1", room)
    assert await outcome() is Outcome.POSTED


async def test_what_is_read_by_place_stands_in_that_place(owner: Connection) -> None:
    async def columns(query: str) -> tuple[str, ...]:
        return tuple(attribute.name for attribute in (await owner.prepare(query)).get_attributes())

    assert await columns(queries.POST_FLIGHT) == Verdict._fields
    assert Posted._fields == ("posting", *Verdict._fields[1:])
    as_they_are = Message._fields[: Message._fields.index("sender_kind")]
    raw = ("sender_type", "account_type_informal", "message_type", "content_metadata", "context_documents")
    for query in (queries.LIST_MESSAGES, queries.LIST_HISTORY, queries.LIST_PUBLIC_HISTORY):
        found = await columns(query)
        assert tuple("reply_to" if name == "reply_to_message_id" else name for name in found) == (*as_they_are, *raw)


async def test_a_server_of_the_version_before_can_still_post(owner: Connection, workspace: Workspace) -> None:
    room, guest = await make_room(owner, workspace, owner_kind="robot")
    packed = to_json([posting(guest, room, text).as_row(order) for order, text in enumerate(("one", "two"))]).decode()
    async with owner.transaction():
        await owner.execute(f"SET LOCAL app.workspace_id = '{workspace.id}'")
        await owner.execute("SET LOCAL ROLE desk_app")
        rows = await owner.fetch("SELECT * FROM post_flight($1, $2, $3, $4)", workspace.id, [room], False, packed)
    assert [(row["ord"], row["outcome"], row["seq"]) for row in rows] == [(0, "posted", 1), (1, "posted", 2)]
