"""Every reason for which something is not earned is told in a sentence of its own."""

import re
from pathlib import Path
from typing import get_args

from tests.core.make import make_spec
from wafa.core import spec as spec_module
from wafa.core.decide import NotEarned
from wafa.core.spec import Condition
from wafa.kit.formats import Formats
from wafa.reports.not_earned import tell_not_earned, tell_reason

CORE = Path(spec_module.__file__).parents[1]
# What every kind of condition but these is: a condition is told by the kind that does not hold, and `all` never is one.
_NEVER_TOLD = {"all"}


def reasons() -> set[str]:
    """What the core says, and the kinds of all conditions."""
    text = "\n".join(path.read_text("utf-8") for path in CORE.glob("*.py"))
    said = set(re.findall(r'(?:Miss\(reason=|_missed\(|missed = \()"(\w+)"', text))
    union, *_ = get_args(Condition)
    kinds = {get_args(kind.model_fields["kind"].annotation)[0] for kind in get_args(union)}
    return (said | kinds) - _NEVER_TOLD


def test_every_reason_has_a_sentence_of_its_own() -> None:
    found = reasons()
    assert {"closed", "below_minimum", "expression_failed", "weekday"} <= found

    sentences = [str(tell_reason(reason)) for reason in sorted(found)]

    assert len(set(sentences)) == len(found)
    assert all(sentence.endswith(".") for sentence in sentences)


def test_a_miss_is_told_with_the_name_of_its_rule() -> None:
    told = tell_not_earned(NotEarned(reason="below_minimum", rule="orders"), make_spec(), Formats())
    assert told == "Orders: What counts comes to less than the minimum."


def test_a_miss_of_no_rule_is_told_by_itself() -> None:
    assert tell_not_earned(NotEarned(reason="before_program"), None, Formats()) == "The program had not begun."
