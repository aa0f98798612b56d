"""Lines of a statement made by hand, so that every kind of reason can be told without a database."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.utils import translation

from tests.world import spec_document
from wafa.core.books import Account, JournalKind, Lot, Posting
from wafa.core.program import Program
from wafa.core.spec import Language, Version, read_spec
from wafa.core.standing import balance_changes
from wafa.core.why import AccrualWhy, ClawbackWhy, Deduction, Rate, Why
from wafa.kit.formats import Formats
from wafa.ledger.queries import Pockets, StatementLine
from wafa.reports.history import Background, tell_journal
from wafa.reports.told import Told

AT = datetime(2026, 3, 20, 12, 5, tzinfo=UTC)
LOT, ORDER = UUID(int=7), UUID(int=8)
UNITS = [
    {
        "code": "points",
        "name": {
            "en": {"one": "point", "other": "points"},
            "ar": {"one": "نقطة", "two": "نقطتان", "few": "نقاط", "many": "نقطة", "other": "نقطة"},
            "fa": {"other": "امتیاز"},
        },
    },
    {"code": "cash", "kind": "credit", "name": {"en": {"other": "Cashback"}}},
]
ACCELERATORS = [
    {
        "id": "weekend",
        "name": {"en": "Coffee weekend", "ar": "عطلة القهوة", "fa": "آخر هفته قهوه"},
        "rules": [spec_document()["earning"][0]["id"]],
        "gives": {"kind": "multiply", "by": "2"},
    },
]
TIERS = {"ladder": [{"id": "gold", "name": {"en": "Gold", "ar": "الذهبية", "fa": "طلایی"}, "entry": {"orders": 3}}]}
PICKUP = {"id": "pickup", "name": {"en": "Pick-up", "ar": "الاستلام", "fa": "تحویل حضوری"}}
PROGRAM = Program(
    id="coffee",
    versions=[
        Version(
            number=1,
            effective_from=AT,
            spec=read_spec(spec_document(units=UNITS, accelerators=ACCELERATORS, tiers=TIERS, activities=[PICKUP])),
        )
    ],
)


def accrual(**changes: Any) -> AccrualWhy:
    """190 points for the 190.00 that counted of an order of 230.00."""
    fields: dict[str, Any] = {
        "rule": "base",
        "order": "1042",
        "store": "main",
        "units": 190,
        "currency": "SAR",
        "total_minor": 23_000,
        "basis_minor": 19_000,
        "formula": "per_amount",
        "mode": "proportional",
        "rounding": "down",
        "award_units": 1,
        "per_minor": 100,
        "deductions": (Deduction(code="tax", amount_minor=2_500), Deduction(code="shipping", amount_minor=1_500)),
    }
    return AccrualWhy(**(fields | changes))


IN_DOLLARS = {
    "currency": "USD",
    "total_minor": 1_150,
    "basis_minor": 1_000,
    "deductions": (Deduction(code="tax", amount_minor=150),),
    "rate": Rate(currency="USD", rate="3.75", source="store"),
    "converted_minor": 3_750,
    "program_currency": "SAR",
    "units": 37,
}


def clawback(**changes: Any) -> ClawbackWhy:
    """Half of what that order granted, because half of it was refunded."""
    fields: dict[str, Any] = {
        "cause": "part_refunded",
        "rule": "base",
        "order": "1042",
        "store": "main",
        "units": 95,
        "currency": "SAR",
        "basis_minor": 19_000,
        "returned_minor": 9_500,
        "granted": 190,
        "target": 95,
        "before": 0,
    }
    return ClawbackWhy(**(fields | changes))


def line(
    why: Why,
    kind: JournalKind,
    moves: Sequence[tuple[Account, Account, int]],
    *,
    unit: str = "points",
    before: Pockets | None = None,
    version: int | None = 1,
) -> StatementLine:
    """The statement's line of a journal that moves units of one lot, after the pockets were as in `before`."""
    names = Pockets.__struct_fields__
    postings = tuple(Posting(unit, origin, target, amount, LOT) for origin, target, amount in moves)
    change = dict.fromkeys(names, 0)
    for posting in postings:
        for column, amount in balance_changes(posting).items():
            if column in change:
                change[column] += amount
    return StatementLine(
        journal_id=UUID(int=1),
        kind=kind,
        key="key",
        occurred_at=AT,
        booked_at=AT,
        why=why,
        postings=postings,
        change=Pockets(**change),
        after=Pockets(**{name: change[name] + (getattr(before, name) if before else 0) for name in names}),
        version=version,
        rule="base" if version else None,
        cause_id=ORDER,
    )


def lot(**changes: Any) -> Lot:
    fields: dict[str, Any] = {
        "id": LOT,
        "member_id": UUID(int=9),
        "unit": "points",
        "rule": "base",
        "version": 1,
        "granted": 190,
        "remaining": 190,
        "pocket": Account.PENDING,
        "occurred_at": AT,
    }
    return Lot(**(fields | changes))


def tell(told: StatementLine, *, language: Language = "en", **background: Any) -> Told:
    """The line as a reader of `language` gets it, in the digits and calendar usual there."""
    fields: dict[str, Any] = {"lots": {}, "orders": {ORDER: "1042"}, "stores": {}, "to_staff": False}
    with translation.override(language):
        formats = Formats.usual(language, time_zone="Asia/Riyadh")
        return tell_journal(told, Background(program=PROGRAM, formats=formats, **(fields | background)))


def plain(text: str) -> str:
    """The text with common spaces for those that keep a value on one line."""
    return text.replace("\xa0", " ")
