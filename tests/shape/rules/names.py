"""Names and files that tell where to look."""

from collections.abc import Iterator
from pathlib import Path

from tests.shape.rules import Fault, Source

_EMPTY_WORDS = {
    "common", "data", "helper", "helpers", "info", "manager", "managers", "misc", "process", "service", "services",
    "util", "utils",
}  # fmt: skip


def no_empty_names(source: Source) -> Iterator[Fault]:
    """A file is named after the thing or the verb in it."""
    for part in source.path.with_suffix("").parts:
        if part in _EMPTY_WORDS:
            yield Fault(source.path, 1, f"a file named {part!r} says nothing about what is in it")


def every_room_is_introduced(root: Path) -> Iterator[Fault]:
    """Each room has its ten lines of README."""
    for room in sorted(path.parent for path in root.glob("*/__init__.py")):
        if not (room / "README.md").exists():
            yield Fault(Path(room.name), 1, "a room without README.md: purpose, nouns, invariants, who calls it")
