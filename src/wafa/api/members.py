"""What the merchant's own systems do about single members, by our id of them: for keys that may manage."""

from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import unquote
from uuid import UUID

import msgspec

from wafa.api.bodies import read_body, read_id
from wafa.api.hot import Answer, Refused, Request
from wafa.api.keys import check_key
from wafa.api.threads import in_a_thread
from wafa.connectors.stores.direct.documents import Document, Text
from wafa.flows.suspend_member import CannotSuspend, lift_suspension, suspend_member
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction
from wafa.members.models import Member
from wafa.members.queries import find_member_of_customer, get_member


class ReasonBody(Document, frozen=True):
    """Why, and who decided it."""

    by: Text
    reason: Text = ""


async def show_customer(request: Request) -> Answer:
    """Who a store's customer is in the program."""
    program_id = await check_key(request, scope="read")
    return await in_a_thread(_show, program_id, request.path["store"], unquote(request.path["customer"]))


async def change_member(request: Request) -> Answer:
    """Suspend a member, or lift it."""
    program_id = await check_key(request, scope="manage")
    member_id = read_id(request.path["member"], field="member")
    body = read_body(request, _REASON)
    return await in_a_thread(_change, program_id, member_id, request.path["change"], body)


def _show(program_id: UUID, store: str, customer: str) -> Answer:
    with program_transaction(program_id):
        member = find_member_of_customer(program_id, store=store, external_id=customer)
    return _tell(member)


@retried
def _change(program_id: UUID, member_id: UUID, change: str, body: ReasonBody) -> Answer:
    at = datetime.now(UTC)
    try:
        with program_transaction(program_id):
            if change == "suspend":
                suspend_member(program_id, member_id, reason=body.reason, by=body.by, at=at)
            else:
                lift_suspension(program_id, member_id, by=body.by, at=at)
            return _tell(get_member(program_id, member_id))
    except CannotSuspend as error:
        raise Refused(HTTPStatus.CONFLICT, "cannot_be_done", str(error)) from None


def _tell(member: Member | None) -> Answer:
    if member is None:
        message = "No member of this program has this id in this store."
        raise Refused(HTTPStatus.NOT_FOUND, "no_such_member", message, field="customer")
    told = {
        "id": member.id,
        "state": member.state,
        "joined_at": member.joined_at,
        "suspended_at": member.suspended_at,
    }
    return Answer(status=HTTPStatus.OK, content={"member": told})


_REASON = msgspec.json.Decoder(ReasonBody)
