"""Undo an import: what it granted, the orders and tiers it told of, and the members who came by it alone."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from wafa.activities.operations import ToldOrder, hold_orders, remove_orders, save_orders
from wafa.activities.queries import list_members_with_orders
from wafa.core.books import Balance, Journal, Lot
from wafa.core.decide import Decision
from wafa.core.keep import taken_back
from wafa.core.program import Program
from wafa.core.snapshots import OrderSnapshot
from wafa.core.standing import Standing
from wafa.core.tiers.follow import Cause, follow
from wafa.core.tiers.record import TierRecord
from wafa.core.tiers.reward import ENTRY
from wafa.core.tiers.undo import find_unreached, is_corrected, without, write_undone
from wafa.core.undo import WhenUsed, undo_lots
from wafa.coupons.queries import list_members_with_coupons
from wafa.flows.bring_friends import bring_friends
from wafa.flows.qualify_members import qualify_members, with_tiers
from wafa.flows.record_orders import order_row
from wafa.imports.operations import drop_rows_of
from wafa.imports.queries import Brought, list_members_of_others, load_brought
from wafa.kit.retries import Again
from wafa.ledger.operations import post
from wafa.ledger.queries import load_standings, lock_members
from wafa.ledger.undoing import close_unused_balances, sum_repaid
from wafa.members.forget import forget_members, hold_untouched
from wafa.members.standings import take_from_records
from wafa.programs.queries import get_program_rules
from wafa.referrals.queries import list_members_with_referrals
from wafa.rewards.queries import list_members_with_redemptions


class UsedMeanwhile(Exception):
    """Units that came by the import were used, and it was said to undo nothing then. Nothing was changed."""

    def __init__(self, units: int) -> None:
        super().__init__(f"{units} units that came by it were used meanwhile")
        self.units = units


class Undoing(Struct, kw_only=True):
    """What undoing does, or would do: `units` taken back by unit, and of these those that were `used` meanwhile.

    `users` are the members who used any. `kept_orders` were told of by their store since, and stay as they are.
    `forgotten` are members who came by the import alone; `kept` those of its members who stay.
    """

    units: dict[str, int] = {}
    used: dict[str, int] = {}
    users: int = 0
    orders: int = 0
    kept_orders: int = 0
    forgotten: int = 0
    kept: int = 0

    def add(self, other: "Undoing") -> None:
        for mine, more in ((self.units, other.units), (self.used, other.used)):
            for unit, amount in more.items():
                mine[unit] = mine.get(unit, 0) + amount
        for name in ("users", "orders", "kept_orders", "forgotten", "kept"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Past(Struct, frozen=True, kw_only=True):
    """The import that is undone, and what it is called."""

    import_id: UUID
    name: str


def survey_undoing(program_id: UUID, past: Past, brought: Sequence[Brought], *, at: datetime) -> Undoing:
    """What undoing an import would do with these members. Nothing is changed."""
    orders = hold_orders(program_id, [order_id for each in brought for order_id in each.orders])
    plan = _plan(program_id, past, brought, orders, leaves_debt=True, lock=False, at=at)
    return plan.told


def undo_import(
    program_id: UUID, past: Past, brought: Sequence[Brought], *, when_used: WhenUsed, at: datetime
) -> Undoing:
    """Undo what an import brought of these members, all of it. Raises UsedMeanwhile, with nothing changed, and Again
    where two of them turned out to be one before they could be held.

    Every journal stays, and another one takes it back. An order is forgotten unless its store told of it since; one
    that had earned keeps its place, empty. A member who came by the import, and with whom nothing was done since, is
    forgotten; where there are journals, they stay under the member's id.
    """
    program = get_program_rules(program_id)
    orders = hold_orders(program_id, [order_id for each in brought for order_id in each.orders])
    members = [each.member_id for each in brought]
    lock_members(program_id, members)
    if load_brought(program_id, past.import_id, members) != list(brought):
        raise Again
    plan = _plan(program_id, past, brought, orders, leaves_debt=when_used == "debt", lock=True, at=at)
    if when_used == "refuse" and plan.told.users:
        raise UsedMeanwhile(sum(plan.told.used.values()))
    post(program_id, plan.journals, booked_at=at)
    removed = [order for order in orders if order.is_untouched]
    _remove_orders(program_id, removed, earned=plan.earned, at=at)
    if program.has_referrals:
        buyers = {order.member_id for order in removed if order.member_id is not None}
        bring_friends(program_id, program, [], changed=buyers, at=at)
    appointments = {given for each in brought for given in each.appointments}
    take_from_records(program_id, members, appointments=appointments, causes=[order.id for order in removed])
    forgotten = _forget(program_id, past, brought, plan.standings, told_at={order.first_seen_at for order in orders})
    plan.told.forgotten, plan.told.kept = len(forgotten), len(brought) - len(forgotten)
    retraced = [(id_, Decision(tiers=record)) for id_, record in plan.tiers.items() if id_ not in forgotten]
    qualify_members(program_id, program, plan.standings, retraced, at=at, quiet=True)
    drop_rows_of(program_id, past.import_id, members)
    return plan.told


class _Plan(Struct, kw_only=True):
    """The journals that take an import back, where its members stand then, and what there is to tell of it.

    `earned` are the causes for which anything was ever granted, `tiers` the records of those who ever had a tier.
    """

    journals: list[Journal]
    earned: set[UUID | None]
    standings: dict[UUID, Standing]
    tiers: dict[UUID, TierRecord]
    told: Undoing


def _plan(
    program_id: UUID,
    past: Past,
    brought: Sequence[Brought],
    orders: Sequence[ToldOrder],
    *,
    leaves_debt: bool,
    lock: bool,
    at: datetime,
) -> _Plan:
    program = get_program_rules(program_id)
    kept = {order.id for order in orders if not order.is_untouched}
    named = [lot_id for each in brought for lot_id in each.lots]
    # Also of those who brought no units: they may have got some since, and nobody gives them any while they are held.
    members = [each.member_id for each in brought]
    loaded = load_standings(program_id, members, lock=lock, with_lots=True, lot_ids=named)
    standings = dict(with_tiers(program_id, program, loaded, lock=lock))
    removed = {order.id for order in orders} - kept
    tiers: dict[UUID, TierRecord] = {}
    going: dict[UUID, set[UUID]] = {}
    for each in brought:
        standing, record, entered = _retrace(program, standings[each.member_id], each, removed, past, at=at)
        standings[each.member_id] = standing
        if record is not None:
            tiers[each.member_id] = record
        if ids := {id_ for id_ in each.lots if _goes(standing.lots[id_], kept)}.union(entered):
            going[each.member_id] = ids
    named = [lot_id for ids in going.values() for lot_id in ids]
    repaid = sum_repaid(program_id, going.keys(), named) if named else {}
    told = Undoing(orders=len(removed), kept_orders=len(kept), kept=len(brought))
    journals: list[Journal] = []
    earned: set[UUID | None] = set()
    for member_id, ids in going.items():
        earned |= {standings[member_id].lots[lot_id].cause_id for lot_id in ids}
        undone = undo_lots(
            standings[member_id],
            ids,
            program=program,
            key=f"undo:{past.import_id}",
            source=past.name,
            repaid=repaid,
            leaves_debt=leaves_debt,
            at=at,
        )
        journals += undone.journals
        standings[member_id] = undone.standing
        told.add(Undoing(units=dict(undone.units), used=dict(undone.used), users=int(any(undone.used.values()))))
    return _Plan(journals=journals, standings=standings, tiers=tiers, earned=earned, told=told)


def _goes(lot: Lot, kept: Collection[UUID]) -> bool:
    """Whether a lot that came by the import goes with it. What entering a tier granted does where it was no entry."""
    return lot.cause_id not in kept and not lot.rule.startswith(ENTRY)


def _retrace(
    program: Program, standing: Standing, each: Brought, removed: Collection[UUID], past: Past, *, at: datetime
) -> tuple[Standing, TierRecord | None, Collection[UUID]]:
    """A member without the orders that are removed and the tiers that came with them.

    Returns the standing with what counts then; the record of where that leads, which corrects what was written down
    (None where nothing was); and the lots of entries that were none.
    """
    if standing.tiers is None:
        return standing, None, ()
    counted = without(standing.tiers, causes=removed, appointments=each.appointments)
    standing = replace(standing, tiers=counted)
    if not counted.steps:
        return standing, None, ()
    cause = Cause(kind="undone", order=past.name, at=at)
    record = follow(program, counted, until=max(at, counted.known_until or at), cause=cause)
    undone = find_unreached(program, standing, record)
    if undone is None:
        return standing, record, ()
    if is_corrected(standing, record):
        return standing, write_undone(standing, record, undone), [lot.id for lot in undone.lots]
    return standing, record, [lot.id for lot in undone.lots if lot.id in each.lots]


def _remove_orders(
    program_id: UUID, removed: Sequence[ToldOrder], *, earned: Collection[UUID | None], at: datetime
) -> None:
    """Forget orders; those of which anything is in the books, from this time or an earlier one, keep their place."""
    gone, emptied = [], []
    for order in removed:
        snapshot = _snapshots.decode(order.snapshot)
        if order.id in earned or (snapshot.remembered and snapshot.remembered.taken_back):
            emptied.append((order.id, order_row(taken_back(snapshot), None)))
        else:
            gone.append(order.id)
    remove_orders(program_id, gone)
    save_orders(program_id, emptied, at=at)


_snapshots = msgspec.json.Decoder(OrderSnapshot)


def _forget(
    program_id: UUID,
    past: Past,
    brought: Sequence[Brought],
    standings: Mapping[UUID, Standing],
    *,
    told_at: Collection[datetime],
) -> set[UUID]:
    """Forget those who came by the import, and with whom nothing else was done by now: every room is asked, once
    nobody can do anything with them any more.

    The import may have made known more of them `told_at` these moments.
    """
    came = {each.member_id for each in brought if each.enrolled}
    with_units = {id_ for id_, standing in standings.items() if any(map(_has_anything, standing.balances.values()))}
    untouched = hold_untouched(program_id, came - with_units, told_at=told_at)
    others = list_members_of_others(program_id, past.import_id, untouched).union(
        *(ask(program_id, untouched) for ask in _WITH_ANYTHING)
    )
    alone = untouched - others
    forget_members(program_id, alone, in_the_books=close_unused_balances(program_id, alone))
    return alone


_WITH_ANYTHING = (
    list_members_with_orders,
    list_members_with_redemptions,
    list_members_with_coupons,
    list_members_with_referrals,
)


def _has_anything(balance: Balance) -> bool:
    return balance != Balance()
