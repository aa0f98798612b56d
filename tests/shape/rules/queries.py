"""Every query names its program: on a sharded database, one that does not asks every shard."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.shape.rules import Fault, Source, dotted, texts

_TABLES = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE|ONLY)\s+\"?(\w+)", re.IGNORECASE)
# The rows handed to these carry their program.
_OBJECTS_CARRY_IT = {"bulk_create", "bulk_update"}


def orm_queries_name_their_program(source: Source) -> Iterator[Fault]:
    """Each chain that starts at a model of a program has `program_id=` (or `pk=`) in one of its calls."""
    if source.is_migration:
        return
    parents = {id(child): node for node in ast.walk(source.tree) for child in ast.iter_child_nodes(node)}
    for node in source.walk(ast.Attribute):
        model = dotted(node.value).split(".")[-1]
        if node.attr not in ("objects", "_base_manager", "_default_manager") or model not in source.scoped_models:
            continue
        if not _names_program(node, parents):
            yield source.fault(node, f"this query of {model} does not name its program: filter by program_id")


def sql_names_its_program(source: Source) -> Iterator[Fault]:
    """Each text of SQL about a table of a program says `program_id`."""
    if source.is_migration:
        return
    for node, text in texts(source):
        tables = sorted(source.scoped_tables.intersection(_TABLES.findall(text)))
        if tables and "program_id" not in text:
            yield source.fault(node, f"this SQL on {', '.join(tables)} does not name its program_id")


def find_scoped_models(root: Path) -> tuple[frozenset[str], frozenset[str]]:
    """Names of the models that have a program, themselves or from a base, and of their tables."""
    bases: dict[str, list[str]] = {}
    tables: dict[str, str] = {}
    scoped: set[str] = set()
    for path in [*root.glob("*/models.py"), *root.glob("*/models/*.py"), *root.glob("kit/*.py")]:
        room = path.relative_to(root).parts[0]
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                bases[node.name] = [dotted(base).split(".")[-1] for base in node.bases]
                tables[node.name] = f"{room}_{node.name.lower()}"
                if _assigned(node) & {"program", "program_id"}:
                    scoped.add(node.name)
    while inherited := {name for name, of in bases.items() if name not in scoped and scoped.intersection(of)}:
        scoped |= inherited
    return frozenset(scoped), frozenset(tables[name] for name in scoped)


def _assigned(node: ast.ClassDef) -> set[str]:
    targets = [target for inner in node.body if isinstance(inner, ast.Assign) for target in inner.targets]
    targets += [inner.target for inner in node.body if isinstance(inner, ast.AnnAssign)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _names_program(node: ast.AST, parents: dict[int, ast.AST]) -> bool:
    while (parent := parents.get(id(node))) is not None and isinstance(parent, ast.Attribute | ast.Call):
        if isinstance(parent, ast.Call) and parent.func is node:
            named = {keyword.arg.split("__")[0] for keyword in parent.keywords if keyword.arg}
            if named & {"program", "program_id", "pk"}:
                return True
        elif isinstance(parent, ast.Attribute) and parent.attr in _OBJECTS_CARRY_IT:
            return True
        elif isinstance(parent, ast.Call):
            return False
        node = parent
    return False
