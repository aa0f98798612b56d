"""What the queue and the clock start, and what becomes of the jobs of killed workers."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from unittest import mock
from uuid import UUID

import psycopg
import pytest
from procrastinate import App, JobContext
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job

from tests.deliveries import direct_order, get_delivery, keep
from tests.world import BEGAN, World, order, spec_document, unit
from wafa.core.books import Balance
from wafa.jobs import tasks
from wafa.jobs.housekeeping import BODIES_ARE_KEPT, JOBS_ARE_KEPT, prune_program, purge_jobs
from wafa.jobs.turn_clock import turn_clock
from wafa.kit.queue import DRAIN_INBOX, RUN_OUTBOX, start_job
from wafa.kit.transactions import program_transaction
from wafa.relay.models import DeliveryBody

pytestmark = pytest.mark.django_db(transaction=True)

Owner = psycopg.Connection[Any]
Result = TypeVar("Result")
NOW = datetime.now(UTC)


@pytest.fixture
def queue(owner: Owner) -> Owner:
    """The queue's tables, emptied: Django does not empty them, for they are not its own."""
    owner.execute("TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_periodic_defers CASCADE")
    return owner


def job_states(name: str) -> list[str]:
    return list(ProcrastinateJob.objects.filter(task_name=name).order_by("id").values_list("status", flat=True))


def test_the_worker_knows_every_job_that_doors_start() -> None:
    app.perform_import_paths()  # type: ignore[no-untyped-call]
    assert {DRAIN_INBOX, RUN_OUTBOX} <= app.tasks.keys()
    lanes = {task.queue for name, task in app.tasks.items() if not name.startswith(("builtin", "procrastinate"))}
    assert lanes == {tasks.INSIDE, tasks.OUTSIDE}


def test_a_job_is_queued_once_until_it_runs(queue: Owner) -> None:
    one, other = World(), World()
    for world in (one, other, one):
        start_job(DRAIN_INBOX, program_id=world.program_id)
    assert job_states(DRAIN_INBOX) == ["todo", "todo"]
    queue.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    start_job(DRAIN_INBOX, program_id=one.program_id)
    assert job_states(DRAIN_INBOX) == ["doing", "doing", "todo"]


def test_each_minute_starts_what_a_lost_job_left_undone(queue: Owner) -> None:
    world = World()
    (delivery_id,) = keep(world, direct_order("O1", 1_000))
    assert job_states(DRAIN_INBOX) == []
    tasks.turn_clock_job(int(NOW.timestamp()))
    assert {"todo"} == {*job_states(DRAIN_INBOX)} == {*job_states(RUN_OUTBOX)}
    run_queue(tasks.INSIDE)
    assert get_delivery(world, delivery_id).state == "done"
    assert world.balance("c1") == Balance(available=10, issued=10)
    assert {*job_states(DRAIN_INBOX)} == {"succeeded"}


def test_one_programs_fault_keeps_the_clock_from_no_other(queue: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, whole = World(), World(spec_document(units=[unit(maturity={"kind": "after_days", "days": 14})]))
    whole.take(order("O1", 1_000))

    def fail_for_one(program_id: UUID, *, at: datetime) -> int:
        if program_id == broken.program_id:
            raise ValueError("no such luck")
        return turn_clock(program_id, at=at)

    monkeypatch.setattr(tasks, "turn_clock", fail_for_one)
    with pytest.raises(ExceptionGroup) as failed:
        tasks.turn_clock_job(int((BEGAN + timedelta(days=20)).timestamp()))
    assert [error.__notes__ for error in failed.value.exceptions] == [[f"program {broken.program_id}"]]
    assert whole.balance("c1") == Balance(available=10, issued=10)


@pytest.mark.parametrize("pruned", [False, True], ids=["heartbeat-old", "worker-forgotten"])
def test_the_job_of_a_killed_worker_starts_again_and_gives_its_lock_free(queue: Owner, *, pruned: bool) -> None:
    """Also where a new worker has already removed the row of the dead one, as it does when it starts."""
    world = World()
    (delivery_id,) = keep(world, direct_order("O1", 1_000))
    die_doing(queue, DRAIN_INBOX, world, lock="only-one", silent_for=timedelta(seconds=31))
    if pruned:
        queue.execute("DELETE FROM procrastinate_workers")
    run_queue(tasks.INSIDE)
    assert job_states(DRAIN_INBOX) == ["doing"]

    retry_stalled_jobs()
    assert job_states(DRAIN_INBOX) == ["todo"]
    run_queue(tasks.INSIDE)
    assert job_states(DRAIN_INBOX) == ["succeeded"]
    assert get_delivery(world, delivery_id).state == "done"


def test_the_job_of_a_living_worker_is_left_alone(queue: Owner) -> None:
    die_doing(queue, DRAIN_INBOX, World(), silent_for=timedelta(seconds=5))
    retry_stalled_jobs()
    assert job_states(DRAIN_INBOX) == ["doing"]


def test_a_stalled_job_whose_like_is_queued_is_ended_and_the_next_one_is_retried(queue: Owner) -> None:
    first, second = World(), World()
    for world in (first, second):
        die_doing(queue, DRAIN_INBOX, world, silent_for=timedelta(minutes=5))
    start_job(DRAIN_INBOX, program_id=first.program_id)
    assert job_states(DRAIN_INBOX) == ["doing", "doing", "todo"]
    retry_stalled_jobs()
    assert job_states(DRAIN_INBOX) == ["failed", "todo", "todo"]


def test_finished_jobs_are_let_go_and_periodic_ones_go_on(queue: Owner) -> None:
    old = NOW - JOBS_ARE_KEPT - timedelta(minutes=1)
    world = World()
    for name in ("old", "recent", "waiting"):
        queue.execute("INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('inside', %s)", [name])
    for status in ("doing", "succeeded"):
        queue.execute("UPDATE procrastinate_jobs SET status = %s WHERE task_name <> 'waiting'", [status])
    queue.execute(
        "UPDATE procrastinate_events SET at = %s "
        "WHERE job_id IN (SELECT id FROM procrastinate_jobs WHERE task_name <> 'recent')",
        [old],
    )
    periodic = defer_periodic(1_000)
    queue.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [periodic])
    queue.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", [periodic])
    queue.execute("UPDATE procrastinate_events SET at = %s WHERE job_id = %s", [old, periodic])
    assert purge_jobs(at=NOW) == 1
    left = ProcrastinateJob.objects.order_by("id").values_list("task_name", flat=True)
    assert list(left) == ["recent", "waiting", "turn_clock"]
    # The same moment is not started twice, the next one is; then the former may go.
    assert defer_periodic(1_000) is None
    assert defer_periodic(1_060) is not None
    assert purge_jobs(at=NOW) == 1
    assert world.differences() == []


def test_raw_bodies_are_let_go_after_their_time_but_not_of_what_is_stuck(queue: Owner) -> None:
    world = World()
    at = NOW - BODIES_ARE_KEPT
    (old,) = keep(world, direct_order("O1", 1_000), at=at - timedelta(seconds=1))
    (parked,) = keep(world, {"type": "order"}, at=at - timedelta(seconds=1))
    (recent,) = keep(world, direct_order("O2", 1_000), at=at + timedelta(seconds=1))
    tasks.drain_inbox_job(str(world.program_id))
    (undecided,) = keep(world, direct_order("O3", 1_000), at=at - timedelta(seconds=1))
    assert prune_program(world.program_id, at=NOW) == 1
    with program_transaction(world.program_id):
        left = DeliveryBody.objects.filter(program_id=world.program_id).values_list("delivery_id", flat=True)
        assert set(left) == {parked, recent, undecided}
    assert get_delivery(world, old).state == "done"


def die_doing(queue: Owner, name: str, world: World, *, silent_for: timedelta, lock: str | None = None) -> None:
    """A job that a worker had begun, and nothing was heard of that worker since."""
    (worker,) = queue.execute(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s) RETURNING id", [datetime.now(UTC) - silent_for]
    ).fetchone() or [None]
    start_job(name, program_id=world.program_id)
    queue.execute(
        "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s, lock = %s WHERE status = 'todo'",
        [worker, lock],
    )


def as_worker(act: Callable[[App], Awaitable[Result]]) -> Result:
    """Act with the connections that a worker has."""

    async def run() -> Result:
        assert isinstance(app.connector, DjangoConnector)
        with app.replace_connector(app.connector.get_worker_connector()) as worker_app:
            async with worker_app.open_async():
                return await act(worker_app)

    # In a thread of its own: where pages were driven before, this one has a running loop already.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, run()).result()


def retry_stalled_jobs() -> None:
    job = Job(id=1, queue="inside", lock=None, queueing_lock=None, task_name="retry_stalled_jobs")
    context = JobContext(app=app, job=job, start_timestamp=0, abort_reason=lambda: None)
    as_worker(lambda _: tasks.retry_stalled_jobs(context, timestamp=0))


def run_queue(queue: str) -> None:
    """Run what is queued, as a worker does, until nothing is left; but nothing that the clock would start."""
    with mock.patch.dict(app.periodic_registry.periodic_tasks, clear=True):
        as_worker(lambda worker_app: worker_app.run_worker_async(queues=[queue], wait=False, listen_notify=False))


def defer_periodic(timestamp: int) -> int | None:
    job = app.tasks["turn_clock"].configure(task_kwargs={"timestamp": timestamp}).job
    return as_worker(
        lambda worker_app: worker_app.job_manager.defer_periodic_job(job=job, periodic_id="", defer_timestamp=timestamp)
    )
