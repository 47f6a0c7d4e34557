"""What each threshold of the faq robot would have done with the workspace's own questions: both sides of the choice."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from supportdesk.actor import Actor, Permission
from supportdesk.admin import queries
from supportdesk.core.db import Database
from supportdesk.core.http import Page, Routes
from supportdesk.knowledge.operating import STEP, OperatingPoint, operating_points

routes = Routes()
WIDTH: Final = 640
HEIGHT: Final = 240
FEWEST: Final = 20
"""Questions without which shares say nothing."""


@routes.page("/admin/knowledge/threshold", needs=Permission.KNOWLEDGE_READ)
async def thresholds(actor: Actor, db: Database) -> Page:
    """The share of questions answered, and of answers that were wrong, for each threshold."""
    async with db.read(actor) as conn:
        asked = await queries.list_scored_questions(conn, actor)
    answered = [question.score for question in asked if question.answered]
    lowest = min(answered, default=1.0)  # below it nobody knows what the answers would have been worth
    # What was near enough and not answered all the same was cut short: the guest wrote on, or a person came.
    counted = [question for question in asked if question.answered or question.score < lowest]
    points = [
        point
        for point in operating_points(
            [question.score for question in counted],
            [question.answered and not question.regretted for question in counted],
        )
        if point.threshold > lowest - STEP
    ]
    enough = len(answered) >= FEWEST
    context: dict[str, Any] = {
        "questions": len(counted),
        "fewest": FEWEST,
        "points": [asdict(point) for point in points] if enough else [],
        "chart": chart_of(points) if enough else None,
    }
    return Page("admin/threshold.html", context)


def chart_of(points: Sequence[OperatingPoint]) -> dict[str, Any]:
    """Two lines as an SVG draws them: threshold to the right, share upwards."""

    def line(shares: Sequence[float]) -> str:
        return " ".join(
            f"{point.threshold * WIDTH:.0f},{HEIGHT - share * HEIGHT:.0f}"
            for point, share in zip(points, shares, strict=True)
        )

    return {
        "width": WIDTH,
        "height": HEIGHT,
        "answered": line([point.answered for point in points]),
        "wrong": line([point.wrong for point in points]),
    }
