"""Whom an address means that names a store and its own id of a customer."""

from http import HTTPStatus
from uuid import UUID

from wafa.api.hot import Refused, Request
from wafa.members.queries import find_members_of_customers


def name_customer(request: Request) -> str:
    """`<store code>:<its id>`, as stores' customers are named everywhere."""
    return f"{request.path['store']}:{request.path['customer']}"


def read_customer(program_id: UUID, request: Request) -> UUID:
    """The member whom the address means. Raises Refused (404) for nobody."""
    return find_customer(program_id, name_customer(request))


def find_customer(program_id: UUID, customer: str) -> UUID:
    """The member with this name of a store's customer. Raises Refused (404) for nobody."""
    found = find_members_of_customers(program_id, [customer]).get(customer)
    if found is None:
        raise no_such_customer()
    return found


def no_such_member(field: str) -> Refused:
    """What is answered where nobody has this `id` of ours, or this `card`."""
    message = f"No member of this program has this {field}."
    return Refused(HTTPStatus.NOT_FOUND, "no_such_member", message, field=field)


def no_such_customer() -> Refused:
    """What is answered where a store's customer is no member."""
    message = "No member of this program has this id in this store."
    return Refused(HTTPStatus.NOT_FOUND, "no_such_member", message, field="customer")
