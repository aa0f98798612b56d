"""Let go of what has served its time."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection

from wafa.imports.operations import drop_files
from wafa.imports.queries import list_ended_imports
from wafa.kit.transactions import program_transaction
from wafa.ledger.partners import close_accounts
from wafa.referrals.operations import drop_ended_claims
from wafa.relay.operations import prune_bodies

BODIES_ARE_KEPT = timedelta(days=90)
FILES_ARE_KEPT = timedelta(days=30)
JOBS_ARE_KEPT = timedelta(days=7)
CLAIMS_ARE_KEPT = timedelta(days=30)
"""After their end: an order of the days of attribution may be told that late."""


SETTLED_AFTER = timedelta(days=2)
"""No transaction is under way for so long, so by then nothing is booked any more before a moment."""


def close_program(program_id: UUID, *, at: datetime) -> int:
    """Close the accounts of partners at the beginning of the month, once it is two days old. Returns how many."""
    month = (at.astimezone(UTC) - SETTLED_AFTER).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    with program_transaction(program_id):
        return close_accounts(program_id, until=month)


def prune_program(program_id: UUID, *, at: datetime) -> int:
    """Delete the raw bytes of deliveries that were finished long ago. Parked ones stay. Returns how many went.

    Who followed an advocate and never came is forgotten too. The files of imports that ended go as well: all that is
    needed to undo one stays.
    """
    with program_transaction(program_id):
        drop_ended_claims(program_id, before=at - CLAIMS_ARE_KEPT)
        drop_files(program_id, list_ended_imports(program_id, before=at - FILES_ARE_KEPT))
        return prune_bodies(program_id, before=at - BODIES_ARE_KEPT)


def purge_jobs(*, at: datetime) -> int:
    """Delete finished jobs, but none that a periodic task still points at. Returns how many went."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM procrastinate_jobs AS job
            WHERE job.status IN ('succeeded', 'failed', 'cancelled', 'aborted')
              AND NOT EXISTS (SELECT 1 FROM procrastinate_periodic_defers AS periodic WHERE periodic.job_id = job.id)
              AND NOT EXISTS (
                  SELECT 1 FROM procrastinate_events AS event WHERE event.job_id = job.id AND event.at > %s
              )
            """,
            [at - JOBS_ARE_KEPT],
        )
        count: int = cursor.rowcount
        return count
