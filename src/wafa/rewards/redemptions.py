"""Writes to redemptions: each is put down once, and then changes its state under its lock."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from msgspec import Struct

from wafa.kit.moving import move_rows
from wafa.kit.rows import as_columns, columns_of, table_of
from wafa.rewards.models import Redemption, RedemptionState


class Kept(Struct, frozen=True, kw_only=True):
    """A redemption as its row has it (`models.Redemption`)."""

    id: UUID
    member_id: UUID
    key: str
    reward: str
    version: int
    unit: str | None
    units: int
    choice: str
    state: str
    fulfilment: str
    source: str
    by: str
    note: str
    reason: str
    due_at: datetime | None
    created_at: datetime
    changed_at: datetime


def as_kept(redemption: Redemption) -> Kept:
    """A row that was read by the ORM."""
    return Kept(**{field: getattr(redemption, field) for field in Kept.__struct_fields__})


_PUT = f"""
INSERT INTO rewards_redemption (program_id, {columns_of(Kept)})
SELECT %s, {columns_of(Kept)} FROM {table_of(Kept, name="told")} ORDER BY key"""


def put_redemptions(program_id: UUID, redemptions: Sequence[Kept]) -> None:
    """Put down new redemptions. Raises IntegrityError for a key that is there: ask `find_by_keys` under the locks."""
    if redemptions:
        with connection.cursor() as cursor:
            cursor.execute(_PUT, [program_id, *as_columns(Kept, redemptions)])


def move_redemptions(
    program_id: UUID, *, sender: UUID, recipient: UUID, only: Collection[UUID] | None = None
) -> list[UUID]:
    """Let redemptions and their vouchers be another member's."""
    return move_rows(Redemption._meta.db_table, program_id, sender=sender, recipient=recipient, only=only)


def erase_notes(program_id: UUID, member_ids: Collection[UUID]) -> None:
    """Forget why staff gave these members rewards."""
    Redemption.objects.filter(program_id=program_id, member_id__in=member_ids).update(note="")


_kept = msgspec.json.Decoder(Kept)
_SELECT = "SELECT row_to_json(redemption)::text FROM rewards_redemption AS redemption WHERE program_id = %s"


def find_by_keys(program_id: UUID, keys: Collection[str]) -> dict[str, Kept]:
    """Redemptions by their keys."""
    found = _read(f"{_SELECT} AND key = ANY(%s)", [program_id, list(keys)])
    return {redemption.key: redemption for redemption in found}


def find_by_ids(program_id: UUID, redemption_ids: Collection[UUID], *, lock: bool = False) -> dict[UUID, Kept]:
    """Redemptions by their ids; `lock` holds them in the order of their ids, after the members they belong to."""
    query = f"{_SELECT} AND id = ANY(%s::uuid[]) ORDER BY id" + (" FOR UPDATE" if lock else "")
    return {found.id: found for found in _read(query, [program_id, list(redemption_ids)])}


def list_due(program_id: UUID, state: RedemptionState, *, at: datetime, limit: int) -> list[Kept]:
    """Redemptions in this state on which the clock has to act by `at`, the longest due first. Nothing is held."""
    query = f"{_SELECT} AND due_at <= %s AND state = %s ORDER BY due_at, id LIMIT %s"
    return _read(query, [program_id, at, state, limit])


def list_of_member(program_id: UUID, member_id: UUID, *, limit: int) -> list[Kept]:
    """A member's redemptions, the newest first."""
    query = f"{_SELECT} AND member_id = %s ORDER BY created_at DESC, id DESC LIMIT %s"
    return _read(query, [program_id, member_id, limit])


def list_from_source(program_id: UUID, member_ids: Collection[UUID], *, prefix: str, lock: bool) -> list[Kept]:
    """What members have from sources that begin so, in the order of their ids, as `find_by_ids` locks them."""
    query = f"{_SELECT} AND member_id = ANY(%s::uuid[]) AND starts_with(source, %s) ORDER BY id"
    return _read(query + (" FOR UPDATE" if lock else ""), [program_id, list(member_ids), prefix])


def list_had(
    program_id: UUID, member_ids: Collection[UUID], rewards: Collection[str]
) -> dict[UUID, dict[str, list[datetime]]]:
    """When members had these rewards; what was cancelled or failed does not count. Ask under the members' locks."""
    if not rewards:
        return {}
    counted = (RedemptionState.HELD, RedemptionState.ISSUED, RedemptionState.USED, RedemptionState.EXPIRED)
    found = Redemption.objects.filter(
        program_id=program_id, member_id__in=member_ids, reward__in=rewards, state__in=counted
    )
    had: dict[UUID, dict[str, list[datetime]]] = {}
    for member_id, reward, created_at in found.values_list("member_id", "reward", "created_at"):
        had.setdefault(member_id, {}).setdefault(reward, []).append(created_at)
    return had


def count_granted(program_id: UUID, source: str, *, since: datetime) -> dict[str, int]:
    """How many of each reward came from `source` since then; what was cancelled or failed does not count."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reward, count(*) FROM rewards_redemption WHERE program_id = %s AND source = %s "
            "AND created_at >= %s AND state <> ALL(%s) GROUP BY reward",
            [program_id, source, since, [RedemptionState.CANCELLED, RedemptionState.FAILED]],
        )
        return dict(cursor.fetchall())


class _Row(Struct, gc=False):
    """What changes in the life of a redemption."""

    id: UUID
    state: str
    fulfilment: str
    reason: str
    due_at: datetime | None
    changed_at: datetime


_SAVE = f"""
UPDATE rewards_redemption AS redemption SET {", ".join(f"{c} = told.{c}" for c in _Row.__struct_fields__[1:])}
FROM {table_of(_Row, name="told")} WHERE redemption.program_id = %s AND redemption.id = told.id"""


def save_redemptions(program_id: UUID, redemptions: Sequence[Kept]) -> None:
    """Write down what became of redemptions that the caller holds: state, fulfilment, reason and times."""
    if redemptions:
        rows = [_Row(**{field: getattr(one, field) for field in _Row.__struct_fields__}) for one in redemptions]
        with connection.cursor() as cursor:
            cursor.execute(_SAVE, [*as_columns(_Row, rows), program_id])


def _read(query: str, parameters: list[Any]) -> list[Kept]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return [_kept.decode(text) for (text,) in cursor.fetchall()]
