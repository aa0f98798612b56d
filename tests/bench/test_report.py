"""The verdict: our median part of the best limit of each round, and what the tables say."""

from datetime import UTC, datetime

import pytest

from bench.contest import BALANCE, BATCHES, LIMIT, OURS, SINGLE, Part, Result
from bench.measure import Measured
from bench.micro import Piece
from bench.report import Verdict, make_report, write_markdown
from bench.statements import Statements


def measured(per_second: float, **more: object) -> Measured:
    return Measured(per_second=per_second, count=1_000, cpu_us={"PostgreSQL": 100.0, "client": 20.5}, **more)  # type: ignore[arg-type]


def make_round(*, limit: float, ours: float) -> list[Result]:
    """A round in which the best limit comes from two clients, and ours is `ours` of each kind of work."""
    results: list[Result] = []
    for work, clients in ((SINGLE, 32), (BATCHES, 2), (BALANCE, 32)):
        results += [
            (Part(work, LIMIT, 1), measured(limit / 2)),
            (Part(work, LIMIT, 2), measured(limit, p50_ms=0.25, p99_ms=1.04)),
            (Part(work, OURS, clients), measured(ours, p50_ms=10.0, p99_ms=20.0, batches=100)),
        ]
    return results


def report_of(*rounds: list[Result]) -> str:
    report = make_report(
        rounds,
        machine="two cores",
        statements=Statements(single=16, batch=17),
        pieces=[Piece("decide", 20.0)],
    )
    return write_markdown(report)


def ratios(*rounds: list[Result]) -> list[tuple[str, float, bool]]:
    report = make_report(rounds, machine="", statements=Statements(single=16, batch=17), pieces=[])
    return [(verdict.work, verdict.ratio, verdict.is_kept) for verdict in report.verdicts]


def test_the_ratio_is_the_median_of_the_rounds_to_the_best_limit_of_each() -> None:
    rounds = [
        make_round(limit=1_000, ours=100),
        make_round(limit=1_000, ours=450),
        make_round(limit=100, ours=90),
    ]
    assert ratios(*rounds) == [(SINGLE, 0.45, True), (BATCHES, 0.45, False), (BALANCE, 0.45, True)]


@pytest.mark.parametrize(("ratio", "kept"), [(0.39, False), (0.40, True), (1.2, True)])
def test_a_threshold_is_kept_when_it_is_reached(ratio: float, kept: bool) -> None:
    assert Verdict(SINGLE, 32, ratio, 0.40, 1.0).is_kept is kept


def test_the_tables() -> None:
    lines = report_of(make_round(limit=2_000, ours=900), make_round(limit=2_000, ours=1_100)).splitlines()
    assert "| single orders | limit | 2 | 2,000 | 0.2 | 1.0 | 120 | PostgreSQL 100, client 20 |  | 1.00 |" in lines
    assert (
        "| single orders | ours | 32 | 1,000 | 10.0 | 20.0 | 120 | PostgreSQL 100, client 20 | 10.0 | 1.60 |" in lines
    )
    assert "| orders in batches | 2 | 0.50 | 0.50 | 0.85 | kept |" in lines
    assert "| decide | 20.0 | 50,000 |" in lines
    assert lines[0] == f"two cores; 2 rounds, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
