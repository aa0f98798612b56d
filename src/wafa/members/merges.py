"""Members who turned out to be one person: who went to whom, and what of the rows of this room went along.

The caller has opened the program's transaction and holds both members.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from msgspec import Struct
from msgspec.structs import replace

from wafa.core.books import Balance
from wafa.kit.moving import move_rows
from wafa.members.details import update_details
from wafa.members.models import (
    Answer,
    Appointment,
    Birthday,
    Consent,
    Identity,
    Listed,
    Member,
    MemberState,
    Merge,
    Qualifying,
)
from wafa.members.plan import Details, Known

_DETAILS = ("name", "email", "phone", "locale")


class Taken(Struct, frozen=True, kw_only=True):
    """What a merge moved, to be given back by its undo: keys of rows by the step that moved them, and what was brought.

    `details` are the survivor's own that were empty and were filled in; `joined_at` is theirs from before, where an
    earlier one took its place. `lists` are those that the survivor was not on, `answers` the fields of the profile to
    which they had told nothing.
    """

    rows: Mapping[str, list[UUID]]
    brought: Mapping[str, Balance] = {}
    details: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    birthday: bool = False
    joined_at: datetime | None = None
    had_no_joining: bool = False


_taken = msgspec.json.Decoder(Taken)


def move_identities(
    program_id: UUID, *, sender: UUID, recipient: UUID, only: Collection[UUID] | None = None
) -> list[UUID]:
    """Let the recipient be recognised by what the sender was."""
    return move_rows(Identity._meta.db_table, program_id, sender=sender, recipient=recipient, only=only)


def move_qualifying(
    program_id: UUID, *, sender: UUID, recipient: UUID, only: Collection[UUID] | None = None
) -> list[UUID]:
    """Let what orders count for tiers count for the recipient."""
    table = Qualifying._meta.db_table
    return move_rows(table, program_id, sender=sender, recipient=recipient, only=only, key="cause_id")


def move_appointments(
    program_id: UUID, *, sender: UUID, recipient: UUID, only: Collection[UUID] | None = None
) -> list[UUID]:
    """Let the recipient have the tiers that staff gave the sender."""
    return move_rows(Appointment._meta.db_table, program_id, sender=sender, recipient=recipient, only=only)


def move_consents(
    program_id: UUID, *, sender: UUID, recipient: UUID, only: Collection[UUID] | None = None
) -> list[UUID]:
    """Let what the sender agreed to stand for the recipient, the last of each kind."""
    return move_rows(Consent._meta.db_table, program_id, sender=sender, recipient=recipient, only=only)


def absorb(program_id: UUID, absorbed: Member, survivor: Member, taken: Taken) -> Taken:
    """Make one member a name of the other: details that were empty, lists, answers, the birthday.

    Returns all that moved.
    """
    details = _fill_details(program_id, absorbed, survivor)
    mine = _lists(program_id, survivor.id)
    lists = tuple(sorted(_lists(program_id, absorbed.id) - mine))
    Listed.objects.filter(program_id=program_id, member_id=absorbed.id, segment__in=lists).update(member_id=survivor.id)
    answers = tuple(sorted(_answered(program_id, absorbed.id) - _answered(program_id, survivor.id)))
    Answer.objects.filter(program_id=program_id, member_id=absorbed.id, field__in=answers).update(member_id=survivor.id)
    birthdays = Birthday.objects.filter(program_id=program_id)
    birthday = not birthdays.filter(member_id=survivor.id).exists()
    birthday = birthday and bool(birthdays.filter(member_id=absorbed.id).update(member_id=survivor.id))
    earlier = absorbed.joined_at is not None and (survivor.joined_at is None or absorbed.joined_at < survivor.joined_at)
    if earlier:
        _of(program_id, survivor.id).update(joined_at=absorbed.joined_at)
    # Whoever was merged into them is found with the survivor as well.
    before = list(Member.objects.filter(program_id=program_id, merged_into=absorbed.id).values_list("id", flat=True))
    Member.objects.filter(program_id=program_id, id__in=before).update(merged_into=survivor.id)
    _of(program_id, absorbed.id).update(state=MemberState.MERGED, merged_into=survivor.id)
    stop_reviews(program_id, absorbed.id)
    return replace(
        taken,
        rows={**taken.rows, "merged": sorted(before)},
        details=details,
        lists=lists,
        answers=answers,
        birthday=birthday,
        joined_at=survivor.joined_at if earlier else None,
        had_no_joining=earlier and survivor.joined_at is None,
    )


def save_merge(
    program_id: UUID,
    merge_id: UUID,
    *,
    absorbed: Member,
    survivor_id: UUID,
    taken: Taken,
    reason: str,
    by: str,
    at: datetime,
) -> None:
    """Write down who went to whom, and what with them."""
    Merge.objects.create(
        program_id=program_id,
        id=merge_id,
        survivor_id=survivor_id,
        absorbed_id=absorbed.id,
        state=absorbed.state,
        taken=msgspec.to_builtins(taken),
        reason=reason,
        by=by,
        at=at,
    )


def release(program_id: UUID, merge: Merge, taken: Taken, *, by: str, at: datetime) -> None:
    """Make the absorbed member one of their own again, with what was theirs and still is where it went."""
    absorbed = Member.objects.get(program_id=program_id, id=merge.absorbed_id)
    survivor = Member.objects.get(program_id=program_id, id=merge.survivor_id)
    _empty_details(program_id, absorbed, survivor, taken.details)
    listed = Listed.objects.filter(program_id=program_id, member_id=survivor.id, segment__in=taken.lists)
    listed.update(member_id=absorbed.id)
    answered = Answer.objects.filter(program_id=program_id, member_id=survivor.id, field__in=taken.answers)
    answered.update(member_id=absorbed.id)
    if taken.birthday:
        Birthday.objects.filter(program_id=program_id, member_id=survivor.id).update(member_id=absorbed.id)
    if taken.joined_at is not None or taken.had_no_joining:
        _of(program_id, survivor.id).update(joined_at=taken.joined_at)
    Member.objects.filter(program_id=program_id, id__in=taken.rows["merged"]).update(merged_into=absorbed.id)
    _of(program_id, absorbed.id).update(state=merge.state, merged_into=None)
    Merge.objects.filter(program_id=program_id, id=merge.id).update(undone_at=at, undone_by=by)


def read_taken(merge: Merge) -> Taken:
    """What a merge moved."""
    return _taken.decode(msgspec.json.encode(merge.taken))


def find_open_merge(program_id: UUID, absorbed_id: UUID) -> Merge | None:
    """The merge by which this member became a name of another, unless it was undone."""
    return Merge.objects.filter(program_id=program_id, absorbed_id=absorbed_id, undone_at=None).first()


def list_merges(program_id: UUID, member_id: UUID) -> list[Merge]:
    """Who was merged into this member and is so still, the last first."""
    return list(
        Merge.objects.filter(program_id=program_id, survivor_id=member_id, undone_at=None).order_by("-at", "-id")
    )


def _of(program_id: UUID, member_id: UUID) -> Any:
    return Member.objects.filter(program_id=program_id, id=member_id)


def _lists(program_id: UUID, member_id: UUID) -> set[str]:
    return set(Listed.objects.filter(program_id=program_id, member_id=member_id).values_list("segment", flat=True))


def _answered(program_id: UUID, member_id: UUID) -> set[str]:
    return set(Answer.objects.filter(program_id=program_id, member_id=member_id).values_list("field", flat=True))


def _fill_details(program_id: UUID, absorbed: Member, survivor: Member) -> tuple[str, ...]:
    filled = tuple(name for name in _DETAILS if getattr(absorbed, name) and not getattr(survivor, name))
    if filled:
        details = {name: getattr(absorbed if name in filled else survivor, name) for name in _DETAILS}
        _write_details(program_id, survivor, details)
    return filled


def _empty_details(program_id: UUID, absorbed: Member, survivor: Member, filled: Collection[str]) -> None:
    """What was filled in and still says the same is empty again."""
    emptied = {name for name in filled if getattr(survivor, name) == getattr(absorbed, name)}
    if emptied:
        _write_details(program_id, survivor, {n: "" if n in emptied else getattr(survivor, n) for n in _DETAILS})


def _write_details(program_id: UUID, member: Member, details: Mapping[str, str]) -> None:
    update_details(program_id, [Known(member.id, MemberState(member.state), Details(**details), member.told_at)])


def stop_reviews(program_id: UUID, member_id: UUID) -> None:
    """The clock has nothing to do any more about the tier of somebody who is a name, or has none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE members_tierstanding SET review_at = NULL WHERE program_id = %s AND member_id = %s AND is_current",
            [program_id, member_id],
        )
