"""What a member has, for stores and apps that ask often: many askers are answered by one query."""

from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

from wafa.api.batching import Batcher
from wafa.api.customers import name_customer, no_such_customer
from wafa.api.hot import Answer, Request
from wafa.api.keys import check_key
from wafa.core.books import Balance
from wafa.kit.transactions import program_transaction
from wafa.ledger.queries import list_balances_of_customers

_Found = dict[str, Balance] | None


async def show_balances(request: Request) -> Answer:
    """The balances of a store's customer, by the store's code and its own id for them."""
    program_id = await check_key(request, scope="read")
    asked = name_customer(request)
    balances = await _READING.submit(program_id, asked)
    if balances is None:
        raise no_such_customer()
    return Answer(status=HTTPStatus.OK, content={"balances": balances})


def _read(program_id: UUID, asked: Sequence[str]) -> Sequence[_Found]:
    found = list_balances_of_customers(program_id, set(asked))
    return [found.get(one) for one in asked]


_READING: Batcher[UUID, str, _Found] = Batcher(_read, within=program_transaction)
