"""When somebody may well be asked for a friend."""

from wafa.core.activities import Activity, MemberActivity

BEST = 5
"""The most stars that a review can give."""


def is_glad(activity: Activity) -> bool:
    """Whether whoever did this was as glad as one can say."""
    return (
        isinstance(activity, MemberActivity) and activity.kind == "review" and activity.properties.get("stars") == BEST
    )
