"""Other businesses that take part in the demo's program: three months of their customers, and months that are paid.

Falcon Coffee's own program is joined by a bookshop, a template may have partners of its own. Nothing of it is drawn:
who buys what, and when, follows from the members' numbers.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any
from uuid import UUID

import yaml
from msgspec import Struct
from msgspec.structs import replace

from wafa.connectors.signatures import make_secret
from wafa.core.snapshots import OrderLine, OrderSnapshot, Refund
from wafa.core.spec import Partner, ProgramSpec
from wafa.flows.record_payments import Payment, ReferenceTaken, record_payment
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
from wafa.programs.queries import find_store, get_program_rules, list_stores
from wafa.reports.partners import day_of, month_around
from wafa.reports.phrases import name_of

_LENGTH = timedelta(days=90)
_EVERY, _RETURNED, _REDEEMING = 3, 7, 4  # one member in so many buys there; one order in so many comes back; and so on
_PAID_AFTER = timedelta(days=9)


class _Shop(Struct, frozen=True, kw_only=True):
    """A partner's store. `place` tells it from the others, `reward` is what its customers exchange points for."""

    place: int
    code: str
    id: UUID
    name: str
    reward: str | None


class _Event(Struct, frozen=True, order=True):
    """What happens at a moment: something a store tells, or a wish of the member with this e-mail."""

    at: datetime
    name: str
    email: str
    place: int
    fact: OrderSnapshot | None = None


def join_bookshop(program_id: UUID, document: dict[str, Any], *, ends_at: datetime, published_by: str) -> None:
    """Publish Falcon Coffee's program with a bookshop in it. What is there already stays as it is."""
    began = ends_at - _LENGTH
    theirs: dict[str, Any] = yaml.safe_load((files("wafa.jobs.demo") / "oasis-books.yaml").read_text("utf-8"))
    both = {**document, **{part: [*document.get(part, ()), *theirs[part]] for part in theirs}}
    with program_transaction(program_id):
        if not get_program_rules(program_id).has_partners:
            publish_version(
                program_id, both, published_by=published_by, at=ends_at, effective_from=began, backdated=True
            )


def connect_partners(program_id: UUID, *, ends_at: datetime) -> None:
    """Connect the stores of the newest version's partners, those that are not connected yet."""
    with program_transaction(program_id):
        for partner in _spec_of(program_id).partners:
            for code in partner.stores:
                if find_store(program_id, code=code) is None:
                    connect_store(
                        program_id,
                        code=code,
                        connector="direct",
                        name=name_of(partner.name, "en"),
                        currency=HOME.currency,
                        country="SA",
                        secret=make_secret(),
                        at=ends_at - _LENGTH,
                    )


def load_partners(program_id: UUID, people: Iterable[Person], *, ends_at: datetime) -> None:
    """Book what customers of partners did, and that what was owed at the end of each month was paid.

    Loading twice changes nothing. Raises DemoFailed.
    """
    began = ends_at - _LENGTH
    with program_transaction(program_id):
        rules, shops = get_program_rules(program_id), _list_shops(program_id)
    if not shops:
        return
    events = sorted(event for person in people for shop in shops for event in _live(person, shop, began, ends_at))
    paid_at = month_around(rules, day_of(began, rules), at=ends_at).ends + _PAID_AFTER
    for event in events:
        while paid_at <= event.at:
            month = month_around(rules, day_of(paid_at - _PAID_AFTER, rules), at=ends_at)
            _pay(program_id, owed_at=month.begins, at=paid_at)
            paid_at = month.ends + _PAID_AFTER
        with program_transaction(program_id):
            _book(program_id, shops[event.place], event)
    turn_clock(program_id, at=ends_at)


def _spec_of(program_id: UUID) -> ProgramSpec:
    return get_program_rules(program_id).versions[-1].spec


def _list_shops(program_id: UUID) -> list[_Shop]:
    spec = _spec_of(program_id)
    ids = {store.code: store.id for store in list_stores(program_id)}

    def reward_of(partner: Partner) -> str | None:
        return next((reward.id for reward in spec.rewards if reward.partner == partner.id), None)

    found = [(partner, code) for partner in spec.partners for code in partner.stores]
    return [
        _Shop(place=place, code=code, id=ids[code], name=name_of(partner.name, "en"), reward=reward_of(partner))
        for place, (partner, code) in enumerate(found)
    ]


def _book(program_id: UUID, shop: _Shop, event: _Event) -> None:
    if event.fact is None:
        _redeem(program_id, shop, event)
        return
    (outcome,) = take_facts(program_id, [StoreFact(store_id=shop.id, store=shop.code, fact=event.fact)], at=event.at)
    if outcome.kind is not OutcomeKind.TAKEN:
        raise DemoFailed(f"an order of {shop.name} was not booked: {outcome.reason}")


def _buys(person: Person, shop: _Shop, began: datetime) -> bool:
    """Members of the stories buy nothing here: their pages are told to the unit."""
    has_account = person.joined_at is not None and person.joined_at < began
    is_theirs = person.number % _EVERY == shop.place % _EVERY
    return has_account and person.market == HOME and person.number > 3 and is_theirs


def _live(person: Person, shop: _Shop, began: datetime, ends_at: datetime) -> Iterator[_Event]:
    if not _buys(person, shop, began):
        return
    number = person.number
    for place in range(1 + number % 2):
        at = began + timedelta(days=1 + (number * 11 + place * 37) % 75, minutes=number * 53 % 600)
        order = _order(f"{shop.code}-{number}-{place}", person, shop, 4_000 + number * 1_700 % 21_000, at=at)
        yield _Event(at, order.external_id, person.email, shop.place, order)
        back_at = at + timedelta(days=8)
        if (number + place) % _RETURNED == 0 and back_at < ends_at:
            refund = Refund(id=f"{order.external_id}-r", at=back_at, amount_minor=order.total_minor // 2)
            yield _Event(back_at, f"{order.external_id} back", person.email, shop.place, _refunded(order, refund))
    if number % _REDEEMING == 0:
        wishes_at = began + timedelta(days=30 + number * 7 % 55)
        yield _Event(wishes_at, f"{shop.code}-{number}-reward", person.email, shop.place)


def _order(name: str, person: Person, shop: _Shop, total_minor: int, *, at: datetime) -> OrderSnapshot:
    net_minor, vat_minor = split_vat(total_minor, HOME.vat_percent)
    line = OrderLine(
        id="1",
        product_id=f"{shop.code}-goods",
        quantity=1,
        subtotal_minor=net_minor,
        total_minor=net_minor,
        tax_minor=vat_minor,
        name=shop.name,
    )
    return OrderSnapshot(
        external_id=name,
        number=name,
        currency=HOME.currency,
        placed_at=at,
        as_of=at,
        paid_at=at,
        customer=replace(person.account, external_id=f"customer-{person.number}"),
        lines=(line,),
        total_minor=total_minor,
    )


def _refunded(order: OrderSnapshot, refund: Refund) -> OrderSnapshot:
    return replace(order, as_of=refund.at, refunds=(refund,))


def _redeem(program_id: UUID, shop: _Shop, event: _Event) -> None:
    """The shop's reward, for whoever has the points for it."""
    member_id = find_members_called(program_id, [event.email]).get(event.email)
    if member_id is not None and shop.reward is not None:
        ask = Ask(key=f"demo:{event.name}", member_id=member_id, reward=shop.reward, source="api")
        redeem_rewards(program_id, [ask], at=event.at)


def _pay(program_id: UUID, *, owed_at: datetime, at: datetime) -> None:
    """Whoever owed something at the end of a month pays it, once: loaded again, they may be known to have owed more."""
    with program_transaction(program_id):
        found = list_owed(program_id, before=owed_at)
    for owed in found:
        if owed.amount_minor:
            payment = Payment(
                partner=owed.partner,
                payer="partner" if owed.amount_minor > 0 else "program",
                amount_minor=abs(owed.amount_minor),
                reference=f"{owed.partner}-{owed_at:%Y-%m-%d}",
                paid_at=at,
            )
            with suppress(ReferenceTaken), program_transaction(program_id):
                record_payment(program_id, payment, at=at)
