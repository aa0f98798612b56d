"""Promise the program's own endpoints a word about what was booked; the outbox keeps the promise after the commit."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from wafa.core.books import Journal
from wafa.programs.queries import list_endpoint_ids
from wafa.relay.operations import NewCommand, put_commands

SEND_WEBHOOK = "send_webhook"


def announce_journals(program_id: UUID, journals: Sequence[Journal], *, at: datetime) -> None:
    """Put one command per journal and active endpoint into the outbox."""
    if not journals:
        return
    commands = [
        NewCommand(
            kind=SEND_WEBHOOK,
            key=f"{SEND_WEBHOOK}:{endpoint_id}:{journal.id}",
            payload=msgspec.to_builtins({"endpoint": endpoint_id, "journal": _told(journal)}),
        )
        for endpoint_id in list_endpoint_ids(program_id)
        for journal in journals
    ]
    if commands:
        put_commands(program_id, commands, at=at)


def _told(journal: Journal) -> dict[str, object]:
    return {
        "id": journal.id,
        "type": f"journal.{journal.kind.value}",
        "member": journal.member_id,
        "occurred_at": journal.occurred_at,
        "version": journal.version,
        "rule": journal.rule,
        "why": journal.why,
        "postings": [
            {"unit": p.unit, "from": p.from_account.name, "to": p.to_account.name, "amount": p.amount}
            for p in journal.postings
        ],
    }
