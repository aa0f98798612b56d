"""Which parts of a rule go with what begins it: an order has lines and a price, a review has neither."""

from collections.abc import Mapping, Sequence

from wafa.core.compare import ORDER_PAID
from wafa.core.expressions import OF_ORDERS, compile_expression
from wafa.core.spec.accelerators import Accelerator
from wafa.core.spec.activities import Properties
from wafa.core.spec.conditions import (
    Condition,
    Contains,
    CouponUsed,
    Expression,
    MaximumSpend,
    MinimumQuantity,
    MinimumSpend,
    PaymentMethod,
    PropertyIs,
)
from wafa.core.spec.earning import Basis, EarningRule
from wafa.core.spec.faults import none_of
from wafa.core.spec.members import NthOrder
from wafa.core.spec.nesting import walk
from wafa.core.spec.parts import Misfit
from wafa.core.spec.scope import Scope
from wafa.core.spec.values import check_value


def check_rule(rule: EarningRule, kinds: Mapping[str, Properties], *, path: str) -> None:
    """Raise Misfit where a part of the rule asks for what its trigger does not tell."""
    if rule.trigger == ORDER_PAID:
        check_conditions_on_orders(rule.conditions, path=path)
        return
    if rule.trigger not in kinds:
        raise Misfit(f"{path}.trigger", none_of(rule.trigger, "triggers", [ORDER_PAID, *kinds]))
    told = kinds[rule.trigger]
    awards = ["fixed", *_AMOUNT_AWARDS * _has_amount(told), *["per_quantity"] * _has_quantity(told)]
    for award in rule.awards:
        if award.kind not in awards:
            raise Misfit(f"{path}.award", f"expected one of {', '.join(awards)}: {rule.trigger} tells no more")
    if rule.basis != Basis():
        raise Misfit(f"{path}.basis", "expected none: only orders have parts")
    if rule.minimum_minor and not _has_amount(told):
        raise Misfit(f"{path}.minimum_minor", f"expected 0: {rule.trigger} has no amount")
    _check_part(rule, rule.trigger, told, path=path)


def check_accelerator(
    accelerator: Accelerator, rules: Mapping[str, EarningRule], kinds: Mapping[str, Properties], *, path: str
) -> None:
    """Raise Misfit where a part of the accelerator asks for what a trigger of its rules does not tell."""
    for trigger in dict.fromkeys(rules[rule].trigger for rule in accelerator.rules):
        if trigger == ORDER_PAID:
            check_conditions_on_orders(accelerator.conditions, path=path)
        else:
            _check_part(accelerator, trigger, kinds[trigger], path=path)


_AMOUNT_AWARDS = ["per_amount", "percent"]
_AMOUNT_CONDITIONS = (MinimumSpend, MaximumSpend)
_ORDER_CONDITIONS = (MinimumQuantity, Contains, CouponUsed, PaymentMethod, NthOrder)


def _has_amount(told: Properties) -> bool:
    return "amount" in told and told["amount"].type == "money"


def _has_quantity(told: Properties) -> bool:
    return "quantity" in told and told["quantity"].type == "integer"


def _check_part(part: EarningRule | Accelerator, trigger: str, told: Properties, *, path: str) -> None:
    if part.scope != Scope(channels=part.scope.channels, stores=part.scope.stores):
        raise Misfit(f"{path}.scope", f"expected channels and stores alone: {trigger} has no lines")
    for where, condition in walk(part.conditions, f"{path}.conditions"):
        if isinstance(condition, _ORDER_CONDITIONS):
            raise Misfit(where, f"expected something that {trigger} tells; {condition.kind} is told of orders alone")
        if isinstance(condition, _AMOUNT_CONDITIONS) and not _has_amount(told):
            raise Misfit(where, f"expected something that {trigger} tells; it has no amount")
        if isinstance(condition, PropertyIs):
            _check_property(condition, trigger, told, path=where)
        if isinstance(condition, Expression):
            _check_expression(condition, trigger, told, path=where)


def check_conditions_on_orders(conditions: Sequence[Condition], *, path: str) -> None:
    """Raise Misfit for a condition that asks what only other activities tell."""
    for where, condition in walk(conditions, f"{path}.conditions"):
        if isinstance(condition, PropertyIs):
            raise Misfit(where, "expected something that orders tell; they have no properties")
        if isinstance(condition, Expression) and "activity" in compile_expression(condition.cel).names:
            raise Misfit(f"{where}.cel", "expected names of orders; 'activity' is told of other activities alone")


def _check_property(condition: PropertyIs, trigger: str, told: Properties, *, path: str) -> None:
    if condition.name not in told:
        raise Misfit(f"{path}.name", none_of(condition.name, f"properties of {trigger}", list(told)))
    check_value(condition, told[condition.name], name=condition.name, path=path)


def _check_expression(condition: Expression, trigger: str, told: Properties, *, path: str) -> None:
    compiled = compile_expression(condition.cel)
    for name in sorted(compiled.names & OF_ORDERS):
        raise Misfit(f"{path}.cel", f"expected names that {trigger} tells; {name!r} is told of orders alone")
    for name in sorted(compiled.properties - told.keys()):
        raise Misfit(f"{path}.cel", none_of(name, f"properties of {trigger}", list(told)))
