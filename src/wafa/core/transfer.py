"""Giving units to another member: soonest-expiring lots first, all or nothing, and each with the date it had."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from wafa.core.accrue import repay
from wafa.core.books import Account, Journal, JournalKind, Lot, Posting, make_journal
from wafa.core.ids import caused_id
from wafa.core.lots import draw, is_usable
from wafa.core.periods import period_around
from wafa.core.qualify import Refusal
from wafa.core.spec import ProgramSpec, Unit
from wafa.core.standing import Standing
from wafa.core.why import TransferWhy

# No rule of a program has an id like this: what others gave counts for no limit of a rule.
_RULE = "transfer:"


class Transfer(Struct, frozen=True, kw_only=True):
    """Both sides of one transfer: what leaves the giver, and what reaches the recipient, with what that pays off."""

    id: UUID
    out: Journal
    into: tuple[Journal, ...]


def transfer_key(key: str) -> str:
    """The key under which the books know what left the giver in the transfer that its door calls `key`."""
    return f"transfer_out:{key}"


def counts_since(spec: ProgramSpec, unit: Unit, *, at: datetime) -> datetime | None:
    """From when on (UTC) transfers count for what may be given at `at`; None for ever. Raises OutsideCalendar."""
    if unit.transfer is None:
        return None
    return period_around(unit.transfer.within, at.astimezone(ZoneInfo(spec.time_zone)).date(), spec).since


def refuse_transfer(
    unit: Unit | None, giver: Standing, recipient: Standing | None, *, units: int, given: int, at: datetime
) -> tuple[Refusal, ...]:
    """Everything that is in the way of giving `units` now. `given` is what the giver gave in the period so far.

    Reasons are no_such_unit, no_such_recipient, not_transferable, guests_do_not_transfer, suspended (either of them),
    same_member, below_least, above_most and not_enough.
    """
    if unit is None:
        return (Refusal(reason="no_such_unit"),)
    if recipient is None:
        return (Refusal(reason="no_such_recipient"),)
    if unit.transfer is None:
        return (Refusal(reason="not_transferable"),)
    reasons = []
    if not (giver.joined and recipient.joined):
        reasons.append("guests_do_not_transfer")
    if giver.suspended_at is not None or recipient.suspended_at is not None:
        reasons.append("suspended")
    if giver.member_id == recipient.member_id:
        reasons.append("same_member")
    if units < unit.transfer.least:
        reasons.append("below_least")
    if unit.transfer.most is not None and given + units > unit.transfer.most:
        reasons.append("above_most")
    if sum(lot.remaining for lot in giver.lots_of(unit=unit.code) if is_usable(lot, at=at)) < units:
        reasons.append("not_enough")
    return tuple(Refusal(reason=reason) for reason in reasons)


def transfer(
    giver: Standing,
    recipient: Standing,
    *,
    key: str,
    unit: str,
    units: int,
    at: datetime,
    version: int | None = None,
) -> Transfer:
    """Move `units` (> 0) from one member to another. `key` names the transfer. Raises NotEnough, with nothing decided.

    The recipient gets a lot for each one that is drawn on, with its date: what they owe is paid first from those.
    """
    draws = draw(giver.lots_of(unit=unit), units, at=at)
    cause_id = caused_id(f"transfer:{key}", at=at)
    lots = tuple(
        _arriving(giver.lots[drawn.lot_id], drawn.amount, recipient.member_id, cause_id=cause_id, at=at)
        for drawn in draws
    )
    why = TransferWhy(units=units, sender=giver.member_id, recipient=recipient.member_id)
    out = make_journal(
        JournalKind.TRANSFER_OUT,
        f"{JournalKind.TRANSFER_OUT.value}:{key}",
        member_id=giver.member_id,
        at=at,
        why=why,
        postings=tuple(
            Posting(unit, Account.AVAILABLE, Account.TRANSFERRED, drawn.amount, drawn.lot_id) for drawn in draws
        ),
        version=version,
        cause_id=cause_id,
    )
    into = make_journal(
        JournalKind.TRANSFER_IN,
        f"{JournalKind.TRANSFER_IN.value}:{key}",
        member_id=recipient.member_id,
        at=at,
        why=why,
        postings=tuple(Posting(unit, Account.TRANSFERRED, Account.AVAILABLE, lot.granted, lot.id) for lot in lots),
        version=version,
        cause_id=cause_id,
        lots=lots,
    )
    return Transfer(id=cause_id, out=out, into=(into, *repay(recipient, lots, cause=into)))


def _arriving(drawn: Lot, units: int, member_id: UUID, *, cause_id: UUID, at: datetime) -> Lot:
    """What the recipient gets of a lot of the giver: new to them, and ending when it would have ended."""
    return Lot(
        id=caused_id(f"lot:{cause_id}:{drawn.id}", at=at),
        member_id=member_id,
        unit=drawn.unit,
        rule=_RULE,
        version=drawn.version,
        granted=units,
        remaining=units,
        pocket=Account.AVAILABLE,
        occurred_at=at,
        cause_id=cause_id,
        expires_at=drawn.expires_at,
    )
