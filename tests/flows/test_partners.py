"""Partners on the database: statements of months, rates of versions, payments, and caps."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.partners import OASIS, PEARL, partner_document, partner_world
from tests.world import BEGAN, World, order
from wafa.core.snapshots import Refund
from wafa.flows.record_payments import NoSuchPartner, Payment, ReferenceTaken, record_payment
from wafa.flows.redeem_rewards import Had
from wafa.kit.formats import Formats
from wafa.kit.transactions import program_transaction
from wafa.ledger.models import Obligation
from wafa.ledger.partners import list_owed
from wafa.programs.queries import get_program_rules
from wafa.reports.partners import list_positions, list_statements, list_statements_of, month_around

pytestmark = pytest.mark.django_db(transaction=True)

FORMATS = Formats.usual("en", time_zone="Asia/Riyadh")


def on(day: int) -> datetime:
    return BEGAN + timedelta(days=day)


def buy(world: World, name: str, minor: int, *, store: str, day: int, booked: int | None = None) -> None:
    world.take(order(name, minor, day=day), store=store, at=on(day if booked is None else booked))


def refund(world: World, name: str, minor: int, back: int, *, store: str, day: int) -> None:
    refunds = (Refund(id=f"{name}-{day}", at=on(day), amount_minor=back),)
    world.take(order(name, minor, day=1, as_of=on(day), refunds=refunds), store=store, at=on(day))


def pay(world: World, partner: str, minor: int, *, day: int, payer: Any = "partner", reference: str = "T1") -> bool:
    payment = Payment(partner=partner, payer=payer, amount_minor=minor, reference=reference, paid_at=on(day))
    with program_transaction(world.program_id):
        return record_payment(world.program_id, payment, at=on(day))


def statements(world: World, day: date, *, at: datetime | None = None) -> dict[str, list[tuple[str, int, int]]]:
    """Opening, movements and closing by partner: (line, units, amount)."""
    with program_transaction(world.program_id):
        program = get_program_rules(world.program_id)
        month = month_around(program, day, at=at or on(400))
        told = list_statements(world.program_id, program, month, FORMATS)
    return {
        one.account.partner: [
            ("opening", 0, one.account.opening_minor),
            *((line.movement.kind, line.movement.units, line.movement.amount_minor) for line in one.lines),
            ("closing", 0, one.account.closing_minor),
        ]
        for one in told
    }


def owed(world: World) -> dict[str, int]:
    with program_transaction(world.program_id):
        return {one.partner: one.amount_minor for one in list_owed(world.program_id, before=on(10_000))}


def test_a_month_is_stated_and_settled() -> None:
    world = partner_world()
    buy(world, "O1", 30_000, store="oasis", day=1)
    buy(world, "P1", 30_000, store="pearl-web", day=2)
    refund(world, "O1", 30_000, 6_000, store="oasis", day=6)
    book = world.ask("c1@example.com", "book", key="B1", at=on(7))
    film = world.ask("c1@example.com", "film", key="F1", at=on(8))
    assert isinstance(book, Had)
    assert isinstance(film, Had)
    world.give_back(film.redemption.id, "failed", at=on(9))
    pay(world, "oasis", 20_000, day=20)
    buy(world, "O2", 10_000, store="oasis", day=35)

    january = statements(world, date(2026, 1, 15))
    assert january == {
        "oasis": [
            ("opening", 0, 0),
            ("granted", 300, 375),
            ("taken_back", 60, -75),
            ("redeemed", 80, -80),
            ("paid", 0, -20_000),
            ("closing", 0, -19_780),
        ],
        "pearl": [
            ("opening", 0, 0),
            ("granted", 300, 200),
            ("redeemed", 120, -80),
            ("given_back", 120, 80),
            ("closing", 0, 200),
        ],
    }
    pay(world, "oasis", 19_780, day=40, payer="program", reference="T2")
    pay(world, "pearl", 200, day=40)
    assert statements(world, date(2026, 2, 1)) == {
        "oasis": [("opening", 0, -19_780), ("granted", 100, 125), ("paid", 0, 19_780), ("closing", 0, 125)],
        "pearl": [("opening", 0, 200), ("paid", 0, -200), ("closing", 0, 0)],
    }
    assert owed(world) == {"oasis": 125, "pearl": 0}
    assert world.differences() == []


def test_what_is_told_late_is_in_the_month_in_which_it_was_booked() -> None:
    world = partner_world()
    buy(world, "O1", 10_000, store="oasis", day=1)
    before = statements(world, date(2026, 1, 15))
    buy(world, "O2", 10_000, store="oasis", day=2, booked=33)
    assert statements(world, date(2026, 1, 15)) == before
    assert statements(world, date(2026, 2, 15))["oasis"][1:] == [("granted", 100, 125), ("closing", 0, 250)]


def test_a_month_is_final_once_nothing_can_be_booked_in_it() -> None:
    world = partner_world()
    with program_transaction(world.program_id):
        program = get_program_rules(world.program_id)
    ends = datetime(2026, 1, 31, 21, tzinfo=UTC)  # midnight in Riyadh
    months = [month_around(program, date(2026, 1, 15), at=ends + timedelta(minutes=m)) for m in (-1, 59, 60)]
    assert {(month.begins, month.ends) for month in months} == {(datetime(2025, 12, 31, 21, tzinfo=UTC), ends)}
    assert [month.is_final for month in months] == [False, False, True]


def test_a_refund_is_settled_at_the_rate_that_granted() -> None:
    world = partner_world()
    buy(world, "O1", 10_000, store="oasis", day=1)
    dearer = OASIS | {"rates": [{"unit": "points", "units": 100, "minor": 900}]}
    world.publish(partner_document(partners=[dearer, PEARL]), at=on(5))
    buy(world, "O2", 10_000, store="oasis", day=6)
    refund(world, "O1", 10_000, 10_000, store="oasis", day=7)
    assert owed(world) == {"oasis": 900}
    assert statements(world, date(2026, 1, 15))["oasis"] == [
        ("opening", 0, 0),
        ("granted", 100, 125),
        ("granted", 100, 900),
        ("taken_back", 100, -125),
        ("closing", 0, 900),
    ]
    assert world.differences() == []


def test_all_accounts_and_the_program_come_to_nothing() -> None:
    world = partner_world(partners=[OASIS, PEARL | {"currency": "KWD"}])
    buy(world, "O1", 12_300, store="oasis", day=1)
    buy(world, "P1", 45_600, store="pearl-hall", day=2)
    world.ask("c1@example.com", "film", key="F1", at=on(3))
    with program_transaction(world.program_id):
        program = get_program_rules(world.program_id)
        positions = list_positions(world.program_id, program, FORMATS, at=on(5))
    assert [(one.partner, one.currency, one.amount_minor) for one in positions] == [
        ("pearl", "KWD", 304 - 80),
        ("", "KWD", 80 - 304),
        ("oasis", "SAR", 154),
        ("", "SAR", -154),
    ]


def test_a_partner_without_movements_has_an_empty_statement() -> None:
    world = partner_world()
    with program_transaction(world.program_id):
        program = get_program_rules(world.program_id)
        partner = program.versions[0].spec.partner_by_id["pearl"]
        month = month_around(program, date(2026, 1, 15), at=on(40))
        (statement,) = list_statements_of(world.program_id, program, partner, month, FORMATS)
    assert (statement.account.opening_minor, statement.account.closing_minor, statement.lines) == (0, 0, ())


def test_a_payment_is_recorded_once_by_its_reference() -> None:
    world = partner_world()
    assert pay(world, "oasis", 500, day=1)
    assert not pay(world, "oasis", 500, day=1)
    with pytest.raises(ReferenceTaken):
        pay(world, "oasis", 501, day=1)
    with pytest.raises(NoSuchPartner):
        pay(world, "osis", 500, day=1)
    assert pay(world, "pearl", 500, day=1)
    with program_transaction(world.program_id):
        assert Obligation.objects.filter(program_id=world.program_id).count() == 2
    assert owed(world) == {"oasis": -500, "pearl": -500}


def test_told_again_nothing_more_is_owed() -> None:
    world = partner_world()
    for _ in range(3):
        buy(world, "O1", 10_000, store="oasis", day=1)
    assert owed(world) == {"oasis": 125}


def test_what_partners_grant_is_shared_by_all_members() -> None:
    capped = OASIS | {"caps": [{"unit": "points", "units": 150, "exceeding": "refuse"}]}
    world = partner_world(partners=[capped, PEARL])
    world.take(order("O1", 10_000, customer="c1"), store="oasis", at=on(1))
    world.take(order("O2", 6_000, customer="c2"), store="oasis", at=on(1))
    world.take(order("O3", 5_000, customer="c2"), store="oasis", at=on(1))
    assert owed(world) == {"oasis": 188}
    assert world.differences() == []
