"""Which lines of an order a scope takes."""

from collections.abc import Callable, Sequence

from wafa.core.facts import TOLD_OF_LINES, bought_lines
from wafa.core.snapshots import OrderLine, OrderSnapshot
from wafa.core.spec.scope import PriceRange, Scope, Selection


def takes(scope: Scope, *, channel: str, store: str) -> bool:
    """Whether the scope takes anything of what happened in this channel and store."""
    return (not scope.channels or channel in scope.channels) and (not scope.stores or store in scope.stores)


def lines_in_scope(order: OrderSnapshot, scope: Scope, *, convert: Callable[[int], int]) -> Sequence[OrderLine]:
    """The lines that count: those included, or all, but none that is excluded or voided.

    `convert` brings amounts of the order to the program's currency, in which the scope names prices.
    """
    lines = order.lines
    for line in lines:
        if line.quantity <= 0:
            lines = tuple(bought_lines(order))
            break
    if scope.is_every_line:
        return lines
    return [line for line in lines if _takes(scope, line, convert)]


def _takes(scope: Scope, line: OrderLine, convert: Callable[[int], int]) -> bool:
    if scope.sale_items != "count" and line.is_on_sale != (scope.sale_items == "only"):
        return False
    if scope.price is not None and not _is_priced(scope.price, line, convert):
        return False
    return (scope.include is None or _selects(scope.include, line)) and not _selects(scope.exclude, line)


def _selects(selection: Selection, line: OrderLine) -> bool:
    for field, names in selection.by_field:
        told = TOLD_OF_LINES[field](line)
        if not names.isdisjoint(told) if isinstance(told, tuple) else told in names:
            return True
    return False


def _is_priced(price: PriceRange, line: OrderLine, convert: Callable[[int], int]) -> bool:
    """Whether one piece costs so much. Whole lines are compared, so that no price has to be rounded."""
    subtotal_minor = convert(line.subtotal_minor)
    if subtotal_minor < price.from_minor * line.quantity:
        return False
    return price.below_minor is None or subtotal_minor < price.below_minor * line.quantity
