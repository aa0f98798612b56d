"""Why an order earned what it earned: the member's recorded orders told again, by the version of each day.

What is decided again must be what is in the books; where it is not, something else has moved them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from wafa.core.backtest.account import Account, Budgets, Recalled
from wafa.core.backtest.history import Past, PastOrder
from wafa.core.books import Journal, JournalKind, Lot
from wafa.core.decide import NotEarned
from wafa.core.program import Program
from wafa.core.uses import Spent
from wafa.core.why import AccrualWhy, Limited


class ExplainedRule(Struct, frozen=True, kw_only=True):
    """What one rule grants for the order as it was last told, in `unit`, and how much of it `kept` after refunds."""

    rule: str
    unit: str
    why: AccrualWhy
    kept: int


class Explanation(Struct, frozen=True, kw_only=True):
    """What `version` decides about an order; None before the program began. `refused` says why nothing was decided."""

    version: int | None
    rules: tuple[ExplainedRule, ...]
    not_earned: tuple[NotEarned, ...]
    refused: str = ""


def explain(
    program: Program,
    history: Iterable[Past],
    order_id: UUID,
    *,
    until: datetime,
    recalled: Mapping[UUID, Recalled] | None = None,
) -> Explanation:
    """Decide again about one order of a member's `history`, which is sorted by time, as it stands `until` (UTC).

    `recalled` is what was known when orders were booked, as far as the books tell it.
    """
    heard = _Heard(order_id)
    account = Account(program, heard, Budgets(), kept=frozenset([order_id]))
    version: int | None = None
    for past in history:
        at = past.at
        if at is None or at > until:
            continue
        booked = None
        heard.is_asked = isinstance(past, PastOrder) and past.order_id == order_id
        if isinstance(past, PastOrder):
            booked = (recalled or {}).get(past.order_id)
            if heard.is_asked and past.order.paid_at and (deciding := program.in_force(past.order.paid_at)):
                version = deciding.number
        account.take(past, at=at, recalled=booked)
    account.advance(until)
    kept = kept_by_rule(account.grants_of(order_id))
    return Explanation(
        version=version,
        rules=tuple(
            ExplainedRule(rule=why.rule, unit=unit, why=why, kept=kept.get((why.rule, unit), 0))
            for unit, why in heard.earned
        ),
        not_earned=tuple(heard.not_earned),
        refused=heard.refused,
    )


def spent_before(
    program: Program, grants: Iterable[Lot], limited: Iterable[tuple[str, Limited]], *, at: datetime
) -> Spent:
    """What had been promised of budgets when an order of that moment was booked, as far as its grants show it.

    `limited` are the rules whose grants were cut, and by what. A rule that granted nothing may have had nothing left:
    where anything else kept it from granting, nobody asks.
    """
    version = program.in_force(at)
    cut = {(rule, why.part) for rule, why in limited}
    granted: dict[str, int] = {}
    for lot in grants:
        granted[lot.rule] = granted.get(lot.rule, 0) + lot.net_granted
    spent: dict[str, int] = {}
    for rule in version.spec.earning if version else ():
        for bound in program.bounds(rule.id, version=version.number) if version else ():
            if bound.by != "member":
                left = granted.get(rule.id, 0) if (rule.id, bound.part) in cut else bound.most
                spent[bound.budget(at)] = bound.most - (left if rule.id in granted else 0)
    return spent


def kept_by_rule(grants: Iterable[Lot]) -> dict[tuple[str, str], int]:
    """What is left of what lots granted, by rule and unit: less what edits and refunds took back, or let go."""
    kept: dict[tuple[str, str], int] = {}
    for lot in grants:
        key = (lot.rule, lot.unit)
        kept[key] = kept.get(key, 0) + lot.net_granted - lot.taken_back
    return kept


class _Heard:
    """Listens for one order."""

    def __init__(self, order_id: UUID) -> None:
        self._order_id = order_id
        self.is_asked = False
        self.earned: list[tuple[str, AccrualWhy]] = []
        self.not_earned: list[NotEarned] = []
        self.refused = ""

    def take(self, *, spend_minor: int) -> None:
        pass

    def refuse(self, reason: str) -> None:
        if self.is_asked:
            self.refused = reason

    def add(self, journal: Journal) -> None:
        if journal.cause_id == self._order_id and journal.kind is JournalKind.ACCRUAL:
            assert isinstance(journal.why, AccrualWhy)
            self.earned.append((journal.lots[0].unit, journal.why))

    def miss(self, cause_id: UUID, misses: Sequence[NotEarned]) -> None:
        if cause_id == self._order_id:
            self.not_earned += misses
