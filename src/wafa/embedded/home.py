"""The home: the one directory in which an installation keeps its secret key, its database and its lock.

secret_key           0600  made once; sessions and kept secrets depend on it
database_password    0600  the password of the two roles below, made once
database/            0700  the files of the embedded PostgreSQL, owned by the user it runs as
database.log         0600  what PostgreSQL says
postgres/                  a copy of its programs, when the installed ones cannot be reached by that user
static/                    collected style sheets, scripts and fonts
lock                       held while an installation runs
"""

import fcntl
import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import IO, Self


class HomeInUse(Exception):
    """Another process runs this home."""


class HomeUnusable(Exception):
    """The home cannot be made, read or written."""


def default_home(name: str = "wafa") -> Path:
    """Where an installation lives unless WAFA_HOME or --home says otherwise."""
    if os.geteuid() == 0:
        # Root's own directory is closed to the user the database has to run as.
        return Path("/var/lib") / name
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / name


def current_home() -> Path:
    """The home of this process: WAFA_HOME, or the default one."""
    return Path(os.environ.get("WAFA_HOME") or default_home()).absolute()


def make_home(home: Path) -> None:
    """Make the directory if it is missing. Raises HomeUnusable."""
    try:
        home.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError as error:
        raise HomeUnusable(
            f"the home {home} cannot be made: {error.strerror}. Choose another with WAFA_HOME."
        ) from None


def keep_secret(path: Path) -> str:
    """Read a secret from its file, making both on first use. Raises HomeUnusable.

    Safe when several processes start at once: all of them get the one that was first.
    """
    make_home(path.parent)
    try:
        if not path.exists():
            _write_once(path, secrets.token_urlsafe(48))
        return path.read_text("ascii").strip()
    except OSError as error:
        raise HomeUnusable(f"{path} cannot be read or written: {error.strerror}.") from None


def _write_once(path: Path, text: str) -> None:
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        # A link either makes the whole file or, when somebody was faster, nothing.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


class HomeLock:
    """An exclusive hold on a home, which ends with the process whatever way it ends. Raises HomeInUse, HomeUnusable."""

    def __init__(self, home: Path) -> None:
        make_home(home)
        try:
            self._file: IO[str] = (home / "lock").open("a+")
        except OSError as error:
            raise HomeUnusable(f"the home {home} cannot be written: {error.strerror}.") from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            holder = self._file.read().strip() or "unknown"
            self._file.close()
            raise HomeInUse(
                f"the home {home} is in use by process {holder}: stop that one first, or choose another home."
            ) from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        """Give the home free."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
