"""Every statement that the product sends about rows of a program names it: looked at wherever a test sends one."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

from django.apps import apps
from django.db import connection

_ABOUT = re.compile(r"\b(FROM|INTO|UPDATE)\b")
_TESTS = str(Path(__file__).parent)
_PRODUCT = str(Path(__file__).parent.parent / "src" / "wafa")


@contextmanager
def programs_named() -> Iterator[None]:
    """Within it, whatever the product asks of this thread's connection without naming a program is an error."""
    with connection.execute_wrapper(_look):
        yield


def _look(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    if "program_id" not in _asked(sql) and (table := _tables().search(sql)) and _is_ours(sys._getframe(1)):
        raise AssertionError(f"this statement on {table[1]} does not name its program_id: {sql[:1_000]}")
    return execute(sql, params, many, context)


def _asked(sql: str) -> str:
    """A statement without what it would have of the rows: to be told their `program_id` is not to ask for it."""
    begins = _ABOUT.search(sql)
    return sql[begins.start() :] if begins else ""


@cache
def _tables() -> "re.Pattern[str]":
    names = sorted(
        (model._meta.db_table for model in apps.get_models() if "program_id" in model.__dict__), key=len, reverse=True
    )
    return re.compile(rf"\b({'|'.join(names)})\b")


def _is_ours(frame: FrameType | None) -> bool:
    """Whether the nearest frame that is not a library's is the product's: tests may ask what they like."""
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith((_TESTS, _PRODUCT)) and file != __file__:
            return file.startswith(_PRODUCT)
        frame = frame.f_back
    return False
