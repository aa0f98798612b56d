"""Two documents are held against each other place by place."""

from typing import Any

from hypothesis import given

from tests.core.make import make_spec
from tests.core.strategies import specs
from tests.examples import examples
from wafa.core.differences import Difference, find_differences
from wafa.core.spec import ProgramSpec, read_spec

SPEC = make_spec()
DOCUMENT = SPEC.model_dump(mode="json")
RULE, UNIT = DOCUMENT["earning"][0], DOCUMENT["units"][0]


def differences(**changes: Any) -> list[tuple[str, Any, Any]]:
    found = find_differences(SPEC, read_spec({**DOCUMENT, **changes}))
    return [(".".join(each.path), each.before, each.after) for each in found]


def rule(**changes: Any) -> dict[str, Any]:
    return {**RULE, **changes}


def test_the_same_document_differs_nowhere() -> None:
    assert find_differences(SPEC, read_spec(DOCUMENT)) == []


def test_a_part_is_known_by_its_name_and_not_by_its_place() -> None:
    new = rule(id="gift", award={"kind": "fixed", "units": 5})

    found = find_differences(SPEC, read_spec({**DOCUMENT, "earning": [new, RULE]}))

    assert [(each.path, each.before) for each in found] == [(("earning", "gift"), None)]


def test_parts_in_another_order_are_told_by_their_names() -> None:
    new = rule(id="gift")
    one, other = (read_spec({**DOCUMENT, "earning": rules}) for rules in ([RULE, new], [new, RULE]))

    assert find_differences(one, other) == [Difference(("earning",), [RULE["id"], "gift"], ["gift", RULE["id"]])]


def test_the_same_kind_differs_by_its_fields_and_another_kind_as_a_whole() -> None:
    path = f"earning.{RULE['id']}.award"
    more = {**RULE["award"], "units": RULE["award"]["units"] + 1}
    assert differences(earning=[rule(award=more)]) == [(f"{path}.units", more["units"] - 1, more["units"])]

    ((where, before, after),) = differences(earning=[rule(award={"kind": "fixed", "units": 5})])
    assert (where, before, after) == (path, RULE["award"], {"kind": "fixed", "units": 5})


def test_a_list_of_names_differs_by_what_it_loses_and_gains() -> None:
    def scoped(*products: str) -> ProgramSpec:
        return read_spec({**DOCUMENT, "earning": [rule(scope={"exclude": {"products": products}})]})

    (found,) = find_differences(scoped("P1", "P2"), scoped("P2", "P3"))

    assert (found.path[2:], found.before, found.after) == (("scope", "exclude", "products"), ["P1"], ["P3"])


@examples(100)
@given(specs(), specs())
def test_law_documents_differ_somewhere_unless_they_are_the_same(before: ProgramSpec, after: ProgramSpec) -> None:
    assert (find_differences(before, after) == []) == (before == after)
    mirrored = [(each.path, each.after, each.before) for each in find_differences(after, before)]
    found = [(each.path, each.before, each.after) for each in find_differences(before, after)]
    assert sorted(map(str, mirrored)) == sorted(map(str, found))
