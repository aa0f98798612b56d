"""Stories of the books, as tables that an accountant can audit.

A story is a text: what differs from the usual program (YAML), a line `---`, and a table with one move a row:

    day  move    name  amount  pending  available
      1  pay     O1    120.00      120          0
     15  mature  -          -        0        120

Amounts of orders and refunds are money, of redemptions units; `-` stands for none. The columns after `amount` are
columns of a balance (of `points`, of another unit as `stamps.available`, or of another
member as `friend.available`) and say what it is after the move; `tier` is the member's, `gifts` the rewards that
entering tiers gave (`mug`, or `mug:used`) and `F1` the referral of the friend of that name. `use gold` uses what
entering Gold gave. A last column `detail` adds words to it, such as `at=21:30` for another time (UTC) than noon. The
same stories run on the pure core and on the database: each implements `Driver`. `store=oasis` says in which store
something happens; a column `oasis.owes` is what that partner owes the program, in minor units. What a store says with
`lost=yes` never arrives.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal, Protocol
from uuid import UUID

import msgspec
import yaml
from msgspec import Struct

from tests.core.store import Store
from wafa.core.activities import ActivityNotice
from wafa.core.books import Balance
from wafa.core.compare import NotYet, Seen
from wafa.core.earn import MissingRate
from wafa.core.lots import NotEnough
from wafa.core.money import parse_minor
from wafa.core.open_balance import Opening
from wafa.core.referrals.record import Ruling
from wafa.core.snapshots import Birthday, CustomerRef
from wafa.core.spec import ProgramSpec, read_spec
from wafa.core.tiers.record import Appointment
from wafa.core.undo import WhenUsed
from wafa.core.why import GiveBackCause

STORIES = sorted((Path(__file__).parent / "stories").glob("*.txt"))
GUEST = CustomerRef(email="sami@example.com")
MEMBER = CustomerRef(external_id="C1", email="sami@example.com")
FRIEND = CustomerRef(external_id="C2", email="lina@example.com")
FIRST_DAY = datetime(2026, 1, 1, 12, tzinfo=UTC)

_USUAL_UNIT = {
    "code": "points",
    "name": {"en": {"one": "point", "other": "points"}},
    "maturity": {"kind": "after_days", "days": 14},
    "expiry": {"kind": "after_days", "days": 365},
}
_USUAL_RULE = {
    "id": "orders",
    "name": {"en": "Orders"},
    "unit": "points",
    "award": {"kind": "per_amount", "units": 1, "per_minor": 100, "mode": "proportional"},
}
_WORDS = ("tier", "gifts")
_NOT_POCKETS = ("day", "move", "name", "amount")


class TimedOut(Exception):
    """The time of a hold was over."""


class UsedMeanwhile(Exception):
    """Units that an import had brought were used, and nothing is undone then."""


class Driver(Protocol):
    """One member's books, wherever they are kept. The program is in force since the year 2000."""

    def see(self, seen: Seen, *, store: str = "falcon") -> None:
        """Take what a store says of an order. Raises NotYet and MissingRate."""

    def join(self, *, at: datetime) -> object:
        """The guest (GUEST) opens an account in the store (MEMBER)."""

    def redeem(self, *, key: str, unit: str, units: int, at: datetime, reward: str = "") -> None:
        """Exchange units for the reward, the first one unless told. Raises NotEnough."""

    def hold(self, *, key: str, unit: str, units: int, at: datetime, reward: str = "") -> None:
        """Reserve units for the reward, the first one unless told. Raises NotEnough."""

    def capture(self, *, key: str, at: datetime) -> None:
        """Exchange what is held. Raises TimedOut."""

    def give_back(self, *, key: str, cause: GiveBackCause, at: datetime) -> None:
        """Undo a hold or a redemption."""

    def give(self, *, key: str, unit: str, units: int, at: datetime) -> None:
        """Give units to the friend. Raises NotEnough."""

    def receive(self, *, key: str, unit: str, units: int, at: datetime) -> None:
        """The friend gives units. Raises NotEnough."""

    def merge(self, *, at: datetime) -> None:
        """The friend turns out to be the member, and stays."""

    def undo_merge(self, *, at: datetime) -> None:
        """They are two after all."""

    def use(self, *, key: str, at: datetime) -> None:
        """Use the voucher of a redemption."""

    def convert(self, *, key: str, conversion: str, units: int, at: datetime) -> str:
        """Exchange one unit for another. Returns how it was refused, or an empty string."""

    def turn_clock(self, *, at: datetime) -> object:
        """Book all that is due by `at`."""

    def do(self, notice: ActivityNotice) -> object:
        """Take what the store says that somebody did beside ordering."""

    def tell_birthday(self, birthday: Birthday, *, at: datetime) -> object:
        """The member's account (MEMBER) says at this moment when they were born."""

    def celebrate(self, *, at: datetime) -> object:
        """Book the birthdays of the day of `at`."""

    def appoint(self, appointment: Appointment) -> object:
        """Staff gives the member a tier."""

    def pay(
        self, partner: str, payer: Literal["partner", "program"], minor: int, *, reference: str, at: datetime
    ) -> None:
        """A partner pays the program, or the other way round."""

    def owed(self, partner: str) -> int:
        """What the partner owes the program, in minor units."""

    def bring(self, key: str, opening: Opening, *, at: datetime) -> object:
        """Import what the member brings along."""

    def undo(self, key: str, *, when_used: WhenUsed, at: datetime) -> object:
        """Undo an import. Raises UsedMeanwhile."""

    def invite(self, friend: CustomerRef, *, at: datetime) -> object:
        """Somebody who follows the member's link opens an account in the store."""

    def see_friend(self, seen: Seen, *, at: datetime) -> object:
        """Take what the store says of a friend's order, and settle what follows of it."""

    def rule(self, friend: str, ruling: Ruling, *, at: datetime) -> object:
        """Staff approves or blocks the referral of the friend with this id in the store."""

    def referral(self, friend: str) -> str:
        """What the referral of this friend is now."""

    def balance(self, unit: str) -> Balance:
        """The balance as it is now."""

    def friends_balance(self, unit: str) -> Balance:
        """The balance of the friend, another member of the program."""

    def tier(self) -> str | None:
        """The tier that was written down last."""

    def gifts(self) -> list[str]:
        """The rewards that entering tiers gave and that were not taken back, `:used` behind those that were used."""


class Row(Struct, frozen=True):
    """One move `at` a moment, what it says beside its amount, and the balance expected after it."""

    day: int
    at: datetime
    move: str
    name: str
    amount: str
    expected: dict[str, int | str]
    detail: dict[str, str]


class Story(Struct, frozen=True, kw_only=True):
    """`spec` is the usual program with what the story changes; `guest` says whether somebody without account buys."""

    title: str
    spec: ProgramSpec
    guest: bool
    rows: tuple[Row, ...]


def read_story(text: str) -> Story:
    """Read a story. Raises ValueError for a row that does not fit the header."""
    front, _, table = text.partition("\n---\n")
    changes: dict[str, Any] = yaml.safe_load(front)
    unit = {**_USUAL_UNIT, **changes.get("unit", {})}
    document = {
        "name": {"en": "Falcon Coffee"},
        "currency": "SAR",
        "units": [unit, *changes.get("more_units", [])],
        "earning": [{**_USUAL_RULE, **rule} for rule in changes.get("rules", [{}])],
        **changes.get("program", {}),
    }
    header, *lines = (line for line in table.splitlines() if line.strip())
    return Story(
        title=changes["title"],
        spec=read_spec(document),
        guest=changes.get("customer") == "guest",
        rows=tuple(_read_row(header, line) for line in lines),
    )


def _read_row(header: str, line: str) -> Row:
    columns = header.removesuffix("detail").split()
    cells = line.split()
    if len(cells) < len(columns):
        raise ValueError(f"expected {len(columns)} cells ({', '.join(columns)}) in {line!r}")
    row = dict(zip(columns, cells, strict=False))
    told = {column: row[column] for column in columns if column not in _NOT_POCKETS}
    expected = {column: cell if column in _WORDS or _is_friend(column) else int(cell) for column, cell in told.items()}
    detail = dict(token.split("=", 1) for token in cells[len(columns) :])
    day, time = int(row["day"]), detail.pop("at", f"{FIRST_DAY:%H:%M}")
    at = datetime.fromisoformat(f"{FIRST_DAY:%Y-%m-%d}T{time}+00:00") + timedelta(days=day - 1)
    return Row(day, at, row["move"], row["name"], row["amount"], expected, detail)


def play(story: Story, driver: Driver) -> None:
    """Make the moves of a story and compare the balance after each of them with its row."""
    store = Store(currency=story.spec.currency, customer=GUEST if story.guest else MEMBER)
    told, expected = [], []
    for place, row in enumerate(story.rows):
        # Seconds apart, for nothing happens at once.
        says = _move(store, driver, row, at=row.at + timedelta(seconds=place))
        found = _columns(driver, row.expected)
        told.append(_tell(row, says, found))
        expected.append(_tell(row, row.detail.get("says", ""), row.expected))
    differences = "\n".join(
        f"  expected {want}\n     found {have}" for want, have in zip(expected, told, strict=True) if want != have
    )
    assert not differences, f"{story.title}: other than told\n{differences}"


def _tell(row: Row, says: str, balance: dict[str, int | str]) -> str:
    pockets = "  ".join(f"{column} {amount}" for column, amount in balance.items())
    return f"day {row.day}  {row.move} {row.name} {row.amount}  {pockets}  {says}".rstrip()


def _columns(driver: Driver, columns: Iterable[str]) -> dict[str, int | str]:
    """What is found in each column now. A balance is read once for all its figures."""

    @cache
    def balance(whose: str) -> Balance:
        return driver.friends_balance("points") if whose == "friend" else driver.balance(whose or "points")

    return {column: _column(driver, balance, column) for column in columns}


def _column(driver: Driver, balance: Callable[[str], Balance], column: str) -> int | str:
    if column == "tier":
        return driver.tier() or "-"
    if column == "gifts":
        return ",".join(driver.gifts()) or "-"
    if _is_friend(column):
        return driver.referral(column)
    whose, _, name = column.rpartition(".")
    if name == "owes":
        return driver.owed(whose)
    amount: int = getattr(balance(whose), name)
    return amount


def _is_friend(column: str) -> bool:
    return column.startswith("F") and column[1:].isdigit()


def _friend(name: str) -> CustomerRef:
    return CustomerRef(external_id=name, email=f"{name.lower()}@example.com")


def _move(store: Store, driver: Driver, row: Row, *, at: datetime) -> str:
    """Make one move. Returns how it was refused, or an empty string."""
    moves: dict[str, Callable[[], object]] = {
        "mature": lambda: driver.turn_clock(at=at),
        "expire": lambda: driver.turn_clock(at=at),
        "review": lambda: driver.turn_clock(at=at),
        "set": lambda: driver.appoint(_appointment(row, at=at)),
        "invited": lambda: driver.appoint(_appointment(row, at=at)),
        "join": lambda: _join(store, driver, at=at),
        "do": lambda: driver.do(store.notice(row.name, row.amount, row.detail, at=at)),
        "born": lambda: driver.tell_birthday(_birthday(row.name), at=at),
        "celebrate": lambda: driver.celebrate(at=at),
        "redeem": lambda: driver.redeem(key=row.name, units=int(row.amount), at=at, **_what(row)),
        "hold": lambda: driver.hold(key=row.name, units=int(row.amount), at=at, **_what(row)),
        "capture": lambda: driver.capture(key=row.name, at=at),
        "release": lambda: driver.give_back(key=row.name, cause="released", at=at),
        "return": lambda: driver.give_back(key=row.name, cause="cancelled", at=at),
        "fail": lambda: driver.give_back(key=row.name, cause="failed", at=at),
        "give": lambda: driver.give(key=row.name, unit=row.detail.get("unit", "points"), units=int(row.amount), at=at),
        "receive": lambda: driver.receive(
            key=row.name, unit=row.detail.get("unit", "points"), units=int(row.amount), at=at
        ),
        "merge": lambda: driver.merge(at=at),
        "part": lambda: driver.undo_merge(at=at),
        "use": lambda: driver.use(key=row.name, at=at),
        "invite": lambda: driver.invite(_friend(row.name), at=at),
        "friend": lambda: driver.see_friend(_friend_says(store, row, at=at), at=at),
        "approve": lambda: driver.rule(row.name, "approve", at=at),
        "block": lambda: driver.rule(row.name, "block", at=at),
        "wait": lambda: driver.turn_clock(at=at),
        "time_out": lambda: driver.turn_clock(at=at),
        "settle": lambda: _settle(driver, row, currency=store.currency, at=at),
        "bring": lambda: driver.bring(row.name, _opening(row), at=at),
        "undo": lambda: driver.undo(row.name, when_used=_when_used(row), at=at),
    }
    if row.move == "convert":
        return driver.convert(key=row.name, conversion=row.detail["by"], units=int(row.amount), at=at)
    where = store.where(row.name, row.detail)
    make = moves.get(row.move) or (
        lambda: _hear(driver, store.tell(row.move, row.name, row.amount, row.detail, at=at), row, store=where)
    )
    try:
        make()
    except NotYet:
        return "not_yet"
    except MissingRate:
        return "missing_rate"
    except NotEnough:
        return "not_enough"
    except TimedOut:
        return "timed_out"
    except UsedMeanwhile:
        return "used_meanwhile"
    return ""


def _hear(driver: Driver, seen: Seen, row: Row, *, store: str) -> None:
    """What the store says arrives, unless it is `lost=yes`: what it says next tells of both."""
    if row.detail.get("lost") != "yes":
        driver.see(seen, store=store)


def _what(row: Row) -> dict[str, str]:
    """In which unit something is exchanged, and for which reward."""
    return {"unit": row.detail.get("unit", "points"), "reward": row.detail.get("reward", "")}


def _settle(driver: Driver, row: Row, *, currency: str, at: datetime) -> None:
    """A partner pays the program, or (below zero) is paid by it."""
    minor = parse_minor(row.amount, currency)
    driver.pay(row.name, "partner" if minor > 0 else "program", abs(minor), reference=f"day-{row.day}", at=at)


def _opening(row: Row) -> Opening:
    """`120 pending=30 waits=40 ends=90`: the days on which what is pending can be used, and on which all of it ends."""
    days = {name: midnight(int(row.detail[name])) for name in ("waits", "ends") if name in row.detail}
    return Opening(
        unit="points",
        available=0 if row.amount == "-" else int(row.amount),
        pending=int(row.detail.get("pending", 0)),
        matures_at=days.get("waits"),
        expires_at=days.get("ends"),
    )


def midnight(day: int) -> datetime:
    """The beginning of a day of a story (UTC)."""
    return FIRST_DAY.replace(hour=0) + timedelta(days=day - 1)


def _when_used(row: Row) -> WhenUsed:
    told: WhenUsed = msgspec.convert(row.detail.get("when_used", "refuse"), WhenUsed)
    return told


def _friend_says(store: Store, row: Row, *, at: datetime) -> Seen:
    """`F1:pay`: what the store says after this move of the friend's order. It is called after the friend."""
    name, _, move = row.name.partition(":")
    whose, store.customer = store.customer, _friend(name)
    try:
        return store.tell(move, f"{name}-order", row.amount, row.detail, at=at)
    finally:
        store.customer = whose


def _appointment(row: Row, *, at: datetime) -> Appointment:
    until = FIRST_DAY + timedelta(days=int(row.detail["until"]) - 1) if "until" in row.detail else None
    return Appointment(
        id=UUID(int=row.day), kind="set" if until else "invited", tier=row.name, at=at, until=until, reason="r", by="s"
    )


def _birthday(text: str) -> Birthday:
    """`hijri:09-30`: a month and a day of a calendar."""
    calendar, _, typed = text.partition(":")
    month, day = typed.split("-")
    return msgspec.convert({"calendar": calendar, "month": int(month), "day": int(day)}, Birthday)


def _join(store: Store, driver: Driver, *, at: datetime) -> None:
    store.customer = MEMBER
    driver.join(at=at)
