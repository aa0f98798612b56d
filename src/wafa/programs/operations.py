"""Writes to programs. The caller has opened the program's transaction; `create_program` and `add_staff` need any."""

import json
import re
from collections.abc import Collection, Mapping
from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.db.models import Max
from msgspec import Struct

from wafa.core.money import is_currency
from wafa.core.spec import Version as PublishedVersion
from wafa.core.spec import read_spec
from wafa.kit.ids import new_id
from wafa.kit.secrets import seal
from wafa.programs.continuity import find_breaks
from wafa.programs.models import ApiKey, Endpoint, Program, Staff, Store, Version
from wafa.programs.tokens import write_token

_CHOICES = {
    "locale": ("en", "ar", "fa"),
    "digits": ("latin", "arabic", "persian"),
    "calendar": ("gregorian", "hijri", "jalali"),
}
_ROLES = ("owner", "manager", "viewer")
SCOPES = ("read", "write", "manage")

# Also what an address of a store may say.
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_COLOUR = re.compile(r"#[0-9a-f]{6}")


class Invalid(ValueError):
    """A field that is not what was expected."""

    def __init__(self, field: str, expected: str) -> None:
        super().__init__(f"{field}: expected {expected}")
        self.field = field
        self.expected = expected


class NotPublished(Exception):
    """A version was refused, or is not there to be published again or withdrawn."""


class BeginsTooEarly(NotPublished):
    """A version would begin in the past, and nobody said that this is meant."""


class NewApiKey(Struct, frozen=True):
    """A key just made. `token` is told now and never again."""

    id: UUID
    token: str

    def __repr__(self) -> str:
        return f"NewApiKey({self.id})"


def create_program(
    *,
    slug: str,
    name: str,
    currency: str,
    at: datetime,
    locale: str = "en",
    digits: str = "latin",
    calendar: str = "gregorian",
    time_zone: str = "UTC",
    colour: str = "#0f766e",
) -> UUID:
    """Make a program without versions: it decides nothing until one is published. Raises Invalid."""
    _expect_match("slug", slug, _SLUG, "1 to 64 letters a-z, digits and hyphens")
    _expect_currency(currency)
    _expect_match("colour", colour, _COLOUR, "a colour such as '#0f766e'")
    for field, value in (("locale", locale), ("digits", digits), ("calendar", calendar)):
        _expect_choice(field, value, _CHOICES[field])
    if not name.strip():
        raise Invalid("name", "a text")
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Invalid("time_zone", "an IANA time zone such as 'Asia/Riyadh'") from None
    if Program.objects.filter(slug=slug).exists():
        raise Invalid("slug", "one that no other program has")
    program = Program.objects.create(
        slug=slug,
        name=name.strip(),
        currency=currency,
        locale=locale,
        digits=digits,
        calendar=calendar,
        time_zone=time_zone,
        colour=colour,
        created_at=at,
    )
    return program.id


def add_staff(program_id: UUID, *, user_id: int, role: str, at: datetime) -> None:
    """Let a user into the program's console, or change the role of one who is in. Raises Invalid."""
    _expect_choice("role", role, _ROLES)
    Staff.objects.update_or_create(
        program_id=program_id, user_id=user_id, defaults={"role": role}, create_defaults={"role": role, "added_at": at}
    )


def publish_version(
    program_id: UUID,
    document: object,
    *,
    published_by: str,
    at: datetime,
    effective_from: datetime | None = None,
    backdated: bool = False,
) -> PublishedVersion:
    """Freeze a document as the program's next version, which decides from `effective_from` (UTC; now, unless given).

    Raises core's Fault for a document that is no program, BeginsTooEarly where it would begin in the past (only the
    first version may, or one that is `backdated` on purpose), and NotPublished where what members have would be worth
    something else than was granted.
    """
    spec = read_spec(document)
    begins = effective_from or at
    with transaction.atomic():
        # Two who publish at once take turns, so that numbers have no gap and no twin.
        program = Program.objects.select_for_update(no_key=True).get(id=program_id)
        if breaks := find_breaks(program, spec):
            raise NotPublished("; ".join(breaks))
        last = Version.objects.filter(program_id=program_id).aggregate(last=Max("number"))["last"] or 0
        if begins < at and last and not backdated:
            raise BeginsTooEarly(f"effective_from: expected {at.isoformat()} or later, got {begins.isoformat()}")
        version = Version.objects.create(
            program_id=program_id,
            number=last + 1,
            effective_from=begins,
            spec=spec.model_dump(mode="json", exclude_defaults=False),
            published_at=at,
            published_by=published_by,
        )
    return PublishedVersion(number=version.number, effective_from=begins, spec=spec)


def roll_back(
    program_id: UUID, *, to: int, published_by: str, at: datetime, effective_from: datetime | None = None
) -> PublishedVersion:
    """Publish again, as the next version, what version `to` said. Raises NotPublished as `publish_version` does."""
    old = Version.objects.filter(program_id=program_id, number=to).first()
    if old is None:
        raise NotPublished(f"version: expected one that was published, got {to}")
    return publish_version(program_id, old.spec, published_by=published_by, at=at, effective_from=effective_from)


def withdraw_version(program_id: UUID, number: int, *, withdrawn_by: str, at: datetime) -> bool:
    """Let a version that does not decide yet never decide. False where it was withdrawn before.

    Raises NotPublished for one that decides or has decided already, or was never published.
    """
    published = Version.objects.filter(program_id=program_id, number=number)
    if published.filter(withdrawn_at__isnull=False).exists():
        return False
    withdrawn = published.filter(effective_from__gt=at).update(withdrawn_at=at, withdrawn_by=withdrawn_by)
    if not withdrawn:
        raise NotPublished(f"version: expected one that begins after {at.isoformat()}, got {number}")
    return True


def connect_store(
    program_id: UUID,
    *,
    code: str,
    connector: str,
    name: str,
    currency: str,
    secret: str,
    at: datetime,
    exponent: int | None = None,
    country: str = "",
    url: str = "",
    credentials: Mapping[str, str] | None = None,
) -> UUID:
    """Connect a shop under a code that is its own in the program. Secret and credentials are sealed. Raises Invalid."""
    _expect_match("code", code, _SLUG, "1 to 64 letters a-z, digits and hyphens")
    _expect_currency(currency)
    if exponent is not None and exponent not in range(5):
        raise Invalid("exponent", "a number of decimals from 0 to 4")
    if not secret:
        raise Invalid("secret", "the secret that signs this store's deliveries")
    if Store.objects.filter(program_id=program_id, code=code).exists():
        raise Invalid("code", "one that no other store of the program has")
    store = Store.objects.create(
        program_id=program_id,
        code=code,
        connector=connector,
        name=name,
        currency=currency,
        exponent=exponent,
        country=country,
        url=url,
        secret_encrypted=seal(secret),
        credentials_encrypted=seal(json.dumps(dict(credentials or {}))),
        created_at=at,
    )
    return store.id


def change_credentials(program_id: UUID, code: str, credentials: Mapping[str, str]) -> None:
    """Open a store's API with other credentials from now on. Raises Invalid."""
    sealed = seal(json.dumps(dict(credentials)))
    if not Store.objects.filter(program_id=program_id, code=code).update(credentials_encrypted=sealed):
        raise Invalid("code", "one of the program's stores")


def mark_polled(program_id: UUID, store_id: UUID, *, until: datetime) -> None:
    """Remember how far the reconciling poll has read."""
    Store.objects.filter(program_id=program_id, id=store_id).update(polled_until=until)


def create_api_key(
    program_id: UUID, *, name: str, scopes: Collection[str] = (), partner: str = "", at: datetime
) -> NewApiKey:
    """Make a key to the API, with scopes or for a partner. Only a hash of its secret is kept. Raises Invalid."""
    assert not (scopes and partner), "what a partner may do is not told by scopes"
    for scope in scopes:
        _expect_choice("scopes", scope, SCOPES)
    if not name.strip():
        raise Invalid("name", "a text")
    key_id, secret = new_id(), token_urlsafe(32)
    ApiKey.objects.create(
        program_id=program_id,
        id=key_id,
        name=name.strip(),
        secret_sha256=sha256(secret.encode()).digest(),
        scopes=sorted(set(scopes)),
        partner=partner,
        created_at=at,
    )
    return NewApiKey(id=key_id, token=write_token(program_id, key_id, secret))


def revoke_api_key(program_id: UUID, key_id: UUID, *, at: datetime) -> bool:
    """End a key. False where it is not in force; one that was revoked before keeps its first date."""
    revoked = ApiKey.objects.filter(program_id=program_id, id=key_id, revoked_at=None).update(revoked_at=at)
    return revoked == 1


def add_endpoint(program_id: UUID, *, url: str, secret: str, at: datetime) -> UUID:
    """Send the program's own webhooks to `url`, signed with `secret`. Raises Invalid."""
    if not url.startswith(("https://", "http://")):
        raise Invalid("url", "an address that begins with https://")
    if not secret:
        raise Invalid("secret", "the secret that signs what is sent")
    endpoint = Endpoint.objects.create(program_id=program_id, url=url, secret_encrypted=seal(secret), created_at=at)
    return endpoint.id


def remove_endpoint(program_id: UUID, endpoint_id: UUID) -> bool:
    """Send nothing more there, nor what was announced and waits. False where there is no such endpoint."""
    ended = Endpoint.objects.filter(program_id=program_id, id=endpoint_id, is_active=True).update(is_active=False)
    return ended == 1


def _expect_currency(code: str) -> None:
    if not is_currency(code):
        raise Invalid("currency", "an ISO 4217 code such as 'SAR'")


def _expect_match(field: str, value: str, pattern: re.Pattern[str], expected: str) -> None:
    if not pattern.fullmatch(value):
        raise Invalid(field, expected)


def _expect_choice(field: str, value: str, choices: Collection[str]) -> None:
    if value not in choices:
        raise Invalid(field, f"one of {', '.join(choices)}")
