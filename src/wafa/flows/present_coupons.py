"""What is known of coupons that somebody presents: whose campaigns they are, who presents them, and who guesses."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from wafa.core.codes import bare_code
from wafa.core.coupons import CodeFault, Presented, Shopper, Verdict, decide_coupons
from wafa.core.member import UNKNOWN, MemberFacts
from wafa.core.program import Program
from wafa.core.qualify import Cart, Refusal
from wafa.core.snapshots import CustomerRef
from wafa.core.spec import Campaign, UniqueCodes, Version
from wafa.coupons.codes import KeptCode, find_code_ids, find_codes
from wafa.coupons.counts import name_of_member
from wafa.flows.count_coupons import Counts, Wanted
from wafa.flows.know_members import describe_members
from wafa.kit.secrets import keyed_hash
from wafa.members.models import IdentityKind, MemberState
from wafa.members.plan import Identifier, read_person
from wafa.members.queries import find_known
from wafa.programs.queries import get_program_rules
from wafa.rewards.guesses import count_misses, find_guessers


class Basket(Struct, frozen=True, kw_only=True):
    """Coupons that somebody wants to use together in a store: by `codes`, and campaigns that apply by themselves.

    `customer` is who it is, as far as the store knows. `asker` names who typed the codes, to count misses.
    """

    store: str
    codes: tuple[str, ...] = ()
    automatic: tuple[str, ...] = ()
    customer: CustomerRef | None = None
    cart: Cart | None = None
    asker: str = ""


class Person(Struct, frozen=True, kw_only=True):
    """Who a basket belongs to. `who` names them for limits: empty for somebody of whom nothing is known."""

    who: str = ""
    member_id: UUID | None = None
    joined: bool = False


class Presentation(Struct, frozen=True, kw_only=True):
    """A batch of baskets with all that is known of them before anything is counted."""

    program: Program
    version: Version | None
    baskets: Sequence[Basket]
    people: Sequence[Person]
    members: Mapping[UUID, MemberFacts]
    codes: Mapping[str, KeptCode]
    guessers: frozenset[str]

    def campaign(self, code: str) -> str | None:
        """The campaign that a code belongs to; None where nobody knows it."""
        shared = self.version.spec.coupons.by_code.get(bare_code(code)) if self.version else None
        if shared is not None:
            return shared.id
        return self.codes[code].campaign if code in self.codes else None

    def code_id(self, code: str) -> UUID | None:
        return self.codes[code].id if code in self.codes else None

    def wanted(self, place: int, *, at: datetime) -> list[Wanted]:
        """The uses that a basket would be, each with the most that it could take of a budget."""
        wanted = []
        for one in self._named(self.baskets[place]):
            campaign = self._find(one.campaign)
            if campaign is not None:
                (alone,) = self._decide(place, [one], None, at=at)
                wanted.append(
                    Wanted(
                        campaign=campaign,
                        code_id=self.code_id(one.code),
                        who=self.people[place].who,
                        budget_minor=alone.budget_minor,
                    )
                )
        return wanted

    def decide(self, place: int, counts: Counts, *, at: datetime) -> tuple[Verdict, ...]:
        """What becomes of a basket: a verdict for each code, then for each campaign without one."""
        basket = self.baskets[place]
        if basket.asker in self.guessers:
            refusals = (Refusal(reason="too_many_guesses"),)
            return tuple(Verdict(code=code, campaign=None, refusals=refusals) for code in basket.codes)
        presented = [
            Presented(code=one.code, campaign=one.campaign, fault=self._fault(place, one, counts, at=at))
            for one in self._named(basket)
        ]
        return self._decide(place, presented, counts, at=at)

    def _decide(
        self, place: int, presented: Sequence[Presented], counts: Counts | None, *, at: datetime
    ) -> tuple[Verdict, ...]:
        basket, person = self.baskets[place], self.people[place]
        shopper = Shopper(
            known=basket.customer is not None,
            joined=person.joined,
            member=self.members.get(person.member_id, UNKNOWN) if person.member_id else UNKNOWN,
            used=counts.used_by(person.who) if counts else {},
        )
        left = counts.left() if counts else None
        return decide_coupons(self.program, self.version, presented, shopper, at=at, cart=basket.cart, left=left)

    def _named(self, basket: Basket) -> list[Presented]:
        """What a basket names. A campaign that has codes is not to be had without one."""
        by_code = [Presented(code=code, campaign=self.campaign(code)) for code in basket.codes]
        return by_code + [
            Presented(campaign=one if (found := self._find(one)) and found.is_automatic else None)
            for one in basket.automatic
        ]

    def _find(self, campaign: str | None) -> Campaign | None:
        return self.version.spec.coupons.by_id.get(campaign) if self.version and campaign else None

    def _fault(self, place: int, one: Presented, counts: Counts, *, at: datetime) -> CodeFault | None:
        code_id, campaign = self.code_id(one.code), self._find(one.campaign)
        if one.campaign is None:
            return "no_such_code"
        if code_id is None or campaign is None or not isinstance(campaign.codes, UniqueCodes):
            return None
        code = counts.code(code_id)
        if code.member_id is not None and code.member_id != self.people[place].member_id:
            return "not_yours"
        if code.valid_until is not None and code.valid_until <= at:
            return "over"
        return "used_up" if counts.used(code_id) >= campaign.limits.code else None


def present_coupons(program_id: UUID, baskets: Sequence[Basket], *, at: datetime) -> Presentation:
    """Find what baskets name, and who they belong to. Codes that are none are counted against who typed them."""
    program = get_program_rules(program_id)
    version = program.in_force(at)
    askers = {basket.asker for basket in baskets if basket.asker and basket.codes}
    guessers = find_guessers(program_id, askers, at=at) if askers else set()
    tried = [basket for basket in baskets if basket.asker not in guessers]
    ids = find_code_ids(program_id, [code for basket in tried for code in basket.codes])
    kept = find_codes(program_id, set(ids.values()))
    people = find_people(program_id, [(basket.store, basket.customer) for basket in baskets], at=at)
    presentation = Presentation(
        program=program,
        version=version,
        baskets=baskets,
        people=people,
        members=_describe(program_id, program, version, people, at=at),
        codes={code: kept[code_id] for code, code_id in ids.items()},
        guessers=frozenset(guessers),
    )
    misses: Counter[str] = Counter()
    for basket in tried:
        if basket.asker:
            misses[basket.asker] += sum(presentation.campaign(code) is None for code in basket.codes)
    count_misses(program_id, misses, at=at)
    return presentation


def find_people(program_id: UUID, customers: Sequence[tuple[str, CustomerRef | None]], *, at: datetime) -> list[Person]:
    """Who stores speak of. A stranger is known again by a keyed hash of what they were known by."""
    told = [read_person(store, ref, at).identifiers if ref is not None else () for store, ref in customers]
    known = find_known(program_id, {identifier for identifiers in told for identifier in identifiers})
    return [_person(identifiers, known) for identifiers in told]


def _person(identifiers: Sequence[Identifier], known: Mapping[Identifier, tuple[UUID, MemberState]]) -> Person:
    for identifier in identifiers:
        if identifier in known:
            member_id, state = known[identifier]
            return Person(who=name_of_member(member_id), member_id=member_id, joined=state == MemberState.MEMBER)
    if not identifiers:
        return Person()
    # The e-mail where there is one: a phone is shared in a family, and an account may be new.
    kind, value = next((one for one in identifiers if one[0] is IdentityKind.EMAIL), identifiers[-1])
    return Person(who=f"stranger {keyed_hash(f'{kind.value}:{value}').hex()}")


def _describe(
    program_id: UUID, program: Program, version: Version | None, people: Sequence[Person], *, at: datetime
) -> dict[UUID, MemberFacts]:
    members = {person.member_id for person in people if person.member_id is not None}
    if version is None or not members or not any(one.asks_about_member for one in version.spec.coupons.campaigns):
        return {}
    return describe_members(program_id, program, version.spec, members, at=at)
