"""Why an order, or what a member did beside ordering, earned: and why that was corrected, taken back or given again."""

from msgspec import Struct


class Rate(Struct, frozen=True, kw_only=True):
    """The rate that was used: one unit of `currency` cost `rate` of the program's currency."""

    currency: str
    rate: str
    source: str


class Deduction(Struct, frozen=True, kw_only=True, gc=False):
    """A part of the order that did not count, and why.

    `code` is out_of_scope, tax, shipping, fees, discount (an addition, so negative, where the price before it counts),
    gift_card, credit, points, or other: what the store's own sums leave unexplained.
    """

    code: str
    amount_minor: int


class Acceleration(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An accelerator of the rule added `units`.

    With a `multiplier` it is that for the part of the basis it is about: `part_minor` of the program's currency, or
    `part_count` lines or pieces where the award counts these. Without, it is a bonus.
    """

    accelerator: str
    units: int
    multiplier: str | None = None
    part_minor: int | None = None
    part_count: int | None = None


class Limited(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A limit of the rule, or its budget, left `withheld` units less than the order would have earned.

    `part` is its path in the rule. It is about each member, about the whole program, or it is the budget (`by`), and
    grants at most `most` units, or times, within a day, a week and so on, or within so many rolling `days`.
    """

    part: str
    by: str
    withheld: int
    most: int
    within: str
    days: int | None = None


class Counted(Struct, frozen=True):
    """`amount` units, or times, were taken of what all members share in `budget`, which names a rule and a period."""

    budget: str
    amount: int


class AccrualWhy(Struct, frozen=True, kw_only=True, tag="accrual", omit_defaults=True, gc=False):
    """`units` were granted by `rule` on `basis_minor` of an order, or for another `activity` (its kind).

    `total_minor` less all `deductions` is `basis_minor`, in `currency` with `exponent` decimals (None: ISO 4217's).
    `converted_minor` is the basis in the program's currency where that is not the same. `formula` is the award's kind:
    fixed has `award_units`; per_amount has `award_units` for every `per_minor`, by `mode` and `rounding`; percent has
    `basis_points` and `rounding`; per_item and per_quantity have `award_units` for each of `count` lines or pieces.
    An activity that has no amount has a basis of 0.

    Where accelerators added something, the rule alone grants `base_units`. Units are rounded once, with all that was
    added; each acceleration tells by how much it moved the rounded sum. `capped` units were cut off, for an order earns
    no more by the rule, and `limited` tells what else withheld some. So `base_units` and all accelerations, less
    `capped` and what was withheld, are `units`. `counted` is what they took of budgets.

    `tier` is the one whose award it is, where the rule has a table of them.
    """

    rule: str
    order: str = ""
    store: str
    units: int
    currency: str
    total_minor: int
    basis_minor: int
    formula: str
    mode: str | None = None
    rounding: str | None = None
    award_units: int | None = None
    per_minor: int | None = None
    basis_points: int | None = None
    deductions: tuple[Deduction, ...] = ()
    rate: Rate | None = None
    converted_minor: int | None = None
    program_currency: str | None = None
    exponent: int | None = None
    count: int | None = None
    base_units: int | None = None
    accelerations: tuple[Acceleration, ...] = ()
    capped: int = 0
    activity: str = ""
    tier: str | None = None
    limited: Limited | None = None
    counted: tuple[Counted, ...] = ()


class ClawbackWhy(Struct, frozen=True, kw_only=True, tag="clawback", omit_defaults=True):
    """`units` come back because of `cause` (part_refunded, fully_refunded, cancelled, deleted).

    Of `granted` units on `basis_minor`, `returned_minor` is returned by now: `target` units in all, of which `before`
    were already taken back. `from_others` came out of the member's other lots, `to_debt` is owed and `forgiven` was let
    go. `by_earnings` says that the parts of the order had not earned alike, so what came back took what it had earned.
    """

    cause: str
    rule: str
    order: str
    store: str
    units: int
    currency: str
    basis_minor: int
    returned_minor: int
    granted: int
    target: int
    before: int
    from_others: int = 0
    to_debt: int = 0
    forgiven: int = 0
    exponent: int | None = None
    by_earnings: bool = False


class CorrectionWhy(Struct, frozen=True, kw_only=True, tag="correction", omit_defaults=True):
    """The store edited a paid order: its grant went from `before` to `target` units by the same rule and version.

    Units already spent came out of the member's other lots (`from_others`), are owed (`to_debt`) or were let go
    (`forgiven`). Where the order would have earned more than `target`, `limited` says why not; `counted` is what was
    taken of budgets. `unforgiven` is what an earlier edit had let go: nothing moves for it.
    """

    rule: str
    order: str
    store: str
    before: int
    target: int
    currency: str
    basis_minor: int
    to_debt: int = 0
    forgiven: int = 0
    from_others: int = 0
    exponent: int | None = None
    limited: Limited | None = None
    counted: tuple[Counted, ...] = ()
    unforgiven: int = 0


class ReinstatementWhy(Struct, frozen=True, kw_only=True, tag="reinstatement", omit_defaults=True):
    """A refund or a cancellation was undone in the store, so `units` are given back.

    Of units whose last day had passed meanwhile, `to_debt` paid what the member owed and `expired` ended at once.
    `unforgiven` is what the refund had let go: nothing moves for it.
    """

    rule: str
    order: str
    store: str
    units: int
    to_debt: int = 0
    expired: int = 0
    unforgiven: int = 0


class RepaymentWhy(Struct, frozen=True, kw_only=True, tag="repayment"):
    """`units` that became available paid what the member owed; `owed_before` was the debt.

    `order` earned the units, where that is known.
    """

    units: int
    owed_before: int
    order: str | None = None
