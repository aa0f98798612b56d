"""Check the key of an API request."""

from http import HTTPStatus
from uuid import UUID

from msgspec import Struct

from wafa.api.hot import Refused, Request
from wafa.api.remembering import Remembered
from wafa.api.stores import expect_store
from wafa.programs.queries import authenticate_api_key


class _Key(Struct, frozen=True, kw_only=True):
    """What a key opens."""

    program_id: UUID
    scopes: frozenset[str]
    partner: str


async def check_key(request: Request, *, scope: str) -> UUID:
    """The program whose key the request carries (`Authorization: Bearer …`).

    Raises Refused: 401 for no valid key, 403 for a key without `scope`, 404 for an address that names a store which the
    program does not have. A revoked key ends within seconds.
    """
    key = await _find_key(request)
    if scope not in key.scopes:
        raise Refused(HTTPStatus.FORBIDDEN, "not_allowed", f"this key lacks the scope {scope!r}")
    if "store" in request.path:
        await expect_store(key.program_id, request.path["store"])
    return key.program_id


async def check_partner_key(request: Request) -> tuple[UUID, str]:
    """The program and the partner whose key the request carries. Raises Refused as `check_key` does."""
    key = await _find_key(request)
    if not key.partner:
        raise Refused(HTTPStatus.FORBIDDEN, "not_allowed", "this key is not a partner's")
    return key.program_id, key.partner


async def _find_key(request: Request) -> _Key:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return await _KEYS.get(token if kind.lower() == "bearer" else "")


def _read(token: str) -> _Key:
    key = authenticate_api_key(token) if token else None
    if key is None:
        message = "expected `Authorization: Bearer <key>` with a key of this program that is not revoked"
        raise Refused(HTTPStatus.UNAUTHORIZED, "bad_key", message, field="Authorization")
    return _Key(program_id=key.program_id, scopes=frozenset(key.scopes), partner=key.partner)


_KEYS = Remembered(_read)
