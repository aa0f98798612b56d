"""Members who may be one person: compared side by side, merged or left apart."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wafa.console.desk import Desk, for_changers, for_staff, show
from wafa.console.members import MemberRow, rows_of_members
from wafa.console.names import identity_kind_name
from wafa.members.likenesses import list_likenesses, settle_likeness
from wafa.members.queries import find_members

_MOST = 100


@dataclass(frozen=True, slots=True)
class Side:
    """One of two members, and the address at which the other is merged into them."""

    row: MemberRow
    merge: str


@dataclass(frozen=True, slots=True)
class PairRow:
    """Two members, what they share, and since when that is known."""

    sides: tuple[Side, Side]
    shares: str
    noticed_at: datetime


@for_staff
def show_likenesses(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The pairs that nobody has looked at, the last noticed first."""
    pairs = list_likenesses(desk.program.id, limit=_MOST)
    members = find_members(desk.program.id, {one for pair in pairs for one in (pair.first, pair.second)})
    rows = {row.member.id: row for row in rows_of_members(desk, list(members.values()))}
    told = [
        PairRow(
            (_side(desk, rows[pair.first], pair.second), _side(desk, rows[pair.second], pair.first)),
            identity_kind_name(pair.kind),
            pair.noticed_at,
        )
        for pair in pairs
    ]
    return show(request, desk, "likenesses", {"pairs": told})


def _side(desk: Desk, row: MemberRow, other: UUID) -> Side:
    address = reverse("console:member-deed", args=[desk.program.slug, row.member.id, "merge"])
    return Side(row, f"{address}?other={other}")


@require_POST
@for_changers
def dismiss(request: HttpRequest, desk: Desk, one: UUID, other: UUID) -> HttpResponse:
    """They are two people: they are not shown again."""
    if settle_likeness(desk.program.id, one, other, by=desk.account, at=datetime.now(UTC)):
        messages.success(request, _("They stay two members."))
    else:
        messages.error(request, _("Somebody was there first. Nothing was changed."))
    return redirect("console:likenesses", desk.program.slug)
