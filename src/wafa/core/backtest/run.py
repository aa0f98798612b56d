"""A draft and the live program over one history, side by side."""

from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import Struct

from wafa.core.backtest.account import Account
from wafa.core.backtest.differences import Change, Comparison
from wafa.core.backtest.history import PastOrder
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
    """Takes a history, order by order in the order of their payments, and then tells what it came to.

    Where the history is told `by_member`, nobody is kept in memory once the next one begins.
    """

    def __init__(
        self, draft: Program, live: Program | None = None, *, until: datetime, by_member: bool = False
    ) -> None:
        self._draft = _Side(draft, until=until)
        self._live = None if live is None else _Side(live, until=until)
        self._by_member = by_member
        self._comparison = Comparison()
        self._members: dict[str, None] = {}

    def take(self, past: PastOrder) -> None:
        """Take one order. What was never paid says nothing."""
        if past.order.paid_at is None:
            return
        if past.member not in self._members:
            if self._by_member:
                self._close_members()
            self._members[past.member] = None
        for side in self._sides:
            side.take(past, at=past.order.paid_at)

    def close(self) -> Trial:
        """End at the moment until which the history is told."""
        self._close_members()
        return Trial(
            draft=self._draft.close(),
            live=None if self._live is None else self._live.close(),
            changes=self._comparison.close() if self._live is not None else {},
        )

    @property
    def _sides(self) -> list["_Side"]:
        return [self._draft] if self._live is None else [self._draft, self._live]

    def _close_members(self) -> None:
        for member in self._members:
            kept = [side.close_account(member) for side in self._sides]
            if self._live is not None:
                self._comparison.add(member, draft=kept[0], live=kept[1])
        self._members.clear()


class _Side:
    """One program over the history."""

    def __init__(self, program: Program, *, until: datetime) -> None:
        assert program.latest is not None, "a trial needs a document"
        self._program = program
        self._until = until
        self._tally = Tally(program.latest.spec)
        self._accounts: dict[str, Account] = {}

    def take(self, past: PastOrder, *, at: datetime) -> None:
        if at > self._until:
            return
        account = self._accounts.get(past.member)
        if account is None:
            joined_at = at if _joins(self._program, past) else past.joined_at
            account = Account(self._program, self._tally, joined_at=joined_at, began_at=at)
            self._accounts[past.member] = account
        account.take(past, at=at)

    def close_account(self, member: str) -> Mapping[str, int]:
        """What the member has kept by the end, by unit: all that was granted and not taken back."""
        account = self._accounts.pop(member, None)
        if account is None:
            return {}
        account.advance(self._until)
        balances = {unit: account.balance(unit) for unit in self._program.unit_codes}
        kept = {unit: balance.issued - balance.clawed_back for unit, balance in balances.items()}
        self._tally.members += 1
        self._tally.earning_members += any(kept.values())
        return kept

    def close(self) -> Outcome:
        return self._tally.close(until=self._until)


def _joins(program: Program, past: PastOrder) -> bool:
    """Whether who bought had an account, and that is enough to be a member."""
    latest = program.latest
    is_automatic = latest is not None and latest.spec.joining == "automatic"
    return is_automatic and past.order.customer is not None and past.order.customer.external_id is not None
