"""One rule on one order that is being settled: what the order is worth to it now, and how its journals are told."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from wafa.core.books import GrantChange, Journal, JournalKind, Lot, Posting, make_journal
from wafa.core.compare import OrderActivity
from wafa.core.earn import count_basis
from wafa.core.limits import ASKS_FOR_MORE, Allowed, Request, allow
from wafa.core.member import MemberFacts
from wafa.core.partners import owe_for_grants
from wafa.core.program import Program
from wafa.core.spec import EarningRule, Version
from wafa.core.standing import Standing
from wafa.core.weigh import Weighed, weigh_activity
from wafa.core.why import Why


class Worth(Struct, frozen=True, kw_only=True):
    """What the snapshot is worth to a rule: `deserved` units, of which `returned` should be taken back by now.

    `by_earnings` says that this is another share of them than `returned_minor` is of the basis. `allowed` says what the
    limits of the rule left of it, where an edit asked for more.
    """

    deserved: int
    returned: int
    basis_minor: int
    returned_minor: int
    by_earnings: bool = False
    allowed: Allowed | None = None


class Case(Struct, frozen=True, kw_only=True):
    """One rule of the granting version on one order. `state` tells one snapshot of the order from the others."""

    program: Program
    activity: OrderActivity
    version: Version
    rule: EarningRule
    state: str
    worth: Worth

    @property
    def leaves_debt(self) -> bool:
        return self.program.unit(self.rule.unit, version=self.version.number).clawback == "debt"

    def key(self, kind: JournalKind) -> str:
        """Names the cause: which order and rule, and the state of the order that demands it."""
        return f"{kind.value}:{self.activity.store}:{self.activity.order.external_id}:{self.rule.id}:{self.state}"

    def moment(self, grants: Sequence[Lot]) -> datetime:
        """When the settlement is told: never earlier than the grants it settles."""
        return max([self.activity.occurred_at, *(lot.occurred_at for lot in grants)])

    def journal(
        self,
        kind: JournalKind,
        standing: Standing,
        *,
        at: datetime,
        why: Why,
        postings: tuple[Posting, ...],
        changes: tuple[GrantChange, ...] = (),
        lots: tuple[Lot, ...] = (),
    ) -> Journal:
        key = self.key(kind)
        return make_journal(
            kind,
            key,
            member_id=standing.member_id,
            at=at,
            why=why,
            version=self.version.number,
            rule=self.rule.id,
            cause_id=self.activity.order_id,
            postings=postings,
            lots=lots,
            grants=changes,
            obligations=owe_for_grants(
                self.version.spec, self.rule, opened=lots, changes=changes, before=standing.lots
            ),
        )


def measure(
    program: Program,
    version: Version,
    rule: EarningRule,
    activity: OrderActivity,
    standing: Standing,
    *,
    member: MemberFacts,
) -> Worth:
    """Units are taken back in proportion to what was returned of what had earned them, rounded for the member.

    A cancelled or deleted order keeps what it was granted, and all of it comes back: some stores empty an order when
    they cancel it. One that is no longer paid deserves nothing.
    """
    order = activity.order
    grants = standing.grants_of(cause_id=activity.order_id, rule=rule.id)
    counted = count_basis(order, rule, version.spec, with_deductions=False)
    has = sum(lot.net_granted for lot in grants)
    if order.is_void:
        return Worth(deserved=has, returned=has, basis_minor=counted.basis_minor, returned_minor=counted.basis_minor)
    weighed = weigh_activity(program, version, rule, activity, member) if order.paid_at else Weighed()
    deserved = weighed.why.units if weighed.why else 0
    allowed = None
    if deserved > has and activity.kind not in ASKS_FOR_MORE:
        # What was not granted when it was paid for stays so until the store itself changes what it is worth.
        deserved = has
    elif deserved > has and (bounds := program.bounds(rule.id, version=version.number)):
        request = Request(
            cause_id=activity.cause_id,
            at=activity.judged_at,
            units=deserved,
            has=has,
            promised=sum(lot.granted for lot in grants),
            is_first=not grants,
        )
        allowed = allow(bounds, request, uses=standing.uses or (), spent=standing.spent)
        deserved = allowed.units
    return Worth(
        deserved=deserved,
        returned=int(deserved * weighed.returned),
        basis_minor=counted.basis_minor,
        returned_minor=int(counted.basis_minor * counted.returned),
        by_earnings=weighed.returned != counted.returned,
        allowed=allowed,
    )
