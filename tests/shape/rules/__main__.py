"""Check a source tree: prints every fault, and fails if there is one."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.shape.rules import Fault, Rule, Source, names, purity, queries, tables

RULES: list[Rule] = [
    names.no_empty_names,
    purity.the_core_imports_only_values,
    purity.time_is_handed_in,
    purity.value_is_whole,
    purity.no_mail_inside_transactions,
    tables.no_signals,
    tables.saving_does_nothing_else,
    tables.relations_name_their_model,
    tables.no_triggers,
    queries.orm_queries_name_their_program,
    queries.sql_names_its_program,
]


def check(root: Path) -> Iterator[Fault]:
    """Every fault in the tree of a package."""
    yield from names.every_room_is_introduced(root)
    models, table_names = queries.find_scoped_models(root)
    for path in sorted(root.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"), filename=str(path))
        source = Source(path.relative_to(root), tree, scoped_models=models, scoped_tables=table_names)
        for rule in RULES:
            yield from rule(source)


def main() -> int:
    """Exit code 1 when something is wrong."""
    faults = list(check(Path(sys.argv[1])))
    for fault in faults:
        print(fault)
    print(f"Shape: {len(faults)} faults." if faults else "Shape: no faults.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
