"""A document as text: read, written, and looked up by line."""

import pytest
from hypothesis import given

from tests.core.strategies import specs
from tests.examples import examples
from wafa.core.spec import ProgramSpec, read_spec
from wafa.programs.documents import NoDocument, find_line, read_document, write_document

TEXT = """\
name: {en: Club}
units:
  - code: points
    name:
      en: {other: points}
  - code: beans
earning:
  - id: base
    award:
      kind: fixed
      units: 0
"""


@examples(100)
@given(specs())
def test_law_what_is_written_is_read_again(spec: ProgramSpec) -> None:
    assert read_spec(read_document(write_document(spec))) == spec


def test_what_is_no_yaml_is_told() -> None:
    with pytest.raises(NoDocument, match="expected YAML or JSON"):
        read_document("name: {en: Club")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("name", 1),
        ("units.0.name.en.other", 5),
        ("units.1.name", 6),
        ("earning.0.award.fixed.units", 11),
        ("earning.0.award", 9),
        ("currency", 1),
        ("(document)", 1),
    ],
)
def test_a_place_is_found_by_its_line(path: str, line: int) -> None:
    assert find_line(TEXT, path) == line


def test_an_empty_text_has_no_lines() -> None:
    assert find_line("", "name") is None
