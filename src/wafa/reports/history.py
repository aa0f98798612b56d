"""The history of a member, in which each line explains itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from wafa.activities.queries import list_order_numbers
from wafa.core.books import Account, JournalKind, Lot
from wafa.core.program import Program
from wafa.core.why import (
    AccrualWhy,
    AdjustmentWhy,
    ClaimWhy,
    ClawbackWhy,
    ConversionWhy,
    CorrectionWhy,
    CouponReturnWhy,
    CouponWhy,
    ExchangeWhy,
    ExpiryWhy,
    GiveBackWhy,
    HoldWhy,
    InactivityWhy,
    MaturityWhy,
    MergeWhy,
    OpeningWhy,
    RedemptionWhy,
    ReferralReturnWhy,
    ReferralWhy,
    ReinstatementWhy,
    RepaymentWhy,
    TierEntryWhy,
    TierUndoneWhy,
    TransferWhy,
    UndoWhy,
)
from wafa.kit.formats import Formats
from wafa.ledger.queries import Pockets, StatementLine, list_lots_by_id, statement
from wafa.members.queries import list_names
from wafa.reports.coupons import tell_coupon, tell_coupon_return
from wafa.reports.earned import tell_accrual, tell_correction
from wafa.reports.imported import tell_opening, tell_undo
from wafa.reports.passed import (
    last_moment,
    tell_adjustment,
    tell_claim,
    tell_expiry,
    tell_inactivity,
    tell_maturity,
)
from wafa.reports.phrases import Phrase, name_of, say
from wafa.reports.referred import tell_referral, tell_referral_return
from wafa.reports.returned import tell_clawback, tell_reinstatement, tell_repayment
from wafa.reports.rewarded import tell_conversion, tell_exchange, tell_give_back, tell_hold, tell_redemption
from wafa.reports.tiers import tell_tier_entry, tell_tier_undone
from wafa.reports.told import Reason, Term, Told, Voice, show
from wafa.reports.transferred import tell_merge, tell_transfer
from wafa.reports.voices import make_voice

# These move units from one place to another; what the member has in all stays the same.
_MOVES = {JournalKind.MATURITY, JournalKind.CLAIM, JournalKind.REPAYMENT, JournalKind.HOLD, JournalKind.RELEASE}


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A page of a history, newest first. `next_before` asks for the page after it; None where there is none."""

    lines: tuple[Told, ...]
    next_before: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """What lines are told against: the program, lots and orders' numbers by id, names of stores by code.

    What is not there is not told. `to_staff` tells also who made a correction, when a line was booked, and by `people`
    whom a transfer came from or went to.
    """

    program: Program
    formats: Formats
    lots: Mapping[UUID, Lot]
    orders: Mapping[UUID, str]
    stores: Mapping[str, str]
    to_staff: bool
    people: Mapping[UUID, str] = field(default_factory=dict)


def list_history(
    program_id: UUID,
    member_id: UUID,
    unit: str,
    *,
    program: Program,
    formats: Formats,
    limit: int,
    before: UUID | None = None,
    stores: Mapping[str, str] | None = None,
    to_staff: bool = False,
) -> History:
    """A page of a member's history in one unit, told in the active language; values are written by `formats`.

    `before` is a page's `next_before`. `stores` are names of stores by their codes, where a line is to name its store.
    """
    lines = statement(program_id, member_id, unit, limit=limit + 1, before=before)
    shown = lines[:limit]
    background = Background(
        program=program,
        formats=formats,
        lots=list_lots_by_id(program_id, [p.lot_id for line in shown for p in line.postings if p.lot_id]),
        orders=list_order_numbers(program_id, {line.cause_id for line in shown if line.cause_id}),
        stores=stores or {},
        to_staff=to_staff,
        people=list_names(program_id, _others(shown)) if to_staff else {},
    )
    return History(
        lines=tuple(tell_journal(line, background) for line in shown),
        next_before=shown[-1].journal_id if len(lines) > limit else None,
    )


def tell_journal(line: StatementLine, background: Background) -> Told:
    """One line of a statement, told in the active language."""
    voice = _voice(line, background)
    reason = _tell_reason(line, voice)
    number = _order_number(line, background)
    opened = _opened_lot(line, background.lots)
    return Told(
        journal_id=line.journal_id,
        occurred_at=line.occurred_at,
        icon=reason.icon,
        tone=reason.tone,
        title=reason.title,
        amount=_tell_amount(line, voice),
        sentences=reason.sentences,
        arithmetic=reason.arithmetic,
        details=(
            *_tell_rule(line, number, background),
            *reason.details,
            *(_tell_dates(opened, voice) if opened else ()),
            *_tell_pockets(line.after, voice),
        ),
        after=_tell_after(line.after, voice),
        order=say(_("Order {order}"), order=number) if number and not hasattr(line.why, "order") else None,
        state=_tell_state(opened, voice) if opened else None,
    )


def _others(lines: Sequence[StatementLine]) -> set[UUID]:
    """Whom transfers and merges came from or went to."""
    others: set[UUID] = set()
    for line in lines:
        match line.why:
            case TransferWhy(sender=sender, recipient=recipient):
                others |= {sender, recipient}
            case MergeWhy(absorbed=absorbed, survivor=survivor):
                others |= {absorbed, survivor}
    return others


def _voice(line: StatementLine, background: Background) -> Voice:
    return make_voice(
        background.program,
        line.postings[0].unit,
        version=line.version,
        formats=background.formats,
        activity=getattr(line.why, "activity", ""),
        to_staff=background.to_staff,
        people=background.people,
    )


_TELLERS: Mapping[type, Callable[[Any, Voice], Reason]] = {
    AccrualWhy: tell_accrual,
    TierEntryWhy: tell_tier_entry,
    ReferralWhy: tell_referral,
    ReferralReturnWhy: tell_referral_return,
    ReinstatementWhy: tell_reinstatement,
    RepaymentWhy: tell_repayment,
    MaturityWhy: tell_maturity,
    ExpiryWhy: tell_expiry,
    InactivityWhy: tell_inactivity,
    ClaimWhy: tell_claim,
    HoldWhy: tell_hold,
    RedemptionWhy: tell_redemption,
    ExchangeWhy: tell_exchange,
    ConversionWhy: tell_conversion,
    CouponWhy: tell_coupon,
    CouponReturnWhy: tell_coupon_return,
    GiveBackWhy: tell_give_back,
    AdjustmentWhy: tell_adjustment,
    OpeningWhy: tell_opening,
    UndoWhy: tell_undo,
}


def _tell_reason(line: StatementLine, voice: Voice) -> Reason:
    match line.why:
        case ClawbackWhy() as why:
            return tell_clawback(why, voice, expired=_moved(line, Account.BREAKAGE))
        case TierUndoneWhy() as why:
            return tell_tier_undone(why, voice, expired=_moved(line, Account.BREAKAGE))
        case CorrectionWhy() as why:
            return tell_correction(why, voice, expired=_moved(line, Account.BREAKAGE))
        case TransferWhy() as why:
            return tell_transfer(why, voice, arrives=line.kind is JournalKind.TRANSFER_IN)
        case MergeWhy() as why:
            return tell_merge(why, voice, arrives=line.kind is JournalKind.MERGE_IN)
        case why:
            return _TELLERS[type(why)](why, voice)


def _moved(line: StatementLine, from_account: Account) -> int:
    return sum(posting.amount for posting in line.postings if posting.from_account is from_account)


def _tell_amount(line: StatementLine, voice: Voice) -> Phrase:
    if line.kind in _MOVES:
        return voice.short(sum(posting.amount for posting in line.postings))
    change = line.change
    return voice.short(change.claimable + change.pending + change.available + change.held - change.debt, signed=True)


def _order_number(line: StatementLine, background: Background) -> str:
    return getattr(line.why, "order", None) or (background.orders.get(line.cause_id, "") if line.cause_id else "")


def _opened_lot(line: StatementLine, lots: Mapping[UUID, Lot]) -> Lot | None:
    """The lot into which the line put something, if its dates are known."""
    kept = {Account.CLAIMABLE, Account.PENDING, Account.AVAILABLE}
    filled = (p.lot_id for p in line.postings if p.to_account in kept and p.lot_id in lots)
    return next((lots[lot_id] for lot_id in filled if lot_id), None)


def _tell_rule(line: StatementLine, number: str, background: Background) -> list[Term]:
    terms = []
    if line.version is not None:
        rules = {rule.id: rule for rule in background.program.numbered(line.version).spec.earning}
        if line.rule in rules:
            name = name_of(rules[line.rule].name, background.formats.locale)
            terms.append(Term(say(_("Rule")), show(name)))
    if number:
        terms.append(Term(say(_("Order")), show(number)))
    store = background.stores.get(getattr(line.why, "store", ""))
    if store:
        terms.append(Term(say(_("Store")), show(store)))
    if line.version is not None:
        terms.append(Term(say(_("Program version")), show(background.formats.number(line.version))))
    if background.to_staff:
        terms.append(Term(say(_("Booked")), show(background.formats.datetime(line.booked_at))))
    return terms


def _tell_dates(lot: Lot, voice: Voice) -> list[Term]:
    terms = []
    if lot.pocket is Account.CLAIMABLE and lot.claimable_until:
        terms.append(Term(say(_("Can be claimed until")), show(voice.day(last_moment(lot.claimable_until)))))
    if lot.matures_at:
        name = _("Available since") if lot.pocket is Account.AVAILABLE else _("Pending until")
        terms.append(Term(say(name), show(voice.day(lot.matures_at))))
    if lot.expires_at:
        terms.append(Term(say(_("Last day to use it")), show(voice.day(last_moment(lot.expires_at)))))
    return terms


def _tell_state(lot: Lot, voice: Voice) -> Phrase | None:
    """What the line is still waiting for."""
    if not lot.remaining:
        return None
    if lot.pocket is Account.CLAIMABLE and lot.claimable_until:
        return say(_("To be claimed until {date}"), date=voice.day(last_moment(lot.claimable_until)))
    if lot.pocket is Account.PENDING and lot.is_waiting:
        return _tell_wait(lot)
    if lot.pocket is Account.PENDING and lot.matures_at:
        return say(_("Pending until {date}"), date=voice.day(lot.matures_at))
    return None


def _tell_wait(lot: Lot) -> Phrase:
    return say(
        {
            "fulfilled": _("Pending until the order is fulfilled"),
            "delivered": _("Pending until the order is delivered"),
            "confirmed": _("Pending until the order is confirmed"),
        }[lot.waits_for or "confirmed"]
    )


def _tell_pockets(after: Pockets, voice: Voice) -> list[Term]:
    names = {
        "available": _("Available afterwards"),
        "pending": _("Pending afterwards"),
        "held": _("Reserved afterwards"),
        "claimable": _("To be claimed afterwards"),
        "debt": _("Owed afterwards"),
    }
    amounts = {pocket: getattr(after, pocket) for pocket in names}
    return [voice.term(names[pocket], amount) for pocket, amount in amounts.items() if amount or pocket == "available"]


def _tell_after(after: Pockets, voice: Voice) -> Phrase:
    available, pending, owed = (voice.short(amount) for amount in (after.available, after.pending, after.debt))
    if after.claimable:
        return say(_("{claimable} to be claimed"), claimable=voice.short(after.claimable))
    if after.pending and after.debt:
        sentence = _("Balance {available}, {pending} pending, {owed} owed")
        return say(sentence, available=available, pending=pending, owed=owed)
    if after.pending:
        return say(_("Balance {available}, {pending} pending"), available=available, pending=pending)
    if after.debt:
        return say(_("Balance {available}, {owed} owed"), available=available, owed=owed)
    return say(_("Balance {available}"), available=available)
