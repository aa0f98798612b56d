"""Settling an order after its payment: refunds, cancellation, edits, and their undoing.

Every settlement aims at a state, not at a step: after it, the grants of the order are what the snapshot deserves, by the
version that granted them. So whatever path led here, the units end the same, and doing it twice changes nothing.
"""

from hashlib import blake2b
from uuid import UUID

import msgspec
from msgspec import Struct

from wafa.core.accrue import may_earn, open_lot, order_name, repay, weigh_order
from wafa.core.books import Account, GrantChange, Journal, JournalKind, Lot, Posting, journal_id
from wafa.core.compare import OrderActivity
from wafa.core.earn import CountedBasis, count_basis
from wafa.core.lots import draw_up_to
from wafa.core.program import Program
from wafa.core.spec import EarningRule, Version
from wafa.core.standing import Standing
from wafa.core.why import ClawbackWhy, CorrectionWhy, ReinstatementWhy, Why


def settle(program: Program, standing: Standing, activity: OrderActivity) -> list[Journal]:
    """Bring the grants of an order to what its latest snapshot deserves. Raises MissingRate for an edited currency."""
    granted = [lot for lot in standing.lots.values() if lot.cause_id == activity.order_id]
    number = min((lot.version for lot in granted), default=None)
    paid_at = activity.order.paid_at
    version = program.numbered(number) if number else program.in_force(paid_at) if paid_at else None
    if version is None or not (granted or may_earn(standing, version)):
        return []
    journals: list[Journal] = []
    for rule in version.spec.earning:
        case = _Case(program=program, activity=activity, version=version, rule=rule)
        for step in (_reinstate, _correct, _claw_back):
            journals += step(case, standing.after(journals))
    return journals


class _Case(Struct, frozen=True, kw_only=True):
    """One rule of the granting version on one order."""

    program: Program
    activity: OrderActivity
    version: Version
    rule: EarningRule

    def grants(self, standing: Standing) -> list[Lot]:
        return standing.grants_of(cause_id=self.activity.order_id, rule=self.rule.id)

    @property
    def is_undone(self) -> bool:
        return self.activity.order.is_void or self.activity.order.paid_at is None

    def counted(self) -> CountedBasis:
        return count_basis(self.activity.order, self.rule)

    def deserved(self, grants: list[Lot]) -> int:
        """Units the order is worth before anything came back. An undone order keeps its grant, and all of it comes back."""
        if self.is_undone:
            return sum(lot.net_granted for lot in grants)
        why, _ = weigh_order(self.version, self.rule, self.activity)
        return why.units if why else 0

    def target(self, deserved: int) -> int:
        """Units that should be taken back by now: in proportion to what was returned, rounded for the member."""
        return deserved if self.is_undone else int(deserved * self.counted().returned)

    def key(self, kind: JournalKind) -> str:
        """Names the cause: which order and rule, and the state of the order that demands it."""
        order = self.activity.order
        state = blake2b(msgspec.json.encode(order), digest_size=8).hexdigest()
        return f"{kind.value}:{self.activity.store}:{order.external_id}:{self.rule.id}:{state}"

    def journal(
        self,
        kind: JournalKind,
        grants: list[Lot],
        *,
        why: Why,
        postings: tuple[Posting, ...],
        changes: tuple[GrantChange, ...],
        lots: tuple[Lot, ...] = (),
    ) -> Journal:
        key = self.key(kind)
        # A settlement is never told as earlier than the grant it settles.
        at = max([self.activity.occurred_at, *(lot.occurred_at for lot in grants)])
        return Journal(
            id=journal_id(kind, key, at=at),
            kind=kind,
            key=key,
            member_id=(grants or lots)[0].member_id,
            occurred_at=at,
            why=why,
            version=self.version.number,
            rule=self.rule.id,
            cause_id=self.activity.order_id,
            postings=postings,
            lots=lots,
            grants=changes,
        )


def _claw_back(case: _Case, standing: Standing) -> list[Journal]:
    grants = case.grants(standing)
    before = sum(lot.clawed_back + lot.forgiven for lot in grants)
    granted = sum(lot.net_granted for lot in grants)
    target = case.target(granted)
    units = target - before
    if units <= 0:
        return []
    taken = _take(case, standing, grants, units, into=Account.CLAWED_BACK)
    counted = case.counted()
    why = ClawbackWhy(
        cause=case.activity.kind.value,
        rule=case.rule.id,
        order=order_name(case.activity),
        store=case.activity.store,
        units=units,
        currency=case.activity.order.currency,
        basis_minor=counted.basis_minor,
        returned_minor=counted.basis_minor if case.is_undone else int(counted.basis_minor * counted.returned),
        granted=granted,
        target=target,
        before=before,
        from_others=taken.from_others,
        to_debt=taken.to_debt,
        forgiven=taken.forgiven,
    )
    changes = _attribute(grants, units - taken.forgiven, taken.forgiven)
    return [case.journal(JournalKind.CLAWBACK, grants, why=why, postings=taken.postings, changes=changes)]


def _reinstate(case: _Case, standing: Standing) -> list[Journal]:
    """Give back what an undone refund or cancellation had taken: forgiven units first, for they were never taken."""
    grants = case.grants(standing)
    surplus = sum(lot.clawed_back + lot.forgiven for lot in grants) - case.target(case.deserved(grants))
    if surplus <= 0:
        return []
    postings: list[Posting] = []
    changes: list[GrantChange] = []
    units = 0
    for lot in grants:
        unforgiven = min(lot.forgiven, surplus)
        back = min(lot.clawed_back, surplus - unforgiven)
        surplus -= unforgiven + back
        if back:
            units += back
            postings.append(Posting(lot.unit, Account.CLAWED_BACK, lot.pocket, back, lot.id))
        if back or unforgiven:
            changes.append(GrantChange(lot_id=lot.id, clawed_back=-back, forgiven=-unforgiven, reinstated=back))
    activity = case.activity
    why = ReinstatementWhy(rule=case.rule.id, order=order_name(activity), store=activity.store, units=units)
    journal = case.journal(JournalKind.REINSTATEMENT, grants, why=why, postings=tuple(postings), changes=tuple(changes))
    journals = [journal]
    for lot in grants:
        after = standing.after(journals)
        journals += repay(after, after.lots[lot.id], cause=journal, order=order_name(activity))
    return journals


def _correct(case: _Case, standing: Standing) -> list[Journal]:
    """Follow an edit of the order: more is granted as a lot of its own, less is taken off the grant."""
    grants = case.grants(standing)
    before, target = sum(lot.net_granted for lot in grants), case.deserved(grants)
    if before == target:
        return []
    return (
        _grant_more(case, standing, grants, target) if target > before else _grant_less(case, standing, grants, target)
    )


def _correction_why(case: _Case, before: int, target: int, *, to_debt: int = 0, forgiven: int = 0) -> CorrectionWhy:
    return CorrectionWhy(
        rule=case.rule.id,
        order=order_name(case.activity),
        store=case.activity.store,
        before=before,
        target=target,
        currency=case.activity.order.currency,
        basis_minor=case.counted().basis_minor,
        to_debt=to_debt,
        forgiven=forgiven,
    )


def _grant_more(case: _Case, standing: Standing, grants: list[Lot], target: int) -> list[Journal]:
    before = sum(lot.net_granted for lot in grants)
    lot = open_lot(
        case.program,
        standing,
        case.activity,
        version=case.version,
        key=case.key(JournalKind.CORRECTION),
        rule=case.rule.id,
        unit=case.rule.unit,
        units=target - before,
    )
    journal = case.journal(
        JournalKind.CORRECTION,
        grants,
        why=_correction_why(case, before, target),
        postings=(Posting(lot.unit, Account.ISSUED, lot.pocket, lot.granted, lot.id),),
        changes=(),
        lots=(lot,),
    )
    return [journal, *repay(standing, lot, cause=journal, order=order_name(case.activity))]


def _grant_less(case: _Case, standing: Standing, grants: list[Lot], target: int) -> list[Journal]:
    before = sum(lot.net_granted for lot in grants)
    taken = _take(case, standing, grants, before - target, into=Account.ISSUED)
    why = _correction_why(case, before, target, to_debt=taken.to_debt, forgiven=taken.forgiven)
    changes = []
    missing = before - target
    for lot in reversed(grants):
        off = min(lot.net_granted - lot.clawed_back - lot.forgiven, missing)
        missing -= off
        if off:
            changes.append(GrantChange(lot_id=lot.id, corrected=off))
    return [case.journal(JournalKind.CORRECTION, grants, why=why, postings=taken.postings, changes=tuple(changes))]


class _Taken(Struct, frozen=True, kw_only=True):
    postings: tuple[Posting, ...]
    from_others: int
    to_debt: int
    forgiven: int


def _take(case: _Case, standing: Standing, grants: list[Lot], units: int, *, into: Account) -> _Taken:
    """Take `units` back: what is left of the grant, what of it had expired, other available lots, then debt (or nothing).

    Other lots come before debt, for had the order never been, the member would have spent from them.
    """
    unit = case.rule.unit
    postings: list[Posting] = []
    missing = units
    for lot in reversed(grants):
        for account, held in ((lot.pocket, lot.remaining), (Account.BREAKAGE, lot.expired)):
            amount = min(held, missing)
            if amount:
                postings.append(Posting(unit, account, into, amount, lot.id))
                missing -= amount
    own: set[UUID] = {lot.id for lot in grants}
    others = [lot for lot in standing.lots_of(unit=unit) if lot.id not in own]
    draws, owed = draw_up_to(others, missing, at=case.activity.occurred_at) if missing else ((), 0)
    postings += [Posting(unit, Account.AVAILABLE, into, draw.amount, draw.lot_id) for draw in draws]
    policy = case.program.unit(unit, version=case.version.number).clawback
    to_debt = owed if policy == "debt" else 0
    if to_debt:
        postings.append(Posting(unit, Account.DEBT, into, to_debt))
    return _Taken(postings=tuple(postings), from_others=missing - owed, to_debt=to_debt, forgiven=owed - to_debt)


def _attribute(grants: list[Lot], clawed_back: int, forgiven: int) -> tuple[GrantChange, ...]:
    """Spread what was taken back over the grants it belongs to, none beyond what it granted."""
    changes = []
    for lot in reversed(grants):
        room = lot.net_granted - lot.clawed_back - lot.forgiven
        taken = min(room, clawed_back)
        let_go = min(room - taken, forgiven)
        clawed_back -= taken
        forgiven -= let_go
        if taken or let_go:
            changes.append(GrantChange(lot_id=lot.id, clawed_back=taken, forgiven=let_go))
    return tuple(changes)
