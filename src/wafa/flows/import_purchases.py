"""Bring in orders of before: the way of every order, but told to nobody, and earning only where that was chosen."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from wafa.activities.operations import mark_first_seen
from wafa.activities.queries import list_known_orders, list_orders_seen_at
from wafa.core.books import Journal
from wafa.flows.import_members import History
from wafa.flows.take_facts import OutcomeKind, StoreFact, take_facts
from wafa.imports.operations import TakenRow
from wafa.imports.rows import PastPurchase


def import_purchases(
    program_id: UUID, rows: Sequence[PastPurchase], history: History, *, store_id: UUID, at: datetime
) -> list[TakenRow]:
    """Take in orders. Returns what came of each row, in order; without rows whose order is known, which change nothing.

    Members are enrolled as by orders that a store tells itself.
    """
    known = list_known_orders(program_id, store_id=store_id, external_ids={row.order.external_id for row in rows})
    first: dict[str, PastPurchase] = {}
    for row in rows:
        if row.order.external_id not in known:
            first.setdefault(row.order.external_id, row)
    new = list(first.values())
    facts = [StoreFact(store_id=store_id, store=history.store, fact=row.order) for row in new]
    outcomes = take_facts(program_id, facts, at=at, is_history=True)
    ours = list_orders_seen_at(program_id, store_id=store_id, external_ids=first, at=at)
    mark_first_seen(program_id, ours.values(), at=at)
    taken = []
    for row, outcome in zip(new, outcomes, strict=True):
        if outcome.kind is not OutcomeKind.TAKEN:
            taken.append(TakenRow(line=row.line, cell="order", fault=outcome.reason))
            continue
        taken.append(
            TakenRow(
                line=row.line,
                member_id=outcome.member_id,
                enrolled=outcome.enrolled,
                order_id=ours.get(row.order.external_id),
                lots=_lots_of(outcome.journals),
            )
        )
    return taken


def _lots_of(journals: Sequence[Journal]) -> msgspec.Raw | None:
    lots = [lot.id for journal in journals for lot in journal.lots]
    return msgspec.Raw(msgspec.json.encode(lots)) if lots else None
