"""What a partner's key opens: its own stores, members, rewards and account, and nothing else of the program."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.partners import OASIS, partner_document, partner_world
from tests.served import served
from tests.world import BEGAN, World, order
from wafa.api.addresses import HOT_ADDRESSES
from wafa.flows.link_card import hand_card
from wafa.kit.transactions import program_transaction
from wafa.programs.operations import create_api_key
from wafa.relay.models import DeliveryBody

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime.now(UTC)
HUDA, OMAR = "h@example.com", "o@example.com"


class Partners:
    """Huda buys at the oasis and in the program's own store, Omar in that alone; each partner has a key."""

    def __init__(self, origin: str) -> None:
        self.world = partner_world()
        self.origin = origin
        self.world.take(order("O1", 20_000, customer="h"), store="oasis", at=NOW)
        self.world.take(order("M1", 30_000, customer="h"), at=NOW)
        self.world.take(order("M2", 40_000, customer="o"), at=NOW)
        with program_transaction(self.world.program_id):
            made = {
                name: create_api_key(self.world.program_id, name=name, partner=name, at=NOW).token
                for name in ("oasis", "pearl")
            }
            ours = create_api_key(self.world.program_id, name="ours", scopes=["read", "write"], at=NOW)
        self.tokens = made | {"ours": ours.token}

    def call(
        self, path: str, body: Any = None, *, by: str = "oasis", key: str = "", method: str = "POST"
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[by]}", **({"Idempotency-Key": key} if key else {})}
        address = f"{self.origin}{path if path.startswith('/') else f'/api/v1/partner/{path}'}"
        told = (body or {}) if method == "POST" else None
        return httpx.request(method, address, headers=headers, timeout=60, json=told)

    def redeem(self, reward: str, *, key: str, by: str = "oasis", **body: Any) -> httpx.Response:
        return self.call("members/redemptions", {"email": HUDA, "reward": reward, **body}, by=by, key=key)


@pytest.fixture
def partners() -> Iterator[Partners]:
    with served() as origin:
        yield Partners(origin)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_it_sees_what_members_of_its_stores_have_and_no_more(partners: Partners) -> None:
    told = partners.call("members/look-up", {"email": HUDA.upper()})
    assert told.json() == {"balances": {"points": {"available": 500, "pending": 0}}}
    assert partners.call("members/look-up", {"email": HUDA}, by="oasis").status_code == 200
    strangers: list[dict[str, str]] = [
        {"email": OMAR},
        {"email": "nobody@example.com"},
        {"phone": "+966500000002"},
        {"store": "main", "customer": "o"},
        {"store": "main", "customer": "h"},
        {},
    ]
    for stranger in strangers:
        assert code_of(partners.call("members/look-up", stranger)) == (404, "no_such_member"), stranger
    assert code_of(partners.call("members/look-up", {"email": HUDA}, by="pearl")) == (404, "no_such_member")


def test_a_member_is_known_by_the_card_they_show(partners: Partners) -> None:
    world = partners.world
    for customer, card in (("h", "4001 77"), ("o", "400188")):
        member_id = world.member(customer)
        with program_transaction(world.program_id):
            assert hand_card(world.program_id, member_id, card, at=NOW)
    assert partners.call("members/look-up", {"card": "400 177"}).json() == {
        "balances": {"points": {"available": 500, "pending": 0}}
    }
    assert partners.redeem("book", key="sale-1", email=None, card="400177").status_code == 200
    for card in ("400188", "999"):
        assert code_of(partners.call("members/look-up", {"card": card})) == (404, "no_such_member")


def test_units_that_it_does_not_settle_are_none_of_its_business(partners: Partners) -> None:
    beans = {"code": "beans", "name": {"en": {"other": "beans"}}}
    document = partner_document()
    document["units"].append(beans)
    document["earning"][1]["unit"] = "beans"
    document["partners"][0] = OASIS | {"rates": [{"unit": "beans", "minor": 1}]}
    document["rewards"] = []
    partners.world.publish(document, at=NOW - timedelta(seconds=1))
    partners.world.take(order("O2", 7_000, customer="h", day=400), store="oasis", at=NOW)
    assert list(partners.call("members/look-up", {"email": HUDA}).json()["balances"]) <= ["beans"]


def test_an_order_of_its_store_earns_by_its_own_rule(partners: Partners) -> None:
    line = {"id": "1", "product_id": "novel", "quantity": 1, "subtotal_minor": 4_000, "total_minor": 4_000}
    told = {
        "id": "9",
        "currency": "SAR",
        "placed_at": NOW.isoformat(),
        "updated_at": NOW.isoformat(),
        "paid_at": NOW.isoformat(),
        "customer": {"id": "s", "email": "sami@example.com"},
        "lines": [line],
        "total_minor": 4_000,
    }
    message = {"type": "order", "order": told}
    answer = partners.call("stores/oasis/deliveries", message)
    assert answer.status_code == 200, answer.text
    (fact,) = answer.json()["facts"]
    assert (fact["state"], fact["earned"]) == (
        "taken",
        [{"rule": "books", "unit": "points", "units": 40, "matures_at": None}],
    )
    assert partners.call("stores/oasis/deliveries", message).json()["facts"][0]["earned"] == []
    assert partners.call("members/look-up", {"store": "oasis", "customer": "s"}).status_code == 200
    with program_transaction(partners.world.program_id):
        kept = DeliveryBody.objects.filter(program_id=partners.world.program_id)
        assert [set(one.headers) for one in kept] == [{"content-type"}]


@pytest.mark.parametrize("store", ["main", "pearl-web", "nowhere"])
def test_another_store_is_not_its_own(partners: Partners, store: str) -> None:
    assert code_of(partners.call(f"stores/{store}/deliveries", {})) == (404, "no_such_store")


def test_what_it_delivers_wrongly_is_named(partners: Partners) -> None:
    refused = partners.call("stores/oasis/deliveries", {"type": "order", "order": {"id": "9"}})
    assert code_of(refused) == (422, "cannot_understand")


def test_its_own_rewards_are_had_held_and_given_back(partners: Partners) -> None:
    offers = partners.call("members/rewards", {"email": HUDA}).json()["rewards"]
    assert [offer["reward"] for offer in offers] == ["book"]

    held = partners.redeem("book", key="K1", hold=True).json()["redemption"]
    assert (held["state"], "member" in held) == ("held", False)
    assert partners.redeem("book", key="K1", hold=True).json()["redemption"]["id"] == held["id"]
    issued = partners.call(f"redemptions/{held['id']}/capture").json()["redemption"]
    assert issued["state"] == "issued"
    assert partners.call(f"redemptions/{held['id']}", method="GET").json()["redemption"]["code"] == issued["code"]
    used = partners.call("vouchers/use", {"code": issued["code"], "order": "12"}).json()["redemption"]
    assert used["state"] == "used"

    other = partners.redeem("book", key="K2").json()["redemption"]
    assert partners.call(f"redemptions/{other['id']}/cancel").json()["redemption"]["state"] == "cancelled"
    assert partners.world.balance(HUDA).available == 420
    assert partners.world.differences() == []


def test_what_is_another_s_is_not_there(partners: Partners) -> None:
    before = partners.world.balance(HUDA)
    for reward in ("coffee", "film", "nothing"):
        assert code_of(partners.redeem(reward, key=f"K-{reward}")) == (404, "no_such_reward")
    assert code_of(partners.redeem("film", key="K3", by="pearl")) == (404, "no_such_member")
    assert partners.world.balance(HUDA) == before

    coffee = partners.world.ask(HUDA, "coffee", key="C1", at=NOW)
    redemption = coffee.redemption  # type: ignore[union-attr]
    paths = [f"redemptions/{redemption.id}/{change}" for change in ("capture", "release", "cancel")]
    for path in paths:
        assert code_of(partners.call(path)) == (404, "no_such_redemption")
    assert code_of(partners.call(f"redemptions/{redemption.id}", method="GET")) == (404, "no_such_redemption")
    code = partners.world.code(redemption.id)
    assert code_of(partners.call("vouchers/use", {"code": code, "order": "1"})) == (404, "no_such_voucher")
    assert partners.world.redemption(redemption.id).state == "issued"


def test_codes_of_others_count_as_guesses(partners: Partners) -> None:
    coffee = partners.world.ask(HUDA, "coffee", key="C1", at=NOW)
    code = partners.world.code(coffee.redemption.id)  # type: ignore[union-attr]
    answers = [code_of(partners.call("vouchers/use", {"code": code, "order": "1"}))[0] for _ in range(21)]
    assert answers == [404] * 20 + [429]


def movement(kind: str, units: int, amount_minor: int, *, minor: int) -> dict[str, Any]:
    rate = {"minor": minor, "units": 100}
    return {"kind": kind, "unit": "points", "units": units, "amount_minor": amount_minor, "rate": rate}


def test_its_account_and_nobody_else_s(partners: Partners) -> None:
    partners.redeem("book", key="K1")
    told = partners.call("statement", method="GET").json()
    (account,) = told["accounts"]
    assert told["is_final"] is False
    assert account == {
        "currency": "SAR",
        "opening_minor": 0,
        "movements": [
            {
                "kind": "granted",
                "unit": "points",
                "units": 200,
                "amount_minor": 250,
                "rate": {"minor": 125, "units": 100},
            },
            {
                "kind": "redeemed",
                "unit": "points",
                "units": 80,
                "amount_minor": -80,
                "rate": {"minor": 100, "units": 100},
            },
        ],
        "closing_minor": 170,
    }
    assert partners.call("statement", method="GET", by="pearl").json()["accounts"] == []
    past = partners.call("statement?day=2026-01-15", method="GET").json()
    assert (past["is_final"], past["begins"], past["accounts"]) == (True, "2025-12-31T21:00:00Z", [])
    assert code_of(partners.call("statement?day=soon", method="GET")) == (422, "cannot_understand")


def test_no_other_address_opens_to_it(partners: Partners) -> None:
    """Every address of the API but those of partners, with whatever would lead to something if it could."""
    redemption = partners.world.ask(HUDA, "coffee", key="C1", at=NOW).redemption  # type: ignore[union-attr]
    told = {"store": "main", "customer": "h", "order": "M1", "redemption": str(redemption.id)}
    told["member"] = str(partners.world.member(HUDA))
    tried = 0
    for method, pattern, _ in HOT_ADDRESSES:
        path = re.sub(r"\(\?P<(\w+)>([^)]*)\)", lambda part: told.get(part[1]) or _any(part[2]), pattern.pattern)
        if not path.startswith("/api/") or path.startswith("/api/v1/partner/"):
            continue
        answer = partners.call(path, method=method, key="K")
        assert code_of(answer) == (403, "not_allowed"), path
        tried += 1
    assert tried >= 8
    assert partners.world.redemption(redemption.id).state == "issued"


def _any(pattern: str) -> str:
    """Something that fits a part of an address: an id, a number, the first of some words, or a name."""
    if pattern.startswith("[0-9a-f-]"):
        return str(UUID(int=1))
    if pattern.startswith("[0-9]"):
        return "1"
    return pattern.partition("|")[0] if re.fullmatch(r"[a-z|-]+", pattern) else "x"


def test_the_addresses_of_partners_open_to_no_other_key(partners: Partners) -> None:
    calls = [
        partners.call("members/look-up", {"email": HUDA}, by="ours"),
        partners.redeem("book", key="K", by="ours"),
        partners.call("statement", method="GET", by="ours"),
        partners.call("stores/oasis/deliveries", {}, by="ours"),
    ]
    assert [code_of(answer) for answer in calls] == [(403, "not_allowed")] * 4


def test_a_partner_who_left_has_no_way_in(partners: Partners) -> None:
    document = partner_document()
    document["partners"] = [document["partners"][1]]
    document["earning"].pop(1)
    document["rewards"].pop(1)
    partners.world.publish(document, at=NOW - timedelta(seconds=1))
    assert code_of(partners.call("members/look-up", {"email": HUDA})) == (403, "not_allowed")


def test_keys_of_other_programs_open_nothing_here(partners: Partners) -> None:
    other = World(partner_document(), began=BEGAN)
    with program_transaction(other.program_id):
        partners.tokens["foreign"] = create_api_key(other.program_id, name="x", partner="oasis", at=NOW).token
    assert code_of(partners.call("members/look-up", {"email": HUDA}, by="foreign")) == (404, "no_such_member")
