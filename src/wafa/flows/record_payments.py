"""Record that a partner, or the program, has paid what it owed. The money itself goes its own way."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from wafa.core.books import Obligation
from wafa.core.spec import PROGRAM
from wafa.ledger.operations import KeyConflict, post_payment
from wafa.ledger.partners import payments_of
from wafa.programs.queries import get_program_rules


class Payment(Struct, frozen=True, kw_only=True):
    """One side paid `amount_minor` (> 0) of the partner's currency at `paid_at` (UTC).

    `reference` is what the bank calls it: a payment of this reference is recorded once. `by` is who recorded it, with a
    `note` for whoever reads the statement.
    """

    partner: str
    payer: Literal["partner", "program"]
    amount_minor: int
    reference: str
    paid_at: datetime
    by: str = ""
    note: str = ""


class NoSuchPartner(Exception):
    """No version of the program has a partner of this name."""


class ReferenceTaken(Exception):
    """The reference names another payment of this partner. Nothing was recorded."""


def record_payment(program_id: UUID, payment: Payment, *, at: datetime) -> bool:
    """Record a payment. False where it was recorded before.

    Raises NoSuchPartner and ReferenceTaken; after the latter the transaction can only be rolled back.
    """
    assert payment.amount_minor > 0, "a payment is an amount"
    partners = [v.spec.partner_by_id.get(payment.partner) for v in get_program_rules(program_id).versions]
    known = next((partner for partner in reversed(partners) if partner is not None), None)
    if known is None:
        raise NoSuchPartner(payment.partner)
    # What a debtor paid the other side owes it back: so both accounts come to nothing.
    by_partner = payment.payer == "partner"
    paid = Obligation(
        kind="paid",
        debtor=PROGRAM if by_partner else known.id,
        creditor=known.id if by_partner else PROGRAM,
        currency=known.currency,
        amount_minor=payment.amount_minor,
    )
    try:
        return post_payment(
            program_id,
            paid,
            key=f"{payments_of(known.id)}{payment.reference}",
            paid_at=payment.paid_at,
            booked_at=at,
            by=payment.by,
            note=payment.note,
        )
    except KeyConflict:
        raise ReferenceTaken(payment.reference) from None
