"""Rows that tests begin with, written as the owner of the tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias
from uuid import UUID, uuid4

import asyncpg
from argon2 import PasswordHasher

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

PASSWORD = "demo-desk-2026"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
STAFF = {
    "t1": ("agent", "T1"),
    "t1b": ("agent", "T1"),
    "t2": ("agent", "T2"),
    "t3": ("agent", "T3"),
    "supervisor": ("supervisor", "T2"),
    "manager": ("manager", "manager"),
    "admin": ("admin", "T3"),
}


@cache
def password_hash() -> str:
    """The hash of PASSWORD, as cheap as argon2 allows: tests sign in often."""
    return CHEAP.hash(PASSWORD)


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace of one test."""

    id: UUID
    tag: str
    site_key: str
    plain_site_key: str
    staff: dict[str, UUID] = field(default_factory=dict)

    def email(self, who: str) -> str:
        """The sign-in of a member of staff: addresses are unique over all workspaces."""
        return f"{who}-{self.tag}@desk.test"


async def make_workspace(conn: Connection) -> Workspace:
    """A workspace with default roles, queues and edges, one of each staff, and two sites."""
    tag = uuid4().hex[:8]
    plan = await conn.fetchval("SELECT id FROM plans WHERE name = 'enterprise'")
    workspace_id = await conn.fetchval(
        "INSERT INTO workspaces (name, plan_id) VALUES ($1, $2) RETURNING id", f"Workspace {tag}", plan
    )
    await conn.execute("SELECT desk_seed_workspace($1)", workspace_id)
    workspace = Workspace(workspace_id, tag, f"site-{tag}", f"plain-{tag}")
    for key, robots in ((workspace.site_key, True), (workspace.plain_site_key, False)):
        await make_site(conn, workspace_id, key, robots=robots)
    workspace.staff.update(await make_people(conn, workspace, STAFF))
    return workspace


async def make_site(conn: Connection, workspace_id: UUID, key: str, *, robots: bool) -> UUID:
    """A site whose widget may be embedded by https://shop.test."""
    queue = await conn.fetchval("SELECT id FROM queues WHERE workspace_id = $1 AND level = 'T1' LIMIT 1", workspace_id)
    site: UUID = await conn.fetchval(
        "INSERT INTO sites (workspace_id, name, site_key, allowed_origins, robots_enabled, queue_id) "
        "VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
        workspace_id,
        f"Shop {key}",
        key,
        ["https://shop.test"],
        robots,
        queue,
    )
    return site


async def make_staff(conn: Connection, workspace: Workspace, who: str, account: str, level: str) -> UUID:
    """A member of staff with the role of their account type."""
    return (await make_people(conn, workspace, {who: (account, level)}))[who]


async def make_people(conn: Connection, workspace: Workspace, people: Mapping[str, tuple[str, str]]) -> dict[str, UUID]:
    """Members of staff at once, each with an account type, the role of it and a level; their ids by name."""
    made = await conn.fetch(
        "INSERT INTO users (workspace_id, account_type_informal, current_account_status, username, first_name, "
        "last_name, display_name, email, password_hash, is_email_verified, level, current_status) "
        "SELECT $1, p.account, 'active', p.who || '-' || $2, p.first_name, 'Tester', p.first_name || ' Tester', "
        "p.email, $3, true, p.level, 'offline' "
        "FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[]) "
        "AS p (who, account, level, first_name, email) "
        "RETURNING id, username",
        workspace.id,
        workspace.tag,
        password_hash(),
        list(people),
        [account for account, _ in people.values()],
        [level for _, level in people.values()],
        [who.capitalize() for who in people],
        [workspace.email(who) for who in people],
    )
    await conn.execute(
        "INSERT INTO user_roles (workspace_id, user_id, role_id) "
        "SELECT u.workspace_id, u.id, r.id FROM users u "
        "JOIN roles r ON r.workspace_id = u.workspace_id AND r.name = u.account_type_informal "
        "WHERE u.workspace_id = $1 AND u.username = ANY($2::text[])",
        workspace.id,
        [row["username"] for row in made],
    )
    return {row["username"].removesuffix(f"-{workspace.tag}"): row["id"] for row in made}
