"""What a program does on a history, added up."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from wafa.core.books import Account, Balance, Journal
from wafa.core.dates import reckoning_of
from wafa.core.decide import NotEarned
from wafa.core.spec import ProgramSpec
from wafa.core.standing import balance_changes

_NOT_GRANTED = (Account.ISSUED, Account.CLAWED_BACK)


class RuleTotal(Struct, frozen=True, kw_only=True):
    """What one rule granted in `unit`: `granted` at first, `kept` after all that came back; so many `times`."""

    rule: str
    unit: str
    times: int
    granted: int
    kept: int


class Month(Struct, frozen=True, kw_only=True):
    """The books of all members together at the end of `last_day`, by unit."""

    last_day: date
    balances: Mapping[str, Balance]


class Outcome(Struct, frozen=True, kw_only=True):
    """What a program does on a history.

    `spend_minor` is what all paid orders came to, without what was refunded, in minor units of the program's currency.
    `missed` counts why orders and other activities earned nothing by a rule; `refused` why some could not be decided at
    all, and are in no other figure. `members` ordered, `earning_members` kept something. `tiers` counts everybody at
    the end, None below all of them.
    """

    members: int
    earning_members: int
    orders: int
    spend_minor: int
    rules: Sequence[RuleTotal]
    months: Sequence[Month]
    missed: Mapping[tuple[str | None, str], int]
    refused: Mapping[str, int]
    tiers: Mapping[str | None, int]

    @property
    def balances(self) -> Mapping[str, Balance]:
        """The books of all members together at the end."""
        return self.months[-1].balances if self.months else {}


class Tally:
    """Adds up what is booked. Months are those of the program's calendar, in its zone."""

    def __init__(self, spec: ProgramSpec) -> None:
        self._members = 0
        self._earning_members = 0
        self._tiers: Counter[str | None] = Counter()
        self._orders = 0
        self._spend_minor = 0
        self._refused: Counter[str] = Counter()
        self._missed: Counter[tuple[str | None, str]] = Counter()
        self._rules: dict[tuple[str, str], list[int]] = {(rule.id, rule.unit): [0, 0, 0] for rule in spec.earning}
        self._moved: dict[tuple[date, str], Counter[str]] = {}
        self._zone = spec.zone
        self._reckoning = reckoning_of(spec, None)
        self._last_days: dict[date, date] = {}

    def take(self, *, spend_minor: int) -> None:
        """Count an order, and what was paid for it."""
        self._orders += 1
        self._spend_minor += spend_minor

    def refuse(self, reason: str) -> None:
        """Count an order that cannot be decided."""
        self._refused[reason] += 1

    def add(self, journal: Journal) -> None:
        """Add one journal, in the month in which it happened."""
        last_day = self.last_day(journal.occurred_at)
        for posting in journal.postings:
            moved = self._moved.get((last_day, posting.unit))
            if moved is None:
                moved = self._moved[last_day, posting.unit] = Counter()
            for column, change in balance_changes(posting).items():
                moved[column] += change
            if journal.rule is not None:
                self._add_to_rule(journal, posting.unit, posting.from_account, posting.to_account, posting.amount)

    def miss(self, cause_id: UUID, misses: Sequence[NotEarned]) -> None:
        """Count why an order, or another activity, earned nothing by its rules."""
        for miss in misses:
            if miss.accelerator is None:
                self._missed[miss.rule, miss.reason] += 1

    def last_day(self, at: datetime) -> date:
        """The last day of the month in which `at` is."""
        day = at.astimezone(self._zone).date()
        if day not in self._last_days:
            self._last_days[day] = self._reckoning.last_day(day, "month")
        return self._last_days[day]

    def part(self, *, ordered: bool, earned: bool, tier: str | None) -> None:
        """Count a member at the end."""
        self._members += ordered
        self._earning_members += earned
        self._tiers[tier] += 1

    def close(self, *, until: datetime) -> Outcome:
        """All of it, with every month from the first one in which something was booked to the one of `until`."""
        return Outcome(
            members=self._members,
            earning_members=self._earning_members,
            tiers=dict(self._tiers),
            orders=self._orders,
            spend_minor=self._spend_minor,
            rules=[
                RuleTotal(rule=rule, unit=unit, times=times, granted=granted, kept=kept)
                for (rule, unit), (times, granted, kept) in self._rules.items()
            ],
            months=self._add_up(self.last_day(until)),
            missed=dict(self._missed),
            refused=dict(self._refused),
        )

    def _add_to_rule(self, journal: Journal, unit: str, source: Account, target: Account, amount: int) -> None:
        total = self._rules.setdefault((journal.rule or "", unit), [0, 0, 0])
        if source in _NOT_GRANTED:
            total[2] += amount
            if source is Account.ISSUED:
                total[1] += amount
                total[0] += journal.kind.value == "accrual"
        if target in _NOT_GRANTED:
            total[2] -= amount

    def _add_up(self, last: date) -> list[Month]:
        units = sorted({unit for _, unit in self._moved})
        totals = {unit: dict.fromkeys(Balance.__struct_fields__, 0) for unit in units}
        months = []
        for last_day in self._list_months(last):
            for unit in units:
                for column, change in self._moved.get((last_day, unit), {}).items():
                    totals[unit][column] += change
            months.append(Month(last_day=last_day, balances={unit: Balance(**totals[unit]) for unit in units}))
        return months

    def _list_months(self, last: date) -> list[date]:
        months = []
        month = min((last_day for last_day, _ in self._moved), default=last)
        while month <= last:
            months.append(month)
            month = self._reckoning.last_day(self._reckoning.add_months(month, 1), "month")
        return months
