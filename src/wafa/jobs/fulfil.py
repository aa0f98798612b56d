"""Make what rewards promise where it has to be made outside: discounts in stores, and whatever an endpoint does.

What a store or an endpoint refuses, or does not answer for days, fails: then the member gets back what it cost.
"""

import logging
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

import msgspec

from wafa.connectors.contract import CannotReach
from wafa.core.spec import Custom
from wafa.flows.give_back_rewards import REVOKE_VOUCHER, give_back_rewards
from wafa.flows.issue_vouchers import CALL_ENDPOINT, WRITE_VOUCHER, list_writers, voucher_command
from wafa.flows.keep_vouchers import keep_vouchers
from wafa.flows.settle_fulfilment import settle_fulfilment
from wafa.flows.use_vouchers import Use, use_vouchers
from wafa.jobs.acting import GiveUp, TryLater, ask_store, tell_endpoint
from wafa.jobs.poll import CANNOT_BE_POLLED, catch_up
from wafa.jobs.store_vouchers import Promise, read_promise, store_voucher
from wafa.kit.transactions import program_transaction
from wafa.programs.queries import list_endpoints, list_stores
from wafa.relay.operations import TakenCommand, put_commands
from wafa.rewards.models import Fulfilment, RedemptionState
from wafa.rewards.redemptions import find_by_ids

_log = logging.getLogger(__name__)


def _write_voucher(program_id: UUID, command: TakenCommand) -> None:
    """Make the discount in every store that has a value for it. Given back meanwhile, it is made nowhere."""
    promise = _read(program_id, command)
    if not _is_awaited(promise):
        return
    with program_transaction(program_id):
        writers = list_writers(program_id)
    vouchers = [(writer, voucher) for store, writer in writers if (voucher := store_voucher(promise, store))]
    if not vouchers:
        raise GiveUp("no connected store can make this discount: not in its currency, its scope or its conditions")
    for writer, voucher in vouchers:
        ask_store(writer.write_voucher, voucher)
    with program_transaction(program_id):
        _note_written(program_id, promise.redemption.id, at=datetime.now(UTC))


def _note_written(program_id: UUID, redemption_id: UUID, *, at: datetime) -> None:
    """Given back while stores were making it, it is asked for once more: the first time there was nothing to revoke."""
    one = find_by_ids(program_id, [redemption_id], lock=True)[redemption_id]
    if one.state in (RedemptionState.CANCELLED, RedemptionState.FAILED) or one.fulfilment == Fulfilment.REVOKING:
        put_commands(program_id, [voucher_command(REVOKE_VOUCHER, redemption_id, at=at)], at=at)
    else:
        settle_fulfilment(program_id, [redemption_id], at=at)


def _revoke_voucher(program_id: UUID, command: TakenCommand) -> None:
    """Take the discount out of every store, and only then give back what it cost; one that was used stays used.

    A store may count a use only once the order is paid. So when nobody can use it any more, the stores are asked what
    was ordered meanwhile: an order that names the code has used it.
    """
    promise = _read(program_id, command)
    if _stays(promise):
        return
    with program_transaction(program_id):
        writers = [one for one in list_writers(program_id) if one[0].code != command.payload.get("spare")]
    vouchers = [(store, writer, voucher) for store, writer in writers if (voucher := store_voucher(promise, store))]
    used_in = [store.code for store, writer, voucher in vouchers if not ask_store(writer.revoke_voucher, voucher)]
    goes_back = promise.redemption.state == RedemptionState.ISSUED and not used_in
    if goes_back:
        _hear_of_orders(program_id, {store.code for store, _, _ in vouchers})
    with program_transaction(program_id):
        at = datetime.now(UTC)
        if used_in:
            use_vouchers(program_id, [Use(code=promise.code, used_on=used_in[0])], at=at)
        elif goes_back:
            give_back_rewards(program_id, [promise.redemption.id], "cancelled", revoked=True, at=at)
            # It may have been kept meanwhile, and made again before it was taken out.
            keep_vouchers(program_id, [promise.redemption.id], at=at)


def _stays(promise: Promise) -> bool:
    """Whether it was kept, or can be used again, since it was to be taken out."""
    one = promise.redemption
    return one.state == RedemptionState.ISSUED and one.fulfilment != Fulfilment.REVOKING


def _hear_of_orders(program_id: UUID, codes: Collection[str]) -> None:
    """Take in what was ordered in these stores by now. One that refuses to tell costs nobody anything.

    Raises TryLater.
    """
    with program_transaction(program_id):
        stores = [store for store in list_stores(program_id) if store.code in codes]
    for store in stores:
        try:
            catch_up(program_id, store, at=datetime.now(UTC))
        except CannotReach as error:
            raise TryLater(str(error)) from None
        except CANNOT_BE_POLLED as error:
            _log.warning("store %s did not tell of its orders: %s", store.code, error)


def _call_endpoint(program_id: UUID, command: TakenCommand) -> None:
    """Tell the endpoint of a custom reward; its 2xx says that it is done."""
    promise = _read(program_id, command)
    if not _is_awaited(promise):
        return
    assert isinstance(promise.reward.gives, Custom)
    with program_transaction(program_id):
        endpoint = next((e for e in list_endpoints(program_id) if e.url == promise.reward.gives.url), None)
    if endpoint is None:
        raise GiveUp("the program has no active endpoint of this address: `wafa endpoint add` makes one")
    one = promise.redemption
    told = {"id": one.id, "member": one.member_id, "reward": one.reward, "units": one.units, "code": promise.code}
    body = msgspec.json.encode({"type": "reward.promised", "timestamp": one.created_at, "data": told})
    tell_endpoint(program_id, endpoint, str(one.id), body)
    with program_transaction(program_id):
        settle_fulfilment(program_id, [one.id], at=datetime.now(UTC))


def _read(program_id: UUID, command: TakenCommand) -> Promise:
    with program_transaction(program_id):
        return read_promise(program_id, UUID(command.payload["redemption"]))


def _is_awaited(promise: Promise) -> bool:
    one = promise.redemption
    return one.state == RedemptionState.ISSUED and one.fulfilment == Fulfilment.PENDING


def _fail(program_id: UUID, command: TakenCommand, *, at: datetime) -> None:
    """What it cost goes back. Another store may have made its half, so all are asked to take it out."""
    redemption_id = UUID(command.payload["redemption"])
    give_back_rewards(program_id, [redemption_id], "failed", at=at)
    if command.kind == WRITE_VOUCHER:
        put_commands(program_id, [voucher_command(REVOKE_VOUCHER, redemption_id, at=at)], at=at)


def _keep(program_id: UUID, command: TakenCommand, *, at: datetime) -> None:
    """A store does not take the discount out, so it stays the member's."""
    settle_fulfilment(program_id, [UUID(command.payload["redemption"])], at=at)


class _Abandon(Protocol):
    def __call__(self, program_id: UUID, command: TakenCommand, *, at: datetime) -> None: ...


FULFILMENTS: Mapping[str, Callable[[UUID, TakenCommand], None]] = {
    WRITE_VOUCHER: _write_voucher,
    REVOKE_VOUCHER: _revoke_voucher,
    CALL_ENDPOINT: _call_endpoint,
}
"""How commands about rewards are carried out."""

ABANDONED: Mapping[str, _Abandon] = {WRITE_VOUCHER: _fail, CALL_ENDPOINT: _fail, REVOKE_VOUCHER: _keep}
"""What follows when they will not be."""
