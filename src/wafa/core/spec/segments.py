"""Groups of members: by what is known of them, or as a list that staff keep."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator

from wafa.core.spec.faults import none_of
from wafa.core.spec.members import Days, InSegment, InTier, MemberConditions, Rfm
from wafa.core.spec.nesting import walk
from wafa.core.spec.parts import Code, Misfit, Names, Part, Positive


def _ascending(limits: tuple[int, ...]) -> tuple[int, ...]:
    if any(before >= after for before, after in pairwise(limits)):
        raise Misfit("", "expected limits that grow")
    return limits


FourLimits = Annotated[tuple[Positive, Positive, Positive, Positive], AfterValidator(_ascending)]
"""What parts five scores from each other."""


class RfmScale(Part):
    """What scores of 1 to 5 mean. Stated numbers, so that everybody's score can be told and computed again.

    Recency is 5 up to the first of `recency_days` since the last order, 4 up to the second, … Frequency and monetary
    are 1 below the first limit, 2 from it on, … and 5 from the last on; they look at orders paid `within_days`.
    """

    recency_days: FourLimits
    frequency: FourLimits
    monetary_minor: FourLimits
    within_days: Days | None = None


class Segment(Part):
    """Members for whom all `conditions` hold. One without conditions is a list: staff say who is on it."""

    id: Code
    name: Names
    conditions: MemberConditions = ()

    @property
    def is_list(self) -> bool:
        return not self.conditions

    @cached_property
    def asks_for_tier(self) -> bool:
        """Whether it depends on the member's tier."""
        return any(isinstance(condition, InTier) for _, condition in walk(self.conditions, ""))


def check_segments(segments: Sequence[Segment], rfm: RfmScale | None) -> None:
    """Raise Misfit for a segment that names what is not there. Of other segments it may name lists alone."""
    ids = [segment.id for segment in segments]
    if len(set(ids)) != len(ids):
        raise Misfit("segments", "each id may be used once")
    lists = [segment.id for segment in segments if segment.is_list]
    for place, segment in enumerate(segments):
        path = f"segments.{place}.conditions"
        for here, condition in walk(segment.conditions, path):
            if isinstance(condition, Rfm) and rfm is None:
                raise Misfit(here, "expected a scale: the program has no `rfm`")
        check_named(segment.conditions, lists, path=path, known="lists (segments without conditions)")


def check_named(conditions: Iterable[Part], ids: Sequence[str], *, path: str, known: str = "segments") -> None:
    """Raise Misfit where a condition names a segment that is none of `ids`."""
    for here, condition in walk(conditions, path):
        for at, segment in enumerate(condition.segments if isinstance(condition, InSegment) else ()):
            if segment not in ids:
                raise Misfit(f"{here}.segments.{at}", none_of(segment, known, ids))
