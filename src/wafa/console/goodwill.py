"""An apology or a thank-you to one member: units, a coupon or a reward, within what the role may give this month."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from wafa.console.desk import Desk, for_staff, show
from wafa.console.members import name_of_member
from wafa.core.spec import UniqueCodes, Unit, Version
from wafa.flows.give_goodwill import CouponGiven, NotGiven, UnitsGiven, give_goodwill_coupon, give_goodwill_units
from wafa.flows.grant_rewards import Grant, grant_reward
from wafa.flows.hold_goodwill import GoodwillLeft, find_goodwill, price_of_coupon, price_of_reward
from wafa.flows.redeem_rewards import NotHad
from wafa.kit.ids import new_id
from wafa.kit.typed import whole_number
from wafa.members.models import Member, MemberState
from wafa.members.queries import get_member
from wafa.programs.queries import find_role, get_program_rules
from wafa.reports.campaigns import tell_gives
from wafa.reports.phrases import Phrase, name_of, say
from wafa.reports.told import show as show_value
from wafa.reports.units import unit_heading

_LONGEST = 500
_MOST_UNITS = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Something to give: what the form sends, what it is called, and what it takes off the budget."""

    value: str
    name: str
    note: Phrase
    price: Phrase
    is_affordable: bool


def can_give(request: HttpRequest, desk: Desk, member: Member) -> bool:
    """Whether whoever looks may give this member something."""
    version, role = _version(desk), _role(request, desk)
    if version is None or member.state != MemberState.MEMBER:
        return False
    return any(budget.role == role for budget in version.spec.goodwill)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def give(request: HttpRequest, desk: Desk, member_id: UUID) -> HttpResponse:
    """What can be given, and once a gift is chosen, the member's page again."""
    try:
        member = get_member(desk.program.id, member_id)
    except Member.DoesNotExist:
        raise Http404 from None
    version = _version(desk)
    if version is None or not can_give(request, desk, member):
        raise Http404
    fault, note = "", request.POST.get("note", "").strip()[:_LONGEST]
    if request.method == "POST":
        try:
            # What cannot be given leaves no trace, though the page is shown again in the same transaction.
            with transaction.atomic():
                unsent = _give(request, desk, member, note)
            messages.success(request, _("It was given. It stands in the member's history."))
            if unsent:
                messages.warning(request, _("No e-mail goes to them: they gave no address, or did not agree to mail."))
            return redirect("console:member", desk.program.slug, member_id)
        except NotGiven as error:
            fault = _tell(error.reason)
    left = find_goodwill(desk.program.id, version.spec, _role(request, desk), at=datetime.now(UTC))
    assert left is not None, "whoever can give has a budget"
    unit = next(unit for unit in version.spec.units if unit.code == left.budget.unit)
    context = {
        "member": member,
        "name": name_of_member(member),
        "key": request.POST.get("key") or str(new_id()),
        "note": note,
        "units": request.POST.get("units", "").strip()[:_LONGEST],
        "sends": "send" in request.POST,
        "fault": fault,
        "left": _units(desk, version, unit, left.left),
        "budget": _units(desk, version, unit, left.budget.units),
        "unit_name": unit_heading(unit, desk.formats.locale),
        "choices": (choices := _choices(desk, version, unit, left)),
        "has_coupons": any(choice.value.startswith("coupon:") for choice in choices),
    }
    page = show(request, desk, "goodwill", context)
    page.status_code = 409 if fault else 200
    return page


def _give(request: HttpRequest, desk: Desk, member: Member, note: str) -> bool:
    """Give what was chosen. True where it was to be sent by e-mail, and is not. Raises NotGiven."""
    kind, _colon, name = request.POST.get("gift", "").partition(":")
    if not note:
        raise NotGiven("no_note")
    at, role = datetime.now(UTC), _role(request, desk)
    key = f"goodwill:{request.POST.get('key', '')[:64]}"
    match kind:
        case "units":
            units = whole_number(request.POST.get("units", "")) or 0
            if not 0 < units <= _MOST_UNITS:
                raise NotGiven("no_units")
            gift = UnitsGiven(key=key, member_id=member.id, units=units, role=role, by=desk.account, note=note)
            give_goodwill_units(desk.program.id, gift, at=at)
        case "coupon":
            coupon = CouponGiven(
                key=key,
                member_id=member.id,
                campaign=name,
                role=role,
                by=desk.account,
                note=note,
                send="send" in request.POST,
            )
            return give_goodwill_coupon(desk.program.id, coupon, at=at).unsent is not None
        case "reward":
            grant = Grant(member_id=member.id, reward=name, role=role, by=desk.account, note=note, key=key)
            answer = grant_reward(desk.program.id, grant, at=at)
            if isinstance(answer, NotHad):
                raise NotGiven(answer.refusals[0].reason)
        case _:
            raise NotGiven("no_gift")
    return False


def _choices(desk: Desk, version: Version, unit: Unit, left: GoodwillLeft) -> list[Choice]:
    """The coupons and rewards that have a price in the budget's unit."""
    spec, locale = version.spec, desk.formats.locale
    found: list[tuple[str, str, Phrase, int]] = []
    for campaign in spec.coupons.campaigns:
        price = price_of_coupon(campaign)
        if price is not None and isinstance(campaign.codes, UniqueCodes):
            gives = tell_gives(campaign, spec, desk.formats)
            found.append((f"coupon:{campaign.id}", name_of(campaign.name, locale), gives, price))
    for reward in spec.rewards:
        price = price_of_reward(reward, left.budget)
        if price is not None:
            found.append((f"reward:{reward.id}", name_of(reward.name, locale), say(_("Reward")), price))
    return [
        Choice(
            value=value,
            name=name,
            note=note,
            price=_units(desk, version, unit, price),
            is_affordable=left.suffices(price),
        )
        for value, name, note, price in found
    ]


def _units(desk: Desk, version: Version, unit: Unit, units: int) -> Phrase:
    return show_value(desk.formats.units(units, unit, currency=version.spec.currency))


def _version(desk: Desk) -> Version | None:
    return get_program_rules(desk.program.id).in_force(datetime.now(UTC))


def _role(request: HttpRequest, desk: Desk) -> str:
    return find_role(desk.program.id, request.user.pk) or "" if request.user.pk else ""


def _tell(reason: str) -> str:
    told = {
        "no_note": _("Please say why: the note stands beside the gift."),
        "no_units": _("Please say how many, in whole numbers."),
        "no_budget": _("This is more than what is left of your role's budget for this month."),
        "sold_out": _("None are left."),
        "key_taken": _("Something else was given by this page already. Open it again."),
    }
    return told.get(reason, _("This cannot be given. Nothing was changed."))
