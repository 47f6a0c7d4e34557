"""The robots' figures: counted by the database, in the workspace's days, and shown as charts, tables and CSV."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.core.db import Database
from supportdesk.robots.figures import Metrics
from supportdesk.robots.queries.figures import find_metrics
from tests.admin.test_ledger import asked, page, turn_of
from tests.factories import make_workspace
from tests.people import Desk

TURNS = """
    INSERT INTO robot_interactions (workspace_id, room_id, robot_id, trigger_kind, turn_no, status, completed_at,
                                    created_at, tokens, cost, response_data)
    SELECT $1, $2, $3, 'room_opened', n, $5, now(), now() - $4::interval, $6, $7,
           jsonb_build_object('ending', $8::text, 'fate', $9::text, 'reason', $10::text, 'waited_ms', 10,
                              'first_event_ms', n, 'total_ms', 10 * n)
      FROM generate_series(1, $11::integer) n
"""
DEFAULTS = {"status": "completed", "tokens": 0, "cost": None, "ending": "answered", "fate": "posted", "reason": ""}


class Room:
    """A conversation with a robot that has had no turn yet."""

    def __init__(self, desk: Desk, room_id: UUID, robot_id: UUID) -> None:
        self.desk, self.room_id, self.robot_id = desk, room_id, robot_id

    async def had(self, count: int, *, ago: timedelta = timedelta(), **of: Any) -> None:
        """Put so many turns on record."""
        values = {**DEFAULTS, **of}
        home = self.desk.workspace.id
        await self.desk.owner.execute(
            TURNS, home, self.room_id, self.robot_id, ago, *(values[name] for name in DEFAULTS), count
        )

    async def figures(self, days: int = 7) -> Metrics:
        """Its robot's."""
        actor = Actor.system(WorkspaceId(self.desk.workspace.id))
        async with self.desk.resources.get(Database).read(actor) as conn:
            return await find_metrics(conn, actor, [self.robot_id], days=days, sees_private=False)


@pytest.fixture
async def room(desk: Desk) -> Room:
    """One, with the faq robot."""
    await asked(desk, "hello")
    turn = await turn_of(desk, "hello")
    await desk.owner.execute("DELETE FROM robot_interactions WHERE id = $1", turn["id"])
    return Room(desk, turn["room_id"], turn["robot_id"])


async def test_turns_are_counted_by_how_they_came_out_and_measured(room: Room) -> None:
    await room.had(90)
    await room.had(6, fate="handed_over", ending="handed_off", reason="not in the documents")
    await room.had(2, fate="handed_over", ending="handed_off", reason="asked for a person")
    await room.had(2, fate="promoted", status="failed", ending="failed")
    await room.had(1, fate="nothing", ending="silent", tokens=10)
    await room.had(3, fate="dropped", ending="stopped", tokens=100, cost="0.25")
    found = await room.figures()
    whole = found.all
    assert (whole.turns, whole.answered, whole.handed_over, whole.failed) == (104, 90, 8, 2)
    assert (whole.promoted, whole.silent, whole.dropped) == (2, 1, 3)
    assert (whole.tokens, whole.cost, whole.unpriced) == (310, 0.75, 1)
    assert whole.first_p50 is not None
    assert whole.first_p95 is not None
    assert 40 < whole.first_p50 < whole.first_p95 < 100
    assert [(reason.text, reason.turns) for reason in found.reasons] == [
        ("not in the documents", 6),
        ("asked for a person", 2),
    ]
    assert [one.turns for one in found.robots] == [104]
    assert sum(one.turns for one in found.places if one) == 104


async def test_days_are_the_workspaces_own_and_today_is_by_the_hour(room: Room) -> None:
    own = room.desk.owner
    await own.execute("UPDATE workspaces SET time_zone = 'Pacific/Kiritimati' WHERE id = $1", room.desk.workspace.id)
    begun = await own.fetchval("SELECT now() - date_trunc('day', now() AT TIME ZONE $1) AT TIME ZONE $1", "Etc/GMT-14")
    await room.had(1, ago=begun)
    await room.had(2, ago=begun + timedelta(seconds=1))
    await room.had(4, ago=begun + timedelta(days=6))
    await room.had(8, ago=begun + timedelta(days=6, seconds=1))
    today, week, month = [await room.figures(days) for days in (1, 7, 30)]
    assert (len(today.places), len(week.places), len(month.places)) == (24, 7, 30)
    assert [(one.turns if one else 0) for one in today.places] == [1] + [0] * 23
    assert [(one.turns if one else 0) for one in week.places] == [4, 0, 0, 0, 0, 2, 1]
    assert month.all.turns == 15


async def test_the_page_shows_figures_charts_tools_thumbs_and_what_the_cache_saved(room: Room) -> None:
    desk = room.desk
    await room.had(3)
    await desk.owner.execute(
        "INSERT INTO tool_executions (workspace_id, room_id, robot_id, tool_name, parameters, args_sha256, status, "
        "execution_time_ms, cost, approved_at, executed_at) "
        "SELECT $1, $2, $3, 'look_up_order', '{}', $4, s, 120, 0.5, now(), now() "
        "FROM unnest(ARRAY['completed', 'failed', 'denied']) s",
        desk.workspace.id,
        room.room_id,
        room.robot_id,
        "0" * 64,
    )
    await desk.owner.execute(
        "INSERT INTO ai_cache (workspace_id, model, prompt_hash, prompt_summary, response_text, tokens_used, "
        "cost_estimate, hits, ttl) VALUES ($1, 'a/b', $2, '', '', 1, 0.5, 4, now())",
        desk.workspace.id,
        "0" * 64,
    )
    agent = await desk.agent("t1")
    said = next(
        event["data"]["message"]
        for event in await agent.reads(str(room.room_id))
        if event["kind"] == "message.created" and event["data"]["message"]["sender"]["kind"] == "robot"
    )
    guests = await desk.owner.fetchval("SELECT creator_id FROM chat_rooms WHERE id = $1", room.room_id)
    for who, emoji in ((guests, "👍"), (desk.workspace.staff["t1"], "👎")):
        await desk.owner.execute(
            "INSERT INTO message_reactions (workspace_id, message_id, user_id, emoji) VALUES ($1, $2, $3, $4)",
            desk.workspace.id,
            UUID(said["id"]),
            who,
            emoji,
        )
    status, html = await page(agent, f"/admin/metrics?days=30&robot={room.robot_id}")
    assert status == 200
    for shown in (
        "<svg",
        "3 turns: 3 reached the room",
        "look_up_order",
        "120 ms",
        "$1.5000",
        "$2.0000",
        "4 hits",
        "1 / 0",
        "Show as table",
    ):
        assert shown in html, shown
    assert " style=" not in html


async def test_a_charts_data_comes_as_csv(room: Room) -> None:
    await room.had(3)
    agent = await room.desk.signed_in("t1")
    async with agent.http.get(f"{room.desk.url}/admin/metrics/csv/turns?days=7") as response:
        assert response.content_type == "text/csv"
        assert 'filename="turns-7-days.csv"' in response.headers["Content-Disposition"]
        lines = (await response.text()).splitlines()
    assert lines[0] == ",reached the room,handed over,otherwise"
    assert len(lines) == 8
    assert lines[-1].endswith(",3,0,0")
    assert (await page(agent, "/admin/metrics/csv/secrets"))[0] == 404


async def test_without_turns_the_page_says_so_and_a_robot_of_others_is_not_there(desk: Desk, room: Room) -> None:
    agent = await desk.signed_in("t1")
    assert "No turn in this time" in (await page(agent, "/admin/metrics?days=1&robot="))[1]
    stranger = await desk.signed_in("admin", workspace=await make_workspace(desk.owner))
    assert (await page(stranger, f"/admin/metrics?robot={room.robot_id}"))[0] == 404
    await room.had(3)
    assert "No turn in this time" in (await page(stranger, "/admin/metrics"))[1]
    for wrong in ("days=2", "days=x", "robot=1"):
        assert (await page(agent, f"/admin/metrics?{wrong}"))[0] == 422


async def test_reasons_of_private_rooms_are_not_told(room: Room) -> None:
    await room.had(1, fate="handed_over", reason="asked for a person")
    await room.desk.owner.execute("UPDATE chat_rooms SET is_private = true WHERE id = $1", room.room_id)
    found = await room.figures()
    assert (found.all.handed_over, found.reasons) == (1, [])


async def test_suggestions_accepted_and_answers_from_the_cache_are_counted_per_robot(room: Room) -> None:
    desk = room.desk
    await room.had(2)
    said = await desk.owner.fetchval("SELECT id FROM messages WHERE room_id = $1 LIMIT 1", room.room_id)
    for decision, changed in (
        ("inserted", False),
        ("edited", True),
        ("edited", None),
        ("dismissed", None),
        (None, None),
    ):
        await desk.owner.execute(
            "INSERT INTO robot_suggestions (workspace_id, room_id, robot_id, message_id, content, decision, "
            "decided_at, sent_changed) VALUES ($1, $2, $3, $4, 'Do this.', $5, "
            "CASE WHEN $5::text IS NOT NULL THEN now() END, $6)",
            desk.workspace.id,
            room.room_id,
            room.robot_id,
            said,
            decision,
            changed,
        )
    calls = """[{"call": "model", "kept": true, "saved": 0.25}, {"kept": true, "saved": null}, {"kept": false}]"""
    await desk.owner.execute(
        "UPDATE robot_interactions SET observation_data = jsonb_build_object('calls', $2::jsonb) WHERE room_id = $1",
        room.room_id,
        calls,
    )
    found = await room.figures()
    ours, every = sorted(found.suggestions, key=lambda one: one.robot_id is None)
    assert (ours.robot_id, every.robot_id) == (room.robot_id, None)
    assert (ours.made, ours.accepted, ours.dismissed, ours.undecided, ours.changed) == (5, 3, 1, 1, 1)
    assert {(one.robot_id, one.hits, one.saved, one.unpriced) for one in found.kept} == {
        (room.robot_id, 4, 0.5, 2),
        (None, 4, 0.5, 2),
    }
    agent = await desk.signed_in("t1")
    _, html = await page(agent, "/admin/metrics")
    for shown in ("60 %", "1 as they were, 2 edited, 1 dismissed, 1 untouched", "3 / 5", "4 · $0.5000"):
        assert shown in html, shown
    async with agent.http.get(f"{desk.url}/admin/metrics/csv/robots?days=7") as response:
        assert response.status == 200
        head, line = (await response.text()).splitlines()
    assert head.startswith(",turns,reached the room")
    assert line.endswith(",5,1,2,1,1,4,0.5")
