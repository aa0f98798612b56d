"""Following an edit of a paid order: its grant becomes what the order is worth now."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from wafa.core.accrue import open_lot, repay
from wafa.core.books import Account, GrantChange, Journal, JournalKind, Lot, Posting
from wafa.core.case import Case
from wafa.core.limits import Allowed
from wafa.core.lots import is_forfeited, landing_pocket
from wafa.core.put_back import put_back
from wafa.core.standing import Standing
from wafa.core.take_back import Taken, spread, take_back
from wafa.core.weigh import order_name
from wafa.core.why import CorrectionWhy


def correct(case: Case, standing: Standing, grants: Sequence[Lot]) -> list[Journal]:
    """Grant more as a lot of its own, or take less off the grant."""
    before = sum(lot.net_granted for lot in grants)
    if before < case.worth.deserved:
        return _grant_more(case, standing, grants, before)
    if before > case.worth.deserved:
        return [_grant_less(case, standing, grants, before)]
    return []


def _grant_more(case: Case, standing: Standing, grants: Sequence[Lot], before: int) -> list[Journal]:
    """What an earlier edit took off is given back to the lots it came from; only what is beyond that is a new one.

    What it had let go comes first, and needs no giving back: the member kept it.
    """
    at = case.moment(grants)
    allowed = case.worth.allowed or Allowed(units=case.worth.deserved)
    missing = case.worth.deserved - before
    postings: list[Posting] = []
    changes: list[GrantChange] = []
    beside: list[Lot] = []
    for lot in grants:
        if quiet := min(lot.let_go, missing):
            missing -= quiet
            changes.append(GrantChange(lot_id=lot.id, corrected=-quiet, let_go=-quiet))
    unforgiven = -sum(change.let_go for change in changes)
    for lot in grants:
        if back := min(lot.corrected - lot.let_go, missing):
            missing -= back
            pocket = _pocket_of(lot, standing, at=at)
            put, more = put_back(
                lot, back, source=Account.ISSUED, pocket=pocket, key=case.key(JournalKind.CORRECTION), at=at
            )
            postings += put
            beside += more
            changes.append(GrantChange(lot_id=lot.id, corrected=-back, reinstated=back))
    lots = (_open_lot(case, standing, units=missing, at=at),) if missing else ()
    postings += [Posting(lot.unit, Account.ISSUED, lot.pocket, lot.granted, lot.id) for lot in lots]
    lots = (*lots, *beside)
    journal = case.journal(
        JournalKind.CORRECTION,
        standing,
        at=at,
        why=replace(
            _correction_why(case, before), limited=allowed.limited, counted=allowed.counted, unforgiven=unforgiven
        ),
        postings=tuple(postings),
        changes=tuple(changes),
        lots=lots,
    )
    after = standing.after([journal])
    moved = [after.lots[posting.lot_id] for posting in postings if posting.lot_id is not None]
    return [journal, *(repay(standing, moved, cause=journal, order=order_name(case.activity)) if moved else ())]


def _pocket_of(lot: Lot, standing: Standing, *, at: datetime) -> Account:
    """Where units of an edit lie; past their last day they may still pay what is owed, until the clock comes."""
    pocket = landing_pocket(lot, joined=standing.joined, joined_at=standing.joined_at, at=at)
    if pocket is not Account.BREAKAGE:
        return pocket
    return Account.CLAIMABLE if is_forfeited(lot, joined_at=standing.joined_at, at=at) else Account.AVAILABLE


def _open_lot(case: Case, standing: Standing, *, units: int, at: datetime) -> Lot:
    return open_lot(
        case.program,
        standing,
        case.activity,
        version=case.version,
        rule=case.rule,
        units=units,
        key=case.key(JournalKind.CORRECTION),
        at=at,
        forfeited=any(
            is_forfeited(lot, joined_at=standing.joined_at, at=at)
            for lot in standing.granted_for(case.activity.order_id)
        ),
    )


def _grant_less(case: Case, standing: Standing, grants: Sequence[Lot], before: int) -> Journal:
    missing = before - case.worth.deserved
    at = case.moment(grants)
    taken = take_back(standing, grants, missing, into=Account.ISSUED, leaves_debt=case.leaves_debt, at=at)
    changes = [
        GrantChange(lot_id=lot.id, corrected=off + quiet, let_go=quiet)
        for lot, off, quiet in spread(grants, missing - taken.forgiven, taken.forgiven)
    ]
    return case.journal(
        JournalKind.CORRECTION,
        standing,
        at=taken.since,
        why=_correction_why(case, before, taken),
        postings=taken.postings,
        changes=tuple(changes),
    )


def _correction_why(case: Case, before: int, taken: Taken | None = None) -> CorrectionWhy:
    return CorrectionWhy(
        rule=case.rule.id,
        order=order_name(case.activity),
        store=case.activity.store,
        before=before,
        target=case.worth.deserved,
        currency=case.activity.order.currency,
        exponent=case.activity.order.exponent,
        basis_minor=case.worth.basis_minor,
        from_others=taken.from_others if taken else 0,
        to_debt=taken.to_debt if taken else 0,
        forgiven=taken.forgiven if taken else 0,
    )
