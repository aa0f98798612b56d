"""What staff type of a payment between a partner and the program, in their own digits and calendar."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from wafa.console.import_faults import import_fault
from wafa.core.calendars import Reckoning
from wafa.core.spec import Partner
from wafa.flows.record_payments import Payment
from wafa.imports.reading.cells import Cells, Habits, Wrong
from wafa.kit.formats import Formats
from wafa.reports.phrases import Phrase, say

_LONGEST = 500
_COLUMNS = {"amount": 0, "paid_on": 1}


class Faulty(Exception):
    """What is wrong with a `field` of the form, in the words of the page."""

    def __init__(self, field: str, told: Phrase) -> None:
        super().__init__(field)
        self.field = field
        self.told = told


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedPayment:
    """The form as it was typed."""

    payer: str = "partner"
    amount: str = ""
    paid_on: str = ""
    reference: str = ""
    note: str = ""

    @classmethod
    def of(cls, told: Mapping[str, str]) -> "TypedPayment":
        fields = ("payer", "amount", "paid_on", "reference", "note")
        return cls(**{field: told.get(field, "").strip()[:_LONGEST] for field in fields})


def usual_payment(formats: Formats, *, at: datetime) -> TypedPayment:
    """An empty form: today, as the program counts days."""
    today = Reckoning(formats.calendar).day_of(at.astimezone(ZoneInfo(formats.time_zone)).date())
    return TypedPayment(paid_on=f"{today.year}-{today.month:02}-{today.day:02}")


def read_payment(typed: TypedPayment, partner: Partner, formats: Formats, *, by: str, at: datetime) -> Payment:
    """The payment that was typed. Raises Faulty."""
    cells = Cells(_COLUMNS, Habits(time_zone=formats.time_zone, calendar=formats.calendar))
    cells.turn_to((typed.amount, typed.paid_on))
    try:
        amount_minor, paid_at = cells.minor("amount", partner.currency), cells.time("paid_on")
    except Wrong as error:
        raise Faulty(error.column, import_fault(str(error))) from None
    if not amount_minor:
        raise Faulty("amount", say(_("expected an amount above zero")))
    if paid_at is None or paid_at > at:
        raise Faulty("paid_on", import_fault("expected a time that has passed"))
    if not typed.reference:
        raise Faulty("reference", say(_("expected what the bank calls it")))
    payer: Literal["partner", "program"] = "program" if typed.payer == "program" else "partner"
    return Payment(
        partner=partner.id,
        payer=payer,
        amount_minor=amount_minor,
        reference=typed.reference,
        paid_at=paid_at,
        by=by,
        note=typed.note,
    )
