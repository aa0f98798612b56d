"""Expressions: what they may ask for, what publishing refuses, and that deciding never breaks."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.make import NOON, make_order
from wafa.core.activities import MemberActivity
from wafa.core.expressions import FACTS, LONGEST, BadExpression, ExpressionFailed, compile_expression
from wafa.core.facts import ActivityFacts, OrderFacts
from wafa.core.member import MemberFacts
from wafa.core.snapshots import OrderLine

LINES = (
    OrderLine(
        id="L1",
        product_id="beans",
        variant_id="beans-250",
        sku="B250",
        quantity=2,
        subtotal_minor=9_000,
        total_minor=8_000,
        collections=("coffee", "new"),
        categories=("drinks",),
        tags=("gift",),
        vendor="Clay",
    ),
    OrderLine(id="L2", product_id="beans", quantity=1, subtotal_minor=1_000, total_minor=1_000, collections=("new",)),
    OrderLine(id="L3", product_id="mill", quantity=0, subtotal_minor=9_000, total_minor=9_000, tags=("void",)),
)


def facts(**changes: Any) -> OrderFacts:
    told: dict[str, Any] = {
        "lines": LINES,
        "coupon_codes": ("Eid-26",),
        "payment_method": "knet",
        "shipping_minor": 500,
        "channel": "pos",
        **changes,
    }
    order = make_order(9_500, **told)
    return OrderFacts(
        order=order,
        store="falcon",
        channel=order.channel,
        lines=order.lines,
        spend_minor=9_000,
        convert=lambda amount_minor: amount_minor * 2,
        moment=NOON,
        member=MEMBER,
    )


MEMBER = MemberFacts(
    at=NOON,
    orders=4,
    spend_minor=25_000,
    last_order_at=NOON - timedelta(days=30, hours=23),
    language="ar",
    segments=("vip",),
    tier="gold",
)


ASKED = (
    "spend_minor == 9000",
    "total_minor == 19000",
    "shipping_minor == 1000",
    "pieces == 3",
    "pieces_of == {'beans': 3}",
    "'mill' in pieces_of == false",
    "products == ['beans']",
    "variants == ['beans-250']",
    "skus == ['B250']",
    "collections == ['coffee', 'new']",
    "categories == ['drinks']",
    "tags == ['gift']",
    "vendors == ['Clay']",
    "coupon_codes == ['eid-26']",
    "payment_method == 'knet'",
    "currency == 'SAR'",
    "channel == 'pos'",
    "store == 'falcon'",
    "weekday == 5 && hour == 12",
    "coupon_codes.exists(code, code.startsWith('eid')) && !('sale' in tags)",
    "member.orders == 4 && member.spend_minor == 25000 && member . orders > 3",
    "member.days_since_last_order == 30 && member.days_since_joining == -1",
    "member.language == 'ar' && 'vip' in member.segments",
    "member.tier == 'gold'",
    "pieces > 2 ? channel == 'pos' : channel == 'web'  // as the till counts",
)


@pytest.mark.parametrize("expression", ASKED)
def test_every_fact_can_be_asked_for(expression: str) -> None:
    assert compile_expression(expression).holds(facts())


ASKED_OF_ACTIVITIES = (
    "activity.stars >= 4 && activity.photo == true",
    "!has(activity.video) && 'text' in activity == false",
    "store == 'falcon' && channel == 'app' && spend_minor == 0",
)


@pytest.mark.parametrize("expression", ASKED_OF_ACTIVITIES)
def test_what_an_activity_says_can_be_asked_for(expression: str) -> None:
    review = MemberActivity(kind="review", key="R1", occurred_at=NOON, properties={"stars": 5, "photo": True})
    told = ActivityFacts(activity=review, store="falcon", channel="app", spend_minor=0, moment=NOON)

    assert compile_expression(expression).holds(told)


def test_the_names_above_are_all_names_and_the_page_explains_them() -> None:
    assert [name for name in FACTS if not any(name in asked for asked in (*ASKED, *ASKED_OF_ACTIVITIES))] == []
    page = (Path(__file__).parents[2] / "docs" / "algorithms" / "conditions.md").read_text("utf-8")
    assert [name for name in FACTS if f"`{name}`" not in page] == []


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("totl > 1", "^at character 1: 'totl' is none of the names spend_minor, channel"),
        ("spend_minor >", "^at character 14: mismatched input '<EOF>'$"),
        ("spend_minor > 'a'", r"^at character 13: '>' does not go with \(int, string\)$"),
        ("pieces > 1 &&\n\nnow() > 1", "^at line 3, character 4: 'now' is none of the names"),
        ("spend_minor + 1", "^expected something true or false; this is of type int$"),
        ("dyn(true)", "^expected something true or false; this is of type dyn$"),
        ("(" * 40 + "true" + ")" * 40, "^expected at most 32 levels of nesting$"),
        ("true" + " || true" * 70, f"^expected at most {LONGEST} characters; these are 564$"),
        ("spend_minor > 99.5", "^expected whole numbers only"),
        ("double(spend_minor) > double(1)", "^expected whole numbers only"),
        ("spend_minor > int(1e3)", "^expected whole numbers only"),
        ("spend_minor > int(.5)", "^expected whole numbers only"),
        # A text that ends with a backslash hides nothing that comes after it.
        (r"r'\' == channel || spend_minor > int(1.5) // '", "^expected whole numbers only"),
        ("", "^at character 1"),
    ],
)
def test_publishing_refuses_and_says_where(expression: str, fault: str) -> None:
    with pytest.raises(BadExpression, match=fault):
        compile_expression(expression)


@pytest.mark.parametrize(
    "expression", ["channel == '1.5'", 'channel == "double"', "pieces > 0x1e5", "pieces > 1 // .5"]
)
def test_what_only_looks_like_a_fraction_is_none(expression: str) -> None:
    assert not compile_expression(expression).holds(facts(channel="web", lines=()))


@pytest.mark.parametrize(
    "expression",
    [
        "pieces / (pieces - 3) > 1",
        "pieces % 0 == 1",
        "pieces_of['tea'] > 1",
        "int(channel) > 1",
        "coupon_codes[7] == 'x'",
        "9223372036854775807 + pieces > 1",
        "channel.matches('(')",
        "timestamp(channel) < timestamp('2026-01-01T00:00:00Z')",
    ],
)
def test_an_expression_without_an_answer_says_so(expression: str) -> None:
    with pytest.raises(ExpressionFailed):
        compile_expression(expression).holds(facts())


def test_loops_end() -> None:
    lines = tuple(
        OrderLine(id=f"L{at}", product_id=f"p{at}", quantity=1, subtotal_minor=1, total_minor=1) for at in range(300)
    )
    forever = compile_expression("products.all(a, products.all(b, products.all(c, a + b + c != 'x')))")
    began = time.perf_counter()

    with pytest.raises(ExpressionFailed, match="budget"):
        forever.holds(facts(lines=lines))

    # It would be 27 million steps. A second is a hundred times what 10,000 of them take.
    assert time.perf_counter() - began < 1


# Texts with a NUL in them, or that are no UTF-8, are refused at the door.
@given(
    text=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40),
    number=st.integers(-(2**80), 2**80),
)
def test_whatever_a_store_says_it_holds_or_not_or_has_no_answer(text: str, number: int) -> None:
    expression = compile_expression(
        "channel != payment_method && coupon_codes.all(code, code != '') && shipping_minor > 0"
    )
    try:
        answer = expression.holds(facts(payment_method=text, coupon_codes=(text,), shipping_minor=number))
    except ExpressionFailed:
        assert not -(2**62) <= number < 2**62
    else:
        assert answer == (text not in ("pos", "") and number > 0)


@given(text=st.text(max_size=60))
def test_any_text_is_an_expression_or_refused(text: str) -> None:
    try:
        answer = compile_expression(text).holds(facts())
    except (BadExpression, ExpressionFailed):
        return
    assert answer in (True, False)
