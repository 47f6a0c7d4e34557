"""The page of thresholds: both sides of the choice, from what became of the workspace's own questions."""

import re
from uuid import UUID

from supportdesk.admin.threshold_page import chart_of
from supportdesk.knowledge.operating import OperatingPoint
from tests.admin.test_pages import faq, page
from tests.people import Desk

TURN = """
    INSERT INTO robot_interactions (workspace_id, room_id, message_id, robot_id, turn_no, status, started_at,
                                    completed_at, observation_data, response_data)
         SELECT m.workspace_id, m.room_id, m.id, $2, 1, 'completed', now(), now() - interval '1 hour',
                jsonb_build_object('calls', jsonb_build_array(jsonb_build_object(
                    'call', 'search', 'found', jsonb_build_array(jsonb_build_object('score', $3::float8))
                ))),
                jsonb_build_object('fate', $4::text)
           FROM messages m
          WHERE m.id = $1
"""
ASKED_FOR_A_PERSON = """
    INSERT INTO room_events (workspace_id, room_id, seq, kind, actor_kind, data)
         VALUES ($1, $2, 1000, 'room.owner_changed', 'guest', '{"reason": "guest_asked"}')
"""


async def asks(desk: Desk, robot: str, scores: list[float], fate: str) -> str:
    """A room in which a guest has asked so many questions, with what came of them."""
    guest = await desk.guest()
    room_id = await guest.opens()
    for score in scores:
        said = await guest.says("a question")
        await desk.owner.execute(TURN, UUID(said["id"]), UUID(robot), score, fate)
    return room_id


async def test_both_sides_of_a_threshold_come_from_what_became_of_answers(desk: Desk) -> None:
    robot = await faq(desk)
    await asks(desk, robot, [0.92] * 15, "posted")
    await asks(desk, robot, [0.31] * 4, "handed_over")
    await asks(desk, robot, [0.7], "dropped")  # the guest wrote on; of such a question nothing can be learnt
    unhappy = await asks(desk, robot, [0.62] * 6, "posted")
    await desk.owner.execute(ASKED_FOR_A_PERSON, desk.workspace.id, UUID(unhappy))
    admin = await desk.signed_in("admin")
    _, html = await page(admin, "/admin/knowledge/threshold")
    cells = re.findall(r'scope="row" class="num">([\d.]+)</th>\s*<td[^>]*>(\d+) %</td>\s*<td[^>]*>(\d+) %</td>', html)
    assert cells[:2] == [("0.60", "84", "29"), ("0.65", "60", "0")], "21 of 25, 6 badly; 15 of 25, all of them well"
    assert cells[-1] == ("0.95", "0", "0")
    assert "<polyline" in html


async def test_before_there_are_answers_the_page_says_so(desk: Desk) -> None:
    admin = await desk.signed_in("admin")
    status, html = await page(admin, "/admin/knowledge/threshold")
    assert status == 200
    assert "Too few answers yet" in html


def test_the_chart_has_both_lines_from_left_to_right() -> None:
    chart = chart_of([OperatingPoint(0.5, 1, 0.5), OperatingPoint(0.75, 0.5, 0)])
    assert chart["answered"] == "320,0 480,120"
    assert chart["wrong"] == "320,120 480,240"
