"""Check the key of an API request."""

from http import HTTPStatus
from uuid import UUID

from wafa.api.hot import Refused, Request
from wafa.api.remembering import Remembered
from wafa.programs.queries import authenticate_api_key


async def check_key(request: Request, *, scope: str) -> UUID:
    """The program whose key the request carries (`Authorization: Bearer …`).

    Raises Refused: 401 for no valid key, 403 for a key without `scope`. A revoked key ends within seconds.
    """
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    program_id, scopes = await _KEYS.get(token if kind.lower() == "bearer" else "")
    if scope not in scopes:
        raise Refused(HTTPStatus.FORBIDDEN, "not_allowed", f"this key lacks the scope {scope!r}")
    return program_id


def _read(token: str) -> tuple[UUID, frozenset[str]]:
    key = authenticate_api_key(token) if token else None
    if key is None:
        message = "expected `Authorization: Bearer <key>` with a key of this program that is not revoked"
        raise Refused(HTTPStatus.UNAUTHORIZED, "bad_key", message, field="Authorization")
    return key.program_id, frozenset(key.scopes)


_KEYS = Remembered(_read)
