"""Models without action at a distance."""

import ast
from collections.abc import Iterator

from tests.shape.rules import Fault, Source, dotted, imported_names, texts

_RELATIONS = {"ForeignKey", "ForeignObject", "ManyToManyField", "OneToOneField"}


def no_signals(source: Source) -> Iterator[Fault]:
    """Who reads a flow sees all that happens."""
    for node, name in imported_names(source):
        if name.startswith(("django.dispatch", "django.db.models.signals", "django.core.signals")):
            yield source.fault(node, "no signals: call what shall happen")


def saving_does_nothing_else(source: Source) -> Iterator[Fault]:
    """A model's `save` and `delete` are Django's."""
    for node in source.walk(ast.ClassDef):
        if not any(dotted(base).endswith(("Model", "OfProgram")) for base in node.bases):
            continue
        for inner in node.body:
            if isinstance(inner, ast.FunctionDef) and inner.name in ("save", "delete"):
                yield source.fault(inner, f"{node.name} overrides {inner.name}(): write a function in operations")


def relations_name_their_model(source: Source) -> Iterator[Fault]:
    """A text would hide from import-linter which room is meant."""
    if source.is_migration:
        return
    for node in source.walk(ast.Call):
        if dotted(node.func).split(".")[-1] not in _RELATIONS:
            continue
        targets = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "to")]
        for target in targets:
            if isinstance(target, ast.Constant) and isinstance(target.value, str) and target.value != "self":
                yield source.fault(node, f"a foreign key to the text {target.value!r}: name the model itself")


def no_triggers(source: Source) -> Iterator[Fault]:
    """Constraints and rights keep the books; triggers do not reach a sharded table."""
    for node, text in texts(source):
        if "CREATE TRIGGER" in text.upper() or "CREATE CONSTRAINT TRIGGER" in text.upper():
            yield source.fault(node, "no triggers: use a constraint or a right")
