"""`wafa up`: a whole installation from an empty home, under one supervisor."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import click

from wafa import embedded
from wafa.embedded import HomeLock
from wafa.jobs.supervisor import CommandPart, DatabasePart, Part, Supervisor

_PORT_SECONDS = 5.0  # a predecessor that was just killed may hold it a moment longer

_THIS_MACHINE = ("127.0.0.1", "0.0.0.0", "::1", "::")  # noqa: S104 - compared, not listened on


@click.command()
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Where it lives.  [env: WAFA_HOME]")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--web-workers", default=1, show_default=True, type=click.IntRange(1), help="Processes of the web server."
)
def command(home: Path | None, host: str, port: int, web_workers: int) -> None:
    """Run everything: database (unless DATABASE_URL names one), web server and worker."""
    if home is not None:
        os.environ["WAFA_HOME"] = str(home.absolute())
    os.environ.setdefault("WAFA_ORIGIN", f"http://{'localhost' if host in _THIS_MACHINE else host}:{port}")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wafa.config.settings")
    home = embedded.current_home()
    try:
        with HomeLock(home) as lock:
            _check_port(host, port)
            _run(home, lock, host=host, port=port, web_workers=web_workers)
    except (embedded.HomeInUse, embedded.HomeUnusable, embedded.ProgramsMissing, embedded.ServerFailed) as error:
        raise click.ClickException(str(error)) from None


def _run(home: Path, lock: HomeLock, *, host: str, port: int, web_workers: int) -> None:
    parts: list[Part] = []
    if not os.environ.get("DATABASE_URL"):
        _say("starting the database")
        server = embedded.start(home, lock=lock)
        os.environ["DATABASE_URL"] = server.url
        parts.append(DatabasePart(server))
    try:
        _prepare()
    except BaseException:
        for part in parts:
            part.stop()
        raise
    web = [sys.executable, "-m", "granian", "--interface", "asginl", "--host", host, "--port", str(port), "--no-ws"]
    web += ["--workers", str(web_workers), "--respawn-failed-workers"]
    web += ["--log-level", "error", "wafa.config.asgi:application"]
    worker = [sys.executable, "-m", "wafa.jobs.cli", "worker"]
    # Interrupted, the web server ends its processes too. The worker would wait for a database that has gone as well.
    parts += [CommandPart("web server", web, environment=os.environ, death_signal=signal.SIGINT)]
    parts += [CommandPart("worker", worker, environment=os.environ, death_signal=signal.SIGKILL)]
    Supervisor(parts, say=_say).run(on_ready=lambda: _say_when_open(host, port))


def _prepare() -> None:
    for task, arguments in (
        ("bring the database up to date", ["migrate"]),
        ("collect the static files", ["django", "collectstatic", "--no-input", "--verbosity=0"]),
    ):
        if subprocess.run([sys.executable, "-m", "wafa.jobs.cli", *arguments], check=False).returncode != 0:
            raise click.ClickException(f"could not {task}; `wafa doctor` looks for the cause.")


def _check_port(host: str, port: int) -> None:
    deadline = time.monotonic() + _PORT_SECONDS
    while True:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
                return
            except OSError as error:
                if time.monotonic() > deadline:
                    raise click.ClickException(
                        f"cannot listen on {host}:{port}: {error.strerror}. Choose another port with --port."
                    ) from None
        time.sleep(0.2)


def _say_when_open(host: str, port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            _say(f"Wafa runs at {os.environ['WAFA_ORIGIN']}")
            return
    _say(f"nothing answers on {host}:{port} yet")


def _say(sentence: str) -> None:
    click.echo(f"wafa: {sentence}", err=True)
