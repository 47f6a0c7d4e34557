"""The queries a desk lives on use their indexes, as the application and under its policies.

Sequential scans and sorts are switched off, so that an empty table cannot hide whether the index is usable: an operator
that is not leakproof stays sequential under a policy all the same, and fails here.
"""

import pytest

from supportdesk.core.db import Connection
from tests.schema.rows import Furnished, acting

NAMED = {
    "history of a room, newest first": (
        "SELECT * FROM messages WHERE room_id = $1 AND id >= uuid7_floor(now()) ORDER BY seq DESC LIMIT 50",
        "_room_id_seq_idx",
    ),
    "messages of a person": (
        "SELECT id FROM messages WHERE sender_id = $1 ORDER BY id DESC LIMIT 50",
        "_sender_id_id_idx",
    ),
    "messages of a kind in a room": (
        "SELECT id FROM messages WHERE message_type = 'file' AND room_id = $1 AND deleted_at IS NULL",
        "_message_type_room_id_idx",
    ),
    "the staff stream since": (
        "SELECT * FROM room_events WHERE room_id = $1 AND seq > 7 ORDER BY seq LIMIT 200", "_room_id_seq_idx",
    ),
    "the public stream since": (
        "SELECT * FROM room_events WHERE room_id = $1 AND public_seq > 7 ORDER BY public_seq LIMIT 200",
        "_room_id_public_seq_idx",
    ),
    "what a send was answered": (
        """
        SELECT * FROM message_dedup
        WHERE workspace_id = $1 AND room_id = $1 AND sender_id = $1 AND client_msg_id = 'x'
        """,
        "pk_message_dedup",
    ),
    "the head of a room": ("SELECT * FROM room_heads WHERE room_id = $1", "pk_room_heads"),
    "who is in a room": (
        "SELECT * FROM room_participants WHERE room_id = $1 AND status = 'active'",
        ("idx_room_participants_room_active", "pk_room_participants"),
    ),
    "whose rooms": (
        "SELECT room_id FROM room_participants WHERE user_id = $1 AND status = 'active'",
        "idx_room_participants_user_active",
    ),
    "rooms by status": (
        "SELECT * FROM chat_rooms WHERE workspace_id = $1 AND status = 'waiting' ORDER BY last_activity_at DESC",
        "idx_chat_rooms_status_activity",
    ),
    "an agent's inbox": (
        "SELECT * FROM chat_rooms WHERE assignee_id = $1 ORDER BY last_activity_at DESC LIMIT 50",
        "idx_chat_rooms_assignee",
    ),
    "the queue, most urgent first": (
        "SELECT * FROM chat_rooms WHERE queue_id = $1 AND level = 'T1' ORDER BY priority, waiting_since LIMIT 50",
        "idx_chat_rooms_queue",
    ),
    "a room by the client's id": (
        "SELECT * FROM chat_rooms WHERE workspace_id = $1 AND creator_id = $1 AND client_room_id = 'x'",
        ("uq_chat_rooms_client_room_id", "idx_chat_rooms_creator"),
    ),
    "people by e-mail": (
        "SELECT * FROM users WHERE workspace_id = $1 AND email = 'a@b.test'",
        ("idx_users_email", "uq_users_staff_email"),
    ),
    "agents at work": (
        "SELECT * FROM users WHERE current_status = 'online' AND last_seen_at > now() - interval '1 minute'",
        "idx_users_status_last_seen",
    ),
    "turns to claim": (
        "SELECT * FROM robot_interactions WHERE status = 'pending' AND available_at <= now() ORDER BY available_at",
        "idx_robot_interactions_due",
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
    "documents to process": (
        "SELECT * FROM documents WHERE processing_status = 'pending'", "idx_documents_processing_status",
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
    "answers past their time": ("SELECT * FROM ai_cache WHERE ttl < now() ORDER BY ttl LIMIT 100", "idx_ai_cache_ttl"),
    "side effects that are due": (
        "SELECT * FROM outbox WHERE done_at IS NULL AND failed_at IS NULL AND available_at <= now() LIMIT 20",
        "idx_outbox_due",
    ),
    "history of a thing": (
        "SELECT * FROM chat_rooms_history WHERE subject_id = $1 ORDER BY history_id DESC LIMIT 50",
        "_subject_id_history_id_idx",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMED)
async def test_the_query_uses_its_index(conn: Connection, acme: Furnished, name: str) -> None:
    query, expected = NAMED[name]
    await conn.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
    async with acting(conn, "desk_app", acme.workspace):
        rows = await conn.fetch("EXPLAIN " + query.replace("$1", f"'{acme.room}'"))
    plan = "\n".join(row[0] for row in rows)
    wanted = (expected,) if isinstance(expected, str) else expected
    assert any(index in plan for index in wanted), plan
    assert "Seq Scan" not in plan, plan
