"""Outgoing webhooks: signed, to public addresses alone, and told apart by what the endpoint answers."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from wafa.connectors.channels.webhook import Outcome, Verdict, channel
from wafa.connectors.channels.webhook.address import Forbidden, Unresolved, resolve
from wafa.connectors.channels.webhook.channel import send
from wafa.connectors.signatures import matches

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
BODY = b'{"type":"journal.booked"}'


class Endpoint:
    """Somebody's server: answers as told and remembers what came."""

    def __init__(self) -> None:
        self.status = 204
        self.headers: dict[str, str] = {}
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                endpoint.got.append((self.path, {name.lower(): text for name, text in self.headers.items()}, body))
                self.send_response(endpoint.status)
                for name, text in endpoint.headers.items():
                    self.send_header(name, text)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
                """Tests read `got`."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def port(self) -> int:
        return self.server.server_port

    def send(self) -> Outcome:
        return send(f"http://127.0.0.1:{self.port}/hook?a=1", SECRET, "evt-1", BODY, at=AT, allow_private=True)


@contextmanager
def serving(endpoint: Endpoint) -> Iterator[None]:
    thread = threading.Thread(target=endpoint.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        endpoint.server.shutdown()
        thread.join()
        endpoint.server.server_close()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    endpoint = Endpoint()
    with serving(endpoint):
        yield endpoint


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let every name have these addresses. Returns the names that are asked for."""
    asked: list[str] = []

    def answer(host: str, port: int, *rest: object, **more: object) -> list[tuple[Any, ...]]:
        asked.append(host)
        return [
            (socket.AF_INET6 if ":" in each else socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port))
            for each in addresses
        ]

    monkeypatch.setattr("wafa.connectors.channels.webhook.address.socket.getaddrinfo", answer)
    return asked


def test_an_event_is_signed_as_standard_webhooks_say(endpoint: Endpoint) -> None:
    assert endpoint.send() == Outcome(verdict=Verdict.DELIVERED, reason="the endpoint answered 204", status=204)
    ((path, headers, body),) = endpoint.got
    assert (path, body) == ("/hook?a=1", BODY)
    assert headers["host"] == f"127.0.0.1:{endpoint.port}"
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("evt-1", str(int(AT.timestamp())))
    given = headers["webhook-signature"]
    assert matches(given, BODY, secret=SECRET, message_id="evt-1", timestamp=headers["webhook-timestamp"])


@pytest.mark.parametrize(
    ("status", "headers", "verdict", "retry_after"),
    [
        (200, {}, Verdict.DELIVERED, None),
        (302, {"Location": "http://127.0.0.1:1/"}, Verdict.RETRY, None),
        (400, {}, Verdict.RETRY, None),
        (410, {}, Verdict.REFUSED, None),
        (429, {"Retry-After": "90"}, Verdict.RETRY, timedelta(seconds=90)),
        (503, {"Retry-After": "999999999"}, Verdict.RETRY, timedelta(hours=24)),
        (503, {"Retry-After": "soon"}, Verdict.RETRY, None),
        (500, {}, Verdict.RETRY, None),
    ],
)
def test_answers(
    endpoint: Endpoint, status: int, headers: dict[str, str], verdict: Verdict, retry_after: timedelta | None
) -> None:
    endpoint.status, endpoint.headers = status, headers
    outcome = endpoint.send()
    assert (outcome.verdict, outcome.status, outcome.retry_after) == (verdict, status, retry_after)
    assert len(endpoint.got) == 1


def test_a_date_to_retry_after_is_measured_by_the_endpoints_own_clock(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BaseHTTPRequestHandler, "date_time_string", lambda self: "Mon, 02 Mar 2026 09:00:00 GMT")
    endpoint.status, endpoint.headers = 503, {"Retry-After": "Mon, 02 Mar 2026 09:10:00 GMT"}
    assert endpoint.send().retry_after == timedelta(minutes=10)


def test_silence_is_tried_again() -> None:
    outcome = send("http://127.0.0.1:9/", SECRET, "evt-1", BODY, at=AT, allow_private=True)
    assert (outcome.verdict, outcome.reason) == (Verdict.RETRY, "no answer: ConnectError")


def test_the_inside_of_the_network_is_refused_and_not_called(endpoint: Endpoint) -> None:
    outcome = send(f"https://127.0.0.1:{endpoint.port}/", SECRET, "evt-1", BODY, at=AT)
    assert (outcome.verdict, outcome.reason) == (Verdict.REFUSED, "the address lies inside a private network")
    assert endpoint.got == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fd00::1",
        "fe80::1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
    ],
)
def test_a_name_that_leads_inside_is_forbidden(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    resolving(monkeypatch, "93.184.215.14", address)
    with pytest.raises(Forbidden, match="private network"):
        resolve("https://hooks.example.com/", allow_private=False)


def test_the_name_is_asked_once_and_the_connection_goes_to_that_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = resolving(monkeypatch, "93.184.215.14")
    destination = resolve("https://hooks.example.com:8443/in", allow_private=False)
    assert str(destination.url) == "https://93.184.215.14:8443/in"
    assert (destination.host, destination.authority) == ("hooks.example.com", "hooks.example.com:8443")
    assert asked == ["hooks.example.com"]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://hooks.example.com/", "must begin with https"),
        ("ftp://hooks.example.com/", "must begin with https"),
        ("hooks.example.com", "must begin with https"),
        ("https:///in", "must name a host"),
        ("https://user:word@hooks.example.com/", "and no user"),
        ("https://[::1", "cannot be read"),
    ],
)
def test_addresses_that_are_none(monkeypatch: pytest.MonkeyPatch, url: str, reason: str) -> None:
    resolving(monkeypatch, "93.184.215.14")
    with pytest.raises(Forbidden, match=reason):
        resolve(url, allow_private=False)


def test_a_name_without_an_address_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **more: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr("wafa.connectors.channels.webhook.address.socket.getaddrinfo", fail)
    with pytest.raises(Unresolved):
        resolve("https://hooks.example.com/", allow_private=False)
    assert send("https://hooks.example.com/", SECRET, "evt-1", BODY, at=AT).verdict is Verdict.RETRY


@pytest.mark.parametrize(
    ("name", "verdict"), [("hooks.example.com", Verdict.DELIVERED), ("other.example.com", Verdict.RETRY)]
)
def test_the_certificate_must_be_that_of_the_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, verdict: Verdict
) -> None:
    certificate, key = make_certificate(tmp_path, "hooks.example.com")
    endpoint = Endpoint()
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(certificate, key)
    endpoint.server.socket = theirs.wrap_socket(endpoint.server.socket, server_side=True)
    # The failed handshake of the other name is the point, not a fault to print.
    endpoint.server.handle_error = lambda request, client_address: None  # type: ignore[method-assign]
    trusted: Callable[[], ssl.SSLContext] = lambda: ssl.create_default_context(cafile=str(certificate))  # noqa: E731
    monkeypatch.setattr(channel, "certificates", trusted)
    resolving(monkeypatch, "127.0.0.1")
    with serving(endpoint):
        outcome = send(f"https://{name}:{endpoint.port}/", SECRET, "evt-1", BODY, at=AT, allow_private=True)
    assert outcome.verdict is verdict
    assert [headers["host"] for _, headers, _ in endpoint.got] == (
        [f"{name}:{endpoint.port}"] if verdict is Verdict.DELIVERED else []
    )


def make_certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate for `name` alone (not for the address it is served from), signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    paths[1].write_bytes(secret)
    return paths
