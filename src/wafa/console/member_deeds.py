"""What staff can do about one member: a page says what it will do, asks for a reason, and does it once confirmed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from wafa.console.desk import Desk, for_changers, show
from wafa.console.members import name_of_member
from wafa.flows.suspend_member import CannotSuspend, lift_suspension, suspend_member
from wafa.members.models import Member, MemberState
from wafa.members.queries import get_member


class CannotBeDone(Exception):
    """Why not, in the words of the page; nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One thing to do: what its button and its page say, whom it can be done to, and how it is done.

    `run` gets the desk, the member and the reason that was typed, empty where none is asked for. It returns what to say
    afterwards. Raises CannotBeDone.
    """

    name: str
    title: str
    sentences: tuple[str, ...]
    states: tuple[MemberState, ...]
    run: Callable[[Desk, Member, str], str]
    asks_reason: bool = False
    is_grave: bool = False


@dataclass(frozen=True, slots=True)
class DeedLink:
    """A button on the member's page."""

    title: str
    name: str


def list_deeds(member: Member) -> list[DeedLink]:
    """What can be done about this member now."""
    return [DeedLink(deed.title, deed.name) for deed in _deeds().values() if member.state in deed.states]


@require_http_methods(["GET", "HEAD", "POST"])
@for_changers
def change_member(request: HttpRequest, desk: Desk, member_id: UUID, deed: str) -> HttpResponse:
    """What it will do; and once it is confirmed, the member's page again."""
    try:
        member = get_member(desk.program.id, member_id)
    except Member.DoesNotExist:
        raise Http404 from None
    wanted = _deeds().get(deed)
    if wanted is None:
        raise Http404
    fault = reason = ""
    if request.method == "POST":
        reason = request.POST.get("reason", "").strip()[:_LONGEST]
        try:
            if wanted.asks_reason and not reason:
                raise CannotBeDone(_("Please say why."))
            messages.success(request, wanted.run(desk, member, reason))
            return redirect("console:member", desk.program.slug, member_id)
        except CannotBeDone as error:
            fault = str(error)
    context = {"member": member, "name": name_of_member(member), "deed": wanted, "fault": fault, "reason": reason}
    page = show(request, desk, "member_deed", context)
    page.status_code = 409 if fault else 200
    return page


_LONGEST = 500


def _suspend(desk: Desk, member: Member, reason: str) -> str:
    try:
        suspend_member(desk.program.id, member.id, reason=reason, by=desk.account, at=datetime.now(UTC))
    except CannotSuspend:
        raise CannotBeDone(_("Only somebody who has joined and is not suspended can be suspended.")) from None
    return _("The membership is suspended.")


def _lift(desk: Desk, member: Member, _reason: str) -> str:
    try:
        lift_suspension(desk.program.id, member.id, by=desk.account, at=datetime.now(UTC))
    except CannotSuspend:
        raise CannotBeDone(_("The membership is not suspended any more.")) from None
    return _("The suspension is lifted.")


def _deeds() -> Mapping[str, Deed]:
    deeds = (
        Deed(
            name="suspend",
            title=_("Suspend"),
            sentences=(
                _("Nothing can be redeemed, reserved or given away until it is lifted."),
                _("What is reserved or issued already stays good, and dates of expiry stay as they are."),
                _("Whether orders go on earning is said by the program."),
            ),
            states=(MemberState.MEMBER,),
            run=_suspend,
            asks_reason=True,
            is_grave=True,
        ),
        Deed(
            name="lift",
            title=_("Lift the suspension"),
            sentences=(_("The member can use everything again that has not expired meanwhile."),),
            states=(MemberState.SUSPENDED,),
            run=_lift,
        ),
    )
    return {deed.name: deed for deed in deeds}
