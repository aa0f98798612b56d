"""Let members give units to each other: two journals with one cause, each unit with the date it had."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from wafa.core.books import Journal
from wafa.core.qualify import Refusal
from wafa.core.transfer import counts_since, refuse_transfer, transfer, transfer_key
from wafa.core.why import TransferWhy
from wafa.flows.announce import announce_journals
from wafa.ledger.operations import post
from wafa.ledger.queries import list_transfers, load_standings, sum_given
from wafa.programs.queries import get_program_rules


class Gift(Struct, frozen=True, kw_only=True):
    """A member wants to give `units` to another. `key` names the transfer: told again, it is made once.

    `recipient_id` is None where whoever was named is no member.
    """

    key: str
    giver_id: UUID
    recipient_id: UUID | None
    unit: str
    units: int


class Given(Struct, frozen=True, kw_only=True):
    """The transfer was made, now or before by the same key; both its journals have `id` as their cause."""

    id: UUID
    recipient_id: UUID
    units: int
    is_new: bool


class NotGiven(Struct, frozen=True, kw_only=True):
    """Why not; nothing was changed.

    Beside those of `core.transfer` reasons are no_such_member, and key_taken: the key names another transfer.
    """

    refusals: tuple[Refusal, ...]


def transfer_units(program_id: UUID, gifts: Sequence[Gift], *, at: datetime) -> list[Given | NotGiven]:
    """Decide a batch in order: each stands on what those before it moved. Raises OutsideCalendar."""
    program = get_program_rules(program_id)
    version = program.in_force(at)
    units = {unit.code: unit for unit in version.spec.units} if version else {}
    named = {gift.giver_id for gift in gifts} | {gift.recipient_id for gift in gifts if gift.recipient_id}
    standings = load_standings(program_id, named, lock=True, with_lots=True)
    known = list_transfers(program_id, [transfer_key(gift.key) for gift in gifts])
    given: dict[tuple[UUID, str], int] = {}
    journals: list[Journal] = []
    answers: list[Given | NotGiven] = []
    for gift in gifts:
        key, account = transfer_key(gift.key), (gift.giver_id, gift.unit)
        if key in known:
            answers.append(_again(gift, *known[key]))
            continue
        giver, unit = standings.get(gift.giver_id), units.get(gift.unit)
        recipient = standings.get(gift.recipient_id) if gift.recipient_id else None
        if giver is None:
            answers.append(_refuse("no_such_member"))
            continue
        if version is not None and unit is not None and account not in given:
            given[account] = sum_given(program_id, *account, since=counts_since(version.spec, unit, at=at))
        refusals = refuse_transfer(unit, giver, recipient, units=gift.units, given=given.get(account, 0), at=at)
        if refusals or recipient is None or version is None:
            answers.append(NotGiven(refusals=refusals))
            continue
        made = transfer(giver, recipient, key=gift.key, unit=gift.unit, units=gift.units, at=at, version=version.number)
        standings[giver.member_id] = giver.after([made.out])
        standings[recipient.member_id] = recipient.after(made.into)
        given[account] += gift.units
        why = TransferWhy(units=gift.units, sender=giver.member_id, recipient=recipient.member_id)
        known[key] = (made.id, gift.unit, why)
        journals += [made.out, *made.into]
        answers.append(Given(id=made.id, recipient_id=recipient.member_id, units=gift.units, is_new=True))
    post(program_id, journals, booked_at=at)
    announce_journals(program_id, journals, at=at)
    return answers


def _again(gift: Gift, transfer_id: UUID, unit: str, why: TransferWhy) -> Given | NotGiven:
    """The same told again is as it was; a key that names something else is refused."""
    told = (gift.giver_id, gift.recipient_id, gift.unit, gift.units)
    if told != (why.sender, why.recipient, unit, why.units):
        return _refuse("key_taken")
    return Given(id=transfer_id, recipient_id=why.recipient, units=why.units, is_new=False)


def _refuse(reason: str) -> NotGiven:
    return NotGiven(refusals=(Refusal(reason=reason),))
