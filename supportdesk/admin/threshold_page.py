"""Where the faq robot's threshold is chosen: what each would do, by the workspace's own questions and by known ones."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field

from supportdesk.actor import Actor, Permission
from supportdesk.admin import queries
from supportdesk.admin.queries import ScoredQuestion
from supportdesk.core.charts import Chart, Mark, Series, Tone, svg
from supportdesk.core.db import Connection, Database, Tx
from supportdesk.core.http import Page, Routes, SeeOther
from supportdesk.core.secrets import Keyring
from supportdesk.core.wire import In
from supportdesk.knowledge.operating import STEP, OperatingPoint, known_questions, operating_points
from supportdesk.robots import configuring
from supportdesk.robots.configuring import Change
from supportdesk.robots.host import Host

routes = Routes()
FAQ: Final = "faq"
FEWEST: Final = 20
"""Questions without which shares say nothing."""
HUNDRED: Final = 100


class ThresholdQuery(In):
    """What was done just now."""

    saved: bool = False


class ThresholdForm(In):
    """The score above which a robot is to answer."""

    robot_id: UUID
    threshold: Annotated[float, Field(ge=0, le=1)]


@routes.page("/admin/knowledge/threshold", needs=Permission.KNOWLEDGE_READ)
async def thresholds(actor: Actor, query: ThresholdQuery, db: Database, host: Host, keys: Keyring) -> Page:
    """The share of questions answered, and of answers that were wrong, for each threshold; and those in force."""
    async with db.read(actor) as conn:
        asked = await queries.list_scored_questions(conn, actor)
        robots = await _in_force(conn, actor, host, keys)
    answered = [question.score for question in asked if question.answered]
    known = known_questions()
    charts = [_chart(known.points, "known", f"{known.questions} questions about the help pages of the demo")]
    if len(answered) >= FEWEST:
        own = _own_points(asked)
        charts.insert(0, _chart(own, "own", f"{len(asked)} questions of your guests in the last 90 days"))
    context: dict[str, Any] = {
        "robots": robots,
        "answered": len(answered),
        "fewest": FEWEST,
        "step": STEP,
        "charts": [{"chart": chart, "svg": svg(chart, name), "name": name} for name, chart in charts],
        "flash": {"kind": "ok", "text": "Saved. The robot's next turn follows.", "link": None} if query.saved else None,
    }
    return Page("admin/threshold.html", context)


@routes.form("/admin/knowledge/threshold", needs=Permission.ROBOT_CONFIGURE)
async def choose_threshold(tx: Tx, want: ThresholdForm, host: Host, keys: Keyring) -> SeeOther:
    """Let a robot of the workspace answer above another score."""
    await configuring.patch_robot(tx, host, keys, want.robot_id, Change(), {"threshold": want.threshold})
    return SeeOther("/admin/knowledge/threshold?saved=true")


async def _in_force(conn: Connection, actor: Actor, host: Host, keys: Keyring) -> list[dict[str, object]]:
    """The workspace's faq robots, each with its threshold."""
    robot = host.robot(FAQ)
    if robot is None:
        return []
    found = [
        await configuring.robot_for(conn, row["id"])
        for row in await queries.list_robots(conn, actor)
        if row["module"] == FAQ
    ]
    return [
        {
            "id": one.robot.id,
            "name": one.robot.name,
            "threshold": configuring.in_force(robot, configuring.read_settings(robot, one, keys))["threshold"],
        }
        for one in found
    ]


def _own_points(asked: Sequence[ScoredQuestion]) -> list[OperatingPoint]:
    lowest = min(question.score for question in asked if question.answered)
    # Below it nobody knows what the answers would have been worth. What was near enough and not answered all the
    # same was cut short: the guest wrote on, or a person came.
    counted = [question for question in asked if question.answered or question.score < lowest]
    points = operating_points(
        [question.score for question in counted], [question.answered and not question.regretted for question in counted]
    )
    return [point for point in points if point.threshold > lowest - STEP]


def _chart(points: Sequence[OperatingPoint], name: Literal["own", "known"], of: str) -> tuple[str, Chart]:
    """Two lines: threshold to the right, shares in per cent upwards."""
    return name, Chart(
        title=f"By {of}",
        summary=_summary(points),
        labels=[f"{point.threshold:.2f}" for point in points],
        series=[
            Series(name="questions answered", values=[_share(point.answered) for point in points], tone=Tone.ACCENT),
            Series(name="answers that are wrong", values=[_share(point.wrong) for point in points], tone=Tone.DANGER),
        ],
        mark=Mark.LINE,
        unit="%",
    )


def _share(value: float) -> float:
    return float(round(HUNDRED * value))


def _summary(points: Sequence[OperatingPoint]) -> str:
    first, last = points[0], points[-1]
    return (
        f"Above {first.threshold:.2f}, {first.answered:.0%} of the questions are answered and {first.wrong:.0%} of the "
        f"answers are wrong; above {last.threshold:.2f} it is {last.answered:.0%} and {last.wrong:.0%}."
    )
