"""What staff can do about one member: a page says what it will do, asks for a reason, and does it once confirmed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from wafa.console.desk import Desk, for_changers, show
from wafa.console.members import name_of_member
from wafa.flows.erase_member import CannotErase, erase_member
from wafa.flows.merge_members import CannotMerge, merge_members, undo_merge
from wafa.flows.suspend_member import CannotSuspend, lift_suspension, suspend_member
from wafa.members.models import Member, MemberState
from wafa.members.queries import find_members_called, get_member
from wafa.reports.member_export import export_member, write_export


class CannotBeDone(Exception):
    """Why not, in the words of the page; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form says: why, and which other member, by an e-mail or an id."""

    reason: str = ""
    other: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One thing to do: what its button and its page say, whom it can be done to, and how it is done.

    `run` gets the desk, the member, what was typed (empty where it is not asked for) and the time. `done` is said
    afterwards, and `refusal` where the flow refuses it.
    """

    name: str
    title: str
    sentences: tuple[str, ...]
    states: tuple[MemberState, ...]
    run: Callable[[Desk, Member, Typed, datetime], None]
    done: str
    refusal: str
    asks_reason: bool = False
    asks_other: bool = False
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
    fault, typed = "", Typed(other=request.GET.get("other", ""))
    if request.method == "POST":
        typed = Typed(*(request.POST.get(name, "").strip()[:_LONGEST] for name in ("reason", "other")))
        try:
            if wanted.asks_reason and not typed.reason:
                raise CannotBeDone(_("Please say why."))
            wanted.run(desk, member, typed, datetime.now(UTC))
            messages.success(request, wanted.done)
            return redirect("console:member", desk.program.slug, member_id)
        except CannotBeDone as error:
            fault = str(error)
        except (CannotSuspend, CannotMerge, CannotErase):
            fault = wanted.refusal
    context = {"member": member, "name": name_of_member(member), "deed": wanted, "fault": fault, "typed": typed}
    page = show(request, desk, "member_deed", context)
    page.status_code = 409 if fault else 200
    return page


@require_safe
@for_changers
def export_all(_request: HttpRequest, desk: Desk, member_id: UUID) -> HttpResponse:
    """All that is kept of a member, to be handed to them."""
    try:
        document = export_member(desk.program.id, member_id)
    except Member.DoesNotExist:
        raise Http404 from None
    answer = HttpResponse(write_export(document), content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="member-{member_id}.json"'
    return answer


_LONGEST = 500


def _suspend(desk: Desk, member: Member, typed: Typed, at: datetime) -> None:
    suspend_member(desk.program.id, member.id, reason=typed.reason, by=desk.account, at=at)


def _lift(desk: Desk, member: Member, _typed: Typed, at: datetime) -> None:
    lift_suspension(desk.program.id, member.id, by=desk.account, at=at)


def _merge(desk: Desk, member: Member, typed: Typed, at: datetime) -> None:
    other = find_members_called(desk.program.id, [typed.other]).get(typed.other)
    if other is None:
        raise CannotBeDone(_("No member has this e-mail or id."))
    merge_members(
        desk.program.id, survivor_id=member.id, absorbed_id=other, reason=typed.reason, by=desk.account, at=at
    )


def _undo_merge(desk: Desk, member: Member, _typed: Typed, at: datetime) -> None:
    undo_merge(desk.program.id, member.id, by=desk.account, at=at)


def _erase(desk: Desk, member: Member, _typed: Typed, at: datetime) -> None:
    erase_member(desk.program.id, member.id, by=desk.account, at=at)


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
            done=_("The membership is suspended."),
            refusal=_("Only somebody who has joined and is not suspended can be suspended."),
            asks_reason=True,
            is_grave=True,
        ),
        Deed(
            name="lift",
            title=_("Lift the suspension"),
            sentences=(_("The member can use everything again that has not expired meanwhile."),),
            states=(MemberState.SUSPENDED,),
            run=_lift,
            done=_("The suspension is lifted."),
            refusal=_("The membership is not suspended any more."),
        ),
        Deed(
            name="merge",
            title=_("Merge another member into this one"),
            sentences=(
                _("Everything of the other comes here: units with their dates, orders, rewards and tiers."),
                _("Whatever stores tell of the other from now on is this member's."),
                _("The other's page stays, with its history. The merge can be undone there."),
            ),
            states=(MemberState.MEMBER, MemberState.GUEST),
            run=_merge,
            done=_("The two are one member now."),
            refusal=_(
                "Both have to be there, neither suspended, and a guest is merged into a member and not the other way."
            ),
            asks_reason=True,
            asks_other=True,
        ),
        Deed(
            name="undo-merge",
            title=_("Undo the merge"),
            sentences=(
                _("What the member brought goes back, as far as it is still there, with all that became of it since."),
                _("What was spent of it for the other stays spent, and what stores told since stays with the other."),
            ),
            states=(MemberState.MERGED,),
            run=_undo_merge,
            done=_("The two are members of their own again."),
            refusal=_("This cannot be undone: a later merge has to be undone first."),
        ),
        Deed(
            name="erase",
            title=_("Erase"),
            sentences=(
                _("Name, e-mail, phone, birthday and identities are deleted, in orders and deliveries too."),
                _("The books stay as they are, under a number that says nothing."),
                _("If a store tells of this person again, they are somebody new."),
                _("This cannot be undone."),
            ),
            states=(MemberState.MEMBER, MemberState.GUEST, MemberState.SUSPENDED),
            run=_erase,
            done=_("The member is erased."),
            refusal=_("The member is erased already."),
            is_grave=True,
        ),
    )
    return {deed.name: deed for deed in deeds}
