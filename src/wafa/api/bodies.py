"""Reading what a request carries."""

from http import HTTPStatus
from typing import TypeVar
from uuid import UUID

import msgspec

from wafa.api.hot import Refused, Request
from wafa.connectors.contract import CannotUnderstand
from wafa.connectors.reading import read_json

T = TypeVar("T")
_LONGEST_KEY = 200


def read_body(request: Request, decoder: msgspec.json.Decoder[T]) -> T:
    """The body of a request; an empty one is an empty object. Raises Refused (422) with the field at fault."""
    try:
        return read_json(decoder, request.body or b"{}")
    except CannotUnderstand as error:
        message = f"expected {error.expected}"
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "cannot_understand", message, field=error.path) from None


def read_key(request: Request) -> str:
    """The key by which the asker names what is to be done once. Raises Refused (422)."""
    key = request.headers.get("idempotency-key", "")
    if not 0 < len(key) <= _LONGEST_KEY:
        message = f"expected a text of your own, up to {_LONGEST_KEY} characters, new for each of them"
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "cannot_understand", message, field="Idempotency-Key")
    return f"api:{key}"


def read_id(text: str, *, field: str) -> UUID:
    """An id in an address. Raises Refused (404)."""
    try:
        return UUID(text)
    except ValueError:
        raise Refused(HTTPStatus.NOT_FOUND, "not_found", "expected a UUID", field=field) from None
