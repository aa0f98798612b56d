"""What a home's demo was made with, kept in its `demo.json`, so that a second run goes on where the first stopped."""

import os
import secrets
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

_PASSWORD_BYTES = 9


class DemoRecord(Struct, frozen=True, kw_only=True):
    """The arguments of the history, the staff's password, and how far the history is loaded (UTC).

    `template` is the program's; empty for Falcon Coffee's own.
    """

    seed: int
    members: int
    orders: int
    ends_at: datetime
    password: str
    loaded_until: datetime | None = None
    template: str = ""


def new_record(*, seed: int, members: int, orders: int, ends_at: datetime, template: str = "") -> DemoRecord:
    """A demo that is about to be made, with a password of its own."""
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    return DemoRecord(seed=seed, members=members, orders=orders, ends_at=ends_at, password=password, template=template)


def find_record(home: Path) -> DemoRecord | None:
    """What this home's demo was made with, if there is one."""
    try:
        return msgspec.json.decode((home / "demo.json").read_bytes(), type=DemoRecord)
    except FileNotFoundError:
        return None


def save_record(home: Path, record: DemoRecord) -> None:
    """Write it down, readable by the owner alone; whole or not at all."""
    draft = home / "demo.json.draft"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")
    draft.replace(home / "demo.json")
