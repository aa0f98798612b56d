"""Promise the program's own endpoints a word about what happened; the outbox keeps the promise after the commit."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from wafa.core.books import Journal
from wafa.programs.queries import list_endpoint_ids
from wafa.relay.operations import NewCommand, put_commands

SEND_WEBHOOK = "send_webhook"


class Announcement(Struct, frozen=True, kw_only=True):
    """What endpoints are told. `id` names it however often it is sent; `told` is the rest of what they get."""

    id: UUID
    type: str
    occurred_at: datetime
    told: dict[str, Any]


def announce_journals(program_id: UUID, journals: Sequence[Journal], *, at: datetime) -> None:
    """Announce what was booked."""
    if journals:
        announce(program_id, map(of_journal, journals), at=at)


def announce(program_id: UUID, announcements: Iterable[Announcement], *, at: datetime) -> int:
    """Put one command per announcement and active endpoint into the outbox. Returns how many are new there."""
    endpoint_ids = list_endpoint_ids(program_id)
    if not endpoint_ids:
        return 0
    commands = [
        NewCommand(
            kind=SEND_WEBHOOK,
            key=f"{SEND_WEBHOOK}:{endpoint_id}:{told.id}",
            payload=msgspec.to_builtins(
                {
                    "endpoint": endpoint_id,
                    "told": {"id": told.id, "type": told.type, "occurred_at": told.occurred_at, **told.told},
                }
            ),
        )
        for told in announcements
        for endpoint_id in endpoint_ids
    ]
    return len(put_commands(program_id, commands, at=at))


def of_journal(journal: Journal) -> Announcement:
    """What endpoints are told of a journal."""
    told = {
        "member": journal.member_id,
        "version": journal.version,
        "rule": journal.rule,
        "why": journal.why,
        "postings": [
            {"unit": p.unit, "from": p.from_account.name, "to": p.to_account.name, "amount": p.amount}
            for p in journal.postings
        ],
    }
    return Announcement(id=journal.id, type=f"journal.{journal.kind.value}", occurred_at=journal.occurred_at, told=told)
