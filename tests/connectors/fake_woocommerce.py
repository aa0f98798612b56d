"""A small WooCommerce REST API over HTTP for tests: orders, refunds, coupons, paging, and failures on demand.

It answers as the real one does in what we rely on, and refuses what we do not rely on, so a misspelt question fails.
"""

import base64
import json
import threading
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.connectors.fake_coupons import Answer, Coupons

KEY, SECRET = "ck_test", "cs_test"
_LISTING = {"status", "modified_after", "dates_are_gmt", "orderby", "order", "per_page", "page"}
_PAGING = {"order", "per_page", "page"}
_UNKNOWN_ORDER = {"code": "woocommerce_rest_shop_order_invalid_id", "message": "Invalid ID.", "data": {"status": 404}}


class Silence(Exception):
    """Raised by `before_answer` or `after_work`: the connection ends without an answer."""


class FakeWooCommerce:
    """A context manager. `failures` are answered first, one each: (status, headers). `asked` lists what was asked.

    `told` are orders as they are told instead of what they are. `knows_key` is false once the key was revoked,
    `may_write` for one that may only read. `before_answer` is called with the path before anything is done,
    `after_work` with method and path once it is done and not yet answered. `sent` are the changes that were asked for.
    """

    def __init__(self) -> None:
        self.orders: dict[int, dict[str, Any]] = {}
        self.told: dict[int, dict[str, Any]] = {}
        self.refunds: dict[int, list[dict[str, Any]]] = {}
        self.failures: list[tuple[int, dict[str, str]]] = []
        self.asked: list[str] = []
        self.sent: list[tuple[str, str, Any]] = []
        self.coupons = Coupons(lambda: self.url)
        self.knows_key = True
        self.may_write = True
        self.before_answer: Callable[[str], None] = lambda path: None
        self.after_work: Callable[[str, str], None] = lambda method, path: None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, method: str, path: str, asked: dict[str, str], sent: Any) -> Answer:
        self.before_answer(path)
        if method != "GET":
            self.sent.append((method, path, sent))
        answer = self._act(method, path.removeprefix("/wp-json/wc/v3/").split("/"), asked, sent)
        self.after_work(method, path)
        return answer

    def _act(self, method: str, parts: list[str], asked: dict[str, str], sent: Any) -> Answer:
        match parts:
            case ["coupons"]:
                return self.coupons.answer(method, None, asked, sent)
            case ["coupons", number]:
                return self.coupons.answer(method, number, asked, sent)
            case ["orders"]:
                return self._list(asked)
            case ["orders", number] if int(number) in self.orders:
                return 200, {}, self.told.get(int(number), self.orders[int(number)])
            case ["orders", number, "refunds"] if set(asked) <= _PAGING and int(number) in self.orders:
                return _page(self.refunds.get(int(number), []), asked)
            case ["orders", _] | ["orders", _, "refunds"]:
                return 404, {}, _UNKNOWN_ORDER
        return 404, {}, {"code": "rest_no_route", "message": "No route.", "data": {"status": 404}}

    def _list(self, asked: dict[str, str]) -> Answer:
        if set(asked) != _LISTING or asked["dates_are_gmt"] != "true" or asked["orderby"] != "id":
            return 400, {}, {"code": "rest_invalid_param"}
        after = datetime.fromisoformat(asked["modified_after"])
        found = [
            self.told.get(number, order)
            for number, order in sorted(self.orders.items())
            if datetime.fromisoformat(order["date_modified_gmt"]) > after
            and (order["status"] == "trash") is (asked["status"] == "trash")
        ]
        return _page(found, asked)


def _page(found: list[dict[str, Any]], asked: dict[str, str]) -> Answer:
    size, page = int(asked["per_page"]), int(asked["page"])
    if not 1 <= size <= 100 or asked["order"] != "asc":
        return 400, {}, {"code": "rest_invalid_param"}
    headers = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(-(-len(found) // size))}
    return 200, headers, found[(page - 1) * size : page * size]


def _handler_of(store: FakeWooCommerce) -> type[BaseHTTPRequestHandler]:
    expected = "Basic " + base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # or each answer waits for 40 ms, as it is written in two parts

        def do_GET(self) -> None:
            store.asked.append(self.path)
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            try:
                status, headers, body = self._decide(json.loads(sent) if sent else None)
            except Silence:
                self.close_connection = True
                return
            payload = json.dumps(body).encode()
            self.send_response(status)
            for name, text in {**headers, "Content-Type": "application/json"}.items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        do_POST = do_DELETE = do_GET  # noqa: N815 - the base class names them

        def _decide(self, sent: Any) -> Answer:
            if self.headers["Authorization"] != expected or not store.knows_key:
                return 401, {}, {"code": "woocommerce_rest_cannot_view", "data": {"status": 401}}
            if self.command != "GET" and not store.may_write:
                return 401, {}, {"code": "woocommerce_rest_authentication_error", "data": {"status": 401}}
            if store.failures:
                return *store.failures.pop(0), {"code": "unavailable"}
            address = urlsplit(self.path)
            asked = {name: values[-1] for name, values in parse_qs(address.query).items()}
            return store.answer(self.command, address.path, asked, sent)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
            """Tests read what was asked from `asked`."""

    return Handler
