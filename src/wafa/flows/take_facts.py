"""Take in what stores say: the path of every delivery, API call and import, for a batch of any size.

Members are enrolled, orders compared with what was recorded, activities recorded once, and what follows is booked, in
one transaction of the caller's. A fact that cannot be taken (yet) is told in its outcome and leaves no trace; the
others go on.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import get_args
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from wafa.core.activities import Activity, ActivityNotice
from wafa.core.books import Journal
from wafa.core.calendars import OutsideCalendar
from wafa.core.check import BadActivity, check_answers, check_order, check_told
from wafa.core.compare import ActivityKind
from wafa.core.earn import MissingRate
from wafa.core.program import Program
from wafa.core.snapshots import Awaited, CustomerRef, CustomerSnapshot, OrderSnapshot
from wafa.core.uses import Spent, spent_after
from wafa.flows.accrue_activities import accrue_activities
from wafa.flows.announce import announce_journals
from wafa.flows.answer_profile import find_completed
from wafa.flows.ask_for_friends import ask_for_friends
from wafa.flows.bring_friends import Sighting, bring_friends
from wafa.flows.claim_accruals import claim_accruals
from wafa.flows.claw_back_refunds import claw_back_refunds
from wafa.flows.enroll_members import enroll_members, find_signup, keep_accounts
from wafa.flows.follow_vouchers import OrderCodes, follow_vouchers
from wafa.flows.keep_budgets import keep_budgets
from wafa.flows.mark_coupons import OrderedWith, hold_marks, mark_coupons
from wafa.flows.record_activities import record_activities
from wafa.flows.record_orders import OrderFact, RecordedOrder, SeenOrder, record_orders
from wafa.flows.review_tiers import review_members
from wafa.ledger.queries import lock_members
from wafa.members.operations import Resolved, Told
from wafa.programs.queries import get_program_rules

Telling = OrderFact | CustomerSnapshot | ActivityNotice
"""What a store may say."""


class StoreFact(Struct, frozen=True, kw_only=True, gc=False):
    """Something a store said, in our words, and which store it was."""

    store_id: UUID
    store: str
    fact: Telling


class OutcomeKind(StrEnum):
    """What became of a fact: taken, to be tried again later, or refused until somebody mends the cause."""

    TAKEN = "taken"
    WAITING = "waiting"
    REFUSED = "refused"


class Outcome(Struct, frozen=True, kw_only=True, gc=False):
    """What became of one fact, and what was booked because of it. `enrolled`: nobody had told of the member before."""

    kind: OutcomeKind = OutcomeKind.TAKEN
    reason: str = ""
    member_id: UUID | None = None
    enrolled: bool = False
    activities: tuple[Activity, ...] = ()
    journals: tuple[Journal, ...] = ()


def take_facts(
    program_id: UUID, facts: Sequence[StoreFact], *, at: datetime, is_history: bool = False
) -> list[Outcome]:
    """Take a batch of facts of one program, which reached us `at` (UTC). Returns one outcome per fact, in order.

    Of what is a history nobody is told, its coupons are of before, and to be enrolled by it is not to sign up. It
    brings no friends, but may show that one who was brought has ordered.
    """
    program = get_program_rules(program_id)
    refused = {index: reason for index, fact in enumerate(facts) if (reason := _refusal(program, fact.fact))}
    taken = [(index, fact) for index, fact in enumerate(facts) if index not in refused]
    people = _resolve(program_id, program, taken, at=at)
    recorded = record_orders(program_id, _seen_orders(taken, people), at=at, is_history=is_history)
    joined = sorted({person.member_id for person in people.values() if person.newly_joined})
    ordered = _ordered(facts, recorded) if program.has_coupons and not is_history else []
    marks = hold_marks(program_id, program, ordered)
    signed_up = {} if is_history else people
    done = _record_activities(program_id, program, taken, people, signed_up, at=at)
    paid, later = _activities(program, recorded)
    paid += done
    _hold(program_id, joined, marks.receivers, paid, later)
    if joined:
        claim_accruals(program_id, joined, at=at)
        review_members(program_id, program, joined, at=at, quiet=is_history)
    journals = keep_budgets(
        program_id,
        program,
        [(member_id, activity) for _, member_id, activity in (*paid, *later)],
        lambda spent: _book(program_id, program, paid, later, spent=spent, at=at, quiet=is_history),
    )
    if not is_history:
        announce_journals(program_id, [journal for booked in journals.values() for journal in booked], at=at)
        ask_for_friends(program_id, program, [(member_id, activity) for _, member_id, activity in done], at=at)
        follow_vouchers(program_id, program, _codes(facts, recorded), at=at)
        mark_coupons(program_id, marks, at=at)
    if program.has_referrals:
        changed = {order.member_id for order in recorded if order.member_id is not None}
        seen = [] if is_history else list(_sightings(taken, people))
        bring_friends(program_id, program, seen, changed=changed, at=at)
    outcomes = {index: Outcome(kind=OutcomeKind.REFUSED, reason=reason) for index, reason in refused.items()}
    for order in recorded:
        person = people.get(order.index)
        outcomes[order.index] = _outcome(order, journals, enrolled=person is not None and person.is_new)
    for index in range(len(facts)):
        if index not in outcomes:
            person = people.get(index)
            outcomes[index] = Outcome(
                member_id=person.member_id if person else None, journals=tuple(journals.get(index, ()))
            )
    for index, _, activity in done:
        outcomes[index] = replace(outcomes[index], activities=(*outcomes[index].activities, activity))
    return [outcomes[index] for index in range(len(facts))]


def _refusal(program: Program, fact: Telling) -> str:
    """Why a fact cannot be decided; asked before anything is written, so a refused fact is nowhere recorded."""
    try:
        match fact:
            case OrderSnapshot():
                check_order(program, fact)
            case ActivityNotice():
                check_told(program, fact.activity)
            case CustomerSnapshot():
                check_answers(program, fact.answers, at=fact.as_of)
    except (BadActivity, MissingRate, OutsideCalendar) as error:
        return str(error)
    return ""


def _resolve(
    program_id: UUID, program: Program, facts: Sequence[tuple[int, StoreFact]], *, at: datetime
) -> dict[int, Resolved]:
    named = [(index, told) for index, fact in facts if (told := _customer(fact)) is not None]
    resolved = enroll_members(program_id, program, [told for _, told in named], at=at)
    found = zip((index for index, _ in named), resolved, strict=True)
    people = {index: person for index, person in found if person is not None}
    keep_accounts(
        program_id,
        [
            (people[index].member_id, fact.fact)
            for index, fact in facts
            if isinstance(fact.fact, CustomerSnapshot) and index in people
        ],
    )
    return people


def _customer(told: StoreFact) -> Told | None:
    match told.fact:
        case OrderSnapshot(customer=CustomerRef() as customer, as_of=as_of):
            return told.store, customer, as_of
        case CustomerSnapshot(customer=customer, as_of=as_of):
            return told.store, customer, as_of
        case ActivityNotice(customer=customer, activity=activity):
            return told.store, customer, activity.occurred_at
        case _:
            return None


def _sightings(facts: Sequence[tuple[int, StoreFact]], people: dict[int, Resolved]) -> Iterable[Sighting]:
    """Who was seen, and with which codes."""
    for index, fact in facts:
        told = _customer(fact)
        if told is None or index not in people:
            continue
        _, customer, moment = told
        codes: tuple[str, ...] = ()
        if isinstance(fact.fact, OrderSnapshot):
            moment = fact.fact.placed_at
            codes = (*filter(None, [fact.fact.referral_code]), *fact.fact.coupon_codes)
        yield Sighting(member_id=people[index].member_id, customer=customer, at=moment, codes=codes)


def _seen_orders(facts: Sequence[tuple[int, StoreFact]], people: dict[int, Resolved]) -> list[SeenOrder]:
    return [
        SeenOrder(
            index=index,
            store_id=fact.store_id,
            store=fact.store,
            fact=fact.fact if index in people else _of_nobody(fact.fact),
            member_id=people[index].member_id if index in people else None,
        )
        for index, fact in facts
        if not isinstance(fact.fact, CustomerSnapshot | ActivityNotice)
    ]


def _of_nobody(fact: OrderFact) -> OrderFact:
    """Whoever is named by nothing that tells who they are is nobody yet: the order earns once somebody is known."""
    return replace(fact, customer=None) if isinstance(fact, OrderSnapshot) and fact.customer else fact


_Caused = list[tuple[int, UUID, Activity]]
"""Activities, as (index of the fact that showed it, member, activity)."""


def _record_activities(
    program_id: UUID,
    program: Program,
    facts: Sequence[tuple[int, StoreFact]],
    people: dict[int, Resolved],
    signed_up: dict[int, Resolved],
    *,
    at: datetime,
) -> _Caused:
    """What members did beside ordering, as far as nobody has told it before.

    Joining is something they do too, and so is completing their profile.
    """
    told = [
        (index, people[index].member_id, fact.fact.activity)
        for index, fact in facts
        if isinstance(fact.fact, ActivityNotice) and index in people
    ]
    told += [
        (index, person.member_id, signup)
        for index, person in signed_up.items()
        if (signup := find_signup(program, person, at=at))
    ]
    last = {person.member_id: index for index, person in signed_up.items()}
    told += [(last[whose], whose, done) for whose, done in find_completed(program_id, program, last.keys(), at=at)]
    are_new = record_activities(program_id, [(member_id, activity) for _, member_id, activity in told], at=at)
    return [caused for caused, is_new in zip(told, are_new, strict=True) if is_new]


def _activities(program: Program, recorded: Sequence[RecordedOrder]) -> tuple[_Caused, _Caused]:
    """The payments, and what followed them as far as the program minds it."""
    ignored = {awaited for awaited in get_args(Awaited) if awaited not in program.awaited}
    paid: _Caused = []
    later: _Caused = []
    for order in recorded:
        if order.member_id is None:
            continue
        for activity in order.activities:
            if activity.kind.value in ignored:
                continue
            batch = paid if activity.kind is ActivityKind.PAID else later
            batch.append((order.index, order.member_id, activity))
    return paid, later


def _codes(facts: Sequence[StoreFact], recorded: Sequence[RecordedOrder]) -> list[OrderCodes]:
    return [
        OrderCodes(store=facts[order.index].store, order=seen.external_id, used=order.used, freed=order.freed)
        for order in recorded
        if (order.used or order.freed)
        and not isinstance(seen := facts[order.index].fact, CustomerSnapshot | ActivityNotice)
    ]


def _ordered(facts: Sequence[StoreFact], recorded: Sequence[RecordedOrder]) -> list[OrderedWith]:
    """What orders say of coupons: those they use or use no more, and whether they came to nothing."""
    return [
        OrderedWith(
            used_on=f"{facts[one.index].store}:{one.order.external_id}",
            order=one.order,
            member_id=one.member_id,
            used=one.used,
            freed=one.freed,
        )
        for one in recorded
        if one.order is not None
    ]


def _hold(program_id: UUID, joined: Sequence[UUID], receivers: Collection[UUID], paid: _Caused, later: _Caused) -> None:
    """Where several flows follow, hold the members of all of them first. Only now: orders are held before balances."""
    steps = [joined, receivers, paid, later]
    if sum(bool(step) for step in steps) > 1:
        lock_members(program_id, [*joined, *receivers, *(member_id for _, member_id, _ in (*paid, *later))])


def _book(
    program_id: UUID,
    program: Program,
    paid: _Caused,
    later: _Caused,
    *,
    spent: Spent,
    at: datetime,
    quiet: bool,
) -> dict[int, list[Journal]]:
    """Book payments and other activities, then what followed payments. Returns journals by the index of their fact."""
    booked: dict[int, list[Journal]] = {}
    for batch, flow in ((paid, accrue_activities), (later, claw_back_refunds)):
        if batch:
            causes = [(member_id, activity) for _, member_id, activity in batch]
            decided = flow(program_id, program, causes, spent=spent, at=at, quiet=quiet)
            for (index, _, _), journals in zip(batch, decided, strict=True):
                booked.setdefault(index, []).extend(journals)
                spent = spent_after(spent, journals) if spent else spent
    return booked


def _outcome(order: RecordedOrder, journals: dict[int, list[Journal]], *, enrolled: bool) -> Outcome:
    if order.waiting_for:
        return Outcome(kind=OutcomeKind.WAITING, reason=order.waiting_for)
    return Outcome(
        member_id=order.member_id,
        enrolled=enrolled,
        activities=order.activities,
        journals=tuple(journals.get(order.index, ())),
    )
