"""Earning rules, conditions and accelerators, as Hypothesis makes them up."""

from typing import Any

from hypothesis import strategies as st

PRODUCTS = ("beans", "cup", "mill")
COLLECTIONS = ("new", "spring")
CHANNELS = ("web", "pos")
COUPONS = ("EID", "welcome")
METHODS = ("knet", "cod")

AWARDS = st.one_of(
    st.fixed_dictionaries({"kind": st.just("fixed"), "units": st.integers(1, 500)}),
    st.fixed_dictionaries(
        {
            "kind": st.just("per_amount"),
            "units": st.integers(1, 20),
            "per_minor": st.integers(1, 2_000),
            "mode": st.sampled_from(["step", "proportional"]),
            "rounding": st.sampled_from(["down", "up", "half_up", "half_even"]),
        }
    ),
    st.fixed_dictionaries({"kind": st.just("percent"), "basis_points": st.integers(1, 5_000)}),
    st.fixed_dictionaries({"kind": st.sampled_from(["per_item", "per_quantity"]), "units": st.integers(1, 20)}),
)
_SELECTIONS = st.one_of(
    st.fixed_dictionaries({"products": st.lists(st.sampled_from(PRODUCTS), min_size=1, max_size=2, unique=True)}),
    st.sampled_from([{"collections": ["new"]}, {"collections": ["gone"], "products": ["cup"]}]),
)
_INCLUDING: st.SearchStrategy[dict[str, Any]] = st.just({}) | st.fixed_dictionaries({"include": _SELECTIONS})
_NARROWING: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        *[{}] * 20,
        {"price": {"from_minor": 3_000}},
        {"price": {"from_minor": 500, "below_minor": 9_000}},
        {"sale_items": "only"},
        {"sale_items": "never"},
        {"channels": ["web"]},
        {"stores": ["falcon"]},
        {"stores": ["hawk"]},
    ]
)


# Orders are paid in the first ten days of March 2026, which is Ramadan 1447.
_SCHEDULES: list[dict[str, Any]] = [
    {"windows": [{"kind": "season", "name": "ramadan"}]},
    {"weekdays": ["thu", "fri"], "hours": [{"since": "20:00", "until": "04:00"}]},
    {"since": "2026-03-04", "until": "2026-03-06T12:00"},
]


# Some of these have no answer for some orders.
_EXPRESSIONS = (
    "spend_minor > 5000 && total_minor != spend_minor",
    "pieces_of['cup'] > 1",
    "10000 / (pieces - 2) > 100",
    "'beans' in products || channel == 'pos' && weekday > 5",
    "coupon_codes.exists(code, code == 'eid') || hour >= 18",
    "collections.all(one, collections.exists(other, one <= other))",
)
_FACTS: list[dict[str, Any]] = [
    {"kind": "minimum_spend", "minor": 4_000},
    {"kind": "maximum_spend", "minor": 40_000},
    {"kind": "minimum_quantity", "pieces": 2},
    {"kind": "contains", "any_of": {"products": ["beans"], "collections": ["new"]}},
    {"kind": "contains", "all_of": {"products": ["beans", "cup"]}},
    {"kind": "coupon_used"},
    {"kind": "coupon_used", "codes": ["eid"]},
    {"kind": "payment_method", "methods": ["knet"]},
    {"kind": "channel", "channels": ["pos"]},
    {"kind": "store", "stores": ["falcon", "hawk"]},
    {"kind": "weekday", "days": ["fri", "sat", "sun"]},
    {"kind": "hours", "since": "06:30", "until": "18:00"},
    {"kind": "hours", "since": "18:00", "until": "06:30"},
    *({"kind": "expression", "cel": cel} for cel in _EXPRESSIONS),
]


def conditions() -> st.SearchStrategy[dict[str, Any]]:
    """A condition, perhaps of conditions."""
    return st.recursive(
        st.sampled_from(_FACTS),
        lambda inner: st.fixed_dictionaries(
            {"kind": st.sampled_from(["all", "any", "none"]), "of": st.lists(inner, min_size=1, max_size=3)}
        ),
        max_leaves=4,
    ).filter(_is_shallow)


def _is_shallow(condition: dict[str, Any], depth: int = 1) -> bool:
    return depth <= 5 and all(_is_shallow(inner, depth + 1) for inner in condition.get("of", []))


_FEW_CONDITIONS: st.SearchStrategy[list[dict[str, Any]]] = st.just([]) | st.lists(conditions(), max_size=2)


@st.composite
def accelerators(draw: st.DrawFn, accelerator_id: str, earning: list[dict[str, Any]]) -> dict[str, Any]:
    """An accelerator of some of these rules."""
    targets = draw(st.lists(st.sampled_from([rule["id"] for rule in earning]), min_size=1, unique=True))
    gives = draw(
        st.one_of(
            st.sampled_from(["2", "1.25", "1.3333", "10"]).map(lambda by: {"kind": "multiply", "by": by}),
            st.integers(1, 200).map(lambda units: {"kind": "bonus", "units": units}),
        )
    )
    return {
        "id": accelerator_id,
        "name": {"en": accelerator_id},
        "rules": targets[:1] if gives["kind"] == "bonus" else targets,
        "gives": gives,
        "scope": {**draw(_INCLUDING), **draw(_NARROWING)},
        "conditions": draw(_FEW_CONDITIONS),
        "schedule": draw(st.sampled_from([None, None, None, *_SCHEDULES])),
    }


@st.composite
def rules(draw: st.DrawFn, rule_id: str, units: list[dict[str, Any]]) -> dict[str, Any]:
    """An earning rule."""
    flags = ("tax", "shipping", "fees", "before_discounts", "paid_with_gift_card", "paid_with_points")
    kinds = draw(st.sampled_from([(), (), ("include",), ("exclude",), ("include", "exclude")]))
    return {
        "id": rule_id,
        "name": {"en": rule_id},
        "unit": draw(st.sampled_from(units))["code"],
        "award": draw(AWARDS),
        "basis": {flag: draw(st.booleans()) for flag in flags},
        "scope": {**{kind: draw(_SELECTIONS) for kind in kinds}, **draw(_NARROWING)},
        "minimum_minor": draw(st.sampled_from([0, 0, 5_000])),
        "conditions": draw(_FEW_CONDITIONS),
        "most_units": draw(st.sampled_from([None, None, 300])),
        "schedule": draw(st.sampled_from([None, None, None, *_SCHEDULES])),
    }
