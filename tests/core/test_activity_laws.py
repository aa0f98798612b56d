"""Laws of what members do beside ordering, for rules and tellings that Hypothesis makes up."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.core.make import CUSTOMER, make_spec
from tests.core.memory import MemoryDriver
from tests.core.strategies import START, orders
from tests.core.test_laws import ENDED, pockets
from tests.examples import examples
from wafa.core.activities import ActivityNotice, MemberActivity
from wafa.core.snapshots import OrderSnapshot
from wafa.core.spec import KINDS, ProgramSpec, Property

_CONDITIONS: dict[str, list[dict[str, Any]]] = {
    "review": [
        {"kind": "property", "name": "stars", "at_least": 4},
        {"kind": "property", "name": "photo", "any_of": [True]},
        {"kind": "expression", "cel": "activity.stars > 2 && activity.photo == true"},
        {"kind": "none", "of": [{"kind": "weekday", "days": ["fri", "sat"]}]},
    ],
    "receipt_uploaded": [{"kind": "minimum_spend", "minor": 1_000}, {"kind": "store", "stores": ["falcon"]}],
    "recycling": [{"kind": "property", "name": "quantity", "at_most": 3}],
    "visit": [{"kind": "channel", "channels": ["pos"]}, {"kind": "days_since_joining", "at_least": 1}],
}
_AWARDS: dict[str, list[dict[str, Any]]] = {
    "receipt_uploaded": [
        {"kind": "percent", "basis_points": 333},
        {"kind": "per_amount", "units": 3, "per_minor": 250, "mode": "step"},
    ],
    "recycling": [{"kind": "per_quantity", "units": 2}],
}


@st.composite
def specs(draw: st.DrawFn) -> ProgramSpec:
    """A program with rules about a few kinds of activities, and one about orders."""
    rules: list[dict[str, Any]] = [
        {
            "id": f"rule{place}",
            "trigger": kind,
            "award": draw(st.sampled_from([{"kind": "fixed", "units": 7}, *_AWARDS.get(kind, [])])),
            "conditions": draw(st.lists(st.sampled_from(_CONDITIONS[kind]), max_size=2)),
            "most_units": draw(st.sampled_from([None, None, 20])),
        }
        for place, kind in enumerate(draw(st.lists(st.sampled_from(sorted(_CONDITIONS)), min_size=1, max_size=4)))
    ]
    usual = make_spec().earning[0].model_dump(mode="json")
    maturities = [{"kind": "at_once"}, {"kind": "after_days", "days": 14}, {"kind": "on_confirmation"}]
    return make_spec(
        unit={"maturity": draw(st.sampled_from(maturities)), "expiry": {"kind": "after_months", "months": 2}},
        earning=[usual, *({**usual, **rule} for rule in rules)],
        rates={"USD": "3.75", "KWD": "12.2"},
    )


def _value(draw: st.DrawFn, asked: Property) -> str | int | bool:
    match asked.type:
        case "boolean":
            return draw(st.booleans())
        case "text":
            return draw(st.sampled_from(["beans", "cup"]))
        case _:
            return draw(st.integers(asked.least or 0, asked.most or 20_000))


@st.composite
def activities(draw: st.DrawFn, key: str) -> MemberActivity:
    """An activity of any of these kinds."""
    kind = draw(st.sampled_from(sorted(_CONDITIONS)))
    told = {name: _value(draw, asked) for name, asked in KINDS[kind].items() if asked.required or draw(st.booleans())}
    return MemberActivity(
        kind=kind,
        key=key,
        occurred_at=START + timedelta(hours=draw(st.integers(0, 300))),
        store=draw(st.sampled_from(["falcon", "hawk"])),
        channel=draw(st.sampled_from(["web", "pos"])),
        properties=told,
        currency=draw(st.sampled_from([None, "USD", "KWD"])),
    )


@examples(100)
@given(data=st.data(), spec=specs(), guest=st.booleans(), order=orders())
def test_activities_told_in_any_order_and_number_end_in_the_same_balances(
    data: st.DataObject, spec: ProgramSpec, guest: bool, order: OrderSnapshot
) -> None:
    done = [data.draw(activities(f"A{n}")) for n in range(data.draw(st.integers(0, 5)))]
    shuffled = data.draw(st.permutations(done * 2))
    drivers = MemoryDriver(spec, guest=guest), MemoryDriver(spec, guest=guest)

    for driver, told in zip(drivers, (done, shuffled), strict=True):
        for activity in told[:3]:
            driver.do(ActivityNotice(customer=CUSTOMER, activity=activity))
        driver.see(order)
        for activity in told[3:]:
            driver.do(ActivityNotice(customer=CUSTOMER, activity=activity))
    first, second = drivers

    assert pockets(first) == pockets(second)
    for driver in drivers:
        driver.turn_clock(at=ENDED)
    assert pockets(first) == pockets(second)
    keys = [journal.key for journal in first.journals if journal.key.startswith("activity:")]
    assert len(set(keys)) == len(keys)
