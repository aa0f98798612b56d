"""Everyone who is in the program or has ordered as a guest."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wafa.console.desk import Desk, for_staff, show
from wafa.console.figures import voice_of
from wafa.console.listing import LIMIT, Listing
from wafa.console.names import STATE_TONES, member_state_name
from wafa.core.books import Balance
from wafa.core.spec import ProgramSpec
from wafa.ledger.queries import list_balances
from wafa.members.likenesses import count_likenesses
from wafa.members.models import Member, MemberState
from wafa.members.queries import count_members, count_members_by_state, list_members
from wafa.programs.queries import get_program_rules
from wafa.reports.phrases import Phrase, name_of
from wafa.reports.segments import ids_in_segment
from wafa.reports.units import list_units

ORDERS = ("-since", "since", "search_name", "-search_name")


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member of the list with what they have of the program's first unit."""

    member: Member
    name: str
    note: str
    state: str
    tone: str
    since: datetime
    available: Phrase | str
    pending: Phrase | str
    claimable: Phrase | str


@for_staff
def show_members(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A page of the members, searched and filtered."""
    program_id = desk.program.id
    at = datetime.now(UTC)
    version = get_program_rules(program_id).in_force(at)
    listing, among = read_listing(request, desk, version.spec if version else None, at=at)
    segments = (
        {segment.id: name_of(segment.name, desk.formats.locale) for segment in version.spec.segments} if version else {}
    )
    page = list_members(
        program_id,
        listing.q,
        state=listing.state or None,
        among=among,
        order=listing.sort,
        cursor=listing.cursor,
        limit=LIMIT,
    )
    counts = count_members_by_state(program_id, among=among)
    if listing.q:
        total = count_members(program_id, listing.q, state=listing.state or None, among=among)
    else:
        total = counts[MemberState(listing.state)] if listing.state else sum(counts.values())
    context = {
        "listing": listing,
        "filters": listing.choices(_filters(), {"": "", **{s: desk.formats.number(n) for s, n in counts.items()}}),
        "rows": rows_of_members(desk, page.rows),
        "segments": listing.segment_choices({"": _("Everybody"), **segments}) if segments else [],
        "total": total,
        "by_name": listing.sorting("search_name"),
        "by_time": listing.sorting("since"),
        "previous": listing.page(page.previous),
        "next": listing.page(page.next),
        "is_empty": not sum(counts.values()) and not listing.segment,
        "alike": count_likenesses(program_id),
        "export": listing.address(path=reverse("console:export-members", args=[desk.program.slug])),
    }
    return show(request, desk, "members", context)


def read_listing(
    request: HttpRequest, desk: Desk, spec: ProgramSpec | None, *, at: datetime
) -> tuple[Listing, RawSQL | None]:
    """What the address of a list of members asks for; and the ids of whoever is in the segment it names, if it does.

    `spec` is the document in force, which has the segments.
    """
    segments = {segment.id: segment for segment in spec.segments} if spec else {}
    listing = Listing(request, orders=ORDERS, states=MemberState.values, segments=list(segments))
    if spec is None or not listing.segment:
        return listing, None
    return listing, ids_in_segment(desk.program.id, spec, segments[listing.segment], at=at)


def _filters() -> dict[str, str]:
    return {
        "": pgettext("members", "All"),
        MemberState.MEMBER: _("Members"),
        MemberState.GUEST: _("Guests"),
        MemberState.SUSPENDED: pgettext("members", "Suspended"),
        MemberState.MERGED: pgettext("members", "Merged"),
    }


def rows_of_members(desk: Desk, members: list[Member]) -> list[MemberRow]:
    """Members with what they have of the program's first unit."""
    unit = next(iter(list_units(get_program_rules(desk.program.id))), None)
    balances = list_balances(desk.program.id, [member.id for member in members])

    def amount(member: Member, pocket: str) -> Phrase | str:
        if unit is None:
            return "–"
        balance = balances.get(member.id, {}).get(unit.code, Balance())
        return voice_of(desk, unit).short(getattr(balance, pocket))

    return [
        MemberRow(
            member=member,
            name=name_of_member(member),
            note=member.email if member.name else "",
            state=member_state_name(member.state),
            tone=STATE_TONES[member.state],
            since=member.since,
            available=amount(member, "available"),
            pending=amount(member, "pending"),
            claimable=amount(member, "claimable"),
        )
        for member in members
    ]


def name_of_member(member: Member) -> str:
    """What a member is called where there is one line for it."""
    return member.name or member.email or member.phone or _("Without a name")
