"""Write down what members did beside ordering: told twice, done once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wafa.activities.operations import keep_activities
from wafa.core.activities import MemberActivity


def record_activities(program_id: UUID, done: Sequence[tuple[UUID, MemberActivity]], *, at: datetime) -> list[bool]:
    """Keep activities, given as (member, activity), which reached us `at`. Says of each whether it was told first now.

    What was told first stays, whatever is told of the same key later.
    """
    first: dict[str, int] = {}
    for place, (_, activity) in enumerate(done):
        first.setdefault(activity.cause, place)
    new = keep_activities(program_id, [done[place] for place in first.values()], at=at)
    return [first[activity.cause] == place and activity.cause_id in new for place, (_, activity) in enumerate(done)]
