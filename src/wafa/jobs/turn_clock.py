"""What the passing of time does to one program, caught up in chunks after any downtime."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from wafa.flows.expire_lots import expire_lots
from wafa.flows.mature_lots import mature_lots
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction


def turn_clock(program_id: UUID, *, at: datetime, limit: int = 1_000) -> int:
    """Mature, then expire, everything that was due by `at`. Returns how many lots were looked at."""
    return sum(_turn(flow, program_id, at=at, limit=limit) for flow in (mature_lots, expire_lots))


def _turn(flow: Callable[..., int], program_id: UUID, *, at: datetime, limit: int) -> int:
    @retried
    def turn_chunk() -> int:
        with program_transaction(program_id):
            return flow(program_id, at=at, limit=limit)

    total = 0
    while looked_at := turn_chunk():
        total += looked_at
    return total
