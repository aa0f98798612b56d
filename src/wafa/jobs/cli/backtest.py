"""`wafa backtest`: what a draft would have done on orders that were made."""

from datetime import UTC, datetime
from pathlib import Path

import click
from django.utils import translation
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from wafa.activities.history import count_history, read_history
from wafa.core.backtest import Backtest, Trial, since_ever
from wafa.core.spec import ProgramSpec
from wafa.imports.reading.orders import NoOrders, read_csv
from wafa.imports.rows import RowFault
from wafa.jobs.backtest.page import write_page
from wafa.jobs.backtest.terminal import show_trial
from wafa.jobs.cli import program_called
from wafa.jobs.cli.program.reading import DOCUMENT, read_file
from wafa.kit.formats import Formats
from wafa.kit.transactions import program_transaction
from wafa.programs.models import Program
from wafa.programs.queries import get_program_rules, list_stores
from wafa.reports.trial import tell_trial

_FAULTS_SHOWN = 20
_EVERY = 1_000
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("draft", type=DOCUMENT)
@click.option("--program", "slug", help="The program whose orders are taken, and whose live version is compared.")
@click.option("--csv", "orders", type=DOCUMENT, help="Take the orders of this file instead. docs/backtest.md")
@click.option("--against", type=DOCUMENT, help="Compare with this document instead of the live version.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The day before which it ends (UTC).")
@click.option("--html", type=_FILE, help="Write the answer to this file too, with a chart.")
@click.option("--language", type=click.Choice(["en", "ar", "fa"]), default="en", show_default=True)
def command(
    draft: Path,
    slug: str | None,
    orders: Path | None,
    against: Path | None,
    until: datetime | None,
    html: Path | None,
    language: str,
) -> None:
    """Try the document DRAFT on past orders: what it gives, what it costs, and who gains and loses.

    Nothing is written to the program. Nobody redeems anything in a backtest.
    """
    if slug is None and orders is None:
        raise click.UsageError("expected --program, --csv or both: whose orders?")
    program = program_called(slug) if slug else None
    spec = read_file(draft)
    live = read_file(against) if against else _live_spec(program)
    ends_at = until.replace(tzinfo=UTC) if until else None
    console = Console()
    if orders is not None:
        trial = _try_csv(spec, live, orders, until=ends_at)
    else:
        assert program is not None
        trial = _try_stored(spec, live, program, until=ends_at or datetime.now(UTC))
    with translation.override(language):
        told = tell_trial(trial, spec, live, Formats.usual(language, time_zone=spec.time_zone, calendar=spec.calendar))
        show_trial(told, console)
        if html is not None:
            write_page(told, html)
            click.echo(f"Wrote {html}.")


def _live_spec(program: Program | None) -> ProgramSpec | None:
    if program is None:
        return None
    with program_transaction(program.id):
        version = get_program_rules(program.id).in_force(datetime.now(UTC))
    return version.spec if version else None


def _try_stored(spec: ProgramSpec, live: ProgramSpec | None, program: Program, *, until: datetime) -> Trial:
    tried, compared = since_ever(spec), since_ever(live) if live else None
    # A budget is spent by whoever comes first, whoever it is.
    by_member = not (tried.has_budgets or (compared is not None and compared.has_budgets))
    trial = Backtest(tried, compared, until=until, by_member=by_member)
    with program_transaction(program.id), _progress() as progress:
        stores = {store.id: store.code for store in list_stores(program.id)}
        task = progress.add_task("orders", total=count_history(program.id, until=until))
        history = read_history(program.id, stores, until=until, by_member=by_member)
        for done, past in enumerate(history, start=1):
            trial.take(past)
            if done % _EVERY == 0:
                progress.update(task, completed=done)
    return trial.close()


def _try_csv(spec: ProgramSpec, live: ProgramSpec | None, orders: Path, *, until: datetime | None) -> Trial:
    trial = Backtest(since_ever(spec), since_ever(live) if live else None, until=until)
    faults: list[RowFault] = []
    try:
        with _progress() as progress, progress.open(orders, "r", encoding="utf-8-sig", newline="") as lines:
            history = read_csv(lines, currency=spec.currency, time_zone=spec.time_zone, on_fault=faults.append)
            for past in history:
                trial.take(past)
    except NoOrders as error:
        raise click.ClickException(f"{orders}: {error}") from None
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{orders}: expected text in UTF-8. {error}") from None
    for fault in faults[:_FAULTS_SHOWN]:
        click.echo(f"{orders}: line {fault.line}, {fault.column}: {fault.expected}", err=True)
    if faults:
        click.echo(f"{orders}: left out because they could not be read: {len(faults):,}", err=True)
    return trial.close()


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=Console(stderr=True), transient=True)
