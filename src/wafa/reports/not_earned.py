"""Telling why an order, or a cart, earns nothing by a rule."""

from django.utils.translation import gettext as _

from wafa.core.decide import NotEarned
from wafa.core.spec import ProgramSpec
from wafa.kit.formats import Formats
from wafa.reports.phrases import Phrase, name_of, say


def tell_not_earned(miss: NotEarned, spec: ProgramSpec | None, formats: Formats) -> Phrase:
    """One miss with the name that `spec` has for its rule or accelerator, in the active language."""
    parts = {part.id: part.name for part in spec.scheduled} if spec else {}
    part = miss.accelerator or miss.rule
    if part is None or part not in parts:
        return tell_reason(miss.reason)
    return say("{part}: {reason}", part=name_of(parts[part], formats.locale), reason=tell_reason(miss.reason))


def tell_reason(reason: str) -> Phrase:
    """The reason of a miss as a sentence. Raises KeyError for one that nobody gave words."""
    return say(_sentences()[reason])


def _sentences() -> dict[str, str]:
    return {
        "before_program": _("The program had not begun."),
        "past": _("The order came with an imported history, which earns nothing."),
        "guests_do_not_earn": _("Guests do not earn in this program."),
        "suspended_do_not_earn": _("The membership was suspended."),
        "closed": _("It was not open at that time."),
        "out_of_scope": _("It is not about this store or channel."),
        "nothing_counts": _("Nothing that was bought counts."),
        "below_minimum": _("What counts comes to less than the minimum."),
        "below_one_unit": _("What counts is too little for a whole unit."),
        "outdone": _("Another accelerator adds more, and only the best one counts."),
        "minimum_spend": _("Less was spent than it asks for."),
        "maximum_spend": _("More was spent than it allows."),
        "minimum_quantity": _("Fewer pieces were bought than it asks for."),
        "contains": _("The products it asks for were not bought."),
        "coupon_used": _("The coupon it asks for was not used."),
        "payment_method": _("The order was paid in another way than it asks for."),
        "channel": _("The order came from another channel than it asks for."),
        "store": _("The order came from another store than it asks for."),
        "weekday": _("The order was paid on another weekday than it asks for."),
        "hours": _("The order was paid at another time of day than it asks for."),
        "nth_order": _("It is another order of the member than it asks for."),
        "days_since_last_order": _("The order before was made at another time than it asks for."),
        "days_since_joining": _("The member has not been one for as long as it asks for, or for longer."),
        "joined": _("It asks whether somebody is a member, and the answer is the other one."),
        "language": _("The member reads another language than it asks for."),
        "details": _("The member has not told what it asks for."),
        "profile": _("The member's profile says something else than it asks for, or nothing."),
        "segment": _("The member is in none of the groups that it asks for."),
        "tier": _("The member is in another tier than it asks for."),
        "limit_reached": _("Its limit was reached."),
        "budget_spent": _("Its budget is spent."),
        "property": _("What was told of it is something else than it asks for."),
        "any": _("None of the conditions holds of which it asks for one."),
        "none": _("Something holds that it rules out."),
        "expression": _("Its expression does not hold."),
        "expression_failed": _("Its expression has no answer for this order."),
    }
