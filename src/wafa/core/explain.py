"""Why an order earned what it earned: the member's recorded orders told again, by the version of each day.

What is decided again must be what is in the books; where it is not, something else has moved them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from wafa.core.backtest.account import Account, Budgets
from wafa.core.backtest.history import PastOrder
from wafa.core.books import Journal, JournalKind, Lot
from wafa.core.decide import NotEarned
from wafa.core.member import MemberFacts
from wafa.core.program import Program
from wafa.core.why import AccrualWhy


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
    history: Iterable[PastOrder],
    order_id: UUID,
    *,
    until: datetime,
    known: Mapping[UUID, MemberFacts] | None = None,
) -> Explanation:
    """Decide again about one order of a member's `history`, which is sorted by payment, as it stands `until` (UTC).

    `known` is what was known of the member when orders were booked, as far as it was kept with them.
    """
    heard = _Heard(order_id)
    account = Account(program, heard, Budgets(), kept=frozenset([order_id]))
    version: int | None = None
    for past in history:
        paid_at = past.order.paid_at
        if paid_at is None or paid_at > until:
            continue
        heard.is_asked = past.order_id == order_id
        if heard.is_asked and (deciding := program.in_force(paid_at)):
            version = deciding.number
        account.take(past, at=paid_at, known=(known or {}).get(past.order_id))
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

    def miss(self, order_id: UUID, misses: Sequence[NotEarned]) -> None:
        if order_id == self._order_id:
            self.not_earned += misses
