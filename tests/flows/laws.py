"""The laws of the books, worked out from postings, lots and obligations: with none of the product's arithmetic."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from tests.world import World
from wafa.core.books import Account
from wafa.core.books import Balance as Columns
from wafa.core.spec import PROGRAM
from wafa.kit.transactions import program_transaction
from wafa.ledger.models import Balance, Journal, Lot, Obligation, Posting

_POCKETS = (Account.CLAIMABLE, Account.PENDING, Account.AVAILABLE)


class Books:
    """Everything that is in the books of a program at a moment."""

    def __init__(self, world: World) -> None:
        with program_transaction(world.program_id):
            self.journals = list(Journal.objects.filter(program_id=world.program_id))
            self.postings = list(Posting.objects.filter(program_id=world.program_id))
            self.lots = list(Lot.objects.filter(program_id=world.program_id))
            self.balances = list(Balance.objects.filter(program_id=world.program_id))
            self.obligations = list(Obligation.objects.filter(program_id=world.program_id))

    @property
    def state(self) -> tuple[Any, ...]:
        """What has to stay as it is where nothing may happen."""
        return (
            sorted(journal.key for journal in self.journals),
            len(self.postings),
            sorted((str(lot.id), lot.remaining, lot.pocket, lot.granted) for lot in self.lots),
            sorted((str(b.member_id), b.unit, *amounts) for b in self.balances if any(amounts := _amounts(b))),
            sorted(one.key for one in self.obligations),
        )

    def assert_laws(self) -> None:
        self._assert_balances()
        self._assert_lots()
        self._assert_causes()
        self._assert_nothing_is_made_of_nothing()

    def _accounts(self) -> Mapping[tuple[UUID, str], Counter[Account]]:
        """What each account of a member holds in a unit: what came in, less what went out."""
        held: dict[tuple[UUID, str], Counter[Account]] = {}
        for posting in self.postings:
            account = held.setdefault((posting.member_id, posting.unit), Counter())
            account[Account(posting.from_account)] -= posting.amount
            account[Account(posting.to_account)] += posting.amount
        return held

    def _assert_balances(self) -> None:
        """Balances are whole, no pocket is below zero, and both are what the postings say."""
        held, kept = self._accounts(), {(b.member_id, b.unit): b for b in self.balances}
        assert held.keys() <= kept.keys()
        for owner, balance in kept.items():
            account = held.get(owner, Counter[Account]())
            for name in (Account.CLAIMABLE, Account.PENDING, Account.AVAILABLE, Account.HELD):
                assert account[name] >= 0, (owner, name, account)
            for name in (Account.REDEEMED, Account.BREAKAGE, Account.CLAWED_BACK):
                assert account[name] >= 0, (owner, name, account)
            for name in Account:
                expected = -account[name] if name in (Account.ISSUED, Account.DEBT) else account[name]
                assert getattr(balance, name.name.lower()) == expected, (owner, name, account, balance.__dict__)
            assert sum(account.values()) == 0, (owner, account)

    def _assert_lots(self) -> None:
        """What is left of lots is what the pockets hold, and what a lot's own postings left in it."""
        left: Counter[tuple[UUID, str, int]] = Counter()
        own: Counter[UUID] = Counter()
        for posting in self.postings:
            if posting.lot_id is not None:
                own[posting.lot_id] += posting.amount * (posting.to_account in _POCKETS)
                own[posting.lot_id] -= posting.amount * (posting.from_account in _POCKETS)
        for lot in self.lots:
            assert 0 <= lot.remaining <= lot.granted, lot.__dict__
            assert lot.remaining == own[lot.id], (lot.__dict__, own[lot.id])
            left[lot.member_id, lot.unit, lot.pocket] += lot.remaining
        for balance in self.balances:
            for pocket in _POCKETS:
                expected = left[balance.member_id, balance.unit, int(pocket)]
                assert getattr(balance, pocket.name.lower()) == expected, (balance.__dict__, pocket)

    def _assert_causes(self) -> None:
        """One key is booked once; every posting, lot and obligation hangs on a journal that is there."""
        keys = Counter(journal.key for journal in self.journals)
        assert max(keys.values(), default=1) == 1, keys.most_common(1)
        ids = {journal.id for journal in self.journals}
        assert {posting.journal_id for posting in self.postings} <= ids
        assert {lot.journal_id for lot in self.lots} <= ids
        assert {one.journal_id for one in self.obligations if one.journal_id} <= ids

    def _assert_nothing_is_made_of_nothing(self) -> None:
        """What members gave to each other is among them; what parties owe each other comes to nothing."""
        transferred: Counter[str] = Counter()
        for posting in self.postings:
            transferred[posting.unit] += posting.amount * (posting.to_account == Account.TRANSFERRED)
            transferred[posting.unit] -= posting.amount * (posting.from_account == Account.TRANSFERRED)
        assert not any(transferred.values()), transferred
        owed: Counter[tuple[str, str]] = Counter()
        for one in self.obligations:
            assert PROGRAM in (one.debtor, one.creditor)
            owed[one.debtor, one.currency] += one.amount_minor
            owed[one.creditor, one.currency] -= one.amount_minor
        assert sum(owed.values()) == 0, owed

    def owed(self, partner: str) -> int:
        """What a partner owes by its obligations."""
        theirs = [one for one in self.obligations if partner in (one.debtor, one.creditor)]
        return sum(one.amount_minor * (1 if one.debtor == partner else -1) for one in theirs)

    def due(
        self, partner: str, *, rule: str, reward: str, worth: Callable[[int], int], back: Callable[[int], int]
    ) -> int:
        """What a partner should owe: what its lots cost now, less what its reward took and kept, less what was paid."""
        kinds = {journal.id: journal for journal in self.journals}
        granted = [lot for lot in self.lots if lot.rule == rule and kinds[lot.journal_id].kind in _GRANTING]
        moved: Counter[UUID] = Counter()
        for posting in self.postings:
            moved[posting.journal_id] += posting.amount * (posting.to_account == Account.REDEEMED)
            moved[posting.journal_id] -= posting.amount * (posting.from_account == Account.REDEEMED)
        used = [journal for journal in self.journals if journal.why.get("reward") == reward and moved[journal.id]]
        paid = [one for one in self.obligations if one.kind == "paid" and partner in (one.debtor, one.creditor)]
        return (
            sum(worth(lot.granted - lot.corrected + lot.let_go - lot.clawed_back) for lot in granted)
            - sum(back(moved[j.id]) if moved[j.id] > 0 else -back(-moved[j.id]) for j in used)
            - sum(one.amount_minor * (1 if one.creditor == partner else -1) for one in paid)
        )


_GRANTING = ("accrual", "correction")


def _amounts(balance: Balance) -> list[int]:
    """Its columns. A member who was held before anything was booked has a balance of nothing."""
    return [getattr(balance, column) for column in Columns.__struct_fields__]
