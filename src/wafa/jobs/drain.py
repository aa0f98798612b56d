"""Drain a program's inbox, one transaction per batch."""

from datetime import UTC, datetime
from uuid import UUID

from wafa.flows.drain_inbox import drain_inbox, drain_one
from wafa.kit.planner import plan_anew
from wafa.kit.retries import is_outage, retried
from wafa.kit.transactions import program_transaction


def drain_program(program_id: UUID, *, limit: int = 500) -> int:
    """Book what waits until nothing is due. Returns how many deliveries were taken.

    Several may drain at once: deliveries in another's hands are skipped, orders and members are locked. A batch that
    is lost with the machine before the disk has it is drained again. A long drain may begin with empty tables, so plans
    are made anew each time that twice as many are booked.
    """
    total, planned_at = 0, limit
    while taken := _drain_batch_or_each(program_id, limit):
        total += taken
        if total >= 2 * planned_at:
            plan_anew()
            planned_at = total
    return total


def _drain_batch_or_each(program_id: UUID, limit: int) -> int:
    """Book a batch; one that fails is gone through one by one, so that only the delivery at fault waits."""
    try:
        return _drain_batch(program_id, limit)
    except Exception as error:
        if is_outage(error):
            raise
    return sum(_drain_one(program_id) for _ in range(limit))


@retried
def _drain_batch(program_id: UUID, limit: int) -> int:
    with program_transaction(program_id, awaits_disk=False):
        return drain_inbox(program_id, at=datetime.now(UTC), limit=limit)


@retried
def _drain_one(program_id: UUID) -> int:
    with program_transaction(program_id, awaits_disk=False):
        return drain_one(program_id, at=datetime.now(UTC))
