"""A home keeps its secrets and belongs to one process at a time."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from wafa.embedded import HomeInUse, HomeLock, HomeUnusable, database_url, keep_secret, socket_directory


def test_a_secret_is_made_once_and_closed_to_others(home: Path) -> None:
    path = home / "secret_key"
    first = keep_secret(path)
    assert len(first) >= 50
    assert keep_secret(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in home.iterdir()] == ["secret_key"]


def test_processes_that_start_together_get_one_secret(home: Path) -> None:
    with ThreadPoolExecutor(16) as threads:
        secrets = set(threads.map(lambda _: keep_secret(home / "secret_key"), range(64)))
    assert len(secrets) == 1


def test_a_home_that_cannot_be_made_is_named(home: Path) -> None:
    (home / "file").write_text("in the way")
    with pytest.raises(HomeUnusable, match=r"file/below cannot be made: Not a directory.*WAFA_HOME"):
        keep_secret(home / "file" / "below" / "secret_key")


def test_a_home_is_held_by_one_and_free_afterwards(home: Path) -> None:
    with HomeLock(home):
        with pytest.raises(HomeInUse, match=rf"{home} is in use by process {os.getpid()}: stop that one first"):
            HomeLock(home)
        with pytest.raises(HomeInUse):
            HomeLock(home)
    HomeLock(home).release()


def test_the_socket_leaves_a_home_whose_path_is_too_long(home: Path) -> None:
    assert socket_directory(home) == home / "socket"
    longest = home / ("x" * (107 - len(str(home / "y" / "socket" / ".s.PGSQL.5432")) + 1))
    assert len(str(socket_directory(longest) / ".s.PGSQL.5432")) == 107
    assert socket_directory(longest).parent == longest
    too_long = Path(str(longest) + "x")
    assert socket_directory(too_long).parent == Path("/tmp")
    assert socket_directory(too_long) != socket_directory(Path(str(too_long) + "x"))


def test_the_url_is_known_before_the_first_start(home: Path) -> None:
    assert database_url(home).startswith("postgresql://wafa:@/wafa?host=%2F")
    (home / "database_password").write_text("known\n")
    assert database_url(home).startswith("postgresql://wafa:known@/wafa?host=%2F")
