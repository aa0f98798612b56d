"""What commands of the outbox have in common: how they may fail, and how an endpoint is told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.conf import settings

from wafa.connectors.channels.webhook import Verdict, send
from wafa.connectors.contract import CannotReach, StoreRefused
from wafa.connectors.vouchers import StoreVoucher
from wafa.kit.transactions import program_transaction
from wafa.programs.models import Endpoint
from wafa.programs.queries import read_endpoint_secret

Answer = TypeVar("Answer")


class TryLater(Exception):
    """The other side did not take it this time; it may have said when to come back."""

    def __init__(self, reason: str, *, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.after = after


class GiveUp(Exception):
    """It will never be taken as it is: a person has to look."""


def ask_store(ask: Callable[[StoreVoucher], Answer], voucher: StoreVoucher) -> Answer:
    """Have a store write or revoke a discount. Raises TryLater and GiveUp."""
    try:
        return ask(voucher)
    except CannotReach as error:
        raise TryLater(str(error)) from None
    except StoreRefused as error:
        raise GiveUp(str(error)) from None


def tell_endpoint(program_id: UUID, endpoint: Endpoint, message_id: str, body: bytes) -> None:
    """Post `body` to an endpoint of the program, signed. Raises TryLater and GiveUp."""
    with program_transaction(program_id):
        secret = read_endpoint_secret(endpoint)
    allow_private = settings.WEBHOOKS_MAY_BE_PRIVATE
    outcome = send(endpoint.url, secret, message_id, body, at=datetime.now(UTC), allow_private=allow_private)
    if outcome.verdict is Verdict.REFUSED:
        raise GiveUp(outcome.reason)
    if outcome.verdict is Verdict.RETRY:
        raise TryLater(outcome.reason, after=outcome.retry_after)
