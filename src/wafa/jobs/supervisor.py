"""Keeps the parts of an installation alive: starts them in order, restarts what dies, stops them in reverse."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from wafa.embedded import Server, ServerFailed, die_with_parent

_LOOK_EVERY_SECONDS = 0.1
_FIRST_WAIT_SECONDS = 0.2
_LONGEST_WAIT_SECONDS = 15.0
_HEALTHY_AFTER_SECONDS = 30.0
_STOP_SECONDS = 30.0


class PartFailed(Exception):
    """A part could not be started."""


class Part(Protocol):
    """Something that has to run."""

    name: str

    def start(self) -> None:
        """Start it, or start it again. Raises PartFailed."""

    def poll(self) -> int | None:
        """None while it runs, else its exit code."""

    def stop(self) -> None:
        """End it and wait until it has ended."""


class DatabasePart:
    """The embedded PostgreSQL; handed over running."""

    name = "database"

    def __init__(self, server: Server) -> None:
        self._server = server

    def start(self) -> None:
        if self._server.poll() is None:
            return
        try:
            self._server.restart()
        except ServerFailed as error:
            raise PartFailed(str(error)) from None

    def poll(self) -> int | None:
        return self._server.poll()

    def stop(self) -> None:
        self._server.stop()


class CommandPart:
    """A program with all the processes it starts in turn; it gets `death_signal` when the supervisor is killed."""

    def __init__(
        self, name: str, command: Sequence[str], *, environment: Mapping[str, str], death_signal: signal.Signals
    ) -> None:
        self.name = name
        self._death_signal = death_signal
        self._command = list(command)
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            # A session of its own: Ctrl-C reaches the supervisor alone, and what it leaves behind can be found.
            start_new_session=True,
            preexec_fn=die_with_parent(self._death_signal),  # noqa: PLW1509 - the supervisor has one thread
        )

    def poll(self) -> int | None:
        if self._process is None:
            return None
        code = self._process.poll()
        if code is not None:
            self._end_leftovers()
        return code

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._end_leftovers()

    def _end_leftovers(self) -> None:
        # A killed web server leaves its workers behind, still holding the port.
        assert self._process is not None
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


@dataclass
class _Watched:
    part: Part
    started_at: float = 0.0
    failures: int = 0
    restart_at: float | None = None
    """When a dead part is tried again (monotonic seconds); None while it runs."""


class Supervisor:
    """Runs parts until it is told to stop by SIGTERM or SIGINT. Use it in the main thread."""

    def __init__(self, parts: Sequence[Part], *, say: Callable[[str], None]) -> None:
        self._watched = [_Watched(part) for part in parts]
        self._say = say
        self._stopping = False

    def run(self, *, on_ready: Callable[[], None]) -> None:
        """Start every part, call `on_ready`, keep them running; return when all have stopped."""
        former = {number: signal.signal(number, self._ask_to_stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            for watched in self._watched:
                self._start(watched)
            on_ready()
            while not self._stopping:
                for watched in self._watched:
                    self._keep_alive(watched)
                time.sleep(_LOOK_EVERY_SECONDS)
        finally:
            self._say("stopping")
            for watched in reversed(self._watched):
                watched.part.stop()
            for number, handler in former.items():
                signal.signal(number, handler)

    def _ask_to_stop(self, number: int, frame: object) -> None:
        self._stopping = True

    def _keep_alive(self, watched: _Watched) -> None:
        now = time.monotonic()
        if watched.restart_at is None:
            code = watched.part.poll()
            if code is not None:
                self._plan_restart(watched, reason=_describe(code), now=now)
        elif now >= watched.restart_at:
            self._start(watched)

    def _start(self, watched: _Watched) -> None:
        try:
            watched.part.start()
        except PartFailed as error:
            self._plan_restart(watched, reason=str(error), now=time.monotonic())
            return
        watched.started_at, watched.restart_at = time.monotonic(), None

    def _plan_restart(self, watched: _Watched, *, reason: str, now: float) -> None:
        if watched.restart_at is None and now - watched.started_at > _HEALTHY_AFTER_SECONDS:
            watched.failures = 0
        wait = min(_FIRST_WAIT_SECONDS * 2**watched.failures, _LONGEST_WAIT_SECONDS)
        watched.failures += 1
        watched.restart_at = now + wait
        self._say(f"the {watched.part.name} ended ({reason}); starting it again in {wait:.1f} s")


def _describe(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
