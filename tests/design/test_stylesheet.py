"""The stylesheet serves both directions and can be read in light and in dark."""

import re
from pathlib import Path

import pytest

from wafa.design.contrast import READABLE, SURFACE_DARK, SURFACE_LIGHT, contrast

ASSETS = Path(__file__).parents[2] / "assets"
SHEETS = sorted((ASSETS / "styles").glob("*.css"))
PHYSICAL = re.compile(
    r"""(?mx) ^\s*(
        (?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right|top|bottom)[\w-]*
      | border-(?:top|bottom)-(?:left|right)-radius
      | left | right | top | bottom | width | height | (?:min|max)-(?:width|height)
    )\s*: | :\s*(?:left|right)\s*[;}] | letter-spacing"""
)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_only_logical_properties_are_used(sheet: Path) -> None:
    assert PHYSICAL.findall(sheet.read_text()) == []


@pytest.mark.parametrize(
    "rule", ["a { margin-left: 0 }", "a {\n  width: 3rem;\n}", "a { text-align: right; }", "a { letter-spacing: 1px }"]
)
def test_physical_properties_would_be_found(rule: str) -> None:
    assert PHYSICAL.search(rule.replace("{ ", "{\n  ")) is not None


def tokens(scheme: int) -> dict[str, str]:
    css = (ASSETS / "styles" / "tokens.css").read_text()
    pairs = re.findall(r"(--[\w-]+): (?:light-dark\((#\w{6}), (#\w{6})\)|(#\w{6}));", css)
    return {name: both[scheme] or both[2] for name, *both in pairs}


TEXTS = [
    *[("--ink", ground) for ground in ("--paper", "--surface", "--sunken")],
    *[("--ink-soft", ground) for ground in ("--paper", "--surface", "--sunken")],
    *[("--brand-text", ground) for ground in ("--paper", "--surface", "--brand-soft")],
    *[(f"--{tone}", f"--{tone}-soft") for tone in ("good", "warn", "bad", "calm")],
    *[(f"--{tone}", "--surface") for tone in ("good", "warn", "bad", "calm")],
    ("--on-brand", "--brand"),
]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXTS)
def test_text_can_be_read_on_its_ground(scheme: int, text: str, ground: str) -> None:
    colours = tokens(scheme)
    assert contrast(colours[text], colours[ground]) >= READABLE


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("drawn", ["--line-strong", "--series-1", "--series-2"])
def test_borders_of_inputs_and_lines_of_charts_can_be_seen(scheme: int, drawn: str) -> None:
    assert contrast(tokens(scheme)[drawn], tokens(scheme)["--surface"]) >= 3  # WCAG 2.2, 1.4.11


def test_surfaces_are_those_the_contrast_is_computed_against() -> None:
    assert (tokens(0)["--surface"], tokens(1)["--surface"]) == (SURFACE_LIGHT, SURFACE_DARK)


def test_fonts_are_cut_to_the_letters_the_stylesheet_promises() -> None:
    build = (ASSETS / "build.mjs").read_text()
    promised = re.findall(r"unicode-range: ([^;]+);", (ASSETS / "styles" / "base.css").read_text())
    cut = re.findall(r"const (?:LATIN|LATIN_EXTENDED|ARABIC) = (\[\[.+?\]\]);", build, flags=re.DOTALL)
    assert len(promised) == len(cut) == 3
    for css, code in zip(promised, cut, strict=True):
        ranges = [part.strip().removeprefix("U+").split("-") for part in css.split(",")]
        expected = [(int(ends[0], 16), int(ends[-1], 16)) for ends in ranges]
        pairs = re.findall(r"\[0x(\w+), 0x(\w+)\]", code)
        assert [(int(first, 16), int(last, 16)) for first, last in pairs] == expected
