"""Make the codes of campaigns in stores, and take them out. What a store refuses is parked for a person to look at."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from uuid import UUID

from wafa.connectors.vouchers import StoreVoucher, VoucherWriter
from wafa.core.ids import caused_id
from wafa.core.spec import SharedCode
from wafa.coupons.codes import find_codes
from wafa.flows.issue_vouchers import list_writers
from wafa.flows.write_coupons import REVOKE_COUPON, WRITE_COUPON, NotOpenAnyMore, span_of
from wafa.jobs.acting import GiveUp, ask_store
from wafa.jobs.store_vouchers import CouponPromise, store_coupon
from wafa.kit.transactions import program_transaction
from wafa.members.queries import get_member
from wafa.programs.queries import get_program_rules
from wafa.relay.operations import TakenCommand


def _write_coupon(program_id: UUID, command: TakenCommand) -> None:
    """Make the code in every store that can keep to what the campaign says."""
    vouchers = _in_stores(program_id, command)
    if not vouchers:
        raise GiveUp("no connected store can keep to what this campaign says")
    for writer, voucher in vouchers:
        ask_store(writer.write_voucher, voucher)


def _revoke_coupon(program_id: UUID, command: TakenCommand) -> None:
    """Take the code out of every store. One that was used up stays there, where nobody can use it again."""
    for writer, voucher in _in_stores(program_id, command):
        ask_store(writer.revoke_voucher, voucher)


def _in_stores(program_id: UUID, command: TakenCommand) -> list[tuple[VoucherWriter, StoreVoucher]]:
    with program_transaction(program_id):
        promise = _read(program_id, command, at=datetime.now(UTC))
        writers = [one for one in list_writers(program_id) if one[0].code != command.payload.get("spare")]
    return [(writer, voucher) for store, writer in writers if (voucher := store_coupon(promise, store))]


def _read(program_id: UUID, command: TakenCommand, *, at: datetime) -> CouponPromise:
    payload, program = command.payload, get_program_rules(program_id)
    version = program.numbered(payload["version"])
    campaign = program.campaign(payload["campaign"], version=version.number)
    try:
        _, ends = span_of(program, version, campaign.id, at=at)
    except NotOpenAnyMore:
        if command.kind == WRITE_COUPON:
            raise GiveUp("the campaign is over, or open by hours and weekdays, which no store can be told") from None
        ends = None
    if not payload["code"]:
        assert isinstance(campaign.codes, SharedCode), "only a shared code has no id of its own"
        shared_id = caused_id(f"coupon:{program_id}:{campaign.id}", at=_ALWAYS)
        return CouponPromise(
            id=shared_id, campaign=campaign, spec=version.spec, code=campaign.codes.code, valid_until=ends
        )
    code = find_codes(program_id, [UUID(payload["code"])])[UUID(payload["code"])]
    member = None if code.member_id is None else get_member(program_id, code.member_id)
    return CouponPromise(
        id=code.id,
        campaign=campaign,
        spec=version.spec,
        code=code.code,
        is_handed_out=member is not None,
        valid_until=min((end for end in (ends, code.valid_until) if end), default=None),
        email=member.email or None if member else None,
    )


_ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)

COUPONS: Mapping[str, Callable[[UUID, TakenCommand], None]] = {
    WRITE_COUPON: _write_coupon,
    REVOKE_COUPON: _revoke_coupon,
}
"""How commands about campaigns' codes are carried out."""
