"""Drain a program's inbox, one transaction per batch."""

from datetime import UTC, datetime
from uuid import UUID

from wafa.flows.drain_inbox import drain_inbox
from wafa.kit.queue import RUN_OUTBOX, start_job
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction


def drain_program(program_id: UUID, *, limit: int = 500) -> int:
    """Book what waits until nothing is due. Returns how many deliveries were taken.

    Several may drain at once: deliveries in another's hands are skipped, orders and members are locked.
    """
    total = 0
    while taken := _drain_batch(program_id, limit):
        total += taken
    if total:
        start_job(RUN_OUTBOX, program_id=program_id)
    return total


@retried
def _drain_batch(program_id: UUID, limit: int) -> int:
    with program_transaction(program_id):
        return drain_inbox(program_id, at=datetime.now(UTC), limit=limit)
