"""The embedded PostgreSQL as a child of this process: started, watched, stopped."""

import os
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from wafa.embedded.account import Account, choose_account
from wafa.embedded.address import PORT, database_url, socket_directory
from wafa.embedded.children import die_with_parent
from wafa.embedded.cluster import make_cluster, make_owner
from wafa.embedded.home import HomeLock
from wafa.embedded.programs import Programs, find_programs, make_reachable

_START_SECONDS = 60.0  # recovery after a crash reads the log back; the predecessor may still be shutting down
_STOP_SECONDS = 30.0
_LOG_BYTES = 10 * 1024 * 1024
_MEBIBYTE = 1024 * 1024


class ServerFailed(Exception):
    """PostgreSQL did not start; the message ends with what it said."""


class Server:
    """A running PostgreSQL. Made by `start`; use it in the thread that made it."""

    def __init__(
        self, home: Path, *, programs: Programs, account: Account, cluster: Path, lock: HomeLock | None
    ) -> None:
        self.home = home
        self.url = database_url(home)
        self._programs = programs
        self._account = account
        self._cluster = cluster
        self._lock = lock
        self._process = self._launch()

    @property
    def pid(self) -> int:
        """The process id of the postmaster."""
        return self._process.pid

    def poll(self) -> int | None:
        """None while it runs, else the exit code of its process."""
        return self._process.poll()

    def restart(self) -> None:
        """Start it again after it died: same address, same password. Raises ServerFailed."""
        self._process = self._launch()

    def stop(self) -> None:
        """Disconnect everybody, write everything down and end; then give the home free."""
        if self.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _launch(self) -> "subprocess.Popen[bytes]":
        deadline = time.monotonic() + _START_SECONDS
        while True:
            process, log_start = self._spawn()
            while process.poll() is None:
                if self._is_ready(process.pid):
                    return process
                if time.monotonic() > deadline:
                    process.send_signal(signal.SIGQUIT)
                    process.wait()
                time.sleep(0.01)
            said = self._read_log(log_start)
            # A predecessor whose parent was killed is still on its way out: it holds the files a moment longer.
            waiting = "postmaster.pid" in said or "shared memory block" in said or "socket lock file" in said
            if not waiting or time.monotonic() > deadline:
                raise ServerFailed(f"PostgreSQL did not start in {self.home}. It said:\n{said.strip()}")
            time.sleep(0.1)

    def _spawn(self) -> "tuple[subprocess.Popen[bytes], int]":
        _forget_stale_locks(self._cluster, socket_directory(self.home))
        with _open_log(self._log_path) as log:
            log_start = log.tell()
            process = subprocess.Popen(
                [self._programs["postgres"], "-D", str(self._cluster), *_options(self.home)],
                cwd="/",
                env={"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C in a terminal goes to a whole process group: ours decides when the database stops.
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGINT),  # noqa: PLW1509 - runs no Python code that takes a lock
                **self._account.spawn_options(),
            )
            return process, log_start

    def _is_ready(self, pid: int) -> bool:
        try:
            lines = (self._cluster / "postmaster.pid").read_text("utf-8").splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"

    @property
    def _log_path(self) -> Path:
        return self.home / "database.log"

    def _read_log(self, start: int) -> str:
        with self._log_path.open("rb") as file:
            file.seek(start)
            return file.read().decode("utf-8", "replace")


def start(home: Path, *, lock: HomeLock | None = None) -> Server:
    """Start the PostgreSQL of this home, making its files first if there are none.

    Takes the home for itself, unless the caller holds it already and hands its `lock`, which then stays the caller's.
    Raises HomeInUse, HomeUnusable, ProgramsMissing, ServerFailed.
    """
    home = home.absolute()
    own_lock = HomeLock(home) if lock is None else None
    try:
        account = choose_account()
        programs = make_reachable(find_programs(), home=home, account=account)
        cluster = make_cluster(home, programs=programs, account=account)
        server = Server(home, programs=programs, account=account, cluster=cluster, lock=own_lock)
    except BaseException:
        if own_lock is not None:
            own_lock.release()
        raise
    try:
        make_owner(home)
    except BaseException:
        server.stop()
        raise
    server.url = database_url(home)  # with the password that the first start has made
    return server


def _options(home: Path) -> list[str]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _MEBIBYTE
    settings = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": str(socket_directory(home)),
        "unix_socket_permissions": "0700",
        "shared_buffers": f"{max(64, min(memory // 8, 1024))}MB",
        "effective_cache_size": f"{max(128, memory // 2)}MB",
        "maintenance_work_mem": f"{max(32, min(memory // 32, 256))}MB",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        # No values of rows in the log: they are personal data.
        "log_error_verbosity": "terse",
        "log_parameter_max_length_on_error": "0",
    }
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _open_log(path: Path) -> IO[bytes]:
    if path.exists() and path.stat().st_size > _LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    log = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")
    log.seek(0, os.SEEK_END)
    return log


def _forget_stale_locks(cluster: Path, sockets: Path) -> None:
    """Remove lock files whose process id now belongs to something else, as after a restart of the machine.

    PostgreSQL itself would take any living process with that id for its predecessor and refuse to start for ever.
    """
    for lock in (cluster / "postmaster.pid", sockets / f".s.PGSQL.{PORT}.lock"):
        try:
            pid = int(lock.read_text("utf-8").split("\n", 1)[0])
            works_in = Path(f"/proc/{pid}/cwd").readlink()
        except (FileNotFoundError, ValueError, PermissionError):
            continue  # no such file or process: PostgreSQL clears up after itself
        if works_in != cluster.resolve():
            lock.unlink()
