"""A workspace with at least one row in every table that belongs to workspaces."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from supportdesk.core.db import Connection

ROWS = {
    "users": """
        INSERT INTO users (workspace_id, account_type_informal, current_account_status, username, first_name, last_name,
                           display_name, email, password_hash)
        VALUES ($1, 'guest', 'active', NULL, NULL, NULL, 'Gina Guest', 'gina@example.test', NULL),
               ($1, 'robot', 'active', NULL, NULL, NULL, 'Faq', NULL, NULL),
               ($1, 'agent', 'active', 'ann', 'Ann', 'Agent', 'Ann', 'ann.' || $1::uuid || '@example.test', 'argon')""",
    "subscriptions": """
        INSERT INTO subscriptions (workspace_id, plan_id) SELECT $1, id FROM plans WHERE name = 'pro'""",
    "sessions": """
        INSERT INTO sessions (workspace_id, user_id, token_hash, expires_at)
        SELECT $1, id, sha256($1::uuid::text::bytea), now() + interval '1 day' FROM users
        WHERE workspace_id = $1 AND username = 'ann'""",
    "personal_access_tokens": """
        INSERT INTO personal_access_tokens (workspace_id, user_id, name, token_hash, token_prefix)
        SELECT $1, id, 'cli', sha256($1::uuid::text::bytea), 'sd_' FROM users
        WHERE workspace_id = $1 AND username = 'ann'""",
    "user_identities": """
        INSERT INTO user_identities (workspace_id, user_id, issuer, subject)
        SELECT $1, id, 'https://login.test', 'ann' FROM users WHERE workspace_id = $1 AND username = 'ann'""",
    "verification_tokens": """
        INSERT INTO verification_tokens (workspace_id, user_id, purpose, email, token_hash, expires_at)
        SELECT $1, id, 'password_reset', email, sha256($1::uuid::text::bytea), now() + interval '1 hour' FROM users
        WHERE workspace_id = $1 AND username = 'ann'""",
    "socket_tickets": """
        INSERT INTO socket_tickets (workspace_id, user_id, session_id, token_hash, expires_at)
        SELECT $1, user_id, id, sha256($1::uuid::text::bytea), now() + interval '1 day' FROM sessions
        WHERE workspace_id = $1""",
    "guest_blocks": """
        INSERT INTO guest_blocks (workspace_id, guest_id, reason) SELECT $1, id, 'spam' FROM users
        WHERE workspace_id = $1 AND account_type_informal = 'guest'""",
    "user_roles": """
        INSERT INTO user_roles (workspace_id, user_id, role_id) SELECT $1, u.id, r.id FROM users u, roles r
        WHERE u.workspace_id = $1 AND r.workspace_id = $1 AND u.username = 'ann' AND r.name = 'agent'""",
    "teams": "INSERT INTO teams (workspace_id, name) VALUES ($1, 'Returns')",
    "team_members": """
        INSERT INTO team_members (workspace_id, team_id, user_id) SELECT $1, t.id, u.id FROM teams t, users u
        WHERE t.workspace_id = $1 AND u.workspace_id = $1 AND u.username = 'ann'""",
    "sla_policies": "INSERT INTO sla_policies (workspace_id, name, first_reply_minutes) VALUES ($1, 'Standard', 15)",
    "sites": """
        INSERT INTO sites (workspace_id, name, site_key, allowed_origins)
        VALUES ($1, 'Shop', 'key-' || $1::uuid, ARRAY['https://shop.' || $1::uuid || '.test'])""",
    "guest_sessions": """
        INSERT INTO guest_sessions (workspace_id, site_id, guest_id, token_hash, expires_at)
        SELECT $1, s.id, u.id, sha256($1::uuid::text::bytea), now() + interval '1 day' FROM sites s, users u
        WHERE s.workspace_id = $1 AND u.workspace_id = $1 AND u.account_type_informal = 'guest'""",
    "invitations": """
        INSERT INTO invitations (workspace_id, email, role_id, token_hash)
        SELECT $1, 'new@example.test', id, sha256($1::uuid::text::bytea) FROM roles
        WHERE workspace_id = $1 AND name = 'agent'""",
    "canned_replies": """
        INSERT INTO canned_replies (workspace_id, shortcut, title, content) VALUES ($1, 'hi', 'Hello', 'Hello!')""",
    "tags": "INSERT INTO tags (workspace_id, name) VALUES ($1, 'urgent')",
    "chat_rooms": """
        INSERT INTO chat_rooms (workspace_id, creator_id, client_room_id, name, status)
        SELECT $1, id, 'first', 'Where is my parcel?', 'waiting' FROM users
        WHERE workspace_id = $1 AND account_type_informal = 'guest'""",
    "room_heads": """
        INSERT INTO room_heads (workspace_id, room_id) SELECT $1, id FROM chat_rooms WHERE workspace_id = $1""",
    "room_participants": """
        INSERT INTO room_participants (workspace_id, room_id, user_id, role) SELECT $1, id, creator_id, 'guest'
        FROM chat_rooms WHERE workspace_id = $1""",
    "room_tags": """
        INSERT INTO room_tags (workspace_id, room_id, tag_id) SELECT $1, r.id, t.id FROM chat_rooms r, tags t
        WHERE r.workspace_id = $1 AND t.workspace_id = $1""",
    "csat_ratings": """
        INSERT INTO csat_ratings (workspace_id, room_id, guest_id, score) SELECT $1, id, creator_id, 5 FROM chat_rooms
        WHERE workspace_id = $1""",
    "provider_configs": """
        INSERT INTO provider_configs (workspace_id, name, provider, api_key_encrypted)
        VALUES ($1, 'main', 'openai', 'secret')""",
    "robots": """
        INSERT INTO robots (workspace_id, user_id, module, version, name) SELECT $1, id, 'faq', '1.0.0', 'Faq'
        FROM users WHERE workspace_id = $1 AND account_type_informal = 'robot'""",
    "room_robots": """
        INSERT INTO room_robots (workspace_id, room_id, robot_id) SELECT $1, c.id, r.id FROM chat_rooms c, robots r
        WHERE c.workspace_id = $1 AND r.workspace_id = $1""",
    "room_events": """
        INSERT INTO room_events (workspace_id, room_id, seq, public_seq, kind, actor_kind)
        SELECT $1, id, 1, 1, 'message.created', 'guest' FROM chat_rooms WHERE workspace_id = $1""",
    "messages": """
        INSERT INTO messages (workspace_id, room_id, seq, public_seq, sender_id, content)
        SELECT $1, id, 1, 1, creator_id, 'Where is my parcel?' FROM chat_rooms WHERE workspace_id = $1""",
    "message_dedup": """
        INSERT INTO message_dedup (workspace_id, room_id, sender_id, client_msg_id, message_id, seq, body_sha256)
        SELECT $1, room_id, sender_id, 'one', id, seq, sha256(content::bytea) FROM messages WHERE workspace_id = $1""",
    "op_results": """
        INSERT INTO op_results (workspace_id, actor_id, op_id, command, body_sha256, result)
        SELECT $1, id, 'one', 'room.claim', sha256('{}'), '{}' FROM users
        WHERE workspace_id = $1 AND username = 'ann'""",
    "message_reactions": """
        INSERT INTO message_reactions (workspace_id, message_id, user_id, emoji)
        SELECT $1, id, sender_id, '👍' FROM messages WHERE workspace_id = $1""",
    "robot_interactions": """
        INSERT INTO robot_interactions (workspace_id, room_id, message_id, robot_id, turn_no)
        SELECT $1, m.room_id, m.id, r.id, 1 FROM messages m, robots r
        WHERE m.workspace_id = $1 AND r.workspace_id = $1""",
    "robot_suggestions": """
        INSERT INTO robot_suggestions (workspace_id, room_id, interaction_id, message_id, robot_id, content)
        SELECT $1, room_id, id, message_id, robot_id, 'Say this.' FROM robot_interactions WHERE workspace_id = $1""",
    "tool_executions": """
        INSERT INTO tool_executions (workspace_id, room_id, interaction_id, message_id, robot_id, tool_name, parameters,
                                     args_sha256)
        SELECT $1, room_id, id, message_id, robot_id, 'refund', '{"order": 7}', repeat('a', 64) FROM robot_interactions
        WHERE workspace_id = $1""",
    "provider_models": """
        INSERT INTO provider_models (workspace_id, provider_id, model)
        SELECT $1, id, 'gpt-4o' FROM provider_configs WHERE workspace_id = $1""",
    "mcp_servers": """
        INSERT INTO mcp_servers (workspace_id, name, url, secret_encrypted)
        VALUES ($1, 'crm', 'https://crm.test/mcp', 'sealed')""",
    "workspace_tools": """
        INSERT INTO workspace_tools (workspace_id, server_id, remote_name, name, description, parameters, fingerprint)
        SELECT $1, id, 'find', 'crm__find', 'Finds.', '{}', 'f' FROM mcp_servers WHERE workspace_id = $1""",
    "shop_orders": """
        INSERT INTO shop_orders (workspace_id, number, email, status, items, total, placed_at)
        VALUES ($1, 'A-1', 'a@b.test', 'paid', '[]', 10, now())""",
    "shop_vouchers": """
        INSERT INTO shop_vouchers (workspace_id, order_id, code, amount, currency, reason)
        SELECT $1, id, 'C', 1, 'EUR', 'late' FROM shop_orders WHERE workspace_id = $1""",
    "context_optimizations": """
        INSERT INTO context_optimizations (workspace_id, room_id, trigger_reason, optimization_type, tokens_before,
                                           tokens_after)
        SELECT $1, id, 'auto', 'truncation', 100, 50 FROM chat_rooms WHERE workspace_id = $1""",
    "ai_cache": """
        INSERT INTO ai_cache (workspace_id, model, prompt_hash, prompt_summary, response_text, tokens_used, ttl)
        VALUES ($1, 'openai/gpt-4o', repeat('a', 64), 'p', 'r', 1, now())""",
    "llm_budgets": "INSERT INTO llm_budgets (workspace_id, room_daily) VALUES ($1, 1)",
    "llm_holds": "INSERT INTO llm_holds (workspace_id, tokens, expires_at) VALUES ($1, 10, now())",
    "llm_pauses": """
        INSERT INTO llm_pauses (workspace_id, room_id, interaction_id, execution_ids, history)
        SELECT $1, room_id, id, '{}', '{}' FROM robot_interactions WHERE workspace_id = $1""",
    "usage_logs": """
        INSERT INTO usage_logs (workspace_id, user_id, room_id, provider, model, input_tokens)
        SELECT $1, creator_id, id, 'openai', 'gpt-4o', 10 FROM chat_rooms WHERE workspace_id = $1""",
    "file_uploads": """
        INSERT INTO file_uploads (workspace_id, owner_id, content_hash, storage_path, file_size, mime_type)
        SELECT $1, id, repeat('b', 64), 'objects/b', 5, 'text/plain' FROM users
        WHERE workspace_id = $1 AND account_type_informal = 'guest'""",
    "chat_file_attachments": """
        INSERT INTO chat_file_attachments (workspace_id, message_id, room_id, file_id, owner_id, original_filename,
                                           stored_filename, file_size, mime_type)
        SELECT $1, m.id, m.room_id, f.id, f.owner_id, 'a.txt', 'b', 5, 'text/plain' FROM messages m, file_uploads f
        WHERE m.workspace_id = $1 AND f.workspace_id = $1""",
    "documents": """
        INSERT INTO documents (workspace_id, user_id, title, filename, file_size, mime_type, content, content_hash,
                               processing_status)
        SELECT $1, id, 'Returns', 'returns.md', 9, 'text/markdown', 'Parcels', repeat('c', 64), 'completed' FROM users
        WHERE workspace_id = $1 AND username = 'ann'""",
    "knowledge_entries": """
        INSERT INTO knowledge_entries (workspace_id, question, answer) VALUES ($1, 'When?', 'Now.')""",
    "unanswered_questions": """
        INSERT INTO unanswered_questions (workspace_id, room_id, question, reason)
        SELECT $1, id, 'Why?', 'low_score' FROM chat_rooms WHERE workspace_id = $1""",
    "document_originals": """
        INSERT INTO document_originals (workspace_id, document_id, content)
        SELECT $1, id, 'Parcels' FROM documents WHERE workspace_id = $1""",
    "document_chunks": """
        INSERT INTO document_chunks (workspace_id, document_id, chunk_index, heading, content, start_position,
                                     end_position)
        SELECT $1, id, 0, 'Returns', 'A parcel may be sent back within thirty days.', 0, 45 FROM documents
        WHERE workspace_id = $1""",
    "escalations": """
        INSERT INTO escalations (workspace_id, source_room_id, reason, from_level, to_level, created_by)
        SELECT $1, id, 'angry', 'T1', 'T2', creator_id FROM chat_rooms WHERE workspace_id = $1""",
    "sla_clocks": """
        INSERT INTO sla_clocks (workspace_id, room_id, sla_policy_id, kind, due_at)
        SELECT $1, r.id, p.id, 'first_reply', now() + interval '1 hour' FROM chat_rooms r, sla_policies p
        WHERE r.workspace_id = $1 AND p.workspace_id = $1""",
    "archive_transactions": "INSERT INTO archive_transactions (workspace_id) VALUES ($1)",
    "archived_rooms": """
        INSERT INTO archived_rooms (workspace_id, archive_id, room_id, first_seq, last_seq)
        SELECT $1, id, desk_uuid7(), 1, 9 FROM archive_transactions WHERE workspace_id = $1""",
    "legal_holds": "INSERT INTO legal_holds (workspace_id, scope, reason) VALUES ($1, 'workspace', 'court')",
    "access_log": """
        INSERT INTO access_log (workspace_id, actor_id, actor_kind, kind, thing_id)
        SELECT $1, creator_id, 'agent', 'room', id FROM chat_rooms WHERE workspace_id = $1""",
    "audit_log": """
        INSERT INTO audit_log (workspace_id, actor_kind, action) VALUES ($1, 'system', 'session.started')""",
    "outbox": "INSERT INTO outbox (workspace_id, kind, payload) VALUES ($1, 'email', '{}')",
    "webhooks": """
        INSERT INTO webhooks (workspace_id, name, url, secret_encrypted)
        VALUES ($1, 'crm', 'https://crm.test', 'secret')""",
    "webhook_deliveries": """
        INSERT INTO webhook_deliveries (workspace_id, webhook_id, event, payload)
        SELECT $1, id, 'room.closed', '{}' FROM webhooks WHERE workspace_id = $1""",
    "notifications": """
        INSERT INTO notifications (workspace_id, user_id, kind) SELECT $1, id, 'mention' FROM users
        WHERE workspace_id = $1 AND username = 'ann'""",
}
"""One INSERT per table, in the order of their references; $1 is the workspace. The rest comes with the seed."""


def sql(statement: str, **names: str) -> str:
    """A statement with the names of tables and columns put in; nothing but plain names is let through."""
    assert all(re.fullmatch(r"[a-z0-9_]+", name) for name in names.values()), names
    return statement.format(**names)


@dataclass(frozen=True, slots=True)
class Furnished:
    """A workspace and the ids a test is likely to name."""

    workspace: UUID
    guest: UUID
    agent: UUID
    robot: UUID
    room: UUID
    message: UUID


async def furnish(conn: Connection, name: str) -> Furnished:
    """Make a workspace with a row in every table."""
    workspace: UUID = await conn.fetchval(
        "INSERT INTO workspaces (name, plan_id) SELECT $1, id FROM plans WHERE name = 'pro' RETURNING id", name
    )
    await conn.execute("SELECT desk_seed_workspace($1)", workspace)
    for statement in ROWS.values():
        await conn.execute(statement, workspace)
    row = await conn.fetchrow(
        """
        SELECT r.creator_id AS guest, a.id AS agent, b.id AS robot, r.id AS room, m.id AS message
        FROM chat_rooms r
        JOIN messages m ON m.room_id = r.id
        JOIN users a ON a.workspace_id = r.workspace_id AND a.username = 'ann'
        JOIN robots b ON b.workspace_id = r.workspace_id
        WHERE r.workspace_id = $1
        """,
        workspace,
    )
    assert row is not None
    return Furnished(workspace=workspace, **row)


@asynccontextmanager
async def acting(conn: Connection, role: str, workspace: UUID | None = None) -> AsyncIterator[None]:
    """Be a role in a workspace; back to the superuser afterwards, also when a statement failed."""
    savepoint = conn.transaction()
    await savepoint.start()
    await conn.execute(sql("SET LOCAL ROLE {role}", role=role))
    await conn.execute("SELECT set_config('app.workspace_id', $1, true)", str(workspace or ""))
    try:
        yield
    except asyncpg.PostgresError:
        await savepoint.rollback()
        raise
    else:
        await conn.execute("RESET ROLE")
        await conn.execute("SELECT set_config('app.workspace_id', '', true)")
        await savepoint.commit()
