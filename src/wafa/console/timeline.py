"""One member: who they are, what they hold, and everything that happened to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from wafa.activities.queries import list_orders_of_member
from wafa.console.desk import Desk, for_staff, show
from wafa.console.figures import member_figures, voice_of
from wafa.console.goodwill import can_give
from wafa.console.member_deeds import list_deeds
from wafa.console.members import name_of_member
from wafa.console.names import STATE_TONES, identity_kind_name, member_state_name
from wafa.console.orders import tell_orders
from wafa.console.redemptions import tell_redemptions
from wafa.core.books import Account, Lot
from wafa.core.spec import ExpireWithoutActivity, Unit
from wafa.kit.paging import BadCursor
from wafa.ledger.queries import list_lots
from wafa.members.consents import find_consents
from wafa.members.likenesses import list_likenesses
from wafa.members.links import make_member_link
from wafa.members.merges import list_merges
from wafa.members.models import Member, MemberState, Suspension
from wafa.members.queries import get_member, list_identities, list_names
from wafa.members.suspensions import list_suspensions
from wafa.programs.queries import get_program_rules, list_stores
from wafa.reports.balances import UnitBalance, list_unit_balances
from wafa.reports.history import list_history
from wafa.reports.passed import last_moment
from wafa.reports.phrases import Phrase
from wafa.reports.profile import tell_answers
from wafa.reports.standings import read_tier_page
from wafa.rewards.queries import list_redemptions

_LINES = 20
_ORDERS = 50
_LIKENESSES = 5


@dataclass(frozen=True, slots=True)
class Tab:
    """A part of the page with an address of its own."""

    name: str
    address: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class LotRow:
    """One lot: what it granted and what is left, where that lies, and its days.

    `undated` says why there is no day, where it is not that all is there at once and for ever.
    """

    lot: Lot
    pocket: str
    tone: str
    granted: Phrase
    left: Phrase
    last_day: datetime | None
    undated: str


@for_staff
def show_member(request: HttpRequest, desk: Desk, member_id: UUID) -> HttpResponse:
    """The member's profile and balances, and of one unit the history, the lots or the orders."""
    program_id = desk.program.id
    try:
        member = get_member(program_id, member_id)
    except Member.DoesNotExist:
        raise Http404 from None
    rules = get_program_rules(program_id)
    balances = list_unit_balances(program_id, member_id, program=rules, formats=desk.formats)
    asked = request.GET.get("unit", "")
    shown = next((balance for balance in balances if asked in ("", balance.unit.code)), None)
    if asked and shown is None:
        raise Http404
    tab = request.GET.get("tab", "")
    if tab == "tier" and not rules.has_tiers:
        tab = "history"
    context = {
        "member": member,
        "name": name_of_member(member),
        "state": member_state_name(member.state),
        "tone": STATE_TONES[member.state],
        "identities": [
            (identity_kind_name(known.kind), known.value) for known in list_identities(program_id, member_id)
        ],
        "deeds": list_deeds(member) if desk.may_change else [],
        "suspension": _suspension(desk, member),
        "can_give": can_give(request, desk, member),
        "consents": _consents(desk, member),
        "answers": tell_answers(program_id, member_id, rules.latest.spec, desk.formats) if rules.latest else [],
        "merged_into": next(iter(_named(desk, [member.merged_into])), None),
        "names": _named(desk, [merge.absorbed_id for merge in list_merges(program_id, member_id)]),
        "likenesses": _named(desk, _alike(desk, member)),
        "balances": balances,
        "figures": [(balance.name, member_figures(desk, balance)) for balance in balances],
        "shown": shown,
        "tab": tab if tab in _TABS else "history",
        "tabs": _tabs(shown, tab, has_tiers=rules.has_tiers),
        "link": make_member_link(desk.program.slug, program_id, member_id, at=datetime.now(UTC)),
    }
    read = _TABS.get(tab, _read_history)
    return show(request, desk, "member", {**context, **read(request, desk, member, shown)})


def _suspension(desk: Desk, member: Member) -> Suspension | None:
    """Why the member is suspended, where they are."""
    return list_suspensions(desk.program.id, member.id)[0] if member.state == MemberState.SUSPENDED else None


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a member agreed to, and since when."""

    name: str
    at: datetime


def _consents(desk: Desk, member: Member) -> list[Agreed]:
    given = [consent for consent in find_consents(desk.program.id, member.id).values() if consent.given]
    terms = _("Terms, version {version}")
    return [
        Agreed(terms.format(version=desk.formats.number(one.version)) if one.version else one.kind, one.at)
        for one in given
    ]


def _named(desk: Desk, member_ids: Iterable[UUID | None]) -> list[tuple[UUID, str]]:
    wanted = [member_id for member_id in member_ids if member_id is not None]
    names = list_names(desk.program.id, wanted)
    return [(member_id, names[member_id]) for member_id in wanted if member_id in names]


def _alike(desk: Desk, member: Member) -> list[UUID]:
    pairs = list_likenesses(desk.program.id, of=member.id, limit=_LIKENESSES)
    return [pair.second if pair.first == member.id else pair.first for pair in pairs]


def _tabs(shown: UnitBalance | None, tab: str, *, has_tiers: bool) -> list[Tab]:
    unit = f"&unit={shown.unit.code}" if shown else ""
    names = {"history": _("History"), "lots": _("Lots"), "orders": _("Orders"), "rewards": _("Rewards")}
    if has_tiers:
        names["tier"] = _("Tier")
    current = tab if tab in names else "history"
    return [Tab(name, f"?tab={key}{unit}", key == current) for key, name in names.items()]


def _read_history(request: HttpRequest, desk: Desk, member: Member, shown: UnitBalance | None) -> dict[str, Any]:
    if shown is None:
        return {"history": None}
    stores = {store.code: store.name for store in list_stores(desk.program.id)}
    history = list_history(
        desk.program.id,
        member.id,
        shown.unit.code,
        program=get_program_rules(desk.program.id),
        formats=desk.formats,
        limit=_LINES,
        before=_read_id(request.GET.get("before", "")),
        stores=stores,
        to_staff=True,
    )
    return {"history": history, "is_older": bool(request.GET.get("before"))}


def _read_lots(_request: HttpRequest, desk: Desk, member: Member, shown: UnitBalance | None) -> dict[str, Any]:
    lots = [lot for lot in list_lots(desk.program.id, member.id) if shown and lot.unit == shown.unit.code]
    return {"lots": [_tell_lot(desk, lot, shown.unit) for lot in reversed(lots) if shown]}


def _read_orders(request: HttpRequest, desk: Desk, member: Member, _shown: UnitBalance | None) -> dict[str, Any]:
    """Orders page by the last one seen, which is told by its time and its id."""
    placed_at, _comma, order_id = request.GET.get("before", "").partition(",")
    last = _read_id(order_id)
    orders = list_orders_of_member(
        desk.program.id, member.id, limit=_ORDERS + 1, before=(_read_time(placed_at), last) if last else None
    )
    shown = orders[:_ORDERS]
    older = f"{shown[-1].placed_at.isoformat()},{shown[-1].id}" if len(orders) > _ORDERS else ""
    return {
        "orders": tell_orders(desk, shown),
        "older_orders": f"?{urlencode({'tab': 'orders', 'before': older})}" if older else "",
        "is_older": last is not None,
    }


def _read_tier(_request: HttpRequest, desk: Desk, member: Member, _shown: UnitBalance | None) -> dict[str, Any]:
    rules = get_program_rules(desk.program.id)
    at = datetime.now(UTC)
    page = read_tier_page(desk.program.id, member.id, program=rules, formats=desk.formats, at=at, to_staff=True)
    return {"tiers": page}


def _read_rewards(request: HttpRequest, desk: Desk, member: Member, _shown: UnitBalance | None) -> dict[str, Any]:
    page = list_redemptions(desk.program.id, members=[member.id], cursor=request.GET.get("cursor", ""))
    return {
        "rows": tell_redemptions(desk, page.rows),
        "previous": f"?{urlencode({'tab': 'rewards', 'cursor': page.previous})}" if page.previous else "",
        "next": f"?{urlencode({'tab': 'rewards', 'cursor': page.next})}" if page.next else "",
    }


_TABS = {"lots": _read_lots, "orders": _read_orders, "rewards": _read_rewards, "tier": _read_tier}


def _tell_lot(desk: Desk, lot: Lot, unit: Unit) -> LotRow:
    names = {
        Account.CLAIMABLE: (_("To be claimed"), "calm"),
        Account.PENDING: (_("Pending"), "warn"),
        Account.AVAILABLE: (_("Available"), "good"),
    }
    pocket, tone = names[lot.pocket] if lot.remaining else (_("Nothing left"), "calm")
    ends_at = lot.claimable_until if lot.pocket is Account.CLAIMABLE else lot.expires_at
    voice = voice_of(desk, unit)
    granted, left = (voice.short(amount) for amount in (lot.granted, lot.remaining))
    undated = _("not known yet") if lot.is_waiting else ""
    if not undated and isinstance(unit.expiry, ExpireWithoutActivity):
        undated = _("without activity")
    return LotRow(lot, pocket, tone, granted, left, last_moment(ends_at) if ends_at else None, undated)


def _read_id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise BadCursor("before: expected the id of a line") from error


def _read_time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise BadCursor("before: expected the time and the id of an order") from error
