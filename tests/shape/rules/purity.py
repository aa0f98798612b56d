"""The core decides with what it is given; value is counted in whole numbers; time is handed in."""

import ast
import re
import sys
from collections.abc import Iterator

from tests.shape.rules import Fault, Source, dotted, imported_names, texts

_CORE_MAY_IMPORT = {"msgspec", "pydantic", "pydantic_core", "hijridate", "jdatetime", "cel_expr_python", "wafa.core"}
# Doors and jobs hand the time in; kit and embedded wait, measure and make ids.
_READ_THE_CLOCK = {"api", "config", "console", "embedded", "jobs", "kit", "storefront"}
_CLOCKS = re.compile(
    r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|timezone\.now|time\.(time|time_ns|monotonic|perf_counter))$"
)
_SQL_CLOCKS = re.compile(r"\bnow\(\)|\bclock_timestamp\(\)|\bcurrent_(timestamp|date)\b", re.IGNORECASE)
# Doors and jobs, and the connectors that jobs call; no transaction is open while they send.
_MAY_SEND = {"api", "config", "connectors", "console", "embedded", "jobs", "kit", "storefront"}
_WHOLE_NUMBERS = {"core", "ledger"}


def the_core_imports_only_values(source: Source) -> Iterator[Fault]:
    """The core knows the standard library, its value types and itself."""
    if source.room != "core":
        return
    for node, name in imported_names(source):
        top = name.split(".")[0]
        allowed = top in sys.stdlib_module_names or any(f"{name}.".startswith(f"{may}.") for may in _CORE_MAY_IMPORT)
        if not allowed:
            yield source.fault(node, f"the core is pure and may not import {name}")


def time_is_handed_in(source: Source) -> Iterator[Fault]:
    """Below the doors nobody asks what time it is, neither Python nor PostgreSQL."""
    if source.room in _READ_THE_CLOCK or source.is_migration:
        return
    for node in source.walk(ast.Attribute):
        if _CLOCKS.search(dotted(node)):
            yield source.fault(node, f"{dotted(node)} reads the clock: take the time as an argument")
    for imported, name in imported_names(source):
        if name in ("time.time", "time.time_ns", "time.monotonic", "django.utils.timezone.now"):
            yield source.fault(imported, f"{name} reads the clock: take the time as an argument")
    for keyword in source.walk(ast.keyword):
        if keyword.arg in ("auto_now", "auto_now_add"):
            yield source.fault(keyword, f"{keyword.arg} reads the clock: take the time as an argument")
    for place, text in texts(source):
        if _SQL_CLOCKS.search(text):
            yield source.fault(place, "this SQL reads the clock of the database: hand the time in")


def value_is_whole(source: Source) -> Iterator[Fault]:
    """No float comes near units or money."""
    if source.room not in _WHOLE_NUMBERS:
        return
    numbers = [node for node in source.walk(ast.Constant) if isinstance(node.value, float)]
    names = [node for node in source.walk(ast.Name) if node.id == "float"]
    for node in [*numbers, *names]:
        yield source.fault(node, "a float where value is counted: use int or Fraction")


def no_mail_inside_transactions(source: Source) -> Iterator[Fault]:
    """Whatever happens outside goes through the outbox."""
    if source.room not in _MAY_SEND:
        for node, name in imported_names(source):
            if name.startswith("django.core.mail"):
                yield source.fault(node, "mail is sent from the outbox, not from inside a transaction")
