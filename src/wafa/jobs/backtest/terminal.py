"""The answer of a backtest in a terminal."""

from rich import box
from rich.bar import Bar
from rich.console import Console, Group
from rich.table import Table as Grid
from rich.text import Text

from wafa.reports.trial import Table, ToldTrial

_CHART_WIDTH = 24
_COLOURS = ("green", "blue")


def show_trial(told: ToldTrial, console: Console) -> None:
    """Print every table, and what is owed as bars."""
    for table in told.tables:
        console.print(Text(table.title, style="bold"))
        if table.rows:
            console.print(_draw_table(table))
    if told.chart is not None:
        console.print(Text(told.owed_title, style="bold"))
        console.print(_draw_owed(told))


def _draw_table(table: Table) -> Grid:
    grid = Grid(box=box.SIMPLE_HEAD)
    first, *others = table.columns
    grid.add_column(first)
    for column in others:
        grid.add_column(column, justify="right")
    for row in table.rows:
        grid.add_row(*(Text(cell) for cell in row))
    return grid


def _draw_owed(told: ToldTrial) -> Grid:
    assert told.chart is not None
    most = max(max(series.values) for series in told.owed) or 1
    grid = Grid(box=box.SIMPLE_HEAD)
    grid.add_column()
    for series in told.owed:
        grid.add_column(series.name, justify="right")
    grid.add_column(min_width=_CHART_WIDTH)
    for place, (month, written) in enumerate(told.chart.rows):
        bars = [
            Bar(most, 0, series.values[place], width=_CHART_WIDTH, color=colour)
            for series, colour in zip(told.owed, _COLOURS, strict=False)
        ]
        grid.add_row(Text(month), *(Text(amount) for amount in written), Group(*bars))
    return grid
