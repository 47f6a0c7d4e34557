"""The page of thresholds: both sides of the choice, from what became of the workspace's own questions."""

import re
from uuid import UUID, uuid4

from supportdesk.knowledge.operating import known_questions
from tests.admin.test_pages import faq, page, presses
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

PAGE = "/admin/knowledge/threshold"
CELLS = re.compile(r'scope="row">([\d.]+)</th>\s*<td[^>]*>(\d+) %</td>\s*<td[^>]*>(\d+) %</td>')


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
    _, html = await page(admin, PAGE)
    own, known = html.split('id="known-caption"')
    cells = CELLS.findall(own)
    assert cells[:2] == [("0.60", "84", "29"), ("0.65", "60", "0")], "21 of 25, 6 badly; 15 of 25, all of them well"
    assert cells[-1] == ("0.95", "0", "0")
    assert "<polyline" in own
    assert len(CELLS.findall(known)) == 20


async def test_before_there_are_answers_the_page_says_so(desk: Desk) -> None:
    admin = await desk.signed_in("admin")
    status, html = await page(admin, PAGE)
    assert status == 200
    assert "Too few answers yet" in html


async def test_a_threshold_is_chosen_beside_what_it_would_do(desk: Desk) -> None:
    robot = await faq(desk)
    admin = await desk.signed_in("admin")
    _, html = await page(admin, PAGE)
    assert 'value="0.6"' in html
    assert await presses(admin, PAGE, robot_id=robot, threshold="0.75") == 303
    _, html = await page(admin, f"{PAGE}?saved=true")
    assert 'value="0.75"' in html
    assert "Saved." in html


async def test_a_threshold_is_a_share_and_belongs_to_a_robot_of_the_workspace(desk: Desk) -> None:
    robot = await faq(desk)
    admin = await desk.signed_in("admin")
    assert await presses(admin, PAGE, robot_id=robot, threshold="1.5") == 422
    assert await presses(admin, PAGE, robot_id=str(uuid4()), threshold="0.5") == 404
    supervisor = await desk.signed_in("supervisor")
    assert await presses(supervisor, PAGE, robot_id=robot, threshold="0.5") == 403


def test_known_questions_show_both_sides_of_every_threshold() -> None:
    known = known_questions()
    answered = [point.answered for point in known.points]
    assert known.questions > 100
    assert answered[0] == 1
    assert answered == sorted(answered, reverse=True)
    assert known.points[-1].wrong < known.points[0].wrong / 4
