"""What the queue and the clock start. Each job opens its own transactions and drains batches; none is per order."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from wafa.jobs.drain import drain_program
from wafa.jobs.housekeeping import close_program, prune_program, purge_jobs
from wafa.jobs.imports.work import run_imports
from wafa.jobs.outbox import run_program_outbox
from wafa.jobs.poll import poll_program
from wafa.jobs.turn_clock import celebrate, expire_idle, settle_referrals, turn_clock, warn
from wafa.kit.queue import DRAIN_INBOX, RUN_IMPORTS, RUN_OUTBOX, SETTLE_REFERRALS, start_job
from wafa.programs.queries import list_program_ids

_log = logging.getLogger(__name__)

INSIDE = "inside"
"""The queue of jobs that need our own database alone."""

OUTSIDE = "outside"
"""The queue of jobs that ask systems of others: these may be slow or silent."""

_STALLED_AFTER_SECONDS = 30


@app.task(name=DRAIN_INBOX, queue=INSIDE)
def drain_inbox_job(program_id: str) -> None:
    """Book everything that waits in a program's inbox."""
    drain_program(UUID(program_id))


@app.task(name=RUN_OUTBOX, queue=OUTSIDE)
def run_outbox_job(program_id: str) -> None:
    """Keep every promise of a program's outbox that is due."""
    run_program_outbox(UUID(program_id))


@app.task(name=SETTLE_REFERRALS, queue=INSIDE)
def settle_referrals_job(program_id: str) -> None:
    """Settle every referral of a program about which there is something new."""
    settle_referrals(UUID(program_id), at=datetime.now(UTC))


@app.task(name=RUN_IMPORTS, queue=OUTSIDE)
def run_imports_job(program_id: str) -> None:
    """Try, run and undo what was asked for of a program's imports; some of them ask stores."""
    run_imports(UUID(program_id))


@app.periodic(cron="* * * * *")
@app.task(name="turn_clock", queue=INSIDE, queueing_lock="turn_clock")
def turn_clock_job(timestamp: int) -> None:
    """Each minute: mature, expire and review what is due, and start whatever a crash may have left undone."""
    start_what_waits()
    _for_each_program(lambda program_id: turn_clock(program_id, at=datetime.fromtimestamp(timestamp, UTC)))


@app.periodic(cron="5 * * * *")
@app.task(name="celebrate", queue=INSIDE, queueing_lock="celebrate")
def celebrate_job(timestamp: int) -> None:
    """Each hour: days begin at midnight, which is at another hour in every zone.

    Before idle units expire: whoever celebrates is not idle.
    """
    _for_each_program(lambda program_id: celebrate(program_id, at=datetime.fromtimestamp(timestamp, UTC)))


@app.periodic(cron="7 * * * *")
@app.task(name="expire_idle", queue=INSIDE, queueing_lock="expire_idle")
def expire_idle_job(timestamp: int) -> None:
    """Each hour: expire units of members who were not active for as long as their program allows."""
    _for_each_program(lambda program_id: expire_idle(program_id, at=datetime.fromtimestamp(timestamp, UTC)))


@app.periodic(cron="10 * * * *")
@app.task(name="warn", queue=INSIDE, queueing_lock="warn")
def warn_job(timestamp: int) -> None:
    """Each hour: announce to programs' endpoints which units will end soon."""
    _for_each_program(lambda program_id: warn(program_id, at=datetime.fromtimestamp(timestamp, UTC)))


@app.periodic(cron="*/10 * * * *")
@app.task(name="poll_stores", queue=OUTSIDE, queueing_lock="poll_stores")
def poll_stores_job(timestamp: int) -> None:
    """Every ten minutes: ask stores for what they never sent."""
    _for_each_program(lambda program_id: poll_program(program_id, at=datetime.fromtimestamp(timestamp, UTC)))


@app.periodic(cron="17 3 * * *")
@app.task(name="prune", queue=INSIDE, queueing_lock="prune")
def prune_job(timestamp: int) -> None:
    """Each night: let go of raw bodies past their time, and of finished jobs; close the accounts of partners."""
    at = datetime.fromtimestamp(timestamp, UTC)
    purge_jobs(at=at)
    _for_each_program(lambda program_id: close_program(program_id, at=at))
    _for_each_program(lambda program_id: prune_program(program_id, at=at))


@app.periodic(cron="* * * * *")
@app.task(name="retry_stalled_jobs", queue=INSIDE, queueing_lock="retry_stalled_jobs", pass_context=True)
async def retry_stalled_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - every periodic job gets it
    """Each minute: start the jobs of killed workers again, for a job that never ends blocks its lock for ever."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_AFTER_SECONDS):
        _log.warning("job %s was left by a dead worker", job.id)
        try:
            await manager.retry_job(job)
        except UniqueViolation:
            # Another like it is queued already, and will do its work.
            await manager.finish_job(job, status=Status.FAILED, delete_job=False)


def start_what_waits() -> None:
    """Queue what drains inboxes and outboxes, whether or not the job that was to do it got lost."""
    for program_id in list_program_ids():
        for name in (DRAIN_INBOX, RUN_OUTBOX):
            start_job(name, program_id=program_id)


def _for_each_program(act: Callable[[UUID], object]) -> None:
    """Act for every program, also where it fails for another. Raises ExceptionGroup in the end."""
    errors: list[Exception] = []
    for program_id in list_program_ids():
        try:
            act(program_id)
        except Exception as error:
            error.add_note(f"program {program_id}")
            errors.append(error)
    if errors:
        raise ExceptionGroup("failed for some programs", errors)
