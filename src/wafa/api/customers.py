"""Whom an address means that names a store and its own id of a customer."""

from http import HTTPStatus
from urllib.parse import unquote
from uuid import UUID

from wafa.api.hot import Refused, Request
from wafa.members.queries import find_members_of_customers


def read_customer(program_id: UUID, request: Request) -> UUID:
    """The member. Raises Refused (404) for nobody."""
    name = f"{request.path['store']}:{unquote(request.path['customer'])}"
    found = find_members_of_customers(program_id, [name]).get(name)
    if found is None:
        message = "No member of this program has this id in this store."
        raise Refused(HTTPStatus.NOT_FOUND, "no_such_member", message, field="customer")
    return found
