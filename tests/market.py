"""A program with campaigns, and the flows about coupons on it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tests.world import BEGAN, World, order, spec_document
from wafa.core.coupons import Verdict
from wafa.core.qualify import Cart
from wafa.core.snapshots import CustomerRef
from wafa.core.spec import UniqueCodes
from wafa.coupons.codes import generate_codes
from wafa.coupons.counts import TAKEN, budget_of, uses_of
from wafa.coupons.models import Tally, Use
from wafa.coupons.queries import list_code_rows
from wafa.coupons.uses import KeptUse, find_uses
from wafa.flows.present_coupons import Basket
from wafa.flows.redeem_coupons import Answer, Checkout, NotUsed, Used, redeem_coupons
from wafa.flows.roll_back_coupons import roll_back_coupons
from wafa.flows.validate_coupons import validate_coupons
from wafa.kit.transactions import program_transaction

NOW = BEGAN + timedelta(days=30)
NOURA = CustomerRef(external_id="c1", email="c1@example.com")


def campaign(id_: str = "eid", **changes: Any) -> dict[str, Any]:
    """5.00 riyals off by a code that all share: the campaign's id in capitals."""
    return {
        "id": id_,
        "name": {"en": id_},
        "gives": {"kind": "amount_off", "minor": {"SAR": 500}},
        "codes": {"kind": "shared", "code": id_.upper()},
        **changes,
    }


UNIQUE = {"kind": "unique", "prefix": "EID"}


class Market(World):
    """Customers c1, c2 and so on, and coupons."""

    def __init__(self, *campaigns: dict[str, Any], customers: int = 1, **document: Any) -> None:
        super().__init__(spec_document(coupons={"campaigns": list(campaigns)}, **document))
        self.take(*(order(f"O{n}", 100_000, customer=f"c{n}") for n in range(1, customers + 1)), at=NOW)

    def codes(self, campaign: str = "eid", count: int = 1) -> list[str]:
        """New unique codes of a campaign."""
        with program_transaction(self.program_id):
            assert generate_codes(self.program_id, campaign, UniqueCodes.model_validate(UNIQUE), count, at=NOW) == count
            rows = list_code_rows(self.program_id, campaign, after=UUID(int=0), limit=count)
            return [row.code for row in rows]

    def validate(self, *codes: str, at: datetime = NOW, **told: Any) -> tuple[Verdict, ...]:
        with program_transaction(self.program_id):
            return validate_coupons(self.program_id, [basket(*codes, **told)], at=at)[0]

    def use_coupons(self, *codes: str, on: str = "B1", at: datetime = NOW, **told: Any) -> Answer:
        checkout = Checkout(used_on=f"main:{on}", basket=basket(*codes, **told))
        with program_transaction(self.program_id):
            return redeem_coupons(self.program_id, [checkout], at=at)[0]

    def roll_back(self, on: str = "B1", *, at: datetime = NOW) -> list[KeptUse]:
        with program_transaction(self.program_id):
            return roll_back_coupons(self.program_id, [f"main:{on}"], at=at)[f"main:{on}"]

    def uses(self, on: str = "B1") -> list[tuple[str, str, int]]:
        """What was used on an order: campaign, state and what it took off."""
        with program_transaction(self.program_id):
            found = find_uses(self.program_id, [f"main:{on}"]).get(f"main:{on}", [])
        return sorted((use.campaign, use.state, use.minor) for use in found)

    def counted(self, campaign: str = "eid") -> tuple[int, int, int, int]:
        """What is counted: uses, budget, uses of all shoppers, uses of all codes; and how many use rows there are."""
        with program_transaction(self.program_id):
            taken = TAKEN.taken(self.program_id, [uses_of(campaign), budget_of(campaign)])
            tallies = Tally.objects.filter(program_id=self.program_id, campaign=campaign)
            rows = Use.objects.filter(program_id=self.program_id, campaign=campaign).count()
            return (
                taken.get(uses_of(campaign), 0),
                taken.get(budget_of(campaign), 0),
                sum(tallies.values_list("used", flat=True)),
                rows,
            )


def basket(
    *codes: str,
    total_minor: int = 10_000,
    customer: CustomerRef | None = NOURA,
    automatic: tuple[str, ...] = (),
    asker: str = "",
    **changes: Any,
) -> Basket:
    on = Cart(order=order("", total_minor, **changes), store="main")
    return Basket(store="main", codes=codes, automatic=automatic, customer=customer, cart=on, asker=asker)


def reasons(verdicts: tuple[Verdict, ...] | Answer) -> list[str]:
    """The first thing in the way of each; empty where there is none."""
    told = verdicts.verdicts if isinstance(verdicts, NotUsed) else verdicts
    assert not isinstance(told, Used), told
    return [verdict.refusals[0].reason if verdict.refusals else "" for verdict in told]


def used(answer: Answer) -> tuple[KeptUse, ...]:
    assert isinstance(answer, Used), answer
    return answer.uses
