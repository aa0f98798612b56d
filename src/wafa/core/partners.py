"""What partners and the program owe each other for a member's journal, at the rates of the version that decided."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from wafa.core.books import GrantChange, Lot, Obligation
from wafa.core.money import Rounding, divide
from wafa.core.program import Program
from wafa.core.spec import PROGRAM, EarningRule, Free, Partner, ProgramSpec, Reward


def rules_about(spec: ProgramSpec, trigger: str, store: str) -> Sequence[EarningRule]:
    """The rules about what a store tells, in the document's order: of those that are about others nobody speaks."""
    rules = spec.earning_by_trigger.get(trigger, ())
    return [rule for rule in rules if earns_at(spec, rule, store)] if spec.partners else rules


def earns_at(spec: ProgramSpec, rule: EarningRule, store: str) -> bool:
    """Whether the rule is about what happens in this store: a partner's about that partner's stores.

    The program's own are about its own stores, and about those partners' stores that their scope names.
    """
    partner = spec.partner_by_store.get(store)
    if rule.partner is not None:
        return partner is not None and partner.id == rule.partner
    return partner is None or store in rule.scope.stores


def is_used_at(spec: ProgramSpec, reward: Reward, store: str) -> bool:
    """Whether the reward can be used in this store: a partner's in that partner's stores, others where they earn."""
    partner = spec.partner_by_store.get(store)
    if reward.partner is not None:
        return partner is not None and partner.id == reward.partner
    return partner is None or store in reward.scope.stores


def owe_for_grants(
    spec: ProgramSpec,
    rule: EarningRule,
    *,
    opened: Sequence[Lot] = (),
    changes: Sequence[GrantChange] = (),
    before: Mapping[UUID, Lot] | None = None,
) -> tuple[Obligation, ...]:
    """What the partner whose rule it is owes for lots that are opened, or is owed for what is taken back of them.

    Each lot is worth what its units cost, rounded once: so all that is taken back of it adds up to what it had cost.
    `before` has the lots that are changed. What the clawback policy lets go was spent, and stays paid.
    """
    if rule.partner is None:
        return ()
    partner, known = spec.partner_by_id[rule.partner], before or {}
    moved = [(lot, 0, lot.granted) for lot in opened]
    for change in changes:
        lot = known[change.lot_id]
        moved.append((lot, lot.kept, lot.kept + change.kept))
    return tuple(_owe_for_lot(partner, lot, had, has) for lot, had, has in moved if had != has)


def owe_for_changes(
    program: Program, changes: Sequence[GrantChange], *, before: Mapping[UUID, Lot]
) -> tuple[Obligation, ...]:
    """The same for lots of any rules and versions, also of none, that something else than their order changes."""
    owed: list[Obligation] = []
    for change in changes:
        lot = before[change.lot_id]
        spec = program.numbered(lot.version).spec
        rule = next((rule for rule in spec.earning if rule.id == lot.rule), None)
        if rule is not None:
            owed += owe_for_grants(spec, rule, changes=[change], before=before)
    return tuple(owed)


def _owe_for_lot(partner: Partner, lot: Lot, had: int, has: int) -> Obligation:
    rate = partner.rate(lot.unit)
    worth_before, worth_after = (_worth(units, rate.minor, rate.units) for units in (had, has))
    grows = has > had
    return Obligation(
        kind="granted" if grows else "taken_back",
        debtor=partner.id if grows else PROGRAM,
        creditor=PROGRAM if grows else partner.id,
        currency=partner.currency,
        amount_minor=abs(worth_after - worth_before),
        unit=lot.unit,
        units=abs(has - had),
        lot_id=lot.id,
        version=lot.version,
    )


def owe_for_reward(
    program: Program, reward_id: str, units: int, *, version: int, given_back: bool = False
) -> tuple[Obligation, ...]:
    """What the program owes the partner whose reward was exchanged for `units`; no longer, once it is given back."""
    reward = program.reward(reward_id, version=version)
    if reward.partner is None or isinstance(reward.cost, Free):
        return ()
    partner = program.numbered(version).spec.partner_by_id[reward.partner]
    rate = partner.rate(reward.cost.unit)
    return (
        Obligation(
            kind="given_back" if given_back else "redeemed",
            debtor=partner.id if given_back else PROGRAM,
            creditor=PROGRAM if given_back else partner.id,
            currency=partner.currency,
            amount_minor=_worth(units, rate.back_minor, rate.units),
            unit=reward.cost.unit,
            units=units,
        ),
    )


def _worth(units: int, minor: int, per_units: int) -> int:
    return divide(units * minor, per_units, Rounding.HALF_UP)
