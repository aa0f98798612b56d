"""Where the rows of an import come from, one after another, however long it is."""

import csv
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from msgspec.structs import replace

from wafa.connectors.contract import StoreRefused
from wafa.connectors.registry import get_connector
from wafa.core.snapshots import Remembered
from wafa.flows.import_members import NoProgram
from wafa.imports.models import Import, ImportKind, ImportSource
from wafa.imports.queries import find_part
from wafa.imports.reading.columns import Kind, place_columns
from wafa.imports.reading.dialect import decode
from wafa.imports.reading.members import MemberRules, read_members
from wafa.imports.reading.orders import read_purchases
from wafa.imports.rows import HistoryRow, PastPurchase
from wafa.imports.settings import Settings, read_settings
from wafa.kit.transactions import program_transaction
from wafa.members.fold import fold
from wafa.programs.models import Store
from wafa.programs.queries import ProgramRules, get_program_rules, read_store_facts

if TYPE_CHECKING:
    import _csv

_EVER = datetime(1970, 1, 1, tzinfo=UTC)

Numbered = Iterator[tuple[int, Sequence[str]]]


def read_history(program_id: UUID, import_: Import, *, after: int = 0) -> Iterator[HistoryRow]:
    """The rows after a line, as they are read. Opens a transaction of its own for each part of the file.

    Raises Unmapped, NotText, NoProgram, and csv.Error for a file that is no table.
    """
    settings = read_settings(import_.settings)
    if import_.source == ImportSource.STORE:
        return (row for row in _ask_store(program_id, import_, settings) if row.line > after)
    header, rows = open_table(program_id, import_.id, settings)
    kind: Kind = "members" if import_.kind == ImportKind.MEMBERS else "orders"
    if kind == "members":
        rows = (row for row in rows if row[0] > after)
    # Rows of one order belong together, so they are passed over only once they are read.
    return (row for row in _read(program_id, kind, header, rows, settings) if row.line > after)


def _ask_store(program_id: UUID, import_: Import, settings: Settings) -> Iterator[PastPurchase]:
    """The paid orders of a store by the numbers they have there, which stand for lines. Those in its bin are left out.

    Raises CannotReach, StoreRefused and CannotUnderstand.
    """
    with program_transaction(program_id):
        store = find_store_of(import_)
        assert store is not None, "an import from a store names it"
        fetcher = get_connector(store.connector).fetcher(read_store_facts(store))
    if fetcher is None:
        raise StoreRefused("expected a store with an API that may be read: it has none, or no credentials")
    memory = None if settings.earn == "by_program" else Remembered(past=True)
    latest = 0
    for order in fetcher.poll(since=settings.since or _EVER, until=import_.created_at):
        number = int(order.external_id)
        if number > latest and order.paid_at is not None:
            latest = number
            yield PastPurchase(line=number, order=replace(order, remembered=memory or order.remembered))


def preview_rows(
    program_id: UUID, kind: Kind, header: Sequence[str], rows: Sequence[Sequence[str]], settings: Settings
) -> list[HistoryRow]:
    """The first rows of a file as they would be read, if each is one line. Raises what `read_history` raises."""
    numbered = ((line, row) for line, row in enumerate(rows, start=2) if any(row))
    return list(_read(program_id, kind, header, numbered, settings))


def _read(
    program_id: UUID, kind: Kind, header: Sequence[str], rows: Numbered, settings: Settings
) -> Iterator[HistoryRow]:
    columns = place_columns(kind, header, settings.columns)
    if kind == "members":
        with program_transaction(program_id):
            rules = _rules(get_program_rules(program_id), settings)
        yield from read_members(rows, columns, rules=rules, habits=settings.habits)
    else:
        yield from read_purchases(
            rows,
            columns,
            currency=settings.currency,
            country=settings.country,
            habits=settings.habits,
            earns=settings.earn == "by_program",
        )


def open_table(program_id: UUID, import_id: UUID, settings: Settings) -> tuple[Sequence[str], Numbered]:
    """The header of the file of an import, and its rows with the lines at which each begins."""
    reader = csv.reader(decode(_parts(program_id, import_id), settings.encoding), delimiter=settings.delimiter)
    header = next(reader, [])
    return header, _numbered(reader)


def find_store_of(import_: Import) -> Store | None:
    """The store whose customers and orders an import names. The caller has opened the program's transaction."""
    if import_.store_id is None:
        return None
    return Store.objects.get(program_id=import_.program_id, id=import_.store_id)


def _numbered(reader: "_csv.Reader") -> Numbered:
    begins = reader.line_num + 1
    for row in reader:
        if any(row):
            yield begins, row
        begins = reader.line_num + 1


def _parts(program_id: UUID, import_id: UUID) -> Iterator[bytes]:
    place = 0
    while True:
        with program_transaction(program_id):
            part = find_part(program_id, import_id, place)
        if part is None:
            return
        yield part
        place += 1


def _rules(program: ProgramRules, settings: Settings) -> MemberRules:
    latest = program.latest
    if latest is None:
        raise NoProgram("expected a published program")
    tiers = latest.spec.tiers.ladder if latest.spec.tiers else ()
    names = {fold(name): tier.id for tier in tiers for name in (*tier.name.values(), tier.id)}
    return MemberRules(units=tuple(unit.code for unit in latest.spec.units), tiers=names, country=settings.country)
