"""The answer of a backtest as one HTML file, which needs nothing beside it."""

from pathlib import Path

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from wafa.reports.trial import ToldTrial


def write_page(told: ToldTrial, file: Path) -> None:
    """Write the page in the active language."""
    styles = finders.find("design/built/wafa.css")
    assert styles is not None, "the style sheet was not built"
    inline = mark_safe(Path(styles).read_text("utf-8"))  # noqa: S308 - our own, built with the product
    page = render_to_string("reports/trial.html", {"told": told, "styles": inline})
    file.write_text(page, "utf-8")
