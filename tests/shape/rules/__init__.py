"""What import-linter, ruff and mypy cannot say about the shape of the code: `python -m tests.shape.rules src/wafa`.

A rule looks at one file of the product and yields what is wrong with it.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

Node = TypeVar("Node", bound=ast.AST)


@dataclass(frozen=True)
class Fault:
    """Something that the design forbids."""

    path: Path
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.sentence}"


@dataclass(frozen=True)
class Source:
    """One Python file of the product; paths are relative to `wafa`."""

    path: Path
    tree: ast.Module
    scoped_models: frozenset[str] = field(default_factory=frozenset)
    """Names of all models whose rows belong to a program."""
    scoped_tables: frozenset[str] = field(default_factory=frozenset)
    """The tables of these models."""

    @property
    def room(self) -> str:
        """The room it stands in."""
        return self.path.parts[0]

    @property
    def is_migration(self) -> bool:
        """Whether it is history: never changed again."""
        return "migrations" in self.path.parts

    def fault(self, node: ast.AST, sentence: str) -> Fault:
        """A fault at this place."""
        return Fault(self.path, getattr(node, "lineno", 1), sentence)

    def walk(self, kind: type[Node]) -> Iterator[Node]:
        """Every node of this kind."""
        return (node for node in ast.walk(self.tree) if isinstance(node, kind))


Rule = Callable[[Source], Iterator[Fault]]


def imported_names(source: Source) -> Iterator[tuple[ast.AST, str]]:
    """Every module and name that is imported, with its whole path: `from a import b` gives `a.b`."""
    for plain in source.walk(ast.Import):
        yield from ((plain, name.name) for name in plain.names)
    for node in source.walk(ast.ImportFrom):
        yield from ((node, f"{node.module}.{name.name}") for name in node.names)


def dotted(node: ast.AST) -> str:
    """`a.b.c` for a chain of names, else the empty text."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (left := dotted(node.value)):
        return f"{left}.{node.attr}"
    return ""


def texts(source: Source) -> Iterator[tuple[ast.AST, str]]:
    """Every text in the code but docstrings; an f-string whole, with the texts of this file that it puts in."""
    named = {
        target.id: node.value
        for node in source.tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    passed_over = {id(node.value) for node in source.walk(ast.Expr)}
    for joined in source.walk(ast.JoinedStr):
        passed_over |= {id(part) for part in ast.walk(joined)}
        yield joined, _written(joined, named)
    for node in source.walk(ast.Constant):
        if isinstance(node.value, str) and id(node) not in passed_over:
            yield node, node.value


def _written(node: ast.expr, named: dict[str, ast.expr]) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_written(part, named) for part in node.values)
    if isinstance(node, ast.FormattedValue) and isinstance(node.value, ast.Name) and node.value.id in named:
        return _written(named[node.value.id], {name: value for name, value in named.items() if name != node.value.id})
    return "{}"
