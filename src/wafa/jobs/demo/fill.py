"""Fill a home with the demo: its program first, then what of the history is missing."""

from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from wafa.core.snapshots import OrderSnapshot
from wafa.jobs.demo import DemoFailed
from wafa.jobs.demo.coupons import use_coupons
from wafa.jobs.demo.doings import add_doings
from wafa.jobs.demo.found_program import SLUG, DemoProgram, found_program
from wafa.jobs.demo.friends import load_friends
from wafa.jobs.demo.history import History, make_history
from wafa.jobs.demo.load import list_days, load_day, pass_time
from wafa.jobs.demo.markets import HOME
from wafa.jobs.demo.parcels import deliver_parcels
from wafa.jobs.demo.partners import load_partners
from wafa.jobs.demo.record import DemoRecord, find_record, new_record, save_record
from wafa.jobs.demo.shelves import rename_shelves
from wafa.programs.queries import find_program
from wafa.programs.templates import list_templates

_MEMBERS, _ORDERS, _SEED = 3_000, 25_000, 1


class Demo(Struct, frozen=True, kw_only=True):
    """A demo that is loaded."""

    program: DemoProgram
    record: DemoRecord


def progress_bar() -> Progress:
    """A bar for one step: what is done, how far, since when."""
    return Progress(TextColumn("{task.description:34}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())


def fill(home: Path, *, members: int | None, orders: int | None, seed: int | None, template: str | None = None) -> Demo:
    """Make the program and load its history; where both are there nothing changes. Raises DemoFailed."""
    record = _choose(home, members=members, orders=orders, seed=seed, template=template)
    try:
        history = make_history(seed=record.seed, now=record.ends_at, members=record.members, orders=record.orders)
    except ValueError as error:
        raise DemoFailed(str(error)) from None
    save_record(home, record)
    program = found_program(record, average_minor=_average_minor(history), at=datetime.now(UTC))
    history = deliver_parcels(rename_shelves(history, record.template), program.spec, until=record.ends_at)
    history = add_doings(history, program.spec, store=program.shop.code, seed=record.seed, until=record.ends_at)
    loaded = _load(home, program, record, history)
    load_partners(program.id, history.people, ends_at=record.ends_at)
    return Demo(program=program, record=loaded)


def _average_minor(history: History) -> int:
    """What an order at home comes to on average."""
    orders = [told.fact for told in history.told if isinstance(told.fact, OrderSnapshot)]
    totals = [order.total_minor for order in orders if order.currency == HOME.currency]
    return sum(totals) // len(totals)


def _choose(
    home: Path, *, members: int | None, orders: int | None, seed: int | None, template: str | None
) -> DemoRecord:
    """What this home's demo was made with, or, where there is none, what a new one shall be made with."""
    if template and template not in list_templates():
        raise DemoFailed(f"there is no template {template!r}: `wafa program template list` has them all")
    record = find_record(home)
    if find_program(SLUG) is None:
        return new_record(
            seed=_SEED if seed is None else seed,
            members=members or _MEMBERS,
            orders=orders or _ORDERS,
            ends_at=datetime.now(UTC).replace(microsecond=0),
            template=template or "",
        )
    if record is None:
        raise DemoFailed(f"the database holds a program {SLUG} that was not made by the demo of the home {home}")
    made = (record.members, record.orders, record.seed, record.template)
    asked = (
        members or record.members,
        orders or record.orders,
        record.seed if seed is None else seed,
        record.template if template is None else template,
    )
    if asked != made:
        raise DemoFailed(
            f"the home {home} holds a demo of {record.members} members, {record.orders} orders and seed {record.seed}, "
            f"under {record.template or 'its own program'}: leave these out, or choose another home with --home"
        )
    return record


def _load(home: Path, program: DemoProgram, record: DemoRecord, history: History) -> DemoRecord:
    with progress_bar() as progress:
        task = progress.add_task("Loading two years of orders", total=len(history.told))
        for day in list_days(history):
            if record.loaded_until is None or record.loaded_until < day.until:
                load_day(program, day)
                record = replace(record, loaded_until=day.until)
                save_record(home, record)
            progress.advance(task, len(day.told))
    load_friends(program, ends_at=record.ends_at)
    use_coupons(program.id, program.shop.code, history, at=record.ends_at)
    pass_time(program, at=record.ends_at)
    return record
