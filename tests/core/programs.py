"""Programs that say everything a document can say about value, as Hypothesis makes them up."""

from typing import Any

from hypothesis import strategies as st

from tests.core.rules import AWARDS
from tests.core.strategies import specs
from wafa.core.spec import KINDS, ProgramSpec, read_spec

TIERS = ("bronze", "silver", "gold", "black")
CUSTOM: dict[str, Any] = {
    "id": "workshop",
    "name": {"en": "A workshop"},
    "properties": {"hours": {"type": "integer", "required": True, "least": 1, "most": 9}},
}
_WITHIN: list[dict[str, Any]] = [
    {"kind": "lifetime"},
    {"kind": "day"},
    {"kind": "week", "begins": "sat"},
    *({"kind": period, "calendar": calendar} for period, calendar in (("month", "hijri"), ("quarter", "jalali"))),
    {"kind": "year"},
]
_WINDOWS: list[dict[str, Any]] = [
    {"kind": "lifetime"},
    *({"kind": "year", "calendar": calendar} for calendar in ("gregorian", "hijri", "jalali")),
    {"kind": "rolling", "months": 2},
    {"kind": "membership_year"},
]
_ABOUT_MEMBERS: list[dict[str, Any]] = [
    {"kind": "nth_order", "numbers": [1]},
    {"kind": "nth_order", "every": 2},
    {"kind": "days_since_last_order", "at_least": 3},
    {"kind": "days_since_joining", "at_most": 5},
    {"kind": "joined", "since": "2026-03-05"},
    {"kind": "language", "languages": ["ar", "fa"]},
    {"kind": "details", "told": ["email"]},
    {"kind": "details", "told": ["roast"]},
    {"kind": "profile", "field": "roast", "any_of": ["dark"]},
    {"kind": "profile", "field": "size", "at_least": 40},
    {"kind": "none", "of": [{"kind": "profile", "field": "news", "any_of": [True]}]},
    {"kind": "segment", "segments": ["loyal", "listed"]},
    {"kind": "segment", "segments": ["big"]},
    {"kind": "segment", "segments": ["beans", "best"]},
]
_ABOUT_TIERS: list[dict[str, Any]] = [
    {"kind": "tier", "tiers": ["silver", "gold"]},
    {"kind": "none", "of": [{"kind": "tier", "tiers": ["bronze"]}]},
    {"kind": "segment", "segments": ["risen"]},
]
_SEGMENTS: list[dict[str, Any]] = [
    {"id": "listed", "conditions": []},
    {"id": "loyal", "conditions": [{"kind": "orders", "at_least": 2, "within_days": 60}]},
    {"id": "beans", "conditions": [{"kind": "bought", "selection": {"products": ["beans"]}}]},
    {"id": "best", "conditions": [{"kind": "rfm", "recency": {"at_least": 4}, "monetary": {"at_least": 2}}]},
    {"id": "risen", "conditions": [{"kind": "tier", "tiers": ["silver", "gold", "black"]}]},
    {"id": "big", "conditions": [{"kind": "profile", "field": "size", "at_least": 45}]},
    {"id": "usual", "conditions": [{"kind": "average_order", "at_least_minor": 6_000}]},
]
_ACTIVITIES = ("review", "visit", "receipt_uploaded", "recycling", "custom:workshop", "referral_completed")
_UNITS = st.integers(20, 600).map(lambda units: {"units": units})
_FOUND = ("signup", "birthday", "membership_anniversary", "profile_completed")
FIELDS: list[dict[str, Any]] = [
    {"id": "roast", "type": "choice", "choices": [{"id": each, "name": {"en": each}} for each in ("light", "dark")]},
    {"id": "size", "type": "integer", "least": 30, "most": 50},
    {"id": "news", "type": "boolean"},
    {"id": "note", "type": "text"},
]
PROFILE: dict[str, Any] = {
    "fields": [{**field, "name": {"en": field["id"]}, "reason": {"en": "So that we know."}} for field in FIELDS]
}


@st.composite
def bounds(draw: st.DrawFn) -> dict[str, Any]:
    """Limits and a budget of a rule, that count different things."""
    exceeding = st.sampled_from(["cut", "refuse"])
    limits = [
        {
            "per": draw(st.sampled_from(["member", "member", "program"])),
            "within": draw(st.sampled_from(_WITHIN)),
            "exceeding": draw(exceeding),
            **draw(st.integers(1, 3).map(lambda times: {"times": times}) | _UNITS),
        }
        for _ in range(draw(st.sampled_from([0, 0, 1, 2])))
    ]
    if draw(st.integers(0, 4)) == 0:
        limits.append({"per": "member", "times": 1, "within": {"kind": "rolling", "days": 4}})
    budget = {"within": draw(st.sampled_from(_WITHIN[:5])), "exceeding": draw(exceeding), **draw(_UNITS)}
    budget = draw(st.sampled_from([None, None, budget]))
    counted = [("program", True, budget["within"])] if budget else []
    kept = []
    for limit in limits:
        counts = (limit["per"], "units" in limit, limit["within"])
        if counts not in counted:
            counted.append(counts)
            kept.append(limit)
    return {"limits": kept, "budget": budget}


_MUG = {
    "id": "mug",
    "name": {"en": "A mug"},
    "gives": {"kind": "free_product", "products": ["mug"]},
    "cost": {"kind": "free"},
}


@st.composite
def ladders(draw: st.DrawFn, units: list[str]) -> dict[str, Any]:
    """Three tiers and one by invitation, by any metrics, any window, and any way to lose them."""
    window = draw(st.sampled_from(_WINDOWS))
    ends = window["kind"] != "lifetime"

    def threshold(step: int) -> dict[str, Any]:
        wanted = {"spend_minor": 6_000 * step, "units": 50 * step, "orders": step, "referrals": step}
        named = draw(st.lists(st.sampled_from(sorted(wanted)), min_size=1, max_size=2, unique=True))
        return {"match": draw(st.sampled_from(["all", "any"])), **{metric: wanted[metric] for metric in named}}

    def reward() -> dict[str, Any] | None:
        given = st.fixed_dictionaries(
            {"unit": st.sampled_from(units), "units": st.integers(1, 300), "repeats": st.booleans()}
        )
        gift = st.fixed_dictionaries({"reward": st.just(_MUG["id"]), "repeats": st.booleans()})
        return draw(st.none() | given | gift)

    return {
        "ladder": [
            *(
                {
                    "id": name,
                    "name": {"en": name},
                    "entry": threshold(step),
                    "keep": threshold(step) if ends and draw(st.booleans()) else None,
                    "entry_reward": reward(),
                    "perks": [{"id": "tea", "name": {"en": "Tea"}}],
                }
                for step, name in enumerate(TIERS[:3], start=1)
            ),
            {"id": TIERS[3], "name": {"en": TIERS[3]}, "entry_reward": reward()},
        ],
        "window": window,
        "unit": units[0],
        "spend": draw(st.sampled_from([{}, {"basis": {"tax": True}}, {"scope": {"channels": ["web"]}}])),
        "landing": draw(st.sampled_from(["soft", "recalculated"])),
        "grace_days": draw(st.sampled_from([0, 10])) if ends else 0,
        "refunds_demote": draw(st.booleans()),
    }


@st.composite
def programs(draw: st.DrawFn) -> ProgramSpec:
    """Any program: `specs()` with tiers, bounds, conditions about members, segments, idle expiry and activities."""
    document = draw(specs()).model_dump(mode="json")
    units = [unit["code"] for unit in document["units"]]
    has_tiers = draw(st.booleans())
    document["tiers"] = draw(ladders(units)) if has_tiers else None
    document["rewards"] = [_MUG]
    asked = _ABOUT_MEMBERS + _ABOUT_TIERS * has_tiers
    for unit in document["units"]:
        if draw(st.integers(0, 2)) == 0:
            unit["expiry"] = {
                "kind": "without_activity",
                "months": draw(st.integers(1, 4)),
                "basis_points": draw(st.sampled_from([10_000, 3_333])),
                "keep_days": draw(st.sampled_from([0, 45])),
                "calendar": draw(st.sampled_from([None, "hijri"])),
            }
    for rule in document["earning"]:
        _widen(draw, rule, asked, has_tiers=has_tiers)
    triggers = [*draw(st.lists(st.sampled_from(_ACTIVITIES), max_size=2, unique=True))]
    triggers += draw(st.lists(st.sampled_from(_FOUND), max_size=2, unique=True))
    document["earning"] += [
        {
            "id": f"done{place}",
            "name": {"en": trigger},
            "trigger": trigger,
            "unit": draw(st.sampled_from(units)),
            "award": {"kind": "fixed", "units": draw(st.integers(1, 200))},
            **draw(bounds()),
        }
        for place, trigger in enumerate(triggers)
    ]
    for accelerator in document["accelerators"]:
        if draw(st.booleans()):
            accelerator["conditions"] = [*accelerator["conditions"], draw(st.sampled_from(asked))]
    document["suspended"] = draw(st.sampled_from(["earn", "do_not_earn"]))
    document["activities"] = [CUSTOM]
    segments = [segment for segment in _SEGMENTS if has_tiers or segment["id"] != "risen"]
    document["segments"] = [{**segment, "name": {"en": segment["id"]}} for segment in segments]
    document["rfm"] = {
        "recency_days": [3, 9, 30, 90],
        "frequency": [1, 2, 3, 4],
        "monetary_minor": [5_000, 10_000, 20_000, 40_000],
    }
    document["profile"] = {**PROFILE, "wanted": draw(st.sampled_from([[], ["roast", "email"], ["size", "news"]]))}
    document["celebrations"] = {
        "lead_days": draw(st.sampled_from([0, 30])),
        "missing_day": draw(st.sampled_from(["day_before", "day_after"])),
    }
    return read_spec(document)


def _widen(draw: st.DrawFn, rule: dict[str, Any], asked: list[dict[str, Any]], *, has_tiers: bool) -> None:
    if has_tiers and draw(st.integers(0, 3)) == 0:
        named = draw(st.lists(st.sampled_from(TIERS), min_size=1, max_size=2, unique=True))
        rule["award"] = {
            "kind": "by_tier",
            "tiers": {tier: draw(AWARDS) for tier in named},
            "otherwise": draw(st.none() | AWARDS),
        }
    if draw(st.booleans()):
        rule["conditions"] = [*rule["conditions"], draw(st.sampled_from(asked))]
    rule |= draw(bounds())


@st.composite
def answers(draw: st.DrawFn) -> dict[str, Any]:
    """What somebody answers to some of the fields of these programs, or all of them."""
    said = {
        "roast": draw(st.sampled_from(["light", "dark"])),
        "size": draw(st.integers(30, 50)),
        "news": draw(st.booleans()),
        "note": draw(st.sampled_from(["with milk", "none"])),
    }
    left_out = draw(st.sampled_from([*said, None, None]))
    return {name: value for name, value in said.items() if name != left_out}


def told_of(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """Properties that an activity of this kind may have."""
    asked = CUSTOM["properties"] if kind == "custom:workshop" else {}
    told: dict[str, Any] = {name: draw(st.integers(1, 9)) for name in asked}
    for name, known in KINDS.get(kind, {}).items():
        if known.required or draw(st.booleans()):
            match known.type:
                case "boolean":
                    told[name] = draw(st.booleans())
                case "text":
                    told[name] = draw(st.sampled_from(["beans", "cup"]))
                case _:
                    told[name] = draw(st.integers(known.least or 0, known.most or 20_000))
    return told
