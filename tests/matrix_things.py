"""One of everything that a workspace holds, for the matrix of who may do what."""

from uuid import UUID, uuid4

from supportdesk.tools.model import sealed
from tests.factories import Workspace
from tests.matrix import THINGS, Ids
from tests.people import Agent, Desk, Guest


async def things_of(desk: Desk, workspace: Workspace, guest: Guest, agent: Agent) -> Ids:
    """One of everything in a workspace, made as its own people make it."""
    room = await guest.opens()
    message = await guest.says(f"a secret of {workspace.tag}")
    found: dict[str, UUID] = {"room_id": UUID(room), "message_id": UUID(message["id"])}
    assert guest.id is not None
    found["guest_id"], found["user_id"] = guest.id, workspace.staff["t1b"]
    token = await agent.fetches("POST", "/api/v1/tokens", {"name": f"token of {workspace.tag}"})
    found["token_id"] = UUID(token[1]["id"])
    sessions = await agent.fetches("GET", "/api/v1/auth/sessions/all")
    found["session_id"] = UUID(next(each["id"] for each in sessions[1]["items"] if each["current"]))
    invited = await agent.fetches("POST", "/api/v1/invitations", {"email": f"invited-{workspace.tag}@desk.test"})
    found["invitation_id"] = UUID(invited[1]["id"])
    found["site_id"] = await desk.owner.fetchval("SELECT id FROM sites WHERE workspace_id = $1 LIMIT 1", workspace.id)
    text = {"filename": f"{workspace.tag}.md", "title": f"Title {workspace.tag}", "content": "# Secret\n\nText."}
    document = await agent.fetches("POST", "/api/v1/documents", text)
    found["document_id"] = UUID(document[1]["id"])
    found["robot_id"] = await desk.owner.fetchval(
        "WITH who AS (INSERT INTO users (workspace_id, account_type_informal, current_account_status, username) "
        "VALUES ($1, 'robot', 'active', $2) RETURNING id) "
        "INSERT INTO robots (workspace_id, user_id, module, version, name, active) "
        "SELECT $1, id, 'greeter', '1', $2, false FROM who RETURNING id",
        workspace.id,
        f"matrix-{uuid4().hex}",
    )
    found["suggestion_id"] = await desk.owner.fetchval(
        "INSERT INTO robot_suggestions (workspace_id, room_id, robot_id, message_id, content) "
        "VALUES ($1, $2, $3, $4, $5) RETURNING id",
        workspace.id,
        found["room_id"],
        found["robot_id"],
        found["message_id"],
        f"a secret of {workspace.tag}",
    )
    found["queue_id"] = await desk.owner.fetchval("SELECT id FROM queues WHERE workspace_id = $1 LIMIT 1", workspace.id)
    found["file_id"] = await desk.owner.fetchval(
        "INSERT INTO file_uploads (workspace_id, owner_id, content_hash, storage_path, file_size, mime_type) "
        "VALUES ($1, $2, encode(sha256(convert_to($3, 'UTF8')), 'hex'), $3, 1, 'text/plain') RETURNING id",
        workspace.id,
        guest.id,
        f"files/{uuid4()}",
    )
    found["interaction_id"] = await desk.owner.fetchval(
        "INSERT INTO robot_interactions (workspace_id, room_id, message_id, robot_id, turn_no, status, completed_at) "
        "VALUES ($1, $2, $3, $4, 1, 'completed', now()) RETURNING id",
        workspace.id,
        found["room_id"],
        found["message_id"],
        found["robot_id"],
    )
    found["provider_id"] = await desk.owner.fetchval(
        "INSERT INTO provider_configs (workspace_id, name, provider, base_url) "
        "VALUES ($1, $2, 'openai-compatible', 'https://127.0.0.1:9/v1') RETURNING id",
        workspace.id,
        f"matrix-{uuid4().hex}",
    )
    found["execution_id"] = await desk.owner.fetchval(
        "INSERT INTO tool_executions (workspace_id, room_id, robot_id, requested_by, tool_name, parameters, "
        "args_sha256, required_level, expires_at) "
        "SELECT $1, $2, b.id, b.user_id, 'matrix', '{}', $4, 'T1', now() + interval '1 hour' "
        "FROM robots b WHERE b.id = $3 RETURNING id",
        workspace.id,
        found["room_id"],
        found["robot_id"],
        sealed("matrix", {}),
    )
    found["team_id"] = await desk.owner.fetchval(
        "INSERT INTO teams (workspace_id, name) VALUES ($1, $2) RETURNING id", workspace.id, uuid4().hex
    )
    found["entry_id"] = await desk.owner.fetchval(
        "INSERT INTO knowledge_entries (workspace_id, question, answer) VALUES ($1, $2, 'Now.') RETURNING id",
        workspace.id,
        f"When, {workspace.tag}?",
    )
    found["asked_id"] = await desk.owner.fetchval(
        "WITH asked AS (SELECT desk_uuid7() AS id) "
        "INSERT INTO unanswered_questions (id, workspace_id, room_id, question, reason, group_id) "
        "SELECT id, $1, $2, $3, 'low_score', id FROM asked RETURNING id",
        workspace.id,
        found["room_id"],
        f"Why, {workspace.tag}?",
    )
    found["tool_id"] = await desk.owner.fetchval(
        "INSERT INTO workspace_tools (workspace_id, name, description, parameters, request, fingerprint) "
        "VALUES ($1, $2, 'A tool.', '{}', '{}', '') RETURNING id",
        workspace.id,
        f"matrix-{uuid4().hex}",
    )
    found["server_id"] = await desk.owner.fetchval(
        "INSERT INTO mcp_servers (workspace_id, name, url) VALUES ($1, $2, 'http://127.0.0.1:9/mcp') RETURNING id",
        workspace.id,
        uuid4().hex[:20],
    )
    assert set(found) == set(THINGS)
    return Ids(found)
