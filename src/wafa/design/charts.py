"""A line chart as geometry: the template draws it, and shows the same rows as a table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wafa.kit.formats import Formats

_RULES = 4  # lines across the plot at most, besides the one at zero
_LABELS = 5  # names along the axis at most


@dataclass(frozen=True, slots=True)
class Series:
    """One line: what it counts and a whole, non-negative value for every label."""

    name: str
    values: Sequence[int]


@dataclass(frozen=True, slots=True)
class Line:
    """A series on a plot of 100 by 100, from the bottom up; `css` names its colour."""

    name: str
    css: str
    path: str
    area: str


@dataclass(frozen=True, slots=True)
class Label:
    """What stands under a point, empty under most; a `minor` one gives way where there is little room."""

    name: str = ""
    minor: bool = False


@dataclass(frozen=True, slots=True)
class LineChart:
    """Everything the template writes. `scale` runs from the top down, `rows` are the table."""

    lines: tuple[Line, ...]
    rules: tuple[float, ...]
    scale: tuple[str, ...]
    labels: tuple[Label, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def build_line_chart(
    *, labels: Sequence[str], series: Sequence[Series], formats: Formats, write: Callable[[int], str] | None = None
) -> LineChart:
    """Lay out one to four series over `labels`; `write` writes a value where it is more than a number.

    Raises ValueError where there is nothing to draw or lengths differ.
    """
    if len(labels) < 2 or not 1 <= len(series) <= 4:
        raise ValueError("chart: expected two labels or more, and one to four series")
    if any(len(one.values) != len(labels) for one in series):
        raise ValueError(f"chart: expected {len(labels)} values in every series, one for each label")
    write = write or formats.number
    step, top = _scale(max(max(one.values) for one in series))
    marks = range(top, -1, -step)
    return LineChart(
        lines=tuple(_draw(one, top=top, css=f"series-{place}") for place, one in enumerate(series, start=1)),
        rules=tuple(_round(100 - 100 * mark / top) for mark in marks),
        scale=tuple(write(mark) for mark in marks),
        labels=_label(labels),
        rows=tuple((label, tuple(write(one.values[place]) for one in series)) for place, label in enumerate(labels)),
    )


def _scale(highest: int) -> tuple[int, int]:
    """A round step (1, 2 or 5 times a power of ten) and the top it leads to, not below `highest`."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            step = factor * power
            if step * _RULES >= highest:
                return step, step * max(1, -(-highest // step))
        power *= 10


def _draw(series: Series, *, top: int, css: str) -> Line:
    last = len(series.values) - 1
    points = [f"{_round(100 * x / last)} {_round(100 - 100 * y / top)}" for x, y in enumerate(series.values)]
    path = "M" + "L".join(points)
    return Line(series.name, css, path, f"{path}L100 100L0 100Z")


def _label(names: Sequence[str]) -> tuple[Label, ...]:
    """A label for every point: each so-many-th has its name, every other of those is minor."""
    every = -(-len(names) // _LABELS)
    return tuple(
        Label(name, minor=place // every % 2 == 1) if place % every == 0 else Label()
        for place, name in enumerate(names)
    )


def _round(value: float) -> float:
    return round(value, 2)
