"""Where the rows of an import come from, one after another, however long it is."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from msgspec.structs import replace

from wafa.connectors.contract import StoreRefused, StrangeOrder, UnnamedOrder
from wafa.connectors.registry import get_connector
from wafa.core.snapshots import Remembered
from wafa.flows.import_members import NoProgram
from wafa.imports.models import Import, ImportSource
from wafa.imports.prepare import kind_of
from wafa.imports.queries import walk_parts
from wafa.imports.rows import HistoryRow, PastPurchase, RowFault
from wafa.imports.settings import Settings, read_settings
from wafa.imports.table import open_table, read_rows
from wafa.kit.transactions import program_transaction
from wafa.programs.models import Store
from wafa.programs.queries import get_program_rules, read_store_facts

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def read_history(program_id: UUID, import_: Import, *, after: int = 0) -> Iterator[HistoryRow]:
    """The rows after a line, as they are read. Opens a transaction of its own for each part of the file.

    Raises Unmapped, NotText, NoProgram, csv.Error for a file that is no table, and what a store may raise.
    """
    settings = read_settings(import_.settings)
    if import_.source == ImportSource.STORE:
        return (row for row in _ask_store(program_id, import_, settings) if row.line > after)
    with program_transaction(program_id):
        latest = get_program_rules(program_id).latest
    if latest is None:
        raise NoProgram("expected a published program")
    header, rows = open_table(walk_parts(program_id, import_.id, transaction=program_transaction), settings)
    kind = kind_of(import_)
    if kind == "members":
        rows = (row for row in rows if row[0] > after)
    # Rows of one order belong together, so they are passed over only once they are read.
    found = read_rows(kind, header, rows, settings=settings, spec=latest.spec)
    return (row for row in found if row.line > after)


def _ask_store(program_id: UUID, import_: Import, settings: Settings) -> Iterator[PastPurchase | RowFault]:
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
        # One without a number has its place by the one before it: none other can be there, for they come by number.
        number = latest + 1 if isinstance(order, UnnamedOrder) else int(order.external_id)
        if number <= latest:
            continue
        if isinstance(order, StrangeOrder | UnnamedOrder):
            latest = number
            yield RowFault(line=number, column="", expected=f"the store's {order.path}: expected {order.expected}")
        elif order.paid_at is not None:
            latest = number
            yield PastPurchase(line=number, order=replace(order, remembered=memory or order.remembered))


def find_store_of(import_: Import) -> Store | None:
    """The store whose customers and orders an import names. The caller has opened the program's transaction."""
    if import_.store_id is None:
        return None
    return Store.objects.get(program_id=import_.program_id, id=import_.store_id)
