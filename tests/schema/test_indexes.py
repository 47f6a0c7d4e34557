"""The queries a desk lives on use their indexes, as the application and under its policies.

The code's own constants are explained, over a workspace that is large enough for the planner to choose in earnest:
no table with rows to speak of is read from end to end.
"""

import asyncio
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
import pytest

from supportdesk.accounts.queries import attempts, people, sessions
from supportdesk.audit import queries as audit
from supportdesk.core import queries as core
from supportdesk.core.db import Connection
from supportdesk.dashboard import queries as dashboard
from supportdesk.escalations import queries as escalations
from supportdesk.knowledge.queries import documents as knowledge
from supportdesk.knowledge.queries import reading
from supportdesk.messages import queries as messages
from supportdesk.retention import queries as retention
from supportdesk.robots.queries import figures, ledger, records, turns
from supportdesk.rooms import queries as rooms
from supportdesk.rooms.queries import participants
from supportdesk.widget import queries as widget
from tests.schema.conftest import Shared, dropped, furnished, on
from tests.schema.crowd import crowd
from tests.schema.rows import Furnished, acting

NOW: Final = datetime.now(UTC)  # noqa: TID251 - the crowd's rooms are of the minutes before
MICROSECONDS: Final = round(1e6 * NOW.timestamp())
YESTERDAY: Final = NOW - timedelta(days=1)
LATELY: Final = NOW + timedelta(hours=1)
"""After nearly all of the crowd's turns, which are of this minute: as when a week of a long ledger is counted."""
FROM: Final = 3900
"""A number near the end of the long room's streams."""
LONG: Final = 1000
"""Rows from which on reading a table from end to end is wrong."""
OPEN: Final = ("waiting", "active")
EVERY: Final = (*OPEN, "snoozed", "closed")


@dataclass(frozen=True, slots=True)
class Asked:
    """A query of the code, what it is asked with, and the ends of the names of the indexes that it must use."""

    query: str
    args: Callable[[Furnished], Sequence[Any]]
    uses: Sequence[str] = ()


def inbox(
    *uses: str,
    statuses: Sequence[str] = OPEN,
    level: str | None = None,
    owner: str | None = None,
    is_mine: bool = False,
    of_guest: bool = False,
    before: tuple[datetime | None, UUID | None] = (None, None),
) -> Asked:
    """The list of rooms behind one tab."""

    def args(desk: Furnished) -> Sequence[Any]:
        mine, guest = desk.agent if is_mine else None, desk.guest if of_guest else None
        return (desk.agent, desk.workspace, statuses, level, owner, mine, guest, False, *before, 50)

    return Asked(dashboard.LIST_LATEST, args, uses)


def queue(level: str | None, *, after: tuple[int, int, UUID] = (0, 0, UUID(int=0))) -> Asked:
    """The open rooms of all levels or of one, who waits first: of all, either half in the order of its index."""

    def args(desk: Furnished) -> Sequence[Any]:
        return (desk.agent, desk.workspace, level, False, *after, 50, True, True)

    # Of a level with few rooms it is as good to sort them all.
    in_order = ["idx_chat_rooms_waiting", "idx_chat_rooms_active"] if level is None else []
    return Asked(dashboard.LIST_WAITING_FIRST, args, in_order)


def ledger_page(*, room: bool = False) -> Asked:
    """A page of the ledger from its newest turn on, of all rooms or of one."""

    def args(desk: Furnished) -> Sequence[Any]:
        wanted = (None, desk.room if room else None, None, None, None, None, None, None, "")
        return (desk.workspace, UUID(int=(1 << 128) - 1), *wanted, False, desk.agent, 50)

    return Asked(records.LIST_TURNS, args, ["idx_robot_interactions_room"] if room else ["robot_interactions"])


NAMED: Final = {
    "the inbox": inbox(),
    "the inbox, further down": inbox(before=(NOW - timedelta(hours=30), uuid4())),
    "what is resolved": inbox("_activity", statuses=("closed",)),
    "everything": inbox("_activity", statuses=EVERY),
    "everything, further down": inbox("_activity", statuses=EVERY, before=(NOW - timedelta(hours=30), uuid4())),
    "the queue of a level": queue("T2"),
    "the queue of a level, further down": queue("T2", after=(3, 0, uuid4())),
    "the queues of all levels": queue(None),
    "the queues of all levels, further down": queue(None, after=(3, MICROSECONDS, uuid4())),
    "the queues of all levels, below who waits": queue(None, after=(9, -MICROSECONDS, uuid4())),
    "the lines of a list": Asked(
        dashboard.LIST_LINES, lambda d: (d.agent, [d.room], ["T1", "T2"]), ["pk_chat_rooms", "pk_room_heads", "_pkey"]
    ),
    "what is resolved at a level": inbox("_activity", statuses=("closed",), level="T2"),
    "what robots have": inbox(owner="robot"),
    "one's own rooms": inbox("idx_chat_rooms_assignee", is_mine=True),
    "a customer's rooms": inbox("idx_chat_rooms_creator", statuses=(*EVERY, "archived"), of_guest=True),
    "how many rooms per tab": Asked(dashboard.COUNT_ROOMS, lambda d: (d.workspace, d.agent, False, ["T1", "T2"])),
    "what waits for approval": Asked(
        dashboard.LIST_TO_APPROVE,
        lambda d: (d.agent, d.workspace, ["T1", "T2"], False, [*OPEN, "snoozed"], 0, UUID(int=0), 50),
    ),
    "closed rooms whose time is over": Asked(
        retention.LIST_DUE,
        lambda d: (d.workspace, NOW - timedelta(days=5), ["support"], 100),
        ["idx_chat_rooms_closed_at"],
    ),
    "the agents": Asked(dashboard.LIST_AGENTS, lambda d: (d.workspace,), ["idx_users_staff"]),
    "the staff stream since": Asked(
        messages.LIST_EVENTS, lambda d: (d.room, FROM, YESTERDAY, 200), ["_room_id_seq_idx"]
    ),
    "the public stream since": Asked(
        messages.LIST_PUBLIC_EVENTS, lambda d: (d.room, FROM, YESTERDAY, 200, 0), ["_room_id_public_seq_idx"]
    ),
    "history before": Asked(messages.LIST_HISTORY, lambda d: (d.room, FROM, 0, YESTERDAY, 50), ["_room_id_seq_idx"]),
    "public history before": Asked(
        messages.LIST_PUBLIC_HISTORY, lambda d: (d.room, FROM, 0, YESTERDAY, 50, 0), ["_room_id_seq_idx"]
    ),
    "history after": Asked(messages.LIST_AFTER, lambda d: (d.room, FROM, YESTERDAY, 50), ["_room_id_seq_idx"]),
    "public history after": Asked(
        messages.LIST_PUBLIC_AFTER, lambda d: (d.room, FROM, YESTERDAY, 50, 0), ["_room_id_seq_idx"]
    ),
    "messages by id": Asked(messages.LIST_MESSAGES, lambda d: ([d.message],), ["_pkey", "pk_users"]),
    "watermarks": Asked(messages.LIST_WATERMARKS, lambda d: (d.room,), ["pk_room_participants"]),
    "a room": Asked(rooms.FIND_ROOM, lambda d: (d.room,), ["pk_chat_rooms", "pk_room_heads"]),
    "a room to hold": Asked(rooms.LOCK_ROOM, lambda d: (d.room,), ["pk_room_heads", "pk_chat_rooms"]),
    "a room by the client's id": Asked(rooms.FIND_ROOM_OF_CLIENT, lambda d: (d.guest, "first")),
    "who is in a room": Asked(participants.LIST_PARTICIPANTS, lambda d: (d.room,)),
    "a public number's place": Asked(
        participants.SEQ_OF_PUBLIC, lambda d: (d.room, FROM, YESTERDAY), ["_room_id_seq_idx"]
    ),
    "public numbers": Asked(
        participants.PUBLIC_NUMBERS, lambda d: (d.room, [1, 2, 3], YESTERDAY), ["_room_id_seq_idx"]
    ),
    "a receipt": Asked(
        participants.PUT_RECEIPT, lambda d: (d.room, d.guest, FROM, FROM, YESTERDAY), ["_room_id_seq_idx"]
    ),
    "a guest's latest room": Asked(widget.LATEST_ROOM, lambda d: (d.guest,)),
    "turns to claim": Asked(turns.CLAIM_TURNS, lambda _: ("node", 10, 60.0, 20), ["idx_robot_interactions_lease"]),
    "claims to extend": Asked(turns.EXTEND_CLAIMS, lambda _: ([uuid4()], "node", 60.0)),
    "turns to stop": Asked(turns.STOP_TURNS, lambda d: (d.room, "why"), ["idx_robot_interactions_room"]),
    "turns of a room": Asked(
        ledger.LIST_INTERACTIONS,
        lambda d: (d.room, None, None, False, d.agent, 50),
        ["idx_robot_interactions_room"],
    ),
    "the ledger": ledger_page(),
    "the ledger of a room": ledger_page(room=True),
    "turns counted": Asked(figures.COUNT_TURNS, lambda d: (d.workspace, [d.robot], LATELY, "day")),
    "why turns were handed over": Asked(figures.LIST_REASONS, lambda d: (d.workspace, [d.robot], LATELY, False)),
    "thumbs": Asked(figures.COUNT_THUMBS, lambda d: ([d.robot], YESTERDAY)),
    "tools counted": Asked(figures.COUNT_TOOLS, lambda d: (d.workspace, [d.robot], YESTERDAY)),
    "rooms that a robot has left": Asked(ledger.LIST_UNANSWERED, lambda _: (60.0,), ["idx_chat_rooms_status_activity"]),
    "side effects to claim": Asked(core.CLAIM_OUTBOX, lambda _: ("node", 60.0, 20), ["idx_outbox_due"]),
    "a document to read": Asked(reading.CLAIM_DOCUMENT, lambda _: ("claim", timedelta(minutes=1), None)),
    "a document's twin": Asked(knowledge.FIND_TWIN, lambda d: (d.workspace, "workspace", None, None, "x")),
    "documents, newest first": Asked(
        knowledge.LIST_DOCUMENTS, lambda d: (["guests"], None, 50, True, False, d.room), ["pk_documents"]
    ),
    "the waiting and the free": Asked(
        escalations.MATCH_WAITING, lambda d: (d.workspace, 20, []), ["idx_chat_rooms_assignee"]
    ),
    "places in the queue": Asked(
        escalations.LIST_PLACES, lambda d: (d.workspace, "T1", 50), ["idx_users_status_last_seen"]
    ),
    "staff whose dashboard is gone": Asked(
        escalations.SET_ABSENT, lambda d: (d.workspace, timedelta(minutes=1)), ["idx_users_staff"]
    ),
    "who is there for a site's guests": Asked(widget.SITE_NAMES, lambda d: (d.workspace,)),
    "snoozes that are over": Asked(escalations.LIST_DUE_SNOOZED, lambda d: (d.workspace,), ["idx_chat_rooms_snoozed"]),
    "the step that a room is on": Asked(
        escalations.FIND_OPEN_ESCALATION, lambda d: (d.room,), ["idx_escalations_source_room"]
    ),
    "tries at an account": Asked(
        attempts.FAILURES_OF_SUBJECT, lambda _: (b"x" * 32, timedelta(minutes=5)), ["idx_sign_in_attempts_subject"]
    ),
    "tries from an address": Asked(
        attempts.FAILURES_OF_NETWORK,
        lambda _: ("203.0.113.1", "203.0.113.1", timedelta(minutes=5)),
        ["idx_sign_in_attempts_address"],
    ),
    "one's own sessions": Asked(sessions.LIST_SESSIONS, lambda d: (d.agent,), ["idx_sessions_user"]),
    "the people of a workspace": Asked(people.LIST_PEOPLE, lambda d: (d.workspace, None), ["idx_users_staff"]),
    "the audit log": Asked(audit.LIST_NOTES, lambda d: (d.room, None, None, None, 50), ["_pkey"]),
}

WITHIN = {
    "messages of a person": (
        "SELECT id FROM messages WHERE sender_id = $1 ORDER BY id DESC LIMIT 50",
        "_sender_id_id_idx",
    ),
    "messages of a kind in a room": (
        "SELECT id FROM messages WHERE message_type = 'file' AND room_id = $1 AND deleted_at IS NULL",
        "_message_type_room_id_idx",
    ),
    "what a send was answered": (
        """
        SELECT * FROM message_dedup
        WHERE workspace_id = $1 AND room_id = $1 AND sender_id = $1 AND client_msg_id = 'x'
        """,
        "pk_message_dedup",
    ),
    "people by e-mail": (
        "SELECT * FROM users WHERE workspace_id = $1 AND email = 'a@b.test'",
        ("idx_users_email", "uq_users_staff_email"),
    ),
    "turns of a robot": (
        "SELECT * FROM robot_interactions WHERE robot_id = $1 ORDER BY created_at DESC LIMIT 50",
        "idx_robot_interactions_robot",
    ),
    "approvals pending": (
        "SELECT * FROM tool_executions WHERE status = 'pending' ORDER BY created_at LIMIT 50",
        "idx_tool_executions_status",
    ),
    "uses of a tool": (
        "SELECT * FROM tool_executions WHERE tool_name = 'refund' ORDER BY created_at DESC LIMIT 50",
        "idx_tool_executions_tool",
    ),
    "files of a person": (
        "SELECT * FROM chat_file_attachments WHERE owner_id = $1 ORDER BY created_at DESC LIMIT 50",
        "idx_chat_file_attachments_owner",
    ),
    "bytes that are there already": (
        "SELECT * FROM file_uploads WHERE workspace_id = $1 AND content_hash = 'x' AND deleted_at IS NULL",
        ("uq_file_uploads_content", "idx_file_uploads_content_hash"),
    ),
    "a person's usage": (
        "SELECT * FROM usage_logs WHERE user_id = $1 AND created_at > now() - interval '1 day'", "idx_usage_logs_user",
    ),
    "a day's usage": (
        "SELECT * FROM usage_stats WHERE date = current_date",
        ("idx_usage_stats_date", "idx_usage_stats_workspace"),
    ),
    "an answer given before": (
        "SELECT * FROM ai_cache WHERE workspace_id = $1 AND model = 'm' AND prompt_hash = 'h' AND scope = 'workspace'",
        "uq_ai_cache_prompt",
    ),
    "history of a thing": (
        "SELECT * FROM chat_rooms_history WHERE subject_id = $1 ORDER BY history_id DESC LIMIT 50",
        "_subject_id_history_id_idx",
    ),
}  # fmt: skip
"""What is asked inside functions of the database, or will be by slices to come; $1 is any id."""


@pytest.fixture(scope="module")
def crowded(server_url: str, template: str) -> Iterator[Shared]:
    """A database with a crowd in its first workspace."""
    name = f"schema_crowd_{os.getpid()}"

    async def make() -> Shared:
        shared = await furnished(server_url, template, name)
        conn = await asyncpg.connect(on(server_url, name))
        try:
            await crowd(conn, shared.acme)
        finally:
            await conn.close()
        return shared

    yield asyncio.run(make())
    asyncio.run(dropped(server_url, name))


@pytest.mark.parametrize("name", NAMED)
async def test_a_query_of_the_code_reads_no_table_from_end_to_end(crowded: Shared, name: str) -> None:
    asked, desk = NAMED[name], crowded.acme
    conn = await asyncpg.connect(crowded.url)
    try:
        async with acting(conn, "desk_app", desk.workspace):
            rows = await conn.fetch("EXPLAIN (COSTS OFF) " + asked.query, *asked.args(desk))
        long = await conn.fetch("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples >= $1", LONG)
    finally:
        await conn.close()
    plan = "\n".join(row[0] for row in rows)
    assert not set(re.findall(r"Seq Scan on (\w+)", plan)) & {row["relname"] for row in long}, plan
    used = set(re.findall(r"(?:using|Index Scan on) (\w+)", plan))
    assert [end for end in asked.uses if not any(index.endswith(end) for index in used)] == [], plan


@pytest.mark.parametrize("name", WITHIN)
async def test_an_index_can_be_used_under_a_policy(conn: Connection, acme: Furnished, name: str) -> None:
    """Sequential scans and sorts are switched off, so that an empty table cannot hide whether the index is usable.

    An operator that is not leakproof stays sequential under a policy all the same, and fails here.
    """
    query, expected = WITHIN[name]
    await conn.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
    async with acting(conn, "desk_app", acme.workspace):
        rows = await conn.fetch("EXPLAIN " + query.replace("$1", f"'{acme.room}'"))
    plan = "\n".join(row[0] for row in rows)
    wanted = (expected,) if isinstance(expected, str) else expected
    assert any(index in plan for index in wanted), plan
    assert "Seq Scan" not in plan, plan


async def test_a_persons_place_is_found_without_reading_all_their_places(crowded: Shared) -> None:
    """Whichever index the planner takes of the two that know the person: flights look up a place per message."""
    desk = crowded.acme
    conn = await asyncpg.connect(crowded.url)
    try:
        async with acting(conn, "desk_app", desk.workspace):
            rows = await conn.fetch("EXPLAIN (COSTS OFF) " + participants.FIND_PARTICIPANT, desk.room, desk.guest)
    finally:
        await conn.close()
    plan = "\n".join(row[0] for row in rows)
    condition = re.search(r"on room_participants p\n\s*Index Cond: (.*)", plan)
    assert condition is not None, plan
    assert "room_id" in condition[1], plan
    assert "user_id" in condition[1], plan
