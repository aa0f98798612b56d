"""Keep the promises of the outbox: act outside of any transaction, then write down what came of it."""

import logging
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from wafa.connectors.contract import CannotReach, CannotUnderstand, StoreRefused
from wafa.connectors.registry import get_connector
from wafa.flows.announce import SEND_WEBHOOK
from wafa.flows.drain_inbox import FETCH_ORDER
from wafa.flows.erase_traces import ERASE_TRACES
from wafa.flows.invite_friend import SEND_INVITATION
from wafa.flows.send_coupons import SEND_COUPON
from wafa.flows.take_facts import Outcome, OutcomeKind, StoreFact, take_facts
from wafa.jobs.acting import GiveUp, TryLater, tell_endpoint
from wafa.jobs.coupons import COUPONS
from wafa.jobs.erase_traces import erase_traces
from wafa.jobs.fulfil import ABANDONED, FULFILMENTS
from wafa.jobs.invite import send_invitation
from wafa.jobs.send_coupon import send_coupon
from wafa.kit.retries import is_outage, retried
from wafa.kit.transactions import program_transaction
from wafa.programs.queries import find_endpoint, list_stores, read_store_facts
from wafa.relay.operations import (
    TakenCommand,
    finish_command,
    park_command,
    postpone_command,
    renew_lease,
    take_commands,
)

_log = logging.getLogger(__name__)

_BATCH = 50


def run_program_outbox(program_id: UUID) -> int:
    """Carry out every command of a program that is due. Returns how many were tried.

    A command is leased before it is tried, so a worker that dies leaves it to be tried again: what it does carries a
    key, and the other side counts it once.
    """
    total = 0
    while commands := _take(program_id):
        for command in commands:
            _carry_out(program_id, command)
        total += len(commands)
    return total


def _take(program_id: UUID) -> list[TakenCommand]:
    with program_transaction(program_id):
        return take_commands(program_id, limit=_BATCH, at=datetime.now(UTC))


def _carry_out(program_id: UUID, command: TakenCommand) -> None:
    with program_transaction(program_id):
        # Those before it in the batch may have been slow, and the lease over.
        if not renew_lease(program_id, command, at=datetime.now(UTC)):
            return
    try:
        _act(program_id, command)
    except TryLater as error:
        with program_transaction(program_id):
            at = datetime.now(UTC)
            if not postpone_command(program_id, command, error=str(error), after=error.after, at=at):
                _abandon(program_id, command, at=at)
    except GiveUp as error:
        with program_transaction(program_id):
            at = datetime.now(UTC)
            park_command(program_id, command, error=str(error), at=at)
            _abandon(program_id, command, at=at)
    else:
        with program_transaction(program_id):
            finish_command(program_id, command, at=datetime.now(UTC))


def _abandon(program_id: UUID, command: TakenCommand, *, at: datetime) -> None:
    """What becomes of those who waited for a command that will not be carried out, in the same transaction."""
    if command.kind in ABANDONED:
        ABANDONED[command.kind](program_id, command, at=at)


def _act(program_id: UUID, command: TakenCommand) -> None:
    """Carry out a command. What fails unforeseen is tried later like the rest, and keeps no other one waiting."""
    try:
        if command.kind not in _ACTS:
            raise GiveUp(f"nothing here can {command.kind}")
        _ACTS[command.kind](program_id, command)
    except (TryLater, GiveUp):
        raise
    except Exception as error:
        if is_outage(error):
            raise
        # Without what the error says: it may repeat what a store answered.
        kind, where = type(error).__name__, "".join(traceback.format_tb(error.__traceback__))
        _log.error("command %s failed: %s\n%s", command.id, kind, where)
        raise TryLater(f"it failed: {kind}") from None


def _send_webhook(program_id: UUID, command: TakenCommand) -> None:
    with program_transaction(program_id):
        endpoint = find_endpoint(program_id, UUID(command.payload["endpoint"]))
    told = command.payload["told"]
    body = msgspec.json.encode({"type": told["type"], "timestamp": told["occurred_at"], "data": told})
    if endpoint is not None and endpoint.is_active:
        tell_endpoint(program_id, endpoint, told["id"], body)


def _fetch_order(program_id: UUID, command: TakenCommand) -> None:
    """Read an order from its store and take it in as it is now."""
    with program_transaction(program_id):
        store = next((s for s in list_stores(program_id) if str(s.id) == command.payload["store_id"]), None)
    fetcher = get_connector(store.connector).fetcher(read_store_facts(store)) if store and store.is_active else None
    if store is None or fetcher is None:
        raise GiveUp("the store is no longer connected, or cannot be asked")
    at = datetime.now(UTC)
    try:
        order = fetcher.fetch_order(command.payload["external_id"], at=at)
    except CannotReach as error:
        raise TryLater(str(error)) from None
    except (StoreRefused, CannotUnderstand) as error:
        raise GiveUp(str(error)) from None
    outcome = _take_order(program_id, StoreFact(store_id=store.id, store=store.code, fact=order), at=at)
    if outcome.kind is OutcomeKind.REFUSED:
        raise GiveUp(outcome.reason)


@retried
def _take_order(program_id: UUID, fact: StoreFact, *, at: datetime) -> Outcome:
    with program_transaction(program_id):
        return take_facts(program_id, [fact], at=at)[0]


_ACTS: Mapping[str, Callable[[UUID, TakenCommand], None]] = {
    SEND_WEBHOOK: _send_webhook,
    FETCH_ORDER: _fetch_order,
    SEND_INVITATION: send_invitation,
    SEND_COUPON: send_coupon,
    ERASE_TRACES: erase_traces,
    **FULFILMENTS,
    **COUPONS,
}
