"""`wafa import`: bring a history in, and take it out again. docs/guide/history.md goes through all of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import click
from msgspec.structs import replace
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from wafa.core.spec import ProgramSpec
from wafa.core.undo import WhenUsed
from wafa.flows.import_members import NoProgram
from wafa.flows.undo_import import Undoing, UsedMeanwhile
from wafa.imports.faulty import write_refused
from wafa.imports.models import Import, ImportKind, ImportSource
from wafa.imports.operations import MovedOn, WrongState, keep_import
from wafa.imports.prepare import Proposal, change_settings, check_settings, keep_file, propose
from wafa.imports.queries import find_import, list_imports
from wafa.imports.reading.cells import DATE_ORDERS
from wafa.imports.reading.columns import COLUMNS, Kind
from wafa.imports.reading.dialect import SAMPLE
from wafa.imports.reading.presets import PRESETS, UnknownPreset
from wafa.imports.settings import Earning, Settings
from wafa.imports.table import preview_rows
from wafa.jobs.cli import program_called
from wafa.jobs.imports.run import CANNOT_BE_READ, run_import
from wafa.jobs.imports.terminal import show_columns, show_report, show_rows, show_state, show_undoing
from wafa.jobs.imports.trial import try_import
from wafa.jobs.imports.undo import survey, undo
from wafa.kit.transactions import program_transaction
from wafa.programs.models import Program, Store
from wafa.programs.queries import find_store, get_program, get_program_rules, list_program_ids

_ROWS_SHOWN = 10
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Bring in members with their balances and tiers, and past orders, from files of other services; undo it."""


def _reading(function: Callable[..., None]) -> Callable[..., None]:
    """The options that say how a file is read."""
    options = (
        click.argument("slug"),
        click.argument("file", type=_FILE),
        click.option("--kind", type=click.Choice(list(COLUMNS)), default="members", show_default=True),
        click.option("--store", "code", default="", help="The store whose customer ids the file has, or whose orders."),
        click.option(
            "--preset", default="", help=f"The service it comes from: {', '.join(preset.slug for preset in PRESETS)}."
        ),
        click.option("--map", "columns", multiple=True, help="points='Points Balance'; points= leaves a column out."),
        click.option("--encoding", default="", help="Such as cp1256; found by itself unless told."),
        click.option("--delimiter", default="", help="What parts the columns; found by itself unless told."),
        click.option(
            "--calendar", type=click.Choice(["gregorian", "hijri", "jalali"]), help="Of the days in the file."
        ),
        click.option("--date-order", type=click.Choice(DATE_ORDERS), help="Of days that do not begin with the year."),
    )
    for option in reversed(options):
        function = option(function)
    return function


@command.command()
@_reading
def preview(slug: str, file: Path, kind: Kind, **told: Any) -> None:
    """Show how FILE would be read into the program SLUG: its columns, the first rows, and their faults."""
    program, store = _program_and_store(slug, told.pop("code"))
    proposal = _propose(file, kind, program, store, told)
    console = Console()
    show_columns(proposal, console)
    with _refusals():
        spec = _spec_of(program)
        rows = preview_rows(kind, proposal.header, proposal.rows, settings=proposal.settings, spec=spec)
    show_rows(rows[:_ROWS_SHOWN], ZoneInfo(program.time_zone), console)


@command.command()
@_reading
@click.option(
    "--all-or-nothing", is_flag=True, help="Book nothing where any row is at fault; else the good ones go on."
)
@click.option("--earn", type=click.Choice(["nothing", "by_program"]), default="nothing", show_default=True)
@click.option("--by", default="", help="Who brings it in; kept with it.")
def add(slug: str, file: Path, kind: Kind, all_or_nothing: bool, earn: str, by: str, **told: Any) -> None:
    """Keep FILE as an import of the program SLUG, to be tried and run, and print its id. Nothing is booked yet."""
    program, store = _program_and_store(slug, told.pop("code"))
    if kind == "orders" and store is None:
        raise click.UsageError("--store: expected the store whose orders these are")
    settings = change_settings(
        _propose(file, kind, program, store, told).settings,
        on_fault="stop" if all_or_nothing else "go_on",
        earn=earn,
    )
    with file.open("rb") as content, program_transaction(program.id):
        import_id = keep_file(
            program.id,
            content,
            name=file.name,
            kind=kind,
            settings=settings,
            store_id=store.id if store else None,
            by=by,
            at=datetime.now(UTC),
        )
    click.echo(import_id)


@command.command()
@click.argument("slug")
@click.argument("code")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only orders that changed since that day (UTC).")
@click.option("--earn", type=click.Choice(["nothing", "by_program"]), default="nothing", show_default=True)
@click.option("--by", default="", help="Who brings it in; kept with it.")
def store(slug: str, code: str, since: datetime | None, earn: Earning, by: str) -> None:
    """Prepare an import of the paid orders, and their buyers, of the store CODE, asked by its API; prints its id."""
    program, asked = _program_and_store(slug, code)
    assert asked is not None, "a code was given"
    settings = Settings(
        time_zone=program.time_zone,
        currency=asked.currency,
        earn=earn,
        since=since.replace(tzinfo=UTC) if since else None,
    )
    with program_transaction(program.id):
        import_id = keep_import(
            program.id,
            kind=ImportKind.ORDERS,
            source=ImportSource.STORE,
            name=asked.name,
            store_id=asked.id,
            settings=settings,
            by=by,
            at=datetime.now(UTC),
        )
    click.echo(import_id)


_ID = click.argument("import_id", type=click.UUID)


@command.command("dry-run")
@_ID
def dry_run(import_id: UUID) -> None:
    """Read all of an import and say what it would do, and what that would be worth. Nothing is booked."""
    import_ = _found(import_id)
    with _refusals(), _progress() as progress:
        task = progress.add_task("reading", total=import_.lines or None)
        report = try_import(
            import_.program_id, import_id, on_progress=lambda line: progress.update(task, completed=line)
        )
    program = get_program(import_.program_id)
    show_report(report, program.currency, ZoneInfo(program.time_zone), Console())


@command.command()
@_ID
def run(import_id: UUID) -> None:
    """Bring an import in, or go on where it was. It can be stopped at any moment, and undone."""
    import_ = _found(import_id)
    with _refusals(), _progress() as progress:
        task = progress.add_task("bringing in", total=import_.lines or None, completed=import_.at_line)

        def tell(now: Import) -> None:
            progress.update(task, completed=now.at_line)

        done = run_import(import_.program_id, import_id, on_progress=tell)
    show_state(done, Console())
    if done.fault:
        raise click.ClickException(done.fault)


@command.command()
@_ID
def status(import_id: UUID) -> None:
    """Say where an import stands."""
    show_state(_found(import_id), Console())


@command.command("list")
@click.argument("slug")
def list_(slug: str) -> None:
    """List the imports of the program SLUG, the newest first."""
    program = program_called(slug)
    with program_transaction(program.id):
        found = list_imports(program.id)
    if not found:
        click.echo("None yet.")
    for import_ in found:
        click.echo(f"{import_.id}  {import_.state:<8}  {import_.kind:<7}  {import_.taken:>9,}  {import_.name}")


@command.command()
@_ID
def refused(import_id: UUID) -> None:
    """Write the rows that were refused as a CSV file, each behind its line and what was expected of it."""
    import_ = _found(import_id)
    with _refusals():
        for line in write_refused(import_.program_id, import_, transaction=program_transaction):
            click.echo(line, nl=False)


@command.command("undo")
@_ID
@click.option("--dry-run", "only_say", is_flag=True, help="Only say what it would do.")
@click.option(
    "--when-used",
    type=click.Choice(["refuse", "debt", "forgive"]),
    default="refuse",
    show_default=True,
    help="What becomes of units that were used meanwhile: undo nothing, let them be owed, or let them go.",
)
def undo_(import_id: UUID, only_say: bool, when_used: WhenUsed) -> None:
    """Take out all that an import brought: units, orders and tiers, and members who came by it alone."""
    import_ = _found(import_id)
    with _refusals():
        would = survey(import_.program_id, import_id)
        show_undoing(would, Console())
        if only_say:
            return
        with _progress() as progress:
            task = progress.add_task("undoing", total=would.kept)

            def tell(now: Undoing) -> None:
                progress.update(task, completed=now.forgotten + now.kept)

            undo(import_.program_id, import_id, when_used=when_used, on_progress=tell)
    click.echo("Undone.")


def _program_and_store(slug: str, code: str) -> tuple[Program, Store | None]:
    program = program_called(slug)
    if not code:
        return program, None
    with program_transaction(program.id):
        store = find_store(program.id, code=code)
    if store is None:
        raise click.ClickException(f"--store: the program has no store {code!r}")
    return program, store


def _spec_of(program: Program) -> ProgramSpec:
    with program_transaction(program.id):
        latest = get_program_rules(program.id).latest
    if latest is None:
        raise NoProgram("expected a published program")
    return latest.spec


def _propose(file: Path, kind: Kind, program: Program, store: Store | None, told: dict[str, Any]) -> Proposal:
    columns = dict(pair.partition("=")[::2] for pair in told["columns"])
    with _refusals(), file.open("rb") as content:
        sample = content.read(SAMPLE)
        proposal = propose(
            sample,
            kind,
            program=program,
            store=store,
            preset=told["preset"],
            encoding=told["encoding"],
            delimiter=told["delimiter"],
        )
        settings = change_settings(
            proposal.settings, columns=columns, calendar=told["calendar"], date_order=told["date_order"]
        )
        check_settings(kind, proposal.header, settings)
    return replace(proposal, settings=settings)


def _found(import_id: UUID) -> Import:
    for program_id in list_program_ids():
        with program_transaction(program_id):
            found = find_import(program_id, import_id)
        if found is not None:
            return found
    raise click.ClickException(f"there is no import {import_id}; `wafa import list` shows them.")


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except UsedMeanwhile as error:
        advice = "Nothing was changed. --when-used debt lets them be owed, forgive lets them go."
        raise click.ClickException(f"{error}. {advice}") from None
    except (*CANNOT_BE_READ, UnknownPreset, WrongState, MovedOn, LookupError) as error:
        raise click.ClickException(str(error)) from None


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
