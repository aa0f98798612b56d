"""Start jobs by name, so that a door need not know the room that does them."""

from uuid import UUID

from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

DRAIN_INBOX = "drain_inbox"
RUN_OUTBOX = "run_outbox"
SETTLE_REFERRALS = "settle_referrals"
RUN_IMPORTS = "run_imports"


def start_job(name: str, *, program_id: UUID) -> None:
    """Queue the job `name` of a program, unless it is queued already. Call it after the commit.

    A job that is queued but not yet running sees everything committed by now, so one is enough.
    """
    lock = f"{name}:{program_id}"
    # Most find one queued, and a refusal of the queue's would be an error in the database's log each time.
    if ProcrastinateJob.objects.filter(queueing_lock=lock, status="todo").exists():
        return
    try:
        app.configure_task(name, queueing_lock=lock).defer(program_id=str(program_id))
    except AlreadyEnqueued:
        return
