"""The product behind a real socket, inside the test's process: what is sent goes through HTTP as a store sends it."""

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Thread

from granian.constants import Interfaces
from granian.server.embed import Server

_HOST = "127.0.0.1"
_running = ExitStack()
_origin = ""


@contextmanager
def served() -> Iterator[str]:
    """Serve the product on a free port of this machine and yield its origin. It goes on for whoever asks next."""
    global _origin
    if not _origin:
        _origin = _running.enter_context(_serving())
    yield _origin


def stop_serving() -> None:
    """At the end of the run."""
    global _origin
    _running.close()
    _origin = ""


@contextmanager
def _serving() -> Iterator[str]:
    from wafa.config.asgi import application

    port = _free_port()
    server = Server(
        application, address=_HOST, port=port, interface=Interfaces.ASGINL, websockets=False, log_enabled=False
    )
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_until_complete, args=(_serve(server),), daemon=True)
    thread.start()
    try:
        _wait_until_open(port)
        yield f"http://{_HOST}:{port}"
    finally:
        loop.call_soon_threadsafe(server.stop)
        thread.join()
        loop.close()


async def _serve(server: Server) -> None:
    await server.serve()
    await asyncio.sleep(0.2)  # a thread of Django's may still hand over the end of the last answer


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_open(port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection((_HOST, port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
