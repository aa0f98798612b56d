"""What each flow sends to the database: as many statements for 500 as for one, and each of them names the program."""

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from msgspec.structs import replace

from tests.examples import EVERYDAY
from tests.world import BEGAN, World, order, spec_document, unit
from wafa.connectors.contract import Delivery, StoreFacts
from wafa.connectors.registry import get_connector
from wafa.core.activities import ActivityNotice, MemberActivity
from wafa.core.snapshots import Birthday, CustomerRef, CustomerSnapshot, OrderSnapshot, OrderStatus, Refund
from wafa.flows.capture_holds import capture_holds
from wafa.flows.celebrate_day import celebrate_day
from wafa.flows.drain_inbox import Taken, drain_inbox, take_deliveries_now
from wafa.flows.expire_idle import NOBODY, expire_idle_units
from wafa.flows.expire_lots import expire_lots
from wafa.flows.mature_lots import mature_lots
from wafa.flows.redeem_rewards import Ask, Had, redeem_rewards
from wafa.flows.settle_referrals import settle_due_referrals
from wafa.flows.take_facts import StoreFact, take_facts
from wafa.flows.warn_of_expiry import list_warnings, warn_of_expiry
from wafa.kit.transactions import program_transaction
from wafa.members.models import Identity
from wafa.programs.operations import add_endpoint
from wafa.programs.queries import get_program_rules
from wafa.referrals.operations import NewClaim, put_claims
from wafa.referrals.queries import who_of
from wafa.relay.operations import NewDelivery, keep_deliveries
from wafa.rewards.models import Voucher

pytestmark = pytest.mark.django_db(transaction=True)

DURING = BEGAN + timedelta(days=3)
AFTER_MATURITY = BEGAN + timedelta(days=30)
AFTER_EXPIRY = BEGAN + timedelta(days=300)
COFFEE = {
    "id": "coffee",
    "name": {"en": "Coffee"},
    "gives": {"kind": "amount_off", "minor": {"SAR": 500}},
    "cost": {"kind": "fixed", "unit": "points", "units": 10},
}
WAITING = unit(maturity={"kind": "after_days", "days": 14, "after": "fulfilled"})
IDLE = unit(expiry={"kind": "without_activity", "months": 6})
ON_VISIT = {**spec_document()["earning"][0], "trigger": "visit", "award": {"kind": "fixed", "units": 5}}
POINTS = unit(maturity={"kind": "after_days", "days": 14}, expiry={"kind": "after_days", "days": 100})
BACK = Refund(id="R", at=BEGAN + timedelta(days=2), amount_minor=100_00)

Work = Callable[[], object]


def orders(size: int, **changes: Any) -> list[OrderSnapshot]:
    """One paid order of each of so many members."""
    return [order(f"O{n}", 100_00, customer=f"c{n}", **changes) for n in range(size)]


def taking(world: World, *facts: Any) -> Work:
    told = [StoreFact(store_id=world.store_id, store=world.store, fact=fact) for fact in facts]
    return lambda: take_facts(world.program_id, told, at=DURING)


def first_orders_of_strangers(world: World, size: int) -> Work:
    return taking(world, *orders(size))


def orders_of_members(world: World, size: int) -> Work:
    world.take(*orders(size), at=DURING)
    return taking(world, *(order(f"P{n}", 50_00, customer=f"c{n}", day=2) for n in range(size)))


def orders_of_members_who_owe(world: World, size: int) -> Work:
    """One of them does: a refund of an order whose units had been spent."""
    world.take(*orders(size), at=DURING)
    world.turn_clock(AFTER_MATURITY)
    world.redeem("c0", 60, key="R", at=AFTER_MATURITY)
    world.take(order("O0", 100_00, customer="c0", refunds=(BACK,), as_of=BACK.at), at=DURING)
    return taking(world, *(order(f"P{n}", 50_00, customer=f"c{n}", day=2) for n in range(size)))


def orders_of_members_told_elsewhere(world: World, size: int) -> Work:
    """As above, with two endpoints that want to hear of it."""
    with program_transaction(world.program_id):
        for name in ("one", "two"):
            add_endpoint(world.program_id, url=f"https://{name}.example.com", secret="secret", at=BEGAN)
    return orders_of_members(world, size)


def orders_of_members_who_are_asked_about(world: World, size: int) -> Work:
    """As above, of a program whose rule asks which order of the member it is."""
    rule = spec_document()["earning"][0] | {"conditions": [{"kind": "nth_order", "numbers": [2]}]}
    world.publish(spec_document(units=[POINTS], earning=[rule]), at=BEGAN + timedelta(hours=1))
    return orders_of_members(world, size)


def orders_of_members_with_limits(world: World, size: int) -> Work:
    (rule,) = spec_document()["earning"]
    limits = [{"per": "member", "units": 1_000, "within": {"kind": "day"}}]
    world.publish(spec_document(earning=[rule | {"limits": limits}]), at=BEGAN + timedelta(hours=1))
    return orders_of_members(world, size)


def orders_within_a_budget(world: World, size: int) -> Work:
    (rule,) = spec_document()["earning"]
    world.publish(spec_document(earning=[rule | {"budget": {"units": 10**9}}]), at=BEGAN + timedelta(hours=1))
    return orders_of_members(world, size)


def orders_after_a_budget_is_spent(world: World, size: int) -> Work:
    (rule,) = spec_document()["earning"]
    world.publish(spec_document(earning=[rule | {"budget": {"units": 1}}]), at=BEGAN + timedelta(hours=1))
    return orders_of_members(world, size)


def the_same_orders_again(world: World, size: int) -> Work:
    world.take(*orders(size), at=DURING)
    return taking(world, *orders(size))


def refunds(world: World, size: int) -> Work:
    world.take(*orders(size), at=DURING)
    return taking(world, *orders(size, as_of=BACK.at, refunds=(BACK,)))


def guests_who_join(world: World, size: int) -> Work:
    emails = [f"guest{n}@example.com" for n in range(size)]
    world.take(*(order(f"O{n}", 100_00, email=email) for n, email in enumerate(emails)), at=DURING)
    accounts = [
        CustomerSnapshot(customer=CustomerRef(external_id=email, email=email), created_at=DURING, as_of=DURING)
        for email in emails
    ]
    return taking(world, *accounts)


def deliveries(world: World, size: int) -> list[NewDelivery]:
    return [
        NewDelivery.of(
            store_id=world.store_id,
            topic="order",
            headers={},
            body=json.dumps({"type": "order", "order": document(n)}).encode(),
            received_at=DURING,
        )
        for n in range(size)
    ]


def document(number: int) -> dict[str, object]:
    time = BEGAN.isoformat()
    return {
        "id": f"P{number}",
        "currency": "SAR",
        "placed_at": time,
        "updated_at": time,
        "paid_at": time,
        "customer": {"id": f"c{number}"},
        "total_minor": 50_00,
        "lines": [{"id": "1", "product_id": "cup", "quantity": 1, "subtotal_minor": 50_00, "total_minor": 50_00}],
    }


def deliveries_whose_senders_wait(world: World, size: int) -> Work:
    world.take(*orders(size), at=DURING)
    arrived = deliveries(world, size)
    store = StoreFacts(code=world.store, currency="SAR")
    taken = []
    for new in arrived:
        facts = get_connector("direct").translate(Delivery(new.headers, new.body, new.received_at), store)
        taken.append(Taken(store_id=world.store_id, store=world.store, facts=facts))
    return lambda: take_deliveries_now(world.program_id, arrived, taken, at=DURING)


def the_inbox(world: World, size: int) -> Work:
    world.take(*orders(size), at=DURING)
    with program_transaction(world.program_id):
        keep_deliveries(world.program_id, deliveries(world, size))
    return lambda: drain_inbox(world.program_id, at=DURING)


def lots_that_mature(world: World, size: int) -> Work:
    world.take(*orders(size), at=DURING)
    return lambda: mature_lots(world.program_id, at=AFTER_MATURITY)


def lots_that_expire(world: World, size: int) -> Work:
    world.take(*orders(size), at=DURING)
    world.turn_clock(AFTER_MATURITY)
    return lambda: expire_lots(world.program_id, at=AFTER_EXPIRY)


def asks(world: World, size: int, **asked: Any) -> list[Ask]:
    """One for each customer, who has enough for it."""
    world.publish(spec_document(units=[POINTS], rewards=[COFFEE]), at=BEGAN + timedelta(hours=1))
    world.take(*orders(size), at=DURING)
    world.turn_clock(AFTER_MATURITY)
    with program_transaction(world.program_id):
        known = dict(Identity.objects.filter(program_id=world.program_id).values_list("value", "member_id"))
    return [
        Ask(key=f"R{n}", member_id=known[f"main:c{n}"], reward="coffee", source="api", **asked) for n in range(size)
    ]


def redemptions(world: World, size: int) -> Work:
    asked = asks(world, size)
    return lambda: redeem_rewards(world.program_id, asked, at=AFTER_MATURITY)


def holds(world: World, size: int) -> Work:
    asked = asks(world, size, hold=True)
    return lambda: redeem_rewards(world.program_id, asked, at=AFTER_MATURITY)


def captures(world: World, size: int) -> Work:
    asked = asks(world, size, hold=True)
    with program_transaction(world.program_id):
        answers = redeem_rewards(world.program_id, asked, at=AFTER_MATURITY)
    held = [answer.redemption.id for answer in answers if isinstance(answer, Had)]
    return lambda: capture_holds(world.program_id, held, at=AFTER_MATURITY)


def orders_with_coupons_of_others(world: World, size: int) -> Work:
    world.take(*orders(size), at=DURING)
    codes = ("summer26", "acde-fghj-0000")
    return taking(world, *(order(f"P{n}", 50_00, customer=f"c{n}", day=2, coupon_codes=codes) for n in range(size)))


def orders_that_use_vouchers(world: World, size: int) -> Work:
    asked = asks(world, size)
    with program_transaction(world.program_id):
        redeem_rewards(world.program_id, asked, at=AFTER_MATURITY)
        codes = list(Voucher.objects.filter(program_id=world.program_id).values_list("code", flat=True))
    named = enumerate(codes)
    return taking(world, *(order(f"P{n}", 50_00, customer=f"c{n}", day=2, coupon_codes=(code,)) for n, code in named))


def cancelled_orders_that_free_vouchers(world: World, size: int) -> Work:
    use = orders_that_use_vouchers(world, size)
    with program_transaction(world.program_id):
        use()
    gone = [
        order(f"P{n}", 50_00, customer=f"c{n}", day=2, as_of=DURING, status=OrderStatus.CANCELLED) for n in range(size)
    ]
    return taking(world, *gone)


def orders_where_members_bring_friends(world: World, size: int) -> Work:
    """Half of the members are somebody's friend, and half may turn out to be."""
    befriend(world, size)
    return orders_of_members(world, size)


def referrals_that_count(world: World, size: int) -> Work:
    befriend(world, size)
    world.take(*orders(size), at=DURING)
    return lambda: settle_due_referrals(world.program_id, at=DURING)


def befriend(world: World, size: int) -> None:
    """Every member who will come follows an advocate."""
    gift = {"kind": "units", "unit": "points", "units": 5}
    referral = {"friend": {"gives": gift}, "advocate": {"each_friend": gift}, "signals": {"review": []}}
    world.publish(spec_document(units=[POINTS], referral=referral), at=BEGAN + timedelta(hours=1))
    world.take(order("O", 100_00, customer="advocate"), at=DURING)
    member_id, at = world.member("advocate"), BEGAN + timedelta(hours=2)
    claims = [
        NewClaim(
            who=who_of(email=f"c{n}@example.com"),
            advocate_id=member_id,
            source="link",
            claimed_at=at,
            until=at + timedelta(days=30),
        )
        for n in range(size)
    ]
    with program_transaction(world.program_id):
        put_claims(world.program_id, claims)


def fulfilments_that_nothing_waits_for(world: World, size: int) -> Work:
    world.take(*orders(size), at=DURING)
    return taking(world, *orders(size, as_of=DURING, fulfilled_at=DURING))


def fulfilments(world: World, size: int) -> Work:
    world.publish(spec_document(units=[WAITING]), at=BEGAN + timedelta(hours=1))
    return fulfilments_that_nothing_waits_for(world, size)


def members_who_are_not_active(world: World, size: int) -> Work:
    world.publish(spec_document(units=[IDLE]), at=BEGAN + timedelta(hours=1))
    world.take(*orders(size), at=DURING)
    return lambda: expire_idle_units(world.program_id, at=AFTER_EXPIRY)


def activities_of_members(world: World, size: int) -> Work:
    world.publish(spec_document(units=[POINTS], earning=[ON_VISIT]), at=BEGAN + timedelta(hours=1))
    world.take(*(account(n) for n in range(size)), at=DURING)
    visits = [MemberActivity(kind="visit", key=f"V{n}", occurred_at=DURING, store=world.store) for n in range(size)]
    return taking(world, *(ActivityNotice(customer=account(n).customer, activity=visits[n]) for n in range(size)))


def birthdays(world: World, size: int) -> Work:
    celebrated = ON_VISIT | {"trigger": "birthday"}
    world.publish(spec_document(units=[POINTS], earning=[celebrated]), at=BEGAN + timedelta(hours=1))
    born = Birthday(calendar="jalali", month=1, day=13)
    world.take(*(replace(account(n), birthday=born) for n in range(size)), at=DURING)
    return lambda: celebrate_day(world.program_id, date(2026, 4, 2), at=AFTER_EXPIRY)


def account(number: int) -> CustomerSnapshot:
    return CustomerSnapshot(customer=CustomerRef(external_id=f"c{number}"), created_at=BEGAN, as_of=BEGAN)


def units_that_end_soon(world: World, size: int) -> Work:
    world.publish(spec_document(units=[POINTS | {"warn_days": [7]}]), at=BEGAN + timedelta(hours=1))
    world.take(*orders(size), at=DURING)
    world.turn_clock(AFTER_MATURITY)
    with program_transaction(world.program_id):
        add_endpoint(world.program_id, url="https://one.example.com", secret="secret", at=BEGAN)
    at = BEGAN + timedelta(days=1 + 100 - 7)

    def work() -> None:
        _, today = list_warnings(world.program_id, at=at)
        warn_of_expiry(world.program_id, today, at=at, after=NOBODY)

    return work


RULES = "read programs_version"
PEOPLE = "read members_identity"
ORDERS = "insert activities_order"
DONE = "insert activities_activity"
KNOWN_ORDERS = "hold activities_order"
THEIR_ORDERS = "read activities_order"
STANDINGS = ["hold ledger_balance", "read ledger_balance"]  # then lots, with what else there is
BALANCES = ["hold ledger_balance", "read members_member"]
GRANT = ["insert ledger_journal", "update ledger_balance", "insert ledger_lot", "insert ledger_posting"]
USE = ["insert ledger_journal", "update ledger_balance", "insert ledger_posting"]  # of what no lot has any more
MOVE = ["insert ledger_journal", "update ledger_balance", "update ledger_lot", "insert ledger_posting"]
ENDPOINTS = "read programs_endpoint"
EXCEPTIONS = "read members_member"  # who is no plain member, or owes something
ACCRUE = [RULES, PEOPLE, ORDERS, EXCEPTIONS, *GRANT, EXCEPTIONS, ENDPOINTS]
HOLD, BUDGET = "hold ledger_balance", "hold ledger_budgetshard"
ENROL = ["insert members_member", "insert members_identity"]
FULFIL = [RULES, PEOPLE, ORDERS, KNOWN_ORDERS, "update activities_order"]
IDLE_MEMBERS = "read ledger_balance"
KNOW_MEMBERS = [THEIR_ORDERS, "read members_answer", *2 * [THEIR_ORDERS], "update activities_order"]

READ_REDEMPTIONS, HOLD_REDEMPTIONS = "read rewards_redemption", "hold rewards_redemption"
RESERVE = [RULES, *STANDINGS, READ_REDEMPTIONS, *MOVE]
ISSUE = ["insert rewards_voucher", "read programs_store", ENDPOINTS]

CANCEL = [RULES, PEOPLE, ORDERS, KNOWN_ORDERS, "update activities_order", *STANDINGS, *MOVE, ENDPOINTS]
FOLLOW = ["read rewards_voucher", HOLD_REDEMPTIONS, "read rewards_voucher", "update rewards_voucher"]

DUE_REFERRALS = ["read referrals_referral", "read referrals_given", "read members_member"]
READ_REFERRALS = [
    *("hold referrals_referral", "read members_member", THEIR_ORDERS, "read programs_store", THEIR_ORDERS),
    *("read activities_activity", "read referrals_given", "read referrals_referral", "read referrals_given"),
]
GIVE_FRIENDS = [
    *(*STANDINGS, *GRANT, ENDPOINTS, "insert referrals_given", DONE, *BALANCES),
    *("update referrals_referral", "insert referrals_step", ENDPOINTS),
]

STATEMENTS: dict[Callable[[World, int], Work], list[str]] = {
    orders_of_members: ACCRUE,
    orders_of_members_who_owe: [*ACCRUE[:4], *BALANCES, *GRANT, ENDPOINTS],
    orders_with_coupons_of_others: ACCRUE,
    orders_that_use_vouchers: [*ACCRUE, *FOLLOW, "update rewards_redemption", ENDPOINTS],
    cancelled_orders_that_free_vouchers: [*CANCEL, *FOLLOW, "update rewards_redemption", ENDPOINTS],
    # Whoever was merged is asked for: their referrals follow them.
    orders_where_members_bring_friends: [*ACCRUE, "read members_member", "update referrals_referral"],
    referrals_that_count: [RULES, *DUE_REFERRALS, HOLD, *READ_REFERRALS, *GIVE_FRIENDS],
    orders_of_members_told_elsewhere: [*ACCRUE, "insert relay_command"],
    orders_of_members_who_are_asked_about: [RULES, PEOPLE, ORDERS, *BALANCES, *KNOW_MEMBERS, *GRANT, ENDPOINTS],
    orders_of_members_with_limits: [*ACCRUE[:3], *STANDINGS, *GRANT, ENDPOINTS],
    # Members are held before budgets.
    orders_within_a_budget: [*ACCRUE[:3], HOLD, BUDGET, *BALANCES, *GRANT, "update ledger_budgetshard", ENDPOINTS],
    orders_after_a_budget_is_spent: [*ACCRUE[:3], HOLD, BUDGET, *BALANCES],
    deliveries_whose_senders_wait: [*ACCRUE, "insert relay_delivery", "insert relay_deliverybody"],
    the_inbox: ["update relay_delivery", "read relay_deliverybody", "read programs_store", *ACCRUE],
    # By account, and by the e-mail where the account does not vouch for it.
    first_orders_of_strangers: [
        RULES,
        PEOPLE,
        PEOPLE,
        *ENROL,
        "insert ledger_balance",
        *ACCRUE[2:],
    ],
    the_same_orders_again: [RULES, PEOPLE, ORDERS, KNOWN_ORDERS],
    refunds: CANCEL,
    guests_who_join: [RULES, PEOPLE, PEOPLE, "insert members_identity", "update members_member", *STANDINGS, *MOVE],
    lots_that_mature: ["read ledger_lot", HOLD, "read ledger_lot", *MOVE],
    lots_that_expire: ["read ledger_lot", HOLD, "read ledger_lot", *MOVE],
    redemptions: [*RESERVE, *ISSUE, "insert rewards_redemption"],
    holds: [*RESERVE, ENDPOINTS, "insert rewards_redemption"],
    captures: [
        RULES,
        READ_REDEMPTIONS,
        *BALANCES,
        HOLD_REDEMPTIONS,
        "read ledger_journal",
        *USE,
        *ISSUE,
        "update rewards_redemption",
    ],
    fulfilments_that_nothing_waits_for: FULFIL,
    fulfilments: [*FULFIL, *STANDINGS, "insert ledger_journal", "update ledger_lot", ENDPOINTS],
    # Asked twice: before and after these members are held.
    members_who_are_not_active: [RULES, IDLE_MEMBERS, *STANDINGS, IDLE_MEMBERS, "read ledger_journal", *MOVE],
    activities_of_members: [RULES, PEOPLE, DONE, *BALANCES, *GRANT, ENDPOINTS],
    birthdays: [
        RULES,
        "read members_birthday",
        DONE,
        *BALANCES,
        *GRANT,
        ENDPOINTS,
        "insert activities_celebratedday",
    ],
    units_that_end_soon: [RULES, "read ledger_lot", ENDPOINTS, "insert relay_command"],
}

_WRITES = re.compile(r"(?:^|\()\s*(INSERT INTO|UPDATE|DELETE FROM) (\w+)")
_TABLES = {model._meta.db_table for model in apps.get_models() if "program_id" in model.__dict__}
_TABLE = re.compile(rf"\b({'|'.join(sorted(_TABLES, key=len, reverse=True))})\b")


def told(statement: str) -> str:
    """What a statement does, and to which table first of all."""
    if writes := _WRITES.search(statement):
        return f"{writes[1].split()[0].lower()} {writes[2]}"
    read = _TABLE.search(statement)
    assert read, f"a statement about no table of a program: {statement[:1_000]}"
    return f"{'hold' if ' FOR UPDATE' in statement else 'read'} {read[1]}"


@pytest.mark.parametrize("size", [1, 10 if EVERYDAY else 500])
@pytest.mark.parametrize("prepare", STATEMENTS, ids=lambda prepare: prepare.__name__)
def test_statements(prepare: Callable[[World, int], Work], size: int) -> None:
    world = World(spec_document(units=[POINTS]))
    with program_transaction(world.program_id):
        get_program_rules(world.program_id)  # a process reads each version once
    work = prepare(world, size)
    with program_transaction(world.program_id), CaptureQueriesContext(connection) as captured:
        work()
    statements = [query["sql"] for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]]
    assert [told(statement) for statement in statements] == STATEMENTS[prepare]
    for statement in statements:
        assert "program_id" in statement
        assert world.program_id.hex in statement.replace("-", ""), f"names no program: {statement[:1_000]}"
    assert world.differences() == []
