"""The digest of a journal's content: tells a journal that was told twice from another one with the same key.

It is made of plain values in a fixed order (as MessagePack) and of JSON with sorted keys, so that it can be recomputed
from the tables alone, whatever fields later versions of the words add.
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import msgspec
from msgspec import Struct

_SIZE = 16

_encoder = msgspec.msgpack.Encoder(uuid_format="bytes")
_sorting_encoder = msgspec.json.Encoder(order="sorted")


class PostingContent(Struct, frozen=True, gc=False, array_like=True):
    unit: str
    from_account: int
    to_account: int
    amount: int
    lot_id: UUID | None


class LotContent(Struct, frozen=True, gc=False, array_like=True):
    """What a lot is opened with, and what never changes."""

    id: UUID
    unit: str
    rule: str
    version: int
    cause_id: UUID | None
    granted: int
    occurred_at: datetime
    matures_at: datetime | None
    expires_at: datetime | None
    claimable_until: datetime | None


class Content(Struct, frozen=True, array_like=True, gc=False):
    """What a journal says, whoever booked it and when. Lots come in the order of their ids."""

    kind: str
    key: str
    member_id: UUID
    version: int | None
    rule: str | None
    cause_id: UUID | None
    occurred_at: datetime
    why: bytes
    grants: bytes | None
    postings: Sequence[PostingContent]
    lots: Sequence[LotContent]


def sorted_json(content: object) -> bytes:
    """JSON with sorted keys: the same bytes again after a way through `jsonb`."""
    return _sorting_encoder.encode(content)


def digest_of(content: Content) -> bytes:
    """The first 16 bytes of SHA-256 (FIPS 180-4) over the content."""
    return sha256(_encoder.encode(content)).digest()[:_SIZE]
