"""What came from the five seeds, and what a new workspace starts with."""

from supportdesk.actor import Permission, allows
from supportdesk.core.db import Connection
from tests.schema.rows import Furnished
from tests.schema.seed_columns import SEEDS

DEFAULTS = {
    "users.current_status": "offline",
    "users.account_type_informal": "guest",
    "users.current_account_status": "pending-verification",
    "users.is_email_verified": "false",
    "chat_rooms.room_type": "support",
    "chat_rooms.is_private": "false",
    "chat_rooms.guest_access_allowed": "true",
    "chat_rooms.max_participants": "50",
    "chat_rooms.priority": "3",
    "chat_rooms.context_window_size": "8192",
    "room_participants.role": "member",
    "room_participants.status": "active",
    "room_participants.can_send_messages": "true",
    "room_participants.can_invite_others": "false",
    "room_participants.can_see_history": "true",
    "messages.message_type": "chat",
    "messages.delivery_status": "delivered",
    "messages.is_first_responder": "false",
    "robot_interactions.status": "pending",
    "tool_executions.status": "pending",
    "escalations.status": "created",
    "escalations.priority": "3",
    "auto_approval_settings.read_only_operations": "false",
    "auto_approval_settings.low_risk_operations": "false",
    "auto_approval_settings.max_cost_per_tool": "1.00",
    "auto_approval_settings.max_cost_per_hour": "10.00",
    "auto_approval_settings.require_approval_for_new_tools": "true",
    "plans.price_monthly": "0",
}
SEED_MODELS = {
    "google/gemini-flash-1.5", "openai/gpt-4o-mini", "anthropic/claude-3.5-sonnet", "meta-llama/llama-3-8b-instruct",
    "deepseek/deepseek-v2-coder", "qwen/qwen-2-7b-instruct",
}  # fmt: skip


async def columns(conn: Connection) -> dict[str, str | None]:
    rows = await conn.fetch(
        """
        SELECT c.relname || '.' || a.attname AS name,
               (regexp_match(pg_get_expr(d.adbin, d.adrelid), '^''?([^'']*)''?(?:::[a-z ]+)?$'))[1] AS standard
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
        """
    )
    return {row["name"]: row["standard"] for row in rows}


async def test_every_column_of_the_seeds_has_its_place(conn: Connection) -> None:
    ours = await columns(conn)
    if not await conn.fetchval("SELECT to_regtype('vector') IS NOT NULL"):
        ours["document_chunks.embedding"] = None
    for seed in SEEDS:
        homeless = {f"{seed.ours}.{name}" for name in seed.same.split()} | set(seed.moved.values())
        assert not homeless - set(ours), (seed.seed, seed.table)
        assert all(seed.dropped.values())


async def test_the_defaults_of_the_seeds_are_kept(conn: Connection) -> None:
    ours = await columns(conn)
    assert {name: ours[name] for name in DEFAULTS} == DEFAULTS


async def test_the_six_models_of_seed_001_are_in_the_catalogue(conn: Connection) -> None:
    rows = await conn.fetch("SELECT id FROM ai_models WHERE is_active")
    assert {row["id"] for row in rows} >= SEED_MODELS


async def test_the_three_plans_are_there(conn: Connection) -> None:
    rows = await conn.fetch("SELECT name FROM plans WHERE is_active ORDER BY price_monthly")
    assert [row["name"] for row in rows] == ["free", "pro", "enterprise"]


async def test_the_catalogue_of_permissions_is_that_of_the_code(conn: Connection) -> None:
    rows = await conn.fetch("SELECT key, description FROM permissions")
    assert {row["key"] for row in rows} == {str(permission) for permission in Permission}
    assert all(row["description"] for row in rows)


async def grants(conn: Connection, desk: Furnished) -> dict[str, set[str]]:
    rows = await conn.fetch(
        "SELECT r.name, p.pattern FROM roles r JOIN role_permissions p ON p.role_id = r.id WHERE r.workspace_id = $1",
        desk.workspace,
    )
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row["name"], set()).update(
            str(permission) for permission in Permission if allows(row["pattern"], permission)
        )
    return found


async def test_the_default_roles_reach_further_step_by_step(conn: Connection, acme: Furnished) -> None:
    may = await grants(conn, acme)
    assert set(may) == {"guest", "robot", "agent", "supervisor", "manager", "admin"}
    assert may["agent"] < may["supervisor"] < may["manager"] < may["admin"]
    assert may["admin"] == {str(permission) for permission in Permission}
    assert "chat:message:note" not in may["guest"]
    assert not [key for key in may["guest"] | may["robot"] if key.startswith(("supervisor:", "desk:people"))]
    assert "chat:escalation:lower" not in may["agent"]


async def test_every_pattern_of_a_default_role_covers_something(conn: Connection, acme: Furnished) -> None:
    patterns = await conn.fetch("SELECT pattern FROM role_permissions WHERE workspace_id = $1", acme.workspace)
    idle = [row["pattern"] for row in patterns if not any(allows(row["pattern"], key) for key in Permission)]
    assert not idle


async def test_seeding_a_workspace_again_changes_nothing(conn: Connection, acme: Furnished) -> None:
    counted = """
        SELECT (SELECT count(*) FROM roles), (SELECT count(*) FROM role_permissions), (SELECT count(*) FROM queues),
               (SELECT count(*) FROM escalation_edges), (SELECT count(*) FROM retention_policies),
               (SELECT count(*) FROM business_calendars), (SELECT count(*) FROM auto_approval_settings)
    """
    before = await conn.fetchrow(counted)
    await conn.execute("SELECT desk_seed_workspace($1)", acme.workspace)
    assert await conn.fetchrow(counted) == before


async def test_a_room_climbs_one_level_at_a_time_unless_an_edge_says_otherwise(
    conn: Connection, acme: Furnished
) -> None:
    rows = await conn.fetch(
        "SELECT from_level, to_level, permission FROM escalation_edges WHERE workspace_id = $1", acme.workspace
    )
    order = ["T1", "T2", "T3", "manager"]
    steps = {(order.index(row["from_level"]), order.index(row["to_level"])) for row in rows}
    assert steps == {(0, 1), (1, 2), (2, 3), (3, 2), (2, 1), (1, 0)}
    assert {row["permission"] for row in rows if order.index(row["to_level"]) < order.index(row["from_level"])} == {
        "chat:escalation:lower"
    }
