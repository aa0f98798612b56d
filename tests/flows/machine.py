"""What the machine of all operations lives in: a program that has everything, its people, and the laws of its books."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from tests.flows.laws import Books
from tests.flows.laws_of_giving import Given
from tests.partners import OASIS, reward
from tests.partners import rule as earning_rule
from tests.world import World, spec_document, unit
from wafa.core.snapshots import CustomerRef, CustomerSnapshot, OrderSnapshot
from wafa.flows.take_facts import Telling
from wafa.kit.transactions import program_transaction
from wafa.members.models import Identity
from wafa.referrals.operations import make_code

NAMES = ("ana", "bob", "cem")
GUEST = CustomerRef(email="guest@example.com")
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)

CREDIT = {
    "code": "credit",
    "kind": "credit",
    "name": {"en": {"other": "credit"}},
    "expiry": {"kind": "after_days", "days": 90},
}
POINTS = unit(maturity={"kind": "after_days", "days": 14}, expiry={"kind": "after_days", "days": 60}, transfer={})
CAMPAIGNS = [
    {
        "id": "hello",
        "name": {"en": "Hello"},
        "gives": {"kind": "units", "unit": "points", "units": 25},
        "codes": {"kind": "shared", "code": "HELLO"},
        "limits": {"member": 2, "campaign": 4},
        "comes_back": "when_returned",
    },
    {
        "id": "off",
        "name": {"en": "Off"},
        "gives": {"kind": "amount_off", "minor": {"SAR": 400}},
        "codes": {"kind": "shared", "code": "OFF"},
        "limits": {"budget_minor": 1_000},
    },
    {
        "id": "own",
        "name": {"en": "Own"},
        "gives": {"kind": "units", "unit": "points", "units": 35},
        "codes": {"kind": "unique"},
    },
]
REFERRAL = {
    "friend": {"gives": {"kind": "units", "unit": "points", "units": 15}},
    "advocate": {
        "each_friend": {"kind": "units", "unit": "points", "units": 45},
        "milestones": [{"friends": 2, "gives": {"kind": "reward", "reward": "coffee"}}],
    },
    "counts": {"minimum_minor": 1_000},
    "signals": {"block": [], "review": ["too_fast"], "pace": {"friends": 2}},
}
DOCUMENT = spec_document(
    units=[POINTS, CREDIT],
    partners=[OASIS | {"caps": [{"unit": "points", "units": 2_000}]}],
    earning=[
        earning_rule("own_orders"),
        earning_rule("cashback", unit="credit", award={"kind": "percent", "basis_points": 500}),
        earning_rule("books", partner="oasis"),
        earning_rule(
            "reviews", trigger="review", award={"kind": "fixed", "units": 30}, limits=[{"per": "member", "times": 3}]
        ),
    ],
    rewards=[
        reward("coffee", 50, valid_days=20, when_unused="give_back"),
        reward("book", 80, partner="oasis"),
        reward("cup", 70, stock=2),
        reward("money", 100, gives={"kind": "store_credit", "unit": "credit", "units": 400}),
    ],
    tiers={
        "ladder": [
            {"id": "silver", "name": {"en": "Silver"}, "entry": {"orders": 2}, "entry_reward": {"reward": "cup"}},
            {"id": "gold", "name": {"en": "Gold"}, "entry": {"orders": 4}, "entry_reward": {"reward": "coffee"}},
        ]
    },
    conversions=[
        {"id": "to_credit", "name": {"en": "Credit"}, "unit": "points", "units": 40, "into": "credit", "gives": 150}
    ],
    coupons={"campaigns": CAMPAIGNS},
    referral=REFERRAL,
    goodwill=[{"role": "manager", "unit": "points", "units": 150}],
)


class Machine(RuleBasedStateMachine):
    """A program with two stores, three members and a guest, the moment it is `now`, and what was told of each order.

    `ids` are the members as they came: whoever is merged is called by another's id from then on. `friends_codes` are
    what each of them tells friends.
    """

    @initialize()
    def begin(self) -> None:
        self.world = World(DOCUMENT, began=BEGAN)
        self.world.connect("oasis", name="Oasis Books", at=BEGAN)
        self.now = BEGAN + timedelta(days=1)
        self.snapshots: dict[str, tuple[str, OrderSnapshot]] = {}
        self.number = 0
        for name in NAMES:
            person = CustomerRef(external_id=name, email=f"{name}@example.com")
            self.world.take(CustomerSnapshot(customer=person, created_at=self.now, as_of=self.now), at=self.now)
        self.ids = {name: self.world.member(name) for name in NAMES}
        self.friends_codes = {name: self._code_of(member_id) for name, member_id in self.ids.items()}

    @invariant()
    def the_laws_hold(self) -> None:
        """As soon as a worker has settled what is due."""
        if not hasattr(self, "world"):
            return
        self.world.settle(at=self.now)
        books = Books(self.world)
        books.assert_laws()
        rates: dict[str, Any] = {"worth": lambda units: _worth(units, 125), "back": lambda units: _worth(units, 100)}
        assert books.owed("oasis") == books.due("oasis", rule="books", reward="book", **rates)
        Given(self.world).assert_laws()
        assert self.world.differences() == []

    @property
    def state(self) -> tuple[Any, ...]:
        """What has to stay as it is where nothing may happen."""
        return (Books(self.world).state, Given(self.world).state)

    def twice(self, do: Callable[[], object]) -> None:
        """The same again changes nothing."""
        do()
        after = self.state
        do()
        assert self.state == after

    def once(self, do: Callable[[], object], refused: type[Exception]) -> bool:
        """What may be refused, and then changes nothing; returns whether it was done."""
        before = self.state
        try:
            do()
        except refused:
            assert self.state == before, "a refusal changed something"
            return False
        return True

    def find(self, who: str) -> UUID | None:
        """Whoever came by this name; None for a guest of whom nobody has heard."""
        if who not in self.ids:
            with suppress(Identity.DoesNotExist):
                self.ids[who] = self.world.member(f"{who}@example.com")
        return self.ids.get(who)

    def tell(self, store: str, snapshot: OrderSnapshot) -> None:
        self.later()
        self.snapshots[snapshot.external_id] = (store, snapshot)
        self.take(snapshot, store=store)

    def take(self, fact: Telling, *, store: str = "main") -> None:
        """What a store says, and what a worker does then."""
        self.world.take(fact, store=store, at=self.now)
        self.world.settle(at=self.now)

    def later(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def next(self) -> int:
        self.number += 1
        return self.number

    def _code_of(self, member_id: UUID) -> str:
        with program_transaction(self.world.program_id):
            return make_code(self.world.program_id, member_id, at=self.now)


def _worth(units: int, minor: int) -> int:
    """So many minor units for a hundred, half of one up."""
    return (2 * units * minor + 100) // 200
