"""Text on any merchant's colour can be read."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wafa.design.contrast import READABLE, SURFACE_DARK, SURFACE_LIGHT, brand_css, contrast, readable_on, text_on

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == 21
    assert contrast("#777777", "#777777") == 1
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48
    assert round(contrast("#ffffff", "#0f766e"), 2) == 5.47


def test_text_is_white_where_white_can_be_read() -> None:
    assert [text_on(colour) for colour in ("#0f766e", "#000080", "#ffd54f", "#777777")] == [
        "#ffffff",
        "#ffffff",
        "#000000",
        "#000000",
    ]


@given(colours)
def test_text_on_any_colour_can_be_read(colour: str) -> None:
    assert contrast(text_on(colour), colour) >= READABLE


@given(colours)
def test_any_brand_gets_companions_that_can_be_read(colour: str) -> None:
    brand, on_brand, text_light, text_dark, soft_light, soft_dark = re.findall(r"#[0-9a-f]{6}", brand_css(colour))
    assert brand == colour
    for text, *grounds in (
        (on_brand, brand),
        (text_light, soft_light, SURFACE_LIGHT),
        (text_dark, soft_dark, SURFACE_DARK),
    ):
        assert all(contrast(text, ground) >= READABLE for ground in grounds)


def test_a_readable_colour_is_left_as_it_is() -> None:
    assert readable_on("#0f766e", SURFACE_LIGHT) == "#0f766e"


@pytest.mark.parametrize("text", ["0f766e", "#fff", "#0f766e;}", "teal", ""])
def test_what_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^colour: expected six hexadecimal digits"):
        brand_css(text)
