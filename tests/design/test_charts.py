"""A chart's geometry, by figures that can be checked by hand."""

import pytest

from wafa.design.charts import Label, Series, build_line_chart
from wafa.kit.formats import Formats


def test_a_line_is_drawn_on_a_round_scale() -> None:
    series = (Series("Earned", (0, 300, 600)), Series("Used", (0, 0, 150)))
    chart = build_line_chart(labels=("May", "June", "July"), series=series, formats=Formats())
    assert list(chart.scale) == ["600", "400", "200", "0"]
    assert list(chart.rules) == [0, 33.33, 66.67, 100]
    assert [line.path for line in chart.lines] == ["M0.0 100.0L50.0 50.0L100.0 0.0", "M0.0 100.0L50.0 100.0L100.0 75.0"]
    assert chart.lines[0].area == "M0.0 100.0L50.0 50.0L100.0 0.0L100 100L0 100Z"
    assert [line.css for line in chart.lines] == ["series-1", "series-2"]
    assert chart.rows == (("May", ("0", "0")), ("June", ("300", "0")), ("July", ("600", "150")))


@pytest.mark.parametrize(
    ("highest", "scale"),
    [(0, ["1", "0"]), (1, ["1", "0"]), (7, ["8", "6", "4", "2", "0"]), (1120, ["1,500", "1,000", "500", "0"])],
)
def test_the_scale_reaches_the_highest_value_in_few_steps(highest: int, scale: list[str]) -> None:
    chart = build_line_chart(labels=("a", "b"), series=(Series("s", (0, highest)),), formats=Formats())
    assert list(chart.scale) == scale


def test_figures_are_in_the_readers_digits() -> None:
    chart = build_line_chart(labels=("أ", "ب"), series=(Series("س", (0, 1200)),), formats=Formats("ar", "arabic"))
    assert chart.scale == ("١٬٥٠٠", "١٬٠٠٠", "٥٠٠", "٠")


def test_labels_are_thinned_and_every_second_may_give_way() -> None:
    names = tuple("abcdefghijkl")
    chart = build_line_chart(labels=names, series=(Series("s", (1,) * 12),), formats=Formats())
    empty = (Label(), Label())
    assert chart.labels == (
        *(Label("a"), *empty, Label("d", minor=True), *empty),
        *(Label("g"), *empty, Label("j", minor=True), *empty),
    )


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(ValueError, match="two labels or more"):
        build_line_chart(labels=("a",), series=(Series("s", (1,)),), formats=Formats())
    with pytest.raises(ValueError, match="expected 2 values in every series"):
        build_line_chart(labels=("a", "b"), series=(Series("s", (1,)),), formats=Formats())
