"""Running the limit of single orders and of balances: pgbench with prepared statements, one round trip for each."""

import statistics
import subprocess
from collections.abc import Mapping
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from bench.installation import Installation, application_options
from bench.limit_sql import one_balance, one_order
from bench.measure import Measured
from bench.sample import Sample
from bench.world import MEMBERS, Side

_MICROSECONDS_PER_MS = 1_000


class Pgbench:
    """Clients in C that send one of two scripts as fast as they are answered."""

    def __init__(self, installation: Installation, side: Side, sample: Sample) -> None:
        self._installation = installation
        self._side = side
        self._sample = sample

    def book_orders(self, *, clients: int, seconds: int, run: str) -> Measured:
        """Book orders one by one from so many clients."""
        return self._run(one_order(), clients=clients, seconds=seconds, told=self._sample.as_templates() | {"run": run})

    def read_balances(self, *, clients: int, seconds: int) -> Measured:
        """Read the balances of customers one by one."""
        return self._run(one_balance(), clients=clients, seconds=seconds, told={})

    def _run(self, script: str, *, clients: int, seconds: int, told: Mapping[str, str]) -> Measured:
        given = {"store": str(self._side.store_id), "members": str(MEMBERS), **told}
        return run_script(self._installation, self._side, script, clients=clients, seconds=seconds, variables=given)


def run_script(
    installation: Installation,
    side: Side,
    script: str,
    *,
    clients: int,
    seconds: int,
    variables: Mapping[str, str],
) -> Measured:
    """Have so many clients in C send a script as fast as they are answered; it knows its `program` and a `number`."""
    directory = installation.directory / "pgbench"
    directory.mkdir(exist_ok=True)
    (directory / "script.sql").write_text(script)
    given = {"program": str(side.program_id), "number": "0", **variables}
    command = ["pgbench", "--no-vacuum", "--protocol=prepared", f"--client={clients}", f"--jobs={min(clients, 2)}"]
    command += [f"--time={seconds}", f"--file={directory / 'script.sql'}", "--log", f"--log-prefix={directory / 'log'}"]
    command += [f"--define={name}={value}" for name, value in given.items()]
    said = subprocess.run(command, env=_environment(installation, side), check=False, capture_output=True, text=True)
    if said.returncode != 0 or "number of failed transactions: 0 " not in said.stdout:
        raise RuntimeError(f"pgbench failed:\n{said.stdout}\n{said.stderr}")
    per_second = next(line.split()[2] for line in said.stdout.splitlines() if line.startswith("tps ="))
    return _read_log(directory, per_second=float(per_second))


def _environment(installation: Installation, side: Side) -> dict[str, str]:
    # One by one, for the libpq of Debian's pgbench is older than a parameter of our URL.
    told = conninfo_to_dict(installation.server.url)
    named = {f"PG{name.upper()}": str(told[name]) for name in ("host", "port", "user", "password")}
    named |= {"PGDATABASE": str(told["dbname"]), "PGOPTIONS": application_options(side.program_id)}
    return dict(installation.environment) | named


def _read_log(directory: Path, *, per_second: float) -> Measured:
    latencies: list[int] = []
    for log in directory.glob("log.*"):
        # client, transaction, microseconds, script, time of the end: one line for each transaction.
        latencies += [int(line.split()[2]) for line in log.read_text().splitlines()]
        log.unlink()
    cuts = statistics.quantiles(latencies, n=100)
    return Measured(
        per_second=per_second,
        count=len(latencies),
        p50_ms=cuts[49] / _MICROSECONDS_PER_MS,
        p99_ms=cuts[98] / _MICROSECONDS_PER_MS,
    )
