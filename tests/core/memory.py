"""The books of one member in memory: the pure core alone, with the laws of the books looked at after every journal."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import asdict, replace

from tests.core.tables import TimedOut, UsedMeanwhile
from wafa.core.activities import ActivityNotice, MemberActivity
from wafa.core.books import Account, Balance, Journal, Lot, Obligation, Posting
from wafa.core.celebrate import birthday_activity, find_celebrated
from wafa.core.compare import Seen, compare
from wafa.core.convert import convert, find_refusal
from wafa.core.dates import midnight_after
from wafa.core.give_back import give_back
from wafa.core.ids import caused_id
from wafa.core.member_book import MemberBook
from wafa.core.merge import Moved, merge, separate
from wafa.core.open_balance import Opening, open_balance
from wafa.core.partners import owe_for_reward
from wafa.core.program import Program
from wafa.core.redeem import capture, hold, hold_key, redeem, redemption_key
from wafa.core.referrals.books import completed_activity, grant_units, take_back_completion, take_back_units
from wafa.core.referrals.decide import decide_referral, tally_after
from wafa.core.referrals.record import Case, FriendOrder, Given, Person, Referral, Ruling, Tally
from wafa.core.snapshots import Birthday, CustomerRef, OrderSnapshot
from wafa.core.spec import ProgramSpec, Version
from wafa.core.standing import Standing, balance_changes
from wafa.core.transfer import transfer
from wafa.core.undo import WhenUsed, undo_lots
from wafa.core.why import GiveBackCause

MEMBER_ID, FRIEND_ID = UUID(int=1), UUID(int=2)
_MERGE = UUID(int=3)
DAYS_IT_STANDS = 365
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def program_of(spec: ProgramSpec) -> Program:
    """A program whose first version is `spec`, in force since the year 2000."""
    return Program(id="falcon", versions=[Version(number=1, effective_from=BEGINNING, spec=spec)])


class _Friend(Struct):
    """A friend of the member, and what is known of the referral."""

    referral: Referral
    given: tuple[Given, ...] = ()
    order: OrderSnapshot | None = None

    @property
    def orders(self) -> tuple[FriendOrder, ...]:
        if self.order is None or self.order.paid_at is None:
            return ()
        return (FriendOrder(order_id=order_id_of(self.order.external_id), store="falcon", order=self.order),)


class FriendsBook(MemberBook):
    """The books of another member, with all that was booked in them."""

    def __init__(self, program: Program) -> None:
        super().__init__(program, FRIEND_ID)
        self.journals: list[Journal] = []

    def book(self, journals: Iterable[Journal]) -> Iterable[Journal]:
        booked = list(super().book(journals))
        self.journals += booked
        for unit in self.standing.balances:
            assert_balance(self.standing, unit)
        assert_lots(self.standing)
        return booked


class MemoryDriver(MemberBook):
    """A `Driver` (tests.core.tables) without a database.

    `successor` has what the member had, once they were merged into the friend; `owners` are the books that orders and
    redemptions belong to.
    """

    def __init__(self, spec: ProgramSpec, *, guest: bool = False) -> None:
        super().__init__(program_of(spec), MEMBER_ID, joined=not guest)
        self.friend = FriendsBook(self.program)
        self.successor: MemberBook = self
        self.owners: dict[str, MemberBook] = {}
        self.brought: tuple[Mapping[str, Balance], frozenset[UUID], frozenset[str]] | None = None
        self.orders: dict[str, OrderSnapshot] = {}
        self.journals: list[Journal] = []
        self.holds: dict[str, datetime] = {}
        self.rewards: dict[str, str] = {}
        self.paid: dict[str, int] = {}
        self.done: set[str] = set()
        self.birthday: tuple[Birthday, datetime] | None = None
        self.friends: dict[str, _Friend] = {}
        self.tally = Tally()

    def see(self, seen: Seen, *, store: str = "falcon") -> None:
        order_id = order_id_of(seen.external_id)
        kept, activities = compare(self.orders.get(seen.external_id), seen, order_id=order_id, store=store)
        for activity in activities:
            self._owner(seen.external_id).decide(activity)
        # Only now: what could not be decided leaves no trace.
        self.orders[seen.external_id] = kept

    def do(self, notice: ActivityNotice) -> None:
        self._do(notice.activity)

    def _do(self, activity: MemberActivity) -> None:
        if activity.cause not in self.done:
            self.decide(activity)
            self.done.add(activity.cause)

    def join(self, *, at: datetime) -> list[Journal]:
        if self.standing.joined:
            return []
        claimed = super().join(at=at)
        self._do(MemberActivity(kind="signup", key=str(MEMBER_ID), occurred_at=at))
        return claimed

    def tell_birthday(self, birthday: Birthday, *, at: datetime) -> None:
        if self.birthday is None or at >= self.birthday[1] + timedelta(days=DAYS_IT_STANDS):
            self.birthday = (birthday, at)

    def celebrate(self, *, at: datetime) -> None:
        assert self.birthday is not None
        spec, (birthday, told_at) = self.program.versions[0].spec, self.birthday
        zone = ZoneInfo(spec.time_zone)
        today = at.astimezone(zone).date()
        begins = midnight_after(today - timedelta(days=1), zone)
        for days in find_celebrated(today, spec):
            is_on = (days.calendar, days.month) == (birthday.calendar, birthday.month)
            is_told = told_at + timedelta(days=spec.celebrations.lead_days) <= begins
            if is_on and is_told and days.first_day <= birthday.day <= days.last_day:
                self._do(birthday_activity(MEMBER_ID, birthday, year=days.year, at=begins))

    def redeem(self, *, key: str, unit: str, units: int, at: datetime, reward: str = "") -> None:
        owed, name = self._owe(reward, units), reward or "coffee"
        book = self._owner(key)
        book.book([redeem(book.standing, key=key, unit=unit, units=units, reward=name, at=at, obligations=owed)])
        self.rewards[key] = reward

    def _owe(self, reward: str, units: int, *, given_back: bool = False) -> tuple[Obligation, ...]:
        return owe_for_reward(self.program, reward, units, version=1, given_back=given_back) if reward else ()

    def pay(
        self, partner: str, payer: Literal["partner", "program"], minor: int, *, reference: str, at: datetime
    ) -> None:
        self.paid[partner] = self.paid.get(partner, 0) + (minor if payer == "partner" else -minor)

    def owed(self, partner: str) -> int:
        owed = [one for journal in self.journals for one in journal.obligations]
        theirs = sum(one.amount_minor for one in owed if one.debtor == partner)
        return theirs - sum(one.amount_minor for one in owed if one.creditor == partner) - self.paid.get(partner, 0)

    def tier(self) -> str | None:
        return self.standing.tiers.tier if self.standing.tiers else None

    def gifts(self) -> list[str]:
        gifts = self.standing.tiers.gifts if self.standing.tiers else ()
        return [gift.reward + (":used" if gift.is_final else "") for gift in gifts]

    def hold(self, *, key: str, unit: str, units: int, at: datetime, reward: str = "") -> None:
        minutes = max([reward.hold_minutes for reward in self.program.versions[0].spec.rewards], default=15)
        until = at + timedelta(minutes=minutes)
        book = self._owner(key)
        book.book([hold(book.standing, key=key, unit=unit, units=units, reward="coffee", at=at, until=until)])
        self.holds[key] = until
        self.rewards[key] = reward

    def capture(self, *, key: str, at: datetime) -> None:
        if self.holds.get(key, at) <= at:
            raise TimedOut
        del self.holds[key]
        held = self._drawn(hold_key(key))
        owed = self._owe(self.rewards[key], sum(posting.amount for posting in held))
        book = self._owner(key)
        book.book([capture(book.standing.member_id, held, key=key, reward="coffee", at=at, obligations=owed)])

    def give_back(self, *, key: str, cause: GiveBackCause, at: datetime) -> None:
        was_held = self.holds.pop(key, None) is not None
        (taken,) = self._journals_of(hold_key(key) if was_held else redemption_key(key))
        drawn = taken.postings
        units = sum(posting.amount for posting in drawn)
        owed = () if was_held else self._owe(self.rewards.get(key, ""), units, given_back=True)
        told: dict[str, Any] = {"taken_at": taken.occurred_at, "cause_id": caused_id(key, at=taken.occurred_at)}
        book = self._owner(key)
        standing = replace(
            book.standing, lots={**self.standing.lots, **self.friend.standing.lots, **book.standing.lots}
        )
        book.book(
            give_back(
                self.program,
                standing,
                drawn,
                key=key,
                reward="coffee",
                cause=cause,
                at=at,
                obligations=owed,
                let_go=self._let_go_since(taken),
                **told,
            )
        )

    def _let_go_since(self, taken: Journal) -> dict[UUID, int]:
        """What was let go since these units were taken, by lot."""
        let_go: dict[UUID, int] = {}
        for journals in (self.journals, self.friend.journals):
            for journal in journals[journals.index(taken) + 1 if taken in journals else len(journals) :]:
                for change in journal.grants:
                    if units := max(change.forgiven, 0) + max(change.let_go, 0):
                        let_go[change.lot_id] = let_go.get(change.lot_id, 0) + units
        return let_go

    def give(self, *, key: str, unit: str, units: int, at: datetime) -> None:
        made = transfer(self.standing, self.friend.standing, key=key, unit=unit, units=units, at=at)
        self.book([made.out])
        self.friend.book(made.into)

    def receive(self, *, key: str, unit: str, units: int, at: datetime) -> None:
        made = transfer(self.friend.standing, self.standing, key=key, unit=unit, units=units, at=at)
        self.friend.book([made.out])
        self.book(made.into)

    def merge(self, *, at: datetime) -> None:
        absorbed = self.standing
        names = frozenset(name for name, book in self.owners.items() if book is self)
        self.brought = absorbed.balances, frozenset(absorbed.lots), names
        self._move(merge(absorbed, self.friend.standing, merge_id=_MERGE, at=at), self, self.friend, absorbed.lots)
        self.successor = self.friend
        self.owners.update(dict.fromkeys(names, self.friend))

    def undo_merge(self, *, at: datetime) -> None:
        assert self.brought is not None
        brought, lot_ids, names = self.brought
        survivor = self.friend.standing
        lots = {lot_id: survivor.lots[lot_id] for lot_id in lot_ids}
        causes = {order_id_of(name) for name in names}
        # The redemptions of a story have no ids: their keys name them.
        since = [j for j in self.friend.journals if j.cause_id in causes or j.key.partition(":")[2] in names]
        shares = {unit: _add(brought.get(unit, Balance()), replayed(since, unit)) for unit in brought}
        moved = separate(survivor, self.standing, list(lots.values()), shares=shares, merge_id=_MERGE, at=at)
        self._move(moved, self.friend, self, lots)
        self.successor = self
        self.owners.update(dict.fromkeys(names, self))

    def _move(self, moved: Moved, sender: MemberBook, recipient: MemberBook, lots: Mapping[UUID, Lot]) -> None:
        """Book both sides. In between, the lots that move are empty."""
        sender.book(moved.out)
        empty = {lot_id: replace(lot, remaining=0, expired=0) for lot_id, lot in lots.items()}
        recipient.standing = replace(recipient.standing, lots={**recipient.standing.lots, **empty})
        left = {lot_id: lot for lot_id, lot in sender.standing.lots.items() if lot_id not in lots}
        sender.standing = replace(sender.standing, lots=left)
        recipient.book(moved.into)

    def _owner(self, name: str) -> MemberBook:
        return self.owners.setdefault(name, self.successor)

    def friends_balance(self, unit: str) -> Balance:
        return self.friend.balance(unit)

    def convert(self, *, key: str, conversion: str, units: int, at: datetime) -> str:
        version = self.program.versions[0]
        one = next(each for each in version.spec.conversions if each.id == conversion)
        if refusal := find_refusal(self.standing, one, units, at=at):
            return refusal
        self.book(convert(self.program, self.standing, version, one, units, key=key, at=at))
        return ""

    def use(self, *, key: str, at: datetime) -> None:
        """A voucher is none of the books' concern; what entering a tier gave stays once it is used."""
        tiers = self.standing.tiers
        if tiers is None:
            return
        gifts = tuple(replace(gift, is_final=True) if gift.tier == key else gift for gift in tiers.gifts)
        self.standing = replace(self.standing, tiers=replace(tiers, gifts=gifts))

    def bring(self, key: str, opening: Opening, *, at: datetime) -> None:
        version = self.program.in_force(at)
        assert version is not None
        opened = open_balance(version, self.standing, opening, key=f"import:{key}", source="history.csv", at=at)
        self.book(opened)

    def undo(self, key: str, *, when_used: WhenUsed, at: datetime) -> None:
        lots = {lot.id for told in self.journals if told.key == f"import:{key}" for lot in told.lots}
        undone = undo_lots(
            self.standing,
            lots,
            program=self.program,
            key=f"undo:{key}",
            source="history.csv",
            repaid=self._repaid(lots),
            leaves_debt=when_used == "debt",
            at=at,
        )
        if when_used == "refuse" and any(undone.used.values()):
            raise UsedMeanwhile
        self.book(undone.journals)

    def _repaid(self, lots: set[UUID]) -> dict[UUID, int]:
        repaid: dict[UUID, int] = {}
        for posting in (posting for journal in self.journals for posting in journal.postings):
            if posting.to_account is Account.DEBT and posting.lot_id in lots:
                repaid[posting.lot_id] = repaid.get(posting.lot_id, 0) + posting.amount
        return repaid

    def turn_clock(self, *, at: datetime) -> list[Journal]:
        """Holds time out first, each at its own moment."""
        for key, until in [(key, until) for key, until in self.holds.items() if until <= at]:
            self.give_back(key=key, cause="timed_out", at=until)
        self.friend.turn_clock(at=at)
        booked = super().turn_clock(at=at)
        self._settle(at=at)
        return booked

    def invite(self, friend: CustomerRef, *, at: datetime) -> None:
        policy = self.program.versions[0].spec.referral
        assert policy is not None
        assert friend.external_id is not None
        referral = Referral(
            id=UUID(int=100 + len(self.friends)),
            advocate_id=MEMBER_ID,
            friend_id=UUID(int=200 + len(self.friends)),
            source="link",
            claimed_at=at,
            until=at + timedelta(days=policy.attribution_days),
            version=1,
            since=at,
        )
        self.friends[friend.external_id] = _Friend(referral)
        self.tally = replace(self.tally, claimed={**self.tally.claimed, referral.id: at})
        self._settle(at=at)

    def see_friend(self, seen: Seen, *, at: datetime) -> None:
        assert isinstance(seen, OrderSnapshot)
        friend = self.friends[seen.external_id.partition("-")[0]]
        friend.order, _ = compare(friend.order, seen, order_id=order_id_of(seen.external_id), store="falcon")
        self._settle(at=at)

    def rule(self, friend: str, ruling: Ruling, *, at: datetime) -> None:
        ruled = self.friends[friend]
        ruled.referral = replace(ruled.referral, ruling=ruling, since=at)
        self._settle(at=at)

    def referral(self, friend: str) -> str:
        return self.friends[friend].referral.state if friend in self.friends else "-"

    def _settle(self, *, at: datetime) -> None:
        """Decide every referral, whether or not anything is new: deciding again changes nothing."""
        for name, friend in self.friends.items():
            case = Case(
                referral=friend.referral,
                advocate=Person(emails=frozenset({"sami@example.com"})),
                friend=Person(emails=frozenset({f"{name.lower()}@example.com"})),
                tally=self.tally,
                orders=friend.orders,
                given=friend.given,
            )
            decision = decide_referral(self.program, case, at=at)
            friend.referral, self.tally = decision.referral, tally_after(self.tally, decision)
            for given in decision.take_back:
                self._take_back(given, at=decision.referral.since)
            for given in decision.give:
                self._give(given)
                friend.given += (given,)

    def _give(self, given: Given) -> None:
        if given.side == "completed":
            self._do(completed_activity(given))
        elif given.side != "friend" and given.unit:
            self.book(grant_units(self.program, self.standing, given))

    def _take_back(self, given: Given, *, at: datetime) -> None:
        owner = next(one for one in self.friends.values() if one.referral.id == given.referral_id)
        owner.given = tuple(replace(one, taken_back_at=at) if one.key == given.key else one for one in owner.given)
        if given.side == "completed":
            undone = take_back_completion(self.program, self.standing, given, at=at)
            self.book(undone.journals)
            self.standing = replace(self.standing, tiers=undone.tiers)
        elif given.side != "friend" and given.unit:
            self.book(take_back_units(self.program, self.standing, given, at=at))

    def _drawn(self, key: str) -> tuple[Posting, ...]:
        (journal,) = self._journals_of(key)
        return journal.postings

    def _journals_of(self, key: str) -> list[Journal]:
        return [journal for journal in (*self.journals, *self.friend.journals) if journal.key == key]

    def book(self, journals: Iterable[Journal]) -> Iterable[Journal]:
        """Book as the ledger would, and assert what it asserts."""
        known = {journal.key for journal in self.journals}
        booked = list(journals)
        for journal in booked:
            assert journal.key not in known, f"{journal.key} is booked twice"
            known.add(journal.key)
            assert journal.member_id == MEMBER_ID
            assert journal.postings or journal.grants, f"{journal.key} says nothing"
            assert all(posting.amount > 0 for posting in journal.postings), journal
            super().book([journal])
            self.journals.append(journal)
            self._assert_laws()
        return booked

    def _assert_laws(self) -> None:
        for standing in (self.standing, self.friend.standing):
            for unit in standing.balances:
                assert_balance(standing, unit)
            assert_lots(standing)


def assert_lots(standing: Standing) -> None:
    """No lot holds more than it granted, or loses more than it had."""
    for lot in standing.lots.values():
        columns = (lot.remaining, lot.clawed_back, lot.forgiven, lot.expired, lot.reinstated, lot.let_go)
        assert min(columns) >= 0, lot
        assert lot.let_go <= lot.corrected, lot
        assert lot.remaining + lot.expired <= lot.granted, lot
        assert lot.taken_back <= lot.net_granted, lot


def assert_balance(standing: Standing, unit: str) -> None:
    """Nothing below zero, nothing lost, and each pocket is what is left of the lots in it."""
    balance = standing.balance(unit)
    columns = {column: getattr(balance, column) for column in Balance.__struct_fields__}
    assert min(amount for column, amount in columns.items() if column not in ("transferred", "issued")) >= 0, balance
    held = balance.claimable + balance.pending + balance.available + balance.held
    gone = balance.redeemed + balance.breakage + balance.clawed_back + balance.transferred
    assert balance.issued == held + gone - balance.debt, balance
    for pocket in (Account.CLAIMABLE, Account.PENDING, Account.AVAILABLE):
        left = sum(lot.remaining for lot in standing.lots_of(unit=unit) if lot.pocket is pocket)
        assert left == getattr(balance, pocket.name.lower()), (pocket, balance)


def replayed(journals: Iterable[Journal], unit: str) -> Balance:
    """The balance as the postings alone make it."""
    totals = dict.fromkeys(Balance.__struct_fields__, 0)
    for journal in journals:
        for posting in journal.postings:
            if posting.unit == unit:
                for column, change in balance_changes(posting).items():
                    totals[column] += change
    return Balance(**totals)


def _add(balance: Balance, change: Balance) -> Balance:
    return Balance(**{column: amount + getattr(change, column) for column, amount in asdict(balance).items()})


def order_id_of(external_id: str) -> UUID:
    """Our id of the store's order."""
    return UUID(bytes=external_id.encode().rjust(16, b"\0")[-16:])
