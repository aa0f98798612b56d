"""Partners: whose rules are about which store, what is owed for what, and what a document may not say of them."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.memory import MemoryDriver
from tests.core.store import Store
from tests.core.tables import FIRST_DAY, MEMBER
from tests.partners import OASIS, PEARL, partner_document, reward, rule
from wafa.core.appraisal.overlap import may_overlap
from wafa.core.lots import NotEnough
from wafa.core.money import Rounding, divide
from wafa.core.partners import earns_at, is_used_at
from wafa.core.spec import Fault, read_spec


@pytest.mark.parametrize(
    ("store", "scope", "earns"),
    [
        ("main", {}, ["own"]),
        ("", {}, ["own"]),
        ("oasis", {}, ["books"]),
        ("pearl-web", {}, ["films"]),
        ("pearl-hall", {}, ["films"]),
        ("oasis", {"stores": ["main", "oasis"]}, ["own", "books"]),
        ("pearl-web", {"stores": ["main", "oasis"]}, ["films"]),
    ],
)
def test_a_rule_is_about_the_stores_of_who_pays_for_it(store: str, scope: dict[str, Any], earns: list[str]) -> None:
    document = partner_document()
    document["earning"][0]["scope"] = scope
    spec = read_spec(document)
    assert [rule.id for rule in spec.earning if earns_at(spec, rule, store)] == earns


@pytest.mark.parametrize(
    ("store", "used"),
    [("main", ["coffee"]), ("oasis", ["book"]), ("pearl-hall", ["film"])],
)
def test_a_reward_is_used_where_it_is_given(store: str, used: list[str]) -> None:
    spec = read_spec(partner_document())
    assert [reward.id for reward in spec.rewards if is_used_at(spec, reward, store)] == used


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"partners": [OASIS, OASIS]}, "^partners: each id may be used once"),
        (
            {"partners": [OASIS | {"id": "program"}]},
            "^partners: each id may be used once, and 'program' is the program",
        ),
        ({"partners": [OASIS, PEARL | {"stores": ["oasis"]}]}, "^partners.1.stores.0: each store may be one partner's"),
        (
            {"partners": [OASIS | {"stores": ["a", "a"]}, PEARL]},
            "^partners.0.stores.1: each store may be one partner's",
        ),
        (
            {"partners": [OASIS | {"rates": [{"unit": "beans", "minor": 1}]}, PEARL]},
            "^partners.0.rates.0.unit: 'beans' is none of the units: points",
        ),
        (
            {"partners": [OASIS | {"caps": [{"unit": "beans", "units": 1}]}, PEARL]},
            "^partners.0.caps.0.unit: 'beans' is none of the units: points",
        ),
        (
            {"partners": [OASIS | {"caps": [{"unit": "points", "units": 1}] * 2}, PEARL]},
            "^partners.0.caps.1.unit: expected one for each unit",
        ),
        ({"partners": [PEARL]}, "^earning.1.partner: 'oasis' is none of the partners: pearl"),
        (
            {"earning": [rule("books", partner="oasis", scope={"stores": ["main"]})]},
            "^earning.0.scope.stores.0: 'main' is none of the stores of oasis: oasis",
        ),
        (
            {"rewards": [reward("book", 1, partner="osis")]},
            "^rewards.0.partner: 'osis' is none of the partners: oasis, pearl; did you mean 'oasis'",
        ),
        (
            {
                "units": [
                    {"code": "points", "name": {"en": {"other": "points"}}},
                    {"code": "beans", "name": {"en": {"other": "beans"}}},
                ],
                "earning": [rule("books", partner="oasis", unit="beans")],
            },
            "^earning.0.partner: expected a partner with a rate for beans; oasis has points",
        ),
    ],
)
def test_what_cannot_be_settled_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(Fault, match=message):
        read_spec(partner_document(**changes))


def test_two_rules_of_different_payers_meet_only_where_one_names_the_store() -> None:
    document = partner_document()
    document["earning"].append(rule("both", scope={"stores": ["main", "oasis"]}))
    spec = read_spec(document)
    own, books, films, both = spec.earning
    pairs = [(own, books), (books, films), (both, films), (both, books), (both, own)]
    assert [may_overlap(*pair, spec, at=FIRST_DAY) for pair in pairs] == [False, False, False, True, True]


class Shopping:
    """A member who buys and uses rewards in all stores of a program with partners, in memory."""

    def __init__(self) -> None:
        spec = read_spec(partner_document())
        self.driver = MemoryDriver(spec)
        self.store = Store(currency="SAR", customer=MEMBER)
        self.at = FIRST_DAY
        self.names: list[str] = []
        self.exchanged: list[str] = []

    def step(self, move: str, number: int, amount: int, where: str) -> None:
        self.at += timedelta(minutes=1)
        if move == "pay":
            self.names.append(f"O{len(self.names)}")
            self._tell("pay", self.names[-1], amount, where)
        elif move in ("refund", "edit", "cancel", "uncancel", "unrefund") and self.names:
            self._tell(move, self.names[number % len(self.names)], amount, where)
        elif move == "redeem":
            name, units = [("coffee", 50), ("book", 80), ("film", 120)][number % 3]
            try:
                self.driver.redeem(key=f"R{self.at}", unit="points", units=units, at=self.at, reward=name)
            except NotEnough:
                return
            self.exchanged.append(f"R{self.at}")
        elif move == "give_back" and self.exchanged:
            self.driver.give_back(key=self.exchanged.pop(), cause="cancelled", at=self.at)

    def _tell(self, move: str, name: str, amount: int, where: str) -> None:
        money = f"{amount // 100}.{amount % 100:02}"
        store = self.store.where(name, {"store": where})
        self.driver.see(self.store.tell(move, name, money, {}, at=self.at), store=store)


_MOVES = ["pay", "pay", "refund", "edit", "cancel", "uncancel", "unrefund", "redeem", "redeem", "give_back"]
_STORES = ["falcon", "oasis", "pearl-web", "pearl-hall"]


@given(
    st.lists(
        st.tuples(st.sampled_from(_MOVES), st.integers(0, 9), st.integers(1, 40_000), st.sampled_from(_STORES)),
        max_size=25,
    )
)
def test_what_is_owed_is_what_was_granted_and_used(steps: list[tuple[str, int, int, str]]) -> None:
    """Whatever the path: a partner owes what its lots cost now, less what was used there and not given back."""
    shopping = Shopping()
    for step in steps:
        shopping.step(*step)

    driver = shopping.driver
    spec = driver.program.versions[0].spec
    used = [(shopping.driver.rewards[key], units) for key, units in _exchanged(shopping)]
    for partner, rule_id, reward_id in (("oasis", "books", "book"), ("pearl", "films", "film")):
        rate = spec.partner_by_id[partner].rate("points")
        lots = [lot for lot in driver.standing.lots.values() if lot.rule == rule_id]
        granted = sum(
            divide((lot.net_granted - lot.clawed_back) * rate.minor, rate.units, Rounding.HALF_UP) for lot in lots
        )
        theirs = sum(
            divide(units * rate.back_minor, rate.units, Rounding.HALF_UP) for name, units in used if name == reward_id
        )
        assert driver.owed(partner) == granted - theirs


def _exchanged(shopping: Shopping) -> list[tuple[str, int]]:
    units = {journal.key: sum(p.amount for p in journal.postings) for journal in shopping.driver.journals}
    return [(key, units[f"redemption:{key}"]) for key in shopping.exchanged]
