"""The rounds: every part of both sides in turn, so that whatever happens to the machine happens to both."""

from collections.abc import Callable, Iterator

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from bench.batches import Task
from bench.inbox import BATCH, keep_orders
from bench.installation import Installation, Web, served
from bench.limit import Pgbench
from bench.measure import Measured, account
from bench.orders import STORE
from bench.sample import Sample
from bench.team import Team
from bench.web_load import WebLoad
from bench.world import Side

SECONDS = 3
_ORDERS_OF_A_PROCESS = 20 * BATCH
# More than any machine so far has done: requests are made beforehand.
_MOST_ORDERS = 12_000 * SECONDS
_MOST_BALANCES = 40_000 * SECONDS

LIMIT, OURS = "limit", "ours"
SINGLE, BATCHES, BALANCE = "single orders", "orders in batches", "balances"


class Part(Struct, frozen=True):
    """One thing that is measured: what is done, by which side, from how many clients or processes."""

    work: str
    side: str
    clients: int


Result = tuple[Part, Measured]


class Contest:
    """Both sides on one database. `booked` counts what the product said it booked."""

    def __init__(self, installation: Installation, *, limit: Side, ours: Side, sample: Sample) -> None:
        self._installation = installation
        self._limit = limit
        self._ours = ours
        self._sample = sample
        self._pgbench = Pgbench(installation, limit, sample)

    def run_round(self, name: str) -> Iterator[Result]:
        """Measure every part once. `name` begins the ids of the round's orders."""
        self._installation.checkpoint()
        with served(self._installation) as web:
            load = WebLoad(self._installation, web, self._ours)
            load.warm_up(run=f"{name}w")
            for clients in (1, 8, 16, 32):
                yield self._book_by_hand(clients, run=f"{name}c{clients}")
                if clients != 16:
                    yield self._book_by_http(load, web, clients, run=f"{name}c{clients}")
            for clients in (1, 16, 32):
                yield self._read_by_hand(clients)
            yield self._read_by_http(load, web, 32)
        for processes in (1, 2):
            yield self._book_batches(processes, run=f"{name}b{processes}")
            yield self._drain(processes, run=f"{name}d{processes}")

    def _book_by_hand(self, clients: int, *, run: str) -> Result:
        return self._account(
            Part(SINGLE, LIMIT, clients),
            lambda: self._pgbench.book_orders(clients=clients, seconds=SECONDS, run=run),
        )

    def _read_by_hand(self, clients: int) -> Result:
        return self._account(
            Part(BALANCE, LIMIT, clients), lambda: self._pgbench.read_balances(clients=clients, seconds=SECONDS)
        )

    def _book_by_http(self, load: WebLoad, web: Web, clients: int, *, run: str) -> Result:
        load.prepare_orders(_MOST_ORDERS, run=run)
        part, measured = self._account(
            Part(SINGLE, OURS, clients), lambda: load.send(clients=clients, seconds=SECONDS), web=web
        )
        return part, replace(measured, batches=self._count_batches(run))

    def _read_by_http(self, load: WebLoad, web: Web, clients: int) -> Result:
        load.prepare_questions(_MOST_BALANCES)
        return self._account(Part(BALANCE, OURS, clients), lambda: load.send(clients=clients, seconds=SECONDS), web=web)

    def _book_batches(self, processes: int, *, run: str) -> Result:
        tasks = [
            Task(
                url=self._installation.server.url,
                side=self._limit,
                sample=self._sample,
                run=f"{run}{process}",
                count=_ORDERS_OF_A_PROCESS,
            )
            for process in range(processes)
        ]
        arguments = [msgspec.json.encode(task).decode() for task in tasks]
        team = Team("bench.batches", arguments, environment=self._installation.environment)
        return self._account(Part(BATCHES, LIMIT, processes), team.work)

    def _drain(self, processes: int, *, run: str) -> Result:
        keep_orders(self._ours, run=f"{run}w", count=BATCH * processes)
        arguments = [str(self._ours.program_id)] * processes
        team = Team("bench.drain", arguments, environment=self._installation.environment)
        keep_orders(self._ours, run=run, count=_ORDERS_OF_A_PROCESS * processes)
        part, measured = self._account(Part(BATCHES, OURS, processes), team.work)
        return part, replace(measured, batches=self._count_batches(run))

    def _account(self, part: Part, run: Callable[[], Measured], *, web: Web | None = None) -> Result:
        parts = {"PostgreSQL": self._installation.server.pid} | ({"web": web.pid} if web else {})
        rest = "worker" if part.work == BATCHES and part.side == OURS else "client"
        return part, account(run, parts=parts, rest=rest)

    def _count_batches(self, run: str) -> int:
        """In how many transactions the orders of a run were booked: what is booked together is booked at one moment."""
        start = f"accrual:{STORE}:{run}-"
        with self._installation.connect(self._ours.program_id) as connection:
            row = connection.execute(
                "SELECT count(DISTINCT booked_at) FROM ledger_journal WHERE program_id = %s AND starts_with(key, %s)",
                [self._ours.program_id, start],
            ).fetchone()
        assert row is not None
        return int(row[0])
