"""What a dry run found: what would be booked, what it would be worth, and what cannot be taken."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from wafa.imports.rows import RowFault

FAULTS_SHOWN = 100
ENDS_SHOWN = 6


class UnitReport(Struct, kw_only=True, omit_defaults=True):
    """What members would have of a unit, beside what they have. `worth_minor` is at face value, where it has one."""

    available: int = 0
    pending: int = 0
    claimable: int = 0
    members: int = 0
    worth_minor: int | None = None


class Ending(Struct, frozen=True, kw_only=True):
    """So much of a unit would end at that moment (UTC), unless it is used before."""

    at: datetime
    unit: str
    amount: int


class Report(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`rows` are all that were read, `taken` those that would be taken, and `faulty` the others: the first of their
    faults are told. `lines` is where the file ends.

    `new_members` nobody has told of yet. Of `orders`, `known_orders` would change nothing; amounts are by currency.
    `tiers` counts members by the tier in which they would be, as far as it is other than none. `ends` are the next
    moments at which something would end.
    """

    rows: int
    taken: int
    faulty: int
    faults: Sequence[RowFault]
    lines: int
    new_members: int
    known_members: int
    units: Mapping[str, UnitReport]
    tiers: Mapping[str, int]
    ends: Sequence[Ending] = ()
    orders: int = 0
    known_orders: int = 0
    spent_minor: Mapping[str, int] = {}
    first_at: datetime | None = None
    last_at: datetime | None = None


def write_report(report: Report) -> object:
    return msgspec.to_builtins(report)


def read_report(kept: object) -> Report:
    """What the table of imports keeps."""
    return msgspec.convert(kept, Report)
