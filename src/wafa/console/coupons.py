"""Campaigns of coupons: what each gives and what became of it, its codes as a file, and the story of any code."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from wafa.console.desk import Desk, for_staff, show
from wafa.console.listing import LIMIT, Listing
from wafa.core.spec import Campaign, UniqueCodes, Version
from wafa.coupons.models import Use, UseState
from wafa.coupons.queries import (
    CampaignCounts,
    count_campaigns,
    find_code_texts,
    list_uses,
    sum_taken_off,
)
from wafa.flows.look_up_coupon import look_up_coupon
from wafa.kit.spreadsheets import write_rows
from wafa.kit.transactions import program_transaction
from wafa.members.queries import list_names
from wafa.programs.queries import get_program_rules
from wafa.reports.campaigns import list_file_rows, tell_codes, tell_gives, tell_taken_off, tell_use_state
from wafa.reports.passed import last_moment
from wafa.reports.phrases import Phrase, name_of
from wafa.reports.told import show as show_value

_STATES = ("open", "closed")


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignRow:
    """A campaign of the version in force, with what became of it. `left` is empty where it has no limit."""

    id: str
    name: str
    gives: Phrase
    codes: Phrase
    is_open: bool
    counts: CampaignCounts
    taken_off: list[Phrase]
    limit: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UseRow:
    """A use of a coupon: on which order, by whom, and what it took off or gave."""

    use: Use
    state: Phrase
    tone: str
    worth: Phrase
    member: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What became of one code. `owner` is the member it was handed to."""

    code: str
    campaign: str
    name: str
    is_shared: bool
    owner_id: UUID | None
    owner: str
    last_day: datetime | None
    uses: list[UseRow]


@for_staff
def show_coupons(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The campaigns of the version in force. What is typed finds campaigns by their names, and a code by itself."""
    listing = Listing(request, orders=("id",), states=_STATES)
    rows = _rows(desk)
    found = [row for row in rows if listing.q.casefold() in f"{row.name} {row.id}".casefold()]
    shown = [row for row in found if listing.state in ("", "open" if row.is_open else "closed")]
    counts = {"": len(found), "open": sum(row.is_open for row in found)}
    counts["closed"] = counts[""] - counts["open"]
    names = {"": pgettext("campaigns", "All"), "open": pgettext("campaigns", "Open"), "closed": _("Closed")}
    context = {
        "listing": listing,
        "filters": listing.choices(names, {state: desk.formats.number(count) for state, count in counts.items()}),
        "rows": shown,
        "story": _story(desk, listing.q, rows) if listing.q else None,
        "is_empty": not rows,
    }
    return show(request, desk, "coupons", context)


@for_staff
def show_campaign(request: HttpRequest, desk: Desk, campaign: str) -> HttpResponse:
    """One campaign: its figures, and a page of what it was used on."""
    row = next((row for row in _rows(desk) if row.id == campaign), None)
    if row is None:
        raise Http404
    listing = Listing(request, orders=("-used_at",), states=UseState.values)
    page = list_uses(desk.program.id, campaign, state=listing.state, cursor=listing.cursor, limit=LIMIT)
    names = {
        "": pgettext("uses", "All"),
        UseState.USED: pgettext("coupon", "Used"),
        UseState.ROLLED_BACK: pgettext("coupon", "Given back"),
    }
    found = _find(desk, campaign)
    context = {
        "row": row,
        "listing": listing,
        "filters": listing.choices(names),
        "uses": _use_rows(desk, page.rows),
        "previous": listing.page(page.previous),
        "next": listing.page(page.next),
        "is_empty": not (row.counts.uses or row.counts.rolled_back),
        "export": reverse("console:export-codes", args=[desk.program.slug, campaign])
        if found is not None and isinstance(found.codes, UniqueCodes)
        else "",
        "limits": found.limits if found else None,
    }
    return show(request, desk, "campaign", context)


@require_safe
@for_staff
def export_codes(_request: HttpRequest, desk: Desk, campaign: str) -> StreamingHttpResponse:
    """Every code of a campaign, however many. Sent while it is read."""
    if _find(desk, campaign) is None:
        raise Http404
    return StreamingHttpResponse(
        write_rows(list_file_rows(desk.program.id, campaign, transaction=program_transaction)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{desk.program.slug}-{campaign}.csv"'},
    )


def _version(desk: Desk) -> Version | None:
    rules = get_program_rules(desk.program.id)
    return rules.in_force(datetime.now(UTC)) or rules.latest


def _find(desk: Desk, campaign: str) -> Campaign | None:
    version = _version(desk)
    return version.spec.coupons.by_id.get(campaign) if version else None


def _rows(desk: Desk) -> list[CampaignRow]:
    version = _version(desk)
    if version is None:
        return []
    counts, sums = count_campaigns(desk.program.id), sum_taken_off(desk.program.id)
    rules, at = get_program_rules(desk.program.id), datetime.now(UTC)
    rows = []
    for campaign in version.spec.coupons.campaigns:
        opening = rules.opening(campaign.id, version=version.number)
        rows.append(
            CampaignRow(
                id=campaign.id,
                name=name_of(campaign.name, desk.formats.locale),
                gives=tell_gives(campaign, version.spec, desk.formats),
                codes=tell_codes(campaign),
                is_open=version.effective_from <= at and (opening is None or opening.is_open(at)),
                counts=counts.get(campaign.id, CampaignCounts()),
                taken_off=tell_taken_off(sums.get(campaign.id, []), desk.formats),
                limit=campaign.limits.campaign,
            )
        )
    return rows


def _use_rows(desk: Desk, uses: Sequence[Use]) -> list[UseRow]:
    members = list_names(desk.program.id, {use.member_id for use in uses if use.member_id is not None})
    codes = find_code_texts(desk.program.id, {use.code_id for use in uses if use.code_id is not None})
    rows = []
    for use in uses:
        state, tone = tell_use_state(use)
        worth = show_value("–")
        if use.currency:
            worth = show_value(desk.formats.money(use.minor, use.currency, exponent=use.exponent))
        elif use.units:
            worth = show_value(desk.formats.number(use.units))
        rows.append(
            UseRow(
                use=use,
                state=state,
                tone=tone,
                worth=worth,
                member=members.get(use.member_id, "") if use.member_id else "",
                code=codes.get(use.code_id, "") if use.code_id else "",
            )
        )
    return rows


def _story(desk: Desk, typed: str, rows: Sequence[CampaignRow]) -> Story | None:
    """What became of the code that was typed, where it is one."""
    found = look_up_coupon(desk.program.id, typed, at=datetime.now(UTC))
    if found is None:
        return None
    handout = found.handout
    owners = list_names(desk.program.id, [handout.member_id]) if handout else {}
    return Story(
        code=found.code,
        campaign=found.campaign,
        name=next((row.name for row in rows if row.id == found.campaign), found.campaign),
        is_shared=found.code_id is None,
        owner_id=handout.member_id if handout else None,
        owner=owners.get(handout.member_id, "") if handout else "",
        last_day=last_moment(handout.valid_until) if handout and handout.valid_until else None,
        uses=_use_rows(desk, found.uses),
    )
