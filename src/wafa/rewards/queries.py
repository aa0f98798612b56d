"""Questions about redemptions, for the console. The caller has opened the program's transaction."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, TextChoices

from wafa.kit.paging import Page, read_page
from wafa.rewards.models import Fulfilment, Redemption, RedemptionState, Voucher
from wafa.rewards.vouchers import find_by_codes


class Stage(TextChoices):
    """Where a redemption is, as people see it: state and fulfilment in one."""

    HELD = "held"
    PREPARING = "preparing"
    READY = "ready"
    USED = "used"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    FAILED = "failed"


_PREPARING = (Fulfilment.PENDING, Fulfilment.REVOKING)


def stage_of(state: str, fulfilment: str) -> Stage:
    if state == RedemptionState.ISSUED:
        return Stage.PREPARING if fulfilment in _PREPARING else Stage.READY
    return Stage(state)


def list_redemptions(
    program_id: UUID,
    *,
    stage: str = "",
    code: str = "",
    members: QuerySet[Any, Any] | Collection[UUID] | None = None,
    order: str = "-id",
    cursor: str = "",
    limit: int = 50,
) -> Page[Redemption]:
    """A page of the redemptions, newest first unless `order` is id: those in a stage, those of `members` (their ids).

    A whole `code`, however it was typed, finds the one that it is for, and then nothing else. Raises BadCursor.
    """
    found = Redemption.objects.filter(program_id=program_id)
    if stage:
        found = found.filter(_in_stage(Stage(stage)))
    if code and (named := find_by_codes(program_id, [code])):
        found = found.filter(id=named[code])
    elif members is not None:
        found = found.filter(member_id__in=members)
    return read_page(found, order=order, cursor=cursor, limit=limit)


def count_redemptions(program_id: UUID) -> dict[Stage, int]:
    """How many redemptions are in each stage; every stage is there."""
    found = Redemption.objects.filter(program_id=program_id).values_list("state", "fulfilment").order_by()
    counts = dict.fromkeys(Stage, 0)
    for state, fulfilment, count in found.annotate(Count("id")):
        counts[stage_of(state, fulfilment)] += count
    return counts


def list_members_with_redemptions(program_id: UUID, member_ids: Collection[UUID]) -> set[UUID]:
    """Those of the members who ever had a reward, whatever it cost and whatever became of it."""
    found = Redemption.objects.filter(program_id=program_id, member_id__in=list(member_ids))
    return set(found.values_list("member_id", flat=True))


def find_redemption(program_id: UUID, redemption_id: UUID) -> Redemption | None:
    return Redemption.objects.filter(program_id=program_id, id=redemption_id).first()


def find_voucher(program_id: UUID, redemption_id: UUID) -> Voucher | None:
    """The voucher of a redemption; None where none was issued, or it has no code."""
    return Voucher.objects.filter(program_id=program_id, redemption_id=redemption_id).first()


def _in_stage(stage: Stage) -> Q:
    match stage:
        case Stage.PREPARING:
            return Q(state=RedemptionState.ISSUED, fulfilment__in=_PREPARING)
        case Stage.READY:
            return Q(state=RedemptionState.ISSUED) & ~Q(fulfilment__in=_PREPARING)
        case _:
            return Q(state=stage.value)
