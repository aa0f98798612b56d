"""What members do beside ordering: they join, review, visit, share, bring things back."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from wafa.core.compare import OrderActivity
from wafa.core.ids import caused_id
from wafa.core.snapshots import CustomerRef


class MemberActivity(Struct, frozen=True, kw_only=True, omit_defaults=True, repr_omit_defaults=True):
    """Something that happened once, and is told with a `key` that no other of its kind has in its store.

    `kind` is one that the program knows (`core.spec.activities`), and so are its `properties`. `store` is a store's
    code, empty where the program found it by itself. Money is in minor units of `currency`, the program's where none
    is named; `exponent` and `rate` are as with orders. `occurred_at` is the store's time (UTC).
    """

    kind: str
    key: str
    occurred_at: datetime
    store: str = ""
    channel: str = "web"
    properties: Mapping[str, str | int | bool] = {}
    currency: str | None = None
    exponent: int | None = None
    rate: str | None = None

    @property
    def trigger(self) -> str:
        """The trigger of the rules that are about it."""
        return self.kind

    @property
    def judged_at(self) -> datetime:
        """When its rules have to be open, and who the member was."""
        return self.occurred_at

    @property
    def cause(self) -> str:
        """Names it among all that grants something."""
        return f"activity:{self.store}:{self.kind}:{self.key}"

    @property
    def cause_id(self) -> UUID:
        """Ours, for what it granted."""
        return caused_id(self.cause, at=self.occurred_at)

    @property
    def amount_minor(self) -> int:
        """The money it is about; 0 where there is none."""
        return int(self.properties.get("amount", 0))

    @property
    def quantity(self) -> int:
        """How many things it is about; 0 where nothing is counted."""
        return int(self.properties.get("quantity", 0))


class ActivityNotice(Struct, frozen=True, kw_only=True):
    """A store says that `customer` did something."""

    customer: CustomerRef
    activity: MemberActivity


Activity = OrderActivity | MemberActivity
"""Whatever may be decided about."""
