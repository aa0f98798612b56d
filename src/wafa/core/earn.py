"""What an order earns: the part of it that counts, and the award on that part."""

from collections.abc import Sequence
from fractions import Fraction

from msgspec import Struct

from wafa.core.money import Rounding, convert_minor, divide, exponent_of, parse_rate
from wafa.core.snapshots import OrderLine, OrderSnapshot, TenderKind
from wafa.core.spec import Award, Basis, EarningRule, Fixed, PerAmount, Percent, ProgramSpec, Scope, Selection
from wafa.core.why import Deduction, Rate


class MissingRate(Exception):
    """An order is in a currency for which neither the store nor the program's version names a rate."""

    def __init__(self, currency: str) -> None:
        super().__init__(f"no rate for {currency}: expected `rate` in the order or `rates.{currency}` in the program")
        self.currency = currency


class CountedBasis(Struct, frozen=True, kw_only=True):
    """The part of an order that counts for a rule, in minor units of the order's currency.

    `total_minor` less all `deductions` is `basis_minor`. `returned` is the share of it that refunds have returned.
    """

    total_minor: int
    basis_minor: int
    deductions: tuple[Deduction, ...]
    returned: Fraction


def count_basis(order: OrderSnapshot, rule: EarningRule) -> CountedBasis:
    """Measure the basis of `rule` on `order`: scope first, then tax, shipping, fees, discounts, then tenders."""
    basis = rule.basis
    lines = lines_in_scope(order, rule.scope)
    shipping = order.shipping_minor + (order.shipping_tax_minor if basis.tax else 0) if basis.shipping else 0
    included = sum([_counted(line, basis) for line in lines]) + shipping + (order.fees_minor if basis.fees else 0)
    left_out = _left_out_tenders(order, basis)
    basis_minor = max(included, 0)
    if left_out and order.total_minor > 0:
        kept = max(order.total_minor - sum(left_out.values()), 0)
        basis_minor = divide(basis_minor * kept, order.total_minor, Rounding.HALF_EVEN)
    return CountedBasis(
        total_minor=order.total_minor,
        basis_minor=basis_minor,
        deductions=_explain(order, basis, lines, basis_minor=basis_minor, included=included, left_out=left_out),
        returned=_returned_share(order, basis, lines, shipping=shipping, included=included),
    )


def lines_in_scope(order: OrderSnapshot, scope: Scope) -> Sequence[OrderLine]:
    """The lines that count: those included, or all, but never one that is excluded."""
    if scope.is_everything:
        return order.lines
    return [
        line
        for line in order.lines
        if (scope.include is None or _selects(scope.include, line)) and not _selects(scope.exclude, line)
    ]


def _selects(selection: Selection, line: OrderLine) -> bool:
    return (
        line.product_id in selection.products
        or line.variant_id in selection.variants
        or line.sku in selection.skus
        or any(collection in selection.collections for collection in line.collections)
        or any(tag in selection.tags for tag in line.tags)
    )


def _counted(line: OrderLine, basis: Basis) -> int:
    goods = line.subtotal_minor if basis.before_discounts else line.total_minor
    return goods + line.tax_minor if basis.tax else goods


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
        everything = sum(line.total_minor + line.tax_minor for line in order.lines)
        parts["out_of_scope"] = everything - sum(line.total_minor + line.tax_minor for line in lines)
    if not basis.tax:
        parts["tax"] = sum([line.tax_minor for line in lines]) + (order.shipping_tax_minor if basis.shipping else 0)
    if not basis.shipping:
        parts["shipping"] = order.shipping_minor + order.shipping_tax_minor
    if not basis.fees:
        parts["fees"] = order.fees_minor
    if basis.before_discounts:
        parts["discount"] = sum(line.total_minor - line.subtotal_minor for line in lines)
    parts.update(_share_out(included - basis_minor, left_out) if left_out else {})
    parts["other"] = order.total_minor - basis_minor - sum(parts.values())
    return tuple([Deduction(code=code, amount_minor=amount) for code, amount in parts.items() if amount])


def _share_out(amount: int, left_out: dict[TenderKind, int]) -> dict[str, int]:
    """Split what tenders took off the basis between them; the last takes the rest, so that nothing is lost."""
    *firsts, last = left_out
    paid = sum(left_out.values())
    shares = {kind.value: amount * left_out[kind] // paid if paid else 0 for kind in firsts}
    return {**shares, last.value: amount - sum(shares.values())}


def _returned_share(
    order: OrderSnapshot, basis: Basis, lines: Sequence[OrderLine], *, shipping: int, included: int
) -> Fraction:
    """The share of the basis that came back, between 0 and 1.

    What the store tied to lines returns those lines; the rest of a refund is spread over what was left of the order.
    """
    if not order.refunds or included <= 0:
        return Fraction(0)
    if order.is_fully_refunded:
        return Fraction(1)
    tied: dict[str, int] = {}
    explained = shipping_back = 0
    for refund in order.refunds:
        for part in refund.lines:
            tied[part.line_id] = tied.get(part.line_id, 0) + part.amount_minor
            explained += part.amount_minor + part.tax_minor
        shipping_back += refund.shipping_minor
    explained += shipping_back
    returned = shipping * _share(shipping_back, order.shipping_minor + order.shipping_tax_minor)
    for line in lines:
        returned += _counted(line, basis) * _share(tied.get(line.id, 0), line.total_minor)
    spread = _share(order.refunded_minor - explained, order.total_minor - explained)
    return min(max((returned + (included - returned) * spread) / included, Fraction(0)), Fraction(1))


def _share(part: int, whole: int) -> Fraction:
    if part <= 0:
        return Fraction(0)
    return min(Fraction(part, whole), Fraction(1)) if whole > 0 else Fraction(1)


def award_units(award: Award, basis_minor: int) -> int:
    """Units that an award grants on `basis_minor` of the program's currency."""
    match award:
        case Fixed():
            return award.units
        case PerAmount() if award.mode == "step":
            return basis_minor // award.per_minor * award.units
        case PerAmount():
            return divide(basis_minor * award.units, award.per_minor, award.rounding)
        case Percent():
            return divide(basis_minor * award.basis_points, 10_000, award.rounding)


def convert_basis(order: OrderSnapshot, spec: ProgramSpec, basis_minor: int) -> tuple[int, Rate | None]:
    """The basis in the program's currency, and the rate used (None where the currency is the same).

    The store's own rate for this order comes before the program's. A store that keeps other decimals than ISO 4217 in
    the program's own currency (IQD) is brought to the program's. Raises MissingRate.
    """
    kept = exponent_of(order.currency) if order.exponent is None else order.exponent
    wanted = exponent_of(spec.currency)
    if order.currency == spec.currency:
        if kept == wanted:
            return basis_minor, None
        return convert_minor(basis_minor, rate=Fraction(1), from_exponent=kept, to_exponent=wanted), None
    rate, source = (order.rate, "store") if order.rate else (spec.rates.get(order.currency), "program")
    if rate is None:
        raise MissingRate(order.currency)
    converted = convert_minor(basis_minor, rate=parse_rate(rate), from_exponent=kept, to_exponent=wanted)
    return converted, Rate(currency=order.currency, rate=rate, source=source)


def check_rate(order: OrderSnapshot, spec: ProgramSpec) -> None:
    """Raise MissingRate where the order could not be counted in the program's currency."""
    convert_basis(order, spec, 0)
