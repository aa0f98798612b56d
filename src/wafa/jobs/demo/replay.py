"""Send what a real WooCommerce store once sent, byte for byte and with its own signatures, to a running server."""

from collections.abc import Iterator
from importlib.resources import files

import httpx
import msgspec
from msgspec import Struct

from wafa.jobs.demo import DemoFailed

SECRET = "s3cret-hook"  # noqa: S105 - the captured deliveries were signed with it
_HEADERS = ("content-type", "user-agent", "x-wc-")


class CapturedDelivery(Struct, frozen=True):
    """One delivery as it came over the wire."""

    headers: dict[str, str]
    raw_body: str


def list_deliveries() -> dict[str, CapturedDelivery]:
    """The captured deliveries by name, in the order in which the store sent them."""
    folder = files("wafa.jobs.demo") / "deliveries"
    captured = sorted((file for file in folder.iterdir() if file.name.endswith(".json")), key=lambda file: file.name)
    return {
        file.name.removesuffix(".json"): msgspec.json.decode(file.read_bytes(), type=CapturedDelivery)
        for file in captured
    }


def replay_deliveries(address: str) -> Iterator[str]:
    """Post each delivery to the address where the store delivers, and tell its name. Raises DemoFailed."""
    with httpx.Client(timeout=30) as client:
        for name, delivery in list_deliveries().items():
            headers = {key: text for key, text in delivery.headers.items() if key.lower().startswith(_HEADERS)}
            answer = client.post(address, content=delivery.raw_body.encode(), headers=headers)
            if answer.status_code != httpx.codes.OK:
                raise DemoFailed(f"{name}: expected 200 from {address}, got {answer.status_code}: {answer.text}")
            yield name
