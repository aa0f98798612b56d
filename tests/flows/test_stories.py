"""The stories of tests/core, told through the flows and the database: the same tables, cell by cell."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from uuid import UUID

import pytest

from tests.core.tables import FRIEND, GUEST, MEMBER, STORIES, TimedOut, UsedMeanwhile, play, read_story
from tests.imports.histories import Histories
from tests.world import World
from wafa.core.activities import ActivityNotice
from wafa.core.books import Balance
from wafa.core.compare import NotYet, Seen
from wafa.core.lots import NotEnough
from wafa.core.open_balance import Opening
from wafa.core.qualify import Refusal
from wafa.core.referrals.record import Ruling
from wafa.core.snapshots import Birthday, CustomerRef, CustomerSnapshot, RefundNotice
from wafa.core.spec import FixedCost, ProgramSpec, VariableCost
from wafa.core.tiers.record import Appointment
from wafa.core.undo import WhenUsed
from wafa.core.why import GiveBackCause
from wafa.flows import undo_import
from wafa.flows.celebrate_day import celebrate_day
from wafa.flows.convert_units import NotConverted
from wafa.flows.merge_members import merge_members, undo_merge
from wafa.flows.record_payments import Payment, record_payment
from wafa.flows.redeem_rewards import Had, NotHad
from wafa.flows.take_facts import OutcomeKind
from wafa.flows.transfer_units import NotGiven
from wafa.kit.transactions import program_transaction
from wafa.ledger.partners import list_owed
from wafa.ledger.queries import get_balance
from wafa.members.models import Identity
from wafa.rewards.models import Redemption

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


class DatabaseDriver:
    """A `Driver` (tests.core.tables) on the real books."""

    def __init__(self, spec: ProgramSpec) -> None:
        self.world = World(spec.model_dump(mode="json"), store="falcon", began=BEGINNING)
        self.rewards = {r.cost.unit: r.id for r in spec.rewards if isinstance(r.cost, FixedCost | VariableCost)}
        self.redemptions: dict[str, UUID] = {}
        self.ids: dict[str, UUID] = {}
        for store in spec.partner_by_store:
            self.world.connect(store)
        self.histories = Histories(self.world)
        self.imports: dict[str, UUID] = {}

    def see(self, seen: Seen, *, store: str = "falcon") -> None:
        at = seen.refund.at if isinstance(seen, RefundNotice) else seen.as_of
        outcome = self.world.take(seen, store=store, at=at)[0]
        if outcome.kind is OutcomeKind.WAITING:
            raise NotYet(outcome.reason)
        assert outcome.kind is OutcomeKind.TAKEN, outcome.reason

    def join(self, *, at: datetime) -> None:
        self.world.take(CustomerSnapshot(customer=MEMBER, created_at=at, as_of=at), at=at)

    def redeem(self, *, key: str, unit: str, units: int, at: datetime, reward: str = "") -> None:
        if unit in self.rewards:
            self._ask(key, unit, units, hold=False, at=at, reward=reward)
            return
        answer = self.world.redeem(str(GUEST.email), units, key=key, unit=unit, at=at)
        if isinstance(answer, NotEnough):
            raise answer

    def hold(self, *, key: str, unit: str, units: int, at: datetime, reward: str = "") -> None:
        self._ask(key, unit, units, hold=True, at=at, reward=reward)

    def capture(self, *, key: str, at: datetime) -> None:
        answer = self.world.capture(self.redemptions[key], at=at)
        if isinstance(answer, NotHad):
            assert answer.refusals == (Refusal(reason="timed_out"),)
            raise TimedOut

    def give_back(self, *, key: str, cause: GiveBackCause, at: datetime) -> None:
        assert isinstance(self.world.give_back(self.redemptions[key], cause, at=at), Had)

    def give(self, *, key: str, unit: str, units: int, at: datetime) -> None:
        self._transfer(MEMBER, FRIEND, key, unit, units, at=at)

    def receive(self, *, key: str, unit: str, units: int, at: datetime) -> None:
        self._transfer(FRIEND, MEMBER, key, unit, units, at=at)

    def friends_balance(self, unit: str) -> Balance:
        return self._balance(FRIEND, unit)

    def _transfer(
        self, giver: CustomerRef, recipient: CustomerRef, key: str, unit: str, units: int, *, at: datetime
    ) -> None:
        self.world.take(CustomerSnapshot(customer=FRIEND, created_at=at, as_of=at), at=at)
        answer = self.world.give(str(giver.email), str(recipient.email), units, key=key, unit=unit, at=at)
        if isinstance(answer, NotGiven):
            assert answer.refusals == (Refusal(reason="not_enough"),)
            raise NotEnough(asked=units, available=self._balance(giver, unit).available)

    def merge(self, *, at: datetime) -> None:
        member_id, friend_id = self._id(GUEST), self._id(FRIEND)
        with program_transaction(self.world.program_id):
            merge_members(
                self.world.program_id, survivor_id=friend_id, absorbed_id=member_id, reason="same", by="staff", at=at
            )

    def undo_merge(self, *, at: datetime) -> None:
        with program_transaction(self.world.program_id):
            undo_merge(self.world.program_id, self._id(GUEST), by="staff", at=at)

    def convert(self, *, key: str, conversion: str, units: int, at: datetime) -> str:
        answer = self.world.convert(str(GUEST.email), conversion, units, key=key, at=at)
        return answer.reason if isinstance(answer, NotConverted) else ""

    def use(self, *, key: str, at: datetime) -> None:
        redemption_id = self.redemptions.get(key) or self._gifts(f"tier:{key}")[-1].id
        assert isinstance(self.world.use(redemption_id, used_on=key, at=at), Had)

    def pay(
        self, partner: str, payer: Literal["partner", "program"], minor: int, *, reference: str, at: datetime
    ) -> None:
        payment = Payment(partner=partner, payer=payer, amount_minor=minor, reference=reference, paid_at=at)
        with program_transaction(self.world.program_id):
            assert record_payment(self.world.program_id, payment, at=at)

    def owed(self, partner: str) -> int:
        with program_transaction(self.world.program_id):
            owed = list_owed(self.world.program_id, before=datetime.max.replace(tzinfo=UTC))
        return sum(one.amount_minor for one in owed if one.partner == partner)

    def _ask(self, key: str, unit: str, units: int, *, hold: bool, at: datetime, reward: str) -> None:
        reward = reward or self.rewards[unit]
        answer = self.world.ask(str(GUEST.email), reward, key=key, units=units, hold=hold, at=at)
        if isinstance(answer, NotHad):
            assert answer.refusals == (Refusal(reason="not_enough"),)
            raise NotEnough(asked=units, available=self.balance(unit).available)
        self.redemptions[key] = answer.redemption.id

    def turn_clock(self, *, at: datetime) -> None:
        self.world.turn_clock(at)

    def do(self, notice: ActivityNotice) -> None:
        assert self.world.take(notice)[0].kind is OutcomeKind.TAKEN

    def tell_birthday(self, birthday: Birthday, *, at: datetime) -> None:
        self.world.take(CustomerSnapshot(customer=MEMBER, created_at=at, as_of=at, birthday=birthday), at=at)

    def celebrate(self, *, at: datetime) -> None:
        with program_transaction(self.world.program_id):
            celebrate_day(self.world.program_id, at.date(), at=at)

    def appoint(self, appointment: Appointment) -> None:
        self.world.appoint(str(GUEST.email), appointment)

    def bring(self, key: str, opening: Opening, *, at: datetime) -> None:
        told = (opening.available, opening.pending, opening.matures_at or "", opening.expires_at or "")
        text = "email,points,pending,pending until,expires at\n" + ",".join(map(str, (GUEST.email, *told)))
        self.imports[key] = self.histories.bring(text, at=at).id

    def undo(self, key: str, *, when_used: WhenUsed, at: datetime) -> None:
        try:
            self.histories.undo(self.imports[key], when_used=when_used, at=at)
        except undo_import.UsedMeanwhile:
            raise UsedMeanwhile from None

    def invite(self, friend: CustomerRef, *, at: datetime) -> None:
        self.join(at=at)
        self.world.follow(str(GUEST.email), email=str(friend.email), at=at)
        self.world.take(CustomerSnapshot(customer=friend, created_at=at, as_of=at), at=at)
        self.world.settle(at=at)

    def see_friend(self, seen: Seen, *, at: datetime) -> None:
        assert self.world.take(seen, at=at)[0].kind is OutcomeKind.TAKEN
        self.world.settle(at=at)

    def rule(self, friend: str, ruling: Ruling, *, at: datetime) -> None:
        self.world.rule(friend, ruling, at=at)

    def referral(self, friend: str) -> str:
        found = self.world.referral(friend)
        return found.state if found else "-"

    def tier(self) -> str | None:
        return self.world.tiers(str(GUEST.email)).tier

    def gifts(self) -> list[str]:
        return [one.reward + (":used" if one.state == "used" else "") for one in self._gifts("tier:")]

    def _gifts(self, source: str) -> list[Redemption]:
        with program_transaction(self.world.program_id):
            found = Redemption.objects.filter(program_id=self.world.program_id, source__startswith=source)
            return list(found.filter(state__in=("issued", "used")).order_by("id"))

    def balance(self, unit: str) -> Balance:
        return self._balance(GUEST, unit)

    def _balance(self, whose: CustomerRef, unit: str) -> Balance:
        try:
            member_id = self._id(whose)
        except Identity.DoesNotExist:
            return Balance()  # of somebody nobody has told us of yet
        with program_transaction(self.world.program_id):
            return get_balance(self.world.program_id, member_id, unit)

    def _id(self, whose: CustomerRef) -> UUID:
        """Who somebody was when they were first asked for: a merge gives their e-mail to another."""
        name = str(whose.email)
        if name not in self.ids:
            self.ids[name] = self.world.member(name)
        return self.ids[name]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_story(path: Path) -> None:
    story = read_story(path.read_text())
    driver = DatabaseDriver(story.spec)
    play(story, driver)
    assert driver.world.differences() == []
