"""The robots' figures: how many turns, how they came out, how fast they were and what they cost."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode
from uuid import UUID

from aiohttp import web
from pydantic import BeforeValidator, model_validator

from supportdesk.actor import Actor, Permission
from supportdesk.admin import queries
from supportdesk.core.charts import Chart, Mark, Series, Tone, csv, svg
from supportdesk.core.db import Database
from supportdesk.core.http import Page, Routes
from supportdesk.core.wire import In
from supportdesk.errors import NotFound
from supportdesk.robots.figures import NONE, RANGES, Figures, Metrics, Span
from supportdesk.robots.queries.figures import find_metrics

routes = Routes()
METRICS: Final = "/admin/metrics"
ROBOTS: Final = "robots"
"""The name of the CSV that has the table of robots."""


def _days(typed: object) -> object:
    return int(typed) if isinstance(typed, str) and typed.isascii() and typed.isdigit() else typed


class MetricsQuery(In):
    """Which robot, over how many days; what a form leaves empty is not asked for."""

    days: Annotated[Literal[1, 7, 30, 90], BeforeValidator(_days)] = 7
    robot: UUID | None = None

    @model_validator(mode="before")
    @classmethod
    def _filled(cls, typed: Any) -> Any:
        return {name: value for name, value in typed.items() if value != ""} if isinstance(typed, dict) else typed

    def address(self, place: str = METRICS, *, days: int | None = None) -> str:
        """The same robot's figures, there or over other days."""
        asked = {"days": str(days or self.days), **({"robot": str(self.robot)} if self.robot else {})}
        return f"{place}?{urlencode(asked)}"


@routes.page(METRICS, needs=Permission.ROBOT_READ)
async def show_metrics(actor: Actor, query: MetricsQuery, db: Database) -> Page:
    """Figures of all robots or of one, with charts that are tables and CSV as well."""
    robots, metrics = await _read(actor, query, db)
    charts = charts_of(metrics)
    by_robot = {one.robot_id: one for one in metrics.robots}
    thumbs = {one.robot_id: one for one in metrics.thumbs}
    suggestions = {one.robot_id: one for one in metrics.suggestions if one.made}
    kept = {one.robot_id: one for one in metrics.kept if one.hits}
    context = {
        "query": query,
        "all_robots": [(str(robot["id"]), f"{robot['name']} ({robot['module']})") for robot in robots],
        "values": {"robot": str(query.robot or ""), "days": str(query.days)},
        "ranges": [(days, query.address(days=days), days == query.days) for days in RANGES],
        "metrics": metrics,
        "thumbs": {
            "up": sum(one.up for one in metrics.thumbs),
            "down": sum(one.down for one in metrics.thumbs),
        },
        "suggestions": suggestions.get(None),
        "kept": kept.get(None),
        "all_csv": query.address(f"{METRICS}/csv/{ROBOTS}"),
        "robots": [
            {
                "id": robot["id"],
                "name": robot["name"],
                "module": robot["module"],
                "figures": by_robot.get(robot["id"], NONE),
                "thumbs": thumbs.get(robot["id"]),
                "suggestions": suggestions.get(robot["id"]),
                "kept": kept.get(robot["id"]),
            }
            for robot in robots
            if query.robot in (None, robot["id"])
        ],
        "charts": [
            {"chart": chart, "svg": svg(chart, name), "name": name, "csv": query.address(f"{METRICS}/csv/{name}")}
            for name, chart in charts.items()
        ],
    }
    return Page("admin/metrics.html", context)


@routes.page(METRICS + "/csv/{name}", needs=Permission.ROBOT_READ)
async def download(actor: Actor, name: str, query: MetricsQuery, db: Database) -> web.Response:
    """The data of one of the charts."""
    robots, metrics = await _read(actor, query, db)
    chart = robots_chart(robots, metrics) if name == ROBOTS else charts_of(metrics).get(name)
    if chart is None:
        raise NotFound("There is no such chart.")
    disposition = f'attachment; filename="{name}-{query.days}-days.csv"'
    return web.Response(text=csv(chart), content_type="text/csv", headers={"Content-Disposition": disposition})


async def _read(actor: Actor, query: MetricsQuery, db: Database) -> tuple[Sequence[Mapping[str, Any]], Metrics]:
    async with db.read(actor) as conn:
        robots = await queries.list_robots(conn, actor)
        chosen = [robot["id"] for robot in robots if query.robot in (None, robot["id"])]
        if query.robot is not None and not chosen:
            raise NotFound("There is no such robot.")
        metrics = await find_metrics(
            conn, actor, chosen, days=query.days, sees_private=actor.may(Permission.SUPERVISOR_OBSERVE)
        )
    return robots, metrics


def charts_of(metrics: Metrics) -> dict[str, Chart]:
    """The charts by the name of their CSV."""
    labels = _labels(metrics.span)
    places = [one or NONE for one in metrics.places]
    whole = metrics.all
    return {
        "turns": Chart(
            title="Turns and how they came out",
            summary=f"{whole.turns} turns: {whole.answered} reached the room, {whole.handed_over} were handed over to "
            f"a person, {whole.failed} failed.",
            labels=labels,
            series=[
                Series(name="reached the room", values=[one.answered for one in places], tone=Tone.OK),
                Series(name="handed over", values=[one.handed_over for one in places], tone=Tone.ACCENT),
                Series(name="otherwise", values=[_otherwise(one) for one in places], tone=Tone.QUIET),
            ],
        ),
        "first-words": Chart(
            title="Time to the first word",
            summary=_of_first_words(whole),
            labels=labels,
            series=[
                Series(name="half within", values=[one.first_p50 for one in places], tone=Tone.ROBOT),
                Series(name="95 of 100 within", values=[one.first_p95 for one in places], tone=Tone.WARN),
            ],
            mark=Mark.LINE,
            unit="ms",
        ),
        "cost": Chart(
            title="Cost",
            summary=f"{whole.cost:.4f} dollars and {whole.tokens} tokens in all.",
            labels=labels,
            series=[Series(name="dollars", values=[one.cost for one in places], tone=Tone.ROBOT)],
            unit="$",
        ),
    }


def robots_chart(robots: Sequence[Mapping[str, Any]], metrics: Metrics) -> Chart:
    """The table of robots as data: a row for each robot that has had a turn or made a suggestion."""
    turns = {one.robot_id: one for one in metrics.robots}
    thumbs = {one.robot_id: one for one in metrics.thumbs}
    made = {one.robot_id: one for one in metrics.suggestions}
    kept = {one.robot_id: one for one in metrics.kept}
    there = [robot for robot in robots if robot["id"] in {*turns, *made}]
    figures = [turns.get(robot["id"], NONE) for robot in there]
    thumbed = [thumbs.get(robot["id"]) for robot in there]
    suggested = [made.get(robot["id"]) for robot in there]
    again = [kept.get(robot["id"]) for robot in there]
    columns: dict[str, Sequence[float | None]] = {
        "turns": [one.turns for one in figures],
        "reached the room": [one.answered for one in figures],
        "handed over": [one.handed_over for one in figures],
        "failed": [one.failed for one in figures],
        "silent": [one.silent for one in figures],
        "passed on": [one.promoted for one in figures],
        "first word, half within ms": [one.first_p50 for one in figures],
        "first word, 95 of 100 within ms": [one.first_p95 for one in figures],
        "cost, dollars": [one.cost for one in figures],
        "turns of unknown price": [one.unpriced for one in figures],
        "thumbs up": [one.up if one else 0 for one in thumbed],
        "thumbs down": [one.down if one else 0 for one in thumbed],
        "suggestions": [one.made if one else 0 for one in suggested],
        "suggestions inserted": [one.inserted if one else 0 for one in suggested],
        "suggestions edited": [one.edited if one else 0 for one in suggested],
        "suggestions dismissed": [one.dismissed if one else 0 for one in suggested],
        "sent in other words": [one.changed if one else 0 for one in suggested],
        "answers from the cache": [one.hits if one else 0 for one in again],
        "saved by the cache, dollars": [one.saved if one else 0 for one in again],
    }
    return Chart(
        title="Robots",
        summary="What each robot did.",
        labels=[f"{robot['name']} ({robot['module']})" for robot in there],
        series=[Series(name=name, values=values, tone=Tone.QUIET) for name, values in columns.items()],
    )


def _otherwise(one: Figures) -> int:
    """Turns that neither reached the room nor a person: dropped, passed on, silent, refused, or not over yet."""
    return one.turns - one.answered - one.handed_over


def _of_first_words(whole: Figures) -> str:
    if whole.first_p50 is None or whole.first_p95 is None:
        return "No robot has said a word."
    return f"Half of all first words came within {whole.first_p50:.0f} ms, 95 of 100 within {whole.first_p95:.0f} ms."


def _labels(span: Span) -> list[str]:
    return [f"{place:%H}:00" if span.days == 1 else f"{place.day} {place:%b}" for place in span.places]
