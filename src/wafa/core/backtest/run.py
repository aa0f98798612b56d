"""A draft and the live program over one history, side by side."""

from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import Struct

from wafa.core.backtest.account import Account, Budgets
from wafa.core.backtest.celebrations import Celebrations
from wafa.core.backtest.differences import Change, Comparison
from wafa.core.backtest.history import Past
from wafa.core.backtest.outcome import Outcome, Tally
from wafa.core.program import Program
from wafa.core.spec import ProgramSpec, Version

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


class Trial(Struct, frozen=True, kw_only=True):
    """What the draft does on a history, what the live program does on it, and what members would notice, by unit."""

    draft: Outcome
    live: Outcome | None
    changes: Mapping[str, Change]


def since_ever(spec: ProgramSpec) -> Program:
    """A program that has always decided by `spec`."""
    return Program(id="trial", versions=[Version(number=1, effective_from=_EVER, spec=spec)])


class Backtest:
    """Takes a history, fact by fact in the order in which they happened, and then tells what it came to.

    It ends at `until` (UTC), or with the last fact. Where the history is told `by_member`, nobody is kept in memory
    once the next one begins; then the end has to be known. Budgets are spent in the order in which facts are told.
    """

    def __init__(
        self, draft: Program, live: Program | None = None, *, until: datetime | None = None, by_member: bool = False
    ) -> None:
        assert until or not by_member, "who is closed early is closed at the end"
        self._draft = Side(draft)
        self._live = None if live is None else Side(live)
        self._until = until
        self._by_member = by_member
        self._last_at = _EVER
        self._comparison = Comparison()
        self._members: dict[str, None] = {}

    def take(self, past: Past) -> None:
        """Take one fact. An order that was never paid says nothing, and neither does what was after the end."""
        at = past.at
        if at is None or (self._until is not None and at > self._until):
            return
        if past.member not in self._members:
            if self._by_member:
                self._close_members()
            self._members[past.member] = None
        self._last_at = max(self._last_at, at)
        for side in self._sides:
            side.take(past, at=at)

    def close(self) -> Trial:
        """End the history."""
        self._close_members()
        return Trial(
            draft=self._draft.close(until=self._ends_at),
            live=None if self._live is None else self._live.close(until=self._ends_at),
            changes=self._comparison.close() if self._live is not None else {},
        )

    @property
    def _ends_at(self) -> datetime:
        return self._until or self._last_at

    @property
    def _sides(self) -> list["Side"]:
        return [self._draft] if self._live is None else [self._draft, self._live]

    def _close_members(self) -> None:
        for side in self._sides:
            side.end(self._ends_at)
        for member in self._members:
            kept = [side.close_account(member) for side in self._sides]
            if self._live is not None:
                self._comparison.add(member, draft=kept[0], live=kept[1])
        self._members.clear()


class Side:
    """One program over a history: what it books for everybody in `accounts`."""

    def __init__(self, program: Program) -> None:
        assert program.latest is not None, "a trial needs a document"
        self._program = program
        self._tally = Tally(program.latest.spec)
        self._budgets = Budgets()
        self.accounts: dict[str, Account] = {}
        self._celebrations = Celebrations(program.latest.spec)

    def take(self, past: Past, *, at: datetime) -> None:
        """Book a fact, and what anybody celebrated before it."""
        if self._celebrations.are_minded:
            self.advance(at)
        account = self.accounts.get(past.member)
        if account is None:
            account = self.accounts[past.member] = Account(self._program, self._tally, self._budgets)
        account.take(past, at=at)
        if self._celebrations.are_minded:
            self._celebrations.expect(past, since=at)

    def advance(self, until: datetime) -> None:
        """Book what was celebrated by `until`: whoever celebrates first takes first from a budget."""
        for celebrated in self._celebrations.take(until):
            self.accounts[celebrated.member].celebrate(celebrated)

    def end(self, until: datetime) -> None:
        """Book all that happens to everybody by the end."""
        self.advance(until)
        for account in self.accounts.values():
            account.advance(until)

    def close_account(self, member: str) -> Mapping[str, int]:
        """What the member has kept by the end, by unit: all that was granted and not taken back."""
        account = self.accounts.pop(member)
        self._celebrations.forget(member)
        balances = {unit: account.balance(unit) for unit in self._program.unit_codes}
        kept = {unit: balance.issued - balance.clawed_back for unit, balance in balances.items()}
        self._tally.part(ordered=account.has_ordered, earned=any(kept.values()), tier=account.tier)
        return kept

    def close(self, *, until: datetime) -> Outcome:
        return self._tally.close(until=until)
