"""What members had for their units: every redemption with its voucher, the story of one, and giving it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from wafa.activities.queries import find_order
from wafa.console.desk import Desk, for_changers, for_staff, show
from wafa.console.listing import LIMIT, Listing
from wafa.console.outbox import CommandRow, tell_command
from wafa.core.vouchers import maker_of
from wafa.flows.give_back_rewards import REVOKE_VOUCHER, give_back_rewards, preview_giving_back
from wafa.flows.issue_vouchers import CALL_ENDPOINT, WRITE_VOUCHER
from wafa.flows.redeem_rewards import Had
from wafa.flows.settle_fulfilment import settle_fulfilment
from wafa.members.queries import list_names, matching_members
from wafa.programs.queries import find_store, get_program_rules
from wafa.relay.queries import list_commands_of
from wafa.reports.offers import VoucherTold, tell_stage, tell_voucher
from wafa.reports.redeemed import tell_giving_back, tell_life, tell_maker
from wafa.rewards.models import Redemption, RedemptionState, Voucher
from wafa.rewards.queries import Stage, count_redemptions, find_redemption, find_voucher, list_redemptions, stage_of
from wafa.rewards.redemptions import Kept, as_kept
from wafa.rewards.vouchers import find_vouchers

_KINDS = (WRITE_VOUCHER, REVOKE_VOUCHER, CALL_ENDPOINT)
_GIVEN_BACK = (RedemptionState.CANCELLED, RedemptionState.FAILED, RedemptionState.EXPIRED)


@dataclass(frozen=True, slots=True)
class RedemptionRow:
    """One redemption of a list."""

    redemption: Redemption
    told: VoucherTold
    member: str
    code: str


@for_staff
def show_redemptions(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A page of the redemptions, newest first, in one stage or all; a code finds its own, words find their members'."""
    program_id = desk.program.id
    listing = Listing(request, orders=("-id", "id"), states=Stage.values)
    page = list_redemptions(
        program_id,
        stage=listing.state,
        code=listing.q,
        members=matching_members(program_id, listing.q).values("id") if listing.q else None,
        order=listing.sort,
        cursor=listing.cursor,
        limit=LIMIT,
    )
    counts = count_redemptions(program_id)
    names = {"": pgettext("redemptions", "All")} | {stage.value: tell_stage(stage)[0] for stage in Stage}
    context = {
        "listing": listing,
        "filters": listing.choices(names, {stage: desk.formats.number(count) for stage, count in counts.items()}),
        "rows": tell_redemptions(desk, page.rows),
        "by_time": listing.sorting("id"),
        "previous": listing.page(page.previous),
        "next": listing.page(page.next),
        "is_empty": not sum(counts.values()),
    }
    return show(request, desk, "redemptions", context)


def tell_redemptions(desk: Desk, redemptions: Sequence[Redemption]) -> list[RedemptionRow]:
    """Rows for these redemptions, in their order."""
    program = get_program_rules(desk.program.id)
    vouchers = find_vouchers(desk.program.id, [one.id for one in redemptions])
    members = list_names(desk.program.id, {one.member_id for one in redemptions})
    return [
        RedemptionRow(
            redemption=one,
            told=tell_voucher(as_kept(one), vouchers.get(one.id), program, formats=desk.formats),
            member=members.get(one.member_id, ""),
            code=vouchers[one.id].code if one.id in vouchers else "",
        )
        for one in redemptions
    ]


@for_staff
def show_redemption(request: HttpRequest, desk: Desk, redemption_id: UUID) -> HttpResponse:
    """The story of one redemption: its voucher, what happened to it, what stores answered, and how to undo it."""
    program_id, program = desk.program.id, get_program_rules(desk.program.id)
    redemption = find_redemption(program_id, redemption_id)
    if redemption is None:
        raise Http404
    kept, voucher = as_kept(redemption), find_voucher(program_id, redemption_id)
    used_on = _name_order(desk, voucher)
    context = {
        "redemption": redemption,
        "told": tell_voucher(kept, voucher, program, formats=desk.formats),
        "voucher": voucher,
        "member": list_names(program_id, [redemption.member_id]).get(redemption.member_id, ""),
        "maker": tell_maker(kept, program),
        "used_on": used_on,
        "is_contradicted": bool(used_on) and redemption.state in _GIVEN_BACK,
        "steps": tell_life(kept, voucher, used_on=used_on, formats=desk.formats),
        "commands": _list_commands(desk, redemption_id),
        "giving_back": _tell_giving_back(desk, kept),
        "is_awaited": _is_awaited_of_staff(desk, kept),
    }
    return show(request, desk, "redemption", context)


@require_POST
@for_changers
def cancel(request: HttpRequest, desk: Desk, redemption_id: UUID) -> HttpResponse:
    """Give a redemption back, or have the stores take its discount out first."""
    at = datetime.now(UTC)
    preview = preview_giving_back(desk.program.id, redemption_id, at=at)
    answer = give_back_rewards(desk.program.id, [redemption_id], preview.cause, at=at)[0] if preview else None
    if preview is None or not isinstance(answer, Had):
        messages.error(request, _("This cannot be given back any more. Nothing was changed."))
    elif preview.by_stores:
        messages.success(request, _("The stores are asked to take it out. What it cost comes back once they have."))
    else:
        messages.success(request, _("It was given back."))
    return redirect("console:redemption", desk.program.slug, redemption_id)


@require_POST
@for_changers
def fulfil(request: HttpRequest, desk: Desk, redemption_id: UUID) -> HttpResponse:
    """Say that what staff had to do for a reward is done."""
    redemption = find_redemption(desk.program.id, redemption_id)
    awaited = redemption is not None and _is_awaited_of_staff(desk, as_kept(redemption))
    if awaited and settle_fulfilment(desk.program.id, [redemption_id], at=datetime.now(UTC)):
        messages.success(request, _("It is written down as done."))
    else:
        messages.error(request, _("This waits for nothing that staff could do. Nothing was changed."))
    return redirect("console:redemption", desk.program.slug, redemption_id)


def _is_awaited_of_staff(desk: Desk, kept: Kept) -> bool:
    reward = get_program_rules(desk.program.id).reward(kept.reward, version=kept.version)
    return maker_of(reward) == "staff" and stage_of(kept.state, kept.fulfilment) is Stage.PREPARING


def _tell_giving_back(desk: Desk, kept: Kept) -> list[str]:
    """What giving it back would do; nothing where it cannot be."""
    preview = preview_giving_back(desk.program.id, kept.id, at=datetime.now(UTC))
    if preview is None:
        return []
    program = get_program_rules(desk.program.id)
    by_stores = preview.by_stores
    return [*tell_giving_back(kept, preview.cause, preview.why, program, by_stores=by_stores, formats=desk.formats)]


def _list_commands(desk: Desk, redemption_id: UUID) -> list[CommandRow]:
    """What was asked of stores and endpoints about it, and what they said."""
    return [tell_command(one) for one in list_commands_of(desk.program.id, [f"{k}:{redemption_id}:" for k in _KINDS])]


def _name_order(desk: Desk, voucher: Voucher | None) -> str:
    """What people call the order on which a voucher was used: its number and store, or what a till called it."""
    if voucher is None:
        return ""
    code, _colon, external_id = voucher.used_on.partition(":")
    store = find_store(desk.program.id, code=code) if external_id else None
    order = find_order(desk.program.id, store_id=store.id, external_id=external_id) if store else None
    if store is None or order is None:
        return voucher.used_on
    told = _("order {number} in {store}")
    return told.format(number=order.number or order.external_id, store=store.name)
