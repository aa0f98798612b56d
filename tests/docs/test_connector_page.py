"""The page "write a connector" is a program: its blocks run in order and end in the conformance suite."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.connectors import conformance
from wafa.connectors.registry import ENTRY_POINTS

PAGE = Path(__file__).parents[2] / "docs" / "connectors" / "write-a-connector.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)


def test_the_corner_shop_passes_the_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[str] = []
    rules = tuple(_counting(rule, held) for rule in conformance.RULES)
    monkeypatch.setattr(conformance, "RULES", rules)
    names: dict[str, Any] = {"__name__": "corner_shop"}
    for block in blocks("python"):
        exec(compile(block, PAGE.name, "exec"), names)
    assert held == ["corner-shop"] * len(rules)


def _counting(rule: Any, held: list[str]) -> Any:
    def hold(case: conformance.Case) -> None:
        rule(case)
        held.append(case.connector.slug)

    return hold


def test_the_entry_point_is_in_the_group_we_read() -> None:
    (block,) = blocks("toml")
    assert tomllib.loads(block)["project"]["entry-points"] == {ENTRY_POINTS: {"corner-shop": "corner_shop:CornerShop"}}
