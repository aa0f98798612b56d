"""`wafa demo`: a made-up store with two years behind it, in an installation of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wafa import embedded
from wafa.jobs.cli import set_up_django
from wafa.jobs.demo import DemoFailed

if TYPE_CHECKING:
    from wafa.jobs.demo.fill import Demo

_START_SECONDS = 60.0
_FAILURES = (
    DemoFailed,
    embedded.HomeInUse,
    embedded.HomeUnusable,
    embedded.ProgramsMissing,
    embedded.ServerFailed,
)


@click.command()
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Where it lives.  [env: WAFA_HOME]")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--members", type=click.IntRange(1), help="People in the history.  [default: 3000]")
@click.option("--orders", type=click.IntRange(1), help="Orders in the history.  [default: 25000]")
@click.option("--seed", type=int, help="Another number tells another history.  [default: 1]")
@click.option("--template", help="The program of a template instead, such as cafe-stamps.")
@click.option("--once", is_flag=True, help="Stop when everything is loaded.")
def command(
    home: Path | None,
    port: int,
    members: int | None,
    orders: int | None,
    seed: int | None,
    template: str | None,
    once: bool,
) -> None:
    """Make a demo program, load a believable history, and run it until Ctrl-C.

    A second run on the same home goes on where the first stopped.
    """
    if home is None:
        home = Path(os.environ.get("WAFA_HOME") or embedded.default_home("wafa-demo"))
    os.environ["WAFA_HOME"] = str(home.absolute())
    os.environ.setdefault("WAFA_ORIGIN", f"http://localhost:{port}")
    os.environ["WAFA_DEMO"] = "1"
    environment = dict(os.environ)
    try:
        demo = _fill(embedded.current_home(), members=members, orders=orders, seed=seed, template=template)
        with _installation(port, environment) as running:
            _show(demo, port)
            if not once:
                click.echo("Running until Ctrl-C.")
                running.wait()
    except _FAILURES as error:
        raise click.ClickException(str(error)) from None


def _fill(home: Path, *, members: int | None, orders: int | None, seed: int | None, template: str | None) -> "Demo":
    # This process must not keep connections while the database moves from one parent to the other.
    os.environ["WAFA_DATABASE_POOL"] = "0"
    with _database(home):
        _migrate()
        set_up_django()
        from django.db import connection

        from wafa.jobs.demo.fill import fill

        try:
            return fill(home, members=members, orders=orders, seed=seed, template=template)
        finally:
            connection.close()


def _show(demo: "Demo", port: int) -> None:
    from wafa.jobs.demo.tour import replay, tell_tour

    replay(demo, port=port)
    tell_tour(demo, os.environ["WAFA_ORIGIN"])


@contextmanager
def _database(home: Path) -> Iterator[None]:
    """The database alone: nothing else may turn the clock while the past is loaded."""
    with embedded.HomeLock(home) as lock:
        if os.environ.get("DATABASE_URL"):
            yield
            return
        with embedded.start(home, lock=lock):
            yield


def _migrate() -> None:
    if subprocess.run([sys.executable, "-m", "wafa.jobs.cli", "migrate"], check=False).returncode != 0:
        raise click.ClickException("could not bring the database up to date; `wafa doctor` looks for the cause.")


@contextmanager
def _installation(port: int, environment: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """`wafa up` as long as the demo is shown. Ctrl-C reaches it too, and it stops in order."""
    running = subprocess.Popen(
        [sys.executable, "-m", "wafa.jobs.cli", "up", "--port", str(port)],
        env=environment,
        preexec_fn=embedded.die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - this process has one thread
    )
    try:
        _wait_until_open(port, running)
        yield running
    except KeyboardInterrupt:
        click.echo()
    finally:
        running.terminate()
        running.wait()


def _wait_until_open(port: int, running: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if running.poll() is not None:
            raise click.ClickException("the installation did not start; see above.")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise click.ClickException(f"nothing answers on port {port} after {_START_SECONDS:.0f} s.")
