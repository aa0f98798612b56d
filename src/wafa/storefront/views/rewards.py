"""The member's rewards: what they could have, having it in two taps, and the code to use it with."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from msgspec.structs import replace

from wafa.core.program import Program
from wafa.flows.convert_units import ConversionAsk, Converted, convert_units
from wafa.flows.give_back_rewards import give_back_rewards
from wafa.flows.offer_conversions import offer_conversions
from wafa.flows.redeem_rewards import Ask, Had, redeem_rewards
from wafa.kit.ids import new_id
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction
from wafa.programs.queries import get_program_rules, list_stores
from wafa.reports.conversions import tell_conversions
from wafa.reports.member_page import UnknownMember, get_known_member
from wafa.reports.offers import VoucherTold, next_goal, tell_voucher
from wafa.rewards.redemptions import find_by_ids, list_of_member
from wafa.rewards.vouchers import find_vouchers
from wafa.storefront.offers import list_offers
from wafa.storefront.visit import Visit, for_members, frame_of, show_closed

_MOST_SHOWN = 50


@require_safe
@for_members
def show_rewards(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Everything that could be had, and everything that was."""
    return _show(request, visit)


@require_POST
@for_members
def redeem(request: HttpRequest, visit: Visit, reward: str) -> HttpResponse:
    """The second tap. The form carries a key of its own, so a form that is sent twice has its reward once."""
    assert visit.session is not None
    ask = Ask(
        key=f"page:{visit.session.member_id}:{request.POST.get('key', '')[:64]}",
        member_id=visit.session.member_id,
        reward=reward,
        source="page",
        units=_read_units(request),
        choice=request.POST.get("choice", ""),
    )
    answer = _redeem(visit, ask)
    if not isinstance(answer, Had):
        return _show(request, visit, status=409)
    return redirect("storefront:voucher", visit.program.slug, answer.redemption.id)


@require_POST
@for_members
def convert(request: HttpRequest, visit: Visit, conversion: str) -> HttpResponse:
    """Exchange one unit for another. As above, a form that is sent twice does it once."""
    assert visit.session is not None
    ask = ConversionAsk(
        key=f"page:{visit.session.member_id}:{request.POST.get('key', '')[:64]}",
        member_id=visit.session.member_id,
        conversion=conversion,
        units=_read_units(request) or 0,
        by_page=True,
    )
    if not isinstance(_convert(visit, ask), Converted):
        return _show(request, visit, status=409)
    messages.success(request, _("It was converted."))
    return redirect("storefront:member", visit.program.slug)


@require_safe
@for_members
def show_voucher(request: HttpRequest, visit: Visit, redemption: UUID) -> HttpResponse:
    """One voucher, its code and where to use it, and the next goal."""
    assert visit.session is not None
    with program_transaction(visit.program.id):
        program = get_program_rules(visit.program.id)
        voucher = _read_voucher(visit, program, redemption)
        stores = [store for store in list_stores(visit.program.id) if store.is_active and store.url]
        offers = list_offers(visit, visit.session.member_id, program)
    context = {**frame_of(visit, program), "voucher": voucher, "stores": stores, "goal": next_goal(offers)}
    return render(request, "storefront/voucher.html", context)


@require_POST
@for_members
def give_back(request: HttpRequest, visit: Visit, redemption: UUID) -> HttpResponse:  # noqa: ARG001 - a view gets it
    """Undo a redemption that was not used; what cannot be undone stays as it is, and says so."""
    _give_back(visit, redemption)
    return redirect("storefront:voucher", visit.program.slug, redemption)


def _read_units(request: HttpRequest) -> int | None:
    told = request.POST.get("units", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 13 else None


@retried
def _convert(visit: Visit, ask: ConversionAsk) -> object:
    with program_transaction(visit.program.id):
        return convert_units(visit.program.id, [ask], at=visit.at)[0]


@retried
def _redeem(visit: Visit, ask: Ask) -> object:
    with program_transaction(visit.program.id):
        known = get_known_member(visit.program.id, ask.member_id)
        return redeem_rewards(visit.program.id, [replace(ask, member_id=known.id)], at=visit.at)[0]


@retried
def _give_back(visit: Visit, redemption: UUID) -> None:
    with program_transaction(visit.program.id):
        _read_voucher(visit, get_program_rules(visit.program.id), redemption)
        give_back_rewards(visit.program.id, [redemption], "cancelled", at=visit.at)


def _read_voucher(visit: Visit, program: Program, redemption: UUID) -> VoucherTold:
    """The member's own voucher; whoever asks for another's is told that there is none."""
    assert visit.session is not None
    kept = find_by_ids(visit.program.id, [redemption]).get(redemption)
    if kept is None or kept.member_id != get_known_member(visit.program.id, visit.session.member_id).id:
        raise Http404
    voucher = find_vouchers(visit.program.id, [redemption]).get(redemption)
    return tell_voucher(kept, voucher, program, formats=visit.formats)


def _show(request: HttpRequest, visit: Visit, *, status: int = 200) -> HttpResponse:
    assert visit.session is not None
    member_id, program_id = visit.session.member_id, visit.program.id
    try:
        with program_transaction(program_id):
            member_id = get_known_member(program_id, member_id).id
            program = get_program_rules(program_id)
            offers = list_offers(visit, member_id, program)
            version = program.in_force(visit.at)
            offered = offer_conversions(program_id, member_id, at=visit.at)
            had = list_of_member(program_id, member_id, limit=_MOST_SHOWN)
            vouchers = find_vouchers(program_id, [one.id for one in had])
    except UnknownMember:
        return show_closed(request, visit, reason="not_entered", status=403)
    context = {
        **frame_of(visit, program),
        "offers": offers,
        "conversions": tell_conversions(offered, version, program, formats=visit.formats) if version else [],
        "vouchers": [tell_voucher(one, vouchers.get(one.id), program, formats=visit.formats) for one in had],
        "key": new_id(),
        "was_refused": status != 200,
    }
    return render(request, "storefront/rewards.html", context, status=status)
