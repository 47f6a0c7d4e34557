"""Rows that tests begin with, written as the owner of the tables."""

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
    for who, (account, level) in STAFF.items():
        workspace.staff[who] = await make_staff(conn, workspace, who, account, level)
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
    user: UUID = await conn.fetchval(
        "INSERT INTO users (workspace_id, account_type_informal, current_account_status, username, first_name, "
        "last_name, display_name, email, password_hash, is_email_verified, level, current_status) "
        "VALUES ($1, $2, 'active', $3, $4, 'Tester', $5, $6, $7, true, $8, 'offline') RETURNING id",
        workspace.id,
        account,
        f"{who}-{workspace.tag}",
        who.capitalize(),
        f"{who.capitalize()} Tester",
        workspace.email(who),
        password_hash(),
        level,
    )
    await conn.execute(
        "INSERT INTO user_roles (workspace_id, user_id, role_id) "
        "SELECT $1, $2, id FROM roles WHERE workspace_id = $1 AND name = $3",
        workspace.id,
        user,
        account,
    )
    return user
