"""An installation of its own for the benchmark: the embedded PostgreSQL with fsync on, and `wafa up` on top of it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psycopg
from msgspec import Struct
from psycopg.conninfo import conninfo_to_dict

from wafa import embedded
from wafa.config.environment import PLANNED_ONCE
from wafa.embedded import Server, die_with_parent
from wafa.kit.roles import APPLICATION_ROLE

HOST = "127.0.0.1"
_OPEN_SECONDS = 60.0
_WAFA = [sys.executable, "-m", "wafa.jobs.cli"]


class Installation(Struct, frozen=True, kw_only=True):
    """A database with the product's tables. `directory` is for whatever the benchmark writes."""

    server: Server
    environment: Mapping[str, str]
    directory: Path

    def connect(self, program_id: object) -> "psycopg.Connection[tuple[Any, ...]]":
        """A connection as the application's, to the rows of one program."""
        return psycopg.connect(self.server.url, options=application_options(program_id), autocommit=True)

    def settle(self) -> None:
        """Bring statistics and maps of a database that was filled a moment ago to where autovacuum soon has them."""
        database = conninfo_to_dict(self.server.url)["dbname"]
        administrator = embedded.administrator_url(self.server.home)
        with psycopg.connect(administrator, dbname=database, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")

    def checkpoint(self) -> None:
        """Write everything down, so that no part of a round pays for the one before it."""
        with psycopg.connect(embedded.administrator_url(self.server.home), autocommit=True) as connection:
            connection.execute("CHECKPOINT")


def application_options(program_id: object) -> str:
    """What a connection is told at its start to work in the application's role on the rows of one program."""
    return " ".join([f"-c role={APPLICATION_ROLE}", *PLANNED_ONCE, f"-c wafa.program_id={program_id}"])


@contextmanager
def installed() -> Iterator[Installation]:
    """Make an installation with its tables, and remove all of it at the end."""
    directory = Path(tempfile.mkdtemp(prefix="wafa-bench-"))
    directory.chmod(0o755)  # PostgreSQL runs as another account when we are root
    try:
        with embedded.start(directory / "database") as server:
            environment = os.environ | {"WAFA_HOME": str(directory / "home"), "DATABASE_URL": server.url}
            subprocess.run([*_WAFA, "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)
            yield Installation(server=server, environment=environment, directory=directory)
    finally:
        shutil.rmtree(directory)


class Web(Struct, frozen=True, kw_only=True):
    """A running `wafa up`: `pid` is its supervisor's."""

    port: int
    pid: int


@contextmanager
def served(installation: Installation) -> Iterator[Web]:
    """Run `wafa up` with its defaults: the web server and the worker."""
    port = _free_port()
    log = installation.directory / "up.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*_WAFA, "up", f"--port={port}"],
            env=installation.environment,
            stderr=output,
            preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - the benchmark has one thread
        )
    try:
        _wait_until_served(port, process)
        yield Web(port=port, pid=process.pid)
    finally:
        process.terminate()
        process.wait()
        if process.returncode != 0:
            raise RuntimeError(f"wafa up ended with {process.returncode}. It said:\n{log.read_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_served(port: int, process: "subprocess.Popen[bytes]") -> None:
    # The port is open before the application is loaded, so only an answer tells; any will do.
    deadline = time.monotonic() + _OPEN_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        connection = HTTPConnection(HOST, port, timeout=_OPEN_SECONDS)
        try:
            connection.request("GET", "/api/v1/")
            connection.getresponse()
            return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
