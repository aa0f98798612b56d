"""Questions about programs, their stores and keys. The caller has opened the program's transaction, unless told."""

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from hashlib import sha256
from hmac import compare_digest
from uuid import UUID

from django.db import connection

from wafa.connectors.contract import StoreFacts
from wafa.core.program import Program as ProgramRules
from wafa.kit.secrets import unseal
from wafa.kit.transactions import program_transaction
from wafa.programs.models import ApiKey, Endpoint, Program, Staff, Store, Version
from wafa.programs.rules import get_program_rules
from wafa.programs.tokens import read_token

__all__ = [
    "ProgramRules",
    "authenticate_api_key",
    "find_endpoint",
    "find_program",
    "find_role",
    "find_store",
    "get_program",
    "get_program_rules",
    "list_api_keys",
    "list_endpoint_ids",
    "list_endpoints",
    "list_program_ids",
    "list_programs_of_user",
    "list_stores",
    "list_versions",
    "load_store_facts",
    "lock_staff",
    "read_endpoint_secret",
    "read_store_facts",
    "read_store_secret",
]


def get_program(program_id: UUID) -> Program:
    """How a program is called and how its pages look. Needs no program's transaction. Raises Program.DoesNotExist."""
    return Program.objects.get(id=program_id)


def find_program(slug: str) -> Program | None:
    """The program with this slug. Needs no program's transaction."""
    return Program.objects.filter(slug=slug).first()


def list_program_ids() -> list[UUID]:
    """Every program, the oldest first. Needs no program's transaction."""
    return list(Program.objects.order_by("created_at", "id").values_list("id", flat=True))


def list_programs_of_user(user_id: int) -> list[Program]:
    """The programs whose console a user may enter, by name. Needs no program's transaction."""
    return list(Program.objects.filter(staff__user_id=user_id).order_by("name", "id"))


def find_role(program_id: UUID, user_id: int) -> str | None:
    """What a user is in a program: owner, manager or viewer; None for a stranger. Needs no program's transaction."""
    return Staff.objects.filter(program_id=program_id, user_id=user_id).values_list("role", flat=True).first()


def lock_staff(program_id: UUID, *, role: str) -> None:
    """Hold everybody who has a role in the program until the transaction ends."""
    list(Staff.objects.select_for_update().filter(program_id=program_id, role=role).order_by("user_id"))


def list_versions(program_id: UUID) -> list[Version]:
    """Every published version, the newest first."""
    return list(Version.objects.filter(program_id=program_id).order_by("-number"))


def list_stores(program_id: UUID) -> list[Store]:
    """The stores of a program, by code."""
    return list(Store.objects.filter(program_id=program_id).order_by("code"))


_STORE_FACTS = """
SELECT id, connector, code, currency, exponent, country, url, credentials_encrypted
FROM programs_store WHERE program_id = %s"""


def load_store_facts(program_id: UUID) -> dict[UUID, tuple[str, StoreFacts]]:
    """Of every store by its id: its connector, and what that may know of it.

    Reading its credentials raises CannotUnseal.
    """
    # Asked for every batch of orders, for which the ORM would take longer to write the query than to run it.
    with connection.cursor() as cursor:
        cursor.execute(_STORE_FACTS, [program_id])
        found = cursor.fetchall()
    return {
        store_id: (connector, _facts(*told, credentials=_Credentials(sealed)))
        for store_id, connector, *told, sealed in found
    }


def find_store(program_id: UUID, *, code: str) -> Store | None:
    return Store.objects.filter(program_id=program_id, code=code).first()


def read_store_facts(store: Store) -> StoreFacts:
    """What the store's connector may know of it, its credentials opened. Raises CannotUnseal."""
    credentials = json.loads(unseal(store.credentials_encrypted))
    return _facts(store.code, store.currency, store.exponent, store.country, store.url, credentials=credentials)


def _facts(
    code: str, currency: str, exponent: int | None, country: str, url: str, *, credentials: Mapping[str, str]
) -> StoreFacts:
    return StoreFacts(
        code=code, currency=currency, exponent=exponent, country=country or None, url=url, credentials=credentials
    )


class _Credentials(Mapping[str, str]):
    """Opened when the first one is asked for: most deliveries are read without. Raises CannotUnseal then."""

    def __init__(self, sealed: str) -> None:
        self._sealed = sealed

    @cached_property
    def _opened(self) -> dict[str, str]:
        opened: dict[str, str] = json.loads(unseal(self._sealed))
        return opened

    def __getitem__(self, name: str) -> str:
        return self._opened[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._opened)

    def __len__(self) -> int:
        return len(self._opened)


def read_store_secret(store: Store) -> str:
    """The secret that signs the store's deliveries. Raises CannotUnseal."""
    return unseal(store.secret_encrypted)


def list_endpoint_ids(program_id: UUID) -> list[UUID]:
    """Which endpoints `list_endpoints` has."""
    # Asked for every batch of orders, for which the ORM would take longer to write the query than to run it.
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM programs_endpoint WHERE program_id = %s AND is_active ORDER BY id", [program_id])
        return [endpoint_id for (endpoint_id,) in cursor.fetchall()]


def list_endpoints(program_id: UUID) -> list[Endpoint]:
    """Where the program's own webhooks go now, the oldest first."""
    return list(Endpoint.objects.filter(program_id=program_id, is_active=True).order_by("id"))


def find_endpoint(program_id: UUID, endpoint_id: UUID) -> Endpoint | None:
    return Endpoint.objects.filter(program_id=program_id, id=endpoint_id).first()


def read_endpoint_secret(endpoint: Endpoint) -> str:
    """The secret that signs what is sent there. Raises CannotUnseal."""
    return unseal(endpoint.secret_encrypted)


def list_api_keys(program_id: UUID) -> list[ApiKey]:
    """Every key that was made, those that were revoked too, the oldest first."""
    return list(ApiKey.objects.filter(program_id=program_id).order_by("id"))


def authenticate_api_key(token: str) -> ApiKey | None:
    """The key that a token opens, or None for one that was never given out or is revoked.

    It opens the program's transaction itself, because only the token says which program that is.
    """
    told = read_token(token)
    if told is None:
        return None
    with program_transaction(told.program_id):
        key = ApiKey.objects.filter(program_id=told.program_id, id=told.key_id, revoked_at=None).first()
    hashed = sha256(told.secret.encode()).digest()
    return key if key is not None and compare_digest(bytes(key.secret_sha256), hashed) else None
