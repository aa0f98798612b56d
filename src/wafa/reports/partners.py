"""What partners and the program owe each other, month by month of the program's calendar.

A month is told by when things were booked, so that it never changes once it is over: what reaches us later is in
another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from wafa.core.books import ObligationKind
from wafa.core.money import exponent_of
from wafa.core.periods import period_around
from wafa.core.program import Program
from wafa.core.spec import EachPeriod, Partner, SettlementRate
from wafa.kit.formats import Formats
from wafa.ledger.partners import Account, Movement, Owed, Paid, list_accounts, list_owed, list_payments
from wafa.reports.phrases import Phrase, name_of, say
from wafa.reports.told import show
from wafa.reports.units import get_unit

# Whoever books has begun before: nothing of a month is booked so long after its end.
SETTLED_AFTER = timedelta(hours=1)

_ORDER: Sequence[ObligationKind] = ("granted", "taken_back", "redeemed", "given_back", "paid")


class UnknownPartner(Exception):
    """No version of the program has a partner of this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month of the program's calendar, from `begins` until before `ends` (UTC). `is_final` says that it is over."""

    begins: datetime
    ends: datetime
    is_final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a statement. `units` and `rate` are empty for a payment."""

    movement: Movement
    name: Phrase
    units: Phrase | None
    rate: Phrase | None
    amount: Phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One partner's month in one currency. `balance` says in a sentence who owes whom at its end."""

    account: Account
    name: str
    opening: Phrase
    lines: tuple[Line, ...]
    closing: Phrase
    balance: Phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTold:
    """One payment of a month: `amount` without its sign, for `told` says who paid whom."""

    paid: Paid
    told: Phrase
    amount: Phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What a partner owes now, or the program where `partner` is empty: all of one currency come to nothing."""

    partner: str
    name: str
    currency: str
    amount_minor: int
    amount: Phrase
    told: Phrase


def month_around(program: Program, day: date, *, at: datetime) -> Month:
    """The month of the program's calendar in which a day is, by the version that decides now.

    Raises OutsideCalendar.
    """
    version = program.in_force(at) or program.versions[0]
    period = period_around(EachPeriod(kind="month"), day, version.spec)
    begins, ends = period.since, period.until
    assert begins and ends, "a month begins and ends"  # noqa: PT018 - one thing
    return Month(begins=begins, ends=ends, is_final=at >= ends + SETTLED_AFTER)


def day_of(moment: datetime, program: Program) -> date:
    """The day of the program that a moment falls on."""
    return moment.astimezone(ZoneInfo(program.versions[-1].spec.time_zone)).date()


def find_partner(program: Program, partner_id: str) -> Partner:
    """A partner as the newest version that has it says. Raises UnknownPartner."""
    for version in reversed(program.versions):
        if (partner := version.spec.partner_by_id.get(partner_id)) is not None:
            return partner
    raise UnknownPartner(partner_id)


def list_partners(program: Program) -> list[Partner]:
    """Every partner that any version has, as its newest version says, by id."""
    ids = {partner for version in program.versions for partner in version.spec.partner_by_id}
    return [find_partner(program, partner) for partner in sorted(ids)]


def list_statements(program_id: UUID, program: Program, month: Month, formats: Formats) -> list[Statement]:
    """The statements of all partners that had anything to settle, by partner."""
    accounts = list_accounts(program_id, begins=month.begins, ends=month.ends)
    return [_tell_account(account, program, formats) for account in accounts]


def list_statements_of(
    program_id: UUID, program: Program, partner: Partner, month: Month, formats: Formats
) -> list[Statement]:
    """The statements of one partner; one over nothing in its currency where there was nothing."""
    found = [s for s in list_statements(program_id, program, month, formats) if s.account.partner == partner.id]
    nothing = Account(
        partner=partner.id,
        currency=partner.currency,
        begins=month.begins,
        ends=month.ends,
        opening_minor=0,
        movements=(),
    )
    return found or [_tell_account(nothing, program, formats)]


def list_payments_told(program_id: UUID, partner: Partner, month: Month, formats: Formats) -> list[PaymentTold]:
    """The payments that a partner's statement of a month counts, one by one."""
    return [
        PaymentTold(
            paid=paid,
            told=say(_line_names(is_ours=paid.amount_minor > 0)["paid"]),
            amount=show(formats.money(abs(paid.amount_minor), paid.currency)),
        )
        for paid in list_payments(program_id, partner.id, begins=month.begins, ends=month.ends)
    ]


def list_positions(program_id: UUID, program: Program, formats: Formats, *, at: datetime) -> list[Position]:
    """What every partner owes, and after those of a currency what is left for the program: the other side of it all."""
    owed = {(one.partner, one.currency): one for one in list_owed(program_id, before=at)}
    for partner in list_partners(program):
        nothing = Owed(partner=partner.id, currency=partner.currency, amount_minor=0)
        owed.setdefault((partner.id, partner.currency), nothing)
    positions = []
    for currency in sorted({one.currency for one in owed.values()}):
        of_currency = sorted((one for one in owed.values() if one.currency == currency), key=lambda one: one.partner)
        positions += [_tell_position(one, program, formats) for one in of_currency]
        rest = -sum(one.amount_minor for one in of_currency)
        positions.append(
            Position(
                partner="",
                name=_("The program"),
                currency=currency,
                amount_minor=rest,
                amount=show(formats.money(rest, currency, signed=True)),
                told=say(_("The other side of all accounts")),
            )
        )
    return positions


def _tell_position(owed: Owed, program: Program, formats: Formats) -> Position:
    name = name_of(find_partner(program, owed.partner).name, formats.locale)
    return Position(
        partner=owed.partner,
        name=name,
        currency=owed.currency,
        amount_minor=owed.amount_minor,
        amount=show(formats.money(owed.amount_minor, owed.currency, signed=True)),
        told=_tell_balance(owed.amount_minor, owed.currency, formats),
    )


def _tell_account(account: Account, program: Program, formats: Formats) -> Statement:
    def money(minor: int, *, signed: bool = False) -> Phrase:
        return show(formats.money(minor, account.currency, signed=signed))

    movements = sorted(account.movements, key=lambda moved: _ORDER.index(moved.kind))
    return Statement(
        account=account,
        name=name_of(find_partner(program, account.partner).name, formats.locale),
        opening=money(account.opening_minor),
        lines=tuple(_tell_line(moved, account, program, formats) for moved in movements),
        closing=money(account.closing_minor),
        balance=_tell_balance(account.closing_minor, account.currency, formats),
    )


def _tell_line(moved: Movement, account: Account, program: Program, formats: Formats) -> Line:
    units = rate = None
    if moved.unit is not None and moved.version is not None:
        spec = program.numbered(moved.version).spec
        unit = get_unit(program, moved.unit, version=moved.version)
        units = show(formats.units(moved.units, unit, currency=spec.currency))
        agreed = spec.partner_by_id[account.partner].rate(moved.unit)
        per = formats.units(agreed.units, unit, currency=spec.currency)
        price = formats.money(minor_of(moved.kind, agreed), account.currency)
        rate = say(_("{amount} for {units}"), amount=price, units=per)
    return Line(
        movement=moved,
        name=say(_line_names(is_ours=moved.amount_minor > 0)[moved.kind]),
        units=units,
        rate=rate,
        amount=show(formats.money(moved.amount_minor, account.currency, signed=True)),
    )


def minor_of(kind: ObligationKind, rate: SettlementRate) -> int:
    """The side of a rate by which an obligation of this kind was reckoned."""
    return rate.minor if kind in ("granted", "taken_back") else rate.back_minor


def _line_names(*, is_ours: bool) -> Mapping[ObligationKind, str]:
    return {
        "granted": _("Earned in the partner's stores"),
        "taken_back": _("Taken back after refunds"),
        "redeemed": _("Used for the partner's rewards"),
        "given_back": _("Rewards given back"),
        "paid": _("Paid by the program") if is_ours else _("Paid by the partner"),
    }


def _tell_balance(minor: int, currency: str, formats: Formats) -> Phrase:
    if not minor:
        return say(_("Nobody owes anything."))
    sentence = _("The partner owes {amount}.") if minor > 0 else _("The program owes {amount}.")
    return say(sentence, amount=formats.money(abs(minor), currency))


CSV_COLUMNS = (
    "partner",
    "currency",
    "decimals",
    "begins",
    "ends",
    "line",
    "unit",
    "version",
    "units",
    "rate_minor",
    "rate_units",
    "amount_minor",
)


def csv_rows(statements: Sequence[Statement], program: Program) -> list[list[object]]:
    """Statements for an accountant's own books: amounts in minor units, times in UTC, and what the program is owed."""
    rows: list[list[object]] = []
    for statement in statements:
        account = statement.account
        about = [account.partner, account.currency, exponent_of(account.currency)]
        about += [account.begins.isoformat(), account.ends.isoformat()]
        rows.append([*about, "opening", "", "", "", "", "", account.opening_minor])
        for line in statement.lines:
            moved, rate = line.movement, ["", ""]
            if moved.unit is not None and moved.version is not None:
                agreed = program.numbered(moved.version).spec.partner_by_id[account.partner].rate(moved.unit)
                rate = [str(minor_of(moved.kind, agreed)), str(agreed.units)]
            units = moved.units if moved.unit else ""
            version = "" if moved.version is None else moved.version
            rows.append([*about, moved.kind, moved.unit or "", version, units, *rate, moved.amount_minor])
        rows.append([*about, "closing", "", "", "", "", "", account.closing_minor])
    return rows
