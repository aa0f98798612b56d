"""Reading what a request carries."""

from http import HTTPStatus
from typing import TypeVar
from uuid import UUID

import msgspec

from wafa.api.hot import Refused, Request
from wafa.connectors.contract import CannotUnderstand
from wafa.connectors.reading import read_json

T = TypeVar("T")


def read_body(request: Request, decoder: msgspec.json.Decoder[T]) -> T:
    """The body of a request; an empty one is an empty object. Raises Refused (422) with the field at fault."""
    try:
        return read_json(decoder, request.body or b"{}")
    except CannotUnderstand as error:
        message = f"expected {error.expected}"
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "cannot_understand", message, field=error.path) from None


def read_id(text: str, *, field: str) -> UUID:
    """An id in an address. Raises Refused (404)."""
    try:
        return UUID(text)
    except ValueError:
        raise Refused(HTTPStatus.NOT_FOUND, "not_found", "expected a UUID", field=field) from None
