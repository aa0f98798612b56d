"""The outbox: promised once, leased to one worker, tried again for days, and parked in the end."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from wafa.kit.ids import new_id
from wafa.kit.transactions import program_transaction
from wafa.relay.models import Command, CommandState
from wafa.relay.operations import (
    NewCommand,
    TakenCommand,
    finish_command,
    park_command,
    postpone_command,
    put_commands,
    replay_command,
    take_commands,
)

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Outbox:
    """The outbox of one program."""

    def __init__(self) -> None:
        self.program_id = new_id()

    def put(self, *keys: str, at: datetime = AT) -> list[UUID]:
        with program_transaction(self.program_id):
            commands = [NewCommand(kind="send", key=key, payload={"order": key, "units": 5}) for key in keys]
            return put_commands(self.program_id, commands, at=at)

    def take(self, *, at: datetime = AT, limit: int = 10) -> list[TakenCommand]:
        with program_transaction(self.program_id):
            return take_commands(self.program_id, limit=limit, at=at)

    def states(self) -> dict[str, int]:
        with program_transaction(self.program_id):
            return dict(Counter(Command.objects.values_list("state", flat=True)))

    def row(self, key: str) -> Command:
        with program_transaction(self.program_id):
            return Command.objects.get(program_id=self.program_id, key=key)


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


def test_a_key_is_promised_once(outbox: Outbox) -> None:
    assert len(outbox.put("a", "b", "a")) == 2
    assert outbox.put("a") == []
    assert outbox.put() == []
    assert outbox.states() == {"pending": 2}


def test_a_command_is_leased_to_whoever_takes_it(outbox: Outbox) -> None:
    outbox.put("a", "b", "c")
    first = outbox.take(limit=2)
    assert [(command.key, command.kind, command.payload, command.attempts) for command in first] == [
        ("a", "send", {"order": "a", "units": 5}, 1),
        ("b", "send", {"order": "b", "units": 5}, 1),
    ]
    assert [command.key for command in outbox.take()] == ["c"]
    assert outbox.take(at=AT + timedelta(minutes=4)) == []
    again = outbox.take(at=AT + timedelta(minutes=5))
    assert [(command.key, command.attempts) for command in again] == [("a", 2), ("b", 2), ("c", 2)]


def test_what_is_due_later_waits_and_keeps_nothing_else_waiting(outbox: Outbox) -> None:
    later = NewCommand(kind="send", key="later", payload={}, due_at=AT + timedelta(minutes=3))
    with program_transaction(outbox.program_id):
        put_commands(outbox.program_id, [later], at=AT)
    outbox.put("a")
    assert [command.key for command in outbox.take(at=AT + timedelta(minutes=2))] == ["a"]
    assert [command.key for command in outbox.take(at=AT + timedelta(minutes=3))] == ["later"]


def test_what_was_carried_out_is_done(outbox: Outbox) -> None:
    outbox.put("a")
    (command,) = outbox.take()
    with program_transaction(outbox.program_id):
        finish_command(outbox.program_id, command, at=AT)
    assert outbox.states() == {"done": 1}
    assert outbox.take(at=AT + timedelta(days=9)) == []
    assert outbox.row("a").finished_at == AT


def test_whoever_lost_the_lease_changes_nothing(outbox: Outbox) -> None:
    outbox.put("a")
    (late,) = outbox.take()
    (current,) = outbox.take(at=AT + timedelta(minutes=5))
    with program_transaction(outbox.program_id):
        park_command(outbox.program_id, late, error="slow", at=AT)
        postpone_command(outbox.program_id, late, error="slow", at=AT)
        finish_command(outbox.program_id, late, at=AT)
    kept = outbox.row("a")
    assert (kept.state, kept.attempts, kept.last_error) == (CommandState.PENDING, current.attempts, "")


def test_it_is_tried_again_later_each_time_and_parked_in_the_end(outbox: Outbox) -> None:
    outbox.put("a")
    now, waits = AT, []
    while taken := outbox.take(at=now):
        with program_transaction(outbox.program_id):
            postpone_command(outbox.program_id, taken[0], error="no answer", at=now)
        kept = outbox.row("a")
        if kept.pending:
            assert outbox.take(at=kept.next_attempt_at - timedelta(microseconds=1)) == []
            waits.append(kept.next_attempt_at - now)
        now = max(now, kept.next_attempt_at)
    minutes = [wait.total_seconds() / 60 for wait in waits]
    assert minutes == pytest.approx([1 / 6, 1, 5, 30, 120, 360, 720, 1440, 1440])
    kept = outbox.row("a")
    assert (kept.state, kept.attempts, kept.last_error, kept.finished_at) == (
        "parked",
        10,
        "no answer",
        AT + sum(waits, timedelta()),
    )


def test_a_person_may_try_a_parked_one_again(outbox: Outbox) -> None:
    outbox.put("a", "b")
    parked, other = outbox.take()
    with program_transaction(outbox.program_id):
        park_command(outbox.program_id, parked, error="refused", at=AT)
        finish_command(outbox.program_id, other, at=AT)
        for command in (parked, other):
            replay_command(outbox.program_id, command.id, at=AT)
    assert [(command.key, command.attempts) for command in outbox.take()] == [("a", 1)]
    assert outbox.states() == {"pending": 1, "done": 1}
