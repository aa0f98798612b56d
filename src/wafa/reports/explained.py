"""Why an order earned what it earned: decided again by what is recorded, beside what is in the books."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from wafa.activities.history import read_history
from wafa.activities.queries import load_member_facts
from wafa.core.backtest import PastOrder
from wafa.core.backtest.account import Recalled
from wafa.core.books import Lot
from wafa.core.explain import Explanation, explain, kept_by_rule, spent_before
from wafa.core.program import Program
from wafa.core.tiers.record import Entry
from wafa.core.why import Limited
from wafa.ledger.booked import list_limited
from wafa.ledger.queries import list_lots
from wafa.members.standings import load_tier_records
from wafa.programs.queries import list_stores


def explain_order(
    program_id: UUID, program: Program, *, member_id: UUID, order_id: UUID, at: datetime
) -> tuple[Explanation, Mapping[tuple[str, str], int]]:
    """An explanation of a member's paid order as it stands `at`, and what it has kept in the books, by rule and unit.

    The caller has opened the program's transaction.
    """
    stores = {store.id: store.code for store in list_stores(program_id)}
    history = list(read_history(program_id, stores, until=at, member_id=member_id))
    orders = [past for past in history if isinstance(past, PastOrder)]
    lots = list_lots(program_id, member_id)
    recalled = _recall(program_id, program, member_id, orders, lots)
    booked = kept_by_rule(lot for lot in lots if lot.cause_id == order_id)
    return explain(program, history, order_id, until=at, recalled=recalled), booked


def _recall(
    program_id: UUID, program: Program, member_id: UUID, orders: list[PastOrder], lots: list[Lot]
) -> dict[UUID, Recalled]:
    """What was known when these orders were booked."""
    facts = load_member_facts(program_id, [past.order_id for past in orders])
    entries: Mapping[UUID, Entry] = {}
    if program.has_tiers:
        entries = load_tier_records(program_id, [member_id])[member_id].entries
    granted: dict[UUID | None, list[Lot]] = {}
    for lot in lots:
        granted.setdefault(lot.cause_id, []).append(lot)
    limited: dict[UUID, list[tuple[str, Limited]]] = {}
    for cause_id, rule, why in list_limited(program_id, member_id) if program.has_budgets else ():
        limited.setdefault(cause_id, []).append((rule, why))
    return {
        past.order_id: Recalled(
            known=facts.get(past.order_id),
            tier=entries[past.order_id].tier if past.order_id in entries else None,
            spent=spent_before(
                program, granted.get(past.order_id, ()), limited.get(past.order_id, ()), at=past.order.paid_at
            ),
        )
        for past in orders
        if past.order.paid_at is not None
    }
