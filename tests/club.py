"""A program in which members bring friends: what tests of referrals begin with."""

from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from tests.world import BEGAN, World, order, spec_document
from wafa.core.referrals.record import Given, Referral
from wafa.core.snapshots import CustomerRef, CustomerSnapshot
from wafa.kit.transactions import program_transaction
from wafa.referrals.queries import list_steps, load_given
from wafa.rewards.redemptions import list_of_member

WELCOME = {
    "id": "welcome",
    "name": {"en": "10 off"},
    "gives": {"kind": "amount_off", "minor": {"SAR": 1000}},
    "cost": {"kind": "free"},
}
BAG = {
    "id": "bag",
    "name": {"en": "A bag of coffee"},
    "gives": {"kind": "free_product", "products": ["beans"]},
    "cost": {"kind": "fixed", "unit": "points", "units": 500},
    "stock": 1,
}
REFERRAL: dict[str, Any] = {
    "friend": {"gives": {"kind": "reward", "reward": "welcome"}},
    "advocate": {"each_friend": {"kind": "units", "unit": "points", "units": 200}},
    "counts": {"maturity": {"kind": "after_days", "days": 14}, "minimum_minor": 5_000},
}


class Club(World):
    """Members bring friends: 200 points for an order from 50.00 on that stays for 14 days. c1 is a member."""

    def __init__(self, *, referral: dict[str, Any] | None = None, **parts: Any) -> None:
        document = spec_document(earning=[], rewards=[WELCOME, BAG], referral=REFERRAL | (referral or {}), **parts)
        super().__init__(document)
        self.join("c1", day=0)

    def join(self, customer: str, *, day: int, **told: Any) -> None:
        at = on(day)
        ref = CustomerRef(external_id=customer, **({"email": f"{customer}@example.com"} | told))
        self.take(CustomerSnapshot(customer=ref, created_at=at, as_of=at), at=at)
        self.settle(at=at)

    def bring(self, friend: str, *, day: int, advocate: str = "c1@example.com") -> None:
        self.follow(advocate, email=f"{friend}@example.com", at=on(day))
        self.join(friend, day=day)

    def buy(
        self, customer: str, total_minor: int, *, day: int, name: str = "", email: str = "", phone: str | None = None,
        **changes: Any,
    ) -> None:  # fmt: skip
        """An order of a member with an account; it is told when the store last changed it."""
        whose = CustomerRef(external_id=customer, email=email or f"{customer}@example.com", phone=phone)
        told = replace(order(name or f"O-{customer}", total_minor, day=day, **changes), customer=whose)
        self.take(told, at=told.as_of)
        self.settle(at=told.as_of)

    def state(self, friend: str) -> str:
        found = self.referral(friend)
        return found.state if found else "none"

    def found(self, friend: str) -> Referral:
        found = self.referral(friend)
        assert found is not None
        return found

    def steps(self, friend: str) -> list[str]:
        id_ = self.found(friend).id
        with program_transaction(self.program_id):
            return [step.kind for step in list_steps(self.program_id, id_)]

    def given(self, friend: str) -> list[Given]:
        id_ = self.found(friend).id
        with program_transaction(self.program_id):
            return [one for one in load_given(self.program_id, [id_]).get(id_, ()) if one.side != "completed"]

    def vouchers(self, customer: str) -> list[tuple[str, str]]:
        member_id = self.member(customer)
        with program_transaction(self.program_id):
            had = list_of_member(self.program_id, member_id, limit=10)
        return [(one.reward, one.state) for one in had]


def on(day: int) -> datetime:
    return BEGAN + timedelta(days=day)
