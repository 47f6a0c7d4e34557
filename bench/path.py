"""The whole path of a message, from a socket through PostgreSQL to everybody in the room, beside those that do less.

Fifty rooms of three, all of whom speak. The desk does all it does for an operator: it checks who may speak, finds
retries, numbers, logs the event, works behind row-level security and tells the room. The peers insert one row into a
table with as many indexes and its audit trigger, acknowledge, and tell the room; bare aiohttp keeps nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from bench.contenders import BARE, BATCHED, OURS, SINGLE, STOCK, Round, contenders, notes
from bench.figures import Figure, Run, at_most, median, spread
from bench.postgres import postgres

LEAST_RATE: Final = 4_000
OVER_SINGLE, OVER_BATCHED = 1.2, 0.7
SERVER_US, POSTGRES_US = 200, 180
RATES: Final = (200, 1_000)
LONGEST_MS: Final = 20
OVER_NODE: Final = 1.25


@dataclass(slots=True)
class _Kept:
    """All rounds of each contender, in the order of their names."""

    rounds: dict[str, list[Round]] = field(default_factory=dict)

    def add(self, name: str, one: Round) -> None:
        self.rounds.setdefault(name, []).append(one)

    def of(self, what: str) -> dict[str, float]:
        """The median of a figure for each contender."""
        return {name: median(_values(some, what)) for name, some in self.rounds.items()}

    def figure(self, name: str, what: str, unit: str, target: str = "", most: float | None = None) -> Figure:
        """A figure of ours with those of the others beside it; met when it is at most `most`."""
        values = self.of(what)
        value = values.pop(OURS)
        met = None if most is None else value <= most
        return Figure(
            figure=name,
            value=value,
            unit=unit,
            target=target,
            met=met,
            peers=values,
            note=spread(_values(self.rounds[OURS], what)),
        )

    def ours(self) -> list[Round]:
        return self.rounds[OURS]

    def doubts(self) -> str:
        """What is wrong with the rounds of anybody."""
        return "; ".join(f"{name}: {said}" for name, some in self.rounds.items() for said in notes(some))


def _values(rounds: Sequence[Round], what: str) -> list[float]:
    match what:
        case "rate":
            return [one.rate for one in rounds]
        case "server":
            return [one.server_us for one in rounds]
        case "postgres":
            return [one.postgres_us for one in rounds]
        case "p50":
            return [one.spoken.p50 for one in rounds]
        case "p99":
            return [one.spoken.p99 for one in rounds]
        case "per_flight":
            return [one.per_flight for one in rounds]
        case _:
            raise ValueError(f"A round has no figure called {what}")


async def saturation(run: Run) -> list[Figure]:
    """As many messages as go through, with one in flight per socket."""
    seconds, kept = 1.5 if run.quick else 6.0, _Kept()
    names = (OURS, BARE, SINGLE, BATCHED) if run.quick else (OURS, BARE, STOCK, SINGLE, BATCHED)
    async with postgres() as (server, folder), contenders(server, folder, names) as ready:
        for _ in range(run.rounds):
            for contender in ready:
                kept.add(contender.name, await contender.closed(seconds, warm=0.5))
    rates = kept.of("rate")
    load = max(one.spoken.cpu_share for some in kept.rounds.values() for one in some)
    said = [
        spread(_values(kept.ours(), "rate")),
        f"{median(_values(kept.ours(), 'per_flight')):.0f} messages per flight",
        f"the load took {load:.0%} of its core at most",
        kept.doubts(),
    ]
    missing = sum(one.spoken.missing for one in kept.ours())
    return [
        Figure(
            figure="path.rate",
            value=rates[OURS],
            unit="msg/s",
            target=f"≥ {LEAST_RATE:,}",
            met=rates[OURS] >= LEAST_RATE,
            peers={name: rate for name, rate in rates.items() if name != OURS},
            note="; ".join(part for part in said if part),
        ),
        _times("path.over_node_single", rates, SINGLE, OVER_SINGLE),
        _times("path.over_node_batched", rates, BATCHED, OVER_BATCHED),
        kept.figure("path.server_cpu", "server", "µs/msg", f"≤ {SERVER_US}", SERVER_US),
        kept.figure("path.postgres_cpu", "postgres", "µs/msg", f"≤ {POSTGRES_US}", POSTGRES_US),
        kept.figure("path.ack_p99", "p99", "ms"),
        at_most(
            "path.missing",
            missing,
            0,
            "messages and deliveries",
            note=f"of {sum(one.spoken.sent for one in kept.ours()):,} sent",
        ),
    ]


def _times(name: str, rates: dict[str, float], peer: str, least: float) -> Figure:
    target = f"≥ {least:g}"
    if peer not in rates:
        return Figure(figure=name, value=None, unit="×", target=target, note=f"{peer} was not measured")
    times = rates[OURS] / rates[peer]
    return Figure(figure=name, value=times, unit="×", target=target, met=times >= least)


async def open_loop(run: Run) -> list[Figure]:
    """How long acknowledgements take when messages come by the clock, whatever the server does."""
    seconds = 1.5 if run.quick else 8.0
    names = (OURS, SINGLE) if run.quick else (OURS, STOCK, SINGLE, BATCHED)
    by_rate = {rate: _Kept() for rate in RATES}
    async with postgres() as (server, folder), contenders(server, folder, names) as ready:
        for _ in range(run.rounds):
            for rate, kept in by_rate.items():
                for contender in ready:
                    kept.add(contender.name, await contender.open(rate, seconds, warm=0.5))
    figures = []
    for rate, kept in by_rate.items():
        p99 = kept.of("p99")
        most = min(LONGEST_MS, OVER_NODE * p99[SINGLE]) if SINGLE in p99 else None
        one = kept.figure(f"open.{rate}.ack_p99", "p99", "ms", f"≤ {LONGEST_MS} and ≤ {OVER_NODE} × {SINGLE}", most)
        lacks = f"{SINGLE} was not measured" if most is None else ""
        said = [one.note, f"p50 {median(_values(kept.ours(), 'p50')):.1f}", lacks, kept.doubts()]
        figures.append(replace(one, note="; ".join(part for part in said if part)))
    return figures
