"""What is known of the member when an activity is decided.

It is found once, when the order is first decided, and kept with the order: a refund months later is measured by what
was true then, whatever the member bought, said or became since.
"""

from datetime import datetime

from msgspec.structs import replace

from wafa.core.activities import Activity
from wafa.core.compare import OrderActivity
from wafa.core.history import History, purchases_before
from wafa.core.member import MemberFacts, Profile, language_of
from wafa.core.program import Program
from wafa.core.segments import find_segments
from wafa.core.spec import ProgramSpec
from wafa.core.standing import Standing


def asks_about_member(program: Program, activity: Activity) -> bool:
    """Whether the version in force when the activity happened asks for more than it tells."""
    if not program.asks_about_members:
        return False
    version = program.in_force(activity.judged_at)
    return version is not None and version.spec.asks_about_members


def know_member(program: Program, standing: Standing, activity: Activity, *, by_guest: bool = False) -> Standing:
    """The standing with what is known of the member for this activity, where the version in force asks for that.

    What was known already stays. Else it is found in the standing's profile and history, as of the activity; for an
    order, as of its payment. Where it was done `by_guest`, they had not joined then, whatever they are by now.
    """
    if not asks_about_member(program, activity) or activity.cause_id in standing.known:
        return standing
    version = program.in_force(activity.judged_at)
    assert version is not None
    is_guest = by_guest or not standing.joined
    facts = describe_member(
        version.spec,
        replace(standing.profile, joined_at=None) if is_guest else standing.profile,
        standing.history,
        at=activity.judged_at,
        external_id=activity.order.external_id if isinstance(activity, OrderActivity) else "",
    )
    facts = replace(facts, is_guest=is_guest)
    return replace(standing, known={**standing.known, activity.cause_id: facts})


def describe_member(
    spec: ProgramSpec, profile: Profile, history: History, *, at: datetime, external_id: str = ""
) -> MemberFacts:
    """A member as known `at` a moment (UTC), before the order `external_id` of that moment, whatever their tier."""
    purchases = purchases_before(history, spec, at=at, external_id=external_id)
    facts = MemberFacts(
        at=at,
        orders=len(purchases),
        spend_minor=sum([purchase.spend_minor for purchase in purchases]),
        last_order_at=purchases[-1].paid_at if purchases else None,
        joined_at=profile.joined_at,
        language=language_of(profile.locale),
        told=profile.told,
        answers={name: said for name, said in profile.answers.items() if name in spec.compared_fields},
        segments=profile.lists,
    )
    found = replace(facts, segments=find_segments(spec, facts, purchases))
    if spec.tiers is None or not any(segment.asks_for_tier for segment in spec.segments):
        return found
    by_tier = {tier.id: find_segments(spec, replace(facts, tier=tier.id), purchases) for tier in spec.tiers.ladder}
    return replace(found, segments_by_tier=by_tier)
