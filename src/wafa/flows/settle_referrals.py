"""Decide referrals by all that is known of the two and of the friend's orders, and give or take back what follows.

Facts and staff only say which referral is to be looked at; the clock comes by each minute, and whoever catches up after
downtime ends the same.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from wafa.activities.past import load_past
from wafa.activities.queries import load_fingerprints
from wafa.core.activities import MemberActivity
from wafa.core.books import Journal
from wafa.core.compare import OrderActivity
from wafa.core.decide import Decision as Decided
from wafa.core.ids import caused_id
from wafa.core.program import Program
from wafa.core.referrals.books import completed_activity, grant_units, take_back_completion, take_back_units
from wafa.core.referrals.decide import decide_referral, tally_after
from wafa.core.referrals.people import canonical_email
from wafa.core.referrals.record import Case, Decision, FriendOrder, Given, Person, Referral, Step, Tally
from wafa.core.standing import Standing
from wafa.flows.announce import Announcement, announce, announce_journals
from wafa.flows.book_found import book_found
from wafa.flows.give_back_rewards import give_back_rewards
from wafa.flows.give_rewards import Present, give_rewards
from wafa.flows.qualify_members import qualify_members, with_tiers
from wafa.flows.redeem_rewards import Had
from wafa.kit.retries import Again
from wafa.ledger.operations import post
from wafa.ledger.queries import load_standings, lock_members
from wafa.members.models import MemberState
from wafa.members.queries import Contacts, load_contacts
from wafa.programs.queries import get_program_rules, list_stores
from wafa.referrals.operations import (
    Due,
    list_due,
    lock_referrals,
    put_given,
    put_steps,
    save_given,
    save_referrals,
)
from wafa.referrals.queries import find_sold_out, load_given, load_tallies
from wafa.rewards.redemptions import find_by_keys

SOURCE = "referral"
"""Where redemptions that a referral gave come from."""

_ASK_AGAIN = timedelta(days=1)


def settle_due_referrals(program_id: UUID, *, at: datetime, limit: int = 500) -> int:
    """Settle up to `limit` referrals that were due by `at`. Returns how many: 0 means none are left."""
    program = get_program_rules(program_id)
    if not program.has_referrals:
        return 0
    due = list_due(program_id, at=at, limit=limit)
    settle_referrals(program_id, program, due, at=at)
    return len(due)


def settle_referrals(program_id: UUID, program: Program, due: Collection[Due], *, at: datetime) -> dict[UUID, Referral]:
    """Decide these referrals, the first claimed first, each on what those before it did to the same advocate.

    Returns them as they are then.
    """
    if not due:
        return {}
    loaded = _load(program_id, due)
    work = _Work()
    for referral in sorted(loaded.referrals.values(), key=lambda one: (one.claimed_at, one.id)):
        decision = decide_referral(program, _case(loaded, referral), at=at)
        loaded.tallies[referral.advocate_id] = tally_after(loaded.tallies[referral.advocate_id], decision)
        work.add(decision)
    _take_back(program_id, program, work, at=at)
    _give(program_id, program, work, at=at)
    save_referrals(program_id, [(one.referral, work.due_at(one, at=at)) for one in work.decisions])
    put_steps(program_id, work.steps, at=at)
    announce(program_id, _announcements(loaded.referrals, work.decisions), at=at)
    return {one.referral.id: one.referral for one in work.decisions}


class _Loaded(Struct, frozen=True, kw_only=True):
    """What a batch is decided on; `tallies` change with each decision."""

    referrals: dict[UUID, Referral]
    given: dict[UUID, tuple[Given, ...]]
    sold_out: set[UUID]
    tallies: dict[UUID, Tally]
    people: Mapping[UUID, Person]
    orders: Mapping[UUID, tuple[FriendOrder, ...]]


class _Work:
    """What the decisions of a batch ask for."""

    def __init__(self) -> None:
        self.decisions: list[Decision] = []
        self.steps: dict[UUID, list[Step]] = {}
        self._missing: set[UUID] = set()

    def add(self, decision: Decision) -> None:
        self.decisions.append(decision)
        self.steps[decision.referral.id] = list(decision.steps)

    def tell(self, referral_id: UUID, step: Step) -> None:
        """A step that only carrying out a decision showed. It may be one of a referral of another batch."""
        self.steps.setdefault(referral_id, []).append(step)

    def miss(self, given: Given, at: datetime) -> None:
        """It could not be given now, and is asked for again tomorrow."""
        self._missing.add(given.referral_id)
        self.tell(given.referral_id, Step(kind="sold_out", at=at, about=(given.reward or "",)))

    def due_at(self, decision: Decision, *, at: datetime) -> datetime | None:
        if decision.referral.id not in self._missing:
            return decision.due_at
        return min(at + _ASK_AGAIN, decision.due_at or at + _ASK_AGAIN)


def _load(program_id: UUID, due: Collection[Due]) -> _Loaded:
    """Members are held first, with those into whom they were merged and who were given anything; then the referrals.
    The rest is read in statements after that. Raises Again where one of the two turned out to be another meanwhile."""
    advocates, friends = {one.advocate_id for one in due}, {one.friend_id for one in due}
    given = load_given(program_id, [one.id for one in due])
    contacts = load_contacts(program_id, advocates | friends)
    receivers = {one.member_id for each in given.values() for one in each}
    held = {*advocates, *friends, *receivers, *_survivors(contacts)}
    lock_members(program_id, held)
    referrals = lock_referrals(program_id, [one.id for one in due])
    contacts = load_contacts(program_id, advocates | friends)
    have_moved = any(not contacts.keys() >= {*one.both} for one in referrals.values())
    if have_moved or not held.issuperset(_survivors(contacts)):
        raise Again
    fingerprints = load_fingerprints(program_id, advocates | friends)
    stores = {store.id: store.code for store in list_stores(program_id)}
    buyers = {friend: contacts[friend].merged_into or friend for friend in friends}
    past = load_past(program_id, set(buyers.values()), stores)
    nothing: frozenset[str] = frozenset()
    return _Loaded(
        referrals=referrals,
        given=load_given(program_id, referrals),
        sold_out=find_sold_out(program_id, [id_ for id_, one in referrals.items() if one.counted_at is not None]),
        tallies=load_tallies(program_id, advocates),
        people={id_: _person(found, fingerprints.get(id_, nothing)) for id_, found in contacts.items()},
        orders={friend: tuple(_orders(past[buyer])) for friend, buyer in buyers.items()},
    )


def _survivors(contacts: Mapping[UUID, Contacts]) -> set[UUID]:
    return {found.merged_into for found in contacts.values() if found.merged_into is not None}


def _person(contacts: Contacts, fingerprints: frozenset[str]) -> Person:
    return Person(
        joined=contacts.state == MemberState.MEMBER,
        merged_into=contacts.merged_into,
        emails=frozenset(map(canonical_email, contacts.emails)),
        phones=frozenset(contacts.phones),
        fingerprints=fingerprints,
    )


def _orders(done: Iterable[object]) -> Iterable[FriendOrder]:
    for one in done:
        if isinstance(one, OrderActivity):
            yield FriendOrder(order_id=one.order_id, store=one.store, order=one.order)


def _case(loaded: _Loaded, referral: Referral) -> Case:
    return Case(
        referral=referral,
        advocate=loaded.people[referral.advocate_id],
        friend=loaded.people[referral.friend_id],
        tally=loaded.tallies[referral.advocate_id],
        orders=loaded.orders[referral.friend_id],
        given=loaded.given.get(referral.id, ()),
        was_sold_out=referral.id in loaded.sold_out,
    )


def _take_back(program_id: UUID, program: Program, work: _Work, *, at: datetime) -> None:
    undone = [(given, decision.referral) for decision in work.decisions for given in decision.take_back]
    if not undone:
        return
    standings = dict(_standings(program_id, program, [given for given, _ in undone]))
    before, after = dict(standings), dict(standings)
    journals: list[Journal] = []
    for given, referral in undone:
        standing = after[given.member_id]
        if given.side == "completed":
            decided = take_back_completion(program, standing, given, at=referral.since)
            after[given.member_id] = decided.after(standing)
            journals += decided.journals
        elif given.unit is not None:
            back = take_back_units(program, standing, given, at=referral.since)
            after[given.member_id] = standing.after(back)
            journals += back
    post(program_id, journals, booked_at=at)
    _save_tiers(program_id, program, before, after, at=at)
    announce_journals(program_id, journals, at=at)
    kept = _revoke(program_id, [given for given, _ in undone if given.reward], at=at)
    for given, referral in undone:
        if given.key in kept:
            work.tell(given.referral_id, Step(kind="kept", at=referral.since, about=(given.reward or "",)))
    save_given(
        program_id,
        [
            replace(given, kept=True) if given.key in kept else replace(given, taken_back_at=referral.since)
            for given, referral in undone
        ],
    )


def _revoke(program_id: UUID, vouchers: Sequence[Given], *, at: datetime) -> set[str]:
    """Take vouchers back. Returns the keys of those that were used, or cannot be taken back by their kind."""
    redemptions = find_by_keys(program_id, [given.key for given in vouchers])
    asked = list(redemptions.values())
    answers = give_back_rewards(program_id, [one.id for one in asked], "cancelled", at=at)
    kept_for = ("used", "final")
    return {
        one.key
        for one, answer in zip(asked, answers, strict=True)
        if not isinstance(answer, Had) and any(refusal.reason in kept_for for refusal in answer.refusals)
    }


def _give(program_id: UUID, program: Program, work: _Work, *, at: datetime) -> None:
    new = [given for decision in work.decisions for given in decision.give]
    if not new:
        return
    standings = dict(_standings(program_id, program, new))
    journals: list[Journal] = []
    for given in new:
        if given.unit is not None:
            granted = grant_units(program, standings[given.member_id], given)
            standings[given.member_id] = standings[given.member_id].after(granted)
            journals += granted
    post(program_id, journals, booked_at=at)
    announce_journals(program_id, journals, at=at)
    presents = [_present(given) for given in new if given.reward]
    issued = give_rewards(program_id, program, standings, presents, at=at) if presents else {}
    given_now = [given for given in new if given.reward is None or given.key in issued]
    for given in new:
        if given.reward and given.key not in issued:
            work.miss(given, at)
        elif given.side == "friend":
            work.tell(given.referral_id, Step(kind="offered", at=given.at))
    put_given(program_id, given_now)
    _complete(program_id, program, [given for given in new if given.side == "completed"], at=at)


def _present(given: Given) -> Present:
    assert given.reward is not None
    return Present(key=given.key, member_id=given.member_id, reward=given.reward, version=given.version, source=SOURCE)


def _complete(program_id: UUID, program: Program, completed: Sequence[Given], *, at: datetime) -> None:
    """Tell rules and tiers that advocates completed referrals."""
    done: list[tuple[UUID, MemberActivity]] = [(given.member_id, completed_activity(given)) for given in completed]
    book_found(program_id, program, done, at=at)


def _standings(program_id: UUID, program: Program, given: Sequence[Given]) -> Mapping[UUID, Standing]:
    """The standings of members who are held, with the lots of what was given and every open one."""
    causes = [completed_activity(one).cause_id if one.side == "completed" else one.id for one in given]
    loaded = load_standings(program_id, {one.member_id for one in given}, lock=True, with_lots=True, cause_ids=causes)
    return with_tiers(program_id, program, loaded)


def _save_tiers(
    program_id: UUID,
    program: Program,
    before: Mapping[UUID, Standing],
    after: Mapping[UUID, Standing],
    *,
    at: datetime,
) -> None:
    changed = [
        (id_, Decided(tiers=standing.tiers))
        for id_, standing in after.items()
        if standing.tiers is not before[id_].tiers
    ]
    qualify_members(program_id, program, before, changed, at=at)


def _announcements(before: Mapping[UUID, Referral], decisions: Sequence[Decision]) -> Iterable[Announcement]:
    for decision in decisions:
        referral = decision.referral
        if referral.state != before[referral.id].state:
            yield Announcement(
                id=caused_id(f"referral.{referral.state}:{referral.id}", at=referral.since),
                type=f"referral.{referral.state}",
                occurred_at=referral.since,
                told={
                    "referral": referral.id,
                    "advocate": referral.advocate_id,
                    "friend": referral.friend_id,
                    "order": referral.order_id,
                    "version": referral.version,
                    "signals": list(referral.signals),
                },
            )
