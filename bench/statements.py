"""How many statements each list of the HTTP interface runs, for one row and for many: a list that asks per row shows.

The desk is a real one over HTTP. What is counted is what asyncpg sends with arguments; authentication is in both.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg

from bench.data import Connection, server, settings, superuser_of
from bench.figures import Figure, Run
from supportdesk.core import migrations
from tests.factories import make_site, make_staff, make_workspace
from tests.people import Agent, Desk

MANY: Final = 30
TRIES: Final = 3
DATABASE: Final = "bench_statements"

LISTS: Final[Mapping[str, str]] = {
    "rooms": "/api/v1/rooms",
    "rooms_resolved": "/api/v1/rooms?status=all",
    "rooms_search": "/api/v1/rooms?q=counted",
    "messages": "/api/v1/rooms/{room}/messages?limit=100",
    "robots": "/api/v1/robots",
    "robots_of_room": "/api/v1/rooms/{room}/robots",
    "interactions": "/api/v1/interactions?limit=100",
    "documents": "/api/v1/documents?limit=100",
    "agents": "/api/v1/agents",
    "people": "/api/v1/people?limit=100",
    "links": "/api/v1/people/links",
    "invitations": "/api/v1/invitations",
    "sessions": "/api/v1/auth/sessions/all",
    "tokens": "/api/v1/tokens",
    "sites": "/api/v1/sites",
    "providers": "/api/v1/providers",
    "audit_log": "/api/v1/audit-log?limit=100",
    "tool_executions": "/api/v1/tool-executions?limit=100",
    "tools": "/api/v1/tools",
    "mcp_servers": "/api/v1/mcp-servers",
}
"""Every route that lists."""

PROVIDERS: Final = """
    INSERT INTO provider_configs (workspace_id, name, provider, base_url)
    SELECT $1, 'Counted ' || gen_random_uuid(), 'openai-compatible', 'https://llm.test/v1'
      FROM generate_series(1, $2::integer)
"""
ROOMS: Final = """
    WITH guest AS (
        INSERT INTO users (workspace_id, account_type_informal, current_account_status, display_name)
        SELECT $1, 'guest', 'active', 'Counted ' || n FROM generate_series(1, $2::integer) n
        RETURNING id
    ), room AS (
        INSERT INTO chat_rooms (workspace_id, client_room_id, name, status, creator_id)
        SELECT $1, id::text, 'A counted room', 'waiting', id FROM guest
        RETURNING id, creator_id
    ), head AS (
        INSERT INTO room_heads (workspace_id, room_id, last_seq, last_public_seq, total_messages, guest_messages)
        SELECT $1, id, 1, 1, 1, 1 FROM room
    ), place AS (
        INSERT INTO room_participants (workspace_id, room_id, user_id, role)
        SELECT $1, id, creator_id, 'guest' FROM room
    )
    INSERT INTO messages (workspace_id, room_id, seq, public_seq, sender_id, content)
    SELECT $1, id, 1, 1, creator_id, 'Where is my parcel?' FROM room
"""
MESSAGES: Final = """
    WITH last AS (
        UPDATE room_heads SET last_seq = last_seq + $3, last_public_seq = last_public_seq + $3 WHERE room_id = $2
        RETURNING last_seq - $3::integer AS seq
    )
    INSERT INTO messages (workspace_id, room_id, seq, public_seq, sender_id, content)
    SELECT $1, $2, last.seq + n, last.seq + n, r.creator_id, 'Message ' || n
      FROM last, chat_rooms r, generate_series(1, $3) n WHERE r.id = $2
"""
ROBOTS: Final = """
    WITH voice AS (
        INSERT INTO users (workspace_id, account_type_informal, current_account_status, display_name)
        SELECT $1, 'robot', 'active', 'Robot ' || gen_random_uuid() FROM generate_series(1, $2::integer)
        RETURNING id, display_name
    )
    INSERT INTO robots (workspace_id, user_id, module, version, name)
    SELECT $1, id, 'faq', '1.0.0', display_name FROM voice
"""
INTERACTIONS: Final = """
    INSERT INTO robot_interactions (workspace_id, room_id, message_id, robot_id, turn_no, status, completed_at)
    SELECT $1, m.room_id, m.id, r.id, 1, 'completed', now()
      FROM messages m, robots r
     WHERE m.workspace_id = $1 AND r.workspace_id = $1
       AND NOT EXISTS (SELECT 1 FROM robot_interactions i WHERE i.message_id = m.id AND i.robot_id = r.id)
     LIMIT $2
"""
DOCUMENTS: Final = """
    INSERT INTO documents (workspace_id, user_id, title, filename, file_size, mime_type, content, content_hash,
                           processing_status)
    SELECT $1, $2, 'Returns', 'returns.md', 9, 'text/markdown', 'Parcels',
           encode(sha256(gen_random_uuid()::text::bytea), 'hex'), 'completed'
      FROM generate_series(1, $3::integer)
"""
SESSIONS: Final = """
    INSERT INTO sessions (workspace_id, user_id, token_hash, expires_at)
    SELECT $1, $2, sha256(gen_random_uuid()::text::bytea), now() + interval '1 day' FROM generate_series(1, $3::integer)
"""
TOKENS: Final = """
    INSERT INTO personal_access_tokens (workspace_id, user_id, name, token_hash, token_prefix)
    SELECT $1, $2, 'script', sha256(gen_random_uuid()::text::bytea), 'sd_' FROM generate_series(1, $3::integer)
"""
INVITATIONS: Final = """
    INSERT INTO invitations (workspace_id, email, role_id, token_hash)
    SELECT $1, gen_random_uuid() || '@example.test', r.id, sha256(gen_random_uuid()::text::bytea)
      FROM roles r, generate_series(1, $2::integer) WHERE r.workspace_id = $1 AND r.name = 'agent'
"""
NOTES: Final = """
    INSERT INTO audit_log (workspace_id, actor_kind, actor_id, action)
    SELECT $1, 'agent', $2, 'session.started' FROM generate_series(1, $3::integer)
"""


CALLS: Final = """
    INSERT INTO tool_executions (workspace_id, room_id, robot_id, tool_name, parameters, args_sha256)
    SELECT $1, r.id, b.id, 'counted', '{}', repeat('a', 64)
      FROM generate_series(1, $2::integer) n,
           (SELECT id FROM chat_rooms WHERE workspace_id = $1 LIMIT 1) r,
           (SELECT id FROM robots WHERE workspace_id = $1 LIMIT 1) b
"""

TOOLS: Final = """
    INSERT INTO workspace_tools (workspace_id, name, description, parameters, request, fingerprint)
    SELECT $1, 'counted-' || gen_random_uuid(), 'Counted.', '{}', '{}', '' FROM generate_series(1, $2::integer)
"""

SERVERS: Final = """
    INSERT INTO mcp_servers (workspace_id, name, url)
    SELECT $1, left(md5(gen_random_uuid()::text), 20), 'https://counted.test/' FROM generate_series(1, $2::integer)
"""


async def grow(desk: Desk, admin: Agent, room: UUID, rows: int) -> None:
    """Put so many more rows into each list."""
    own, home = desk.owner, desk.workspace
    await own.execute(ROOMS, home.id, rows)
    await own.execute(MESSAGES, home.id, room, rows)
    await own.execute(ROBOTS, home.id, rows)
    await own.execute(INTERACTIONS, home.id, rows)
    await own.execute(DOCUMENTS, home.id, admin.id, rows)
    await own.execute(SESSIONS, home.id, admin.id, rows)
    await own.execute(TOKENS, home.id, admin.id, rows)
    await own.execute(INVITATIONS, home.id, rows)
    await own.execute(PROVIDERS, home.id, rows)
    await own.execute(NOTES, home.id, admin.id, rows)
    for statement in (CALLS, TOOLS, SERVERS):
        await own.execute(statement, home.id, rows)
    for _ in range(rows):
        who = uuid4().hex[:8]
        person = await make_staff(own, home, who, "agent", "T1")
        await make_site(own, home.id, f"counted-{who}", robots=False)
        await admin.fetches("POST", f"/api/v1/people/{person}/password-resets", {})


@contextmanager
def counting() -> Iterator[list[str]]:
    """The statements that are sent meanwhile, by whomever in this process."""
    sent: list[str] = []
    execute: Any = asyncpg.Connection._execute  # type: ignore[attr-defined]  # noqa: SLF001 - asyncpg has no hook for all connections of a pool

    async def noted(self: Any, query: str, *args: Any, **options: Any) -> Any:
        sent.append(query)
        return await execute(self, query, *args, **options)

    asyncpg.Connection._execute = noted  # type: ignore[attr-defined]  # noqa: SLF001 - as above
    try:
        yield sent
    finally:
        asyncpg.Connection._execute = execute  # type: ignore[attr-defined]  # noqa: SLF001 - as above


async def asked(desk: Desk, admin: Agent, path: str) -> tuple[int, int]:
    """Rows that a list shows and statements that it takes: the fewest, because sweeps count along."""
    fewest: list[int] = []
    rows = 0
    for _ in range(TRIES):
        await desk.settle()
        with counting() as sent:
            status, page = await admin.fetches("GET", path)
        if status != 200:  # noqa: PLR2004 - HTTP's own
            raise LookupError(f"{path} answered {status}: {page}")
        fewest.append(len(sent))
        rows = len(page["items"])
    return rows, min(fewest)


async def measure(run: Run) -> Sequence[Figure]:  # noqa: ARG001 - as short as can be
    """Statements per list for many rows, beside those for one."""
    async with server() as running:
        await _afresh(superuser_of(running.dsn("postgres")))
        await running.create_database(DATABASE)
        owner: Connection = await asyncpg.connect(running.dsn(DATABASE))
        try:
            await migrations.migrate(owner)
            with TemporaryDirectory(prefix="bench-statements-") as folder:
                desk = Desk(settings(Path(folder)), running.dsn(DATABASE), owner, await make_workspace(owner))
                await desk.start()
                try:
                    return await _compared(desk)
                finally:
                    await desk.stop()
        finally:
            await owner.close()
            await _afresh(superuser_of(running.dsn("postgres")))


async def _afresh(dsn: str) -> None:
    conn: Connection = await asyncpg.connect(dsn)
    await conn.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    await conn.close()


async def _compared(desk: Desk) -> list[Figure]:
    admin, room = await begun(desk)
    paths = {name: path.format(room=room) for name, path in LISTS.items()}
    few = {name: await asked(desk, admin, path) for name, path in paths.items()}
    await grow(desk, admin, room, MANY)
    many = {name: await asked(desk, admin, path) for name, path in paths.items()}
    return [
        Figure(
            figure=f"statements.{name}",
            value=many[name][1],
            unit="statements",
            target="as many as for few rows",
            met=many[name][1] == few[name][1],
            peers={f"for {few[name][0]} rows": few[name][1]},
            note=f"for {many[name][0]} rows",
        )
        for name in LISTS
    ]


async def begun(desk: Desk) -> tuple[Agent, UUID]:
    """An admin who is signed in, and a room; each list has a row."""
    guest = await desk.guest()
    room = UUID(await guest.opens())
    await guest.says("the room that is counted")
    admin = await desk.signed_in("admin")
    await grow(desk, admin, room, 1)
    return admin, room
