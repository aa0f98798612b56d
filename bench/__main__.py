"""`python -m bench`: measure, print, and end with 1 where a threshold was missed. ROUNDS says how often (3)."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import msgspec

from bench.installation import Installation, installed
from bench.machine import describe
from wafa.jobs.cli import set_up_django

_TOOLS = {"pgbench": "postgresql", "wrk": "wrk"}
_RESULTS = Path(__file__).parent / "results"


def main() -> int:
    """Run the whole benchmark."""
    rounds = int(os.environ.get("ROUNDS") or 3)
    _install_tools()
    with installed() as installation:
        os.environ.update(installation.environment)
        set_up_django()
        return _measure(installation, rounds=rounds)


def _measure(installation: Installation, *, rounds: int) -> int:
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
    return 0 if all(verdict.is_kept for verdict in report.verdicts) else 1


def _install_tools() -> None:
    missing = sorted({package for tool, package in _TOOLS.items() if shutil.which(tool) is None})
    if missing:
        as_root = [] if os.geteuid() == 0 else ["sudo"]
        subprocess.run([*as_root, "apt-get", "update", "--quiet"], check=True)
        subprocess.run([*as_root, "apt-get", "install", "--yes", "--quiet", *missing], check=True)


def _say(sentence: str) -> None:
    click.echo(f"bench: {sentence}", err=True)


sys.exit(main())
