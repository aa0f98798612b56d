"""What the queue and the clock start. Each job opens its own transactions and drains batches; none is per order."""

import logging
from datetime import UTC, datetime
from uuid import UUID

from procrastinate import JobContext
from procrastinate.contrib.django import app

from wafa.jobs.drain import drain_program
from wafa.jobs.housekeeping import prune_program, purge_jobs
from wafa.jobs.outbox import run_program_outbox
from wafa.jobs.poll import poll_program
from wafa.jobs.turn_clock import turn_clock
from wafa.kit.queue import DRAIN_INBOX, RUN_OUTBOX, start_job
from wafa.programs.queries import list_program_ids

_log = logging.getLogger(__name__)

_STALLED_AFTER_SECONDS = 30


@app.task(name=DRAIN_INBOX, queue="inbox")
def drain_inbox_job(program_id: str) -> None:
    """Book everything that waits in a program's inbox."""
    drain_program(UUID(program_id))


@app.task(name=RUN_OUTBOX, queue="outbox")
def run_outbox_job(program_id: str) -> None:
    """Keep every promise of a program's outbox that is due."""
    run_program_outbox(UUID(program_id))


@app.periodic(cron="* * * * *")
@app.task(name="turn_clock", queueing_lock="turn_clock")
def turn_clock_job(timestamp: int) -> None:
    """Each minute: mature and expire what is due, and start whatever a crash may have left undone."""
    for program_id in list_program_ids():
        turn_clock(program_id, at=datetime.fromtimestamp(timestamp, UTC))
        start_job(DRAIN_INBOX, program_id=program_id)
        start_job(RUN_OUTBOX, program_id=program_id)


@app.periodic(cron="*/10 * * * *")
@app.task(name="poll_stores", queueing_lock="poll_stores")
def poll_stores_job(timestamp: int) -> None:
    """Every ten minutes: ask stores for what they never sent."""
    for program_id in list_program_ids():
        poll_program(program_id, at=datetime.fromtimestamp(timestamp, UTC))


@app.periodic(cron="17 3 * * *")
@app.task(name="prune", queueing_lock="prune")
def prune_job(timestamp: int) -> None:
    """Each night: let go of raw bodies past their time, and of finished jobs."""
    at = datetime.fromtimestamp(timestamp, UTC)
    for program_id in list_program_ids():
        prune_program(program_id, at=at)
    purge_jobs(at=at)


@app.periodic(cron="* * * * *")
@app.task(name="retry_stalled_jobs", queueing_lock="retry_stalled_jobs", pass_context=True)
async def retry_stalled_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - every periodic job gets it
    """Each minute: start the jobs of killed workers again, for a job that never ends blocks its lock for ever."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_AFTER_SECONDS):
        _log.warning("job %s was left by a dead worker and starts again", job.id)
        await manager.retry_job(job)
