"""The load by HTTP: wrk replays requests that were made and signed just before, over connections that stay open."""

import json
import random
import subprocess
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.installation import HOST, Installation, Web
from bench.measure import Measured
from bench.orders import STORE, make_body, sign_body
from bench.program import REWARD
from bench.world import MEMBERS, Side

_WARMING = 40_000
_REPLAY = Path(__file__).with_name("replay.lua")


class WebLoad:
    """Requests of one store of the product's program, on their way to a running web server."""

    def __init__(self, installation: Installation, web: Web, side: Side) -> None:
        self._file = installation.directory / "requests"
        self._web = web
        self._side = side
        self._random = random.Random(2_026)  # noqa: S311 - the same customers in every run

    def warm_up(self, *, run: str) -> None:
        """Let every thread open its connection and prepare its statements."""
        self.prepare_orders(_WARMING, run=run)
        self.send(clients=32, seconds=1)
        self.prepare_questions(_WARMING)
        self.send(clients=32, seconds=1)

    def prepare_orders(self, count: int, *, run: str) -> None:
        """Make and sign deliveries of new orders, good for five minutes."""
        self._write(self._order(f"{run}-{number:06}") for number in range(count))

    def prepare_questions(self, count: int) -> None:
        """Make requests for the balances of customers."""
        self._write(self._question(self._customer()) for _ in range(count))

    def prepare_redemptions(self, count: int, *, run: str, customers: Sequence[int]) -> None:
        """Make requests for a reward, each of one of these customers."""
        self._write(self._wish(f"{run}-{number:06}", self._random.choice(customers)) for number in range(count))

    def _customer(self) -> int:
        return self._random.randint(1, MEMBERS)

    def _order(self, order_id: str) -> bytes:
        at = datetime.now(UTC)
        body = make_body(order_id, customer=self._customer(), at=at)
        headers = sign_body(body, order_id=order_id, at=at) | {"content-length": str(len(body))}
        return _request("POST", f"/hooks/{self._side.program_id}/{STORE}", headers) + body

    def _question(self, customer: int) -> bytes:
        headers = {"authorization": f"Bearer {self._side.api_key}"}
        return _request("GET", f"/api/v1/stores/{STORE}/customers/{customer}/balances", headers)

    def _wish(self, key: str, customer: int) -> bytes:
        body = json.dumps({"reward": REWARD}).encode()
        headers = {
            "authorization": f"Bearer {self._side.api_key}",
            "idempotency-key": key,
            "content-length": str(len(body)),
        }
        return _request("POST", f"/api/v1/stores/{STORE}/customers/{customer}/redemptions", headers) + body

    def _write(self, requests: Iterable[bytes]) -> None:
        with self._file.open("wb") as file:
            for request in requests:
                file.write(b"%d\n%b" % (len(request), request))

    def send(self, *, clients: int, seconds: int) -> Measured:
        """Send what was prepared, from so many clients, each waiting for its answer before it goes on."""
        address = f"http://{HOST}:{self._web.port}"
        command = ["wrk", "--threads=1", f"--connections={clients}", f"--duration={seconds}s", "--timeout=30s"]
        sent = subprocess.run(
            [*command, f"--script={_REPLAY}", address, "--", str(self._file)],
            check=True,
            capture_output=True,
            text=True,
        )
        told = json.loads(sent.stdout.splitlines()[-1])
        if told["refused"] or told["failed"] or not told["completed"]:
            raise RuntimeError(f"{told['refused']} requests were refused and {told['failed']} failed:\n{sent.stdout}")
        return Measured(
            per_second=told["completed"] / told["seconds"],
            count=told["completed"],
            p50_ms=told["p50_ms"],
            p99_ms=told["p99_ms"],
        )


def _request(method: str, path: str, headers: dict[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"host: {HOST}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()
