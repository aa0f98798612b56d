"""Links by which a member's own page opens without a password: signed, for one member of one program, for some days.

A link may be opened more than once, because mail programs open links before people do.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.core import signing
from django.urls import reverse
from msgspec import Struct

_SALT = "wafa.members.link"
DAYS_VALID = timedelta(days=7)


class LinkBroken(Exception):
    """Not a link of ours: it was cut short or changed on its way."""


class LinkExpired(Exception):
    """A link of ours whose days are over."""


class NamedMember(Struct, frozen=True):
    """Whose page a link opens."""

    program_id: UUID
    member_id: UUID


def make_member_link(
    slug: str, program_id: UUID, member_id: UUID, *, at: datetime, valid_for: timedelta = DAYS_VALID
) -> str:
    """The path of a link to the page of a member of the program with this slug; put the product's origin before it."""
    until = int((at + valid_for).timestamp())
    token = signing.Signer(salt=_SALT).sign_object([program_id.hex, member_id.hex, until])
    return reverse("storefront:enter", args=[slug, token])


def read_member_token(token: str, *, at: datetime) -> NamedMember:
    """The member whom a link's token names. Raises LinkBroken and LinkExpired."""
    try:
        program, member, until = signing.Signer(salt=_SALT).unsign_object(token)
    except signing.BadSignature:
        raise LinkBroken from None
    if datetime.fromtimestamp(until, UTC) <= at:
        raise LinkExpired
    return NamedMember(UUID(program), UUID(member))
