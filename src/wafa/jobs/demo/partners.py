"""A bookshop that takes part in Falcon Coffee's program: three months of its readers, and months that are paid.

Nothing of it is drawn: who buys what, and when, follows from the members' numbers.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any
from uuid import UUID

import yaml
from msgspec import Struct
from msgspec.structs import replace

from wafa.connectors.signatures import make_secret
from wafa.core.snapshots import OrderLine, OrderSnapshot, Refund
from wafa.flows.record_payments import Payment, record_payment
from wafa.flows.redeem_rewards import Ask, redeem_rewards
from wafa.flows.take_facts import OutcomeKind, StoreFact, take_facts
from wafa.jobs.demo import DemoFailed
from wafa.jobs.demo.markets import HOME, split_vat
from wafa.jobs.demo.people import Person
from wafa.jobs.turn_clock import turn_clock
from wafa.kit.transactions import program_transaction
from wafa.ledger.partners import list_owed
from wafa.members.queries import find_members_called
from wafa.programs.operations import connect_store, publish_version
from wafa.programs.queries import find_store, get_program_rules
from wafa.reports.partners import day_of, month_around

PARTNER, STORE = "oasis", "oasis-books"
_LENGTH = timedelta(days=90)
_EVERY, _RETURNED, _REDEEMING = 3, 7, 4  # one member in so many reads; one order in so many comes back; and so on
_PAID_AFTER = timedelta(days=9)


class _Event(Struct, frozen=True, order=True):
    """What happens at a moment: something a store tells, or a wish of the member with this e-mail."""

    at: datetime
    name: str
    email: str
    fact: OrderSnapshot | None = None


def join_program(program_id: UUID, document: dict[str, Any], *, ends_at: datetime, published_by: str) -> None:
    """Publish the program with the partner, and connect its store. What is there already stays as it is."""
    began = ends_at - _LENGTH
    theirs: dict[str, Any] = yaml.safe_load((files("wafa.jobs.demo") / "oasis-books.yaml").read_text("utf-8"))
    both = {**document, **{part: [*document.get(part, ()), *theirs[part]] for part in theirs}}
    with program_transaction(program_id):
        if not get_program_rules(program_id).has_partners:
            publish_version(
                program_id, both, published_by=published_by, at=ends_at, effective_from=began, backdated=True
            )
        if find_store(program_id, code=STORE) is None:
            connect_store(
                program_id,
                code=STORE,
                connector="direct",
                name="Oasis Books",
                currency=HOME.currency,
                country="SA",
                secret=make_secret(),
                at=began,
            )


def load_bookshop(program_id: UUID, people: tuple[Person, ...], *, ends_at: datetime) -> None:
    """Book what its readers did, and that it paid what it owed at the end of each month. Loading twice changes nothing.

    Raises DemoFailed.
    """
    began = ends_at - _LENGTH
    events = sorted(event for person in people if _reads(person, began) for event in _live(person, began, ends_at))
    with program_transaction(program_id):
        store = find_store(program_id, code=STORE)
        rules = get_program_rules(program_id)
    assert store is not None, "it was connected before"
    paid_at = month_around(rules, day_of(began, rules), at=ends_at).ends + _PAID_AFTER
    for event in events:
        while paid_at <= event.at:
            month = month_around(rules, day_of(paid_at - _PAID_AFTER, rules), at=ends_at)
            _pay(program_id, owed_at=month.begins, at=paid_at)
            paid_at = month.ends + _PAID_AFTER
        with program_transaction(program_id):
            if event.fact is None:
                _redeem(program_id, event)
                continue
            (outcome,) = take_facts(
                program_id, [StoreFact(store_id=store.id, store=STORE, fact=event.fact)], at=event.at
            )
            if outcome.kind is not OutcomeKind.TAKEN:
                raise DemoFailed(f"an order of the bookshop was not booked: {outcome.reason}")
    turn_clock(program_id, at=ends_at)


def _reads(person: Person, began: datetime) -> bool:
    """Members of the stories read nothing here: their pages are told to the unit."""
    has_account = person.joined_at is not None and person.joined_at < began
    return has_account and person.market == HOME and person.number > 3 and person.number % _EVERY == 0


def _live(person: Person, began: datetime, ends_at: datetime) -> Iterator[_Event]:
    number = person.number
    for place in range(1 + number % 2):
        at = began + timedelta(days=1 + (number * 11 + place * 37) % 75, minutes=number * 53 % 600)
        order = _order(f"OB-{number}-{place}", person, 4_000 + number * 1_700 % 21_000, at=at)
        yield _Event(at, order.external_id, person.email, order)
        back_at = at + timedelta(days=8)
        if (number + place) % _RETURNED == 0 and back_at < ends_at:
            refund = Refund(id=f"{order.external_id}-r", at=back_at, amount_minor=order.total_minor // 2)
            yield _Event(back_at, f"{order.external_id} back", person.email, _refunded(order, refund))
    if number % _REDEEMING == 0:
        yield _Event(began + timedelta(days=30 + number * 7 % 55), f"OB-{number}-novel", person.email)


def _order(name: str, person: Person, total_minor: int, *, at: datetime) -> OrderSnapshot:
    net_minor, vat_minor = split_vat(total_minor, HOME.vat_percent)
    line = OrderLine(
        id="1",
        product_id="OB-BOOKS",
        quantity=1,
        subtotal_minor=net_minor,
        total_minor=net_minor,
        tax_minor=vat_minor,
        name="Books",
    )
    return OrderSnapshot(
        external_id=name,
        number=name,
        currency=HOME.currency,
        placed_at=at,
        as_of=at,
        paid_at=at,
        customer=replace(person.account, external_id=f"reader-{person.number}"),
        lines=(line,),
        total_minor=total_minor,
    )


def _refunded(order: OrderSnapshot, refund: Refund) -> OrderSnapshot:
    return replace(order, as_of=refund.at, refunds=(refund,))


def _redeem(program_id: UUID, event: _Event) -> None:
    """A novel, for whoever has the points for it."""
    member_id = find_members_called(program_id, [event.email]).get(event.email)
    if member_id is not None:
        ask = Ask(key=f"demo:{event.name}", member_id=member_id, reward="oasis_novel", source="api")
        redeem_rewards(program_id, [ask], at=event.at)


def _pay(program_id: UUID, *, owed_at: datetime, at: datetime) -> None:
    """Whoever owed something at the end of a month pays it."""
    with program_transaction(program_id):
        for owed in list_owed(program_id, before=owed_at):
            if owed.amount_minor:
                payment = Payment(
                    partner=owed.partner,
                    payer="partner" if owed.amount_minor > 0 else "program",
                    amount_minor=abs(owed.amount_minor),
                    reference=f"{owed.partner}-{owed_at:%Y-%m-%d}",
                    paid_at=at,
                )
                record_payment(program_id, payment, at=at)
