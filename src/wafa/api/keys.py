"""Check the key of an API request, remembered for a few seconds: every request carries one."""

from http import HTTPStatus
from threading import Lock
from time import monotonic
from uuid import UUID

from wafa.api.hot import Refused, Request
from wafa.programs.queries import authenticate_api_key

_REMEMBERED_SECONDS = 5.0

_remembered: dict[str, tuple[float, UUID, frozenset[str]]] = {}
_lock = Lock()


def check_key(request: Request, *, scope: str) -> UUID:
    """The program whose key the request carries (`Authorization: Bearer …`).

    Raises Refused: 401 for no valid key, 403 for a key without `scope`. A revoked key ends within seconds.
    """
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    now = monotonic()
    read_at, program_id, scopes = _remembered.get(token, (0.0, None, frozenset[str]()))
    if program_id is None or now - read_at > _REMEMBERED_SECONDS:
        key = authenticate_api_key(token) if kind.lower() == "bearer" and token else None
        if key is None:
            message = "expected `Authorization: Bearer <key>` with a key of this program that is not revoked"
            raise Refused(HTTPStatus.UNAUTHORIZED, "bad_key", message, field="Authorization")
        program_id, scopes = key.program_id, frozenset(key.scopes)
        with _lock:
            if len(_remembered) > 10_000:
                _remembered.clear()
            _remembered[token] = (now, program_id, scopes)
    if scope not in scopes:
        raise Refused(HTTPStatus.FORBIDDEN, "not_allowed", f"this key lacks the scope {scope!r}")
    return program_id
