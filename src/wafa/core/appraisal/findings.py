"""What a merchant should look at before a program is published, and what should not be published."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from wafa.core.appraisal.conflicts import Conflict, PaysTwice, find_conflicts
from wafa.core.appraisal.economics import Economics, FirstReward, GivenBack
from wafa.core.spec import ProgramSpec

MOST_ORDERS = 2
"""A first reward that takes more average orders than this is out of sight for most who buy."""

_LARGE_SHARE = 3
"""Whoever gives more than a third of the gross margin back should mean it."""


class FarReward(Struct, frozen=True, kw_only=True):
    """The first reward takes more than two usual orders; None where usual orders earn none."""

    reward: FirstReward | None


class GivesMuch(Struct, frozen=True, kw_only=True):
    """So much of an order's gross margin is given back: usually, or (`at_most`) where everything applies.

    By members in `tier`; None where there is none yet.
    """

    tier: str | None
    given_minor: int
    margin_minor: int
    at_most: bool


Finding = Conflict | FarReward | GivesMuch


def appraise(
    spec: ProgramSpec, economics: Economics | None, *, margin_basis_points: int | None = None, at: datetime
) -> list[Finding]:
    """All that is found from `at` on. Without `economics` or a gross margin nothing is said that depends on them.

    Raises OutsideCalendar where a schedule's calendar ends.
    """
    found: list[Finding] = [*find_conflicts(spec, at=at)]
    if economics is None:
        return found
    if economics.first_reward is None or economics.first_reward.orders > MOST_ORDERS:
        found.append(FarReward(reward=economics.first_reward))
    if margin_basis_points is not None:
        margin_minor = economics.average_minor * margin_basis_points // 10_000
        found += [much for given in economics.given_back if (much := _find_much(given, margin_minor))]
    return found


def _find_much(given: GivenBack, margin_minor: int) -> GivesMuch | None:
    if given.usual_minor * _LARGE_SHARE > margin_minor:
        return GivesMuch(tier=given.tier, given_minor=given.usual_minor, margin_minor=margin_minor, at_most=False)
    if given.most_minor > margin_minor:
        return GivesMuch(tier=given.tier, given_minor=given.most_minor, margin_minor=margin_minor, at_most=True)
    return None


def severity_of(finding: Finding) -> Literal["error", "warning"]:
    """An error is what nobody can have meant: the same paid by two rules, or more given back than is earned."""
    match finding:
        case PaysTwice(is_same=True):
            return "error"
        case GivesMuch(at_most=False) if finding.given_minor >= finding.margin_minor:
            return "error"
        case _:
            return "warning"
