"""What an order earns: the part of it that counts, and the award on that part."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Protocol

from msgspec import Struct

from wafa.core.money import Rounding, convert_minor, divide, exponent_of, parse_rate
from wafa.core.returned import ALL, NOTHING, find_returns, returned_share
from wafa.core.scope import lines_in_scope
from wafa.core.snapshots import OrderLine, OrderSnapshot, TenderKind
from wafa.core.spec import (
    Basis,
    PlainAward,
    ProgramSpec,
    Scope,
)
from wafa.core.why import Deduction, Rate


class MissingRate(Exception):
    """An order is in a currency for which neither the store nor the program's version names a rate."""

    def __init__(self, currency: str) -> None:
        super().__init__(f"no rate for {currency}: expected `rate` in the order or `rates.{currency}` in the program")
        self.currency = currency


class Priced(Protocol):
    """Whatever has amounts: an order, or another activity."""

    @property
    def currency(self) -> str | None: ...

    @property
    def exponent(self) -> int | None: ...

    @property
    def rate(self) -> str | None: ...


class CountedBasis(Struct, frozen=True, kw_only=True, gc=False):
    """The part of an order that counts for a rule, in minor units of the order's currency.

    `total_minor` less all `deductions`, where they were asked for, is `basis_minor`. `returned` is the share of it that
    refunds have returned. `lines` are those in the rule's scope.
    """

    total_minor: int
    basis_minor: int
    deductions: tuple[Deduction, ...]
    returned: Fraction
    lines: Sequence[OrderLine]


class Counting(Protocol):
    """What says which parts of an order count: a rule, or the spend that leads to tiers."""

    @property
    def basis(self) -> Basis: ...

    @property
    def scope(self) -> Scope: ...


def count_basis(
    order: OrderSnapshot, rule: Counting, spec: ProgramSpec, *, with_deductions: bool = True
) -> CountedBasis:
    """Measure the basis of `rule` on `order`: scope first, then tax, shipping, fees, discounts, then tenders.

    `with_deductions` says whether anybody will be told them. Raises MissingRate where the scope names prices that the
    order's cannot be compared with.
    """
    basis = rule.basis
    lines = lines_in_scope(order, rule.scope, convert=converter(order, spec))
    shipping = counted_shipping(order, basis)
    included = sum([counted_line(line, basis) for line in lines]) + shipping + (order.fees_minor if basis.fees else 0)
    left_out = _left_out_tenders(order, basis)
    basis_minor = max(included, 0)
    if left_out and order.total_minor > 0:
        kept = max(order.total_minor - sum(left_out.values()), 0)
        basis_minor = divide(basis_minor * kept, order.total_minor, Rounding.HALF_EVEN)
    deductions: tuple[Deduction, ...] = ()
    if with_deductions:
        deductions = _explain(order, basis, lines, basis_minor=basis_minor, included=included, left_out=left_out)
    return CountedBasis(
        total_minor=order.total_minor,
        basis_minor=basis_minor,
        deductions=deductions,
        returned=_returned_money(order, basis, lines, shipping=shipping, included=included),
        lines=lines,
    )


def counted_line(line: OrderLine, basis: Basis) -> int:
    """What of a line counts, in minor units of the order's currency."""
    goods = line.subtotal_minor if basis.before_discounts else line.total_minor
    return goods + line.tax_minor if basis.tax else goods


def counted_shipping(order: OrderSnapshot, basis: Basis) -> int:
    """What of the shipping counts, in minor units of the order's currency."""
    return order.shipping_minor + (order.shipping_tax_minor if basis.tax else 0) if basis.shipping else 0


def _left_out_tenders(order: OrderSnapshot, basis: Basis) -> dict[TenderKind, int]:
    amounts: dict[TenderKind, int] = {}
    for tender in order.tenders:
        if tender.kind in basis.left_out:
            amounts[tender.kind] = amounts.get(tender.kind, 0) + tender.amount_minor
    return amounts


def _explain(
    order: OrderSnapshot,
    basis: Basis,
    lines: Sequence[OrderLine],
    *,
    basis_minor: int,
    included: int,
    left_out: dict[TenderKind, int],
) -> tuple[Deduction, ...]:
    """Name every part between the order's total and the basis, so that the sum closes to the unit."""
    parts: dict[str, int] = {}
    if len(lines) < len(order.lines):
        everything = sum([line.total_minor + line.tax_minor for line in order.lines])
        parts["out_of_scope"] = everything - sum([line.total_minor + line.tax_minor for line in lines])
    if not basis.tax:
        parts["tax"] = sum([line.tax_minor for line in lines]) + (order.shipping_tax_minor if basis.shipping else 0)
    if not basis.shipping:
        parts["shipping"] = order.shipping_minor + order.shipping_tax_minor
    if not basis.fees:
        parts["fees"] = order.fees_minor
    if basis.before_discounts:
        parts["discount"] = sum([line.total_minor - line.subtotal_minor for line in lines])
    if left_out:
        parts |= _share_out(included - basis_minor, left_out)
    parts["other"] = order.total_minor - basis_minor - sum(parts.values())
    return tuple([Deduction(code=code, amount_minor=amount) for code, amount in parts.items() if amount])


def _share_out(amount: int, left_out: dict[TenderKind, int]) -> dict[str, int]:
    """Split what tenders took off the basis between them; the last takes the rest, so that nothing is lost."""
    *firsts, last = left_out
    paid = sum(left_out.values())
    shares = {kind.value: amount * left_out[kind] // paid if paid else 0 for kind in firsts}
    return {**shares, last.value: amount - sum(shares.values())}


def _returned_money(
    order: OrderSnapshot, basis: Basis, lines: Sequence[OrderLine], *, shipping: int, included: int
) -> Fraction:
    """The share of the basis that came back, between 0 and 1."""
    if not order.refunds or included <= 0:
        return NOTHING
    if order.is_fully_refunded:
        return ALL
    returns = find_returns(order)
    parts = [(counted_line(line, basis), returns.of_line(line)) for line in lines]
    return returned_share([*parts, (shipping, returns.shipping)], whole=included, spread=returns.spread)


def award_units(award: PlainAward, basis_minor: int, *, count: int = 0) -> int:
    """Units that an award grants on `basis_minor` of the program's currency, or for `count` lines or pieces."""
    numerator, denominator = award_exactly(award, basis_minor, count=count)
    return divide(numerator, denominator, award.rounding)


def award_exactly(award: PlainAward, basis_minor: int, *, count: int = 0) -> tuple[int, int]:
    """The same before it is rounded, as a numerator and a denominator above zero."""
    match award.kind:
        case "fixed":
            return award.units, 1
        case "per_amount" if award.mode == "step":
            return basis_minor // award.per_minor * award.units, 1
        case "per_amount":
            return basis_minor * award.units, award.per_minor
        case "percent":
            return basis_minor * award.basis_points, 10_000
        case "per_item" | "per_quantity":
            return count * award.units, 1


def convert_basis(priced: Priced, spec: ProgramSpec, basis_minor: int) -> tuple[int, Rate | None]:
    """The basis in the program's currency, and the rate used (None where the currency is the same).

    What names no currency is in the program's. The store's own rate comes before the program's. A store that keeps
    other decimals than ISO 4217 in the program's own currency (IQD) is brought to the program's. Raises MissingRate.
    """
    currency = priced.currency or spec.currency
    if currency == spec.currency and priced.exponent is None:
        return basis_minor, None
    kept = exponent_of(currency) if priced.exponent is None else priced.exponent
    wanted = exponent_of(spec.currency)
    if currency == spec.currency:
        if kept == wanted:
            return basis_minor, None
        return convert_minor(basis_minor, rate=Fraction(1), from_exponent=kept, to_exponent=wanted), None
    rate, source = (priced.rate, "store") if priced.rate else (spec.rates.get(currency), "program")
    if rate is None:
        raise MissingRate(currency)
    converted = convert_minor(basis_minor, rate=parse_rate(rate), from_exponent=kept, to_exponent=wanted)
    return converted, Rate(currency=currency, rate=rate, source=source)


def check_rate(priced: Priced, spec: ProgramSpec) -> None:
    """Raise MissingRate where amounts could not be counted in the program's currency."""
    convert_basis(priced, spec, 0)


def converter(order: OrderSnapshot, spec: ProgramSpec) -> Callable[[int], int]:
    """Brings amounts of `order` to the program's currency. What it returns raises MissingRate."""
    return lambda amount_minor: convert_basis(order, spec, amount_minor)[0]
