"""A program with stores to try things on: what most tests of flows and doors begin with."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.spending import spend
from wafa.core.books import Balance
from wafa.core.referrals.record import Referral, Ruling
from wafa.core.snapshots import CustomerRef, OrderLine, OrderSnapshot
from wafa.core.tiers.record import Appointment, TierRecord
from wafa.core.why import GiveBackCause
from wafa.flows.appoint_member import appoint_member
from wafa.flows.capture_holds import capture_holds
from wafa.flows.convert_units import ConversionAsk, Converted, NotConverted, convert_units
from wafa.flows.end_redemptions import expire_vouchers, time_out_holds
from wafa.flows.expire_idle import NOBODY, expire_idle_units
from wafa.flows.expire_lots import expire_lots
from wafa.flows.follow_advocate import Follow, follow_advocate
from wafa.flows.give_back_rewards import give_back_rewards
from wafa.flows.mature_lots import mature_lots
from wafa.flows.redeem_rewards import Answer, Ask, redeem_rewards
from wafa.flows.review_tiers import review_tiers
from wafa.flows.rule_referral import rule_referral
from wafa.flows.settle_referrals import settle_due_referrals
from wafa.flows.take_facts import Outcome, StoreFact, take_facts
from wafa.flows.transfer_units import Gift, Given, NotGiven, transfer_units
from wafa.flows.use_vouchers import Use, use_vouchers
from wafa.kit.ids import new_id
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction
from wafa.ledger.queries import list_balances
from wafa.ledger.verify import verify
from wafa.members.models import Identity
from wafa.members.standings import load_tier_records
from wafa.programs.operations import connect_store, create_program, publish_version
from wafa.referrals.operations import make_code
from wafa.referrals.queries import find_bringing
from wafa.rewards.redemptions import Kept, find_by_ids
from wafa.rewards.vouchers import find_vouchers

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
SECRET = "a-secret-for-tests"


def spec_document(**changes: Any) -> dict[str, Any]:
    """One point for every unit of money paid for goods, at once, for ever; `changes` replace top-level parts."""
    names = {"en": "Falcon Coffee Club", "ar": "نادي قهوة الصقر", "fa": "باشگاه قهوهٔ شاهین"}
    point = {"en": {"one": "point", "other": "points"}}
    rule = {
        "id": "base",
        "name": {"en": "Points on every order", "ar": "نقاط على كل طلب", "fa": "امتیاز برای هر سفارش"},
        "unit": "points",
        "award": {"kind": "per_amount", "units": 1, "per_minor": 100, "mode": "proportional"},
    }
    document: dict[str, Any] = {
        "name": names,
        "currency": "SAR",
        "time_zone": "Asia/Riyadh",
        "units": [{"code": "points", "name": point}],
        "earning": [rule],
    }
    return document | changes


def unit(**changes: Any) -> dict[str, Any]:
    """The unit `points` with other policies."""
    return {"code": "points", "name": {"en": {"one": "point", "other": "points"}}} | changes


class World:
    """A program of its own for one test, with one store, and the flows on it."""

    def __init__(
        self,
        document: Mapping[str, Any] | None = None,
        *,
        store: str = "main",
        connector: str = "direct",
        currency: str = "SAR",
        secret: str = SECRET,
        began: datetime = BEGAN,
    ) -> None:
        document = document or spec_document()
        self.program_id: UUID = create_program(
            slug=f"program-{new_id().hex}",
            name="Falcon Coffee Club",
            currency=document["currency"],
            time_zone="Asia/Riyadh",
            at=began,
        )
        self.store = store
        with program_transaction(self.program_id):
            publish_version(self.program_id, document, published_by="tests", at=began)
        self.stores: dict[str, UUID] = {}
        self.store_id = self.connect(store, connector=connector, currency=currency, secret=secret, at=began)

    def connect(
        self,
        store: str,
        *,
        name: str = "Main store",
        connector: str = "direct",
        currency: str = "SAR",
        secret: str = SECRET,
        at: datetime = BEGAN,
        **api: Any,
    ) -> UUID:
        """Connect a store; `api` is its address and what opens it."""
        with program_transaction(self.program_id):
            self.stores[store] = connect_store(
                self.program_id,
                code=store,
                connector=connector,
                name=name,
                currency=currency,
                secret=secret,
                at=at,
                **api,
            )
        return self.stores[store]

    def publish(self, document: Mapping[str, Any], *, at: datetime) -> None:
        with program_transaction(self.program_id):
            publish_version(self.program_id, document, published_by="tests", at=at)

    @retried
    def take(self, *facts: Any, at: datetime | None = None, store: str | None = None) -> list[Outcome]:
        """Take facts of a store, the first one unless told, in one transaction, and again as doors do."""
        where = store or self.store
        told = [StoreFact(store_id=self.stores[where], store=where, fact=fact) for fact in facts]
        with program_transaction(self.program_id):
            return take_facts(self.program_id, told, at=at or datetime.now(UTC))

    def turn_clock(self, at: datetime) -> None:
        """Mature and expire all that is due by `at`, and what nobody was active for."""
        for flow in (mature_lots, time_out_holds, expire_vouchers, expire_lots, settle_due_referrals):
            while self._chunk(flow, at):
                pass
        last: UUID | None = NOBODY
        while last is not None:
            with program_transaction(self.program_id):
                last = expire_idle_units(self.program_id, at=at, after=last, limit=1)
        while self._chunk(review_tiers, at):
            pass

    def _chunk(self, flow: Callable[..., int], at: datetime) -> int:
        with program_transaction(self.program_id):
            return flow(self.program_id, at=at)

    def redeem(self, customer: str, units: int, *, key: str, at: datetime, unit: str = "points") -> object:
        """Spend units without a reward."""
        member_id = self.member(customer)
        with program_transaction(self.program_id):
            return spend(self.program_id, member_id, units, key=key, unit=unit, at=at)

    def appoint(self, value: str, appointment: Appointment) -> None:
        member_id = self.member(value)
        with program_transaction(self.program_id):
            appoint_member(self.program_id, member_id, appointment)

    def tiers(self, value: str) -> TierRecord:
        """All that is known of a member's tiers."""
        member_id = self.member(value)
        with program_transaction(self.program_id):
            return load_tier_records(self.program_id, [member_id])[member_id]

    def ask(self, customer: str, reward: str, *, key: str, at: datetime, **asked: Any) -> Answer:
        """Ask for a reward."""
        ask = Ask(key=key, member_id=self.member(customer), reward=reward, source="api", **asked)
        with program_transaction(self.program_id):
            return redeem_rewards(self.program_id, [ask], at=at)[0]

    def capture(self, redemption_id: UUID, *, at: datetime) -> Answer:
        with program_transaction(self.program_id):
            return capture_holds(self.program_id, [redemption_id], at=at)[0]

    def give_back(self, redemption_id: UUID, cause: GiveBackCause, *, at: datetime) -> Answer:
        with program_transaction(self.program_id):
            return give_back_rewards(self.program_id, [redemption_id], cause, at=at)[0]

    def give(
        self, giver: str, recipient: str, units: int, *, key: str, at: datetime, unit: str = "points"
    ) -> Given | NotGiven:
        """Let a member give units to another."""
        gift = Gift(key=key, giver_id=self.member(giver), recipient_id=self.member(recipient), unit=unit, units=units)
        with program_transaction(self.program_id):
            return transfer_units(self.program_id, [gift], at=at)[0]

    def convert(
        self, customer: str, conversion: str, units: int, *, key: str, at: datetime
    ) -> Converted | NotConverted:
        """Let a member exchange one unit for another."""
        ask = ConversionAsk(key=key, member_id=self.member(customer), conversion=conversion, units=units)
        with program_transaction(self.program_id):
            return convert_units(self.program_id, [ask], at=at)[0]

    def use(self, redemption_id: UUID, *, used_on: str, at: datetime) -> Answer:
        """Use the voucher of a redemption."""
        return self.use_code(self.code(redemption_id), used_on=used_on, at=at)

    def use_code(self, code: str, *, used_on: str, at: datetime) -> Answer:
        with program_transaction(self.program_id):
            return use_vouchers(self.program_id, [Use(code=code, used_on=used_on)], at=at)[0]

    def code(self, redemption_id: UUID) -> str:
        with program_transaction(self.program_id):
            return find_vouchers(self.program_id, [redemption_id])[redemption_id].code

    def redemption(self, redemption_id: UUID) -> Kept:
        with program_transaction(self.program_id):
            return find_by_ids(self.program_id, [redemption_id])[redemption_id]

    def follow(
        self, advocate: str, *, at: datetime, email: str = "", phone: str = "", own_browser: bool = False
    ) -> None:
        """Somebody opens the link of an advocate and says who they are."""
        advocate_id = self.member(advocate)
        with program_transaction(self.program_id):
            code = make_code(self.program_id, advocate_id, at=at)
            follow = Follow(code=code, email=email, phone=phone, source="link", own_browser=own_browser)
            follow_advocate(self.program_id, follow, at=at)

    def settle(self, *, at: datetime) -> None:
        while self._chunk(settle_due_referrals, at):
            pass

    def rule(self, friend: str, ruling: Ruling, *, at: datetime, by: str = "sara@example.com", note: str = "r") -> None:
        found = self.referral(friend)
        assert found is not None
        with program_transaction(self.program_id):
            assert rule_referral(self.program_id, found.id, ruling, by=by, note=note, at=at)

    def referral(self, friend: str) -> Referral | None:
        """The referral by which somebody came; None where there is none, or nobody knows them."""
        try:
            friend_id = self.member(friend)
        except Identity.DoesNotExist:
            return None
        with program_transaction(self.program_id):
            return find_bringing(self.program_id, friend_id)

    def member(self, value: str) -> UUID:
        """The member known by this e-mail, or by this id in the store."""
        with program_transaction(self.program_id):
            return Identity.objects.get(
                program_id=self.program_id, value__in=[value, f"{self.store}:{value}"]
            ).member_id

    def balance(self, value: str, unit: str = "points") -> Balance:
        member_id = self.member(value)
        with program_transaction(self.program_id):
            return list_balances(self.program_id, [member_id]).get(member_id, {}).get(unit, Balance())

    def differences(self) -> Sequence[object]:
        """What `wafa ledger verify` finds wrong with the books."""
        with program_transaction(self.program_id):
            return verify(self.program_id).differences


def order(
    external_id: str,
    total_minor: int,
    *,
    customer: str | None = "c1",
    email: str | None = None,
    day: int = 1,
    as_of: datetime | None = None,
    paid: bool = True,
    **changes: Any,
) -> OrderSnapshot:
    """A paid order of one line, `day` days after the program began, by a customer or by a guest's e-mail."""
    placed = BEGAN + timedelta(days=day)
    whose = CustomerRef(external_id=customer if not email else None, email=email or f"{customer}@example.com")
    fields: dict[str, Any] = {
        "external_id": external_id,
        "number": external_id,
        "currency": "SAR",
        "placed_at": placed,
        "as_of": as_of or placed,
        "paid_at": placed if paid else None,
        "customer": whose,
        "total_minor": total_minor,
        "lines": (
            OrderLine(id="1", product_id="cup", quantity=1, subtotal_minor=total_minor, total_minor=total_minor),
        ),
    }
    return OrderSnapshot(**(fields | changes))
