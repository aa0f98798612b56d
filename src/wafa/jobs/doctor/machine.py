"""What can be seen without settings and database: Python, the home, the programs, what was built."""

import os
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import wafa
from wafa.embedded import HomeUnusable, ProgramsMissing, choose_account, find_programs, socket_directory
from wafa.jobs.doctor.findings import Finding

_OLDEST_PYTHON = (3, 11)
_LEAST_FREE_BYTES = 1024**3
_SHORTEST_KEY = 32
_SECRETS = ("secret_key", "database_password", "administrator_password")


def examine_machine(home: Path, *, embedded: bool) -> Iterator[Finding]:
    """The machine and the home; with `embedded`, also what the embedded database needs."""
    yield _examine_python()
    yield _examine_home(home)
    if home.is_dir():
        yield _examine_disk(home)
        yield _examine_secrets(home)
    yield _examine_key(home)
    if embedded:
        yield _examine_programs()
        yield _examine_account(home)
    package = Path(wafa.__file__).parent
    yield _examine_catalogs(package / "locale")
    yield _examine_assets(package / "design" / "static" / "design" / "built", home / "static" / "staticfiles.json")


def _examine_python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < _OLDEST_PYTHON:
        return Finding.fault("Python", version, mend="install Python 3.11 or newer")
    return Finding.sound("Python", version)


def _examine_home(home: Path) -> Finding:
    if not home.is_dir():
        return Finding.fault("home", f"{home} does not exist", mend="run `wafa up`, or name another home in WAFA_HOME")
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        return Finding.fault("home", f"{home} cannot be written", mend=f"give it to who runs Wafa: chown <user> {home}")
    return Finding.sound("home", str(home))


def _examine_disk(home: Path) -> Finding:
    free = shutil.disk_usage(home).free
    said = f"{free / 1024**3:.1f} GiB free"
    if free < _LEAST_FREE_BYTES:
        return Finding.fault("disk", said, mend="make room: PostgreSQL stops when the disk is full")
    return Finding.sound("disk", said)


def _examine_secrets(home: Path) -> Finding:
    kept = [home / name for name in _SECRETS if (home / name).exists()]
    open_to_others = [path for path in kept if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if open_to_others:
        names = " ".join(map(str, open_to_others))
        return Finding.fault("secrets", f"others can read {names}", mend=f"chmod 600 {names}")
    return Finding.sound("secrets", f"{len(kept)} files, closed to others")


def _examine_key(home: Path) -> Finding:
    given, kept = os.environ.get("WAFA_SECRET_KEY"), home / "secret_key"
    if given is None and not kept.exists():
        return Finding.fault(
            "secret key", "there is none", mend="run `wafa up`, which makes one, or set WAFA_SECRET_KEY"
        )
    key = given if given is not None else kept.read_text("ascii").strip()
    if len(key) < _SHORTEST_KEY:
        return Finding.fault(
            "secret key",
            f"only {len(key)} characters",
            mend=f"set WAFA_SECRET_KEY to at least {_SHORTEST_KEY} random ones",
        )
    return Finding.sound("secret key", "from WAFA_SECRET_KEY" if given is not None else f"kept in {kept}")


def _examine_programs() -> Finding:
    try:
        programs = find_programs()
    except ProgramsMissing as error:
        return Finding.fault("PostgreSQL's programs", str(error), mend="see docs/settings.md under PG_BIN")
    return Finding.sound("PostgreSQL's programs", f"{programs.full_version} in {programs.directory}")


def _examine_account(home: Path) -> Finding:
    try:
        account = choose_account()
    except HomeUnusable as error:
        return Finding.fault("database account", str(error), mend="run Wafa as an ordinary user")
    if home.is_dir() and not account.reaches(home / "database"):
        return Finding.fault(
            "database account",
            f"{account.name} cannot enter {home}",
            mend="choose a home outside of closed directories, for example /var/lib/wafa",
        )
    return Finding.sound("database account", f"{account.name}, socket in {socket_directory(home)}")


def _examine_catalogs(locale: Path) -> Finding:
    sources = sorted(locale.glob("*/LC_MESSAGES/django.po"))
    missing = [source.parent.parent.name for source in sources if not source.with_suffix(".mo").exists()]
    if missing or not sources:
        return Finding.fault(
            "translations",
            f"not compiled: {', '.join(missing) or 'all'}",
            mend="python -m wafa.design.catalogs compile",
        )
    return Finding.sound("translations", ", ".join(source.parent.parent.name for source in sources))


def _examine_assets(built: Path, collected: Path) -> Finding:
    if not any(built.glob("*")):
        return Finding.fault("assets", f"{built} is empty", mend="make assets (an installed package has them)")
    if not collected.exists():
        return Finding.fault("assets", "built, but not collected", mend="run `wafa up`, or `wafa django collectstatic`")
    return Finding.sound("assets", "built and collected")
