"""Books written by hand: a program, its members, and journals put together posting by posting."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from wafa.core.books import Account, Balance, GrantChange, Journal, JournalKind, Lot, Posting, journal_id
from wafa.core.clock import expire, mature
from wafa.core.ids import caused_id
from wafa.core.standing import Standing
from wafa.core.why import AccrualWhy, AdjustmentWhy, Why
from wafa.kit.ids import new_id
from wafa.kit.transactions import program_transaction
from wafa.ledger.operations import Posted, post
from wafa.ledger.queries import get_balance, list_lots, load_standings
from wafa.ledger.verify import Difference, verify
from wafa.members.models import Member, MemberState
from wafa.programs.operations import create_program, publish_version

FIRST_DAY = datetime(2026, 1, 1, 12, tzinfo=UTC)
UNITS = ("points", "stamps")


def day(number: int) -> datetime:
    return FIRST_DAY + timedelta(days=number - 1)


class Books:
    """A program of its own with the units `points` and `stamps`, and as many members as a test asks for."""

    def __init__(self, *, members: int = 1) -> None:
        self.program_id = create_program(slug=f"books-{new_id().hex}", name="Books", currency="SAR", at=FIRST_DAY)
        units = [{"code": code, "name": {"en": {"other": code}}} for code in UNITS]
        with program_transaction(self.program_id):
            document = {"name": {"en": "Books"}, "currency": "SAR", "units": units}
            publish_version(self.program_id, document, published_by="tests", at=FIRST_DAY)
        self.members = [self.enroll() for _ in range(members)]

    @property
    def member(self) -> UUID:
        return self.members[0]

    def enroll(self, state: MemberState = MemberState.MEMBER) -> UUID:
        joined_at = FIRST_DAY if state is MemberState.MEMBER else None
        with program_transaction(self.program_id):
            made = Member.objects.create(
                program_id=self.program_id, state=state, joined_at=joined_at, created_at=FIRST_DAY
            )
        return made.id

    def post(self, *journals: Journal, at: datetime = FIRST_DAY) -> Posted:
        with program_transaction(self.program_id):
            return post(self.program_id, journals, booked_at=at)

    def balance(self, member: UUID | None = None, unit: str = "points") -> Balance:
        with program_transaction(self.program_id):
            return get_balance(self.program_id, member or self.member, unit)

    def standing(self, member: UUID | None = None) -> Standing:
        member_id = member or self.member
        with program_transaction(self.program_id):
            standings = load_standings(self.program_id, [member_id], lock=True, with_lots=True, limited_rules=["base"])
            return standings[member_id]

    def lot(self, name: str, member: UUID | None = None) -> Lot:
        lot_id = lot_id_of(name, member or self.member)
        with program_transaction(self.program_id):
            return next(lot for lot in list_lots(self.program_id, member or self.member) if lot.id == lot_id)

    def differences(self) -> list[Difference]:
        with program_transaction(self.program_id):
            return verify(self.program_id).differences

    def everything(self) -> list[list[tuple[Any, ...]]]:
        """Every row of the books, to show that nothing has changed."""
        from wafa.ledger import models

        with program_transaction(self.program_id):
            return [
                sorted(model.objects.filter(program_id=self.program_id).values_list(), key=repr)
                for model in (models.Journal, models.Posting, models.Lot, models.Balance)
            ]


def lot_id_of(name: str, member: UUID) -> UUID:
    return caused_id(f"lot:{member}:{name}", at=FIRST_DAY)


def accrual(
    member: UUID,
    name: str,
    units: int,
    *,
    at: datetime = FIRST_DAY,
    pocket: Account = Account.AVAILABLE,
    unit: str = "points",
    **dates: Any,
) -> Journal:
    """Grants `units` for the order `name`; `dates` are those of the lot."""
    cause_id = caused_id(f"order:{name}", at=FIRST_DAY)
    lot = Lot(
        id=lot_id_of(name, member),
        member_id=member,
        unit=unit,
        rule="base",
        version=1,
        granted=units,
        remaining=units,
        pocket=pocket,
        occurred_at=at,
        cause_id=cause_id,
        **dates,
    )
    why = AccrualWhy(
        rule="base",
        order=name,
        store="main",
        units=units,
        currency="SAR",
        total_minor=units * 100,
        basis_minor=units * 100,
        formula="per_amount",
    )
    return journal(
        member,
        JournalKind.ACCRUAL,
        f"accrual:{member}:{name}",
        Posting(unit, Account.ISSUED, pocket, units, lot.id),
        at=at,
        why=why,
        version=1,
        rule="base",
        cause_id=cause_id,
        lots=(lot,),
    )


def journal(
    member: UUID,
    kind: JournalKind,
    key: str,
    *postings: Posting,
    at: datetime = FIRST_DAY,
    why: Why | None = None,
    grants: Iterable[GrantChange] = (),
    **others: Any,
) -> Journal:
    return Journal(
        id=journal_id(kind, key, at=at),
        kind=kind,
        key=key,
        member_id=member,
        occurred_at=at,
        why=why or AdjustmentWhy(units=sum(p.amount for p in postings), reason="by hand", by="Layla"),
        postings=postings,
        grants=tuple(grants),
        **others,
    )


def move(
    member: UUID,
    name: str,
    units: int,
    from_account: Account,
    to_account: Account,
    *,
    key: str,
    at: datetime = FIRST_DAY,
) -> Journal:
    """Moves points of the lot `name`."""
    posting = Posting("points", from_account, to_account, units, lot_id_of(name, member))
    return journal(member, JournalKind.ADJUSTMENT, key, posting, at=at)


Move = Callable[[Books, str, int, datetime], Iterable[Journal]]

MOVES: dict[str, Move] = {
    "accrue": lambda books, name, units, at: [
        accrual(
            books.member,
            name,
            units,
            at=at,
            pocket=Account.PENDING,
            matures_at=at + timedelta(days=14),
            expires_at=at + timedelta(days=39),
        )
    ],
    "mature": lambda books, name, units, at: mature(books.standing(), books.lot(name)),
    "expire": lambda books, name, units, at: [expire(books.lot(name))],
    "hold": lambda books, name, units, at: [
        move(books.member, name, units, Account.AVAILABLE, Account.HELD, key=f"hold:{at}", at=at)
    ],
    "release": lambda books, name, units, at: [
        move(books.member, name, units, Account.HELD, Account.AVAILABLE, key=f"release:{at}", at=at)
    ],
    "capture": lambda books, name, units, at: [
        move(books.member, name, units, Account.HELD, Account.REDEEMED, key=f"capture:{at}", at=at)
    ],
    "redeem": lambda books, name, units, at: [
        move(books.member, name, units, Account.AVAILABLE, Account.REDEEMED, key=f"redeem:{at}", at=at)
    ],
    "take back": lambda books, name, units, at: [
        move(books.member, name, units, Account.AVAILABLE, Account.CLAWED_BACK, key=f"take back:{at}", at=at)
    ],
    "owe": lambda books, name, units, at: [
        journal(
            books.member,
            JournalKind.CLAWBACK,
            f"owe:{at}",
            Posting("points", Account.DEBT, Account.CLAWED_BACK, units),
            at=at,
        )
    ],
}


def run_table(table: str) -> None:
    """Book a table line by line. The columns after `points` say what the balance is after the move."""
    books = Books()
    columns, *rows = [re.split(r"\s{2,}", line.strip()) for line in table.strip().splitlines()]
    for number, name_of_move, name, points, *expected in rows:
        at = day(int(number))
        books.post(*MOVES[name_of_move](books, name, int(points), at), at=at)
        balance = books.balance()
        found = [str(getattr(balance, column)) for column in columns[4:]]
        assert found == expected, f"day {number} {name_of_move}"
        assert books.differences() == []
