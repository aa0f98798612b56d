"""What the merchant's own systems do about single members, by our id of them: for keys that may manage."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Protocol
from uuid import UUID

import msgspec

from wafa.api.bodies import read_body, read_id
from wafa.api.customers import no_such_customer, no_such_member
from wafa.api.hot import Answer, Refused, Request
from wafa.api.keys import check_key
from wafa.api.threads import in_a_thread
from wafa.connectors.stores.direct.documents import Document, Text
from wafa.flows.erase_member import CannotErase, erase_member
from wafa.flows.merge_members import CannotMerge, merge_members, undo_merge
from wafa.flows.suspend_member import CannotSuspend, lift_suspension, suspend_member
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction
from wafa.members.models import Member
from wafa.members.queries import find_member_of_customer, find_members, get_member
from wafa.reports.member_export import export_member


class ReasonBody(Document, frozen=True):
    """Why, and who decided it. `other` is who is merged into the member."""

    by: Text
    reason: Text = ""
    other: UUID | None = None


async def show_customer(request: Request) -> Answer:
    """Who a store's customer is in the program."""
    program_id = await check_key(request, scope="read")
    return await in_a_thread(_show, program_id, request.path["store"], request.path["customer"])


async def change_member(request: Request) -> Answer:
    """Suspend a member, or lift it; merge another into them, or undo that; erase them."""
    program_id = await check_key(request, scope="manage")
    member_id = read_id(request.path["member"], field="member")
    body = read_body(request, _REASON)
    return await in_a_thread(_change, program_id, member_id, request.path["change"], body)


def _show(program_id: UUID, store: str, customer: str) -> Answer:
    with program_transaction(program_id):
        member = find_member_of_customer(program_id, store=store, external_id=customer)
    if member is None:
        raise no_such_customer()
    return tell_member(member)


async def export(request: Request) -> Answer:
    """All that is kept of a member."""
    program_id = await check_key(request, scope="manage")
    return await in_a_thread(_export, program_id, read_id(request.path["member"], field="member"))


def _export(program_id: UUID, member_id: UUID) -> Answer:
    try:
        with program_transaction(program_id):
            return Answer(status=HTTPStatus.OK, content=export_member(program_id, member_id))
    except Member.DoesNotExist:
        raise no_such_member("id") from None


@retried
def _change(program_id: UUID, member_id: UUID, change: str, body: ReasonBody) -> Answer:
    try:
        with program_transaction(program_id):
            named = {member_id} if body.other is None else {member_id, body.other}
            if len(find_members(program_id, named)) < len(named):
                raise no_such_member("id")
            _CHANGES[change](program_id, member_id, body, at=datetime.now(UTC))
            return tell_member(get_member(program_id, member_id))
    except (CannotSuspend, CannotMerge, CannotErase) as error:
        raise Refused(HTTPStatus.CONFLICT, "cannot_be_done", str(error)) from None


def _suspend(program_id: UUID, member_id: UUID, body: ReasonBody, *, at: datetime) -> None:
    suspend_member(program_id, member_id, reason=body.reason, by=body.by, at=at)


def _lift(program_id: UUID, member_id: UUID, body: ReasonBody, *, at: datetime) -> None:
    lift_suspension(program_id, member_id, by=body.by, at=at)


def _merge(program_id: UUID, member_id: UUID, body: ReasonBody, *, at: datetime) -> None:
    if body.other is None:
        message = "expected the id of the other member"
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "cannot_understand", message, field="other")
    merge_members(program_id, survivor_id=member_id, absorbed_id=body.other, reason=body.reason, by=body.by, at=at)


def _undo_merge(program_id: UUID, member_id: UUID, body: ReasonBody, *, at: datetime) -> None:
    undo_merge(program_id, member_id, by=body.by, at=at)


def _erase(program_id: UUID, member_id: UUID, body: ReasonBody, *, at: datetime) -> None:
    erase_member(program_id, member_id, by=body.by, at=at)


class _Change(Protocol):
    def __call__(self, program_id: UUID, member_id: UUID, body: ReasonBody, *, at: datetime) -> None: ...


_CHANGES: dict[str, _Change] = {
    "suspend": _suspend,
    "lift": _lift,
    "merge": _merge,
    "undo-merge": _undo_merge,
    "erase": _erase,
}


def tell_member(member: Member) -> Answer:
    """A member as the API tells them."""
    told = {
        "id": member.id,
        "state": member.state,
        "joined_at": member.joined_at,
        "suspended_at": member.suspended_at,
        "merged_into": member.merged_into,
    }
    return Answer(status=HTTPStatus.OK, content={"member": told})


_REASON = msgspec.json.Decoder(ReasonBody)
