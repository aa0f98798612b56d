"""The laws of what is given beside the books: coupons within limits, referrals as they count, gifts once an entry."""

from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from tests.world import World
from wafa.core.ids import caused_id
from wafa.coupons.counts import TAKEN, budget_of, name_of_member, uses_of
from wafa.coupons.models import Code, Tally, Use, UseState
from wafa.kit.transactions import program_transaction
from wafa.ledger.models import Lot
from wafa.members.models import Member, MemberState
from wafa.programs.queries import get_program_rules
from wafa.referrals.models import Given as GivenRow
from wafa.referrals.models import Referral
from wafa.rewards.models import Fulfilment, Redemption, RedemptionState


class Given:
    """Everything that coupons and referrals gave, as it is at a moment."""

    def __init__(self, world: World) -> None:
        program = {"program_id": world.program_id}
        with program_transaction(world.program_id):
            self.spec = get_program_rules(world.program_id).versions[-1].spec
            self.uses = list(Use.objects.filter(**program))
            self.codes = list(Code.objects.filter(**program))
            self.tallies = {(one.campaign, one.who): one.used for one in Tally.objects.filter(**program)}
            things = [name(one.id) for one in self.spec.coupons.campaigns for name in (uses_of, budget_of)]
            self.taken = Counter(TAKEN.taken(world.program_id, things))
            self.referrals = list(Referral.objects.filter(**program))
            self.given = list(GivenRow.objects.filter(**program))
            self.redemptions = {one.key: one for one in Redemption.objects.filter(**program)}
            self.lots: dict[UUID | None, list[Lot]] = {}
            for lot in Lot.objects.filter(**program):
                self.lots.setdefault(lot.cause_id, []).append(lot)
            self.states = dict(Member.objects.filter(**program).values_list("id", "state"))

    @property
    def state(self) -> tuple[Any, ...]:
        """What has to stay as it is where nothing may happen."""
        return (
            sorted((use.used_on, use.campaign, use.state, use.beyond) for use in self.uses),
            sorted(item for item in self.tallies.items() if item[1]),
            sorted(item for item in self.taken.items() if item[1]),
            sorted((str(one.id), str(one.advocate_id), str(one.friend_id), one.state) for one in self.referrals),
            sorted((one.key, one.taken_back_at is None, one.kept) for one in self.given),
            sorted((one.key, one.state, one.fulfilment) for one in self.redemptions.values()),
            sorted((str(member_id), state) for member_id, state in self.states.items()),
        )

    def assert_laws(self) -> None:
        self._assert_counts()
        self._assert_units_of_coupons()
        self._assert_referrals()
        self._assert_entry_gifts()

    def _assert_entry_gifts(self) -> None:
        """What entering a tier gave cost nothing, and nobody has two for one tier but by who was merged into them."""
        gifts = [one for one in self.redemptions.values() if one.source.startswith("tier:")]
        assert all((one.unit, one.units) == (None, 0) for one in gifts)
        standing = [one for one in gifts if one.state in ("issued", "used") and one.fulfilment != Fulfilment.REVOKING]
        # Its key names whose entry it was, whoever has it now.
        had = Counter((one.key.split(":")[1], one.source) for one in standing)
        assert not had or max(had.values()) == 1, had

    def _assert_counts(self) -> None:
        """What is counted is what is used, and nothing is used beyond a limit."""
        counted = [use for use in self.uses if use.state == UseState.USED and not use.beyond]
        for campaign in self.spec.coupons.campaigns:
            uses, limits = [use for use in counted if use.campaign == campaign.id], campaign.limits
            assert self.taken[uses_of(campaign.id)] == len(uses) <= (limits.campaign or len(uses))
            spent = sum(use.budget_minor for use in uses)
            assert self.taken[budget_of(campaign.id)] in (0, spent)
            assert limits.budget_minor is None or self.taken[budget_of(campaign.id)] == spent <= limits.budget_minor
            by_whom = Counter(use.who for use in uses if use.who)
            tallied = {who: used for (of, who), used in self.tallies.items() if of == campaign.id and used}
            assert tallied == dict(by_whom), (campaign.id, tallied, by_whom)
        by_code = Counter(use.code_id for use in counted if use.code_id)
        assert {code.id: code.used for code in self.codes if code.used} == dict(by_code)

    def _assert_units_of_coupons(self) -> None:
        """A use gives its units to whoever it is of, as long as it is used."""
        for use in self.uses:
            cause = caused_id(f"coupon:{use.id}:{use.used_at.isoformat()}", at=use.used_at)
            is_given = use.state == UseState.USED and not use.beyond
            assert _standing(self.lots.get(cause, ())) == (use.units if is_given else 0), use.__dict__
            if use.member_id is not None:
                assert use.who == name_of_member(use.member_id)
                assert self.states[use.member_id] != MemberState.MERGED

    def _assert_referrals(self) -> None:
        """Each thing stands once, as far as its referral counts, and the books have what stands."""
        standing: dict[tuple[UUID, str], list[GivenRow]] = {}
        for one in self.given:
            if one.unit is not None:
                lots = self.lots.get(caused_id(one.key, at=one.at), ())
                assert _standing(lots) == (one.units if one.taken_back_at is None else 0), one.__dict__
            if one.reward and one.taken_back_at is not None:
                given_back = (RedemptionState.CANCELLED, RedemptionState.EXPIRED, RedemptionState.FAILED)
                assert self.redemptions[one.key].state in given_back
            if one.taken_back_at is None:
                standing.setdefault((one.referral_id, one.side), []).append(one)
        counted = Counter(one.advocate_id for one in self.referrals if one.counted_at is not None)
        for referral in self.referrals:
            expected = int(referral.counted_at is not None)
            for side in ("advocate", "completed"):
                assert len(standing.get((referral.id, side), ())) == expected, (side, referral.__dict__)
            assert len(standing.get((referral.id, "friend"), ())) <= 1
            if referral.state in ("blocked", "reversed"):
                assert (referral.id, "friend") not in standing
        for one in self.given:
            if one.side == "milestone" and one.taken_back_at is None and not one.kept:
                assert one.friends <= counted[one.member_id], "a milestone stands for which there are too few friends"


def _standing(lots: Iterable[Lot]) -> int:
    """What lots gave, as far as it was not taken back."""
    return sum(lot.granted - lot.corrected - lot.clawed_back - lot.forgiven for lot in lots)
