"""The digest of a journal's content: tells a journal that was told twice from another one with the same key.

It is made of plain values in a fixed order and of JSON with sorted keys, so that it can be recomputed from the tables
alone, whatever fields later versions of the words add.
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

import msgspec
from msgspec import Struct

_SIZE = 16

_encoder = msgspec.json.Encoder()
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


class Content(Struct, frozen=True, array_like=True):
    """What a journal says, whoever booked it and when. Lots come in the order of their ids."""

    kind: str
    key: str
    member_id: UUID
    version: int | None
    rule: str | None
    cause_id: UUID | None
    occurred_at: datetime
    why: msgspec.Raw
    grants: msgspec.Raw | None
    postings: Sequence[PostingContent]
    lots: Sequence[LotContent]


def sorted_json(content: object) -> msgspec.Raw:
    """JSON with sorted keys: the same bytes again after a way through `jsonb`."""
    return msgspec.Raw(_sorting_encoder.encode(content))


def digest_of(content: Content) -> bytes:
    """BLAKE2b (RFC 7693) of the content, 16 bytes."""
    return blake2b(_encoder.encode(content), digest_size=_SIZE).digest()
