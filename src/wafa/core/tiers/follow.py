"""Writing down where a member stands, whenever more is known of them."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from wafa.core.program import Program
from wafa.core.tiers.climb import climb
from wafa.core.tiers.record import Step, StepWhy, TierRecord


class Cause(Struct, frozen=True, kw_only=True):
    """Why more is known of the past: what happened `at` to which order, by its number."""

    kind: str
    order: str
    at: datetime


def follow(program: Program, record: TierRecord, *, until: datetime, cause: Cause | None = None) -> TierRecord:
    """Add the steps by `until` that are not written down yet.

    What was written down stays. Where it is so no longer, because of `cause`, one more step leads to where the member
    stands by all that is known now, since it is known. Raises OutsideCalendar.
    """
    path = climb(program, record, until=until)
    last = record.steps[-1] if record.steps else None
    if last is None:
        return replace(record, steps=path) if path else record
    if _agree(_stood(path, last.at), last):
        new = [step for step in path if step.at > last.at]
    else:
        new = _correct(path, last, at=max(last.at, cause.at if cause else until), cause=cause)
    return replace(record, steps=(*record.steps, *new)) if new else record


def tier_at(program: Program, record: TierRecord, at: datetime) -> str | None:
    """The tier that a member had at a moment, by all that is known now. Raises OutsideCalendar."""
    if not record.steps:
        return None
    last = record.steps[-1]
    if last.at <= at and (last.review_at is None or at < last.review_at):
        return last.tier
    stood = _stood(climb(program, record, until=at), at)
    return stood.tier if stood else None


def _stood(path: tuple[Step, ...], at: datetime) -> Step | None:
    return next((step for step in reversed(path) if step.at <= at), None)


def _agree(stood: Step | None, told: Step) -> bool:
    if stood is None:
        return told.tier is None
    return (stood.tier, stood.kept_until, stood.review_at) == (told.tier, told.kept_until, told.review_at)


def _correct(path: tuple[Step, ...], last: Step, *, at: datetime, cause: Cause | None) -> list[Step]:
    later = [step for step in path if step.at > at]
    stands = _stood(path, at)
    if _agree(stands, last):
        return later
    why = replace(
        stands.why if stands else StepWhy(kind="corrected"),
        kind="corrected",
        cause=cause.kind if cause else "",
        order=cause.order if cause else "",
    )
    corrected = Step(
        at=at,
        before=last.tier,
        tier=stands.tier if stands else None,
        why=why,
        version=stands.version if stands else last.version,
        kept_until=stands.kept_until if stands else None,
        review_at=stands.review_at if stands else None,
    )
    return [corrected, *later]
