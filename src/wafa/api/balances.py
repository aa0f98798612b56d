"""What a member has, for stores and apps that ask often: many askers are answered by one query."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID

from psycopg import AsyncCursor

from wafa.api.customers import name_customer, no_such_customer
from wafa.api.hot import Answer, Request
from wafa.api.keys import check_key
from wafa.api.reading import Reader
from wafa.core.books import Balance
from wafa.ledger.queries import list_balances_of_customers

_Found = dict[str, Balance] | None


async def show_balances(request: Request) -> Answer:
    """The balances of a store's customer, by the store's code and its own id for them."""
    program_id = await check_key(request, scope="read")
    balances = await _BALANCES.ask(program_id, name_customer(request))
    if balances is None:
        raise no_such_customer()
    return Answer(status=HTTPStatus.OK, content={"balances": balances})


async def _read(cursor: "AsyncCursor[Any]", program_id: UUID, asked: Sequence[str]) -> Sequence[_Found]:
    found = await list_balances_of_customers(cursor, program_id, set(asked))
    return [found.get(one) for one in asked]


_BALANCES: Reader[str, _Found] = Reader(_read)
