"""The embedded PostgreSQL starts from nothing, keeps what was committed and leaves nothing behind."""

import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.processes import list_processes, wait_until
from wafa import embedded
from wafa.embedded import HomeInUse, HomeUnusable, administrator_url, find_programs, socket_directory
from wafa.embedded.account import choose_account

pytestmark = pytest.mark.slow

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture(autouse=True)
def _no_override(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PG_BIN", raising=False)


def ask(url: str, question: str) -> object:
    """The one value that a query answers with."""
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(question.encode()).fetchone()
        assert row is not None
        return row[0]


def run(url: str, statement: str) -> None:
    """Execute and commit."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def test_it_starts_from_an_empty_home(home: Path) -> None:
    with embedded.start(home) as server:
        assert ask(server.url, "SELECT current_user") == "wafa"
        assert ask(server.url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        assert ask(server.url, "SHOW server_encoding") == "UTF8"
        assert ask(server.url, "SHOW fsync") == "on"
        assert ask(server.url, "SHOW listen_addresses") == ""
        assert ask(server.url, "SELECT 'é' < 'z'") is False, "text is not ordered by code point"
        assert ask(administrator_url(home), "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is True
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()}
    assert modes == {
        "administrator_password": 0o600,
        "database": 0o700,
        "database.log": 0o600,
        "database_password": 0o600,
        "lock": 0o644,
        "socket": 0o700,
    }
    assert list_processes(home) == {}


def test_it_asks_for_the_password(home: Path) -> None:
    with embedded.start(home) as server:
        password = (home / "database_password").read_text().strip()
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            ask(server.url.replace(password, "wrong"), "SELECT 1")


def test_what_was_committed_is_there_after_a_stop(home: Path) -> None:
    with embedded.start(home) as first:
        run(first.url, "CREATE TABLE kept (n int)")
        run(first.url, "INSERT INTO kept VALUES (7)")
    with embedded.start(home) as second:
        assert second.url == first.url
        assert ask(second.url, "SELECT n FROM kept") == 7


def test_a_second_start_is_refused_and_harms_nothing(home: Path) -> None:
    with embedded.start(home) as server:
        with pytest.raises(HomeInUse, match=f"in use by process {os.getpid()}"):
            embedded.start(home)
        assert ask(server.url, "SELECT 1") == 1


def test_it_comes_back_after_kill_9(home: Path) -> None:
    with embedded.start(home) as server:
        run(server.url, "CREATE TABLE kept AS SELECT 7 AS n")
        os.kill(server.pid, signal.SIGKILL)
        wait_until(lambda: server.poll() is not None, what="the killed postmaster is noticed")
        server.restart()
        assert ask(server.url, "SELECT n FROM kept") == 7


def test_nothing_outlives_a_killed_starter_and_the_next_start_follows_at_once(home: Path) -> None:
    program = (
        "import pathlib, sys, time; from wafa import embedded; "
        "server = embedded.start(pathlib.Path(sys.argv[1])); print('up', flush=True); time.sleep(600)"
    )
    starter = subprocess.Popen([sys.executable, "-c", program, str(home)], stdout=subprocess.PIPE)
    assert starter.stdout is not None
    assert starter.stdout.readline() == b"up\n"
    url = embedded.database_url(home)
    run(url, "CREATE TABLE kept AS SELECT 7 AS n")
    assert len(list_processes(home)) > 3
    starter.kill()
    starter.wait()
    starter.stdout.close()
    with embedded.start(home) as server:
        assert ask(server.url, "SELECT n FROM kept") == 7
    assert list_processes(home) == {}


def test_lock_files_of_a_former_life_do_not_stop_it(home: Path) -> None:
    embedded.start(home).stop()
    # After a restart of the machine the old number may belong to any program of the same account.
    account = choose_account()
    other = subprocess.Popen(["sleep", "600"], cwd="/", **account.spawn_options())
    try:
        pid_file = home / "database" / "postmaster.pid"
        pid_file.write_text(f"{other.pid}\n{home / 'database'}\n0\n5432\n{socket_directory(home)}\n\n\nready\n")
        (socket_directory(home) / ".s.PGSQL.5432").touch()
        socket_lock = socket_directory(home) / ".s.PGSQL.5432.lock"
        socket_lock.write_text(f"{other.pid}\n{home / 'database'}\n0\n5432\n{socket_directory(home)}\n")
        for path in (pid_file, socket_lock):
            path.chmod(0o600)
            account.own(path)
        with embedded.start(home) as server:
            assert ask(server.url, "SELECT 1") == 1
    finally:
        other.kill()
        other.wait()


def test_an_interrupted_first_start_is_begun_anew(home: Path) -> None:
    (home / "database.draft").mkdir()
    (home / "database.draft" / "half").write_text("a file")
    with embedded.start(home) as server:
        assert ask(server.url, "SELECT 1") == 1
    assert not (home / "database.draft").exists()


def test_a_long_path_moves_the_socket(home: Path) -> None:
    far = home / ("a" * 60) / ("b" * 60)
    try:
        with embedded.start(far) as server:
            assert ask(server.url, "SELECT 1") == 1
    finally:
        socket_directory(far).rmdir()


def test_a_socket_directory_of_somebody_else_is_refused(home: Path) -> None:
    socket_directory(home).mkdir(mode=0o755)
    socket_directory(home).chmod(0o755)
    with pytest.raises(HomeUnusable, match=r"socket must belong to .* and be closed to others"):
        embedded.start(home)
    assert not (home / "database").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the database as another account")
def test_a_home_that_the_account_cannot_enter_is_refused(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(HomeUnusable, match=r"cannot enter .*closed/home: choose a home outside"):
        embedded.start(closed / "home")
    assert not (closed / "home" / "database").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the database as another account")
def test_programs_that_the_account_cannot_reach_run_from_a_copy(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = find_programs()
    package = programs.directory.parent.parent
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    for directory in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(directory, closed / directory.name)
    monkeypatch.setenv("PG_BIN", str(closed / programs.directory.relative_to(package.parent)))
    with embedded.start(home) as server:
        assert ask(server.url, "SELECT 1") == 1
        runs = Path(f"/proc/{server.pid}/exe").readlink()
    assert runs.is_relative_to(home / f"postgres-{programs.full_version}")


@pytest.mark.skipif(not DEBIAN_15.exists(), reason="needs Debian's PostgreSQL 15 beside the package's")
def test_it_runs_on_the_system_s_postgresql_but_never_on_another_version_s_files(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PG_BIN", str(DEBIAN_15))
    with embedded.start(home) as server:
        assert str(ask(server.url, "SHOW server_version")).startswith("15.")
        assert ask(server.url, "SELECT datcollate FROM pg_database WHERE datname = 'wafa'") == "C.UTF-8"
    monkeypatch.delenv("PG_BIN")
    with pytest.raises(HomeUnusable, match=r"was made by PostgreSQL 15, but .* is \d+: point PG_BIN at version 15"):
        embedded.start(home)
    embedded.HomeLock(home).release()
