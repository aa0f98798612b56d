"""What the rounds have shown together: medians, ratios to the limit, and whether the thresholds were kept."""

import statistics
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from bench.contest import BALANCE, BATCHES, LIMIT, OURS, SINGLE, Part, Result
from bench.inbox import BATCH
from bench.measure import Measured
from bench.micro import Piece
from bench.statements import Statements


class Threshold(Struct, frozen=True):
    """The least part of the best limit that we must reach with so many clients, and the one that we want."""

    work: str
    clients: int
    least: float
    goal: float


THRESHOLDS = (
    Threshold(SINGLE, 32, 0.40, 1.0),
    Threshold(BATCHES, 2, 0.50, 0.85),
    Threshold(BALANCE, 32, 0.30, 0.5),
)


class Verdict(Struct, frozen=True):
    """The median over the rounds of ours by the best limit of the same round."""

    work: str
    clients: int
    ratio: float
    least: float
    goal: float

    @property
    def is_kept(self) -> bool:
        return self.ratio >= self.least


class Report(Struct, frozen=True, kw_only=True):
    """Everything a run has found out. `results` has one entry for each part and round."""

    machine: str
    at: datetime
    rounds: int
    results: Sequence[tuple[Part, Measured]]
    verdicts: Sequence[Verdict]
    statements: Statements
    pieces: Sequence[Piece]


def make_report(
    rounds: Sequence[Sequence[Result]], *, machine: str, statements: Statements, pieces: Sequence[Piece]
) -> Report:
    """Judge the rounds."""
    return Report(
        machine=machine,
        at=datetime.now(UTC),
        rounds=len(rounds),
        results=[result for results in rounds for result in results],
        verdicts=[_judge(threshold, rounds) for threshold in THRESHOLDS],
        statements=statements,
        pieces=pieces,
    )


def _judge(threshold: Threshold, rounds: Iterable[Sequence[Result]]) -> Verdict:
    ratios = []
    for results in rounds:
        limits = [m.per_second for part, m in results if (part.work, part.side) == (threshold.work, LIMIT)]
        wanted = Part(threshold.work, OURS, threshold.clients)
        ours = next(m.per_second for part, m in results if part == wanted)
        ratios.append(ours / max(limits))
    return Verdict(threshold.work, threshold.clients, statistics.median(ratios), threshold.least, threshold.goal)


def write_markdown(report: Report) -> str:
    """The report as tables."""
    lines = [f"{report.machine}; {report.rounds} rounds, {report.at:%Y-%m-%d %H:%M} UTC", ""]
    lines += [
        "| work | by | clients | per second | p50 ms | p99 ms | µs CPU | of which | batch | statements for one |",
        "|---|---|--:|--:|--:|--:|--:|---|--:|--:|",
    ]
    parts = list(dict.fromkeys(part for part, _ in report.results))
    for part in sorted(parts, key=lambda part: (_WORKS.index(part.work), part.side, part.clients)):
        measured = [m for other, m in report.results if other == part]
        lines.append("| " + " | ".join(_cells(part, measured, report.statements)) + " |")
    lines += ["", "| ours / best limit | clients | ratio | at least | goal | |", "|---|--:|--:|--:|--:|---|"]
    for v in report.verdicts:
        kept = "kept" if v.is_kept else "NOT KEPT"
        lines.append(f"| {v.work} | {v.clients} | {v.ratio:.2f} | {v.least:.2f} | {v.goal:.2f} | {kept} |")
    lines += ["", "| piece, on one core | µs | per second |", "|---|--:|--:|"]
    lines += [f"| {piece.name} | {piece.us:.1f} | {1e6 / piece.us:,.0f} |" for piece in report.pieces]
    return "\n".join([*lines, ""])


_WORKS = (SINGLE, BATCHES, BALANCE)


def _cells(part: Part, measured: Sequence[Measured], statements: Statements) -> list[str]:
    def middle(values: Iterable[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return statistics.median(known) if known else None

    used = {name: statistics.median(m.cpu_us[name] for m in measured) for name in measured[0].cpu_us}
    size = middle(m.count / m.batches if m.batches else None for m in measured)
    return [
        part.work,
        part.side,
        str(part.clients),
        f"{statistics.median(m.per_second for m in measured):,.0f}",
        _number(middle(m.p50_ms for m in measured), 1),
        _number(middle(m.p99_ms for m in measured), 1),
        f"{sum(used.values()):.0f}",
        ", ".join(f"{name} {us:.0f}" for name, us in used.items()),
        _number(size, 1),
        _number(_statements_of_one(part, size, statements), 2),
    ]


def _statements_of_one(part: Part, size: float | None, statements: Statements) -> float | None:
    if part.work == BALANCE:
        return 1.0 if part.side == LIMIT else None
    if part.side == LIMIT:
        return 1.0 if part.work == SINGLE else 1.0 / BATCH
    return (statements.single if part.work == SINGLE else statements.batch) / size if size else None


def _number(value: float | None, places: int) -> str:
    return "" if value is None else f"{value:,.{places}f}"
