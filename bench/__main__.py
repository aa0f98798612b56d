"""`python -m bench`: measure, print, and end with 1 where a threshold was missed. ROUNDS says how often (3).

PART names one of the parts: core and backtest, in memory; clock, codes, imports, redemption and orders, against SQL by
hand, the last two through the doors. ORDERS, LOTS and CODES say how many (1,000,000). `--profile` says more of where
the time goes in the core.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from bench.installation import Installation, installed
from bench.machine import describe
from wafa.jobs.cli import set_up_django

_TOOLS = {"pgbench": "postgresql", "wrk": "wrk"}
_RESULTS = Path(__file__).parent / "results"


_PARTS = ("core", "backtest", "clock", "codes", "imports", "redemption", "orders")
_IN_MEMORY = {"core", "backtest"}


def main() -> int:
    """Run the whole benchmark, or the part that was asked for."""
    rounds = int(os.environ.get("ROUNDS") or 3)
    parts = [asked] if (asked := os.environ.get("PART")) else _PARTS
    if not set(parts) <= set(_PARTS):
        raise SystemExit(f"PART: expected one of {', '.join(_PARTS)}, got {asked!r}")
    is_kept = _measure_in_memory(parts)
    if set(parts) <= _IN_MEMORY:
        return 0 if is_kept else 1
    _install_tools()
    with installed() as installation:
        os.environ.update(installation.environment)
        set_up_django()
        if "clock" in parts:
            _measure_clock(installation)
        if "codes" in parts:
            _measure_codes(installation)
        if "imports" in parts:
            _measure_imports(installation)
        if "redemption" in parts:
            is_kept &= _measure_redemptions(installation, rounds=rounds)
        if "orders" in parts:
            is_kept &= _measure_orders(installation, rounds=rounds)
        return 0 if is_kept else 1


def _measure_in_memory(parts: Sequence[str]) -> bool:
    """The core, and trials on it. Returns whether the core is as fast as it has to be."""
    from bench.deciding import LEAST, measure_deciding
    from bench.trials import measure_trials

    is_kept = True
    if "core" in parts:
        decided = measure_deciding(lines=40 if "--profile" in sys.argv else 12)
        is_kept = decided.per_second >= LEAST
        rate = f"{decided.per_second:,.0f} orders a second (at least {LEAST:,})"
        _say(f"the core decides {rate} by the template {decided.template}")
        click.echo(decided.profile, nl=False)
    if "backtest" in parts:
        for sentence in measure_trials(orders=int(os.environ.get("ORDERS") or 1_000_000)):
            _say(sentence)
    return is_kept


def _measure_clock(installation: Installation) -> None:
    from bench.clock import measure_clock
    from bench.world import make_side

    lots = int(os.environ.get("LOTS") or 1_000_000)
    members = max(lots // 10, 1)
    limit, ours = (make_side(slug, members=members) for slug in ("clock-limit", "clock-ours"))
    for moved in measure_clock(installation, limit=limit, ours=ours, members=members, lots=lots):
        _say(
            f"{moved.work} of {moved.lots:,} lots: {moved.ours:.1f} s, {moved.lots / moved.ours:,.0f} a second; "
            f"one statement by hand {moved.by_hand:.1f} s, ratio {moved.ratio:.2f}"
        )


def _measure_codes(installation: Installation) -> None:
    from bench.codes import measure_codes
    from bench.world import make_side

    count = int(os.environ.get("CODES") or 1_000_000)
    for added in measure_codes(installation, side=make_side("codes", members=1), count=count):
        _say(str(added))


def _measure_redemptions(installation: Installation, *, rounds: int) -> bool:
    from bench.redemptions import GOAL, LEAST, MEMBERS, measure_redemptions
    from bench.world import make_side

    limit, ours = (make_side(slug, members=MEMBERS) for slug in ("redemption-limit", "redemption-ours"))
    by_hand, on_one, on_many = measure_redemptions(installation, limit=limit, ours=ours, rounds=rounds)
    for redeemed in (by_hand, on_one, on_many):
        _say(f"redemptions {redeemed}")
    ratio = on_one.per_second / by_hand.per_second
    _say(f"redemptions on one balance: {ratio:.2f} of what one client does by hand (at least {LEAST}, goal {GOAL})")
    return ratio >= LEAST


def _measure_imports(installation: Installation) -> None:
    from bench.imports import measure_imports

    members, orders = (int(os.environ.get(name) or 1_000_000) for name in ("MEMBERS", "ORDERS"))
    for brought in measure_imports(installation, members=members, orders=orders):
        _say(
            f"import of {brought.rows:,} {brought.kind}: {brought.ours:.1f} s, {brought.rows / brought.ours:,.0f} a "
            f"second; COPY of the same {brought.written:,} rows {brought.by_copy:.1f} s, {brought.ratio:.1f} times as "
            f"long; at most {brought.peak_mb} MB"
        )


def _measure_orders(installation: Installation, *, rounds: int) -> bool:
    # Rooms with tables can be imported once Django is set up.
    from bench.audit import audit
    from bench.contest import Contest
    from bench.micro import measure_pieces
    from bench.report import make_report, write_markdown
    from bench.sample import take_sample
    from bench.statements import count_statements
    from bench.world import MEMBERS, make_side

    _say("making two programs with their members")
    limit, ours = (make_side(slug, members=MEMBERS) for slug in ("limit", "ours"))
    installation.settle()
    contest = Contest(installation, limit=limit, ours=ours, sample=take_sample(limit, customer=MEMBERS // 2))
    statements, pieces = count_statements(ours), measure_pieces(ours)
    measured = []
    for number in range(1, rounds + 1):
        results = []
        for part, found in contest.run_round(f"r{number}"):
            _say(f"round {number}: {part.work}, {part.side}, {part.clients} at once: {found.per_second:,.0f} a second")
            results.append((part, found))
        measured.append(results)
    _say(audit(ours))
    report = make_report(measured, machine=describe(), statements=statements, pieces=pieces)
    text = write_markdown(report)
    _RESULTS.mkdir(exist_ok=True)
    (_RESULTS / "latest.json").write_bytes(msgspec.json.encode(report))
    (_RESULTS / "latest.md").write_text(text)
    click.echo(f"\n{text}")
    return all(verdict.is_kept for verdict in report.verdicts)


def _install_tools() -> None:
    missing = sorted({package for tool, package in _TOOLS.items() if shutil.which(tool) is None})
    if missing:
        as_root = [] if os.geteuid() == 0 else ["sudo"]
        subprocess.run([*as_root, "apt-get", "update", "--quiet"], check=True)
        subprocess.run([*as_root, "apt-get", "install", "--yes", "--quiet", *missing], check=True)


def _say(sentence: str) -> None:
    click.echo(f"bench: {sentence}", err=True)


sys.exit(main())
